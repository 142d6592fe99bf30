// Shapes, interned: equal names in equal order, equal pointer.
//
// As in concurrent/intern.c, nothing is ever removed, so finding takes no
// lock: a slot of the open-addressing table goes once from NULL to a shape
// (release, acquire), and a full table is replaced by a larger copy. A reader
// that misses in an old table asks again under the lock.
#include "eval/value.h"

#include <stdlib.h>
#include <string.h>

#include "concurrent/atomics.h"
#include "concurrent/thread.h"
#include "support/arena.h"
#include "support/die.h"

#define SHAPE_FIRST_CAPACITY 256
#define SHAPE_INDEX_FROM     9 // fields; below, looking through is as fast

typedef struct ShapeSlots ShapeSlots;
struct ShapeSlots {
    ShapeSlots *older; // guarded by lock; kept for its readers
    uint64_t mask;     // immutable after init
    _Atomic(Shape *) slots[];
};

struct ShapeTable {
    const Interner *interner;
    uint64_t multiplier; // odd and secret; immutable after init
    _Atomic(ShapeSlots *) slots;
    Mutex lock;     // LOCK_CLIENT
    uint32_t count; // guarded by lock
    Arena arena;    // guarded by lock; shapes
};

static ShapeSlots *slots_new(uint64_t capacity)
{
    ShapeSlots *slots =
        mem_calloc(1, sizeof(ShapeSlots) + capacity * sizeof(slots->slots[0]));
    slots->mask = capacity - 1;
    return slots;
}

ShapeTable *shape_table_new(const Interner *interner)
{
    ShapeTable *table = mem_calloc(1, sizeof *table);
    table->interner = interner;
    table->multiplier = hash_keyed(hash_key_random(), STR("multiplier")) | 1;
    mutex_init(&table->lock, LOCK_CLIENT);
    arena_init(&table->arena);
    store_relaxed(&table->slots, slots_new(SHAPE_FIRST_CAPACITY));
    return table;
}

Interner *shape_table_interner(const ShapeTable *table)
{
    return (Interner *)(uintptr_t)table->interner;
}

void shape_table_free(ShapeTable *table)
{
    if (table == NULL) {
        return;
    }
    ShapeSlots *slots = load_relaxed(&table->slots);
    while (slots != NULL) {
        ShapeSlots *older = slots->older;
        free(slots);
        slots = older;
    }
    arena_release(&table->arena);
    mutex_release(&table->lock);
    free(table);
}

static const Shape *slots_find(ShapeSlots *slots, uint64_t hash,
                               const Symbol *names, uint32_t count)
{
    for (uint64_t at = hash & slots->mask;; at = (at + 1) & slots->mask) {
        // Acquire: pairs with the release in slots_put().
        const Shape *shape = load_acquire(&slots->slots[at]);
        if (shape == NULL) {
            return NULL;
        }
        if (shape->hash == hash && shape->count == count &&
            memcmp(shape->names, names, count * sizeof *names) == 0) {
            return shape;
        }
    }
}

static void slots_put(ShapeSlots *slots, Shape *shape)
{
    uint64_t at = shape->hash & slots->mask;
    while (load_relaxed(&slots->slots[at]) != NULL) {
        at = (at + 1) & slots->mask;
    }
    // Release: pairs with the acquire in slots_find().
    store_release(&slots->slots[at], shape);
}

typedef struct NamedField {
    Str text;
    uint32_t field;
} NamedField;

static int named_field_compare(const void *a, const void *b)
{
    return str_compare(((const NamedField *)a)->text,
                       ((const NamedField *)b)->text);
}

static const uint32_t *shape_sort(Arena *arena, const Str *texts,
                                  uint32_t count)
{
    NamedField *fields = mem_calloc(count + 1, sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = (NamedField){texts[i], i};
    }
    qsort(fields, count, sizeof *fields, named_field_compare);
    uint32_t *sorted = arena_array(arena, count, sizeof *sorted);
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = fields[i].field;
    }
    free(fields);
    return sorted;
}

static void shape_build_index(Arena *arena, Shape *shape)
{
    uint32_t capacity = 16;
    while (capacity < 2 * (uint64_t)shape->count) {
        capacity *= 2;
    }
    uint32_t *index = arena_array(arena, capacity, sizeof *index);
    memset(index, 0, capacity * sizeof *index);
    shape->index_mask = capacity - 1;
    for (uint32_t i = 0; i < shape->count; i++) {
        uint32_t at = shape_index_slot(shape, shape->names[i]);
        while (index[at] != 0) {
            at = (at + 1) & shape->index_mask;
        }
        index[at] = i + 1;
    }
    shape->index = index;
}

