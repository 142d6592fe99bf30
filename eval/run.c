// Runs the needed bindings of a program as tasks: in dependency order on the
// calling thread with one worker, on the pool otherwise. Both are the same
// code: a task that finishes counts its dependents down, runs the first that
// became ready itself and hands the others to the pool.
#include "eval/run.h"

#include <stdlib.h>

#include "concurrent/thread.h"
#include "eval/fingerprint.h"
#include "eval/machine.h"
#include "eval/value_cache.h"

typedef struct Run Run;

// One needed slot. `number` is its place in topological order: dependencies
// first, ties in source order.
typedef struct RunTask {
    Task task;
    Run *run;
    Slot *slot;
    uint32_t number;
    _Atomic(bool) dependency_failed;
} RunTask;

struct Run {
    Evaluation *evaluation;
    TaskGroup group;
    RunTask *tasks;
    uint32_t count;
    uint32_t *starts;  // dependents of task n are targets[starts[n] ..
    uint32_t *targets; // starts[n + 1])
    _Atomic(uint32_t) lowest_failed; // --fail-fast: number of a failed task
    _Atomic(uint64_t) evaluated, cached, failed, cancelled;
};

typedef VEC(Slot *) SlotVec;

// ---- slots

bool slot_claim(Slot *slot)
{
    uint32_t expected = SLOT_IDLE;
    return cas_acq_rel(&slot->state, &expected, SLOT_RUNNING);
}

static void slot_finish(Slot *slot, SlotState state)
{
    // The seq_cst pair (state here and waiters in slot_wait) makes sure that
    // either we see the waiter or it sees the new state.
    store_seq_cst(&slot->state, (uint32_t)state);
    if (load_seq_cst(&slot->waiters) != 0) {
        futex_wake(&slot->state, INT32_MAX);
    }
}

void slot_done(Slot *slot, Value value)
{
    slot->value = value;
    slot_finish(slot, SLOT_DONE);
}

void slot_fail(Slot *slot)
{
    slot_finish(slot, SLOT_FAILED);
}

SlotState slot_wait(Slot *slot, CancelToken *token)
{
    enum { POLL_NS = 20000000 };
    (void)fetch_add_seq_cst(&slot->waiters, 1);
    uint32_t state;
    while ((state = load_seq_cst(&slot->state)) == SLOT_RUNNING) {
        futex_wait_until(&slot->state, SLOT_RUNNING,
                         clock_monotonic_ns() + POLL_NS);
        // Whoever runs the slot polls the token too and fails it; here the
        // clock is looked at so that the deadline is noticed in time.
        (void)cancel_token_poll(token);
    }
    return (SlotState)state;
}

DiagSink *slot_diags(Slot *slot)
{
    if (slot->diags == NULL) {
        slot->diags = mem_alloc(sizeof *slot->diags);
        diag_sink_init(slot->diags);
    }
    return slot->diags;
}

// ---- the evaluation

static const CtorInfo *make_ctors(const Program *program, const Module *module)
{
    CtorInfo *infos = mem_calloc(module->ctor_count + 1, sizeof *infos);
    for (uint32_t i = 0; i < module->ctor_count; i++) {
        const CtorEntry *entry = &module->ctors[i];
        infos[i] = (CtorInfo){
            .name = symbol_text(program->interner, entry->name),
            .tag = entry->tag,
            .arity = entry->decl->arg_count,
            .checks = entry->checks,
        };
        if (module->id == MODULE_PRELUDE) {
            infos[i].role = entry->name == SYM_SOME   ? CTOR_SOME
                            : entry->name == SYM_NONE ? CTOR_NONE
                                                      : CTOR_PLAIN;
        }
    }
    return infos;
}

