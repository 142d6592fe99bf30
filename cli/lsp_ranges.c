// Folding and selection, by the brackets and the tree of a document.
#include "cli/lsp_ask.h"
#include "cli/token_scan.h"

// ---- folding

typedef struct Folds {
    const LspAsk *ask;
    Str text;
    VEC(uint32_t) opens; // lines of open brackets
    uint32_t line;       // of `at`
    size_t at;
    uint32_t last_start; // of what was written last; one for each line
    uint32_t count;
} Folds;

static uint32_t line_at(Folds *f, size_t offset)
{
    for (; f->at < offset && f->at < f->text.len; f->at++) {
        f->line += f->text.data[f->at] == '\n';
    }
    return f->line;
}

static void append_fold(Folds *f, uint32_t start, uint32_t end,
                        const char *kind)
{
    if (end <= start || (f->count > 0 && start == f->last_start)) {
        return;
    }
    StrBuf *out = f->ask->out;
    strbuf_appendf(out, "%s{\"startLine\":%u,\"endLine\":%u%s}",
                   f->count++ > 0 ? "," : "", start, end, kind);
    f->last_start = start;
}

// The line of the bracket at the end stays in sight.
static void fold_tokens(Folds *f, Lexer *lexer)
{
    Token token;
    uint32_t first_import = UINT32_MAX, last_import = 0;
    for (;;) {
        lexer_next(lexer, &token);
        uint32_t line = line_at(f, token.span.start);
        bool begins =
            token.span.start == 0 || f->text.data[token.span.start - 1] == '\n';
        if (token.kind == TOKEN_IMPORT && begins) {
            first_import = line < first_import ? line : first_import;
        } else if (begins && first_import != UINT32_MAX) {
            append_fold(f, first_import, last_import, ",\"kind\":\"imports\"");
            first_import = UINT32_MAX;
        }
        last_import = line;
        if (token.kind == TOKEN_END) {
            return;
        }
        if (token_opens(token.kind)) {
            vec_push(&f->opens, line);
        } else if (token_closes(token.kind) && f->opens.count > 0) {
            uint32_t start = vec_pop(&f->opens);
            append_fold(f, start, line > 0 ? line - 1 : 0, "");
        }
    }
}

void lsp_folding_ranges(LspAsk *ask)
{
    TokenScan scan;
    Folds folds = {.ask = ask, .text = strbuf_str(&ask->document->text)};
    strbuf_append_char(ask->out, '[');
    if (!ask->document->is_data) {
        token_scan_begin(&scan, folds.text);
        fold_tokens(&folds, scan.lexer);
        token_scan_end(&scan);
    }
    strbuf_append_char(ask->out, ']');
    vec_release(&folds.opens);
}

// ---- selection

typedef struct Around {
    uint32_t offset;
    VEC(Span) spans; // from the outside in
} Around;

static void push_span(Around *around, Span span)
{
    if (around->offset < span.start || around->offset > span.end) {
        return;
    }
    if (around->spans.count > 0) {
        Span last = vec_last(&around->spans);
        bool is_inside = last.start <= span.start && span.end <= last.end;
        if (!is_inside || (last.start == span.start && last.end == span.end)) {
            return;
        }
    }
    vec_push(&around->spans, span);
}

static void visit(Expr *expr, void *ctx)
{
    Around *around = ctx;
    if (around->offset >= expr->span.start &&
        around->offset <= expr->span.end) {
        push_span(around, expr->span);
        ast_visit_children(expr, visit, around);
    }
}

static void find_around(const LspProgram *run, Around *around)
{
    const Module *entry = run->entry;
    push_span(around, (Span){0, (uint32_t)entry->source.text.len});
    for (uint32_t i = 0; i < entry->ast.decl_count; i++) {
        push_span(around, entry->ast.decls[i].span);
    }
    for (uint32_t i = 0; i < entry->binding_count; i++) {
        const Binding *binding = &entry->bindings[i];
        if (binding->value != NULL && !binding->value_is_data) {
            visit(binding->value, around);
        }
    }
    const NameUse *use = lsp_index_find(&run->index, around->offset);
    if (use != NULL) {
        push_span(around, use->span);
    }
}

static void append_around(const LspAsk *ask, const LspProgram *run,
                          const Around *around, LspLines *lines)
{
    for (uint32_t i = around->spans.count; i-- > 0;) {
        strbuf_append(ask->out, STR("{\"range\":"));
        lsp_lines_append_range(lines, &run->entry->source,
                               around->spans.items[i], ask->checker->encoding,
                               ask->out);
        strbuf_append(ask->out, i > 0 ? STR(",\"parent\":") : STR(""));
    }
    strbuf_append_repeat(ask->out, '}', around->spans.count);
}

void lsp_selection_ranges(LspAsk *ask)
{
    const Expr *positions =
        lsp_member(ask->message, ask->params, STR("positions"));
    const LspProgram *run =
        lsp_program_of(ask->checker, ask->documents, ask->document);
    bool is_list = positions != NULL && positions->kind == EXPR_LIST;
    if (!is_list || run->entry == NULL) {
        ask->refusal = "there are no positions, or no document";
        return;
    }
    LspLines lines = {0};
    strbuf_append_char(ask->out, '[');
    for (uint32_t i = 0; i < positions->as.list.count; i++) {
        size_t offset = 0;
        (void)lsp_get_offset(ask->message, &positions->as.list.items[i],
                             strbuf_str(&ask->document->text),
                             ask->checker->encoding, &offset);
        Around around = {.offset = (uint32_t)offset};
        find_around(run, &around);
        strbuf_append(ask->out, i > 0 ? STR(",") : STR(""));
        append_around(ask, run, &around, &lines);
        vec_release(&around.spans);
    }
    strbuf_append_char(ask->out, ']');
    lsp_lines_release(&lines);
}
