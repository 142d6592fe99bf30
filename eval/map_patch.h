// What has changed in the slots of a map: values of entries that were replaced,
// and slots whose entry was removed. A sparse tree over slot numbers, so that
// changing one of many entries copies a path and not the map.
//
// `patch` may be NULL: nothing has changed.
//
// Ownership: the memory is the heap's.
// Threads:   immutable once made.
#ifndef LIGATURE_EVAL_MAP_PATCH_H
#define LIGATURE_EVAL_MAP_PATCH_H

#include "eval/value.h"

// What stands for a slot; NULL when it is unchanged. *out_gone: its entry was
// removed, and this is what map_patch_drop() got.
const Value *map_patch_find(const MapPatch *patch, uint32_t slot,
                            bool *out_gone);
// As `patch`, with another value in the slot. NULL when that would be over the
// budget.
const MapPatch *map_patch_set(Heap *heap, const MapPatch *patch, uint32_t slot,
                              Value value);
// As `patch`, without the slot's entry. `later` is for the map to keep.
const MapPatch *map_patch_drop(Heap *heap, const MapPatch *patch, uint32_t slot,
                               Value later);

// How many slots have lost their entry.
uint32_t map_patch_gone(const MapPatch *patch);
// From the number of an entry to its slot and back, past those.
uint32_t map_patch_slot(const MapPatch *patch, uint32_t entry);
uint32_t map_patch_entry(const MapPatch *patch, uint32_t slot);

// The first slot, from `from` on, of which the two do not say the same thing;
// UINT64_MAX when there is none. Takes as long as what they do not share is
// large.
uint64_t map_patch_next_difference(const MapPatch *a, const MapPatch *b,
                                   uint64_t from);

// What one node holds, for the collector: one of the two has no items.
Value *map_patch_values(MapPatch *node, size_t *out_count);
const MapPatch **map_patch_children(MapPatch *node, size_t *out_count);

#endif
