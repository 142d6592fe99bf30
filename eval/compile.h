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

typedef struct CompileTarget {
    Arena *arena; // of the code
    Heap *heap;   // of constants
} CompileTarget;

// Code of a binding: with arity 0 it computes the value; else it is the
// function that the value is. NULL when the function is too large, with a
// diagnostic in slot_diags().
const Code *compile_binding(Evaluation *evaluation, const CompileTarget *target,
                            Slot *slot);

#endif
