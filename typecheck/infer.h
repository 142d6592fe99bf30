// Inference of one module's binding groups: Hindley-Milner with levels,
// bidirectional, with row-polymorphic records and class constraints that turn
// into evidence (syntax/elab.h).
//
// Ownership: see ModuleTypes.
// Threads:   one worker per module.
#ifndef LIGATURE_TYPECHECK_INFER_H
#define LIGATURE_TYPECHECK_INFER_H

#include "typecheck/module_types.h"

typedef struct Infer Infer;

Infer *infer_new(const Program *program, Module *module, ModuleTypes *types);
// Once all groups are checked: what outlives the Infer moves to the
// ModuleTypes.
void infer_free(Infer *infer);
// Checks the group: schemes to types->schemes, notes to the tree.
void infer_group(Infer *infer, BindingGroup *group);
// Evidence for the superclasses of the module's instances (InstanceEntry).
void infer_supers(Infer *infer);

#endif
