// The marks that git leaves where two changes of a text could not be merged.
//
// Threads: any, each module by one.
#ifndef LIGATURE_SYNTAX_CONFLICT_H
#define LIGATURE_SYNTAX_CONFLICT_H

#include "syntax/module.h"

// Where the text could not be read and has such marks, says that in place of
// all diagnostics from `first` on, with the code of the first of them, and
// leaves nothing of what was read.
void conflict_report(Module *module, uint32_t first);

#endif
