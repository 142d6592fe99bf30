// Pieces of JSON, declarations and the whole.
#include "syntax/ast_json.h"

#include "support/number.h"
#include "syntax/ast_json_internal.h"

void ast_json_put(Writer *writer, const char *text)
{
    strbuf_append(writer->out, str_from_c(text));
}

void ast_json_put_string(Writer *writer, Str text)
{
    StrBuf *out = writer->out;
    size_t run = 0;
    strbuf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F) {
            continue;
        }
        strbuf_append(out, str_slice(text, run, i));
        run = i + 1;
        if (c == '"' || c == '\\') {
            strbuf_append_char(out, '\\');
            strbuf_append_char(out, (char)c);
        } else {
            strbuf_appendf(out, "\\u%04x", c);
        }
    }
    strbuf_append(out, str_slice(text, run, text.len));
    strbuf_append_char(out, '"');
}

void ast_json_put_symbol(Writer *writer, Symbol symbol)
{
    ast_json_put_string(writer, symbol_text(writer->interner, symbol));
}

// ,"key":
void ast_json_put_key(Writer *writer, const char *key)
{
    strbuf_appendf(writer->out, ",\"%s\":", key);
}

void ast_json_put_symbol_field(Writer *writer, const char *key, Symbol symbol)
{
    ast_json_put_key(writer, key);
    ast_json_put_symbol(writer, symbol);
}

void ast_json_put_bool_field(Writer *writer, const char *key, bool value)
{
    ast_json_put_key(writer, key);
    ast_json_put(writer, value ? "true" : "false");
}

void ast_json_put_integer(Writer *writer, int64_t value)
{
    strbuf_append_i64(writer->out, value);
}

void ast_json_put_number(Writer *writer, double value)
{
    char *text = strbuf_reserve(writer->out, NUMBER_TEXT_MAX);
    writer->out->len += number_format_double(text, value);
}

static void put_span(Writer *writer, Span span)
{
    Position place = source_index_position(&writer->positions,
                                           &writer->module->source, span.start);
    strbuf_appendf(writer->out,
                   "\"span\":{\"start\":%u,\"end\":%u,\"line\":%u,"
                   "\"column\":%u}",
                   (unsigned)span.start, (unsigned)span.end,
                   (unsigned)place.line, (unsigned)place.column);
}

// {"kind":...,"span":...
void ast_json_begin_node(Writer *writer, const char *kind, Span span)
{
    strbuf_appendf(writer->out, "{\"kind\":\"%s\",", kind);
    put_span(writer, span);
}

// {"name":...,"span":...
void ast_json_begin_named(Writer *writer, Symbol name, Span span)
{
    ast_json_put(writer, "{\"name\":");
    ast_json_put_symbol(writer, name);
    ast_json_put(writer, ",");
    put_span(writer, span);
}

void ast_json_end_node(Writer *writer)
{
    ast_json_put(writer, "}");
}

// The separator before item `i`.
void ast_json_put_comma(Writer *writer, uint32_t i)
{
    if (i > 0) {
        ast_json_put(writer, ",");
    }
}

void ast_json_put_exprs(Writer *writer, const char *key, const Expr *exprs,
                        uint32_t count)
{
    ast_json_put_key(writer, key);
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < count; i++) {
        ast_json_put_comma(writer, i);
        ast_json_write_expr(writer, &exprs[i]);
    }
    ast_json_put(writer, "]");
}

void ast_json_put_expr(Writer *writer, const char *key, const Expr *expr)
{
    ast_json_put_key(writer, key);
    ast_json_write_expr(writer, expr);
}

void ast_json_put_type(Writer *writer, const char *key, const TypeExpr *type)
{
    if (type != NULL) {
        ast_json_put_key(writer, key);
        ast_json_write_type(writer, type);
    }
}

void ast_json_put_types(Writer *writer, const char *key, const TypeExpr *types,
                        uint32_t count)
{
    ast_json_put_key(writer, key);
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < count; i++) {
        ast_json_put_comma(writer, i);
        ast_json_write_type(writer, &types[i]);
    }
    ast_json_put(writer, "]");
}

