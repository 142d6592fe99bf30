// Where in some data a value stands, for messages: ".services[3].port" in a
// file, "input ports[3]" in what was given for an input.
//
// Threads: any; reads the module's steps.
#ifndef LIGATURE_SYNTAX_DATA_PATH_H
#define LIGATURE_SYNTAX_DATA_PATH_H

#include "syntax/module.h"

// A number for the step from `parent` into `field`, or into element `index`
// where `field` is 0.
uint32_t data_path_step(Module *module, uint32_t parent, Symbol field,
                        uint32_t index);
// Appends the path of the step and ": "; nothing for the root of a file.
void data_path_append(const Module *module, const Interner *interner,
                      const DataValue *data, uint32_t step, StrBuf *out);
// The key of a field as it is written, without quotes or in them.
Span data_key_span(const Interner *interner, const RecordItem *item,
                   const Source *source);
// The code of what is wrong with it.
DiagCode data_path_code(const DataValue *data);

#endif
