// Diagnostics for tools: the documents of the page of the command line
// (docs, "JSON shapes").
//
// Ownership: borrows the sink and its sources.
// Threads:   pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_DIAG_JSON_H
#define LIGATURE_CLI_DIAG_JSON_H

#include "support/diag.h"
#include "support/str.h"

// Appends {"version":1,"diagnostics":[...]} and a line break. All diagnostics
// of the sorted sink are in it; without any the array is empty.
void diag_json_write(StrBuf *out, const DiagSink *sink);

// Appends the array alone, as reports hold it.
void diag_json_write_array(StrBuf *out, const DiagSink *sink);

#endif
