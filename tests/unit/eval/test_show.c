#include "eval/value.h"

#include "tests/unit/eval/fixture.h"

static void check_show(Value value, const char *expected)
{
    StrBuf out = {0};
    CHECK(value_show(&out, value, UINT64_MAX));
    CHECK_EQ_STR(strbuf_str(&out), str_from_c(expected));
    strbuf_release(&out);
}

TEST(scalars_show)
{
    Fixture f;
    fixture_init(&f);
    check_show(value_unit(), "()");
    check_show(value_bool(true), "true");
    check_show(value_int(INT64_MIN), "-9223372036854775808");
    check_show(value_float(2), "2.0");
    check_show(value_float(1e21), "1e21");
    check_show(make_string(&f, "a\"\\\n\t\r\b\f\x01\x7F/\xC3\xA4"),
               "\"a\\\"\\\\\\n\\t\\r\\b\\f\\u{1}\\u{7f}/\xC3\xA4\"");
    check_show(value_string(&f.heap, STR("\0\xE2\x80\xAE\xE2\x82\xAC")),
               "\"\\0\\u{202e}\xE2\x82\xAC\"");
    check_show(make_string(&f, "\\(x)"), "\"\\\\(x)\"");
    fixture_release(&f);
}

TEST(compounds_show)
{
    Fixture f;
    fixture_init(&f);
    Value one = value_int(1);
    Value some = make_union(&f, &f.some, (Value[]){one});
    check_show(some, "Some 1");
    check_show(make_union(&f, &f.some, (Value[]){some}), "Some (Some 1)");
    check_show(make_union(&f, &f.some, (Value[]){value_int(-1)}), "Some (-1)");
    check_show(make_union(&f, &f.some, (Value[]){value_float(-1)}),
               "Some (-1.0)");
    check_show(make_union(&f, &f.none, NULL), "None");
    check_show(make_chain(&f, 2), "Cons 1 (Cons 0 Nil)");
    check_show(value_list_range(&f.heap, -1, 3), "[-1, 0, 1]");
    check_show(make_list(&f, 0, NULL), "[]");
    check_show(make_tuple(&f, one, make_list(&f, 1, &some)), "(1, [Some 1])");
    check_show(make_record(&f, "", NULL), "{}");
    Value fields[] = {one, some, value_int(-3)};
    check_show(make_record(&f, "a x-y b'", fields),
               "{ a = 1, \"x-y\" = Some 1, b' = -3 }");
    MapEntry entries[] = {{make_string(&f, "k"), some},
                          {make_string(&f, "l"), some}};
    Value map = value_map(&f.heap, entries, 2);
    check_show(map, "fromList [(\"k\", Some 1), (\"l\", Some 1)]");
    check_show(make_union(&f, &f.some, &map),
               "Some (fromList [(\"k\", Some 1), (\"l\", Some 1)])");
    check_show(value_map(&f.heap, NULL, 0), "fromList []");
    fixture_release(&f);
}

TEST(deep_values_show)
{
    Fixture f;
    fixture_init(&f);
    StrBuf out = {0};
    CHECK(value_show(&out, make_chain(&f, 1000000), UINT64_MAX));
    CHECK(str_ends_with(strbuf_str(&out), STR("(Cons 0 Nil))))")) ||
          str_ends_with(strbuf_str(&out), STR("))))")));
    strbuf_clear(&out);
    CHECK(!value_show(&out, make_chain(&f, 1000000), 1000));
    CHECK(out.len < 2000);
    strbuf_release(&out);
    fixture_release(&f);
}

TEST_MAIN(RUN(scalars_show), RUN(compounds_show), RUN(deep_values_show))
