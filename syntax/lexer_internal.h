// What the files of the lexer share.
#ifndef LIGATURE_SYNTAX_LEXER_INTERNAL_H
#define LIGATURE_SYNTAX_LEXER_INTERNAL_H

#include "support/vec.h"
#include "syntax/byte_runs.h"
#include "syntax/lexer.h"
#include "syntax/name_cache.h"

// Errors in one file after which it is given up.
#define LEXER_MAX_ERRORS 1000

// So many decimal digits always fit into 64 bits.
#define SAFE_DIGITS 18

// Where so many bytes follow, who looks for tokens in a block need not know
// where the text ends.
#define LEXER_ROOM (BYTE_RUN_BLOCK + BYTE_RUN_STEP)

// What a token is by its first byte: the kind of a mark that is a token
// whatever follows, or with LEAD_SHORT one that is where no byte follows that
// makes it longer, or one of the others; 0 for all else.
enum { LEAD_SHORT = 128, LEAD_QUOTE = 253, LEAD_DIGIT = 254, LEAD_NAME = 255 };
_Static_assert((int)TOKEN_KIND_COUNT < LEAD_QUOTE - LEAD_SHORT,
               "kinds and leads are apart");
extern const uint8_t lexer_leads[256];

// No line of a block string has been seen yet.
#define INDENT_NONE UINT32_MAX

// A string that is being read; on the stack while an interpolation in it is.
typedef struct OpenString {
    uint32_t quote;  // offset of its opening quote
    uint32_t parens; // '(' open inside the interpolation
    bool block;
    uint32_t indent_start; // block: the indentation that all lines share so
    uint32_t indent_len;   // far, or INDENT_NONE
} OpenString;

struct Lexer {
    const char *cursor; // start <= cursor <= end
    const char *end;
    const char *start;
    const char *stop; // no token starts here or behind; <= end
    bool is_cut;      // one would have started there
    uint32_t hash_at; // the first '#' for a comment that was reported
    const Source *source;
    Arena *arena;
    DiagSink *sink;
    uint32_t errors_before; // of the sink
    bool quiet;             // looking ahead
    VEC(OpenString) strings;
    StrBuf scratch;
    Interner *interner; // immutable after init; of all texts
    NameCache names;
};

static inline uint32_t lexer_offset(const Lexer *lexer, const char *at)
{
    return (uint32_t)(at - lexer->start);
}

// Adds an error about [start, end); NULL when looking ahead.
Diag *lexer_report(Lexer *lexer, DiagCode code, const char *start,
                   const char *end, const char *format, ...) PRINTF_LIKE(5, 6);
void lexer_help(Lexer *lexer, Diag *diag, const char *help);

// Each reads from `at` on, fills in `token` and moves the cursor.
// Also keywords, '_' and raw strings.
void lexer_name(Lexer *lexer, Token *token, const char *at);
void lexer_number(Lexer *lexer, Token *token, const char *at);
// All marks but parentheses, and what no token starts with.
void lexer_mark(Lexer *lexer, Token *token, const char *at);
void lexer_string(Lexer *lexer, Token *token, const char *quote);
void lexer_raw_string(Lexer *lexer, Token *token, const char *at);
// Goes on with the innermost open string behind an interpolation.
void lexer_string_rest(Lexer *lexer, Token *token, const char *at);
// Reports that the innermost open string does not end, and leaves it and the
// plain strings around it; `at_end` of the file, all.
void lexer_fail_interpolation(Lexer *lexer, bool at_end);
// Whether a raw string starts at the `r` at `at`.
bool lexer_is_raw_string(const Lexer *lexer, const char *at);

#endif
