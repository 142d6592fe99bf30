// Scalars of YAML as they are written and what they stand for: see
// read_tape_yaml.c.
#include <string.h>

#include "syntax/json_words.h"
#include "syntax/read_tape_yaml.h"
#include "syntax/read_yaml_internal.h"

// ---- scalars of one line

// The next byte that may end a plain scalar.
static inline const char *plain_stop(const char *at, const char *end)
{
#ifdef __SSE2__
    while (LIKELY(end - at >= BYTE_RUN_STEP)) {
        __m128i bytes = byte_run_load(at);
        __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(':')),
                                     _mm_cmpeq_epi8(bytes, _mm_set1_epi8('#')));
        unsigned stops = (unsigned)_mm_movemask_epi8(
            _mm_or_si128(marks, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))));
        if (LIKELY(stops != 0)) {
            return at + __builtin_ctz(stops);
        }
        at += BYTE_RUN_STEP;
    }
#endif
    while (at < end && *at != ':' && *at != '#' && *at != '\n') {
        at++;
    }
    return at;
}

static bool starts_plain(const TapeReader *r)
{
    switch (*r->at) {
    case '-': // nor "- " and what looks like it
        return r->end - r->at > 1 &&
               (byte_is(r->at[1], BYTE_IDENT) || r->at[1] == '.' ||
                r->at[1] == '-' || r->at[1] == '/');
    case '?':
    case ':':
    case ',':
    case '[':
    case ']':
    case '{':
    case '}':
    case '#':
    case '&':
    case '*':
    case '!':
    case '|':
    case '>':
    case '\'':
    case '"':
    case '%':
    case '@':
    case '`':
        return false;
    default:
        return true;
    }
}

static bool scan_plain(TapeReader *r, YamlScalar *out)
{
    const char *start = r->at;
    if (!starts_plain(r)) {
        return false;
    }
    const char *at = plain_stop(start + 1, r->end);
    while (at < r->end && *at != '\n' &&
           (*at == ':' ? !yaml_is_gap(r, at + 1) : at[-1] != ' ')) {
        at = plain_stop(at + 1, r->end);
    }
    bool is_key = at < r->end && *at == ':';
    r->at = at;
    while (at[-1] == ' ' || at[-1] == '\r') {
        at--;
    }
    r->at = is_key ? r->at : at; // a comment is one behind a space
    *out = (YamlScalar){.text = str_make(start, (size_t)(at - start)),
                        .is_plain = true};
    return true;
}

// The escapes that read as in JSON, but for characters of two.
static bool decode_double(TapeReader *r, const char *run, const char *at,
                          YamlScalar *out)
{
    strbuf_clear(&r->scratch);
    while (at < r->end && *at == '\\') {
        const char *escape = at;
        strbuf_append(&r->scratch, str_make(run, (size_t)(at - run)));
        if (json_unescape(&at, r->end, &r->scratch) != JSON_ESCAPE_OKAY ||
            (escape[1] == 'u' && at - escape != 6)) {
            return false;
        }
        run = at;
        at = json_plain_end(at, r->end);
    }
    if (at == r->end || *at != '"') {
        return false;
    }
    strbuf_append(&r->scratch, str_make(run, (size_t)(at - run)));
    *out = (YamlScalar){.text = strbuf_str(&r->scratch), .is_decoded = true};
    r->at = at + 1;
    return true;
}

static bool scan_double(TapeReader *r, YamlScalar *out)
{
    const char *run = r->at + 1;
    const char *at = json_plain_end(run, r->end);
    if (at == r->end || *at != '"') {
        return decode_double(r, run, at, out);
    }
    *out = (YamlScalar){.text = str_make(run, (size_t)(at - run))};
    r->at = at + 1;
    return true;
}

static bool scan_single(TapeReader *r, YamlScalar *out)
{
    const char *run = r->at + 1;
    *out = (YamlScalar){.is_decoded = false};
    for (const char *at = run; at < r->end && *at != '\n'; at++) {
        if (*at != '\'') {
            continue;
        }
        Str part = str_make(run, (size_t)(at - run));
        bool goes_on = r->end - at > 1 && at[1] == '\'';
        if (goes_on && !out->is_decoded) {
            out->is_decoded = true;
            strbuf_clear(&r->scratch);
        }
        if (out->is_decoded) {
            strbuf_append(&r->scratch, part);
        }
        if (!goes_on) {
            out->text = out->is_decoded ? strbuf_str(&r->scratch) : part;
            r->at = at + 1;
            return true;
        }
        strbuf_append_char(&r->scratch, '\'');
        run = at + 2;
        at++;
    }
    return false;
}

