// The words of JSON (RFC 8259): strings and numbers, as its readers share them.
// They say what is wrong in a word; where that is, and how it reads, is theirs.
//
// Threads: pure but for the buffer.
#ifndef LIGATURE_SYNTAX_JSON_WORDS_H
#define LIGATURE_SYNTAX_JSON_WORDS_H

#include "support/str.h"
#include "syntax/byte_runs.h"

// The first byte from `at` on that ends the plain run of a string: a quote, a
// backslash, a control character (tabs are some here) or U+007F, which may
// stand in a string.
static inline const char *json_plain_end(const char *at, const char *end)
{
#ifdef __SSE2__
    while (LIKELY(end - at >= BYTE_RUN_STEP)) {
        unsigned stops = byte_run_stops(at);
        if (LIKELY(stops != 0)) {
            return at + __builtin_ctz(stops);
        }
        at += BYTE_RUN_STEP;
    }
#endif
    while (at < end && !byte_is(*at, BYTE_STOP) && *at != '\t') {
        at++;
    }
    return at;
}

// Behind the white space at `at`.
static inline const char *json_space_end(const char *at, const char *end)
{
    while (at < end && byte_is(*at, BYTE_BLANK | BYTE_LINE)) {
        at = byte_run_blank_end(at + 1, end);
    }
    return at;
}

typedef enum JsonEscape {
    JSON_ESCAPE_OKAY,
    JSON_ESCAPE_UNKNOWN,
    JSON_ESCAPE_NO_DIGITS, // less than four hexadecimal digits
    JSON_ESCAPE_HALF       // half of a surrogate pair
} JsonEscape;

// The escape whose backslash is at `*at`, into `out`. `*at` moves behind it, or
// behind what was read of one with wrong digits.
JsonEscape json_unescape(const char **at, const char *end, StrBuf *out);

typedef enum JsonNumberKind {
    JSON_NUMBER_INT,
    JSON_NUMBER_FLOAT,
    JSON_NUMBER_MALFORMED,
    JSON_NUMBER_HUGE // larger than any float
} JsonNumberKind;

typedef union JsonNumber {
    int64_t integer;
    double number;
} JsonNumber;

// The number at `*at`, a '-' or digit, behind which `*at` moves, as far as it
// is one. Numbers are integers when they are written without '.' and 'e' and
// fit into 64 bits.
JsonNumberKind json_number(const char **at, const char *end, JsonNumber *out);

#endif
