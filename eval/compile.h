// Typed, elaborated trees to register code, one binding at a time and lazily:
// whoever first needs a binding compiles it.
//
// Ownership: everything lives in the arena and the heap given, which must
//            outlive the evaluation's values.
// Threads:   reads the immutable program; arena and heap are the caller's.
#ifndef LIGATURE_EVAL_COMPILE_H
#define LIGATURE_EVAL_COMPILE_H

#include "eval/code.h"
#include "eval/constant_cache.h"
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

// Memory that one compilation leaves to the next one of the same worker.
typedef struct CompileMemory CompileMemory;
CompileMemory *compile_memory_new(void);
void compile_memory_free(CompileMemory *memory);

typedef struct CompileTarget {
    Arena *arena; // of the code
    Heap *heap;   // of constants
    Specializations *specializations;
    ConstantCache *constants; // of the heap
    CompileMemory *memory;    // may be NULL
    Worker *worker;           // that compiles; NULL: nobody helps it
    bool runs_once;           // code that is no function comes as Code.in_block
} CompileTarget;

// Code of a binding: with arity 0 it computes the value; else it is the
// function that the value is. NULL when the function is too large. A value that
// is known without code goes to *out_constant, whose tag is VALUE_FUNCTION
// otherwise.
const Code *compile_binding(Evaluation *evaluation, const CompileTarget *target,
                            Slot *slot, Value *out_constant);

// Code of arity 0 that makes the list of the items of one part. `*out_alone`:
// it is all that lies in the arena, and no value refers to it once it has run.
// NULL as above.
const Code *compile_list_part(Evaluation *evaluation,
                              const CompileTarget *target,
                              const ListParts *parts, uint32_t number,
                              bool *out_alone);

// Says in slot_diags() that a function of the binding is too large.
void compile_report_size(const Evaluation *evaluation, Slot *slot);

// compile_data.c. Parts of the data that is the value of the slot's binding:
// the value where it is a constant; code for it; and code of arity 1 that
// stops with E0405 where its argument breaks one of the refinements. NULL
// where it would be too large.
bool compile_data_constant(Evaluation *evaluation, const CompileTarget *target,
                           Slot *slot, const Expr *expr, Value *out);
const Code *compile_data_value(Evaluation *evaluation,
                               const CompileTarget *target, Slot *slot,
                               const Expr *expr);
const Code *compile_data_check(Evaluation *evaluation,
                               const CompileTarget *target, Slot *slot,
                               const RefinementCheck *check);

// For eval/check_constants.c: the value of `expr`, part of the slot's binding,
// without the checks that its own note asks for; false as above.
bool compile_unchecked_constant(Evaluation *evaluation,
                                const CompileTarget *target, Slot *slot,
                                const Expr *expr, Value *out);
// A function that says of a value, which has no functions in it, whether it
// passes: the same in all bindings where no predicate uses their locals.
const Code *compile_quiet_check(Evaluation *evaluation,
                                const CompileTarget *target, Slot *slot,
                                const RefinementCheck *check);
// Code for eval/check_constants.c: the value of `expr`, part of the slot's
// binding, and the check of it, which says what is wrong and goes on. NULL
// where the expression uses locals that are not its own.
const Code *compile_constant_check(Evaluation *evaluation,
                                   const CompileTarget *target, Slot *slot,
                                   const Expr *expr,
                                   const RefinementCheck *check);

#endif
