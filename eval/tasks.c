// Runs the needed bindings of a program as tasks: in dependency order on the
// calling thread with one worker, on the pool otherwise. Both are the same
// code: a task that finishes counts its dependents down, runs the first that
// became ready itself and hands the others to the pool.
//
// The walk that finds the bindings numbers them (dependencies first, ties in
// source order) and makes their tasks, which other workers run meanwhile; a
// worker that is alone runs them at once. An edge goes into a list of the task
// that is waited for (Treiber 1986), which its end closes.
//
// What is ready is handed on in batches: who runs the first of one makes the
// rest runnable before. So nobody waits for a task that takes long, and who is
// idle takes a batch at once and not a task, of which a hundred thousand may
// take less time than to take them one by one.
#include "eval/tasks.h"

#include <stdlib.h>

#include "eval/failures.h"
#include "eval/fingerprint.h"
#include "eval/machine.h"
#include "eval/value_cache.h"

typedef struct Run Run;
typedef struct RunTask RunTask;

typedef struct Edge Edge;
struct Edge {
    RunTask *dependent;
    Edge *next;
};

// One needed slot. `number` is its place in topological order: dependencies
// first, ties in source order.
struct RunTask {
    Task task;
    Run *run;
    Slot *slot;
    uint32_t number;
    _Atomic(bool) dependency_failed;
    _Atomic(Edge *) dependents; // CLOSED once the task has ended
    RunTask *rest;              // of its batch; NULL for the last
};

// Tasks that are ready, for one spawn.
typedef struct Batch {
    RunTask *first, *last;
    uint32_t count;
} Batch;

enum { BATCH_COUNT = 32 };

// The list of a task that has ended.
#define CLOSED ((Edge *)(uintptr_t)1)

struct Run {
    Evaluation *evaluation;
    TaskGroup group;
    Arena arena;                     // of tasks and edges; main worker
    VEC(RunTask *) tasks;            // by number; main worker
    Batch ready;                     // not handed on yet; main worker
    uint32_t visited;                // slots; main worker
    bool alone;                      // one worker, not measured
    uint32_t literals;               // needed, without tasks; main worker
    int64_t start_ns;                // when timed
    _Atomic(uint32_t) lowest_failed; // --fail-fast: number of a failed task
    _Atomic(uint64_t) evaluated, cached, failed, cancelled;
    _Atomic(uint64_t) count; // of tasks; 0 until all are known
};

// ---- the walk

typedef void Visitor(void *ctx, Slot *slot);

// Whether the walk is to go to the slot. What was evaluated early is there,
// with all that it needs, so it is left out but where `all` are asked for.
static bool is_new(Slot *slot, bool all)
{
    return !load_relaxed(&slot->needed) &&
           (all || slot_state(slot) != SLOT_DONE);
}

// The slot that the reference leads to, if the walk is to go there; else NULL.
// Literals are of interest only as some of all.
static Slot *next_slot(Evaluation *evaluation, const BindingRef *ref, bool all)
{
    const Module *module = evaluation->program->modules[ref->module];
    const Binding *binding = &module->bindings[ref->index];
    if (!ref->unconditional || !binding_has_value(binding) ||
        (!all && binding_is_literal(module, binding))) {
        return NULL;
    }
    Slot *slot = evaluation_slot(evaluation, ref->module, ref->index);
    return is_new(slot, all) ? slot : NULL;
}

// Calls `visit` for the needed slots in topological order (dependencies first)
// by a depth-first walk with an explicit stack; roots and references are taken
// in source order, so the order is a function of the program alone.
static void walk(Evaluation *evaluation, const SlotVec *roots, bool all,
                 Visitor *visit, void *ctx)
{
    typedef struct Visit {
        Slot *slot;
        uint32_t next_ref;
    } Visit;
    VEC(Visit) stack = {0};
    for (uint32_t r = 0; r < roots->count; r++) {
        if (!is_new(roots->items[r], all)) {
            continue;
        }
        store_relaxed(&roots->items[r]->needed, true);
        vec_push(&stack, (Visit){roots->items[r], 0});
        while (stack.count > 0) {
            Visit *top = &vec_last(&stack);
            const Binding *binding = slot_binding(evaluation, top->slot);
            if (top->next_ref == tasks_ref_count(evaluation, top->slot)) {
                visit(ctx, top->slot);
                stack.count--;
                continue;
            }
            const BindingRef *ref = &binding->refs[top->next_ref++];
            Slot *target = next_slot(evaluation, ref, all);
            if (target != NULL) {
                store_relaxed(&target->needed, true);
                vec_push(&stack, (Visit){target, 0});
            }
        }
    }
    vec_release(&stack);
}

