// Keys and values of TOML: see read_tape_toml.c.
#include "syntax/json_words.h"
#include "syntax/read_tape_toml.h"
#include "syntax/read_toml_internal.h"

// ---- white space

static void skip_comment(TapeReader *r)
{
    const char *end = memchr(r->at, '\n', (size_t)(r->end - r->at));
    r->at = end != NULL ? end : r->end;
}

bool toml_tape_end_line(TapeReader *r)
{
    toml_tape_skip_blanks(r);
    if (toml_tape_at(r, '#')) {
        skip_comment(r);
    }
    if (r->at < r->end && *r->at != '\n') {
        return false;
    }
    r->at += r->at < r->end;
    return true;
}

void toml_tape_skip_space(TapeReader *r)
{
    for (;;) {
        toml_tape_skip_blanks(r);
        if (toml_tape_at(r, '#')) {
            skip_comment(r);
        } else if (!toml_tape_at(r, '\n')) {
            return;
        } else {
            r->at++;
        }
    }
}

// ---- strings

typedef struct TomlText {
    Str text;
    bool is_decoded; // it lies in the scratch buffer
} TomlText;

// As json_plain_end(), but tabs may stand in strings.
static const char *plain_end(const char *at, const char *end)
{
    at = json_plain_end(at, end);
    while (at < end && *at == '\t') {
        at = json_plain_end(at + 1, end);
    }
    return at;
}

// The escapes that read as in JSON, but for characters of two.
static bool decode(TapeReader *r, const char *run, const char *at,
                   TomlText *out)
{
    strbuf_clear(&r->scratch);
    while (at < r->end && *at == '\\') {
        const char *escape = at;
        strbuf_append(&r->scratch, str_make(run, (size_t)(at - run)));
        if (json_unescape(&at, r->end, &r->scratch) != JSON_ESCAPE_OKAY ||
            escape[1] == '/' || (escape[1] == 'u' && at - escape != 6)) {
            return false;
        }
        run = at;
        at = plain_end(at, r->end);
    }
    if (at == r->end || *at != '"') {
        return false;
    }
    strbuf_append(&r->scratch, str_make(run, (size_t)(at - run)));
    *out = (TomlText){strbuf_str(&r->scratch), true};
    r->at = at + 1;
    return true;
}

// Of one line, at its quote.
static bool scan_text(TapeReader *r, TomlText *out)
{
    char quote = *r->at;
    const char *run = r->at + 1;
    const char *at;
    if (r->end - run >= 2 && run[0] == quote && run[1] == quote) {
        return false;
    }
    if (quote == '"') {
        at = plain_end(run, r->end);
        if (at < r->end && *at == '\\') {
            return decode(r, run, at, out);
        }
    } else {
        at = run;
        while (at < r->end && *at != '\'' && *at != '\n') {
            at++;
        }
    }
    if (at == r->end || *at != quote) {
        return false;
    }
    *out = (TomlText){str_make(run, (size_t)(at - run)), false};
    r->at = at + 1;
    return true;
}

// Passes a backslash and what it stands for. One before the end of a line takes
// all white space behind it.
static bool pass_escape(TapeReader *r, const char **at)
{
    const char *escape = *at;
    const char *next = escape + 1;
    while (next < r->end && (byte_is(*next, BYTE_BLANK) || *next == '\r')) {
        next++;
    }
    if (next < r->end && *next == '\n') {
        while (next < r->end && byte_is(*next, BYTE_BLANK | BYTE_LINE)) {
            next++;
        }
        *at = next;
        return true;
    }
    return json_unescape(at, r->end, &r->scratch) == JSON_ESCAPE_OKAY &&
           escape[1] != '/' && (escape[1] != 'u' || *at - escape == 6);
}