Evaluation *evaluation_new(Program *program, const EvaluationOptions *options)
{
    Evaluation *evaluation = mem_calloc(1, sizeof *evaluation);
    evaluation->program = program;
    evaluation->token = program->token;
    evaluation->limits = program->options.limits;
    evaluation->value_cache = options->value_cache;
    evaluation->expression_cache = options->expression_cache;
    evaluation->fail_fast = options->fail_fast;
    evaluation->timed = options->timed;
    evaluation->trace = options->trace;
    if (options->value_cache != NULL) {
        evaluation->fingerprints = fingerprints_new(program);
    }
    // What the trees take is taken from the values.
    heap_budget_init(&evaluation->budget,
                     program->options.limits.max_memory_bytes -
                         program->tree_bytes);
    evaluation->shapes = shape_table_new(program->interner);
    evaluation->regexes = regex_cache_new();
    uint32_t workers = pool_worker_count(program->pool);
    evaluation->worker_count = workers;
    evaluation->machines = mem_calloc(workers, sizeof *evaluation->machines);
    evaluation->heaps = aligned_alloc(CACHE_LINE, workers * sizeof(WorkerHeap));
    if (evaluation->heaps == NULL) {
        die_out_of_memory(workers * sizeof(WorkerHeap));
    }
    for (uint32_t i = 0; i < workers; i++) {
        heap_init(&evaluation->heaps[i].heap, &evaluation->budget);
    }
    evaluation->slots =
        mem_calloc(program->module_count, sizeof *evaluation->slots);
    evaluation->ctors =
        mem_calloc(program->module_count, sizeof *evaluation->ctors);
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        Slot *slots = mem_calloc(module->binding_count + 1, sizeof *slots);
        for (uint32_t i = 0; i < module->binding_count; i++) {
            slots[i].module = m;
            slots[i].index = i;
        }
        evaluation->slots[m] = slots;
        evaluation->ctors[m] = make_ctors(program, module);
    }
    return evaluation;
}

void evaluation_free(Evaluation *evaluation)
{
    if (evaluation == NULL) {
        return;
    }
    const Program *program = evaluation->program;
    for (uint32_t m = 0; m < program->module_count; m++) {
        Slot *slots = evaluation->slots[m];
        for (uint32_t i = 0; i < program->modules[m]->binding_count; i++) {
            if (slots[i].diags != NULL) {
                diag_sink_release(slots[i].diags);
                free(slots[i].diags);
            }
        }
        free(slots);
        free((void *)evaluation->ctors[m]);
    }
    for (uint32_t i = 0; i < evaluation->worker_count; i++) {
        machine_free(evaluation->machines[i]);
        heap_release(&evaluation->heaps[i].heap);
    }
    free(evaluation->machines);
    free(evaluation->heaps);
    free(evaluation->slots);
    free(evaluation->ctors);
    fingerprints_free(evaluation->fingerprints);
    regex_cache_free(evaluation->regexes);
    shape_table_free(evaluation->shapes);
    free(evaluation);
}

// ---- what is needed

static Binding *slot_binding(const Evaluation *evaluation, const Slot *slot)
{
    return program_binding(evaluation->program, slot->module, slot->index);
}

static bool is_task(const Binding *binding)
{
    return !binding->is_function && binding->value != NULL;
}

// Appends the needed slots in topological order (dependencies first) by a
// depth-first walk with an explicit stack; roots and references are taken in
// source order, so the order is a function of the program alone.
static void collect_needed(Evaluation *evaluation, const SlotVec *roots,
                           SlotVec *out_slots)
{
    typedef struct Visit {
        Slot *slot;
        uint32_t next_ref;
    } Visit;
    VEC(Visit) stack = {0};
    for (uint32_t r = 0; r < roots->count; r++) {
        if (roots->items[r]->needed) {
            continue;
        }
        roots->items[r]->needed = true;
        vec_push(&stack, (Visit){roots->items[r], 0});
        while (stack.count > 0) {
            Visit *top = &vec_last(&stack);
            const Binding *binding = slot_binding(evaluation, top->slot);
            if (top->next_ref == binding->ref_count) {
                vec_push(out_slots, top->slot);
                stack.count--;
                continue;
            }
            const BindingRef *ref = &binding->refs[top->next_ref++];
            Slot *target = evaluation_slot(evaluation, ref->module, ref->index);
            if (ref->unconditional && !target->needed &&
                is_task(slot_binding(evaluation, target))) {
                target->needed = true;
                vec_push(&stack, (Visit){target, 0});
            }
        }
    }
    vec_release(&stack);
}

