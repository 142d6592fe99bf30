// The verbs. Each takes the parsed settings and returns the exit status.
#ifndef LIGATURE_CLI_COMMAND_H
#define LIGATURE_CLI_COMMAND_H

#include "cli/options.h"

#define COMMAND(name, bit, function, operands, summary)                        \
    int function(Settings *settings);
#include "cli/commands.def"

#endif
