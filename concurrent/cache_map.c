// The sharded cache; see cache_map.h.
//
// Each shard is a uthash table behind a reader-writer lock of one word. A hit
// takes the lock shared and raises the entry's frequency; that is all that
// S3-FIFO needs of a hit. Entries never leave this file, so they are freed at
// once; values are handed out, so an evicted one waits in the map's retired
// list (its entry carries it) until nobody can hold it:
//
// Reclamation by quiescent states (McKenney and Slingwine 1998), which epochs
// count (Fraser 2004). The list and the map's epoch change under one lock. A
// value retired in epoch t is dropped in epoch t + 2. The epoch moves on from e
// when each worker has called cache_map_quiesce() in it or is resting. Whoever
// quiesces in epoch t + 1 has read a number that was stored after the value was
// unlinked: it finds it no more, and no longer holds what it found before.
#include "concurrent/cache_map.h"

#include <assert.h>
#include <limits.h>
#include <stdalign.h>
#include <stdlib.h>

#include "concurrent/aligned.h"
#include "concurrent/s3_fifo.h"
#include "concurrent/thread.h"
#include "support/die.h"
#include "support/table.h"

typedef enum EntryState {
    ENTRY_PENDING, // someone computes it
    ENTRY_OPEN,    // failed; the waiter that comes first computes it
    ENTRY_READY
} EntryState;

typedef struct CacheEntry CacheEntry;
struct CacheEntry {
    S3Entry eviction; // first, so that the one is the other
    CacheKey key;     // immutable
    UT_hash_handle hh;
    void *value;
    CacheEntry *next_retired;
    uint64_t epoch;          // in which it was retired
    _Atomic(uint32_t) state; // EntryState; a futex; stored under the lock
};

// Beside it, the allocator's header and its part of the shard's buckets.
_Static_assert(sizeof(CacheEntry) + 16 <= CACHE_ENTRY_BYTES &&
                   sizeof(CacheEntry) + 32 > CACHE_ENTRY_BYTES,
               "an entry is of the size that clients count");

// All but the lock and the counters is guarded by the lock.
typedef struct CacheShard {
    alignas(CACHE_LINE) RwLock lock; // held alone
    CacheEntry *entries;             // uthash head
    S3Fifo ready;                    // those that have a value
    _Atomic(uint64_t) hits;          // atomic
    _Atomic(uint64_t) misses;
    _Atomic(uint64_t) evictions;
    // Of a map that takes times:
    _Atomic(uint64_t) lookups;
    _Atomic(uint64_t) timed_lookups;
    _Atomic(int64_t) timed_ns;
} CacheShard;

typedef struct CacheReader {
    alignas(CACHE_LINE) _Atomic(uint64_t) seen; // epoch last quiesced in
} CacheReader;

struct CacheMap {
    CacheMapOptions options; // immutable after init, as are those below
    HashKey seed;
    CacheShard *shards;
    uint32_t shard_bits;
    int64_t clock_ns;     // what looking at the clock adds to a time
    CacheReader *readers; // one per worker
    alignas(CACHE_LINE) Mutex retired_lock; // level LOCK_CACHE_RETIRED
    CacheEntry *retired;                    // guarded by retired_lock
    _Atomic(uint64_t) epoch;                // stored under retired_lock
    _Atomic(uint64_t) retired_count;        // stored under retired_lock
};

// Keys may come from whoever writes programs; the seed keeps prepared keys
// from meeting in one bucket. Folded multiplication (Wang Yi's wyhash).
static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t key_hash(const CacheMap *map, CacheKey key)
{
    uint64_t mixed = fold(key.low ^ map->seed.k0, key.high ^ map->seed.k1);
    return fold(mixed ^ map->seed.k1, map->seed.k0 | 1);
}

static CacheShard *shard_of(const CacheMap *map, uint64_t hash)
{
    return &map->shards[hash >> (64 - map->shard_bits)];
}

