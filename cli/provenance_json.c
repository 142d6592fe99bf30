// Answers as JSON documents.
#include <stdlib.h>

#include "cli/json_text.h"
#include "cli/provenance.h"
#include "eval/write_json.h"

enum {
    TEXT_BYTES = 4096,
    EXCERPT_BYTES = 120,
    VALUE_BYTES = 1 << 16,
    FROM_DEPTH = 4,       // of what something is computed from
    FROM_BYTES = 4 << 20, // no further of those once there is so much
    BRANCHES_MAX = 16
};

typedef struct Writer {
    StrBuf *out;
    SourceIndex *index;
    const Origins *origins;
} Writer;

static void put(Writer *w, const char *text)
{
    strbuf_append(w->out, str_from_c(text));
}

static void put_text(Writer *w, Str text)
{
    json_text_append(w->out, text, TEXT_BYTES);
}

static void put_place(Writer *w, const Source *source, Span span)
{
    uint32_t last = span.end > span.start ? span.end : span.start;
    Position start = source_index_position(w->index, source, span.start);
    Position end = source_index_position(w->index, source, last);
    put(w, "\"file\":");
    put_text(w, source->path);
    strbuf_appendf(w->out,
                   ",\"line\":%u,\"column\":%u,\"endLine\":%u,"
                   "\"endColumn\":%u",
                   start.line, start.column, end.line, end.column);
}

static void put_excerpt(Writer *w, const Source *source, Span span)
{
    put(w, ",\"text\":");
    json_text_append(w->out, str_slice(source->text, span.start, span.end),
                     EXCERPT_BYTES);
}

static void put_branches(Writer *w, const OriginBranch *branch)
{
    if (branch == NULL) {
        return;
    }
    put(w, ",\"branches\":[");
    for (uint32_t i = 0; branch != NULL && i < BRANCHES_MAX;
         branch = branch->outer, i++) {
        put(w, i > 0 ? ",{" : "{");
        put_place(w, branch->source, branch->condition);
        put_excerpt(w, branch->source, branch->condition);
        put(w, branch->is_match ? ",\"is\":\"matched\"}"
               : branch->sense  ? ",\"is\":\"true\"}"
                                : ",\"is\":\"false\"}");
    }
    put(w, "]");
}

static void put_chain(Writer *w, uint32_t origin, uint32_t depth);

static void put_parts(Writer *w, const Origin *origin, uint32_t depth)
{
    if (origin->part_count == 0 || depth == 0 || w->out->len > FROM_BYTES) {
        return;
    }
    put(w, ",\"from\":[");
    for (uint32_t i = 0; i < origin->part_count; i++) {
        const OriginPart *part = &origin->parts[i];
        put(w, i > 0 ? ",{" : "{");
        if (part->place != NULL) {
            put_place(w, part->place->source, part->place->span);
            put_excerpt(w, part->place->source, part->place->span);
            put(w, ",");
        }
        put(w, "\"value\":");
        if (part->text.len > 0) {
            put_text(w, part->text);
        } else {
            put(w, "null");
        }
        put(w, ",");
        put_chain(w, part->origin, depth - 1);
        put(w, "}");
    }
    put(w, "]");
}

static void put_origin(Writer *w, const Origin *origin, uint32_t depth)
{
    const OriginSite *site = origin->site;
    put(w, "{\"kind\":\"");
    put(w, provenance_kind(site->kind));
    put(w, "\",");
    if (site->name.len > 0) {
        put(w, "\"name\":");
        put_text(w, site->name);
        put(w, ",");
    }
    put_place(w, site->source, site->span);
    if (depth > 0) {
        put_excerpt(w, site->source, site->span);
    }
    if (site->other_source != NULL) {
        put(w, ",\"default\":{");
        put_place(w, site->other_source, site->other);
        put(w, "}");
    }
    if (depth > 0) {
        put_branches(w, site->branch);
    }
    put_parts(w, origin, depth);
    put(w, "}");
}

// "origin":{...}|null,"steps":[...]
static void put_chain(Writer *w, uint32_t origin, uint32_t depth)
{
    const Origin **steps;
    uint32_t count = provenance_steps(w->origins, origin, &steps);
    put(w, "\"origin\":");
    if (count > 0) {
        put_origin(w, steps[0], depth);
    } else {
        put(w, "null");
    }
    put(w, ",\"steps\":[");
    for (uint32_t i = 1; i < count; i++) {
        put(w, i > 1 ? "," : "");
        put_origin(w, steps[i], depth);
    }
    put(w, "]");
    free(steps);
}

static void put_path(Writer *w, const SelectPath *path, uint32_t count)
{
    StrBuf text = {0};
    provenance_append_path(&text, path, count);
    put(w, "\"path\":");
    json_text_append(w->out, strbuf_str(&text), SIZE_MAX);
    strbuf_release(&text);
}

static void put_value(Writer *w, Value value)
{
    JsonOptions options = {.compact = true, .max_bytes = VALUE_BYTES};
    StrBuf text = {0};
    put(w, "\"value\":");
    if (json_append(&options, value, 0, &text)) {
        strbuf_append(w->out, strbuf_str(&text));
    } else {
        put(w, "null");
    }
    strbuf_release(&text);
}

