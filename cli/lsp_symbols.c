// What documents declare: as an outline, and by name in all files.

#include "cli/json_text.h"
#include "cli/lsp_ask.h"
#include "cli/lsp_describe.h"
#include "cli/lsp_diags.h"
#include "cli/lsp_workspace.h"
#include "syntax/loader.h"

// Of the protocol.
typedef enum SymbolKind {
    SYMBOL_MODULE = 2,
    SYMBOL_CLASS = 5,
    SYMBOL_METHOD = 6,
    SYMBOL_PROPERTY = 7,
    SYMBOL_FIELD = 8,
    SYMBOL_ENUM = 10,
    SYMBOL_INTERFACE = 11,
    SYMBOL_FUNCTION = 12,
    SYMBOL_VARIABLE = 13,
    SYMBOL_OBJECT = 19,
    SYMBOL_ENUM_MEMBER = 22,
    SYMBOL_STRUCT = 23
} SymbolKind;

enum { MAX_FOUND = 500, MAX_DETAIL_BYTES = 200 };

typedef struct Outline {
    const LspAsk *ask;
    const LspProgram *run;
    const Module *module;
    LspLines lines;
    StrBuf *out;
} Outline;

static void append_range(Outline *o, const char *key, Span span)
{
    strbuf_appendf(o->out, ",\"%s\":", key);
    lsp_lines_append_range(&o->lines, &o->module->source, span,
                           o->ask->checker->encoding, o->out);
}

static void append_comma(StrBuf *out)
{
    if (out->len > 0 && out->data[out->len - 1] == '}') {
        strbuf_append_char(out, ',');
    }
}

// Begins a symbol, up to its children; the caller closes it.
static void begin_symbol(Outline *o, Str name, SymbolKind kind, Str detail,
                         Span whole, Span selected)
{
    // Clients refuse a whole symbol whose name is not inside of it.
    whole.start = selected.start < whole.start ? selected.start : whole.start;
    whole.end = selected.end > whole.end ? selected.end : whole.end;
    append_comma(o->out);
    strbuf_append(o->out, STR("{\"name\":"));
    json_text_append(o->out, name.len > 0 ? name : STR("_"), SIZE_MAX);
    strbuf_appendf(o->out, ",\"kind\":%d", (int)kind);
    if (detail.len > 0) {
        strbuf_append(o->out, STR(",\"detail\":"));
        json_text_append(o->out, detail, MAX_DETAIL_BYTES);
    }
    append_range(o, "range", whole);
    append_range(o, "selectionRange", selected);
}

static Str text_of(const Outline *o, Symbol symbol)
{
    return symbol_text(o->run->program->interner, symbol);
}

static void append_leaf(Outline *o, Symbol name, SymbolKind kind, Span whole,
                        Span selected)
{
    begin_symbol(o, text_of(o, name), kind, STR(""), whole, selected);
    strbuf_append_char(o->out, '}');
}

// ---- declarations

// The binding that stands there.
static const Binding *binding_at(const Outline *o, Span name)
{
    const NameUse *use = lsp_index_find(&o->run->index, name.start);
    return use != NULL && use->target.kind == NAME_VALUE &&
                   use->target.module == o->module->id
               ? &o->module->bindings[use->target.index]
               : NULL;
}

static void append_value(Outline *o, Symbol name, Span name_span, Span whole,
                         bool is_input)
{
    const Binding *binding = binding_at(o, name_span);
    StrBuf type = {0};
    if (binding != NULL) {
        NameTarget target = {NAME_VALUE, o->module->id,
                             (uint32_t)(binding - o->module->bindings), 0};
        (void)lsp_append_type(o->run, &target, &type);
    }
    bool is_function = binding != NULL && binding->is_function;
    begin_symbol(o, text_of(o, name),
                 is_input      ? SYMBOL_PROPERTY
                 : is_function ? SYMBOL_FUNCTION
                               : SYMBOL_VARIABLE,
                 strbuf_str(&type), whole, name_span);
    strbuf_append_char(o->out, '}');
    strbuf_release(&type);
}

static void append_let(Outline *o, const Decl *decl)
{
    const LetDecl *let = &decl->as.let;
    for (uint32_t i = 0; i < let->count; i++) {
        const Bind *bind = &let->binds[i];
        Span whole = {i == 0 ? decl->span.start : bind->name_span.start,
                      i + 1 == let->count ? decl->span.end
                                          : bind->value.span.end};
        append_value(o, bind->name, bind->name_span, whole, false);
    }
}

