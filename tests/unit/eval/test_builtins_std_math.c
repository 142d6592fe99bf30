#include "tests/unit/eval/builtin_calls.h"

TEST(integers)
{
    Calls c;
    calls_init(&c);
    CALL("int_pow", "1024", I(2), I(10));
    CALL("int_pow", "1", I(0), I(0));
    CALL("int_pow", "-9223372036854775808", I(-2), I(63));
    CALL("int_pow", "1", I(-1), I(INT64_MAX - 1));
    CALL("int_pow",
         "E0401: the result of 'pow' does not fit in a 64-bit Integer", I(2),
         I(63));
    CALL("int_pow", "E0408: the exponent -1 of 'pow' is negative", I(2), I(-1));
    CALL("int_mod", "2", I(-1), I(3));
    CALL("int_mod", "-2", I(1), I(-3));
    CALL("int_mod", "0", I(INT64_MIN), I(-1));
    CALL("int_mod", "E0402: division by zero in 'mod'", I(1), I(0));
    CALL("int_gcd", "6", I(-12), I(18));
    CALL("int_gcd", "0", I(0), I(0));
    CALL("int_gcd",
         "E0401: the result of 'gcd' does not fit in a 64-bit Integer",
         I(INT64_MIN), I(0));
    CALL("int_lcm", "36", I(-12), I(18));
    CALL("int_lcm", "0", I(0), I(0));
    CALL("int_lcm",
         "E0401: the result of 'lcm' does not fit in a 64-bit Integer",
         I(INT64_MAX), I(2));
    calls_release(&c);
}

TEST(bits)
{
    Calls c;
    calls_init(&c);
    CALL("bit_and", "8", I(12), I(10));
    CALL("bit_or", "14", I(12), I(10));
    CALL("bit_xor", "6", I(12), I(10));
    CALL("shift_left", "12", I(2), I(3));
    CALL("shift_left", "-9223372036854775808", I(63), I(-1));
    CALL("shift_left", "0", I(INT64_MAX), I(0));
    CALL("shift_left",
         "E0401: the result of 'shiftLeft' does not fit in a 64-bit Integer",
         I(63), I(1));
    CALL("shift_left", "3", I(-1), I(3));
    CALL("shift_right", "-1", I(INT64_MAX), I(-5));
    CALL("shift_right", "-3", I(1), I(-5));
    CALL("int_to_base", "\"ff\"", I(16), I(255));
    CALL("int_to_base", "\"-zz\"", I(36), I(-1295));
    CALL("int_to_base", "\"0\"", I(2), I(0));
    CALL("int_to_base", "\"-1000\"", I(0), I(-8));
    CALL("int_to_base", "\"-8000000000000000\"", I(16), I(INT64_MIN));
    calls_release(&c);
}

TEST(floats)
{
    Calls c;
    calls_init(&c);
    CALL("float_sqrt", "1.5", F(2.25));
    CALL("float_sqrt", "E0403: the result of 'sqrt' is not a number", F(-1));
    CALL("float_log", "E0403: the result of 'log' is infinite", F(0));
    CALL("float_exp", "E0403: the result of 'exp' is infinite", F(1000));
    CALL("float_pow", "8.0", F(2), F(3));
    CALL("float_log2", "10.0", F(1024));
    CALL("float_log10", "3.0", F(1000));
    CALL("float_atan2", "0.0", F(0), F(1));
    CALL("float_cos", "1.0", F(0));
    calls_release(&c);
}

TEST_MAIN(RUN(integers), RUN(bits), RUN(floats))