static void append_slot(void *ctx, Slot *slot)
{
    SlotVec *slots = ctx;
    vec_push(slots, slot);
}

void tasks_collect(Evaluation *evaluation, const SlotVec *roots,
                   SlotVec *out_slots)
{
    walk(evaluation, roots, true, append_slot, out_slots);
}

// ---- running

Slot *tasks_next_unmet(Evaluation *evaluation, const Slot *slot,
                       uint32_t *next_ref)
{
    const Binding *binding = slot_binding(evaluation, slot);
    uint32_t count = tasks_ref_count(evaluation, slot);
    while (*next_ref < count) {
        const BindingRef *ref = &binding->refs[(*next_ref)++];
        const Module *module = evaluation->program->modules[ref->module];
        if (!ref->unconditional ||
            !binding_computes(module, &module->bindings[ref->index])) {
            continue;
        }
        Slot *on = evaluation_slot(evaluation, ref->module, ref->index);
        if (slot_state(on) != SLOT_DONE) {
            return on;
        }
    }
    return NULL;
}

static void mark_cancelled(Run *run, Slot *slot)
{
    slot->failed_dependency = true;
    (void)fetch_add_relaxed(&run->cancelled, 1);
    slot_fail(slot);
}

// True when --fail-fast says that nothing after an earlier failure counts.
// Lower numbers always run, so the lowest failure is found by every schedule.
// What waits for a skipped task is skipped too: its number is higher.
static bool is_skipped(Run *run, const RunTask *task)
{
    return run->evaluation->fail_fast &&
           task->number > load_relaxed(&run->lowest_failed);
}

static void note_failure(Run *run, uint32_t number)
{
    uint32_t lowest = load_relaxed(&run->lowest_failed);
    while (number < lowest &&
           !cas_acq_rel(&run->lowest_failed, &lowest, number)) {
    }
}

void tasks_evaluate(Evaluation *evaluation, Slot *slot, Worker *worker)
{
    SlotTimes *times = slot->times;
    int64_t start_ns = times != NULL ? clock_monotonic_ns() : 0;
    machine_run_slot(machine_of(evaluation, worker), slot);
    if (times != NULL) {
        int64_t end_ns = clock_monotonic_ns();
        // What went by outside of the machine's loop: compiling above all.
        int64_t around_ns =
            end_ns - start_ns - (times->end_ns - times->start_ns);
        times->worker = worker_index(worker);
        times->start_ns = start_ns;
        times->end_ns = end_ns;
        times->work_ns += around_ns;
        times->span_ns += around_ns;
    }
}

// True when all other tasks have ended: nobody is left to find a value.
static bool is_last(const Run *run)
{
    uint64_t ended = load_relaxed(&run->evaluated) +
                     load_relaxed(&run->cached) + load_relaxed(&run->failed) +
                     load_relaxed(&run->cancelled);
    return ended + 1 == load_relaxed(&run->count);
}

// Runs a claimed slot, through the value cache where that is worth it. True
// when an earlier value was taken.
static bool run_claimed(Run *run, Slot *slot, Worker *worker)
{
    Evaluation *evaluation = run->evaluation;
    module_prefetch(evaluation->program->modules[slot->module]);
    CacheKey key;
    bool cacheable = evaluation->value_cache != NULL &&
                     value_cache_key(evaluation, slot, &key);
    if (cacheable) {
        Value value;
        if (value_cache_find(evaluation, key, slot, &value)) {
            slot_done(slot, value);
            return true;
        }
    }
    tasks_evaluate(evaluation, slot, worker);
    if (evaluation->value_cache != NULL && slot_state(slot) == SLOT_DONE &&
        !is_last(run)) {
        value_cache_insert(evaluation, cacheable ? &key : NULL, slot, worker);
    }
    return evaluation->program->modules[slot->module]->stored != NULL;
}

