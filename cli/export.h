// The result of a program as a folder of files: one for each field of the
// record or map that it is, in the format that its name says.
//
// Threads: main thread only.
#ifndef LIGATURE_CLI_EXPORT_H
#define LIGATURE_CLI_EXPORT_H

#include "cli/session.h"

// Writes session->results[0] to settings->out and lists on standard output
// what has changed; with --check or --diff says what would. False after
// reporting.
bool export_results(Session *session);

#endif
