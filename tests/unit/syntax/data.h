// What the tests of the data readers share: a literal as text.
#ifndef LIGATURE_TESTS_SYNTAX_DATA_H
#define LIGATURE_TESTS_SYNTAX_DATA_H

#include <stdio.h>
#include <unistd.h>

#include "syntax/module.h"
#include "tests/harness.h"

typedef void DataReaderFunction(Module *module, Interner *interner);

// Strings with their length, integers, floats as f.
static inline void data_put(StrBuf *out, const Interner *interner,
                            const Expr *expr)
{
    if (expr->kind == EXPR_INT) {
        strbuf_append_i64(out, expr->as.integer.value);
    } else if (expr->kind == EXPR_FLOAT) {
        strbuf_appendf(out, "f%.17g", expr->as.number.value);
    } else if (expr->kind == EXPR_BOOL) {
        strbuf_append(out, expr->as.boolean.value ? STR("true") : STR("false"));
    } else if (expr->kind == EXPR_CTOR) {
        strbuf_append(out, symbol_text(interner, expr->as.ctor.symbol));
    } else if (expr->kind == EXPR_STRING) {
        strbuf_appendf(out, "%u'", (unsigned)expr->as.string.len);
        strbuf_append(out, str_make(expr->as.string.data, expr->as.string.len));
        strbuf_append_char(out, '\'');
    } else if (expr->kind == EXPR_LIST) {
        strbuf_append_char(out, '[');
        for (uint32_t i = 0; i < expr->as.list.count; i++) {
            strbuf_append(out, i == 0 ? STR("") : STR(","));
            data_put(out, interner, &expr->as.list.items[i]);
        }
        strbuf_append_char(out, ']');
    } else if (expr->kind == EXPR_RECORD) {
        strbuf_append_char(out, '{');
        for (uint32_t i = 0; i < expr->as.record.count; i++) {
            const RecordItem *item = &expr->as.record.items[i];
            strbuf_append(out, i == 0 ? STR("") : STR(","));
            strbuf_append(out, symbol_text(interner, item->name));
            strbuf_append_char(out, '=');
            data_put(out, interner, record_item_value(item));
        }
        strbuf_append_char(out, '}');
    } else {
        CHECK(!"no data");
    }
}

// The value, or CODE@start-end of what is wrong.
static inline void data_check_text(const char *file, int line,
                                   DataReaderFunction *read, Str text,
                                   const char *expected)
{
    Interner *interner = symbols_new();
    Module *module = module_new();
    module->source = (Source){.path = STR("test"), .text = text};
    read(module, interner);
    StrBuf out = {0};
    if (module->ast.result != NULL && !module->broken) {
        data_put(&out, interner, module->ast.result);
    }
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        const Diag *diag = diag_at(&module->diags, i);
        strbuf_appendf(&out, "%s@%u-%u", diag_code_name(diag->code),
                       (unsigned)diag->span.start, (unsigned)diag->span.end);
    }
    harness_check_int(file, line, "broken", module->broken,
                      module->diags.error_count > 0);
    harness_check_str(file, line, "value", strbuf_str(&out),
                      str_from_c(expected));
    strbuf_release(&out);
    module_free(module);
    interner_free(interner);
}

// Whether the text is accepted.
static inline bool data_accepts(DataReaderFunction *read, Str text)
{
    Interner *interner = symbols_new();
    Module *module = module_new();
    module->source = (Source){.path = STR("test"), .text = text};
    read(module, interner);
    bool okay = !module->broken;
    module_free(module);
    interner_free(interner);
    return okay;
}

static inline bool data_file(const char *path, StrBuf *out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    char bytes[4096];
    size_t count;
    while ((count = fread(bytes, 1, sizeof bytes, file)) > 0) {
        strbuf_append(out, str_make(bytes, count));
    }
    fclose(file);
    return true;
}

#endif
