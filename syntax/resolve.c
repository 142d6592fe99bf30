// The passes of the resolver over a module whose imports are resolved, and what
// is needed of the library once all are.
#include "syntax/resolve.h"

#include <stdlib.h>

#include "concurrent/aligned.h"
#include "syntax/module_flow.h"
#include "syntax/resolve_internal.h"
#include "syntax/stretches.h"

struct Resolving {
    Program *program;
    ResolverWork *work; // by worker
    uint32_t worker_count;
};

void resolver_release_work(ResolverWork *work)
{
    local_env_release(&work->env);
    vec_release(&work->locals);
    vec_release(&work->refs);
    free(work->ref_table.slots);
    vec_release(&work->field_uses);
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
                   (module->is_std && marking->program->options.whole_std)) {
            mark_group(marking, module->id, i);
        }
    }
}

// Data that a module imports without a type, which has one of its own. Where
// all imports say what it is, it may have none.
static void mark_untyped_data(Marking *marking, const Module *module)
{
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        const Decl *decl = &module->ast.decls[i];
        const Import *import =
            decl->kind == DECL_IMPORT ? decl->as.import : NULL;
        if (import == NULL || import->type != NULL ||
            import->module == INDEX_NONE) {
            continue;
        }
        const Module *target = marking->program->modules[import->module];
        uint32_t count = target->is_data && resolver_is_lazy(target)
                             ? target->binding_count
                             : 0;
        for (uint32_t k = 0; k < count; k++) {
            mark_group(marking, target->id, k);
        }
    }
}

static void mark_needed(Program *program)
{
    Marking marking = {.program = program};
    for (uint32_t i = 0; i < program->module_count; i++) {
        if (program->modules[i]->names_lazy) {
            mark_module(&marking, program->modules[i]);
        }
        if (program->options.whole_std) {
            mark_untyped_data(&marking, program->modules[i]);
        }
    }
    while (marking.work.count > 0) {
        Needed next = vec_pop(&marking.work);
        mark_refs(&marking, program_binding(program, next.module, next.index));
    }
    vec_release(&marking.work);
}

// ---- the whole

Resolving *resolving_begin(Program *program)
{
    Resolving *resolving = mem_calloc(1, sizeof *resolving);
    resolving->program = program;
    resolving->worker_count =
        program->pool == NULL ? 1 : pool_worker_count(program->pool);
    resolving->work =
        aligned_zalloc(resolving->worker_count, sizeof *resolving->work);
    return resolving;
}

static void note_certain(Module *module)
{
    const Binding *bindings = module->bindings;
    uint32_t written = module->binding_count - module->module_value_count;
    uint32_t count = module->module_value_count;
    for (uint32_t i = 0; i < written; i++) {
        for (uint32_t k = 0; k < bindings[i].ref_count; k++) {
            count += bindings[i].refs[k].unconditional;
        }
    }
    module->certain =
        arena_array(module->check_arena, count, sizeof *module->certain);
    for (uint32_t i = 0; i < written; i++) {
        for (uint32_t k = 0; k < bindings[i].ref_count; k++) {
            const BindingRef *ref = &bindings[i].refs[k];
            if (ref->unconditional) {
                module->certain[module->certain_count++] =
                    (CertainRef){i, ref->module, ref->index};
            }
        }
    }
    // Modules as values refer to all that those offer, which others may, too.
    for (uint32_t i = written; i < module->binding_count; i++) {
        if (bindings[i].ref_count > 0) {
            module->certain[module->certain_count++] =
                (CertainRef){i, bindings[i].refs[0].module, INDEX_NONE};
        }
    }
}

void resolver_each(const Resolver *r, uint32_t count, RangeFunction *body,
                   void *ctx)
{
    enum { BYTES_PER_BINDING = 16 };
    uint64_t grain = stretch_grain(r->program) / BYTES_PER_BINDING;
    if (r->worker != NULL && grain > 0 && count >= 2 * grain) {
        // None may be left out.
        parallel_for(r->worker, NULL, count, grain, body, ctx);
    } else {
        body(ctx, 0, count, NULL);
    }
}

static void resolve_module(Resolver *r)
{
    Module *module = r->module;
    resolver_declare(r);
    resolver_import(r);
    resolver_bodies(r);
    module->bindings = r->bindings.items;
    module->binding_count = r->bindings.count;
    resolver_groups(r);
    resolver_warn_unused(r);
    module->names_lazy = r->names_lazy;
    resolver_release(r);
    local_env_trim(&r->work->env);
}

void resolving_module(void *ctx, Module *module, Worker *worker)
{
    const Resolving *resolving = ctx;
    Program *program = resolving->program;
    int64_t start_ns = module_clock_ns(module);
    if (worker != NULL) {
        module_prefetch(module); // mostly, another worker has parsed it
    }
    module_enter(program, module, worker);
    Resolver r = {
        .program = program,
        .module = module,
        .worker = worker,
        .work = &resolving->work[worker == NULL ? 0 : worker_index(worker)],
        .arena = module->arena,
        .sink = &module->diags,
        .quiet = resolver_is_lazy(module),
        .closed = module->ast.has_dollar && !resolver_is_lazy(module)
                      ? 0
                      : EXPR_CLOSED,
        // An expression may name all of the file that it stands beside.
        .all_used = module->is_outer,
        .names_lazy = resolver_is_lazy(module),
    };
    r.work->stamp++;
    resolve_module(&r);
    if (program->notes_certain) {
        note_certain(module);
    }
    module_note_pass(module, TIMED_RESOLVE, start_ns, worker);
}

void resolving_end(Resolving *resolving, bool complete)
{
    if (complete) {
        mark_needed(resolving->program);
    }
    for (uint32_t i = 0; i < resolving->worker_count; i++) {
        resolver_release_work(&resolving->work[i]);
    }
    free(resolving->work);
    free(resolving);
}

void resolve_program(Program *program)
{
    Resolving *resolving = resolving_begin(program);
    module_flow_run(program, (ModuleStage){resolving_module, resolving});
    resolving_end(resolving,
                  program->token == NULL ||
                      cancel_token_reason(program->token) == CANCEL_NONE);
}
