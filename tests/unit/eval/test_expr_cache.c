#include "eval/expr_cache.h"

#include "concurrent/pool.h"
#include "tests/unit/eval/fixture.h"

typedef struct Machine {
    ExprCache *cache; // NULL: none
    uint64_t steps;
    uint32_t deepest;
    uint64_t calls; // that were evaluated
} Machine;

enum { FIB = 7, TREE = 8 };

// fib as the machine runs it: one step and one level of depth per call.
static int64_t fib(Machine *m, int64_t n, uint32_t depth)
{
    Value arg = value_int(n);
    ExprLookup lookup = EXPR_OFF;
    ExprResult result;
    if (m->cache != NULL) {
        lookup = expr_cache_find(m->cache, FIB, &arg, 1, 1000000000 - m->steps,
                                 1000 - depth, &result);
        if (lookup == EXPR_HIT) {
            m->steps += result.steps;
            uint32_t reached = depth + result.depth;
            m->deepest = reached > m->deepest ? reached : m->deepest;
            return result.value.as.integer;
        }
    }
    uint64_t steps = m->steps;
    uint32_t deepest = m->deepest;
    m->steps++;
    m->calls++;
    m->deepest = depth + 1;
    int64_t value =
        n < 2 ? n : fib(m, n - 1, depth + 1) + fib(m, n - 2, depth + 1);
    if (lookup == EXPR_MISS) {
        expr_cache_insert(m->cache, FIB, &arg, 1,
                          (ExprResult){value_int(value), m->steps - steps,
                                       m->deepest - depth});
    }
    m->deepest = m->deepest > deepest ? m->deepest : deepest;
    return value;
}

TEST(counts_are_those_of_the_evaluation)
{
    Machine plain = {0};
    Machine cached = {.cache = expr_cache_new(NULL)};
    CHECK_EQ_INT(fib(&plain, 22, 0), 17711);
    CHECK_EQ_INT(fib(&cached, 22, 0), 17711);
    CHECK_EQ_INT(cached.steps, plain.steps);
    CHECK_EQ_INT(cached.deepest, plain.deepest);
    CHECK_EQ_INT(cached.calls, 23);
    expr_cache_free(cached.cache);
}

TEST(limits_make_it_miss)
{
    ExprCache *cache = expr_cache_new(NULL);
    Value arg = value_int(1);
    ExprResult found;
    expr_cache_insert(cache, FIB, &arg, 1, (ExprResult){value_int(5), 100, 10});
    CHECK_EQ_INT(expr_cache_find(cache, FIB, &arg, 1, 100, 10, &found),
                 EXPR_HIT);
    CHECK_EQ_INT(found.value.as.integer, 5);
    CHECK_EQ_INT(expr_cache_find(cache, FIB, &arg, 1, 99, 10, &found),
                 EXPR_OFF);
    CHECK_EQ_INT(expr_cache_find(cache, FIB, &arg, 1, 100, 9, &found),
                 EXPR_OFF);
    expr_cache_free(cache);
}

TEST(keys_are_exact)
{
    Fixture f;
    fixture_init(&f);
    ExprCache *cache = expr_cache_new(NULL);
    Value pair[] = {value_int(1), value_int(2)};
    ExprResult found;
    expr_cache_insert(cache, FIB, pair, 2, (ExprResult){value_int(3), 1, 1});
#define FIND(number, count, ...)                                               \
    expr_cache_find(cache, number, (Value[]){__VA_ARGS__}, count, 9, 9, &found)
    CHECK_EQ_INT(FIND(FIB, 2, value_int(1), value_int(2)), EXPR_HIT);
    CHECK_EQ_INT(FIND(FIB, 2, value_int(2), value_int(1)), EXPR_MISS);
    CHECK_EQ_INT(FIND(FIB, 1, value_int(1)), EXPR_MISS);
    CHECK_EQ_INT(FIND(TREE, 2, value_int(1), value_int(2)), EXPR_MISS);
    CHECK_EQ_INT(FIND(FIB, 2, value_int(1), value_float(0x1p-1073)), EXPR_MISS);
    Value text = make_string(&f, "x");
    CHECK_EQ_INT(FIND(FIB, 1, text), EXPR_OFF);
    CHECK_EQ_INT(FIND(FIB, 5, pair[0], pair[0], pair[0], pair[0], pair[0]),
                 EXPR_OFF);
    Value some = make_union(&f, &f.cons, (Value[]){pair[0], text});
    CHECK_EQ_INT(FIND(FIB, 1, some), EXPR_OFF);
    // What is no scalar is not kept.
    expr_cache_insert(cache, TREE, pair, 1, (ExprResult){text, 1, 1});
    CHECK_EQ_INT(FIND(TREE, 1, pair[0]), EXPR_MISS);
#undef FIND
    expr_cache_free(cache);
    fixture_release(&f);
}

