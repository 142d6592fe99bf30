// The JSON text is read back into a tree: the plain values of a table come
// before its tables. The tree's depth, and so this recursion, is bounded by
// --max-nesting.
#include "eval/write_toml.h"

#include "syntax/byte_class.h"
#include "syntax/read_json.h"

// Parts of the path to the value at work.
typedef struct Step {
    const struct Step *parent;
    bool is_element;
    Str name;       // of a field, which may be empty
    uint32_t index; // of an element
} Step;

typedef struct Writer {
    const TomlOptions *options;
    const Module *module; // holds the tree
    const Interner *interner;
    DiagSink *diags;
    StrBuf *out;
    bool failed;
} Writer;

// ---- keys and strings

static bool is_bare(Str key)
{
    for (size_t i = 0; i < key.len; i++) {
        char c = key.data[i];
        if (!byte_is(c, BYTE_IDENT) && c != '-') {
            return false;
        }
    }
    return key.len > 0;
}

static void append_char(const Writer *w, Str text, size_t start, size_t end,
                        uint32_t c)
{
    static const char names[] = "btnfr";
    static const char values[] = "\b\t\n\f\r";
    const char *found = c != 0 && c < 0x20 ? strchr(values, (int)c) : NULL;
    if (c == '"' || c == '\\') {
        strbuf_append_char(w->out, '\\');
        strbuf_append_char(w->out, (char)c);
    } else if (found != NULL) {
        strbuf_append_char(w->out, '\\');
        strbuf_append_char(w->out, names[found - values]);
    } else if (c < 0x20 || c == 0x7F || (c >= 0x80 && w->options->ascii)) {
        strbuf_appendf(w->out, c < 0x10000 ? "\\u%04X" : "\\U%08X",
                       (unsigned)c);
    } else {
        strbuf_append(w->out, str_slice(text, start, end));
    }
}

// Between `"""` where it has several lines.
static void append_string(const Writer *w, Str text)
{
    bool is_long = str_find_byte(text, '\n', 0) < text.len;
    strbuf_append(w->out, is_long ? STR("\"\"\"\n") : STR("\""));
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        uint32_t c = (uint32_t)utf8_decode(text, &at);
        if (c == '\n' || c == '\t') {
            strbuf_append(w->out, c == '\n' ? STR("\n") : STR("\\t"));
        } else {
            append_char(w, text, start, at, c);
        }
    }
    strbuf_append(w->out, is_long ? STR("\"\"\"") : STR("\""));
}

static void append_key(const Writer *w, Str key)
{
    if (is_bare(key)) {
        strbuf_append(w->out, key);
        return;
    }
    strbuf_append_char(w->out, '"');
    for (size_t at = 0; at < key.len;) {
        size_t start = at;
        uint32_t c = (uint32_t)utf8_decode(key, &at);
        append_char(w, key, start, at, c);
    }
    strbuf_append_char(w->out, '"');
}

// ---- what cannot be said

static void append_path(const Step *step, StrBuf *out)
{
    if (step == NULL) {
        return;
    }
    append_path(step->parent, out);
    if (step->is_element) {
        strbuf_appendf(out, "[%u]", (unsigned)step->index);
    } else {
        strbuf_append_char(out, '.');
        strbuf_append_key(out, step->name, 60);
    }
}

static void fail_null(Writer *w, const Step *step)
{
    if (w->failed) {
        return;
    }
    w->failed = true;
    StrBuf path = {0};
    strbuf_append(&path, w->options->path);
    append_path(step, &path);
    Diag *diag = diag_add(
        w->diags, DIAG_E0409, w->options->source, w->options->span,
        "TOML has no null, which stands at %.*s", STR_ARG(strbuf_str(&path)));
    diag_help(w->diags, diag, "leave the element out, or print JSON or YAML");
    strbuf_release(&path);
}

// ---- values on one line

static void write_inline(Writer *w, const Expr *value, const Step *step);

static void write_inline_list(Writer *w, const Expr *value, const Step *step)
{
    strbuf_append_char(w->out, '[');
    for (uint32_t i = 0; i < value->as.list.count && !w->failed; i++) {
        Step here = {.parent = step, .is_element = true, .index = i};
        strbuf_append(w->out, i > 0 ? STR(", ") : STR(""));
        write_inline(w, &value->as.list.items[i], &here);
    }
    strbuf_append_char(w->out, ']');
}

static void write_inline_record(Writer *w, const Expr *value, const Step *step)
{
    strbuf_append_char(w->out, '{');
    for (uint32_t i = 0; i < value->as.record.count && !w->failed; i++) {
        const RecordItem *item = &value->as.record.items[i];
        Str name = symbol_text(w->interner, item->name);
        Step here = {.parent = step, .name = name};
        strbuf_append(w->out, i > 0 ? STR(", ") : STR(" "));
        append_key(w, name);
        strbuf_append(w->out, STR(" = "));
        write_inline(w, record_item_value(item), &here);
    }
    strbuf_append(w->out, value->as.record.count > 0 ? STR(" }") : STR("}"));
}

