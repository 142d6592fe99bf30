#include "eval/value.h"

#include <stdlib.h>

#include "concurrent/pool.h"
#include "tests/unit/eval/fixture.h"

static Value concat(Fixture *f, Value a, Value b)
{
    Value out = value_unit();
    CHECK(value_string_concat(&f->heap, (Value[]){a, b}, 2, &out));
    return out;
}

static Value append(Fixture *f, Value a, Value b)
{
    Value out = value_unit();
    CHECK(value_list_append(&f->heap, a, b, &out));
    return out;
}

TEST(strings_keep_what_is_shared)
{
    Fixture f;
    fixture_init(&f);
    char sixty[61];
    memset(sixty, 'a', 60);
    sixty[60] = 0;
    Value base = concat(&f, make_string(&f, sixty), make_string(&f, "0123456"));
    Value b = concat(&f, base, make_string(&f, "b"));
    Value c = concat(&f, base, make_string(&f, "c"));
    Value bd = concat(&f, b, make_string(&f, "d"));
    Value be = concat(&f, b, make_string(&f, "e"));
    CHECK_EQ_INT(base.as.string->len, 67);
    CHECK_EQ_STR(str_slice(value_str(b), 60, 99), STR("0123456b"));
    CHECK_EQ_STR(str_slice(value_str(c), 60, 99), STR("0123456c"));
    CHECK_EQ_STR(str_slice(value_str(bd), 60, 99), STR("0123456bd"));
    CHECK_EQ_STR(str_slice(value_str(be), 60, 99), STR("0123456be"));
    // In front.
    Value x = concat(&f, make_string(&f, "x"), base);
    Value yx = concat(&f, make_string(&f, "y"), x);
    Value zx = concat(&f, make_string(&f, "z"), x);
    CHECK_EQ_STR(str_slice(value_str(yx), 0, 4), STR("yxaa"));
    CHECK_EQ_STR(str_slice(value_str(zx), 0, 4), STR("zxaa"));
    CHECK_EQ_STR(str_slice(value_str(x), 0, 3), STR("xaa"));
    fixture_release(&f);
}

TEST(strings_grow_in_linear_memory)
{
    Fixture f;
    fixture_init(&f);
    Value behind = make_string(&f, "");
    Value before = make_string(&f, "");
    for (int i = 0; i < 100000; i++) {
        behind = concat(&f, behind, make_string(&f, "ab"));
        before = concat(&f, make_string(&f, "ab"), before);
    }
    CHECK_EQ_INT(behind.as.string->len, 200000);
    CHECK(value_equal(behind, before));
    CHECK(f.heap.bytes < 40 << 20);
    fixture_release(&f);
}

// Places in long texts, which are found by counts of chunks, against a walk
// from the start.
static void check_places(Value string)
{
    Str text = value_str(string);
    uint64_t chars = value_string_chars(string);
    CHECK_EQ_INT(chars, utf8_length(text));
    for (uint64_t i = 0; i <= chars + 2; i += 1 + i / 7) {
        size_t at = utf8_offset(text, 0, i);
        CHECK_EQ_INT(value_string_offset(string, 0, i), at);
        CHECK_EQ_INT(value_string_offset(string, at, chars - i / 2),
                     utf8_offset(text, at, chars - i / 2));
    }
    CHECK_EQ_INT(value_string_offset(string, 0, UINT64_MAX), text.len);
}

