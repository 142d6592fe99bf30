// The lines of earlier sessions: a file of its own in the user's state folder
// ($XDG_STATE_HOME, else ~/.local/state), which only the user can read.
//
// Ownership: as the functions say.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_REPL_HISTORY_H
#define LIGATURE_CLI_REPL_HISTORY_H

#include "support/str.h"

// What the file holds at most; the latest stay.
#define REPL_HISTORY_LINES 1000
#define REPL_HISTORY_BYTES ((size_t)1 << 20)

// Hands each line to `take`, the oldest first. Nothing where there is no file.
void repl_history_read(void (*take)(void *ctx, Str line), void *ctx);
// Adds lines, each with its line end, behind those that other sessions may have
// written meanwhile. That the file cannot be written is no reason to complain.
void repl_history_add(Str lines);

#endif
