// JSON strings that need escapes.
#include "eval/write_json_internal.h"
#include "eval/write_json_put.h"

// An escape is six bytes at most, two of them for a surrogate pair.
#define ESCAPE_MAX 12
#define BLOCK      16

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
    if (c >= 0x20 && c != '"' && c != '\\') {
        *out = (char)c;
        return out + 1;
    }
    char letter = short_escape(c);
    if (letter == 0) {
        return put_unicode(out, c);
    }
    out[0] = '\\';
    out[1] = letter;
    return out + 2;
}

static void append_escaped(StrBuf *buf, Str text, bool ascii)
{
    strbuf_append_char(buf, '"');
    size_t at = 0;
    while (at < text.len) {
        char *out = strbuf_reserve(buf, (BLOCK + 1) * ESCAPE_MAX);
        size_t end = text.len - at < BLOCK ? text.len : at + BLOCK;
        if (end - at == BLOCK &&
            json_copy_words(out, text.data + at, 0, 8, ascii)) {
            buf->len += BLOCK;
            at = end;
            continue;
        }
        while (at < end) {
            out = put_character(out, text, &at, ascii);
        }
        buf->len = (size_t)(out - buf->data);
    }
    strbuf_append_char(buf, '"');
}

void json_escape(StrBuf *buf, Str text, bool ascii)
{
    char *end = json_put_plain(strbuf_reserve(buf, text.len + 2), text, ascii);
    if (LIKELY(end != NULL)) {
        buf->len += text.len + 2;
    } else {
        append_escaped(buf, text, ascii);
    }
}
