// Calls out of the ordinary, growth of the stacks, bindings on demand.
#include <stdlib.h>

#include "eval/direct.h"
#include "eval/machine_internal.h"
#include "eval/stored_values.h"

// ---- room

static bool count_bytes(Machine *m, uint64_t bytes)
{
    HeapBudget *budget = &m->evaluation->budget;
    uint64_t before = fetch_add_relaxed(&budget->bytes, bytes);
    m->counted_bytes += bytes;
    return before + bytes <= budget->limit_bytes;
}

static void set_frame_end(Machine *m)
{
    m->frame_end =
        m->frames +
        (m->frame_capacity < m->depth_end ? m->frame_capacity : m->depth_end);
}

static bool grow_frames(Machine *m)
{
    uint32_t number = machine_frame_number(m);
    if (number + 1 >= m->depth_end) {
        return machine_fail_depth(m);
    }
    if (number + 1 >= m->frame_capacity) {
        uint64_t bytes = (uint64_t)m->frame_capacity * sizeof(Frame);
        if (!count_bytes(m, bytes)) {
            return machine_fail_memory(m);
        }
        m->frame_capacity *= 2;
        m->frames = mem_realloc(m->frames, m->frame_capacity, sizeof(Frame));
        m->frame = m->frames + number;
    }
    set_frame_end(m);
    return true;
}

static bool grow_stack(Machine *m, uint64_t top)
{
    enum { EXTRA_VALUES = 256 };
    uint64_t capacity = (uint64_t)(m->stack_end - m->stack);
    uint64_t wanted = capacity * 2;
    if (wanted < top + EXTRA_VALUES) {
        wanted = top + EXTRA_VALUES;
    }
    if (wanted > UINT32_MAX ||
        !count_bytes(m, (wanted - capacity) * sizeof(Value))) {
        return machine_fail_memory(m);
    }
    m->stack = mem_realloc(m->stack, wanted, sizeof(Value));
    m->stack_end = m->stack + wanted;
    memset(m->stack + capacity, 0, (wanted - capacity) * sizeof(Value));
    return true;
}

bool machine_make_room(Machine *m, uint64_t top)
{
    if (m->frame + 1 >= m->frame_end && !grow_frames(m)) {
        return false;
    }
    return top <= (uint64_t)(m->stack_end - m->stack) || grow_stack(m, top);
}

// ---- steps

static void grant_fuel(Machine *m, int64_t total)
{
    m->fuel = total < MACHINE_QUANTUM ? total : MACHINE_QUANTUM;
    m->steps_left = total - m->fuel;
}

bool machine_refuel(Machine *m)
{
    int64_t total = machine_steps_left(m);
    if (total < 0) {
        return machine_fail_steps(m);
    }
    if (m->heap->over_limit) {
        return machine_fail_memory(m);
    }
    if (cancel_token_poll(m->builtins.token) != CANCEL_NONE ||
        (m->is_chunk && !machine_chunk_goes_on(m))) {
        return machine_cancel(m);
    }
    grant_fuel(m, total);
    m->split_due = true;
    return true;
}

bool machine_safepoint(Machine *m, uint64_t top)
{
    if (m->heap->collect_due || m->heap->over_limit) {
        machine_collect(m, top);
    }
    return machine_refuel(m);
}

// ---- applying

static ApplyOutcome apply_partial(Machine *m, const PartialObject *partial,
                                  uint32_t base, uint32_t count)
{
    uint64_t top = (uint64_t)base + count + partial->count;
    if (!machine_make_room(m, top)) {
        return APPLY_FAILED;
    }
    Value *args = m->stack + base;
    memmove(args + partial->count, args, count * sizeof(Value));
    memcpy(args, partial->args, partial->count * sizeof(Value));
    return APPLY_ENTER;
}

