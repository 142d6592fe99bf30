// JSON strings: sixteen bytes at a time while nothing needs an escape.
#include "eval/write_json_internal.h"

#ifdef __SSE2__
#include <emmintrin.h>

// Whether none of the bytes of both words needs an escape.
static inline bool are_plain(uint64_t a, uint64_t b, bool ascii)
{
    __m128i bytes = _mm_set_epi64x((int64_t)b, (int64_t)a);
    __m128i controls =
        _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    __m128i quotes = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                  _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    __m128i special = _mm_or_si128(controls, quotes);
    special = ascii ? _mm_or_si128(special, bytes) : special; // the high bits
    return _mm_movemask_epi8(special) == 0;
}
#else
#define ONES (~UINT64_C(0) / 255) // a one in every byte
#define HIGH (ONES * 0x80)

static inline uint64_t bytes_below(uint64_t word, uint8_t n)
{
    return (word - ONES * n) & ~word & HIGH;
}

static inline uint64_t bytes_equal(uint64_t word, uint8_t n)
{
    return bytes_below(word ^ ONES * n, 1);
}

static inline bool is_plain(uint64_t word, bool ascii)
{
    return (bytes_below(word, 0x20) | bytes_equal(word, '"') |
            bytes_equal(word, '\\') | (ascii ? word & HIGH : 0)) == 0;
}

static inline bool are_plain(uint64_t a, uint64_t b, bool ascii)
{
    return is_plain(a, ascii) && is_plain(b, ascii);
}
#endif

// ---- texts without escapes

static inline uint64_t load_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

// Copies the words at `from` and `also`, which may overlap; false when one of
// their bytes needs an escape.
static inline bool copy_words(char *out, const char *text, size_t from,
                              size_t also, bool ascii)
{
    uint64_t a = load_word(text + from);
    uint64_t b = load_word(text + also);
    memcpy(out + from, &a, sizeof a);
    memcpy(out + also, &b, sizeof b);
    return are_plain(a, b, ascii);
}

// The same for texts shorter than a word.
static inline bool copy_short(char *out, Str text, bool ascii)
{
    const char *in = text.data;
    size_t len = text.len;
    uint64_t word;
    if (len >= 4) {
        uint32_t halves[2];
        memcpy(&halves[0], in, 4);
        memcpy(&halves[1], in + len - 4, 4);
        memcpy(out, &halves[0], 4);
        memcpy(out + len - 4, &halves[1], 4);
        memcpy(&word, halves, sizeof word);
    } else {
        char bytes[8] = "        ";
        for (size_t i = 0; i < len; i++) {
            out[i] = bytes[i] = in[i];
        }
        memcpy(&word, bytes, sizeof word);
    }
    return are_plain(word, word, ascii);
}

static bool copy_plain(char *out, Str text, bool ascii)
{
    if (text.len < 8) {
        return copy_short(out, text, ascii);
    }
    size_t at = 0;
    for (; at + 16 <= text.len; at += 16) {
        if (UNLIKELY(!copy_words(out, text.data, at, at + 8, ascii))) {
            return false;
        }
    }
    size_t last = text.len - 8;
    return at == text.len ||
           copy_words(out, text.data, at < last ? at : last, last, ascii);
}

// ---- escapes

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
        if (end - at == BLOCK && copy_words(out, text.data + at, 0, 8, ascii)) {
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
    char *out = strbuf_reserve(buf, text.len + 2);
    if (UNLIKELY(!copy_plain(out + 1, text, ascii))) {
        append_escaped(buf, text, ascii);
        return;
    }
    out[0] = '"';
    out[text.len + 1] = '"';
    buf->len += text.len + 2;
}
