#include "cli/doc_page.h"

#include "syntax/symbol_map.h"
#include "typecheck/check.h"

typedef struct Page {
    const Program *program;
    const Module *module;
    StrBuf *out;
    Arena arena;
    SymbolMap bindings; // by name: the index of what is visible
    SymbolMap listed;   // names in lists of exports
    bool exports;       // not everything
} Page;

static Str trim(Str text)
{
    size_t from = 0, to = text.len;
    while (from < to && (unsigned char)text.data[from] <= ' ') {
        from++;
    }
    while (to > from && (unsigned char)text.data[to - 1] <= ' ') {
        to--;
    }
    return str_slice(text, from, to);
}

// The next line of `text` from *at on, without white space around it.
static bool next_line(Str text, size_t *at, Str *out_line)
{
    if (*at >= text.len) {
        return false;
    }
    size_t end = str_find_byte(text, '\n', *at);
    *out_line = trim(str_slice(text, *at, end));
    *at = end + 1;
    return true;
}

void doc_page_title(const Module *module, StrBuf *out)
{
    if (module->is_std && module->id != MODULE_PRELUDE) {
        strbuf_append(out, STR("std."));
    }
    if (module->is_std) {
        strbuf_append(out, module->name);
    } else {
        strbuf_append_printable(out, module->source.path, 4096);
    }
}

// ---- comments

static Str without_mark(Str line)
{
    return str_starts_with(line, STR("///"))
               ? trim(str_slice(line, 3, line.len))
               : line;
}

// What is written in a comment is Markdown: its lists, tables and blocks of
// code live from their lines.
typedef struct Prose {
    StrBuf *out;
    bool begun;
    uint32_t blank; // lines that are waiting
    Str fence;      // of the block of code that is open
} Prose;

// One line, without the mark of the comment.
static void prose_line(Prose *prose, Str line)
{
    line =
        str_starts_with(line, STR(" ")) ? str_slice(line, 1, line.len) : line;
    if (line.len == 0) {
        prose->blank += prose->begun;
        return;
    }
    uint32_t breaks = prose->begun;
    breaks += prose->fence.len > 0 ? prose->blank : prose->blank > 0;
    while (breaks > 0) {
        strbuf_append_char(prose->out, '\n');
        breaks--;
    }
    strbuf_append(prose->out, line);
    prose->begun = true;
    prose->blank = 0;
    Str start = trim(line);
    if (prose->fence.len > 0) {
        if (str_starts_with(start, prose->fence)) {
            prose->fence = STR("");
        }
    } else if (str_starts_with(start, STR("```")) ||
               str_starts_with(start, STR("~~~"))) {
        prose->fence = str_slice(start, 0, 3);
    }
}

// Lest a block that is left open swallow the rest of the page.
static void prose_end(Prose *prose)
{
    if (prose->fence.len > 0) {
        strbuf_append_char(prose->out, '\n');
        strbuf_append(prose->out, prose->fence);
    }
    strbuf_append(prose->out, prose->begun ? STR("\n") : STR(""));
}

// The words of a comment, or its examples.
static void write_words(Page *page, Str doc)
{
    Str line;
    Prose prose = {.out = page->out};
    for (size_t at = 0; next_line(doc, &at, &line);) {
        if (!str_starts_with(without_mark(line), STR("> "))) {
            bool marked = str_starts_with(line, STR("///"));
            prose_line(&prose, marked ? str_slice(line, 3, line.len) : line);
        }
    }
    prose_end(&prose);
    strbuf_append(page->out, prose.begun ? STR("\n") : STR(""));
}

static bool has_examples(Str doc)
{
    Str line;
    for (size_t at = 0; next_line(doc, &at, &line);) {
        if (str_starts_with(without_mark(line), STR("> "))) {
            return true;
        }
    }
    return false;
}

static void write_examples(Page *page, Str doc)
{
    Str line;
    for (size_t at = 0; next_line(doc, &at, &line);) {
        line = without_mark(line);
        if (str_starts_with(line, STR("> "))) {
            strbuf_append(page->out, str_slice(line, 2, line.len));
            strbuf_append_char(page->out, '\n');
        }
    }
}

void doc_page_about(const Module *module, StrBuf *out)
{
    Str text = module->source.text;
    Str line;
    Prose prose = {.out = out};
    if (module->id == MODULE_PRELUDE) {
        strbuf_append(out, STR("In scope everywhere.\n"));
        return;
    }
    for (size_t at = 0; next_line(text, &at, &line) &&
                        str_starts_with(line, STR("//")) &&
                        !str_starts_with(line, STR("///"));) {
        prose_line(&prose, str_slice(line, 2, line.len));
    }
    prose_end(&prose);
}

// ---- declarations

static Str text_at(const Page *page, Span span)
{
    return str_slice(page->module->source.text, span.start, span.end);
}

// The declaration as written.
static Str declaration(const Page *page, Span span)
{
    Str text = trim(text_at(page, span));
    return str_starts_with(text, STR("export "))
               ? trim(str_slice(text, 7, text.len))
               : text;
}

static void write_item(Page *page, Symbol name, Str doc, Str signature)
{
    strbuf_append(page->out, STR("### "));
    strbuf_append(page->out, symbol_text(page->program->interner, name));
    strbuf_append(page->out, STR("\n\n"));
    write_words(page, doc);
    strbuf_append(page->out, STR("```\n"));
    strbuf_append(page->out, signature);
    strbuf_append_char(page->out, '\n');
    bool is_long = str_find_byte(signature, '\n', 0) < signature.len;
    if (is_long && has_examples(doc)) {
        strbuf_append_char(page->out, '\n');
    }
    write_examples(page, doc);
    strbuf_append(page->out, STR("```\n\n"));
}

