// Costs of the pool: empty tasks and fork-join; with the argument `machine`,
// what two workers can hope for on this one: the nanoseconds that a cache line
// takes from one core to another, and how much more memory two cores change
// than one in the same time. `make bench` builds and runs it (bench/costs.py,
// bench/scaling.py).
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "concurrent/atomics.h"
#include "concurrent/pool.h"
#include "concurrent/thread.h"
#include "support/die.h"

#define EMPTY_TASKS 1000000
#define FIB_N       30
#define ROUNDS      5

static void empty(Task *task, Worker *worker)
{
    (void)task;
    (void)worker;
}

typedef struct Fib {
    Task task;
    int n;
    long result;
} Fib;

static long fib(int n, Worker *worker);

static void fib_task(Task *task, Worker *worker)
{
    Fib *self = (Fib *)task;
    self->result = fib(self->n, worker);
}

static long fib(int n, Worker *worker)
{
    if (n < 2) {
        return n;
    }
    TaskGroup group;
    task_group_init(&group, worker_pool(worker), NULL);
    Fib left = {.task.run = fib_task, .n = n - 1};
    task_group_spawn(&group, worker, &left.task);
    long right = fib(n - 2, worker);
    task_group_wait(&group, worker, true);
    return left.result + right;
}

static long plain_fib(int n)
{
    return n < 2 ? n : plain_fib(n - 1) + plain_fib(n - 2);
}

static double plain_fib_ns(double calls)
{
    int64_t start = clock_monotonic_ns();
    if (plain_fib(FIB_N) != 832040) {
        abort();
    }
    return (double)(clock_monotonic_ns() - start) / calls;
}

static long calls_of_fib(int n)
{
    return n < 2 ? 1 : 1 + calls_of_fib(n - 1) + calls_of_fib(n - 2);
}

// Spawns all, then runs all.
static double empty_batch_ns(Pool *pool, Task *tasks, bool own_only)
{
    Worker *worker = pool_main_worker(pool);
    TaskGroup group;
    task_group_init(&group, pool, NULL);
    int64_t start = clock_monotonic_ns();
    for (int i = 0; i < EMPTY_TASKS; i++) {
        tasks[i].run = empty;
        task_group_spawn(&group, worker, &tasks[i]);
    }
    task_group_wait(&group, worker, own_only);
    return (double)(clock_monotonic_ns() - start) / EMPTY_TASKS;
}

// One group over all, the deque nearly empty all the time.
static double empty_single_ns(Pool *pool, Task *tasks)
{
    Worker *worker = pool_main_worker(pool);
    int64_t start = clock_monotonic_ns();
    for (int i = 0; i < EMPTY_TASKS; i += 10) {
        TaskGroup group;
        task_group_init(&group, pool, NULL);
        for (int k = 0; k < 10; k++) {
            tasks[k].run = empty;
            task_group_spawn(&group, worker, &tasks[k]);
        }
        task_group_wait(&group, worker, true);
    }
    return (double)(clock_monotonic_ns() - start) / EMPTY_TASKS;
}

static double fib_ns(Pool *pool, double calls)
{
    int64_t start = clock_monotonic_ns();
    long result = fib(FIB_N, pool_main_worker(pool));
    if (result != 832040) {
        abort();
    }
    return (double)(clock_monotonic_ns() - start) / calls;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

// ---- a cache line

#define PASSES      20000
#define STACK_BYTES (64 << 10)

// Passed to and fro by two threads: even numbers are this one's turn.
typedef struct Line {
    alignas(CACHE_LINE) _Atomic(uint32_t) turn;
} Line;

static void pass(Line *line, uint32_t first)
{
    for (uint32_t turn = first; turn < 2 * PASSES; turn += 2) {
        while (load_acquire(&line->turn) != turn) {
        }
        store_release(&line->turn, turn + 1);
    }
}

static void *pass_back(void *line)
{
    pass(line, 1);
    return NULL;
}

// Nanoseconds of one pass; the first few may wait for the thread to start.
static double line_ns(void)
{
    Line line = {0};
    Thread thread;
    int64_t start = clock_monotonic_ns();
    if (!thread_start(&thread, pass_back, &line, STACK_BYTES)) {
        abort();
    }
    pass(&line, 0);
    thread_join(&thread);
    return (double)(clock_monotonic_ns() - start) / (2.0 * PASSES);
}

// ---- memory

#define BLOCK_BYTES ((size_t)64 << 20) // more than caches hold
#define WALKS       4

static void *walk(void *block)
{
    for (int i = 0; i < WALKS; i++) {
        for (size_t at = 0; at < BLOCK_BYTES; at += CACHE_LINE) {
            ((volatile char *)block)[at]++;
        }
    }
    return NULL;
}

// Of a walk over `mine` and, unless NULL, one over `other` beside it.
static double walk_ns(char *mine, char *other)
{
    Thread thread;
    int64_t start = clock_monotonic_ns();
    if (other != NULL && !thread_start(&thread, walk, other, STACK_BYTES)) {
        abort();
    }
    (void)walk(mine);
    if (other != NULL) {
        thread_join(&thread);
    }
    return (double)(clock_monotonic_ns() - start);
}

static void print_machine(void)
{
    char *blocks[2];
    size_t bytes[2] = {BLOCK_BYTES, BLOCK_BYTES};
    for (int i = 0; i < 2; i++) {
        blocks[i] = mem_alloc_pages(&bytes[i]);
        memset(blocks[i], 1, BLOCK_BYTES);
    }
    double line = 1e18;
    double one = 1e18;
    double two = 1e18;
    for (int i = 0; i < ROUNDS; i++) {
        line = least(line, line_ns());
        one = least(one, walk_ns(blocks[0], NULL));
        two = least(two, walk_ns(blocks[0], blocks[1]));
    }
    printf("%.0f %.2f\n", line, 2 * one / two);
    for (int i = 0; i < 2; i++) {
        mem_free_pages(blocks[i], bytes[i]);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "machine") == 0) {
        print_machine();
        return 0;
    }
    double calls = (double)calls_of_fib(FIB_N);
    Task *tasks = calloc(EMPTY_TASKS, sizeof *tasks);
    double plain = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        plain = least(plain, plain_fib_ns(calls));
    }
    printf("ns, best of %d: cpus %u, sequential fib call %.1f\n", ROUNDS,
           cpu_affinity_count(), plain);
    for (uint32_t workers = 1; workers <= 4; workers *= 2) {
        Pool *pool = pool_new(workers, 0);
        double batch = 1e9;
        double own = 1e9;
        double single = 1e9;
        double call = 1e9;
        for (int i = 0; i < ROUNDS; i++) {
            batch = least(batch, empty_batch_ns(pool, tasks, false));
            own = least(own, empty_batch_ns(pool, tasks, true));
            single = least(single, empty_single_ns(pool, tasks));
            call = least(call, fib_ns(pool, calls));
        }
        printf("%u workers: empty task %.1f (own only %.1f, groups of ten "
               "%.1f), fib call %.1f\n",
               workers, batch, own, single, call);
        pool_free(pool);
    }
    free(tasks);
    return 0;
}
