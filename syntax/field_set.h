// The set of field names of one record, for finding duplicates in linear time.
// A dotted path is a walk through a tree of names: node 0 is the record, and
// (node, name) leads to a node.
//
// Ownership: the set owns its memory and keeps it for the next record.
//            Zero-initialised is ready for field_set_begin().
// Threads:   one owner.
#ifndef LIGATURE_SYNTAX_FIELD_SET_H
#define LIGATURE_SYNTAX_FIELD_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "concurrent/intern.h"

typedef struct FieldNode {
    uint32_t parent;
    Symbol name;
    uint32_t stamp; // private: of the record that it belongs to
    uint32_t node;  // its number, from 1
    uint32_t item;  // the item that made it
    bool ends;      // an item's path ends here
} FieldNode;

typedef struct FieldSet {
    FieldNode *nodes; // open addressing
    uint32_t capacity;
    uint32_t count;
    uint32_t stamp;
} FieldSet;

void field_set_release(FieldSet *set);
// Gives back what only a long record needs.
void field_set_trim(FieldSet *set);
// Forgets everything.
void field_set_begin(FieldSet *set);
// The node of `name` under `parent`, made when there is none (*out_added); good
// until the next call.
FieldNode *field_set_add(FieldSet *set, uint32_t parent, Symbol name,
                         bool *out_added);

#endif
