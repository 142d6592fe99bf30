// What the files of class constraints share.
#ifndef LIGATURE_TYPECHECK_CLASSES_INTERNAL_H
#define LIGATURE_TYPECHECK_CLASSES_INTERNAL_H

#include "typecheck/infer_internal.h"

// Chains of instances that need each other are cut off here.
#define CLASSES_MAX_DEPTH 500
// What evidence inside evidence costs, in nodes of types: it is a tree, where
// types are shared graphs.
#define CLASSES_EVIDENCE_NODES 32

// How one constraint came out.
typedef enum Outcome {
    OUTCOME_SOLVED,
    OUTCOME_DEFERRED, // among c->wanted, to fill the slot later
    OUTCOME_REFUSED   // reported
} Outcome;

// Evidence for class_(args) into *slot. `origin` is the constraint in the
// program that leads here.
Outcome classes_solve(Infer *c, const Wanted *origin, const ClassInfo *class_,
                      Type **args, Evidence **slot, uint32_t depth);
Evidence *classes_new_evidence(Infer *c, EvidenceKind kind);
// Whether an instance of the class is written for this head.
bool classes_has_instance(const Infer *c, const ClassInfo *class_, Type *type);
// Whether a written instance serves the type, or may when more is known of it.
bool classes_may_serve(Infer *c, const ClassInfo *class_, Type *type);

// How a type carries an automatic instance.
typedef enum DerivedStatus {
    DERIVED_STRUCTURAL = 1, // all through
    DERIVED_NEEDS,          // evidence of parts
    DERIVED_FUNCTION        // has a function inside: none
} DerivedStatus;

Outcome derived_solve(Infer *c, const Wanted *origin, const ClassInfo *class_,
                      Type *type, Evidence **slot, uint32_t depth);

// derived_json.c: how a Json is read as the type.
const JsonShape *derived_json(Infer *c, const Wanted *origin,
                              const ClassInfo *class_, Type *type,
                              uint32_t depth, Outcome *outcome);
// How imported data is read as the type; NULL where that needs more than a look
// at each value: defaults that are no plain constants, open records.
// *out_refined: refinements are to be checked then.
const JsonShape *derived_data(Infer *c, Type *type, bool *out_refined);

// classes_records.c: of a RecordClass, once no assumption says it.
Outcome records_solve(Infer *c, const Wanted *origin, const ClassInfo *class_,
                      Type **args, Evidence **slot);
// What assumptions say of the arguments that others decide.
void records_improve(Infer *c, const ClassInfo *class_, Type **args);
// Has the constraint wait.
Outcome classes_defer(Infer *c, const Wanted *origin, const ClassInfo *class_,
                      Type **args, Evidence **slot);

// classes_supers.c
bool classes_args_equal(Type *const *a, Type *const *b, uint32_t count);
// Whether superclasses lead from one class to the other.
bool classes_leads_to(const ClassInfo *from, const ClassInfo *class_);
// Evidence for class_(args) out of the dictionary of an assumption, or NULL.
Evidence *classes_through_supers(Infer *c, const ClassInfo *class_, Type **args,
                                 const Given *given, Evidence *dictionary);

// classes_report.c
// Whether a message says already that a variable lacks this, or what this
// follows from: one annotation is wrong, however often that shows. The message
// points at the place then.
bool classes_is_unmet_again(Infer *c, const ClassInfo *class_, Type **args,
                            Span span);
// `diag`, the newest, says that.
void classes_keep_unmet(Infer *c, const ClassInfo *class_, Type **args,
                        Diag *diag);
void classes_report_missing(Infer *c, const Wanted *origin,
                            const ClassInfo *class_, Type **args);
void classes_report_function(Infer *c, const Wanted *origin,
                             const ClassInfo *class_, Type *type);
void classes_report_endless(Infer *c, const Wanted *origin);

// classes_match.c: the instances that may serve a constraint.
typedef struct Candidates {
    const InstanceInfo *exact;
    Type **bound;             // its variables
    const InstanceInfo *only; // the one that may fit, when there is one
    uint32_t maybe_count;     // counted to 2: that many decide nothing
} Candidates;
Candidates classes_find_candidates(Infer *c, const ClassInfo *class_,
                                   Type **args);

#endif
