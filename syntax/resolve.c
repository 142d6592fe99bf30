// The passes of the resolver over all modules.
#include "syntax/resolve.h"

#include <stdlib.h>

#include "syntax/resolve_private.h"

typedef void ModulePass(Resolver *r);

typedef struct PassRun {
    Resolver *resolvers;
    ResolverWork *work; // by worker
    ModulePass *pass;
    CancelToken *token;
} PassRun;

static void run_module(const PassRun *run, uint64_t i, Worker *worker)
{
    Resolver *r = &run->resolvers[i];
    r->work = &run->work[worker == NULL ? 0 : worker_index(worker)];
    r->worker = worker;
    module_enter(r->program, r->module, worker);
    r->arena = r->module->arena;
    run->pass(r);
    r->work = NULL;
}

static void run_range(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    const PassRun *run = ctx;
    for (uint64_t i = begin; i < end; i++) {
        if (run->token != NULL &&
            cancel_token_poll(run->token) != CANCEL_NONE) {
            return;
        }
        run_module(run, i, worker);
    }
}

// The prelude comes first: the others look into its tables. False when the
// run was cancelled.
static bool run_pass(Program *program, Resolver *resolvers, ResolverWork *work,
                     ModulePass *pass)
{
    PassRun run = {resolvers, work, pass, program->token};
    run_module(&run, MODULE_PRELUDE, NULL);
    uint64_t count = program->module_count - 1;
    PassRun rest = {resolvers + 1, work, pass, program->token};
    if (program->pool == NULL) {
        run_range(&run, 1, program->module_count, NULL);
    } else if (count > 0) {
        parallel_for(pool_main_worker(program->pool), program->token, count, 1,
                     run_range, &rest);
    }
    return program->token == NULL ||
           cancel_token_reason(program->token) == CANCEL_NONE;
}

static void resolve_module(Resolver *r)
{
    Module *module = r->module;
    resolver_bodies(r);
    module->bindings = r->bindings.items;
    module->binding_count = r->bindings.count;
    resolver_groups(r);
    resolver_warn_unused(r);
    resolver_release(r);
    local_env_trim(&r->work->env);
}

void resolver_release_work(ResolverWork *work)
{
    local_env_release(&work->env);
    vec_release(&work->locals);
    vec_release(&work->refs);
    free(work->ref_table.slots);
    vec_release(&work->field_uses);
}

// After a cancelled pass: modules that were not reached stay empty.
static void abandon(Resolver *resolvers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        Resolver *r = &resolvers[i];
        if (r->module->bindings == NULL) {
            resolver_release(r);
            r->module->visible_count = 0;
        }
    }
}

// ---- what is needed of the embedded modules

typedef struct Needed {
    uint32_t module, index;
} Needed;

typedef struct Marking {
    Program *program;
    VEC(Needed) work;
} Marking;

static void mark_group(Marking *marking, uint32_t module, uint32_t index)
{
    Module *target = marking->program->modules[module];
    BindingGroup *group = &target->groups[target->bindings[index].group];
    if (group->needed) {
        return;
    }
    group->needed = true;
    for (uint32_t i = 0; i < group->member_count; i++) {
        vec_push(&marking->work, (Needed){module, group->members[i]});
    }
}

static void mark_refs(Marking *marking, const Binding *binding)
{
    for (uint32_t i = 0; i < binding->ref_count; i++) {
        const BindingRef *ref = &binding->refs[i];
        if (resolver_is_lazy(marking->program->modules[ref->module])) {
            mark_group(marking, ref->module, ref->index);
        }
    }
}

// Methods of instances, predicates and defaults are reached through types,
// which only the checker knows: all of them are needed. They are small.
static void mark_module(Marking *marking, const Module *module)
{
    for (uint32_t i = 0; i < module->binding_count; i++) {
        if (!resolver_is_lazy(module)) {
            mark_refs(marking, &module->bindings[i]);
        } else if (i >= module->visible_count || module->is_entry ||
                   marking->program->options.whole_std) {
            mark_group(marking, module->id, i);
        }
    }
}

static void mark_needed(Program *program, const Resolver *resolvers)
{
    Marking marking = {.program = program};
    for (uint32_t i = 0; i < program->module_count; i++) {
        if (resolvers[i].names_lazy) {
            mark_module(&marking, program->modules[i]);
        }
    }
    while (marking.work.count > 0) {
        Needed next = vec_pop(&marking.work);
        mark_refs(&marking, program_binding(program, next.module, next.index));
    }
    vec_release(&marking.work);
}

// ---- the whole

void resolve_program(Program *program)
{
    uint32_t count = program->module_count;
    Resolver *resolvers = mem_calloc(count, sizeof *resolvers);
    for (uint32_t i = 0; i < count; i++) {
        Module *module = program->modules[i];
        resolvers[i].program = program;
        resolvers[i].module = module;
        resolvers[i].sink = &module->diags;
        resolvers[i].quiet = resolver_is_lazy(module);
        resolvers[i].names_lazy = resolver_is_lazy(module);
        // An expression may name all of the file that it stands beside.
        if (module->outer != MODULE_PRELUDE) {
            resolvers[module->outer].all_used = true;
        }
    }
    uint32_t workers =
        program->pool == NULL ? 1 : pool_worker_count(program->pool);
    ResolverWork *work = mem_calloc(workers, sizeof *work);
    if (run_pass(program, resolvers, work, resolver_declare) &&
        run_pass(program, resolvers, work, resolver_import) &&
        run_pass(program, resolvers, work, resolve_module)) {
        mark_needed(program, resolvers);
    } else {
        abandon(resolvers, count);
    }
    for (uint32_t i = 0; i < workers; i++) {
        resolver_release_work(&work[i]);
    }
    free(work);
    free(resolvers);
}
