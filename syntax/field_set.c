// Open addressing with linear probing. A stamp per record makes emptying the
// table free.
#include "syntax/field_set.h"

#include <stdlib.h>

#include "support/attributes.h"
#include "support/die.h"
#include "support/hash.h"

#define FIRST_CAPACITY 64

void field_set_release(FieldSet *set)
{
    free(set->nodes);
    *set = (FieldSet){0};
}

void field_set_trim(FieldSet *set)
{
    enum { KEPT_CAPACITY = 4096 };
    if (set->capacity > KEPT_CAPACITY) {
        field_set_release(set);
    }
}

void field_set_begin(FieldSet *set)
{
    set->count = 0;
    if (++set->stamp == 0) {
        // The stamps of old records come round again.
        for (uint32_t i = 0; i < set->capacity; i++) {
            set->nodes[i].stamp = 0;
        }
        set->stamp = 1;
    }
}

static FieldNode *find_slot(FieldNode *nodes, uint32_t capacity, uint32_t stamp,
                            uint32_t parent, Symbol name)
{
    uint64_t key = (uint64_t)parent << 32 | name;
    uint64_t hash = key * HASH_MULTIPLIER;
    uint32_t mask = capacity - 1;
    for (uint32_t slot = (uint32_t)(hash >> 32) & mask;;
         slot = (slot + 1) & mask) {
        FieldNode *node = &nodes[slot];
        if (node->stamp != stamp ||
            (node->name == name && node->parent == parent)) {
            return node;
        }
    }
}

static void grow(FieldSet *set)
{
    if (set->capacity > UINT32_MAX / 2) {
        die_out_of_memory();
    }
    uint32_t capacity = set->capacity == 0 ? FIRST_CAPACITY : set->capacity * 2;
    FieldNode *nodes = mem_calloc(capacity, sizeof *nodes);
    for (uint32_t i = 0; i < set->capacity; i++) {
        const FieldNode *node = &set->nodes[i];
        if (node->stamp == set->stamp) {
            *find_slot(nodes, capacity, set->stamp, node->parent, node->name) =
                *node;
        }
    }
    free(set->nodes);
    set->nodes = nodes;
    set->capacity = capacity;
}

FieldNode *field_set_add(FieldSet *set, uint32_t parent, Symbol name,
                         bool *out_added)
{
    if (UNLIKELY(set->count >= set->capacity / 2)) {
        grow(set);
    }
    FieldNode *node =
        find_slot(set->nodes, set->capacity, set->stamp, parent, name);
    *out_added = node->stamp != set->stamp;
    if (*out_added) {
        *node = (FieldNode){.parent = parent,
                            .name = name,
                            .stamp = set->stamp,
                            .node = ++set->count};
    }
    return node;
}
