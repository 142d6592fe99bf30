#include "syntax/json_words.h"

#include "support/number.h"
#include "syntax/utf16.h"

// So many decimal digits always fit into 64 bits.
#define SAFE_DIGITS 18

static JsonEscape unicode_escape(const char **at, const char *end, StrBuf *out)
{
    const char *digits = *at + 2;
    uint32_t character;
    Utf16Result result = utf16_escape(&digits, end, &character);
    *at = digits;
    switch (result) {
    case UTF16_OKAY:
        strbuf_append_codepoint(out, character);
        return JSON_ESCAPE_OKAY;
    case UTF16_NO_DIGITS:
        return JSON_ESCAPE_NO_DIGITS;
    case UTF16_HALF:
        return JSON_ESCAPE_HALF;
    }
    return JSON_ESCAPE_UNKNOWN;
}

JsonEscape json_unescape(const char **at, const char *end, StrBuf *out)
{
    char c = *at + 1 < end ? (*at)[1] : 0;
    char value;
    switch (c) {
    case '"':
    case '\\':
    case '/':
        value = c;
        break;
    case 'b':
        value = '\b';
        break;
    case 'f':
        value = '\f';
        break;
    case 'n':
        value = '\n';
        break;
    case 'r':
        value = '\r';
        break;
    case 't':
        value = '\t';
        break;
    case 'u':
        return unicode_escape(at, end, out);
    default:
        return JSON_ESCAPE_UNKNOWN;
    }
    strbuf_append_char(out, value);
    *at += 2;
    return JSON_ESCAPE_OKAY;
}

// ---- numbers

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && byte_is(*at, BYTE_DIGIT)) {
        at++;
    }
    return at;
}

static JsonNumberKind float_value(const char *start, const char *end,
                                  JsonNumber *out)
{
    bool negative = *start == '-';
    const char *digits = start + negative;
    double value;
    if (!number_parse_double(str_make(digits, (size_t)(end - digits)),
                             &value)) {
        return JSON_NUMBER_HUGE;
    }
    out->number = negative ? -value : value;
    return JSON_NUMBER_FLOAT;
}

static JsonNumberKind integer_value(const char *start, const char *end,
                                    JsonNumber *out)
{
    bool negative = *start == '-';
    const char *digits = start + negative;
    uint64_t value = 0;
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    if (end - digits <= SAFE_DIGITS) {
        for (const char *at = digits; at < end; at++) {
            value = value * 10 + (uint64_t)(*at - '0');
        }
    } else if (!number_parse_digits(str_make(digits, (size_t)(end - digits)),
                                    10, &value) ||
               value > limit) {
        return float_value(start, end, out);
    }
    out->integer = negative ? (int64_t)(0 - value) : (int64_t)value;
    return JSON_NUMBER_INT;
}

// number -> ['-'] ('0' | digits) ['.' digits] [('e' | 'E') ['+' | '-'] digits]
JsonNumberKind json_number(const char **at_place, const char *end,
                           JsonNumber *out)
{
    const char *start = *at_place;
    const char *digits = start + (*start == '-');
    const char *at = skip_digits(digits, end);
    bool is_float = false;
    bool ok = at > digits && (*digits != '0' || at - digits == 1);
    if (ok && at < end && *at == '.') {
        is_float = true;
        const char *fraction = at + 1;
        at = skip_digits(fraction, end);
        ok = at > fraction;
    }
    if (ok && at < end && (*at | 0x20) == 'e') {
        is_float = true;
        const char *exponent = at + 1;
        if (exponent < end && (*exponent == '+' || *exponent == '-')) {
            exponent++;
        }
        at = skip_digits(exponent, end);
        ok = at > exponent;
    }
    *at_place = at;
    if (!ok) {
        return JSON_NUMBER_MALFORMED;
    }
    return is_float ? float_value(start, at, out)
                    : integer_value(start, at, out);
}
