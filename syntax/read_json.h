// JSON text (RFC 8259) to a literal: records, lists, strings, booleans,
// numbers; `null` is the constructor None. Strict: duplicate keys, lone
// surrogates and anything behind the value are refused. Numbers are integers
// when they are written without '.', 'e' and fit into 64 bits, else floats.
//
// Ownership: the tree lives in `module->arena`; strings without escapes point
//            into the source text.
// Threads:   one module, one worker.
#ifndef LIGATURE_SYNTAX_READ_JSON_H
#define LIGATURE_SYNTAX_READ_JSON_H

#include "syntax/module.h"

// Fills module->ast.result from module->source, or reports (E0110, E0101,
// E0601) into module->diags and sets module->broken.
void read_json_module(Module *module, Interner *interner, uint32_t max_nesting);

#endif
