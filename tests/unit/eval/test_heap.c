#include "eval/heap.h"

#include "support/attributes.h"
#include "tests/harness.h"

TEST(heap_serves_small_and_large)
{
    HeapBudget budget;
    heap_budget_init(&budget, UINT64_MAX, 1);
    Heap heap;
    heap_init(&heap, &budget);
    char *first = heap_alloc(&heap, 1);
    char *second = heap_alloc(&heap, 9);
    CHECK_EQ_INT((uintptr_t)first % 8, 0);
    CHECK(EXACT_MEMORY || second - first == 8);
    char *large = heap_alloc(&heap, 5 << 20);
    memset(large, 1, 5 << 20);
    // What is small goes on in the block that it was in.
    char *third = heap_alloc(&heap, 8);
    CHECK(EXACT_MEMORY || third - second == 16);
    CHECK(heap_owns(&heap, first));
    CHECK(heap_owns(&heap, large + (5 << 20) - 1));
    CHECK(!heap_owns(&heap, &budget));
    for (int i = 0; i < 100000; i++) {
        memset(heap_alloc(&heap, 100), 2, 100);
    }
    CHECK(load_relaxed(&budget.bytes) >= (5 << 20) + 10400000);
    CHECK(load_relaxed(&budget.bytes) < (5 << 20) + 2 * 10400000);
    CHECK_EQ_INT(load_relaxed(&budget.bytes), heap.bytes);
    heap_release(&heap);
    CHECK_EQ_INT(load_relaxed(&budget.bytes), 0);
    CHECK(load_relaxed(&budget.peak_bytes) > 10400000);
}

TEST(heap_of_a_small_task_is_small)
{
    HeapBudget budget;
    heap_budget_init(&budget, UINT64_MAX, 1);
    Heap heap;
    heap_init(&heap, &budget);
    CHECK_EQ_INT(load_relaxed(&budget.bytes), 0);
    heap_alloc(&heap, 64);
    CHECK(load_relaxed(&budget.bytes) <= 512);
    heap_release(&heap);
}

TEST(heap_adopts)
{
    HeapBudget budget;
    heap_budget_init(&budget, UINT64_MAX, 1);
    Heap parent;
    Heap child;
    heap_init(&parent, &budget);
    heap_init(&child, &budget);
    uint64_t id = heap_id(&child);
    CHECK(id != heap_id(&parent));
    char *in_child = heap_alloc(&child, 100000);
    *in_child = 'x';
    heap_adopt(&parent, &child);
    CHECK_EQ_INT(child.bytes, 0);
    CHECK(heap_id(&child) != id);
    CHECK(heap_owns(&parent, in_child));
    char *in_parent = heap_alloc(&parent, 10);
    *in_parent = 'y';
    heap_adopt(&parent, &child);
    heap_alloc(&child, 10);
    heap_adopt(&parent, &child);
    CHECK_EQ_INT(*in_child, 'x');
    heap_release(&parent);
    heap_release(&child);
    CHECK_EQ_INT(load_relaxed(&budget.bytes), 0);
}

// More than a piece of address space holds, of two heaps in turn.
TEST(heaps_share_address_space)
{
    HeapBudget budget;
    heap_budget_init(&budget, UINT64_MAX, 1);
    Heap heaps[2];
    heap_init(&heaps[0], &budget);
    heap_init(&heaps[1], &budget);
    enum { COUNT = 100, SIZE = 500000 };
    char *memory[COUNT];
    for (int i = 0; i < COUNT; i++) {
        memory[i] = memset(heap_alloc(&heaps[i % 2], SIZE), i, SIZE);
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ_INT(memory[i][0], i);
        CHECK_EQ_INT(memory[i][SIZE - 1], i);
        CHECK(heap_owns(&heaps[i % 2], memory[i]));
        CHECK(!heap_owns(&heaps[1 - i % 2], memory[i]));
    }
    heap_release(&heaps[0]);
    memset(heap_alloc(&heaps[1], SIZE), 1, SIZE);
    heap_release(&heaps[1]);
    CHECK_EQ_INT(load_relaxed(&budget.bytes), 0);
    heap_budget_release(&budget);
}

