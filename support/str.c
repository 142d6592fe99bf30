// Slices, builders and UTF-8.
#include "support/str.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/die.h"
#include "support/number.h"

#define STRBUF_FIRST_CAPACITY 64

Str str_from_c(const char *text)
{
    return str_make(text, strlen(text));
}

int str_compare(Str a, Str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts_with(Str text, Str prefix)
{
    return text.len >= prefix.len &&
           str_equal(str_make(text.data, prefix.len), prefix);
}

bool str_ends_with(Str text, Str suffix)
{
    return text.len >= suffix.len &&
           str_equal(str_slice(text, text.len - suffix.len, text.len), suffix);
}

Str str_slice(Str text, size_t from, size_t to)
{
    to = to > text.len ? text.len : to;
    from = from > to ? to : from;
    // An empty text may have no data; NULL + 0 is not defined in C.
    return str_make(from > 0 ? text.data + from : text.data, to - from);
}

size_t str_find_byte(Str text, char byte, size_t from)
{
    if (from >= text.len) {
        return text.len;
    }
    const char *found = memchr(text.data + from, byte, text.len - from);
    return found != NULL ? (size_t)(found - text.data) : text.len;
}

void strbuf_release(StrBuf *buf)
{
    free(buf->data);
    *buf = (StrBuf){0};
}

void strbuf_clear(StrBuf *buf)
{
    buf->len = 0;
}

char *strbuf_grow(StrBuf *buf, size_t extra)
{
    size_t needed;
    if (UNLIKELY(__builtin_add_overflow(buf->len, extra, &needed) ||
                 needed > SIZE_MAX / 2)) {
        die_out_of_memory();
    }
    size_t grown = buf->capacity + buf->capacity / 2;
    grown = grown < STRBUF_FIRST_CAPACITY ? STRBUF_FIRST_CAPACITY : grown;
    grown = grown < needed ? needed : grown;
    buf->data = mem_realloc(buf->data, grown, 1);
    buf->capacity = grown;
    return buf->data + buf->len;
}

void strbuf_append(StrBuf *buf, Str text)
{
    if (text.len > 0) {
        memcpy(strbuf_reserve(buf, text.len), text.data, text.len);
        buf->len += text.len;
    }
}

void strbuf_append_repeat(StrBuf *buf, char c, size_t count)
{
    memset(strbuf_reserve(buf, count), c, count);
    buf->len += count;
}

void strbuf_append_codepoint(StrBuf *buf, uint32_t codepoint)
{
    assert(codepoint <= 0x10FFFF);
    char *out = strbuf_reserve(buf, 4);
    if (codepoint < 0x80) {
        out[0] = (char)codepoint;
        buf->len += 1;
    } else if (codepoint < 0x800) {
        out[0] = (char)(0xC0 | codepoint >> 6);
        out[1] = (char)(0x80 | (codepoint & 0x3F));
        buf->len += 2;
    } else if (codepoint < 0x10000) {
        out[0] = (char)(0xE0 | codepoint >> 12);
        out[1] = (char)(0x80 | (codepoint >> 6 & 0x3F));
        out[2] = (char)(0x80 | (codepoint & 0x3F));
        buf->len += 3;
    } else {
        out[0] = (char)(0xF0 | codepoint >> 18);
        out[1] = (char)(0x80 | (codepoint >> 12 & 0x3F));
        out[2] = (char)(0x80 | (codepoint >> 6 & 0x3F));
        out[3] = (char)(0x80 | (codepoint & 0x3F));
        buf->len += 4;
    }
}

void strbuf_append_i64(StrBuf *buf, int64_t value)
{
    char *out = strbuf_reserve(buf, NUMBER_TEXT_MAX);
    buf->len += number_format_i64(out, value);
}

void strbuf_appendv(StrBuf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    // One spare byte for the terminator that vsnprintf insists on.
    strbuf_reserve(buf, STRBUF_FIRST_CAPACITY);
    size_t room = buf->capacity - buf->len;
    int length = vsnprintf(buf->data + buf->len, room, format, args);
    if (UNLIKELY(length < 0)) {
        die_bug(__FILE__, __LINE__, "text to format is too long");
    }
    if ((size_t)length >= room) {
        room = (size_t)length + 1;
        vsnprintf(strbuf_reserve(buf, room), room, format, again);
    }
    buf->len += (size_t)length;
    va_end(again);
}

void strbuf_appendf(StrBuf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_appendv(buf, format, args);
    va_end(args);
}

size_t utf8_start(Str text, size_t at)
{
    while (at > 0 && at < text.len && utf8_continues(text.data[at])) {
        at--;
    }
    return at;
}

// The table 3-7 of the Unicode standard: the second byte's range excludes
// overlong forms, surrogates and values above U+10FFFF.
static int32_t decode_multibyte(const unsigned char *in, size_t left,
                                size_t *out_len)
{
    unsigned char first = in[0];
    size_t len = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || left < len) {
        return -1;
    }
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (in[1] < low || in[1] > high) {
        return -1;
    }
    int32_t codepoint = first & (0x7F >> len);
    for (size_t i = 1; i < len; i++) {
        if (!utf8_continues((char)in[i])) {
            return -1;
        }
        codepoint = codepoint << 6 | (in[i] & 0x3F);
    }
    *out_len = len;
    return codepoint;
}

