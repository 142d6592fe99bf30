#include "tests/unit/eval/builtin_calls.h"

static Value pairs(Calls *calls, const char *keys)
{
    Calls *c = calls;
    Value items[64];
    uint32_t count = 0;
    for (; keys[count] != 0; count++) {
        items[count] = make_tuple(
            &c->f, value_string(&c->f.heap, str_make(keys + count, 1)),
            value_int(count));
    }
    return make_list(&c->f, count, items);
}

static Value map_of(Calls *c, const char *keys)
{
    return call(c, "map_from_list", (Value[]){pairs(c, keys)});
}

TEST(later_entries_win_and_keep_the_place)
{
    Calls c;
    calls_init(&c);
    CALL("map_from_list", "fromList [(\"a\", 2), (\"b\", 1)]",
         pairs(&c, "aba"));
    CALL("map_from_list", "fromList []", pairs(&c, ""));
    CALL("map_to_list", "[(\"a\", 0), (\"b\", 1)]", map_of(&c, "ab"));
    CALL("map_keys", "[\"a\", \"b\"]", map_of(&c, "ab"));
    CALL("map_values", "[0, 1]", map_of(&c, "ab"));
    CALL("map_get", "Some 1", S("b"), map_of(&c, "ab"));
    CALL("map_get", "None", S("c"), map_of(&c, "ab"));
    CALL("map_contains", "true", S("b"), map_of(&c, "ab"));
    CALL("map_with_values", "fromList [(\"a\", 7), (\"b\", 8)]",
         LIST(I(7), I(8)), map_of(&c, "ab"));
    calls_release(&c);
}

TEST(changes_leave_the_old_map)
{
    Calls c;
    calls_init(&c);
    Value ab = map_of(&c, "ab");
    CALL("map_insert", "fromList [(\"a\", 9), (\"b\", 1)]", S("a"), I(9), ab);
    CALL("map_insert", "fromList [(\"a\", 0), (\"b\", 1), (\"c\", 9)]", S("c"),
         I(9), ab);
    CALL("map_insert", "fromList [(\"a\", 0), (\"b\", 1), (\"d\", 8)]", S("d"),
         I(8), ab);
    CALL("map_remove", "fromList [(\"b\", 1)]", S("a"), ab);
    CALL("map_remove", "fromList [(\"a\", 0), (\"b\", 1)]", S("x"), ab);
    CALL("map_merge", "fromList [(\"a\", 1), (\"b\", 1), (\"c\", 0)]", ab,
         map_of(&c, "ca"));
    CALL("map_merge", "fromList [(\"a\", 0), (\"b\", 1), (\"c\", 0)]", ab,
         map_of(&c, "c"));
    CALL("map_to_list", "[(\"a\", 0), (\"b\", 1)]", ab);
    CALL("map_get", "None", S("c"), ab);
    calls_release(&c);
}

static Value key_of(Calls *c, int i)
{
    char text[16];
    snprintf(text, sizeof text, "key%d", i);
    return make_string(&c->f, text);
}

TEST(folds_of_insert_are_linear)
{
    Calls c;
    calls_init(&c);
    enum { COUNT = 20000 };
    Value map = value_map(&c.f.heap, NULL, 0);
    Value middle = map;
    for (int i = 0; i < COUNT; i++) {
        map = call(&c, "map_insert", (Value[]){key_of(&c, i), I(i), map});
        if (i == COUNT / 2) {
            middle = map;
        }
    }
    CHECK_EQ_INT(map.as.map->count, COUNT);
    CHECK(c.f.heap.bytes < 16 << 20);
    for (int i = 0; i < COUNT; i++) {
        int64_t found = value_map_find(map, value_str(key_of(&c, i)));
        CHECK_EQ_INT(found, i);
        found = value_map_find(middle, value_str(key_of(&c, i)));
        CHECK_EQ_INT(found, i <= COUNT / 2 ? i : -1);
    }
    // The old one goes on in a map of its own.
    Value other = call(&c, "map_insert", (Value[]){S("x"), I(7), middle});
    CHECK_EQ_INT(other.as.map->count, COUNT / 2 + 2);
    CHECK_EQ_INT(value_map_find(other, STR("key19999")), -1);
    CHECK_EQ_INT(value_map_find(map, STR("x")), -1);
    CHECK_EQ_INT(value_map_find(other, STR("x")), COUNT / 2 + 1);
    // A changed entry shares the index and must not see what comes later.
    Value changed = call(&c, "map_insert", (Value[]){S("key3"), I(-3), map});
    Value grown = call(&c, "map_insert", (Value[]){S("new"), I(1), map});
    CHECK_EQ_INT(value_map_find(changed, STR("new")), -1);
    CHECK_EQ_INT(value_map_find(grown, STR("new")), COUNT);
    Value both = call(&c, "map_insert", (Value[]){S("own"), I(1), changed});
    CHECK_EQ_INT(value_map_find(both, STR("own")), COUNT);
    CHECK_EQ_INT(value_map_find(both, STR("new")), -1);
    CHECK_EQ_INT(value_map_value(both.as.map, 3).as.integer, -3);
    CHECK_EQ_INT(value_map_value(map.as.map, 3).as.integer, 3);
    calls_release(&c);
}

