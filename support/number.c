// Numbers as text. The locale never matters: text handed to strtod holds no
// decimal point, and what snprintf puts for one is skipped.
#include "support/number.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// More significant digits than any halfway case between two doubles has; what
// follows only matters as "not zero".
#define DIGITS_KEPT 800
// Every decimal of so many digits survives the way through a double.
#define EXACT_DIGITS 15
// Powers of ten up to here are exact doubles.
#define EXACT_POWER 22
// What is written of it; beyond, no digits make up for it.
#define EXPONENT_BOUND INT64_C(1000000000000)
// Beyond, a number is zero or too large, however many digits are kept.
#define POWER_BOUND 100000
// Where the exponent form of output begins and ends: 1e-5 and 1e21.
#define PLAIN_LOW  (-5)
#define PLAIN_HIGH 21

static const double powers_of_ten[EXACT_POWER + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// digits * 10^exponent; no leading zero, no trailing zero but for "0".
typedef struct Decimal {
    char digits[DIGITS_KEPT + 1];
    int count;
    int64_t exponent; // there may be more digits than an int can count
} Decimal;

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 36;
}

static bool is_decimal_digit(Str text, size_t at)
{
    return at < text.len && text.data[at] >= '0' && text.data[at] <= '9';
}

bool number_parse_digits(Str digits, int base, uint64_t *out_value)
{
    uint64_t value = 0;
    if (digits.len == 0) {
        return false;
    }
    for (size_t i = 0; i < digits.len; i++) {
        int digit = digit_value(digits.data[i]);
        if (digit >= base ||
            __builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value)) {
            return false;
        }
    }
    *out_value = value;
    return true;
}

static void decimal_push(Decimal *decimal, char digit, bool in_fraction)
{
    if (decimal->count == 0 && digit == '0') {
        decimal->exponent -= in_fraction;
    } else if (decimal->count < DIGITS_KEPT) {
        decimal->digits[decimal->count++] = digit;
        decimal->exponent -= in_fraction;
    } else {
        // Sticky: the value lies above the digits kept.
        if (digit != '0') {
            decimal->digits[DIGITS_KEPT - 1] = '1';
        }
        decimal->exponent += !in_fraction;
    }
}

// exponent -> ('e' | 'E') ['+' | '-'] digits
static bool parse_exponent(Str text, size_t *at, int64_t *out_exponent)
{
    *at += 1;
    bool negative = *at < text.len && text.data[*at] == '-';
    if (negative || (*at < text.len && text.data[*at] == '+')) {
        *at += 1;
    }
    if (!is_decimal_digit(text, *at)) {
        return false;
    }
    int64_t exponent = 0;
    for (; is_decimal_digit(text, *at); *at += 1) {
        if (exponent < EXPONENT_BOUND) {
            exponent = exponent * 10 + (text.data[*at] - '0');
        }
    }
    *out_exponent = negative ? -exponent : exponent;
    return true;
}

// float -> digits ['.' digits] [exponent]
static bool parse_decimal(Str text, Decimal *decimal)
{
    size_t at = 0;
    decimal->count = 0;
    decimal->exponent = 0;
    if (!is_decimal_digit(text, at)) {
        return false;
    }
    for (; is_decimal_digit(text, at); at++) {
        decimal_push(decimal, text.data[at], false);
    }
    if (at < text.len && text.data[at] == '.') {
        at++;
        if (!is_decimal_digit(text, at)) {
            return false;
        }
        for (; is_decimal_digit(text, at); at++) {
            decimal_push(decimal, text.data[at], true);
        }
    }
    if (at < text.len && (text.data[at] | 0x20) == 'e') {
        int64_t exponent;
        if (!parse_exponent(text, &at, &exponent)) {
            return false;
        }
        decimal->exponent += exponent;
    }
    return at == text.len;
}

static int bounded_power(int64_t exponent)
{
    return exponent < -POWER_BOUND  ? -POWER_BOUND
           : exponent > POWER_BOUND ? POWER_BOUND
                                    : (int)exponent;
}

