#include "tests/unit/eval/builtin_calls.h"

TEST(split_and_join)
{
    Calls c;
    calls_init(&c);
    CALL("string_split", "[\"a\", \"b\", \"\"]", S(","), S("a,b,"));
    CALL("string_split", "[\"\"]", S(","), S(""));
    CALL("string_split", "[\"a\", \"é\", \"b\"]", S(""), S("aéb"));
    CALL("string_split", "[\"\", \"a\"]", S("aa"), S("aaa"));
    CALL("string_join", "\"a, b\"", S(", "), LIST(S("a"), S("b")));
    CALL("string_join", "\"\"", S(", "), make_list(&c.f, 0, NULL));
    calls_release(&c);
}

TEST(replace)
{
    Calls c;
    calls_init(&c);
    CALL("string_replace", "\"b-b-\"", S("a"), S("-"), S("baba"));
    CALL("string_replace", "\"ba\"", S("aa"), S("b"), S("aaa"));
    CALL("string_replace", "\"abc\"", S("x"), S("y"), S("abc"));
    CALL("string_replace", "\"-a-é-\"", S(""), S("-"), S("aé"));
    CALL("string_replace", "\"\"", S("a"), S(""), S("aaa"));
    calls_release(&c);
}

TEST(ends_of_texts)
{
    Calls c;
    calls_init(&c);
    CALL("string_starts_with", "true", S("ab"), S("abc"));
    CALL("string_starts_with", "false", S("abc"), S("ab"));
    CALL("string_ends_with", "true", S("bc"), S("abc"));
    CALL("string_strip_prefix", "Some \"c\"", S("ab"), S("abc"));
    CALL("string_strip_prefix", "None", S("b"), S("abc"));
    CALL("string_strip_suffix", "Some \"a\"", S("bc"), S("abc"));
    CALL("string_strip_suffix", "None", S("b"), S("abc"));
    CALL("string_index_of", "Some 2", S("b"), S("éab"));
    CALL("string_index_of", "Some 0", S(""), S(""));
    CALL("string_index_of", "None", S("x"), S("éab"));
    calls_release(&c);
}

TEST(lines_and_words)
{
    Calls c;
    calls_init(&c);
    CALL("string_lines", "[\"a\", \"\", \"b\", \"c\"]", S("a\n\r\nb\rc\n"));
    CALL("string_lines", "[]", S(""));
    CALL("string_lines", "[\"\"]", S("\n"));
    CALL("string_words", "[\"a\", \"b\"]", S(" \ta  b\xC2\xA0"));
    CALL("string_words", "[]", S(" "));
    CALL("string_indent", "\"  a\\n\\n  b\\n\"", I(2), S("a\n\nb\n"));
    CALL("string_indent", "\"a\"", I(-2), S("a"));
    CALL("string_indent", "\"\"", I(INT64_MAX), S(""));
    calls_release(&c);
}

TEST(trims)
{
    Calls c;
    calls_init(&c);
    CALL("string_trim", "\"a b\"", S(" a b\n"));
    CALL("string_trim", "\"\"", S(" \xE2\x80\x83 "));
    CALL("string_trim_start", "\"é \"", S(" é "));
    CALL("string_trim_end", "\" é\"", S(" é "));
    CALL("string_trim", "\"\"", S(""));
    // Each kind of white space, and what stands beside it.
    static const char *const spaces[] = {
        "\t",           "\r",           " ",
        "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80",
        "\xE2\x80\x80", "\xE2\x80\x8A", "\xE2\x80\xA8",
        "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F",
        "\xE3\x80\x80"};
    static const char *const others[] = {
        "\x08",         "\x0E",         "\x1F",         "!",
        "\xC2\x84",     "\xC2\x86",     "\xE1\x9A\x81", "\xE1\xBF\xBF",
        "\xE2\x80\x8B", "\xE2\x80\xA7", "\xE2\x80\xAA", "\xE2\x81\xA0",
        "\xE3\x80\x81"};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        CALL("string_trim", "\"\"", S(spaces[i]));
        Value text = S(others[i]);
        CHECK_EQ_STR(value_str(call(&c, "string_trim", &text)),
                     value_str(text));
    }
    calls_release(&c);
}