// Fills run->tasks, and the dependents of each as adjacency arrays.
static void build_tasks(Run *run, const SlotVec *slots)
{
    Evaluation *evaluation = run->evaluation;
    run->count = slots->count;
    run->tasks = mem_calloc(slots->count + 1, sizeof *run->tasks);
    run->starts = mem_calloc((size_t)slots->count + 2, sizeof *run->starts);
    for (uint32_t n = 0; n < slots->count; n++) {
        Slot *slot = slots->items[n];
        run->tasks[n].run = run;
        run->tasks[n].slot = slot;
        run->tasks[n].number = n;
        slot->task_number = n;
    }
    // Count, then place: a pass each over the references.
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t n = 0; n < slots->count; n++) {
            Slot *slot = slots->items[n];
            const Binding *binding = slot_binding(evaluation, slot);
            uint32_t pending = 0;
            for (uint32_t i = 0; i < binding->ref_count; i++) {
                const BindingRef *ref = &binding->refs[i];
                Slot *target =
                    evaluation_slot(evaluation, ref->module, ref->index);
                if (!ref->unconditional || !target->needed ||
                    slot_state(target) == SLOT_DONE ||
                    !is_task(slot_binding(evaluation, target))) {
                    continue;
                }
                pending++;
                uint32_t from = target->task_number;
                if (pass == 0) {
                    run->starts[from + 2]++;
                } else {
                    run->targets[run->starts[from + 1]++] = n;
                }
            }
            store_relaxed(&slot->pending, pending);
        }
        if (pass == 0) {
            for (uint32_t n = 0; n < slots->count; n++) {
                run->starts[n + 2] += run->starts[n + 1];
            }
            run->targets = mem_calloc((size_t)run->starts[slots->count + 1] + 1,
                                      sizeof(uint32_t));
        }
    }
}

// ---- running

static void mark_cancelled(Run *run, Slot *slot)
{
    slot->failed_dependency = true;
    (void)fetch_add_relaxed(&run->cancelled, 1);
    slot_fail(slot);
}

// True when --fail-fast says that nothing after an earlier failure counts.
// Lower numbers always run, so the lowest failure is found by every schedule.
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

// Runs a claimed slot, through the value cache where that is worth it.
static void run_claimed(Run *run, Slot *slot, Worker *worker)
{
    Evaluation *evaluation = run->evaluation;
    CacheKey key;
    bool cacheable = evaluation->value_cache != NULL &&
                     value_cache_key(evaluation, slot, &key);
    if (cacheable) {
        Value value;
        if (value_cache_find(evaluation, key, slot, &value)) {
            (void)fetch_add_relaxed(&run->cached, 1);
            slot_done(slot, value);
            return;
        }
    }
    slot->worker = worker_index(worker);
    if (evaluation->timed) {
        slot->start_ns = clock_monotonic_ns();
    }
    machine_run_slot(machine_of(evaluation, worker), slot);
    if (evaluation->timed) {
        slot->end_ns = clock_monotonic_ns();
        if (slot->work_ns == 0) {
            slot->work_ns = slot->end_ns - slot->start_ns;
            slot->span_ns = slot->work_ns;
        }
    }
    (void)fetch_add_relaxed(&run->evaluated, 1);
    if (cacheable && slot_state(slot) == SLOT_DONE) {
        value_cache_insert(evaluation, key, slot);
    }
}

static void run_slot(RunTask *task, Worker *worker)
{
    Run *run = task->run;
    Evaluation *evaluation = run->evaluation;
    Slot *slot = task->slot;
    if (slot_claim(slot)) {
        if (load_relaxed(&task->dependency_failed)) {
            slot->failed_dependency = true;
            slot_fail(slot);
        } else if (is_skipped(run, task) ||
                   cancel_token_reason(&run->group.token) != CANCEL_NONE ||
                   ((task->number & 63) == 0 &&
                    cancel_token_poll(evaluation->token) != CANCEL_NONE)) {
            mark_cancelled(run, slot);
        } else {
            run_claimed(run, slot, worker);
        }
    } else if (slot_state(slot) == SLOT_RUNNING) {
        // Another worker demanded it before its turn came.
        (void)slot_wait(slot, evaluation->token);
    }
    if (slot_state(slot) == SLOT_FAILED) {
        (void)fetch_add_relaxed(&run->failed, 1);
        note_failure(run, task->number);
    }
}

// Counts the dependents of `task` down. Returns one that became ready, to be
// run next, and hands the others to the pool.
static RunTask *finish_task(RunTask *task, Worker *worker)
{
    Run *run = task->run;
    bool failed = slot_state(task->slot) == SLOT_FAILED;
    progress_step(run->evaluation->program->progress);
    RunTask *next = NULL;
    for (uint32_t i = run->starts[task->number];
         i < run->starts[task->number + 1]; i++) {
        RunTask *dependent = &run->tasks[run->targets[i]];
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
            task_group_spawn(&run->group, worker, &dependent->task);
        }
    }
    return next;
}

static void task_run(Task *base, Worker *worker)
{
    RunTask *task = (RunTask *)base;
    while (task != NULL) {
        run_slot(task, worker);
        task = finish_task(task, worker);
    }
}

