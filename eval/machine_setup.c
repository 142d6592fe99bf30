// Machines: making, freeing, and running a slot.
#include <stdlib.h>

#include "eval/check_walk.h"
#include "eval/machine_internal.h"
#include "eval/machine_memo.h"

void machine_init(Machine *m, Evaluation *evaluation, Worker *worker)
{
    enum { FIRST_VALUES = 256, FIRST_FRAMES = 32 };
    *m = (Machine){
        .evaluation = evaluation,
        .worker = worker,
        .base_heap = evaluation_heap(evaluation, worker),
        .root = m,
    };
    heap_init(&m->own_heap, &evaluation->budget);
    heap_init(&m->code_heap, &evaluation->budget);
    m->stack = mem_calloc(FIRST_VALUES, sizeof(Value));
    m->stack_end = m->stack + FIRST_VALUES;
    m->frames = mem_alloc(FIRST_FRAMES * sizeof(Frame));
    m->frame_capacity = FIRST_FRAMES;
    m->frame = m->frames; // number 0 runs nothing
    *m->frame = (Frame){.kind = FRAME_APPLY};
    const Module *prelude = evaluation->program->modules[MODULE_PRELUDE];
    const CtorInfo *ctors = evaluation->ctors[MODULE_PRELUDE];
    m->builtins = (BuiltinContext){
        .shapes = evaluation->shapes,
        .token = evaluation->token,
        .worker = worker,
        .regexes = evaluation->regexes,
        .explains = evaluation->origins != NULL,
        .steps = &m->builtin_steps,
        .looks = &m->looks_left,
    };
    for (uint32_t i = 0; i < prelude->ctor_count; i++) {
        Symbol name = prelude->ctors[i].name;
        if (name == SYM_SOME) {
            m->builtins.some = &ctors[i];
        } else if (name == SYM_NONE) {
            m->builtins.none = &ctors[i];
        } else if (name == SYM_LT) {
            m->builtins.orderings = &ctors[i]; // LT, EQ, GT
        }
    }
    machine_use_heap(m, m->base_heap);
    arena_init(&m->own_arena);
    m->arena = &m->own_arena;
}

static void release_machine(Machine *m)
{
    machine_memo_release(m);
    check_memo_free(m->checks);
    machine_parts_release(m);
    constant_cache_free(m->constants);
    free(m->direct);
    compile_memory_free(m->compile_memory);
    free(m->stack);
    free(m->frames);
    vec_release(&m->activations);
    vec_release(&m->awaiting);
    machine_release_heaps(m);
    vec_release(&m->names);
    vec_release(&m->values);
    (void)fetch_add_relaxed(&m->evaluation->budget.bytes, -m->counted_bytes);
    arena_release(&m->own_arena);
}

Machine *machine_new(Evaluation *evaluation, Worker *worker)
{
    Machine *m = mem_alloc(sizeof *m);
    machine_init(m, evaluation, worker);
    m->specializations = specializations_new();
    return m;
}

void machine_free(Machine *m)
{
    if (m == NULL) {
        return;
    }
    while (m->spare != NULL) {
        Machine *next = m->spare->spare;
        release_machine(m->spare);
        free(m->spare);
        m->spare = next;
    }
    specializations_free(m->specializations);
    release_machine(m);
    free(m);
}

void machine_run_slot(Machine *m, Slot *slot)
{
    m->status = MACHINE_DONE;
    m->failed_on = NULL;
    DemandOutcome outcome = machine_begin(m, slot);
    // It fails where there is no memory for its registers, too.
    if (outcome == DEMAND_FAILED ||
        (outcome == DEMAND_PUSHED && machine_loop(m) != MACHINE_DONE)) {
        machine_abandon(m);
    }
}

Machine *machine_of(Evaluation *evaluation, Worker *worker)
{
    Machine **machine = &evaluation->machines[worker_index(worker)];
    if (*machine == NULL) {
        *machine = machine_new(evaluation, worker);
    }
    return *machine;
}
