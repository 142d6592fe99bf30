// Depth-first: the parts of a value before its own predicates.
#include "eval/check_walk.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "eval/map_patch.h"
#include "support/hash.h"

enum {
    FIRST_STEPS = 8,
    // The newest few of what shares a set are kept.
    SHAPE_SETS = 16,
    OBJECT_SETS = 64,
    MEMO_WAYS = 4,
    // Smaller lists are looked at again.
    MEMO_LIST_MIN = 8
};

// ---- what has passed: the newest value of each shape, and ranges of objects

// Lists pass as ranges of items: a part of one that has passed passes too, and
// of one that has grown only what is new is looked at. Maps do as slots of a
// buffer and what has changed in them.
typedef struct PassedCheck {
    const CheckShape *shape;
    const void *object; // that holds it: moves with it; NULL: numbers
    uint64_t from;  // the object; the first item, in memory or by its number
    uint32_t count; // of items in memory, or of slots; 0: no range
    bool numbers;   // a list of integers that nobody has written out
    const MapPatch *patch; // of a map: moves too
} PassedCheck;

// The newest of a set first.
typedef PassedCheck PassedSet[MEMO_WAYS];

struct CheckMemo {
    PassedSet shapes[SHAPE_SETS];
    // Ranges of which another value of the shape took the place, so that one
    // that has several lists of a shape is not looked at again for each.
    PassedSet objects[OBJECT_SETS];
};

CheckMemo *check_memo_new(void)
{
    return mem_calloc(1, sizeof(CheckMemo));
}

void check_memo_free(CheckMemo *memo)
{
    free(memo);
}

static uint32_t hash_of(const void *pointer)
{
    return (uint32_t)((uintptr_t)pointer * HASH_MULTIPLIER >> 32);
}

static PassedCheck *shape_set(CheckMemo *memo, const PassedCheck *key)
{
    return memo->shapes[hash_of(key->shape) % SHAPE_SETS];
}

static PassedCheck *object_set(CheckMemo *memo, const PassedCheck *key)
{
    return memo->objects[hash_of(key->object) % OBJECT_SETS];
}

// Where the shape (and the object, unless that is NULL) is in the set; else the
// last place.
static PassedCheck *memo_way(PassedCheck *set, const CheckShape *shape,
                             const void *object)
{
    uint32_t way = 0;
    while (way + 1 < MEMO_WAYS &&
           (set[way].shape != shape ||
            (object != NULL && set[way].object != object))) {
        way++;
    }
    return &set[way];
}

static bool is_range(const PassedCheck *key)
{
    return key->count > 0 && key->object != NULL;
}

static void put_first(PassedCheck *set, PassedCheck *way,
                      const PassedCheck *key)
{
    if (way != set) {
        memmove(set + 1, set, (size_t)(way - set) * sizeof *set);
    }
    set[0] = *key;
}

static NOINLINE void put_object(CheckMemo *memo, const PassedCheck *key)
{
    PassedCheck *set = object_set(memo, key);
    put_first(set, memo_way(set, key->shape, key->object), key);
}

// What it takes the place of is kept by its object.
static void put_shape(CheckMemo *memo, const PassedCheck *key)
{
    PassedCheck *set = shape_set(memo, key);
    PassedCheck *way = memo_way(set, key->shape, NULL);
    if (UNLIKELY(way->object != key->object) && is_range(way)) {
        put_object(memo, way);
    }
    put_first(set, way, key);
}

static NOINLINE const PassedCheck *object_of(CheckMemo *memo,
                                             const PassedCheck *key)
{
    return is_range(key)
               ? memo_way(object_set(memo, key), key->shape, key->object)
               : memo_way(shape_set(memo, key), key->shape, NULL);
}

