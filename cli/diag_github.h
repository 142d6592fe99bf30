// Diagnostics as workflow commands, which GitHub Actions shows as annotations
// (docs.github.com, "Workflow commands for GitHub Actions").
//
// Ownership: borrows the sink and its sources.
// Threads:   pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_DIAG_GITHUB_H
#define LIGATURE_CLI_DIAG_GITHUB_H

#include "support/diag.h"
#include "support/str.h"

// Appends one line per diagnostic of the sorted sink; the errors beyond
// `max_errors`, and the warnings, are counted in a line of their own.
void diag_github_write(StrBuf *out, const DiagSink *sink, uint32_t max_errors);

#endif
