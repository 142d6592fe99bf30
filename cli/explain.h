// The pages of `ligature explain`: what a diagnostic means, a program that
// shows it, and the cure. One row per code in explain.def.
//
// Ownership: everything is static.
// Threads:   pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_EXPLAIN_H
#define LIGATURE_CLI_EXPLAIN_H

#include "support/diag.h"
#include "support/str.h"

typedef struct ExplainPage {
    const char *text;
    const char *options; // of `ligature eval` for the example; may be empty
    const char *example; // to stand in example.lig; NULL where one file and a
                         // command line cannot show it
    const char *cure;
} ExplainPage;

const ExplainPage *explain_page(DiagCode code);

// Appends the page of `code`, wrapped for a terminal.
void explain_write(StrBuf *out, DiagCode code);

// Appends one line per code: its name and its summary.
void explain_write_index(StrBuf *out);

#endif
