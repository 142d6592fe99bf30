// Totality: recursions that are not shown to end (LANGUAGE.md section 6), by
// the size-change principle over these measures of arguments: the size of
// data, integers that fall towards a bound or rise to one, the distance of
// two of them, and the absolute value for `/` and `%`.
//
// Sound rather than complete: what is accepted ends, given that what it calls
// does. A recursive function that is passed on as a value is followed into
// the list functions of the standard library and nowhere else.
//
// Ownership: diagnostics go to the sink given; nothing else outlives a call.
// Threads:   any worker; reads the tree of the group, writes the sink only.
#ifndef LIGATURE_TYPECHECK_TOTALITY_H
#define LIGATURE_TYPECHECK_TOTALITY_H

#include "syntax/module.h"

// Helper functions of other modules are followed as those of the module are,
// so what is said may depend on more than their interfaces.
typedef struct TotalityReads {
    bool other_code;  // of modules that are not of the standard library
    bool stored_code; // which is not there: Module.stored
} TotalityReads;

// Reports W0601 (E0609 with --totality strict, nothing when unchecked) for
// the recursions of the module's groups, unless they failed, and for each
// `let rec` inside their bindings, and for its unions that lead to themselves
// on the left of '->'. Called once they are checked: notes say which operators
// work on integers, and which instances are used.
TotalityReads totality_check_module(const Program *program,
                                    const Module *module, DiagSink *diags);

#endif
