// The walk over a value, with a stack of our own: what has parts is pushed. Its
// parts are written by a call for some levels, which is fast. Deeper, or where
// the text is to be flushed, all calls return, and the frames on the stack say
// how to go on.
#include "eval/write_json_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "eval/write_json_put.h"
#include "support/die.h"
#include "support/number.h"

void json_writer_init(JsonWriter *writer, const JsonOptions *options,
                      StrBuf *out)
{
    *writer = (JsonWriter){
        .options = options,
        .out = out,
        .flush_at = SIZE_MAX,
        .max_left = UINT64_MAX,
    };
}

void json_writer_release(JsonWriter *writer)
{
    for (uint32_t i = 0; i < writer->frames.count; i++) {
        free(writer->frames.items[i].owned);
    }
    vec_release(&writer->frames);
    for (uint32_t i = 0; i < JSON_KEYS_CACHED; i++) {
        strbuf_release(&writer->keys[i].text);
        vec_release(&writer->keys[i].starts);
    }
}

// ---- layout

static inline void end_at(StrBuf *out, const char *at)
{
    out->len = (size_t)(at - out->data);
}

static inline void append_block(StrBuf *out, Str text)
{
    end_at(out,
           json_put_block(strbuf_reserve(out, text.len + JSON_COPY), text));
}

// What stands before a value, as json_put_block() wants it: separator, line
// break, indentation, key.

#define LINE_LEVELS 56
#define SPACES_16   "                "
static const char line_text[] = ",\n" SPACES_16 SPACES_16 SPACES_16 SPACES_16
    SPACES_16 SPACES_16 SPACES_16 SPACES_16;
static_assert(sizeof line_text >= 2 + 2 * LINE_LEVELS + JSON_COPY, "padding");

static Str no_lead(void)
{
    return str_make(line_text, 0);
}

static COLD Str append_deep_line(JsonWriter *w, bool comma)
{
    strbuf_append(w->out, comma ? STR(",\n") : STR("\n"));
    strbuf_append_repeat(w->out, ' ', 2 * (size_t)w->level);
    return no_lead();
}

// A line break, where there are any, and the comma before it. A line that is
// long is appended at once.
static inline Str line_lead(JsonWriter *w, bool comma)
{
    if (w->options->compact) {
        return str_make(line_text, comma);
    }
    if (UNLIKELY(w->level > LINE_LEVELS)) {
        return append_deep_line(w, comma);
    }
    return str_make(line_text + !comma, 1 + comma + 2 * (size_t)w->level);
}

static void write_line(JsonWriter *w, bool comma)
{
    append_block(w->out, line_lead(w, comma));
}

static void write_key(JsonWriter *w, Str name)
{
    json_escape(w->out, name, w->options->ascii);
    strbuf_append(w->out, w->options->compact ? STR(":") : STR(": "));
}

static void make_keys(JsonWriter *w, JsonKeys *keys, const Shape *shape)
{
    keys->shape = shape;
    keys->level = w->level;
    strbuf_clear(&keys->text);
    vec_clear(&keys->starts);
    StrBuf *out = w->out;
    w->out = &keys->text;
    for (uint32_t i = 0; i < shape->count; i++) {
        vec_push(&keys->starts, (uint32_t)keys->text.len);
        write_line(w, true);
        write_key(w, shape->texts[i]);
    }
    vec_push(&keys->starts, (uint32_t)keys->text.len);
    w->out = out;
    memset(strbuf_reserve(&keys->text, JSON_COPY), ' ', JSON_COPY);
}

// Until another shape takes their place, as that of a part may.
static inline const JsonKeys *keys_of(JsonWriter *w, const Shape *shape)
{
    // Shapes in one another often have neighbouring numbers.
    JsonKeys *keys = &w->keys[(shape->id + 13 * w->level) % JSON_KEYS_CACHED];
    if (UNLIKELY(keys->shape != shape || keys->level != w->level)) {
        make_keys(w, keys, shape);
    }
    return keys;
}

static void refuse(JsonWriter *w, DiagCode code, Value value)
{
    strbuf_append(w->out, STR("null"));
    if (w->refuse != NULL) {
        w->refuse(w, code, value);
    } else {
        w->stopped = true;
    }
}

// What has so many parts may be written by several workers, once the first
// few parts tell how long they are.
#define SHARED_MIN_PARTS 64
#define FIRST_PARTS      8

