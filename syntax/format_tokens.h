// All tokens and comments of a file, for the formatter. The lexer of the
// parser drops comments; here they are found again between its tokens. A
// string with interpolations is one token, since its text stays as it is.
//
// Ownership: the arrays belong to the FormatTokens; texts to the source.
// Threads:   one owner.
#ifndef LIGATURE_SYNTAX_FORMAT_TOKENS_H
#define LIGATURE_SYNTAX_FORMAT_TOKENS_H

#include "support/vec.h"
#include "syntax/lexer.h"

typedef struct FormatToken {
    uint32_t start, end;
    uint32_t comments; // the first comment behind the token before
    uint32_t partner;  // of a bracket: the index of the other one
    uint8_t kind;      // TokenKind
    bool space_before;
    bool newline_before; // anywhere between it and the token before
    bool blank_before;   // between it and what stands before, a comment or not
    bool dropped;        // by the formatter: an optional mark
} FormatToken;

typedef struct FormatComment {
    uint32_t start, end; // without blanks at the end
    bool line;           // // or --
    bool doc;            // ///
    bool newline_before;
    bool newline_after;
    bool blank_before;
} FormatComment;

typedef struct FormatTokens {
    VEC(FormatToken) tokens; // the last one is TOKEN_END
    VEC(FormatComment) comments;
    uint32_t start; // behind byte order mark and `#!` line
} FormatTokens;

// False when the text cannot be read, after reporting why.
bool format_tokens_read(FormatTokens *tokens, const Source *source,
                        Interner *interner, DiagSink *sink);
// Where the comment ends that begins at `at`, at `end` at the latest; `at`
// where none begins.
uint32_t format_comment_end(Str text, uint32_t at, uint32_t end);
void format_tokens_release(FormatTokens *tokens);

#endif