int32_t utf8_decode(Str text, size_t *at)
{
    assert(*at < text.len);
    const unsigned char *in = (const unsigned char *)text.data + *at;
    if (in[0] < 0x80) {
        *at += 1;
        return in[0];
    }
    size_t len = 1;
    int32_t codepoint = decode_multibyte(in, text.len - *at, &len);
    *at += len;
    return codepoint;
}

size_t utf8_validate(Str text)
{
    size_t at = 0;
    while (at < text.len) {
        // Eight bytes of ASCII at a time.
        uint64_t word;
        while (text.len - at >= sizeof word) {
            memcpy(&word, text.data + at, sizeof word);
            if ((word & UINT64_C(0x8080808080808080)) != 0) {
                break;
            }
            at += sizeof word;
        }
        if (at < text.len) {
            size_t start = at;
            if (utf8_decode(text, &at) < 0) {
                return start;
            }
        }
    }
    return text.len;
}

// How many code points begin in eight bytes: in those not of the form 10xxxxxx.
static inline size_t count_begins(const char *bytes)
{
    const uint64_t low = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return (size_t)(((~word >> 7 | word >> 6) & low) * low >> 56);
}

size_t utf8_offset(Str text, size_t at, uint64_t index)
{
    while (text.len - at >= sizeof(uint64_t)) {
        size_t begins = count_begins(text.data + at);
        if (begins > index) {
            break;
        }
        index -= begins;
        at += sizeof(uint64_t);
    }
    while (at < text.len && (utf8_continues(text.data[at]) || index > 0)) {
        index -= !utf8_continues(text.data[at]);
        at++;
    }
    return at;
}

size_t utf8_length(Str text)
{
    size_t length = 0;
    size_t at = 0;
    for (; text.len - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        length += count_begins(text.data + at);
    }
    for (; at < text.len; at++) {
        length += !utf8_continues(text.data[at]);
    }
    return length;
}

typedef struct CodepointRange {
    int32_t first, last;
} CodepointRange;

// Control characters, marks without a width and what changes the direction of
// text: a reader could not see them, or not see what they do to the rest.
static bool is_unprintable(int32_t codepoint)
{
    static const CodepointRange ranges[] = {
        {0x00, 0x1F},     {0x7F, 0x9F},       {0xAD, 0xAD},
        {0x61C, 0x61C},   {0x180E, 0x180E},   {0x200B, 0x200F},
        {0x2028, 0x202E}, {0x2060, 0x206F},   {0xFEFF, 0xFEFF},
        {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
    };
    if (codepoint >= 0x20 && codepoint < 0x7F) {
        return false;
    }
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (codepoint >= ranges[i].first && codepoint <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

// Whether the '#' at `at` would complete "##[" or "##vso[", which CI runners
// take for a command wherever it stands in a line.
static bool completes_ci_command(Str text, size_t at)
{
    if (text.data[at] != '#' || at == 0 || text.data[at - 1] != '#') {
        return false;
    }
    Str rest = str_slice(text, at + 1, text.len);
    return str_starts_with(rest, STR("[")) ||
           str_starts_with(rest, STR("vso["));
}

void strbuf_append_printable(StrBuf *buf, Str text, size_t max_bytes)
{
    static const size_t dots = sizeof "..." - 1;
    size_t begin = buf->len;
    size_t cut = begin; // the last boundary that leaves room for the dots
    size_t at = 0;
    while (at < text.len) {
        size_t start = at;
        int32_t codepoint = utf8_decode(text, &at);
        if (codepoint < 0) {
            strbuf_appendf(buf, "\\x%02x", (unsigned char)text.data[start]);
        } else if (is_unprintable(codepoint) ||
                   completes_ci_command(text, start)) {
            strbuf_appendf(buf, "\\u{%x}", (unsigned)codepoint);
        } else {
            strbuf_append(buf, str_slice(text, start, at));
        }
        if (buf->len - begin > max_bytes) {
            buf->len = cut;
            strbuf_append_repeat(buf, '.', max_bytes < dots ? max_bytes : dots);
            return;
        }
        if (buf->len - begin + dots <= max_bytes) {
            cut = buf->len;
        }
    }
}

static bool is_plain_name(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && c != '_' &&
            (i == 0 || (c != '\'' && (c < '0' || c > '9')))) {
            return false;
        }
    }
    return text.len > 0;
}

void strbuf_append_key(StrBuf *buf, Str key, size_t max_bytes)
{
    if (is_plain_name(key)) {
        strbuf_append_printable(buf, key, max_bytes);
        return;
    }
    StrBuf escaped = {0};
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] == '"' || key.data[i] == '\\') {
            strbuf_append_char(&escaped, '\\');
        }
        strbuf_append_char(&escaped, key.data[i]);
    }
    strbuf_append_char(buf, '"');
    strbuf_append_printable(buf, strbuf_str(&escaped), max_bytes);
    strbuf_append_char(buf, '"');
    strbuf_release(&escaped);
}
