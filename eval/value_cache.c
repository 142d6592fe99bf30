// The value cache over the sharded map: entries are slots.
#include "eval/value_cache.h"

#include "eval/fingerprint.h"

// A key costs as much as compiling what it stands for: where the first keys
// found next to nothing, the others are not made. Relaxed: a guess.
static bool has_given_up(Evaluation *evaluation)
{
    enum { TRIES = 64, TRIES_PER_HIT = 16 };
    uint32_t tries = load_relaxed(&evaluation->value_tries);
    return tries >= TRIES &&
           tries / TRIES_PER_HIT > load_relaxed(&evaluation->value_hits);
}

bool value_cache_key(Evaluation *evaluation, const Slot *slot,
                     CacheKey *out_key)
{
    const Binding *binding =
        program_binding(evaluation->program, slot->module, slot->index);
    bool may_pay =
        evaluation->fingerprints != NULL && !has_given_up(evaluation) &&
        (binding->kind == BINDING_LET || binding->kind == BINDING_RESULT) &&
        !binding->is_function && !binding->is_builtin &&
        fingerprint_has_cost(binding->value);
    return may_pay && fingerprint_binding(evaluation->fingerprints,
                                          slot->module, slot->index, out_key);
}

bool value_cache_find(Evaluation *evaluation, CacheKey key, Slot *slot,
                      Value *out_value)
{
    (void)fetch_add_relaxed(&evaluation->value_tries, 1);
    const Slot *found = cache_map_find(evaluation->value_cache, key);
    if (found == NULL) {
        return false;
    }
    (void)fetch_add_relaxed(&evaluation->value_hits, 1);
    slot->steps = found->steps;
    *out_value = found->value;
    return true;
}

void value_cache_insert(Evaluation *evaluation, CacheKey key, Slot *slot)
{
    (void)cache_map_insert(evaluation->value_cache, key, slot, sizeof *slot);
}