void ast_json_put_patterns(Writer *writer, const char *key,
                           const Pattern *patterns, uint32_t count)
{
    ast_json_put_key(writer, key);
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < count; i++) {
        ast_json_put_comma(writer, i);
        ast_json_write_pattern(writer, &patterns[i]);
    }
    ast_json_put(writer, "]");
}

static void put_symbols(Writer *writer, const char *key, const Symbol *symbols,
                        uint32_t count)
{
    ast_json_put_key(writer, key);
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < count; i++) {
        ast_json_put_comma(writer, i);
        ast_json_put_symbol(writer, symbols[i]);
    }
    ast_json_put(writer, "]");
}

// ---- declarations

// The lines of a /// block without their marks.
static void put_doc(Writer *writer, Span doc)
{
    if (doc.end == doc.start) {
        return;
    }
    Str text = str_slice(writer->module->source.text, doc.start, doc.end);
    StrBuf lines = {0};
    size_t at = 0;
    while (at < text.len) {
        size_t end = at;
        while (end < text.len && text.data[end] != '\n' &&
               text.data[end] != '\r') {
            end++;
        }
        Str line = str_slice(text, at, end);
        while (line.len > 0 && (*line.data == ' ' || *line.data == '\t')) {
            line = str_slice(line, 1, line.len);
        }
        if (str_starts_with(line, STR("///"))) {
            line = str_slice(line, 3, line.len);
            line = str_slice(line, line.len > 0 && *line.data == ' ', line.len);
            if (lines.len > 0) {
                strbuf_append_char(&lines, '\n');
            }
            strbuf_append(&lines, line);
        }
        at = end + 1;
    }
    ast_json_put_key(writer, "doc");
    ast_json_put_string(writer, strbuf_str(&lines));
    strbuf_release(&lines);
}

void ast_json_write_bind(Writer *writer, const Bind *bind)
{
    ast_json_begin_named(writer, bind->name, bind->name_span);
    put_doc(writer, bind->doc);
    ast_json_put_type(writer, "type", bind->type);
    ast_json_put_expr(writer, "value", &bind->value);
    ast_json_end_node(writer);
}

static void put_items(Writer *writer, const ImportItem *items, uint32_t count)
{
    ast_json_put_key(writer, "items");
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < count; i++) {
        ast_json_put_comma(writer, i);
        ast_json_begin_named(writer, items[i].name, items[i].span);
        if (items[i].alias != items[i].name) {
            ast_json_put_symbol_field(writer, "alias", items[i].alias);
        }
        ast_json_end_node(writer);
    }
    ast_json_put(writer, "]");
}

static void put_dotted(Writer *writer, const Symbol *names, uint32_t count)
{
    StrBuf text = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            strbuf_append_char(&text, '.');
        }
        strbuf_append(&text, symbol_text(writer->interner, names[i]));
    }
    ast_json_put_string(writer, strbuf_str(&text));
    strbuf_release(&text);
}

static void put_import(Writer *writer, const Import *import)
{
    if (import->dotted_count == 0) {
        ast_json_put_key(writer, "path");
        ast_json_put_string(writer, import->path);
    } else {
        ast_json_put_key(writer, "module");
        put_dotted(writer, import->dotted, import->dotted_count);
    }
    if (import->alias != 0) {
        ast_json_put_symbol_field(writer, "alias", import->alias);
    }
    ast_json_put_type(writer, "type", import->type);
    if (import->item_count > 0) {
        put_items(writer, import->items, import->item_count);
    }
}

static void put_type_decl(Writer *writer, const TypeDecl *decl)
{
    ast_json_put_symbol_field(writer, "name", decl->name);
    ast_json_put_bool_field(writer, "exported", decl->exported);
    put_doc(writer, decl->doc);
    put_symbols(writer, "params", decl->params, decl->param_count);
    if (decl->alias != NULL) {
        ast_json_put_type(writer, "alias", decl->alias);
        return;
    }
    ast_json_put_key(writer, "constructors");
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < decl->ctor_count; i++) {
        const CtorDecl *ctor = &decl->ctors[i];
        ast_json_put_comma(writer, i);
        ast_json_begin_named(writer, ctor->name, ctor->name_span);
        ast_json_put_types(writer, "args", ctor->args, ctor->arg_count);
        ast_json_end_node(writer);
    }
    ast_json_put(writer, "]");
}

