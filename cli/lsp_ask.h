// Requests about documents: each is a function that writes its result.
//
// Ownership: borrows all.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_LSP_ASK_H
#define LIGATURE_CLI_LSP_ASK_H

#include "cli/lsp_program.h"

typedef struct LspAsk {
    LspChecker *checker;
    LspDocuments *documents;
    const LspDocument *document; // NULL where the request names none
    const LspMessage *message;
    const Expr *params;
    size_t offset;       // of the position, where the request has one
    StrBuf *out;         // the result, as JSON
    const char *refusal; // set where there is an error instead
} LspAsk;

typedef void LspQuestion(LspAsk *ask);

// The offsets of the request's range; false where it has none.
bool lsp_ask_range(const LspAsk *ask, size_t *out_start, size_t *out_end);

// ---- lsp_format.c: the edits that format the document; none where it is
// formatted or has errors of syntax
LspQuestion lsp_format;
// ---- lsp_names.c
LspQuestion lsp_hover, lsp_definition;
// ---- lsp_symbols.c
LspQuestion lsp_document_symbols, lsp_workspace_symbols;
// ---- lsp_complete.c
LspQuestion lsp_complete;
// ---- lsp_actions.c
LspQuestion lsp_code_actions;
// ---- lsp_hints.c
LspQuestion lsp_inlay_hints, lsp_signature_help;
// ---- lsp_ranges.c
LspQuestion lsp_folding_ranges, lsp_selection_ranges;
// ---- lsp_library.c
LspQuestion lsp_library_text;
// ---- lsp_tokens.c
LspQuestion lsp_semantic_tokens, lsp_semantic_tokens_range,
    lsp_semantic_tokens_delta;
// Appends the names of types and modifiers, by their numbers.
void lsp_tokens_append_legend(StrBuf *out);
// ---- lsp_refs.c: renaming is refused where it is not safe
LspQuestion lsp_highlight, lsp_references, lsp_prepare_rename, lsp_rename;

#endif
