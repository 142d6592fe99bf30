// Constants that were made before in the same heap: literals repeat themselves,
// so equal ones are made once, and so are defaults.
//
// Ownership: the values are the heap's, which is never collected; the cache is
//            its creator's.
// Threads:   one owner at a time.
#ifndef LIGATURE_EVAL_CONSTANT_CACHE_H
#define LIGATURE_EVAL_CONSTANT_CACHE_H

#include "eval/value.h"
#include "support/ptr_map.h"
#include "support/vec.h"
#include "syntax/module.h"

typedef struct ConstantCache {
    Value entries[256];     // by hash; a unit: none
    PtrMap default_numbers; // by hidden binding: 1 + its number in
    VEC(Value) defaults;
} ConstantCache;

ConstantCache *constant_cache_new(void);
void constant_cache_free(ConstantCache *cache); // may be NULL

// A string with these bytes, which outlive it. `cache` may be NULL, here and
// below: nothing is shared.
Value constant_text(ConstantCache *cache, Heap *heap, Str text);
// `data`, a list, tuple or record of constants that was made last in the heap,
// or an equal one from before; none with more parts.
#define CONSTANT_PARTS_MAX 8u
Value constant_shared(ConstantCache *cache, Heap *heap, Value data);

// The value of a default that is data, made once: types lead to each other, and
// what their defaults fill in is a tree without bound.
static inline bool constant_is_data(const Expr *expr)
{
    return expr->kind == EXPR_RECORD || expr->kind == EXPR_LIST ||
           expr->kind == EXPR_TUPLE;
}
bool constant_default_known(const ConstantCache *cache, const Binding *binding,
                            Value *out);
void constant_default_add(ConstantCache *cache, const Binding *binding,
                          Value value);

#endif
