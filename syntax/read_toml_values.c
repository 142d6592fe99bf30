// Scalars, arrays and white space of TOML.
#include "support/number.h"
#include "syntax/byte_class.h"
#include "syntax/read_toml_internal.h"
#include "syntax/utf16.h"

static bool at_text(const TomlReader *reader, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(reader->end - reader->at) >= len &&
           memcmp(reader->at, text, len) == 0;
}

static bool at_char(const TomlReader *reader, char c)
{
    return reader->at < reader->end && *reader->at == c;
}

// ---- white space

void toml_skip_blanks(TomlReader *reader)
{
    while (reader->at < reader->end && byte_is(*reader->at, BYTE_BLANK)) {
        reader->at++;
    }
}

static bool at_line_end(const TomlReader *reader)
{
    return at_char(reader, '\n') || at_text(reader, "\r\n");
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7F;
}

static bool fail_control(TomlReader *reader, const char *at)
{
    return toml_fail(reader, at, at + 1, "the control character U+%04X",
                     (unsigned)(unsigned char)*at);
}

static bool skip_comment(TomlReader *reader)
{
    while (reader->at < reader->end && !at_line_end(reader)) {
        if (is_control(*reader->at)) {
            return fail_control(reader, reader->at);
        }
        reader->at++;
    }
    return true;
}

bool toml_end_line(TomlReader *reader)
{
    toml_skip_blanks(reader);
    if (at_char(reader, '#') && !skip_comment(reader)) {
        return false;
    }
    if (reader->at == reader->end) {
        return true;
    }
    if (!at_line_end(reader)) {
        return toml_fail_unexpected(reader, "the end of the line");
    }
    reader->at += *reader->at == '\r' ? 2 : 1;
    return true;
}

bool toml_skip_space(TomlReader *reader)
{
    for (;;) {
        toml_skip_blanks(reader);
        if (!at_char(reader, '#') && !at_line_end(reader)) {
            return true;
        }
        if (!toml_end_line(reader)) {
            return false;
        }
    }
}

// ---- strings

static bool unicode_escape(TomlReader *reader, uint32_t digits)
{
    const char *start = reader->at;
    const char *at = start + 2;
    uint32_t value = 0;
    for (uint32_t i = 0; i < digits; i++) {
        if (at == reader->end || !byte_is(*at, BYTE_HEX)) {
            return toml_fail(reader, start, at,
                             "'\\%c' takes %u hexadecimal "
                             "digits",
                             start[1], (unsigned)digits);
        }
        value = value << 4 | byte_hex_value(*at++);
    }
    if (value > 0x10FFFF || utf16_is_surrogate(value)) {
        return toml_fail(reader, start, at, "U+%04X is no character",
                         (unsigned)value);
    }
    strbuf_append_codepoint(&reader->scratch, value);
    reader->at = at;
    return true;
}

// A backslash before the end of a line takes all white space behind it.
static bool line_continues(TomlReader *reader)
{
    const char *start = reader->at;
    reader->at++;
    toml_skip_blanks(reader);
    if (!at_line_end(reader)) {
        reader->at = start;
        return false;
    }
    while (at_line_end(reader) ||
           (reader->at < reader->end && byte_is(*reader->at, BYTE_BLANK))) {
        reader->at += *reader->at == '\r' ? 2 : 1;
    }
    return true;
}

static bool escape(TomlReader *reader, bool is_long)
{
    static const char names[] = "btnfr\"\\";
    static const char values[] = "\b\t\n\f\r\"\\";
    char c = reader->at + 1 < reader->end ? reader->at[1] : '\0';
    if (c == 'u' || c == 'U') {
        return unicode_escape(reader, c == 'u' ? 4 : 8);
    }
    const char *found = c != '\0' ? strchr(names, c) : NULL;
    if (found != NULL) {
        strbuf_append_char(&reader->scratch, values[found - names]);
        reader->at += 2;
        return true;
    }
    return (is_long && line_continues(reader)) ||
           toml_fail(reader, reader->at, reader->at + 1,
                     "there is no such escape in TOML");
}

