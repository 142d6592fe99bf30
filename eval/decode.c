#include "eval/decode.h"

#include <stdlib.h>
#include <string.h>

#include "eval/builtins_internal.h"
#include "eval/map_builder.h"
#include "support/nearest.h"

enum { FIRST_FRAMES = 8, SHOWN_MAX = 40 };

// `case ANY_LEAF:` is for all kinds without parts.
#define ANY_LEAF                                                               \
    JSON_ANY:                                                                  \
    case JSON_UNIT:                                                            \
    case JSON_BOOLEAN:                                                         \
    case JSON_INTEGER:                                                         \
    case JSON_FLOAT:                                                           \
    case JSON_STRING:                                                          \
    case JSON_EVIDENCE

// ---- frames

static DecodeFrame *top(const DecodeWalk *walk)
{
    return &walk->frames[walk->depth - 1];
}

static void push_frame(DecodeWalk *walk, Heap *heap, DecodeFrame frame)
{
    if (walk->depth == walk->capacity) {
        uint32_t capacity =
            walk->capacity > 0 ? walk->capacity * 2 : FIRST_FRAMES;
        DecodeFrame *frames = heap_alloc(heap, capacity * sizeof *frames);
        if (walk->depth > 0) {
            memcpy(frames, walk->frames, walk->depth * sizeof *frames);
        }
        walk->frames = frames;
        walk->capacity = capacity;
    }
    walk->frames[walk->depth++] = frame;
}

// ---- messages

static const char *kind_of(Value json)
{
    return json.tag == VALUE_UNIT     ? "null"
           : json.tag == VALUE_BOOL   ? "a Boolean"
           : json.tag == VALUE_INT    ? "an Integer"
           : json.tag == VALUE_FLOAT  ? "a Float"
           : json.tag == VALUE_STRING ? "a String"
           : json.tag == VALUE_LIST   ? "an array"
                                      : "an object";
}

static const char *expected_of(const DecodeNode *node)
{
    static const char *const names[] = {
        [JSON_ANY] = "anything",     [JSON_UNIT] = "null",
        [JSON_BOOLEAN] = "Boolean",  [JSON_INTEGER] = "Integer",
        [JSON_FLOAT] = "Float",      [JSON_STRING] = "String",
        [JSON_LIST] = "an array",    [JSON_MAP] = "an object",
        [JSON_OPTION] = "anything",  [JSON_TUPLE] = "an array",
        [JSON_RECORD] = "an object", [JSON_UNION] = "a constructor",
        [JSON_EVIDENCE] = "anything"};
    return names[node->kind];
}

static void append_key(Str key, StrBuf *out)
{
    strbuf_append_char(out, '.');
    strbuf_append_key(out, key, SHOWN_MAX);
}

static void append_path(const DecodeWalk *walk, const Interner *interner,
                        StrBuf *out)
{
    for (uint32_t i = 0; i < walk->depth; i++) {
        const DecodeFrame *frame = &walk->frames[i];
        uint32_t part = frame->next - 1;
        if (frame->next == 0) {
            continue;
        }
        switch (frame->node->kind) {
        case JSON_LIST:
        case JSON_TUPLE:
            strbuf_appendf(out, "[%u]", part);
            break;
        case JSON_MAP:
            append_key(frame->json.as.record->shape->texts[part], out);
            break;
        case JSON_RECORD:
            append_key(symbol_text(interner, frame->node->fields[part]), out);
            break;
        case JSON_UNION:
            strbuf_appendf(out, ".%.*s",
                           STR_ARG(frame->node->ctors[frame->ctor].name));
            if (frame->count > 1) {
                strbuf_appendf(out, "[%u]", part);
            }
            break;
        case JSON_OPTION: // shows as its value
        case ANY_LEAF:
            break;
        }
    }
}

static void fail(DecodeWalk *walk, const char *format, ...) PRINTF_LIKE(2, 3);

static void fail(DecodeWalk *walk, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_appendv(&walk->error, format, args);
    va_end(args);
    walk->failed = true;
}

