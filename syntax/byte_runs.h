// Where a run of bytes of one class ends, sixteen bytes at a time where the
// processor has SSE2.
//
// Threads: pure.
#ifndef LIGATURE_SYNTAX_BYTE_RUNS_H
#define LIGATURE_SYNTAX_BYTE_RUNS_H

#include <string.h>

#include "support/attributes.h"
#include "syntax/byte_class.h"

// Bytes looked at together, where they can be.
#define BYTE_RUN_STEP 16

#ifdef __SSE2__
#include <emmintrin.h>

static inline __m128i byte_run_load(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

// Where bytes, as unsigned numbers, are at most `limit`.
static inline __m128i byte_run_at_most(__m128i bytes, char limit)
{
    return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(limit)), bytes);
}

// Where bytes, as unsigned numbers, are `first` or one of the `count` - 1 that
// follow: those numbers are the least of the signed ones once `first` is.
static inline __m128i byte_run_range(__m128i bytes, int first, int count)
{
    return _mm_cmplt_epi8(
        _mm_add_epi8(bytes, _mm_set1_epi8((char)(0x80 - first))),
        _mm_set1_epi8((char)(count - 0x80)));
}

// BYTE_IDENT
static inline unsigned byte_run_idents(__m128i bytes)
{
    __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    __m128i letters = byte_run_range(lower, 'a', 26);
    __m128i digits = byte_run_range(bytes, '0', 10);
    __m128i lines = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));
    return (unsigned)_mm_movemask_epi8(
        _mm_or_si128(_mm_or_si128(letters, digits), lines));
}

// BYTE_BLANK and BYTE_LINE, but for carriage returns
static inline unsigned byte_run_space(__m128i bytes)
{
    return (unsigned)_mm_movemask_epi8(
        _mm_or_si128(byte_run_range(bytes, '\t', 2),
                     _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '))));
}

// BYTE_LINE, BYTE_CONTROL, and the tab
static inline __m128i byte_run_controls(__m128i bytes)
{
    return _mm_or_si128(byte_run_at_most(bytes, 0x1F),
                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F)));
}

// BYTE_STOP, and the tab
static inline unsigned byte_run_stops(const char *at)
{
    __m128i bytes = byte_run_load(at);
    __m128i quotes = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                  _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    return (unsigned)_mm_movemask_epi8(
        _mm_or_si128(quotes, byte_run_controls(bytes)));
}

static inline unsigned byte_run_spaces(const char *at)
{
    return (unsigned)_mm_movemask_epi8(
        _mm_cmpeq_epi8(byte_run_load(at), _mm_set1_epi8(' ')));
}
#endif

// Bytes of which a word has the bits.
#define BYTE_RUN_BLOCK 64

// Of a block, from the lowest bit on: where words of BYTE_IDENT start, and all
// else that is no space; *out_others says where no BYTE_IDENT are. A space
// stands before the block, or it starts with a word.
static inline uint64_t byte_run_starts(const char *at, uint64_t *out_others)
{
    uint64_t idents = 0;
    uint64_t spaces = 0;
#ifdef __SSE2__
#pragma GCC unroll 4
    for (int i = 0; i < BYTE_RUN_BLOCK; i += BYTE_RUN_STEP) {
        __m128i bytes = byte_run_load(at + i);
        idents |= (uint64_t)byte_run_idents(bytes) << i;
        spaces |= (uint64_t)byte_run_space(bytes) << i;
    }
#else
    for (int i = 0; i < BYTE_RUN_BLOCK; i++) {
        idents |= (uint64_t)byte_is(at[i], BYTE_IDENT) << i;
        spaces |= (uint64_t)byte_is(at[i], BYTE_BLANK | BYTE_LINE) << i;
    }
#endif
    *out_others = ~idents;
    return ~(spaces | (idents & idents << 1));
}

