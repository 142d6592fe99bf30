// Values of a map's entries that have changed: a sparse tree over entry
// numbers, so that changing one of many values copies a path and not the map.
//
// Ownership: the memory is the heap's.
// Threads:   immutable once made.
#ifndef LIGATURE_EVAL_MAP_PATCH_H
#define LIGATURE_EVAL_MAP_PATCH_H

#include "eval/value.h"

// The changed value of an entry; NULL when it has not changed. `patch` may be
// NULL: nothing has.
const Value *map_patch_find(const MapPatch *patch, uint32_t entry);
// As `patch`, with another value of the entry. NULL when that would be over
// the budget.
const MapPatch *map_patch_set(Heap *heap, const MapPatch *patch, uint32_t entry,
                              Value value);
// What one node holds, for the collector: one of the two has no items.
Value *map_patch_values(MapPatch *node, size_t *out_count);
const MapPatch **map_patch_children(MapPatch *node, size_t *out_count);

#endif
