// The one door to the formats of diagnostics (--diagnostics).
//
// Ownership: borrows the sink and its sources.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_DIAG_WRITE_H
#define LIGATURE_CLI_DIAG_WRITE_H

#include "cli/options.h"
#include "support/diag.h"

// What the settings ask for, or where they ask for nothing what suits the
// environment: annotations under GitHub Actions, else text.
DiagnosticsChoice diag_write_format(const Settings *settings);

// Whether that is a document, which is read as a whole.
bool diag_write_is_document(const Settings *settings);

// Appends the diagnostics of a sorted sink in that format: in all but text and
// github a whole document, also when there are none.
void diag_write(StrBuf *out, const DiagSink *sink, const Settings *settings,
                bool color);

// Makes the process say a bug or a lack of memory in that format.
void diag_write_prepare_death(const Settings *settings);

#endif
