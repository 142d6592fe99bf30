// libFuzzer entry: any bytes are data, or refused with at least one place. The
// first byte chooses the format: J, T, Y, or A for all documents of YAML. A
// tape says what the tree says.
#include <stdlib.h>

#include "syntax/read_json.h"
#include "syntax/read_toml.h"
#include "syntax/read_yaml.h"
#include "tests/fuzz/fuzz_names.h"
#include "tests/tape_twice.h"

#define MAX_NESTING 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

// libfyaml 0.7.12 loses the list of pieces of a scalar that has many of them,
// such as one full of doubled quotes: some bytes per byte of text at most.
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml\n";
}

static void check_diags(const Module *module)
{
    if (module->broken != (module->diags.error_count > 0) ||
        (!module->broken && module->ast.result == NULL)) {
        abort();
    }
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        Span span = diag_at(&module->diags, i)->span;
        if (span.start > span.end || span.end > module->source.text.len) {
            abort();
        }
    }
}

static void check_expr(Expr *expr, void *ctx)
{
    const Module *module = ctx;
    if (expr->span.start > expr->span.end ||
        expr->span.end > module->source.text.len) {
        abort();
    }
    ast_visit_children(expr, check_expr, ctx);
}

static void check_tape(Str text, DataFormat format, Interner *interner)
{
    static Pool *pool; // of one worker, which each input leaves as it was
    if (pool == NULL) {
        pool = pool_new(1, 0);
    }
    uint32_t piece_bytes = 8 + (uint32_t)(text.len % 61);
    if (tape_twice(text, format, NULL, MAX_NESTING, piece_bytes, interner,
                   NULL) == TWICE_DIFFER ||
        tape_twice(text, format, pool_main_worker(pool), MAX_NESTING,
                   piece_bytes, interner, NULL) == TWICE_DIFFER) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char format = size > 0 ? (char)data[0] : 'J';
    size_t skip = size > 0;
    Interner *interner = fuzz_names();
    Module *module = module_new();
    module->source =
        (Source){.path = STR("fuzz"),
                 .text = str_make((const char *)data + skip, size - skip)};
    if (format == 'T') {
        read_toml_module(module, interner, MAX_NESTING);
        check_tape(module->source.text, DATA_TOML, interner);
    } else if (format == 'Y' || format == 'A') {
        read_yaml_module(module, interner, MAX_NESTING, format == 'A', NULL);
        check_tape(module->source.text, DATA_YAML, interner);
    } else {
        read_json_module(module, interner, MAX_NESTING);
        check_tape(module->source.text, DATA_JSON, interner);
    }
    check_diags(module);
    if (!module->broken) {
        check_expr(module->ast.result, module);
    }
    module_free(module);
    return 0;
}
