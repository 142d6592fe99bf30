// Where values meet refined types: what is left to check when the types fit.
//
// An annotation is carried down an expression as far as its form allows: into
// branches, elements, fields and results, so that a message has the smallest
// value that is wrong as its place, and tail calls stay tail calls. Where the
// form ends (a name, a call), the expression gets a NOTE_CHECK with a shape
// that says how to walk the value. What is known to carry the refinement
// already is left alone. Literal data gets one note for all of it.
//
// Ownership: notes, shapes and sites live as long as the module.
// Threads:   the owner of the Infer.
#ifndef LIGATURE_TYPECHECK_REFINEMENTS_H
#define LIGATURE_TYPECHECK_REFINEMENTS_H

#include "typecheck/infer_internal.h"

// The expression was checked against `type`, which stands at `annotation` in
// this module. `name` is that of the value, or 0.
void refinements_place(Infer *c, Expr *expr, Type *type, Symbol name,
                       Span annotation);
// A parameter of a function, checked when the function is entered.
void refinements_param(Infer *c, Param *param, Type *type, Span annotation);
// An argument of a function, which checks its parameters itself: constants are
// looked at before they are passed. `callee` may say no such thing.
void refinements_argument(Infer *c, Expr *argument, const Expr *callee,
                          uint32_t index);
// The arguments of a constructor that is applied.
void refinements_ctor_call(Infer *c, Expr *argument, const Expr *ctor,
                           uint32_t index);
// A regular expression given as the first argument of `callee`.
void refinements_pattern(Infer *c, Expr *argument, const Expr *callee);

// Notes that a local or top-level binding has the type, for uses of it.
void refinements_note_local(Infer *c, uint32_t local, Type *type);
void refinements_note_bind(Infer *c, const Bind *bind, const Type *signature);
void refinements_note_binding(Infer *c, uint32_t index, const Type *signature);

// ---- refinement_shapes.c

// How to walk a value of the type; NULL when there is nothing to check.
// `shallow`: what is said of the value itself, not of its parts. `annotation`
// is where what its predicates want of classes is asked for; NULL: of this
// module's annotations none says it, so predicates that want more than is
// known are left out.
const CheckShape *refinements_shape(Infer *c, Type *type, bool shallow,
                                    const Span *annotation);
// Fills in what the check has to do.
void refinements_scan(Infer *c, RefinementCheck *check);
// The type, refinements kept, that the expression is known to have; or NULL.
Type *refinements_known(Infer *c, const Expr *expr);
// Whether every value of type `known` satisfies what `type` asks for.
bool refinements_implied(Type *known, Type *type);
// A copy without refinements, made once.
Type *refinements_strip_slow(Infer *c, Type *type);
static inline Type *refinements_strip(Infer *c, Type *type)
{
    return UNLIKELY((type->flags & TYPE_HAS_REFINED) != 0)
               ? refinements_strip_slow(c, type)
               : type;
}

// ---- refinement_evidence.c

// What TYPE_REFINED says, for the compiler; NULL where it cannot be run.
const Refined *refinements_refined(Infer *c, Type *type,
                                   const Span *annotation);

// The evidence of an automatic FromJson that `expr` reads a Json by: what a
// call of `decode` or `fromJson` is given. NULL: it is none, or not known yet.
Evidence *refinements_decoder(Infer *c, const Expr *expr);

// ---- for infer.c

// The arguments of constructors whose declarations have refinements; when all
// groups are done.
void refinements_declare(Infer *c);
// Takes back what was said of expressions that have errors in them, which
// were reported from the diagnostic `first_diag` on.
void refinements_end_group(Infer *c, uint32_t first_site, uint32_t first_diag);

// ---- references that only the checker knows

// The binding at work evaluates the hidden binding at times.
void refinements_add_ref(Infer *c, uint32_t module, uint32_t index, Span span);
// Takes over those of a part.
void refinements_join_refs(Infer *c, const Infer *part);
// Adds them to Binding.refs, and reports cycles that go through them.
void refinements_end_module(Infer *c);

#endif