static double decimal_to_double(const Decimal *decimal)
{
    char text[DIGITS_KEPT + 24];
    if (decimal->count == 0) {
        return 0;
    }
    int power = bounded_power(decimal->exponent);
    if (decimal->count <= EXACT_DIGITS && power >= -EXACT_POWER &&
        power <= EXACT_POWER) {
        // Both operands are exact, so the one operation rounds correctly
        // (Clinger, "How to read floating point numbers accurately", 1990).
        double value = 0;
        for (int i = 0; i < decimal->count; i++) {
            value = value * 10 + (decimal->digits[i] - '0');
        }
        return power < 0 ? value / powers_of_ten[-power]
                         : value * powers_of_ten[power];
    }
    snprintf(text, sizeof text, "%.*se%d", decimal->count, decimal->digits,
             power);
    return strtod(text, NULL);
}

bool number_parse_double(Str text, double *out_value)
{
    Decimal decimal;
    if (!parse_decimal(text, &decimal)) {
        return false;
    }
    double value = decimal_to_double(&decimal);
    if (isinf(value)) {
        return false;
    }
    *out_value = value;
    return true;
}

// As many as bits * log10(2), or one more (Warren, Hacker's Delight, 2013).
static size_t count_digits(uint64_t value)
{
    static const uint64_t powers[] = {
        UINT64_C(0),
        UINT64_C(10),
        UINT64_C(100),
        UINT64_C(1000),
        UINT64_C(10000),
        UINT64_C(100000),
        UINT64_C(1000000),
        UINT64_C(10000000),
        UINT64_C(100000000),
        UINT64_C(1000000000),
        UINT64_C(10000000000),
        UINT64_C(100000000000),
        UINT64_C(1000000000000),
        UINT64_C(10000000000000),
        UINT64_C(100000000000000),
        UINT64_C(1000000000000000),
        UINT64_C(10000000000000000),
        UINT64_C(100000000000000000),
        UINT64_C(1000000000000000000),
        UINT64_C(10000000000000000000),
    };
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
    size_t fewer = bits * 1233 >> 12;
    return fewer + (value >= powers[fewer]);
}

