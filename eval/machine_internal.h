// What the files machine*.c share: the stacks and how they stop.
#ifndef LIGATURE_EVAL_MACHINE_INTERNAL_H
#define LIGATURE_EVAL_MACHINE_INTERNAL_H

#include "eval/code.h"
#include "eval/compile.h"
#include "eval/contracts.h"
#include "eval/decode.h"
#include "eval/machine.h"

typedef enum FrameKind {
    FRAME_CALL,
    FRAME_MEMO,    // a call whose result is remembered: machine_memo.h
    FRAME_APPLIED, // a call whose result is applied to more arguments: an
                   // APPLY frame lies below it
    FRAME_APPLY,   // holds these arguments; runs nothing
    FRAME_BINDING, // of a top-level binding: its result ends a slot
    FRAME_CHUNK    // where a chunk of a parallel loop begins
} FrameKind;

typedef struct Frame {
    const uint64_t *ip; // where it goes on; behind the instruction of a call
    const Code *code;
    const FunctionObject *closure;
    uint32_t base;  // first register, in Machine.stack
    uint16_t kind;  // FrameKind
    uint16_t extra; // APPLY: how many arguments
} Frame;

// A binding that runs on this machine. The newest is the one that runs; each
// was demanded by the one below it.
typedef struct Activation {
    Slot *slot;
    uint32_t frame;     // of kind BINDING
    int64_t steps_left; // of those below the newest,
    int64_t looks_left; // Machine.looks_left and
    int64_t look_from;  // Machine.look_from of the one below
    int64_t start_ns;
    int64_t demanded_ns; // spent in bindings that it demanded
    int64_t helped_ns;   // Machine.helped_ns and
    int64_t spread_ns;   // Machine.spread_ns of the one below
    Heap *outer_heap;    // Machine.heap of the one below
} Activation;

// A binding that the newest one waits for, by way of those before it, and that
// waits for its own dependencies: claimed, and not begun.
typedef struct Awaiting {
    Slot *slot;
    uint32_t next_ref; // to be looked at
    uint32_t level;    // activations that there were
} Awaiting;

// How a run of the loop ends.
typedef enum MachineStatus {
    MACHINE_DONE,      // result in Machine.result
    MACHINE_FAILED,    // the newest binding has failed
    MACHINE_CANCELLED, // by the token
    MACHINE_STOPPED    // a chunk met what only its parent may decide
} MachineStatus;

typedef struct Chunk Chunk; // machine_chunk.h
typedef struct LoopFamily LoopFamily;

// Where a loop that may be split was when a quantum of steps had passed.
typedef struct LoopMark {
    uint32_t frame;
    const uint64_t *ip; // NULL: none
    int64_t index;
    // Where it is timed: when that was, and the longest that it took from one
    // mark of the loop to the next.
    int64_t ns, longest_ns;
    long preemptions; // of this thread, when last asked
} LoopMark;

typedef struct MachineMemo MachineMemo; // machine_memo.h
typedef struct CheckMemo CheckMemo;     // check_walk.h
typedef struct PartArena PartArena;     // machine_calls.c

