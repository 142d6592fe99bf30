// One token after the other, whatever it is. Strings are in lexer_strings.c,
// numbers in lexer_numbers.c, marks of several bytes in lexer_marks.c; most
// tokens are read in batches, which are in lexer_batch.c.
#include "syntax/lexer.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include "support/die.h"
#include "syntax/byte_runs.h"
#include "syntax/encoding.h"
#include "syntax/lexer_internal.h"
#include "syntax/module.h"

// White space and comments before a token.
typedef struct Trivia {
    bool newline;
    bool failed;     // a comment does not end
    Span doc;        // the /// block
    bool doc_closed; // a blank line follows it
} Trivia;

Diag *lexer_report(Lexer *lexer, DiagCode code, const char *start,
                   const char *end, const char *format, ...)
{
    uint32_t errors = lexer->sink->error_count - lexer->errors_before;
    if (lexer->quiet || errors >= LEXER_MAX_ERRORS) {
        return NULL;
    }
    Span span = {lexer_offset(lexer, start), lexer_offset(lexer, end)};
    va_list args;
    va_start(args, format);
    Diag *diag =
        diag_addv(lexer->sink, code, lexer->source, span, format, args);
    va_end(args);
    if (errors + 1 >= LEXER_MAX_ERRORS) {
        lexer->stop = lexer->start; // the file is given up
    }
    return diag;
}

void lexer_help(Lexer *lexer, Diag *diag, const char *help)
{
    if (diag != NULL && help[0] != 0) {
        diag_help(lexer->sink, diag, "%s", help);
    }
}

// A line comment from `at` (at its slashes or dashes); returns its end.
static inline const char *line_comment(Lexer *lexer, const char *at,
                                       Trivia *trivia)
{
    const char *end = byte_run_comment_end(at, lexer->end);
    while (end < lexer->end && !byte_is(*end, BYTE_LINE)) {
        lexer_report(lexer, DIAG_E0101, end, end + 1,
                     "the control character U+%04X in a comment",
                     (unsigned)*end);
        end = byte_run_comment_end(end + 1, lexer->end);
    }
    bool is_doc = end - at >= 3 && at[0] == '/' && at[2] == '/' &&
                  (end - at == 3 || at[3] != '/');
    if (is_doc) {
        if (trivia->doc.end == 0 || trivia->doc_closed) {
            trivia->doc.start = lexer_offset(lexer, at);
            trivia->doc_closed = false;
        }
        trivia->doc.end = lexer_offset(lexer, end);
    }
    return end;
}

// comment -> '/*' { comment | any } '*/'; a counter instead of recursion.
static const char *block_comment(Lexer *lexer, const char *open, Trivia *trivia)
{
    size_t depth = 1;
    const char *at = open + 2;
    while (at < lexer->end) {
        char c = *at++;
        char next = at < lexer->end ? *at : 0;
        if (c == '*' && next == '/') {
            at++;
            if (--depth == 0) {
                return at;
            }
        } else if (c == '/' && next == '*') {
            at++;
            depth++;
        } else if (byte_is(c, BYTE_LINE)) {
            trivia->newline = true;
        } else if (UNLIKELY(byte_is(c, BYTE_CONTROL))) {
            lexer_report(lexer, DIAG_E0101, at - 1, at,
                         "the control character U+%04X in a comment",
                         (unsigned)c);
        }
    }
    Diag *diag = lexer_report(lexer, DIAG_E0102, open, open + 2,
                              "this comment does not end");
    lexer_help(lexer, diag,
               depth > 1 ? "comments nest: every '/*' needs its own '*/'"
                         : "close it with '*/'");
    trivia->failed = true;
    return at;
}

// Whether a comment of another language seems to begin with the '#' at `at`.
static COLD bool is_hash_comment(const Lexer *lexer, const char *at)
{
    if (at + 1 == lexer->end || !byte_is(at[1], BYTE_IDENT)) {
        return true;
    }
    while (at > lexer->start && byte_is(at[-1], BYTE_BLANK)) {
        at--;
    }
    return at == lexer->start || byte_is(at[-1], BYTE_LINE);
}

// Reports the first one only, whoever writes them writes many; and that one
// again where the text is read again.
static COLD const char *hash_comment(Lexer *lexer, const char *at,
                                     Trivia *trivia)
{
    uint32_t offset = lexer_offset(lexer, at);
    if (offset <= lexer->hash_at && !lexer->quiet) {
        lexer->hash_at = offset;
        Diag *diag = lexer_report(lexer, DIAG_E0105, at, at + 1,
                                  "'#' does not begin a comment");
        lexer_help(lexer, diag, "comments start with '//' or '--'");
    }
    return line_comment(lexer, at, trivia);
}