static size_t format_u64(char *out, uint64_t value)
{
    static const char pairs[] = "00010203040506070809"
                                "10111213141516171819"
                                "20212223242526272829"
                                "30313233343536373839"
                                "40414243444546474849"
                                "50515253545556575859"
                                "60616263646566676869"
                                "70717273747576777879"
                                "80818283848586878889"
                                "90919293949596979899";
    if (value < 10) {
        out[0] = (char)('0' + value);
        return 1;
    }
    size_t length = count_digits(value);
    char *at = out + length;
    while (value >= 100) {
        at -= 2;
        memcpy(at, pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (value >= 10) {
        memcpy(out, pairs + 2 * value, 2);
    } else {
        out[0] = (char)('0' + value);
    }
    return length;
}

size_t number_format_i64(char *out, int64_t value)
{
    if (value >= 0) {
        return format_u64(out, (uint64_t)value);
    }
    out[0] = '-';
    return 1 + format_u64(out + 1, 0 - (uint64_t)value);
}

static void decimal_trim(Decimal *decimal)
{
    while (decimal->count > 1 && decimal->digits[decimal->count - 1] == '0') {
        decimal->count--;
        decimal->exponent++;
    }
}

static void decimal_from_u64(Decimal *decimal, uint64_t value, int exponent)
{
    decimal->count = (int)format_u64(decimal->digits, value);
    decimal->exponent = exponent;
    decimal_trim(decimal);
}

// Short decimals between 1e-5 and 1e15: the least k for which `value` is the
// double nearest to n / 10^k with an n of at most EXACT_DIGITS digits. Both
// are exact doubles then, so the division proves that the text reads back.
static bool format_short(double value, Decimal *decimal)
{
    if (value < 1e-5 || value >= 1e15) {
        return false;
    }
    for (int k = 0; k <= EXACT_POWER; k++) {
        double scaled = value * powers_of_ten[k];
        if (scaled >= 1e15) {
            return false;
        }
        uint64_t n = (uint64_t)(scaled + 0.5);
        if ((double)n / powers_of_ten[k] == value) {
            decimal_from_u64(decimal, n, -k);
            return true;
        }
    }
    return false;
}

// The decimal of `count` digits nearest to `value`.
static void decimal_print(Decimal *decimal, double value, int count)
{
    char text[64];
    snprintf(text, sizeof text, "%.*e", count - 1, value);
    decimal->count = 0;
    const char *at = text;
    for (; *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9') {
            decimal->digits[decimal->count++] = *at;
        }
    }
    decimal->exponent = atoi(at + 1) - (count - 1);
}

// The neighbour above at the same number of digits.
static void decimal_increment(Decimal *decimal)
{
    int i = decimal->count - 1;
    for (; i >= 0 && decimal->digits[i] == '9'; i--) {
        decimal->digits[i] = '0';
    }
    if (i >= 0) {
        decimal->digits[i]++;
    } else {
        decimal->digits[0] = '1';
        decimal->exponent++;
    }
}

// The fewest digits that read back (Steele and White, "How to print
// floating-point numbers accurately", 1990). Powers of two have less room below
// than above: the nearest decimal may lie too far below when the next one above
// still reads back.
static void format_shortest(double value, Decimal *decimal)
{
    bool subnormal = value < DBL_MIN;
    int fraction_bits;
    bool power_of_two = frexp(value, &fraction_bits) == 0.5;
    for (int count = subnormal ? 1 : EXACT_DIGITS; count <= DBL_DECIMAL_DIG;
         count++) {
        decimal_print(decimal, value, count);
        if (decimal_to_double(decimal) == value) {
            break;
        }
        if (power_of_two) {
            decimal_increment(decimal);
            if (decimal_to_double(decimal) == value) {
                break;
            }
        }
    }
    decimal_trim(decimal);
}

static size_t put_zeros(char *out, int count)
{
    memset(out, '0', (size_t)count);
    return (size_t)count;
}

static size_t put_digits(char *out, const Decimal *decimal, int from, int to)
{
    memcpy(out, decimal->digits + from, (size_t)(to - from));
    return (size_t)(to - from);
}

// digits[0].digits[1..]e(point - 1)
static size_t write_exponent_form(char *out, const Decimal *decimal, int point)
{
    size_t length = put_digits(out, decimal, 0, 1);
    if (decimal->count > 1) {
        out[length++] = '.';
        length += put_digits(out + length, decimal, 1, decimal->count);
    }
    out[length++] = 'e';
    return length + number_format_i64(out + length, point - 1);
}

static size_t write_decimal(char *out, const Decimal *decimal)
{
    int count = decimal->count;
    int point = count + (int)decimal->exponent; // digits before the point
    size_t length = 0;
    if (point <= PLAIN_LOW || point > PLAIN_HIGH) {
        return write_exponent_form(out, decimal, point);
    }
    if (point <= 0) {
        out[length++] = '0';
        out[length++] = '.';
        length += put_zeros(out + length, -point);
        return length + put_digits(out + length, decimal, 0, count);
    }
    int whole = point < count ? point : count;
    length += put_digits(out, decimal, 0, whole);
    length += put_zeros(out + length, point - whole);
    out[length++] = '.';
    if (whole == count) {
        out[length++] = '0';
    }
    return length + put_digits(out + length, decimal, whole, count);
}

size_t number_format_double(char *out, double value)
{
    assert(isfinite(value));
    Decimal decimal;
    size_t length = 0;
    if (signbit(value)) {
        out[length++] = '-';
        value = -value;
    }
    if (value < 0x1p53 && value == (double)(uint64_t)value) {
        decimal_from_u64(&decimal, (uint64_t)value, 0);
    } else if (!format_short(value, &decimal)) {
        format_shortest(value, &decimal);
    }
    return length + write_decimal(out + length, &decimal);
}
