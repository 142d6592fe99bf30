// Types beside the names that have none written, and the parameters of the
// function that is called at a place.
#include "cli/json_text.h"
#include "cli/lsp_ask.h"
#include "cli/lsp_describe.h"
#include "cli/lsp_marked.h"
#include "syntax/byte_class.h"

enum { MAX_HINT_BYTES = 60 };

// ---- hints

static bool is_annotated(Str text, uint32_t at)
{
    while (at < text.len && byte_is(text.data[at], BYTE_BLANK | BYTE_LINE)) {
        at++;
    }
    return at < text.len && text.data[at] == ':';
}

static bool is_literal(const Expr *value)
{
    return value == NULL || value->kind <= EXPR_STRING ||
           value->kind == EXPR_LAMBDA;
}

// Functions have hints at their parameters, literals show their type.
static bool wants_hint(const LspProgram *run, const NameUse *use)
{
    const Module *entry = run->entry;
    if (!use->declares || use->target.module != entry->id ||
        is_annotated(entry->source.text, use->span.end)) {
        return false;
    }
    if (use->target.kind == NAME_VALUE) {
        return !is_literal(entry->bindings[use->target.index].value);
    }
    return use->target.kind == NAME_LOCAL;
}

static void append_place(LspLines *lines, const LspAsk *ask,
                         const Source *source, uint32_t at, StrBuf *out)
{
    StrBuf range = {0};
    lsp_lines_append_range(lines, source, (Span){at, at},
                           ask->checker->encoding, &range);
    size_t from = strlen("{\"start\":");
    size_t comma = str_find_byte(strbuf_str(&range), '}', 0) + 1;
    strbuf_append(out, str_slice(strbuf_str(&range), from, comma));
    strbuf_release(&range);
}

static bool append_hint(const LspAsk *ask, const LspProgram *run,
                        LspLines *lines, const NameUse *use, bool first)
{
    StrBuf type = {0};
    strbuf_append(&type, STR(": "));
    bool known =
        lsp_append_type(run, &use->target, &type) &&
        !lsp_is_function_type(str_slice(strbuf_str(&type), 2, type.len));
    if (known) {
        StrBuf *out = ask->out;
        strbuf_append(out,
                      first ? STR("{\"position\":") : STR(",{\"position\":"));
        append_place(lines, ask, &run->entry->source, use->span.end, out);
        strbuf_append(out, STR(",\"label\":"));
        json_text_append(out, strbuf_str(&type), MAX_HINT_BYTES);
        strbuf_append(out, STR(",\"kind\":1}"));
    }
    strbuf_release(&type);
    return known;
}

void lsp_inlay_hints(LspAsk *ask)
{
    size_t start, end;
    const LspProgram *run =
        lsp_program_of(ask->checker, ask->documents, ask->document);
    LspLines lines = {0};
    bool first = true;
    bool asked = run->entry != NULL && lsp_ask_range(ask, &start, &end);
    strbuf_append_char(ask->out, '[');
    for (uint32_t i = 0; asked && i < run->index.uses.count; i++) {
        const NameUse *use = &run->index.uses.items[i];
        if (use->span.start >= start && use->span.end <= end &&
            wants_hint(run, use)) {
            first &= !append_hint(ask, run, &lines, use, first);
        }
    }
    strbuf_append_char(ask->out, ']');
    lsp_lines_release(&lines);
}

// ---- signatures

typedef struct CallSearch {
    uint32_t offset;
    const Expr *call; // the innermost around the offset
} CallSearch;

static void find_call(Expr *expr, void *ctx)
{
    CallSearch *search = ctx;
    if (search->offset < expr->span.start || search->offset > expr->span.end) {
        return;
    }
    if (expr->kind == EXPR_CALL &&
        search->offset > expr->as.call.parts[0].span.end) {
        search->call = expr;
    }
    ast_visit_children(expr, find_call, search);
}

static uint32_t active_parameter(const Expr *call, uint32_t offset)
{
    uint32_t active = 0;
    for (uint32_t i = 1; i < call->as.call.count; i++) {
        active += call->as.call.parts[i].span.end < offset;
    }
    return active;
}

// The parameters of a type as offsets in UTF-16; what has no arrow has none.
static void append_parameters(Str label, size_t at, StrBuf *out)
{
    uint32_t depth = 0;
    size_t start = at;
    uint32_t count = 0;
    for (size_t i = at; i + 1 < label.len; i++) {
        char c = label.data[i];
        depth += c == '(' || c == '{' || c == '[';
        depth -= c == ')' || c == '}' || c == ']';
        bool constrains = depth == 0 && c == '=' && label.data[i + 1] == '>';
        bool ends = depth == 0 && c == '-' && label.data[i + 1] == '>';
        if (ends) {
            strbuf_appendf(out, "%s{\"label\":[%zu,%zu]}",
                           count++ > 0 ? "," : "",
                           lsp_utf16_length(str_slice(label, 0, start)),
                           lsp_utf16_length(str_slice(label, 0, i - 1)));
        }
        if (ends || constrains) {
            start = i + strlen("-> ");
        }
    }
}

static void append_signature(const LspAsk *ask, const LspProgram *run,
                             const NameUse *use, uint32_t active)
{
    StrBuf label = {0};
    strbuf_append(&label, lsp_target_name(run->program, &use->target));
    strbuf_append(&label, STR(" : "));
    size_t type_at = label.len;
    if (!lsp_append_type(run, &use->target, &label) ||
        !lsp_is_function_type(
            str_slice(strbuf_str(&label), type_at, label.len))) {
        strbuf_release(&label);
        return;
    }
    StrBuf doc = {0};
    lsp_append_doc(run, &use->target, &doc);
    StrBuf *out = ask->out;
    strbuf_append(out, STR("{\"signatures\":[{\"label\":"));
    json_text_append(out, strbuf_str(&label), SIZE_MAX);
    strbuf_append(out, STR(",\"documentation\":{\"kind\":\"markdown\","
                           "\"value\":"));
    json_text_append(out, strbuf_str(&doc), SIZE_MAX);
    strbuf_append(out, STR("},\"parameters\":["));
    append_parameters(strbuf_str(&label), type_at, out);
    strbuf_appendf(out, "]}],\"activeSignature\":0,\"activeParameter\":%u}",
                   active);
    strbuf_release(&doc);
    strbuf_release(&label);
}

void lsp_signature_help(LspAsk *ask)
{
    LspMarked marked;
    size_t before = ask->out->len;
    if (lsp_marked_begin(&marked, ask)) {
        const LspProgram *run = &marked.run;
        CallSearch search = {.offset = (uint32_t)marked.at};
        for (uint32_t i = 0;
             run->entry != NULL && i < run->entry->binding_count; i++) {
            const Binding *binding = &run->entry->bindings[i];
            if (binding->value != NULL && !binding->value_is_data) {
                find_call(binding->value, &search);
            }
        }
        const NameUse *use =
            search.call != NULL
                ? lsp_index_find(&run->index,
                                 search.call->as.call.parts[0].span.end)
                : NULL;
        if (use != NULL) {
            append_signature(ask, run, use,
                             active_parameter(search.call, search.offset));
        }
        lsp_marked_end(&marked);
    }
    if (ask->out->len == before) {
        strbuf_append(ask->out, STR("null"));
    }
}
