// Unification of types as graphs (Huet 1976; levels after Rémy 1992; rows
// after Rémy 1994 and Leijen 2005, but without duplicate labels).
//
// Where a unification passes many nodes, equal nodes are linked to each
// other, so that shared graphs cost about their size and not that of the
// tree; a failed unification takes these links back, so that messages show
// the types as they were. What is equal by links alone may contain itself,
// which is looked for in the end.
//
// Threads: one owner; the types are those of its binding group.
#ifndef LIGATURE_TYPECHECK_UNIFY_H
#define LIGATURE_TYPECHECK_UNIFY_H

#include "support/vec.h"
#include "typecheck/type.h"

typedef enum UnifyFailure {
    UNIFY_MISMATCH,
    UNIFY_FIELDS,  // records with different fields
    UNIFY_ENDLESS, // a type would contain itself
    UNIFY_RIGID,   // a skolem would have to be another type
    UNIFY_ESCAPE,  // a skolem would leave its binding
    UNIFY_LITERAL  // an integer literal would have to be no number
} UnifyFailure;

typedef struct Unifier {
    TypeStore *store;
    Arena *scratch;
    // Whether a literal may have this type (an instance of Num, or not yet
    // known).
    bool (*literal_fits)(void *ctx, Type *type);
    // Asked once in a while where much is done; may be NULL.
    bool (*goes_on)(void *ctx);
    void *ctx;

    // Of the last failure: the innermost types that do not fit.
    UnifyFailure failure;
    Type *expected;
    Type *found;

    uint32_t steps;
    VEC(Type *) linked;
} Unifier;

void unifier_release(Unifier *unifier);
// False after noting why.
MUST_USE bool unify(Unifier *unifier, Type *expected, Type *found);
// The type of field `name` of `record` (resolved: a record or a variable),
// which is extended where it is open; NULL when it cannot have the field.
Type *unify_field(Unifier *unifier, Type *record, Symbol name, uint32_t level);
// The field of a resolved record, and its end as in type_record_find().
RecordField *unify_find(Unifier *unifier, Type *record, Symbol name,
                        Type **out_tail);
// Adds fields, sorted by name, that the record whose end the variable `tail` is
// does not have. False after noting why.
MUST_USE bool unify_extend(Unifier *unifier, Type *tail, RecordField *fields,
                           uint32_t count, uint32_t level);
// Lowers the levels of the variables in `type` to `level` at most.
void unify_lower(Unifier *unifier, Type *type, uint32_t level);
// True when the types are the same already; binds nothing.
bool types_equal(Type *a, Type *b);

#endif