// Skips what stands before a token.
static const char *skip_trivia(Lexer *lexer, const char *at, Trivia *trivia)
{
    while (at < lexer->end) {
        char c = *at;
        char next = at + 1 < lexer->end ? at[1] : 0;
        if (byte_is(c, BYTE_BLANK)) {
            at++;
        } else if (byte_is(c, BYTE_LINE)) {
            at += c == '\r' && next == '\n' ? 2 : 1;
            // Two line ends in a row: a blank line.
            trivia->newline = true;
            const char *text = byte_run_blank_end(at, lexer->end);
            if (text < lexer->end && byte_is(*text, BYTE_LINE)) {
                trivia->doc_closed = true;
            }
            at = text;
        } else if (c == next && (c == '/' || c == '-')) {
            at = line_comment(lexer, at, trivia);
        } else if (c == '/' && next == '*') {
            at = block_comment(lexer, at, trivia);
        } else if (UNLIKELY(c == '#') && is_hash_comment(lexer, at)) {
            at = hash_comment(lexer, at, trivia);
        } else {
            break;
        }
    }
    return at;
}

static TokenKind kind_of_name(Symbol symbol, Str name)
{
    if (symbol >= SYM_TOKEN_LET && symbol <= SYM_TOKEN_WHEN) {
        return (TokenKind)(symbol - SYM_TOKEN_LET + TOKEN_LET);
    }
    char first = name.data[0];
    return first >= 'A' && first <= 'Z'    ? TOKEN_UPPER_NAME
           : first == '_' && name.len == 1 ? TOKEN_UNDERSCORE
                                           : TOKEN_NAME;
}

// What the cache knows of the name, with its kind.
static CachedName *known_name(Lexer *lexer, Str name)
{
    CachedName *known =
        name_cache_find(&lexer->names, lexer->interner, name, lexer->end);
    known->kind = (uint32_t)kind_of_name(known->symbol, name);
    return known;
}

// tyvar -> "'" name
static void lex_type_var(Lexer *lexer, Token *token, const char *at)
{
    const char *name = at + 1;
    const char *end = name;
    while (end < lexer->end && byte_is(*end, BYTE_IDENT)) {
        end++;
    }
    lexer->cursor = end;
    if (end == name || byte_is(*name, BYTE_DIGIT)) {
        Diag *diag = lexer_report(lexer, DIAG_E0105, at, end,
                                  "a lone quote mark; a type variable is "
                                  "written 'a");
        lexer_help(lexer, diag, "strings stand in double quotes");
        lexer->cursor = end == name ? name : end;
        token->kind = TOKEN_ERROR;
        return;
    }
    token->kind = TOKEN_TYPE_VAR;
    Str text = str_make(name, (size_t)(end - name));
    token->as.symbol = known_name(lexer, text)->symbol;
}

// Inside an interpolation they are counted.
static void lex_paren(Lexer *lexer, Token *token, const char *at)
{
    bool is_open = *at == '(';
    if (lexer->strings.count > 0 && is_open) {
        vec_last(&lexer->strings).parens++;
    } else if (lexer->strings.count > 0 &&
               vec_last(&lexer->strings).parens-- == 0) {
        lexer_string_rest(lexer, token, at + 1);
        return;
    }
    token->kind = is_open ? TOKEN_LEFT_PAREN : TOKEN_RIGHT_PAREN;
    lexer->cursor = at + 1;
}

static void lex_other(Lexer *lexer, Token *token, const char *at)
{
    if (*at == '\'') {
        lex_type_var(lexer, token, at);
    } else {
        lexer_mark(lexer, token, at);
    }
}

void lexer_fail_interpolation(Lexer *lexer, bool at_end)
{
    OpenString open = vec_last(&lexer->strings);
    const char *quote = lexer->start + open.quote;
    Diag *diag = lexer_report(lexer, DIAG_E0102, quote, quote + 1,
                              open.block ? "this block string does not end"
                                         : "this string does not end");
    lexer_help(lexer, diag,
               "an interpolation \\( ... ) ends with ')', then the string "
               "with its quotes");
    if (at_end) {
        vec_clear(&lexer->strings);
    }
    while (lexer->strings.count > 0 && !vec_last(&lexer->strings).block) {
        lexer->strings.count--;
    }
}

