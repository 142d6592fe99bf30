// Maps made from maps: what is inserted goes behind the entries in place
// where it can, so that building a map by a fold takes linear time; what
// replaces a value or removes an entry goes into a patch.
#include <assert.h>
#include <string.h>

#include "eval/map_builder.h"
#include "eval/map_patch.h"

// The map with another value in a slot.
static bool map_replace(Heap *heap, const MapObject *map, uint32_t slot,
                        Value value, Value *out)
{
    // Up to here copying the entries costs no more than a patch.
    bool copied = map->count <= MAP_INLINE_MAX;
    size_t bytes =
        sizeof(MapObject) + (copied ? map->count * sizeof(MapEntry) : 0);
    if (!heap_can_hold(heap, bytes)) {
        return false;
    }
    MapObject *changed = heap_alloc(heap, bytes);
    *changed = *map; // the index too: the keys are the same
    changed->header = object_header(VALUE_MAP, bytes);
    if (copied) {
        assert(map->patch == NULL);
        MapEntry *slots = (MapEntry *)(changed + 1);
        memcpy(slots, map->slots, map->count * sizeof(MapEntry));
        slots[slot].value = value;
        changed->slots = slots;
    } else {
        changed->patch = map_patch_set(heap, map->patch, slot, value);
    }
    *out = (Value){.tag = VALUE_MAP, .as.map = changed};
    return copied || changed->patch != NULL;
}

bool value_map_insert(Heap *heap, Value map, Value key, Value value, Value *out)
{
    int64_t known = value_map_find_slot(map, value_str(key));
    int64_t found = value_map_live_slot(map.as.map, known);
    if (found >= 0) {
        return map_replace(heap, map.as.map, (uint32_t)found, value, out);
    }
    MapBuilder builder;
    if (!map_builder_extend(&builder, heap, map, 1) ||
        !map_builder_add_again(&builder, (MapEntry){key, value}, known)) {
        return false;
    }
    *out = map_builder_finish(&builder);
    return true;
}

static void add_entry(MapBuilder *builder, const MapObject *map, uint32_t entry)
{
    map_builder_add(builder, (MapEntry){value_map_key(map, entry),
                                        value_map_value(map, entry)});
}

// Without the entry in the slot.
static bool map_copy_without(Heap *heap, const MapObject *map, uint32_t slot,
                             Value *out)
{
    MapBuilder builder;
    uint32_t left_out = map_patch_entry(map->patch, slot);
    if (!map_builder_init(&builder, heap, map->count)) {
        return false;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        if (i != left_out) {
            add_entry(&builder, map, i);
        }
    }
    *out = map_builder_finish(&builder);
    return true;
}

bool value_map_remove(Heap *heap, Value value, Str key, Value *out)
{
    const MapObject *map = value.as.map;
    int64_t known = value_map_find_slot(value, key);
    int64_t found = value_map_live_slot(map, known);
    if (found < 0) {
        *out = value;
        return true;
    }
    // A copy pays for itself once so many others were removed without one.
    if (map->count <= MAP_INLINE_MAX + 1 ||
        map_patch_gone(map->patch) >= map->count) {
        return map_copy_without(heap, map, (uint32_t)found, out);
    }
    if (!heap_can_hold(heap, sizeof *map)) {
        return false;
    }
    MapObject *changed = heap_alloc(heap, sizeof *map);
    *changed = *map;
    changed->header = object_header(VALUE_MAP, sizeof *map);
    changed->count--;
    changed->patch =
        map_patch_drop(heap, map->patch, (uint32_t)found, value_unit());
    if (changed->patch != NULL && known != found) {
        changed->patch =
            map_patch_drop(heap, changed->patch, (uint32_t)known, value_unit());
    }
    *out = (Value){.tag = VALUE_MAP, .as.map = changed};
    return changed->patch != NULL;
}

// True when `b` has a key that `a` has too.
static bool maps_overlap(Value a, const MapObject *b)
{
    for (uint32_t i = 0; i < b->count; i++) {
        if (value_map_find(a, value_str(value_map_key(b, i))) >= 0) {
            return true;
        }
    }
    return false;
}

static bool insert_all(Heap *heap, Value a, const MapObject *b, Value *out)
{
    bool okay = true;
    for (uint32_t i = 0; okay && i < b->count; i++) {
        okay = value_map_insert(heap, a, value_map_key(b, i),
                                value_map_value(b, i), &a);
    }
    *out = a;
    return okay;
}

bool value_map_merge(Heap *heap, Value a, Value b, Value *out)
{
    const MapObject *from = a.as.map;
    const MapObject *with = b.as.map;
    if (from->count == 0 || with->count == 0) {
        *out = from->count == 0 ? b : a;
        return true;
    }
    if (value_map_changes_little(from, with)) {
        return insert_all(heap, a, with, out);
    }
    MapBuilder builder;
    // The index still has the keys of entries that were removed.
    if (map_patch_gone(from->patch) == 0 && !maps_overlap(a, with)) {
        if (!map_builder_extend(&builder, heap, a, with->count)) {
            return false;
        }
    } else {
        // Entries of `a` change: they are copied.
        if (!map_builder_init(&builder, heap,
                              (uint64_t)from->count + with->count)) {
            return false;
        }
        for (uint32_t i = 0; i < from->count; i++) {
            add_entry(&builder, from, i);
        }
    }
    for (uint32_t i = 0; i < with->count; i++) {
        bool fresh;
        MapEntry *entry =
            map_builder_put(&builder, value_map_key(with, i), &fresh);
        entry->value = value_map_value(with, i);
    }
    *out = map_builder_finish(&builder);
    return true;
}