static void run_tasks(Run *run)
{
    Evaluation *evaluation = run->evaluation;
    Pool *pool = evaluation->program->pool;
    Worker *worker = pool_main_worker(pool);
    task_group_init(&run->group, pool, evaluation->token);
    progress_expect(evaluation->program->progress, run->count);
    Task **ready = mem_calloc((size_t)run->count + 1, sizeof(Task *));
    uint32_t ready_count = 0;
    // Backwards: the worker's own deque is last in, first out.
    for (uint32_t n = run->count; n-- > 0;) {
        run->tasks[n].task.run = task_run;
        if (load_relaxed(&run->tasks[n].slot->pending) == 0) {
            ready[ready_count++] = &run->tasks[n].task;
        }
    }
    task_group_spawn_many(&run->group, worker, ready, ready_count);
    task_group_wait(&run->group, worker, false);
    free(ready);
}

// ---- results

Slot *slot_failure_cause(Slot *slot)
{
    while (slot->failed_dependency && slot->failed_on != NULL) {
        slot = slot->failed_on;
    }
    return slot;
}

static void copy_diag(DiagSink *into, const Diag *from)
{
    Diag *copy = diag_add(into, from->code, from->source, from->span, "%.*s",
                          STR_ARG(from->message));
    for (uint32_t i = 0; i < from->labels.count; i++) {
        const DiagLabel *label = &from->labels.items[i];
        diag_label(into, copy, label->source, label->span, "%.*s",
                   STR_ARG(label->message));
    }
    for (uint32_t i = 0; i < from->notes.count; i++) {
        diag_note(into, copy, "%.*s", STR_ARG(from->notes.items[i]));
    }
    for (uint32_t i = 0; i < from->helps.count; i++) {
        diag_help(into, copy, "%.*s", STR_ARG(from->helps.items[i]));
    }
    copy->trace_hidden = from->trace_hidden;
    for (uint32_t i = 0; i < from->trace.count; i++) {
        const DiagFrame *frame = &from->trace.items[i];
        diag_trace(into, copy, frame->function, frame->source, frame->span);
    }
}

// Appends the diagnostics of failed tasks. A slot may be the cause of many:
// its diagnostics are taken once.
static void collect_failures(Run *run, DiagSink *diags)
{
    for (uint32_t n = 0; n < run->count; n++) {
        if (slot_state(run->tasks[n].slot) != SLOT_FAILED ||
            is_skipped(run, &run->tasks[n])) {
            continue;
        }
        Slot *cause = slot_failure_cause(run->tasks[n].slot);
        if (cause->diags == NULL || cause->reported) {
            continue;
        }
        cause->reported = true;
        for (uint32_t i = 0; i < cause->diags->diags.count; i++) {
            copy_diag(diags, cause->diags->diags.items[i]);
        }
    }
}

// Work is the sum of all tasks, span the longest path along dependencies
// (Brent 1974: no number of workers can be faster than the span).
static void add_times(Run *run)
{
    EvaluationStats *stats = &run->evaluation->stats;
    int64_t *finish = mem_calloc((size_t)run->count + 1, sizeof *finish);
    for (uint32_t n = 0; n < run->count; n++) {
        const Slot *slot = run->tasks[n].slot;
        int64_t end = finish[n] + slot->span_ns; // finish[n]: latest start
        stats->work_ns += slot->work_ns;
        if (end > stats->span_ns) {
            stats->span_ns = end;
        }
        for (uint32_t i = run->starts[n]; i < run->starts[n + 1]; i++) {
            uint32_t to = run->targets[i];
            if (end > finish[to]) {
                finish[to] = end;
            }
        }
    }
    free(finish);
}

static void add_stats(Run *run)
{
    EvaluationStats *stats = &run->evaluation->stats;
    stats->tasks_total += run->count;
    stats->tasks_evaluated += load_relaxed(&run->evaluated);
    stats->tasks_cached += load_relaxed(&run->cached);
    stats->tasks_failed += load_relaxed(&run->failed);
    stats->tasks_cancelled += load_relaxed(&run->cancelled);
    for (uint32_t i = 0; i < run->evaluation->worker_count; i++) {
        machine_count_hits(run->evaluation->machines[i]);
    }
    if (run->evaluation->timed) {
        add_times(run);
    }
}

// The slots that the entry's result consists of, in source order.
static void collect_roots(Evaluation *evaluation, const Module *module,
                          SlotVec *out_roots)
{
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        Slot *slot = evaluation_slot(evaluation, module->id, i);
        if (module->ast.result != NULL) {
            if (binding->kind == BINDING_RESULT) {
                vec_push(out_roots, slot);
            }
        } else if (binding->exported && is_task(binding)) {
            vec_push(out_roots, slot);
        }
    }
}