TEST(folds_of_updates_are_linear)
{
    Calls c;
    calls_init(&c);
    enum { KEYS = 3000, ROUNDS = 10 };
    Value map = value_map(&c.f.heap, NULL, 0);
    Value middle = map;
    for (int i = 0; i < KEYS * ROUNDS; i++) {
        // Every key once a round, in another order each round.
        int64_t key = (int64_t)i * (i / KEYS * 14 + 1) % KEYS;
        Value name = key_of(&c, (int)key);
        Value some = call(&c, "map_get", (Value[]){name, map});
        int64_t old = some.arity > 0 ? some.as.object->fields[0].as.integer : 0;
        map = call(&c, "map_insert", (Value[]){name, I(old + 1), map});
        if (i == KEYS * 5 - 1) {
            middle = map;
        }
    }
    CHECK_EQ_INT(map.as.map->count, KEYS);
    CHECK(c.f.heap.bytes < 64 << 20);
    int64_t sum = 0;
    int64_t middle_sum = 0;
    for (uint32_t i = 0; i < KEYS; i++) {
        sum += value_map_value(map.as.map, i).as.integer;
        middle_sum += value_map_value(middle.as.map, i).as.integer;
    }
    CHECK_EQ_INT(sum, KEYS * ROUNDS);
    CHECK_EQ_INT(middle_sum, KEYS * 5);
    // What is made of a patched map has its values.
    Value grown = call(&c, "map_insert", (Value[]){S("new"), I(7), map});
    Value other = call(&c, "map_insert", (Value[]){S("new"), I(7), map});
    Value less = call(&c, "map_remove", (Value[]){S("new"), grown});
    Value both = call(&c, "map_merge", (Value[]){middle, grown});
    CHECK(value_equal(grown, other));
    CHECK(value_equal(less, map));
    CHECK(value_equal(both, grown));
    CHECK(!value_equal(middle, map));
    calls_release(&c);
}

TEST(folds_of_removals_are_linear)
{
    Calls c;
    calls_init(&c);
    enum { COUNT = 4000 };
    Value map = value_map(&c.f.heap, NULL, 0);
    for (int i = 0; i < COUNT; i++) {
        map = call(&c, "map_insert", (Value[]){key_of(&c, i), I(i), map});
    }
    Value whole = map;
    size_t bytes = c.f.heap.bytes;
    for (int i = 0; i < COUNT; i++) {
        // In another order than they came; one that goes comes back, and goes.
        Value key = key_of(&c, i * 7 % COUNT);
        for (int k = 0; k < 2; k++) {
            map = call(&c, "map_remove", (Value[]){key, map});
            CHECK_EQ_INT(value_map_find(map, value_str(key)), -1);
            if (k == 0) {
                map = call(&c, "map_insert", (Value[]){key, I(-i), map});
                CHECK_EQ_INT(value_map_find(map, value_str(key)),
                             map.as.map->count - 1);
            }
        }
    }
    CHECK_EQ_INT(map.as.map->count, 0);
    CHECK(c.f.heap.bytes - bytes < 64 << 20);
    CHECK_EQ_INT(whole.as.map->count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK_EQ_INT(value_map_value(whole.as.map, i).as.integer, i);
    }
    calls_release(&c);
}

// What a map is to be: its entries in order.
enum { MODEL_KEYS = 70 };
typedef struct Model {
    uint32_t count;
    int keys[MODEL_KEYS];
    int values[MODEL_KEYS];
} Model;

