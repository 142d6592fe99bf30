// Builtins over numbers and their text.
#include <math.h>

#include "eval/builtins_internal.h"
#include "support/number.h"
#include "syntax/byte_class.h"

// `whole` is integral; 2^63 is the first double that does not fit.
static bool to_integer(BuiltinContext *ctx, double whole, Value *out)
{
    if (!(whole >= -0x1p63 && whole < 0x1p63)) {
        char text[NUMBER_TEXT_MAX];
        size_t len = number_format_double(text, whole);
        return builtin_failf(ctx, DIAG_E0401,
                             "%.*s does not fit in a 64-bit Integer", (int)len,
                             text);
    }
    *out = value_int((int64_t)whole);
    return true;
}

// round x: half away from zero
bool builtin_round(BuiltinContext *ctx, const Value *args, Value *out)
{
    return to_integer(ctx, round(args[0].as.number), out);
}

// floor x
bool builtin_floor(BuiltinContext *ctx, const Value *args, Value *out)
{
    return to_integer(ctx, floor(args[0].as.number), out);
}

// ceil x
bool builtin_ceil(BuiltinContext *ctx, const Value *args, Value *out)
{
    return to_integer(ctx, ceil(args[0].as.number), out);
}

// truncate x
bool builtin_truncate(BuiltinContext *ctx, const Value *args, Value *out)
{
    return to_integer(ctx, trunc(args[0].as.number), out);
}

// -?[0-9]+ in range
static bool parse_integer(Str text, int64_t *out_value)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    Str digits = str_slice(text, negative, text.len);
    uint64_t magnitude;
    if (digits.len == 0 || !number_parse_digits(digits, 10, &magnitude) ||
        magnitude > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *out_value = (int64_t)(negative ? -magnitude : magnitude);
    return true;
}

// parseInt text
bool builtin_parse_int(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP)) {
        return false;
    }
    int64_t value;
    *out = parse_integer(text, &value) ? builtin_some(ctx, value_int(value))
                                       : builtin_none(ctx);
    return true;
}

static size_t skip_digits(Str text, size_t at)
{
    while (at < text.len && byte_is(text.data[at], BYTE_DIGIT)) {
        at++;
    }
    return at;
}

// [0-9]+ [ "." [0-9]+ ] [ ("e" | "E") [ "+" | "-" ] [0-9]+ ]
static bool is_float_text(Str text)
{
    size_t at = skip_digits(text, 0);
    if (at == 0) {
        return false;
    }
    if (at < text.len && text.data[at] == '.') {
        size_t fraction = at + 1;
        at = skip_digits(text, fraction);
        if (at == fraction) {
            return false;
        }
    }
    if (at < text.len && (text.data[at] == 'e' || text.data[at] == 'E')) {
        size_t exponent = at + 1;
        if (exponent < text.len &&
            (text.data[exponent] == '+' || text.data[exponent] == '-')) {
            exponent++;
        }
        at = skip_digits(text, exponent);
        if (at == exponent) {
            return false;
        }
    }
    return at == text.len;
}

// parseFloat text: a decimal number, with or without fraction and exponent
bool builtin_parse_float(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP)) {
        return false;
    }
    bool negative = text.len > 0 && text.data[0] == '-';
    Str digits = str_slice(text, negative, text.len);
    double value;
    if (is_float_text(digits) && number_parse_double(digits, &value)) {
        *out = builtin_some(ctx, value_float(negative ? -value : value));
    } else {
        *out = builtin_none(ctx);
    }
    return true;
}
