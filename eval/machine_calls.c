// Calls out of the ordinary, growth of the stacks, parts of long literals.
#include <stdlib.h>

#include "eval/direct.h"
#include "eval/machine_internal.h"

// ---- room

static bool count_bytes(Machine *m, uint64_t bytes)
{
    HeapBudget *budget = &m->evaluation->budget;
    heap_forgo(m->heap);
    uint64_t before = fetch_add_relaxed(&budget->bytes, bytes);
    m->counted_bytes += bytes;
    return before + bytes <= budget->limit_bytes;
}

static bool grow_frames(Machine *m)
{
    uint32_t number = machine_frame_number(m);
    if (number + 1 >= m->depth_end) {
        return machine_fail_depth(m);
    }
    if (number + 1 >= m->frame_capacity) {
        uint64_t bytes = (uint64_t)m->frame_capacity * sizeof(Frame);
        if (m->frame_capacity > UINT32_MAX / 2 || !count_bytes(m, bytes)) {
            return machine_fail_memory(m);
        }
        m->frame_capacity *= 2;
        m->frames = mem_realloc(m->frames, m->frame_capacity, sizeof(Frame));
        m->frame = m->frames + number;
    }
    machine_set_frame_end(m);
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
    evaluation_quiesce(m->evaluation, m->worker);
    machine_grant_fuel(m, total);
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
        root->constants = constant_cache_new();
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
