// The sharded cache; see cache_map.h.
//
// Each shard is a uthash table behind a reader-writer lock of one word. A hit
// takes the lock shared and raises the entry's frequency; that is all that
// S3-FIFO needs of a hit. Entries never leave this file, so they are freed at
// once; values are handed out, so an evicted one waits in the map's retired
// list (its entry carries it) until nobody can hold it:
//
// Reclamation. The map has an epoch; the list and the epoch change under one
// lock. A value retired in epoch t is dropped in epoch t + 2. The epoch moves
// on from e when each worker has called cache_map_quiesce() in it or is
// resting. Whoever quiesces in epoch t + 1 has read a number that was stored
// after the value was unlinked: it finds it no more, and no longer holds what
// it found before.
#include "concurrent/cache_map.h"

#include <assert.h>
#include <limits.h>
#include <stdalign.h>
#include <stdlib.h>

#include "concurrent/aligned.h"
#include "concurrent/thread.h"
#include "support/die.h"
#include "support/table.h"

// S3-FIFO: share of the small queue, and where frequencies saturate.
#define SMALL_PERCENT   10
#define FREQUENCY_LIMIT 3
// A small entry moves to the main queue when it was hit more often than this.
#define PROMOTE_ABOVE 1
#define FIRST_GHOSTS  64

typedef enum EntryState {
    ENTRY_PENDING, // someone computes it
    ENTRY_OPEN,    // failed; the waiter that comes first computes it
    ENTRY_READY
} EntryState;

typedef struct CacheEntry CacheEntry;
struct CacheEntry {
    CacheKey key; // immutable
    UT_hash_handle hh;
    void *value;
    uint64_t bytes;
    CacheEntry *next;            // towards the newer end; or next retired
    uint64_t epoch;              // in which it was retired
    _Atomic(uint32_t) state;     // EntryState; a futex; stored under the lock
    _Atomic(uint32_t) frequency; // atomic
    uint32_t waiters;            // > 0 keeps the entry in the map
};

typedef struct CacheQueue {
    CacheEntry *oldest;
    CacheEntry *newest;
    uint64_t bytes;
} CacheQueue;

// Hashes of keys evicted lately. Direct-mapped: a newer one may replace an
// older one too early, which costs a miss.
typedef struct Ghost {
    uint64_t hash;
    uint64_t time; // 0 for none
} Ghost;

// All but the lock and the counters is guarded by the lock.
typedef struct CacheShard {
    alignas(CACHE_LINE) RwLock lock; // held alone
    CacheEntry *entries;             // uthash head
    CacheQueue small;
    CacheQueue main;
    Ghost *ghosts;
    uint64_t ghost_count; // a power of two, or 0
    uint64_t ghost_time;  // evictions so far
    uint64_t ready_count;
    _Atomic(uint64_t) hits; // atomic
    _Atomic(uint64_t) misses;
    _Atomic(uint64_t) evictions;
} CacheShard;

typedef struct CacheReader {
    alignas(CACHE_LINE) _Atomic(uint64_t) seen; // epoch last quiesced in
} CacheReader;

