// The documents that the client has open, and their texts.
//
// Ownership: owns all texts.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_LSP_DOCUMENTS_H
#define LIGATURE_CLI_LSP_DOCUMENTS_H

#include "cli/lsp_message.h"
#include "cli/lsp_text.h"
#include "syntax/open_texts.h"

typedef VEC(uint32_t) LspTokens; // numbers of the protocol

typedef struct LspDocument {
    StrBuf uri;
    StrBuf path;     // canonical as far as it exists; empty: no file
    bool is_data;    // by its name: of use for those that import it
    bool is_library; // a text of ours, of which nothing is said
    StrBuf text;
    int64_t version;
    LspTokens tokens; // semantic tokens that the client has of it
    uint32_t tokens_id;
} LspDocument;

typedef struct LspDocuments {
    VEC(LspDocument *) items; // in the order of opening
    VEC(OpenText) texts;      // of lsp_documents_texts()
    uint32_t last_tokens_id;  // that was given to a document
} LspDocuments;

void lsp_documents_release(LspDocuments *documents);
// NULL: it is not open.
LspDocument *lsp_documents_find(const LspDocuments *documents, Str uri);
// The open file with the canonical path, or NULL.
LspDocument *lsp_documents_of_path(const LspDocuments *documents, Str path);
// Opens it, again where it is open.
LspDocument *lsp_documents_open(LspDocuments *documents, Str uri, Str text,
                                int64_t version);
void lsp_documents_close(LspDocuments *documents, Str uri);
// The offset of a Position of the client; false where it is none.
bool lsp_get_offset(const LspMessage *message, const Expr *position, Str text,
                    LspEncoding encoding, size_t *out);
// Applies the changes of a textDocument/didChange in order.
void lsp_document_change(LspDocument *document, const LspMessage *message,
                         const Expr *changes, LspEncoding encoding);
// Sorts by path.
OpenTexts lsp_sort_texts(OpenText *texts, uint32_t count);
// The texts of the open files, by the paths that these have now; good until a
// document changes.
OpenTexts lsp_documents_texts(LspDocuments *documents);

#endif
