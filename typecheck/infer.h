// Inference of one module's binding groups: Hindley-Milner with levels,
// bidirectional, with row-polymorphic records and class constraints that turn
// into evidence (syntax/elab.h).
//
// Ownership: see ModuleTypes.
// Threads:   an Infer has one owner; infer_parts.h makes others for parts of
//            the module.
#ifndef LIGATURE_TYPECHECK_INFER_H
#define LIGATURE_TYPECHECK_INFER_H

#include "typecheck/module_types.h"
#include "typecheck/type_budget.h"

typedef struct Infer Infer;

// One per worker: its memory serves one module after the other. The types of
// all that is not in the library are charged to `budget`.
Infer *infer_new(const Program *program, TypeBudget *budget);
void infer_free(Infer *infer);
// `worker` may be NULL: nobody else is there to take a part.
void infer_begin_module(Infer *infer, Module *module, ModuleTypes *types,
                        Worker *worker);
// Once all groups are checked: what outlives that moves to the module.
void infer_end_module(Infer *infer);
// Whether the program's types are too large, so that no group is to be begun.
bool infer_is_over_budget(const Infer *infer);
// Checks the group: schemes to types->schemes, notes to the tree.
void infer_group(Infer *infer, BindingGroup *group);
// Checks the groups of the hoisted predicates of refinements, and those that
// they refer to: what other groups may ask for although no name in them says
// so. After that, a group needs nothing but what it refers to.
void infer_predicates(Infer *c);
// Evidence for the superclasses of the module's instances (InstanceEntry).
void infer_supers(Infer *infer);

#endif
