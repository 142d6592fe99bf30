// The driver: a task per module, started when the modules that it imports are
// done; inside a module: check_runs.c.
#include "typecheck/check.h"

#include <stdlib.h>

#include "typecheck/check_runs.h"
#include "typecheck/declare.h"
#include "typecheck/infer.h"
#include "typecheck/refinements.h"
#include "typecheck/stored_types.h"
#include "typecheck/totality.h"
#include "typecheck/type_cache.h"
#include "typecheck/type_print.h"

typedef struct Checker Checker;

typedef struct ModuleTask {
    Task task;
    Checker *checker;
    uint32_t module;
    _Atomic(uint32_t) waiting; // imports that are not done yet
    uint32_t first_dependent;  // in Checker.dependents
    uint32_t dependent_count;
} ModuleTask;

struct Checker {
    Program *program;
    TypeCachePlan *plan;
    Infer **infers; // by worker, made on first use
    TaskGroup group;
    ModuleTask *tasks;    // by module
    uint32_t *dependents; // immutable once the tasks start
};

static bool stopped(const Program *program)
{
    return program->token != NULL &&
           cancel_token_poll(program->token) != CANCEL_NONE;
}

// ---- one module

static Infer *infer_of(Checker *checker, const Worker *worker)
{
    Infer **infer = &checker->infers[worker == NULL ? 0 : worker_index(worker)];
    if (*infer == NULL) {
        *infer = infer_new(checker->program);
    }
    return *infer;
}

// What was parsed and resolved some modules ago is in no cache any more. Each
// level of the tree is asked for while there is something else to do, and not
// when it is needed, one line after the other.
enum { PREFETCHED = 24 };

static void prefetch_values(const Module *module)
{
    uint32_t count = module->binding_count;
    for (uint32_t i = 0; i < count && i < PREFETCHED; i++) {
        PREFETCH(module->bindings[i].value);
    }
}

static void prefetch_parts(const Module *module)
{
    uint32_t count = module->binding_count;
    for (uint32_t i = 0; i < count && i < PREFETCHED; i++) {
        const Expr *value = module->bindings[i].value;
        if (value != NULL && value->kind == EXPR_LAMBDA) {
            PREFETCH(value->as.lambda);
            PREFETCH(value->as.lambda + 1);
        } else if (value != NULL && value->kind == EXPR_RECORD) {
            const char *items = (const char *)value->as.record.items;
            size_t bytes =
                value->as.record.count * sizeof *value->as.record.items;
            for (size_t at = 0; at < bytes && at < 1024; at += CACHE_LINE) {
                PREFETCH(items + at);
            }
        }
    }
}

// `worker` may be NULL: the main one.
static void check_module(Checker *checker, Module *module, Worker *worker)
{
    if (stopped(checker->program) ||
        type_cache_skip(checker->plan, module->id)) {
        return;
    }
    int64_t start_ns = clock_monotonic_ns();
    Program *program = checker->program;
    module_enter(program, module, worker);
    if (type_cache_restore(checker->plan, module->id, module->check_arena)) {
        return;
    }
    if (module->stored != NULL) {
        stored_types_declare(program, module, module->stored->types,
                             module->check_arena);
        return;
    }
    prefetch_values(module);
    ModuleTypes *types = declare_module(program, module);
    prefetch_parts(module);
    Infer *infer = infer_of(checker, worker);
    infer_begin_module(infer, module, types, worker);
    infer_supers(infer);
    check_groups(infer);
    TotalityReads reads = {0};
    // What calls something broken would be blamed for it.
    if (module->diags.error_count == 0) {
        reads = totality_check_module(program, module, &module->diags);
    }
    if (reads.stored_code) {
        store_relaxed(&program->doubts_stored, true);
    }
    refinements_end_module(infer);
    infer_end_module(infer);
    if (!reads.stored_code) {
        type_cache_store(checker->plan, module->id, reads.other_code);
    }
    module->check_start_ns = start_ns;
    module->check_ns = clock_monotonic_ns() - start_ns;
}

// ---- the graph of modules

// What must be done first: imports, the prelude, the file beside --expr.
static uint32_t dependencies(const Module *module, uint32_t *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < module->import_count; i++) {
        out[count++] = module->imports[i];
    }
    uint32_t extra[] = {MODULE_PRELUDE, module->outer};
    for (int e = 0; e < 2; e++) {
        bool known = module->id == extra[e];
        for (uint32_t i = 0; i < count && !known; i++) {
            known = out[i] == extra[e];
        }
        if (!known) {
            out[count++] = extra[e];
        }
    }
    return count;
}

static void run_module_task(Task *task, Worker *worker)
{
    ModuleTask *self = (ModuleTask *)task;
    Checker *checker = self->checker;
    Module *module = checker->program->modules[self->module];
    module->check_worker = worker_index(worker);
    check_module(checker, module, worker);
    progress_step(checker->program->progress);
    for (uint32_t i = 0; i < self->dependent_count; i++) {
        ModuleTask *next =
            &checker->tasks[checker->dependents[self->first_dependent + i]];
        // Each import publishes its types before it counts down; the last one
        // starts the module, which sees them all.
        if (fetch_sub_acq_rel(&next->waiting, 1) == 1) {
            task_group_spawn(&checker->group, worker, &next->task);
        }
    }
}

