// Stable sorting of values whose order is the structural one, by several
// workers where there are any: what is compared, and so how many looks it
// takes, does not depend on them.
//
// Ownership: the sorter owns its items; the keys are the caller's.
// Threads:   one caller; others help inside.
#ifndef LIGATURE_EVAL_SORT_H
#define LIGATURE_EVAL_SORT_H

#include "eval/builtin_api.h"

typedef struct SortItem {
    uint64_t prefix; // of the key, in the same order; as much as fits
    uint32_t number; // of the key
} SortItem;

typedef enum SortKeys {
    SORT_NUMBERS, // the prefix is the key
    SORT_TEXTS,
    SORT_DATA
} SortKeys;

typedef struct Sorter {
    BuiltinContext *ctx;
    const Value *keys;
    uint32_t count;
    SortKeys kind;
    SortItem *items; // sorted in the end
    SortItem *other; // as many
    uint64_t width;  // of sorted runs
    _Atomic(int64_t) looks_used;
    _Atomic(bool) stopped; // the looks or the time are over
} Sorter;

// False: the context is set. The caller releases it in both cases.
MUST_USE bool sorter_sort(Sorter *sorter, BuiltinContext *ctx,
                          const Value *keys, uint32_t count);
void sorter_release(Sorter *sorter);
// Whether two keys are equal; it takes looks for data, so the caller asks
// sorter_goes_on() at the end.
bool sorter_equal(Sorter *sorter, uint32_t i, uint32_t j);
MUST_USE bool sorter_goes_on(Sorter *sorter);
// Runs `body` over [0, count) by whoever is there. False: cancelled.
MUST_USE bool sorter_for(Sorter *sorter, uint64_t count, uint64_t grain,
                         RangeFunction *body, void *ctx);

#endif
