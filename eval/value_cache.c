// The value cache over the sharded map: entries are slots.
#include "eval/value_cache.h"

#include "eval/fingerprint.h"

bool value_cache_key(Evaluation *evaluation, const Slot *slot,
                     CacheKey *out_key)
{
    const Binding *binding =
        program_binding(evaluation->program, slot->module, slot->index);
    bool may_pay =
        evaluation->fingerprints != NULL &&
        (binding->kind == BINDING_LET || binding->kind == BINDING_RESULT) &&
        !binding->is_function && !binding->is_builtin &&
        fingerprint_has_cost(binding->value);
    return may_pay && fingerprint_binding(evaluation->fingerprints,
                                          slot->module, slot->index, out_key);
}

bool value_cache_find(Evaluation *evaluation, CacheKey key, Slot *slot,
                      Value *out_value)
{
    const Slot *found = cache_map_find(evaluation->value_cache, key);
    if (found == NULL) {
        return false;
    }
    slot->steps = found->steps;
    *out_value = found->value;
    return true;
}

void value_cache_insert(Evaluation *evaluation, CacheKey key, Slot *slot)
{
    (void)cache_map_insert(evaluation->value_cache, key, slot, sizeof *slot);
}
