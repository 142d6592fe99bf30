// Errors of the command line, before there is a session.
//
// Threads: main thread only.
#ifndef LIGATURE_CLI_USAGE_H
#define LIGATURE_CLI_USAGE_H

#include "cli/options.h"
#include "support/diag.h"

// Reports where and in the format that `settings` ask for, and returns the
// exit status. `verb` names the help page; NULL for the program's.
int usage_error(const Settings *settings, Str message, const char *verb);
int usage_unknown_verb(const Settings *settings, Str verb, Str nearest);
// Shows what was reported while there is no session yet. EXIT_STATUS_IO where
// a file could not be read, else EXIT_STATUS_USAGE.
int usage_diags(const Settings *settings, DiagSink *diags);
// `what` could not be written.
int usage_io_error(const Settings *settings, const char *what);

#endif
