// Diagnostics for people: the source line, carets under the place, labels,
// notes, helps and the chain of calls.
//
// Ownership: borrows the sink and its sources.
// Threads:   pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_DIAG_TEXT_H
#define LIGATURE_CLI_DIAG_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "support/diag.h"
#include "support/str.h"

// What is written never exceeds this, whatever the program; with more errors
// asked for than usual, by so much for each of them.
#define DIAG_TEXT_MAX_BYTES  ((size_t)64 << 10)
#define DIAG_TEXT_MORE_BYTES ((size_t)16 << 10)

typedef struct DiagTextOptions {
    bool color;
    uint32_t max_errors; // shown; as many warnings. The rest is counted
    bool werror;         // warnings fail the run: the closing line says so
} DiagTextOptions;

// Appends the diagnostics of a sorted sink and a closing line with their
// number; nothing when there are none.
void diag_text_write(StrBuf *out, const DiagSink *sink,
                     const DiagTextOptions *options);

#endif