static void run_slot(RunTask *task, Worker *worker)
{
    Run *run = task->run;
    Evaluation *evaluation = run->evaluation;
    Slot *slot = task->slot;
    bool cached = false;
    if (slot_state(slot) == SLOT_DONE) {
        // It was evaluated early, or demanded before its turn came.
    } else if (is_skipped(run, task)) {
        // Not claimed: a task before the failure may still demand it.
        (void)fetch_add_relaxed(&run->cancelled, 1);
        return;
    } else if (slot_claim(slot)) {
        if (load_relaxed(&task->dependency_failed)) {
            uint32_t first = 0;
            slot->failed_dependency = true;
            slot->failed_on = tasks_next_unmet(evaluation, slot, &first);
            slot_fail(slot);
        } else if (cancel_token_reason(&run->group.token) != CANCEL_NONE ||
                   ((task->number & 63) == 0 &&
                    cancel_token_poll(evaluation->token) != CANCEL_NONE)) {
            mark_cancelled(run, slot);
        } else {
            cached = run_claimed(run, slot, worker);
        }
    } else if (slot_state(slot) == SLOT_RUNNING) {
        // Another worker demanded it before its turn came.
        (void)slot_wait(slot, evaluation, worker);
    }
    // Each counts once, whoever ran it.
    if (slot_state(slot) == SLOT_FAILED) {
        (void)fetch_add_relaxed(&run->failed, 1);
        note_failure(run, task->number);
    } else {
        (void)fetch_add_relaxed(cached ? &run->cached : &run->evaluated, 1);
    }
}

static void batch_spawn(Run *run, Batch *batch, Worker *worker)
{
    if (batch->count > 0) {
        task_group_spawn(&run->group, worker, &batch->first->task);
        *batch = (Batch){0};
    }
}

static void batch_add(Batch *batch, RunTask *task)
{
    if (batch->count++ == 0) {
        batch->first = task;
    } else {
        batch->last->rest = task;
    }
    batch->last = task;
}

// Counts the dependents of `task` down. Returns one that became ready, to be
// run next, and hands the others to the pool.
static RunTask *finish_task(RunTask *task, Worker *worker)
{
    Run *run = task->run;
    bool failed = slot_state(task->slot) == SLOT_FAILED;
    progress_step(run->evaluation->program->progress);
    RunTask *next = NULL;
    Batch ready = {0};
    // acq_rel: pairs with add_edge(), in both directions.
    Edge *edge = exchange_acq_rel(&task->dependents, CLOSED);
    for (; edge != NULL; edge = edge->next) {
        RunTask *dependent = edge->dependent;
        if (failed) {
            store_relaxed(&dependent->dependency_failed, true);
        }
        // acq_rel: the last one to count down sees what the others stored.
        if (fetch_sub_acq_rel(&dependent->slot->pending, 1) != 1) {
            continue;
        }
        if (next == NULL) {
            next = dependent;
        } else {
            batch_add(&ready, dependent);
        }
        if (ready.count == BATCH_COUNT) {
            batch_spawn(run, &ready, worker);
        }
    }
    batch_spawn(run, &ready, worker);
    return next;
}

static void task_run(Task *base, Worker *worker)
{
    RunTask *task = (RunTask *)base;
    if (task->rest != NULL) {
        task_group_spawn(&task->run->group, worker, &task->rest->task);
    }
    while (task != NULL) {
        run_slot(task, worker);
        task = finish_task(task, worker);
    }
}

// ---- making tasks

// The task of this run for the slot; NULL where an earlier run had it.
static RunTask *task_of(const Run *run, const Slot *slot)
{
    uint32_t number = slot->task_number;
    return number < run->tasks.count && run->tasks.items[number]->slot == slot
               ? run->tasks.items[number]
               : NULL;
}

// False when `on` has ended already.
static bool add_edge(Run *run, RunTask *on, RunTask *dependent)
{
    // Acquire: who sees the list closed sees how the task ended.
    Edge *first = load_acquire(&on->dependents);
    if (first == CLOSED) {
        return false;
    }
    Edge *edge = arena_alloc(&run->arena, sizeof *edge);
    edge->dependent = dependent;
    do {
        edge->next = first;
        // acq_rel: the end of `on` sees the edge and the dependent.
        if (cas_acq_rel(&on->dependents, &first, edge)) {
            return true;
        }
    } while (first != CLOSED);
    return false;
}