TEST(strings_know_their_places)
{
    static const char *const units[] = {"a", "\u00e9", "\u20ac", "\U0001f600"};
    Fixture f;
    fixture_init(&f);
    Value whole = make_string(&f, "");
    uint32_t state = 1;
    for (int i = 0; i < 30000; i++) {
        state = state * 1664525 + 1013904223;
        Value unit = make_string(&f, units[state >> 29 & 3]);
        Value parts[2] = {whole, unit};
        CHECK(value_string_concat(&f.heap, parts, 2, &whole));
        parts[0] = unit;
        parts[1] = whole;
        CHECK(state >> 31 == 0 ||
              value_string_concat(&f.heap, parts, 2, &whole));
        if (i % 4999 == 0) {
            check_places(whole);
        }
    }
    check_places(whole);
    uint32_t len = whole.as.string->len;
    for (uint32_t i = 1; i < 9; i++) {
        size_t from = value_string_offset(whole, 0, i * 611);
        size_t to = value_string_offset(whole, from, 20000 - i * 2000);
        check_places(
            value_string_slice(&f.heap, whole, (uint32_t)from, (uint32_t)to));
        check_places(value_string_slice(&f.heap, whole, (uint32_t)from, len));
    }
    check_places(value_string_static(&f.heap, value_str(whole)));
    fixture_release(&f);
}

TEST(strings_grow_on_both_sides)
{
    Fixture f;
    fixture_init(&f);
    Value at_once = make_string(&f, "");
    Value in_turn = make_string(&f, "");
    Value left = make_string(&f, "(");
    Value right = make_string(&f, ")");
    for (int i = 0; i < 50000; i++) {
        Value parts[] = {left, at_once, right};
        CHECK(value_string_concat(&f.heap, parts, 3, &at_once));
        in_turn = concat(&f, left, concat(&f, in_turn, right));
    }
    CHECK_EQ_INT(at_once.as.string->len, 100000);
    CHECK(value_equal(at_once, in_turn));
    CHECK_EQ_STR(str_slice(value_str(at_once), 49998, 50002), STR("(())"));
    CHECK(f.heap.bytes < 40 << 20);
    fixture_release(&f);
}

TEST(strings_of_other_heaps_are_copied)
{
    Fixture f;
    fixture_init(&f);
    Heap other;
    heap_init(&other, &f.budget);
    Value text = make_string(&f, "0123456789012345678901234567890123456789"
                                 "0123456789012345678901234567890123456789");
    text = concat(&f, text, make_string(&f, "x"));
    text = concat(&f, text, make_string(&f, "x"));
    uint32_t end = value_string_buffer(text.as.string)->end;
    Value out = value_unit();
    CHECK(value_string_concat(&other, (Value[]){text, text}, 2, &out));
    CHECK_EQ_INT(value_string_buffer(text.as.string)->end, end);
    CHECK_EQ_INT(out.as.string->len, 164);
    CHECK(heap_owns(&other, out.as.string->bytes));
    heap_release(&other);
    fixture_release(&f);
}

TEST(strings_slice)
{
    Fixture f;
    fixture_init(&f);
    Value small = make_string(&f, "hällo");
    CHECK_EQ_INT(value_string_chars(small), 5);
    Value slice = value_string_slice(&f.heap, small, 1, 3);
    CHECK_EQ_STR(value_str(slice), STR("ä"));
    CHECK_EQ_INT(value_string_chars(slice), 1);
    Value fixed = value_string_static(&f.heap, STR("static text"));
    slice = value_string_slice(&f.heap, fixed, 7, 11);
    CHECK_EQ_STR(value_str(slice), STR("text"));
    CHECK(slice.as.string->bytes == fixed.as.string->bytes + 7);
    CHECK_EQ_INT(value_string_slice(&f.heap, fixed, 3, 3).as.string->len, 0);
    Value out;
    CHECK(value_string_concat(&f.heap, NULL, 0, &out));
    CHECK_EQ_INT(out.as.string->len, 0);
    fixture_release(&f);
}

TEST(lists_keep_what_is_shared)
{
    Fixture f;
    fixture_init(&f);
    Value ten = value_list_range(&f.heap, 0, 10);
    Value one = make_list(&f, 1, (Value[]){value_int(100)});
    Value two = make_list(&f, 1, (Value[]){value_int(200)});
    Value base = append(&f, ten, one);
    Value a = append(&f, base, one);
    Value b = append(&f, base, two);
    Value c = append(&f, a, two);
    CHECK_EQ_INT(value_list_count(base), 11);
    CHECK_EQ_INT(value_list_at(a, 11).as.integer, 100);
    CHECK_EQ_INT(value_list_at(b, 11).as.integer, 200);
    CHECK_EQ_INT(value_list_at(c, 11).as.integer, 100);
    CHECK_EQ_INT(value_list_at(c, 12).as.integer, 200);
    Value p = append(&f, one, base);
    Value q = append(&f, two, p);
    Value r = append(&f, one, p);
    CHECK_EQ_INT(value_list_at(q, 0).as.integer, 200);
    CHECK_EQ_INT(value_list_at(r, 0).as.integer, 100);
    CHECK_EQ_INT(value_list_at(q, 1).as.integer, 100);
    Value rest = value_list_slice(&f.heap, r, 2, 13);
    CHECK(value_equal(rest, base));
    fixture_release(&f);
}

