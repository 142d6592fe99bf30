// Answers for people: what made the value, with an excerpt, then each place
// that it passed.
#include <stdlib.h>

#include "cli/provenance.h"
#include "cli/snippet.h"

enum {
    PATH_BYTES = 512,
    PHRASE_BYTES = 200,
    EXCERPT_BYTES = 60,
    PARTS_SHOWN = 40,
    FROM_SHOWN = 8,
    FROM_DEPTH = 3,
    BRANCHES_SHOWN = 4
};

typedef struct Writer {
    StrBuf *out;
    Provenance *p;
    const Origins *origins;
    SnippetStyle style;
    const char *bold;
} Writer;

static void put(Writer *w, const char *text)
{
    strbuf_append(w->out, str_from_c(text));
}

static void put_place(Writer *w, const Source *source, Span span)
{
    Position position = source_index_position(&w->p->index, source, span.start);
    strbuf_append_printable(w->out, source->path, PATH_BYTES);
    strbuf_appendf(w->out, ":%u:%u", position.line, position.column);
}

static void put_excerpt(Writer *w, const Source *source, Span span)
{
    Str text = str_slice(source->text, span.start, span.end);
    size_t line = str_find_byte(text, '\n', 0);
    strbuf_append_char(w->out, '`');
    strbuf_append_printable(w->out, str_slice(text, 0, line), EXCERPT_BYTES);
    put(w, line < text.len ? "...`" : "`");
}

static void put_phrase(Writer *w, const Origin *origin)
{
    StrBuf text = {0};
    provenance_append_phrase(&text, origin);
    strbuf_append_printable(w->out, strbuf_str(&text), PHRASE_BYTES);
    strbuf_release(&text);
}

// "computed by '+' at main.lig:3:7"
static void put_step(Writer *w, const Origin *origin)
{
    const OriginSite *site = origin->site;
    put_phrase(w, origin);
    put(w, " at ");
    put_place(w, site->source, site->span);
    if (site->other_source != NULL && origin->before == 0) {
        put(w, ", declared at ");
        put_place(w, site->other_source, site->other);
    }
}

static void put_snippet(Writer *w, const OriginSite *site)
{
    Position position =
        source_index_position(&w->p->index, site->source, site->span.start);
    Mark mark = {site->source, site->span, position, STR(""), true};
    uint32_t width = 1;
    for (uint32_t line = position.line; line >= 10; line /= 10) {
        width++;
    }
    snippet_gutter(w->out, width, "|", &w->style);
    strbuf_append_char(w->out, '\n');
    snippet_write(w->out, &mark, 1, width, &w->style);
}

static void put_indent(Writer *w, uint32_t depth)
{
    strbuf_append_repeat(w->out, ' ', 4 * (size_t)depth);
}

static void put_branches(Writer *w, const OriginBranch *branch)
{
    for (uint32_t i = 0; branch != NULL && i < BRANCHES_SHOWN;
         branch = branch->outer, i++) {
        put_indent(w, 1);
        put(w, "because ");
        put_excerpt(w, branch->source, branch->condition);
        put(w, branch->is_match ? " matched at "
               : branch->sense  ? " was true at "
                                : " was false at ");
        put_place(w, branch->source, branch->condition);
        put(w, "\n");
    }
}

static void put_part(Writer *w, const OriginPart *part, uint32_t depth);

// Why the record that a field is read from is what it is.
static void put_record(Writer *w, const Origin *origin)
{
    const Origin **steps;
    uint32_t number = origin->part_count > 0 ? origin->parts[0].origin : 0;
    uint32_t count = provenance_steps(w->origins, number, &steps);
    const OriginBranch *last = origin->site->branch;
    for (uint32_t i = 0; i < count; i++) {
        if (steps[i]->site->branch != last) {
            last = steps[i]->site->branch;
            put_branches(w, last);
        }
    }
    free(steps);
}

static void put_parts(Writer *w, const Origin *origin, uint32_t depth)
{
    if (depth > FROM_DEPTH) {
        return;
    }
    for (uint32_t i = 0; i < origin->part_count; i++) {
        if (i == FROM_SHOWN) {
            put_indent(w, depth);
            put(w, "...\n");
            return;
        }
        put_part(w, &origin->parts[i], depth);
    }
}

static void put_part(Writer *w, const OriginPart *part, uint32_t depth)
{
    put_indent(w, depth);
    put(w, part->place != NULL ? "from " : "which was ");
    if (part->place != NULL) {
        put_excerpt(w, part->place->source, part->place->span);
    }
    if (part->text.len > 0) {
        put(w, part->place != NULL ? " = " : "");
        strbuf_append_printable(w->out, part->text, EXCERPT_BYTES + 8);
    }
    const Origin **steps;
    uint32_t count = provenance_steps(w->origins, part->origin, &steps);
    if (count > 0) {
        put(w, ", ");
        put_step(w, steps[0]);
    }
    put(w, "\n");
    if (count > 0 && steps[0]->site->kind != FROM_SELECTED) {
        put_parts(w, steps[0], depth + 1);
    }
    free(steps);
}

