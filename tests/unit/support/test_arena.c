// The bump allocator: alignment, growth, clearing, adoption.
#include "support/arena.h"

#include "support/attributes.h"
#include "support/vec.h"
#include "tests/harness.h"

TEST(allocations_are_aligned_and_apart)
{
    Arena arena;
    arena_init(&arena);
    char *last = NULL;
    for (size_t size = 1; size < 300; size++) {
        char *memory = arena_alloc(&arena, size);
        CHECK((uintptr_t)memory % 8 == 0);
        CHECK(memory != last);
        memset(memory, (int)size, size);
        last = memory;
    }
    CHECK_EQ_INT((unsigned char)last[0], 299 % 256);
    arena_release(&arena);
    CHECK_EQ_INT(arena_bytes(&arena), 0);
}

TEST(empty_allocation_is_not_null)
{
    Arena arena;
    arena_init(&arena);
    CHECK(arena_alloc(&arena, 0) != NULL);
    CHECK(arena_zalloc(&arena, 0) != NULL);
    CHECK(EXACT_MEMORY || arena_bytes(&arena) == 0);
    CHECK_EQ_INT(arena_str(&arena, (Str){NULL, 0}).len, 0);
    arena_release(&arena);
}

TEST(big_allocation_keeps_the_current_chunk)
{
    Arena arena;
    arena_init(&arena);
    char *first = arena_alloc(&arena, 8);
    char *big = arena_zalloc(&arena, (size_t)5 << 20);
    char *second = arena_alloc(&arena, 8);
    CHECK(EXACT_MEMORY || second == first + 8);
    big[((size_t)5 << 20) - 1] = 1;
    char *huge = arena_zalloc(&arena, (size_t)40 << 20);
    CHECK_EQ_INT(huge[((size_t)40 << 20) - 1], 0);
    arena_release(&arena);
}

TEST(clear_reuses_the_newest_chunk)
{
    Arena arena;
    arena_init(&arena);
    for (int i = 0; i < 10000; i++) {
        arena_alloc(&arena, 100);
    }
    arena_clear(&arena);
    size_t bytes = arena_bytes(&arena);
    CHECK(bytes > 0);
    for (int i = 0; i < 1000; i++) {
        arena_alloc(&arena, 100);
    }
    CHECK(EXACT_MEMORY || arena_bytes(&arena) == bytes);
    arena_release(&arena);
}

TEST(adopted_memory_lives_on)
{
    Arena into, from;
    arena_init(&into);
    arena_init(&from);
    Str a = arena_str(&into, STR("into"));
    Str b = arena_str(&from, STR("from"));
    for (int i = 0; i < 1000; i++) {
        arena_alloc(&from, 64);
    }
    size_t both = arena_bytes(&into) + arena_bytes(&from);
    arena_adopt(&into, &from);
    CHECK_EQ_INT(arena_bytes(&into), both);
    CHECK_EQ_INT(arena_bytes(&from), 0);
    arena_release(&from);
    CHECK_EQ_STR(a, STR("into"));
    CHECK_EQ_STR(b, STR("from"));
    arena_str(&from, STR("again"));
    Arena empty;
    arena_init(&empty);
    arena_adopt(&empty, &from);
    arena_adopt(&empty, &into);
    arena_adopt(&empty, &into);
    CHECK_EQ_STR(b, STR("from"));
    arena_release(&empty);
}

TEST(printf_formats)
{
    Arena arena;
    arena_init(&arena);
    Str text = arena_printf(&arena, "%d-%s", 42, "x");
    CHECK_EQ_STR(text, STR("42-x"));
    Str longer = arena_printf(&arena, "%5000d", 7);
    CHECK_EQ_INT(longer.len, 5000);
    CHECK_EQ_INT(longer.data[4999], '7');
    arena_release(&arena);
}

TEST(vec_grows)
{
    VEC(int) numbers = {0};
    for (int i = 0; i < 1000; i++) {
        vec_push(&numbers, i);
    }
    CHECK_EQ_INT(numbers.count, 1000);
    CHECK_EQ_INT(vec_pop(&numbers), 999);
    CHECK_EQ_INT(vec_last(&numbers), 998);
    vec_clear(&numbers);
    CHECK_EQ_INT(numbers.count, 0);
    vec_release(&numbers);
    CHECK(numbers.items == NULL);
}

static void *filled_pages(size_t *bytes, char with)
{
    *bytes = 3 << 20;
    char *block = mem_alloc_pages(bytes);
    CHECK(*bytes >= 3 << 20);
    memset(block, with, *bytes);
    return block;
}

TEST(arena_takes_pages)
{
    if (EXACT_MEMORY) {
        harness_skip("page: chunks are of malloc()");
        return;
    }
    Arena arena;
    arena_init(&arena);
    size_t bytes;
    char *first = filled_pages(&bytes, 'a');
    arena_take_pages(&arena, first, bytes); // of an empty one
    size_t used = arena_used(&arena);
    CHECK_EQ_INT(used, bytes);
    char *small = arena_copy(&arena, "small", 5);
    CHECK(small < first || small >= first + bytes);
    char *second = filled_pages(&bytes, 'b');
    arena_take_pages(&arena, second, bytes);
    char *next = arena_copy(&arena, "next", 4);
    CHECK_EQ_INT(next - small, 8); // where it was
    CHECK(arena_owns(&arena, first) && arena_owns(&arena, second + bytes - 1));
    for (size_t i = ARENA_BLOCK_HEAD; i < bytes; i += 4096) {
        CHECK(first[i] == 'a' && second[i] == 'b');
    }
    Arena other;
    arena_init(&other);
    arena_alloc(&other, 100);
    arena_adopt(&other, &arena);
    CHECK(arena_owns(&other, first) && arena_owns(&other, small));
    arena_clear(&other);
    arena_release(&other);
}

TEST_MAIN(RUN(arena_takes_pages), RUN(allocations_are_aligned_and_apart),
          RUN(empty_allocation_is_not_null),
          RUN(big_allocation_keeps_the_current_chunk),
          RUN(clear_reuses_the_newest_chunk), RUN(adopted_memory_lives_on),
          RUN(printf_formats), RUN(vec_grows))