// Of more lines, at its quotes; up to two more may stand before those that
// close it.
static bool scan_long_text(TapeReader *r, TomlText *out)
{
    enum { QUOTES = 3, MOST_QUOTES = 5 };
    char quote = *r->at;
    const char *at = r->at + QUOTES;
    at += at < r->end && *at == '\r';
    at += at < r->end && *at == '\n';
    const char *run = at;
    strbuf_clear(&r->scratch);
    while (at < r->end) {
        if (*at == quote) {
            const char *stop = at;
            while (stop < r->end && stop - at < MOST_QUOTES && *stop == quote) {
                stop++;
            }
            bool closes = stop - at >= QUOTES;
            at = stop;
            if (closes) {
                strbuf_append(&r->scratch,
                              str_make(run, (size_t)(stop - QUOTES - run)));
                *out = (TomlText){strbuf_str(&r->scratch), true};
                r->at = stop;
                return true;
            }
        } else if (*at == '\r' || (*at == '\\' && quote == '"')) {
            strbuf_append(&r->scratch, str_make(run, (size_t)(at - run)));
            if (*at == '\r') {
                at++;
            } else if (!pass_escape(r, &at)) {
                return false;
            }
            run = at;
        } else {
            at++;
        }
    }
    return false;
}

static bool put_text(TapeReader *r, TomlText text, const char *start)
{
    TapeWord *words = tape_words(r);
    if (text.text.len > TAPE_NUMBER_MAX) {
        return false;
    }
    words[0] = tape_word(r, text.is_decoded ? TAPE_DECODED : TAPE_STRING,
                         (uint32_t)text.text.len, start);
    if (text.is_decoded) {
        Str kept = arena_str(r->arena, text.text);
        words[1] = (TapeWord)(uintptr_t)kept.data;
    }
    r->cursor = words + 1 + text.is_decoded;
    return true;
}

// ---- keys

bool toml_tape_push_key(TapeReader *r)
{
    const char *start = r->at;
    TomlText key = {{start, 0}, false};
    if (toml_tape_at(r, '"') || toml_tape_at(r, '\'')) {
        if (!scan_text(r, &key)) {
            return false;
        }
    } else {
        const char *at = byte_run_ident_end(start, r->end);
        while (at < r->end && *at == '-') {
            at = byte_run_ident_end(at + 1, r->end);
        }
        if (at == start) {
            return false;
        }
        key.text.len = (size_t)(at - start);
        r->at = at;
    }
    const char *end = key.is_decoded ? key.text.data + key.text.len : r->end;
    vec_push(&r->keys,
             name_cache_intern(&r->names, r->interner, key.text, end));
    toml_tape_skip_blanks(r);
    return true;
}

// ---- scalars

// What may follow a word or number.
static bool ends_word(const TapeReader *r, const char *at)
{
    return at == r->end || byte_is(*at, BYTE_BLANK | BYTE_LINE) || *at == ',' ||
           *at == ']' || *at == '}' || *at == '#';
}

static bool put_word(TapeReader *r, Str text, TapeKind kind)
{
    size_t room = (size_t)(r->end - r->at);
    if (room < text.len || memcmp(r->at, text.data, text.len) != 0 ||
        !ends_word(r, r->at + text.len)) {
        return false;
    }
    *tape_words(r) = tape_word(r, kind, 0, r->at);
    r->cursor++;
    r->at += text.len;
    return true;
}

// Dates stay texts, as they are written; with a space or small letters they
// would be written otherwise.
static bool put_date(TapeReader *r)
{
    const char *end = toml_date_end(r->at, r->end);
    if (end == NULL || !ends_word(r, end)) {
        return false;
    }
    for (const char *at = r->at; at < end; at++) {
        if (*at == ' ' || *at == 't' || *at == 'z') {
            return false;
        }
    }
    TapeWord *words = tape_words(r);
    words[0] = tape_word(r, TAPE_DECODED, (uint32_t)(end - r->at), r->at);
    words[1] = (TapeWord)(uintptr_t)r->at;
    r->cursor = words + 2;
    r->at = end;
    return true;
}

