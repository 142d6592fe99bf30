// A direct-mapped table that doubles while it keeps replacing entries, with a
// count of hits per code, and the shared map behind it.
#include "eval/expr_cache.h"

#include <stdlib.h>
#include <string.h>

#include "support/die.h"
#include "support/hash.h"

#define FRONT_FIRST_CAPACITY UINT32_C(1024)
#define FRONT_MAX_CAPACITY   (UINT32_C(1) << 16)
// Below this many steps evaluating is as cheap as asking the shared map.
#define SHARED_MIN_STEPS 256
#define CODES            64
// A code is judged each time it was looked up this often.
#define JUDGED_LOOKUPS 4096
// Steps that a look-up must save on average.
#define STEPS_PER_LOOKUP 8
// One in a large shared map misses the processor's caches several times. It is
// judged late: first results are kept, then they are of use.
#define STEPS_PER_SHARED_LOOKUP 64
#ifdef NDEBUG
#define JUDGED_SHARED_LOOKUPS (UINT32_C(1) << 20)
#else
#define JUDGED_SHARED_LOOKUPS (UINT32_C(1) << 14)
#endif

typedef struct ExprKey {
    uint64_t number; // 0: no entry
    uint64_t tags;   // of the arguments, and how many there are
    uint64_t args[EXPR_CACHE_MAX_ARGS];
} ExprKey;

typedef struct FrontEntry {
    ExprKey key;
    ExprResult result;
} FrontEntry;

typedef struct CodeStats {
    uint64_t number;
    uint32_t lookups; // since it was judged
    uint64_t saved;   // steps
    bool off;
    // Of the shared map:
    bool shared_off;
    uint32_t shared_lookups;
    uint64_t shared_saved;
} CodeStats;

struct ExprCache {
    CacheMap *shared;
    FrontEntry *entries; // NULL until the first insertion
    uint32_t capacity;
    uint32_t replaced; // since it grew
    uint64_t hits;     // of the front, not yet counted
    CodeStats codes[CODES];
};

ExprCache *expr_cache_new(CacheMap *shared)
{
    ExprCache *cache = mem_calloc(1, sizeof *cache);
    cache->shared = shared;
    return cache;
}

void expr_cache_free(ExprCache *cache)
{
    if (cache != NULL) {
        free(cache->entries);
        free(cache);
    }
}

void expr_cache_count(ExprCache *cache)
{
    if (cache->shared != NULL) {
        cache_map_count_hits(cache->shared, cache->hits);
    }
    cache->hits = 0;
}

void expr_cache_drop(void *value, void *ctx)
{
    (void)ctx;
    free(value);
}

static bool is_scalar(Value value)
{
    return value.tag <= VALUE_FLOAT ||
           (value.tag == VALUE_UNION && value.arity == 0);
}

static bool key_init(ExprKey *key, uint64_t number, const Value *args,
                     uint32_t count)
{
    if (count > EXPR_CACHE_MAX_ARGS) {
        return false;
    }
    *key = (ExprKey){.number = number, .tags = count};
    for (uint32_t i = 0; i < count; i++) {
        if (!is_scalar(args[i])) {
            return false;
        }
        key->tags = key->tags << 8 | args[i].tag;
        // All payloads are eight bytes; a unit has none.
        key->args[i] =
            args[i].tag == VALUE_UNIT ? 0 : (uint64_t)args[i].as.integer;
    }
    return true;
}

static bool key_equal(const ExprKey *a, const ExprKey *b)
{
    return a->number == b->number && a->tags == b->tags &&
           memcmp(a->args, b->args, sizeof a->args) == 0;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * HASH_MULTIPLIER;
    return hash ^ hash >> 32;
}

static uint64_t key_hash(const ExprKey *key)
{
    uint64_t hash = mix(key->number, key->tags);
    for (uint32_t i = 0; i < EXPR_CACHE_MAX_ARGS; i++) {
        hash = mix(hash, key->args[i]);
    }
    return hash;
}

static CacheKey shared_key(const ExprKey *key)
{
    return hash128(str_make((const char *)key, sizeof *key));
}

static CodeStats *stats_of(ExprCache *cache, uint64_t number)
{
    CodeStats *stats = &cache->codes[mix(0, number) % CODES];
    if (stats->number != number) {
        *stats = (CodeStats){.number = number};
    }
    return stats;
}

