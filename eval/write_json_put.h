// The smallest pieces of JSON text, put where there is room for them. All
// return behind what they put.
//
// Threads: pure.
#ifndef LIGATURE_EVAL_WRITE_JSON_PUT_H
#define LIGATURE_EVAL_WRITE_JSON_PUT_H

#include "support/attributes.h"
#include "support/str.h"

// Short texts are copied by so many bytes at a time: what is copied can be
// read, and its place written, for as many bytes more.
#define JSON_COPY 16

static inline char *json_put_block(char *out, Str text)
{
    for (size_t i = 0; i < text.len; i += JSON_COPY) {
        memcpy(out + i, text.data + i, JSON_COPY);
    }
    return out + text.len;
}

#ifdef __SSE2__
#include <emmintrin.h>

// Whether none of the bytes of both words needs an escape.
static inline bool json_are_plain(uint64_t a, uint64_t b, bool ascii)
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
#define JSON_ONES (~UINT64_C(0) / 255) // a one in every byte
#define JSON_HIGH (JSON_ONES * 0x80)

static inline uint64_t json_bytes_below(uint64_t word, uint8_t n)
{
    return (word - JSON_ONES * n) & ~word & JSON_HIGH;
}

static inline uint64_t json_bytes_equal(uint64_t word, uint8_t n)
{
    return json_bytes_below(word ^ JSON_ONES * n, 1);
}

static inline bool json_is_plain(uint64_t word, bool ascii)
{
    return (json_bytes_below(word, 0x20) | json_bytes_equal(word, '"') |
            json_bytes_equal(word, '\\') | (ascii ? word & JSON_HIGH : 0)) == 0;
}

static inline bool json_are_plain(uint64_t a, uint64_t b, bool ascii)
{
    return json_is_plain(a, ascii) && json_is_plain(b, ascii);
}
#endif

// Copies the words at `from` and `also`, which may overlap; false when one of
// their bytes needs an escape.
static inline bool json_copy_words(char *out, const char *text, size_t from,
                                   size_t also, bool ascii)
{
    uint64_t a;
    uint64_t b;
    memcpy(&a, text + from, sizeof a);
    memcpy(&b, text + also, sizeof b);
    memcpy(out + from, &a, sizeof a);
    memcpy(out + also, &b, sizeof b);
    return json_are_plain(a, b, ascii);
}

// The same for texts shorter than a word.
static inline bool json_copy_short(char *out, Str text, bool ascii)
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
    return json_are_plain(word, word, ascii);
}

// `text` in quotes, of text.len + 2 bytes; NULL when it needs escapes.
static inline char *json_put_plain(char *out, Str text, bool ascii)
{
    char *to = out + 1;
    size_t len = text.len;
    out[0] = '"';
    to[len] = '"';
    if (len < 8) {
        return json_copy_short(to, text, ascii) ? to + len + 1 : NULL;
    }
    size_t at = 0;
    for (; at + 16 <= len; at += 16) {
        if (UNLIKELY(!json_copy_words(to, text.data, at, at + 8, ascii))) {
            return NULL;
        }
    }
    size_t last = len - 8;
    if (at < len && UNLIKELY(!json_copy_words(
                        to, text.data, at < last ? at : last, last, ascii))) {
        return NULL;
    }
    return to + len + 1;
}

#endif
