// A radix tree, 4 bits of the entry number to a level, whose nodes hold only
// what is there (Bagwell 2001).
#include "eval/map_patch.h"

#include <assert.h>
#include <string.h>

#define BITS 4
#define MASK 15u

struct MapPatch {
    ObjectHeader header;
    uint32_t present; // bit i: slot i is there
    uint32_t shift;   // of the entry number; 0: a leaf
    union {
        const MapPatch *children[1]; // one for each bit of `present`
        Value values[1];
    } as;
};

#define NODE_MAX_BYTES (sizeof(MapPatch) + (MASK + 1) * sizeof(Value))
// Levels that 32 bits need.
#define LEVELS_MAX 8

static uint32_t slot_of(uint32_t entry, uint32_t shift)
{
    return entry >> shift & MASK;
}

// Where slot number `slot` is, or would be, among those present.
static uint32_t place_of(const MapPatch *node, uint32_t slot)
{
    return (uint32_t)__builtin_popcount(node->present & ((1u << slot) - 1));
}

static bool has_slot(const MapPatch *node, uint32_t slot)
{
    return (node->present >> slot & 1) != 0;
}

static bool covers(const MapPatch *node, uint32_t entry)
{
    return (uint64_t)entry >> (node->shift + BITS) == 0;
}

const Value *map_patch_find(const MapPatch *patch, uint32_t entry)
{
    if (patch == NULL || !covers(patch, entry)) {
        return NULL;
    }
    for (;;) {
        uint32_t slot = slot_of(entry, patch->shift);
        if (!has_slot(patch, slot)) {
            return NULL;
        }
        uint32_t place = place_of(patch, slot);
        if (patch->shift == 0) {
            return &patch->as.values[place];
        }
        patch = patch->as.children[place];
    }
}

// A copy of `node` (or a new one, where that is NULL) with room for `slot`,
// whose place is written to *out_place.
static MapPatch *node_with(Heap *heap, const MapPatch *node, uint32_t shift,
                           uint32_t slot, uint32_t *out_place)
{
    MapPatch none = {.shift = shift};
    const MapPatch *old = node != NULL ? node : &none;
    size_t item = shift == 0 ? sizeof(Value) : sizeof(const MapPatch *);
    size_t count = (size_t)__builtin_popcount(old->present);
    bool fresh = !has_slot(old, slot);
    size_t place = place_of(old, slot);
    size_t bytes = offsetof(MapPatch, as) + (count + fresh) * item;
    MapPatch *copy = heap_alloc(heap, bytes);
    copy->header = object_header(OBJECT_MAP_PATCH, bytes);
    copy->present = old->present | 1u << slot;
    copy->shift = shift;
    const char *from = (const char *)&old->as;
    char *to = (char *)&copy->as;
    memcpy(to, from, place * item);
    memcpy(to + (place + fresh) * item, from + place * item,
           (count - place) * item);
    *out_place = (uint32_t)place;
    return copy;
}

static const MapPatch *node_set(Heap *heap, const MapPatch *node,
                                uint32_t shift, uint32_t entry, Value value)
{
    uint32_t slot = slot_of(entry, shift);
    uint32_t place;
    MapPatch *copy = node_with(heap, node, shift, slot, &place);
    if (shift == 0) {
        copy->as.values[place] = value;
        return copy;
    }
    const MapPatch *child =
        node != NULL && has_slot(node, slot) ? node->as.children[place] : NULL;
    // As deep as there are levels.
    copy->as.children[place] =
        node_set(heap, child, shift - BITS, entry, value);
    return copy;
}

const MapPatch *map_patch_set(Heap *heap, const MapPatch *patch, uint32_t entry,
                              Value value)
{
    if (!heap_can_hold(heap, 2 * LEVELS_MAX * NODE_MAX_BYTES)) {
        return NULL;
    }
    uint32_t shift = 0;
    while ((uint64_t)entry >> (shift + BITS) != 0) {
        shift += BITS;
    }
    if (patch == NULL) {
        return node_set(heap, NULL, shift, entry, value);
    }
    while (patch->shift < shift) {
        uint32_t place;
        MapPatch *root = node_with(heap, NULL, patch->shift + BITS, 0, &place);
        root->as.children[place] = patch;
        patch = root;
    }
    return node_set(heap, patch, patch->shift, entry, value);
}

Value *map_patch_values(MapPatch *node, size_t *out_count)
{
    *out_count =
        node->shift == 0 ? (size_t)__builtin_popcount(node->present) : 0;
    return node->as.values;
}

const MapPatch **map_patch_children(MapPatch *node, size_t *out_count)
{
    *out_count =
        node->shift == 0 ? 0 : (size_t)__builtin_popcount(node->present);
    return node->as.children;
}
