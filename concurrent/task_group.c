// Task groups: counting, spawning, waiting.
//
// Counting. A counter that every spawn and every finish touches would cost
// more than the rest. So each side counts for itself:
//
// - The owner counts its own spawns and finishes in `local`, without atomics.
// - Any other worker keeps an account: `surplus` >= 0 is by how much the
//   group's shared count is higher than it should be on that worker's
//   account. A finish raises the surplus. A spawn lowers it; where that is
//   zero, the worker first adds CREDIT to the shared count. So the sum is
//   never too low, and the owner never sees the end too early. The account
//   is settled (worker_flush) before the worker runs a task of another
//   group, looks for work elsewhere, or returns from a wait; so the owner
//   waits for a surplus only while a task of the group runs on that worker.
// - The owner alone tests for the end. Before it sleeps it moves `local`
//   into the shared count and raises a flag there; then the flush that
//   brings the count to zero signals it.
//
// Waiting. With own_only the owner runs, from its own deque, what lies at or
// above `base` (where its deque ended at the group's first spawn) and is
// tagged with a group at or below this one, and steals only such tasks. It
// may lay aside others that it finds above them, see find_below().
//
// No deadlock. Let every task end but for its waits, wait for groups that it
// opened itself, and spawn into its own group or groups around it. Suppose
// every worker is stuck in its innermost wait; call x the group that worker V
// waits for there, opened at time o(x), and p one of its unfinished tasks.
// p is on a stack or in a deque, of worker W, who is stuck in y. If p is on
// W's stack, then what lies above p, and so the frame that opened y, began
// after p did, or p itself opened y: o(y) > o(x). If p lies in W's deque: W
// does not wait for just anything, or it would run p. If p lies at or above
// base(y), it was pushed while W waited for y, by tasks below y; so x is
// below y, and W would run p, or x is around y, and o(y) > o(x). If p lies
// below base(y), it was pushed before y was opened: o(y) > o(x) again. So
// from every stuck worker one comes to another that is stuck in a group
// opened strictly later, without end; but workers are finitely many. QED.
// The argument makes no use of stealing by waiters and holds for one worker.
#include <assert.h>
#include <stdlib.h>

#include "concurrent/worker.h"
#include "support/die.h"
#include "support/vec.h"

#define CREDIT           INT64_C(64)
#define NODE_CHUNK_COUNT 63

typedef VEC(Task *) Stash; // the youngest first

struct NodeChunk {
    NodeChunk *next;
    GroupNode nodes[NODE_CHUNK_COUNT];
};

static COLD void add_nodes(Worker *worker)
{
    NodeChunk *chunk = mem_calloc(1, sizeof *chunk);
    chunk->next = worker->node_chunks;
    worker->node_chunks = chunk;
    for (int i = 0; i < NODE_CHUNK_COUNT; i++) {
        chunk->nodes[i].next_free = worker->free_nodes;
        worker->free_nodes = &chunk->nodes[i];
    }
}

void task_group_release_nodes(Worker *worker)
{
    while (worker->node_chunks != NULL) {
        NodeChunk *next = worker->node_chunks->next;
        free(worker->node_chunks);
        worker->node_chunks = next;
    }
}

void task_group_init(TaskGroup *group, Pool *pool, const CancelToken *parent)
{
    cancel_token_init(&group->token, parent, INT64_MAX);
    group->pool = pool;
    group->owner = NULL;
    group->node = NULL;
    group->local = 0;
    group->base = 0;
    atomic_init(&group->shared, 0);
    atomic_init(&group->path_ns, 0);
    group->unmeasured = false;
}

void task_group_open(TaskGroup *group, Worker *worker)
{
    assert(group->owner == NULL);
    if (UNLIKELY(worker->free_nodes == NULL)) {
        add_nodes(worker);
    }
    GroupNode *node = worker->free_nodes;
    worker->free_nodes = node->next_free;
    GroupNode *parent = worker->current;
    // Relaxed: published with the tag in the deque.
    store_relaxed(&node->parent, parent);
    store_relaxed(&node->depth,
                  parent == NULL ? 0 : load_relaxed(&parent->depth) + 1);
    group->owner = worker;
    group->unmeasured |= !worker->measured;
    group->node = node;
    group->base = deque_bottom(&worker->deque);
}

static void group_close(TaskGroup *group)
{
    Worker *owner = group->owner;
    group->node->next_free = owner->free_nodes;
    owner->free_nodes = group->node;
    group->owner = NULL;
    group->node = NULL;
    group->local = 0;
    store_relaxed(&group->shared, 0);
}

void worker_flush(Worker *worker)
{
    TaskGroup *group = worker->account;
    if (group == NULL) {
        return;
    }
    int64_t surplus = worker->surplus;
    worker->account = NULL;
    worker->surplus = 0;
    if (surplus == 0) {
        return; // and the group may be gone
    }
    // The group may be gone as soon as the count falls.
    Worker *owner = group->owner;
    int64_t shared = fetch_sub_acq_rel(&group->shared, 2 * surplus);
    if (shared - 2 * surplus == 1) {
        eventcount_signal(&worker->pool->events, owner->index, EVENT_DONE);
    }
}

