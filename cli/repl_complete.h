// What TAB offers at the prompt: commands, options, files, modules of the
// library, members behind a '.', names in scope and keywords.
//
// Threads: main thread only.
#ifndef LIGATURE_CLI_REPL_COMPLETE_H
#define LIGATURE_CLI_REPL_COMPLETE_H

#include "cli/line_editor.h"

// A CompleteFunction; `repl` is the Repl.
void repl_complete(void *repl, Str before, size_t *out_start,
                   StrBufs *out_words);

#endif
