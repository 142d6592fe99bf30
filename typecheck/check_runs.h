// The binding groups of one module as tasks: runs of groups that lie together,
// each begun when those that it refers to are done.
//
// Ownership: everything ends up where the Infer given has its results.
// Threads:   called by the worker that checks the module, which waits for the
//            others.
#ifndef LIGATURE_TYPECHECK_CHECK_RUNS_H
#define LIGATURE_TYPECHECK_CHECK_RUNS_H

#include "typecheck/infer.h"

// Infers the groups that are needed. Stops early when the run is cancelled.
void check_groups(Infer *infer);

#endif
