// A document with all that it imports, checked with the texts that are open.
//
// Ownership: a program owns all that was found in it; the checker owns the one
//            that it keeps.
// Threads:   main thread only; uses the checker's pool.
#ifndef LIGATURE_CLI_LSP_PROGRAM_H
#define LIGATURE_CLI_LSP_PROGRAM_H

#include "cli/lsp_check.h"
#include "cli/lsp_index.h"
#include "typecheck/type_watch.h"

typedef struct LspProgram {
    CancelToken token;
    Program *program;
    DiagSink diags;        // sorted
    TypeWatch watch;       // of the document, or of all files
    const Module *entry;   // the document; NULL: there is no more to be said
    bool is_cut;           // interrupted
    NameIndex index;       // of that
    Settings own_settings; // with the project file of the document
    StrBuf folder;         // in which that was looked for
} LspProgram;

// Nothing is loaded yet. False where the project file of the document is wrong;
// without a document it is that of the working directory.
bool lsp_program_make(LspProgram *run, const LspChecker *checker,
                      const OpenTexts *texts, const LspDocument *document);
void lsp_program_begin(LspProgram *run, const LspChecker *checker,
                       const OpenTexts *texts, const LspDocument *document);
// The same of files, the document's first; without the index.
void lsp_program_begin_files(LspProgram *run, const LspChecker *checker,
                             const OpenTexts *texts,
                             const LspDocument *document, const Str *paths,
                             uint32_t count);
void lsp_program_end(LspProgram *run);

// The same, of the document as it is now. It is kept for the next request,
// until lsp_program_forget(), which is to be called before any document changes
// and where files may have changed, or until another document is asked about.
const LspProgram *lsp_program_of(LspChecker *checker, LspDocuments *documents,
                                 const LspDocument *document);
void lsp_program_forget(LspChecker *checker);

#endif
