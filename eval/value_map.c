// Maps: the entries in insertion order and, when there are more than a few, an
// index of entry numbers by the keyed hash of the key (no program or data can
// make keys collide).
#include "eval/value.h"

#include <assert.h>
#include <string.h>

#include "eval/map_patch.h"

#define MAP_INDEX_FROM 9 // entries; below, looking through is as fast

static const _Atomic(uint32_t) *map_build_index(Heap *heap, MapObject *map)
{
    uint32_t capacity = 16;
    while (capacity < 2 * (uint64_t)map->count) {
        capacity *= 2;
    }
    size_t bytes = sizeof(ObjectHeader) + capacity * sizeof(uint32_t);
    ObjectHeader *object = heap_alloc(heap, bytes);
    *object = object_header(OBJECT_MAP_INDEX, bytes);
    _Atomic(uint32_t) *index = (_Atomic(uint32_t) *)(object + 1);
    memset((void *)index, 0, capacity * sizeof *index);
    map->index_mask = capacity - 1;
    map->key = heap->budget->key;
    for (uint32_t i = 0; i < map->count; i++) {
        uint64_t hash = hash_keyed(map->key, value_str(map->slots[i].key));
        uint32_t at = (uint32_t)hash & map->index_mask;
        while (load_relaxed(&index[at]) != 0) {
            at = (at + 1) & map->index_mask;
        }
        store_relaxed(&index[at], i + 1);
    }
    return index;
}

Value value_map(Heap *heap, const MapEntry *entries, uint32_t count)
{
    assert(count <= LIST_COUNT_MAX / 2);
    size_t bytes = sizeof(MapObject) + (size_t)count * sizeof(MapEntry);
    MapObject *map = heap_alloc(heap, bytes);
    *map = (MapObject){.header = object_header(VALUE_MAP, bytes),
                       .count = count,
                       .slots = (const MapEntry *)(map + 1)};
    if (count > 0) {
        memcpy(map + 1, entries, count * sizeof(MapEntry));
    }
    if (count >= MAP_INDEX_FROM) {
        map->index = map_build_index(heap, map);
    }
    return (Value){.tag = VALUE_MAP, .as.map = map};
}

int64_t value_map_find(Value value, Str key)
{
    const MapObject *map = value.as.map;
    if (map->index == NULL) {
        for (uint32_t i = 0; i < map->count; i++) {
            if (str_equal(value_str(map->slots[i].key), key)) {
                return i;
            }
        }
        return -1;
    }
    uint32_t at = (uint32_t)hash_keyed(map->key, key) & map->index_mask;
    for (;; at = (at + 1) & map->index_mask) {
        // Relaxed: what this map's entries wrote came with the map; whatever
        // else appears here belongs to newer ones.
        uint32_t entry = load_relaxed(&map->index[at]) - 1;
        if (entry == UINT32_MAX) {
            return -1;
        }
        if (entry < map->count &&
            str_equal(value_str(map->slots[entry].key), key)) {
            return entry;
        }
    }
}

Value value_map_patched(const MapObject *map, uint32_t entry)
{
    const Value *changed = map_patch_find(map->patch, entry);
    return changed != NULL ? *changed : map->slots[entry].value;
}
