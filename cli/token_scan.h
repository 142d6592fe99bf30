// The tokens of a text that may be broken, for who asks nothing else of it.
//
// Ownership: a TokenScan owns all but the text.
// Threads:   one owner.
#ifndef LIGATURE_CLI_TOKEN_SCAN_H
#define LIGATURE_CLI_TOKEN_SCAN_H

#include "syntax/lexer.h"

typedef struct TokenScan {
    Interner *interner;
    Source source;
    Arena arena;
    DiagSink sink; // what is no token
    Lexer *lexer;
} TokenScan;

// Pointers into the scan are kept: it must not move.
void token_scan_begin(TokenScan *scan, Str text);
void token_scan_end(TokenScan *scan);

#endif
