// All files of a folder of the client as one program: who names what, across
// modules.
//
// Ownership: a workspace owns its program, lists and indices.
// Threads:   main thread only; uses the checker's pool.
#ifndef LIGATURE_CLI_LSP_WORKSPACE_H
#define LIGATURE_CLI_LSP_WORKSPACE_H

#include "cli/find_files.h"
#include "cli/lsp_ask.h"

typedef struct LspWorkspace {
    LspProgram run;
    FileList files;       // the entries; the document first
    bool is_partial;      // there are more than are looked at
    NameIndex *indices;   // by entry
    uint32_t index_count; // 0: the check did not come to its end
} LspWorkspace;

// The files of the folder that the document is of, with the texts given. A
// document without a file is alone.
void lsp_workspace_begin(LspWorkspace *workspace, const LspChecker *checker,
                         const OpenTexts *texts, const LspDocument *document);
void lsp_workspace_end(LspWorkspace *workspace);
const Module *lsp_workspace_module(const LspWorkspace *workspace,
                                   uint32_t entry);
// The number of the module among the entries; UINT32_MAX: it is none.
uint32_t lsp_workspace_entry(const LspWorkspace *workspace, uint32_t module);

// Those of `initialize`, and what a workspace/didChangeWorkspaceFolders makes
// of them.
void lsp_folders_begin(LspChecker *checker, const LspMessage *message,
                       const Expr *params);
void lsp_folders_change(LspChecker *checker, const LspMessage *message,
                        const Expr *params);

#endif