static void fail_kind(DecodeWalk *walk, const DecodeNode *node, Value json)
{
    fail(walk, "expected %s, found %s", expected_of(node), kind_of(json));
}

static void help_nearest(DecodeWalk *walk, const Nearest *nearest)
{
    if (nearest->best.len > 0) {
        fail(walk, ", did you mean '%.*s'?", STR_ARG(nearest->best));
    }
}

// ---- beginning parts

// Room for `count` parts. False: the context is set.
static bool take(BuiltinContext *ctx, uint64_t count)
{
    return builtin_take_steps(ctx, count + 1) &&
           builtin_room(ctx, (count + 8) * 4 * sizeof(Value));
}

static bool begin_items(DecodeWalk *walk, BuiltinContext *ctx,
                        const DecodeNode *node, Value json, uint32_t count)
{
    if (!take(ctx, count)) {
        return false;
    }
    DecodeFrame frame = {.node = node, .json = json, .count = count};
    frame.parts = heap_alloc(ctx->heap, (count + (size_t)1) * sizeof(Value));
    push_frame(walk, ctx->heap, frame);
    return true;
}

static void unknown_field(DecodeWalk *walk, const Interner *interner,
                          const DecodeNode *node, Str name)
{
    Nearest nearest;
    nearest_init(&nearest, name);
    for (uint32_t f = 0; f < node->count; f++) {
        nearest_consider(&nearest, symbol_text(interner, node->fields[f]));
    }
    fail(walk, "there is no field '");
    strbuf_append_printable(&walk->error, name, SHOWN_MAX);
    strbuf_append_char(&walk->error, '\'');
    help_nearest(walk, &nearest);
}

// By the first field of the record that the type does not have.
static void unknown_fields(DecodeWalk *walk, const Interner *interner,
                           const DecodeNode *node, const Shape *shape)
{
    bool *known = mem_calloc(shape->count, sizeof *known);
    for (uint32_t f = 0; f < node->count; f++) {
        int32_t at = shape_find(shape, node->fields[f]);
        if (at >= 0) {
            known[at] = true;
        }
    }
    uint32_t i = 0;
    while (i < shape->count && known[i]) {
        i++;
    }
    free(known);
    if (i < shape->count) {
        unknown_field(walk, interner, node, shape->texts[i]);
    }
}

static bool begin_record(DecodeWalk *walk, BuiltinContext *ctx,
                         const Interner *interner, const DecodeNode *node,
                         Value json)
{
    const Shape *shape = json.as.record->shape;
    uint32_t found = 0;
    if (!begin_items(walk, ctx, node, json, node->count)) {
        return false;
    }
    bool *given = heap_alloc(ctx->heap, node->count + (size_t)8);
    for (uint32_t i = 0; i < node->count; i++) {
        given[i] = shape_find(shape, node->fields[i]) >= 0;
        found += given[i];
    }
    top(walk)->given = given;
    if (found < shape->count) {
        unknown_fields(walk, interner, node, shape);
    }
    return true;
}

static const CtorEntry *find_ctor(const DecodeNode *node, Interner *interner,
                                  Str name)
{
    // To compare so many names takes no longer than to hash one.
    enum { FEW = 8 };
    const CtorEntry *entries = &node->module->ctors[node->type->first_ctor];
    uint32_t count = node->type->decl->ctor_count;
    if (count > FEW) {
        return module_find_ctor(node->module, node->type,
                                intern_find(interner, name));
    }
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(node->ctors[i].name, name)) {
            return &entries[i];
        }
    }
    return NULL;
}

static void unknown_ctor(DecodeWalk *walk, const DecodeNode *node, Str name)
{
    Nearest nearest;
    nearest_init(&nearest, name);
    for (uint32_t i = 0; i < node->type->decl->ctor_count; i++) {
        nearest_consider(&nearest, node->ctors[i].name);
    }
    fail(walk, "there is no constructor '");
    strbuf_append_printable(&walk->error, name, SHOWN_MAX);
    strbuf_append_char(&walk->error, '\'');
    help_nearest(walk, &nearest);
}