// More arguments than parameters: those left over wait in a frame of their
// own, below that of the call.
static ApplyOutcome apply_over(Machine *m, const Code *code, uint32_t base,
                               uint32_t count, Apply *apply)
{
    uint64_t top = (uint64_t)base + count + code->arity;
    if (!machine_make_room(m, top)) {
        return APPLY_FAILED;
    }
    memcpy(m->stack + base + count, m->stack + base,
           code->arity * sizeof(Value));
    m->frame++;
    *m->frame = (Frame){.base = base + code->arity,
                        .kind = FRAME_APPLY,
                        .extra = (uint16_t)(count - code->arity)};
    apply->base = base + count;
    apply->kind = FRAME_APPLIED;
    return APPLY_ENTER;
}

ApplyOutcome machine_apply(Machine *m, Value function, uint32_t base,
                           uint32_t count, Apply *apply)
{
    if (function.tag == VALUE_PARTIAL) {
        const PartialObject *partial = function.as.partial;
        if (apply_partial(m, partial, base, count) == APPLY_FAILED) {
            return APPLY_FAILED;
        }
        count += partial->count;
        function = partial->function;
    }
    if (function.tag != VALUE_FUNCTION) {
        UNREACHABLE(); // the checker knows what is a function
    }
    const Code *code = function.as.function->code;
    *apply = (Apply){code, function.as.function, base, FRAME_CALL};
    if (count < code->arity) {
        m->result = machine_partial(m, function, m->stack + base, count);
        return APPLY_VALUE;
    }
    return count == code->arity ? APPLY_ENTER
                                : apply_over(m, code, base, count, apply);
}

// ---- compiling

void machine_prepare_compiling(Machine *m)
{
    Machine *root = m->root;
    if (root->constants == NULL) {
        root->constants = mem_calloc(1, sizeof *root->constants);
        root->compile_memory = compile_memory_new();
    }
}

CompileTarget machine_compile_target(Machine *m, Arena *arena)
{
    Machine *root = m->root;
    machine_prepare_compiling(m);
    return (CompileTarget){.arena = arena,
                           .heap = &root->code_heap,
                           .specializations = root->specializations,
                           .constants = root->constants,
                           .memory = root->compile_memory,
                           .worker = m->worker};
}

// ---- long literals

struct PartArena {
    Arena arena;
    uint32_t frame; // that runs the literal
    PartArena *outer;
};

static void parts_pop(Machine *m)
{
    PartArena *part = m->parts;
    m->parts = part->outer;
    arena_release(&part->arena);
    free(part);
}

void machine_parts_release(Machine *m)
{
    while (m->parts != NULL) {
        parts_pop(m);
    }
}

// The arena of the newest frame, empty: the part before has run.
static Arena *part_arena(Machine *m)
{
    uint32_t frame = machine_frame_number(m);
    while (m->parts != NULL && m->parts->frame > frame) {
        parts_pop(m);
    }
    if (m->parts != NULL && m->parts->frame == frame) {
        arena_clear(&m->parts->arena);
        return &m->parts->arena;
    }
    PartArena *part = mem_alloc(sizeof *part);
    *part = (PartArena){.frame = frame, .outer = m->parts};
    arena_init(&part->arena);
    m->parts = part;
    return &part->arena;
}

bool machine_list_part_directly(Machine *m, const ListParts *parts,
                                uint32_t number, Value *builder)
{
    int64_t left = machine_steps_left(m) - 1; // one for the part
    int64_t steps;
    if (left < 0 ||
        !direct_list_part(m, parts, number, left, builder, &steps)) {
        return false;
    }
    m->fuel -= 1 + steps;
    return true;
}

const Code *machine_list_part(Machine *m, const ListParts *parts,
                              uint32_t number)
{
    Arena *arena = part_arena(m);
    CompileTarget target = machine_compile_target(m, arena);
    bool alone;
    const Code *code =
        compile_list_part(m->evaluation, &target, parts, number, &alone);
    if (!alone) {
        arena_adopt(m->root->arena, arena);
    }
    if (code == NULL && m->is_chunk) {
        m->status = MACHINE_STOPPED; // the parent will find the same
    } else if (code == NULL) {
        compile_report_size(m->evaluation, parts->slot);
        m->status = MACHINE_FAILED;
        m->failed_on = NULL;
    }
    return code;
}