// A string ends with its line, and at the latest with the file, even inside
// an interpolation; a block string only with the file.
static bool interpolation_fails(Lexer *lexer, const Trivia *trivia, bool at_end)
{
    if (lexer->strings.count == 0 ||
        (!at_end && (vec_last(&lexer->strings).block || !trivia->newline))) {
        return false;
    }
    lexer_fail_interpolation(lexer, at_end);
    return true;
}

// The special cases before a token; true when `token` is one of them.
static bool lex_boundary(Lexer *lexer, Token *token, const Trivia *trivia)
{
    bool at_end = lexer->cursor >= lexer->stop;
    lexer->is_cut |= at_end && lexer->stop < lexer->end;
    if (trivia->failed) {
        vec_clear(&lexer->strings);
        token->kind = TOKEN_ERROR;
        return true;
    }
    if (interpolation_fails(lexer, trivia, at_end)) {
        token->kind = TOKEN_ERROR;
        return true;
    }
    if (at_end) { // also where there were too many errors
        lexer->sink->gave_up |=
            lexer->sink->error_count - lexer->errors_before >= LEXER_MAX_ERRORS;
        lexer_stop(lexer);
        token->kind = TOKEN_END;
        return true;
    }
    return false;
}

#define LETTERS(first, value)                                                  \
    [(first)] = (value), [(first) + 1] = (value), [(first) + 2] = (value),     \
    [(first) + 3] = (value), [(first) + 4] = (value), [(first) + 5] = (value), \
    [(first) + 6] = (value), [(first) + 7] = (value), [(first) + 8] = (value), \
    [(first) + 9] = (value), [(first) + 10] = (value),                         \
    [(first) + 11] = (value), [(first) + 12] = (value)
#define ALL_LETTERS(value)                                                     \
    LETTERS('A', value), LETTERS('N', value), LETTERS('a', value),             \
        LETTERS('n', value), ['_'] = (value)
#define DIGITS(value)                                                          \
    ['0'] = (value), ['1'] = (value), ['2'] = (value), ['3'] = (value),        \
    ['4'] = (value), ['5'] = (value), ['6'] = (value), ['7'] = (value),        \
    ['8'] = (value), ['9'] = (value)

const uint8_t lexer_leads[256] = {
    ALL_LETTERS(LEAD_NAME),
    DIGITS(LEAD_DIGIT),
    ['"'] = LEAD_QUOTE,
    ['/'] = LEAD_SHORT | TOKEN_SLASH,
    ['-'] = LEAD_SHORT | TOKEN_MINUS,
    ['='] = LEAD_SHORT | TOKEN_EQUALS,
    ['.'] = LEAD_SHORT | TOKEN_DOT,
    ['+'] = LEAD_SHORT | TOKEN_PLUS,
    ['|'] = LEAD_SHORT | TOKEN_BAR,
    ['<'] = LEAD_SHORT | TOKEN_LESS,
    ['>'] = LEAD_SHORT | TOKEN_GREATER,
    ['!'] = LEAD_SHORT | TOKEN_BANG,
    ['?'] = LEAD_SHORT | TOKEN_QUESTION,
    ['('] = TOKEN_LEFT_PAREN,
    [')'] = TOKEN_RIGHT_PAREN,
    ['['] = TOKEN_LEFT_BRACKET,
    [']'] = TOKEN_RIGHT_BRACKET,
    ['{'] = TOKEN_LEFT_BRACE,
    ['}'] = TOKEN_RIGHT_BRACE,
    [','] = TOKEN_COMMA,
    [';'] = TOKEN_SEMICOLON,
    [':'] = TOKEN_COLON,
    ['*'] = TOKEN_STAR,
    ['\\'] = TOKEN_BACKSLASH,
    ['%'] = TOKEN_PERCENT,
};

// name, keyword, '_' or raw string
void lexer_name(Lexer *lexer, Token *token, const char *at)
{
    const char *end = byte_run_ident_end(at + 1, lexer->end);
    while (end < lexer->end && *end == '\'') {
        end++;
    }
    size_t len = (size_t)(end - at);
    if (len == 1 && *at == 'r' && lexer_is_raw_string(lexer, at)) {
        lexer_raw_string(lexer, token, at);
        return;
    }
    lexer->cursor = end;
    const CachedName *known = known_name(lexer, str_make(at, len));
    token->kind = (TokenKind)known->kind;
    token->as.symbol = known->symbol;
}