TEST(lists_grow_in_linear_memory)
{
    Fixture f;
    fixture_init(&f);
    Value behind = value_list_range(&f.heap, 0, 0);
    Value before = behind;
    ListBuffer *buffer = NULL;
    for (int i = 0; i < 50000; i++) {
        Value one = make_list(&f, 1, (Value[]){value_int(i)});
        behind = append(&f, behind, one);
        before = append(&f, one, before);
        CHECK(list_buffer_push(&f.heap, &buffer, value_int(i)));
    }
    Value pushed = value_list_finish(&f.heap, buffer);
    CHECK(value_equal(pushed, behind));
    CHECK(value_equal(pushed, value_list_range(&f.heap, 0, 50000)));
    CHECK_EQ_INT(value_list_at(before, 0).as.integer, 49999);
    CHECK_EQ_INT(value_list_at(before, 49999).as.integer, 0);
    CHECK(f.heap.bytes < 40 << 20);
    fixture_release(&f);
}

TEST(lists_grow_on_both_sides)
{
    Fixture f;
    fixture_init(&f);
    Value list = value_list_range(&f.heap, 0, 1);
    for (int i = 1; i < 50000; i++) {
        Value one = value_list_range(&f.heap, i, 1);
        list = append(&f, one, append(&f, list, one));
    }
    CHECK_EQ_INT(value_list_count(list), 99999);
    CHECK_EQ_INT(value_list_at(list, 10).as.integer, 49989);
    CHECK_EQ_INT(value_list_at(list, 49999).as.integer, 0);
    CHECK_EQ_INT(value_list_at(list, 99998).as.integer, 49999);
    CHECK(f.heap.bytes < 40 << 20);
    fixture_release(&f);
}

static Value push(Fixture *f, int64_t item, Value list)
{
    return append(f, value_list_range(&f->heap, item, 1), list);
}

static Value pop(Fixture *f, Value list)
{
    return value_list_slice(&f->heap, list, 1, value_list_count(list));
}

static Value make_numbers(Fixture *f, uint32_t count)
{
    Value *items;
    Value list = value_list(&f->heap, count, &items);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = value_int(i);
    }
    return list;
}

TEST(stacks_take_linear_memory)
{
    Fixture f;
    fixture_init(&f);
    Value list = make_numbers(&f, 50000);
    for (int i = 0; i < 50000; i++) {
        list = push(&f, -i, push(&f, i, pop(&f, list)));
    }
    CHECK_EQ_INT(value_list_count(list), 100000);
    CHECK_EQ_INT(value_list_at(list, 0).as.integer, -49999);
    for (int i = 49999; i >= 0; i--) {
        list = pop(&f, list);
        CHECK_EQ_INT(value_list_at(list, 0).as.integer, i);
    }
    CHECK_EQ_INT(value_list_at(pop(&f, list), 49998).as.integer, 49999);
    CHECK(f.heap.bytes < 200 << 20);
    fixture_release(&f);
}

