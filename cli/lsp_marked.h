// A document with a name where something is asked for, which is seldom right:
// where it is no program, what is open in the declaration is closed behind it.
//
// Ownership: owns all.
// Threads:   main thread only; uses the checker's pool.
#ifndef LIGATURE_CLI_LSP_MARKED_H
#define LIGATURE_CLI_LSP_MARKED_H

#include "cli/lsp_ask.h"
#include "cli/lsp_place.h"

typedef struct LspMarked {
    LspProgram run;
    StrBuf text; // of which the program is
    size_t at;   // where the name stands
    Place place; // of it in the tree
} LspMarked;

// False, with nothing to be ended, in strings and comments.
bool lsp_marked_begin(LspMarked *marked, const LspAsk *ask);
void lsp_marked_end(LspMarked *marked);

#endif
