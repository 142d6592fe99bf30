#include "concurrent/deque.h"

#include "tests/harness.h"

static DequeItem item_of(intptr_t number)
{
    return (DequeItem){(void *)number, (void *)(number + 1000)};
}

static void check_both_kinds(void (*check)(Deque *deque))
{
    for (int alone = 0; alone < 2; alone++) {
        Deque deque;
        deque_init(&deque, alone != 0);
        check(&deque);
        deque_release(&deque);
    }
}

static void check_lifo(Deque *deque)
{
    DequeItem item;
    CHECK(!deque_pop(deque, &item));
    CHECK(deque_is_empty(deque));
    for (intptr_t i = 1; i <= 3; i++) {
        deque_push(deque, item_of(i));
    }
    for (intptr_t i = 3; i >= 1; i--) {
        CHECK(deque_pop(deque, &item));
        CHECK_EQ_INT((intptr_t)item.item, i);
        CHECK_EQ_INT((intptr_t)item.tag, i + 1000);
    }
    CHECK(!deque_pop(deque, &item));
    CHECK(!deque_pop(deque, &item));
}

TEST(owner_is_last_in_first_out)
{
    check_both_kinds(check_lifo);
}

TEST(thieves_take_the_oldest)
{
    Deque deque;
    deque_init(&deque, false);
    DequeItem item;
    int64_t index;
    CHECK(!deque_peek(&deque, &index, &item));
    for (intptr_t i = 1; i <= 3; i++) {
        deque_push(&deque, item_of(i));
    }
    CHECK(deque_peek(&deque, &index, &item));
    CHECK_EQ_INT((intptr_t)item.item, 1);
    CHECK_EQ_INT((intptr_t)item.tag, 1001);
    CHECK(deque_take(&deque, index));
    CHECK(!deque_take(&deque, index));
    CHECK(deque_pop(&deque, &item));
    CHECK_EQ_INT((intptr_t)item.item, 3);
    CHECK(deque_peek(&deque, &index, &item));
    CHECK(deque_pop(&deque, &item)); // the one that was peeked at
    CHECK_EQ_INT((intptr_t)item.item, 2);
    CHECK(!deque_take(&deque, index));
    CHECK(deque_is_empty(&deque));
    deque_release(&deque);
}

static void check_growth(Deque *deque)
{
    enum { COUNT = 5000 };
    DequeItem item;
    // Move away from index 0 so that the buffer wraps.
    for (intptr_t i = 0; i < 100; i++) {
        deque_push(deque, item_of(i));
        CHECK(deque_pop(deque, &item));
    }
    for (intptr_t i = 0; i < COUNT; i++) {
        deque_push(deque, item_of(i));
    }
    for (intptr_t i = COUNT - 1; i >= 0; i--) {
        CHECK(deque_pop(deque, &item));
        CHECK_EQ_INT((intptr_t)item.item, i);
    }
    CHECK(!deque_pop(deque, &item));
}

TEST(growth_keeps_everything)
{
    check_both_kinds(check_growth);
}

TEST(a_window_moves_over_a_small_buffer)
{
    Deque deque;
    deque_init(&deque, false);
    DequeItem item;
    int64_t index;
    for (intptr_t i = 0; i < 10000; i++) {
        deque_push(&deque, item_of(i));
        if (i >= 100) {
            CHECK(deque_peek(&deque, &index, &item));
            CHECK_EQ_INT((intptr_t)item.item, i - 100);
            CHECK(deque_take(&deque, index));
        }
    }
    CHECK_EQ_INT(deque_bottom(&deque), 10000);
    CHECK(load_relaxed(&deque.buffer)->mask < 512);
    deque_release(&deque);
}

TEST(staged_items_appear_together)
{
    Deque deque;
    deque_init(&deque, false);
    DequeItem item;
    deque_reserve(&deque, 1000);
    for (intptr_t i = 0; i < 1000; i++) {
        deque_stage(&deque, i, item_of(i));
    }
    CHECK(deque_is_empty(&deque));
    deque_publish(&deque, 1000);
    for (intptr_t i = 999; i >= 0; i--) {
        CHECK(deque_pop(&deque, &item));
        CHECK_EQ_INT((intptr_t)item.item, i);
    }
    deque_release(&deque);
}

TEST_MAIN(RUN(owner_is_last_in_first_out), RUN(thieves_take_the_oldest),
          RUN(growth_keeps_everything), RUN(a_window_moves_over_a_small_buffer),
          RUN(staged_items_appear_together))
