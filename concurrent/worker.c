// How workers find work, sleep and wake.
//
// A worker without work first looks at every deque a few times (it is
// "searching"), then parks. While anyone searches, who pushes wakes nobody:
// a searcher that finds work wakes the next one if more is left, and a
// searcher that gives up looks at all deques once more after it has left the
// count. So one worker wakes up at a time and no push goes unseen.
//
// A worker that waits with `own_only` does not count as searching, since it
// would pass over other people's tasks. It stands in a set of its own, where
// whoever pushes a task below its group finds it.
#include "concurrent/worker.h"

#include <stddef.h>

#include "support/die.h"
#include "support/heap_hint.h"

// How often a worker looks before it sleeps. With more workers than cores a few
// microseconds in all: longer takes the time of those who work. Else about as
// long as it takes to wake a core up that sleeps.
#define SPIN_ROUNDS      12
#define SPIN_ROUNDS_LONG 300
#define SPIN_RELAX       16

// Having who parks fence for those who push costs both some 10 us, where they
// run at the same time; ordering a push costs 5 ns. So a worker begins to rely
// on it when it has had enough tasks that more of them matter; early in builds
// that are there to find mistakes.
#ifdef NDEBUG
#define LEAN_TASKS 65536
#else
#define LEAN_TASKS 16
#endif

#define STACK_BYTES ((size_t)16 << 20)

// xorshift64 (Marsaglia 2003).
static uint64_t next_random(Worker *worker)
{
    uint64_t x = worker->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return worker->random = x;
}

static void relax(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        cpu_relax();
    }
}

void worker_delay(Worker *worker)
{
    uint64_t random = next_random(worker);
    if (random % 4 == 0) {
        relax((uint32_t)(random >> 32) % 256);
    }
}

void worker_busy_begin(Worker *worker)
{
    worker->busy_since = clock_monotonic_ns();
}

void worker_busy_end(Worker *worker)
{
    if (worker->busy_since != 0) {
        int64_t ns = clock_monotonic_ns() - worker->busy_since;
        store_relaxed(&worker->busy_ns, load_relaxed(&worker->busy_ns) + ns);
        worker->busy_since = 0;
    }
}

// The victim from which `round` of a walk over all other workers that begins
// at a random one steals; NULL for the worker itself.
static Worker *victim_at(Worker *worker, uint32_t first, uint32_t round,
                         uint32_t started)
{
    uint32_t index = first + round;
    index = index >= started ? index - started : index;
    Worker *victim = &worker->pool->workers[index];
    return victim == worker ? NULL : victim;
}

static bool steal_from(Worker *victim, const GroupNode *below,
                       DequeItem *out_item)
{
    int64_t index;
    DequeItem item;
    while (deque_peek(&victim->deque, &index, &item)) {
        if (below != NULL && !group_node_below(item.tag, below)) {
            return false;
        }
        if (deque_take(&victim->deque, index)) {
            *out_item = item;
            return true;
        }
        // Another was faster, so that work is being done; the next try sees
        // another top.
    }
    return false;
}

// Visits every other deque once. `below`: takes only tasks of that group or
// of groups inside it.
static bool steal(Worker *worker, const GroupNode *below, DequeItem *out_item)
{
    uint32_t started = load_acquire(&worker->pool->started);
    if (started == 1) {
        return false;
    }
    if (worker->delays) {
        worker_delay(worker);
    }
    uint32_t first = (uint32_t)(next_random(worker) >> 32) % started;
    for (uint32_t round = 0; round < started; round++) {
        Worker *victim = victim_at(worker, first, round, started);
        if (victim != NULL && steal_from(victim, below, out_item)) {
            worker_count(&worker->steals);
            return true;
        }
    }
    return false;
}

// True when any deque holds a task.
static bool any_work(const Pool *pool)
{
    uint32_t started = load_acquire(&pool->started);
    for (uint32_t i = 0; i < started; i++) {
        if (!deque_is_empty(&pool->workers[i].deque)) {
            return true;
        }
    }
    return false;
}

