// How libfyaml is set up: it says nothing itself, and bounds no depth.
#include <libfyaml.h>

#include "syntax/read_yaml_internal.h"

static void ignore_output(struct fy_diag *diag, void *user, const char *text,
                          size_t len)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)len;
}

struct fy_parser *yaml_parser_new(struct fy_diag **out_diags)
{
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    diag_config.output_fn = ignore_output;
    diag_config.level = FYET_ERROR;
    struct fy_diag *diags = fy_diag_create(&diag_config);
    *out_diags = diags;
    if (diags == NULL) {
        return NULL;
    }
    fy_diag_set_collect_errors(diags, true);
    struct fy_parse_cfg config = {
        .flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 |
                 FYPCF_DISABLE_DEPTH_LIMIT | FYPCF_JSON_NONE,
        .diag = diags};
    return fy_parser_create(&config);
}
