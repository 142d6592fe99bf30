#include "eval/builtin_api.h"

#include "tests/unit/eval/builtin_calls.h"

TEST(every_function_is_there)
{
    for (int i = 0; i < BUILTIN_COUNT; i++) {
        bool wanted = builtin_info((Builtin)i)->kind == BUILTIN_KIND_FUNCTION;
        CHECK_EQ_INT(builtin_function((Builtin)i) != NULL, wanted);
    }
}

TEST(numbers)
{
    Calls c;
    calls_init(&c);
#define NUMBER(builtin, x, expected)                                           \
    check_builtin(&c, __LINE__, builtin, (Value[]){value_float(x)}, expected)
    NUMBER(BUILTIN_ROUND, 2.5, "3");
    NUMBER(BUILTIN_ROUND, -2.5, "-3");
    NUMBER(BUILTIN_ROUND, 0.49999999999999994, "0");
    NUMBER(BUILTIN_FLOOR, -1.5, "-2");
    NUMBER(BUILTIN_CEIL, -1.5, "-1");
    NUMBER(BUILTIN_TRUNCATE, -1.5, "-1");
    NUMBER(BUILTIN_TRUNCATE, -0x1p63, "-9223372036854775808");
    NUMBER(BUILTIN_FLOOR, 0x1p63,
           "E0401: 9223372036854776000.0 does not fit in a 64-bit Integer");
    NUMBER(BUILTIN_ROUND, 1e300,
           "E0401: 1e300 does not fit in a 64-bit Integer");
#undef NUMBER
    calls_release(&c);
}

TEST(numbers_from_text)
{
    Calls c;
    calls_init(&c);
#define TEXT(builtin, text, expected)                                          \
    check_builtin(&c, __LINE__, builtin, (Value[]){make_string(&c.f, text)},   \
                  expected)
    TEXT(BUILTIN_PARSE_INT, "12", "Some 12");
    TEXT(BUILTIN_PARSE_INT, "-9223372036854775808",
         "Some (-9223372036854775808)");
    TEXT(BUILTIN_PARSE_INT, "9223372036854775808", "None");
    TEXT(BUILTIN_PARSE_INT, "007", "Some 7");
    TEXT(BUILTIN_PARSE_INT, "+1", "None");
    TEXT(BUILTIN_PARSE_INT, "-", "None");
    TEXT(BUILTIN_PARSE_INT, "", "None");
    TEXT(BUILTIN_PARSE_INT, "1 ", "None");
    TEXT(BUILTIN_PARSE_INT, "1_0", "None");
    TEXT(BUILTIN_PARSE_FLOAT, "1.5", "Some 1.5");
    TEXT(BUILTIN_PARSE_FLOAT, "-1", "Some (-1.0)");
    TEXT(BUILTIN_PARSE_FLOAT, "2e3", "Some 2000.0");
    TEXT(BUILTIN_PARSE_FLOAT, "1.", "None");
    TEXT(BUILTIN_PARSE_FLOAT, ".5", "None");
    TEXT(BUILTIN_PARSE_FLOAT, "1e999", "None");
    TEXT(BUILTIN_PARSE_FLOAT, "nan", "None");
    TEXT(BUILTIN_PARSE_FLOAT, "inf", "None");
    TEXT(BUILTIN_PARSE_FLOAT, "1e", "None");
#undef TEXT
    calls_release(&c);
}

