#include "eval/value.h"

#include "tests/unit/eval/fixture.h"

static void check_order(Value less, Value greater)
{
    CHECK(value_compare(less, greater) < 0);
    CHECK(value_compare(greater, less) > 0);
    CHECK_EQ_INT(value_compare(less, less), 0);
    CHECK(!value_equal(less, greater));
    CHECK(value_equal(greater, greater));
}

TEST(scalars_order)
{
    Fixture f;
    fixture_init(&f);
    check_order(value_int(INT64_MIN), value_int(INT64_MAX));
    check_order(value_float(-1.5), value_float(1e300));
    check_order(value_bool(false), value_bool(true));
    check_order(make_string(&f, "a"), make_string(&f, "b"));
    check_order(make_string(&f, "a"), make_string(&f, "aa"));
    check_order(make_string(&f, "z"), make_string(&f, "\xC3\xA4"));
    CHECK(value_equal(value_unit(), value_unit()));
    CHECK(value_equal(value_float(0.0), value_float(-0.0)));
    fixture_release(&f);
}

TEST(compounds_order)
{
    Fixture f;
    fixture_init(&f);
    Value one = value_int(1);
    Value two = value_int(2);
    check_order(make_list(&f, 1, (Value[]){one}),
                make_list(&f, 2, (Value[]){one, one}));
    check_order(make_list(&f, 2, (Value[]){one, two}),
                make_list(&f, 1, (Value[]){two}));
    check_order(value_list_range(&f.heap, 1, 3),
                value_list_range(&f.heap, 2, 1));
    check_order(value_list_range(&f.heap, 1, 3),
                make_list(&f, 2, (Value[]){one, value_int(3)}));
    check_order(make_tuple(&f, one, two), make_tuple(&f, two, one));
    check_order(make_union(&f, &f.none, NULL),
                make_union(&f, &f.some, (Value[]){one}));
    check_order(make_union(&f, &f.some, (Value[]){one}),
                make_union(&f, &f.some, (Value[]){two}));
    check_order(make_chain(&f, 1), make_union(&f, &f.nil, NULL));
    fixture_release(&f);
}

TEST(records_compare_by_name)
{
    Fixture f;
    fixture_init(&f);
    Value v[] = {value_int(1), value_int(2)};
    Value w[] = {value_int(2), value_int(1)};
    CHECK(value_equal(make_record(&f, "a b", v), make_record(&f, "b a", w)));
    CHECK_EQ_INT(
        value_compare(make_record(&f, "a b", v), make_record(&f, "b a", w)), 0);
    // By `a` first, wherever it stands.
    check_order(make_record(&f, "b a", w), make_record(&f, "a b", w));
    check_order(make_record(&f, "b a", w), make_record(&f, "b a", v));
    fixture_release(&f);
}

TEST(maps_compare_by_key)
{
    Fixture f;
    fixture_init(&f);
    Value a = make_string(&f, "a");
    Value b = make_string(&f, "b");
    MapEntry ab[] = {{a, value_int(1)}, {b, value_int(2)}};
    MapEntry ba[] = {{b, value_int(2)}, {a, value_int(1)}};
    MapEntry other[] = {{b, value_int(3)}, {a, value_int(1)}};
    CHECK(value_equal(value_map(&f.heap, ab, 2), value_map(&f.heap, ba, 2)));
    check_order(value_map(&f.heap, ab, 2), value_map(&f.heap, other, 2));
    check_order(value_map(&f.heap, ab, 1), value_map(&f.heap, ba, 2));
    fixture_release(&f);
}

TEST(deep_values_need_no_stack)
{
    Fixture f;
    fixture_init(&f);
    Value a = make_chain(&f, 1000000);
    Value b = make_chain(&f, 1000000);
    CHECK(value_equal(a, b));
    CHECK_EQ_INT(value_compare(a, b), 0);
    Value deep = value_int(1);
    Value deeper = value_int(2);
    for (int i = 0; i < 100000; i++) {
        Value v[] = {deep, value_int(i)};
        deep = make_record(&f, "x y", v);
        Value w[] = {value_int(i), deeper};
        deeper = make_record(&f, "y x", w);
    }
    check_order(deep, deeper);
    fixture_release(&f);
}

TEST_MAIN(RUN(scalars_order), RUN(compounds_order),
          RUN(records_compare_by_name), RUN(maps_compare_by_key),
          RUN(deep_values_need_no_stack))
