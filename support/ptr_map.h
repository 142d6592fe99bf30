// Map from pairs of words (pointers, numbers) to pointers, for the memos of
// traversals: open addressing, no removal.
//
// Ownership: memory of its own, freed by ptr_map_release().
// Threads:   one owner.
#ifndef LIGATURE_SUPPORT_PTR_MAP_H
#define LIGATURE_SUPPORT_PTR_MAP_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/die.h"
#include "support/hash.h"

typedef struct PtrMapSlot {
    uintptr_t a, b; // a is never 0 in a used slot
    void *value;
} PtrMapSlot;

// Zero-initialised is empty and ready.
typedef struct PtrMap {
    PtrMapSlot *slots;
    uint32_t capacity; // 0 or a power of two
    uint32_t count;
} PtrMap;

static inline void ptr_map_release(PtrMap *map)
{
    free(map->slots);
    *map = (PtrMap){0};
}

// Forgets all entries; keeps memory for few.
static inline void ptr_map_clear(PtrMap *map)
{
    enum { KEPT_MAX = 256 };
    if (map->capacity > KEPT_MAX) {
        ptr_map_release(map);
    } else if (map->count > 0) {
        memset(map->slots, 0, map->capacity * sizeof *map->slots);
        map->count = 0;
    }
}

// The second round is one of SplitMix64 (Steele, Lea and Flood 2014).
static inline uint32_t ptr_map_hash(uintptr_t a, uintptr_t b)
{
    uint64_t mixed = (uint64_t)a * HASH_MULTIPLIER;
    mixed =
        (mixed ^ (mixed >> 29) ^ (uint64_t)b) * UINT64_C(0xbf58476d1ce4e5b9);
    return (uint32_t)(mixed >> 32);
}

// The slot of (a, b), or the free one where it belongs.
static inline PtrMapSlot *ptr_map_slot(const PtrMap *map, uintptr_t a,
                                       uintptr_t b)
{
    uint32_t at = ptr_map_hash(a, b) & (map->capacity - 1);
    while (map->slots[at].a != 0 &&
           (map->slots[at].a != a || map->slots[at].b != b)) {
        at = (at + 1) & (map->capacity - 1);
    }
    return &map->slots[at];
}

static inline void ptr_map_grow(PtrMap *map)
{
    PtrMap larger = {0};
    larger.capacity = map->capacity > 0 ? map->capacity * 2 : 16;
    larger.count = map->count;
    larger.slots = mem_calloc(larger.capacity, sizeof *larger.slots);
    for (uint32_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].a != 0) {
            *ptr_map_slot(&larger, map->slots[i].a, map->slots[i].b) =
                map->slots[i];
        }
    }
    free(map->slots);
    *map = larger;
}

// Where the value of (a, b) stands, NULL at first; good until the next call.
// `a` is not 0.
static inline void **ptr_map_at(PtrMap *map, uintptr_t a, uintptr_t b)
{
    if ((map->count + 1) * 4 > map->capacity * 3) {
        ptr_map_grow(map);
    }
    PtrMapSlot *slot = ptr_map_slot(map, a, b);
    if (slot->a == 0) {
        slot->a = a;
        slot->b = b;
        map->count++;
    }
    return &slot->value;
}

// The value of (a, b), or NULL.
static inline void *ptr_map_find(const PtrMap *map, uintptr_t a, uintptr_t b)
{
    return map->count > 0 ? ptr_map_slot(map, a, b)->value : NULL;
}

#endif