// With the lock held, shared or not.
static CacheEntry *shard_find(CacheShard *shard, uint64_t hash, CacheKey key)
{
    CacheEntry *entry;
    HASH_FIND_BYHASHVALUE(hh, shard->entries, &key, sizeof key, (uint32_t)hash,
                          entry);
    return entry;
}

static void shard_add(CacheShard *shard, uint64_t hash, CacheEntry *entry)
{
    HASH_ADD_BYHASHVALUE(hh, shard->entries, key, sizeof entry->key,
                         (uint32_t)hash, entry);
}

static void shard_remove(CacheShard *shard, CacheEntry *entry)
{
    HASH_DELETE(hh, shard->entries, entry);
}

static CacheEntry *entry_new(CacheKey key, uint64_t hash)
{
    CacheEntry *entry = mem_calloc(1, sizeof *entry);
    entry->key = key;
    entry->eviction.hash = hash;
    return entry;
}

static EntryState entry_state(const CacheEntry *entry)
{
    // Relaxed: the shard's lock orders it. Only futex_wait() looks without.
    return (EntryState)load_relaxed(&entry->state);
}

static void entry_set_state(CacheEntry *entry, EntryState state)
{
    store_relaxed(&entry->state, (uint32_t)state);
}

// Takes out what is too much. Returns it, chained.
static S3Entry *shard_evict(CacheShard *shard)
{
    S3Entry *evicted = s3_fifo_evict(&shard->ready);
    for (S3Entry *at = evicted; at != NULL; at = at->next) {
        shard_remove(shard, (CacheEntry *)at);
        fetch_add_relaxed(&shard->evictions, 1);
    }
    return evicted;
}

// Gives the entry its value. Returns what was evicted for it, chained.
static S3Entry *shard_fill(CacheShard *shard, CacheEntry *entry, void *value,
                           uint64_t bytes)
{
    entry->value = value;
    entry->eviction.bytes = bytes;
    entry_set_state(entry, ENTRY_READY);
    s3_fifo_add(&shard->ready, &entry->eviction);
    return shard_evict(shard);
}

static void drop_value(const CacheMap *map, CacheEntry *entry)
{
    if (map->options.drop != NULL) {
        map->options.drop(entry->value, map->options.ctx);
    }
    free(entry);
}

static void drop_retired(const CacheMap *map, CacheEntry *chain)
{
    while (chain != NULL) {
        CacheEntry *next = chain->next_retired;
        drop_value(map, chain);
        chain = next;
    }
}

// Takes over entries chained by their eviction. Called without any lock.
static void retire(CacheMap *map, S3Entry *chain)
{
    if (chain == NULL) {
        return;
    }
    if (map->options.drop == NULL) {
        while (chain != NULL) { // the values are not ours to drop
            S3Entry *next = chain->next;
            free(chain);
            chain = next;
        }
        return;
    }
    mutex_lock(&map->retired_lock);
    uint64_t count = load_relaxed(&map->retired_count);
    while (chain != NULL) {
        CacheEntry *entry = (CacheEntry *)chain;
        chain = chain->next;
        entry->epoch = load_relaxed(&map->epoch);
        entry->next_retired = map->retired;
        map->retired = entry;
        count++;
    }
    store_relaxed(&map->retired_count, count);
    mutex_unlock(&map->retired_lock);
}

static bool all_quiet(const CacheMap *map, uint64_t epoch)
{
    for (uint32_t i = 0; i < map->options.worker_count; i++) {
        // Acquire: pairs with the release in cache_map_quiesce().
        if (load_acquire(&map->readers[i].seen) != epoch &&
            (map->options.pool == NULL ||
             !pool_worker_is_resting(map->options.pool, i))) {
            return false;
        }
    }
    return true;
}

