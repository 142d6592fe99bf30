// What a module shows to those that import it, in a canonical form: equal
// interfaces mean that importers are checked alike. A change of a comment or
// of the inside of a function leaves it as it is.
//
// Ownership: text lives in the arena given.
// Threads:   reads checked modules only.
#ifndef LIGATURE_TYPECHECK_INTERFACE_H
#define LIGATURE_TYPECHECK_INTERFACE_H

#include "syntax/module.h"
#include "typecheck/digest.h"

// Of the declarations as written, the exact types and the interfaces imported:
// `imports` are the hashes for module->imports, in that order. The module has
// been checked (module->checked).
Digest interface_hash(const Program *program, const Module *module,
                      DigestKind kind, const Digest *imports);

// The same for people: declarations as written and printed types.
Str interface_text(const Program *program, const Module *module, Arena *arena);

#endif
