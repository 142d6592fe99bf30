#include "concurrent/pool.h"

#include <sys/resource.h>

#include "concurrent/worker.h"
#include "support/attributes.h"
#include "tests/harness.h"

typedef struct Count {
    Task task;
    _Atomic(int) *counter;
} Count;

static void count_one(Task *task, Worker *worker)
{
    (void)worker;
    fetch_add_relaxed(((Count *)task)->counter, 1);
}

// Runs `check` on a pool of 1, 2 and 5 workers, and again when their threads
// have ended.
static void each_pool(void (*check)(Pool *pool, Worker *worker))
{
    static const uint32_t counts[] = {1, 2, 5};
    for (int i = 0; i < 3; i++) {
        Pool *pool = pool_new(counts[i], 0);
        check(pool, pool_main_worker(pool));
        uint32_t running = pool_running_count(pool);
        pool_end_threads(pool);
        CHECK_EQ_INT(pool_worker_count(pool), 1);
        CHECK(!pool_has_idle(pool));
        check(pool, pool_main_worker(pool));
        CHECK_EQ_INT(pool_running_count(pool), running);
        pool_free(pool);
    }
}

static void check_all_run(Pool *pool, Worker *worker)
{
    enum { COUNT = 1000 };
    static Count counts[COUNT];
    _Atomic(int) counter = 0;
    for (int own_only = 0; own_only < 2; own_only++) {
        store_relaxed(&counter, 0);
        TaskGroup group;
        task_group_init(&group, pool, NULL);
        for (int i = 0; i < COUNT; i++) {
            counts[i] = (Count){.task.run = count_one, .counter = &counter};
            task_group_spawn(&group, worker, &counts[i].task);
        }
        task_group_wait(&group, worker, own_only != 0);
        CHECK_EQ_INT(load_relaxed(&counter), COUNT);
    }
}

TEST(every_task_runs_once)
{
    each_pool(check_all_run);
}

static void check_batch(Pool *pool, Worker *worker)
{
    enum { COUNT = 700 };
    static Count counts[COUNT];
    static Task *tasks[COUNT];
    _Atomic(int) counter = 0;
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < COUNT; i++) {
            counts[i] = (Count){.task.run = count_one, .counter = &counter};
            tasks[i] = &counts[i].task;
        }
        task_group_spawn_many(&group, worker, tasks, COUNT);
        task_group_spawn_many(&group, worker, NULL, 0);
        task_group_wait(&group, worker, round == 2);
        CHECK_EQ_INT(load_relaxed(&counter), COUNT * round);
    }
}

TEST(batches_run_and_groups_are_used_again)
{
    each_pool(check_batch);
}

static void check_empty(Pool *pool, Worker *worker)
{
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    task_group_wait(&group, worker, true);
    task_group_wait(&group, worker, false);
    CHECK_EQ_INT(pool_running_count(pool), 1);
}

TEST(an_empty_group_is_done_and_starts_nothing)
{
    each_pool(check_empty);
}

typedef struct Grow {
    Task task;
    _Atomic(int) *counter;
    int levels;
} Grow;

// Spawns two more into its own group; frees itself.
static void grow(Task *task, Worker *worker)
{
    Grow self = *(Grow *)task;
    TaskGroup *group = task->group;
    free(task);
    fetch_add_relaxed(self.counter, 1);
    for (int i = 0; i < 2 && self.levels > 0; i++) {
        Grow *next = malloc(sizeof *next);
        *next = (Grow){.task.run = grow,
                       .counter = self.counter,
                       .levels = self.levels - 1};
        task_group_spawn(group, worker, &next->task);
    }
}

static void check_grow(Pool *pool, Worker *worker)
{
    for (int own_only = 0; own_only < 2; own_only++) {
        _Atomic(int) counter = 0;
        TaskGroup group;
        task_group_init(&group, pool, NULL);
        Grow *first = malloc(sizeof *first);
        *first = (Grow){.task.run = grow, .counter = &counter, .levels = 10};
        task_group_spawn(&group, worker, &first->task);
        task_group_wait(&group, worker, own_only != 0);
        CHECK_EQ_INT(load_relaxed(&counter), (1 << 11) - 1);
    }
}

