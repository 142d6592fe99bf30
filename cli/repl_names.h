// What a session says of names: `:browse` and `:doc`.
//
// Threads: main thread only.
#ifndef LIGATURE_CLI_REPL_NAMES_H
#define LIGATURE_CLI_REPL_NAMES_H

#include "cli/repl.h"

// The names that were entered and loaded, with their types; of a module
// (`std.list`, "./file", or the name that an import gives it) what it offers.
void repl_browse(Repl *repl, Str module);
// The type, or the declaration, of a name and the comment above it.
void repl_doc(Repl *repl, Str name);

#endif