// Up to two quotes may stand right before the closing ones.
static bool close_long(TomlReader *reader, char quote)
{
    uint32_t count = 0;
    while (count < 5 && reader->at + count < reader->end &&
           reader->at[count] == quote) {
        count++;
    }
    for (uint32_t i = 0; i < (count >= 3 ? count - 3 : count); i++) {
        strbuf_append_char(&reader->scratch, quote);
    }
    reader->at += count;
    return count >= 3;
}

// Into the scratch buffer.
static bool long_string(TomlReader *reader, char quote)
{
    const char *start = reader->at;
    reader->at += 3;
    strbuf_clear(&reader->scratch);
    if (at_line_end(reader)) {
        reader->at += *reader->at == '\r' ? 2 : 1;
    }
    while (reader->at < reader->end) {
        char c = *reader->at;
        if (c == quote) {
            if (close_long(reader, quote)) {
                return true;
            }
        } else if (c == '\\' && quote == '"') {
            if (!escape(reader, true)) {
                return false;
            }
        } else if (at_line_end(reader)) {
            strbuf_append_char(&reader->scratch, '\n');
            reader->at += c == '\r' ? 2 : 1;
        } else if (is_control(c)) {
            return fail_control(reader, reader->at);
        } else {
            strbuf_append_char(&reader->scratch, c);
            reader->at++;
        }
    }
    return toml_fail(reader, start, start + 3, "this string does not end");
}

static bool short_string(TomlReader *reader, char quote, bool *out_decoded)
{
    const char *start = reader->at;
    const char *run = ++reader->at;
    *out_decoded = false;
    strbuf_clear(&reader->scratch);
    while (reader->at < reader->end && *reader->at != quote) {
        char c = *reader->at;
        if (c == '\\' && quote == '"') {
            strbuf_append(&reader->scratch,
                          str_make(run, (size_t)(reader->at - run)));
            *out_decoded = true;
            if (!escape(reader, false)) {
                return false;
            }
            run = reader->at;
        } else if (at_line_end(reader)) {
            break;
        } else if (is_control(c)) {
            return fail_control(reader, reader->at);
        } else {
            reader->at++;
        }
    }
    if (!at_char(reader, quote)) {
        return toml_fail(reader, start, start + 1, "this string does not end");
    }
    if (*out_decoded) {
        strbuf_append(&reader->scratch,
                      str_make(run, (size_t)(reader->at - run)));
    }
    reader->at++;
    return true;
}

bool toml_string(TomlReader *reader, bool may_be_long, Str *out)
{
    const char *start = reader->at;
    char quote = *start;
    bool is_long =
        reader->end - start >= 3 && start[1] == quote && start[2] == quote;
    if (is_long && !may_be_long) {
        return toml_fail(reader, start, start + 3,
                         "a key stands on one line, in single quotes");
    }
    bool decoded = true;
    if (is_long ? !long_string(reader, quote)
                : !short_string(reader, quote, &decoded)) {
        return false;
    }
    *out = decoded
               ? arena_str(reader->module->arena, strbuf_str(&reader->scratch))
               : str_make(start + 1, (size_t)(reader->at - start - 2));
    return true;
}

static void set_string(Str text, Expr *out)
{
    out->kind = EXPR_STRING;
    out->as.string.data = text.data;
    out->as.string.len = (uint32_t)text.len;
}

// ---- dates and times, which stay texts

static bool looks_like_date(const TomlReader *reader)
{
    const char *at = reader->at;
    while (at < reader->end && byte_is(*at, BYTE_DIGIT)) {
        at++;
    }
    size_t digits = (size_t)(at - reader->at);
    return at < reader->end &&
           ((digits == 4 && *at == '-') || (digits == 2 && *at == ':'));
}

// With 'T' and 'Z' as RFC 3339 writes them.
static Str normal_date(TomlReader *reader, Str text)
{
    if (memchr(text.data, ' ', text.len) == NULL &&
        memchr(text.data, 't', text.len) == NULL &&
        memchr(text.data, 'z', text.len) == NULL) {
        return text;
    }
    char *copy = arena_copy(reader->module->arena, text.data, text.len);
    for (size_t i = 0; i < text.len; i++) {
        copy[i] = copy[i] == ' ' || copy[i] == 't' ? 'T'
                  : copy[i] == 'z'                 ? 'Z'
                                                   : copy[i];
    }
    return str_make(copy, text.len);
}

