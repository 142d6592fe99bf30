// String literals: plain, with interpolations, block and raw.
//
// A plain string is decoded while it is read; one without escapes points into
// the source. A block string is read twice, as the indentation that its lines
// share is known only at its end: first scan_block() finds the end and the
// indentation, then lexer_block_text() decodes.
#include <assert.h>
#include <string.h>

#include "syntax/byte_runs.h"
#include "syntax/lexer_internal.h"
#include "syntax/utf16.h"

#define MAX_CODE_POINT 0x10FFFF

static void escape_error(Lexer *lexer, const char *start, const char *end,
                         const char *what, const char *help)
{
    Diag *diag = lexer_report(lexer, DIAG_E0103, start, end, "%s", what);
    lexer_help(lexer, diag, help);
}

// '\u' XXXX [ '\u' XXXX ]; `at` is behind the 'u'.
static const char *unit_escape(Lexer *lexer, const char *at, const char *end)
{
    const char *start = at - 2;
    uint32_t character;
    Utf16Result result = utf16_escape(&at, end, &character);
    if (result == UTF16_OKAY) {
        strbuf_append_codepoint(&lexer->scratch, character);
    } else if (result == UTF16_HALF) {
        escape_error(lexer, start, at, "half of a surrogate pair",
                     "write the character as \\u{...}");
    } else {
        while (at < end && byte_is(*at, BYTE_HEX)) {
            at++; // less than four
        }
        escape_error(lexer, start, at,
                     "'\\u' takes four hexadecimal digits, or braces",
                     "write \\u00e9 or \\u{1f600}");
    }
    return at;
}

// '\u{' digits '}'; `at` is behind the brace.
static const char *code_point_escape(Lexer *lexer, const char *at,
                                     const char *end)
{
    const char *start = at - 3;
    const char *digits = at;
    uint32_t code = 0;
    for (; at < end && byte_is(*at, BYTE_HEX); at++) {
        code = code > MAX_CODE_POINT ? code : code << 4 | byte_hex_value(*at);
    }
    bool closed = at < end && *at == '}';
    if (!closed || at == digits) {
        escape_error(lexer, start, at,
                     "'\\u{' takes hexadecimal digits and '}'",
                     "write it as in \\u{1f600}");
        return closed ? at + 1 : at;
    }
    at++;
    if (code > MAX_CODE_POINT || utf16_is_surrogate(code)) {
        escape_error(lexer, start, at, "there is no such character",
                     "code points go from 0 to 10ffff, without d800 to dfff");
        return at;
    }
    strbuf_append_codepoint(&lexer->scratch, code);
    return at;
}

static const char *unknown_escape(Lexer *lexer, const char *slash,
                                  const char *end)
{
    const char *stop = slash + 1;
    if (!byte_is(*stop, BYTE_LINE)) {
        size_t at = 0;
        utf8_decode(str_make(stop, (size_t)(end - stop)), &at);
        stop += at;
    }
    escape_error(
        lexer, slash, stop, "there is no such escape",
        "escapes are \\n \\t \\r \\\" \\\\ \\/ \\b \\f \\0 \\uXXXX "
        "\\u{...} and \\(...); a lone backslash is \\\\, and the raw string "
        "r\"...\" takes all as they are");
    return stop;
}

// Decodes the escape at `slash` into the scratch buffer; returns its end. A
// backslash is never the last byte of a piece.
static const char *decode_escape(Lexer *lexer, const char *slash,
                                 const char *end)
{
    const char *at = slash + 1;
    assert(at < end);
    char c = *at;
    char value;
    switch (c) {
    case 'n':
        value = '\n';
        break;
    case 't':
        value = '\t';
        break;
    case 'r':
        value = '\r';
        break;
    case 'b':
        value = '\b';
        break;
    case 'f':
        value = '\f';
        break;
    case '0':
        value = '\0';
        break;
    case '"':
    case '\\':
    case '/':
        value = c;
        break;
    case 'u':
        return at + 1 < end && at[1] == '{'
                   ? code_point_escape(lexer, at + 2, end)
                   : unit_escape(lexer, at + 1, end);
    default:
        return unknown_escape(lexer, slash, end);
    }
    strbuf_append_char(&lexer->scratch, value);
    return at + 1;
}

static void set_text(Token *token, Str text)
{
    token->as.string.data = text.data;
    token->as.string.len = (uint32_t)text.len;
}

static Str between(const char *start, const char *end)
{
    return str_make(start, (size_t)(end - start));
}

static void unterminated(Lexer *lexer, Token *token, const char *quote,
                         const char *end, const char *what, const char *help)
{
    Diag *diag = lexer_report(lexer, DIAG_E0102, quote, quote + 1, "%s", what);
    lexer_help(lexer, diag, help);
    token->kind = TOKEN_ERROR;
    lexer->cursor = end;
}

static void control_error(Lexer *lexer, const char *at)
{
    Diag *diag =
        lexer_report(lexer, DIAG_E0101, at, at + 1,
                     "the control character U+%04X in a string", (unsigned)*at);
    lexer_help(lexer, diag, "write it as an escape, \\u{...}");
}