// "Name", {"Name": payload} or {"Name": [a, b]}.
static bool begin_union(DecodeWalk *walk, BuiltinContext *ctx,
                        Interner *interner, const DecodeNode *node, Value json)
{
    Value payload = value_unit();
    Str name = {0};
    bool bare = json.tag == VALUE_STRING;
    if (bare) {
        name = value_str(json);
    } else if (json.tag == VALUE_RECORD && json.as.record->shape->count == 1) {
        name = json.as.record->shape->texts[0];
        payload = json.as.record->fields[0];
    } else {
        fail_kind(walk, node, json);
        return true;
    }
    const CtorEntry *ctor = find_ctor(node, interner, name);
    if (ctor == NULL) {
        unknown_ctor(walk, node, name);
        return true;
    }
    uint32_t arity = ctor->decl->arg_count;
    bool fits = bare ? arity == 0
                     : arity == 1 || (arity > 1 && payload.tag == VALUE_LIST &&
                                      value_list_count(payload) == arity);
    if (!fits) {
        fail(walk, "constructor '%.*s' has %u argument%s", STR_ARG(name), arity,
             arity == 1 ? "" : "s");
        return true;
    }
    if (!begin_items(walk, ctx, node, payload, arity)) {
        return false;
    }
    top(walk)->ctor = ctor->tag;
    return true;
}

static void have(DecodeWalk *walk, Value value)
{
    walk->value = value;
    walk->has_value = true;
}

static void begin_scalar(DecodeWalk *walk, const DecodeNode *node, Value json)
{
    static const uint8_t tags[] = {[JSON_UNIT] = VALUE_UNIT,
                                   [JSON_BOOLEAN] = VALUE_BOOL,
                                   [JSON_INTEGER] = VALUE_INT,
                                   [JSON_FLOAT] = VALUE_FLOAT,
                                   [JSON_STRING] = VALUE_STRING};
    if (node->kind == JSON_FLOAT && json.tag == VALUE_INT) {
        json = value_float((double)json.as.integer);
    }
    bool fits = node->kind == JSON_ANY || json.tag == tags[node->kind];
    if (fits) {
        have(walk, json);
    } else {
        fail_kind(walk, node, json);
    }
}

// Begins to read `json`. False: the context is set.
static bool begin(DecodeWalk *walk, BuiltinContext *ctx, Interner *interner,
                  const DecodeNode *node, Value json)
{
    bool is_list = json.tag == VALUE_LIST;
    bool is_object = json.tag == VALUE_RECORD;
    switch (node->kind) {
    case JSON_ANY:
    case JSON_UNIT:
    case JSON_BOOLEAN:
    case JSON_INTEGER:
    case JSON_FLOAT:
    case JSON_STRING:
        begin_scalar(walk, node, json);
        return true;
    case JSON_OPTION:
        if (json.tag == VALUE_UNIT) {
            have(walk, builtin_none(ctx));
            return true;
        }
        return begin_items(walk, ctx, node, json, 1);
    case JSON_LIST:
        if (is_list) {
            return begin_items(walk, ctx, node, json, value_list_count(json));
        }
        break;
    case JSON_TUPLE:
        if (is_list && value_list_count(json) == node->count) {
            return begin_items(walk, ctx, node, json, node->count);
        }
        if (is_list) {
            fail(walk, "expected %u elements, found %u", node->count,
                 value_list_count(json));
            return true;
        }
        break;
    case JSON_MAP:
        if (is_object) {
            return begin_items(walk, ctx, node, json,
                               json.as.record->shape->count);
        }
        break;
    case JSON_RECORD:
        if (is_object) {
            return begin_record(walk, ctx, interner, node, json);
        }
        break;
    case JSON_UNION:
        return begin_union(walk, ctx, interner, node, json);
    case JSON_EVIDENCE:
        walk->waiting = node;
        walk->waiting_json = json;
        return true;
    }
    fail_kind(walk, node, json);
    return true;
}

// ---- ending parts

