// The results of `eval` on standard output or in the file of --output:
// selected, checked as a whole, and only then written.
//
// Threads: main thread only; large results are formatted by the pool.
#ifndef LIGATURE_CLI_PRINT_H
#define LIGATURE_CLI_PRINT_H

#include <stdbool.h>

#include "cli/session.h"

// False after reporting into session->diags; nothing has been written then
// (but for errors of the device itself).
bool print_results(Session *session);
// The same for what an earlier run has printed.
bool print_text(Session *session, Str text);

#endif