static bool is_worthwhile(CodeStats *stats)
{
    if (stats->lookups >= JUDGED_LOOKUPS) {
        stats->off = stats->saved < (uint64_t)stats->lookups * STEPS_PER_LOOKUP;
        stats->lookups = 0;
        stats->saved = 0;
    }
    return !stats->off;
}

static bool is_shared_worthwhile(CodeStats *stats)
{
    if (stats->shared_lookups >= JUDGED_SHARED_LOOKUPS) {
        stats->shared_off =
            stats->shared_saved <
            (uint64_t)stats->shared_lookups * STEPS_PER_SHARED_LOOKUP;
        stats->shared_lookups = 0;
        stats->shared_saved = 0;
    }
    return !stats->shared_off;
}

static const ExprResult *find_shared(const ExprCache *cache, CodeStats *stats,
                                     const ExprKey *key)
{
    if (cache->shared == NULL || !is_shared_worthwhile(stats)) {
        return NULL;
    }
    const ExprResult *found = cache_map_find(cache->shared, shared_key(key));
    stats->shared_lookups++;
    stats->shared_saved += found != NULL ? found->steps : 0;
    return found;
}

static void front_put(ExprCache *cache, const ExprKey *key, ExprResult result);

ExprLookup expr_cache_find(ExprCache *cache, uint64_t number, const Value *args,
                           uint32_t count, uint64_t steps_left,
                           uint32_t depth_left, ExprResult *out_result)
{
    CodeStats *stats = stats_of(cache, number);
    ExprKey key;
    if (stats->off || !is_worthwhile(stats)) {
        return EXPR_NEVER;
    }
    stats->lookups++;
    if (!key_init(&key, number, args, count)) {
        return EXPR_OFF;
    }
    const ExprResult *found = NULL;
    if (cache->entries != NULL) {
        const FrontEntry *entry =
            &cache->entries[key_hash(&key) & (cache->capacity - 1)];
        found = key_equal(&entry->key, &key) ? &entry->result : NULL;
        cache->hits += found != NULL;
    }
    if (found == NULL) {
        found = find_shared(cache, stats, &key);
        if (found == NULL) {
            return EXPR_MISS;
        }
        front_put(cache, &key, *found);
    }
    if (found->steps > steps_left || found->depth > depth_left) {
        return EXPR_OFF; // it fails by itself
    }
    stats->saved += found->steps;
    *out_result = *found;
    return EXPR_HIT;
}

static void front_grow(ExprCache *cache)
{
    uint32_t capacity =
        cache->entries == NULL ? FRONT_FIRST_CAPACITY : 2 * cache->capacity;
    FrontEntry *grown = mem_calloc(capacity, sizeof *grown);
    if (cache->entries != NULL) {
        for (uint32_t i = 0; i < cache->capacity; i++) {
            const FrontEntry *entry = &cache->entries[i];
            if (entry->key.number != 0) {
                grown[key_hash(&entry->key) & (capacity - 1)] = *entry;
            }
        }
        free(cache->entries);
    }
    cache->entries = grown;
    cache->capacity = capacity;
    cache->replaced = 0;
}

static void front_put(ExprCache *cache, const ExprKey *key, ExprResult result)
{
    if (cache->entries == NULL || (cache->replaced > cache->capacity &&
                                   cache->capacity < FRONT_MAX_CAPACITY)) {
        front_grow(cache);
    }
    FrontEntry *entry = &cache->entries[key_hash(key) & (cache->capacity - 1)];
    cache->replaced += entry->key.number != 0;
    entry->key = *key;
    entry->result = result;
}

void expr_cache_insert(ExprCache *cache, uint64_t number, const Value *args,
                       uint32_t count, ExprResult result)
{
    ExprKey key;
    if (stats_of(cache, number)->off || !is_scalar(result.value) ||
        !key_init(&key, number, args, count)) {
        return;
    }
    front_put(cache, &key, result);
    if (cache->shared != NULL && !stats_of(cache, number)->shared_off &&
        result.steps >= SHARED_MIN_STEPS) {
        ExprResult *copy = mem_alloc(sizeof *copy);
        *copy = result;
        if (cache_map_insert(cache->shared, shared_key(&key), copy,
                             CACHE_ENTRY_BYTES + sizeof *copy) != copy) {
            free(copy); // another worker's came first
        }
    }
}