// What is known of the key's shape, and of its object where it has a range; or
// NULL.
static const PassedCheck *passed_of(CheckMemo *memo, const PassedCheck *key)
{
    const PassedCheck *known = memo_way(shape_set(memo, key), key->shape, NULL);
    if (UNLIKELY(known->object != key->object)) {
        known = object_of(memo, key);
    }
    return known->shape == key->shape ? known : NULL;
}

static void list_key(const ListObject *list, PassedCheck *out)
{
    if (list_is_rope(list)) {
        return; // no range of memory: as other objects
    }
    out->count = list->count;
    if (list->items == NULL) {
        out->numbers = true;
        out->object = NULL;
        out->from = (uint64_t)list->as.first;
        return;
    }
    if (list->items != (const Value *)(list + 1)) {
        out->object = list->as.buffer; // NULL: static
    }
    out->from = (uintptr_t)list->items;
}

// A map whose entries stand in a buffer that newer ones may extend.
static bool map_has_buffer(const MapObject *map)
{
    return map->slots != (const MapEntry *)(map + 1);
}

static void map_key(const MapObject *map, PassedCheck *out)
{
    if (map_has_buffer(map)) {
        out->count = value_map_slot_count(map);
        out->object = (const char *)map->slots - offsetof(ListBuffer, items);
        out->from = (uintptr_t)map->slots;
        out->patch = map->patch;
    }
}

static bool memo_key(const CheckNode *node, Value value, PassedCheck *out)
{
    if (node->shape == NULL) {
        return false; // a predicate depends on more than the value
    }
    *out = (PassedCheck){.shape = node->shape,
                         .object = value.as.pointer,
                         .from = (uintptr_t)value.as.pointer};
    if (value.tag == VALUE_LIST) {
        list_key(value.as.list, out);
        return value.as.list->count >= MEMO_LIST_MIN;
    }
    if (value.tag == VALUE_MAP) {
        map_key(value.as.map, out);
        return true;
    }
    return value.tag == VALUE_RECORD || value.tag == VALUE_TUPLE ||
           (value.tag == VALUE_UNION && value.arity > 0);
}

// Items [begin, end) of the key have passed; false where none have. All of
// what is no range are its items [0, 0).
static bool find_passed(CheckMemo *memo, const PassedCheck *key,
                        uint32_t *out_begin, uint32_t *out_end)
{
    const PassedCheck *known = passed_of(memo, key);
    int64_t offset;
    if (known == NULL || known->numbers != key->numbers ||
        known->patch != key->patch || (known->count > 0) != (key->count > 0) ||
        __builtin_sub_overflow((int64_t)key->from, (int64_t)known->from,
                               &offset)) {
        return false;
    }
    offset /= key->numbers ? 1 : (int64_t)sizeof(Value);
    assert(offset == 0 || key->patch == NULL);
    int64_t begin = offset < 0 ? -offset : 0;
    int64_t end = (int64_t)known->count - offset;
    end = end < key->count ? end : key->count;
    *out_begin = (uint32_t)begin;
    *out_end = (uint32_t)end;
    return key->count == 0 ? key->from == known->from : begin < end;
}

bool check_memo_has(CheckMemo *memo, const CheckNode *node, Value value)
{
    PassedCheck key;
    uint32_t begin, end;
    return memo != NULL && memo_key(node, value, &key) &&
           find_passed(memo, &key, &begin, &end) && begin == 0 &&
           end == key.count;
}

// What there is to look at, where not all is new.
static void skip_passed(CheckMemo *memo, CheckStep *step)
{
    PassedCheck key;
    uint32_t begin, end;
    if (memo == NULL || !memo_key(step->node, step->value, &key)) {
        return;
    }
    if (step->value.tag == VALUE_MAP) {
        const PassedCheck *known = passed_of(memo, &key);
        if (known != NULL && key.count > 0 && known->from == key.from) {
            step->end = known->count;
            step->passed = known->patch;
        }
    } else if (find_passed(memo, &key, &begin, &end)) {
        if (begin == 0) {
            step->next = end;
        } else if (end == key.count) {
            step->end = begin;
        }
    }
}

