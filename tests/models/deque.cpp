// concurrent/deque.{h,c} under Relacy: nothing is lost, nothing is taken twice,
// and what was written before a push is seen by who takes it. The buffer
// starts with two slots, so that it grows under the thieves' hands.
#include "model.h"

#define FIRST_CAPACITY 2
#include "concurrent/deque.c"

enum { ITEMS = 4 };

struct Item {
    rl::var<int> payload;
    int taken; // threads of Relacy are fibers: plain is enough
};

struct DequeTest : rl::test_suite<DequeTest, 3> {
    Deque deque;
    Item items[ITEMS];

    void before()
    {
        model_begin<int64_t>(2);
        model_begin<DequeBuffer *>(1);
        model_begin<void *>(2 * (2 + 4));
        memset((void *)&deque, 0, sizeof deque);
        deque_init(&deque, false);
        for (int i = 0; i < ITEMS; i++) {
            items[i].taken = 0;
        }
    }

    void take(DequeItem got)
    {
        Item *item = (Item *)got.item;
        RL_ASSERT(got.tag == (void *)(item + 1));
        RL_ASSERT(item->payload($) == (int)(item - items) + 100);
        item->taken++;
    }

    void push(int i)
    {
        items[i].payload($) = i + 100;
        deque_push(&deque, (DequeItem){&items[i], &items[i] + 1});
    }

    void pop()
    {
        DequeItem got;
        if (deque_pop(&deque, &got)) {
            take(got);
        }
    }

    void thread(unsigned index)
    {
        if (index == 0) {
            push(0);
            push(1);
            pop();
            push(2);
            push(3);
            pop();
            pop();
            return;
        }
        for (int i = 0; i < 2; i++) {
            int64_t at;
            DequeItem got;
            if (deque_peek(&deque, &at, &got) && deque_take(&deque, at)) {
                take(got);
            }
        }
    }

    void after()
    {
        DequeItem got;
        while (deque_pop(&deque, &got)) {
            take(got);
        }
        for (int i = 0; i < ITEMS; i++) {
            RL_ASSERT(items[i].taken == 1);
        }
        deque_release(&deque);
        model_end<int64_t>();
        model_end<DequeBuffer *>();
        model_end<void *>();
        model_free_all();
    }
};

int main()
{
    return model_run<DequeTest>(100000, true);
}
