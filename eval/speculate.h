// Evaluates what the result certainly needs while other modules are checked:
// module by module, each when it is checked and those that it imports have had
// their turn. What is done here evaluation_run() finds done; what is not, for
// whatever reason, it does itself. So nothing that is said depends on it, and
// where the program turns out to have errors the whole evaluation is dropped.
//
// Left alone are modules in which, or in imports of which, something is still
// open after the check (constants and data that refinements restrict).
//
// Ownership: the evaluation is the caller's.
// Threads:   begin, start and end by the main worker; the stage by any worker,
//            once for each module (syntax/module_flow.h).
#ifndef LIGATURE_EVAL_SPECULATE_H
#define LIGATURE_EVAL_SPECULATE_H

#include "eval/run.h"

typedef struct Speculation Speculation;

Speculation *speculation_begin(Program *program);
// All modules are resolved, with Module.certain, and none has had its turn;
// `evaluation` was made with EvaluationOptions.by_module.
void speculation_start(Speculation *speculation, Evaluation *evaluation);
void speculation_module(void *speculation, Module *module, Worker *worker);
// True when all modules have had their turn and were in order as far as is
// known: the evaluation is ready for evaluation_run().
bool speculation_end(Speculation *speculation);

#endif
