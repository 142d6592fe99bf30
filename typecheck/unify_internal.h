// What unify.c and unify_records.c share.
#ifndef LIGATURE_TYPECHECK_UNIFY_INTERNAL_H
#define LIGATURE_TYPECHECK_UNIFY_INTERNAL_H

#include "typecheck/unify.h"

// Notes why and returns false.
bool unify_fail(Unifier *unifier, UnifyFailure failure, Type *expected,
                Type *found);
bool unify_types(Unifier *unifier, Type *expected, Type *found, uint32_t depth);
// Of resolved records.
bool unify_records(Unifier *unifier, Type *expected, Type *found,
                   uint32_t depth);
// Binds a row variable to a record, or to another row variable or skolem.
bool unify_bind_row(Unifier *unifier, Type *var, Type *row);

#endif
