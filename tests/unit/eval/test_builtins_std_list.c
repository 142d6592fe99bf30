#include "tests/unit/eval/builtin_calls.h"

TEST(replicate_and_chunk)
{
    Calls c;
    calls_init(&c);
    CALL("list_replicate", "[\"a\", \"a\"]", I(2), S("a"));
    CALL("list_replicate", "[]", I(INT64_MIN), S("a"));
    Value five = value_list_range(&c.f.heap, 1, 5);
    CALL("list_chunk", "[[1, 2], [3, 4], [5]]", I(2), five);
    CALL("list_chunk", "[[1, 2, 3, 4, 5]]", I(INT64_MAX), five);
    CALL("list_chunk", "[]", I(3), make_list(&c.f, 0, NULL));
    CALL("list_chunk", "E0402: the size of a chunk must be at least 1", I(0),
         five);
    c.f.budget.limit_bytes = 1 << 20;
    CALL("list_replicate", "E0604: ", I(1 << 20), S("a"));
    CALL("list_replicate", "E0602: ", I(INT64_MAX), S("a"));
    calls_release(&c);
}

TEST(items)
{
    Calls c;
    calls_init(&c);
    Value range = value_list_range(&c.f.heap, 5, 3);
    CALL("list_item", "7", I(2), range);
    CALL("list_item", "E0408: no element has the index", I(3), range);
    CALL("list_item", "E0408: no element has the index", I(-1), range);
    CALL("list_push", "[5, 6, 7, 1]", range, I(1));
    CALL("list_push", "[1]", make_list(&c.f, 0, NULL), I(1));
    Value list = make_list(&c.f, 0, NULL);
    for (int i = 0; i < 10000; i++) {
        list = call(&c, "list_push", (Value[]){list, I(i)});
    }
    CHECK(value_equal(list, value_list_range(&c.f.heap, 0, 10000)));
    CHECK(c.f.heap.bytes < 4 << 20);
    calls_release(&c);
}

TEST(groups)
{
    Calls c;
    calls_init(&c);
    CALL("list_group", "fromList [(\"b\", [1, 3]), (\"a\", [2])]",
         LIST(S("b"), S("a"), S("b")), LIST(I(1), I(2), I(3)));
    Value none = make_list(&c.f, 0, NULL);
    CALL("list_group", "fromList []", none, none);
    Value keys[1000];
    Value items[1000];
    for (int i = 0; i < 1000; i++) {
        char text[8];
        snprintf(text, sizeof text, "k%d", i % 100);
        keys[i] = S(text);
        items[i] = I(i);
    }
    Value groups = call(
        &c, "list_group",
        (Value[]){make_list(&c.f, 1000, keys), make_list(&c.f, 1000, items)});
    CHECK_EQ_INT(groups.as.map->count, 100);
    Value last = value_map_value(groups.as.map, 99);
    CHECK_EQ_INT(value_list_count(last), 10);
    CHECK_EQ_INT(value_list_at(last, 9).as.integer, 999);
    calls_release(&c);
}

TEST(sorts_stably)
{
    Calls c;
    calls_init(&c);
    CALL("list_sort_data", "[\"c\", \"a\", \"b\", \"d\"]",
         LIST(I(2), I(2), I(1), I(3)), LIST(S("a"), S("b"), S("c"), S("d")));
    CALL("list_sort_data", "[2, 1, 3]", LIST(S("a"), S("é"), S("")),
         LIST(I(1), I(3), I(2)));
    CALL("list_sort_data", "[3, 1]", LIST(F(2.5), F(-0.5)), LIST(I(1), I(3)));
    Value range = value_list_range(&c.f.heap, 0, 3);
    CALL("list_sort_data", "[0, 1, 2]", range, range);
    enum { MANY = 10007 };
    Value *keys;
    Value list = value_list(&c.f.heap, MANY, &keys);
    for (int i = 0; i < MANY; i++) {
        keys[i] = I((int64_t)i * 7919 % 101);
    }
    Value order = call(&c, "list_sort_data",
                       (Value[]){list, value_list_range(&c.f.heap, 0, MANY)});
    for (int i = 1; i < MANY; i++) {
        int64_t a = value_list_at(order, (uint32_t)i - 1).as.integer;
        int64_t b = value_list_at(order, (uint32_t)i).as.integer;
        CHECK(keys[a].as.integer < keys[b].as.integer ||
              (keys[a].as.integer == keys[b].as.integer && a < b));
    }
    c.steps = 1000;
    CALL("list_sort_data", "E0602: ", list, list);
    calls_release(&c);
}

TEST(keeps_the_first_of_equals)
{
    Calls c;
    calls_init(&c);
    Value keys = LIST(I(2), I(1), I(2), I(1), I(3));
    CALL("list_unique_data", "[2, 1, 3]", keys, keys);
    Value none = make_list(&c.f, 0, NULL);
    CALL("list_unique_data", "[]", none, none);
    Value pairs =
        LIST(make_tuple(&c.f, I(1), S("a")), make_tuple(&c.f, I(1), S("b")),
             make_tuple(&c.f, I(1), S("a")));
    CALL("list_unique_data", "[(1, \"a\"), (1, \"b\")]", pairs, pairs);
    calls_release(&c);
}

TEST_MAIN(RUN(items), RUN(replicate_and_chunk), RUN(groups), RUN(sorts_stably),
          RUN(keeps_the_first_of_equals))
