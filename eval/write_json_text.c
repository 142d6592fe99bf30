// JSON strings: eight bytes at a time while nothing needs an escape.
#include "eval/write_json_internal.h"

#define ONES (~UINT64_C(0) / 255) // a one in every byte
#define HIGH (ONES * 0x80)
// An escape is six bytes at most, two of them for a surrogate pair.
#define ESCAPE_MAX 12

static inline uint64_t bytes_below(uint64_t word, uint8_t n)
{
    return (word - ONES * n) & ~word & HIGH;
}

static inline uint64_t bytes_equal(uint64_t word, uint8_t n)
{
    word ^= ONES * n;
    return (word - ONES) & ~word & HIGH;
}

// Whether one of the eight bytes needs a closer look.
static inline bool is_special(uint64_t word, bool ascii)
{
    return (bytes_below(word, 0x20) | bytes_equal(word, '"') |
            bytes_equal(word, '\\') | (ascii ? word & HIGH : 0)) != 0;
}

static char *put_unicode(char *out, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    out[0] = '\\';
    out[1] = 'u';
    out[2] = digits[unit >> 12 & 15];
    out[3] = digits[unit >> 8 & 15];
    out[4] = digits[unit >> 4 & 15];
    out[5] = digits[unit & 15];
    return out + 6;
}

static char *put_codepoint(char *out, uint32_t c)
{
    if (c < 0x10000) {
        return put_unicode(out, c);
    }
    out = put_unicode(out, 0xD800 + ((c - 0x10000) >> 10));
    return put_unicode(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
}

static char short_escape(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    }
    return 0;
}

// The character at text[*at], escaped where it must be.
static char *put_character(char *out, Str text, size_t *at, bool ascii)
{
    unsigned char c = (unsigned char)text.data[*at];
    if (c >= 0x80 && ascii) {
        return put_codepoint(out, (uint32_t)utf8_decode(text, at));
    }
    ++*at;
    char letter = short_escape(c);
    if (letter != 0) {
        out[0] = '\\';
        out[1] = letter;
        return out + 2;
    }
    if (c < 0x20) {
        return put_unicode(out, c);
    }
    *out = (char)c;
    return out + 1;
}

// Behind what is written there is always room for the rest of the text as it
// is, a word too many, and one escape.
static char *escape_room(StrBuf *buf, char *out, size_t rest)
{
    buf->len = (size_t)(out - buf->data);
    return strbuf_reserve(buf, rest + 8 + 2 * ESCAPE_MAX);
}

void json_escape(StrBuf *buf, Str text, bool ascii)
{
    char *out = strbuf_reserve(buf, text.len + 8 + 2 * ESCAPE_MAX);
    *out++ = '"';
    size_t at = 0;
    while (at + 8 <= text.len) {
        uint64_t word;
        memcpy(&word, text.data + at, 8);
        if (LIKELY(!is_special(word, ascii))) {
            memcpy(out, &word, 8);
            out += 8;
            at += 8;
            continue;
        }
        size_t end = at + 8;
        while (at < end) {
            out = put_character(out, text, &at, ascii);
            out = escape_room(buf, out, text.len - at);
        }
    }
    while (at < text.len) {
        out = put_character(out, text, &at, ascii);
        out = escape_room(buf, out, text.len - at);
    }
    *out++ = '"';
    buf->len = (size_t)(out - buf->data);
}
