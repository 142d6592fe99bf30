// A radix tree, 4 bits of the slot's number to a level, whose nodes hold only
// what is there (Bagwell 2001), and count what is gone below them.
#include "eval/map_patch.h"

#include <string.h>

#define BITS  4
#define PARTS (1u << BITS)

struct MapPatch {
    ObjectHeader header;
    uint16_t present;    // bit i: part i is there
    uint16_t gone;       // of a leaf, bit i: the slot has lost its entry
    uint32_t gone_count; // of all slots below
    uint32_t shift;      // of the slot's number; 0: a leaf
    union {
        const MapPatch *children[1]; // one for each bit of `present`
        Value values[1];
    } as;
};

#define NODE_MAX_BYTES (sizeof(MapPatch) + PARTS * sizeof(Value))
// Levels that 32 bits need.
#define LEVELS_MAX 8

static uint32_t part_of(uint32_t slot, uint32_t shift)
{
    return slot >> shift & (PARTS - 1);
}

// Where part number `part` is, or would be, among those present.
static uint32_t place_of(const MapPatch *node, uint32_t part)
{
    return (uint32_t)__builtin_popcount(node->present & ((1u << part) - 1));
}

static bool has_part(const MapPatch *node, uint32_t part)
{
    return (node->present >> part & 1) != 0;
}

static bool is_gone(const MapPatch *leaf, uint32_t part)
{
    return (leaf->gone >> part & 1) != 0;
}

static bool covers(const MapPatch *node, uint32_t slot)
{
    return (uint64_t)slot >> (node->shift + BITS) == 0;
}

const Value *map_patch_find(const MapPatch *patch, uint32_t slot,
                            bool *out_gone)
{
    *out_gone = false;
    if (patch == NULL || !covers(patch, slot)) {
        return NULL;
    }
    for (;;) {
        uint32_t part = part_of(slot, patch->shift);
        if (!has_part(patch, part)) {
            return NULL;
        }
        uint32_t place = place_of(patch, part);
        if (patch->shift == 0) {
            *out_gone = is_gone(patch, part);
            return &patch->as.values[place];
        }
        patch = patch->as.children[place];
    }
}

// ---- changes

// What is to stand for a slot.
typedef struct Change {
    uint32_t slot;
    bool gone;
    Value value;
} Change;

// A copy of `node` (or a new one, where that is NULL) with room for `part`,
// whose place is written to *out_place.
static MapPatch *node_with(Heap *heap, const MapPatch *node, uint32_t shift,
                           uint32_t part, uint32_t *out_place)
{
    MapPatch none = {.shift = shift};
    const MapPatch *old = node != NULL ? node : &none;
    size_t item = shift == 0 ? sizeof(Value) : sizeof(const MapPatch *);
    size_t count = (size_t)__builtin_popcount(old->present);
    bool fresh = !has_part(old, part);
    size_t place = place_of(old, part);
    size_t bytes = offsetof(MapPatch, as) + (count + fresh) * item;
    MapPatch *copy = heap_alloc(heap, bytes);
    copy->header = object_header(OBJECT_MAP_PATCH, bytes);
    copy->present = (uint16_t)(old->present | 1u << part);
    copy->gone = old->gone;
    copy->gone_count = old->gone_count;
    copy->shift = shift;
    const char *from = (const char *)&old->as;
    char *to = (char *)&copy->as;
    memcpy(to, from, place * item);
    memcpy(to + (place + fresh) * item, from + place * item,
           (count - place) * item);
    *out_place = (uint32_t)place;
    return copy;
}

static const MapPatch *node_change(Heap *heap, const MapPatch *node,
                                   uint32_t shift, const Change *change)
{
    uint32_t part = part_of(change->slot, shift);
    uint32_t place;
    MapPatch *copy = node_with(heap, node, shift, part, &place);
    if (shift == 0) {
        copy->gone_count -= is_gone(copy, part);
        copy->gone = (uint16_t)(copy->gone & ~(1u << part));
        copy->gone = (uint16_t)(copy->gone | (uint32_t)change->gone << part);
        copy->gone_count += change->gone;
        copy->as.values[place] = change->value;
        return copy;
    }
    const MapPatch *child =
        node != NULL && has_part(node, part) ? node->as.children[place] : NULL;
    // As deep as there are levels.
    const MapPatch *changed = node_change(heap, child, shift - BITS, change);
    copy->gone_count += changed->gone_count - map_patch_gone(child);
    copy->as.children[place] = changed;
    return copy;
}