static void put_check(Writer *w, const Provenance *p,
                      const ProvenanceCheck *check)
{
    const Program *program = p->session->program;
    const Refined *refined = check->refined;
    const Source *source = &program->modules[refined->module]->source;
    put(w, "{\"type\":");
    if (refined->alias != 0) {
        put_text(w, symbol_text(program->interner, refined->alias));
    } else {
        put(w, "null");
    }
    put(w, ",\"predicates\":[");
    for (uint32_t i = 0; i < refined->expr->as.refined.count; i++) {
        Span span = refined->expr->as.refined.predicates[i].expr.span;
        put(w, i > 0 ? ",{" : "{");
        put_place(w, source, span);
        put_excerpt(w, source, span);
        put(w, "}");
    }
    put(w, "],\"annotation\":{");
    put_place(w, check->site->source, check->site->span);
    put(w, "}}");
}

static void put_inside(Writer *w, Provenance *p)
{
    Value value = p->values[p->path.count];
    uint32_t count = provenance_part_count(value);
    bool first = true;
    put(w, ",\"parts\":[");
    for (uint32_t i = 0; i < count; i++) {
        SelectStep step;
        Value part;
        if (!provenance_part(p->session, value, i, &step, &part)) {
            continue;
        }
        StrBuf text = {0};
        provenance_append_step(&text, &step);
        put(w, first ? "{\"step\":" : ",{\"step\":");
        json_text_append(w->out, strbuf_str(&text), SIZE_MAX);
        put(w, ",");
        put_chain(w, value_origin(part), 0);
        put(w, "}");
        strbuf_release(&text);
        first = false;
    }
    put(w, "]");
}

void provenance_json(Provenance *p, StrBuf *out)
{
    Writer w = {out, &p->index, p->session->evaluation->origins};
    put(&w, "{\"version\":1,\"file\":");
    put_text(&w, p->module->source.path);
    put(&w, ",");
    put_path(&w, &p->path, p->path.count);
    put(&w, ",");
    put_value(&w, p->values[p->path.count]);
    put(&w, ",");
    put_chain(&w, value_origin(p->values[p->path.count]), FROM_DEPTH);
    put(&w, ",\"checks\":[");
    for (uint32_t i = 0; i < p->checks.count; i++) {
        put(&w, i > 0 ? "," : "");
        put_check(&w, p, &p->checks.items[i]);
    }
    put(&w, "],\"within\":[");
    for (uint32_t i = p->path.count; i-- > 0;) {
        put(&w, i + 1 < p->path.count ? ",{" : "{");
        put_path(&w, &p->path, i);
        put(&w, ",");
        put_chain(&w, value_origin(p->values[i]), FROM_DEPTH);
        put(&w, "}");
    }
    put(&w, "]");
    put_inside(&w, p);
    put(&w, "}\n");
}

// ---- all paths

typedef struct Map {
    Writer writer;
    Session *session;
    StrBuf path;
    uint64_t max_bytes;
    bool first;
} Map;

// The depth is that of the JSON, which has been found printable.
static bool map_value(Map *map, Value value)
{
    Writer *w = &map->writer;
    put(w, map->first ? "\n{\"path\":" : ",\n{\"path\":");
    map->first = false;
    json_text_append(w->out,
                     map->path.len > 0 ? strbuf_str(&map->path) : STR("."),
                     SIZE_MAX);
    put(w, ",");
    put_chain(w, value_origin(value), 0);
    put(w, "}");
    uint32_t count = provenance_part_count(value);
    bool okay = w->out->len <= map->max_bytes;
    for (uint32_t i = 0; i < count && okay; i++) {
        SelectStep step;
        Value part;
        if (provenance_part(map->session, value, i, &step, &part)) {
            size_t before = map->path.len;
            if (before == 0 && step.is_index) {
                strbuf_append_char(&map->path, '.');
            }
            provenance_append_step(&map->path, &step);
            okay = map_value(map, part);
            map->path.len = before;
        }
    }
    return okay;
}

bool source_map_write(Session *session)
{
    const Program *program = session->program;
    if (session->settings->source_map.len == 0) {
        return true;
    }
    StrBuf text = {0};
    SourceIndex index = {0};
    Map map = {.writer = {&text, &index, session->evaluation->origins},
               .session = session,
               .max_bytes = program->options.limits.max_output_bytes};
    bool okay = true;
    put(&map.writer, "{\"version\":1,\"results\":[");
    for (uint32_t i = 0; i < program->entry_count && okay; i++) {
        map.first = true;
        put(&map.writer, i > 0 ? ",{\"file\":" : "{\"file\":");
        put_text(&map.writer,
                 program->modules[program->entries[i]]->source.path);
        put(&map.writer, ",\"paths\":[");
        okay = map_value(&map, session->results[i]);
        put(&map.writer, "\n]}");
    }
    put(&map.writer, "]}\n");
    if (!okay) {
        session_error(session, DIAG_E0605,
                      "the source map is larger than --max-output allows");
    }
    okay = okay && session_write(session, session->settings->source_map,
                                 strbuf_str(&text));
    source_index_release(&index);
    strbuf_release(&map.path);
    strbuf_release(&text);
    return okay;
}
