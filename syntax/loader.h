// The import closure of the entry files: reads, lexes and parses modules in
// parallel, refuses what must not be read, reports import cycles, and puts
// the modules in canonical order.
//
// Ownership: loaded modules belong to the program.
// Threads:   called by the main worker; uses the program's pool.
#ifndef LIGATURE_SYNTAX_LOADER_H
#define LIGATURE_SYNTAX_LOADER_H

#include "syntax/module.h"

// Loads the prelude, `paths` (`-` is standard input) and all that they
// import. Problems are diagnostics of the importing module (at the import) or
// of the program. False when an entry file could not be read at all (exit
// status 3; the diagnostic is E0002).
bool loader_load(Program *program, const Str *paths, uint32_t path_count);
// Loads `text` as the only entry, under the display name `name`; its imports
// are relative to `dir`.
bool loader_load_text(Program *program, Str name, Str dir, Str text);

#endif
