// TOML 1.0 text to a literal. Dates and times are strings, as they are
// written; infinities and NaN are refused.
//
// Ownership: the tree lives in `module->arena`; strings without escapes point
//            into the source text.
// Threads:   one module, one worker.
#ifndef LIGATURE_SYNTAX_READ_TOML_H
#define LIGATURE_SYNTAX_READ_TOML_H

#include "syntax/module.h"

// Fills module->ast.result from module->source, or reports (E0112, E0101,
// E0601) into module->diags and sets module->broken.
void read_toml_module(Module *module, Interner *interner, uint32_t max_nesting);

#endif