// True when another worker's next task lies below `node`.
static bool any_work_below(const Worker *worker, const GroupNode *node)
{
    uint32_t started = load_acquire(&worker->pool->started);
    for (uint32_t i = 0; i < started; i++) {
        const Worker *victim = &worker->pool->workers[i];
        int64_t index;
        DequeItem item;
        if (victim != worker && deque_peek(&victim->deque, &index, &item) &&
            group_node_below(item.tag, node)) {
            return true;
        }
    }
    return false;
}

// How many threads there may be; the first to ask learns the quota.
static uint32_t thread_limit(Pool *pool, uint32_t started)
{
    uint32_t limit = load_relaxed(&pool->limit);
    if (started == 1 && pool->asks_quota) {
        uint32_t quota = cpu_quota();
        limit = quota < limit ? quota : limit;
        store_relaxed(&pool->limit, limit);
    }
    return limit;
}

static void set_patience(Pool *pool, uint32_t started)
{
    if (started == 2) {
        pool->core_count = cpu_affinity_count();
    }
    store_relaxed(&pool->spin_rounds,
                  started <= pool->core_count ? SPIN_ROUNDS_LONG : SPIN_ROUNDS);
}

// Starts the next thread, which begins as a searcher on the caller's behalf.
// Only who raised `searching` from zero comes here, and that count falls to
// zero again only when this attempt failed or the new thread has found work:
// so one thread is started at a time.
static bool start_thread(Pool *pool)
{
    uint32_t started = load_relaxed(&pool->started);
    if (started >= thread_limit(pool, started)) {
        return false;
    }
    if (started == 1) {
        store_relaxed(&pool->has_fences, fence_prepare());
    }
    set_patience(pool, started + 1);
    Worker *fresh = &pool->workers[started];
    fresh->searching = true;
    // Release: pairs with the acquire loads of those who visit deques.
    store_release(&pool->started, started + 1);
    if (thread_start(&fresh->thread, worker_main, fresh, STACK_BYTES)) {
        return true;
    }
    store_release(&pool->started, started);
    store_relaxed(&pool->limit, started);
    return false;
}

// The first clock is cheap and never behind; the second leaves out what other
// processes took.
static bool is_old_enough(const Pool *pool)
{
    return pool->start_at_ns == 0 ||
           (clock_monotonic_ns() >= pool->start_at_ns &&
            (pool->least_process_ns == 0 ||
             clock_process_ns() >= pool->least_process_ns));
}

static bool has_room(const Pool *pool)
{
    // Relaxed: a hint; start_thread() decides.
    return load_relaxed(&pool->started) < load_relaxed(&pool->limit);
}

// For what the worker has pushed.
static bool may_start_for(const Worker *worker)
{
    const Pool *pool = worker->pool;
    return has_room(pool) &&
           (deque_count(&worker->deque) >= pool->start_at_tasks ||
            is_old_enough(pool));
}

// Wakes or starts one worker unless one searches already.
static void wake_one(Pool *pool)
{
    EventCount *events = &pool->events;
    do {
        uint32_t none = 0;
        if (!cas_seq_cst(&events->searching, &none, 1)) {
            return;
        }
        uint32_t seat;
        if (eventcount_claim(events, EVENT_SET_IDLE, &seat)) {
            eventcount_signal(events, seat, EVENT_WORK);
            return;
        }
        if (start_thread(pool)) {
            return;
        }
        fetch_add_seq_cst(&events->searching, UINT32_MAX);
        // While `searching` stood, others left waking to us. Who parked
        // meanwhile may have missed their tasks.
    } while (eventcount_any(events, EVENT_SET_IDLE));
}

static bool wake_helper(Pool *pool, const GroupNode *tag)
{
    EventCount *events = &pool->events;
    for (uint32_t i = 0; i < events->word_count; i++) {
        uint64_t bits = eventcount_word(events, EVENT_SET_HELPING, i);
        for (; bits != 0; bits &= bits - 1) {
            uint32_t seat = i * 64 + (uint32_t)__builtin_ctzll(bits);
            // Acquire: the node was written before. It may be an old one;
            // then the helper wakes in vain.
            GroupNode *node = load_acquire(&pool->workers[seat].helping);
            if (group_node_below(tag, node) &&
                eventcount_claim_seat(events, EVENT_SET_HELPING, seat)) {
                eventcount_signal(events, seat, EVENT_WORK);
                return true;
            }
        }
    }
    return false;
}

