// The value cache over the sharded map: entries are slots.
#include "eval/value_cache.h"

#include "eval/fingerprint.h"
#include "support/die.h"

#define STEPS_MIN 256 // about what a key costs

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

// Values that are still to be looked into, and how many parts that may take.
typedef struct Search {
    VEC(Value) values;
    uint64_t budget;
} Search;

// False for functions, and where it takes too long.
static bool search_parts(Search *search, const Value *parts, uint32_t count)
{
    if (parts == NULL || count > search->budget) {
        return parts == NULL; // a range
    }
    search->budget -= count;
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].tag >= VALUE_FUNCTION) {
            return false;
        }
        if (parts[i].tag >= VALUE_LIST) {
            vec_push(&search->values, parts[i]);
        }
    }
    return true;
}

static bool search_rope(Search *search, Value list)
{
    for (uint32_t i = 0; i < value_list_count(list); i++) {
        Value part = value_list_at(list, i);
        if (!search_parts(search, &part, 1)) {
            return false;
        }
    }
    return true;
}

static bool search_value(Search *search, Value value)
{
    switch ((ValueTag)value.tag) {
    case VALUE_LIST:
        return list_is_rope(value.as.list)
                   ? search_rope(search, value)
                   : search_parts(search, value.as.list->items,
                                  value.as.list->count);
    case VALUE_TUPLE:
        return search_parts(search, value.as.tuple->items,
                            value.as.tuple->count);
    case VALUE_RECORD:
        return search_parts(search, value.as.record->fields,
                            value.as.record->shape->count);
    case VALUE_MAP:
        for (uint32_t i = 0; i < value.as.map->count; i++) {
            Value part = value_map_value(value.as.map, i);
            if (!search_parts(search, &part, 1)) {
                return false;
            }
        }
        return true;
    case VALUE_UNION:
        return value.arity == 0 ||
               search_parts(search, value.as.object->fields, value.arity);
    case VALUE_UNIT:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_STRING:
    case VALUE_FUNCTION:
    case VALUE_PARTIAL:
    case VALUE_DICTIONARY:
    case ANY_MERE_OBJECT:
        break;
    }
    UNREACHABLE(); // not kept by search_parts()
}

// Whether there is no function in the value, as far as can be found out. A
// function knows where it stands in the text and which annotation it checks,
// and its failures say so: in place of its twin it would name the other's,
// depending on which of the two came first. Few values are ever found, so it is
// the finder who looks.
static bool holds_no_function(Value value, uint64_t budget)
{
    Search search = {.budget = budget};
    bool none = search_parts(&search, &value, 1);
    while (none && search.values.count > 0) {
        none = search_value(&search, vec_pop(&search.values));
    }
    vec_release(&search.values);
    return none;
}

bool value_cache_find(Evaluation *evaluation, CacheKey key, Slot *slot,
                      Value *out_value)
{
    (void)fetch_add_relaxed(&evaluation->value_tries, 1);
    const Slot *found = cache_map_find(evaluation->value_cache, key);
    if (found == NULL ||
        !holds_no_function(found->value, STEPS_MIN + found->steps)) {
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
    (void)cache_map_insert(evaluation->value_cache, *key, slot,
                           CACHE_ENTRY_BYTES + sizeof *slot);
}
