// Values of bindings as soon as their module is checked, while its tree lies in
// the caches of whoever has checked it. Nobody knows yet what is needed, so
// only that is done which costs about as much as to look at it: what can be
// walked (eval/direct.h) in modules that are short. All else, and what fails,
// is left to evaluation_run(), which finds the values there; so nothing that is
// said depends on it, and where the program turns out to have errors the whole
// evaluation is dropped.
//
// Left alone are modules in which, or in imports of which, something is still
// open after the check (constants and data that refinements restrict).
//
// Threads: any worker, once for each module, after those that it imports and
//          the prelude.
#ifndef LIGATURE_EVAL_EARLY_H
#define LIGATURE_EVAL_EARLY_H

#include "eval/run.h"

void early_module(Evaluation *evaluation, Module *module, Worker *worker);
// Opens the module in its turn, if that was not done. True: its bindings may be
// evaluated.
bool early_open(Evaluation *evaluation, Module *module, Worker *worker);

#endif