TEST(code_points)
{
    Calls c;
    calls_init(&c);
    CALL("string_chars", "[\"a\", \"é\", \"𝄞\"]", S("aé𝄞"));
    CALL("string_code_points", "[97, 233, 119070]", S("aé𝄞"));
    CALL("string_from_code_point", "Some \"𝄞\"", I(0x1D11E));
    CALL("string_from_code_point", "None", I(0xD800));
    CALL("string_from_code_point", "None", I(0x110000));
    CALL("string_from_code_point", "None", I(-1));
    CALL("string_slice", "\"é𝄞\"", I(1), I(3), S("aé𝄞b"));
    CALL("string_slice", "\"\"", I(3), I(1), S("aé𝄞b"));
    CALL("string_slice", "\"aé𝄞b\"", I(INT64_MIN), I(INT64_MAX), S("aé𝄞b"));
    CALL("string_slice", "\"\"", I(INT64_MAX), I(INT64_MAX), S("aé𝄞b"));
    CALL("string_slice", "\"bc\"", I(1), I(3), S("abcd"));
    calls_release(&c);
}

TEST(cases)
{
    Calls c;
    calls_init(&c);
    CALL("string_to_upper", "\"AZ09[\"", S("az09["));
    CALL("string_to_upper", "\"ÉßΣ\"", S("éßς"));
    CALL("string_to_lower", "\"az{@\"", S("AZ{@"));
    CALL("string_to_lower", "\"éσ\"", S("ÉΣ"));
    calls_release(&c);
}

TEST(padding)
{
    Calls c;
    calls_init(&c);
    CALL("string_pad_start", "\"007\"", I(3), S("0"), S("7"));
    CALL("string_pad_start", "\"abaé\"", I(4), S("ab"), S("é"));
    CALL("string_pad_end", "\"éab\"", I(3), S("ab"), S("é"));
    CALL("string_pad_end", "\"abc\"", I(2), S(" "), S("abc"));
    CALL("string_pad_end", "\"a\"", I(9), S(""), S("a"));
    CALL("string_pad_end", "\"a\"", I(INT64_MIN), S("x"), S("a"));
    CALL("string_repeat", "\"ababab\"", I(3), S("ab"));
    CALL("string_repeat", "\"\"", I(-3), S("ab"));
    CALL("string_repeat", "\"\"", I(5), S(""));
    calls_release(&c);
}

TEST(formats)
{
    Calls c;
    calls_init(&c);
    Value two = LIST(S("x"), S("y"));
    CALL("string_format", "\"x=y\"", S("{}={}"), two);
    CALL("string_format", "\"y x y\"", S("{1} {0} {1}"), two);
    CALL("string_format", "\"x {2} x {} {a} { }\"", S("{0} {2} {} {} {a} { }"),
         LIST(S("x")));
    CALL("string_format", "\"{x\"", S("{{}"), two);
    CALL("string_format", "\"{99999999999999999999}\"",
         S("{99999999999999999999}"), two);
    CALL("string_format", "\"a{\"", S("a{"), two);
    calls_release(&c);
}

TEST(too_much_is_an_error)
{
    Calls c;
    calls_init(&c);
    c.f.budget.limit_bytes = 1 << 20;
    CALL("string_repeat", "E0604: ", I(INT64_MAX), S("ab"));
    CALL("string_repeat", "E0604: ", I(1 << 21), S("a"));
    CALL("string_pad_end", "E0604: ", I(INT64_MAX), S("ab"), S(""));
    CALL("string_indent", "E0604: ", I(INT64_MAX), S("ab"));
    c.steps = 10;
    CALL("string_repeat", "E0602: ", I(1 << 16), S("a"));
    CHECK_EQ_INT(c.steps, -1);
    calls_release(&c);
}

TEST_MAIN(RUN(split_and_join), RUN(replace), RUN(ends_of_texts),
          RUN(lines_and_words), RUN(trims), RUN(code_points), RUN(cases),
          RUN(padding), RUN(formats), RUN(too_much_is_an_error))
