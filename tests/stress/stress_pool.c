// Pools of several sizes under seeded delays: random trees of tasks and
// groups, work graphs, waits inside tasks, idle and busy phases.
#include "concurrent/pool.h"
#include "support/die.h"

#include "tests/stress/stress.h"

// Runs `body` on pools of 1 to 8 workers, plain and with delays.
static void each_pool(void (*body)(Pool *pool, uint64_t *random))
{
    static const uint32_t counts[] = {1, 2, 3, 8};
    for (uint32_t i = 0; i < 4; i++) {
        for (uint32_t delays = 0; delays < 2; delays++) {
            uint64_t random = stress_stream(i * 2 + delays);
            Pool *pool = pool_new(counts[i], delays * random);
            body(pool, &random);
            pool_free(pool);
        }
    }
}

// A tree: each task opens a group below it, spawns there, into its own group
// and into the group around that; then waits and checks that all below it is
// done.
typedef struct Tree Tree;
struct Tree {
    Task task;
    uint64_t random;
    int depth;
    TaskGroup *outer;        // around the group of this task; may be NULL
    _Atomic(int64_t) *alive; // tasks of this group's kind not finished yet
    _Atomic(int64_t) *outer_alive;
    _Atomic(uint64_t) *runs; // in all
};

static void tree_run(Task *task, Worker *worker);

static void tree_spawn(const Tree *from, uint64_t random, int depth,
                       TaskGroup *group, TaskGroup *outer,
                       _Atomic(int64_t) *alive, _Atomic(int64_t) *outer_alive,
                       Worker *worker)
{
    Tree *next = mem_alloc(sizeof *next);
    *next = (Tree){.task.run = tree_run,
                   .random = random | 1,
                   .depth = depth,
                   .outer = outer,
                   .alive = alive,
                   .outer_alive = outer_alive,
                   .runs = from->runs};
    fetch_add_relaxed(alive, 1);
    task_group_spawn(group, worker, &next->task);
}

static void tree_open(Tree *self, TaskGroup *around, Worker *worker)
{
    _Atomic(int64_t) alive = 0;
    TaskGroup group;
    task_group_init(&group, worker_pool(worker), &around->token);
    for (uint64_t n = stress_random(&self->random) % 5; n > 0; n--) {
        tree_spawn(self, stress_random(&self->random), self->depth - 1, &group,
                   around, &alive, self->alive, worker);
    }
    task_group_wait(&group, worker, true);
    CHECK_EQ_INT(load_relaxed(&alive), 0);
}

static void tree_run(Task *task, Worker *worker)
{
    Tree self = *(Tree *)task;
    TaskGroup *group = task->group;
    free(task);
    fetch_add_relaxed(self.runs, 1);
    uint64_t *random = &self.random;
    if (self.depth > 0) {
        if (stress_random(random) % 4 == 0) {
            tree_spawn(&self, stress_random(random), self.depth - 1, group,
                       self.outer, self.alive, self.outer_alive, worker);
        }
        if (stress_random(random) % 2 == 0) {
            tree_open(&self, group, worker);
        }
        if (self.outer != NULL && stress_random(random) % 4 == 0) {
            tree_spawn(&self, stress_random(random), self.depth - 1, self.outer,
                       NULL, self.outer_alive, NULL, worker);
        }
        tree_open(&self, group, worker);
    }
    fetch_add_relaxed(self.alive, -1);
}

static void check_trees(Pool *pool, uint64_t *random)
{
    Worker *worker = pool_main_worker(pool);
    for (uint32_t i = 0; i < 8 * stress.scale; i++) {
        _Atomic(uint64_t) runs = 0;
        _Atomic(int64_t) alive = 0;
        Tree root = {.runs = &runs};
        TaskGroup group;
        task_group_init(&group, pool, NULL);
        for (int k = 0; k < 4; k++) {
            tree_spawn(&root, stress_random(random), 4, &group, NULL, &alive,
                       NULL, worker);
        }
        task_group_wait(&group, worker, stress_random(random) % 2 == 0);
        CHECK_EQ_INT(load_relaxed(&alive), 0);
        CHECK(load_relaxed(&runs) >= 4);
    }
}

TEST(trees_of_groups_finish)
{
    each_pool(check_trees);
}

// A work graph: a node runs once, after all that it depends on.
typedef struct Node Node;
struct Node {
    Task task;
    _Atomic(uint32_t) waiting;
    _Atomic(uint32_t) runs;
    uint32_t dependent_count;
    Node *dependents[6];
    uint32_t dependency_count;
    Node *dependencies[3];
};

static void node_run(Task *task, Worker *worker)
{
    Node *node = (Node *)task;
    for (uint32_t i = 0; i < node->dependency_count; i++) {
        CHECK_EQ_INT(load_relaxed(&node->dependencies[i]->runs), 1);
    }
    CHECK_EQ_INT(fetch_add_relaxed(&node->runs, 1), 0);
    Task *ready[6];
    uint32_t ready_count = 0;
    for (uint32_t i = 0; i < node->dependent_count; i++) {
        Node *next = node->dependents[i];
        if (fetch_sub_acq_rel(&next->waiting, 1) == 1) {
            ready[ready_count++] = &next->task;
        }
    }
    task_group_spawn_many(task->group, worker, ready, ready_count);
}

