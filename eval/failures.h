// Why bindings have failed, and what is said of it.
//
// A binding fails of itself, with diagnostics in its slot, or because one that
// it waited for has failed; that leads to the one whose failure it is. Which
// one that is follows from the program alone: eval/machine_bindings.c.
//
// Threads: the main worker, while no task runs.
#ifndef LIGATURE_EVAL_FAILURES_H
#define LIGATURE_EVAL_FAILURES_H

#include "eval/run.h"

// The slot whose own diagnostics say why `slot` has failed. Without any it was
// cancelled, or the check has reported it.
Slot *failure_cause(Slot *slot);
// Adds copies of those to `diags`. A slot may be the cause of many: what it
// says is taken once.
void failure_report(Slot *slot, DiagSink *diags);

#endif
