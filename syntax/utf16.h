// Characters written as UTF-16 units, as JSON has them: in JSON and in string
// literals.
//
// Threads: no state.
#ifndef LIGATURE_SYNTAX_UTF16_H
#define LIGATURE_SYNTAX_UTF16_H

#include <stdbool.h>
#include <stdint.h>

typedef enum Utf16Result {
    UTF16_OKAY,
    UTF16_NO_DIGITS, // less than four hexadecimal digits
    UTF16_HALF       // half of a surrogate pair
} Utf16Result;

// XXXX [ '\u' XXXX ]: `*at` is behind the first 'u', and moves behind what was
// read; it stays where digits are missing.
Utf16Result utf16_escape(const char **at, const char *end,
                         uint32_t *out_character);

static inline bool utf16_is_surrogate(uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDFFF;
}

#endif
