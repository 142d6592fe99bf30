#include "concurrent/cache_map.h"
#include "concurrent/thread.h"

#include "tests/harness.h"

#define STACK_BYTES ((size_t)1 << 20)

static CacheKey key_of(uint64_t number)
{
    return (CacheKey){number * UINT64_C(0x9E3779B97F4A7C15), ~number};
}

static void count_drop(void *value, void *ctx)
{
    (void)value;
    fetch_add_relaxed((_Atomic(int) *)ctx, 1);
}

static CacheMap *map_of(uint32_t workers, uint64_t capacity,
                        _Atomic(int) *drops)
{
    return cache_map_new(&(CacheMapOptions){.worker_count = workers,
                                            .capacity_bytes = capacity,
                                            .drop = count_drop,
                                            .ctx = drops});
}

TEST(one_begins_and_publishes)
{
    _Atomic(int) drops = 0;
    int value = 7;
    void *found = NULL;
    CacheMap *map = map_of(1, UINT64_MAX, &drops);
    CHECK(cache_map_find(map, key_of(1)) == NULL);
    CHECK_EQ_INT(cache_map_find_or_begin(map, key_of(1), true, &found),
                 CACHE_BEGUN);
    CHECK(cache_map_find(map, key_of(1)) == NULL);
    CHECK_EQ_INT(cache_map_find_or_begin(map, key_of(1), false, &found),
                 CACHE_PENDING);
    cache_map_publish(map, key_of(1), &value, 10);
    CHECK(cache_map_find(map, key_of(1)) == &value);
    CHECK_EQ_INT(cache_map_find_or_begin(map, key_of(1), true, &found),
                 CACHE_FOUND);
    CHECK(found == &value);
    CacheStats stats = cache_map_stats(map);
    CHECK_EQ_INT(stats.hits, 2);
    CHECK_EQ_INT(stats.misses, 3);
    CHECK_EQ_INT(stats.entries, 1);
    CHECK_EQ_INT(stats.bytes, 10);
    CHECK_EQ_INT(load_relaxed(&drops), 0);
    cache_map_free(map);
    CHECK_EQ_INT(load_relaxed(&drops), 1);
    cache_map_free(NULL);
}

TEST(failing_makes_room_for_the_next)
{
    _Atomic(int) drops = 0;
    void *found = NULL;
    CacheMap *map = map_of(1, UINT64_MAX, &drops);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ_INT(cache_map_find_or_begin(map, key_of(1), true, &found),
                     CACHE_BEGUN);
        cache_map_fail(map, key_of(1));
    }
    cache_map_fail(map, key_of(1)); // of nothing
    CHECK_EQ_INT(cache_map_stats(map).entries, 0);
    CHECK_EQ_INT(cache_map_find_or_begin(map, key_of(2), true, &found),
                 CACHE_BEGUN);
    cache_map_free(map); // with one begun
    CHECK_EQ_INT(load_relaxed(&drops), 0);
}

TEST(the_first_value_stays)
{
    _Atomic(int) drops = 0;
    int values[4] = {0};
    void *found = NULL;
    CacheMap *map = map_of(1, UINT64_MAX, &drops);
    CHECK(cache_map_insert(map, key_of(1), &values[0], 1) == &values[0]);
    CHECK(cache_map_insert(map, key_of(1), &values[1], 1) == &values[0]);
    cache_map_find_or_begin(map, key_of(2), true, &found);
    CHECK(cache_map_insert(map, key_of(2), &values[2], 1) == &values[2]);
    cache_map_publish(map, key_of(2), &values[3], 1); // came second
    CHECK(cache_map_find(map, key_of(2)) == &values[2]);
    CHECK_EQ_INT(cache_map_stats(map).entries, 2);
    cache_map_free(map);
    CHECK_EQ_INT(load_relaxed(&drops), 3);
}