static bool date_value(TomlReader *reader, Expr *out)
{
    const char *end = toml_date_end(reader->at, reader->end);
    if (end == NULL) {
        const char *at = reader->at;
        while (at < reader->end && !byte_is(*at, BYTE_BLANK | BYTE_LINE)) {
            at++;
        }
        return toml_fail(reader, reader->at, at, "this is no date or time");
    }
    set_string(
        normal_date(reader, str_make(reader->at, (size_t)(end - reader->at))),
        out);
    reader->at = end;
    return true;
}

// ---- numbers

// Digits with single '_' between them, without the '_', into the scratch
// buffer. False when there is none, or an '_' stands elsewhere.
static bool take_number_digits(TomlReader *reader, unsigned classes)
{
    bool after_digit = false;
    for (;; reader->at++) {
        if (reader->at == reader->end) {
            return after_digit;
        }
        if (byte_is(*reader->at, classes)) {
            strbuf_append_char(&reader->scratch, *reader->at);
            after_digit = true;
        } else if (*reader->at == '_' && after_digit) {
            after_digit = false;
        } else {
            return after_digit;
        }
    }
}

static bool fail_number(TomlReader *reader, const char *start)
{
    while (reader->at < reader->end &&
           (byte_is(*reader->at, BYTE_IDENT) || *reader->at == '.')) {
        reader->at++;
    }
    const char *end = reader->at > start ? reader->at : start + 1;
    return toml_fail_help(reader, start, end, "this is no TOML number",
                          "a number is written as -12, 1_000, 0xFF, 0.5 or "
                          "1e10, without zeros before it");
}

