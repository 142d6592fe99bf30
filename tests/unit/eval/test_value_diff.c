#include "eval/value_diff.h"

#include "tests/unit/eval/fixture.h"

static void append_line(void *ctx, Str line)
{
    StrBuf *out = ctx;
    strbuf_append(out, line);
    strbuf_append_char(out, '\n');
}

static void check_diff(Value left, Value right, uint32_t max_lines,
                       uint64_t count, const char *expected)
{
    ValueDiffOptions options = {
        .left = "left", .right = "right", .max_lines = max_lines};
    StrBuf out = {0};
    CHECK_EQ_INT(value_diff(&options, left, right, append_line, &out), count);
    CHECK_EQ_STR(strbuf_str(&out), str_from_c(expected));
    strbuf_release(&out);
}

TEST(scalars_differ_at_the_root)
{
    Fixture f;
    fixture_init(&f);
    check_diff(value_int(1), value_int(1), 9, 0, "");
    check_diff(value_int(1), value_int(2), 9, 1, "left 1, right 2\n");
    check_diff(value_bool(true), value_bool(false), 9, 1,
               "left true, right false\n");
    check_diff(make_string(&f, "a"), make_string(&f, "b"), 9, 1,
               "left \"a\", right \"b\"\n");
    fixture_release(&f);
}

TEST(parts_have_paths)
{
    Fixture f;
    fixture_init(&f);
    Value one = value_int(1), two = value_int(2);
    Value a = make_record(&f, "list maybe name",
                          (Value[]){make_list(&f, 2, (Value[]){one, two}),
                                    make_union(&f, &f.some, &one),
                                    make_string(&f, "x")});
    // Fields in another order are the same record.
    Value b = make_record(
        &f, "name maybe list",
        (Value[]){make_string(&f, "x"), make_union(&f, &f.some, &two),
                  make_list(&f, 3, (Value[]){one, one, one})});
    check_diff(a, a, 9, 0, "");
    check_diff(a, b, 9, 3,
               ".list[2]: left has none, right 1\n"
               ".list[1]: left 2, right 1\n"
               ".maybe: left 1, right 2\n");
    check_diff(a, b, 1, 3, ".list[2]: left has none, right 1\nand 2 more\n");
    check_diff(make_union(&f, &f.none, NULL), make_union(&f, &f.some, &one), 9,
               1, "left None, right Some 1\n");
    fixture_release(&f);
}

TEST(all_of_a_long_list_counts)
{
    Fixture f;
    fixture_init(&f);
    Value items[100];
    for (int i = 0; i < 100; i++) {
        items[i] = value_int(i);
    }
    Value none = make_list(&f, 0, NULL);
    check_diff(make_list(&f, 100, items), none, 2, 100,
               "[0]: left 0, right has none\n"
               "[1]: left 1, right has none\nand 98 more\n");
    check_diff(none, make_list(&f, 100, items), 0, 100, "and 100 more\n");
    fixture_release(&f);
}

// As where the type says of a record only which fields it has at least.
TEST(records_may_have_other_fields)
{
    Fixture f;
    fixture_init(&f);
    Value numbers[] = {value_int(1), value_int(2)};
    check_diff(make_record(&f, "a b", numbers), make_record(&f, "b c", numbers),
               9, 3,
               ".a: left 1, right has none\n"
               ".c: left has none, right 2\n"
               ".b: left 2, right 1\n");
    fixture_release(&f);
}

TEST(maps_go_by_key)
{
    Fixture f;
    fixture_init(&f);
    MapEntry left[] = {{make_string(&f, "a b"), value_int(1)},
                       {make_string(&f, "c"), value_int(2)}};
    MapEntry right[] = {{make_string(&f, "d"), value_int(3)},
                        {make_string(&f, "a b"), value_int(4)}};
    check_diff(value_map(&f.heap, left, 2), value_map(&f.heap, right, 2), 9, 3,
               ".c: left 2, right has none\n"
               ".d: left has none, right 3\n"
               ".\"a b\": left 1, right 4\n");
    fixture_release(&f);
}

TEST(deep_values_need_no_stack)
{
    Fixture f;
    fixture_init(&f);
    enum { DEPTH = 200000 };
    Value a = make_chain(&f, DEPTH);
    Value b = make_chain(&f, DEPTH);
    check_diff(a, b, 9, 0, "");
    check_diff(a, make_chain(&f, 0), 0, 1, "and 1 more\n");
    fixture_release(&f);
}

TEST(long_texts_show_where_they_part)
{
    Fixture f;
    fixture_init(&f);
    StrBuf text = {0};
    strbuf_append_repeat(&text, 'a', 100);
    Value a = value_string(&f.heap, strbuf_str(&text));
    strbuf_append_char(&text, 'b');
    Value b = value_string(&f.heap, strbuf_str(&text));
    check_diff(a, b, 9, 1,
               "from character 101 on, left '...aaaaaaaaaaaaaaaaaaaa', right "
               "'...aaaaaaaaaaaaaaaaaaaab'\n");
    strbuf_release(&text);
    fixture_release(&f);
}

// Of characters that differ in their second byte, both are shown whole.
TEST(texts_part_between_characters)
{
    Fixture f;
    fixture_init(&f);
    StrBuf texts[2] = {0};
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 40; k++) {
            strbuf_append(&texts[i], STR("\xC3\xA9"));
        }
        strbuf_append(&texts[i], i == 0 ? STR("\xC3\xA8x") : STR("\xC3\xAAx"));
    }
    check_diff(value_string(&f.heap, strbuf_str(&texts[0])),
               value_string(&f.heap, strbuf_str(&texts[1])), 9, 1,
               "from character 41 on, "
               "left '...\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
               "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA8x', "
               "right '...\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
               "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xAAx'\n");
    strbuf_release(&texts[0]);
    strbuf_release(&texts[1]);
    fixture_release(&f);
}

TEST_MAIN(RUN(scalars_differ_at_the_root), RUN(parts_have_paths),
          RUN(all_of_a_long_list_counts), RUN(records_may_have_other_fields),
          RUN(maps_go_by_key), RUN(deep_values_need_no_stack),
          RUN(long_texts_show_where_they_part),
          RUN(texts_part_between_characters))
