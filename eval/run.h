// Evaluation of a program: one slot per top-level binding, one task per
// needed binding. Edges are the unconditional references; what evaluation
// reaches beyond them is demanded when it is reached.
//
// A slot is claimed by one worker (IDLE -> RUNNING) and ends DONE or FAILED.
// A worker that demands a slot which another one runs waits for it without
// running anything else: what it waits for depends on nothing that it holds,
// since references form a DAG. What closes a cycle beside them, through an
// instance of a class, does not wait but fails (eval/machine_cycles.c).
//
// Heaps: each worker has one heap for its tasks, one after the other
// (evaluation_heap), so that a tiny task costs no block of its own; what runs
// may be collected, what is published is frozen (eval/heap.h). All heaps live
// until evaluation_free(), so values may point across heaps.
//
// Ownership: values live in the heaps of the Evaluation.
// Threads:   as said at each function.
#ifndef LIGATURE_EVAL_RUN_H
#define LIGATURE_EVAL_RUN_H

#include "concurrent/cache_map.h"
#include "concurrent/pool.h"
#include "concurrent/thread.h"
#include "concurrent/trace.h"
#include "concurrent/worker_arenas.h"
#include "eval/builtin_api.h"
#include "eval/value.h"
#include "support/attributes.h"
#include "support/diag.h"
#include "syntax/module.h"

typedef enum SlotState {
    SLOT_IDLE,
    SLOT_RUNNING,
    SLOT_DONE,
    SLOT_FAILED // its diagnostics are in `diags`; or it was cancelled
} SlotState;

// When a slot was evaluated, for how long, and by whom.
typedef struct SlotTimes {
    int64_t start_ns; // monotonic start of its evaluation,
    int64_t work_ns;  // time in it, chunks on other workers included,
    int64_t span_ns;  // and along its critical path, were its loops split as
                      // often as they may be
    int64_t end_ns;   // monotonic end of its evaluation
    uint32_t worker;
    bool with_demander; // what demanded it counts its work and its span
} SlotTimes;

// Of a binding that somebody asks for.
typedef struct Slot {
    _Atomic(uint32_t) state;   // SlotState; release on DONE and FAILED pairs
                               // with the acquire of whoever reads `value`
    _Atomic(uint32_t) pending; // unconditional dependencies not yet done
    _Atomic(uint32_t) waiters; // workers parked on the state
    _Atomic(struct Slot *) demands; // RUNNING: by which it is held up, or NULL;
                                    // stays where that has failed
    uint32_t module, index;
    uint32_t task_number;   // run.c
    _Atomic(bool) needed;   // for the result; set while tasks run
    bool wanted;            // its value is part of the result
    bool reported;          // its diagnostics have been taken
    bool failed_dependency; // FAILED without a diagnostic of its own:
                            // see failed_on (NULL: it was cancelled)
    Value value;            // valid when DONE
    const Code *code;       // of the binding, when compiled (immutable then)
    // Not NULL: in no table of slots; the binding's function at dictionaries
    // that are known (eval/compile.h).
    const struct Specialization *specialization;
    DiagSink *diags;        // when FAILED: owned by the slot; NULL when none
    uint64_t steps;         // used
    SlotTimes *times;       // when timed and of a binding; else NULL
    struct Slot *failed_on; // FAILED: the slot whose failure stopped this one
} Slot;

typedef struct EvaluationStats {
    uint64_t tasks_total, tasks_evaluated, tasks_cached, tasks_failed,
        tasks_cancelled;
    // Of the values: the same whoever evaluates them, and in which order.
    uint64_t steps_total, steps_most;
    WorkSpan all; // summed over tasks; longest dependency path
} EvaluationStats;

typedef struct WorkerHeap {
    _Alignas(CACHE_LINE) Heap heap;
} WorkerHeap;

typedef struct Machine Machine;

// Where the slot of a binding is; NULL until it is made. Release pairs with the
// acquire in evaluation_slot().
typedef _Atomic(Slot *) SlotPlace;

typedef struct Evaluation {
    Program *program;
    WorkerHeap *heaps; // by worker index
    uint32_t worker_count;
    SlotPlace **slots;   // by module id: an array by binding index; NULL while
                         // the module is not open
    WorkerArenas memory; // of those places, and of slots made with them
    Mutex lock;          // LOCK_CLIENT
    Arena late;          // of slots made later; guarded by the lock
    uint32_t capacity;   // modules that there is room for
    bool *settled; // by module id, of an evaluation by module: see eval/early.h
    HeapBudget budget;
    ShapeTable *shapes;
    struct RegexCache *regexes; // eval/regex.h
    CancelToken *token;
    CancelToken early; // the token of one that is opened by module: it may be
                       // stopped without the run
    _Atomic(int64_t) early_ns; // spent in it before evaluation_run(), where it
                               // is timed; relaxed
    CacheMap *value_cache;     // may be NULL
    _Atomic(struct Fingerprints *) fingerprints; // eval/value_cache.c; NULL
    _Atomic(uint32_t) fingerprints_begun;        // before they are needed
    _Atomic(uint32_t) value_tries, value_hits;   // of its lookups; relaxed
    CacheMap *expression_cache;                  // may be NULL
    const CtorInfo **ctors;  // by module id: array by Module.ctors index
    Machine **machines;      // by worker index, made on first use
    Limits limits;           // of the program
    struct Origins *origins; // NULL: nobody asks where values come from
    bool plain, compiles;    // as in EvaluationOptions
    bool constants; // what evaluates here are constants: inputs are refused
    bool fail_fast;
    bool timed;   // take times per task
    Trace *trace; // of chunks; NULL: none
    EvaluationStats stats;
} Evaluation;

