// What stands at a place: what the client shows there, and where it leads.
//
// Ownership: borrows all.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_LSP_NAMES_H
#define LIGATURE_CLI_LSP_NAMES_H

#include "cli/lsp_check.h"

// Appends a Hover with type and comment of the name at the offset: of what is
// declared at the top level of some module. Else null.
void lsp_hover(const LspChecker *checker, LspDocuments *documents,
               const LspDocument *document, size_t offset, StrBuf *out);
// Appends the Location where the name at the offset is declared; null where it
// is none, or is the library's, which is no file.
void lsp_definition(const LspChecker *checker, LspDocuments *documents,
                    const LspDocument *document, size_t offset, StrBuf *out);

#endif
