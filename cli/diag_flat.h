// A diagnostic as plain lines, for formats that hold one text per diagnostic.
// The lines are printable: what is in the program cannot act on a CI log.
//
// Ownership: borrows the diagnostic and its sources.
// Threads:   pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_DIAG_FLAT_H
#define LIGATURE_CLI_DIAG_FLAT_H

#include <stdbool.h>

#include "support/diag.h"
#include "support/str.h"

// What one diagnostic takes at most.
#define DIAG_FLAT_MAX_BYTES ((size_t)8 << 10)

// Appends the message; then a line for each note and help; with `places`
// lines for the labels and the chain of calls too. No line break at the end.
void diag_flat_append(StrBuf *out, SourceIndex *index, const Diag *diag,
                      bool places);

// The file to open, for tools; NULL where there is none: it has no place, or
// one on the command line.
static inline const Source *diag_flat_file(const Source *source)
{
    return source != NULL && !source->is_option ? source : NULL;
}

// For documents that say how a run ended: with `werror` a warning is an error.
Severity diag_flat_severity(const Diag *diag, bool werror);

#endif