// Moves the epoch on if it can. Returns what may be dropped now.
static CacheEntry *collect(CacheMap *map)
{
    mutex_lock(&map->retired_lock);
    uint64_t epoch = load_relaxed(&map->epoch);
    if (!all_quiet(map, epoch)) {
        mutex_unlock(&map->retired_lock);
        return NULL;
    }
    // Release: pairs with the acquire in cache_map_quiesce().
    store_release(&map->epoch, ++epoch);
    // The newest come first, so all that is old enough is one tail.
    CacheEntry **link = &map->retired;
    uint64_t kept = 0;
    while (*link != NULL && (*link)->epoch + 2 > epoch) {
        link = &(*link)->next_retired;
        kept++;
    }
    CacheEntry *chain = *link;
    *link = NULL;
    store_relaxed(&map->retired_count, kept);
    mutex_unlock(&map->retired_lock);
    return chain;
}

void cache_map_quiesce(CacheMap *map, uint32_t worker_index)
{
    assert(worker_index < map->options.worker_count);
    // Acquire: pairs with the release in collect().
    uint64_t epoch = load_acquire(&map->epoch);
    // Release: what this worker did with values is over.
    store_release(&map->readers[worker_index].seen, epoch);
    // Relaxed: another time does as well.
    if (load_relaxed(&map->retired_count) != 0) {
        drop_retired(map, collect(map));
    }
}

static void *find_ready(CacheMap *map, CacheKey key)
{
    uint64_t hash = key_hash(map, key);
    CacheShard *shard = shard_of(map, hash);
    void *value = NULL;
    rwlock_lock_shared(&shard->lock);
    CacheEntry *entry = shard_find(shard, hash, key);
    if (entry != NULL && entry_state(entry) == ENTRY_READY) {
        s3_fifo_touch(&entry->eviction);
        value = entry->value;
    }
    rwlock_unlock_shared(&shard->lock);
    fetch_add_relaxed(value != NULL ? &shard->hits : &shard->misses, 1);
    return value;
}

// The clock takes as long as a look-up: of each shard the first few are timed,
// for maps that are hardly used, then one of many.
static void *find_timed(CacheMap *map, CacheKey key)
{
    enum { ALL_OF = 16, ONE_OF = 64 };
    CacheShard *shard = shard_of(map, key_hash(map, key));
    uint64_t number = fetch_add_relaxed(&shard->lookups, 1);
    if (number >= ALL_OF && number % ONE_OF != 0) {
        return find_ready(map, key);
    }
    int64_t start_ns = clock_monotonic_ns();
    void *value = find_ready(map, key);
    int64_t ns = clock_monotonic_ns() - start_ns - map->clock_ns;
    (void)fetch_add_relaxed(&shard->timed_lookups, 1);
    (void)fetch_add_relaxed(&shard->timed_ns, ns > 0 ? ns : 0);
    return value;
}

void *cache_map_find(CacheMap *map, CacheKey key)
{
    return UNLIKELY(map->options.timed) ? find_timed(map, key)
                                        : find_ready(map, key);
}

// Sleeps until the entry is not pending any more; the lock is held before
// and after.
static void entry_await(CacheShard *shard, CacheEntry *entry)
    REQUIRES(shard->lock)
{
    entry->eviction.pins++; // keeps the entry
    while (entry_state(entry) == ENTRY_PENDING) {
        rwlock_unlock(&shard->lock);
        futex_wait(&entry->state, ENTRY_PENDING);
        rwlock_lock(&shard->lock);
    }
    entry->eviction.pins--;
}

// The slow half of find_or_begin: nothing ready was seen. Uses up `*fresh`
// when it adds it. In *out_evicted is, chained, what had stayed for those who
// waited, and was too much.
static CacheClaim claim_locked(CacheShard *shard, uint64_t hash, bool wait,
                               CacheEntry **fresh, void **out_value,
                               S3Entry **out_evicted) REQUIRES(shard->lock)
{
    CacheEntry *entry = shard_find(shard, hash, (*fresh)->key);
    if (entry == NULL) {
        shard_add(shard, hash, *fresh); // pending, as it was made
        *fresh = NULL;
        return CACHE_BEGUN;
    }
    if (entry_state(entry) == ENTRY_PENDING) {
        if (!wait) {
            return CACHE_PENDING;
        }
        entry_await(shard, entry);
    }
    if (entry_state(entry) == ENTRY_OPEN) {
        entry_set_state(entry, ENTRY_PENDING);
        return CACHE_BEGUN;
    }
    s3_fifo_touch(&entry->eviction);
    *out_value = entry->value;
    *out_evicted = shard_evict(shard);
    return CACHE_FOUND;
}

