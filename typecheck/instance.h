// A scheme in use: its bound variables stand for types of the place where it
// is used. What they stand for is often known there before anything is made,
// so an instance makes a node when it is asked for, and matching settles bound
// variables without a variable and without unification: a function applied to
// an argument of a known type costs a walk over both (matching is unification
// with variables on one side only; Baader and Snyder 2001, 3.1).
//
// Ownership: an Instance lives on the stack of who uses the scheme; the types
//            that it makes in its store's arena.
// Threads:   those of the store.
#ifndef LIGATURE_TYPECHECK_INSTANCE_H
#define LIGATURE_TYPECHECK_INSTANCE_H

#include "typecheck/scheme.h"

enum {
    // Schemes of so many nodes need no memory for the map.
    INSTANCE_FEW = 16,
    INSTANCE_RESTS = 2
};

// What a matched record has beside the fields that the scheme names. Its type
// is made only where somebody asks for it.
typedef struct InstanceRest {
    const Type *row;  // the bound variable
    const Type *node; // the scheme's record
    Type *record;     // what was matched with it
} InstanceRest;

// Private, but for `scheme`.
typedef struct Instance {
    const Scheme *scheme;
    TypeStore *store;
    uint32_t level; // of new variables
    uint32_t rest_count;
    Type **map; // by node number; NULL: not made
    InstanceRest rests[INSTANCE_RESTS];
    Type *few[INSTANCE_FEW];
} Instance;

// The map is temporary memory in `scratch` where the scheme is large.
void instance_open(Instance *instance, const Scheme *scheme, TypeStore *store,
                   Arena *scratch, uint32_t level);
Type *instance_make(Instance *instance, Type *node);
// A type of the scheme (its own, a part of it, or of a constraint) in this
// instance, with fresh variables for the bound ones that stand for nothing yet.
static inline Type *instance_type(Instance *instance, Type *node)
{
    if ((node->flags & TYPE_HAS_GENERICS) == 0) {
        return node;
    }
    Type *made = instance->map[node->mark];
    return made != NULL ? made : instance_make(instance, node);
}
// The type where it is known without making anything; else NULL.
static inline Type *instance_known(const Instance *instance, Type *node)
{
    return (node->flags & TYPE_HAS_GENERICS) != 0 ? instance->map[node->mark]
                                                  : node;
}

// Has bound variables of `node`, a type of the scheme, stand for parts of
// `type`, so that the two are the same. False, with nothing changed, where that
// takes more than a look: where they differ, or variables of `type` would have
// to be bound.
bool instance_match(Instance *instance, Type *node, Type *type);
// Has the bound end of `node`, a record of the scheme, stand for what `record`
// has beside the fields of the node by the time that is asked for. False where
// the end is none, or stands for something already.
bool instance_leave_rest(Instance *instance, const Type *node, Type *record);

#endif
