// Constants that were made before in the same heap, by content: literals repeat
// themselves, so equal ones are made once.
//
// Ownership: the values are the heap's, which is never collected.
// Threads:   one owner at a time.
#ifndef LIGATURE_EVAL_CONSTANT_CACHE_H
#define LIGATURE_EVAL_CONSTANT_CACHE_H

#include "eval/value.h"

typedef struct ConstantCache {
    Value entries[256]; // by hash; a unit: none
} ConstantCache;

// A string with these bytes, which outlive it. `cache` may be NULL, here and
// below: nothing is shared.
Value constant_text(ConstantCache *cache, Heap *heap, Str text);
// `data`, a list, tuple or record of constants that was made last in the heap,
// or an equal one from before; none with more parts.
#define CONSTANT_PARTS_MAX 8u
Value constant_shared(ConstantCache *cache, Heap *heap, Value data);

#endif