static bool is_literal(const Evaluation *evaluation, const Slot *slot)
{
    const Module *module = evaluation->program->modules[slot->module];
    return binding_is_literal(module, &module->bindings[slot->index]);
}

// The reference is waited for by the task: it is unconditional, and has a task.
static RunTask *awaited(const Run *run, const BindingRef *ref)
{
    const Module *module = run->evaluation->program->modules[ref->module];
    if (!ref->unconditional ||
        !binding_computes(module, &module->bindings[ref->index])) {
        return NULL;
    }
    Slot *target = evaluation_slot(run->evaluation, ref->module, ref->index);
    return load_relaxed(&target->needed) ? task_of(run, target) : NULL;
}

static void add_edges(Run *run, RunTask *task)
{
    const Binding *binding = slot_binding(run->evaluation, task->slot);
    uint32_t count = tasks_ref_count(run->evaluation, task->slot);
    // Held above zero until all edges are there.
    store_relaxed(&task->slot->pending, count + 1);
    uint32_t spare = 1;
    for (uint32_t i = 0; i < count; i++) {
        RunTask *on = awaited(run, &binding->refs[i]);
        if (on == NULL || add_edge(run, on, task)) {
            spare += on == NULL;
            continue;
        }
        spare++;
        if (slot_state(on->slot) == SLOT_FAILED) {
            store_relaxed(&task->dependency_failed, true);
        }
    }
    // acq_rel: as in finish_task().
    if (fetch_sub_acq_rel(&task->slot->pending, spare) == spare) {
        batch_add(&run->ready, task);
    }
}

static void make_task(Run *run, Slot *slot)
{
    if (!slot->wanted && is_literal(run->evaluation, slot)) {
        run->literals++; // who needs more than the literal runs the slot
        return;
    }
    RunTask *task = ARENA_NEW(&run->arena, RunTask);
    task->task.run = task_run;
    task->run = run;
    task->slot = slot;
    task->number = slot->task_number = run->tasks.count;
    vec_push(&run->tasks, task);
    add_edges(run, task);
}

static void hand_on(Run *run)
{
    Worker *worker = pool_main_worker(run->evaluation->program->pool);
    batch_spawn(run, &run->ready, worker);
    if (run->alone) {
        // Now, as what the walk has just looked at lies in the caches.
        task_group_wait(&run->group, worker, false);
    }
}

static void visit(void *ctx, Slot *slot)
{
    Run *run = ctx;
    make_task(run, slot);
    if (++run->visited % BATCH_COUNT == 0) {
        hand_on(run);
    }
}

static void run_tasks(Run *run, const SlotVec *roots)
{
    Evaluation *evaluation = run->evaluation;
    Pool *pool = evaluation->program->pool;
    Worker *worker = pool_main_worker(pool);
    task_group_init(&run->group, pool, evaluation->token);
    task_group_set_unmeasured(&run->group); // it is by slots, see add_times()
    run->start_ns = evaluation->timed ? clock_monotonic_ns() : 0;
    // By itself each of them would be a wait that is measured.
    run->alone = pool_worker_count(pool) == 1 && !evaluation->timed;
    for (uint32_t i = 0; i < roots->count; i++) {
        roots->items[i]->wanted = true;
    }
    // Times are wanted of all.
    walk(evaluation, roots, evaluation->timed, visit, run);
    store_relaxed(&run->count, run->tasks.count);
    hand_on(run);
    progress_expect(evaluation->program->progress, run->tasks.count);
    task_group_wait(&run->group, worker, false);
}

// ---- the end

// How far those came that --fail-fast skips is chance.
static void forget_skipped(Run *run)
{
    for (uint32_t n = 0; n < run->tasks.count; n++) {
        const RunTask *task = run->tasks.items[n];
        if (is_skipped(run, task)) {
            store_relaxed(&task->slot->state, SLOT_IDLE);
        }
    }
}