TEST(tasks_spawn_into_their_own_group)
{
    each_pool(check_grow);
}

typedef struct Fib {
    Task task;
    int n;
    int64_t result;
} Fib;

static int64_t fib(int n, Worker *worker);

static void fib_task(Task *task, Worker *worker)
{
    Fib *self = (Fib *)task;
    self->result = fib(self->n, worker);
}

static int64_t fib(int n, Worker *worker)
{
    if (n < 2) {
        return n;
    }
    TaskGroup group;
    task_group_init(&group, worker_pool(worker), NULL);
    Fib left = {.task.run = fib_task, .n = n - 1};
    task_group_spawn(&group, worker, &left.task);
    int64_t right = fib(n - 2, worker);
    task_group_wait(&group, worker, true);
    return left.result + right;
}

static void check_fib(Pool *pool, Worker *worker)
{
    (void)pool;
    CHECK_EQ_INT(fib(18, worker), 2584);
}

TEST(fork_and_join_nest)
{
    each_pool(check_fib);
}

// A task of an inner group spawns into the group around it, on top of tasks
// of the inner group that are still to run.
typedef struct Outward {
    Task task;
    TaskGroup *outer;
    Count *outer_task;
    _Atomic(int) *inner_runs;
} Outward;

static void outward(Task *task, Worker *worker)
{
    Outward *self = (Outward *)task;
    fetch_add_relaxed(self->inner_runs, 1);
    task_group_spawn(self->outer, worker, &self->outer_task->task);
}

typedef struct Opener {
    Task task;
    _Atomic(int) inner_runs;
    _Atomic(int) outer_runs;
    Count counts[20];
} Opener;

static void opener(Task *task, Worker *worker)
{
    Opener *self = (Opener *)task;
    Outward inner[20];
    TaskGroup group;
    task_group_init(&group, worker_pool(worker), &task->group->token);
    for (int i = 0; i < 20; i++) {
        self->counts[i] =
            (Count){.task.run = count_one, .counter = &self->outer_runs};
        inner[i] = (Outward){.task.run = outward,
                             .outer = task->group,
                             .outer_task = &self->counts[i],
                             .inner_runs = &self->inner_runs};
        task_group_spawn(&group, worker, &inner[i].task);
    }
    task_group_wait(&group, worker, true);
    CHECK_EQ_INT(load_relaxed(&self->inner_runs), 20);
    if (pool_worker_count(worker_pool(worker)) == 1) {
        CHECK_EQ_INT(load_relaxed(&self->outer_runs), 0);
    }
}

static void check_outward(Pool *pool, Worker *worker)
{
    Opener self = {.task.run = opener};
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    task_group_spawn(&group, worker, &self.task);
    task_group_wait(&group, worker, false);
    CHECK_EQ_INT(load_relaxed(&self.outer_runs), 20);
}

TEST(own_only_passes_over_foreign_tasks)
{
    each_pool(check_outward);
}

// Two groups of one opener, spawned in turns, waited for in either order.
static void check_two_groups(Pool *pool, Worker *worker)
{
    enum { COUNT = 50 };
    Count counts[2 * COUNT];
    for (int first = 0; first < 2; first++) {
        _Atomic(int) counters[2] = {0, 0};
        TaskGroup groups[2];
        task_group_init(&groups[0], pool, NULL);
        task_group_init(&groups[1], pool, NULL);
        for (int i = 0; i < 2 * COUNT; i++) {
            counts[i] =
                (Count){.task.run = count_one, .counter = &counters[i % 2]};
            task_group_spawn(&groups[i % 2], worker, &counts[i].task);
        }
        task_group_wait(&groups[first], worker, true);
        CHECK_EQ_INT(load_relaxed(&counters[first]), COUNT);
        if (pool_worker_count(pool) == 1) {
            CHECK_EQ_INT(load_relaxed(&counters[1 - first]), 0);
        }
        task_group_wait(&groups[1 - first], worker, true);
        CHECK_EQ_INT(load_relaxed(&counters[1 - first]), COUNT);
    }
}

