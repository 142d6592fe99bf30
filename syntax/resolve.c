// The passes of the resolver over all modules.
#include "syntax/resolve.h"

#include <stdlib.h>

#include "syntax/resolve_private.h"

typedef void ModulePass(Resolver *r);

typedef struct PassRun {
    Resolver *resolvers;
    ModulePass *pass;
    CancelToken *token;
} PassRun;

static void run_range(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    const PassRun *run = ctx;
    for (uint64_t i = begin; i < end; i++) {
        if (run->token != NULL &&
            cancel_token_poll(run->token) != CANCEL_NONE) {
            return;
        }
        run->pass(&run->resolvers[i]);
    }
}

// The prelude comes first: the others look into its tables. False when the
// run was cancelled.
static bool run_pass(Program *program, Resolver *resolvers, ModulePass *pass)
{
    PassRun run = {resolvers, pass, program->token};
    pass(&resolvers[MODULE_PRELUDE]);
    uint64_t count = program->module_count - 1;
    PassRun rest = {resolvers + 1, pass, program->token};
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
}

// After a cancelled pass: modules that were not reached stay empty.
static void abandon(Resolver *resolvers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        Resolver *r = &resolvers[i];
        if (r->module->bindings == NULL) {
            vec_release(&r->bindings);
            resolver_release(r);
            r->module->visible_count = 0;
        }
    }
}

void resolve_program(Program *program)
{
    uint32_t count = program->module_count;
    Resolver *resolvers = mem_calloc(count, sizeof *resolvers);
    for (uint32_t i = 0; i < count; i++) {
        Module *module = program->modules[i];
        resolvers[i].program = program;
        resolvers[i].module = module;
        resolvers[i].quiet = module->is_std || module->is_data;
        // An expression may name all of the file that it stands beside.
        if (module->outer != MODULE_PRELUDE) {
            resolvers[module->outer].all_used = true;
        }
    }
    if (run_pass(program, resolvers, resolver_declare) &&
        run_pass(program, resolvers, resolver_import) &&
        run_pass(program, resolvers, resolve_module)) {
        resolve_mark_needed(program);
    } else {
        abandon(resolvers, count);
    }
    free(resolvers);
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

// Only what is named of it is checked: data that is imported with a type has
// none of its own.
static bool is_lazy(const Module *module)
{
    return module->is_std || module->is_data;
}

static void mark_refs(Marking *marking, const Binding *binding)
{
    for (uint32_t i = 0; i < binding->ref_count; i++) {
        const BindingRef *ref = &binding->refs[i];
        if (is_lazy(marking->program->modules[ref->module])) {
            mark_group(marking, ref->module, ref->index);
        }
    }
}

// Methods of instances, predicates and defaults are reached through types,
// which only the checker knows: all of them are needed. They are small.
static void mark_module(Marking *marking, const Module *module)
{
    for (uint32_t i = 0; i < module->binding_count; i++) {
        if (!is_lazy(module)) {
            mark_refs(marking, &module->bindings[i]);
        } else if (i >= module->visible_count || module->is_entry) {
            mark_group(marking, module->id, i);
        }
    }
}

void resolve_mark_needed(Program *program)
{
    Marking marking = {.program = program};
    for (uint32_t i = 0; i < program->module_count; i++) {
        mark_module(&marking, program->modules[i]);
    }
    while (marking.work.count > 0) {
        Needed next = vec_pop(&marking.work);
        mark_refs(&marking, program_binding(program, next.module, next.index));
    }
    vec_release(&marking.work);
}
