// What a run did: for people (--stats) and for tools (--report, shape in
// docs/cli.md).
//
// Threads: main thread only, after the workers are done.
#ifndef LIGATURE_CLI_RUN_REPORT_H
#define LIGATURE_CLI_RUN_REPORT_H

#include "cli/session.h"

// Writes what the settings ask for. Returns `status`, or the status of the
// failure to write the report where that is worse.
ExitStatus run_report(Session *session, ExitStatus status);

#endif