TEST(two_groups_interleave)
{
    each_pool(check_two_groups);
}

typedef struct Sum {
    _Atomic(uint64_t) sum;
    _Atomic(uint64_t) small; // pieces below the grain
    uint64_t grain;
    uint64_t count;
} Sum;

static void add_range(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    Sum *sum = ctx;
    uint64_t total = 0;
    for (uint64_t i = begin; i < end; i++) {
        total += i;
    }
    fetch_add_relaxed(&sum->sum, total);
    if (end - begin < sum->grain) {
        fetch_add_relaxed(&sum->small, 1);
    }
}

static void check_for(Pool *pool, Worker *worker)
{
    (void)pool;
    static const uint64_t counts[] = {0, 1, 7, 1000, 100000};
    for (int i = 0; i < 5; i++) {
        for (uint64_t grain = 1; grain <= 1000; grain *= 10) {
            Sum sum = {.grain = grain, .count = counts[i]};
            uint64_t n = counts[i];
            parallel_for(worker, NULL, n, grain, add_range, &sum);
            CHECK_EQ_INT(load_relaxed(&sum.sum), n == 0 ? 0 : n * (n - 1) / 2);
            CHECK_EQ_INT(load_relaxed(&sum.small), n > 0 && n < grain);
        }
    }
}

TEST(parallel_for_covers_the_range)
{
    each_pool(check_for);
}

static void nested_range(void *ctx, uint64_t begin, uint64_t end,
                         Worker *worker)
{
    for (uint64_t i = begin; i < end; i++) {
        parallel_for(worker, NULL, 100, 10, add_range, ctx);
    }
}

static void check_nested_for(Pool *pool, Worker *worker)
{
    (void)pool;
    Sum sum = {.grain = 10};
    parallel_for(worker, NULL, 200, 1, nested_range, &sum);
    CHECK_EQ_INT(load_relaxed(&sum.sum), 200 * 4950);
}

TEST(parallel_for_nests)
{
    each_pool(check_nested_for);
}

typedef struct Stop {
    CancelToken token;
    _Atomic(uint64_t) pieces;
} Stop;

static void stop_soon(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)begin;
    (void)end;
    (void)worker;
    Stop *stop = ctx;
    if (fetch_add_relaxed(&stop->pieces, 1) == 10) {
        cancel_token_cancel(&stop->token, CANCEL_FAILED);
    }
}

static void check_cancel(Pool *pool, Worker *worker)
{
    (void)pool;
    Stop stop = {.pieces = 0};
    cancel_token_init(&stop.token, NULL, INT64_MAX);
    parallel_for(worker, &stop.token, UINT64_C(1) << 60, 1, stop_soon, &stop);
    CHECK(load_relaxed(&stop.pieces) >= 11);
}

TEST(parallel_for_stops_when_cancelled)
{
    each_pool(check_cancel);
}

typedef struct Scratch {
    Task task;
    TaskFunction *inner;
} Scratch;

static void use_scratch(Task *task, Worker *worker)
{
    (void)task;
    memset(arena_alloc(worker_scratch(worker), 100), 7, 100);
}

static void nest_scratch(Task *task, Worker *worker)
{
    (void)task;
    char *mine = arena_alloc(worker_scratch(worker), 1000);
    memset(mine, 1, 1000);
    Task inner[10];
    TaskGroup group;
    task_group_init(&group, worker_pool(worker), NULL);
    for (int i = 0; i < 10; i++) {
        inner[i] = (Task){.run = use_scratch};
        task_group_spawn(&group, worker, &inner[i]);
    }
    task_group_wait(&group, worker, true);
    for (int i = 0; i < 1000; i++) {
        CHECK(mine[i] == 1); // nested tasks left it alone
    }
}

