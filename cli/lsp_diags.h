// Diagnostics as the language server's client wants them, by file.
//
// Ownership: an LspFiles owns its files.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_LSP_DIAGS_H
#define LIGATURE_CLI_LSP_DIAGS_H

#include "cli/lsp_check.h"
#include "support/diag.h"

typedef struct LspDiags {
    const LspChecker *checker;
    const LspDocuments *documents;
    const LspDocument *document; // that was checked
    const Program *program;
    LspFiles *files;
    LspLines lines, label_lines; // of the sources looked at last
} LspDiags;

// Adds the diagnostics of a check to the files in which they stand, unless
// another check has said the same. What has no place stands at the start of
// the document.
void lsp_diags_add(LspDiags *diags, const DiagSink *sink);
// Appends a Location; false where the source is no file, nor one of the library
// that the client takes.
bool lsp_diags_append_location(LspDiags *diags, const Source *source, Span span,
                               StrBuf *out);
// Appends the URI of the source; that of the document where it is no file.
void lsp_diags_append_uri(const LspDiags *diags, const Source *source,
                          StrBuf *out);
// Appends one diagnostic.
void lsp_diags_append(LspDiags *diags, const Diag *diag, StrBuf *out);
// Of what it remembers of sources, which lsp_diags_add() does by itself.
void lsp_diags_release(LspDiags *diags);

// The file of the URI, added where it is missing.
LspFile *lsp_files_get(LspFiles *files, Str uri);
void lsp_files_release(LspFiles *files);
// Once all documents are checked: leaves out warnings of names that one of them
// imports.
void lsp_files_drop_imported(LspFiles *files);
// Writes what differs from what was published before. False where that cannot
// be written.
bool lsp_files_publish(const LspFiles *files, const LspFiles *before);

#endif