static void write_inline(Writer *w, const Expr *value, const Step *step)
{
    if (value->kind == EXPR_STRING) {
        append_string(w, str_make(value->as.string.data, value->as.string.len));
    } else if (value->kind == EXPR_LIST) {
        write_inline_list(w, value, step);
    } else if (value->kind == EXPR_RECORD) {
        write_inline_record(w, value, step);
    } else if (value->kind == EXPR_CTOR) {
        fail_null(w, step);
    } else { // numbers and truth values are written as in JSON
        strbuf_append(w->out, str_slice(w->module->source.text,
                                        value->span.start, value->span.end));
    }
}

// ---- tables

static bool is_tables(const Expr *value)
{
    if (value->kind != EXPR_LIST || value->as.list.count == 0) {
        return false;
    }
    for (uint32_t i = 0; i < value->as.list.count; i++) {
        if (value->as.list.items[i].kind != EXPR_RECORD) {
            return false;
        }
    }
    return true;
}

static bool is_table(const Expr *value)
{
    return value->kind == EXPR_RECORD || is_tables(value);
}

static void append_header_keys(const Writer *w, const Step *step)
{
    const Step *outer = step->parent;
    while (outer != NULL && outer->is_element) {
        outer = outer->parent; // an element is the last one of its array
    }
    if (outer != NULL) {
        append_header_keys(w, outer);
        strbuf_append_char(w->out, '.');
    }
    append_key(w, step->name);
}

static void append_header(const Writer *w, const Step *step, bool is_element)
{
    strbuf_append(w->out, w->out->len > 0 ? STR("\n") : STR(""));
    strbuf_append(w->out, is_element ? STR("[[") : STR("["));
    append_header_keys(w, step);
    strbuf_append(w->out, is_element ? STR("]]\n") : STR("]\n"));
}

static void write_table(Writer *w, const Expr *record, const Step *step);

// A header is needed where there are plain values, or nothing at all.
static bool wants_header(const Expr *record)
{
    for (uint32_t i = 0; i < record->as.record.count; i++) {
        if (!is_table(record_item_value(&record->as.record.items[i]))) {
            return true;
        }
    }
    return record->as.record.count == 0;
}

static void write_tables(Writer *w, const Expr *value, const Step *step)
{
    if (value->kind == EXPR_RECORD) {
        if (wants_header(value)) {
            append_header(w, step, false);
        }
        write_table(w, value, step);
        return;
    }
    for (uint32_t i = 0; i < value->as.list.count && !w->failed; i++) {
        Step here = {.parent = step, .is_element = true, .index = i};
        append_header(w, step, true);
        write_table(w, &value->as.list.items[i], &here);
    }
}

static void write_table(Writer *w, const Expr *record, const Step *step)
{
    for (int tables = 0; tables <= 1; tables++) {
        for (uint32_t i = 0; i < record->as.record.count && !w->failed; i++) {
            const RecordItem *item = &record->as.record.items[i];
            Str name = symbol_text(w->interner, item->name);
            Step here = {.parent = step, .name = name};
            if (is_table(record_item_value(item)) != (tables == 1)) {
                continue;
            }
            if (tables == 1) {
                write_tables(w, record_item_value(item), &here);
                continue;
            }
            append_key(w, name);
            strbuf_append(w->out, STR(" = "));
            write_inline(w, record_item_value(item), &here);
            strbuf_append_char(w->out, '\n');
        }
    }
}

// ---- the whole

static bool fail_depth(const TomlOptions *options, DiagSink *diags)
{
    Diag *diag = diag_add(diags, DIAG_E0601, options->source, options->span,
                          "the result is nested more than %u levels deep",
                          (unsigned)options->max_nesting);
    diag_help(diags, diag, "raise --max-nesting");
    return false;
}

static bool fail_table(const TomlOptions *options, DiagSink *diags)
{
    Str path = options->path;
    Diag *diag =
        path.len == 0
            ? diag_add(diags, DIAG_E0409, options->source, options->span,
                       "a TOML document is a table, and the result is no "
                       "record or map")
            : diag_add(diags, DIAG_E0409, options->source, options->span,
                       "a TOML document is a table, and what stands at %.*s "
                       "is no record or map",
                       STR_ARG(path));
    diag_help(diags, diag, "put it into a field: { items = ... }");
    return false;
}

static bool write_module(Writer *w)
{
    const Expr *root = w->module->ast.result;
    if (w->module->broken || root == NULL) {
        return fail_depth(w->options, w->diags);
    }
    if (root->kind != EXPR_RECORD) {
        return fail_table(w->options, w->diags);
    }
    size_t start = w->out->len;
    write_table(w, root, NULL);
    if (w->failed) {
        return false;
    }
    if (w->out->len - start > w->options->max_bytes) {
        Diag *diag = diag_add(w->diags, DIAG_E0605, w->options->source,
                              w->options->span, "the output is over %llu bytes",
                              (unsigned long long)w->options->max_bytes);
        diag_help(w->diags, diag, "raise --max-output or select a part");
        return false;
    }
    return true;
}

bool toml_from_json(Str json, const TomlOptions *options, DiagSink *diags,
                    StrBuf *out)
{
    Interner *interner = symbols_new();
    Module *module = module_new();
    module->source = (Source){.path = STR("result"), .text = json};
    read_json_module(module, interner, options->max_nesting);
    Writer writer = {.options = options,
                     .module = module,
                     .interner = interner,
                     .diags = diags,
                     .out = out};
    bool okay = write_module(&writer);
    module_free(module);
    interner_free(interner);
    return okay;
}
