// The machine: runs compiled register code on an explicit frame stack that
// grows on the heap, so that depth is a number and never the C stack.
//
// One machine per worker and nesting level of parallel loops; frames of
// bindings that are demanded on the way run on the same stack, each with its
// own step budget and depth.
//
// Ownership: a machine owns its stack. Results live in the worker's heap
//            (evaluation_heap).
// Threads:   one owner at a time.
#ifndef LIGATURE_EVAL_MACHINE_H
#define LIGATURE_EVAL_MACHINE_H

#include "eval/run.h"

Machine *machine_new(Evaluation *evaluation, Worker *worker);
void machine_free(Machine *machine);
// The worker's machine of the evaluation, made on first use.
Machine *machine_of(Evaluation *evaluation, Worker *worker);
// Adds what it counted to the statistics of the caches. NULL is a no-op.
void machine_count_hits(Machine *machine);

// Evaluates the binding of `slot`, which the caller has claimed: compiles it
// when needed, runs it, and ends with slot_done or slot_fail (diagnostics in
// slot_diags(slot) with place, code and call chain, innermost first).
void machine_run_slot(Machine *machine, Slot *slot);
// The same for a claimed slot that is in no table, with code that is compiled
// already and belongs to somebody else; `argument`, which may be NULL, is its
// parameter.
void machine_run_code(Machine *machine, Slot *slot, const Code *code,
                      const Value *argument);

#endif
