#include "eval/early.h"

#include "eval/direct.h"
#include "eval/machine.h"

// Of longer modules many bindings can be evaluated beside each other.
#define SOURCE_MAX ((size_t)16 << 10)

static bool is_settled(const Evaluation *evaluation, const Module *module)
{
    const bool *settled = evaluation->settled;
    bool all = !module->broken && module->diags.error_count == 0 &&
               module->check_sites.count == 0 &&
               module->data_checks.count == 0 &&
               (module->id == MODULE_PRELUDE || settled[module->outer]);
    for (uint32_t i = 0; i < module->import_count; i++) {
        all &= settled[module->imports[i]];
    }
    return all;
}

bool early_open(Evaluation *evaluation, Module *module, Worker *worker)
{
    uint32_t m = module->id;
    if (m >= evaluation->capacity || evaluation->slots[m] == NULL) {
        if (!evaluation_open(evaluation, module, worker)) {
            return false;
        }
        evaluation->settled[m] = is_settled(evaluation, module);
    }
    return evaluation->settled[m];
}

static void note_times(Slot *slot, int64_t start_ns, const Worker *worker)
{
    if (slot->times != NULL) {
        int64_t now = clock_monotonic_ns();
        *slot->times = (SlotTimes){.start_ns = start_ns,
                                   .end_ns = now,
                                   .work_ns = now - start_ns,
                                   .span_ns = now - start_ns,
                                   .worker = worker_index(worker)};
    }
}

static void evaluate(Machine *machine, const Module *module, Slot *slot,
                     const Worker *worker)
{
    const Binding *binding = &module->bindings[slot->index];
    int64_t start_ns = slot->times != NULL ? clock_monotonic_ns() : 0;
    Value value;
    if (binding->kind != BINDING_INPUT &&
        !module->groups[binding->group].failed &&
        direct_binding(machine, slot, &value)) {
        note_times(slot, start_ns, worker);
        slot_done(slot, value);
    }
}

static void evaluate_all(Evaluation *evaluation, const Module *module,
                         Worker *worker)
{
    Machine *machine = machine_of(evaluation, worker);
    SlotPlace *places = evaluation->slots[module->id];
    for (uint32_t g = 0; g < module->group_count; g++) {
        const BindingGroup *group = &module->groups[g];
        for (uint32_t i = 0; i < group->member_count; i++) {
            Slot *slot = load_relaxed(&places[group->members[i]]);
            if (slot != NULL) { // it computes something
                evaluate(machine, module, slot, worker);
            }
        }
    }
}

void early_module(Evaluation *evaluation, Module *module, Worker *worker)
{
    bool may = early_open(evaluation, module, worker);
    if (may && !module->is_std && module->stored == NULL &&
        module->source.text.len <= SOURCE_MAX) {
        int64_t start_ns = module_clock_ns(module);
        evaluate_all(evaluation, module, worker);
        if (evaluation->timed) {
            (void)fetch_add_relaxed(&evaluation->early_ns,
                                    module_clock_ns(module) - start_ns);
        }
    }
}
