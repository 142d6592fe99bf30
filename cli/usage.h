// Errors of the command line, before there is a session.
//
// Threads: main thread only.
#ifndef LIGATURE_CLI_USAGE_H
#define LIGATURE_CLI_USAGE_H

#include "cli/options.h"

// Reports on standard error, in the format that `settings` (may be NULL) ask
// for, and returns the exit status. `verb` names the help page; NULL for the
// program's.
int usage_error(const Settings *settings, Str message, const char *verb);
int usage_unknown_verb(Str verb, Str nearest);
// `what` could not be written.
int usage_io_error(const char *what);

#endif