// `levels` of indentation, which close_frame() takes back.
static void push_frame(JsonWriter *w, Value value, JsonFrameKind kind,
                       uint32_t count, uint32_t levels)
{
    uint32_t most = w->options->max_nesting;
    if (UNLIKELY(most != 0 && w->level + levels > most)) {
        refuse(w, DIAG_E0601, value);
        w->stopped = true;
    }
    w->level += levels;
    bool is_shared = UNLIKELY(count >= SHARED_MIN_PARTS) &&
                     w->write_parts != NULL && kind != JSON_FIELDS;
    vec_push(&w->frames, (JsonFrame){.value = value,
                                     .count = count,
                                     .alone = is_shared ? FIRST_PARTS : count,
                                     .kind = (uint8_t)kind,
                                     .empty = kind != JSON_LIST,
                                     .begin = json_writer_bytes(w)});
}

// ---- what is pushed. All return whether nothing is left to be done.

static bool run_frame(JsonWriter *w, JsonFrame *frame);
static void close_frame(JsonWriter *w);

// Calls for frames nest so deep at most.
#define DEPTH_MAX 16

// For as many frames as a call may push and then go on: it keeps a pointer to
// its own.
static inline void reserve_frames(JsonWriter *w)
{
    vec_reserve(&w->frames, DEPTH_MAX);
}

// Writes the parts of what was just pushed, if it may be done by a call.
static bool enter_frame(JsonWriter *w)
{
    if (UNLIKELY(w->depth == DEPTH_MAX)) {
        return false;
    }
    w->depth++;
    bool done = run_frame(w, &vec_last(&w->frames));
    w->depth--;
    if (done) {
        close_frame(w);
    }
    return done;
}

static bool open_array(JsonWriter *w, Value value, JsonFrameKind kind,
                       uint32_t count)
{
    if (count == 0) {
        strbuf_append(w->out, STR("[]"));
        return true;
    }
    strbuf_append_char(w->out, '[');
    push_frame(w, value, kind, count, 1);
    return enter_frame(w);
}

static bool open_record(JsonWriter *w, Value value)
{
    const Shape *shape = value.as.record->shape;
    strbuf_append_char(w->out, '{');
    push_frame(w, value, JSON_RECORD, shape->count, 1);
    if (w->options->sort_keys) {
        vec_last(&w->frames).order = shape->sorted;
    }
    return enter_frame(w);
}

typedef struct SortedKey {
    Str text;
    uint32_t entry;
} SortedKey;

static int sorted_key_compare(const void *a, const void *b)
{
    return str_compare(((const SortedKey *)a)->text,
                       ((const SortedKey *)b)->text);
}

static uint32_t *map_order(const MapObject *map)
{
    SortedKey *keys = mem_calloc(map->count + 1, sizeof *keys);
    for (uint32_t i = 0; i < map->count; i++) {
        keys[i] = (SortedKey){value_str(value_map_key(map, i)), i};
    }
    qsort(keys, map->count, sizeof *keys, sorted_key_compare);
    uint32_t *order = mem_calloc(map->count + 1, sizeof *order);
    for (uint32_t i = 0; i < map->count; i++) {
        order[i] = keys[i].entry;
    }
    free(keys);
    return order;
}

static bool open_map(JsonWriter *w, Value value)
{
    const MapObject *map = value.as.map;
    strbuf_append_char(w->out, '{');
    push_frame(w, value, JSON_MAP, map->count, 1);
    if (w->options->sort_keys) {
        JsonFrame *frame = &vec_last(&w->frames);
        frame->owned = map_order(map);
        frame->order = frame->owned;
    }
    return enter_frame(w);
}

static inline bool is_role(Value value, CtorRole role)
{
    return value.tag == VALUE_UNION && value_ctor(value)->role == role;
}

static bool write_any(JsonWriter *w, Str lead, Value value);

static bool write_union(JsonWriter *w, Value value)
{
    if (is_role(value, CTOR_SOME)) {
        do {
            value = value.as.object->fields[0];
        } while (is_role(value, CTOR_SOME));
        if (is_role(value, CTOR_NONE)) {
            refuse(w, DIAG_E0407, value);
            return true;
        }
        // No Some: one level of recursion.
        return write_any(w, no_lead(), value);
    }
    const CtorInfo *ctor = value_ctor(value);
    if (ctor->role == CTOR_NONE) {
        strbuf_append(w->out, STR("null"));
        return true;
    }
    if (value.arity == 0) {
        json_escape(w->out, ctor->name, w->options->ascii);
        return true;
    }
    strbuf_append_char(w->out, '{');
    w->level++;
    write_line(w, false);
    write_key(w, ctor->name);
    w->level--;
    if (value.arity == 1) {
        push_frame(w, value, JSON_PAYLOAD, 1, 1);
    } else {
        strbuf_append_char(w->out, '[');
        push_frame(w, value, JSON_FIELDS, value.arity, 2);
    }
    return enter_frame(w);
}