static void graph_fill(Node *nodes, uint32_t count, uint64_t *random)
{
    memset(nodes, 0, count * sizeof *nodes);
    for (uint32_t i = 0; i < count; i++) {
        Node *node = &nodes[i];
        node->task.run = node_run;
        for (int k = 0; k < 3 && i > 0; k++) {
            // Near ones make chains, far ones make the graph wide.
            uint64_t dice = stress_random(random);
            uint32_t back = 1 + (uint32_t)(dice >> 8) % (dice % 2 ? 4 : 500);
            Node *from = &nodes[back > i ? 0 : i - back];
            if (from->dependent_count < 6) {
                from->dependents[from->dependent_count++] = node;
                node->dependencies[node->dependency_count++] = from;
            }
        }
        atomic_init(&node->waiting, node->dependency_count);
    }
}

static void check_graph(Pool *pool, uint64_t *random)
{
    uint32_t count = 4000 * stress.scale;
    Node *nodes = mem_calloc(count, sizeof *nodes);
    graph_fill(nodes, count, random);
    Worker *worker = pool_main_worker(pool);
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    for (uint32_t i = 0; i < count; i++) {
        if (nodes[i].dependency_count == 0) {
            task_group_spawn(&group, worker, &nodes[i].task);
        }
    }
    task_group_wait(&group, worker, false);
    uint64_t tasks = 0;
    for (uint32_t i = 0; i < pool_worker_count(pool); i++) {
        tasks += pool_worker_stats(pool, i).tasks;
    }
    CHECK_EQ_INT(tasks, count);
    for (uint32_t i = 0; i < count; i++) {
        CHECK_EQ_INT(load_relaxed(&nodes[i].runs), 1);
    }
    free(nodes);
}

TEST(graphs_run_in_order)
{
    each_pool(check_graph);
}

// Short bursts with pauses, so that workers park and wake again and again.
typedef struct Burst {
    Task task;
    uint64_t spins;
    uint32_t runs; // who waits for the group reads what the task wrote
} Burst;

static void burst_run(Task *task, Worker *worker)
{
    (void)worker;
    Burst *burst = (Burst *)task;
    for (uint64_t i = burst->spins; i > 0; i--) {
        cpu_relax();
    }
    burst->runs++;
}

static void check_bursts(Pool *pool, uint64_t *random)
{
    Worker *worker = pool_main_worker(pool);
    Burst bursts[16];
    for (uint32_t i = 0; i < 60 * stress.scale; i++) {
        TaskGroup group;
        task_group_init(&group, pool, NULL);
        uint32_t count = 1 + (uint32_t)(stress_random(random) % 16);
        for (uint32_t k = 0; k < count; k++) {
            bursts[k] = (Burst){.task.run = burst_run,
                                .spins = stress_random(random) % 200};
            task_group_spawn(&group, worker, &bursts[k].task);
        }
        for (uint64_t k = stress_random(random) % 500; k > 0; k--) {
            cpu_relax();
        }
        task_group_wait(&group, worker, stress_random(random) % 2 == 0);
        for (uint32_t k = 0; k < count; k++) {
            CHECK_EQ_INT(bursts[k].runs, 1);
        }
    }
}

TEST(workers_park_and_wake)
{
    each_pool(check_bursts);
}

// Loops inside of loops, whose inner sizes differ much.
typedef struct Loop {
    _Atomic(uint64_t) runs;
} Loop;

static void loop_inner(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    fetch_add_relaxed(&((Loop *)ctx)->runs, end - begin);
}

static void loop_outer(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    for (uint64_t i = begin; i < end; i++) {
        Loop inner = {.runs = 0};
        parallel_for(worker, NULL, i % 7 * 100, 3, loop_inner, &inner);
        CHECK_EQ_INT(load_relaxed(&inner.runs), i % 7 * 100);
        loop_inner(ctx, i, i + 1, worker);
    }
}

static void check_loops(Pool *pool, uint64_t *random)
{
    (void)random;
    for (uint32_t i = 0; i < 4 * stress.scale; i++) {
        Loop loop = {.runs = 0};
        parallel_for(pool_main_worker(pool), NULL, 300, 1, loop_outer, &loop);
        CHECK_EQ_INT(load_relaxed(&loop.runs), 300);
    }
}

TEST(loops_nest)
{
    each_pool(check_loops);
}

static void check_one(Pool *pool, uint64_t *random)
{
    Burst burst = {.task.run = burst_run, .spins = *random % 100};
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    task_group_spawn(&group, pool_main_worker(pool), &burst.task);
    task_group_wait(&group, pool_main_worker(pool), true);
    CHECK_EQ_INT(burst.runs, 1);
}

TEST(pools_come_and_go)
{
    for (uint32_t i = 0; i < 20 * stress.scale; i++) {
        each_pool(check_one);
    }
}

STRESS_MAIN(RUN(trees_of_groups_finish), RUN(graphs_run_in_order),
            RUN(workers_park_and_wake), RUN(loops_nest), RUN(pools_come_and_go))
