// Class constraints by the variable that they are on, so that a function of a
// thousand constraints is not checked by comparing all pairs. What is on a
// variable follows only from what is on the same variable (superclasses mention
// no others) or from what is not known by one variable: a constraint on
// something else, or one of several arguments whose class has superclasses.
//
// Constraints of a class of records are known by the names of the fields of
// the first argument that is a closed record, among those that decide.
//
// Invariant: a variable is not bound while constraints on it are indexed. What
// classes of records find out may be, but a record that is closed keeps its
// fields.
//
// Ownership: memory of its own; types are borrowed.
// Threads:   one owner.
#ifndef LIGATURE_TYPECHECK_CONSTRAINT_INDEX_H
#define LIGATURE_TYPECHECK_CONSTRAINT_INDEX_H

#include "support/ptr_map.h"
#include "support/vec.h"
#include "typecheck/module_types.h"

// What a constraint is known by. `of` is a variable, and `and_` says which
// class without superclasses and what its other arguments are (0: one with
// superclasses); or a class of records, and which fields (0: no argument is
// closed). `of` is 0 where it is neither.
typedef struct ConstraintKey {
    uintptr_t of;
    uintptr_t and_;
} ConstraintKey;

typedef struct ConstraintLink {
    ConstraintKey key;
    uint32_t before; // the one before with the same key, from 1; 0: none
    bool has_supers;
} ConstraintLink;

// Zero-initialised is empty and ready. Few constraints are looked through one
// by one; the map is made for many.
typedef struct ConstraintIndex {
    PtrMap newest; // key to the newest constraint with it, from 1
    uint32_t newest_other;
    bool mapped;
    uint32_t with_supers;      // from which others may follow
    VEC(ConstraintLink) links; // by number, in order of adding
} ConstraintIndex;

void constraint_index_release(ConstraintIndex *index);

// Adds the next number.
void constraint_index_add(ConstraintIndex *index, const ClassInfo *class_,
                          Type *const *args);
// Forgets all but the first `count`.
void constraint_index_truncate(ConstraintIndex *index, uint32_t count);

// The constraints that one may be or follow from, newest first:
//     ConstraintWalk walk = constraint_index_walk(&index, class_, args);
//     while (constraint_walk_next(&walk, &number)) ...
enum { CONSTRAINT_CHAINS = 4 };
typedef struct ConstraintWalk {
    const ConstraintIndex *index;
    uintptr_t variable;               // 0: any may be meant
    uint32_t next[CONSTRAINT_CHAINS]; // of each chain, from 1
    uint32_t all;                     // counts down where chains do not help
} ConstraintWalk;

ConstraintWalk constraint_index_walk(const ConstraintIndex *index,
                                     const ClassInfo *class_,
                                     Type *const *args);
bool constraint_walk_next(ConstraintWalk *walk, uint32_t *number);

#endif
