// Values of modules from one run of `eval` to the next: which modules need
// neither be checked nor compiled, because an earlier run has found what those
// that need them want to know.
//
// The key of a module is a hash of its text, path and options that matter, and
// of the keys of all that it imports (Merkle), so equal keys mean equal types,
// values and steps. A module is taken from the store where
// - it declares nothing that hides code (stored_types_suit()), no input, and
//   depends on none;
// - all of it that is named in modules that are not stored is a stored value:
//   functions need their code, and so the check.
// Everything else is checked and evaluated as always.
//
// Ownership: module_store_plan() makes; the modules borrow from it.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_MODULE_STORE_H
#define LIGATURE_CLI_MODULE_STORE_H

#include "cli/module_pack.h"
#include "eval/run.h"
#include "syntax/module.h"

typedef struct ModuleStore ModuleStore;

// After resolving: sets `stored` of the modules that are found in the pack.
ModuleStore *module_store_plan(Program *program, ModulePack *pack);
void module_store_free(ModuleStore *store);
// After checking, before the diagnostics are taken out of the modules.
void module_store_checked(ModuleStore *store);
// After an evaluation without errors: keeps what was not found.
void module_store_keep(ModuleStore *store, Evaluation *evaluation);

#endif
