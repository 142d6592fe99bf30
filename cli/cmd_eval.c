// ligature eval: files to values.
#include "cli/command.h"
#include "cli/pipeline.h"
#include "cli/usage.h"

int cmd_eval(Settings *settings)
{
    if (settings->operands.count == 0 && settings->expr.len == 0) {
        return usage_wrong_operands(settings, STR("no file given"), "eval");
    }
    if (settings->operands.count > 1 && settings->expr.len > 0) {
        return usage_error(settings, STR("'--expr' takes one file at most"),
                           "eval");
    }
    if (settings->out.len > 0 &&
        (settings->output.len > 0 || settings->operands.count > 1)) {
        return usage_error(settings,
                           STR("'--multi' takes one file, and no '--output'"),
                           "eval");
    }
    if (settings->format == FORMAT_TOML && settings->operands.count > 1) {
        return usage_error(settings,
                           STR("'--format toml' takes one file: two documents "
                               "would be read as one"),
                           "eval");
    }
    if (settings->prune && settings->out.len == 0) {
        return usage_error(settings, STR("'--prune' needs '--multi DIR'"),
                           "eval");
    }
    if (settings->source_map.len > 0) {
        settings->no_cache = true; // what was cached has no origins
    }
    Session session;
    session_init(&session, VERB_EVAL, settings);
    pipeline_eval(&session, settings->operands.items, settings->operands.count);
    ExitStatus status = session_finish(&session);
    session_release(&session);
    return status;
}
