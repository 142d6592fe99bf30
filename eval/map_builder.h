// Maps that are built entry by entry, in entries and an index with room for
// more.
//
// Ownership: the memory is the heap's.
// Threads:   one owner; a map that is finished may be read by everyone.
#ifndef LIGATURE_EVAL_MAP_BUILDER_H
#define LIGATURE_EVAL_MAP_BUILDER_H

#include "eval/value.h"

// Private to map_builder.c.
typedef struct MapBuilder {
    Heap *heap;
    ListBuffer *buffer; // of the entries
    _Atomic(uint32_t) *index;
    const MapPatch *patch;
    uint32_t index_mask;
    uint32_t count; // of slots
} MapBuilder;

#define MAP_COUNT_MAX (LIST_COUNT_MAX / 2)

// Empty, with room for `capacity` entries. False when that would be over the
// budget.
MUST_USE bool map_builder_init(MapBuilder *builder, Heap *heap,
                               uint64_t capacity);
// Goes on behind the entries of `map`, in place where nothing else did.
MUST_USE bool map_builder_extend(MapBuilder *builder, Heap *heap, Value map,
                                 uint64_t extra);
// The entry of `key`; a new one, whose value is the unit, when there is none.
// There must be room. Only what was put since the builder began may be
// written to.
MapEntry *map_builder_put(MapBuilder *builder, Value key, bool *out_fresh);
// Goes behind the others; its key must be new.
void map_builder_add(MapBuilder *builder, MapEntry entry);
// The same for a key that the map extended had before, in slot `known`; -1: it
// did not. False when that would be over the budget.
MUST_USE bool map_builder_add_again(MapBuilder *builder, MapEntry entry,
                                    int64_t known);
Value map_builder_finish(MapBuilder *builder);

#endif
