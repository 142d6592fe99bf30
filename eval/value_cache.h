// The value cache: equal elaborated code (eval/fingerprint.h), equal value.
// Entries are finished slots, which live as long as their evaluation; the
// map must not be used by another evaluation.
//
// Values that hold functions are not kept: a function can say where it stands.
//
// Nothing is looked up, and no text is read, before the first value has taken
// so many steps that finding an equal one would have paid.
//
// Threads: any worker.
#ifndef LIGATURE_EVAL_VALUE_CACHE_H
#define LIGATURE_EVAL_VALUE_CACHE_H

#include "eval/run.h"

// False for bindings that are cheaper to evaluate than to look up, or whose
// value is not determined by their code.
MUST_USE bool value_cache_key(Evaluation *evaluation, const Slot *slot,
                              CacheKey *out_key);
// Sets the value, and the steps that `slot` would have used.
MUST_USE bool value_cache_find(Evaluation *evaluation, CacheKey key, Slot *slot,
                               Value *out_value);
// `slot` is DONE. `key` is what value_cache_key() gave, or NULL.
void value_cache_insert(Evaluation *evaluation, const CacheKey *key, Slot *slot,
                        Worker *worker);

#endif
