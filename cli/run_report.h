// What a run did: for people (--stats) and for tools (--report, shape in
// docs/cli.md).
//
// Threads: main thread only, after the workers are done.
#ifndef LIGATURE_CLI_RUN_REPORT_H
#define LIGATURE_CLI_RUN_REPORT_H

#include "cli/session.h"

// Whether the report that is asked for is a page for people.
bool run_report_is_page(const Settings *settings);
// Writes the report where the settings ask for one. False with a diagnostic in
// the session when it cannot be written.
bool run_report(Session *session, ExitStatus status);
// Appends the lines of --stats about memory.
void run_report_append_memory(const Session *session, StrBuf *out);
// Writes the lines of --stats on standard error.
void run_report_stats(const Session *session);

#endif
