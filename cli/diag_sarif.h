// Diagnostics as a SARIF 2.1.0 log (OASIS, Static Analysis Results Interchange
// Format): every code a rule with its page, labels as related locations, the
// chain of calls as a code flow. What has no place in a file becomes a
// notification of the invocation.
//
// Ownership: borrows the sink and its sources.
// Threads:   pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_DIAG_SARIF_H
#define LIGATURE_CLI_DIAG_SARIF_H

#include "support/diag.h"
#include "support/str.h"

// What readers take in one run (GitHub's limit); the rest is counted in a
// notification.
#define DIAG_SARIF_MAX_RESULTS 25000

// Appends the log of the sorted sink; without diagnostics it has no results.
// With `werror` a warning is an error, though its rule's default stays.
void diag_sarif_write(StrBuf *out, const DiagSink *sink, bool werror);

#endif