static void append_type(Outline *o, const Decl *decl)
{
    const TypeDecl *type = decl->as.type;
    const TypeExpr *alias = type->ctor_count == 0 ? type->alias : NULL;
    bool is_record = alias != NULL && alias->kind == TYPE_EXPR_RECORD;
    begin_symbol(o, text_of(o, type->name),
                 type->ctor_count > 0 ? SYMBOL_ENUM
                 : is_record          ? SYMBOL_STRUCT
                                      : SYMBOL_CLASS,
                 STR(""), decl->span, type->name_span);
    strbuf_append(o->out, STR(",\"children\":["));
    for (uint32_t i = 0; i < type->ctor_count; i++) {
        const CtorDecl *ctor = &type->ctors[i];
        append_leaf(o, ctor->name, SYMBOL_ENUM_MEMBER, ctor->name_span,
                    ctor->name_span);
    }
    for (uint32_t i = 0; is_record && i < alias->as.record->count; i++) {
        const TypeField *field = &alias->as.record->fields[i];
        Span whole = {field->name_span.start, field->type->span.end};
        append_leaf(o, field->name, SYMBOL_FIELD, whole, field->name_span);
    }
    strbuf_append(o->out, STR("]}"));
}

static void append_class(Outline *o, const Decl *decl)
{
    const ClassDecl *class_ = decl->as.class_;
    begin_symbol(o, text_of(o, class_->name), SYMBOL_INTERFACE, STR(""),
                 decl->span, class_->name_span);
    strbuf_append(o->out, STR(",\"children\":["));
    for (uint32_t i = 0; i < class_->method_count; i++) {
        const MethodDecl *method = &class_->methods[i];
        append_leaf(o, method->name, SYMBOL_METHOD, method->name_span,
                    method->name_span);
    }
    strbuf_append(o->out, STR("]}"));
}

static void append_instance(Outline *o, const Decl *decl)
{
    const InstanceDecl *instance = decl->as.instance;
    Str head = str_slice(o->module->source.text, instance->head.span.start,
                         instance->head.span.end);
    begin_symbol(o, head, SYMBOL_OBJECT, STR("instance"), decl->span,
                 instance->head.span);
    strbuf_append(o->out, STR(",\"children\":["));
    for (uint32_t i = 0; i < instance->method_count; i++) {
        const Bind *bind = &instance->methods[i];
        Span whole = {bind->name_span.start, bind->value.span.end};
        append_leaf(o, bind->name, SYMBOL_METHOD, whole, bind->name_span);
    }
    strbuf_append(o->out, STR("]}"));
}

static void append_import(Outline *o, const Decl *decl)
{
    const Import *import = decl->as.import;
    Str source = str_slice(o->module->source.text, import->source_span.start,
                           import->source_span.end);
    bool named = import->alias != 0;
    begin_symbol(o, named ? text_of(o, import->alias) : source, SYMBOL_MODULE,
                 named ? source : STR(""), decl->span,
                 named ? import->alias_span : import->source_span);
    strbuf_append_char(o->out, '}');
}

static void append_decl(Outline *o, const Decl *decl)
{
    switch ((DeclKind)decl->kind) {
    case DECL_LET:
        append_let(o, decl);
        return;
    case DECL_INPUT:
        append_value(o, decl->as.input->name, decl->as.input->name_span,
                     decl->span, true);
        return;
    case DECL_IMPORT:
        append_import(o, decl);
        return;
    case DECL_TYPE:
        append_type(o, decl);
        return;
    case DECL_CLASS:
        append_class(o, decl);
        return;
    case DECL_INSTANCE:
        append_instance(o, decl);
        return;
    case DECL_EXPORT:
    case DECL_ERROR:
        return;
    }
}

void lsp_document_symbols(LspAsk *ask)
{
    Outline outline = {.ask = ask, .out = ask->out};
    outline.run = lsp_program_of(ask->checker, ask->documents, ask->document);
    outline.module = outline.run->entry;
    strbuf_append_char(ask->out, '[');
    for (uint32_t i = 0;
         outline.module != NULL && i < outline.module->ast.decl_count; i++) {
        append_decl(&outline, &outline.module->ast.decls[i]);
    }
    strbuf_append_char(ask->out, ']');
    lsp_lines_release(&outline.lines);
}

