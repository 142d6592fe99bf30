// A function and what it is applied to, while that is checked.
//
// Ownership: an Application lives on the stack of apply().
// Threads:   of the Infer.
#ifndef LIGATURE_TYPECHECK_INFER_CALLS_H
#define LIGATURE_TYPECHECK_INFER_CALLS_H

#include "typecheck/infer_internal.h"

// An argument: an expression still to be checked, or a type alone (of what
// stands before a |>, which is inferred already).
typedef struct Arg {
    Expr *expr; // NULL when only the type is known
    Type *type; // NULL: not inferred yet
    Span span;
} Arg;

// Calls of up to so many arguments need nothing from an arena, and of so many
// the types of those that do not fit are kept.
#define FEW_ARGS 4u

// f applied to arguments. Where f has a scheme, that is left as it is at first:
// what is expected and the arguments say what its bound variables stand for.
typedef struct Application {
    Expr *callee;
    Type *callee_type; // a type of the scheme while there is an instance
    Arg *args;
    uint32_t count;
    Instance *instance; // NULL: none
    bool wants;         // what the instance wants is still to be wanted
    uint32_t wanted;    // c->wanted.count before
    Type **params;      // by argument; of the scheme while there is an instance
    Type *few_params[FEW_ARGS];
    Type *misfits[FEW_ARGS]; // by argument: what it is instead; or NULL
    Span span;
} Application;

// ---- infer_calls_report.c

// The name of what is called; 0: none.
Symbol infer_callee_name(const Expr *callee);
// Says that several arguments may have been meant to be a tuple, once.
void infer_help_tuple(Infer *c, Diag *diag, const Expr *callee);
// Of more than `taken` arguments.
void infer_report_arguments(Infer *c, const Application *app, uint32_t taken);

// ---- infer_rows.c

// Unifies `node`, a record of the scheme that ends in a bound variable, with
// the record `found`, of which more is still to be known. What is left of it
// for the variable is not made: where many functions take their fields out of
// one wide record, that is all of it each time. False where they are to be
// unified as a whole, else *out_fits says whether they fit.
bool infer_match_row(Infer *c, Instance *instance, const Type *node,
                     Type *found, bool *out_fits);

// ---- infer_known_calls.c

// What was found in the call of one argument last, if nothing went wrong.
void infer_remember_call(Infer *c, const Application *app, Type *result);
// Of a function with this scheme, or another one.
static inline KnownCall *infer_known_call(Infer *c, const Scheme *scheme)
{
    return &c->known_calls[(uintptr_t)scheme / sizeof *scheme % KNOWN_CALLS];
}

// Whether an argument is checked against a type in the same way as it is
// inferred, where that type has a variable at the place of `param`.
bool infer_arg_first(const Expr *arg, const Type *param);
// The result of a call of one argument, where that is of the type that it was
// before: nothing else is to be found out. Else NULL, and *out_found is the
// type of the argument where it was inferred.
Type *infer_call_again(Infer *c, Expr *call, Type *expected, Type **out_found);

// ---- infer_swapped.c

// Arguments did not fit, and `first_diag` is the first that was said of them
// (with `errors` before it): where two of them are swapped, that is said
// instead, and no argument is where it belongs. True then.
bool infer_swapped(Infer *c, const Application *app, uint32_t first_diag,
                   uint32_t errors);

#endif
