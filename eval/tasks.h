// The tasks of an evaluation: one per needed binding, which runs when its
// unconditional references are done. Literals need none. They start while the
// walk over the references still finds others.
//
// Ownership: tasks live while tasks_run() runs.
// Threads:   called by the main worker; tasks run on the evaluation's pool.
#ifndef LIGATURE_EVAL_TASKS_H
#define LIGATURE_EVAL_TASKS_H

#include "eval/run.h"
#include "support/vec.h"

typedef VEC(Slot *) SlotVec;

static inline Binding *slot_binding(const Evaluation *evaluation,
                                    const Slot *slot)
{
    return program_binding(evaluation->program, slot->module, slot->index);
}

// How many references the value is made of. What a stored one was made of is
// not needed.
static inline uint32_t tasks_ref_count(const Evaluation *evaluation,
                                       const Slot *slot)
{
    const Module *module = evaluation->program->modules[slot->module];
    return module->stored != NULL ? 0 : module->bindings[slot->index].ref_count;
}

// The first unconditional dependency of the slot, from its reference *next_ref
// on, that is not done; *next_ref is behind it then. NULL: there is none.
// Any worker.
Slot *tasks_next_unmet(Evaluation *evaluation, const Slot *slot,
                       uint32_t *next_ref);

// Runs a claimed slot whose unconditional dependencies are done, on any worker.
void tasks_evaluate(Evaluation *evaluation, Slot *slot, Worker *worker);

// Runs what the roots need. False when something failed; diagnostics go to
// `diags`, sorted.
bool tasks_run(Evaluation *evaluation, const SlotVec *roots, DiagSink *diags);

// Appends what the roots need and what is not marked as needed yet, marked:
// dependencies before dependents, in an order that depends on the program
// alone.
void tasks_collect(Evaluation *evaluation, const SlotVec *roots,
                   SlotVec *out_slots);

#endif
