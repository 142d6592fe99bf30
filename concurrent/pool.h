// A work-stealing pool: one Chase-Lev deque per worker (Chase and Lev 2005;
// orders after Le et al. 2013, with operations in the place of fences), parking
// on an eventcount with asymmetric fences (fence.h). Task groups give
// structured concurrency: who opens a group joins it, and helps while waiting.
//
// With one worker there are no threads: spawned tasks run in
// task_group_wait() on the calling thread. The same code path serves both.
//
// Ownership: a Task is embedded in the caller's structure and must live until
//            its `run` has been called; the pool does not touch it after
//            that, so `run` itself may free it. A TaskGroup must live until
//            it has been waited for.
// Threads:   functions that take a Worker are called by that worker only.
//            Worker 0 is the thread that made the pool; nobody else submits.
#ifndef LIGATURE_CONCURRENT_POOL_H
#define LIGATURE_CONCURRENT_POOL_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#include "concurrent/atomics.h"
#include "concurrent/deadline.h"
#include "support/arena.h"
#include "support/attributes.h"

typedef struct Pool Pool;
typedef struct Worker Worker;
typedef struct Task Task;
typedef struct TaskGroup TaskGroup;

typedef void TaskFunction(Task *task, Worker *worker);

struct Task {
    TaskFunction *run;
    TaskGroup *group; // set by task_group_spawn
    int64_t path_ns;  // set by task_group_spawn where the pool measures
};

// A set of tasks that are waited for together, by the worker that opened it or
// spawned the first one (the owner). Tasks may spawn into their own group and
// into the groups around it. All but `token` is private to the pool.
//
// Tasks spawned and not finished = local + half of shared (less its flag) -
// what workers hold back in their accounts; see task_group.c.
struct TaskGroup {
    alignas(CACHE_LINE) CancelToken token; // inherited by what tasks start
    Pool *pool;
    Worker *owner; // NULL until it is opened, by the first spawn at last
    struct GroupNode *node; // names the group to thieves
    // Written often, hence on another line.
    alignas(CACHE_LINE) int64_t local; // owner only
    int64_t base;                      // owner only; its tasks lie above
    _Atomic(int64_t) shared;
    _Atomic(int64_t) path_ns; // to the last end of a task, where measured
    bool unmeasured;          // immutable once it is open
};

// Starts `worker_count` - 1 threads lazily: none until the first spawn, then
// one after the other while there is work for them. When a thread cannot be had
// (EAGAIN), goes on with fewer; pool_worker_count() says how many there are.
// `seed` != 0 makes workers delay and steal in a seeded random order (stress
// tests). `worker_count` is clamped to 1 .. POOL_WORKERS_MAX.
#define POOL_WORKERS_MAX 1024
Pool *pool_new(uint32_t worker_count, uint64_t seed);
// Starts no thread before the pool is about two milliseconds old, so that small
// programs pay nothing for threads; until then pool_has_idle() is false. The
// pool may have been made with cpu_affinity_count(): cpu_quota() is asked
// before the first thread.
void pool_set_automatic(Pool *pool);
// Starts no thread before the pool is half a millisecond old or more than two
// tasks wait: so few their spawner mostly runs itself. Asks for the quota, too.
void pool_set_patient(Pool *pool);
// The process is ours: threads may call heap_hint_thread(), which changes how
// the process allocates, and keeps memory for good.
void pool_set_tunes_heap(Pool *pool);
// Joins the threads: from now on the calling worker does everything, and
// pool_worker_count() is 1. No group may be open.
void pool_end_threads(Pool *pool);
// The same, and frees the pool.
void pool_free(Pool *pool);
uint32_t pool_worker_count(const Pool *pool);
// Threads that really run, the caller included; 1 until started.
uint32_t pool_running_count(const Pool *pool);
// The calling thread's worker, 0; the thread that made the pool.
Worker *pool_main_worker(Pool *pool);

uint32_t worker_index(const Worker *worker);
Pool *worker_pool(const Worker *worker);
// Scratch memory of this worker; cleared after each task that is not nested
// in another one.
Arena *worker_scratch(Worker *worker);

