// Bindings on the machine: what runs one, what it waits for, how it ends.
//
// Which bindings fail, and of what, does not depend on who runs what when. Each
// is a process that waits for one other at a time: for its unconditional
// dependencies in the order of its references, then, while it runs, for what it
// demands in the order in which it gets there; the first that fails ends it.
// What it waits for next follows from the values of those before, so it is as
// in a network of processes (Kahn 1974): in each order in which they may take
// their turns, the same ones end with the same values or failures, and each of
// those that cannot end waits for the same other one. So what is left over is
// certain, too, and so are the cycles in it, which are what is reported:
// machine_cycles.c.
//
// A task runs when all its dependencies have ended, and fails with the first
// of them, by their order, that has failed (eval/tasks.c): what it waited for
// is the same. A binding that is demanded before that, or has no task, waits
// here (Machine.awaiting).
#include <stdlib.h>

#include "eval/direct.h"
#include "eval/machine_internal.h"
#include "eval/stored_values.h"
#include "eval/tasks.h"

// ---- beginning

static int64_t time_now(const Machine *m)
{
    return m->evaluation->timed ? clock_monotonic_ns() : 0;
}

// The binding that begins with frame `number` may have --max-depth more.
static void set_depth_end(Machine *m, uint32_t number)
{
    uint64_t end = (uint64_t)number + 1 + m->evaluation->limits.max_depth;
    m->depth_end = end < UINT32_MAX ? (uint32_t)end : UINT32_MAX;
    machine_set_frame_end(m);
}

static DemandOutcome push_binding(Machine *m, Slot *slot)
{
    const Limits *limits = &m->evaluation->limits;
    if (m->activations.count > 0) {
        machine_activation(m)->steps_left = machine_steps_left(m);
    }
    uint32_t number = machine_frame_number(m) + 1;
    vec_push(&m->activations, (Activation){.slot = slot,
                                           .frame = number,
                                           .looks_left = m->looks_left,
                                           .look_from = m->look_from,
                                           .start_ns = time_now(m),
                                           .helped_ns = m->helped_ns,
                                           .spread_ns = m->spread_ns});
    m->helped_ns = m->spread_ns = 0;
    machine_enter_heap(m);
    set_depth_end(m, number);
    machine_grant_fuel(m, (int64_t)limits->max_steps);
    m->looks_left = machine_max_looks(m);
    m->look_from = -1;
    const Frame *below = m->frame;
    uint64_t base =
        below->base + (below->code != NULL ? below->code->register_count : 0);
    if (!machine_make_room(m, base + slot->code->register_count)) {
        return DEMAND_FAILED;
    }
    m->frame++;
    *m->frame = (Frame){.ip = slot->code->words,
                        .code = slot->code,
                        .base = (uint32_t)base,
                        .kind = FRAME_BINDING};
    return DEMAND_PUSHED;
}

void machine_run_code(Machine *m, Slot *slot, const Code *code,
                      const Value *argument)
{
    m->status = MACHINE_DONE;
    m->failed_on = NULL;
    slot->code = code;
    bool pushed = push_binding(m, slot) == DEMAND_PUSHED;
    if (pushed && argument != NULL) {
        m->stack[m->frame->base] = *argument;
    }
    if (!pushed || machine_loop(m) != MACHINE_DONE) {
        machine_abandon(m);
    }
}

// The slot fails before it has run.
static DemandOutcome refuse(Machine *m, Slot *slot)
{
    slot->failed_dependency = slot->diags == NULL;
    slot_fail(slot);
    m->status = m->is_chunk ? MACHINE_STOPPED : MACHINE_FAILED;
    m->failed_on = slot;
    return DEMAND_FAILED;
}

// What an earlier run has found. The budget of constants is smaller than that
// of a run: where the value may have taken more, only evaluating would tell.
static DemandOutcome take_stored(Machine *m, const StoredModule *stored,
                                 Slot *slot)
{
    Evaluation *evaluation = m->evaluation;
    slot->steps = stored->steps[slot->index];
    if (stored->values[slot->index].data == NULL ||
        slot->steps > evaluation->limits.max_steps) {
        store_relaxed(&evaluation->program->doubts_stored, true);
        return refuse(m, slot);
    }
    slot_done(slot, stored_value_read(evaluation, stored->paths, &m->code_heap,
                                      stored->values[slot->index]));
    return DEMAND_DONE;
}

