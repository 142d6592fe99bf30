// Names to binders, and the graph of bindings. Fills the tables of Module
// from "resolver" on, NameRef in the AST, local numbers, hidden bindings,
// references with their unconditional flag, and the binding groups. Reports
// unknown names (with the nearest ones), duplicates, cycles of non-rec
// bindings (as a path), names that a module does not export, unused bindings
// and imports.
//
// Threads:   called by the main worker; modules are resolved in parallel, each
//            when those that it imports are.
#ifndef LIGATURE_SYNTAX_RESOLVE_H
#define LIGATURE_SYNTAX_RESOLVE_H

#include "syntax/module.h"

// Hidden bindings stand for what is written in types:
// - a predicate becomes `\x -> predicate`, x annotated with the type that is
//   refined (so a refinement inside it is checked by itself);
// - a default becomes a value of the field's type (Option T for an optional
//   field) or, where it names earlier fields, a function of just these, in
//   the order of the fields; the parameters' names are the fields' names;
// - `import "./x" as x: T` becomes `x: T = ` the module's value, and a field
//   of a module's value that is imported by name `name = module.name`.
// What predicates and defaults name is never unconditional: no task waits for
// it.
//
// Also marks the binding groups of the prelude and other std modules that are
// reachable from user modules (BindingGroup.needed; all groups of user
// modules are).
void resolve_program(Program *program);

// The same module by module, each when those that it imports are resolved and
// Program.inputs is known: begin and end by the main worker, `complete` where
// all modules are resolved. Of data modules no group is needed before that.
typedef struct Resolving Resolving;
Resolving *resolving_begin(Program *program);
void resolving_module(void *resolving, Module *module, Worker *worker);
void resolving_end(Resolving *resolving, bool complete);

#endif