static bool write_string(JsonWriter *w, Value value)
{
    Str text = value_str(value);
    if (text.len > w->max_left) {
        // Over the limit already: what is written instead does not matter,
        // its length does.
        w->max_left = 0;
        w->flush_at = 0;
        return true;
    }
    json_escape(w->out, text, w->options->ascii);
    return true;
}

#define EXACT_DOUBLE_MAX (INT64_C(1) << 53)

static inline bool write_integer(JsonWriter *w, char *at, Value value)
{
    int64_t integer = value.as.integer;
    end_at(w->out, at + number_format_i64(at, integer));
    if (UNLIKELY(w->options->check_precision) && w->refuse != NULL &&
        (integer > EXACT_DOUBLE_MAX || integer < -EXACT_DOUBLE_MAX)) {
        w->refuse(w, DIAG_W0401, value);
    }
    return true;
}

// Returns where the value is to stand, with room for a number.
static inline char *append_lead(JsonWriter *w, Str lead)
{
    char *at = json_put_block(
        strbuf_reserve(w->out, lead.len + JSON_COPY + NUMBER_TEXT_MAX), lead);
    end_at(w->out, at);
    return at;
}

static bool write_any(JsonWriter *w, Str lead, Value value)
{
    StrBuf *out = w->out;
    char *at = append_lead(w, lead);
    switch ((ValueTag)value.tag) {
    case VALUE_UNIT:
        strbuf_append(out, STR("null"));
        return true;
    case VALUE_BOOL:
        strbuf_append(out, value.as.boolean ? STR("true") : STR("false"));
        return true;
    case VALUE_INT:
        return write_integer(w, at, value);
    case VALUE_FLOAT:
        out->len += number_format_double(at, value.as.number);
        return true;
    case VALUE_STRING:
        return write_string(w, value);
    case VALUE_LIST:
        return open_array(w, value, JSON_LIST, value_list_count(value));
    case VALUE_TUPLE:
        return open_array(w, value, JSON_FIELDS, value.as.tuple->count);
    case VALUE_RECORD:
        return open_record(w, value);
    case VALUE_MAP:
        return open_map(w, value);
    case VALUE_UNION:
        return write_union(w, value);
    case VALUE_FUNCTION:
    case VALUE_PARTIAL:
    case VALUE_DICTIONARY:
        refuse(w, DIAG_E0406, value);
        return true;
    case ANY_MERE_OBJECT:
        break;
    }
    UNREACHABLE();
}

#define SHORT_STRING   256
#define PREFETCH_BYTES 2048

// Short strings without escapes are most of what there is.
static ALWAYS_INLINE bool write_value(JsonWriter *w, Str lead, Value value)
{
    if (value.tag == VALUE_STRING &&
        LIKELY(value.as.string->len <= SHORT_STRING)) {
        Str text = value_str(value);
        // Strings of literals stand in the source in the order in which they
        // are printed, and too far apart for the processor to notice.
        __builtin_prefetch(
            (const void *)((uintptr_t)text.data + PREFETCH_BYTES));
        StrBuf *out = w->out;
        char *at = strbuf_reserve(out, lead.len + JSON_COPY + SHORT_STRING + 2);
        at = json_put_block(at, lead);
        at = json_put_plain(at, text, w->options->ascii);
        if (LIKELY(at != NULL)) {
            end_at(out, at);
            return true;
        }
    }
    if (value.tag == VALUE_INT) {
        return write_integer(w, append_lead(w, lead), value);
    }
    return write_any(w, lead, value);
}

// ---- the parts of what was pushed. Each goes on until all that are to be
// written alone are (true), or a part was pushed or the buffer must be flushed
// (false).

// Keys of longer records, of which there will not be many, are not kept.
#define KEYS_MAX 1024

static bool should_pause(const JsonWriter *w)
{
    return UNLIKELY(w->out->len >= w->flush_at) || w->stopped;
}

static bool write_items(JsonWriter *w, JsonFrame *frame)
{
    while (frame->next < frame->alone) {
        uint32_t i = frame->next++;
        Value item = value_list_at(frame->value, i);
        if (!write_value(w, line_lead(w, i > 0), item) || should_pause(w)) {
            return false;
        }
    }
    return true;
}

static bool write_fields(JsonWriter *w, JsonFrame *frame)
{
    const Value *fields = frame->value.tag == VALUE_TUPLE
                              ? frame->value.as.tuple->items
                              : frame->value.as.object->fields;
    while (frame->next < frame->alone) {
        uint32_t i = frame->next++;
        Str lead = frame->kind == JSON_FIELDS ? line_lead(w, i > 0) : no_lead();
        if (!write_any(w, lead, fields[i]) || should_pause(w)) {
            return false;
        }
    }
    return true;
}