// The parameters as they are written, and the result as the checker knows it.
static bool known_result(Page *page, const Bind *bind, const Function *function,
                         Str *out)
{
    const ScopeRef *ref = symbol_map_find(&page->bindings, bind->name);
    Str result =
        check_binding_result(page->program, page->module->id, ref->index,
                             function->param_count, &page->arena);
    Span last = function->params[function->param_count - 1].type->span;
    Str params = text_at(page, span_join(bind->name_span, last));
    *out = arena_printf(&page->arena, "%.*s): %.*s", STR_ARG(params),
                        STR_ARG(result));
    return result.len > 0;
}

// What the author says of the type, where that is all: it has the names of
// types that the checker sees through.
static bool written_type(Page *page, const Bind *bind, Str *out)
{
    Str name = text_at(page, bind->name_span);
    if (page->module->is_std) {
        return false;
    }
    if (bind->type != NULL) {
        *out = arena_printf(&page->arena, "%.*s : %.*s", STR_ARG(name),
                            STR_ARG(text_at(page, bind->type->span)));
        return true;
    }
    if (bind->value.kind != EXPR_LAMBDA) {
        return false;
    }
    const Function *function = bind->value.as.lambda;
    bool whole = function->name != 0;
    for (uint32_t i = 0; i < function->param_count; i++) {
        whole = whole && function->params[i].type != NULL;
    }
    if (whole && function->result == NULL) {
        return known_result(page, bind, function, out);
    }
    if (whole) {
        *out =
            text_at(page, span_join(bind->name_span, function->result->span));
    }
    return whole;
}

static void write_binding(Page *page, const Bind *bind)
{
    const Module *module = page->module;
    const ScopeRef *ref = symbol_map_find(&page->bindings, bind->name);
    if (ref == NULL || bind->doc.end == 0 ||
        !module->bindings[ref->index].exported) {
        return;
    }
    Symbol name = module->bindings[ref->index].export_name;
    Str signature;
    if (!written_type(page, bind, &signature)) {
        Str type = check_binding_type(page->program, module->id, ref->index,
                                      &page->arena);
        Str text = symbol_text(page->program->interner, name);
        signature = arena_printf(&page->arena, "%.*s : %.*s", STR_ARG(text),
                                 STR_ARG(type));
    }
    write_item(page, name, text_at(page, bind->doc), signature);
}

// Whether the module offers the type or class of that name.
static bool offers(const Page *page, Symbol name, bool exported)
{
    return !page->exports || exported ||
           symbol_map_find(&page->listed, name) != NULL;
}

static void write_declaration(Page *page, const Decl *decl)
{
    if (decl->kind == DECL_LET) {
        for (uint32_t i = 0; i < decl->as.let.count; i++) {
            write_binding(page, &decl->as.let.binds[i]);
        }
    } else if (decl->kind == DECL_INPUT && decl->as.input->doc.end > 0) {
        write_item(page, decl->as.input->name,
                   text_at(page, decl->as.input->doc),
                   declaration(page, decl->span));
    } else if (decl->kind == DECL_TYPE && decl->as.type->doc.end > 0 &&
               offers(page, decl->as.type->name, decl->as.type->exported)) {
        write_item(page, decl->as.type->name, text_at(page, decl->as.type->doc),
                   declaration(page, decl->span));
    } else if (decl->kind == DECL_CLASS && decl->as.class_->doc.end > 0 &&
               offers(page, decl->as.class_->name, false)) {
        write_item(page, decl->as.class_->name,
                   text_at(page, decl->as.class_->doc),
                   declaration(page, decl->span));
    }
}

// Types that say enough by themselves.
static void write_plain_types(Page *page)
{
    const Module *module = page->module;
    bool begun = false;
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        const Decl *decl = &module->ast.decls[i];
        if (decl->kind == DECL_TYPE && decl->as.type->doc.end == 0 &&
            offers(page, decl->as.type->name, decl->as.type->exported)) {
            strbuf_append(page->out, begun ? STR("") : STR("```\n"));
            strbuf_append(page->out, declaration(page, decl->span));
            strbuf_append_char(page->out, '\n');
            begun = true;
        }
    }
    strbuf_append(page->out, begun ? STR("```\n\n") : STR(""));
}

static void find_names(Page *page)
{
    const Module *module = page->module;
    for (uint32_t i = 0; i < module->visible_count; i++) {
        (void)symbol_map_add(&page->bindings, &page->arena,
                             module->bindings[i].name, (ScopeRef){.index = i});
    }
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        const Decl *decl = &module->ast.decls[i];
        page->exports |= decl->kind == DECL_EXPORT ||
                         (decl->kind == DECL_LET && decl->as.let.exported) ||
                         (decl->kind == DECL_TYPE && decl->as.type->exported);
        if (decl->kind != DECL_EXPORT) {
            continue;
        }
        for (uint32_t n = 0; n < decl->as.export_.count; n++) {
            (void)symbol_map_add(&page->listed, &page->arena,
                                 decl->as.export_.items[n].name, (ScopeRef){0});
        }
    }
}

void doc_page_write(const Program *program, const Module *module, StrBuf *out)
{
    Page page = {.program = program, .module = module, .out = out};
    arena_init(&page.arena);
    find_names(&page);
    strbuf_append(out, STR("## "));
    doc_page_title(module, out);
    strbuf_append(out, STR("\n\n"));
    size_t start = out->len;
    doc_page_about(module, out);
    strbuf_append(out, out->len > start ? STR("\n") : STR(""));
    write_plain_types(&page);
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        write_declaration(&page, &module->ast.decls[i]);
    }
    arena_release(&page.arena);
}
