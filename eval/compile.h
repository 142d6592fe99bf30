// Typed, elaborated trees to register code, one binding at a time and lazily:
// whoever first needs a binding compiles it.
//
// Ownership: everything lives in the arena and the heap given, which must
//            outlive the evaluation's values.
// Threads:   reads the immutable program; arena and heap are the caller's.
#ifndef LIGATURE_EVAL_COMPILE_H
#define LIGATURE_EVAL_COMPILE_H

#include "eval/code.h"
#include "eval/run.h"

// A function that takes dictionaries, with these known: it is compiled once
// more without them, so that arithmetic in it is arithmetic. Each has a slot
// of its own (Slot.specialization).
typedef struct Specialization {
    const Evidence *const *evidence; // closed
    uint32_t count;
} Specialization;

// Those that one machine's code refers to.
typedef struct Specializations Specializations;
Specializations *specializations_new(void);
void specializations_free(Specializations *table);

typedef struct CompileTarget {
    Arena *arena; // of the code
    Heap *heap;   // of constants
    Specializations *specializations;
} CompileTarget;

// Code of a binding: with arity 0 it computes the value; else it is the
// function that the value is. NULL when the function is too large, with a
// diagnostic in slot_diags().
const Code *compile_binding(Evaluation *evaluation, const CompileTarget *target,
                            Slot *slot);

#endif
