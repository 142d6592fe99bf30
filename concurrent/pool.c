// The pool as its clients see it; see pool.h. Workers are in worker.c, groups
// in task_group.c.
#include "concurrent/pool.h"

#include <assert.h>
#include <stdlib.h>

#include "concurrent/aligned.h"
#include "concurrent/worker.h"

// The 64-bit golden ratio: spreads small seeds over all bits.
#define SEED_SPREAD UINT64_C(0x9E3779B97F4A7C15)

static void worker_init(Worker *worker, Pool *pool, uint32_t index,
                        uint64_t seed)
{
    deque_init(&worker->deque, pool->worker_count == 1);
    worker->pool = pool;
    worker->index = index;
    worker->random = (seed + index + 1) * SEED_SPREAD | 1;
    worker->delays = seed != 0;
    arena_init(&worker->scratch);
}

Pool *pool_new(uint32_t worker_count, uint64_t seed)
{
    if (worker_count == 0) {
        worker_count = 1;
    } else if (worker_count > POOL_WORKERS_MAX) {
        worker_count = POOL_WORKERS_MAX;
    }
    Pool *pool = aligned_zalloc(1, sizeof *pool);
    pool->worker_count = worker_count;
    pool->workers = aligned_zalloc(worker_count, sizeof(Worker));
    eventcount_init(&pool->events, worker_count);
    atomic_init(&pool->started, 1);
    atomic_init(&pool->limit, worker_count);
    for (uint32_t i = 0; i < worker_count; i++) {
        worker_init(&pool->workers[i], pool, i, seed);
    }
    store_relaxed(&pool->workers[0].awake, true);
    return pool;
}

void pool_set_automatic(Pool *pool)
{
    pool->start_at_ns = clock_monotonic_ns() + AUTOMATIC_DELAY_NS;
    pool->least_process_ns = AUTOMATIC_DELAY_NS;
    pool->start_at_tasks = INT64_MAX;
    pool->asks_quota = true;
}

void pool_set_patient(Pool *pool)
{
    pool->start_at_ns = clock_monotonic_ns() + PATIENT_DELAY_NS;
    pool->start_at_tasks = PATIENT_START_TASKS;
    pool->asks_quota = true;
}

void pool_set_tunes_heap(Pool *pool)
{
    pool->tunes_heap = true;
}

void pool_end_threads(Pool *pool)
{
    assert(deque_is_empty(&pool->workers[0].deque));
    if (load_relaxed(&pool->stop)) {
        return; // they have ended
    }
    // No group is open, so that nobody starts threads any more.
    store_relaxed(&pool->limit, 1);
    store_seq_cst(&pool->stop, true);
    uint32_t started = load_acquire(&pool->started);
    for (uint32_t i = 1; i < started; i++) {
        eventcount_signal(&pool->events, i, EVENT_DONE);
    }
    for (uint32_t i = 1; i < started; i++) {
        thread_join(&pool->workers[i].thread);
        store_relaxed(&pool->workers[i].awake, false);
    }
}

void pool_free(Pool *pool)
{
    if (pool == NULL) {
        return;
    }
    pool_end_threads(pool);
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        deque_release(&pool->workers[i].deque);
        task_group_release_nodes(&pool->workers[i]);
        arena_release(&pool->workers[i].scratch);
    }
    eventcount_release(&pool->events);
    free(pool->workers);
    free(pool);
}

uint32_t pool_worker_count(const Pool *pool)
{
    return load_relaxed(&pool->limit);
}

uint32_t pool_running_count(const Pool *pool)
{
    return load_relaxed(&pool->started);
}

Worker *pool_main_worker(Pool *pool)
{
    return &pool->workers[0];
}

bool pool_worker_is_resting(const Pool *pool, uint32_t index)
{
    return index >= pool->worker_count ||
           !load_acquire(&pool->workers[index].awake);
}

uint32_t worker_index(const Worker *worker)
{
    return worker->index;
}

Pool *worker_pool(const Worker *worker)
{
    return worker->pool;
}

Arena *worker_scratch(Worker *worker)
{
    return &worker->scratch;
}

WorkerStats pool_worker_stats(const Pool *pool, uint32_t index)
{
    const Worker *worker = &pool->workers[index];
    return (WorkerStats){
        .tasks = load_relaxed(&worker->tasks),
        .steals = load_relaxed(&worker->steals),
        .parks = load_relaxed(&worker->parks),
        .busy_ns = load_relaxed(&worker->busy_ns),
    };
}