static void check_scratch(Pool *pool, Worker *worker)
{
    Task tasks[200];
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    for (int i = 0; i < 200; i++) {
        tasks[i] = (Task){.run = nest_scratch};
        task_group_spawn(&group, worker, &tasks[i]);
    }
    task_group_wait(&group, worker, false);
    // Cleared, not grown 200 times.
    CHECK(EXACT_MEMORY || arena_bytes(worker_scratch(worker)) < 200 * 1000);
}

TEST(scratch_lives_for_the_outermost_task)
{
    each_pool(check_scratch);
}

static WorkerStats sum_stats(const Pool *pool)
{
    WorkerStats sum = {0};
    for (uint32_t i = 0; i < pool_running_count(pool); i++) {
        WorkerStats stats = pool_worker_stats(pool, i);
        sum.tasks += stats.tasks;
        sum.busy_ns += stats.busy_ns;
    }
    return sum;
}

static void check_stats(Pool *pool, Worker *worker)
{
    enum { COUNT = 500 };
    WorkerStats before = sum_stats(pool);
    Count counts[COUNT];
    _Atomic(int) counter = 0;
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    for (int i = 0; i < COUNT; i++) {
        counts[i] = (Count){.task.run = count_one, .counter = &counter};
        task_group_spawn(&group, worker, &counts[i].task);
    }
    task_group_wait(&group, worker, false);
    WorkerStats after = sum_stats(pool);
    CHECK_EQ_INT(after.tasks - before.tasks, COUNT);
    CHECK(after.busy_ns > before.busy_ns);
}

TEST(stats_are_exact_between_groups)
{
    each_pool(check_stats);
}

typedef struct NoteTask {
    Task task;
    const Worker *ran_on;
} NoteTask;

static void note_worker(Task *task, Worker *worker)
{
    NoteTask *self = (NoteTask *)task;
    self->ran_on = worker;
}

typedef struct TakerTask {
    Task task;
    TaskGroup *group;
    _Atomic(bool) began;
} TakerTask;

// Ends when the one who waits for the group is seen.
static void await_taker(Task *task, Worker *worker)
{
    TakerTask *self = (TakerTask *)task;
    store_release(&self->began, true);
    while (!worker_has_taker(worker, self->group)) {
        cpu_relax();
    }
    while (!worker_has_taker(worker, NULL)) { // of a group below
        cpu_relax();
    }
}

TEST(who_waits_for_a_group_is_a_taker)
{
    Pool *pool = pool_new(2, 0);
    Worker *worker = pool_main_worker(pool);
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    TakerTask task = {.task.run = await_taker, .group = &group};
    task_group_spawn(&group, worker, &task.task);
    while (!load_acquire(&task.began)) {
        cpu_relax(); // the other one takes it
    }
    task_group_wait(&group, worker, true);
    CHECK(load_relaxed(&task.began));
    pool_free(pool);
}

TEST(one_worker_has_no_thread)
{
    Pool *pool = pool_new(1, 0);
    Worker *worker = pool_main_worker(pool);
    NoteTask note = {.task.run = note_worker};
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    task_group_spawn(&group, worker, &note.task);
    task_group_wait(&group, worker, false);
    CHECK(note.ran_on == worker);
    CHECK(!pool_has_idle(pool));
    CHECK(!worker_has_taker(worker, NULL));
    CHECK_EQ_INT(pool_running_count(pool), 1);
    CHECK_EQ_INT(pool_worker_count(pool), 1);
    CHECK_EQ_INT(worker_index(worker), 0);
    CHECK(worker_pool(worker) == pool);
    pool_free(pool);
    pool_free(NULL);
}

