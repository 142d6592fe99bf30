// The collector: what roots reach is as it was, wherever it is now, and the
// rest is gone. Whole programs under it: fixtures/eval-okay-collect.lig, where
// AddressSanitizer builds collect at every step.
#include "eval/collect.h"

#include "eval/map_builder.h"
#include "tests/unit/eval/evaluate.h"
#include "tests/unit/eval/fixture.h"

static void make_garbage(Fixture *f, int count)
{
    for (int i = 0; i < count; i++) {
        (void)make_string(f, "something that nobody keeps");
    }
}

static void collect_root(Fixture *f, Value *root)
{
    Collector collector;
    collect_begin(&collector, &f->heap);
    collect_values(&collector, root, 1);
    collect_trace(&collector);
    collect_end(&collector);
}

// Shows the same before and after, twice, with other objects in between.
static void check_survives(Fixture *f, Value root)
{
    StrBuf before = {0};
    CHECK(value_show(&before, root, UINT32_MAX));
    for (int i = 0; i < 2; i++) {
        make_garbage(f, 1000);
        collect_root(f, &root);
        make_garbage(f, 1000);
        StrBuf after = {0};
        CHECK(value_show(&after, root, UINT32_MAX));
        CHECK_EQ_STR(strbuf_str(&after), strbuf_str(&before));
        strbuf_release(&after);
    }
    strbuf_release(&before);
}

static Value make_map(Fixture *f, int count)
{
    MapBuilder builder;
    CHECK(map_builder_init(&builder, &f->heap, 8));
    Value map = map_builder_finish(&builder);
    char text[32];
    for (int i = 0; i < count; i++) {
        int key = i < count / 2 ? i : i - count / 2; // the second time, changed
        (void)snprintf(text, sizeof text, "key %d", key);
        CHECK(value_map_insert(&f->heap, map, make_string(f, text),
                               value_int(i), &map));
    }
    return map;
}

TEST(what_is_reached_stays)
{
    Fixture f;
    fixture_init(&f);
    char text[400];
    memset(text, 'x', sizeof text);
    Value longer = value_string(&f.heap, str_make(text, sizeof text));
    Value numbers[400];
    for (int i = 0; i < 400; i++) {
        numbers[i] = value_int(i);
    }
    Value list = make_list(&f, 400, numbers);
    Value rope = value_list_slice(&f.heap, list, 1, 400);
    for (int i = 0; i < 20; i++) {
        Value one = make_list(&f, 1, (Value[]){make_string(&f, "leaf")});
        CHECK(value_list_append(&f.heap, one, rope, &rope));
    }
    CHECK(list_is_rope(rope.as.list));
    Value items[] = {
        make_string(&f, "short"),
        rope,
        value_list_slice(&f.heap, rope, 3, 419),
        value_string_slice(&f.heap, longer, 10, 200),
        value_list_slice(&f.heap, list, 5, 395),
        make_list(&f, 3, numbers),
        value_list_range(&f.heap, 7, 1000),
        make_union(&f, &f.some, (Value[]){make_string(&f, "inside")}),
        make_union(&f, &f.none, NULL),
        make_map(&f, 3),
        make_map(&f, 30),
        make_map(&f, 3000),
        value_float(1.5),
        value_bool(true),
        value_unit(),
    };
    check_survives(&f, make_list(&f, sizeof items / sizeof *items, items));
    fixture_release(&f);
}

TEST(maps_find_what_they_hold)
{
    Fixture f;
    fixture_init(&f);
    Value map = make_map(&f, 400);
    collect_root(&f, &map);
    make_garbage(&f, 1000);
    for (uint32_t i = 0; i < 200; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "key %u", i);
        CHECK_EQ_INT(value_map_find(map, str_from_c(text)), i);
        CHECK_EQ_INT(value_map_value(map.as.map, i).as.integer, 200 + i);
    }
    // It grows on, in its own memory.
    CHECK(value_map_insert(&f.heap, map, make_string(&f, "more"), value_int(1),
                           &map));
    CHECK_EQ_INT(map.as.map->count, 201);
    fixture_release(&f);
}