TEST(bytes_stay_below_the_capacity)
{
    _Atomic(int) drops = 0;
    int value;
    CacheMap *map = map_of(1, 4000, &drops);
    for (uint64_t i = 0; i < 5000; i++) {
        cache_map_insert(map, key_of(i), &value, 1 + i % 20);
        CHECK(cache_map_stats(map).bytes <= 4000);
        cache_map_quiesce(map, 0);
    }
    CacheStats stats = cache_map_stats(map);
    CHECK(stats.bytes > 3000);
    CHECK_EQ_INT(stats.entries + stats.evictions, 5000);
    cache_map_quiesce(map, 0);
    cache_map_quiesce(map, 0);
    CHECK_EQ_INT(load_relaxed(&drops), stats.evictions);
    cache_map_free(map);
    CHECK_EQ_INT(load_relaxed(&drops), 5000);
}

TEST(lookups_are_timed_where_asked_for)
{
    int value;
    for (int timed = 0; timed < 2; timed++) {
        CacheMap *map =
            cache_map_new(&(CacheMapOptions){.worker_count = 1,
                                             .capacity_bytes = UINT64_MAX,
                                             .timed = timed == 1});
        cache_map_insert(map, key_of(1), &value, 1);
        CHECK_EQ_INT(cache_map_stats(map).lookup_ns, 0); // an insertion is none
        for (uint64_t i = 0; i < 1000; i++) {
            CHECK((cache_map_find(map, key_of(i % 2)) == NULL) == (i % 2 == 0));
        }
        CacheStats stats = cache_map_stats(map);
        CHECK((stats.lookup_ns > 0) == (timed == 1));
        CHECK_EQ_INT(stats.hits, 500);
        CHECK_EQ_INT(stats.misses, 500);
        cache_map_free(map);
    }
}

TEST(what_is_too_large_goes_at_once)
{
    _Atomic(int) drops = 0;
    int value;
    CacheMap *map = map_of(1, 4000, &drops);
    CHECK(cache_map_insert(map, key_of(1), &value, 1 << 20) == &value);
    CHECK(cache_map_find(map, key_of(1)) == NULL);
    CHECK_EQ_INT(load_relaxed(&drops), 0); // we may still use it
    cache_map_quiesce(map, 0);
    cache_map_quiesce(map, 0);
    CHECK_EQ_INT(load_relaxed(&drops), 1);
    cache_map_free(map);
}

TEST(hot_keys_survive_a_scan)
{
    enum { HOT = 200 };
    int value;
    CacheMap *map = cache_map_new(
        &(CacheMapOptions){.worker_count = 1, .capacity_bytes = 4000});
    uint64_t next = HOT;
    for (int round = 0; round < 40; round++) {
        for (uint64_t i = 0; i < HOT; i++) {
            if (cache_map_find(map, key_of(i)) == NULL) {
                cache_map_insert(map, key_of(i), &value, 10);
            }
        }
        for (int i = 0; i < 200; i++) { // each seen once
            cache_map_insert(map, key_of(next++), &value, 10);
        }
    }
    int kept = 0;
    for (uint64_t i = 0; i < HOT; i++) {
        kept += cache_map_find(map, key_of(i)) != NULL;
    }
    CHECK(kept > HOT * 8 / 10);
    cache_map_free(map);
}

TEST(dropping_waits_for_every_worker)
{
    _Atomic(int) drops = 0;
    int value;
    CacheMap *map = map_of(3, 16, &drops);
    cache_map_insert(map, key_of(1), &value, 100); // evicted at once
    for (int i = 0; i < 10; i++) {
        cache_map_quiesce(map, 0);
        cache_map_quiesce(map, 2);
    }
    CHECK_EQ_INT(load_relaxed(&drops), 0);
    for (int i = 0; i < 2; i++) {
        cache_map_quiesce(map, 1);
        cache_map_quiesce(map, 0);
        cache_map_quiesce(map, 2);
    }
    cache_map_quiesce(map, 1);
    CHECK_EQ_INT(load_relaxed(&drops), 1);
    cache_map_free(map);
}

TEST(resting_workers_hold_nothing_back)
{
    _Atomic(int) drops = 0;
    int value;
    Pool *pool = pool_new(4, 0);
    CacheMap *map = cache_map_new(&(CacheMapOptions){.worker_count = 4,
                                                     .capacity_bytes = 16,
                                                     .drop = count_drop,
                                                     .ctx = &drops,
                                                     .pool = pool});
    cache_map_insert(map, key_of(1), &value, 100);
    CHECK_EQ_INT(load_relaxed(&drops), 0);
    CHECK(!pool_worker_is_resting(pool, 0));
    cache_map_quiesce(map, 0);
    cache_map_quiesce(map, 0);
    CHECK_EQ_INT(load_relaxed(&drops), 1);
    cache_map_free(map);
    pool_free(pool);
}