// The text between `from` and `end`: in the scratch buffer if anything had to
// be decoded.
static Str piece_text(Lexer *lexer, bool decoded, const char *from,
                      const char *end)
{
    if (!decoded) {
        return between(from, end);
    }
    strbuf_append(&lexer->scratch, between(from, end));
    return arena_str(lexer->arena, strbuf_str(&lexer->scratch));
}

// Opens an interpolation, or goes on with it when the string is on the stack
// already.
static TokenKind open_interpolation(Lexer *lexer, OpenString open,
                                    bool is_start)
{
    if (is_start) {
        open.parens = 0;
        vec_push(&lexer->strings, open);
        return TOKEN_STRING_START;
    }
    vec_last(&lexer->strings) = open;
    vec_last(&lexer->strings).parens = 0;
    return TOKEN_STRING_MIDDLE;
}

static TokenKind close_string(Lexer *lexer, bool is_start)
{
    if (is_start) {
        return TOKEN_STRING;
    }
    lexer->strings.count--;
    return TOKEN_STRING_END;
}

// A piece of a plain string, from `from` to the quote or interpolation.
static void plain_piece(Lexer *lexer, Token *token, const char *from,
                        const char *quote, bool is_start)
{
    bool decoded = false;
    const char *at = from;
    for (;;) {
        at = byte_run_string_end(at, lexer->end);
        const char *stop = at;
        if (stop < lexer->end && *stop == '\\') {
            stop++;
        }
        if (stop == lexer->end || byte_is(*stop, BYTE_LINE)) {
            if (!is_start) {
                lexer->strings.count--;
            }
            if (lexer->strings.count > 0 && !vec_last(&lexer->strings).block) {
                // What misses is the ')' of the string around it.
                lexer_fail_interpolation(lexer, false);
                token->kind = TOKEN_ERROR;
                lexer->cursor = stop;
                return;
            }
            unterminated(lexer, token, quote, stop, "this string does not end",
                         "a string ends on its line; text of several lines "
                         "stands in \"\"\"");
            return;
        }
        if (*at == '"') {
            token->kind = close_string(lexer, is_start);
            set_text(token, piece_text(lexer, decoded, from, at));
            lexer->cursor = at + 1;
            return;
        }
        if (*at == '\\' && at[1] == '(') {
            OpenString open = {.quote = lexer_offset(lexer, quote)};
            token->kind = open_interpolation(lexer, open, is_start);
            set_text(token, piece_text(lexer, decoded, from, at));
            lexer->cursor = at + 2;
            return;
        }
        if (*at != '\\') {
            control_error(lexer, at++);
            continue;
        }
        if (!decoded) {
            strbuf_clear(&lexer->scratch);
            decoded = true;
        }
        strbuf_append(&lexer->scratch, between(from, at));
        at = decode_escape(lexer, at, lexer->end);
        from = at;
    }
}

// Narrows the shared indentation to what `line` shares with it.
static void share_indent(Lexer *lexer, OpenString *open, const char *line,
                         const char *text)
{
    uint32_t len = (uint32_t)(text - line);
    if (open->indent_len == INDENT_NONE) {
        open->indent_start = lexer_offset(lexer, line);
        open->indent_len = len;
        return;
    }
    const char *shared = lexer->start + open->indent_start;
    uint32_t same = 0;
    while (same < len && same < open->indent_len &&
           shared[same] == line[same]) {
        same++;
    }
    open->indent_len = same;
}

// The first line break, quote, backslash or control character from `at` on.
static const char *find_stop(const Lexer *lexer, const char *at)
{
    while (at < lexer->end && !byte_is(*at, BYTE_STOP)) {
        at++;
    }
    return at;
}

// From `at` to the closing quotes, the next interpolation or the end of the
// file, learning the indentation on the way.
static const char *scan_block(Lexer *lexer, const char *at, OpenString *open)
{
    for (;;) {
        at = find_stop(lexer, at);
        if (at == lexer->end) {
            return at;
        }
        if (*at == '"') {
            if (lexer->end - at >= 3 && at[1] == '"' && at[2] == '"') {
                return at;
            }
            at++;
        } else if (*at == '\\') {
            if (lexer->end - at < 2) {
                return lexer->end;
            }
            if (at[1] == '(') {
                return at;
            }
            // The escaped character; a line break stays one.
            at += byte_is(at[1], BYTE_LINE) ? 1 : 2;
        } else if (byte_is(*at, BYTE_LINE)) {
            const char *line = at + 1;
            if (*at == '\r' && line < lexer->end && *line == '\n') {
                line++;
            }
            at = line;
            while (at < lexer->end && byte_is(*at, BYTE_BLANK)) {
                at++;
            }
            if (at < lexer->end && !byte_is(*at, BYTE_LINE)) {
                share_indent(lexer, open, line, at);
            }
        } else {
            at++; // a control character: lexer_block_text() reports it
        }
    }
}

