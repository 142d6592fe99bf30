// One owner and thieves over one deque: every item comes out exactly once,
// with its own tag, and each thief sees items in the order of pushing.
#include "concurrent/deque.h"
#include "concurrent/thread.h"

#include "tests/stress/stress.h"

#define THIEVES     3
#define ITEMS       UINT32_C(60000)
#define STACK_BYTES ((size_t)1 << 20)

typedef struct Field {
    Deque deque;
    uint32_t item_count;
    _Atomic(uint32_t) *taken;   // per item, how often it came out
    _Atomic(bool) closed;       // nothing will be pushed any more
    _Atomic(uint32_t) by_thief; // in all
} Field;

typedef struct Thief {
    Thread thread;
    Field *field;
    uint64_t random;
} Thief;

static void note(Field *field, DequeItem item)
{
    uintptr_t number = (uintptr_t)item.item - 1;
    CHECK_EQ_INT((uintptr_t)item.tag, number * 3 + 1);
    CHECK(number < field->item_count);
    fetch_add_relaxed(&field->taken[number], 1);
}

static void *thief_main(void *argument)
{
    Thief *thief = argument;
    Field *field = thief->field;
    uintptr_t last = 0;
    for (;;) {
        bool closed = load_acquire(&field->closed);
        DequeItem item;
        int64_t index;
        if (!deque_peek(&field->deque, &index, &item)) {
            if (closed) {
                return NULL;
            }
            cpu_relax();
        } else if (deque_take(&field->deque, index)) {
            note(field, item);
            CHECK((uintptr_t)item.item > last);
            last = (uintptr_t)item.item;
            fetch_add_relaxed(&field->by_thief, 1);
        }
        if (stress_random(&thief->random) % 64 == 0) {
            cpu_relax();
        }
    }
}

static void push_numbers(Field *field, uint32_t from, uint32_t count)
{
    deque_reserve(&field->deque, count);
    for (uintptr_t i = 0; i < count; i++) {
        uintptr_t number = from + i;
        deque_stage(
            &field->deque, (int64_t)i,
            (DequeItem){(void *)(number + 1), (void *)(number * 3 + 1)});
    }
    deque_publish(&field->deque, count);
}

static void own(Field *field, uint64_t *random)
{
    uint32_t next = 0;
    DequeItem item;
    while (next < field->item_count) {
        uint64_t dice = stress_random(random);
        // Mostly few, sometimes enough to grow the buffer.
        uint32_t count = dice % 100 == 0 ? 1 + dice / 100 % 1000 : 1 + dice % 3;
        if (count > field->item_count - next) {
            count = field->item_count - next;
        }
        push_numbers(field, next, count);
        next += count;
        for (uint64_t pops = stress_random(random) % 5; pops > 0; pops--) {
            if (deque_pop(&field->deque, &item)) {
                note(field, item);
            }
        }
    }
    while (deque_pop(&field->deque, &item)) {
        note(field, item);
    }
    store_release(&field->closed, true);
}

TEST(nothing_is_lost_or_taken_twice)
{
    for (uint32_t round = 0; round < 3; round++) {
        static Field field;
        field = (Field){.item_count = ITEMS * stress.scale};
        field.taken = calloc(field.item_count, sizeof *field.taken);
        deque_init(&field.deque, false);
        Thief thieves[THIEVES];
        for (int i = 0; i < THIEVES; i++) {
            thieves[i] =
                (Thief){.field = &field,
                        .random = stress_stream(round * 10 + (uint64_t)i + 1)};
            CHECK(thread_start(&thieves[i].thread, thief_main, &thieves[i],
                               STACK_BYTES));
        }
        uint64_t random = stress_stream(round * 10);
        own(&field, &random);
        for (int i = 0; i < THIEVES; i++) {
            thread_join(&thieves[i].thread);
        }
        for (uint32_t i = 0; i < field.item_count; i++) {
            CHECK_EQ_INT(load_relaxed(&field.taken[i]), 1);
        }
        printf("# round %u: thieves took %u of %u\n", round,
               load_relaxed(&field.by_thief), field.item_count);
        deque_release(&field.deque);
        free(field.taken);
    }
}

STRESS_MAIN(RUN(nothing_is_lost_or_taken_twice))
