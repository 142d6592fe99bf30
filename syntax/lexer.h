// Bytes to tokens, on demand: the parser asks for one token at a time, so a
// file of 100 MB needs no token array.
//
// Ownership: a Lexer borrows the source, the interner and the sink; decoded
//            strings live in the arena.
// Threads:   one owner.
#ifndef LIGATURE_SYNTAX_LEXER_H
#define LIGATURE_SYNTAX_LEXER_H

#include <stdbool.h>
#include <stdint.h>

#include "concurrent/intern.h"
#include "support/arena.h"
#include "support/diag.h"
#include "support/source.h"

typedef enum TokenKind {
#define TOKEN(kind, spelling) kind,
#define KEYWORD(kind, text) kind,
#include "syntax/tokens.def"
    TOKEN_KIND_COUNT
} TokenKind;

typedef struct Token {
    TokenKind kind;
    bool space_before;   // white space or a comment stands before it: a '('
                         // without it is a call
    bool newline_before;
    bool raw;            // raw or block string
    Span span;
    Span doc;            // the /// comments before it; empty when none
    union {
        // clang-format off
        Symbol symbol;      // NAME, UPPER_NAME, TYPE_VAR (without the '),
                            // and keywords: their text
        int64_t integer;    // INT; 2^63 comes as INT64_MIN with `overflow`
        double number;      // FLOAT
        struct { const char *data; uint32_t len; } string; // STRING and the
                            // literal pieces of STRING_START, MIDDLE, END
        // clang-format on
    } as;
    bool overflow; // INT: is 2^63, which only a '-' before it makes right
} Token;

typedef struct Lexer Lexer;

// Validates the encoding of the whole text first (UTF-8, NUL, bidi controls);
// what is wrong goes to the sink. `source` outlives the lexer.
Lexer *lexer_new(const Source *source, Interner *interner, Arena *arena,
                 DiagSink *sink);
void lexer_free(Lexer *lexer);
// After TOKEN_STRING_START the parser reads an expression and then, at its
// end, the lexer goes on with the string by itself: nesting of '(' inside an
// interpolation is counted here.
Token lexer_next(Lexer *lexer);
const char *token_kind_text(TokenKind kind); // "'('", "a name", "'let'"

#endif