// Every way to read a rope, against an array of the same items.
static void check_rope(Fixture *f, Value rope)
{
    uint32_t count = value_list_count(rope);
    CHECK(list_is_rope(rope.as.list));
    Value flat = rope;
    CHECK(value_list_flatten(&f->heap, &flat));
    CHECK(!list_is_rope(flat.as.list));
    const Value *items = value_list_items(&f->heap, rope);
    Value *array = value_list_array(rope.as.list);
    for (uint32_t i = 0; i < count; i++) {
        int64_t expected = value_list_at(flat, i).as.integer;
        CHECK_EQ_INT(value_list_at(rope, i).as.integer, expected);
        CHECK_EQ_INT(items[i].as.integer, expected);
        CHECK_EQ_INT(array[i].as.integer, expected);
    }
    free(array);
    CHECK(value_equal(rope, flat));
    CHECK(value_equal(flat, rope));
    CHECK(value_compare(rope, value_list_slice(&f->heap, flat, 0, 9)) > 0);
    for (uint32_t from = 0; from <= count; from += 7) {
        for (uint32_t to = from; to <= count; to += 1 + (count - to) / 3) {
            Value a = value_list_slice(&f->heap, rope, from, to);
            Value b = value_list_slice(&f->heap, flat, from, to);
            CHECK(value_equal(a, b));
        }
    }
    Value more = make_numbers(f, 20);
    CHECK(value_equal(append(f, more, rope), append(f, more, flat)));
    CHECK(value_equal(append(f, rope, more), append(f, flat, more)));
    CHECK(value_equal(append(f, rope, rope), append(f, flat, flat)));
}

TEST(ropes_are_read_as_arrays)
{
    Fixture f;
    fixture_init(&f);
    Value list = make_numbers(&f, 100);
    for (int round = 0; round < 40; round++) {
        list = pop(&f, list);
        for (int i = 0; i < round % 5; i++) {
            list = push(&f, 100 * round + i, list);
        }
        if (list_is_rope(list.as.list)) {
            check_rope(&f, list);
        }
    }
    check_rope(&f, list);
    // Each keeps its own items.
    Value rest = pop(&f, make_numbers(&f, 100));
    Value a = push(&f, 1, rest);
    Value b = push(&f, 2, rest);
    Value c = push(&f, 3, a);
    CHECK_EQ_INT(value_list_at(a, 0).as.integer, 1);
    CHECK_EQ_INT(value_list_at(b, 0).as.integer, 2);
    CHECK_EQ_INT(value_list_at(c, 1).as.integer, 1);
    CHECK(value_equal(pop(&f, b), rest));
    CHECK_EQ_INT(value_list_count(pop(&f, pop(&f, c))), 99);
    fixture_release(&f);
}

static Value take(Fixture *f, Value list, uint32_t count)
{
    return value_list_slice(&f->heap, list, 0, count);
}

static Value push_last(Fixture *f, Value list, int64_t item)
{
    return append(f, list, value_list_range(&f->heap, item, 1));
}

TEST(lists_are_turned_and_changed_in_linear_memory)
{
    enum { COUNT = 20000 };
    Fixture f;
    fixture_init(&f);
    Value list = make_numbers(&f, COUNT);
    for (int i = 0; i < COUNT; i++) { // at the end only
        list = push_last(&f, take(&f, list, COUNT - 1), -i);
    }
    CHECK_EQ_INT(value_list_at(list, COUNT - 2).as.integer, COUNT - 2);
    CHECK_EQ_INT(value_list_at(list, COUNT - 1).as.integer, 1 - COUNT);
    list = make_numbers(&f, COUNT);
    for (int i = 0; i < COUNT; i++) { // from one end to the other
        list = i % 2 == 0 ? push_last(&f, pop(&f, list), i)
                          : push(&f, i, take(&f, list, COUNT - 1));
    }
    CHECK_EQ_INT(value_list_at(list, 0).as.integer, COUNT - 1);
    for (int i = 0; i < COUNT; i++) { // in the middle
        uint32_t at = (uint32_t)i * 7919 % COUNT;
        Value behind = value_list_slice(&f.heap, list, at + 1, COUNT);
        list = append(&f, push_last(&f, take(&f, list, at), at), behind);
    }
    CHECK(value_equal(list, make_numbers(&f, COUNT)));
    CHECK(f.heap.bytes < 200 << 20);
    fixture_release(&f);
}