bool yaml_scan_quoted(TapeReader *r, YamlScalar *out)
{
    return *r->at == '"' ? scan_double(r, out) : scan_single(r, out);
}

bool yaml_scan_scalar(TapeReader *r, YamlScalar *out)
{
    return yaml_at_quote(r) ? yaml_scan_quoted(r, out) : scan_plain(r, out);
}

// ---- scalars of more lines

// Passes an escape that reads as in JSON, or a line break. NULL: it is another.
static const char *pass_escape(const TapeReader *r, const char *at)
{
    char c = r->end - at > 1 ? at[1] : '\0';
    if (c == '\n' || c == '\r') {
        return at + 1;
    }
    if (c == 'u') {
        // Not of characters of two.
        bool is_whole = r->end - at > 6 && byte_is(at[2], BYTE_HEX) &&
                        byte_is(at[3], BYTE_HEX) && byte_is(at[4], BYTE_HEX) &&
                        byte_is(at[5], BYTE_HEX) && (at[2] | 0x20) != 'd';
        return is_whole ? at + 6 : NULL;
    }
    return c != '\0' && strchr("\"\\/bfnrt", c) != NULL ? at + 2 : NULL;
}

// Behind a line feed in a scalar: whether the line is blank, or may go on with
// it. *at then is at what it holds.
static bool enters_line(TapeReader *r, const char **at, ptrdiff_t column)
{
    r->line = r->at = *at;
    yaml_skip_spaces(r);
    *at = r->at;
    return r->at < r->end &&
           (*r->at == '\n' || (yaml_column(r) > column && !yaml_at_marker(r)));
}

bool yaml_scan_long_quoted(TapeReader *r, ptrdiff_t column, YamlScalar *out)
{
    char quote = *r->at;
    const char *start = r->at + 1;
    const char *at = start;
    while (at < r->end) {
        if (*at == quote &&
            (quote == '"' || r->end - at < 2 || at[1] != quote)) {
            strbuf_clear(&r->scratch);
            yaml_append_flow(&r->scratch, str_make(start, (size_t)(at - start)),
                             quote);
            *out = (YamlScalar){.text = strbuf_str(&r->scratch),
                                .is_decoded = true};
            r->at = at + 1;
            return true;
        }
        if (*at == '\\' && quote == '"') {
            at = pass_escape(r, at);
            if (at == NULL) {
                return false;
            }
        } else if (*at == '\n') {
            at++;
            if (!enters_line(r, &at, column)) {
                return false;
            }
        } else {
            at += *at == quote ? 2 : 1;
        }
    }
    return false;
}

bool yaml_scan_more_lines(TapeReader *r, ptrdiff_t column, YamlScalar *scalar)
{
    const char *start = scalar->text.data;
    const char *end = start + scalar->text.len;
    for (;;) {
        r->at = end;
        yaml_skip_spaces(r);
        const char *at = r->at;
        while (at < r->end && *at == '\n') {
            at++;
            if (!enters_line(r, &at, column)) {
                at = r->end;
            }
        }
        if (at == r->end || *at == '#') {
            break; // the end, or a comment
        }
        const char *line = at;
        at = plain_stop(at, r->end);
        while (at < r->end && *at != '\n' &&
               (*at == ':' ? !yaml_is_gap(r, at + 1)
                           : at == line || at[-1] != ' ')) {
            at = plain_stop(at + 1, r->end);
        }
        if (at < r->end && *at == ':') {
            return false; // no key may stand there
        }
        while (at[-1] == ' ' || at[-1] == '\r') {
            at--;
        }
        end = at;
    }
    r->at = end;
    if (end == start + scalar->text.len) {
        return true;
    }
    strbuf_clear(&r->scratch);
    yaml_append_flow(&r->scratch, str_make(start, (size_t)(end - start)), '\0');
    scalar->text = strbuf_str(&r->scratch);
    scalar->is_decoded = true;
    return true;
}

// ---- what scalars stand for

