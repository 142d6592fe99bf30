// Bytes to tokens, on demand and a few at a time, so a file of 100 MB needs no
// token array.
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
#include "syntax/expr_words.h"

typedef enum TokenKind {
#define TOKEN(kind, spelling) kind,
#define KEYWORD(kind, text)   kind,
#include "syntax/tokens.def"
    TOKEN_KIND_COUNT
} TokenKind;

// Brackets; strings with interpolations open and close too, but are none.
static inline bool token_opens(TokenKind kind)
{
    return kind == TOKEN_LEFT_PAREN || kind == TOKEN_LEFT_BRACKET ||
           kind == TOKEN_LEFT_BRACE;
}
static inline bool token_closes(TokenKind kind)
{
    return kind == TOKEN_RIGHT_PAREN || kind == TOKEN_RIGHT_BRACKET ||
           kind == TOKEN_RIGHT_BRACE;
}

typedef struct Token {
    TokenKind kind;
    uint32_t indent; // STRING_END of a block string: bytes of indentation
                     // that all its lines share
    Span span;
    Span doc; // the /// comments before it; empty when none
    union {
        // clang-format off
        Symbol symbol;      // NAME, UPPER_NAME, TYPE_VAR (without the '),
                            // and keywords: their text
        int64_t integer;    // INT; 2^63 comes as INT64_MIN with `overflow`
        double number;      // FLOAT
        struct { const char *data; uint32_t len; } string; // STRING and the
                            // literal pieces of STRING_START, MIDDLE, END
        ExprContents contents; // of all of these but keywords: what the
                            // expression contains that is this token
        // clang-format on
    } as;
    bool raw;      // raw or block string. The pieces of a block string
                   // with interpolations come as they are written, for
                   // lexer_block_text() once the indentation is known
    bool overflow; // INT: is 2^63, which only a '-' before it makes right
} Token;

typedef struct Lexer Lexer;

// A lexer without a text, for one after the other.
Lexer *lexer_new(Interner *interner);
// Begins with a text, which outlives what is read of it. Validates the encoding
// of all of it first (UTF-8, NUL, bidi controls); what is wrong goes to the
// sink.
void lexer_start(Lexer *lexer, const Source *source, Arena *arena,
                 DiagSink *sink);
// The same for a text that was found valid.
void lexer_start_valid(Lexer *lexer, const Source *source, Arena *arena,
                       DiagSink *sink);
// Where the tokens of a text start: behind a byte order mark and a first line
// with #!.
size_t lexer_text_start(Str text);
void lexer_free(Lexer *lexer);
// The next token; TOKEN_END at the end, again and again. TOKEN_ERROR stands for
// what was reported already. After TOKEN_STRING_START the parser reads an
// expression and then, at its end, the lexer goes on with the string by
// itself: nesting of '(' inside an interpolation is counted here.
void lexer_next(Lexer *lexer, Token *out_token);
// The same tokens several at a time: at least one, at most LEXER_BATCH, and no
// more than come with the first `wanted` ones; returns how many. Where there
// are more than one, nothing was to be said about any of them, and the lexer
// stands in no string: who stops or seeks before they are used up has lost
// nothing. The array begins as zeroes, and nothing else writes to it but to the
// first one.
#define LEXER_BATCH 128
uint32_t lexer_read(Lexer *lexer, Token *out_tokens, uint32_t wanted);
// From now on there are no more tokens.
void lexer_stop(Lexer *lexer);
// Goes on at `offset`, outside of all strings.
void lexer_seek(Lexer *lexer, uint32_t offset);
// A token that would start at `offset` or behind is the end. Those before are
// what they are without the stop.
void lexer_set_stop(Lexer *lexer, uint32_t offset);
// Whether the stop hid a token since it was set, also from those who looked
// ahead.
bool lexer_is_cut(const Lexer *lexer);

// Decodes a piece of a block string: drops `indent` bytes at the start of its
// lines. `first` and `last` say where the piece stands in the string.
Str lexer_block_text(Lexer *lexer, Str raw, uint32_t indent, bool first,
                     bool last);

// Between these two, tokens are read and nothing is reported; afterwards the
// lexer stands where it stood. Not inside an interpolation.
typedef struct LexerMark {
    const char *cursor;
} LexerMark;
LexerMark lexer_look_ahead(Lexer *lexer);
void lexer_look_back(Lexer *lexer, LexerMark mark);
// While quiet, nothing is reported.
void lexer_set_quiet(Lexer *lexer, bool quiet);
// Whether the lexer stands inside an interpolation.
bool lexer_is_interpolating(const Lexer *lexer);

const char *token_kind_text(TokenKind kind); // "'('", "a name", "'let'"

#endif
