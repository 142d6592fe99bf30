#include "cli/lsp_names.h"

#include "cli/json_text.h"
#include "cli/lsp_diags.h"
#include "typecheck/check.h"

// The name at a place, and what it is: a binding, or a local of one.
typedef struct NameAt {
    uint32_t offset;
    Span span; // of the name
    bool found;
    const Module *module; // of the binding
    const Binding *binding;
    const Local *local; // NULL: the binding itself
} NameAt;

typedef struct NameSearch {
    const Program *program;
    const Module *module;   // that is searched
    const Binding *binding; // likewise
    NameAt *name;
} NameSearch;

static bool covers(Span span, uint32_t offset)
{
    return span.start <= offset && offset <= span.end;
}

static void take_ref(NameSearch *search, const Expr *expr)
{
    NameAt *name = search->name;
    const NameRef *ref = &expr->as.name;
    if (ref->ref == REF_GLOBAL && ref->module < search->program->module_count) {
        name->module = search->program->modules[ref->module];
        name->binding = &name->module->bindings[ref->index];
    } else if (ref->ref == REF_LOCAL &&
               ref->index < search->binding->local_count) {
        name->module = search->module;
        name->binding = search->binding;
        name->local = &search->binding->locals[ref->index];
    } else {
        return;
    }
    name->found = true;
    name->span = expr->span;
}

// As deep as the source is nested, which the parser bounds.
static void search_expr(Expr *expr, void *ctx)
{
    NameSearch *search = ctx;
    if (search->name->found || !covers(expr->span, search->name->offset)) {
        return;
    }
    if (expr->kind == EXPR_NAME) {
        take_ref(search, expr);
    } else {
        ast_visit_children(expr, search_expr, search);
    }
}

static bool is_declared_at(const Binding *binding, uint32_t offset)
{
    return (binding->kind == BINDING_LET || binding->kind == BINDING_INPUT) &&
           covers(binding->name_span, offset);
}

static void find_name(const Program *program, const Module *module,
                      NameAt *name)
{
    for (uint32_t i = 0; i < module->binding_count && !name->found; i++) {
        const Binding *binding = &module->bindings[i];
        if (is_declared_at(binding, name->offset)) {
            *name = (NameAt){.offset = name->offset,
                             .span = binding->name_span,
                             .found = true,
                             .module = module,
                             .binding = binding};
        } else if (binding->value != NULL && !binding->value_is_data) {
            NameSearch search = {program, module, binding, name};
            search_expr(binding->value, &search);
        }
    }
}

// Checks the document and finds the name. False where there is none, or the
// check did not come to its end.
static bool find_in_document(LspProgram *run, size_t offset, NameAt *out)
{
    const Program *program = run->program;
    *out = (NameAt){.offset = (uint32_t)offset};
    if (program->entry_count > 0 &&
        cancel_token_reason(&run->token) == CANCEL_NONE) {
        find_name(program, program->modules[program->entries[0]], out);
    }
    return out->found;
}

// ---- hover

// The text of the comment, without its marks.
static void append_doc(Str text, StrBuf *out)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find_byte(text, '\n', at);
        while (at < end && (text.data[at] == ' ' || text.data[at] == '\t')) {
            at++;
        }
        Str line = str_slice(text, at, end);
        line.len -= str_ends_with(line, STR("\r"));
        if (str_starts_with(line, STR("///"))) {
            line = str_slice(line, 3, line.len);
        }
        strbuf_append(out, line);
        strbuf_append_char(out, '\n');
        at = end + 1;
    }
}

static Span doc_of(const Module *module, const Binding *binding)
{
    if (binding->bind != NULL) {
        return binding->bind->doc;
    }
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        const Decl *decl = &module->ast.decls[i];
        if (decl->kind == DECL_INPUT && decl->as.input->name == binding->name) {
            return decl->as.input->doc;
        }
    }
    return (Span){0, 0};
}

static void append_markdown(const Program *program, const NameAt *name,
                            Str type, StrBuf *out)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("```ligature\n"));
    strbuf_append(&text, symbol_text(program->interner, name->binding->name));
    strbuf_append(&text, STR(" : "));
    strbuf_append(&text, type);
    strbuf_append(&text, STR("\n```\n"));
    Span doc = doc_of(name->module, name->binding);
    append_doc(str_slice(name->module->source.text, doc.start, doc.end), &text);
    json_text_append(out, strbuf_str(&text), SIZE_MAX);
    strbuf_release(&text);
}

// A type that was not found, for it has an error, says nothing.
static bool has_type(const NameAt *name)
{
    const Module *module = name->module;
    return name->binding->group < module->group_count &&
           !module->groups[name->binding->group].failed;
}

static void append_hover(const LspChecker *checker, const Program *program,
                         const NameAt *name, StrBuf *out)
{
    const Source *source = &program->modules[program->entries[0]]->source;
    Arena arena;
    arena_init(&arena);
    uint32_t index = (uint32_t)(name->binding - name->module->bindings);
    Str type = check_binding_type(program, name->module->id, index, &arena);
    if (str_equal(type, STR("?")) || !has_type(name)) {
        strbuf_append(out, STR("null"));
    } else {
        LspLines lines = {0};
        strbuf_append(out, STR("{\"contents\":{\"kind\":\"markdown\","
                               "\"value\":"));
        append_markdown(program, name, type, out);
        strbuf_append(out, STR("},\"range\":"));
        lsp_lines_append_range(&lines, source, name->span, checker->encoding,
                               out);
        strbuf_append_char(out, '}');
        lsp_lines_release(&lines);
    }
    arena_release(&arena);
}

void lsp_hover(const LspChecker *checker, LspDocuments *documents,
               const LspDocument *document, size_t offset, StrBuf *out)
{
    OpenTexts texts = lsp_documents_texts(documents);
    LspProgram run;
    lsp_program_begin(&run, checker, &texts, document);
    NameAt name;
    if (find_in_document(&run, offset, &name) && name.local == NULL &&
        name.binding->name != 0) {
        append_hover(checker, run.program, &name, out);
    } else {
        strbuf_append(out, STR("null"));
    }
    lsp_program_end(&run);
}

// ---- definition

void lsp_definition(const LspChecker *checker, LspDocuments *documents,
                    const LspDocument *document, size_t offset, StrBuf *out)
{
    OpenTexts texts = lsp_documents_texts(documents);
    LspProgram run;
    lsp_program_begin(&run, checker, &texts, document);
    LspDiags writer = {.checker = checker,
                       .documents = documents,
                       .document = document,
                       .program = run.program};
    NameAt name;
    bool found =
        find_in_document(&run, offset, &name) &&
        lsp_diags_append_location(&writer, &name.module->source,
                                  name.local != NULL ? name.local->span
                                                     : name.binding->name_span,
                                  out);
    if (!found) {
        strbuf_append(out, STR("null"));
    }
    lsp_diags_release(&writer);
    lsp_program_end(&run);
}
