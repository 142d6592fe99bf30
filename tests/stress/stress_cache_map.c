// Threads look up, compute, fail and insert overlapping keys in maps of
// several capacities. Values are freed by `drop` and carry a mark, so that a
// value dropped too early is seen (by AddressSanitizer at the latest).
#include "concurrent/cache_map.h"
#include "concurrent/thread.h"

#include "tests/stress/stress.h"

#define THREADS     4
#define KEYS        UINT32_C(400)
#define STEPS       UINT32_C(15000)
#define STACK_BYTES ((size_t)1 << 20)
#define ALIVE       UINT32_C(0xA11FE)

typedef struct Value {
    uint32_t mark;
    uint32_t number;
} Value;

typedef struct Field {
    CacheMap *map;
    uint64_t capacity;
    _Atomic(int64_t) alive; // values not dropped yet
    _Atomic(int64_t) most_alive;
    _Atomic(uint32_t) computing[KEYS]; // threads that begun the key
    _Atomic(uint64_t) computed;
} Field;

typedef struct Actor {
    Thread thread;
    Field *field;
    uint32_t index;
    uint64_t random;
} Actor;

static CacheKey key_of(uint32_t number)
{
    return (CacheKey){number, number};
}

static Value *value_new(Field *field, uint32_t number)
{
    Value *value = malloc(sizeof *value);
    *value = (Value){ALIVE, number};
    int64_t alive = fetch_add_relaxed(&field->alive, 1) + 1;
    if (alive > load_relaxed(&field->most_alive)) {
        store_relaxed(&field->most_alive, alive);
    }
    return value;
}

static void value_drop(void *memory, void *ctx)
{
    Value *value = memory;
    CHECK_EQ_INT(value->mark, ALIVE);
    value->mark = 0;
    free(value);
    fetch_add_relaxed(&((Field *)ctx)->alive, -1);
}

static void check_value(const Value *value, uint32_t number)
{
    CHECK_EQ_INT(value->mark, ALIVE);
    CHECK_EQ_INT(value->number, number);
}

static uint64_t bytes_of(uint32_t number)
{
    return 1 + number % 50;
}

static void compute(Actor *actor, uint32_t number)
{
    Field *field = actor->field;
    CHECK_EQ_INT(fetch_add_relaxed(&field->computing[number], 1), 0);
    for (uint64_t i = stress_random(&actor->random) % 100; i > 0; i--) {
        cpu_relax();
    }
    fetch_add_relaxed(&field->computing[number], UINT32_MAX);
    if (stress_random(&actor->random) % 8 == 0) {
        cache_map_fail(field->map, key_of(number));
        return;
    }
    fetch_add_relaxed(&field->computed, 1);
    Value *value = value_new(field, number);
    cache_map_publish(field->map, key_of(number), value, bytes_of(number));
    check_value(value, number); // ours until we quiesce
}

static void act(Actor *actor, uint32_t number, uint64_t dice)
{
    Field *field = actor->field;
    void *found = NULL;
    if (dice < 3) {
        found = cache_map_find(field->map, key_of(number));
        if (found != NULL) {
            check_value(found, number);
        }
        return;
    }
    CacheClaim claim =
        cache_map_find_or_begin(field->map, key_of(number), dice < 8, &found);
    switch (claim) {
    case CACHE_BEGUN:
        compute(actor, number);
        break;
    case CACHE_FOUND:
        check_value(found, number);
        break;
    case CACHE_PENDING:
        CHECK(dice >= 8);
        break;
    }
}

// Keys above KEYS are inserted only, never begun.
static void insert(Actor *actor, uint32_t number)
{
    Field *field = actor->field;
    Value *value = value_new(field, number);
    Value *present =
        cache_map_insert(field->map, key_of(number), value, bytes_of(number));
    check_value(present, number);
    if (present != value) {
        value_drop(value, field);
    }
}

static void *actor_main(void *argument)
{
    Actor *actor = argument;
    for (uint32_t i = 0; i < STEPS * stress.scale; i++) {
        uint64_t dice = stress_random(&actor->random);
        uint32_t number = (uint32_t)(dice >> 32) % KEYS;
        number = dice % 2 == 0 ? number % (1 + KEYS / 8) : number;
        uint64_t kind = (dice >> 8) % 12;
        if (kind < 10) {
            act(actor, number, kind);
        } else {
            insert(actor, number + KEYS);
        }
        if ((dice >> 16) % 4 == 0) {
            cache_map_quiesce(actor->field->map, actor->index);
        }
    }
    return NULL;
}