static bool set_integer(TomlReader *reader, const char *start, int base,
                        bool negative, Expr *out)
{
    uint64_t value;
    if (!number_parse_digits(strbuf_str(&reader->scratch), base, &value) ||
        value > (uint64_t)INT64_MAX + negative) {
        return toml_fail(reader, start, reader->at,
                         "this number does not fit into 64 bits");
    }
    out->kind = EXPR_INT;
    out->as.integer.value = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

static bool based_value(TomlReader *reader, Expr *out)
{
    const char *start = reader->at;
    int base = start[1] == 'x' ? 16 : start[1] == 'o' ? 8 : 2;
    reader->at += 2;
    strbuf_clear(&reader->scratch);
    if (!take_number_digits(reader, BYTE_HEX)) {
        return fail_number(reader, start);
    }
    Str digits = strbuf_str(&reader->scratch);
    for (size_t i = 0; i < digits.len; i++) {
        if (byte_hex_value(digits.data[i]) >= (uint32_t)base) {
            return fail_number(reader, start);
        }
    }
    return set_integer(reader, start, base, false, out);
}

// Behind the digits before it: ['.' digits] ['e' ['+' | '-'] digits].
static bool fraction(TomlReader *reader, bool *out_is_float)
{
    if (at_char(reader, '.')) {
        *out_is_float = true;
        reader->at++;
        strbuf_append_char(&reader->scratch, '.');
        if (!take_number_digits(reader, BYTE_DIGIT)) {
            return false;
        }
    }
    if (reader->at < reader->end && (*reader->at | 0x20) == 'e') {
        *out_is_float = true;
        reader->at++;
        strbuf_append_char(&reader->scratch, 'e');
        if (at_char(reader, '+') || at_char(reader, '-')) {
            strbuf_append_char(&reader->scratch, *reader->at++);
        }
        return take_number_digits(reader, BYTE_DIGIT);
    }
    return true;
}

static bool decimal_value(TomlReader *reader, Expr *out)
{
    const char *start = reader->at;
    bool negative = at_char(reader, '-');
    reader->at += negative || at_char(reader, '+');
    if (at_text(reader, "inf") || at_text(reader, "nan")) {
        return toml_fail(reader, start, reader->at + 3,
                         "infinities and NaN are no values");
    }
    strbuf_clear(&reader->scratch);
    bool is_float = false;
    const char *digits = reader->at;
    bool fine = take_number_digits(reader, BYTE_DIGIT) &&
                (*digits != '0' || reader->at - digits == 1) &&
                fraction(reader, &is_float);
    if (!fine ||
        (reader->at < reader->end && byte_is(*reader->at, BYTE_IDENT))) {
        return fail_number(reader, start);
    }
    if (!is_float) {
        return set_integer(reader, start, 10, negative, out);
    }
    double value;
    if (!number_parse_double(strbuf_str(&reader->scratch), &value)) {
        return toml_fail(reader, start, reader->at,
                         "this number is larger than any float");
    }
    out->kind = EXPR_FLOAT;
    out->as.number.value = negative ? -value : value;
    return true;
}

static bool number_value(TomlReader *reader, Expr *out)
{
    if (looks_like_date(reader)) {
        return date_value(reader, out);
    }
    bool based = reader->end - reader->at > 2 && *reader->at == '0' &&
                 strchr("xob", reader->at[1]) != NULL;
    return based ? based_value(reader, out) : decimal_value(reader, out);
}

// ---- arrays

static bool array_value(TomlReader *reader, uint32_t depth, Expr *out)
{
    size_t mark = reader->stack.used;
    uint16_t closed = EXPR_CLOSED;
    const char *start = reader->at++;
    for (;;) {
        if (!toml_skip_space(reader)) {
            return false;
        }
        if (at_char(reader, ']')) {
            break;
        }
        Expr item;
        if (!toml_value(reader, depth, &item)) {
            return false;
        }
        closed &= item.flags;
        node_stack_push(&reader->stack, &item, sizeof item);
        if (!toml_skip_space(reader)) {
            return false;
        }
        if (at_char(reader, ',')) {
            reader->at++;
        } else if (!at_char(reader, ']')) {
            return reader->at == reader->end
                       ? toml_fail(reader, start, start + 1,
                                   "this array does not end")
                       : toml_fail_unexpected(reader, "',' or ']'");
        }
    }
    reader->at++;
    out->kind = EXPR_LIST;
    out->flags = closed;
    out->as.list.count = (uint32_t)((reader->stack.used - mark) / sizeof(Expr));
    out->as.list.items =
        node_stack_take(&reader->stack, mark, reader->module->arena);
    return true;
}

// ---- any value

static bool word_value(TomlReader *reader, Expr *out)
{
    bool is_true = at_text(reader, "true");
    if (!is_true && !at_text(reader, "false")) {
        return at_text(reader, "inf") || at_text(reader, "nan")
                   ? decimal_value(reader, out)
                   : toml_fail_unexpected(reader, "a value");
    }
    reader->at += is_true ? 4 : 5;
    out->kind = EXPR_BOOL;
    out->as.boolean.value = is_true;
    return true;
}

static bool plain_value(TomlReader *reader, uint32_t depth, Expr *out)
{
    char c = reader->at < reader->end ? *reader->at : '\0';
    if (c == '"' || c == '\'') {
        Str text;
        if (!toml_string(reader, true, &text)) {
            return false;
        }
        set_string(text, out);
        return true;
    }
    if (c == '[') {
        return array_value(reader, depth, out);
    }
    if (c == '{') {
        return toml_inline_table(reader, depth, out);
    }
    if (byte_is(c, BYTE_DIGIT) || c == '-' || c == '+') {
        return number_value(reader, out);
    }
    return word_value(reader, out);
}

bool toml_value(TomlReader *reader, uint32_t depth, Expr *out)
{
    if (depth >= reader->max_nesting) {
        reader->failed = true;
        Diag *diag = diag_add(&reader->module->diags, DIAG_E0601,
                              &reader->module->source,
                              (Span){toml_offset(reader, reader->at),
                                     toml_offset(reader, reader->at) + 1},
                              "the nesting is deeper than %u levels",
                              (unsigned)reader->max_nesting);
        diag_help(&reader->module->diags, diag, "raise --max-nesting");
        return false;
    }
    uint32_t start = toml_offset(reader, reader->at);
    *out = (Expr){.kind = EXPR_ERROR, .flags = EXPR_CLOSED};
    reader->module->ast.node_count++;
    if (!plain_value(reader, depth + 1, out)) {
        return false;
    }
    out->span = (Span){start, toml_offset(reader, reader->at)};
    return true;
}
