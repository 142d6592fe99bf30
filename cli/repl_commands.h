// The commands of a session: lines that begin with ':'.
//
// Threads: main thread only.
#ifndef LIGATURE_CLI_REPL_COMMANDS_H
#define LIGATURE_CLI_REPL_COMMANDS_H

#include "cli/repl.h"

// Whether the line is a command that takes an input (`:type`, `:time`), which
// begins at *out_start.
bool repl_command_takes_input(Str line, ReplMode *out_mode, size_t *out_start);
// Whether the command of that name takes a file.
bool repl_command_takes_file(Str name);
// Runs any other.
void repl_command(Repl *repl, Str line);
// The name of command `index` without its ':'; NULL behind the last.
const char *repl_command_name(uint32_t index);

#endif