struct Machine {
    Evaluation *evaluation;
    Worker *worker;
    Heap *heap;               // of what runs: see machine_collect.c
    Heap *base_heap;          // of the binding, or the chunk, at the bottom
    Heap own_heap;            // of a chunk
    Heap code_heap;           // of a root: constants of code, never collected
    VEC(Heap *) demand_heaps; // of bindings above the first, by their depth
    const FunctionObject *entering; // to be called, while fuel is granted
    Value *stack;                   // everything up to stack_end is a value
    Value *stack_end;
    Frame *frames;
    Frame *frame;     // the newest
    Frame *frame_end; // pushing at it needs machine_make_room()
    uint32_t frame_capacity;
    uint32_t depth_end; // frame number that the newest binding must not reach
    uint64_t counted_bytes; // of the stacks, in the budget
    int64_t fuel;           // steps until the next look at limits and token
    int64_t steps_left;     // beyond the fuel
    int64_t looks_left;     // of the newest binding, see machine_max_looks()
    int64_t look_from;      // machine_steps_left() when the walk of a check
                            // began, or went on; -1: none is at work
    VEC(Activation) activations;
    VEC(Awaiting) awaiting; // the last is what the newest activation waits for
    MachineStatus status;   // why the loop was left
    Value result;
    const uint64_t *fail_ip; // instruction of the failure, in the newest frame
    Slot *failed_on;         // the slot that it demanded in vain
    BuiltinContext builtins;
    int64_t builtin_steps;
    Arena *arena; // of code: the root machine's
    Arena own_arena;
    Specializations *specializations; // of a root
    ConstantCache *constants;         // of a root; NULL until it is used
    CompileMemory *compile_memory;    // of a root; likewise,
    struct DirectMemory *direct;      // as is this: see direct.h
    VEC(Symbol) names;                // of a record that is being put together
    VEC(Value) values;
    MachineMemo *memo; // NULL until it is used
    CheckMemo *checks; // NULL until there is one; where constants are looked
                       // at, what fails goes on, and nothing is remembered
    PartArena *parts;  // of code that is run once; the newest frame's first
    // Parallel loops
    bool split_due;       // a quantum has passed: look whether splitting pays
    bool is_chunk;        // speculative: demands nothing, reports nothing
    Chunk *chunk;         // that it runs
    LoopFamily *families; // of loops that were split, innermost first
    LoopMark mark;
    const Slot
        *burnt; // its loops burnt the steps that were left: split no more
    int64_t helped_ns; // work of chunks less the time spent waiting for them
    int64_t spread_ns; // work that more workers could do meanwhile: all of a
                       // loop but its longest stretch between two marks
    Machine *root;     // of this worker
    Machine *spare;    // chain of machines for chunks, from the root on
    uint32_t nesting;  // of a root: chunks that run on this worker
    uint32_t decoding; // DECODE walks at work, which point into the heap: it is
                       // not collected meanwhile
};

#define MACHINE_QUANTUM (HEAP_STRESS ? 1 : 1024)

// Steps that the newest binding may still take.
static inline int64_t machine_steps_left(const Machine *m)
{
    return m->steps_left + m->fuel;
}

// How much of a value a comparison or a check looks at depends on what is known
// to be one object, or to have passed, and that on who evaluates what. Steps
// are the same for all, so those looks are no steps: they have this limit.
static inline int64_t machine_max_looks(const Machine *m)
{
    enum { LOOKS_PER_STEP = 4 };
    uint64_t steps = m->evaluation->limits.max_steps;
    return steps < INT64_MAX / LOOKS_PER_STEP ? (int64_t)steps * LOOKS_PER_STEP
                                              : INT64_MAX;
}

static inline void machine_grant_fuel(Machine *m, int64_t total)
{
    m->fuel = total < MACHINE_QUANTUM ? total : MACHINE_QUANTUM;
    m->steps_left = total - m->fuel;
}

static inline uint32_t machine_frame_number(const Machine *m)
{
    return (uint32_t)(m->frame - m->frames);
}
static inline Activation *machine_activation(Machine *m)
{
    return &m->activations.items[m->activations.count - 1];
}

static inline void machine_set_frame_end(Machine *m)
{
    m->frame_end =
        m->frames +
        (m->frame_capacity < m->depth_end ? m->frame_capacity : m->depth_end);
}

// ---- machine_calls.c

// Room for one more frame and for `top` values of the stack (which may move).
// False: depth or memory is exceeded (reported, status set).
MUST_USE bool machine_make_room(Machine *m, uint64_t top);
// At the end of the fuel, with `m->fuel` below 0: grants more, or fails.
MUST_USE bool machine_refuel(Machine *m);
// The same where the heap may be collected: see machine_collect().
MUST_USE bool machine_safepoint(Machine *m, uint64_t top);

typedef enum ApplyOutcome {
    APPLY_FAILED,
    APPLY_VALUE, // m->result
    APPLY_ENTER  // call what *out_apply says
} ApplyOutcome;
typedef struct Apply {
    const Code *code;
    const FunctionObject *closure;
    uint32_t base;
    uint16_t kind; // of the frame to push
} Apply;
// Applies any function value to `count` arguments at stack[base].
ApplyOutcome machine_apply(Machine *m, Value function, uint32_t base,
                           uint32_t count, Apply *out_apply);

