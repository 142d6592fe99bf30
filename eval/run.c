// Slots, the evaluation, and what its result consists of.
#include "eval/run.h"

#include <stdlib.h>
#include <string.h>

#include "concurrent/thread.h"
#include "eval/code.h"
#include "eval/fingerprint.h"
#include "eval/machine.h"
#include "eval/origin.h"
#include "eval/regex.h"
#include "eval/tasks.h"

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

SlotState slot_wait(Slot *slot, Evaluation *evaluation, const Worker *worker)
{
    enum { POLL_NS = 20000000 };
    (void)fetch_add_seq_cst(&slot->waiters, 1);
    uint32_t state;
    while ((state = load_seq_cst(&slot->state)) == SLOT_RUNNING) {
        futex_wait_until(&slot->state, SLOT_RUNNING,
                         clock_monotonic_ns() + POLL_NS);
        // Whoever runs the slot polls the token too and fails it; here the
        // clock is looked at so that the deadline is noticed in time.
        (void)cancel_token_poll(evaluation->token);
        evaluation_quiesce(evaluation, worker);
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
    if (module->ctor_count == 0) {
        return NULL;
    }
    CtorInfo *infos = mem_calloc(module->ctor_count, sizeof *infos);
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

static Slot *new_slot(const Evaluation *evaluation, Arena *arena,
                      uint32_t module, uint32_t index)
{
    Slot *slot = ARENA_NEW(arena, Slot);
    slot->module = module;
    slot->index = index;
    slot->times = evaluation->timed ? ARENA_NEW(arena, SlotTimes) : NULL;
    return slot;
}

typedef struct Opening {
    Evaluation *evaluation;
    const Module *module;
    SlotPlace *places;
} Opening;

static void open_bindings(void *ctx, uint64_t begin, uint64_t end,
                          Worker *worker)
{
    const Opening *opening = ctx;
    Evaluation *evaluation = opening->evaluation;
    const Module *module = opening->module;
    Arena *arena = worker_arenas_of(&evaluation->memory, worker);
    for (uint32_t i = (uint32_t)begin; i < end; i++) {
        bool computes = binding_computes(module, &module->bindings[i]);
        // Nobody else knows of them yet.
        atomic_init(&opening->places[i],
                    computes ? new_slot(evaluation, arena, module->id, i)
                             : NULL);
    }
}

static void open_module(Evaluation *evaluation, const Module *module,
                        Worker *worker)
{
    enum { BINDINGS_AT_ONCE = 2048 };
    Arena *arena = worker_arenas_of(&evaluation->memory, worker);
    uint32_t count = module->binding_count;
    Opening opening = {
        evaluation, module,
        arena_array(arena, (size_t)count + 1, sizeof *opening.places)};
    if (count < 2 * BINDINGS_AT_ONCE) {
        open_bindings(&opening, 0, count, worker);
    } else {
        // None may be left out.
        parallel_for(worker, NULL, count, BINDINGS_AT_ONCE, open_bindings,
                     &opening);
    }
    evaluation->slots[module->id] = opening.places;
    evaluation->ctors[module->id] = make_ctors(evaluation->program, module);
}

Slot *evaluation_make_slot(Evaluation *evaluation, uint32_t module,
                           uint32_t index)
{
    SlotPlace *place = &evaluation->slots[module][index];
    mutex_lock(&evaluation->lock);
    Slot *slot = load_relaxed(place);
    if (slot == NULL) {
        slot = new_slot(evaluation, &evaluation->late, module, index);
        // Release: pairs with the acquire in evaluation_slot().
        store_release(place, slot);
    }
    mutex_unlock(&evaluation->lock);
    return slot;
}

static void make_room(Evaluation *evaluation, uint32_t capacity)
{
    evaluation->slots = mem_calloc(capacity, sizeof *evaluation->slots);
    evaluation->ctors = mem_calloc(capacity, sizeof *evaluation->ctors);
    evaluation->settled = mem_calloc(capacity, sizeof *evaluation->settled);
    evaluation->capacity = capacity;
}

bool evaluation_open(Evaluation *evaluation, Module *module, Worker *worker)
{
    Program *program = evaluation->program;
    if (module->id == MODULE_PRELUDE) {
        // All others wait for it.
        make_room(evaluation, program->module_capacity);
    }
    if (module->id >= evaluation->capacity) {
        return false;
    }
    open_module(evaluation, module, worker);
    return true;
}

static void open_modules(void *ctx, uint64_t begin, uint64_t end,
                         Worker *worker)
{
    Evaluation *evaluation = ctx;
    for (uint64_t m = begin; m < end; m++) {
        if (evaluation->slots[m] == NULL) {
            open_module(evaluation, evaluation->program->modules[m], worker);
        }
    }
}

// ---- the whole

// Where values of what is not needed take much, those that are do not fit.
static bool early_values_fit(const Evaluation *evaluation)
{
    enum { SHARE = 4 };
    const HeapBudget *budget = &evaluation->budget;
    return load_relaxed(&budget->bytes) <= budget->limit_bytes / SHARE;
}

static void grow_to(Evaluation *evaluation, uint32_t capacity)
{
    uint32_t old = evaluation->capacity;
    if (capacity <= old) {
        return;
    }
    evaluation->slots =
        mem_realloc(evaluation->slots, capacity, sizeof(SlotPlace *));
    evaluation->ctors =
        mem_realloc(evaluation->ctors, capacity, sizeof(CtorInfo *));
    for (uint32_t m = old; m < capacity; m++) {
        evaluation->slots[m] = NULL;
        evaluation->ctors[m] = NULL;
    }
    evaluation->capacity = capacity;
}

bool evaluation_complete(Evaluation *evaluation)
{
    const Program *program = evaluation->program;
    // What the trees take is taken from the values.
    heap_budget_limit(&evaluation->budget, evaluation->limits.max_memory_bytes -
                                               program->tree_bytes);
    if (!early_values_fit(evaluation)) {
        return false;
    }
    grow_to(evaluation, program->module_count);
    enum { MODULES_AT_ONCE = 64 };
    parallel_for(pool_main_worker(program->pool), NULL, program->module_count,
                 MODULES_AT_ONCE, open_modules, evaluation);
    return true;
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
    evaluation->plain = options->plain;
    evaluation->compiles = options->plain || options->compiles;
    evaluation->trace = options->trace;
    evaluation->origins = options->explains ? origins_new() : NULL;
    evaluation->shapes = shape_table_new(program->interner);
    evaluation->regexes = regex_cache_new();
    worker_arenas_init(&evaluation->memory, program->pool);
    mutex_init(&evaluation->lock, LOCK_CLIENT);
    arena_init(&evaluation->late);
    uint32_t workers = pool_worker_count(program->pool);
    evaluation->worker_count = workers;
    heap_budget_init(&evaluation->budget, evaluation->limits.max_memory_bytes,
                     workers);
    evaluation->machines = mem_calloc(workers, sizeof *evaluation->machines);
    evaluation->heaps = aligned_alloc(CACHE_LINE, workers * sizeof(WorkerHeap));
    if (evaluation->heaps == NULL) {
        die_out_of_memory();
    }
    for (uint32_t i = 0; i < workers; i++) {
        heap_init(&evaluation->heaps[i].heap, &evaluation->budget);
    }
    if (options->by_module) {
        cancel_token_init(&evaluation->early, program->token, INT64_MAX);
        evaluation->token = &evaluation->early;
    } else if (!evaluation_complete(evaluation)) {
        UNREACHABLE(); // it has no values yet
    }
    return evaluation;
}

static void free_slot(Slot *slot)
{
    if (slot->diags != NULL) {
        diag_sink_release(slot->diags);
        free(slot->diags);
    }
    if (slot->code != NULL && slot->code->in_block) {
        free((void *)slot->code); // it has failed
    }
}

static void free_module(Evaluation *evaluation, uint32_t m)
{
    SlotPlace *places = evaluation->slots[m];
    uint32_t count = evaluation->program->modules[m]->binding_count;
    for (uint32_t i = 0; places != NULL && i < count; i++) {
        Slot *slot = load_relaxed(&places[i]);
        if (slot != NULL) {
            free_slot(slot);
        }
    }
    free((void *)evaluation->ctors[m]);
}

void evaluation_free(Evaluation *evaluation)
{
    if (evaluation == NULL) {
        return;
    }
    const Program *program = evaluation->program;
    for (uint32_t m = 0; m < program->module_count && m < evaluation->capacity;
         m++) {
        free_module(evaluation, m);
    }
    worker_arenas_release(&evaluation->memory);
    arena_release(&evaluation->late);
    mutex_release(&evaluation->lock);
    for (uint32_t i = 0; i < evaluation->worker_count; i++) {
        machine_free(evaluation->machines[i]);
        heap_release(&evaluation->heaps[i].heap);
    }
    free(evaluation->machines);
    free(evaluation->heaps);
    heap_budget_release(&evaluation->budget);
    free(evaluation->slots);
    free(evaluation->ctors);
    free(evaluation->settled);
    fingerprints_free(load_relaxed(&evaluation->fingerprints));
    regex_cache_free(evaluation->regexes);
    origins_free(evaluation->origins);
    shape_table_free(evaluation->shapes);
    free(evaluation);
}

// ---- results

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
        } else if (binding->exported && binding_has_value(binding)) {
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

static void forget_needed(Evaluation *evaluation)
{
    const Program *program = evaluation->program;
    for (uint32_t m = 0; m < program->module_count; m++) {
        for (uint32_t i = 0; i < program->modules[m]->binding_count; i++) {
            Slot *slot = load_relaxed(&evaluation->slots[m][i]);
            if (slot != NULL) {
                slot->needed = false;
            }
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
    tasks_collect(evaluation, &roots, &slots);
    for (uint32_t n = 0; n < slots.count; n++) {
        slots.items[n]->task_number = n;
    }
    vec_release(&roots);
    *out_slots = slots.items;
    return slots.count;
}

uint64_t evaluation_task_count(Evaluation *evaluation)
{
    if (evaluation->timed) {
        return evaluation->stats.tasks_total;
    }
    // What was evaluated early has not been counted.
    Slot **slots;
    uint64_t count = evaluation_needed(evaluation, &slots);
    free(slots);
    return count;
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
    bool ok = tasks_run(evaluation, &roots, diags);
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

// Collections depend on who has what, so one worker may need somewhat more than
// several, too.
static bool came_near_limit(const Evaluation *evaluation)
{
    enum { NEAR_SHARE = 8 };
    const HeapBudget *budget = &evaluation->budget;
    uint64_t limit = budget->limit_bytes;
    return load_relaxed(&budget->peak_bytes) > limit - limit / NEAR_SHARE;
}

static bool ran_out(const DiagSink *diags)
{
    for (uint32_t i = 0; i < diags->diags.count; i++) {
        if (diags->diags.items[i]->code == DIAG_E0604) {
            return true;
        }
    }
    return false;
}

bool evaluation_was_crowded(const Evaluation *evaluation, const DiagSink *diags)
{
    const Program *program = evaluation->program;
    bool has_early =
        evaluation->token == &evaluation->early && program->checks_early;
    return (has_early || pool_worker_count(program->pool) > 1) &&
           (ran_out(diags) || came_near_limit(evaluation));
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
    bool ok = tasks_run(evaluation, &roots, diags);
    vec_release(&roots);
    return ok;
}