// Parts of ropes, joined in every way, against arrays.
TEST(ropes_are_joined_and_sliced)
{
    Fixture f;
    fixture_init(&f);
    uint64_t state = 1;
    Value list = make_numbers(&f, 300);
    for (int round = 0; round < 3000; round++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint32_t count = value_list_count(list);
        uint32_t from = (uint32_t)(state >> 33) % count;
        uint32_t to = from + (uint32_t)(state >> 48) % (count - from);
        Value parts[3] = {take(&f, list, from),
                          value_list_slice(&f.heap, list, from, to),
                          value_list_slice(&f.heap, list, to, count)};
        Value *items;
        Value expected = value_list(&f.heap, count, &items);
        value_list_copy(items, parts[2], 0, count - to);
        items += count - to;
        value_list_copy(items, parts[1], 0, to - from);
        value_list_copy(items + (to - from), parts[0], 0, from);
        list = append(&f, append(&f, parts[2], parts[1]), parts[0]);
        CHECK(value_equal(list, expected));
        if (list_is_rope(list.as.list)) {
            CHECK(((const ListRope *)list.as.list)->height < 10);
        }
        if (round % 100 == 0) {
            list = make_numbers(&f, 300 + (uint32_t)round);
        }
    }
    fixture_release(&f);
}

TEST(lists_grow_by_many_at_once)
{
    Fixture f;
    fixture_init(&f);
    Value items[1000];
    for (int i = 0; i < 1000; i++) {
        items[i] = value_int(i);
    }
    ListBuffer *buffer = NULL;
    list_buffer_expect(&f.heap, &buffer, 10); // of nothing: no buffer
    CHECK(buffer == NULL);
    CHECK(list_buffer_append(&f.heap, &buffer, items, 0));
    CHECK(buffer == NULL);
    uint32_t done = 0;
    for (uint32_t count = 1; done + count + 1 <= 1000; count *= 2) {
        CHECK(list_buffer_append(&f.heap, &buffer, items + done, count));
        CHECK(list_buffer_push(&f.heap, &buffer, items[done + count]));
        done += count + 1;
    }
    list_buffer_expect(&f.heap, &buffer, 5000);
    CHECK_EQ_INT(buffer->capacity, 5000);
    list_buffer_expect(&f.heap, &buffer, 4000);
    list_buffer_expect(&f.heap, &buffer, (uint64_t)1 << 40); // not believed
    CHECK_EQ_INT(buffer->capacity, 5000);
    f.budget.limit_bytes = load_relaxed(&f.budget.bytes) + 200000;
    list_buffer_expect(&f.heap, &buffer, 6000); // leaves too little
    CHECK_EQ_INT(buffer->capacity, 5000);
    CHECK(!f.heap.over_limit);
    Value list = value_list_finish(&f.heap, buffer);
    CHECK(value_equal(list, value_list_range(&f.heap, 0, done)));
    CHECK(!list_buffer_append(&f.heap, &buffer, items, UINT32_MAX));
    CHECK(f.heap.over_limit);
    fixture_release(&f);
}

TEST(ranges_become_arrays)
{
    Fixture f;
    fixture_init(&f);
    Value range = value_list_range(&f.heap, 5, 20);
    Value slice = value_list_slice(&f.heap, range, 3, 7);
    CHECK_EQ_INT(value_list_at(slice, 0).as.integer, 8);
    const Value *items = value_list_items(&f.heap, slice);
    CHECK_EQ_INT(items[3].as.integer, 11);
    CHECK(value_list_items(&f.heap, value_list_range(&f.heap, 0, 0)) != NULL);
    heap_release(&f.heap);
    f.budget.limit_bytes = 1 << 20;
    CHECK(value_list_items(&f.heap, value_list_range(&f.heap, 0, UINT32_MAX)) ==
          NULL);
    CHECK(f.heap.over_limit);
    fixture_release(&f);
}