CacheClaim cache_map_find_or_begin(CacheMap *map, CacheKey key, bool wait,
                                   void **out_value)
{
    uint64_t hash = key_hash(map, key);
    CacheShard *shard = shard_of(map, hash);
    rwlock_lock_shared(&shard->lock);
    CacheEntry *entry = shard_find(shard, hash, key);
    bool ready = entry != NULL && entry_state(entry) == ENTRY_READY;
    bool pending = entry != NULL && entry_state(entry) == ENTRY_PENDING;
    if (ready) {
        s3_fifo_touch(&entry->eviction);
        *out_value = entry->value;
    }
    rwlock_unlock_shared(&shard->lock);
    CacheClaim claim = ready ? CACHE_FOUND : CACHE_PENDING;
    if (!ready && (wait || !pending)) {
        CacheEntry *fresh = entry_new(key, hash);
        rwlock_lock(&shard->lock);
        S3Entry *evicted = NULL;
        claim = claim_locked(shard, hash, wait, &fresh, out_value, &evicted);
        rwlock_unlock(&shard->lock);
        retire(map, evicted);
        free(fresh);
    }
    if (claim != CACHE_PENDING) {
        fetch_add_relaxed(claim == CACHE_FOUND ? &shard->hits : &shard->misses,
                          1);
    }
    return claim;
}

// Puts the value in unless another one is there. Returns what is in the map,
// and in *out_fresh the entry that was not needed.
static void *put(CacheMap *map, CacheKey key, void *value, uint64_t bytes,
                 CacheEntry **out_fresh)
{
    uint64_t hash = key_hash(map, key);
    CacheShard *shard = shard_of(map, hash);
    CacheEntry *fresh = entry_new(key, hash);
    S3Entry *evicted = NULL;
    _Atomic(uint32_t) *wake = NULL;
    rwlock_lock(&shard->lock);
    CacheEntry *entry = shard_find(shard, hash, key);
    if (entry != NULL && entry_state(entry) == ENTRY_READY) {
        value = entry->value;
    } else {
        if (entry == NULL) {
            entry = fresh;
            fresh = NULL;
            shard_add(shard, hash, entry);
        }
        wake = entry->eviction.pins > 0 ? &entry->state : NULL;
        evicted = shard_fill(shard, entry, value, bytes);
    }
    rwlock_unlock(&shard->lock);
    if (wake != NULL) {
        // The waiters may have gone, and the entry too: only its address is
        // used, and a needless wake-up is harmless.
        futex_wake(wake, INT_MAX);
    }
    retire(map, evicted);
    *out_fresh = fresh;
    return value;
}

void cache_map_publish(CacheMap *map, CacheKey key, void *value, uint64_t bytes)
{
    CacheEntry *fresh;
    void *present = put(map, key, value, bytes, &fresh);
    if (present != value) {
        // An insert came first. Ours has never been in the map, but the
        // caller may still use it.
        fresh->value = value;
        retire(map, &fresh->eviction);
        return;
    }
    free(fresh);
}

void *cache_map_insert(CacheMap *map, CacheKey key, void *value, uint64_t bytes)
{
    CacheEntry *fresh;
    void *present = put(map, key, value, bytes, &fresh);
    free(fresh);
    return present;
}