// The entry of a map, from `entry` on, that is to be looked at.
static NOINLINE uint32_t unpassed_entry(const CheckStep *step, uint32_t entry)
{
    const MapObject *map = step->value.as.map;
    while (entry < map->count) {
        uint32_t slot = map_patch_slot(map->patch, entry);
        if (slot >= step->end) {
            break;
        }
        uint64_t next =
            map_patch_next_difference(map->patch, step->passed, slot);
        if (next == slot) {
            break;
        }
        next = next < step->end ? next : step->end;
        // Where the slot's entry is gone, of the next that has one.
        entry = map_patch_entry(map->patch, (uint32_t)next);
    }
    return entry;
}

void check_memo_clear(CheckMemo *memo)
{
    if (memo != NULL) {
        *memo = (CheckMemo){0};
    }
}

// False when the object is gone.
static bool follow(PassedCheck *known, const Collector *collector)
{
    const void *moved = collect_moved(collector, known->object);
    const MapPatch *patch = collect_moved(collector, known->patch);
    if (moved == NULL || (known->patch != NULL && patch == NULL)) {
        return false;
    }
    known->from +=
        (uint64_t)((const char *)moved - (const char *)known->object);
    known->object = moved;
    known->patch = patch;
    return true;
}

static void follow_sets(CheckMemo *memo, PassedSet *sets, uint32_t count,
                        const Collector *collector,
                        void (*put)(CheckMemo *memo, const PassedCheck *key))
{
    for (uint32_t i = count * MEMO_WAYS; i-- > 0;) { // the oldest first
        PassedCheck *known = &sets[i / MEMO_WAYS][i % MEMO_WAYS];
        if (known->shape != NULL &&
            (known->object == NULL || follow(known, collector))) {
            put(memo, known);
        }
    }
}

void check_memo_collect(CheckMemo *memo, const Collector *collector)
{
    if (memo == NULL) {
        return;
    }
    CheckMemo before = *memo;
    check_memo_clear(memo);
    follow_sets(memo, before.objects, OBJECT_SETS, collector, put_object);
    follow_sets(memo, before.shapes, SHAPE_SETS, collector, put_shape);
}

static void memo_note(CheckMemo *memo, const CheckStep *step)
{
    PassedCheck key;
    if (memo != NULL && memo_key(step->node, step->value, &key)) {
        put_shape(memo, &key);
    }
}

// ---- the walk

static CheckSteps *steps_new(Heap *heap, uint64_t capacity)
{
    size_t bytes = sizeof(CheckSteps) + capacity * sizeof(CheckStep);
    CheckSteps *steps = heap_alloc(heap, bytes);
    steps->header = object_header(OBJECT_CHECK_STEPS, bytes);
    steps->capacity = capacity;
    return steps;
}

static void push(CheckWalk *walk, Heap *heap, CheckMemo *memo,
                 const CheckNode *node, Value value)
{
    if (walk->depth == walk->steps->capacity) {
        CheckSteps *steps = steps_new(heap, (uint64_t)walk->depth * 2);
        memcpy(steps->items, walk->steps->items,
               walk->depth * sizeof *steps->items);
        walk->steps = steps;
    }
    CheckStep *step = &walk->steps->items[walk->depth++];
    *step = (CheckStep){.node = node,
                        .value = value,
                        .end = node->kind == CHECK_MAP ? 0 : UINT32_MAX};
    skip_passed(memo, step);
}

CheckWalk *check_walk_new(Heap *heap, CheckMemo *memo, const CheckNode *node,
                          Value value)
{
    CheckWalk *walk = heap_alloc(heap, sizeof *walk);
    *walk =
        (CheckWalk){.header = object_header(OBJECT_CHECK_WALK, sizeof *walk)};
    walk->steps = steps_new(heap, FIRST_STEPS);
    push(walk, heap, memo, node, value);
    return walk;
}

