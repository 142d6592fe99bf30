// What patterns cover: exhaustiveness of a match with examples of the values
// that it misses, arms that are never reached, and patterns that may fail
// where none may. Maranget, "Warnings for pattern matching", JFP 17 (2007).
//
// Called once the patterns are known to fit their scrutinee's type: the
// constructors in them are resolved (REF_CTOR) and integer literals of type
// Float carry EXPR_AS_FLOAT. Patterns that do not fit (reported by the
// checker) make these functions say nothing.
//
// Ownership: diagnostics go to the sink given; nothing else outlives a call.
// Threads:   any worker; reads the program, writes the sink only.
#ifndef LIGATURE_TYPECHECK_PATTERNS_H
#define LIGATURE_TYPECHECK_PATTERNS_H

#include "syntax/module.h"

// Reports values that no arm covers (E0301), arms and alternatives that are
// never reached (W0301), names that are nearly constructors (W0302), and a
// match that is too large to decide (E0610).
// False when it reported an error.
bool patterns_check_match(const Program *program, const Module *module,
                          const Match *match, DiagSink *diags);

// Reports (E0302) a pattern that some value of its type does not match. False
// when it did. `place` completes "a pattern of ... must not fail": "a let",
// "a parameter", "a for".
bool patterns_check_irrefutable(const Program *program, const Module *module,
                                const Pattern *pattern, const char *place,
                                DiagSink *diags);

#endif
