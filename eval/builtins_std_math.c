// Builtins of std/math.lig.
#include <math.h>

#include "eval/builtins_std.h"

static bool overflow(BuiltinContext *ctx, const char *what)
{
    return builtin_failf(ctx, DIAG_E0401,
                         "the result of '%s' does not fit in a 64-bit Integer",
                         what);
}

static bool power(int64_t base, int64_t exponent, int64_t *out)
{
    int64_t result = 1;
    while (exponent > 0) {
        if ((exponent & 1) != 0 &&
            __builtin_mul_overflow(result, base, &result)) {
            return false;
        }
        exponent >>= 1;
        // The last square may overflow: nothing needs it any more.
        if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) {
            return false;
        }
    }
    *out = result;
    return true;
}

// pow base exponent
bool builtin_int_pow(BuiltinContext *ctx, const Value *args, Value *out)
{
    int64_t exponent = args[1].as.integer;
    if (exponent < 0) {
        return builtin_failf(ctx, DIAG_E0408,
                             "the exponent %lld of 'pow' is negative",
                             (long long)exponent);
    }
    int64_t result;
    if (!power(args[0].as.integer, exponent, &result)) {
        return overflow(ctx, "pow");
    }
    *out = value_int(result);
    return true;
}

// mod n d: with the sign of d
bool builtin_int_mod(BuiltinContext *ctx, const Value *args, Value *out)
{
    int64_t n = args[0].as.integer;
    int64_t d = args[1].as.integer;
    if (d == 0) {
        return builtin_fail(ctx, DIAG_E0402, STR("division by zero in 'mod'"));
    }
    int64_t rest = d == -1 ? 0 : n % d;
    *out = value_int(rest != 0 && (rest < 0) != (d < 0) ? rest + d : rest);
    return true;
}

static uint64_t magnitude(int64_t n)
{
    return n < 0 ? (uint64_t)0 - (uint64_t)n : (uint64_t)n;
}

static uint64_t greatest_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

// gcd a b: not negative
bool builtin_int_gcd(BuiltinContext *ctx, const Value *args, Value *out)
{
    uint64_t divisor = greatest_divisor(magnitude(args[0].as.integer),
                                        magnitude(args[1].as.integer));
    if (divisor > INT64_MAX) {
        return overflow(ctx, "gcd");
    }
    *out = value_int((int64_t)divisor);
    return true;
}

// lcm a b: not negative
bool builtin_int_lcm(BuiltinContext *ctx, const Value *args, Value *out)
{
    uint64_t a = magnitude(args[0].as.integer);
    uint64_t b = magnitude(args[1].as.integer);
    uint64_t multiple = 0;
    if (a != 0 && b != 0 &&
        (__builtin_mul_overflow(a / greatest_divisor(a, b), b, &multiple) ||
         multiple > INT64_MAX)) {
        return overflow(ctx, "lcm");
    }
    *out = value_int((int64_t)multiple);
    return true;
}

// bitAnd a b
bool builtin_bit_and(BuiltinContext *ctx, const Value *args, Value *out)
{
    (void)ctx;
    *out = value_int(args[0].as.integer & args[1].as.integer);
    return true;
}

// bitOr a b
bool builtin_bit_or(BuiltinContext *ctx, const Value *args, Value *out)
{
    (void)ctx;
    *out = value_int(args[0].as.integer | args[1].as.integer);
    return true;
}

// bitXor a b
bool builtin_bit_xor(BuiltinContext *ctx, const Value *args, Value *out)
{
    (void)ctx;
    *out = value_int(args[0].as.integer ^ args[1].as.integer);
    return true;
}

// shiftLeft count value: times two to the count
bool builtin_shift_left(BuiltinContext *ctx, const Value *args, Value *out)
{
    int64_t count = args[0].as.integer < 0 ? 0 : args[0].as.integer;
    int64_t value = args[1].as.integer;
    if (value == 0) {
        *out = value_int(0);
        return true;
    }
    int64_t shifted = count < 64 ? (int64_t)((uint64_t)value << count) : 0;
    // What comes back shifted lost nothing.
    if (count >= 64 || shifted >> count != value) {
        return overflow(ctx, "shiftLeft");
    }
    *out = value_int(shifted);
    return true;
}

// shiftRight count value: by two to the count, rounded down
bool builtin_shift_right(BuiltinContext *ctx, const Value *args, Value *out)
{
    (void)ctx;
    int64_t count = args[0].as.integer < 0 ? 0 : args[0].as.integer;
    *out = value_int(args[1].as.integer >> (count > 63 ? 63 : count));
    return true;
}

// toBase base n: lower case; the nearest base from 2 to 36
bool builtin_int_to_base(BuiltinContext *ctx, const Value *args, Value *out)
{
    int64_t base = args[0].as.integer;
    base = base < 2 ? 2 : base > 36 ? 36 : base;
    uint64_t rest = magnitude(args[1].as.integer);
    char digits[65];
    size_t at = sizeof digits;
    do {
        digits[--at] =
            "0123456789abcdefghijklmnopqrstuvwxyz"[rest % (uint64_t)base];
        rest /= (uint64_t)base;
    } while (rest > 0);
    if (args[1].as.integer < 0) {
        digits[--at] = '-';
    }
    *out = value_string(ctx->heap, str_make(digits + at, sizeof digits - at));
    return true;
}

// ---- floats

static bool finite_result(BuiltinContext *ctx, const char *what, double result,
                          Value *out)
{
    if (!isfinite(result)) {
        return builtin_failf(ctx, DIAG_E0403, "the result of '%s' is %s", what,
                             isnan(result) ? "not a number" : "infinite");
    }
    *out = value_float(result);
    return true;
}

#define FLOAT_FUNCTION(builtin, function, name)                                \
    bool builtin(BuiltinContext *ctx, const Value *args, Value *out)           \
    {                                                                          \
        return finite_result(ctx, name, function(args[0].as.number), out);     \
    }

FLOAT_FUNCTION(builtin_float_sqrt, sqrt, "sqrt")
FLOAT_FUNCTION(builtin_float_exp, exp, "exp")
FLOAT_FUNCTION(builtin_float_log, log, "log")
FLOAT_FUNCTION(builtin_float_log2, log2, "log2")
FLOAT_FUNCTION(builtin_float_log10, log10, "log10")
FLOAT_FUNCTION(builtin_float_sin, sin, "sin")
FLOAT_FUNCTION(builtin_float_cos, cos, "cos")
FLOAT_FUNCTION(builtin_float_tan, tan, "tan")

// powFloat base exponent
bool builtin_float_pow(BuiltinContext *ctx, const Value *args, Value *out)
{
    return finite_result(ctx, "powFloat",
                         pow(args[0].as.number, args[1].as.number), out);
}

// atan2 y x
bool builtin_float_atan2(BuiltinContext *ctx, const Value *args, Value *out)
{
    return finite_result(ctx, "atan2",
                         atan2(args[0].as.number, args[1].as.number), out);
}
