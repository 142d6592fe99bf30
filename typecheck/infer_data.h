// Data modules and imports of data with a type.
#ifndef LIGATURE_TYPECHECK_INFER_DATA_H
#define LIGATURE_TYPECHECK_INFER_DATA_H

#include "typecheck/infer_group.h"
#include "typecheck/infer_records.h"

// The type of an untyped JSON literal, which is elaborated for it.
Type *infer_data(Infer *c, Expr *value);
// A JSON literal against a type (E0505): None for null, plain values where an
// Option is expected, maps, tuples and constructors from what they print as.
// `annotation` is where the type stands in the importing module; empty for
// none.
void infer_check_data(Infer *c, Expr *value, Type *type, Span annotation);
// What makes a field that the data leaves out None.
const FieldFill *infer_optional_fill(Infer *c, Symbol name, Span span);
// An import with a type of a data module: makes the member's value a copy of
// the literal. Leaves other members as they are.
void infer_take_import(Infer *c, Member *member);

#endif