TEST(heap_thaws)
{
    HeapBudget budget;
    heap_budget_init(&budget, UINT64_MAX, 1);
    Heap parent;
    Heap child;
    heap_init(&parent, &budget);
    heap_init(&child, &budget);
    heap_thaw(&child);
    CHECK_EQ_INT(child.region_bytes, 0);
    char *memory[30];
    for (int i = 0; i < 30; i++) {
        memory[i] = memset(heap_alloc(&child, 100000), i, 100000);
        if (i % 10 == 3) {
            heap_freeze(&child);
            CHECK_EQ_INT(child.region_bytes, 0);
        }
    }
    heap_freeze(&child);
    heap_thaw(&child);
    size_t bytes = child.bytes;
    CHECK_EQ_INT(child.region_bytes, bytes);
    CHECK(heap_region_used(&child) >= 3000000);
    heap_adopt(&parent, &child);
    CHECK_EQ_INT(parent.region_bytes, bytes);
    CHECK_EQ_INT(child.bytes, 0);
    for (int i = 0; i < 30; i++) {
        CHECK(heap_owns(&parent, memory[i]));
        CHECK_EQ_INT(memory[i][99999], i);
    }
    heap_release(&parent);
    CHECK_EQ_INT(load_relaxed(&budget.bytes), 0);
    heap_budget_release(&budget);
}

TEST(heap_tells_when_over_the_limit)
{
    HeapBudget budget;
    heap_budget_init(&budget, 1 << 20, 1);
    Heap heap;
    heap_init(&heap, &budget);
    CHECK(heap_can_hold(&heap, 1 << 19));
    CHECK(!heap.over_limit);
    CHECK(!heap_can_hold(&heap, 2 << 20));
    CHECK(heap.over_limit);
    heap.over_limit = false;
    CHECK(!heap_can_hold(&heap, UINT64_MAX));
    heap.over_limit = false;
    int count = 0;
    while (!heap.over_limit && count < 100000) {
        memset(heap_alloc(&heap, 1000), 1, 1000);
        count++;
    }
    CHECK(count > 900 && count < 1100);
    // The overdraft.
    memset(heap_alloc(&heap, 1 << 20), 1, 1 << 20);
    heap_release(&heap);
}

// What one heap may hold no other one takes before it does.
TEST(heap_keeps_what_it_was_promised)
{
    enum { MOST = 10 << 20, MUCH = 6 << 20 };
    HeapBudget budget;
    heap_budget_init(&budget, MOST, 2);
    Heap heap;
    Heap other;
    heap_init(&heap, &budget);
    heap_init(&other, &budget);
    CHECK(heap_can_hold(&heap, MUCH));
    CHECK(!heap_can_hold(&other, MUCH));
    CHECK_EQ_INT(heap_left(&heap), MOST);
    memset(heap_alloc(&heap, MUCH), 1, MUCH);
    CHECK(!heap.over_limit);
    CHECK(heap_left(&heap) < MOST - MUCH);
    CHECK(heap_left(&heap) > MOST - MUCH - 100);
    // Promises of which nothing was taken; the larger one includes the other.
    CHECK(heap_can_hold(&heap, 3 << 20));
    heap_freeze(&heap);
    CHECK(heap_can_hold(&other, 3 << 20));
    heap_adopt(&heap, &other);
    heap.over_limit = false;
    CHECK(heap_can_hold(&heap, (3 << 20) + 1000));
    CHECK(heap_can_hold(&heap, 2 << 20));
    // The small object takes a block, but nothing of what the large one needs.
    (void)heap_alloc(&other, 100);
    (void)heap_alloc(&heap, 100);
    memset(heap_alloc(&heap, 3 << 20), 1, 3 << 20);
    CHECK(!heap.over_limit);
    heap_release(&other);
    heap_release(&heap);
    CHECK_EQ_INT(load_relaxed(&budget.bytes), 0);
    heap_budget_release(&budget);
}

// However many workers there are: else a program that one of them runs would be
// over the limit where each has a heap full of garbage.
TEST(heaps_are_collected_before_they_take_much)
{
    static const uint32_t counts[] = {1, 8, 64, 256};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        HeapBudget budget;
        heap_budget_init(&budget, (uint64_t)512 << 20, counts[i]);
        Heap heaps[256];
        for (uint32_t h = 0; h < counts[i]; h++) {
            heap_init(&heaps[h], &budget);
            while (!heaps[h].collect_due) {
                (void)heap_alloc(&heaps[h], 1000);
            }
        }
        CHECK(load_relaxed(&budget.bytes) <= budget.limit_bytes / 2);
        for (uint32_t h = 0; h < counts[i]; h++) {
            heap_release(&heaps[h]);
        }
        heap_budget_release(&budget);
    }
}

TEST_MAIN(RUN(heap_serves_small_and_large), RUN(heap_of_a_small_task_is_small),
          RUN(heap_adopts), RUN(heaps_share_address_space), RUN(heap_thaws),
          RUN(heap_tells_when_over_the_limit),
          RUN(heap_keeps_what_it_was_promised),
          RUN(heaps_are_collected_before_they_take_much))
