// What the language server says of its documents: each is checked as
// `typecheck` checks a file, with the texts of all that are open, and the
// diagnostics of each file are published where they have changed.
//
// Ownership: an LspChecker owns the pool and what was published; a program
//            lives for one check.
// Threads:   main thread only; uses the pool.
#ifndef LIGATURE_CLI_LSP_CHECK_H
#define LIGATURE_CLI_LSP_CHECK_H

#include "cli/lsp_documents.h"
#include "cli/options.h"
#include "concurrent/pool.h"
#include "support/hash.h"

// A warning of a name that is never used.
typedef struct LspUnused {
    size_t begin, end; // in LspFile.items, with the comma before it
    uint32_t name;     // where that starts in the file
} LspUnused;

// The diagnostics of a file, as JSON without brackets.
typedef struct LspFile {
    StrBuf uri;
    StrBuf items;
    uint32_t count;
    VEC(Hash128) hashes; // of the items
    VEC(LspUnused) unused;
    VEC(uint32_t) imported; // names that another document imports: their starts
    bool is_open;
    int64_t version; // of the open document
} LspFile;

typedef VEC(LspFile *) LspFiles;

typedef struct LspChecker {
    const Settings *settings;
    Pool *pool;
    LspEncoding encoding;
    const CancelToken *interrupt; // ends what runs
    bool takes_related;           // the client shows places beside the first
    bool takes_library;           // the client shows texts without files
    LspFiles published;           // what the client has
    StrVec folders;               // that the client works in, canonical
    Arena memory;                 // of these
    struct LspProgram *kept;      // see lsp_program_of(); NULL: none
    const LspDocument *kept_of;
} LspChecker;

void lsp_checker_init(LspChecker *checker, const Settings *settings);
void lsp_checker_release(LspChecker *checker);
// Checks all documents; nothing is said where that is interrupted. False where
// the client does not read any more.
bool lsp_check(LspChecker *checker, LspDocuments *documents);
#endif
