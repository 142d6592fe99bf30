// The table of verbs, commands.def.
//
// Threads: any.
#ifndef LIGATURE_CLI_COMMAND_H
#define LIGATURE_CLI_COMMAND_H

#include "cli/options.h"

typedef struct Command {
    const char *name;
    uint32_t bit; // VERB_EVAL
    // Takes the parsed settings and returns the exit status.
    int (*run)(Settings *settings);
    const char *operands;
    const char *summary;
} Command;

#define COMMAND(name, bit, function, operands, summary)                        \
    int function(Settings *settings);
#include "cli/commands.def"

// Command `index` in the order of commands.def; NULL behind the last.
const Command *command_at(uint32_t index);
// NULL when there is no such verb; *out_nearest names the nearest or is empty.
const Command *command_find(Str name, Str *out_nearest);
// "eval" for VERB_EVAL.
const char *command_name(uint32_t verb);

#endif
