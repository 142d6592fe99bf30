// Slices, builders and UTF-8.
#include "support/str.h"

#include "tests/harness.h"

// A Str of a literal that holds NUL bytes or hexadecimal escapes.
#define BYTES(literal) STR(literal)

TEST(slices_are_clamped)
{
    Str text = STR("abcdef");
    CHECK_EQ_STR(str_slice(text, 1, 3), STR("bc"));
    CHECK_EQ_STR(str_slice(text, 4, 99), STR("ef"));
    CHECK_EQ_STR(str_slice(text, 5, 2), STR(""));
    CHECK_EQ_INT(str_find_byte(text, 'd', 0), 3);
    CHECK_EQ_INT(str_find_byte(text, 'd', 4), 6);
    CHECK_EQ_INT(str_find_byte(text, 'd', 400), 6);
}

TEST(comparison_is_by_bytes)
{
    CHECK(str_compare(STR("a"), STR("b")) < 0);
    CHECK(str_compare(STR("a"), STR("ab")) < 0);
    CHECK(str_compare(STR("\xC3\xA9"), STR("z")) > 0);
    CHECK_EQ_INT(str_compare(STR("x"), STR("x")), 0);
    CHECK_EQ_INT(str_compare((Str){NULL, 0}, STR("")), 0);
    CHECK(str_starts_with(STR("abc"), STR("ab")));
    CHECK(!str_starts_with(STR("a"), STR("ab")));
    CHECK(str_ends_with(STR("abc"), STR("bc")));
    CHECK(!str_ends_with(STR("c"), STR("bc")));
}

TEST(builder_appends)
{
    StrBuf buf = {0};
    CHECK_EQ_STR(strbuf_str(&buf), STR(""));
    strbuf_append(&buf, STR("ab"));
    strbuf_append_char(&buf, 'c');
    strbuf_append_repeat(&buf, '-', 3);
    strbuf_append_repeat(&buf, '-', 0);
    strbuf_append_i64(&buf, INT64_MIN);
    strbuf_appendf(&buf, "<%s>", "x");
    CHECK_EQ_STR(strbuf_str(&buf), STR("abc----9223372036854775808<x>"));
    strbuf_clear(&buf);
    strbuf_appendf(&buf, "%1000d", 1);
    strbuf_appendf(&buf, "%2000d", 2);
    CHECK_EQ_INT(buf.len, 3000);
    CHECK_EQ_INT(buf.data[999], '1');
    CHECK_EQ_INT(buf.data[2999], '2');
    strbuf_release(&buf);
}

TEST(codepoints_round_trip)
{
    static const int32_t points[] = {0,      0x7F,   0x80,   0x7FF,   0x800,
                                     0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};
    StrBuf buf = {0};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        strbuf_append_codepoint(&buf, (uint32_t)points[i]);
    }
    Str text = strbuf_str(&buf);
    CHECK_EQ_INT(utf8_validate(text), text.len);
    CHECK_EQ_INT(utf8_length(text), sizeof points / sizeof *points);
    size_t at = 0;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        CHECK_EQ_INT(utf8_offset(text, 0, i), at);
        size_t next = utf8_offset(text, 0, i + 1);
        CHECK_EQ_INT(utf8_offset(text, at, 1), next);
        for (size_t inside = at; inside < next; inside++) {
            CHECK_EQ_INT(utf8_start(text, inside), at);
        }
        CHECK_EQ_INT(utf8_decode(text, &at), points[i]);
    }
    CHECK_EQ_INT(utf8_offset(text, 0, UINT64_MAX), text.len);
    CHECK_EQ_INT(utf8_start(text, text.len), text.len);
    CHECK_EQ_INT(utf8_start(STR("\x80\x80"), 1), 0);
    CHECK_EQ_INT(at, text.len);
    strbuf_release(&buf);
}

