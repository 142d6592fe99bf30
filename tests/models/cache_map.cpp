// concurrent/cache_map.c with its reader-writer lock (extracted from thread.c
// by tests/models.sh) and its reclamation, under Relacy: of those who ask for
// a key at once one computes it; every waiter gets the value, or its turn to
// compute after a failure; no value is dropped while someone may hold it.
#include "model.h"

// In the place of concurrent/pool.h, deadline.h and support/hash.h.
#define LIGATURE_CONCURRENT_POOL_H
#define LIGATURE_SUPPORT_HASH_H
struct Pool;
struct HashKey {
    uint64_t k0, k1;
};
struct Hash128 {
    uint64_t low, high;
};
static HashKey hash_key_random()
{
    return (HashKey){3, 5}; // the same in every execution
}
static bool pool_worker_is_resting(const Pool *pool, uint32_t worker)
{
    return false;
}
static int64_t clock_monotonic_ns()
{
    return 0;
}
enum { LOCK_CACHE_RETIRED };
static void mutex_init(Mutex *mutex, int level)
{
    mutex->mutex = new (malloc(sizeof(ModelLock))) ModelLock();
}
static void mutex_release(Mutex *mutex)
{
    mutex->mutex->~ModelLock();
}
static void mutex_lock(Mutex *mutex)
{
    mutex->mutex->lock($);
}
static void mutex_unlock(Mutex *mutex)
{
    mutex->mutex->unlock($);
}
#include "concurrent/atomics.h"
#include "rwlock_extract.h"

#include "concurrent/cache_map.c"
#include "concurrent/s3_fifo.c"

enum { THREADS = 3, VALUES = 2 * THREADS };

struct Value {
    rl::var<int> payload;
    bool in_use;
    bool dropped;
};

static void drop_value_of_model(void *value, void *ctx)
{
    Value *dropped = (Value *)value;
    RL_ASSERT(!dropped->dropped);
    dropped->dropped = true;
    dropped->payload($) = -1; // a race with whoever still reads it
}

struct CacheMapTest : rl::test_suite<CacheMapTest, THREADS> {
    CacheMap *map;
    CacheKey first, second; // of one shard
    Value values[VALUES];
    int value_count;
    int computing;
    int failures;

    void before()
    {
        model_begin<uint32_t>(64); // locks, states, frequencies
        model_begin<uint64_t>(32); // counters, epochs
        CacheMapOptions options = {};
        options.worker_count = THREADS;
        options.capacity_bytes = 16; // one byte for a shard: one value
        options.drop = drop_value_of_model;
        map = cache_map_new(&options);
        first = second = (CacheKey){1, 1};
        do {
            second.low++;
        } while (shard_of(map, key_hash(map, first)) !=
                 shard_of(map, key_hash(map, second)));
        value_count = computing = failures = 0;
        for (int i = 0; i < VALUES; i++) {
            values[i].dropped = false;
        }
    }

    Value *fresh_value()
    {
        RL_ASSERT(value_count < VALUES);
        Value *value = &values[value_count++];
        value->payload($) = 42;
        return value;
    }

    void use(Value *value)
    {
        RL_ASSERT(value->payload($) == 42);
    }

    void thread(unsigned index)
    {
        void *found = NULL;
        CacheClaim claim = cache_map_find_or_begin(map, first, true, &found);
        RL_ASSERT(claim != CACHE_PENDING);
        if (claim == CACHE_FOUND) {
            use((Value *)found);
        } else {
            RL_ASSERT(computing == 0);
            computing = 1;
            rl::yield(1, $); // others may come meanwhile
            computing = 0;
            if (index == 0 && failures++ == 0) {
                cache_map_fail(map, first);
            } else {
                Value *value = fresh_value();
                cache_map_publish(map, first, value, 1);
                use(value);
            }
        }
        cache_map_quiesce(map, index);
        if (index != 0) { // evicts the other, which somebody may hold
            Value *mine = fresh_value();
            Value *there = (Value *)cache_map_insert(map, second, mine, 1);
            use(there);
        }
        cache_map_quiesce(map, index);
        cache_map_quiesce(map, index);
    }

    void after()
    {
        RL_ASSERT(computing == 0);
        cache_map_free(map);
        model_end<uint32_t>();
        model_end<uint64_t>();
        model_free_all();
    }
};

int main()
{
    return model_run<CacheMapTest>(100000, false);
}