static void block_piece(Lexer *lexer, Token *token, const char *from,
                        OpenString open, bool is_start)
{
    token->raw = true;
    const char *end = scan_block(lexer, from, &open);
    if (end == lexer->end) {
        vec_clear(&lexer->strings);
        unterminated(lexer, token, lexer->start + open.quote, end,
                     "this block string does not end", "close it with \"\"\"");
        return;
    }
    bool is_last = *end == '"';
    lexer->cursor = end + (is_last ? 3 : 2);
    if (!is_last) {
        token->kind = open_interpolation(lexer, open, is_start);
        set_text(token, between(from, end));
        return;
    }
    token->kind = close_string(lexer, is_start);
    token->indent = open.indent_len == INDENT_NONE ? 0 : open.indent_len;
    Str text = between(from, end);
    set_text(token,
             is_start ? lexer_block_text(lexer, text, token->indent, true, true)
                      : text);
}

// Behind the opening quotes: the rest of their line when it is blank.
static const char *skip_opening_line(const char *at, const char *end,
                                     bool *out_line_start)
{
    const char *text = at;
    while (text < end && byte_is(*text, BYTE_BLANK)) {
        text++;
    }
    *out_line_start = text < end && byte_is(*text, BYTE_LINE);
    if (!*out_line_start) {
        return at;
    }
    return text + (*text == '\r' && text + 1 < end && text[1] == '\n' ? 2 : 1);
}

// The indentation of a line; the last line's, before the closing quotes, goes
// as a whole when nothing else stands there.
static const char *skip_indent(const char *line, const char *end,
                               uint32_t indent, bool last)
{
    const char *at = line;
    while (at < end && byte_is(*at, BYTE_BLANK)) {
        at++;
    }
    if (last && at == end) {
        return end;
    }
    return at - line > (ptrdiff_t)indent ? line + indent : at;
}

Str lexer_block_text(Lexer *lexer, Str raw, uint32_t indent, bool first,
                     bool last)
{
    StrBuf *out = &lexer->scratch;
    strbuf_clear(out);
    const char *at = raw.data;
    const char *end = raw.data + raw.len;
    bool line_start = false;
    if (first) {
        at = skip_opening_line(at, end, &line_start);
    }
    while (at < end) {
        if (line_start) {
            at = skip_indent(at, end, indent, last);
            line_start = false;
        }
        const char *run = at;
        while (at < end && (!byte_is(*at, BYTE_STOP) || *at == '"')) {
            at++;
        }
        strbuf_append(out, between(run, at));
        if (at == end) {
            break;
        }
        if (*at == '\\') {
            at = decode_escape(lexer, at, end);
        } else if (byte_is(*at, BYTE_LINE)) {
            at += *at == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1;
            strbuf_append_char(out, '\n');
            line_start = true;
        } else {
            control_error(lexer, at++);
        }
    }
    return arena_str(lexer->arena, strbuf_str(out));
}

void lexer_string(Lexer *lexer, Token *token, const char *quote)
{
    const char *at = quote + 1;
    if (lexer->end - at >= 2 && at[0] == '"' && at[1] == '"') {
        OpenString open = {
            .quote = lexer_offset(lexer, quote),
            .block = true,
            .indent_len = INDENT_NONE,
        };
        block_piece(lexer, token, quote + 3, open, true);
        return;
    }
    plain_piece(lexer, token, quote + 1, quote, true);
}

void lexer_string_rest(Lexer *lexer, Token *token, const char *at)
{
    OpenString open = vec_last(&lexer->strings);
    if (open.block) {
        block_piece(lexer, token, at, open, false);
    } else {
        plain_piece(lexer, token, at, lexer->start + open.quote, false);
    }
}

bool lexer_is_raw_string(const Lexer *lexer, const char *at)
{
    at++;
    while (at < lexer->end && *at == '#') {
        at++;
    }
    return at < lexer->end && *at == '"';
}

// raw -> 'r' { '#' } '"' any '"' { '#' }, as many '#' as before
void lexer_raw_string(Lexer *lexer, Token *token, const char *at)
{
    const char *quote = at + 1;
    while (*quote == '#') {
        quote++;
    }
    size_t hashes = (size_t)(quote - at - 1);
    const char *text = quote + 1;
    const char *end = text;
    token->raw = true;
    for (;;) {
        end = memchr(end, '"', (size_t)(lexer->end - end));
        if (end == NULL) {
            unterminated(lexer, token, at, lexer->end,
                         "this raw string does not end",
                         hashes == 0 ? "close it with '\"'"
                                     : "close it with '\"' and as many '#' as "
                                       "it was opened with");
            return;
        }
        const char *behind = end + 1;
        while (behind < lexer->end && *behind == '#' &&
               (size_t)(behind - end) <= hashes) {
            behind++;
        }
        if ((size_t)(behind - end - 1) == hashes) {
            lexer->cursor = behind;
            break;
        }
        end = behind;
    }
    for (const char *c = text; c < end; c++) {
        if (UNLIKELY(byte_is(*c, BYTE_CONTROL))) {
            control_error(lexer, c);
        }
    }
    token->kind = TOKEN_STRING;
    set_text(token, between(text, end));
}
