// Number text: exact in, exact out.
#include "support/number.h"

#include <math.h>

#include "tests/harness.h"

static void check_double(double value, const char *expected)
{
    char out[NUMBER_TEXT_MAX];
    size_t length = number_format_double(out, value);
    CHECK(length <= sizeof out);
    CHECK_EQ_STR(str_make(out, length), str_from_c(expected));
}

static double parse(Str text)
{
    double value = -1;
    CHECK(number_parse_double(text, &value));
    return value;
}

TEST(doubles_print_shortest)
{
    check_double(0.0, "0.0");
    check_double(-0.0, "-0.0");
    check_double(1.0, "1.0");
    check_double(-1.5, "-1.5");
    check_double(0.1, "0.1");
    check_double(0.1 + 0.2, "0.30000000000000004");
    check_double(100.0, "100.0");
    check_double(123456.789, "123456.789");
    check_double(0x1p53, "9007199254740992.0");
    check_double(1.0 / 3.0, "0.3333333333333333");
    check_double(0x1p-44, "5.684341886080802e-14");
    check_double(1.7976931348623157e308, "1.7976931348623157e308");
    check_double(5e-324, "5e-324");
    check_double(2.2250738585072014e-308, "2.2250738585072014e-308");
}

TEST(exponent_form_begins_where_it_should)
{
    check_double(1e-5, "0.00001");
    check_double(1.5e-5, "0.000015");
    check_double(9.99e-6, "9.99e-6");
    check_double(1.5e-7, "1.5e-7");
    check_double(1e20, "100000000000000000000.0");
    check_double(1.5e20, "150000000000000000000.0");
    check_double(1e21, "1e21");
    check_double(1.5e300, "1.5e300");
    check_double(999999999999999900000.0, "999999999999999900000.0");
}

TEST(doubles_read_back)
{
    uint64_t state = 42;
    for (int i = 0; i < 20000; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        uint64_t bits = state ^ state >> 29;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (i % 2 == 0) {
            value = (double)(state >> 40) / 1000;
        }
        if (!isfinite(value) || signbit(value)) {
            continue;
        }
        char out[NUMBER_TEXT_MAX];
        Str text = str_make(out, number_format_double(out, value));
        CHECK(parse(text) == value);
    }
}

TEST(doubles_parse_correctly_rounded)
{
    CHECK(parse(STR("1.5")) == 1.5);
    CHECK(parse(STR("2e10")) == 2e10);
    CHECK(parse(STR("1.5E-3")) == 1.5e-3);
    CHECK(parse(STR("1e+2")) == 100);
    CHECK(parse(STR("0.000")) == 0);
    CHECK(parse(STR("0e99999999999")) == 0);
    CHECK(parse(STR("1e-99999999999")) == 0);
    CHECK(parse(STR("5e-324")) == 5e-324);
    CHECK(parse(STR("9007199254740993")) == 9007199254740992.0);
    CHECK(parse(STR("9007199254740993.00000000000000000001")) ==
          9007199254740994.0);
    CHECK(parse(STR("179769313486231570000e288")) == 1.7976931348623157e308);
}

// One digit after a thousand zeros decides a halfway case.
TEST(far_digits_decide)
{
    char text[2048];
    strcpy(text, "9007199254740993.");
    size_t length = strlen(text);
    memset(text + length, '0', 1500);
    length += 1500;
    CHECK(parse(str_make(text, length)) == 9007199254740992.0);
    text[length++] = '1';
    CHECK(parse(str_make(text, length)) == 9007199254740994.0);
    // And a thousand digits before the exponent.
    memset(text, '0', 1200);
    text[0] = '1';
    strcpy(text + 1200, "e-1199");
    CHECK(parse(str_make(text, 1206)) == 1.0);
}

// Digits that an exponent makes up for, however many.
TEST(long_exponents_count)
{
    enum { ZEROS = 1200000 };
    static char text[ZEROS + 32];
    memset(text, '0', sizeof text);
    text[1] = '.';
    size_t length = 2 + ZEROS;
    length += (size_t)snprintf(text + length, 24, "15e%d", ZEROS + 1);
    CHECK(parse(str_make(text, length)) == 1.5);
    text[0] = '1';
    memset(text + 1, '0', ZEROS);
    length = 1 + ZEROS;
    length += (size_t)snprintf(text + length, 24, "e-%d", ZEROS);
    CHECK(parse(str_make(text, length)) == 1.0);
}

TEST(malformed_doubles_are_refused)
{
    static const char *const bad[] = {"",   ".5",  "1.",    "1e",   "1e+",
                                      "1x", "+1",  "-1",    "1.e5", "1e999",
                                      " 1", "0x1", "1.5.2", "nan",  "inf"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 7;
        CHECK(!number_parse_double(str_from_c(bad[i]), &value));
        CHECK(value == 7);
    }
}

TEST(integers)
{
    uint64_t value = 7;
    CHECK(number_parse_digits(STR("18446744073709551615"), 10, &value));
    CHECK(value == UINT64_MAX);
    CHECK(!number_parse_digits(STR("18446744073709551616"), 10, &value));
    CHECK(number_parse_digits(STR("fF"), 16, &value));
    CHECK_EQ_INT(value, 255);
    CHECK(number_parse_digits(STR("101"), 2, &value));
    CHECK_EQ_INT(value, 5);
    CHECK(!number_parse_digits(STR("102"), 2, &value));
    CHECK(!number_parse_digits(STR("1_0"), 10, &value));
    CHECK(!number_parse_digits(STR(""), 10, &value));
    CHECK(!number_parse_digits(STR("fg"), 16, &value));
    char out[NUMBER_TEXT_MAX];
    size_t length = number_format_i64(out, INT64_MIN);
    CHECK_EQ_STR(str_make(out, length), STR("-9223372036854775808"));
    length = number_format_i64(out, 0);
    CHECK_EQ_STR(str_make(out, length), STR("0"));
}

TEST_MAIN(RUN(doubles_print_shortest),
          RUN(exponent_form_begins_where_it_should), RUN(doubles_read_back),
          RUN(long_exponents_count), RUN(doubles_parse_correctly_rounded),
          RUN(far_digits_decide), RUN(malformed_doubles_are_refused),
          RUN(integers))