TEST(shapes_are_interned)
{
    Fixture f;
    fixture_init(&f);
    Symbol names[40];
    char text[16];
    for (int i = 0; i < 40; i++) {
        snprintf(text, sizeof text, "f%d", i);
        names[i] = intern(f.interner, str_from_c(text));
    }
    const Shape *empty = shape_intern(f.shapes, names, 0);
    const Shape *built = empty;
    for (int i = 0; i < 40; i++) {
        built = shape_with(f.shapes, built, names[i]);
        CHECK_EQ_INT(built->count, i + 1);
        CHECK(built == shape_intern(f.shapes, names, (uint32_t)i + 1));
        CHECK(shape_with(f.shapes, built, names[i / 2]) == built);
        for (int j = 0; j < 40; j++) {
            CHECK_EQ_INT(shape_find(built, names[j]), j <= i ? j : -1);
        }
    }
    CHECK_EQ_INT(shape_find_text(built, STR("f17")), 17);
    CHECK_EQ_INT(shape_find_text(built, STR("f1x")), -1);
    CHECK_EQ_STR(built->texts[39], STR("f39"));
    CHECK_EQ_STR(built->texts[built->sorted[2]], STR("f10"));
    for (int i = 0; i < 2000; i++) {
        snprintf(text, sizeof text, "g%d", i);
        Symbol name = intern(f.interner, str_from_c(text));
        CHECK(shape_intern(f.shapes, &name, 1)->id > 40);
    }
    CHECK(shape_intern(f.shapes, names, 40) == built);
    fixture_release(&f);
}

typedef struct Interning {
    Fixture *f;
} Interning;

static void intern_some(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    Interning *interning = ctx;
    for (uint64_t i = begin; i < end; i++) {
        char text[16];
        snprintf(text, sizeof text, "n%d", (int)(i % 300));
        Symbol names[10];
        for (int j = 0; j < 10; j++) {
            text[0] = (char)('a' + j);
            names[j] = intern(interning->f->interner, str_from_c(text));
        }
        const Shape *shape = shape_intern(interning->f->shapes, names, 10);
        CHECK_EQ_INT(shape_find(shape, names[7]), 7);
        CHECK_EQ_STR(shape->texts[9], str_from_c(text));
    }
}

TEST(shapes_are_interned_by_all)
{
    Fixture f;
    fixture_init(&f);
    Pool *pool = pool_new(4, 1);
    Interning interning = {.f = &f};
    parallel_for(pool_main_worker(pool), NULL, 6000, 10, intern_some,
                 &interning);
    Symbol name = intern(f.interner, STR("last"));
    CHECK_EQ_INT(shape_intern(f.shapes, &name, 1)->id, 301);
    pool_free(pool);
    fixture_release(&f);
}

TEST(maps_find)
{
    Fixture f;
    fixture_init(&f);
    MapEntry entries[1000];
    char text[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "key%d", i * 7);
        entries[i] = (MapEntry){make_string(&f, text), value_int(i)};
    }
    for (uint32_t count = 0; count <= 1000; count += 1 + count * 3) {
        Value map = value_map(&f.heap, entries, count);
        for (uint32_t i = 0; i < 1000; i++) {
            CHECK_EQ_INT(value_map_find(map, value_str(entries[i].key)),
                         i < count ? (int64_t)i : -1);
        }
        CHECK_EQ_INT(value_map_find(map, STR("")), -1);
    }
    fixture_release(&f);
}

TEST_MAIN(RUN(strings_keep_what_is_shared), RUN(strings_grow_in_linear_memory),
          RUN(strings_of_other_heaps_are_copied), RUN(strings_slice),
          RUN(strings_grow_on_both_sides), RUN(strings_know_their_places),
          RUN(lists_keep_what_is_shared), RUN(lists_grow_in_linear_memory),
          RUN(lists_grow_on_both_sides), RUN(stacks_take_linear_memory),
          RUN(ropes_are_read_as_arrays),
          RUN(lists_are_turned_and_changed_in_linear_memory),
          RUN(ropes_are_joined_and_sliced), RUN(lists_grow_by_many_at_once),
          RUN(ranges_become_arrays), RUN(shapes_are_interned),
          RUN(shapes_are_interned_by_all), RUN(maps_find))
