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

// Room for the entries of a new map: behind it when there are few; else in a
// buffer, so that other maps may share them.
static MapEntry *map_slots(Heap *heap, uint32_t count, MapObject **out_map)
{
    if (count <= MAP_INLINE_MAX) {
        size_t bytes = sizeof(MapObject) + count * sizeof(MapEntry);
        *out_map = heap_alloc(heap, bytes);
        **out_map = (MapObject){.header = object_header(VALUE_MAP, bytes)};
        return (MapEntry *)(*out_map + 1);
    }
    size_t bytes = sizeof(ListBuffer) + (size_t)count * sizeof(MapEntry);
    ListBuffer *buffer = heap_alloc(heap, bytes);
    *buffer = (ListBuffer){.header = object_header(BUFFER_LIST, bytes),
                           .owner = heap_id(heap),
                           .end = 2 * count,
                           .capacity = 2 * count};
    *out_map = heap_alloc(heap, sizeof(MapObject));
    **out_map =
        (MapObject){.header = object_header(VALUE_MAP, sizeof(MapObject))};
    return (MapEntry *)buffer->items;
}

Value value_map(Heap *heap, const MapEntry *entries, uint32_t count)
{
    assert(count <= LIST_COUNT_MAX / 2);
    MapObject *map;
    MapEntry *slots = map_slots(heap, count, &map);
    map->count = count;
    map->slots = slots;
    if (count > 0) {
        memcpy(slots, entries, count * sizeof(MapEntry));
    }
    if (count >= MAP_INDEX_FROM) {
        map->index = map_build_index(heap, map);
    }
    return (Value){.tag = VALUE_MAP, .as.map = map};
}

int64_t value_map_find_slot(Value value, Str key)
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
    uint32_t slot_count = value_map_slot_count(map);
    uint32_t at = (uint32_t)hash_keyed(map->key, key) & map->index_mask;
    for (;; at = (at + 1) & map->index_mask) {
        // Relaxed: what this map's entries wrote came with the map; whatever
        // else appears here belongs to newer ones.
        uint32_t slot = load_relaxed(&map->index[at]) - 1;
        if (slot == UINT32_MAX) {
            return -1;
        }
        if (slot < slot_count &&
            str_equal(value_str(map->slots[slot].key), key)) {
            return slot;
        }
    }
}

int64_t value_map_live_slot(const MapObject *map, int64_t slot)
{
    if (slot < 0 || map_patch_gone(map->patch) == 0) {
        return slot;
    }
    bool gone;
    const Value *changed = map_patch_find(map->patch, (uint32_t)slot, &gone);
    return !gone ? slot : changed->tag == VALUE_INT ? changed->as.integer : -1;
}

int64_t value_map_find(Value value, Str key)
{
    const MapObject *map = value.as.map;
    int64_t slot = value_map_live_slot(map, value_map_find_slot(value, key));
    return slot < 0 ? -1 : (int64_t)map_patch_entry(map->patch, (uint32_t)slot);
}

uint32_t value_map_slot_count(const MapObject *map)
{
    return map->count + map_patch_gone(map->patch);
}

Value value_map_patched_key(const MapObject *map, uint32_t entry)
{
    return map->slots[map_patch_slot(map->patch, entry)].key;
}

Value value_map_patched(const MapObject *map, uint32_t entry)
{
    bool gone;
    uint32_t slot = map_patch_slot(map->patch, entry);
    const Value *changed = map_patch_find(map->patch, slot, &gone);
    return changed != NULL ? *changed : map->slots[slot].value;
}
