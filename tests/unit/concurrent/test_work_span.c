// Work and span: what is a chain and what is not, at any number of workers.
// Tasks run until their thread has used some of the processor's time, so that
// nothing here depends on how busy the machine is.
#include "concurrent/flow.h"
#include "concurrent/pool.h"
#include "tests/harness.h"

#define PIECE_NS INT64_C(300000)

enum { PIECES = 24 };

static void use_time(void)
{
    int64_t end_ns = clock_thread_ns() + PIECE_NS;
    while (clock_thread_ns() < end_ns) {
    }
}

static void each_pool(bool measured, void (*check)(Pool *pool, Worker *worker))
{
    static const uint32_t counts[] = {1, 2, 5};
    for (int i = 0; i < 3; i++) {
        Pool *pool = pool_new(counts[i], 0);
        if (measured) {
            pool_set_measured(pool);
        }
        check(pool, pool_main_worker(pool));
        pool_free(pool);
    }
}

static void use_time_each(void *ctx, uint64_t begin, uint64_t end,
                          Worker *worker)
{
    (void)ctx;
    (void)worker;
    for (uint64_t i = begin; i < end; i++) {
        use_time();
    }
}

static void check_loop(Pool *pool, Worker *worker)
{
    parallel_for(worker, NULL, PIECES, 1, use_time_each, NULL);
    WorkSpan found = pool_work_span(pool);
    CHECK(found.work_ns >= PIECES * PIECE_NS);
    CHECK(found.span_ns >= PIECE_NS);
    CHECK(found.span_ns <= found.work_ns / 2);
    parallel_for(worker, NULL, 0, 1, use_time_each, NULL);
    WorkSpan then = pool_work_span(pool);
    CHECK(then.span_ns >= found.span_ns);
    CHECK(then.work_ns - found.work_ns < PIECES * PIECE_NS);
}

TEST(pieces_of_a_loop_are_beside_each_other)
{
    each_pool(true, check_loop);
}

typedef struct Step {
    FlowNode node;
    FlowEdge edge;
} Step;

static void run_step(Task *task, Worker *worker)
{
    Step *step = (Step *)task;
    flow_start(&step->node, worker);
    use_time();
    flow_end(&step->node, worker);
}

// A chain, and beside it as many that wait for nothing.
static void check_chain(Pool *pool, Worker *worker)
{
    static Step chain[PIECES], others[PIECES];
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    task_group_open(&group, worker);
    for (int i = 0; i < PIECES; i++) {
        flow_init(&chain[i].node, &group, run_step);
        flow_init(&others[i].node, &group, run_step);
        if (i > 0) {
            flow_wait_for(&chain[i].node, &chain[i - 1].node, &chain[i].edge);
        }
        flow_release(&others[i].node, worker);
        flow_release(&chain[i].node, worker);
    }
    task_group_wait(&group, worker, false);
    WorkSpan found = pool_work_span(pool);
    CHECK(found.work_ns >= 2 * PIECES * PIECE_NS);
    CHECK(found.span_ns >= PIECES * PIECE_NS);
    CHECK(found.span_ns < found.work_ns);
    // Who waits for one that has ended begins behind it nevertheless.
    Step late;
    flow_init(&late.node, &group, run_step);
    CHECK(flow_has_ended(&late.node, &chain[PIECES - 1].node));
    CHECK(load_relaxed(&late.node.path_ns) >= PIECES * PIECE_NS);
}

TEST(a_chain_is_as_long_as_its_parts)
{
    each_pool(true, check_chain);
}

static void run_unmeasured(Task *task, Worker *worker)
{
    (void)task;
    parallel_for(worker, NULL, 4, 1, use_time_each, NULL);
}

static void check_unmeasured(Pool *pool, Worker *worker)
{
    static Task tasks[PIECES];
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    task_group_set_unmeasured(&group);
    int64_t before_ns = worker_path(worker);
    for (int i = 0; i < PIECES; i++) {
        tasks[i].run = run_unmeasured;
        task_group_spawn(&group, worker, &tasks[i]);
    }
    task_group_wait(&group, worker, false);
    worker_add_measured(worker, (WorkSpan){.work_ns = 5000, .span_ns = 1000});
    WorkSpan found = pool_work_span(pool);
    CHECK(found.span_ns >= before_ns + 1000);
    CHECK(found.work_ns >= before_ns + 5000);
    CHECK(found.work_ns < PIECES * PIECE_NS); // what they did is not in it
}

TEST(what_the_client_measures_is_not_counted_twice)
{
    each_pool(true, check_unmeasured);
}

static void run_long(Task *task, Worker *worker)
{
    (void)task;
    use_time_each(NULL, 0, PIECES, worker);
}

static void check_meanwhile(Pool *pool, Worker *worker)
{
    Task own = {.run = run_unmeasured}, other = {.run = run_long};
    TaskGroup owns, others;
    task_group_init(&owns, pool, NULL);
    task_group_set_unmeasured(&owns);
    task_group_init(&others, pool, NULL);
    int64_t before_ns = worker_path(worker);
    task_group_spawn(&owns, worker, &own);
    task_group_spawn(&others, worker, &other);
    task_group_wait(&owns, worker, false);
    CHECK(worker_path(worker) - before_ns < PIECES * PIECE_NS);
    task_group_wait(&others, worker, false);
    CHECK(worker_path(worker) - before_ns >= PIECES * PIECE_NS);
}

TEST(what_runs_in_a_wait_is_not_behind_it)
{
    each_pool(true, check_meanwhile);
}

// Only what runs between the pauses counts.
static void check_pause(Pool *pool, Worker *worker)
{
    int64_t before_ns = worker_path(worker);
    worker_pause_path(worker);
    use_time_each(NULL, 0, PIECES, worker);
    worker_resume_path(worker);
    CHECK(worker_path(worker) - before_ns < PIECES * PIECE_NS);
    use_time_each(NULL, 0, PIECES, worker);
    CHECK(worker_path(worker) - before_ns >= PIECES * PIECE_NS);
    CHECK(pool_work_span(pool).work_ns < 2 * PIECES * PIECE_NS);
}

TEST(what_is_done_in_a_pause_does_not_count)
{
    each_pool(true, check_pause);
}

static void check_nothing(Pool *pool, Worker *worker)
{
    worker_pause_path(worker);
    worker_resume_path(worker);
    parallel_for(worker, NULL, 2, 1, use_time_each, NULL);
    WorkSpan found = pool_work_span(pool);
    CHECK_EQ_INT(found.work_ns, 0);
    CHECK_EQ_INT(found.span_ns, 0);
    CHECK_EQ_INT(worker_path(NULL), 0);
}

TEST(nothing_is_measured_where_nobody_asks)
{
    each_pool(false, check_nothing);
}

TEST_MAIN(RUN(pieces_of_a_loop_are_beside_each_other),
          RUN(a_chain_is_as_long_as_its_parts),
          RUN(what_the_client_measures_is_not_counted_twice),
          RUN(what_runs_in_a_wait_is_not_behind_it),
          RUN(what_is_done_in_a_pause_does_not_count),
          RUN(nothing_is_measured_where_nobody_asks))