static void check_capacity(uint64_t capacity, uint64_t stream)
{
    static Field field;
    field = (Field){.capacity = capacity};
    field.map = cache_map_new(&(CacheMapOptions){.worker_count = THREADS,
                                                 .capacity_bytes = capacity,
                                                 .drop = value_drop,
                                                 .ctx = &field});
    Actor actors[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        actors[i] = (Actor){.field = &field,
                            .index = i,
                            .random = stress_stream(stream * THREADS + i)};
        CHECK(thread_start(&actors[i].thread, actor_main, &actors[i],
                           STACK_BYTES));
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        thread_join(&actors[i].thread);
    }
    CacheStats stats = cache_map_stats(field.map);
    CHECK(stats.bytes <= capacity);
    CHECK(capacity != UINT64_MAX || stats.evictions == 0);
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < THREADS; i++) {
            cache_map_quiesce(field.map, i);
        }
    }
    // Everything evicted is gone; what is left is in the map.
    CHECK_EQ_INT(load_relaxed(&field.alive), stats.entries);
    printf("# capacity %" PRIu64 ": %" PRIu64 " hits, %" PRIu64
           " misses, %" PRIu64 " evictions, at most %" PRId64 " alive\n",
           capacity, stats.hits, stats.misses, stats.evictions,
           load_relaxed(&field.most_alive));
    cache_map_free(field.map);
    CHECK_EQ_INT(load_relaxed(&field.alive), 0);
}

TEST(unbounded)
{
    check_capacity(UINT64_MAX, 0);
}

TEST(tight)
{
    check_capacity(6000, 1);
}

TEST(next_to_nothing)
{
    check_capacity(200, 2);
}

// Tasks of a pool use a small map; idle workers must not hold values back.
typedef struct Job {
    Task task;
    Field *field;
    uint64_t random;
} Job;

static void job_run(Task *task, Worker *worker)
{
    Job *job = (Job *)task;
    uint32_t index = worker_index(worker);
    for (int i = 0; i < 50; i++) {
        uint32_t number = (uint32_t)(stress_random(&job->random) % KEYS);
        void *found = cache_map_find(job->field->map, key_of(number));
        if (found != NULL) {
            check_value(found, number);
        } else {
            Actor actor = {.field = job->field};
            insert(&actor, number);
        }
    }
    cache_map_quiesce(job->field->map, index);
}

TEST(idle_workers_hold_nothing_back)
{
    enum { JOBS = 300 };
    static Field field;
    field = (Field){.capacity = 1000};
    Pool *pool = pool_new(THREADS, 0);
    field.map = cache_map_new(&(CacheMapOptions){.worker_count = THREADS,
                                                 .capacity_bytes = 1000,
                                                 .drop = value_drop,
                                                 .ctx = &field,
                                                 .pool = pool});
    Job *jobs = calloc(JOBS, sizeof *jobs);
    for (uint32_t round = 0; round < 3 * stress.scale; round++) {
        TaskGroup group;
        task_group_init(&group, pool, NULL);
        for (uint64_t i = 0; i < JOBS; i++) {
            jobs[i] = (Job){.task.run = job_run,
                            .field = &field,
                            .random = stress_stream(1000 + i)};
            task_group_spawn(&group, pool_main_worker(pool), &jobs[i].task);
        }
        task_group_wait(&group, pool_main_worker(pool), false);
    }
    // The other workers come to rest soon; none of them quiesces any more.
    for (int64_t i = 0; i < INT64_C(100000000); i++) {
        cache_map_quiesce(field.map, 0);
        if (load_relaxed(&field.alive) ==
            (int64_t)cache_map_stats(field.map).entries) {
            break;
        }
        cpu_relax();
    }
    CHECK_EQ_INT(load_relaxed(&field.alive),
                 cache_map_stats(field.map).entries);
    free(jobs);
    cache_map_free(field.map);
    pool_free(pool);
}

STRESS_MAIN(RUN(unbounded), RUN(tight), RUN(next_to_nothing),
            RUN(idle_workers_hold_nothing_back))
