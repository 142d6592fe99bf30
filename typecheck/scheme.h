// Type schemes: a type with some of its variables bound ("for all a. ...") and
// constraints on them. A scheme lists the nodes that hold bound variables,
// children first, so that an instance (instance.h) is a table of as many nodes,
// keeps the sharing of the graph and marks nothing: any thread may make one.
//
// Ownership: a scheme lives in the arena of the store that it was made with.
// Threads:   immutable once made.
#ifndef LIGATURE_TYPECHECK_SCHEME_H
#define LIGATURE_TYPECHECK_SCHEME_H

#include "support/ptr_map.h"
#include "typecheck/type.h"

// Types of so many nodes are generalised without memory from the system.
#define GENERALISER_FEW 24

typedef struct ClassInfo ClassInfo;

typedef struct SchemeConstraint {
    const ClassInfo *class_;
    Type **args; // as many as the class has parameters
} SchemeConstraint;

typedef struct Scheme {
    Type *type;
    uint32_t generic_count;
    uint32_t node_count; // of `nodes`: those with generics; nodes[i]->mark == i
    Type **nodes;
    SchemeConstraint *constraints;
    uint32_t constraint_count;
} Scheme;

typedef struct CopiedNode {
    Type *node, *copy;
} CopiedNode;

// Turns a group's types into those of a scheme: variables and skolems above
// `level` become generics. Copies of shared nodes are shared; refinements are
// left out. The mark of a node with variables says where its copy stands; a
// traversal may overwrite it, which costs the sharing and no more, because
// traversals leave alone the marks of variables. No two that bind the same
// variables are at work at a time.
typedef struct Generaliser {
    TypeStore *store;
    uint32_t level;
    bool keep_refined;
    uint32_t generic_count;
    PtrMap memo; // node without variables, but refined -> copy
    CopiedNode *copied;
    uint32_t copied_count, copied_capacity;
    uint32_t node_count, node_capacity; // of the scheme
    Type **nodes;
    // Where the two lists begin.
    CopiedNode few_copied[GENERALISER_FEW];
    Type *few_nodes[GENERALISER_FEW];
} Generaliser;

void generaliser_init(Generaliser *generaliser, TypeStore *store,
                      uint32_t level);
void generaliser_release(Generaliser *generaliser);
Type *generalise_type(Generaliser *generaliser, Type *type);
// What the variable or skolem became in what was generalised so far; NULL when
// it was not bound.
const Type *generaliser_generic(const Generaliser *generaliser,
                                const Type *var);
// The scheme of `type`, with the constraints given (kept, and already in
// generalised types).
Scheme *generaliser_scheme(Generaliser *generaliser, Type *type,
                           SchemeConstraint *constraints,
                           uint32_t constraint_count);
// A scheme without bound variables; those of base types are constants.
const Scheme *scheme_mono(Arena *arena, Type *type);

// As messages and tools show it: "Num a => a -> a"; `from` as in type_print().
Str scheme_print(const Program *program, const Module *from,
                 const Scheme *scheme, Arena *arena);

// A copy without refinements; `type` itself when there are none.
Type *type_strip_slow(TypeStore *store, Type *type);
static inline Type *type_strip(TypeStore *store, Type *type)
{
    return UNLIKELY((type->flags & TYPE_HAS_REFINED) != 0)
               ? type_strip_slow(store, type)
               : type;
}

#endif