static bool put_string(TapeReader *r, const YamlScalar *scalar,
                       const char *start)
{
    TapeWord *words = tape_words(r);
    uint32_t len = (uint32_t)scalar->text.len;
    if (scalar->text.len > TAPE_NUMBER_MAX) {
        return false;
    }
    if (scalar->is_decoded) {
        words[0] = tape_word(r, TAPE_DECODED, len, start);
        Str text = arena_str(r->arena, scalar->text);
        words[1] = (TapeWord)(uintptr_t)text.data;
    } else {
        words[0] = tape_word(r, TAPE_STRING, len, scalar->text.data);
    }
    r->cursor = words + 1 + scalar->is_decoded;
    return true;
}

// Up to eight digits.
static bool put_short_int(TapeReader *r, Str text)
{
    enum { SHORT_DIGITS = 8 };
    bool is_negative = text.data[0] == '-';
    size_t at = is_negative || text.data[0] == '+';
    uint32_t value = 0;
    if (at == text.len || text.len - at > SHORT_DIGITS) {
        return false;
    }
    for (size_t i = at; i < text.len; i++) {
        if (!byte_is(text.data[i], BYTE_DIGIT)) {
            return false;
        }
        value = value * 10 + (uint32_t)(text.data[i] - '0');
    }
    value = (is_negative ? 0 - value : value) & TAPE_NUMBER_MAX;
    *tape_words(r) = tape_word(r, TAPE_INT, value, text.data);
    r->cursor++;
    return true;
}

static bool put_resolved(TapeReader *r, const YamlScalar *scalar)
{
    TapeWord *words = tape_words(r);
    const char *start = scalar->text.data;
    Expr value;
    YamlProblem problem = yaml_resolve(scalar->text, &value);
    if (problem.message != NULL) {
        return false;
    }
    switch (value.kind) {
    case EXPR_CTOR:
        words[0] = tape_word(r, TAPE_NULL, 0, start);
        break;
    case EXPR_BOOL:
        words[0] = tape_word(r, value.as.boolean.value ? TAPE_TRUE : TAPE_FALSE,
                             0, start);
        break;
    case EXPR_INT:
        words[0] = tape_word(r, TAPE_WIDE_INT, 0, start);
        words[1] = (TapeWord)value.as.integer.value;
        r->cursor = words + 2;
        return true;
    case EXPR_FLOAT:
        words[0] = tape_word(r, TAPE_FLOAT, 0, start);
        memcpy(&words[1], &value.as.number.value, sizeof(double));
        r->cursor = words + 2;
        return true;
    default:
        return put_string(r, scalar, start);
    }
    r->cursor = words + 1;
    return true;
}

// Whether a plain scalar may be anything but a string.
static inline bool may_resolve(Str text)
{
    char c = text.data[0];
    if (byte_is(c, BYTE_DIGIT)) {
        return true;
    }
    switch (c) {
    case '-':
    case '+':
    case '.':
        return true;
    case '~':
    case 'n':
    case 'N':
    case 't':
    case 'T':
    case 'f':
    case 'F':
        return text.len <= 5; // "false"
    default:
        return false;
    }
}

bool yaml_put_scalar(TapeReader *r, const YamlScalar *scalar, const char *start)
{
    r->node_count++;
    if (!scalar->is_plain || !may_resolve(scalar->text)) {
        return put_string(r, scalar, start);
    }
    return put_short_int(r, scalar->text) || put_resolved(r, scalar);
}

void yaml_put_null(TapeReader *r)
{
    *tape_words(r) = tape_word(r, TAPE_NULL, 0, r->at);
    r->cursor++;
    r->node_count++;
}

void yaml_push_key(TapeReader *r, const YamlScalar *key)
{
    const char *end = key->is_decoded ? key->text.data + key->text.len : r->end;
    vec_push(&r->keys,
             name_cache_intern(&r->names, r->interner, key->text, end));
    r->node_count++;
}

// ---- blocks of text

bool yaml_text_block(TapeReader *r, ptrdiff_t column)
{
    const char *start = r->at;
    Str text = str_make(r->start, (size_t)(r->end - r->start));
    size_t end;
    strbuf_clear(&r->scratch);
    if (!yaml_append_block(&r->scratch, text, (size_t)(start - r->start),
                           (size_t)(column + 1), &end)) {
        return false;
    }
    r->at = r->start + end;
    YamlScalar scalar = {.text = strbuf_str(&r->scratch), .is_decoded = true};
    yaml_find_content(r);
    return yaml_put_scalar(r, &scalar, start) && !yaml_at_marker(r);
}