static const MapPatch *patch_change(Heap *heap, const MapPatch *patch,
                                    const Change *change)
{
    if (!heap_can_hold(heap, 2 * LEVELS_MAX * NODE_MAX_BYTES)) {
        return NULL;
    }
    uint32_t shift = 0;
    while ((uint64_t)change->slot >> (shift + BITS) != 0) {
        shift += BITS;
    }
    if (patch == NULL) {
        return node_change(heap, NULL, shift, change);
    }
    while (patch->shift < shift) {
        uint32_t place;
        MapPatch *root = node_with(heap, NULL, patch->shift + BITS, 0, &place);
        root->gone_count = patch->gone_count;
        root->as.children[place] = patch;
        patch = root;
    }
    return node_change(heap, patch, patch->shift, change);
}

const MapPatch *map_patch_set(Heap *heap, const MapPatch *patch, uint32_t slot,
                              Value value)
{
    return patch_change(heap, patch, &(Change){slot, false, value});
}

const MapPatch *map_patch_drop(Heap *heap, const MapPatch *patch, uint32_t slot,
                               Value later)
{
    return patch_change(heap, patch, &(Change){slot, true, later});
}

// ---- slots that have lost their entry

uint32_t map_patch_gone(const MapPatch *patch)
{
    return patch != NULL ? patch->gone_count : 0;
}

// In one part of a node.
static uint32_t gone_in(const MapPatch *node, uint32_t part)
{
    return !has_part(node, part) ? 0
           : node->shift == 0
               ? is_gone(node, part)
               : node->as.children[place_of(node, part)]->gone_count;
}

uint32_t map_patch_slot(const MapPatch *patch, uint32_t entry)
{
    uint32_t slot = 0; // where the node begins; `entry` counts from there
    while (map_patch_gone(patch) > 0) {
        uint32_t part = 0;
        while (part < PARTS) {
            uint32_t held = (1u << patch->shift) - gone_in(patch, part);
            if (entry < held) {
                break;
            }
            entry -= held;
            part++;
        }
        slot += part << patch->shift;
        if (part == PARTS || patch->shift == 0 || !has_part(patch, part)) {
            break;
        }
        patch = patch->as.children[place_of(patch, part)];
    }
    return slot + entry;
}

uint32_t map_patch_entry(const MapPatch *patch, uint32_t slot)
{
    if (map_patch_gone(patch) > 0 && !covers(patch, slot)) {
        return slot - patch->gone_count;
    }
    uint32_t entry = slot;
    while (map_patch_gone(patch) > 0) {
        uint32_t part = part_of(slot, patch->shift);
        for (uint32_t before = 0; before < part; before++) {
            entry -= gone_in(patch, before);
        }
        if (patch->shift == 0 || !has_part(patch, part)) {
            break;
        }
        patch = patch->as.children[place_of(patch, part)];
    }
    return entry;
}

// ---- what two patches say differently

// What there is of part `part` of a node that begins with it, of the shift that
// is asked for: a patch covers no more than it must.
static const MapPatch *child_at(const MapPatch *node, uint32_t shift,
                                uint32_t part)
{
    if (node == NULL || node->shift < shift) {
        return part == 0 ? node : NULL;
    }
    return has_part(node, part) ? node->as.children[place_of(node, part)]
                                : NULL;
}

static bool differs_at(const MapPatch *a, const MapPatch *b, uint32_t part)
{
    bool in_a = a != NULL && has_part(a, part);
    bool in_b = b != NULL && has_part(b, part);
    if (!in_a || !in_b) {
        return in_a != in_b;
    }
    return is_gone(a, part) != is_gone(b, part) ||
           memcmp(&a->as.values[place_of(a, part)],
                  &b->as.values[place_of(b, part)], sizeof(Value)) != 0;
}

// Of nodes that begin with slot `first`. As deep as there are levels.
static uint64_t next_difference(const MapPatch *a, const MapPatch *b,
                                uint32_t shift, uint64_t first, uint64_t from)
{
    uint64_t part = from > first ? (from - first) >> shift : 0;
    for (; a != b && part < PARTS; part++) {
        uint64_t begin = first + (part << shift);
        if (shift == 0) {
            if (differs_at(a, b, (uint32_t)part)) {
                return begin;
            }
            continue;
        }
        uint64_t found = next_difference(child_at(a, shift, (uint32_t)part),
                                         child_at(b, shift, (uint32_t)part),
                                         shift - BITS, begin, from);
        if (found != UINT64_MAX) {
            return found;
        }
    }
    return UINT64_MAX;
}

uint64_t map_patch_next_difference(const MapPatch *a, const MapPatch *b,
                                   uint64_t from)
{
    uint32_t shift = a != NULL ? a->shift : 0;
    shift = b != NULL && b->shift > shift ? b->shift : shift;
    return next_difference(a, b, shift, 0, from);
}

// ---- what nodes hold

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