void task_group_init(TaskGroup *group, Pool *pool, const CancelToken *parent);
// Makes the worker the owner before anybody has spawned: then others may.
void task_group_open(TaskGroup *group, Worker *worker);
// Makes `task` runnable by any worker. Tasks may spawn into their own group.
void task_group_spawn(TaskGroup *group, Worker *worker, Task *task);
// The same for a batch with one wake-up.
void task_group_spawn_many(TaskGroup *group, Worker *worker, Task **tasks,
                           uint32_t count);
// Returns when every task of the group has finished; the group may then be
// used again. The worker runs tasks meanwhile; with `own_only` set only tasks
// of this group and of groups that were opened inside its tasks, so that a
// wait inside a task never buries another task that someone waits for. Inside
// tasks use own_only: waits that run anything may nest without bound.
void task_group_wait(TaskGroup *group, Worker *worker, bool own_only);
// True when the worker is waiting for tasks outside of any task, or has no
// thread yet.
bool pool_worker_is_resting(const Pool *pool, uint32_t index);
// True when another worker is idle: splitting work further would pay.
bool pool_has_idle(const Pool *pool);
// True when another worker, idle or waiting for the group, would take a task
// that this worker spawned into `group` now. NULL: into one that it opens now.
bool worker_has_taker(const Worker *worker, const TaskGroup *group);

// Runs `body(ctx, begin, end, worker)` over [0, count), halving lazily when
// others are idle, in pieces of at least `grain` (but for count < grain).
// Returns when all is done; pieces that were not begun when `parent` (may be
// NULL) was cancelled are left out.
typedef void RangeFunction(void *ctx, uint64_t begin, uint64_t end,
                           Worker *worker);
void parallel_for(Worker *worker, const CancelToken *parent, uint64_t count,
                  uint64_t grain, RangeFunction *body, void *ctx);

// Work and span, by the processor's time: of all that was done, and of the
// longest chain of what had to wait for what came before it, as if each piece
// of a parallel_for() were a task (He, Leiserson and Leiserson, The Cilkview
// Scalability Analyzer, SPAA 2010). No number of workers is faster than the
// span, and p of them need at most work / p + span (Brent 1974).
typedef struct WorkSpan {
    int64_t work_ns;
    int64_t span_ns;
} WorkSpan;
// Before the first task; costs a system call for each task, wait and piece.
void pool_set_measured(Pool *pool);
// Since then; zeroes where nothing is measured. Of the main thread, outside of
// tasks.
WorkSpan pool_work_span(Pool *pool);
// The length of the path to where the worker is; 0 where nothing is measured.
// Here and below the worker may be NULL.
int64_t worker_path(Worker *worker);
// What tasks wait for other than by groups is told by hand: where one ended is
// noted with path_reach(), where another one starts with worker_set_path(). It
// replaces the path to where the worker is.
void path_reach(_Atomic(int64_t) *path_ns, int64_t ns);
void worker_set_path(Worker *worker, int64_t path_ns);
// What starts here waited for all that reached the path, and for its spawner.
void worker_follow(Worker *worker, _Atomic(int64_t) *path_ns);
// Tasks of the group, and below, are measured by the client, who does not open
// the group before; when it has waited for them, it tells what they took.
void task_group_set_unmeasured(TaskGroup *group);
void worker_add_measured(Worker *worker, WorkSpan tasks);
// What is done only because it is measured does not count: nothing from here to
// worker_resume_path(), on this worker, outside of tasks.
void worker_pause_path(Worker *worker);
void worker_resume_path(Worker *worker);

typedef struct WorkerStats {
    uint64_t tasks;
    uint64_t steals;
    uint64_t parks;
    int64_t busy_ns;
} WorkerStats;
// Exact once no group is open.
WorkerStats pool_worker_stats(const Pool *pool, uint32_t index);

// CPUs that this process may use, at least 1: what the affinity mask allows,
// which costs one system call, and what the cgroup's quota does, which costs
// reading files; UINT32_MAX for all.
uint32_t cpu_affinity_count(void);
uint32_t cpu_quota(void);

#endif
