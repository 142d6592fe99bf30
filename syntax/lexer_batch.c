// Plain tokens, many at a time: names, short numbers, strings without escapes,
// marks, and blanks between them. The text is looked at in blocks of 64 bytes,
// of which two words of bits say where tokens start and where names go on, so
// that no token waits for the end of the one before it. Compare Langdale and
// Lemire, Parsing Gigabytes of JSON per Second (2019). Where anything else
// comes, the batch ends, and lexer_next() reads on.
#include <string.h>

#include "syntax/lexer_internal.h"

// What is being filled in.
typedef struct Batch {
    Token *token; // the next one
    uint32_t at;  // where the next block starts
    bool ended;   // by what is not plain, which starts there
} Batch;

// A name, keyword or '_' of any kind; where it may be a raw string, 0.
static NOINLINE uint32_t other_name(Lexer *lexer, Token *token)
{
    const char *at = lexer->start + token->span.start;
    if (*at == 'r' && lexer->end - at > 1 && (at[1] == '"' || at[1] == '#')) {
        return 0;
    }
    token->as.contents = expr_of_none();
    lexer_name(lexer, token, at);
    return (uint32_t)(lexer->cursor - at);
}

// An integer of up to eighteen digits; 0 for all other numbers.
static NOINLINE uint32_t other_integer(const Lexer *lexer, Token *token)
{
    const char *at = lexer->start + token->span.start;
    const char *end = at;
    uint64_t value = 0;
    while (end < lexer->end && byte_is(*end, BYTE_DIGIT) &&
           end - at < SAFE_DIGITS) {
        value = value * 10 + (uint64_t)(*end++ - '0');
    }
    if (end < lexer->end && (*end == '.' || byte_is(*end, BYTE_IDENT))) {
        return 0;
    }
    if (*at == '0' && end - at > 1) {
        return 0;
    }
    token->kind = TOKEN_INT;
    token->as.contents = (ExprContents){value, 0};
    return (uint32_t)(end - at);
}

// A string that is all on one line and means what it says; else 0.
static inline uint32_t plain_string(const Lexer *lexer, Token *token)
{
    const char *text = lexer->start + token->span.start + 1;
    const char *end = byte_run_string_end(text, lexer->end);
    bool is_block = end == text && lexer->end - end > 1 && end[1] == '"';
    if (UNLIKELY(end == lexer->end || *end != '"' || is_block)) {
        return 0;
    }
    token->kind = TOKEN_STRING;
    token->as.contents = expr_of_parts(text, (uint32_t)(end - text));
    return (uint32_t)(end - text) + 2;
}

// Whether `byte` behind a mark may make it longer, or a comment.
static bool may_lengthen(char byte)
{
    static const bool bytes[256] = {
        ['='] = true, ['>'] = true, ['.'] = true, ['+'] = true, ['|'] = true,
        ['?'] = true, ['-'] = true, ['/'] = true, ['*'] = true,
    };
    return bytes[(unsigned char)byte];
}

// A mark that may be of two bytes; 0 where it starts a comment or is none.
static uint32_t other_mark(Lexer *lexer, Token *token)
{
    const char *at = lexer->start + token->span.start;
    char next = lexer->end - at > 1 ? at[1] : 0;
    bool is_none = *at == '.' && byte_is(next, BYTE_DIGIT);
    bool is_comment = (*at == next && (next == '-' || next == '/')) ||
                      (*at == '/' && next == '*');
    if (is_none || is_comment) {
        return 0;
    }
    lexer_mark(lexer, token, at);
    return (uint32_t)(lexer->cursor - at);
}

// What is no plain name, number or mark at first sight: its length, 0 where it
// is not plain at all.
static uint32_t other_token(Lexer *lexer, Token *token, unsigned lead)
{
    return lead == LEAD_NAME    ? other_name(lexer, token)
           : lead == LEAD_DIGIT ? other_integer(lexer, token)
           : lead == LEAD_QUOTE ? plain_string(lexer, token)
           : lead != 0          ? other_mark(lexer, token)
                                : 0;
}

