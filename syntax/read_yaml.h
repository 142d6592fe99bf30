// YAML 1.2 text to a literal, by the core schema: what YAML 1.1 would take for
// a truth value or a number in another base stays a string. Read by libfyaml;
// duplicate keys are refused, keys are strings, anchors may be used but not so
// often that the result is much larger than the text.
//
// Ownership: the tree lives in `module->arena`.
// Threads:   one module, one worker.
#ifndef LIGATURE_SYNTAX_READ_YAML_H
#define LIGATURE_SYNTAX_READ_YAML_H

#include "syntax/module.h"

// Fills module->ast.result from module->source, or reports (E0111, E0101,
// E0601) into module->diags and sets module->broken. With `all`, the result is
// a list of the documents; without, there must be one. `token`, which may be
// NULL, ends the reading: then module->broken is set, and nothing is said.
void read_yaml_module(Module *module, Interner *interner, uint32_t max_nesting,
                      bool all, CancelToken *token);

#endif