static Shape *shape_new(ShapeTable *table, uint64_t hash, const Symbol *names,
                        uint32_t count) REQUIRES(table->lock)
{
    Arena *arena = &table->arena;
    Shape *shape = ARENA_NEW(arena, Shape);
    shape->id = ++table->count;
    shape->count = count;
    shape->hash = hash;
    shape->names = arena_copy(arena, names, count * sizeof *names);
    Str *texts = arena_array(arena, count, sizeof *texts);
    for (uint32_t i = 0; i < count; i++) {
        texts[i] = symbol_text(table->interner, names[i]);
        shape->text_bytes += texts[i].len;
    }
    shape->texts = texts;
    shape->sorted = shape_sort(arena, texts, count);
    shape->index_multiplier = table->multiplier;
    if (count >= SHAPE_INDEX_FROM) {
        shape_build_index(arena, shape);
    }
    return shape;
}

static ShapeSlots *slots_for_one_more(ShapeTable *table) REQUIRES(table->lock)
{
    ShapeSlots *slots = load_relaxed(&table->slots);
    if (2 * ((uint64_t)table->count + 1) <= slots->mask) {
        return slots;
    }
    ShapeSlots *grown = slots_new(2 * (slots->mask + 1));
    for (uint64_t i = 0; i <= slots->mask; i++) {
        Shape *shape = load_relaxed(&slots->slots[i]);
        if (shape != NULL) {
            slots_put(grown, shape);
        }
    }
    grown->older = slots;
    // Release: pairs with the acquire in shape_intern().
    store_release(&table->slots, grown);
    return grown;
}

// Multiplicative (Knuth, TAOCP 3, 6.4), with the upper half brought down
// between names.
static uint64_t names_hash(const ShapeTable *table, const Symbol *names,
                           uint32_t count)
{
    uint64_t hash = count;
    for (uint32_t i = 0; i < count; i++) {
        hash = (hash + names[i]) * table->multiplier;
        hash ^= hash >> 32;
    }
    return hash;
}

const Shape *shape_intern(ShapeTable *table, const Symbol *names,
                          uint32_t count)
{
    uint64_t hash = names_hash(table, names, count);
    // Acquire: pairs with the release in slots_for_one_more().
    const Shape *found =
        slots_find(load_acquire(&table->slots), hash, names, count);
    if (found != NULL) {
        return found;
    }
    mutex_lock(&table->lock);
    found = slots_find(load_relaxed(&table->slots), hash, names, count);
    if (found == NULL) {
        ShapeSlots *slots = slots_for_one_more(table);
        Shape *shape = shape_new(table, hash, names, count);
        slots_put(slots, shape);
        found = shape;
    }
    mutex_unlock(&table->lock);
    return found;
}

int32_t shape_find(const Shape *shape, Symbol name)
{
    if (shape->index == NULL) {
        for (uint32_t i = 0; i < shape->count; i++) {
            if (shape->names[i] == name) {
                return (int32_t)i;
            }
        }
        return -1;
    }
    uint32_t at = shape_index_slot(shape, name);
    for (; shape->index[at] != 0; at = (at + 1) & shape->index_mask) {
        uint32_t field = shape->index[at] - 1;
        if (shape->names[field] == name) {
            return (int32_t)field;
        }
    }
    return -1;
}

int32_t shape_find_text(const Shape *shape, Str name)
{
    uint32_t low = 0;
    uint32_t high = shape->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t field = shape->sorted[middle];
        int order = str_compare(shape->texts[field], name);
        if (order == 0) {
            return (int32_t)field;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return -1;
}

const Shape *shape_with(ShapeTable *table, const Shape *shape, Symbol name)
{
    if (shape_find(shape, name) >= 0) {
        return shape;
    }
    Symbol few[32];
    uint32_t count = shape->count + 1;
    Symbol *names = count <= 32 ? few : mem_calloc(count, sizeof *names);
    memcpy(names, shape->names, shape->count * sizeof *names);
    names[shape->count] = name;
    const Shape *with = shape_intern(table, names, count);
    if (names != few) {
        free(names);
    }
    return with;
}
