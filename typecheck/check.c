// The driver: one module after those that it imports. Inside a module:
// check_runs.c.
#include "typecheck/check.h"

#include <stdlib.h>

#include "syntax/module_flow.h"
#include "typecheck/check_runs.h"
#include "typecheck/declare.h"
#include "typecheck/infer.h"
#include "typecheck/refinements.h"
#include "typecheck/scheme.h"
#include "typecheck/stored_types.h"
#include "typecheck/totality.h"
#include "typecheck/type_cache.h"
#include "typecheck/type_print.h"

struct Checker {
    Program *program;
    TypeCachePlan *plan;
    Infer **infers; // by worker, made on first use
    uint32_t worker_count;
    TypeBudget budget;
};

// ---- one module

static Infer *infer_of(Checker *checker, const Worker *worker)
{
    Infer **infer = &checker->infers[worker == NULL ? 0 : worker_index(worker)];
    if (*infer == NULL) {
        *infer = infer_new(checker->program, &checker->budget);
    }
    return *infer;
}

// `worker` may be NULL: there are no others.
static void check_module(Checker *checker, Module *module, Worker *worker)
{
    if (program_is_cancelled(checker->program) ||
        type_budget_is_passed(&checker->budget) ||
        type_cache_skip(checker->plan, module->id)) {
        return;
    }
    Program *program = checker->program;
    int64_t start_ns = module_clock_ns(module);
    module_enter(program, module, worker);
    if (type_cache_restore(checker->plan, module->id, module->check_arena)) {
        return;
    }
    if (module->stored != NULL) {
        type_budget_charge(&checker->budget,
                           module->is_std ? 0 : module->stored->type_nodes);
        stored_types_declare(program, module, module->stored->types,
                             module->check_arena);
        return;
    }
    ModuleTypes *types = declare_module(program, module);
    Infer *infer = infer_of(checker, worker);
    infer_begin_module(infer, module, types, worker);
    infer_supers(infer);
    check_groups(infer);
    TotalityReads reads = {0};
    // What calls something broken would be blamed for it.
    if (module->diags.error_count == 0 && !infer_is_over_budget(infer)) {
        reads = totality_check_module(program, module, &module->diags);
    }
    if (reads.stored_code) {
        store_relaxed(&program->doubts_stored, true);
    }
    refinements_end_module(infer);
    infer_end_module(infer);
    if (!reads.stored_code && !type_budget_is_passed(&checker->budget)) {
        type_cache_store(checker->plan, module->id, reads.other_code);
    }
    module_note_pass(module, TIMED_CHECK, start_ns, worker);
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

static Checker *new_checker(Program *program, TypeCachePlan *plan)
{
    Checker *checker = mem_calloc(1, sizeof *checker);
    checker->program = program;
    checker->plan = plan;
    type_budget_init(&checker->budget,
                     program->options.limits.max_memory_bytes);
    checker->worker_count =
        program->pool == NULL ? 1 : pool_worker_count(program->pool);
    checker->infers =
        mem_calloc(checker->worker_count, sizeof *checker->infers);
    return checker;
}

Checker *checker_begin(Program *program)
{
    TypeCachePlan *plan = type_cache_plan(program, &(CheckOptions){0});
    (void)type_cache_next(plan);
    return new_checker(program, plan);
}

static void need_all(const Module *module)
{
    for (uint32_t i = 0; i < module->group_count; i++) {
        module->groups[i].needed = true;
    }
}

void checker_module(void *ctx, Module *module, Worker *worker)
{
    Checker *checker = ctx;
    if (module->is_std && checker->program->checks_early) {
        need_all(module);
    }
    check_module(checker, module, checker->worker_count > 1 ? worker : NULL);
}

// As loader_report_limit() does, for the same reason.
static void report_budget(Program *program)
{
    for (uint32_t i = 0; i < program->module_count; i++) {
        DiagSink *diags = &program->modules[i]->diags;
        diag_sink_release(diags);
        diag_sink_init(diags);
    }
    program->gives_up = true;
    const Module *entry = program->modules[program->entries[0]];
    Diag *diag =
        diag_add(&program->diags, DIAG_E0604, &entry->source, (Span){0, 0},
                 "the types of the program take more than %llu bytes of memory",
                 (unsigned long long)program->options.limits.max_memory_bytes);
    diag_note(&program->diags, diag,
              "a record that extends another has all of its fields, so types "
              "may grow as the square of the source");
    diag_help(&program->diags, diag, "raise --max-memory");
}

bool checker_end(Checker *checker, bool is_complete)
{
    Program *program = checker->program;
    type_budget_charge(&checker->budget, type_cache_nodes(checker->plan));
    if (is_complete && type_budget_is_passed(&checker->budget)) {
        report_budget(program);
    }
    for (uint32_t i = 0; i < checker->worker_count; i++) {
        infer_free(checker->infers[i]);
    }
    free(checker->infers);
    type_cache_plan_free(checker->plan);
    free(checker);
    return !has_errors(program);
}

static void check_and_step(void *ctx, Module *module, Worker *worker)
{
    const Checker *checker = ctx;
    module_prefetch(module); // another pass was over all modules before
    checker_module(ctx, module, worker);
    progress_step(checker->program->progress);
}

bool check_program(Program *program, const CheckOptions *options)
{
    CheckOptions none = {0};
    options = options != NULL ? options : &none;
    Checker *checker = new_checker(program, type_cache_plan(program, options));
    while (type_cache_next(checker->plan)) {
        progress_expect(program->progress, program->module_count);
        module_flow_run(program, (ModuleStage){check_and_step, checker});
    }
    return checker_end(checker, true);
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

static void check_entry_result(const Program *program, const Module *module,
                               DiagSink *diags)
{
    const ModuleTypes *types = module->checked;
    for (uint32_t i = 0; types != NULL && i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        const Scheme *scheme = types->schemes[i];
        if (!binding->exported || binding->value == NULL || scheme == NULL ||
            scheme->constraint_count == 0 ||
            type_resolve(scheme->type)->kind == TYPE_FUNCTION) {
            continue;
        }
        Diag *diag = diag_add(
            diags, DIAG_W0402, &module->source, binding->name_span,
            "'%.*s' is left out of the result: it has no single type, but "
            "'%.*s'",
            STR_ARG(symbol_text(program->interner, binding->export_name)),
            STR_ARG(scheme_print(program, module, scheme, &diags->arena)));
        diag_help(diags, diag, "annotate it with the type that is meant");
    }
}

void check_left_out(const Program *program, DiagSink *diags)
{
    for (uint32_t i = 0; i < program->entry_count; i++) {
        const Module *module = program->modules[program->entries[i]];
        if (module->ast.result == NULL) {
            check_entry_result(program, module, diags);
        }
    }
}

Str check_binding_type(const Program *program, uint32_t module,
                       uint32_t binding, Arena *arena)
{
    const ModuleTypes *types = program->modules[module]->checked;
    const Scheme *scheme = types != NULL ? types->schemes[binding] : NULL;
    return scheme != NULL
               ? scheme_print(program, program->modules[module], scheme, arena)
               : STR("?");
}

Str check_ctor_type(const Program *program, uint32_t module, uint32_t ctor,
                    Arena *arena)
{
    const ModuleTypes *types = program->modules[module]->checked;
    const Scheme *scheme =
        types != NULL && types->ctors != NULL ? types->ctors[ctor] : NULL;
    return scheme != NULL
               ? scheme_print(program, program->modules[module], scheme, arena)
               : STR("?");
}

Str check_method_type(const Program *program, uint32_t module, uint32_t method,
                      Arena *arena)
{
    const ModuleTypes *types = program->modules[module]->checked;
    const MethodEntry *entry = &program->modules[module]->methods[method];
    const ClassInfo *class_ = types != NULL && types->classes != NULL
                                  ? &types->classes[entry->class_]
                                  : NULL;
    const Scheme *scheme = class_ != NULL && class_->methods != NULL &&
                                   entry->slot < class_->method_count
                               ? class_->methods[entry->slot]
                               : NULL;
    return scheme != NULL
               ? scheme_print(program, program->modules[module], scheme, arena)
               : STR("?");
}

uint64_t check_type_nodes(const Module *module)
{
    return module->checked->node_count;
}

Str check_binding_result(const Program *program, uint32_t module,
                         uint32_t binding, uint32_t arguments, Arena *arena)
{
    const ModuleTypes *types = program->modules[module]->checked;
    const Scheme *scheme = types != NULL ? types->schemes[binding] : NULL;
    if (scheme == NULL || scheme->generic_count > 0 ||
        scheme->constraint_count > 0) {
        return STR("");
    }
    Type *type = type_resolve(scheme->type);
    for (uint32_t i = 0; i < arguments && type->kind == TYPE_FUNCTION; i++) {
        type = type_resolve(type->as.function.result);
    }
    return type_print(program, program->modules[module], type, arena);
}