// ---- by name

typedef struct Search {
    const LspAsk *ask;
    LspProgram run; // of which only the parser is used
    Str query;
    uint32_t found;
} Search;

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

// Its letters stand in the name in that order, as clients expect it.
static bool matches(Str name, Str query)
{
    size_t at = 0;
    for (size_t i = 0; i < name.len && at < query.len; i++) {
        at += lower(name.data[i]) == lower(query.data[at]);
    }
    return at == query.len;
}

static void append_found(Search *search, const Module *module, Symbol symbol,
                         SymbolKind kind, Span span)
{
    Str name = symbol_text(search->run.program->interner, symbol);
    if (!matches(name, search->query) || search->found == MAX_FOUND) {
        return;
    }
    search->found++;
    StrBuf *out = search->ask->out;
    LspDiags writer = {.checker = search->ask->checker,
                       .documents = search->ask->documents,
                       .program = search->run.program};
    append_comma(out);
    strbuf_append(out, STR("{\"name\":"));
    json_text_append(out, name, SIZE_MAX);
    strbuf_appendf(out, ",\"kind\":%d,\"location\":", (int)kind);
    (void)lsp_diags_append_location(&writer, &module->source, span, out);
    strbuf_append_char(out, '}');
    lsp_diags_release(&writer);
}

static void search_decl(Search *search, const Module *module, const Decl *decl)
{
    if (decl->kind == DECL_LET) {
        for (uint32_t i = 0; i < decl->as.let.count; i++) {
            const Bind *bind = &decl->as.let.binds[i];
            append_found(search, module, bind->name,
                         bind->value.kind == EXPR_LAMBDA ? SYMBOL_FUNCTION
                                                         : SYMBOL_VARIABLE,
                         bind->name_span);
        }
    } else if (decl->kind == DECL_INPUT) {
        append_found(search, module, decl->as.input->name, SYMBOL_PROPERTY,
                     decl->as.input->name_span);
    } else if (decl->kind == DECL_TYPE) {
        const TypeDecl *type = decl->as.type;
        append_found(search, module, type->name,
                     type->ctor_count > 0 ? SYMBOL_ENUM : SYMBOL_STRUCT,
                     type->name_span);
        for (uint32_t i = 0; i < type->ctor_count; i++) {
            append_found(search, module, type->ctors[i].name,
                         SYMBOL_ENUM_MEMBER, type->ctors[i].name_span);
        }
    } else if (decl->kind == DECL_CLASS) {
        append_found(search, module, decl->as.class_->name, SYMBOL_INTERFACE,
                     decl->as.class_->name_span);
    }
}

static void search_module(Search *search, Module *module)
{
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        search_decl(search, module, &module->ast.decls[i]);
    }
}

static void search_file(Search *search, Str path)
{
    const LspDocument *open =
        lsp_documents_of_path(search->ask->documents, path);
    Module *module = open != NULL
                         ? loader_parse_text(search->run.program, path,
                                             strbuf_str(&open->text))
                         : loader_parse_file(search->run.program, path);
    if (module != NULL) {
        search_module(search, module);
        module_free(module);
    }
}

void lsp_workspace_symbols(LspAsk *ask)
{
    enum { MAX_FILES = 2000, MAX_FOLDERS = 10000 };
    Search search = {.ask = ask, .query = STR("")};
    (void)lsp_get_string(lsp_member(ask->message, ask->params, STR("query")),
                         &search.query);
    (void)lsp_program_make(&search.run, ask->checker, NULL, NULL);
    strbuf_append_char(ask->out, '[');
    for (uint32_t i = 0; i < ask->checker->folders.count; i++) {
        FileList files = {0};
        (void)find_files_some(ask->checker->folders.items[i], MAX_FILES,
                              MAX_FOLDERS, &files);
        for (uint32_t k = 0; k < files.paths.count && search.found < MAX_FOUND;
             k++) {
            search_file(&search, files.paths.items[k]);
        }
        file_list_release(&files);
    }
    strbuf_append_char(ask->out, ']');
    lsp_program_end(&search.run);
}