// Whether `byte` goes on with the token right before it, which was taken for a
// name: as the first of its primes, or as the start of a raw string.
static bool extends_name(const Lexer *lexer, const Token *token, char byte)
{
    if (byte == '\'') {
        return token->kind == TOKEN_NAME || token->kind == TOKEN_UPPER_NAME ||
               token->kind == TOKEN_UNDERSCORE || token->kind >= TOKEN_LET;
    }
    return (byte == '"' || byte == '#') &&
           token->span.end - token->span.start == 1 &&
           lexer->start[token->span.start] == 'r';
}

// More bytes than that are too many, or their number is not known.
enum { MAX_WORD = 16 };

// A name or number of `len` bytes at `at`: returns that where they are known to
// be all of it, and the name was read before; else 0.
static inline size_t short_word(Lexer *lexer, Token *token, const char *at,
                                unsigned lead, size_t len)
{
    if (UNLIKELY(len > MAX_WORD)) {
        return 0;
    }
    if (lead == LEAD_NAME) {
        const CachedName *name = name_cache_guess(&lexer->names, at, len);
        if (UNLIKELY(name == NULL)) {
            return 0;
        }
        token->kind = (TokenKind)name->kind;
        token->as.contents = expr_of_name(name->symbol);
        return len;
    }
    uint64_t value;
    if (len > 8 || at[len] == '.' || (*at == '0' && len > 1) ||
        !byte_run_value(at, (uint32_t)len, &value)) {
        return 0;
    }
    token->kind = TOKEN_INT;
    token->as.contents = (ExprContents){value, 0};
    return len;
}

// The length of the string at `first` in the block where it is a plain one that
// ends there; else 0. *stops is 0 as long as nobody needed it.
static inline size_t short_string(const Lexer *lexer, Token *token,
                                  const char *bytes, size_t first,
                                  uint64_t *stops)
{
    if (*stops == 0) {
        *stops = byte_run_block_stops(bytes);
    }
    uint64_t behind = *stops >> first >> 1;
    if (UNLIKELY(behind == 0 || (first > 0 && bytes[first - 1] == 'r'))) {
        return 0;
    }
    size_t len = (size_t)__builtin_ctzll(behind);
    const char *end = bytes + first + 1 + len;
    if (UNLIKELY(*end != '"' || (len == 0 && end[1] == '"'))) {
        return 0;
    }
    token->kind = TOKEN_STRING;
    token->as.contents =
        expr_of_parts(lexer->start + token->span.start + 1, (uint32_t)len);
    return len + 2;
}

static inline size_t short_mark(Token *token, const char *at, unsigned lead)
{
    token->kind = (TokenKind)(lead % LEAD_SHORT);
    return lead - 1 < LEAD_SHORT - 1 ||
           (lead > LEAD_SHORT && !may_lengthen(at[1]) &&
            (lead != (LEAD_SHORT | TOKEN_DOT) || !byte_is(at[1], BYTE_DIGIT)));
}

// The bits from `at` on, which is at least 1.
static inline uint64_t bits_from(size_t at)
{
    return UINT64_MAX << (at - 1) << 1;
}

