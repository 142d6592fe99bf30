// What the types of a whole program may take, against --max-memory. A binding
// has --max-type-nodes; but as many bindings as a source has room for may each
// have as many fields as another part of it, so that types grow as its square.
//
// The sum is the same in every order of the checks, and so is whether it
// passes the limit. What was found by then is not, and nothing else is said.
//
// Threads: any; `limit` is immutable.
#ifndef LIGATURE_TYPECHECK_TYPE_BUDGET_H
#define LIGATURE_TYPECHECK_TYPE_BUDGET_H

#include "concurrent/atomics.h"

// What a node takes, or one of its children, where it is made and where it is
// kept, as measured; that it is the same at every number of workers matters
// more than that it is exact.
#define TYPE_NODE_BYTES 40

typedef struct TypeBudget {
    uint64_t limit;          // nodes
    _Atomic(uint64_t) nodes; // relaxed: a sum
} TypeBudget;

static inline void type_budget_init(TypeBudget *budget, uint64_t bytes)
{
    budget->limit = bytes / TYPE_NODE_BYTES;
    store_relaxed(&budget->nodes, 0);
}

static inline void type_budget_charge(TypeBudget *budget, uint64_t nodes)
{
    (void)fetch_add_relaxed(&budget->nodes, nodes);
}

// True from some time on until the end.
static inline bool type_budget_is_passed(const TypeBudget *budget)
{
    return load_relaxed(&budget->nodes) > budget->limit;
}

#endif