static bool is_function_value(Value value)
{
    return value.tag == VALUE_FUNCTION || value.tag == VALUE_PARTIAL;
}

static Value assemble_result(Evaluation *evaluation, const Module *module,
                             Slot *const *roots, uint32_t root_count)
{
    if (module->ast.result != NULL) {
        return roots[0]->value;
    }
    Symbol *names = mem_calloc((size_t)root_count + 1, sizeof *names);
    uint32_t count = 0;
    for (uint32_t i = 0; i < root_count; i++) {
        const Slot *slot = roots[i];
        if (!is_function_value(slot->value)) {
            names[count++] = slot_binding(evaluation, slot)->export_name;
        }
    }
    const Shape *shape = shape_intern(evaluation->shapes, names, count);
    Value *fields;
    Worker *worker = pool_main_worker(evaluation->program->pool);
    Value record =
        value_record(evaluation_heap(evaluation, worker), shape, &fields);
    count = 0;
    for (uint32_t i = 0; i < root_count; i++) {
        if (!is_function_value(roots[i]->value)) {
            fields[count++] = roots[i]->value;
        }
    }
    free(names);
    return record;
}

static bool all_done(const Run *run)
{
    for (uint32_t n = 0; n < run->count; n++) {
        if (slot_state(run->tasks[n].slot) != SLOT_DONE) {
            return false;
        }
    }
    return true;
}

// Runs what the roots need. False when something failed.
static bool run_roots(Evaluation *evaluation, const SlotVec *roots,
                      DiagSink *diags)
{
    SlotVec slots = {0};
    Run run = {.evaluation = evaluation};
    store_relaxed(&run.lowest_failed, UINT32_MAX);
    collect_needed(evaluation, roots, &slots);
    build_tasks(&run, &slots);
    run_tasks(&run);
    bool ok = all_done(&run);
    if (!ok) {
        collect_failures(&run, diags);
        diag_sink_sort(diags);
    }
    add_stats(&run);
    free(run.tasks);
    free(run.starts);
    free(run.targets);
    vec_release(&slots);
    return ok;
}

static void forget_needed(Evaluation *evaluation)
{
    const Program *program = evaluation->program;
    for (uint32_t m = 0; m < program->module_count; m++) {
        for (uint32_t i = 0; i < program->modules[m]->binding_count; i++) {
            evaluation->slots[m][i].needed = false;
        }
    }
}

uint32_t evaluation_needed(Evaluation *evaluation, Slot ***out_slots)
{
    const Program *program = evaluation->program;
    SlotVec roots = {0};
    SlotVec slots = {0};
    forget_needed(evaluation);
    for (uint32_t i = 0; i < program->entry_count; i++) {
        collect_roots(evaluation, program->modules[program->entries[i]],
                      &roots);
    }
    collect_needed(evaluation, &roots, &slots);
    for (uint32_t n = 0; n < slots.count; n++) {
        slots.items[n]->task_number = n;
    }
    vec_release(&roots);
    *out_slots = slots.items;
    return slots.count;
}

bool evaluation_run(Evaluation *evaluation, DiagSink *diags, Value *out_results)
{
    const Program *program = evaluation->program;
    SlotVec roots = {0};
    uint32_t *ends = mem_calloc((size_t)program->entry_count + 1, sizeof *ends);
    for (uint32_t i = 0; i < program->entry_count; i++) {
        collect_roots(evaluation, program->modules[program->entries[i]],
                      &roots);
        ends[i] = roots.count;
    }
    bool ok = run_roots(evaluation, &roots, diags);
    for (uint32_t i = 0; ok && i < program->entry_count; i++) {
        uint32_t start = i == 0 ? 0 : ends[i - 1];
        out_results[i] =
            assemble_result(evaluation, program->modules[program->entries[i]],
                            roots.items + start, ends[i] - start);
    }
    free(ends);
    vec_release(&roots);
    return ok;
}

bool evaluation_run_bindings(Evaluation *evaluation,
                             const BindingPlace *bindings, uint32_t count,
                             DiagSink *diags)
{
    SlotVec roots = {0};
    for (uint32_t i = 0; i < count; i++) {
        vec_push(&roots, evaluation_slot(evaluation, bindings[i].module,
                                         bindings[i].index));
    }
    bool ok = run_roots(evaluation, &roots, diags);
    vec_release(&roots);
    return ok;
}
