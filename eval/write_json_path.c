// Where a writer stands, for diagnostics.
#include "eval/write_json_internal.h"
#include "support/die.h"

static void path_name(StrBuf *out, Str name)
{
    strbuf_append_char(out, '.');
    strbuf_append_key(out, name, 80);
}

static void path_step(StrBuf *out, const JsonFrame *frame)
{
    uint32_t n = frame->next - 1;
    uint32_t i = frame->order != NULL ? frame->order[n] : n;
    if (frame->value.tag == VALUE_UNION) {
        path_name(out, frame->value.as.object->ctor->name);
    }
    switch ((JsonFrameKind)frame->kind) {
    case JSON_LIST:
    case JSON_FIELDS:
        strbuf_appendf(out, "[%u]", (unsigned)i);
        return;
    case JSON_PAYLOAD:
        return;
    case JSON_RECORD:
        path_name(out, frame->value.as.record->shape->texts[i]);
        return;
    case JSON_MAP:
        path_name(out, value_str(value_map_key(frame->value.as.map, i)));
        return;
    }
    UNREACHABLE();
}

#define PATH_END_STEPS 8

void json_writer_path(const JsonWriter *w, StrBuf *out)
{
    uint32_t count = w->frames.count;
    for (uint32_t i = 0; i < count; i++) {
        if (i == PATH_END_STEPS && count > 2 * PATH_END_STEPS) {
            strbuf_append(out, STR("..."));
            i = count - PATH_END_STEPS;
        }
        path_step(out, &w->frames.items[i]);
    }
}