// Far more keys than the cache has room for, so that most share a place.
TEST(keys_that_share_a_place_are_told_apart)
{
    enum { COUNT = 20000 };
    ExprCache *cache = expr_cache_new(NULL);
    int found = 0;
    for (uint64_t i = 1; i <= COUNT; i++) {
        Value arg = value_int((int64_t)(i % 16));
        expr_cache_insert(cache, i, &arg, 1,
                          (ExprResult){value_int((int64_t)i), 1, 1});
    }
    for (uint64_t i = 1; i <= COUNT; i++) {
        Value number = value_int((int64_t)(i % 16));
        Value other = value_bool(false);
        other.as.integer = number.as.integer; // the same bits
        ExprResult result = {.value = value_int(0)};
        if (expr_cache_find(cache, i, &number, 1, 9, 9, &result) == EXPR_HIT) {
            CHECK_EQ_INT(result.value.as.integer, i);
            found++;
        }
        CHECK(expr_cache_find(cache, i, &other, 1, 9, 9, &result) != EXPR_HIT);
    }
    CHECK(found > 0 && found < COUNT);
    expr_cache_free(cache);
}

TEST(what_never_hits_is_left_alone)
{
    ExprCache *cache = expr_cache_new(NULL);
    int missed = 0;
    for (int i = 0; i < 100000; i++) {
        Value arg = value_int(i);
        ExprResult found;
        if (expr_cache_find(cache, TREE, &arg, 1, 9, 9, &found) == EXPR_NEVER) {
            break;
        }
        missed++;
        expr_cache_insert(cache, TREE, &arg, 1,
                          (ExprResult){value_int(i), 1, 1});
    }
    CHECK(missed > 1000 && missed < 50000);
    // Others still are.
    Machine m = {.cache = cache};
    CHECK_EQ_INT(fib(&m, 20, 0), 6765);
    CHECK(m.calls < 100);
    expr_cache_free(cache);
}

static void run_shared(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    CacheMap *shared = ctx;
    for (uint64_t i = begin; i < end; i++) {
        Machine m = {.cache = expr_cache_new(shared)};
        CHECK_EQ_INT(fib(&m, 24, 0), 46368);
        CHECK_EQ_INT(m.steps, 150049);
        expr_cache_free(m.cache);
    }
}

TEST(workers_share)
{
    Pool *pool = pool_new(4, 0);
    CacheMap *shared = cache_map_new(&(CacheMapOptions){
        .worker_count = 4,
        .capacity_bytes = UINT64_MAX,
        .drop = expr_cache_drop,
    });
    parallel_for(pool_main_worker(pool), NULL, 64, 1, run_shared, shared);
    CHECK(cache_map_stats(shared).hits > 10);
    cache_map_free(shared);
    pool_free(pool);
}

// What finds results in front only asks the shared map no more than it is
// judged after, for it never finds anything there.
TEST(a_shared_map_that_never_hits_is_left_alone)
{
#ifdef NDEBUG
    enum { CALLS = (1 << 20) + 5000 };
#else
    enum { CALLS = (1 << 14) + 5000 };
#endif
    CacheMap *shared = cache_map_new(&(CacheMapOptions){
        .worker_count = 1,
        .capacity_bytes = 64 << 10,
        .drop = expr_cache_drop,
    });
    ExprCache *cache = expr_cache_new(shared);
    ExprResult result = {value_int(1), 1000, 1}, found;
    for (int64_t i = 0; i < CALLS; i++) {
        Value arg = value_int(i);
        CHECK(expr_cache_find(cache, 1, &arg, 1, 5000, 100, &found) ==
              EXPR_MISS);
        expr_cache_insert(cache, 1, &arg, 1, result);
        CHECK(expr_cache_find(cache, 1, &arg, 1, 5000, 100, &found) ==
              EXPR_HIT);
        if (i % 1024 == 0) {
            cache_map_quiesce(shared, 0);
        }
    }
    CHECK(cache_map_stats(shared).misses < CALLS);
    expr_cache_free(cache);
    cache_map_free(shared);
}

TEST_MAIN(RUN(counts_are_those_of_the_evaluation), RUN(limits_make_it_miss),
          RUN(keys_that_share_a_place_are_told_apart), RUN(keys_are_exact),
          RUN(what_never_hits_is_left_alone), RUN(workers_share),
          RUN(a_shared_map_that_never_hits_is_left_alone))
