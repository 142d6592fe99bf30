// A walk that writes nothing: whether a value is surely printable, and how
// long its text is, at least and at most. It gives up early, on whatever is not
// plain; then the text itself has to tell.
#include <stdlib.h>

#include "eval/write_json_internal.h"
#include "support/number.h"

// Of the walk, which calls itself.
#define DEPTH_MAX      100
#define PARALLEL_ITEMS 4096
#define GRAIN          512
// The longest escape of a byte, and quotes with what separates.
#define ESCAPE_MAX 6
#define AROUND     4
// The longest of what has no parts and no length, but for floats.
#define SCALAR_MAX 20

typedef struct Bound {
    const JsonOptions *options;
    Worker *worker; // NULL: one thread
    uint64_t bytes;
    uint64_t least;
    uint64_t nones; // seen so far
} Bound;

static bool add(Bound *b, uint64_t bytes)
{
    b->bytes += bytes;
    return b->bytes < b->options->max_bytes;
}

static bool add_text(Bound *b, size_t len)
{
    return add(b, (uint64_t)len * ESCAPE_MAX + AROUND);
}

static uint64_t line(const Bound *b, uint32_t level)
{
    return b->options->compact ? 2 : 2 + 2 * (uint64_t)level;
}

// What stands before a part, at least.
static uint64_t indent(const Bound *b, uint32_t level)
{
    return b->options->compact ? 0 : 1 + 2 * (uint64_t)level;
}

static bool bound_compound(Bound *b, Value value, uint32_t level);

// Of one part, without what stands around it.
static inline bool bound_value(Bound *b, Value value, uint32_t level)
{
    switch (value.tag) {
    case VALUE_UNIT:
    case VALUE_BOOL:
    case VALUE_INT:
        b->bytes += SCALAR_MAX;
        return true;
    case VALUE_FLOAT:
        b->bytes += NUMBER_TEXT_MAX;
        return true;
    case VALUE_STRING:
        b->least += value.as.string->len;
        return add(b, (uint64_t)value.as.string->len * ESCAPE_MAX);
    }
    return bound_compound(b, value, level);
}

// What is said of a value here, bound_value() says too; sums in registers take
// half the time.
static bool bound_parts(Bound *b, const Value *parts, uint64_t count,
                        uint32_t level)
{
    uint64_t bytes = (count + 1) * (line(b, level) + AROUND);
    uint64_t least = count * indent(b, level);
    for (uint64_t i = 0; i < count; i++) {
        Value part = parts[i];
        if (part.tag == VALUE_STRING) {
            uint64_t len = part.as.string->len;
            least += len;
            bytes += len * ESCAPE_MAX;
        } else if (part.tag <= VALUE_INT) {
            bytes += SCALAR_MAX;
        } else if (!bound_value(b, part, level)) {
            return false;
        }
    }
    b->least += least;
    return add(b, bytes);
}

typedef struct SharedBound {
    const Bound *parent;
    const Value *items;
    uint32_t level;
    _Atomic(uint64_t) bytes;
    _Atomic(uint64_t) least;
    _Atomic(bool) failed;
} SharedBound;

static void bound_slice(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    SharedBound *shared = ctx;
    Bound own = {.options = shared->parent->options};
    if (!bound_parts(&own, shared->items + begin, end - begin, shared->level)) {
        store_relaxed(&shared->failed, true);
    }
    (void)fetch_add_relaxed(&shared->bytes, own.bytes);
    (void)fetch_add_relaxed(&shared->least, own.least);
}

static bool bound_list(Bound *b, const ListObject *list, uint32_t level)
{
    if (list_is_rope(list)) {
        Value *items = value_list_array(list);
        bool okay = bound_parts(b, items, list->count, level);
        free(items);
        return okay;
    }
    if (list->items == NULL) { // a range
        b->least += list->count * (indent(b, level) + 1);
        return add(b, list->count * (line(b, level) + NUMBER_TEXT_MAX));
    }
    if (b->worker == NULL || list->count < PARALLEL_ITEMS) {
        return bound_parts(b, list->items, list->count, level);
    }
    SharedBound shared = {.parent = b, .items = list->items, .level = level};
    parallel_for(b->worker, NULL, list->count, GRAIN, bound_slice, &shared);
    b->least += load_relaxed(&shared.least);
    return !load_relaxed(&shared.failed) && add(b, load_relaxed(&shared.bytes));
}

