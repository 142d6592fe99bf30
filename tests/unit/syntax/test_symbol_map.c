#include "syntax/symbol_map.h"

#include "tests/harness.h"

static ScopeRef ref(uint32_t index)
{
    return (ScopeRef){.ref = 1, .index = index};
}

static uint32_t found(const SymbolMap *map, Symbol key)
{
    const ScopeRef *value = symbol_map_find(map, key);
    return value == NULL ? 0 : value->index;
}

// Fills and links `count` slots with keys from `first` on, `step` apart.
static uint32_t fill_many(SymbolMap *map, Arena *arena, uint32_t count,
                          Symbol first, uint32_t step)
{
    SymbolSlot *slots = symbol_map_extend(map, arena, count, 1);
    for (uint32_t i = 0; i < count; i++) {
        slots[i] = (SymbolSlot){first + i * step, ref(i + 1)};
    }
    symbol_map_begin_links(map, arena, count);
    uint32_t twice = 0;
    for (uint32_t i = 0; i < count; i++) {
        twice += symbol_map_link(map, &slots[i]) != NULL;
    }
    return twice;
}

TEST(one_by_one)
{
    Arena arena;
    arena_init(&arena);
    SymbolMap map = {0};
    CHECK(symbol_map_find(&map, 5) == NULL);
    CHECK(symbol_map_add(&map, &arena, 0, ref(1)) == NULL);
    CHECK_EQ_INT(map.count, 0);
    // Through all sizes: a few, and with an index that grows.
    for (uint32_t i = 1; i <= 300; i++) {
        CHECK(symbol_map_add(&map, &arena, i * 7919, ref(i)) == NULL);
        ScopeRef *first = symbol_map_add(&map, &arena, i * 7919, ref(0));
        CHECK(first != NULL && first->index == i);
        CHECK(symbol_map_find(&map, i * 7919 + 1) == NULL);
    }
    for (uint32_t i = 1; i <= 300; i++) {
        CHECK_EQ_INT(found(&map, i * 7919), i);
    }
    CHECK(symbol_map_find(&map, 0) == NULL);
    arena_release(&arena);
}

TEST(many_at_once)
{
    // A few; close together; further apart, where numbers do not do.
    static const struct {
        uint32_t count, first, step;
    } cases[] = {{3, 40, 1},        {8, 40, 9},          {9, 40, 1},
                 {500, 1000, 3},    {500, 31, 1},        {500, 77, 5},
                 {500, 90, 100000}, {500, 4000000000, 2}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        Arena arena;
        arena_init(&arena);
        SymbolMap map = {0};
        uint32_t count = cases[c].count;
        Symbol first = cases[c].first;
        uint32_t step = cases[c].step;
        CHECK_EQ_INT(fill_many(&map, &arena, count, first, step), 0);
        for (uint32_t i = 0; i < count; i++) {
            CHECK_EQ_INT(found(&map, first + i * step), i + 1);
        }
        CHECK_EQ_INT(found(&map, first - 1), 0);
        CHECK_EQ_INT(found(&map, first + count * step), 0);
        CHECK_EQ_INT(found(&map, UINT32_MAX), 0);
        // Others may follow, also some that a direct index has no place for.
        CHECK(symbol_map_add(&map, &arena, 30, ref(1000)) == NULL);
        CHECK(symbol_map_add(&map, &arena, 3000000000, ref(1001)) == NULL);
        CHECK(symbol_map_add(&map, &arena, first, ref(1002)) != NULL);
        CHECK_EQ_INT(found(&map, 30), 1000);
        CHECK_EQ_INT(found(&map, 3000000000), 1001);
        for (uint32_t i = 0; i < count; i++) {
            CHECK_EQ_INT(found(&map, first + i * step), i + 1);
        }
        arena_release(&arena);
    }
}

TEST(the_first_of_two_stays)
{
    for (uint32_t count = 4; count <= 64; count *= 4) {
        Arena arena;
        arena_init(&arena);
        SymbolMap map = {0};
        SymbolSlot *slots = symbol_map_extend(&map, &arena, count, 0);
        for (uint32_t i = 0; i < count; i++) {
            slots[i] = (SymbolSlot){10 + i / 2, ref(i)}; // each name twice
        }
        slots[1].key = 0; // a name that did not parse
        symbol_map_begin_links(&map, &arena, count);
        for (uint32_t i = 0; i < count; i++) {
            const ScopeRef *first = symbol_map_link(&map, &slots[i]);
            CHECK_EQ_INT(first != NULL, i % 2 == 1 && i != 1);
            CHECK(first == NULL || first->index == i - 1);
        }
        CHECK(symbol_map_find(&map, 0) == NULL);
        CHECK_EQ_INT(found(&map, 11), 2);
        arena_release(&arena);
    }
}

TEST_MAIN(RUN(one_by_one), RUN(many_at_once), RUN(the_first_of_two_stays))
