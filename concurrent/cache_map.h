// Sharded concurrent map from 128-bit keys to pointers, over uthash: the base
// of the type, value and expression caches. Bounded in bytes, S3-FIFO
// eviction per shard (Yang et al., SOSP 2023); hits take no exclusive lock.
//
// Ownership: values belong to the client; `drop` is called for a value that
//            was evicted or is left when the map is freed, once no worker can
//            still be reading it (see cache_map_quiesce).
// Threads:   every function from any thread. `drop` runs without a lock held.
#ifndef LIGATURE_CONCURRENT_CACHE_MAP_H
#define LIGATURE_CONCURRENT_CACHE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "concurrent/pool.h"
#include "support/hash.h"

typedef struct CacheMap CacheMap;
typedef Hash128 CacheKey;

typedef struct CacheMapOptions {
    uint32_t worker_count;   // shards = next power of two >= 4 * this
    uint64_t capacity_bytes; // UINT64_MAX for no eviction
    void (*drop)(void *value, void *ctx); // may be NULL
    void *ctx;
    // May be NULL. With it, workers that run no task need not call
    // cache_map_quiesce(); without it all `worker_count` of them must.
    const Pool *pool;
    bool timed; // takes the time of some look-ups: CacheStats.lookup_ns
} CacheMapOptions;

CacheMap *cache_map_new(const CacheMapOptions *options);
void cache_map_free(CacheMap *map);

// The value, or NULL; counts a hit or a miss.
void *cache_map_find(CacheMap *map, CacheKey key);

typedef enum CacheClaim {
    CACHE_FOUND,  // *out_value is the value
    CACHE_BEGUN,  // the caller computes it and must publish or fail
    CACHE_PENDING // another thread computes it (only with wait = false)
} CacheClaim;
// One computes, the others wait until it has published (`wait`) or are told.
// After cache_map_fail() one waiter gets CACHE_BEGUN. Waiting blocks the
// thread: use it only where keys depend on each other without cycles.
CacheClaim cache_map_find_or_begin(CacheMap *map, CacheKey key, bool wait,
                                   void **out_value);
// What the map takes for an entry, in all: what is small should count it, too.
#define CACHE_ENTRY_BYTES 160
// `bytes` is what the value counts against the capacity. What is larger than
// a shard's share of that is evicted at once. The caller may use `value`
// until it calls cache_map_quiesce().
void cache_map_publish(CacheMap *map, CacheKey key, void *value,
                       uint64_t bytes);
void cache_map_fail(CacheMap *map, CacheKey key);
// find_or_begin and publish in one, for values already at hand. Returns the
// value that is in the map now (the other one's where it came first).
void *cache_map_insert(CacheMap *map, CacheKey key, void *value,
                       uint64_t bytes);

// Says that the calling worker holds no pointer out of the map any more, so
// that evicted values may be dropped once every worker has said so, twice.
// Call it between two tasks. A worker of `pool` that waits for tasks outside
// of any task counts as having said so; hence nobody may hold a pointer out
// of the map across a task_group_wait() outside of tasks.
void cache_map_quiesce(CacheMap *map, uint32_t worker_index);

typedef struct CacheStats {
    uint64_t hits, misses, evictions, entries, bytes;
    double lookup_ns; // of cache_map_find(), on average; 0: not timed, or none
} CacheStats;
CacheStats cache_map_stats(const CacheMap *map);
// Adds hits that a client answered by itself, out of a front of the map.
void cache_map_count_hits(CacheMap *map, uint64_t hits);

#endif