// Adds the items of a part of a list literal to the builder, without code where
// that can be done; else false.
MUST_USE bool machine_list_part_directly(Machine *m, const ListParts *parts,
                                         uint32_t number, Value *builder);
// Code of a part of a list literal: good until the next one in this frame.
// NULL: it is too large (reported, status set).
MUST_USE const Code *machine_list_part(Machine *m, const ListParts *parts,
                                       uint32_t number);
void machine_parts_release(Machine *m);
// Makes what a root keeps for compiling, where it is not there yet.
void machine_prepare_compiling(Machine *m);
// Where code goes that the machine's worker compiles.
CompileTarget machine_compile_target(Machine *m, Arena *arena);

// ---- machine_bindings.c

typedef enum DemandOutcome {
    DEMAND_DONE,
    DEMAND_PUSHED,
    DEMAND_FAILED // status set
} DemandOutcome;
// Makes sure that `slot` is done, or pushes the frame of its binding or of one
// that it waits for: then it is to be demanded again.
DemandOutcome machine_demand(Machine *m, Slot *slot);
// Starts a claimed slot whose unconditional dependencies are done: a function
// is done at once.
DemandOutcome machine_begin(Machine *m, Slot *slot);
// The newest binding has its value; pops its frame.
void machine_finish(Machine *m, Value value);
// All bindings on the machine fail.
void machine_abandon(Machine *m);

// ---- machine_collect.c

// Collects what has been allocated by what runs. Values below the end of the
// newest frame, or below stack[top], stay; m->entering does, too. C code that
// holds other pointers into the heap does not survive this.
COLD void machine_collect(Machine *m, uint64_t top);
// What runs is at its end: nothing but *value is needed any more, and that will
// not move again.
void machine_settle(Machine *m, Value *value);
static inline void machine_use_heap(Machine *m, Heap *heap)
{
    m->heap = heap;
    m->builtins.heap = heap;
}
// For the newest activation, which has just begun.
void machine_enter_heap(Machine *m);
// All activations have been given up.
void machine_leave_heaps(Machine *m);
void machine_release_heaps(Machine *m);

// ---- machine_cycles.c

// Whether `slot` is held up by `self`, which says that it is by `slot`.
bool machine_closes_cycle(const Slot *self, Slot *slot);
COLD void machine_report_cycle(Machine *m, Slot *self);

// ---- machine.c

// Runs from the newest frame until the binding or chunk at the bottom ends.
MachineStatus machine_loop(Machine *m);

// ---- machine_setup.c

void machine_init(Machine *m, Evaluation *evaluation, Worker *worker);

// ---- machine_errors.c: set status FAILED and return false; in a chunk, set
// STOPPED and say nothing.

COLD bool machine_fail_arithmetic(Machine *m, const uint64_t *ip,
                                  const Value *registers);
// machine_checks.c: true where a constant was looked at, and more may be said.
COLD bool machine_fail_check(Machine *m, const uint64_t *ip,
                             const Value *registers);
// A diagnostic of the newest binding at the instruction `ip`, or NULL in a
// chunk: its parent will meet the same failure.
COLD Diag *machine_begin_failure(Machine *m, const uint64_t *ip, DiagCode code,
                                 Str message);
// The call that led to the newest frame; false where nobody is to be shown.
COLD bool machine_caller(const Machine *m, const Source **out_source,
                         Span *out_span);
// The same at `span` in the code of the caller, for which machine_caller() was
// true.
COLD Diag *machine_begin_caller_failure(Machine *m, DiagCode code, Str message,
                                        Span span);
COLD bool machine_fail_builtin(Machine *m, const uint64_t *ip);
COLD bool machine_fail_steps(Machine *m);
COLD bool machine_fail_memory(Machine *m);
COLD bool machine_fail_depth(Machine *m);
// An input that was not given.
COLD void machine_report_input(Machine *m, Slot *slot);
COLD bool machine_cancel(Machine *m);

// ---- machine_values.c

