// JSON text as a module whose final expression is a literal.
//
// Ownership: the tree lives in `module->arena`.
// Threads:   one module, one worker.
#ifndef LIGATURE_SYNTAX_READ_JSON_H
#define LIGATURE_SYNTAX_READ_JSON_H

#include "syntax/module.h"

// Fills module->ast.result from module->source; sets module->broken and
// reports into module->diags where the text is wrong.
void read_json_module(Module *module, Interner *interner,
                      uint32_t max_nesting);

#endif