void worker_notify_slow(Worker *worker, GroupNode *tag)
{
    Pool *pool = worker->pool;
    deque_settle(&worker->deque);
    if (!load_relaxed(&worker->is_lean) && load_relaxed(&pool->has_fences) &&
        load_relaxed(&worker->tasks) >= LEAN_TASKS) {
        // Between this push and those that rely on it, in the total order.
        store_seq_cst(&worker->is_lean, true);
    }
    if (load_seq_cst(&pool->events.searching) == 0 &&
        (eventcount_any(&pool->events, EVENT_SET_IDLE) ||
         may_start_for(worker))) {
        wake_one(pool);
    }
    if (UNLIKELY(eventcount_any(&pool->events, EVENT_SET_HELPING))) {
        wake_helper(pool, tag);
    }
}

bool pool_has_idle(const Pool *pool)
{
    return pool->worker_count > 1 &&
           (load_relaxed(&pool->events.searching) != 0 ||
            (has_room(pool) && is_old_enough(pool)) ||
            eventcount_any(&pool->events, EVENT_SET_IDLE));
}

bool worker_has_taker(const Worker *worker, const TaskGroup *group)
{
    const Pool *pool = worker->pool;
    if (!deque_is_empty(&worker->deque)) {
        return false; // that would be taken first
    }
    if (pool_has_idle(pool)) {
        return true;
    }
    const GroupNode *tag =
        group != NULL && group->node != NULL ? group->node : worker->current;
    for (uint32_t i = 0; i < pool->events.word_count; i++) {
        uint64_t bits = eventcount_word(&pool->events, EVENT_SET_HELPING, i);
        for (; bits != 0; bits &= bits - 1) {
            uint32_t seat = i * 64 + (uint32_t)__builtin_ctzll(bits);
            if (group_node_below(tag,
                                 load_acquire(&pool->workers[seat].helping))) {
                return true;
            }
        }
    }
    return false;
}

static void begin_search(Worker *worker)
{
    if (!worker->searching) {
        worker->searching = true;
        fetch_add_seq_cst(&worker->pool->events.searching, 1);
    }
}

// Leaves the searchers. The last one passes the search on while there is
// work, because those who pushed meanwhile relied on it.
static void end_search(Worker *worker)
{
    Pool *pool = worker->pool;
    worker->searching = false;
    if (fetch_add_seq_cst(&pool->events.searching, UINT32_MAX) == 1 &&
        any_work(pool)) {
        wake_one(pool);
    }
}

static bool is_over(Worker *worker, TaskGroup *group)
{
    return group != NULL ? task_group_is_done(group)
                         : load_seq_cst(&worker->pool->stop);
}

// Tells the group that its owner is going to sleep: from now on the shared
// count is all there is, and who brings it to zero signals the owner.
static void group_sleep(TaskGroup *group)
{
    if (group != NULL) {
        fetch_add_acq_rel(&group->shared, 2 * group->local + 1);
        group->local = 0;
    }
}

static void group_wake(TaskGroup *group)
{
    if (group != NULL) {
        fetch_sub_acq_rel(&group->shared, 1);
    }
}

// Comes between a worker's announcement that it sleeps and its last look for
// work, which would not find what a lean worker pushed just now without a
// fence. Who pushes later sees the announcement, or that it was claimed: then
// this worker wakes up, and comes by here before it sleeps again.
static void settle_pushes(Pool *pool)
{
    bool any_lean = false;
    uint32_t started = load_acquire(&pool->started);
    for (uint32_t i = 0; i < started; i++) {
        any_lean |= load_seq_cst(&pool->workers[i].is_lean);
    }
    if (any_lean && !fence_heavy()) {
        // Taken away since it was prepared: from now on every push settles.
        store_relaxed(&pool->has_fences, false);
        for (uint32_t i = 0; i < started; i++) {
            store_relaxed(&pool->workers[i].is_lean, false);
        }
    }
}