TEST(what_is_shared_is_moved_once)
{
    Fixture f;
    fixture_init(&f);
    Value part = make_string(&f, "shared");
    Value pair = make_list(&f, 2, (Value[]){part, part});
    Value rows = make_list(&f, 2, (Value[]){pair, pair});
    collect_root(&f, &rows);
    Value left = value_list_at(rows, 0);
    CHECK(left.as.list == value_list_at(rows, 1).as.list);
    CHECK(value_list_at(left, 0).as.string == value_list_at(left, 1).as.string);
    CHECK(heap_owns(&f.heap, left.as.list));
    fixture_release(&f);
}

// Blocks that are as long as those for small objects.
TEST(what_nearly_fills_a_block_leaves_it_to_the_next)
{
    Fixture f;
    fixture_init(&f);
    Value kept = make_string(&f, "kept");
    for (int i = 0; i < 200; i++) {
        for (int j = 0; j < 4; j++) {
            char *bytes;
            (void)value_string_new(&f.heap, 1700000, &bytes);
        }
        collect_root(&f, &kept);
    }
    CHECK(f.heap.bytes < 64 << 20);
    fixture_release(&f);
}

TEST(the_rest_is_gone)
{
    Fixture f;
    fixture_init(&f);
    Value kept = make_string(&f, "kept");
    for (int i = 0; i < 100; i++) {
        make_garbage(&f, 10000);
        collect_root(&f, &kept);
    }
    CHECK_EQ_STR(value_str(kept), STR("kept"));
    CHECK(f.heap.bytes < (size_t)6 << 20);
    CHECK_EQ_INT(load_relaxed(&f.budget.bytes), f.heap.bytes);
    CHECK_EQ_INT(load_relaxed(&f.budget.collections), 100);
    CHECK(load_relaxed(&f.budget.freed_bytes) > (uint64_t)40 << 20);
    fixture_release(&f);
}

TEST(what_is_frozen_does_not_move)
{
    Fixture f;
    fixture_init(&f);
    Value old = make_list(&f, 2, (Value[]){make_string(&f, "a"), value_int(1)});
    heap_freeze(&f.heap);
    Value fresh = make_list(&f, 2, (Value[]){old, make_string(&f, "b")});
    const ListObject *fresh_before = fresh.as.list;
    make_garbage(&f, 100);
    collect_root(&f, &fresh);
    CHECK(fresh.as.list != fresh_before);
    CHECK(value_list_at(fresh, 0).as.list == old.as.list);
    // Room in a frozen buffer is not used: what is put there would move.
    Value numbers[20] = {0};
    Value list = make_list(&f, 20, numbers);
    Value longer;
    CHECK(value_list_append(&f.heap, list, list, &list));
    heap_freeze(&f.heap);
    CHECK(value_list_append(&f.heap, list, list, &longer));
    CHECK(longer.as.list->as.buffer != list.as.list->as.buffer);
    fixture_release(&f);
}

TEST(large_objects_stay_where_they_are)
{
    Fixture f;
    fixture_init(&f);
    (void)make_string(&f, "so that what is large gets a block of its own");
    Value *items;
    Value large = value_list(&f.heap, 100000, &items);
    for (int i = 0; i < 100000; i++) {
        items[i] = make_string(&f, "item");
    }
    Value gone = value_list(&f.heap, 100000, &items);
    memset(items, 0, 100000 * sizeof(Value));
    const Value *before = large.as.list->items;
    const Value *gone_items = gone.as.list->items;
    collect_root(&f, &large);
    CHECK(large.as.list->items == before);
    CHECK(!heap_owns(&f.heap, gone_items));
    for (uint32_t i = 0; i < 100000; i++) {
        CHECK_EQ_STR(value_str(value_list_at(large, i)), STR("item"));
    }
    collect_root(&f, &large);
    CHECK(large.as.list->items == before);
    fixture_release(&f);
}

