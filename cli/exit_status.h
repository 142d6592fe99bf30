// Exit codes (docs/cli.md). When several apply, the first in the order of
// USAGE, IO, TIMEOUT, LIMIT, FAILED is the code.
//
// Threads: no state.
#ifndef LIGATURE_CLI_EXIT_STATUS_H
#define LIGATURE_CLI_EXIT_STATUS_H

#include <stdbool.h>

#include "support/diag.h"

typedef enum ExitStatus {
    EXIT_STATUS_OK = 0,
    EXIT_STATUS_FAILED = 1, // the program or data is wrong
    EXIT_STATUS_USAGE = 2,  // the command line or an input is wrong
    EXIT_STATUS_IO = 3,     // a file could not be read or written
    EXIT_STATUS_LIMIT = 4,  // steps, depth, memory, ...
    EXIT_STATUS_BUG = 70,
    EXIT_STATUS_TIMEOUT = 124,
    EXIT_STATUS_INTERRUPTED = 130,
    EXIT_STATUS_TERMINATED = 143
} ExitStatus;

// What the diagnostics say of a run that was not interrupted. With `werror`
// warnings count as errors.
ExitStatus exit_status_of(const DiagSink *diags, bool werror);
// The one of the two that is the code when both apply.
ExitStatus exit_status_worse(ExitStatus a, ExitStatus b);

// Where a pass said that there is no result and nothing says why, adds that
// this is a bug of ours (E0003), lest the run pass for a good one.
void exit_status_require_error(DiagSink *diags, bool werror);

#endif