static void put_chain(Writer *w, uint32_t origin)
{
    const Origin **steps;
    uint32_t count = provenance_steps(w->origins, origin, &steps);
    for (uint32_t i = 0; i < count; i++) {
        put(w, i > 0 ? "then " : "");
        put_step(w, steps[i]);
        put(w, "\n");
        put_snippet(w, steps[i]->site);
        put_branches(w, steps[i]->site->branch);
        if (steps[i]->site->kind == FROM_SELECTED) {
            put_record(w, steps[i]);
        } else {
            put_parts(w, steps[i], 1);
        }
    }
    free(steps);
}

// All on one line: the place that made it, and the last that it passed.
static void put_short(Writer *w, uint32_t origin)
{
    const Origin **steps;
    uint32_t count = provenance_steps(w->origins, origin, &steps);
    if (count == 0) {
        put(w, "computed with what it is in");
    } else {
        put_step(w, steps[0]);
    }
    if (count > 1) {
        put(w, ", ");
        put_step(w, steps[count - 1]);
    }
    put(w, "\n");
    free(steps);
}

static void put_path(Writer *w, uint32_t count)
{
    StrBuf text = {0};
    provenance_append_path(&text, &w->p->path, count);
    strbuf_append_printable(w->out, strbuf_str(&text), PATH_BYTES);
    strbuf_release(&text);
}

static void put_heading(Writer *w)
{
    Provenance *p = w->p;
    put(w, w->bold);
    put_path(w, p->path.count);
    put(w, " = ");
    StrBuf text = {0};
    provenance_append_value(&text, p->values[p->path.count]);
    strbuf_append_printable(w->out, strbuf_str(&text), PHRASE_BYTES);
    strbuf_release(&text);
    put(w, w->style.reset);
    put(w, "\n\n");
}

static void put_checks(Writer *w)
{
    const Program *program = w->p->session->program;
    for (uint32_t i = 0; i < w->p->checks.count; i++) {
        const ProvenanceCheck *check = &w->p->checks.items[i];
        const Refined *refined = check->refined;
        const Source *source = &program->modules[refined->module]->source;
        const TypeExpr *type = refined->expr;
        for (uint32_t n = 0; n < type->as.refined.count; n++) {
            Span span = type->as.refined.predicates[n].expr.span;
            put(w, "satisfies ");
            if (refined->alias != 0) {
                strbuf_append(w->out,
                              symbol_text(program->interner, refined->alias));
                put(w, ": ");
            }
            put_excerpt(w, source, span);
            put(w, " at ");
            put_place(w, source, span);
            put(w, ", asked for at ");
            put_place(w, check->site->source, check->site->span);
            put(w, "\n");
        }
    }
}

static void put_inside(Writer *w)
{
    Provenance *p = w->p;
    Value value = p->values[p->path.count];
    uint32_t count = provenance_part_count(value);
    uint32_t shown = 0;
    for (uint32_t i = 0; i < count; i++) {
        SelectStep step;
        Value part;
        if (!provenance_part(p->session, value, i, &step, &part)) {
            continue;
        }
        if (shown == PARTS_SHOWN) {
            strbuf_appendf(w->out, "... %u more\n", count - i);
            return;
        }
        put(w, shown++ == 0 ? "\nIn it:\n    " : "    ");
        StrBuf text = {0};
        provenance_append_step(&text, &step);
        strbuf_append(&text, STR(" = "));
        provenance_append_value(&text, part);
        strbuf_append_printable(w->out, strbuf_str(&text), PHRASE_BYTES);
        strbuf_release(&text);
        put(w, ": ");
        put_short(w, value_origin(part));
    }
}

static void put_within(Writer *w)
{
    Provenance *p = w->p;
    bool first = true;
    for (uint32_t i = p->path.count; i-- > 0;) {
        uint32_t origin = value_origin(p->values[i]);
        if (origin != 0) {
            put(w, first ? "\nIt is part of:\n    " : "    ");
            put_path(w, i);
            put(w, ": ");
            put_short(w, origin);
            first = false;
        }
    }
}

void provenance_text(Provenance *p, bool color, StrBuf *out)
{
    Writer w = {.out = out,
                .p = p,
                .origins = p->session->evaluation->origins,
                .style = {"", "", "", ""},
                .bold = ""};
    if (color) {
        w.style =
            (SnippetStyle){"\x1b[1;34m", "\x1b[1;32m", "\x1b[1;34m", "\x1b[0m"};
        w.bold = "\x1b[1m";
    }
    uint32_t origin = value_origin(p->values[p->path.count]);
    put_heading(&w);
    if (origin != 0) {
        put_chain(&w, origin);
    } else if (p->path.count == 0) {
        put(&w, "the record of the bindings that ");
        strbuf_append_printable(out, p->module->source.path, PATH_BYTES);
        put(&w, " exports\n");
    } else {
        put(&w, "computed with what it is part of\n");
    }
    put_checks(&w);
    put_within(&w);
    put_inside(&w);
}