struct CacheMap {
    CacheMapOptions options; // immutable after init, as are those below
    HashKey seed;
    CacheShard *shards;
    uint32_t shard_bits;
    uint64_t shard_capacity;
    CacheReader *readers;                   // one per worker
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

static CacheEntry *entry_new(CacheKey key)
{
    CacheEntry *entry = mem_calloc(1, sizeof *entry);
    entry->key = key;
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

static void entry_touch(CacheEntry *entry)
{
    // Relaxed, and two at once may count as one: a hint for the eviction.
    uint32_t frequency = load_relaxed(&entry->frequency);
    if (frequency < FREQUENCY_LIMIT) {
        store_relaxed(&entry->frequency, frequency + 1);
    }
}

static void queue_push(CacheQueue *queue, CacheEntry *entry)
{
    entry->next = NULL;
    if (queue->newest != NULL) {
        queue->newest->next = entry;
    } else {
        queue->oldest = entry;
    }
    queue->newest = entry;
    queue->bytes += entry->bytes;
}

// The queue must not be empty.
static CacheEntry *queue_pop(CacheQueue *queue)
{
    CacheEntry *entry = queue->oldest;
    queue->oldest = entry->next;
    if (queue->oldest == NULL) {
        queue->newest = NULL;
    }
    queue->bytes -= entry->bytes;
    return entry;
}

static Ghost *ghost_at(Ghost *ghosts, uint64_t count, uint64_t hash)
{
    return &ghosts[hash & (count - 1)];
}

// As many ghosts as there are entries, in round figures.
static void ghosts_grow(CacheShard *shard)
{
    uint64_t count = shard->ghost_count;
    if (count > shard->ready_count) {
        return;
    }
    uint64_t larger = count == 0 ? FIRST_GHOSTS : count * 2;
    Ghost *ghosts = mem_calloc(larger, sizeof *ghosts);
    for (uint64_t i = 0; i < count; i++) {
        *ghost_at(ghosts, larger, shard->ghosts[i].hash) = shard->ghosts[i];
    }
    free(shard->ghosts);
    shard->ghosts = ghosts;
    shard->ghost_count = larger;
}

static void ghost_add(CacheShard *shard, uint64_t hash)
{
    ghosts_grow(shard);
    *ghost_at(shard->ghosts, shard->ghost_count, hash) =
        (Ghost){hash, ++shard->ghost_time};
}

static bool ghost_take(CacheShard *shard, uint64_t hash)
{
    if (shard->ghost_count == 0) {
        return false;
    }
    Ghost *ghost = ghost_at(shard->ghosts, shard->ghost_count, hash);
    bool found = ghost->time != 0 && ghost->hash == hash &&
                 shard->ghost_time - ghost->time <= shard->ready_count;
    if (found) {
        ghost->time = 0;
    }
    return found;
}

// One step of S3-FIFO: looks at the oldest entry of one queue and moves it or
// returns it as evicted.
static CacheEntry *evict_step(const CacheMap *map, CacheShard *shard)
{
    uint64_t small_share = map->shard_capacity / 100 * SMALL_PERCENT;
    bool small =
        shard->small.oldest != NULL &&
        (shard->small.bytes > small_share || shard->main.oldest == NULL);
    CacheQueue *queue = small ? &shard->small : &shard->main;
    CacheEntry *entry = queue_pop(queue);
    uint32_t frequency = load_relaxed(&entry->frequency);
    if (small && frequency > PROMOTE_ABOVE) {
        store_relaxed(&entry->frequency, 0);
        queue_push(&shard->main, entry);
        return NULL;
    }
    if (!small && frequency > 0) {
        store_relaxed(&entry->frequency, frequency - 1);
        queue_push(queue, entry);
        return NULL;
    }
    if (entry->waiters > 0) { // who waits for it has not taken it yet
        queue_push(queue, entry);
        return NULL;
    }
    if (small) {
        ghost_add(shard, key_hash(map, entry->key));
    }
    return entry;
}

// Evicts until the shard fits its share. Returns the evicted, chained.
static CacheEntry *shard_evict(const CacheMap *map, CacheShard *shard)
{
    CacheEntry *evicted = NULL;
    // Each entry passes at most this often before it goes, unless it is
    // waited for; then the shard stays too full for a while.
    uint64_t steps = (FREQUENCY_LIMIT + 2) * shard->ready_count;
    while (shard->small.bytes + shard->main.bytes > map->shard_capacity &&
           steps-- > 0) {
        CacheEntry *entry = evict_step(map, shard);
        if (entry != NULL) {
            shard_remove(shard, entry);
            shard->ready_count--;
            fetch_add_relaxed(&shard->evictions, 1);
            entry->next = evicted;
            evicted = entry;
        }
    }
    return evicted;
}

// Gives the entry its value. Returns what was evicted for it.
static CacheEntry *shard_fill(const CacheMap *map, CacheShard *shard,
                              uint64_t hash, CacheEntry *entry, void *value,
                              uint64_t bytes)
{
    entry->value = value;
    entry->bytes = bytes;
    entry_set_state(entry, ENTRY_READY);
    shard->ready_count++;
    queue_push(ghost_take(shard, hash) ? &shard->main : &shard->small, entry);
    return shard_evict(map, shard);
}

// Drops the values of a chain of entries, and frees those.
static void drop_all(const CacheMap *map, CacheEntry *chain)
{
    while (chain != NULL) {
        CacheEntry *next = chain->next;
        if (map->options.drop != NULL) {
            map->options.drop(chain->value, map->options.ctx);
        }
        free(chain);
        chain = next;
    }
}

// Called without any lock.
static void retire(CacheMap *map, CacheEntry *chain)
{
    if (chain == NULL) {
        return;
    }
    if (map->options.drop == NULL) {
        drop_all(map, chain);
        return;
    }
    mutex_lock(&map->retired_lock);
    uint64_t count = load_relaxed(&map->retired_count);
    while (chain != NULL) {
        CacheEntry *next = chain->next;
        chain->epoch = load_relaxed(&map->epoch);
        chain->next = map->retired;
        map->retired = chain;
        chain = next;
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
        link = &(*link)->next;
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
        drop_all(map, collect(map));
    }
}

void *cache_map_find(CacheMap *map, CacheKey key)
{
    uint64_t hash = key_hash(map, key);
    CacheShard *shard = shard_of(map, hash);
    void *value = NULL;
    rwlock_lock_shared(&shard->lock);
    CacheEntry *entry = shard_find(shard, hash, key);
    if (entry != NULL && entry_state(entry) == ENTRY_READY) {
        entry_touch(entry);
        value = entry->value;
    }
    rwlock_unlock_shared(&shard->lock);
    fetch_add_relaxed(value != NULL ? &shard->hits : &shard->misses, 1);
    return value;
}

// Sleeps until the entry is not pending any more; the lock is held before
// and after.
static void entry_await(CacheShard *shard, CacheEntry *entry)
    REQUIRES(shard->lock)
{
    entry->waiters++; // keeps the entry
    while (entry_state(entry) == ENTRY_PENDING) {
        rwlock_unlock(&shard->lock);
        futex_wait(&entry->state, ENTRY_PENDING);
        rwlock_lock(&shard->lock);
    }
    entry->waiters--;
}

// The slow half of find_or_begin: nothing ready was seen. Uses up `*fresh`
// when it adds it.
static CacheClaim claim_locked(CacheShard *shard, uint64_t hash, bool wait,
                               CacheEntry **fresh, void **out_value)
    REQUIRES(shard->lock)
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
    entry_touch(entry);
    *out_value = entry->value;
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
        entry_touch(entry);
        *out_value = entry->value;
    }
    rwlock_unlock_shared(&shard->lock);
    CacheClaim claim = ready ? CACHE_FOUND : CACHE_PENDING;
    if (!ready && (wait || !pending)) {
        CacheEntry *fresh = entry_new(key);
        rwlock_lock(&shard->lock);
        claim = claim_locked(shard, hash, wait, &fresh, out_value);
        rwlock_unlock(&shard->lock);
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
    CacheEntry *fresh = entry_new(key);
    CacheEntry *evicted = NULL;
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
        wake = entry->waiters > 0 ? &entry->state : NULL;
        evicted = shard_fill(map, shard, hash, entry, value, bytes);
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
        retire(map, fresh);
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
        if (entry->waiters > 0) {
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

CacheStats cache_map_stats(const CacheMap *map)
{
    CacheStats stats = {0};
    for (uint32_t i = 0; i < UINT32_C(1) << map->shard_bits; i++) {
        CacheShard *shard = &map->shards[i];
        rwlock_lock_shared(&shard->lock);
        stats.entries += shard->ready_count;
        stats.bytes += shard->small.bytes + shard->main.bytes;
        rwlock_unlock_shared(&shard->lock);
        stats.hits += load_relaxed(&shard->hits);
        stats.misses += load_relaxed(&shard->misses);
        stats.evictions += load_relaxed(&shard->evictions);
    }
    return stats;
}

CacheMap *cache_map_new(const CacheMapOptions *options)
{
    CacheMap *map = aligned_zalloc(1, sizeof *map);
    map->options = *options;
    map->seed = hash_key_random();
    map->shard_bits = 2; // 4 shards per worker
    while (UINT64_C(1) << map->shard_bits <
           UINT64_C(4) * options->worker_count) {
        map->shard_bits++;
    }
    uint32_t shard_count = UINT32_C(1) << map->shard_bits;
    map->shards = aligned_zalloc(shard_count, sizeof(CacheShard));
    map->shard_capacity = options->capacity_bytes == UINT64_MAX
                              ? UINT64_MAX
                              : options->capacity_bytes / shard_count;
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
        CacheEntry *chain = NULL;
        CacheEntry *entry;
        CacheEntry *next;
        HASH_ITER(hh, shard->entries, entry, next)
        {
            if (entry_state(entry) == ENTRY_READY) {
                entry->next = chain;
                chain = entry;
                continue;
            }
            HASH_DELETE(hh, shard->entries, entry);
            free(entry);
        }
        HASH_CLEAR(hh, shard->entries);
        drop_all(map, chain);
        free(shard->ghosts);
    }
    drop_all(map, map->retired);
    mutex_release(&map->retired_lock);
    free(map->readers);
    free(map->shards);
    free(map);
}