// Fields as the object has them, and then those that were filled in.
static Value end_record(BuiltinContext *ctx, const DecodeFrame *frame)
{
    const DecodeNode *node = frame->node;
    const Shape *from = frame->json.as.record->shape;
    Symbol *names = mem_alloc((node->count + (size_t)1) * sizeof *names);
    uint32_t count = from->count;
    if (count > 0) {
        memcpy(names, from->names, count * sizeof *names);
    }
    for (uint32_t i = 0; i < node->count; i++) {
        if (!frame->given[i]) {
            names[count++] = node->fields[i];
        }
    }
    const Shape *shape =
        count > from->count ? shape_intern(ctx->shapes, names, count) : from;
    free(names);
    Value *fields;
    Value record = value_record(ctx->heap, shape, &fields);
    for (uint32_t i = 0; i < node->count; i++) {
        fields[shape_find(shape, node->fields[i])] = frame->parts[i];
    }
    return record;
}

static Value end_map(BuiltinContext *ctx, const DecodeFrame *frame)
{
    const Shape *shape = frame->json.as.record->shape;
    MapEntry *entries = mem_alloc((frame->count + (size_t)1) * sizeof *entries);
    for (uint32_t i = 0; i < frame->count; i++) {
        entries[i] = (MapEntry){value_string(ctx->heap, shape->texts[i]),
                                frame->parts[i]};
    }
    Value map = value_map(ctx->heap, entries, frame->count);
    free(entries);
    return map;
}

static Value end_frame(BuiltinContext *ctx, const DecodeFrame *frame)
{
    Value *items = NULL;
    Value value = value_unit();
    switch (frame->node->kind) {
    case JSON_LIST:
        value = value_list(ctx->heap, frame->count, &items);
        break;
    case JSON_TUPLE:
        value = value_tuple(ctx->heap, frame->count, &items);
        break;
    case JSON_UNION:
        value =
            value_union(ctx->heap, &frame->node->ctors[frame->ctor], &items);
        break;
    case JSON_OPTION:
        return builtin_some(ctx, frame->parts[0]);
    case JSON_MAP:
        return end_map(ctx, frame);
    case JSON_RECORD:
        return end_record(ctx, frame);
    case ANY_LEAF:
        UNREACHABLE(); // scalars have no frames
    }
    if (frame->count > 0) {
        memcpy(items, frame->parts, frame->count * sizeof(Value));
    }
    return value;
}

// ---- the walk

// The Json of the part that comes next, and how to read it.
static const DecodeNode *next_part(const DecodeFrame *frame, Value *out)
{
    const DecodeNode *node = frame->node;
    uint32_t i = frame->next;
    switch (node->kind) {
    case JSON_LIST:
        *out = value_list_at(frame->json, i);
        return node->parts[0];
    case JSON_TUPLE:
        *out = value_list_at(frame->json, i);
        return node->parts[i];
    case JSON_MAP:
        *out = frame->json.as.record->fields[i];
        return node->parts[0];
    case JSON_UNION: {
        uint32_t ctor = node->type->first_ctor + frame->ctor;
        *out = frame->count == 1 ? frame->json : value_list_at(frame->json, i);
        return node->parts[node->module->ctors[ctor].first_arg + i];
    }
    case JSON_RECORD: {
        int32_t field =
            shape_find(frame->json.as.record->shape, node->fields[i]);
        *out = frame->json.as.record->fields[field];
        return node->parts[i];
    }
    case JSON_OPTION:
        *out = frame->json;
        return node->parts[0];
    case ANY_LEAF:
        break;
    }
    UNREACHABLE();
}

// A field that the object lacks. True where code must give it.
static bool missing_field(DecodeWalk *walk, BuiltinContext *ctx,
                          const Interner *interner, uint32_t *out_target)
{
    DecodeFrame *frame = top(walk);
    uint32_t i = frame->next++;
    const RecordFill *fill = &frame->node->fills[i];
    if (fill->name == 0) {
        frame->next = 0; // the record itself is wrong
        fail(walk, "field '%.*s' is missing",
             STR_ARG(symbol_text(interner, frame->node->fields[i])));
        return false;
    }
    if (fill->is_none) {
        have(walk, builtin_none(ctx));
        return false;
    }
    *out_target = frame->node->targets[i];
    return true;
}