TEST(lists)
{
    Calls c;
    calls_init(&c);
    Heap *heap = &c.f.heap;
    Value abc = value_list_range(heap, 1, 3);
    Value far = value_list_range(heap, 10, 12);
    Value nested = make_list(
        &c.f, 3,
        (Value[]){abc, make_list(&c.f, 0, NULL), value_list_range(heap, 7, 1)});
    check_builtin(&c, __LINE__, BUILTIN_LIST_CONCAT, &nested, "[1, 2, 3, 7]");
    check_builtin(&c, __LINE__, BUILTIN_LIST_REVERSE, &abc, "[3, 2, 1]");
    check_builtin(&c, __LINE__, BUILTIN_LIST_SLICE,
                  (Value[]){value_int(-5), value_int(2), abc}, "[1, 2]");
    check_builtin(&c, __LINE__, BUILTIN_LIST_SLICE,
                  (Value[]){value_int(2), value_int(INT64_MAX), abc}, "[3]");
    check_builtin(&c, __LINE__, BUILTIN_LIST_SLICE,
                  (Value[]){value_int(3), value_int(1), abc}, "[]");
    check_builtin(&c, __LINE__, BUILTIN_LIST_ZIP, (Value[]){abc, far},
                  "[(1, 10), (2, 11), (3, 12)]");
#define RANGE(from, to, expected)                                              \
    check_builtin(&c, __LINE__, BUILTIN_RANGE,                                 \
                  (Value[]){value_int(from), value_int(to)}, expected)
    RANGE(2, 5, "[2, 3, 4]");
    RANGE(5, 2, "[]");
    RANGE(INT64_MAX - 1, INT64_MAX, "[9223372036854775806]");
    RANGE(INT64_MIN, INT64_MAX,
          "E0408: a range of 18446744073709551615 elements is longer than a "
          "list can be (4294967295)");
#undef RANGE
    check_builtin(&c, __LINE__, BUILTIN_MAP_LENGTH,
                  (Value[]){value_map(heap, NULL, 0)}, "0");
    calls_release(&c);
}

TEST(data)
{
    Calls c;
    calls_init(&c);
    Value hi = make_string(&c.f, "hi \xC3\xA4");
    check_builtin(&c, __LINE__, BUILTIN_ERROR, &hi, "E0404: hi \xC3\xA4");
    check_builtin(&c, __LINE__, BUILTIN_ASSERT,
                  (Value[]){value_bool(true), hi, value_int(3)}, "3");
    check_builtin(&c, __LINE__, BUILTIN_ASSERT,
                  (Value[]){value_bool(false), hi, value_int(3)},
                  "E0404: hi \xC3\xA4");
    check_builtin(&c, __LINE__, BUILTIN_COMPARE,
                  (Value[]){value_int(1), value_int(2)}, "LT");
    check_builtin(&c, __LINE__, BUILTIN_COMPARE, (Value[]){hi, hi}, "EQ");
    check_builtin(&c, __LINE__, BUILTIN_COMPARE,
                  (Value[]){value_int(3), value_int(2)}, "GT");
    check_builtin(&c, __LINE__, BUILTIN_SHOW, &hi, "\"\\\"hi \xC3\xA4\\\"\"");
    check_builtin(&c, __LINE__, BUILTIN_STRING_LENGTH, &hi, "4");
    check_builtin(&c, __LINE__, BUILTIN_STRING_CONTAINS,
                  (Value[]){make_string(&c.f, "\xC3\xA4"), hi}, "true");
    check_builtin(&c, __LINE__, BUILTIN_STRING_CONTAINS,
                  (Value[]){make_string(&c.f, ""), hi}, "true");
    check_builtin(&c, __LINE__, BUILTIN_STRING_CONTAINS,
                  (Value[]){hi, make_string(&c.f, "hi")}, "false");
    calls_release(&c);
}

static void check_regex(Calls *c, Builtin builtin, const char *pattern,
                        const char *text, const char *expected)
{
    Value args[] = {make_string(&c->f, pattern), make_string(&c->f, text)};
    check_builtin(c, __LINE__, builtin, args, expected);
    check_builtin(c, __LINE__, builtin, args, expected); // from the cache
}

