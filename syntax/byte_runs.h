// Where a run of bytes of one class ends, sixteen bytes at a time where the
// processor has SSE2.
//
// Threads: pure.
#ifndef LIGATURE_SYNTAX_BYTE_RUNS_H
#define LIGATURE_SYNTAX_BYTE_RUNS_H

#include <stddef.h>

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

// BYTE_IDENT, but for the complement: bits from BYTE_RUN_STEP on are set.
static inline uint64_t byte_run_others(const char *at)
{
    __m128i bytes = byte_run_load(at);
    __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    __m128i letters = byte_run_range(lower, 'a', 26);
    __m128i digits = byte_run_range(bytes, '0', 10);
    __m128i lines = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));
    return ~(uint64_t)(unsigned)_mm_movemask_epi8(
        _mm_or_si128(_mm_or_si128(letters, digits), lines));
}

// How many BYTE_IDENT stand at `at`, up to BYTE_RUN_STEP; so many bytes may be
// read.
static inline size_t byte_run_ident_length(const char *at)
{
    return (size_t)__builtin_ctzll(byte_run_others(at));
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

// Behind the BYTE_IDENT at `at`.
static inline const char *byte_run_ident_end(const char *at, const char *end)
{
#ifdef __SSE2__
    while (LIKELY(end - at >= BYTE_RUN_STEP)) {
        size_t length = byte_run_ident_length(at);
        at += length;
        if (LIKELY(length < BYTE_RUN_STEP)) {
            return at;
        }
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

// Behind the spaces at `at`, where BYTE_RUN_STEP bytes may be read; many need
// not be all.
static inline const char *byte_run_indent_end(const char *at, const char *end)
{
#ifdef __SSE2__
    (void)end;
    unsigned others = ~byte_run_spaces(at) | 1u << BYTE_RUN_STEP;
    return at + (unsigned)__builtin_ctz(others);
#else
    while (at < end && *at == ' ') {
        at++;
    }
    return at;
#endif
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