typedef struct Waiter {
    Thread thread;
    CacheMap *map;
    int *value;
    CacheClaim claim;
    void *found;
} Waiter;

static void *wait_main(void *argument)
{
    Waiter *waiter = argument;
    waiter->claim =
        cache_map_find_or_begin(waiter->map, key_of(1), true, &waiter->found);
    if (waiter->claim == CACHE_BEGUN) {
        cache_map_publish(waiter->map, key_of(1), waiter->value, 1);
    }
    return NULL;
}

enum { WAITERS = 3 };

static void start_waiters(Waiter *waiters, CacheMap *map, int *value)
{
    for (int i = 0; i < WAITERS; i++) {
        waiters[i] = (Waiter){.map = map, .value = value};
        CHECK(thread_start(&waiters[i].thread, wait_main, &waiters[i],
                           STACK_BYTES));
    }
    // Long enough for some of them to sleep, most times.
    int64_t until = clock_monotonic_ns() + 5000000;
    while (clock_monotonic_ns() < until) {
        cpu_relax();
    }
}

static void check_waiters(bool fail)
{
    _Atomic(int) drops = 0;
    int values[2] = {0};
    void *found = NULL;
    CacheMap *map = map_of(4, UINT64_MAX, &drops);
    CHECK_EQ_INT(cache_map_find_or_begin(map, key_of(1), true, &found),
                 CACHE_BEGUN);
    Waiter waiters[WAITERS];
    start_waiters(waiters, map, &values[1]);
    if (fail) {
        cache_map_fail(map, key_of(1));
    } else {
        cache_map_publish(map, key_of(1), &values[0], 1);
    }
    int begun = 0;
    for (int i = 0; i < WAITERS; i++) {
        thread_join(&waiters[i].thread);
        begun += waiters[i].claim == CACHE_BEGUN;
        CHECK(waiters[i].claim == CACHE_BEGUN ||
              waiters[i].found == &values[fail ? 1 : 0]);
    }
    CHECK_EQ_INT(begun, fail);
    CHECK(cache_map_find(map, key_of(1)) == &values[fail ? 1 : 0]);
    cache_map_free(map);
}

// What stayed for those who waited goes with the last of them.
TEST(waiters_keep_nothing)
{
    _Atomic(int) drops = 0;
    int values[2] = {0};
    void *found = NULL;
    CacheMap *map = map_of(4, 16, &drops);
    CHECK_EQ_INT(cache_map_find_or_begin(map, key_of(1), true, &found),
                 CACHE_BEGUN);
    Waiter waiters[WAITERS];
    start_waiters(waiters, map, &values[1]);
    cache_map_publish(map, key_of(1), &values[0], 100);
    for (int i = 0; i < WAITERS; i++) {
        thread_join(&waiters[i].thread);
        CHECK(waiters[i].claim == CACHE_BEGUN ||
              waiters[i].found == &values[0] || waiters[i].found == &values[1]);
    }
    CHECK(cache_map_stats(map).bytes <= 16);
    cache_map_free(map);
}

TEST(waiters_get_the_value)
{
    check_waiters(false);
}

TEST(one_waiter_takes_over_after_a_failure)
{
    check_waiters(true);
}

TEST_MAIN(RUN(one_begins_and_publishes), RUN(failing_makes_room_for_the_next),
          RUN(the_first_value_stays), RUN(bytes_stay_below_the_capacity),
          RUN(lookups_are_timed_where_asked_for),
          RUN(what_is_too_large_goes_at_once), RUN(hot_keys_survive_a_scan),
          RUN(dropping_waits_for_every_worker),
          RUN(resting_workers_hold_nothing_back), RUN(waiters_keep_nothing),
          RUN(waiters_get_the_value),
          RUN(one_waiter_takes_over_after_a_failure))