TEST(patterns)
{
    Calls c;
    calls_init(&c);
    check_regex(&c, BUILTIN_REGEXP, "b+", "abbc", "true");
    check_regex(&c, BUILTIN_REGEXP, "^b+$", "abbc", "false");
    check_regex(&c, BUILTIN_REGEXP, "", "", "true");
    check_regex(&c, BUILTIN_PATTERN, "b+", "abbc", "false");
    check_regex(&c, BUILTIN_PATTERN, "a|abbc", "abbc", "true");
    check_regex(&c, BUILTIN_PATTERN, "[a-z]+", "abbc", "true");
    check_regex(&c, BUILTIN_PATTERN, "a$", "a\n", "false");
    check_regex(&c, BUILTIN_PATTERN, ".", "\xC3\xA4", "true");
    check_regex(&c, BUILTIN_PATTERN, "\\w", "\xC3\xA4", "true");
    check_regex(
        &c, BUILTIN_REGEXP, "a(b", "ab",
        "E0408: the pattern 'a(b' is wrong at offset 3: missing closing "
        "parenthesis");
    check_regex(&c, BUILTIN_REGEXP, "\\C", "a",
                "E0408: the pattern '\\C' is wrong at offset 2: using \\C is "
                "disabled by the application");
    calls_release(&c);
}

TEST(patterns_that_are_long)
{
    Calls c;
    calls_init(&c);
    // With a call before each item, this one is too large for PCRE2.
    StrBuf pattern = {0};
    for (int i = 0; i < 2000; i++) {
        strbuf_appendf(&pattern, "%s%d-word", i > 0 ? "|" : "", i);
    }
    strbuf_append_char(&pattern, 0);
    check_regex(&c, BUILTIN_REGEXP, pattern.data, "a 1999-word b", "true");
    check_regex(&c, BUILTIN_REGEXP, pattern.data, "a 2000-word b", "true");
    check_regex(&c, BUILTIN_REGEXP, pattern.data, "a 1999_word b", "false");
    strbuf_release(&pattern);
    calls_release(&c);
}

TEST(catastrophic_patterns_meet_the_limit)
{
    Calls c;
    calls_init(&c);
    check_regex(&c, BUILTIN_PATTERN, "(a+)+b",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac",
                "false");
    check_regex(&c, BUILTIN_PATTERN, "(a|aa)+$",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac",
                "E0408: matching '(a|aa)+$' against a text of 59 bytes passes "
                "the limit of 203776 matching steps");
    CHECK(c.ctx.error_help.len > 0);
    // Long texts with tame patterns stay within it.
    char *text = malloc(200001);
    memset(text, 'a', 200000);
    text[200000] = 0;
    check_regex(&c, BUILTIN_PATTERN, "(a|b)*", text, "true");
    check_regex(&c, BUILTIN_PATTERN, "[ab]*", text, "true");
    free(text);
    calls_release(&c);
}

TEST(limits)
{
    Calls c;
    calls_init(&c);
    c.steps = 100;
    Value range = value_list_range(&c.f.heap, 0, 101);
    check_builtin(&c, __LINE__, BUILTIN_LIST_REVERSE, &range, "E0602: ");
    CHECK(c.steps < 0);
    c.steps = 1000000000;
    c.f.budget.limit_bytes = 1 << 20;
    range = value_list_range(&c.f.heap, 0, 100000000);
    check_builtin(&c, __LINE__, BUILTIN_LIST_REVERSE, &range, "E0604: ");
    check_builtin(&c, __LINE__, BUILTIN_SHOW, &range, "E0604: ");
    // Two values of 2^60 parts each.
    c.looks = 1000000;
    Value a = value_unit();
    Value b = value_unit();
    for (int i = 0; i < 60; i++) {
        a = make_tuple(&c.f, a, a);
        b = make_tuple(&c.f, b, b);
    }
    check_builtin(&c, __LINE__, BUILTIN_COMPARE, (Value[]){a, b}, "E0602: ");
    c.looks = INT64_MAX;
    cancel_token_cancel(&c.token, CANCEL_INTERRUPTED);
    check_builtin(&c, __LINE__, BUILTIN_COMPARE, (Value[]){a, b}, "E0602: ");
    CHECK(c.ctx.cancelled);
    calls_release(&c);
}

TEST_MAIN(RUN(every_function_is_there), RUN(numbers), RUN(numbers_from_text),
          RUN(lists), RUN(data), RUN(patterns), RUN(patterns_that_are_long),
          RUN(catastrophic_patterns_meet_the_limit), RUN(limits))