// Whether it fails whatever its value is: says why, where nobody has said it.
static bool is_refused(Machine *m, Slot *slot)
{
    const Module *module = m->evaluation->program->modules[slot->module];
    const Binding *binding = &module->bindings[slot->index];
    if (m->evaluation->constants && binding->kind == BINDING_INPUT) {
        return true;
    }
    if (binding->value == NULL) {
        machine_report_input(m, slot);
        return true;
    }
    return module->groups[binding->group].failed;
}

// Begins with what nobody else knows; what it waits for is done.
static DemandOutcome begin(Machine *m, Slot *slot)
{
    const Module *module = m->evaluation->program->modules[slot->module];
    if (slot->times != NULL) {
        slot->times->worker = worker_index(m->worker);
    }
    if (module->stored != NULL) {
        return take_stored(m, module->stored, slot);
    }
    Value constant;
    if (direct_binding(m, slot, &constant)) {
        slot_done(slot, constant);
        return DEMAND_DONE;
    }
    CompileTarget target = machine_compile_target(m, m->root->arena);
    target.runs_once = true;
    slot->code = compile_binding(m->evaluation, &target, slot, &constant);
    if (constant.tag != VALUE_FUNCTION) {
        slot_done(slot, constant);
        return DEMAND_DONE;
    }
    if (slot->code == NULL) {
        compile_report_size(m->evaluation, slot);
        return refuse(m, slot);
    }
    if (slot->code->arity > 0) {
        slot_done(slot, (Value){.tag = VALUE_FUNCTION,
                                .as.function = slot->code->function});
        return DEMAND_DONE;
    }
    return push_binding(m, slot);
}

DemandOutcome machine_begin(Machine *m, Slot *slot)
{
    return is_refused(m, slot) ? refuse(m, slot) : begin(m, slot);
}

// ---- demands

// The value is there as soon as the binding is compiled: it waits for nothing.
static bool needs_no_run(const Machine *m, const Slot *slot)
{
    const Module *module = m->evaluation->program->modules[slot->module];
    const Binding *binding = &module->bindings[slot->index];
    return binding_is_literal(module, binding) ||
           (binding->value != NULL && binding->value->kind == EXPR_LAMBDA &&
            !binding_awaits_check(binding));
}

static DemandOutcome demand_at_once(Machine *m, Slot *slot)
{
    if (slot_claim(slot)) {
        return machine_begin(m, slot);
    }
    if (slot_wait(slot, m->evaluation, m->worker) == SLOT_DONE) {
        return DEMAND_DONE;
    }
    m->status = m->is_chunk ? MACHINE_STOPPED : MACHINE_FAILED;
    m->failed_on = slot;
    return DEMAND_FAILED;
}

// Whether the newest binding is held up by what it demands.
static bool is_awaiting(const Machine *m)
{
    return m->awaiting.count > 0 &&
           vec_last(&m->awaiting).level == m->activations.count;
}

// Waits for a slot that somebody has claimed, unless that waits for `self`.
static bool wait_for(Machine *m, Slot *self, Slot *slot)
{
    SlotState state = slot_state(slot);
    if (state == SLOT_RUNNING && machine_closes_cycle(self, slot)) {
        machine_report_cycle(m, self);
        return false;
    }
    if (state == SLOT_RUNNING) {
        state = slot_wait(slot, m->evaluation, m->worker);
    }
    if (state == SLOT_DONE) {
        return true;
    }
    m->status = MACHINE_FAILED;
    m->failed_on = slot;
    return false;
}

// `self` is held up by `slot`: claims it, or waits for it. False: it failed.
static bool await(Machine *m, Slot *self, Slot *slot)
{
    store_seq_cst(&self->demands, slot);
    if (!slot_claim(slot)) {
        return wait_for(m, self, slot);
    }
    if (is_refused(m, slot)) {
        (void)refuse(m, slot);
        return false;
    }
    vec_push(&m->awaiting,
             (Awaiting){.slot = slot, .level = m->activations.count});
    return true;
}