// Part `i` of the value at the step: false when there are no more.
static bool part_at(const CheckStep *step, uint32_t i,
                    const CheckNode **out_node, Value *out_value)
{
    const CheckNode *node = step->node;
    Value value = step->value;
    switch (node->kind) {
    case CHECK_REFINED: // the base is the value itself
        *out_node = node->parts[0];
        *out_value = value;
        return i == 0;
    case CHECK_LIST:
        if (i >= value_list_count(value) || i >= step->end) {
            return false;
        }
        *out_node = node->parts[0];
        *out_value = value_list_at(value, i);
        return true;
    case CHECK_MAP:
        if (i >= value.as.map->count) {
            return false;
        }
        *out_node = node->parts[0];
        *out_value = value_map_value(value.as.map, i);
        return true;
    case CHECK_TUPLE:
        if (i >= node->count) {
            return false;
        }
        *out_node = node->parts[i];
        *out_value = value.as.tuple->items[i];
        return true;
    case CHECK_RECORD: {
        if (i >= node->count) {
            return false;
        }
        int32_t field = shape_find(value.as.record->shape, node->fields[i]);
        *out_node = field >= 0 ? node->parts[i] : NULL;
        *out_value = field >= 0 ? value.as.record->fields[field] : value;
        return true;
    }
    case CHECK_UNION:
        if (i >= value.arity) {
            return false;
        }
        *out_node = node->parts[node->starts[value.ctor] + i];
        *out_value = value.as.object->fields[i];
        return true;
    case CHECK_FUNCTION:
        return false;
    }
    UNREACHABLE();
}

const CheckNode *check_walk_next(CheckWalk *walk, Heap *heap, CheckMemo *memo,
                                 int64_t *fuel, Value *out_value)
{
    while (walk->depth > 0 && --*fuel >= 0) {
        CheckStep *top = &walk->steps->items[walk->depth - 1];
        const CheckNode *part = NULL;
        Value value;
        if (UNLIKELY(top->node->kind == CHECK_MAP) && top->end > 0) {
            top->next = unpassed_entry(top, top->next);
        }
        uint32_t i = top->next++;
        if (part_at(top, i, &part, &value)) {
            if (part != NULL && !check_memo_has(memo, part, value)) {
                push(walk, heap, memo, part, value);
            }
        } else if (top->node->kind == CHECK_REFINED && i == 1) {
            *out_value = top->value; // stays on the stack, for the path
            return top->node;
        } else {
            memo_note(memo, top);
            walk->depth--;
        }
    }
    return NULL;
}

static void append_payload(const CheckStep *step, StrBuf *out)
{
    const CtorInfo *ctor = value_ctor(step->value);
    if (ctor->role == CTOR_SOME) {
        return; // `Some v` prints as v
    }
    strbuf_appendf(out, ".%.*s", STR_ARG(ctor->name));
    if (ctor->arity > 1) {
        strbuf_appendf(out, "[%u]", step->next - 1);
    }
}

static void append_key(Str key, StrBuf *out)
{
    strbuf_append_char(out, '.');
    strbuf_append_key(out, key, 80);
}

void check_walk_path(const CheckWalk *walk, const Interner *interner,
                     StrBuf *out)
{
    for (uint32_t i = walk->first; i + 1 < walk->depth; i++) {
        const CheckStep *step = &walk->steps->items[i];
        uint32_t part = step->next - 1;
        switch (step->node->kind) {
        case CHECK_REFINED:
            break;
        case CHECK_LIST:
        case CHECK_TUPLE:
            strbuf_appendf(out, "[%u]", part);
            break;
        case CHECK_MAP:
            append_key(value_str(value_map_key(step->value.as.map, part)), out);
            break;
        case CHECK_RECORD:
            append_key(symbol_text(interner, step->node->fields[part]), out);
            break;
        case CHECK_UNION:
            append_payload(step, out);
            break;
        case CHECK_FUNCTION:
            break;
        }
    }
}
