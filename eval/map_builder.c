// Builds maps in buffers. Entries of a buffer are added in order and never
// changed once a map has been finished, and the index is only added to: a map
// of the first n slots stays what it is while newer maps grow behind it.
#include "eval/map_builder.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "eval/map_patch.h"

#define CAPACITY_MIN 8

static MapEntry *builder_entries(const MapBuilder *builder)
{
    return (MapEntry *)builder->buffer->items;
}

static uint64_t index_capacity(uint64_t entries)
{
    uint64_t capacity = 16;
    while (capacity < 2 * entries) {
        capacity *= 2;
    }
    return capacity;
}

static void index_add(MapBuilder *builder, uint32_t entry)
{
    Str key = value_str(builder_entries(builder)[entry].key);
    uint32_t at = (uint32_t)hash_keyed(builder->heap->budget->key, key) &
                  builder->index_mask;
    while (load_relaxed(&builder->index[at]) != 0) {
        at = (at + 1) & builder->index_mask;
    }
    store_relaxed(&builder->index[at], entry + 1);
}

static void index_new(MapBuilder *builder, uint64_t capacity)
{
    size_t bytes = sizeof(ObjectHeader) + capacity * sizeof(uint32_t);
    ObjectHeader *object = heap_alloc(builder->heap, bytes);
    *object = object_header(OBJECT_MAP_INDEX, bytes);
    builder->index = (_Atomic(uint32_t) *)(object + 1);
    builder->index_mask = (uint32_t)(capacity - 1);
    memset((void *)builder->index, 0, capacity * sizeof *builder->index);
}

bool map_builder_init(MapBuilder *builder, Heap *heap, uint64_t capacity)
{
    if (capacity < CAPACITY_MIN) {
        capacity = CAPACITY_MIN;
    }
    if (capacity > MAP_COUNT_MAX) {
        heap->over_limit = true;
        return false;
    }
    uint64_t indexed = index_capacity(capacity);
    size_t bytes = sizeof(ListBuffer) + capacity * sizeof(MapEntry);
    if (!heap_can_hold(heap, bytes + indexed * sizeof(uint32_t) + 256)) {
        return false;
    }
    ListBuffer *buffer = heap_alloc(heap, bytes);
    *buffer = (ListBuffer){.header = object_header(BUFFER_LIST, bytes),
                           .owner = heap_id(heap),
                           .capacity = (uint32_t)(2 * capacity)};
    *builder = (MapBuilder){.heap = heap, .buffer = buffer};
    index_new(builder, indexed);
    return true;
}

// The buffer that holds the map's entries, when this heap may extend it and
// no other map has.
static ListBuffer *extensible_buffer(Heap *heap, const MapObject *map)
{
    if (map->slots == (const MapEntry *)(map + 1) || map->index == NULL) {
        return NULL;
    }
    ListBuffer *buffer = (ListBuffer *)((char *)(uintptr_t)map->slots -
                                        offsetof(ListBuffer, items));
    return buffer->owner == heap_id(heap) &&
                   buffer->end == 2 * value_map_slot_count(map)
               ? buffer
               : NULL;
}

bool map_builder_extend(MapBuilder *builder, Heap *heap, Value value,
                        uint64_t extra)
{
    const MapObject *map = value.as.map;
    ListBuffer *buffer = extensible_buffer(heap, map);
    if (buffer != NULL && buffer->capacity - buffer->end >= 2 * extra) {
        *builder = (MapBuilder){
            .heap = heap,
            .buffer = buffer,
            // This heap made it, in map_builder_init().
            .index = (_Atomic(uint32_t) *)(uintptr_t)map->index,
            .index_mask = map->index_mask,
            .patch = map->patch,
            .count = value_map_slot_count(map),
        };
        return true;
    }
    uint64_t needed = map->count + extra;
    uint64_t roomy = needed + needed / 2;
    if (!heap_can_hold(heap, 4 * roomy * sizeof(Value)) ||
        roomy > MAP_COUNT_MAX) {
        roomy = needed;
    }
    if (!map_builder_init(builder, heap, roomy)) {
        return false;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        map_builder_add(builder, (MapEntry){value_map_key(map, i),
                                            value_map_value(map, i)});
    }
    return true;
}

static void push_entry(MapBuilder *builder, MapEntry entry)
{
    assert(builder->buffer->end < builder->buffer->capacity);
    builder_entries(builder)[builder->count++] = entry;
    builder->buffer->end += 2;
}

void map_builder_add(MapBuilder *builder, MapEntry entry)
{
    push_entry(builder, entry);
    index_add(builder, builder->count - 1);
}

bool map_builder_add_again(MapBuilder *builder, MapEntry entry, int64_t known)
{
    if (known < 0 ||
        builder->patch == NULL) { // or what was removed is not here
        map_builder_add(builder, entry);
        return true;
    }
    builder->patch = map_patch_drop(builder->heap, builder->patch,
                                    (uint32_t)known, value_int(builder->count));
    if (builder->patch == NULL) {
        return false;
    }
    push_entry(builder, entry);
    return true;
}

MapEntry *map_builder_put(MapBuilder *builder, Value key, bool *out_fresh)
{
    Str text = value_str(key);
    MapEntry *entries = builder_entries(builder);
    uint32_t at = (uint32_t)hash_keyed(builder->heap->budget->key, text) &
                  builder->index_mask;
    for (;; at = (at + 1) & builder->index_mask) {
        uint32_t entry = load_relaxed(&builder->index[at]) - 1;
        if (entry == UINT32_MAX) {
            break;
        }
        if (str_equal(value_str(entries[entry].key), text)) {
            *out_fresh = false;
            return &entries[entry];
        }
    }
    map_builder_add(builder, (MapEntry){key, value_unit()});
    *out_fresh = true;
    return &entries[builder->count - 1];
}

Value map_builder_finish(MapBuilder *builder)
{
    MapObject *map = heap_alloc(builder->heap, sizeof *map);
    *map = (MapObject){.header = object_header(VALUE_MAP, sizeof *map),
                       .count = builder->count - map_patch_gone(builder->patch),
                       .index_mask = builder->index_mask,
                       .slots = builder_entries(builder),
                       .patch = builder->patch,
                       .index = builder->index,
                       .key = builder->heap->budget->key};
    return (Value){.tag = VALUE_MAP, .as.map = map};
}