// Fills tasks and dependents.
static void build_graph(Checker *checker, Arena *arena)
{
    const Program *program = checker->program;
    uint32_t count = program->module_count;
    checker->tasks = arena_zalloc(arena, count * sizeof *checker->tasks);
    uint64_t edges = 0;
    for (uint32_t i = 0; i < count; i++) {
        edges += program->modules[i]->import_count + 2u;
    }
    uint32_t *list = arena_array(arena, edges, sizeof *list);
    checker->dependents = arena_array(arena, edges, sizeof *list);
    for (uint32_t i = 0; i < count; i++) {
        ModuleTask *task = &checker->tasks[i];
        task->task.run = run_module_task;
        task->checker = checker;
        task->module = i;
        uint32_t needed = dependencies(program->modules[i], list);
        store_relaxed(&task->waiting, needed); // no task runs yet
        for (uint32_t d = 0; d < needed; d++) {
            checker->tasks[list[d]].dependent_count++;
        }
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        checker->tasks[i].first_dependent = at;
        at += checker->tasks[i].dependent_count;
        checker->tasks[i].dependent_count = 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t needed = dependencies(program->modules[i], list);
        for (uint32_t d = 0; d < needed; d++) {
            ModuleTask *on = &checker->tasks[list[d]];
            checker->dependents[on->first_dependent + on->dependent_count++] =
                i;
        }
    }
}

static void check_in_parallel(Checker *checker)
{
    Program *program = checker->program;
    Arena arena;
    arena_init(&arena);
    build_graph(checker, &arena);
    Worker *worker = pool_main_worker(program->pool);
    task_group_init(&checker->group, program->pool, program->token);
    progress_expect(program->progress, program->module_count);
    // Only the prelude has nothing to wait for.
    for (uint32_t i = 0; i < program->module_count; i++) {
        if (load_relaxed(&checker->tasks[i].waiting) == 0 && i == 0) {
            task_group_spawn(&checker->group, worker, &checker->tasks[i].task);
        }
    }
    task_group_wait(&checker->group, worker, false);
    arena_release(&arena);
}

// ---- entry

static bool has_errors(const Program *program)
{
    bool any = program->diags.error_count > 0;
    for (uint32_t i = 0; i < program->module_count; i++) {
        any |= program->modules[i]->broken ||
               program->modules[i]->diags.error_count > 0;
    }
    return any;
}

bool check_program(Program *program, const CheckOptions *options)
{
    Checker checker = {.program = program};
    checker.plan =
        type_cache_plan(program, options != NULL ? options->type_cache : NULL,
                        options != NULL ? options->verdict_store : NULL,
                        options != NULL && options->verdict_only);
    Worker *worker = NULL;
    if (program->pool != NULL && pool_worker_count(program->pool) > 1) {
        worker = pool_main_worker(program->pool);
    }
    bool parallel = worker != NULL && program->module_count > 2;
    uint32_t worker_count =
        program->pool == NULL ? 1 : pool_worker_count(program->pool);
    checker.infers = mem_calloc(worker_count, sizeof *checker.infers);
    while (type_cache_next(checker.plan)) {
        if (parallel) {
            check_in_parallel(&checker);
            continue;
        }
        // Dependencies stand before dependents.
        for (uint32_t i = 0; i < program->module_count; i++) {
            check_module(&checker, program->modules[i], worker);
        }
    }
    for (uint32_t i = 0; i < worker_count; i++) {
        infer_free(checker.infers[i]);
    }
    free(checker.infers);
    type_cache_plan_free(checker.plan);
    return !has_errors(program);
}

void check_program_release(Program *program)
{
    for (uint32_t i = 0; i < program->module_count; i++) {
        declare_release(program->modules[i]->checked);
        program->modules[i]->checked = NULL;
        program->modules[i]->scope = NULL;
    }
    program->checks_bytes += worker_arenas_bytes(&program->checks);
    worker_arenas_clear(&program->checks);
}

Str check_binding_type(const Program *program, uint32_t module,
                       uint32_t binding, Arena *arena)
{
    const ModuleTypes *types = program->modules[module]->checked;
    const Scheme *scheme = types != NULL ? types->schemes[binding] : NULL;
    if (scheme == NULL) {
        return STR("?");
    }
    PrintedConstraint *printed =
        arena_array(arena, scheme->constraint_count, sizeof *printed);
    for (uint32_t i = 0; i < scheme->constraint_count; i++) {
        const SchemeConstraint *constraint = &scheme->constraints[i];
        printed[i] = (PrintedConstraint){
            constraint->class_->module, constraint->class_->index,
            constraint->args, constraint->class_->param_count};
    }
    return type_print_scheme(program, scheme->type, printed,
                             scheme->constraint_count, TYPE_PRINT_MAX_BYTES,
                             arena);
}