// Goes on with what holds up the newest binding.
static DemandOutcome go_on(Machine *m)
{
    while (is_awaiting(m)) {
        Awaiting *top = &vec_last(&m->awaiting);
        Slot *slot = top->slot;
        Slot *next = tasks_next_unmet(m->evaluation, slot, &top->next_ref);
        if (next != NULL) {
            if (!await(m, slot, next)) {
                return DEMAND_FAILED;
            }
            continue;
        }
        store_seq_cst(&slot->demands, NULL);
        m->awaiting.count--;
        DemandOutcome outcome = begin(m, slot);
        if (outcome != DEMAND_DONE) {
            return outcome;
        }
    }
    store_seq_cst(&machine_activation(m)->slot->demands, NULL);
    return DEMAND_DONE;
}

DemandOutcome machine_demand(Machine *m, Slot *slot)
{
    if (slot_state(slot) == SLOT_DONE) {
        return DEMAND_DONE;
    }
    if (needs_no_run(m, slot)) {
        return demand_at_once(m, slot);
    }
    if (m->is_chunk) {
        m->status = MACHINE_STOPPED;
        return DEMAND_FAILED;
    }
    // Where it is held up already, what held it up has just ended.
    if (!is_awaiting(m) && !await(m, machine_activation(m)->slot, slot)) {
        return DEMAND_FAILED;
    }
    return go_on(m);
}

// ---- ending

// A binding that only a look at the data leads to is no task of its own: what
// it takes counts as its demander's.
static void account(Machine *m, Activation *activation, int64_t left)
{
    Slot *slot = activation->slot;
    slot->steps = m->evaluation->limits.max_steps - (uint64_t)left;
    if (!m->evaluation->timed) {
        return;
    }
    int64_t elapsed = time_now(m) - activation->start_ns;
    if (slot->times != NULL) {
        slot->times->start_ns = activation->start_ns;
        slot->times->end_ns = activation->start_ns + elapsed;
        slot->times->work_ns = elapsed - activation->demanded_ns + m->helped_ns;
        slot->times->span_ns = slot->times->work_ns - m->spread_ns;
    }
    bool is_demanded = m->activations.count > 1;
    if (is_demanded && !load_relaxed(&slot->needed)) {
        if (slot->times != NULL) {
            slot->times->with_demander = true;
        }
        activation[-1].demanded_ns += activation->demanded_ns;
        m->helped_ns += activation->helped_ns;
        m->spread_ns += activation->spread_ns;
        return;
    }
    m->helped_ns = activation->helped_ns;
    m->spread_ns = activation->spread_ns;
    if (is_demanded) {
        activation[-1].demanded_ns += elapsed;
        m->mark.ns += elapsed; // no stretch of the loop that demanded it
    }
}

void machine_finish(Machine *m, Value value)
{
    Activation *activation = machine_activation(m);
    account(m, activation, machine_steps_left(m));
    machine_settle(m, &value);
    machine_use_heap(m, activation->outer_heap);
    Slot *slot = activation->slot;
    if (slot->code->in_block) {
        free((void *)slot->code);
        slot->code = NULL;
    }
    slot_done(slot, value);
    m->looks_left = activation->looks_left;
    m->look_from = activation->look_from;
    m->activations.count--;
    m->frame--;
    if (m->activations.count > 0) {
        activation = machine_activation(m);
        if (!is_awaiting(m)) {
            store_seq_cst(&activation->slot->demands, NULL);
        }
        set_depth_end(m, activation->frame);
        machine_grant_fuel(m, activation->steps_left);
    }
}

// The newest that the machine has claimed.
static Slot *pop_claimed(Machine *m, int64_t *left)
{
    if (is_awaiting(m)) {
        return vec_pop(&m->awaiting).slot;
    }
    Activation *activation = machine_activation(m);
    account(m, activation, *left);
    m->activations.count--;
    if (m->activations.count > 0) {
        *left = machine_activation(m)->steps_left;
    }
    return activation->slot;
}

void machine_abandon(Machine *m)
{
    machine_loops_cancel(m);
    m->decoding = 0;
    Slot *cause = m->failed_on;
    bool cancelled = m->status == MACHINE_CANCELLED;
    int64_t left = machine_steps_left(m);
    while (m->activations.count > 0) {
        Slot *slot = pop_claimed(m, &left);
        slot->failed_dependency = cancelled || cause != NULL;
        slot->failed_on = cancelled ? NULL : cause;
        cause = slot;
        slot_fail(slot);
    }
    m->frame = m->frames;
    machine_leave_heaps(m);
}
