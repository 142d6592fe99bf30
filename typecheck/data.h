// Data against types: the inverse of printing a value (LANGUAGE.md section 7).
// The literal that JSON, YAML, TOML or --input gave is read at a type and
// becomes an elaborated expression: constructors from their names, Some and
// None, tuples, maps, floats, what is left out filled in. Every place that
// does not fit is reported, with its path. Refinements are left for
// eval/data_checks.h, in Module.data_checks.
//
// Ownership: what is built lives in the arena of the module whose binding it
//            is for; parts that stay as they are are shared with the literal.
// Threads:   the owner of the Infer; the literal is only read.
#ifndef LIGATURE_TYPECHECK_DATA_H
#define LIGATURE_TYPECHECK_DATA_H

#include "typecheck/infer_internal.h"

// The type of data that has no annotation; reports what has no single one.
Type *data_infer(Infer *c, Binding *binding);
// Replaces the value of the binding, which has `data`, by what the data is at
// `type`. `why` is where the type stands, or NULL.
void data_check(Infer *c, Binding *binding, Type *type, const Expect *why);
// Whether what a field gets that is left out is a constant by itself.
bool data_is_constant_fill(const Infer *c, const FieldFill *fill);

#endif
