// Maps made from maps: what is inserted goes behind the entries in place
// where it can, so that building a map by a fold takes linear time.
#include <string.h>

#include "eval/map_builder.h"

// A copy of the map, for one entry to be changed.
static bool map_copy(Heap *heap, const MapObject *map, MapEntry **out_entries,
                     Value *out)
{
    size_t bytes = sizeof(MapObject) + (size_t)map->count * sizeof(MapEntry);
    if (!heap_can_hold(heap, bytes)) {
        return false;
    }
    MapObject *copy = heap_alloc(heap, bytes);
    *copy = *map; // the index too: the keys are the same
    copy->header = object_header(VALUE_MAP, bytes);
    *out_entries = (MapEntry *)(copy + 1);
    memcpy(*out_entries, map->entries, map->count * sizeof(MapEntry));
    copy->entries = *out_entries;
    *out = (Value){.tag = VALUE_MAP, .as.map = copy};
    return true;
}

bool value_map_insert(Heap *heap, Value map, Value key, Value value, Value *out)
{
    int64_t found = value_map_find(map, value_str(key));
    if (found >= 0) {
        MapEntry *entries;
        if (!map_copy(heap, map.as.map, &entries, out)) {
            return false;
        }
        entries[found].value = value;
        return true;
    }
    MapBuilder builder;
    if (!map_builder_extend(&builder, heap, map, 1)) {
        return false;
    }
    map_builder_add(&builder, (MapEntry){key, value});
    *out = map_builder_finish(&builder);
    return true;
}

bool value_map_remove(Heap *heap, Value map, Str key, Value *out)
{
    int64_t found = value_map_find(map, key);
    if (found < 0) {
        *out = map;
        return true;
    }
    MapBuilder builder;
    const MapObject *object = map.as.map;
    if (!map_builder_init(&builder, heap, object->count)) {
        return false;
    }
    for (uint32_t i = 0; i < object->count; i++) {
        if (i != found) {
            map_builder_add(&builder, object->entries[i]);
        }
    }
    *out = map_builder_finish(&builder);
    return true;
}

// True when `b` has a key that `a` has too.
static bool maps_overlap(Value a, const MapObject *b)
{
    for (uint32_t i = 0; i < b->count; i++) {
        if (value_map_find(a, value_str(b->entries[i].key)) >= 0) {
            return true;
        }
    }
    return false;
}

bool value_map_merge(Heap *heap, Value a, Value b, Value *out)
{
    const MapObject *from = a.as.map;
    const MapObject *with = b.as.map;
    if (from->count == 0 || with->count == 0) {
        *out = from->count == 0 ? b : a;
        return true;
    }
    MapBuilder builder;
    if (!maps_overlap(a, with)) {
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
            map_builder_add(&builder, from->entries[i]);
        }
    }
    for (uint32_t i = 0; i < with->count; i++) {
        bool fresh;
        MapEntry *entry =
            map_builder_put(&builder, with->entries[i].key, &fresh);
        entry->value = with->entries[i].value;
    }
    *out = map_builder_finish(&builder);
    return true;
}