void worker_count_remote_finish(Worker *worker, TaskGroup *group)
{
    worker_flush(worker);
    worker->account = group;
    worker->surplus = 1;
}

static void count_remote_spawns(TaskGroup *group, Worker *worker, int64_t count)
{
    if (worker->account != group) {
        worker_flush(worker);
        worker->account = group;
    }
    if (worker->surplus < count) {
        // Relaxed: the task that spawns holds the count above zero, and the
        // tasks to come are published after this.
        fetch_add_relaxed(&group->shared, 2 * (count + CREDIT));
        worker->surplus += count + CREDIT;
    }
    worker->surplus -= count;
}

// Called by the owner before it pushes a task of the group: a wait for
// another group may have emptied the deque further than when it was opened.
static inline void lower_base(TaskGroup *group, Worker *worker)
{
    int64_t bottom = deque_bottom(&worker->deque);
    group->base = bottom < group->base ? bottom : group->base;
}

static inline void count_spawns(TaskGroup *group, Worker *worker, int64_t count)
{
    if (LIKELY(group->owner == worker)) {
        group->local += count;
        lower_base(group, worker);
    } else if (group->owner == NULL) {
        task_group_open(group, worker);
        group->local += count;
    } else {
        count_remote_spawns(group, worker, count);
    }
}

void task_group_spawn(TaskGroup *group, Worker *worker, Task *task)
{
    count_spawns(group, worker, 1);
    GroupNode *node = group->node;
    task->group = group;
    if (UNLIKELY(worker->measures)) {
        task->path_ns = worker_spawn_path(worker, group);
    }
    deque_push(&worker->deque, (DequeItem){task, node});
    worker_notify(worker, node);
}

void task_group_spawn_many(TaskGroup *group, Worker *worker, Task **tasks,
                           uint32_t count)
{
    if (count == 0) {
        return;
    }
    count_spawns(group, worker, count);
    GroupNode *node = group->node;
    deque_reserve(&worker->deque, count);
    int64_t path_ns = worker_spawn_path(worker, group);
    for (uint32_t i = 0; i < count; i++) {
        tasks[i]->group = group;
        tasks[i]->path_ns = path_ns;
        deque_stage(&worker->deque, i, (DequeItem){tasks[i], node});
    }
    deque_publish(&worker->deque, count);
    worker_notify(worker, node);
}

// Pops a task at or below the group from the worker's deque. Tasks of groups
// around it that lie on top (a task of ours spawned them) go to `*stash`
// until no task of the group is left.
static bool find_below(TaskGroup *group, Worker *worker, Stash *stash,
                       DequeItem *out_item)
{
    Deque *deque = &worker->deque;
    while (deque_bottom(deque) > group->base) {
        if (!deque_pop(deque, out_item)) {
            return false;
        }
        if (group_node_below(out_item->tag, group->node)) {
            return true;
        }
        vec_push(stash, out_item->item);
    }
    return false;
}

// Puts the tasks back in the order in which they lay. The group's tasks to
// come lie above them.
static void return_stash(TaskGroup *group, Worker *worker, Stash *stash)
{
    while (stash->count > 0) {
        Task *task = vec_pop(stash);
        GroupNode *node = task->group->node;
        if (task->group->owner == worker) {
            lower_base(task->group, worker);
        }
        deque_push(&worker->deque, (DequeItem){task, node});
        worker_notify(worker, node);
    }
    group->base = deque_bottom(&worker->deque);
}

static void wait_own(TaskGroup *group, Worker *worker)
{
    Stash stash = {0};
    while (!task_group_is_done(group)) {
        DequeItem item;
        if (find_below(group, worker, &stash, &item)) {
            worker_run(worker, item);
            continue;
        }
        if (stash.count > 0) {
            return_stash(group, worker, &stash);
        }
        if (!task_group_is_done(group) &&
            worker_await(worker, group, true, &item)) {
            worker_run(worker, item);
        }
    }
    if (stash.count > 0) {
        return_stash(group, worker, &stash);
    }
    if (UNLIKELY(stash.items != NULL)) {
        vec_release(&stash);
    }
}

static void wait_any(TaskGroup *group, Worker *worker)
{
    while (!task_group_is_done(group)) {
        DequeItem item;
        if (deque_pop(&worker->deque, &item) ||
            worker_await(worker, group, false, &item)) {
            worker_run(worker, item);
        }
    }
}

void task_group_wait(TaskGroup *group, Worker *worker, bool own_only)
{
    if (group->node == NULL) {
        return; // nothing was spawned
    }
    assert(group->owner == worker);
    if (UNLIKELY(worker->measures)) {
        worker_wait_begins(worker, group);
    }
    if (own_only) {
        wait_own(group, worker);
    } else {
        wait_any(group, worker);
    }
    if (worker->depth == 0) {
        worker_busy_end(worker);
    }
    if (worker->account != NULL) {
        worker_flush(worker);
    }
    if (UNLIKELY(worker->measures)) {
        worker_wait_ends(worker, group);
    }
    group_close(group);
}