// Where in the block there are BYTE_STOP and tabs.
static inline uint64_t byte_run_block_stops(const char *at)
{
    uint64_t stops = 0;
#ifdef __SSE2__
#pragma GCC unroll 4
    for (int i = 0; i < BYTE_RUN_BLOCK; i += BYTE_RUN_STEP) {
        stops |= (uint64_t)byte_run_stops(at + i) << i;
    }
#else
    for (int i = 0; i < BYTE_RUN_BLOCK; i++) {
        stops |= (uint64_t)(byte_is(at[i], BYTE_STOP) || at[i] == '\t') << i;
    }
#endif
    return stops;
}

// The value of one to eight digits; false where there are other bytes among
// them. Eight bytes may be read. The sums are those of Lemire's
// parse_eight_digits_unrolled() (fast_float, 2020).
static inline bool byte_run_value(const char *at, uint32_t len,
                                  uint64_t *out_value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t digits;
    memcpy(&digits, at, sizeof digits);
    digits = (digits ^ UINT64_C(0x3030303030303030)) << (64 - 8 * len);
    if (((digits | (digits + UINT64_C(0x7676767676767676))) &
         UINT64_C(0x8080808080808080)) != 0) {
        return false;
    }
    const uint64_t pairs = digits * 10 + (digits >> 8);
    const uint64_t mask = UINT64_C(0x000000FF000000FF);
    *out_value = ((pairs & mask) * UINT64_C(0x000F424000000064) +
                  (pairs >> 16 & mask) * UINT64_C(0x0000271000000001)) >>
                 32;
#else
    uint64_t value = 0;
    for (uint32_t i = 0; i < len; i++) {
        if (!byte_is(at[i], BYTE_DIGIT)) {
            return false;
        }
        value = value * 10 + (uint64_t)(at[i] - '0');
    }
    *out_value = value;
#endif
    return true;
}

// Behind the BYTE_IDENT at `at`.
static inline const char *byte_run_ident_end(const char *at, const char *end)
{
#ifdef __SSE2__
    while (LIKELY(end - at >= BYTE_RUN_STEP)) {
        unsigned others = ~byte_run_idents(byte_run_load(at)) & 0xFFFF;
        if (LIKELY(others != 0)) {
            return at + __builtin_ctz(others);
        }
        at += BYTE_RUN_STEP;
    }
#endif
    while (at < end && byte_is(*at, BYTE_IDENT)) {
        at++;
    }
    return at;
}

// The first BYTE_STOP from `at` on.
static inline const char *byte_run_string_end(const char *at, const char *end)
{
#ifdef __SSE2__
    while (LIKELY(end - at >= BYTE_RUN_STEP)) {
        unsigned stops = byte_run_stops(at);
        at += stops == 0 ? BYTE_RUN_STEP : __builtin_ctz(stops);
        if (stops != 0 && LIKELY(*at != '\t')) {
            return at;
        }
        at += stops != 0;
    }
#endif
    while (at < end && !byte_is(*at, BYTE_STOP)) {
        at++;
    }
    return at;
}

// The first BYTE_LINE or BYTE_CONTROL from `at` on.
static inline const char *byte_run_comment_end(const char *at, const char *end)
{
#ifdef __SSE2__
    while (LIKELY(end - at >= BYTE_RUN_STEP)) {
        unsigned stops =
            (unsigned)_mm_movemask_epi8(byte_run_controls(byte_run_load(at)));
        at += stops == 0 ? BYTE_RUN_STEP : __builtin_ctz(stops);
        if (stops != 0 && LIKELY(*at != '\t')) {
            return at;
        }
        at += stops != 0;
    }
#endif
    while (at < end && !byte_is(*at, BYTE_LINE | BYTE_CONTROL)) {
        at++;
    }
    return at;
}

// Behind the BYTE_BLANK at `at`.
static inline const char *byte_run_blank_end(const char *at, const char *end)
{
#ifdef __SSE2__
    while (LIKELY(end - at >= BYTE_RUN_STEP)) {
        unsigned others = ~byte_run_spaces(at) & 0xFFFF;
        if (LIKELY(others != 0)) {
            at += __builtin_ctz(others);
            break;
        }
        at += BYTE_RUN_STEP;
    }
#endif
    while (at < end && byte_is(*at, BYTE_BLANK)) {
        at++;
    }
    return at;
}

#endif