// What is a number of JSON, too, but for integers that do not fit.
static bool put_number(TapeReader *r)
{
    enum { SHORT_DIGITS = 8 };
    const char *start = r->at;
    const char *at = start + (*start == '-');
    const char *digits = at;
    uint32_t value = 0;
    while (at < r->end && byte_is(*at, BYTE_DIGIT)) {
        value = value * 10 + (uint32_t)(*at - '0');
        at++;
    }
    TapeWord *words = tape_words(r);
    ptrdiff_t count = at - digits;
    if (LIKELY(count > 0 && count <= SHORT_DIGITS && ends_word(r, at) &&
               (*digits != '0' || count == 1))) {
        value = (*start == '-' ? 0 - value : value) & TAPE_NUMBER_MAX;
        words[0] = tape_word(r, TAPE_INT, value, start);
        r->cursor = words + 1;
        r->at = at;
        return true;
    }
    if (at < r->end &&
        ((count == 4 && *at == '-') || (count == 2 && *at == ':'))) {
        return digits == start && put_date(r);
    }
    JsonNumber number = {0};
    JsonNumberKind kind = json_number(&r->at, r->end, &number);
    bool is_whole = memchr(start, '.', (size_t)(r->at - start)) == NULL &&
                    memchr(start, 'e', (size_t)(r->at - start)) == NULL &&
                    memchr(start, 'E', (size_t)(r->at - start)) == NULL;
    if (!ends_word(r, r->at) ||
        (kind != JSON_NUMBER_INT && (kind != JSON_NUMBER_FLOAT || is_whole))) {
        return false;
    }
    words[0] = tape_word(r, is_whole ? TAPE_WIDE_INT : TAPE_FLOAT, 0, start);
    memcpy(&words[1], &number, sizeof number);
    r->cursor = words + 2;
    return true;
}

// ---- values

static bool read_value(TapeReader *r);

static bool array_value(TapeReader *r)
{
    TapeWord *word = tape_words(r);
    const char *start = r->at++;
    uint64_t count = 0;
    r->cursor++;
    for (;;) {
        toml_tape_skip_space(r);
        if (toml_tape_at(r, ']')) {
            break;
        }
        count++;
        if (!read_value(r)) {
            return false;
        }
        toml_tape_skip_space(r);
        if (toml_tape_at(r, ',')) {
            r->at++;
        } else if (!toml_tape_at(r, ']')) {
            return false;
        }
    }
    r->at++;
    *word = tape_word(r, TAPE_LIST, (uint32_t)count, start);
    return count <= TAPE_NUMBER_MAX;
}

bool toml_tape_read_value(TapeReader *r)
{
    if (!toml_tape_at(r, '=')) {
        return false;
    }
    r->at++;
    toml_tape_skip_blanks(r);
    if (!read_value(r)) {
        return false;
    }
    toml_tape_skip_blanks(r);
    return true;
}

static bool inline_pairs(TapeReader *r)
{
    toml_tape_skip_blanks(r);
    if (toml_tape_at(r, '}')) {
        return true;
    }
    for (;;) {
        if (!toml_tape_push_key(r) || !toml_tape_read_value(r)) {
            return false;
        }
        if (!toml_tape_at(r, ',')) {
            return toml_tape_at(r, '}');
        }
        r->at++;
        toml_tape_skip_blanks(r);
    }
}

static bool inline_table(TapeReader *r)
{
    TapeWord *word = tape_words(r);
    const char *start = r->at++;
    uint32_t mark = r->keys.count;
    r->cursor++;
    if (!tape_enter(r) || !inline_pairs(r)) { // its values are one deeper
        return false;
    }
    const TapeShape *shape = tape_find_shape(r, mark);
    if (shape == NULL) {
        return false;
    }
    r->at++;
    r->depth--;
    *word = tape_word(r, TAPE_RECORD, shape->number, start);
    return true;
}

static bool text_value(TapeReader *r)
{
    const char *start = r->at;
    TomlText text;
    bool is_long =
        r->end - start >= 3 && start[1] == *start && start[2] == *start;
    return (is_long ? scan_long_text(r, &text) : scan_text(r, &text)) &&
           put_text(r, text, start);
}

static bool any_value(TapeReader *r)
{
    switch (LIKELY(r->at < r->end) ? *r->at : 0) {
    case '"':
    case '\'':
        return text_value(r);
    case '[':
        return array_value(r);
    case '{':
        return inline_table(r);
    case 't':
        return put_word(r, STR("true"), TAPE_TRUE);
    case 'f':
        return put_word(r, STR("false"), TAPE_FALSE);
    default:
        return r->at < r->end &&
               (byte_is(*r->at, BYTE_DIGIT) || *r->at == '-') && put_number(r);
    }
}

static bool read_value(TapeReader *r)
{
    r->node_count++;
    bool okay = tape_enter(r) && any_value(r);
    r->depth--;
    return okay;
}
