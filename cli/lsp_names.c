// Hovers and definitions.
#include "cli/json_text.h"
#include "cli/lsp_ask.h"
#include "cli/lsp_describe.h"
#include "cli/lsp_diags.h"
#include "cli/lsp_fields.h"

static void append_hover(LspAsk *ask, const LspProgram *run, const NameUse *use)
{
    StrBuf text = {0};
    StrBuf *out = ask->out;
    if (lsp_describe(run, use, &text)) {
        LspLines lines = {0};
        strbuf_append(out, STR("{\"contents\":{\"kind\":\"markdown\","
                               "\"value\":"));
        json_text_append(out, strbuf_str(&text), SIZE_MAX);
        strbuf_append(out, STR("},\"range\":"));
        lsp_lines_append_range(&lines, &run->entry->source, use->span,
                               ask->checker->encoding, out);
        strbuf_append_char(out, '}');
        lsp_lines_release(&lines);
    }
    strbuf_release(&text);
}

void lsp_hover(LspAsk *ask)
{
    const LspProgram *run =
        lsp_program_of(ask->checker, ask->documents, ask->document);
    const NameUse *use = lsp_index_find(&run->index, (uint32_t)ask->offset);
    size_t before = ask->out->len;
    if (use != NULL) {
        append_hover(ask, run, use);
    }
    if (ask->out->len == before) {
        strbuf_append(ask->out, STR("null"));
    }
}

// Of a local name the pattern that binds it; of a parameter in parentheses that
// is more than the name. Of a type variable the declaration's parameter.
static bool place_of(const LspProgram *run, const NameTarget *target, Span *out)
{
    bool is_here = target->kind == NAME_LOCAL || target->kind == NAME_TYPE_VAR;
    for (uint32_t i = 0; is_here && i < run->index.uses.count; i++) {
        const NameUse *use = &run->index.uses.items[i];
        if (use->declares && lsp_target_equal(&use->target, target)) {
            *out = use->span;
            return true;
        }
    }
    return lsp_target_place(run->program, target, out);
}

static void find_places(const LspProgram *run, const NameUse *use,
                        FieldPlaces *out)
{
    Span place;
    if (use->target.kind == NAME_FIELD) {
        lsp_fields_declared(run, use, out);
    } else if (place_of(run, &use->target, &place)) {
        vec_push(out, (FieldPlace){use->target.module, place});
    }
}

// One place, or a list of them where types of several have the field.
static void append_places(LspDiags *writer, const FieldPlaces *places,
                          StrBuf *out)
{
    enum { MAX_PLACES = 100 };
    StrBuf list = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < places->count && count < MAX_PLACES; i++) {
        const FieldPlace *place = &places->items[i];
        StrBuf location = {0};
        if (lsp_diags_append_location(
                writer, &writer->program->modules[place->module]->source,
                place->span, &location)) {
            strbuf_append(&list, count++ > 0 ? STR(",") : STR(""));
            strbuf_append(&list, strbuf_str(&location));
        }
        strbuf_release(&location);
    }
    strbuf_append(out, count > 1 ? STR("[") : STR(""));
    strbuf_append(out, count > 0 ? strbuf_str(&list) : STR("null"));
    strbuf_append(out, count > 1 ? STR("]") : STR(""));
    strbuf_release(&list);
}

void lsp_definition(LspAsk *ask)
{
    const LspProgram *run =
        lsp_program_of(ask->checker, ask->documents, ask->document);
    LspDiags writer = {.checker = ask->checker,
                       .documents = ask->documents,
                       .document = ask->document,
                       .program = run->program};
    const NameUse *use = lsp_index_find(&run->index, (uint32_t)ask->offset);
    FieldPlaces places = {0};
    if (use != NULL) {
        find_places(run, use, &places);
    }
    append_places(&writer, &places, ask->out);
    vec_release(&places);
    lsp_diags_release(&writer);
}