static void put_class(Writer *writer, const ClassDecl *decl)
{
    ast_json_put_symbol_field(writer, "name", decl->name);
    put_doc(writer, decl->doc);
    put_symbols(writer, "params", decl->params, decl->param_count);
    ast_json_put_constraints(writer, "superclasses", decl->superclasses,
                             decl->superclass_count);
    ast_json_put_key(writer, "methods");
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < decl->method_count; i++) {
        const MethodDecl *method = &decl->methods[i];
        ast_json_put_comma(writer, i);
        ast_json_begin_named(writer, method->name, method->name_span);
        ast_json_put_type(writer, "type", method->type);
        ast_json_end_node(writer);
    }
    ast_json_put(writer, "]");
}

static void put_instance(Writer *writer, const InstanceDecl *decl)
{
    ast_json_put_constraints(writer, "context", decl->context,
                             decl->context_count);
    ast_json_put_key(writer, "head");
    ast_json_put_constraint(writer, &decl->head);
    ast_json_put_binds(writer, "methods", decl->methods, decl->method_count);
}

static void put_input(Writer *writer, const InputDecl *decl)
{
    ast_json_put_symbol_field(writer, "name", decl->name);
    put_doc(writer, decl->doc);
    ast_json_put_type(writer, "type", decl->type);
    if (decl->default_value != NULL) {
        ast_json_put_expr(writer, "default", decl->default_value);
    }
}

static void write_decl(Writer *writer, const Decl *decl)
{
    ast_json_begin_node(writer, decl_kind_label((DeclKind)decl->kind),
                        decl->span);
    switch ((DeclKind)decl->kind) {
    case DECL_ERROR:
        break;
    case DECL_LET:
        ast_json_put_bool_field(writer, "rec", decl->as.let.rec);
        ast_json_put_bool_field(writer, "exported", decl->as.let.exported);
        ast_json_put_binds(writer, "bindings", decl->as.let.binds,
                           decl->as.let.count);
        break;
    case DECL_INPUT:
        put_input(writer, decl->as.input);
        break;
    case DECL_IMPORT:
        put_import(writer, decl->as.import);
        break;
    case DECL_EXPORT:
        put_items(writer, decl->as.export_.items, decl->as.export_.count);
        break;
    case DECL_TYPE:
        put_type_decl(writer, decl->as.type);
        break;
    case DECL_CLASS:
        put_class(writer, decl->as.class_);
        break;
    case DECL_INSTANCE:
        put_instance(writer, decl->as.instance);
        break;
    }
    ast_json_end_node(writer);
}

// A path may be no UTF-8.
static void put_path(Writer *writer, Str path)
{
    StrBuf shown = {0};
    if (utf8_validate(path) < path.len) {
        strbuf_append_printable(&shown, path, SIZE_MAX);
        path = strbuf_str(&shown);
    }
    ast_json_put_string(writer, path);
    strbuf_release(&shown);
}

void ast_json_write(const Module *module, const Interner *interner, StrBuf *out)
{
    Writer writer = {.out = out, .module = module, .interner = interner};
    const ModuleAst *ast = &module->ast;
    ast_json_put(&writer, "{\"version\":1");
    ast_json_put_key(&writer, "file");
    put_path(&writer, module->source.path);
    ast_json_put_key(&writer, "module");
    if (ast->path_count > 0) {
        put_dotted(&writer, ast->path, ast->path_count);
    } else {
        ast_json_put(&writer, "null");
    }
    ast_json_put_key(&writer, "declarations");
    ast_json_put(&writer, "[");
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        ast_json_put_comma(&writer, i);
        write_decl(&writer, &ast->decls[i]);
    }
    ast_json_put(&writer, "]");
    ast_json_put_key(&writer, "result");
    if (ast->result != NULL) {
        ast_json_write_expr(&writer, ast->result);
    } else {
        ast_json_put(&writer, "null");
    }
    ast_json_put(&writer, "}\n");
    source_index_release(&writer.positions);
}