// ---- bindings

static int64_t time_now(const Machine *m)
{
    return m->evaluation->timed ? clock_monotonic_ns() : 0;
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
                                           .start_ns = time_now(m),
                                           .helped_ns = m->helped_ns,
                                           .spread_ns = m->spread_ns});
    m->helped_ns = m->spread_ns = 0;
    machine_enter_heap(m);
    m->depth_end = number + 1 + limits->max_depth;
    set_frame_end(m);
    grant_fuel(m, (int64_t)limits->max_steps);
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

DemandOutcome machine_begin(Machine *m, Slot *slot)
{
    const Module *module = m->evaluation->program->modules[slot->module];
    const Binding *binding = &module->bindings[slot->index];
    if (slot->times != NULL) {
        slot->times->worker = worker_index(m->worker);
    }
    if (m->evaluation->constants && binding->kind == BINDING_INPUT) {
        return refuse(m, slot);
    }
    if (binding->value == NULL) {
        machine_report_input(m, slot);
        return refuse(m, slot);
    }
    if (module->groups[binding->group].failed) {
        return refuse(m, slot);
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

// The value is there as soon as the binding is compiled.
static bool needs_no_run(const Machine *m, const Slot *slot)
{
    const Module *module = m->evaluation->program->modules[slot->module];
    const Binding *binding = &module->bindings[slot->index];
    return binding_is_literal(module, binding) ||
           (binding->value != NULL && binding->value->kind == EXPR_LAMBDA);
}

// Waits for a slot that somebody runs, unless that waits for this one.
static DemandOutcome wait_for(Machine *m, Slot *self, Slot *slot)
{
    if (self != NULL && machine_closes_cycle(self, slot)) {
        machine_report_cycle(m, self);
        return DEMAND_FAILED;
    }
    if (slot_wait(slot, m->evaluation->token) == SLOT_DONE) {
        return DEMAND_DONE;
    }
    m->status = m->is_chunk ? MACHINE_STOPPED : MACHINE_FAILED;
    m->failed_on = slot;
    return DEMAND_FAILED;
}

DemandOutcome machine_demand(Machine *m, Slot *slot)
{
    SlotState state = slot_state(slot);
    if (state == SLOT_DONE) {
        return DEMAND_DONE;
    }
    if (m->is_chunk && !needs_no_run(m, slot)) {
        m->status = MACHINE_STOPPED;
        return DEMAND_FAILED;
    }
    Slot *self = m->activations.count > 0 ? machine_activation(m)->slot : NULL;
    if (self != NULL) {
        store_seq_cst(&self->demands, slot);
    }
    DemandOutcome outcome =
        slot_claim(slot) ? machine_begin(m, slot) : wait_for(m, self, slot);
    if (self != NULL && outcome == DEMAND_DONE) {
        store_seq_cst(&self->demands, NULL);
    }
    return outcome;
}

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
    m->activations.count--;
    m->frame--;
    if (m->activations.count > 0) {
        activation = machine_activation(m);
        store_seq_cst(&activation->slot->demands, NULL);
        m->depth_end = activation->frame + 1 + m->evaluation->limits.max_depth;
        set_frame_end(m);
        grant_fuel(m, activation->steps_left);
    }
}

void machine_abandon(Machine *m)
{
    machine_loops_cancel(m);
    m->decoding = 0;
    Slot *cause = m->failed_on;
    bool cancelled = m->status == MACHINE_CANCELLED;
    int64_t left = machine_steps_left(m);
    while (m->activations.count > 0) {
        Activation *activation = machine_activation(m);
        Slot *slot = activation->slot;
        account(m, activation, left);
        slot->failed_dependency = cancelled || cause != NULL;
        slot->failed_on = cancelled ? NULL : cause;
        cause = slot;
        m->activations.count--;
        if (m->activations.count > 0) {
            left = machine_activation(m)->steps_left;
        }
        slot_fail(slot);
    }
    m->frame = m->frames;
    machine_leave_heaps(m);
}