typedef struct EvaluationOptions {
    CacheMap *value_cache, *expression_cache;
    bool fail_fast;
    bool timed;
    bool plain;     // code without optimisations, for tests to compare with
    bool compiles;  // all values: none straight off the tree (eval/direct.h)
    bool explains;  // where values come from: eval/origin.h. On one worker only
    Trace *trace;   // may be NULL
    bool by_module; // the program comes module by module: see below
} EvaluationOptions;

Evaluation *evaluation_new(Program *program, const EvaluationOptions *options);
void evaluation_free(Evaluation *evaluation);
// An evaluation by module begins with no module. Each may be opened when it is
// checked, by the worker that has it, those that it imports first and the
// prelude before all. False where there is no room for it while others run.
bool evaluation_open(Evaluation *evaluation, Module *module, Worker *worker);
// The program is complete: opens what is not open yet. By the main worker,
// while no other works on modules. False where values that nobody may need have
// taken too much of the memory: then the evaluation is to be freed.
MUST_USE bool evaluation_complete(Evaluation *evaluation);

// Evaluates what the program's entry modules yield: for each its final
// expression, or the record of its exported values without functions. Called
// once, by the main worker. False when something failed or was cancelled;
// diagnostics go to `diags`, sorted. out_results has room for one value per
// entry; they live as long as the evaluation.
bool evaluation_run(Evaluation *evaluation, DiagSink *diags,
                    Value *out_results);

// The same for bindings that are no functions, in the order given, instead of
// what the entry modules yield: their values are in their slots.
typedef struct BindingPlace {
    uint32_t module, index;
} BindingPlace;
bool evaluation_run_bindings(Evaluation *evaluation,
                             const BindingPlace *bindings, uint32_t count,
                             DiagSink *diags);

// Whether memory ran out, as `diags` tell, which the evaluation said, or
// nearly, while several workers had values in it at once, or with values that
// nobody may need: then another evaluation has the last word, which one worker
// begins with nothing (pool_end_threads()), so that what fits does not depend
// on how many there are.
bool evaluation_was_crowded(const Evaluation *evaluation,
                            const DiagSink *diags);

// How many bindings the result needs unconditionally. Main thread, while no
// task runs, after evaluation_run().
uint64_t evaluation_task_count(Evaluation *evaluation);

// The slots that the result needs unconditionally, literals too, with `needed`
// and `task_number` set: dependencies before dependents, whether or not they
// have run. Main thread, while no task runs. The caller frees the array.
uint32_t evaluation_needed(Evaluation *evaluation, Slot ***out_slots);

// A plain literal: its value is there without code, and stands wherever the
// name does. In a module that is stored nobody knows what it is.
static inline bool binding_is_literal(const Module *module,
                                      const Binding *binding)
{
    const Expr *value = binding->value;
    return binding->kind == BINDING_LET && value != NULL &&
           value->kind >= EXPR_UNIT && value->kind <= EXPR_STRING &&
           value->flags == EXPR_CLOSED && value->note == ELAB_NONE &&
           module->stored == NULL;
}

// Bindings that compute a value have a slot from the beginning, others when it
// is asked for: most are functions and literals, for which nobody does.
Slot *evaluation_make_slot(Evaluation *evaluation, uint32_t module,
                           uint32_t index);
static inline Slot *evaluation_slot(Evaluation *evaluation, uint32_t module,
                                    uint32_t index)
{
    Slot *slot = load_acquire(&evaluation->slots[module][index]);
    return LIKELY(slot != NULL)
               ? slot
               : evaluation_make_slot(evaluation, module, index);
}

// Whether a function has to run before it is there: its refinement says
// something of it as a whole. One that is recursive is there from the beginning
// and checked as a constant only: the predicate may call it.
static inline bool binding_awaits_check(const Binding *binding)
{
    return !binding->rec && binding->value != NULL &&
           expr_awaits_check(binding->value);
}

// Whether the binding has a value and is no function.
static inline bool binding_has_value(const Binding *binding)
{
    return !binding->is_function &&
           (binding->value != NULL || binding->kind == BINDING_INPUT);
}

// Whether that has to be computed: it is no literal either.
static inline bool binding_computes(const Module *module,
                                    const Binding *binding)
{
    return binding_has_value(binding) && !binding_is_literal(module, binding);
}

// ---- for the machine

// The heap that `worker` allocates in.
static inline Heap *evaluation_heap(Evaluation *evaluation,
                                    const Worker *worker)
{
    return &evaluation->heaps[worker_index(worker)].heap;
}
// The slot's sink, made on first use.
DiagSink *slot_diags(Slot *slot);

// True: the caller runs the slot now and must call slot_done or slot_fail.
bool slot_claim(Slot *slot);
void slot_done(Slot *slot, Value value);
void slot_fail(Slot *slot);
// Waits until a slot that another worker runs is DONE or FAILED.
SlotState slot_wait(Slot *slot, Evaluation *evaluation, const Worker *worker);
// Now and then, where the worker holds nothing out of the expression cache:
// what was evicted from it is dropped when all that run have said so.
static inline void evaluation_quiesce(const Evaluation *evaluation,
                                      const Worker *worker)
{
    if (evaluation->expression_cache != NULL) {
        cache_map_quiesce(evaluation->expression_cache, worker_index(worker));
    }
}
static inline SlotState slot_state(Slot *slot)
{
    // Acquire: pairs with the release in slot_done and slot_fail.
    return (SlotState)load_acquire(&slot->state);
}

#endif
