// Quick fixes: the cures that diagnostics carry, and what else is done about
// names that nobody uses.
#include "cli/json_text.h"
#include "cli/lsp_ask.h"
#include "cli/lsp_diags.h"

typedef struct Actions {
    const LspAsk *ask;
    const LspProgram *run;
    LspDiags writer;
    LspLines lines;
    uint32_t count;
} Actions;

// ---- one action

// The text in the place of each span.
static void append_edits(Actions *a, const Diag *diag, Str title,
                         const Span *spans, uint32_t span_count, Str text,
                         bool preferred)
{
    StrBuf *out = a->ask->out;
    strbuf_append(out,
                  a->count++ > 0 ? STR(",{\"title\":") : STR("{\"title\":"));
    json_text_append(out, title, 300);
    strbuf_appendf(out,
                   ",\"kind\":\"quickfix\",\"isPreferred\":%s,"
                   "\"diagnostics\":[",
                   preferred ? "true" : "false");
    lsp_diags_append(&a->writer, diag, out);
    strbuf_append(out, STR("],\"edit\":{\"changes\":{"));
    json_text_append(out, strbuf_str(&a->ask->document->uri), SIZE_MAX);
    for (uint32_t i = 0; i < span_count; i++) {
        strbuf_append(out, i == 0 ? STR(":[{\"range\":") : STR(",{\"range\":"));
        lsp_lines_append_range(&a->lines, &a->run->entry->source, spans[i],
                               a->ask->checker->encoding, out);
        strbuf_append(out, STR(",\"newText\":"));
        json_text_append(out, text, SIZE_MAX);
        strbuf_append_char(out, '}');
    }
    strbuf_append(out, STR("]}}}"));
}

static void append_action(Actions *a, const Diag *diag, Str title, Span span,
                          Str text, bool preferred)
{
    append_edits(a, diag, title, &span, 1, text, preferred);
}

// ---- what nobody uses

static bool is_same(Span a, Span b)
{
    return a.start == b.start && a.end == b.end;
}

// At all places, for a function that nobody else uses may call itself. Not
// where a field has its name of it.
static void put_underscore(Actions *a, const Diag *diag)
{
    const NameIndex *index = &a->run->index;
    const NameUse *at = lsp_index_find(index, diag->span.start);
    VEC(Span) places = {0};
    bool safe = at != NULL;
    for (uint32_t i = 0; safe && i < index->uses.count; i++) {
        const NameUse *use = &index->uses.items[i];
        if (lsp_target_equal(&use->target, &at->target)) {
            safe = !use->is_pun;
            vec_push(&places, ((Span){use->span.start, use->span.start}));
        }
    }
    if (safe) {
        append_edits(a, diag, STR("put '_' before the name"), places.items,
                     places.count, STR("_"), true);
    }
    vec_release(&places);
}

static void act_on_binding(Actions *a, const Diag *diag)
{
    const Module *entry = a->run->entry;
    if (diag->more->fixes.count == 0) {
        put_underscore(a, diag);
    }
    for (uint32_t i = 0; i < entry->ast.decl_count; i++) {
        const Decl *decl = &entry->ast.decls[i];
        if (decl->kind == DECL_LET && decl->as.let.count == 1 &&
            is_same(decl->as.let.binds[0].name_span, diag->span)) {
            Span doc = decl->as.let.binds[0].doc;
            Span span =
                doc.end > doc.start ? span_join(doc, decl->span) : decl->span;
            append_action(a, diag, STR("remove this declaration"),
                          source_whole_lines(entry->source.text, span), STR(""),
                          false);
        }
    }
}

// ---- all of them

static void act_on(Actions *a, const Diag *diag)
{
    for (uint32_t i = 0; i < diag->more->fixes.count; i++) {
        const DiagFix *fix = &diag->more->fixes.items[i];
        append_action(a, diag, fix->title, fix->span, fix->text,
                      diag->more->fixes.count == 1);
    }
    if (diag->code == DIAG_W0201) {
        act_on_binding(a, diag);
    }
}

// Clients that want other kinds say so.
static bool wants_fixes(const LspAsk *ask)
{
    const Expr *only = lsp_member(
        ask->message, lsp_member(ask->message, ask->params, STR("context")),
        STR("only"));
    bool wants = only == NULL || only->kind != EXPR_LIST;
    for (uint32_t i = 0; !wants && i < only->as.list.count; i++) {
        Str kind;
        wants = lsp_get_string(&only->as.list.items[i], &kind) &&
                (kind.len == 0 || str_equal(kind, STR("quickfix")));
    }
    return wants;
}

void lsp_code_actions(LspAsk *ask)
{
    size_t start, end;
    Actions actions = {.ask = ask};
    actions.run = lsp_program_of(ask->checker, ask->documents, ask->document);
    actions.writer = (LspDiags){.checker = ask->checker,
                                .documents = ask->documents,
                                .document = ask->document,
                                .program = actions.run->program};
    const DiagSink *sink = &actions.run->diags;
    bool asked = actions.run->entry != NULL && wants_fixes(ask) &&
                 lsp_ask_range(ask, &start, &end);
    strbuf_append_char(ask->out, '[');
    for (uint32_t i = 0; asked && i < sink->diags.count; i++) {
        const Diag *diag = sink->diags.items[i];
        if (diag->source == &actions.run->entry->source &&
            diag->span.start <= end && start <= diag->span.end) {
            act_on(&actions, diag_at(sink, i));
        }
    }
    strbuf_append_char(ask->out, ']');
    lsp_lines_release(&actions.lines);
    lsp_diags_release(&actions.writer);
}
