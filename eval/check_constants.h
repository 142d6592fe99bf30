// Constants that meet a refinement, looked at before anything is evaluated,
// also in functions that never run: a value that depends on no input and on
// no local around it, and is there within CONSTANT_STEPS, is checked now, and
// reported at its place (E0218) where it breaks the refinement. So are regular
// expressions written as literals (E0221). Whatever else goes wrong on the way
// is silent: then it is for the evaluation to say.
//
// Expressions that have passed are marked (EXPR_CHECKED), so that nobody
// checks them again.
//
// Threads: called by the main worker, between checking and evaluating; uses
//          the pool. Diagnostics go to the modules' sinks, in source order.
#ifndef LIGATURE_EVAL_CHECK_CONSTANTS_H
#define LIGATURE_EVAL_CHECK_CONSTANTS_H

#include "syntax/module.h"

// Of the value, and once more of the predicates of each of its parts.
#define CONSTANT_STEPS 10000

// By module, whether code of it may be run though there are errors: not where a
// class or an instance that it sees has one, because evidence for it lacks what
// was wrong. (Binding groups with errors stop whoever comes to them.) The
// caller frees it.
bool *constants_may_run(const Program *program);
// False when something was reported.
bool check_constants(Program *program);

#endif
