// The types of a module's bindings as bytes, for modules that nobody has to
// check again. Only those have such that declare nothing which hides code
// (predicates, defaults, instances): what importers see of them are schemes,
// and the declarations, which are read anew.
//
// A type that a field's default or a refinement belongs to is named by the
// place of that declaration in the text of its module: the text is the same.
//
// Ownership: stored_types_read() makes, stored_types_free() frees, once the
//            program has been evaluated: notes point to them.
// Threads:   append and read on the main thread; declare as declare_module().
#ifndef LIGATURE_TYPECHECK_STORED_TYPES_H
#define LIGATURE_TYPECHECK_STORED_TYPES_H

#include "syntax/module_paths.h"
#include "typecheck/type_places.h"

// Nodes of one module; larger ones are checked again.
#define STORED_NODES_MAX 100000

typedef struct StoredTypes StoredTypes;

// What importers may name: only that is stored.
bool stored_types_show(const Binding *binding);
// Whether a module of this kind can be stored at all: asked after resolving.
bool stored_types_suit(const Module *module);
// Appends those of a checked module. False, and nothing is of use, where one
// cannot be written down.
bool stored_types_append(const Program *program, TypePlaces *places,
                         const Module *module, StrBuf *out);
// NULL when they are odd. The types live in `arena`.
StoredTypes *stored_types_read(const Program *program, TypePlaces *places,
                               const ModulePaths *paths, const Module *module,
                               Arena *arena, PackReader *reader);
void stored_types_free(StoredTypes *types);
// Instead of checking: sets module->checked, which lives in `arena` and borrows
// the types.
void stored_types_declare(const Program *program, Module *module,
                          StoredTypes *types, Arena *arena);

#endif
