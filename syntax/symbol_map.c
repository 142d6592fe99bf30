// The indices of a map: where slots are, found by hash or by number.
#include "syntax/symbol_map.h"

#include "support/hash.h"
#include "support/nearest.h"

// What stands before the slots of a map of many.
typedef struct SymbolIndex {
    uint32_t *places; // number of the slot + 1; 0: empty
    uint32_t size;    // of places; of a hashed one a power of two
    Symbol first;     // places[key - first]; 0: hashed, open addressing
} SymbolIndex;

_Static_assert(sizeof(SymbolIndex) % _Alignof(SymbolSlot) == 0,
               "slots follow it");

static bool has_index(const SymbolMap *map)
{
    return map->capacity > SYMBOL_MAP_FEW;
}

static SymbolIndex *index_of(const SymbolMap *map)
{
    return (SymbolIndex *)(void *)map->slots - 1;
}

// Where the slot of `key` is or would be noted; NULL where a direct index has
// no place for it.
static uint32_t *place_of(const SymbolMap *map, Symbol key)
{
    const SymbolIndex *index = index_of(map);
    if (index->first != 0) {
        uint32_t at = key - index->first; // wraps below it
        return at < index->size ? &index->places[at] : NULL;
    }
    uint32_t mask = index->size - 1;
    uint32_t at = (uint32_t)((key * HASH_MULTIPLIER) >> 32) & mask;
    while (index->places[at] != 0 &&
           map->slots[index->places[at] - 1].key != key) {
        at = (at + 1) & mask;
    }
    return &index->places[at];
}

ScopeRef *symbol_map_find_many(const SymbolMap *map, Symbol key)
{
    const uint32_t *place = place_of(map, key);
    return place != NULL && *place != 0 ? &map->slots[*place - 1].value : NULL;
}

// ---- filling

// Notes the first `count` slots, those of one name once.
static void link_first(const SymbolMap *map, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        Symbol key = map->slots[i].key;
        uint32_t *place = key != 0 ? place_of(map, key) : NULL;
        if (place != NULL && *place == 0) {
            *place = i + 1;
        }
    }
}

static void make_places(SymbolMap *map, Arena *arena, uint32_t size,
                        Symbol first)
{
    SymbolIndex *index = index_of(map);
    index->places = arena_zalloc(arena, (size_t)size * sizeof *index->places);
    index->size = size;
    index->first = first;
}

// An index by hash for as many as there is room for.
static void make_hashed(SymbolMap *map, Arena *arena)
{
    uint64_t size = 16;
    while (size < (uint64_t)map->capacity * 3 / 2) {
        size *= 2;
    }
    make_places(map, arena, (uint32_t)size, 0);
}

static void make_room(SymbolMap *map, Arena *arena, uint64_t extra)
{
    uint64_t capacity = map->count + extra;
    if (map->count > 0 && capacity < 2 * (uint64_t)map->capacity) {
        capacity = 2 * (uint64_t)map->capacity;
    }
    size_t head = capacity > SYMBOL_MAP_FEW ? sizeof(SymbolIndex) : 0;
    char *memory = arena_alloc(arena, head + capacity * sizeof(SymbolSlot));
    SymbolSlot *slots = (SymbolSlot *)(void *)(memory + head);
    if (map->count > 0) {
        memcpy(slots, map->slots, map->count * sizeof *slots);
    }
    *map = (SymbolMap){slots, map->count, (uint32_t)capacity};
}

void symbol_map_reserve(SymbolMap *map, Arena *arena, uint32_t extra)
{
    if ((uint64_t)map->count + extra <= map->capacity) {
        return;
    }
    make_room(map, arena, extra);
    if (has_index(map)) {
        make_hashed(map, arena);
        link_first(map, map->count);
    }
}

ScopeRef *symbol_map_add(SymbolMap *map, Arena *arena, Symbol key,
                         ScopeRef value)
{
    if (key == 0) {
        return NULL; // a name that did not parse
    }
    ScopeRef *known = symbol_map_find(map, key);
    if (known != NULL) {
        return known;
    }
    if (map->count == map->capacity) {
        symbol_map_reserve(map, arena, map->count == 0 ? 4 : map->count);
    }
    map->slots[map->count++] = (SymbolSlot){key, value};
    if (has_index(map)) {
        uint32_t *place = place_of(map, key);
        if (place != NULL) {
            *place = map->count;
        } else {
            make_hashed(map, arena);
            link_first(map, map->count);
        }
    }
    return NULL;
}

// ---- many at once

SymbolSlot *symbol_map_extend(SymbolMap *map, Arena *arena, uint32_t extra,
                              uint32_t spare)
{
    uint64_t room = (uint64_t)extra + spare;
    if (map->count + room > map->capacity) {
        make_room(map, arena, room);
    }
    SymbolSlot *slots = map->slots + map->count;
    map->count += extra;
    return slots;
}

void symbol_map_begin_links(SymbolMap *map, Arena *arena, uint32_t extra)
{
    enum { DIRECT_PER_SLOT = 4 };
    if (!has_index(map)) {
        return;
    }
    Symbol least = UINT32_MAX;
    Symbol most = 1;
    for (uint32_t i = 0; i < map->count; i++) {
        Symbol key = map->slots[i].key;
        least = key != 0 && key < least ? key : least;
        most = key > most ? key : most;
    }
    if (least <= most &&
        most - least < (uint64_t)DIRECT_PER_SLOT * map->count) {
        make_places(map, arena, most - least + 1, least);
    } else {
        make_hashed(map, arena);
    }
    link_first(map, map->count - extra);
}

ScopeRef *symbol_map_link(SymbolMap *map, const SymbolSlot *slot)
{
    if (slot->key == 0) {
        return NULL;
    }
    uint32_t number = (uint32_t)(slot - map->slots);
    if (has_index(map)) {
        uint32_t *place = place_of(map, slot->key);
        if (*place != 0) {
            return &map->slots[*place - 1].value;
        }
        *place = number + 1;
        return NULL;
    }
    for (uint32_t i = 0; i < number; i++) {
        if (map->slots[i].key == slot->key) {
            return &map->slots[i].value;
        }
    }
    return NULL;
}

void symbol_map_nearest(const SymbolMap *map, const Interner *interner,
                        Nearest *nearest)
{
    for (uint32_t i = 0; i < map->count; i++) {
        if (map->slots[i].key != 0) {
            nearest_consider(nearest, symbol_text(interner, map->slots[i].key));
        }
    }
}