TEST(invalid_utf8_is_found)
{
    static const Str bad[] = {
        {"\x80", 1},             // lone continuation
        {"\xC0\xAF", 2},         // overlong
        {"\xC1\xBF", 2},         // overlong
        {"\xE0\x9F\xBF", 3},     // overlong
        {"\xF0\x8F\xBF\xBF", 4}, // overlong
        {"\xED\xA0\x80", 3},     // surrogate
        {"\xF4\x90\x80\x80", 4}, // above U+10FFFF
        {"\xF5\x80\x80\x80", 4}, // above U+10FFFF
        {"\xFF", 1},
        {"\xC3", 1}, // truncated
        {"\xE2\x82", 2},
        {"\xF0\x9F\x98", 3}, // truncated
        {"\xC3(", 2},
        {"\xE2\x82(", 3},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t at = 0;
        CHECK_EQ_INT(utf8_decode(bad[i], &at), -1);
        CHECK_EQ_INT(at, 1);
        CHECK_EQ_INT(utf8_validate(bad[i]), 0);
    }
    CHECK_EQ_INT(utf8_validate(STR("0123456789abcdef\xFFxx")), 16);
    CHECK_EQ_INT(utf8_validate(STR("")), 0);
}

static void check_printable(Str text, size_t max_bytes, Str expected)
{
    StrBuf buf = {0};
    strbuf_append(&buf, STR(">"));
    strbuf_append_printable(&buf, text, max_bytes);
    CHECK_EQ_STR(str_slice(strbuf_str(&buf), 1, buf.len), expected);
    strbuf_release(&buf);
}

TEST(printable_escapes)
{
    check_printable(STR("plain \xC3\xA9"), 100, STR("plain \xC3\xA9"));
    check_printable(BYTES("a\0b\n\x1B[31m"), 100,
                    STR("a\\u{0}b\\u{a}\\u{1b}[31m"));
    check_printable(STR("\xE2\x80\xAE\xE2\x81\xA9\xE2\x80\x8B\xEF\xBB\xBF"),
                    100, STR("\\u{202e}\\u{2069}\\u{200b}\\u{feff}"));
    check_printable(STR("##vso[x]##[y] # ## ["), 100,
                    STR("#\\u{23}vso[x]#\\u{23}[y] # ## ["));
    check_printable(STR("\xFFz\xC2\x85"), 100, STR("\\xffz\\u{85}"));
}

TEST(printable_cuts)
{
    check_printable(STR("abcdef"), 6, STR("abcdef"));
    check_printable(STR("abcdefg"), 6, STR("abc..."));
    check_printable(STR("ab\xC3\xA9gh"), 5, STR("ab..."));
    check_printable(STR("abc"), 2, STR(".."));
    check_printable(STR("abc"), 0, STR(""));
}

static void check_key(Str key, size_t max_bytes, Str expected)
{
    StrBuf out = {0};
    strbuf_append_key(&out, key, max_bytes);
    CHECK_EQ_STR(strbuf_str(&out), expected);
    strbuf_release(&out);
}

TEST(keys_are_quoted_where_they_are_no_names)
{
    check_key(STR("name"), 80, STR("name"));
    check_key(STR("_a1'"), 80, STR("_a1'"));
    check_key(STR("Zz"), 80, STR("Zz"));
    check_key(STR(""), 80, STR("\"\""));
    check_key(STR("1a"), 80, STR("\"1a\""));
    check_key(STR("'a"), 80, STR("\"'a\""));
    check_key(STR("a.b"), 80, STR("\"a.b\""));
    check_key(STR("\xC3\xA4"), 80, STR("\"\xC3\xA4\""));
    check_key(STR("a\"\\\n"), 80, STR("\"a\\\"\\\\\\u{a}\""));
    check_key(STR("abcdefghij"), 6, STR("abc..."));
    check_key(STR("abc efghij"), 6, STR("\"abc...\""));
}

TEST_MAIN(RUN(slices_are_clamped), RUN(comparison_is_by_bytes),
          RUN(builder_appends), RUN(codepoints_round_trip),
          RUN(invalid_utf8_is_found), RUN(printable_escapes),
          RUN(printable_cuts), RUN(keys_are_quoted_where_they_are_no_names))
