// Class constraints by the variable that they are on, so that a function of a
// thousand constraints is not checked by comparing all pairs. What is on a
// variable follows only from what is on the same variable (superclasses mention
// no others) or from what is not known by one variable: a constraint on
// something else or of a class of records, or one of several arguments whose
// class has superclasses.
//
// Invariant: a variable is not bound while constraints on it are indexed.
//
// Ownership: memory of its own; types are borrowed.
// Threads:   one owner.
#ifndef LIGATURE_TYPECHECK_CONSTRAINT_INDEX_H
#define LIGATURE_TYPECHECK_CONSTRAINT_INDEX_H

#include "support/ptr_map.h"
#include "support/vec.h"
#include "typecheck/module_types.h"

typedef struct ConstraintLink {
    const Type *variable; // NULL: on something else
    uint32_t before;      // the one before on the same, counted from 1; 0: none
} ConstraintLink;

// Zero-initialised is empty and ready. Few constraints are looked through one
// by one; the map is made for many.
typedef struct ConstraintIndex {
    PtrMap newest; // variable to the newest constraint on it, from 1
    uint32_t newest_other;
    bool mapped;
    VEC(ConstraintLink) links; // by number, in order of adding
} ConstraintIndex;

void constraint_index_release(ConstraintIndex *index);

// Adds the next number.
void constraint_index_add(ConstraintIndex *index, const ClassInfo *class_,
                          Type *const *args);
// Forgets all but the first `count`.
void constraint_index_truncate(ConstraintIndex *index, uint32_t count);

// The constraints that one may follow from, newest first:
//     ConstraintWalk walk = constraint_index_walk(&index, class_, args);
//     while (constraint_walk_next(&walk, &number)) ...
typedef struct ConstraintWalk {
    const ConstraintIndex *index;
    const Type *variable;       // NULL: any may be meant
    uint32_t on_same, on_other; // next of each kind, from 1
    uint32_t all;               // counts down where they are not mapped
} ConstraintWalk;

ConstraintWalk constraint_index_walk(const ConstraintIndex *index,
                                     const ClassInfo *class_,
                                     Type *const *args);
bool constraint_walk_next(ConstraintWalk *walk, uint32_t *number);

#endif