// `count` values from `parts` on, as text, joined; `parts` are overwritten.
MUST_USE bool machine_concat(Machine *m, Value *parts, uint32_t count,
                             Value *out);
// The same where all are strings and integers and short together; else false.
MUST_USE bool machine_concat_short(Heap *heap, const Value *parts,
                                   uint32_t count, Value *out);
// `text`, in parentheses where `value` as an argument needs them.
MUST_USE bool machine_parentheses(Machine *m, Value text, Value value,
                                  Value *out);
// The texts of a record's fields as the text of `record`, which has these
// fields in another order, perhaps.
MUST_USE bool machine_record_text(Machine *m, Value texts, Value record,
                                  Value *out);
// The values of a plan, given where they begin or the list is.
static inline Value *plan_values(const RecordPlan *plan, Value *first)
{
    return plan->in_list ? (Value *)first->as.list->items : first;
}
MUST_USE bool machine_update(Machine *m, RecordPlan *plan, const Value *values,
                             Value *out);
MUST_USE bool machine_list_get(Machine *m, Value index, Value list, Value *out);
// A loop over a rope begins with the end 0, because it may end early: only once
// a part of it has been walked through, all becomes an array, of the end that
// there is. Whether there is more of it, and the next item.
static inline bool machine_has_rope(const Value *state)
{
    return list_is_rope(state[0].as.list) &&
           state[1].as.integer < value_list_count(state[0]);
}
Value machine_next_in_rope(Machine *m, Value *state);
// <0, 0, >0; false when it had to stop.
MUST_USE bool machine_compare(Machine *m, Value a, Value b, bool equality,
                              int *out_order);
Value machine_closure(Machine *m, const Code *code, const Value *captured,
                      uint32_t count);
Value machine_partial(Machine *m, Value function, const Value *args,
                      uint32_t count);
uint32_t machine_switch(const SwitchTable *table, Value value);
MUST_USE bool machine_builtin(Machine *m, const uint64_t *ip, Builtin builtin,
                              const Value *args, Value *out);

// DECODE_NEXT; with DECODE_CALL, *out is the word to go on at.
DecodeOutcome machine_decode(Machine *m, const uint64_t *ip, DecodeWalk *walk,
                             Value *out);

// ---- machine_contracts.c

// The value with its functions wrapped, by the wrappers in `table`.
MUST_USE bool machine_wrap(Machine *m, const WrapNode *node, Value table,
                           Value value, Value *out);

// ---- machine_parallel.c

// At the LOOP_SPLIT at `ip`: hands some of the items that are left to others
// where that pays.
void machine_loop_split(Machine *m, const uint64_t *ip);
// Where the items of a LOOP_SPLIT end: takes over what a chunk has made of
// those behind them.
typedef enum LoopEnd {
    LOOP_ENDS,
    LOOP_GOES_ON, // there are items left that no chunk has done
    LOOP_STOP     // the machine stops: status set
} LoopEnd;
LoopEnd machine_loop_end(Machine *m, const uint64_t *ip);
// At a LOOP_LEAVE: what chunks have done does not count. False in a chunk,
// which ends there: status set.
MUST_USE bool machine_loop_leave(Machine *m, const uint64_t *ip);
// After a step of a LOOP_SUM in a chunk.
static inline void machine_note_sum(Value *sum)
{
    int64_t now = sum[0].as.integer;
    int64_t least = sum[1].as.integer;
    int64_t greatest = sum[2].as.integer;
    sum[1].as.integer = now < least ? now : least;
    sum[2].as.integer = now > greatest ? now : greatest;
}
// Stops all chunks of this machine and waits for them.
void machine_loops_cancel(Machine *m);
const LoopFamily *machine_outer_family(const LoopFamily *family);
// The list that a split loop builds; NULL when there is none yet, or the loop
// is in a frame below `first_frame`.
ListBuffer *machine_family_builder(Machine *m, const LoopFamily *family,
                                   uint32_t first_frame);

// ---- machine_chunk.c

// Adds up the steps that the chunks of a loop use. False when they are over
// what is left of the limit together: the owner will most likely fail, so they
// should not burn more.
MUST_USE bool machine_chunk_goes_on(Machine *m);

#endif
