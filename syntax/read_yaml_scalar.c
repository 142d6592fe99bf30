// Plain scalars by the core schema of YAML 1.2.
#include "support/number.h"
#include "syntax/byte_class.h"
#include "syntax/read_yaml_private.h"

static bool is_any(Str text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (str_equal(text, str_from_c(*words))) {
            return true;
        }
    }
    return false;
}

bool yaml_is_null(Str text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
    return is_any(text, words);
}

bool yaml_is_bool(Str text, bool *out)
{
    static const char *const yes[] = {"true", "True", "TRUE", NULL};
    static const char *const no[] = {"false", "False", "FALSE", NULL};
    *out = is_any(text, yes);
    return *out || is_any(text, no);
}

bool yaml_is_not_finite(Str text)
{
    static const char *const words[] = {".inf", ".Inf", ".INF", ".nan",
                                        ".NaN", ".NAN", NULL};
    bool has_sign =
        text.len > 1 && (text.data[0] == '-' || text.data[0] == '+');
    Str rest = str_slice(text, has_sign ? 1 : 0, text.len);
    return is_any(rest, words) && !(has_sign && rest.data[1] == 'n');
}

// What follows the sign, or a number without one: "0o7", "0xff".
static bool is_based(Str digits, int *out_base)
{
    if (digits.len < 3 || digits.data[0] != '0') {
        return false;
    }
    *out_base = digits.data[1] == 'x' ? 16 : digits.data[1] == 'o' ? 8 : 0;
    for (size_t i = 2; i < digits.len && *out_base != 0; i++) {
        if (!byte_is(digits.data[i], BYTE_HEX) ||
            byte_hex_value(digits.data[i]) >= (uint32_t)*out_base) {
            return false;
        }
    }
    return *out_base != 0;
}

static size_t digits_end(Str text, size_t at)
{
    while (at < text.len && byte_is(text.data[at], BYTE_DIGIT)) {
        at++;
    }
    return at;
}

// [0-9]+ ['.' [0-9]*] | '.' [0-9]+, then [('e'|'E') ['-'|'+'] [0-9]+]
static bool is_decimal(Str text, bool *out_is_float)
{
    size_t whole = digits_end(text, 0);
    size_t at = whole;
    *out_is_float = false;
    if (at < text.len && text.data[at] == '.') {
        *out_is_float = true;
        at = digits_end(text, at + 1);
        if (whole == 0 && at == 1) {
            return false;
        }
    } else if (whole == 0) {
        return false;
    }
    if (at < text.len && (text.data[at] | 0x20) == 'e') {
        *out_is_float = true;
        at++;
        at += at < text.len && (text.data[at] == '-' || text.data[at] == '+');
        size_t exponent = at;
        at = digits_end(text, at);
        if (at == exponent) {
            return false;
        }
    }
    return at == text.len;
}

// A '.' with no digit on one side gets a zero there.
static bool parse_float(Str text, double *out)
{
    StrBuf plain = {0};
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool before = i > 0 && byte_is(text.data[i - 1], BYTE_DIGIT);
        bool after = i + 1 < text.len && byte_is(text.data[i + 1], BYTE_DIGIT);
        if (c == '.' && !before) {
            strbuf_append_char(&plain, '0');
        }
        strbuf_append_char(&plain, c);
        if (c == '.' && !after) {
            strbuf_append_char(&plain, '0');
        }
    }
    bool okay = number_parse_double(strbuf_str(&plain), out);
    strbuf_release(&plain);
    return okay;
}

static void set_integer(uint64_t value, bool negative, Expr *out)
{
    out->kind = EXPR_INT;
    out->as.integer.value = negative ? (int64_t)(0 - value) : (int64_t)value;
}

YamlNumber yaml_number(Str text, Expr *out)
{
    int base;
    uint64_t value;
    if (is_based(text, &base)) {
        if (!number_parse_digits(str_slice(text, 2, text.len), base, &value) ||
            value > INT64_MAX) {
            return YAML_TOO_LARGE;
        }
        set_integer(value, false, out);
        return YAML_NUMBER;
    }
    bool negative = text.len > 0 && text.data[0] == '-';
    bool has_sign = negative || (text.len > 0 && text.data[0] == '+');
    Str digits = str_slice(text, has_sign ? 1 : 0, text.len);
    bool is_float;
    if (!is_decimal(digits, &is_float)) {
        return YAML_NO_NUMBER;
    }
    if (!is_float && number_parse_digits(digits, 10, &value) &&
        value <= (uint64_t)INT64_MAX + negative) {
        set_integer(value, negative, out);
        return YAML_NUMBER;
    }
    double number;
    if (!parse_float(digits, &number)) {
        return YAML_TOO_LARGE;
    }
    out->kind = EXPR_FLOAT;
    out->as.number.value = negative ? -number : number;
    return YAML_NUMBER;
}