static void lex_token(Lexer *lexer, Token *token, const char *at)
{
    unsigned lead = lexer_leads[(unsigned char)*at];
    if (lead == LEAD_NAME) {
        lexer_name(lexer, token, at);
    } else if (lead == LEAD_QUOTE) {
        lexer_string(lexer, token, at);
    } else if (lead == LEAD_DIGIT) {
        lexer_number(lexer, token, at);
    } else if (lead == 0 || lead >= LEAD_SHORT) {
        lex_other(lexer, token, at);
    } else if (lead == TOKEN_LEFT_PAREN || lead == TOKEN_RIGHT_PAREN) {
        lex_paren(lexer, token, at);
    } else {
        token->kind = (TokenKind)lead;
        lexer->cursor = at + 1;
    }
}

void lexer_next(Lexer *lexer, Token *out_token)
{
    Trivia trivia = {0};
    const char *at = skip_trivia(lexer, lexer->cursor, &trivia);
    lexer->cursor = at;
    out_token->raw = false;
    out_token->overflow = false;
    out_token->doc = trivia.doc;
    out_token->as.contents = expr_of_none();
    out_token->span.start = lexer_offset(lexer, at);
    if (!lex_boundary(lexer, out_token, &trivia)) {
        lex_token(lexer, out_token, at);
    }
    out_token->span.end = lexer_offset(lexer, lexer->cursor);
}

void lexer_stop(Lexer *lexer)
{
    lexer->cursor = lexer->end;
    vec_clear(&lexer->strings);
}

void lexer_seek(Lexer *lexer, uint32_t offset)
{
    lexer->cursor = lexer->start + offset;
    vec_clear(&lexer->strings);
}

void lexer_set_stop(Lexer *lexer, uint32_t offset)
{
    lexer->stop = lexer->start + offset;
    lexer->is_cut = false;
}

bool lexer_is_cut(const Lexer *lexer)
{
    return lexer->is_cut;
}

LexerMark lexer_look_ahead(Lexer *lexer)
{
    lexer->quiet = true;
    return (LexerMark){lexer->cursor};
}

void lexer_look_back(Lexer *lexer, LexerMark mark)
{
    lexer->quiet = false;
    lexer->cursor = mark.cursor;
    vec_clear(&lexer->strings);
}

void lexer_set_quiet(Lexer *lexer, bool quiet)
{
    lexer->quiet = quiet;
}

bool lexer_is_interpolating(const Lexer *lexer)
{
    return lexer->strings.count > 0;
}

size_t lexer_text_start(Str text)
{
    size_t at = encoding_bom_length(text);
    if (text.len - at >= 2 && text.data[at] == '#' &&
        text.data[at + 1] == '!') {
        while (at < text.len && !byte_is(text.data[at], BYTE_LINE)) {
            at++;
        }
    }
    return at;
}

Lexer *lexer_new(Interner *interner)
{
    Lexer *lexer = mem_calloc(1, sizeof *lexer);
    lexer->interner = interner;
    return lexer;
}

void lexer_start_valid(Lexer *lexer, const Source *source, Arena *arena,
                       DiagSink *sink)
{
    Str text = source->text;
    lexer->start = text.len > 0 ? text.data : "";
    lexer->end = lexer->start + text.len;
    lexer->stop = lexer->end;
    lexer->hash_at = UINT32_MAX;
    lexer->cursor = lexer->start + lexer_text_start(text);
    lexer->is_cut = false;
    lexer->source = source;
    lexer->arena = arena;
    lexer->sink = sink;
    lexer->errors_before = sink->error_count;
    lexer->quiet = false;
    vec_clear(&lexer->strings);
}

void lexer_start(Lexer *lexer, const Source *source, Arena *arena,
                 DiagSink *sink)
{
    bool is_valid = encoding_check(source, ENCODING_PROGRAM, sink);
    lexer_start_valid(lexer, source, arena, sink);
    if (!is_valid) {
        lexer_stop(lexer);
    }
}

void lexer_free(Lexer *lexer)
{
    if (lexer == NULL) {
        return;
    }
    vec_release(&lexer->strings);
    strbuf_release(&lexer->scratch);
    free(lexer);
}

const char *token_kind_text(TokenKind kind)
{
    static const char *const texts[TOKEN_KIND_COUNT] = {
#define TOKEN(token, spelling) [token] = spelling,
#define KEYWORD(token, text)   [token] = "'" text "'",
#include "syntax/tokens.def"
    };
    return texts[kind];
}
