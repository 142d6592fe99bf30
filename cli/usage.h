// Errors of the command line, before there is a session, and its help.
//
// Threads: main thread only.
#ifndef LIGATURE_CLI_USAGE_H
#define LIGATURE_CLI_USAGE_H

#include "cli/command.h"
#include "support/diag.h"

// Reports where and in the format that `settings` ask for, and returns the
// exit status. `verb` names the help page; NULL for the program's.
int usage_error(const Settings *settings, Str message, const char *verb);
// The same where there are too few operands, or too many: the file for messages
// is not written to where it exists, for it may have been meant as an operand.
int usage_wrong_operands(const Settings *settings, Str message,
                         const char *verb);
int usage_unknown_verb(const Settings *settings, Str verb, Str nearest);
// Shows what was reported while there is no session yet. EXIT_STATUS_IO where
// a file could not be read, else EXIT_STATUS_USAGE.
int usage_diags(const Settings *settings, DiagSink *diags);
// Shows `what` has failed, and why by errno: EXIT_STATUS_IO.
int usage_io_error(const Settings *settings, const char *what);

// Prints the text, which it releases, and returns the exit status.
int usage_print_text(const Settings *settings, StrBuf *text);
// The help page of a verb, or of the program where `command` is NULL.
int usage_print_help(const Settings *settings, const Command *command);

#endif
