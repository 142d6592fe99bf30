// What a module shows to those that import it, in a canonical form: equal
// interfaces mean that importers are checked alike. A change of a comment or
// of the inside of a function leaves it as it is.
//
// Ownership: text lives in the arena given.
// Threads:   reads checked modules only.
#ifndef LIGATURE_TYPECHECK_INTERFACE_H
#define LIGATURE_TYPECHECK_INTERFACE_H

#include "syntax/module.h"

typedef struct Interface {
    Str text;     // declarations as written and printed types, for people
    Hash128 hash; // of the text, the exact types and the imported interfaces
} Interface;

// `imports` are the hashes of the interfaces of module->imports, in that
// order. The module has been checked (module->checked).
Interface interface_of(const Program *program, const Module *module,
                       const Hash128 *imports, Arena *arena);

#endif