void cache_map_fail(CacheMap *map, CacheKey key)
{
    uint64_t hash = key_hash(map, key);
    CacheShard *shard = shard_of(map, hash);
    _Atomic(uint32_t) *wake = NULL;
    rwlock_lock(&shard->lock);
    CacheEntry *entry = shard_find(shard, hash, key);
    if (entry != NULL && entry_state(entry) == ENTRY_PENDING) {
        if (entry->eviction.pins > 0) {
            entry_set_state(entry, ENTRY_OPEN);
            wake = &entry->state;
        } else {
            shard_remove(shard, entry);
            free(entry);
        }
    }
    rwlock_unlock(&shard->lock);
    if (wake != NULL) {
        futex_wake(wake, 1);
    }
}

void cache_map_count_hits(CacheMap *map, uint64_t hits)
{
    fetch_add_relaxed(&map->shards[0].hits, hits);
}

CacheStats cache_map_stats(const CacheMap *map)
{
    CacheStats stats = {0};
    uint64_t timed = 0;
    int64_t timed_ns = 0;
    for (uint32_t i = 0; i < UINT32_C(1) << map->shard_bits; i++) {
        CacheShard *shard = &map->shards[i];
        rwlock_lock_shared(&shard->lock);
        stats.entries += shard->ready.count;
        stats.bytes += s3_fifo_bytes(&shard->ready);
        rwlock_unlock_shared(&shard->lock);
        stats.hits += load_relaxed(&shard->hits);
        stats.misses += load_relaxed(&shard->misses);
        stats.evictions += load_relaxed(&shard->evictions);
        timed += load_relaxed(&shard->timed_lookups);
        timed_ns += load_relaxed(&shard->timed_ns);
    }
    stats.lookup_ns = timed == 0 ? 0 : (double)timed_ns / (double)timed;
    return stats;
}

// The least of some tries: whatever else happens makes it longer.
static int64_t measure_clock(void)
{
    enum { TRIES = 32 };
    int64_t least = INT64_MAX;
    for (int i = 0; i < TRIES; i++) {
        int64_t start_ns = clock_monotonic_ns();
        int64_t ns = clock_monotonic_ns() - start_ns;
        least = ns < least ? ns : least;
    }
    return least;
}

CacheMap *cache_map_new(const CacheMapOptions *options)
{
    CacheMap *map = aligned_zalloc(1, sizeof *map);
    map->options = *options;
    map->clock_ns = options->timed ? measure_clock() : 0;
    map->seed = hash_key_random();
    map->shard_bits = 2; // 4 shards per worker
    while (UINT64_C(1) << map->shard_bits <
           UINT64_C(4) * options->worker_count) {
        map->shard_bits++;
    }
    uint32_t shard_count = UINT32_C(1) << map->shard_bits;
    map->shards = aligned_zalloc(shard_count, sizeof(CacheShard));
    uint64_t shard_capacity = options->capacity_bytes == UINT64_MAX
                                  ? UINT64_MAX
                                  : options->capacity_bytes / shard_count;
    for (uint32_t i = 0; i < shard_count; i++) {
        s3_fifo_init(&map->shards[i].ready, shard_capacity);
    }
    map->readers = aligned_zalloc(options->worker_count, sizeof(CacheReader));
    atomic_init(&map->epoch, 1);
    mutex_init(&map->retired_lock, LOCK_CACHE_RETIRED);
    return map;
}

void cache_map_free(CacheMap *map)
{
    if (map == NULL) {
        return;
    }
    for (uint32_t i = 0; i < UINT32_C(1) << map->shard_bits; i++) {
        CacheShard *shard = &map->shards[i];
        CacheEntry *entry;
        CacheEntry *next;
        HASH_ITER(hh, shard->entries, entry, next)
        {
            HASH_DELETE(hh, shard->entries, entry);
            if (entry_state(entry) == ENTRY_READY) {
                drop_value(map, entry);
            } else {
                free(entry);
            }
        }
        s3_fifo_release(&shard->ready);
    }
    drop_retired(map, map->retired);
    mutex_release(&map->retired_lock);
    free(map->readers);
    free(map->shards);
    free(map);
}
