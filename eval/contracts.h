// Functions that met an annotation with refinements: each is wrapped in one
// that checks its arguments and its result (Findler & Felleisen, "Contracts
// for higher-order functions", 2002). All wrappers of one check stand in a
// table, which each of them is given first, and then the function; the wrapped
// function is a partial application of the two.
//
// Ownership: nodes live in the compiler's arena.
// Threads:   nodes are immutable once compiled.
#ifndef LIGATURE_EVAL_CONTRACTS_H
#define LIGATURE_EVAL_CONTRACTS_H

#include "eval/value.h"
#include "syntax/elab.h"

// A CheckShape as it is walked for functions.
typedef struct WrapNode WrapNode;
struct WrapNode {
    CheckKind kind;
    bool wraps; // there are functions in it
    const Symbol *fields;
    WrapNode **parts; // NULL: no functions
    const uint32_t *starts;
    uint32_t count;
    // FUNCTION: `params` of them are left after `taken`. Wrapper `first` takes
    // all of them at once; where there are more that follow, wrapper
    // first + 1 + i takes parameter i alone, for functions that return
    // functions.
    uint32_t first;
    uint32_t params, taken;
    bool by_steps;
};

// Of a function's chain of parameters, so many can be taken one by one.
#define WRAP_STEPS_MAX 8u

#endif
