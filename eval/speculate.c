// What is certain is what the roots refer to without a condition: the tasks of
// the whole evaluation (eval/tasks.c), found from what the resolver noted,
// because the check adds to the references meanwhile.
#include "eval/speculate.h"

#include <stdlib.h>

#include "eval/early.h"
#include "eval/tasks.h"
#include "syntax/scope.h"

struct Speculation {
    Program *program;
    Evaluation *evaluation; // NULL until it starts
    size_t *first;          // by module: its bindings among all
    bool *certain; // by binding; both immutable while modules have their turn
};

// ---- what is certain

typedef struct Marking {
    Speculation *speculation;
    VEC(BindingRef) work;
    bool *offered; // by module: all that it offers is marked
} Marking;

static void mark(Marking *marking, uint32_t module, uint32_t index)
{
    Speculation *s = marking->speculation;
    bool *certain = &s->certain[s->first[module] + index];
    if (!*certain && !program_binding(s->program, module, index)->is_function) {
        *certain = true;
        vec_push(&marking->work,
                 (BindingRef){.module = module, .index = index});
    }
}

static void mark_offered(Marking *marking, uint32_t module)
{
    if (marking->offered[module]) {
        return;
    }
    marking->offered[module] = true;
    uint32_t count;
    const BindingRef *refs =
        scope_offered(marking->speculation->program->modules[module], &count);
    for (uint32_t i = 0; i < count; i++) {
        mark(marking, module, refs[i].index);
    }
}

// The first of the module's certain references from the binding, or behind.
static uint32_t first_certain(const Module *module, uint32_t from)
{
    uint32_t low = 0;
    uint32_t high = module->certain_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (module->certain[middle].from < from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void mark_roots(Marking *marking, const Module *module)
{
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        bool is_root = module->ast.result != NULL
                           ? binding->kind == BINDING_RESULT
                           : binding->exported;
        if (is_root) {
            mark(marking, module->id, i);
        }
    }
}

static void mark_certain(Speculation *s)
{
    Marking marking = {.speculation = s};
    marking.offered =
        mem_calloc((size_t)s->program->module_count + 1, sizeof(bool));
    for (uint32_t i = 0; i < s->program->entry_count; i++) {
        mark_roots(&marking, s->program->modules[s->program->entries[i]]);
    }
    while (marking.work.count > 0) {
        BindingRef at = vec_pop(&marking.work);
        const Module *module = s->program->modules[at.module];
        for (uint32_t i = first_certain(module, at.index);
             i < module->certain_count && module->certain[i].from == at.index;
             i++) {
            const CertainRef *ref = &module->certain[i];
            if (ref->index == INDEX_NONE) {
                mark_offered(&marking, ref->module);
            } else {
                mark(&marking, ref->module, ref->index);
            }
        }
    }
    vec_release(&marking.work);
    free(marking.offered);
}

// ---- the turn of a module

static void evaluate(Speculation *s, const Module *module, uint32_t index,
                     Worker *worker)
{
    const Binding *binding = &module->bindings[index];
    if (!s->certain[s->first[module->id] + index] ||
        !binding_computes(module, binding)) {
        return;
    }
    Slot *slot = evaluation_slot(s->evaluation, module->id, index);
    uint32_t first = 0;
    if (tasks_next_unmet(s->evaluation, slot, &first) == NULL &&
        slot_claim(slot)) {
        tasks_evaluate(s->evaluation, slot, worker);
    }
}

void speculation_module(void *ctx, Module *module, Worker *worker)
{
    Speculation *s = ctx;
    if (module->broken || module->diags.error_count > 0) {
        cancel_token_cancel(s->evaluation->token, CANCEL_FAILED);
    }
    if (cancel_token_reason(s->evaluation->token) != CANCEL_NONE) {
        return;
    }
    if (!early_open(s->evaluation, module, worker)) {
        return;
    }
    int64_t start_ns = module_clock_ns(module);
    for (uint32_t g = 0; g < module->group_count; g++) {
        const BindingGroup *group = &module->groups[g];
        for (uint32_t i = 0; i < group->member_count; i++) {
            evaluate(s, module, group->members[i], worker);
        }
    }
    if (s->evaluation->timed) {
        (void)fetch_add_relaxed(&s->evaluation->early_ns,
                                module_clock_ns(module) - start_ns);
    }
}

// ---- the whole

Speculation *speculation_begin(Program *program)
{
    Speculation *s = mem_calloc(1, sizeof *s);
    s->program = program;
    return s;
}

void speculation_start(Speculation *s, Evaluation *evaluation)
{
    const Program *program = s->program;
    size_t count = 0;
    s->evaluation = evaluation;
    s->first = mem_calloc(program->module_count, sizeof *s->first);
    for (uint32_t m = 0; m < program->module_count; m++) {
        s->first[m] = count;
        count += program->modules[m]->binding_count;
    }
    s->certain = mem_calloc(count + 1, sizeof *s->certain);
    mark_certain(s);
}

bool speculation_end(Speculation *s)
{
    bool fine = s->evaluation == NULL ||
                cancel_token_reason(s->evaluation->token) == CANCEL_NONE;
    free(s->first);
    free(s->certain);
    free(s);
    return fine;
}
