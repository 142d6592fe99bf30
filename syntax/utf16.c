#include "syntax/utf16.h"

#include "syntax/byte_class.h"

static bool four_digits(const char *at, const char *end, uint32_t *out_unit)
{
    if (end - at < 4) {
        return false;
    }
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        if (!byte_is(at[i], BYTE_HEX)) {
            return false;
        }
        unit = unit << 4 | byte_hex_value(at[i]);
    }
    *out_unit = unit;
    return true;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

Utf16Result utf16_escape(const char **at, const char *end,
                         uint32_t *out_character)
{
    uint32_t unit;
    if (!four_digits(*at, end, &unit)) {
        return UTF16_NO_DIGITS;
    }
    *at += 4;
    *out_character = unit;
    if (!utf16_is_surrogate(unit)) {
        return UTF16_OKAY;
    }
    const char *next = *at;
    uint32_t low;
    if (is_low(unit) || end - next < 6 || next[0] != '\\' || next[1] != 'u' ||
        !four_digits(next + 2, end, &low) || !is_low(low)) {
        return UTF16_HALF;
    }
    *at += 6;
    *out_character = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    return UTF16_OKAY;
}
