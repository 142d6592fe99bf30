// The inside of the pool: workers, and how they find work, sleep and wake.
// For the pool's own files only; clients include pool.h.
//
// Threads: a Worker's fields belong to its thread, except where noted.
#ifndef LIGATURE_CONCURRENT_WORKER_H
#define LIGATURE_CONCURRENT_WORKER_H

#include "concurrent/deque.h"
#include "concurrent/eventcount.h"
#include "concurrent/fence.h"
#include "concurrent/pool.h"
#include "concurrent/thread.h"
#include "support/attributes.h"

// Stands for an open group in the tags of the deques. Nodes are never given
// back to the system while the pool lives, so that a thief may look at the
// ancestors of a task's group even when that task, and the group itself, are
// gone already. What it read counts only when deque_take() succeeds: then
// the task was queued all the time, its group and their ancestors were open,
// and the nodes did not change.
typedef struct GroupNode GroupNode;
struct GroupNode {
    _Atomic(GroupNode *) parent; // the group of the task that opened this one
    _Atomic(uint32_t) depth;     // ancestors
    GroupNode *next_free;        // owner only
};

typedef struct NodeChunk NodeChunk;

struct Worker {
    Deque deque;

    alignas(CACHE_LINE) Pool *pool; // immutable after init
    uint32_t index;                 // immutable after init
    uint32_t depth;                 // tasks on this stack
    GroupNode *current;             // of the innermost task; NULL outside
    // Finished tasks of a group that another worker owns, or rather: by how
    // much its count is too high on our account. See task_group.c.
    TaskGroup *account;
    int64_t surplus;
    GroupNode *free_nodes;
    NodeChunk *node_chunks;
    uint64_t random;
    int64_t busy_since; // 0 while not running tasks
    bool searching;     // counted in EventCount.searching
    // Stored by the worker, read by who parks: its pushes while all are awake
    // rely on a fence_heavy() before the last look at its deque.
    _Atomic(bool) is_lean;
    bool delays;   // immutable after init; seeded scheduling
    bool measures; // immutable after pool_set_measured()
    bool measured; // what runs now; see work_span.c
    int64_t path_ns, since_ns;
    Arena scratch;
    Thread thread; // touched by those who start and join it

    // Atomic: who waits where, for those that look for a helper.
    alignas(CACHE_LINE) _Atomic(GroupNode *) helping;

    // Atomic: written by the worker, read by pool_worker_stats().
    alignas(CACHE_LINE) _Atomic(uint64_t) tasks;
    _Atomic(uint64_t) steals;
    _Atomic(uint64_t) parks;
    _Atomic(int64_t) busy_ns;
    _Atomic(int64_t) work_ns;
    _Atomic(bool) awake; // atomic; not waiting outside of tasks
};

struct Pool {
    EventCount events;
    alignas(CACHE_LINE) _Atomic(uint32_t) started; // workers that exist
    // Started at most; lowered when a thread cannot be had, or all have ended.
    _Atomic(uint32_t) limit;
    _Atomic(bool) stop;
    _Atomic(bool) has_fences;      // set before the first thread starts
    _Atomic(uint32_t) spin_rounds; // of who finds nothing, before it sleeps
    uint32_t core_count;           // for who starts threads
    uint32_t worker_count;         // immutable after init
    Worker *workers;               // immutable after init
    // When threads may start. Immutable after pool_set_automatic() and
    // pool_set_patient().
    int64_t start_at_ns;      // not before; 0: at once
    int64_t least_process_ns; // nor before the process has worked as long
    int64_t start_at_tasks;   // but as soon as so many lie in a deque
    bool asks_quota;          // before the first
    bool tunes_heap;          // immutable after pool_set_tunes_heap()
};

// Starting a thread and waking it costs some 50 us: after two milliseconds that
// is little, whatever the program goes on to do.
#define AUTOMATIC_DELAY_NS 2000000
// Who asks for threads gets them sooner, but for a few tasks that their
// spawner is about to run itself: small programs consist of those, and are over
// by then.
#define PATIENT_DELAY_NS    500000
#define PATIENT_START_TASKS 3

// The function of a worker's thread.
void *worker_main(void *worker);

