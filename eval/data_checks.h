// Refinements of imported data and given inputs, which are constants: checked
// before anything is evaluated. Every part that breaks one is reported, at its
// place in the data (E0505, E0504).
//
// Threads: called by the main worker.
#ifndef LIGATURE_EVAL_DATA_CHECKS_H
#define LIGATURE_EVAL_DATA_CHECKS_H

#include "eval/run.h"

// Whether the checked program has such parts.
bool data_checks_needed(const Program *program);
// False when one does not hold or could not be checked. With `without_inputs`
// what depends on an input that was not given is left alone.
bool data_checks_run(Evaluation *evaluation, bool without_inputs,
                     DiagSink *diags);

#endif