static size_t estimated(Fixture *f, Value root)
{
    Collector collector;
    collect_estimate_begin(&collector, &f->heap);
    collect_values(&collector, &root, 1);
    return collect_estimate_end(&collector);
}

TEST(estimates_are_near)
{
    Fixture f;
    fixture_init(&f);
    Value *items;
    Value list = value_list(&f.heap, 50000, &items);
    size_t before = heap_region_used(&f.heap);
    for (int i = 0; i < 50000; i++) {
        items[i] = make_string(&f, "an item of the list");
    }
    size_t made = heap_region_used(&f.heap) - before;
    size_t live = estimated(&f, list);
    CHECK(live > before + made * (EXACT_MEMORY ? 4 : 9) / 10);
    CHECK(live <= before + made);
    // What is shared counts once.
    for (int i = 0; i < 50000; i++) {
        items[i] = items[0];
    }
    CHECK(estimated(&f, list) < before + 1000);
    // Garbage does not.
    make_garbage(&f, 100000);
    CHECK(estimated(&f, list) < before + 1000);
    StrBuf out = {0}; // and nothing has been moved
    CHECK(value_show(&out, list, UINT32_MAX));
    strbuf_release(&out);
    fixture_release(&f);
}

static void check_bounded(const char *text, const char *expected)
{
    enum { MEMORY = 4 << 20 };
    Limits limits = limits_default();
    limits.max_memory_bytes = MEMORY;
    for (uint32_t workers = 1; workers <= 3; workers += 2) {
        Evaluated e = evaluate(text, workers, &limits);
        StrBuf out = {0};
        append_outcome(&e, &out);
        CHECK_EQ_STR(strbuf_str(&out), str_from_c(expected));
        CHECK(e.evaluation != NULL &&
              load_relaxed(&e.evaluation->budget.collections) > 0);
        strbuf_release(&out);
        evaluated_release(&e);
    }
}

TEST(loops_run_in_the_memory_of_what_they_keep)
{
    // Without collections each takes tens of MiB.
    check_bounded("fold (\\p x -> match p { (a, b) => (b, a + x) }) ((0, 1)) "
                  "(range 0 200000)",
                  "(9999900000, 10000000001)");
    check_bounded("let rec go n f = if n <= 0 then f 1 else "
                  "go (n - 1) (\\x -> (x + n) % 7); go 200000 (\\x -> x)",
                  "2");
    check_bounded("fold (\\a x -> { n = a.n + x, text = \"number \\(x)\" }) "
                  "({ n = 0, text = \"\" }) (range 0 100000)",
                  "{ n = 4999950000, text = \"number 99999\" }");
    // Bindings that leave garbage behind, one after the other.
    check_bounded(
        "let f n = fold (\\p x -> match p { (a, b) => (b, a + x) }) ((n, 1)) "
        "(range 0 20000);"
        "let a = f 1; let b = if a == (0, 0) then a else f 2;"
        "let c = if b == (0, 0) then b else f 3;"
        "let d = if c == (0, 0) then c else f 4; [a, b, c, d]",
        "[(99990001, 100000001), (99990002, 100000001), "
        "(99990003, 100000001), (99990004, 100000001)]");
    // Items of a loop that others may do.
    check_bounded("[fold (\\p x -> match p { (a, b) => (b, a + x) }) ((i, 1)) "
                  "(range 0 20000) for i in range 0 6]",
                  "[(99990000, 100000001), (99990001, 100000001), "
                  "(99990002, 100000001), (99990003, 100000001), "
                  "(99990004, 100000001), (99990005, 100000001)]");
}

TEST_MAIN(RUN(what_is_reached_stays), RUN(maps_find_what_they_hold),
          RUN(what_is_shared_is_moved_once), RUN(the_rest_is_gone),
          RUN(what_nearly_fills_a_block_leaves_it_to_the_next),
          RUN(what_is_frozen_does_not_move),
          RUN(large_objects_stay_where_they_are), RUN(estimates_are_near),
          RUN(loops_run_in_the_memory_of_what_they_keep))
