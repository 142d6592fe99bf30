// Names to binders, and the graph of bindings. Fills the tables of Module
// from "resolver" on, NameRef in the AST, local numbers, hidden bindings,
// references with their unconditional flag, and the binding groups. Reports
// unknown names (with the nearest ones), duplicates, cycles of non-rec
// bindings (as a path), names that a module does not export, unused bindings
// and imports.
//
// Threads:   called by the main worker; modules are resolved in parallel:
//            what a module exports depends on its own declarations only, so
//            a first parallel pass declares and a second one resolves.
#ifndef LIGATURE_SYNTAX_RESOLVE_H
#define LIGATURE_SYNTAX_RESOLVE_H

#include "syntax/module.h"

void resolve_program(Program *program);
// Marks the binding groups of the prelude and other std modules that are
// reachable from user modules (BindingGroup.needed; all groups of user
// modules are).
void resolve_mark_needed(Program *program);

#endif
