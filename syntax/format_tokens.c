#include "syntax/format_tokens.h"

#include "syntax/byte_class.h"
#include "syntax/encoding.h"

// What stands between two tokens, while it is read.
typedef struct Gap {
    Str text;
    uint32_t at, end;
    uint32_t newlines; // since the last comment or token
    bool any_newline;
} Gap;

static void skip_blanks(Gap *gap)
{
    while (gap->at < gap->end) {
        char c = gap->text.data[gap->at];
        if (byte_is(c, BYTE_LINE)) {
            bool pair = c == '\r' && gap->at + 1 < gap->end &&
                        gap->text.data[gap->at + 1] == '\n';
            gap->at += pair ? 2 : 1;
            gap->newlines++;
            gap->any_newline = true;
        } else if (byte_is(c, BYTE_BLANK)) {
            gap->at++;
        } else {
            return;
        }
    }
}

static uint32_t block_comment_end(Str text, uint32_t at, uint32_t end)
{
    uint32_t depth = 0;
    while (at + 1 < end) {
        char c = text.data[at];
        char next = text.data[at + 1];
        if (c == '/' && next == '*') {
            depth++;
            at += 2;
        } else if (c == '*' && next == '/') {
            at += 2;
            if (--depth == 0) {
                return at;
            }
        } else {
            at++;
        }
    }
    return end;
}

uint32_t format_comment_end(Str text, uint32_t at, uint32_t end)
{
    char c = at + 1 < end ? text.data[at] : '\0';
    char next = at + 1 < end ? text.data[at + 1] : '\0';
    if (c == '/' && next == '*') {
        return block_comment_end(text, at, end);
    }
    if ((c == '/' || c == '-') && next == c) {
        while (at < end && !byte_is(text.data[at], BYTE_LINE)) {
            at++;
        }
    }
    return at;
}

static FormatComment read_comment(Gap *gap)
{
    const char *text = gap->text.data;
    FormatComment comment = {
        .start = gap->at,
        .line = text[gap->at + 1] != '*',
        .newline_before = gap->newlines > 0,
        .blank_before = gap->newlines > 1,
    };
    gap->at = format_comment_end(gap->text, gap->at, gap->end);
    comment.end = gap->at;
    if (!comment.line) {
        return comment;
    }
    uint32_t len = comment.end - comment.start;
    comment.doc = len >= 3 && memcmp(text + comment.start, "///", 3) == 0 &&
                  (len == 3 || text[comment.start + 3] != '/');
    while (byte_is(text[comment.end - 1], BYTE_BLANK)) {
        comment.end--;
    }
    return comment;
}

// The comments between two tokens.
static void read_gap(FormatTokens *tokens, Gap *gap, FormatToken *token)
{
    token->comments = tokens->comments.count;
    for (;;) {
        skip_blanks(gap);
        if (tokens->comments.count > token->comments) {
            vec_last(&tokens->comments).newline_after =
                gap->newlines > 0 || token->kind == TOKEN_END;
        }
        if (gap->at + 1 >= gap->end) {
            break;
        }
        vec_push(&tokens->comments, read_comment(gap));
        gap->newlines = 0;
    }
    token->newline_before = gap->any_newline;
    token->blank_before = gap->newlines > 1;
}

typedef struct TokenReader {
    FormatTokens *tokens;
    Str text;
    uint32_t end; // of the token before
    uint32_t string_depth;
    VEC(uint32_t) brackets;
} TokenReader;

static void add_token(TokenReader *reader, const Token *from)
{
    FormatTokens *tokens = reader->tokens;
    FormatToken token = {
        .start = from->span.start,
        .end = from->span.end,
        .kind = (uint8_t)from->kind,
        .space_before = reader->end < from->span.start,
    };
    // The start of the file is the start of a line; a `#!` line ends one.
    bool is_first = tokens->tokens.count == 0 &&
                    tokens->start <= encoding_bom_length(reader->text);
    Gap gap = {.text = reader->text,
               .at = reader->end,
               .end = from->span.start,
               .newlines = is_first,
               .any_newline = is_first};
    read_gap(tokens, &gap, &token);
    uint32_t index = tokens->tokens.count;
    if (token_opens(from->kind)) {
        vec_push(&reader->brackets, index);
    } else if (token_closes(from->kind) && reader->brackets.count > 0) {
        token.partner = vec_pop(&reader->brackets);
        tokens->tokens.items[token.partner].partner = index;
    }
    vec_push(&tokens->tokens, token);
    reader->end = from->span.end;
}

// Strings with interpolations become one token.
static void take_token(TokenReader *reader, const Token *token)
{
    if (token->kind == TOKEN_STRING_START && reader->string_depth++ == 0) {
        add_token(reader, token);
    } else if (reader->string_depth == 0) {
        add_token(reader, token);
    } else if (token->kind == TOKEN_STRING_END && --reader->string_depth == 0) {
        vec_last(&reader->tokens->tokens).end = token->span.end;
        reader->end = token->span.end;
    }
}

bool format_tokens_read(FormatTokens *tokens, const Source *source,
                        Interner *interner, DiagSink *sink)
{
    *tokens = (FormatTokens){0};
    Arena arena;
    arena_init(&arena);
    uint32_t errors = sink->error_count;
    Lexer *lexer = lexer_new(interner);
    lexer_start(lexer, source, &arena, sink);
    Str text = source->text;
    uint32_t start = (uint32_t)encoding_bom_length(text);
    if (str_starts_with(str_slice(text, start, text.len), STR("#!"))) {
        while (start < text.len && !byte_is(text.data[start], BYTE_LINE)) {
            start++;
        }
    }
    tokens->start = start;
    TokenReader reader = {.tokens = tokens, .text = text, .end = start};
    Token token;
    do {
        lexer_next(lexer, &token);
        take_token(&reader, &token);
    } while (token.kind != TOKEN_END);
    vec_release(&reader.brackets);
    lexer_free(lexer);
    arena_release(&arena);
    return sink->error_count == errors;
}

void format_tokens_release(FormatTokens *tokens)
{
    vec_release(&tokens->tokens);
    vec_release(&tokens->comments);
}
