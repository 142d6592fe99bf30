// The files of std/, which travel inside the program.
//
// Ownership: the texts are static.
// Threads:   any.
#ifndef LIGATURE_SYNTAX_STD_FILES_H
#define LIGATURE_SYNTAX_STD_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "support/str.h"

// The text of a file by its path ("std/prelude.lig"); false when there is none.
bool std_file(Str path, Str *out_text);
// All of them, in the order of their paths.
uint32_t std_file_count(void);
Str std_file_path(uint32_t index);

// Whether the text of a file exports the name, `kind` being "let" or "type".
bool std_text_exports(Str text, const char *kind, Str name);

#endif
