// Diagnostics as a JUnit report: a suite per file, a test case per
// diagnostic. An error with a place is a failure, one without (the command
// line, a file, a limit) an error, a warning a passed case with output, unless
// warnings are errors (`werror`).
//
// Ownership: borrows the sink and its sources.
// Threads:   pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_DIAG_JUNIT_H
#define LIGATURE_CLI_DIAG_JUNIT_H

#include "support/diag.h"
#include "support/str.h"

// Appends the document. Without diagnostics it holds one passed case: many
// readers take a report without cases for a broken one.
void diag_junit_write(StrBuf *out, const DiagSink *sink, bool werror);

#endif