static Value message_of(DecodeWalk *walk, BuiltinContext *ctx,
                        const Interner *interner)
{
    StrBuf text = {0};
    append_path(walk, interner, &text);
    // What an instance says may begin with a path, which goes on.
    Str error = strbuf_str(&walk->error);
    bool goes_on =
        error.len > 0 && (error.data[0] == '.' || error.data[0] == '[');
    if (text.len > 0 && !goes_on) {
        strbuf_append(&text, STR(": "));
    }
    strbuf_append(&text, error);
    Value message = value_string(ctx->heap, strbuf_str(&text));
    strbuf_release(&text);
    strbuf_release(&walk->error);
    return message;
}

// What comes after a part: false where decode_next() returns *out_outcome.
static bool step(DecodeWalk *walk, BuiltinContext *ctx, Interner *interner,
                 uint32_t *out_target, DecodeOutcome *out_outcome)
{
    DecodeFrame *frame = top(walk);
    if (walk->has_value) {
        frame->parts[frame->next - 1] = walk->value;
        walk->has_value = false;
    }
    *out_outcome = DECODE_CALL;
    if (frame->next < frame->count) {
        if (frame->given != NULL && !frame->given[frame->next]) {
            return !missing_field(walk, ctx, interner, out_target);
        }
        Value json;
        const DecodeNode *part = next_part(frame, &json);
        frame->next++;
        *out_outcome = DECODE_STOP;
        return begin(walk, ctx, interner, part, json);
    }
    const DecodeNode *node = frame->node;
    if (node->kind == JSON_UNION && !frame->checked &&
        node->targets[frame->ctor] != UINT32_MAX) {
        frame->checked = true;
        *out_target = node->targets[frame->ctor];
        return false;
    }
    have(walk, end_frame(ctx, frame));
    walk->depth--;
    return true;
}

DecodeWalk *decode_begin(BuiltinContext *ctx, const DecodeNode *node,
                         Value json)
{
    DecodeWalk *walk = heap_alloc(ctx->heap, sizeof *walk);
    // Of the root, an instance's value is the whole: begun by decode_next().
    *walk = (DecodeWalk){.waiting = node, .waiting_json = json};
    walk->has_value = false;
    return walk;
}

DecodeOutcome decode_next(DecodeWalk *walk, BuiltinContext *ctx,
                          Interner *interner, uint32_t *out_target, Value *out)
{
    if (walk->waiting != NULL && !walk->failed && walk->depth == 0 &&
        !walk->has_value) {
        const DecodeNode *root = walk->waiting;
        walk->waiting = NULL;
        if (!begin(walk, ctx, interner, root, walk->waiting_json)) {
            return DECODE_STOP;
        }
    }
    for (;;) {
        if (walk->failed) {
            *out = message_of(walk, ctx, interner);
            return DECODE_WRONG;
        }
        if (walk->waiting != NULL) {
            *out_target = walk->waiting->target;
            return DECODE_CALL;
        }
        if (walk->depth == 0) {
            *out = walk->value;
            return DECODE_DONE;
        }
        DecodeOutcome outcome;
        if (!step(walk, ctx, interner, out_target, &outcome)) {
            if (outcome == DECODE_STOP) {
                strbuf_release(&walk->error);
            }
            return outcome;
        }
    }
}

Value decode_part(const DecodeWalk *walk, uint32_t index)
{
    return index == UINT16_MAX ? walk->waiting_json : top(walk)->parts[index];
}

void decode_put(DecodeWalk *walk, Value value)
{
    walk->waiting = NULL;
    have(walk, value);
}

void decode_fail(DecodeWalk *walk, Value message)
{
    walk->waiting = NULL;
    strbuf_append(&walk->error, value_str(message));
    walk->failed = true;
}