static void collect_failures(Run *run, DiagSink *diags)
{
    for (uint32_t n = 0; n < run->tasks.count; n++) {
        const RunTask *task = run->tasks.items[n];
        if (slot_state(task->slot) == SLOT_FAILED && !is_skipped(run, task)) {
            failure_report(task->slot, diags);
        }
    }
}

// The longest path along dependencies through what was evaluated at `since_ns`
// or later, and the sum of all that.
static WorkSpan work_span(const Run *run, int64_t since_ns)
{
    WorkSpan found = {0};
    int64_t *ends = mem_calloc((size_t)run->tasks.count + 1, sizeof *ends);
    for (uint32_t n = 0; n < run->tasks.count; n++) {
        const Slot *slot = run->tasks.items[n]->slot;
        const SlotTimes *times = slot->times;
        const Binding *binding = slot_binding(run->evaluation, slot);
        for (uint32_t i = 0; i < tasks_ref_count(run->evaluation, slot); i++) {
            const RunTask *on = awaited(run, &binding->refs[i]);
            if (on != NULL && ends[on->number] > ends[n]) {
                ends[n] = ends[on->number]; // dependencies come first
            }
        }
        if (!times->with_demander && times->start_ns >= since_ns) {
            ends[n] += times->span_ns;
            found.work_ns += times->work_ns;
        }
        found.span_ns = ends[n] > found.span_ns ? ends[n] : found.span_ns;
    }
    free(ends);
    return found;
}

// For the evaluation count all values, for the whole run those that were made
// just now: what is returned.
static WorkSpan add_times(const Run *run)
{
    EvaluationStats *stats = &run->evaluation->stats;
    WorkSpan all = work_span(run, 0);
    stats->all.work_ns += all.work_ns;
    stats->all.span_ns =
        all.span_ns > stats->all.span_ns ? all.span_ns : stats->all.span_ns;
    return work_span(run, run->start_ns);
}

static void add_steps(const Run *run)
{
    EvaluationStats *stats = &run->evaluation->stats;
    for (uint32_t n = 0; n < run->tasks.count; n++) {
        Slot *slot = run->tasks.items[n]->slot;
        if (slot_state(slot) != SLOT_DONE) {
            continue;
        }
        stats->steps_total += slot->steps;
        if (slot->steps > stats->steps_most) {
            stats->steps_most = slot->steps;
        }
    }
}

static void add_stats(Run *run)
{
    EvaluationStats *stats = &run->evaluation->stats;
    stats->tasks_total += run->tasks.count + run->literals;
    stats->tasks_evaluated += load_relaxed(&run->evaluated) + run->literals;
    stats->tasks_cached += load_relaxed(&run->cached);
    stats->tasks_failed += load_relaxed(&run->failed);
    stats->tasks_cancelled += load_relaxed(&run->cancelled);
    for (uint32_t i = 0; i < run->evaluation->worker_count; i++) {
        machine_count_hits(run->evaluation->machines[i]);
    }
    if (run->evaluation->timed) {
        Worker *worker = pool_main_worker(run->evaluation->program->pool);
        worker_pause_path(worker);
        WorkSpan now = add_times(run);
        add_steps(run);
        worker_resume_path(worker);
        worker_add_measured(worker, now);
    }
}

static bool are_done(const SlotVec *slots)
{
    bool done = true;
    for (uint32_t i = 0; i < slots->count && done; i++) {
        done = slot_state(slots->items[i]) == SLOT_DONE;
    }
    return done;
}

bool tasks_run(Evaluation *evaluation, const SlotVec *roots, DiagSink *diags)
{
    Run run = {.evaluation = evaluation};
    arena_init(&run.arena);
    store_relaxed(&run.lowest_failed, UINT32_MAX);
    bool only_counts = evaluation->timed && are_done(roots);
    Worker *worker = pool_main_worker(evaluation->program->pool);
    if (only_counts) {
        worker_pause_path(worker);
    }
    run_tasks(&run, roots);
    if (only_counts) {
        worker_resume_path(worker);
    }
    bool ok = load_relaxed(&run.failed) == 0; // every task has ended
    if (!ok) {
        forget_skipped(&run);
        collect_failures(&run, diags);
        diag_sink_sort(diags);
    }
    add_stats(&run);
    vec_release(&run.tasks);
    arena_release(&run.arena);
    return ok;
}
