// The modules of a program by the paths that name them, for what was written
// about them in an earlier run.
//
// Ownership: borrows the loaded program.
// Threads:   immutable once made.
#ifndef LIGATURE_SYNTAX_MODULE_PATHS_H
#define LIGATURE_SYNTAX_MODULE_PATHS_H

#include "support/pack.h"
#include "syntax/module.h"

typedef struct ModulePaths ModulePaths;

ModulePaths *module_paths_new(const Program *program);
void module_paths_free(ModulePaths *paths);
// A module by its path; a path of the library is another than that of a file.
void module_paths_append(const Module *module, StrBuf *out);
// NULL where there is no such module; the reader has failed then.
const Module *module_paths_read(const ModulePaths *paths, PackReader *reader);

#endif