// Quotes and colon.
#define KEY_MIN 3

// Fields that are None are left out.
static uint64_t left_out(const Bound *b, const RecordObject *record,
                         uint32_t level)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < record->shape->count; i++) {
        Value field = record->fields[i];
        if (field.tag == VALUE_UNION && value_ctor(field)->role == CTOR_NONE) {
            bytes += record->shape->texts[i].len + KEY_MIN + indent(b, level);
        }
    }
    return bytes;
}

static bool bound_record(Bound *b, const RecordObject *record, uint32_t level)
{
    const Shape *shape = record->shape;
    uint64_t count = shape->count;
    uint64_t nones = b->nones;
    b->least += shape->text_bytes + count * KEY_MIN;
    if (!add(b, shape->text_bytes * ESCAPE_MAX + count * AROUND) ||
        !bound_parts(b, record->fields, count, level)) {
        return false;
    }
    if (UNLIKELY(b->nones != nones)) {
        b->least -= left_out(b, record, level);
    }
    return true;
}

static bool bound_map(Bound *b, const MapObject *map, uint32_t level)
{
    for (uint32_t i = 0; i < map->count; i++) {
        Str key = value_str(value_map_key(map, i));
        b->least += key.len + KEY_MIN + indent(b, level);
        if (!add_text(b, key.len) || !add(b, line(b, level)) ||
            !bound_value(b, value_map_value(map, i), level)) {
            return false;
        }
    }
    return add(b, line(b, level) + AROUND);
}

static bool bound_union(Bound *b, Value value, uint32_t level)
{
    const CtorInfo *ctor = value_ctor(value);
    b->nones += ctor->role == CTOR_NONE;
    if (ctor->role == CTOR_SOME) {
        Value inner = value.as.object->fields[0];
        return (inner.tag != VALUE_UNION ||
                value_ctor(inner)->role == CTOR_PLAIN) &&
               bound_value(b, inner, level);
    }
    if (!add_text(b, ctor->name.len) || !add(b, 3 * line(b, level) + AROUND)) {
        return false;
    }
    return value.arity == 0 ||
           bound_parts(b, value.as.object->fields, value.arity, level + 1);
}

static bool bound_compound(Bound *b, Value value, uint32_t level)
{
    uint32_t most = b->options->max_nesting;
    // Two levels of brackets at most are opened here.
    if (level > DEPTH_MAX || (most != 0 && level + 2 > most)) {
        return false;
    }
    switch ((ValueTag)value.tag) {
    case VALUE_UNIT:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_STRING:
        break;
    case VALUE_LIST:
        return bound_list(b, value.as.list, level + 1);
    case VALUE_TUPLE:
        return bound_parts(b, value.as.tuple->items, value.as.tuple->count,
                           level + 1);
    case VALUE_RECORD:
        return bound_record(b, value.as.record, level + 1);
    case VALUE_MAP:
        return bound_map(b, value.as.map, level + 1);
    case VALUE_UNION:
        return bound_union(b, value, level + 1);
    case VALUE_FUNCTION:
    case VALUE_PARTIAL:
    case VALUE_DICTIONARY:
    case ANY_MERE_OBJECT:
        return false;
    }
    UNREACHABLE();
}

bool json_bound(const JsonOptions *options, Value value, Worker *worker,
                uint64_t *out_least, uint64_t *out_most)
{
    bool shared = worker != NULL && pool_worker_count(worker_pool(worker)) > 1;
    Bound bound = {.options = options, .worker = shared ? worker : NULL};
    bool okay = !options->check_precision && bound_value(&bound, value, 0);
    *out_least = bound.least;
    *out_most = bound.bytes;
    return okay;
}
