// Names of other languages: what stands for them here, for messages about names
// that are not there.
//
// Ownership: the texts are constants.
// Threads:   any.
#ifndef LIGATURE_SYNTAX_FOREIGN_H
#define LIGATURE_SYNTAX_FOREIGN_H

#include "support/str.h"

// Each is a help, or NULL for a name that is not known.
const char *foreign_value(Str name);
const char *foreign_ctor(Str name);
// Also of a type variable.
const char *foreign_type(Str name);

// What std.MODULE has by another name; the module is "" for the prelude.
typedef struct LibraryName {
    const char *name;
    const char *module;
    const char *ours;
} LibraryName;

// NULL for a name that is not known. `module` is that from which it is read, as
// M.has, or empty.
const LibraryName *foreign_library(Str module, Str name);

#endif