// This one stays young.
TEST(a_patient_pool_starts_threads_for_several_tasks)
{
    Pool *pool = pool_new(2, 0);
    pool_set_patient(pool);
    CHECK(pool->start_at_ns > 0);
    pool->start_at_ns = INT64_MAX;
    Worker *worker = pool_main_worker(pool);
    _Atomic(int) counter = 0;
    Count counts[2 + PATIENT_START_TASKS];
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    for (int i = 0; i < 2 + PATIENT_START_TASKS; i++) {
        counts[i] = (Count){.task.run = count_one, .counter = &counter};
        task_group_spawn(&group, worker, &counts[i].task);
        if (i == 1) {
            task_group_wait(&group, worker, false);
            CHECK_EQ_INT(pool_running_count(pool), 1);
            CHECK(!pool_has_idle(pool));
        }
    }
    CHECK_EQ_INT(pool_running_count(pool), 2);
    task_group_wait(&group, worker, false);
    CHECK_EQ_INT(load_relaxed(&counter), 2 + PATIENT_START_TASKS);
    pool_free(pool);
}

TEST(a_patient_pool_that_is_old_starts_threads_for_one_task)
{
    Pool *pool = pool_new(2, 0);
    pool_set_patient(pool);
    pool->start_at_ns = 1;
    CHECK(pool_has_idle(pool));
    CHECK_EQ_INT(fib(10, pool_main_worker(pool)), 55);
    CHECK_EQ_INT(pool_running_count(pool), 2);
    pool_free(pool);
}

TEST(counts_are_clamped)
{
    Pool *pool = pool_new(0, 0);
    CHECK_EQ_INT(pool_worker_count(pool), 1);
    pool_free(pool);
    pool = pool_new(UINT32_MAX, 0);
    CHECK_EQ_INT(pool_worker_count(pool), POOL_WORKERS_MAX);
    CHECK_EQ_INT(pool_running_count(pool), 1);
    pool_free(pool);
    CHECK(cpu_affinity_count() >= 1);
    CHECK(cpu_quota() >= 1);
}

static uint64_t address_space_bytes(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        CHECK_EQ_INT(fscanf(file, "%lu", &pages), 1);
        fclose(file);
    }
    return (uint64_t)pages * 4096;
}

TEST(goes_on_without_threads)
{
    uint64_t used = address_space_bytes();
    // Sanitizers reserve more address space than any limit allows.
    if (SANITIZED || used == 0) {
        harness_skip("limit on the address space");
        return;
    }
    // Room for one thread's stack, but not for two.
    struct rlimit old;
    getrlimit(RLIMIT_AS, &old);
    struct rlimit tight = {used + (UINT64_C(28) << 20), old.rlim_max};
    CHECK_EQ_INT(setrlimit(RLIMIT_AS, &tight), 0);
    Pool *pool = pool_new(6, 0);
    for (int i = 0; i < 50; i++) {
        CHECK_EQ_INT(fib(16, pool_main_worker(pool)), 987);
    }
    CHECK(pool_running_count(pool) <= 2);
    CHECK(pool_running_count(pool) <= pool_worker_count(pool));
    setrlimit(RLIMIT_AS, &old);
    pool_free(pool);
}

TEST_MAIN(RUN(goes_on_without_threads), RUN(every_task_runs_once),
          RUN(batches_run_and_groups_are_used_again),
          RUN(an_empty_group_is_done_and_starts_nothing),
          RUN(tasks_spawn_into_their_own_group), RUN(fork_and_join_nest),
          RUN(own_only_passes_over_foreign_tasks), RUN(two_groups_interleave),
          RUN(parallel_for_covers_the_range), RUN(parallel_for_nests),
          RUN(parallel_for_stops_when_cancelled),
          RUN(scratch_lives_for_the_outermost_task),
          RUN(stats_are_exact_between_groups),
          RUN(who_waits_for_a_group_is_a_taker), RUN(one_worker_has_no_thread),
          RUN(a_patient_pool_starts_threads_for_several_tasks),
          RUN(a_patient_pool_that_is_old_starts_threads_for_one_task),
          RUN(counts_are_clamped))