// Sleeps until there may be work. On return the worker is searching.
static void park_idle(Worker *worker, TaskGroup *group)
{
    EventCount *events = &worker->pool->events;
    uint32_t signals = 0;
    eventcount_prepare(events, EVENT_SET_IDLE, worker->index);
    worker->searching = false;
    fetch_add_seq_cst(&events->searching, UINT32_MAX);
    group_sleep(group);
    settle_pushes(worker->pool);
    if (!any_work(worker->pool) && !is_over(worker, group)) {
        worker_count(&worker->parks);
        signals = eventcount_wait(events, worker->index);
    }
    group_wake(group);
    if (eventcount_cancel(events, EVENT_SET_IDLE, worker->index)) {
        begin_search(worker);
        return;
    }
    // Who claimed us has counted us as searching.
    while ((signals & EVENT_WORK) == 0) {
        signals |= eventcount_wait(events, worker->index);
    }
    worker->searching = true;
}

static bool await_any(Worker *worker, TaskGroup *group, DequeItem *out_item)
{
    begin_search(worker);
    const _Atomic(uint32_t) *rounds = &worker->pool->spin_rounds;
    for (uint32_t round = 0;; round++) {
        bool over = is_over(worker, group);
        if (over || steal(worker, NULL, out_item)) {
            end_search(worker);
            return !over;
        }
        if (round < load_relaxed(rounds)) {
            relax(SPIN_RELAX);
        } else {
            park_idle(worker, group);
            round = 0;
        }
    }
}

// Sleeps until there may be a task below the group, or the group is done.
static void park_helping(Worker *worker, TaskGroup *group, uint32_t *signals)
{
    EventCount *events = &worker->pool->events;
    group_sleep(group);
    settle_pushes(worker->pool);
    if (!any_work_below(worker, group->node) && !is_over(worker, group)) {
        worker_count(&worker->parks);
        *signals |= eventcount_wait(events, worker->index);
    }
    group_wake(group);
}

// The announcement stands while this worker spins, too: a taker of tasks
// below the group is there from the start.
static bool await_below(Worker *worker, TaskGroup *group, DequeItem *out_item)
{
    EventCount *events = &worker->pool->events;
    const uint32_t rounds = load_relaxed(&worker->pool->spin_rounds);
    store_release(&worker->helping, group->node);
    for (;;) {
        uint32_t signals = 0;
        bool over = false;
        bool found = false;
        eventcount_prepare(events, EVENT_SET_HELPING, worker->index);
        for (uint32_t i = 0; i < rounds && !over && !found; i++) {
            over = is_over(worker, group);
            found = !over && steal(worker, group->node, out_item);
            relax(over || found ? 0 : SPIN_RELAX);
        }
        if (!over && !found) {
            park_helping(worker, group, &signals);
        }
        if (!eventcount_cancel(events, EVENT_SET_HELPING, worker->index)) {
            while ((signals & EVENT_WORK) == 0) {
                signals |= eventcount_wait(events, worker->index);
            }
        }
        if (over || found) {
            return found;
        }
    }
}

bool worker_await(Worker *worker, TaskGroup *group, bool own_only,
                  DequeItem *out_item)
{
    if (worker->pool->worker_count == 1) {
        die_bug(__FILE__, __LINE__, "a group waits for a task of nobody");
    }
    if (!worker->searching &&
        steal(worker, own_only ? group->node : NULL, out_item)) {
        return true;
    }
    // Before the flush, so that the times are right when the last group is
    // done.
    worker_busy_end(worker);
    worker_flush(worker);
    if (worker->depth == 0) {
        // Release: pairs with pool_worker_is_resting(); the tasks are over.
        store_release(&worker->awake, false);
    }
    bool found = own_only ? await_below(worker, group, out_item)
                          : await_any(worker, group, out_item);
    if (worker->depth > 0) {
        worker_busy_begin(worker);
    } else {
        // Relaxed: whoever takes what this worker finds from now on away
        // from it synchronises by the lock under which it was found.
        store_relaxed(&worker->awake, true);
    }
    return found;
}

void *worker_main(void *argument)
{
    Worker *worker = argument;
    if (worker->pool->tunes_heap) {
        heap_hint_thread();
    }
    for (;;) {
        DequeItem item;
        if (deque_pop(&worker->deque, &item) ||
            worker_await(worker, NULL, false, &item)) {
            worker_run(worker, item);
        } else {
            return NULL;
        }
    }
}