// The key of one of many fields, whose texts are not kept.
static Str append_key(JsonWriter *w, bool comma, Str name)
{
    write_line(w, comma);
    write_key(w, name);
    return no_lead();
}

// The keys are found again for each field: records in the one before may have
// taken their place.
static inline Str field_lead(JsonWriter *w, const Shape *shape, uint32_t field,
                             bool comma)
{
    if (UNLIKELY(shape->count > KEYS_MAX)) {
        return append_key(w, comma, shape->texts[field]);
    }
    const JsonKeys *keys = keys_of(w, shape);
    uint32_t start = keys->starts.items[field] + !comma;
    return str_make(keys->text.data + start,
                    keys->starts.items[field + 1] - start);
}

static bool write_record(JsonWriter *w, JsonFrame *frame)
{
    const RecordObject *record = frame->value.as.record;
    while (frame->next < frame->alone) {
        uint32_t n = frame->next++;
        uint32_t i = frame->order != NULL ? frame->order[n] : n;
        Value field = record->fields[i];
        if (is_role(field, CTOR_NONE)) {
            continue;
        }
        Str lead = field_lead(w, record->shape, i, !frame->empty);
        frame->empty = false;
        if (!write_value(w, lead, field) || should_pause(w)) {
            return false;
        }
    }
    return true;
}

static bool write_map(JsonWriter *w, JsonFrame *frame)
{
    const MapObject *map = frame->value.as.map;
    while (frame->next < frame->alone) {
        uint32_t n = frame->next++;
        uint32_t entry = frame->order != NULL ? frame->order[n] : n;
        bool comma = !frame->empty;
        frame->empty = false;
        Str lead = append_key(w, comma, value_str(value_map_key(map, entry)));
        if (!write_any(w, lead, value_map_value(map, entry)) ||
            should_pause(w)) {
            return false;
        }
    }
    return true;
}

static bool write_own_parts(JsonWriter *w, JsonFrame *frame)
{
    switch ((JsonFrameKind)frame->kind) {
    case JSON_LIST:
        return write_items(w, frame);
    case JSON_FIELDS:
    case JSON_PAYLOAD:
        return write_fields(w, frame);
    case JSON_RECORD:
        return write_record(w, frame);
    case JSON_MAP:
        return write_map(w, frame);
    }
    UNREACHABLE();
}

static bool run_frame(JsonWriter *w, JsonFrame *frame)
{
    while (write_own_parts(w, frame)) {
        if (LIKELY(frame->alone == frame->count)) {
            return true;
        }
        w->write_parts(w, frame);
        if (should_pause(w)) {
            return false;
        }
    }
    return false;
}

static void close_frame(JsonWriter *w)
{
    JsonFrame frame = vec_pop(&w->frames);
    if (UNLIKELY(frame.owned != NULL)) {
        free(frame.owned);
    }
    bool is_union = frame.value.tag == VALUE_UNION;
    if (frame.kind == JSON_LIST || frame.kind == JSON_FIELDS) {
        w->level--;
        write_line(w, false);
        strbuf_append_char(w->out, ']');
        if (is_union) {
            w->level--;
            write_line(w, false);
            strbuf_append_char(w->out, '}');
        }
        return;
    }
    w->level--;
    if (!frame.empty || is_union) {
        write_line(w, false);
    }
    strbuf_append_char(w->out, '}');
}

static void flush_if_due(JsonWriter *w)
{
    if (UNLIKELY(w->out->len >= w->flush_at)) {
        w->flush(w);
    }
}

// Until only `floor` frames are left.
static bool run_frames(JsonWriter *w, uint32_t floor)
{
    while (w->frames.count > floor && !w->stopped) {
        reserve_frames(w);
        if (run_frame(w, &vec_last(&w->frames))) {
            close_frame(w);
        }
        flush_if_due(w);
    }
    return !w->stopped;
}

bool json_writer_run(JsonWriter *w, Value value)
{
    reserve_frames(w);
    write_any(w, no_lead(), value);
    flush_if_due(w);
    return run_frames(w, 0);
}

bool json_writer_parts(JsonWriter *w, const JsonFrame *frame, uint32_t from,
                       uint32_t to)
{
    vec_push(&w->frames, *frame);
    vec_last(&w->frames).owned = NULL;
    vec_last(&w->frames).next = from;
    vec_last(&w->frames).alone = vec_last(&w->frames).count = to;
    while (!w->stopped) {
        reserve_frames(w);
        bool done = run_frame(w, &w->frames.items[0]);
        flush_if_due(w);
        if (done) {
            vec_clear(&w->frames);
            return !w->stopped;
        }
        run_frames(w, 1);
    }
    return false;
}
