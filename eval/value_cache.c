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
    // Acquire: pairs with the release in begin().
    Fingerprints *fingerprints = load_acquire(&evaluation->fingerprints);
    if (fingerprints == NULL || has_given_up(evaluation)) {
        return false;
    }
    const Binding *binding =
        program_binding(evaluation->program, slot->module, slot->index);
    bool may_pay =
        (binding->kind == BINDING_LET || binding->kind == BINDING_RESULT) &&
        !binding->is_function && !binding->is_builtin &&
        fingerprint_has_cost(binding->value);
    return may_pay && fingerprint_binding(fingerprints, slot->module,
                                          slot->index, out_key);
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

// Reads the texts, when the first value was worth it: others meanwhile go on
// without the cache. Relaxed: who comes second has nothing to do with it.
static void begin(Evaluation *evaluation, Worker *worker)
{
    uint32_t expected = 0;
    if (load_relaxed(&evaluation->fingerprints_begun) == 0 &&
        cas_acq_rel(&evaluation->fingerprints_begun, &expected, 1)) {
        Fingerprints *made = fingerprints_new(evaluation->program, worker);
        // Release: pairs with the acquire in value_cache_key().
        store_release(&evaluation->fingerprints, made);
    }
}

void value_cache_insert(Evaluation *evaluation, const CacheKey *key, Slot *slot,
                        Worker *worker)
{
    enum { STEPS_MIN = 256 }; // about what a key costs
    CacheKey own;
    if (key == NULL) {
        if (slot->steps < STEPS_MIN) {
            return;
        }
        begin(evaluation, worker);
        if (!value_cache_key(evaluation, slot, &own)) {
            return;
        }
        key = &own;
    }
    (void)cache_map_insert(evaluation->value_cache, *key, slot, sizeof *slot);
}
