// libFuzzer entry: any bytes parse, or are refused with at least one place;
// the tree is written as JSON that the JSON reader takes. In pieces, they parse
// to the same. The first byte chooses between a module and JSON text.
#include <stdlib.h>

#include "syntax/ast_json.h"
#include "syntax/parser.h"
#include "syntax/read_json.h"
#include "tests/fuzz/fuzz_names.h"
#include "tests/parse_twice.h"

#define MAX_NESTING 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_diags(const Module *module)
{
    if (module->broken != (module->diags.error_count > 0)) {
        abort();
    }
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        Span span = diag_at(&module->diags, i)->span;
        if (span.start > span.end || span.end > module->source.text.len) {
            abort();
        }
    }
}

static void count_expr(Expr *expr, void *ctx)
{
    uint64_t *count = ctx;
    *count += 1;
    if (expr->span.start > expr->span.end) {
        abort();
    }
    ast_visit_children(expr, count_expr, ctx);
}

static void check_tree(Module *module, Interner *interner)
{
    uint64_t count = 0;
    if (module->ast.result != NULL) {
        count_expr(module->ast.result, &count);
    }
    StrBuf json = {0};
    ast_json_write(module, interner, &json);
    Module *again = module_new();
    again->source =
        (Source){.path = STR("tree.json"), .text = strbuf_str(&json)};
    read_json_module(again, interner, 10 * MAX_NESTING);
    if (again->broken) {
        abort();
    }
    module_free(again);
    strbuf_release(&json);
}

static void check_pieces(Str text)
{
    static Pool *pool; // of one worker, which each input leaves as it was
    if (pool == NULL) {
        pool = pool_new(1, 0);
    }
    uint64_t taken = 0;
    uint32_t piece_bytes = 16 + (uint32_t)text.len % 48;
    if (!parse_twice(text, pool_main_worker(pool), MAX_NESTING, piece_bytes,
                     &taken)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool is_json = size > 0 && data[0] == 'J';
    size_t skip = size > 0 && (data[0] == 'J' || data[0] == 'M');
    Interner *interner = fuzz_names();
    Module *module = module_new();
    module->source =
        (Source){.path = STR("fuzz.lig"),
                 .text = str_make((const char *)data + skip, size - skip)};
    if (is_json) {
        read_json_module(module, interner, MAX_NESTING);
    } else {
        parser_parse_module(module, interner, MAX_NESTING);
        check_pieces(module->source.text);
    }
    check_diags(module);
    if (!module->broken) {
        check_tree(module, interner);
    }
    module_free(module);
    return 0;
}