// Someone pushed tasks tagged `tag` onto the worker's deque: wakes or starts
// one worker that can take them.
void worker_notify_slow(Worker *worker, GroupNode *tag);

// Looks for a task with the worker's own deque empty, and sleeps until there
// is one. False when every task of `group` is finished (NULL: when the pool
// stops) instead. `own_only`: takes tasks below `group` only.
bool worker_await(Worker *worker, TaskGroup *group, bool own_only,
                  DequeItem *out_item);

// Brings the account up to date.
void worker_flush(Worker *worker);
void task_group_release_nodes(Worker *worker);

void worker_busy_begin(Worker *worker);
void worker_busy_end(Worker *worker);
void worker_delay(Worker *worker);
void worker_run_measured(Worker *worker, Task *task);
int64_t worker_spawn_path(Worker *worker, const TaskGroup *group);
void worker_wait_begins(Worker *worker, TaskGroup *group);
void worker_wait_ends(Worker *worker, TaskGroup *group);
void worker_count_remote_finish(Worker *worker, TaskGroup *group);

// True when `tag` is `ancestor` or lies below it. Depth of nesting that is
// looked through has a bound; beyond it help is not found, which costs time
// only.
static inline bool group_node_below(const GroupNode *tag,
                                    const GroupNode *ancestor)
{
    if (tag == ancestor) {
        return true;
    }
    // Relaxed: nodes were written before their tag was published, and what
    // is read from a node that was given up meanwhile is not relied upon.
    uint32_t depth = load_relaxed(&ancestor->depth);
    for (int i = 0; i < 64 && tag != NULL; i++) {
        if (load_relaxed(&tag->depth) <= depth) {
            return false;
        }
        tag = load_relaxed(&tag->parent);
        if (tag == ancestor) {
            return true;
        }
    }
    return false;
}

// True when no task of the group is left. Owner only; `shared` holds twice
// the others' share and, while the owner sleeps, a flag.
static inline bool task_group_is_done(TaskGroup *group)
{
    // Acquire: pairs with the release in worker_flush(), so that the waiter
    // sees what the tasks did.
    int64_t shared = load_acquire(&group->shared);
    return 2 * group->local + (shared & ~INT64_C(1)) == 0;
}

// Adds to a counter that only this thread writes.
static inline void worker_count(_Atomic(uint64_t) *counter)
{
    store_relaxed(counter, load_relaxed(counter) + 1);
}

// True when all workers run, or look for work, and none sleeps: what they all
// have to do is to be done by them.
static inline bool worker_all_busy(const Pool *pool)
{
    const EventCount *events = &pool->events;
    return events->word_count == 1 &&
           (eventcount_word(events, EVENT_SET_IDLE, 0) |
            eventcount_word(events, EVENT_SET_HELPING, 0)) == 0 &&
           load_relaxed(&pool->started) >= load_relaxed(&pool->limit);
}

static inline void worker_notify(Worker *worker, GroupNode *tag)
{
    if (worker->pool->worker_count > 1) {
        fence_light();
        // Pairs with settle_pushes().
        if (!load_relaxed(&worker->is_lean) || !worker_all_busy(worker->pool)) {
            worker_notify_slow(worker, tag);
        }
    }
}

// Runs one task and counts it as finished.
static inline void worker_run(Worker *worker, DequeItem item)
{
    Task *task = item.item;
    TaskGroup *group = task->group;
    GroupNode *outer = worker->current;
    if (worker->account != group && worker->account != NULL) {
        worker_flush(worker); // its waiter must not wait for this task
    }
    if (UNLIKELY(worker->delays)) {
        worker_delay(worker);
    }
    if (worker->busy_since == 0) {
        worker_busy_begin(worker);
    }
    worker_count(&worker->tasks);
    worker->current = item.tag;
    worker->depth++;
    if (UNLIKELY(worker->measures)) {
        worker_run_measured(worker, task);
    } else {
        task->run(task, worker);
    }
    worker->depth--;
    worker->current = outer;
    if (worker->depth == 0 && worker->scratch.chunks != NULL) {
        arena_clear(&worker->scratch);
    }
    if (worker->account == group) {
        worker->surplus++;
    } else if (group->owner == worker) {
        group->local--;
    } else {
        worker_count_remote_finish(worker, group);
    }
}

#endif