// Reads the tokens that start in the block. `bytes` are those of the text at
// batch->at, and LEXER_ROOM - BYTE_RUN_BLOCK that follow may be read.
static void read_block(Lexer *lexer, Batch *batch, const char *bytes)
{
    uint64_t others;
    uint64_t starts = byte_run_starts(bytes, &others);
    uint64_t stops = 0;
    Token *token = batch->token;
    const uint32_t at = batch->at;
    size_t behind = BYTE_RUN_BLOCK;
    while (starts != 0) {
        size_t first = (size_t)__builtin_ctzll(starts);
        const char *text = bytes + first;
        unsigned lead = lexer_leads[(unsigned char)*text];
        starts &= starts - 1;
        token->span.start = at + (uint32_t)first;
        size_t len = 1;
        if (lead >= LEAD_DIGIT) {
            len = (size_t)__builtin_ctzll(others >> first | UINT64_C(2)
                                                                << MAX_WORD);
            len = short_word(lexer, token, text, lead, len);
        } else if (lead == LEAD_QUOTE) {
            len = short_string(lexer, token, bytes, first, &stops);
            starts &= len > 0 ? bits_from(first + len) : UINT64_MAX;
        } else {
            len = short_mark(token, text, lead);
        }
        if (UNLIKELY(len == 0)) {
            token -= token > batch->token &&
                     token[-1].span.end == token->span.start &&
                     extends_name(lexer, &token[-1], *text);
            len = token->span.start == at + first
                      ? other_token(lexer, token, lead)
                      : 0;
            if (len == 0) {
                batch->ended = true;
                behind = token->span.start - at;
                break;
            }
            size_t end = first + len;
            behind = end > BYTE_RUN_BLOCK ? end : BYTE_RUN_BLOCK;
            starts &= end >= BYTE_RUN_BLOCK ? 0 : bits_from(end);
        }
        token->span.end = token->span.start + (uint32_t)len;
        token++;
    }
    batch->token = token;
    batch->at = at + (uint32_t)behind;
}

// Near its end, the text is continued with zeroes, with which no token starts.
typedef struct Tail {
    uint32_t start; // of the text that is there; 0: none yet
    char bytes[2 * LEXER_ROOM];
} Tail;

static const char *tail_at(const Lexer *lexer, Tail *tail, uint32_t at)
{
    if (tail->start == 0) {
        // Of a known size, both are a few instructions.
        size_t len = (size_t)(lexer->end - lexer->start);
        size_t count = len < LEXER_ROOM ? len : LEXER_ROOM;
        const char *from = lexer->end - count;
        if (LIKELY(count == LEXER_ROOM)) {
            memcpy(tail->bytes, from, LEXER_ROOM);
        } else {
            memcpy(tail->bytes, from, count);
        }
        memset(tail->bytes + count, 0, LEXER_ROOM);
        tail->start = (uint32_t)(len - count);
    }
    return tail->bytes + (at - tail->start);
}

static void read_plain(Lexer *lexer, Batch *batch, const Token *limit)
{
    Tail tail;
    tail.start = 0;
    while (!batch->ended && batch->token <= limit) {
        ptrdiff_t left = lexer->stop - lexer->start - (ptrdiff_t)batch->at;
        if (LIKELY(left >= LEXER_ROOM)) {
            read_block(lexer, batch, lexer->start + batch->at);
        } else if (left > 0 && lexer->stop == lexer->end) {
            read_block(lexer, batch, tail_at(lexer, &tail, batch->at));
        } else {
            break;
        }
    }
    lexer->cursor = lexer->start + batch->at;
}

uint32_t lexer_read(Lexer *lexer, Token *out_tokens, uint32_t wanted)
{
    enum { LAST_BLOCK = LEXER_BATCH - BYTE_RUN_BLOCK };
    // What only lexer_next() finds, which has the first one to itself.
    out_tokens->raw = false;
    out_tokens->overflow = false;
    out_tokens->doc = (Span){0, 0};
    Batch batch = {.token = out_tokens,
                   .at = lexer_offset(lexer, lexer->cursor)};
    if (LIKELY(lexer->strings.count == 0)) {
        read_plain(lexer, &batch,
                   out_tokens + (wanted < LAST_BLOCK ? wanted : LAST_BLOCK));
    }
    if (batch.token == out_tokens) {
        lexer_next(lexer, out_tokens);
        return 1;
    }
    return (uint32_t)(batch.token - out_tokens);
}