static uint32_t model_find(const Model *model, int key)
{
    uint32_t i = 0;
    while (i < model->count && model->keys[i] != key) {
        i++;
    }
    return i;
}

static void model_insert(Model *model, int key, int value)
{
    uint32_t i = model_find(model, key);
    model->count += i == model->count;
    model->keys[i] = key;
    model->values[i] = value;
}

static void model_remove(Model *model, int key)
{
    uint32_t i = model_find(model, key);
    if (i == model->count) {
        return;
    }
    model->count--;
    for (; i < model->count; i++) {
        model->keys[i] = model->keys[i + 1];
        model->values[i] = model->values[i + 1];
    }
}

static void check_model(Calls *c, const Model *model, Value map)
{
    CHECK_EQ_INT(map.as.map->count, model->count);
    for (uint32_t i = 0; i < model->count; i++) {
        Value key = key_of(c, model->keys[i]);
        CHECK(value_equal(value_map_key(map.as.map, i), key));
        CHECK_EQ_INT(value_map_value(map.as.map, i).as.integer,
                     model->values[i]);
    }
    for (int key = 0; key < MODEL_KEYS; key++) {
        uint32_t found = model_find(model, key);
        CHECK_EQ_INT(value_map_find(map, value_str(key_of(c, key))),
                     found < model->count ? (int64_t)found : -1);
    }
}

// Versions that go on from each other are what lists of entries would be.
TEST(all_versions_keep_their_entries)
{
    enum { VERSIONS = 6, STEPS = 4000 };
    Calls c;
    calls_init(&c);
    Model models[VERSIONS] = {{0}};
    Value maps[VERSIONS];
    for (uint32_t i = 0; i < VERSIONS; i++) {
        maps[i] = value_map(&c.f.heap, NULL, 0);
    }
    uint64_t state = 1;
    for (int step = 0; step < STEPS; step++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        uint32_t dice = (uint32_t)(state >> 33);
        // Long runs on one version, now and then a branch.
        uint32_t from = step / 50 % VERSIONS;
        uint32_t to = dice % 16 == 0 ? (from + 1) % VERSIONS : from;
        int key = (int)(dice / 64 % MODEL_KEYS);
        models[to] = models[from];
        if (dice / 16 % 4 == 0 && models[(to + 2) % VERSIONS].count < 9) {
            const Model *other = &models[(to + 2) % VERSIONS];
            for (uint32_t i = 0; i < other->count; i++) {
                model_insert(&models[to], other->keys[i], other->values[i]);
            }
            maps[to] = call(&c, "map_merge",
                            (Value[]){maps[from], maps[(to + 2) % VERSIONS]});
        } else if (dice / 16 % 4 < (step / 400 % 2 == 0 ? 1 : 3)) {
            model_remove(&models[to], key);
            maps[to] =
                call(&c, "map_remove", (Value[]){key_of(&c, key), maps[from]});
        } else {
            model_insert(&models[to], key, step);
            maps[to] = call(&c, "map_insert",
                            (Value[]){key_of(&c, key), I(step), maps[from]});
        }
        check_model(&c, &models[to], maps[to]);
    }
    for (uint32_t i = 0; i < VERSIONS; i++) {
        check_model(&c, &models[i], maps[i]);
    }
    calls_release(&c);
}

TEST(other_heaps_copy)
{
    Calls c;
    calls_init(&c);
    Value map = map_of(&c, "abcdefghijkl");
    map = call(&c, "map_insert", (Value[]){S("x"), I(1), map});
    Heap other;
    heap_init(&other, &c.f.budget);
    Value out = value_unit();
    CHECK(value_map_insert(&other, map, S("y"), I(2), &out));
    CHECK(heap_owns(&other, out.as.map->slots));
    CHECK_EQ_INT(value_map_find(out, STR("y")), 13);
    CHECK_EQ_INT(value_map_find(map, STR("y")), -1);
    heap_release(&other);
    calls_release(&c);
}

TEST_MAIN(RUN(later_entries_win_and_keep_the_place),
          RUN(changes_leave_the_old_map), RUN(folds_of_insert_are_linear),
          RUN(folds_of_updates_are_linear), RUN(folds_of_removals_are_linear),
          RUN(all_versions_keep_their_entries), RUN(other_heaps_copy))
