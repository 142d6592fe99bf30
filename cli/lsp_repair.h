// Texts that somebody is typing, made whole for the parser.
//
// Ownership: texts are the caller's.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_LSP_REPAIR_H
#define LIGATURE_CLI_LSP_REPAIR_H

#include "support/str.h"

// The name that stands where something is asked for: no user writes it.
#define LSP_HERE "completes_here'"

// Appends the text with that name instead of the one at the offset, if there is
// one. *out_at is where it stands; false where that is in a string or comment.
bool lsp_mark_place(Str text, size_t offset, StrBuf *out, size_t *out_at);
// Appends a text that was marked at `at` without what stands behind that in its
// declaration; what is open there is closed.
void lsp_close_place(Str marked, size_t at, StrBuf *out);

#endif
