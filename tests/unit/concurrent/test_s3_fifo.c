// The policy of the caches: who leaves, who stays, who comes back.
#include "concurrent/s3_fifo.h"

#include "tests/harness.h"

enum { COUNT = 400 };

typedef struct Queue {
    S3Fifo fifo;
    S3Entry entries[COUNT];
    bool is_in[COUNT];
} Queue;

static void queue_init(Queue *q, uint64_t capacity)
{
    memset(q, 0, sizeof *q);
    s3_fifo_init(&q->fifo, capacity);
}

// Ten bytes each. Entry `i` has the hash i + 1. What is there is hit.
static void add(Queue *q, uint32_t i)
{
    if (q->is_in[i]) {
        s3_fifo_touch(&q->entries[i]);
        return;
    }
    q->entries[i] = (S3Entry){.hash = i + 1, .bytes = 10};
    q->is_in[i] = true;
    s3_fifo_add(&q->fifo, &q->entries[i]);
}

// Takes out what is too much; how many that were.
static uint32_t evict(Queue *q)
{
    uint32_t count = 0;
    for (S3Entry *e = s3_fifo_evict(&q->fifo); e != NULL; e = e->next) {
        q->is_in[e - q->entries] = false;
        count++;
    }
    return count;
}

static void add_all(Queue *q, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        add(q, i);
        evict(q);
    }
}

static uint32_t left(const Queue *q, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++) {
        count += q->is_in[i];
    }
    return count;
}

static void hit(Queue *q, uint32_t i, int times)
{
    for (int k = 0; k < times; k++) {
        s3_fifo_touch(&q->entries[i]);
    }
}

TEST(the_oldest_leaves_first)
{
    Queue q;
    queue_init(&q, 100);
    add_all(&q, 0, 10);
    CHECK_EQ_INT(left(&q, 0, 10), 10);
    CHECK_EQ_INT(s3_fifo_bytes(&q.fifo), 100);
    add(&q, 10);
    CHECK_EQ_INT(evict(&q), 1);
    CHECK(!q.is_in[0]);
    CHECK_EQ_INT(q.fifo.count, 10);
    CHECK_EQ_INT(evict(&q), 0);
    s3_fifo_release(&q.fifo);
}

// One hit is no reason to stay, two are.
TEST(what_is_hit_outlives_a_scan)
{
    Queue q;
    queue_init(&q, 1000);
    add_all(&q, 0, 100);
    for (uint32_t i = 0; i < 20; i++) {
        hit(&q, i, 2);
        hit(&q, 20 + i, 1);
    }
    add_all(&q, 100, COUNT);
    CHECK_EQ_INT(left(&q, 0, 20), 20);
    CHECK_EQ_INT(left(&q, 20, 100), 0);
    CHECK_EQ_INT(s3_fifo_bytes(&q.fifo), 1000);
    s3_fifo_release(&q.fifo);
}

// Who comes back soon goes to the main queue at once, which the next newcomers
// do not reach.
TEST(ghosts_return)
{
    Queue q;
    queue_init(&q, 1000);
    add_all(&q, 0, 150);
    CHECK_EQ_INT(left(&q, 0, 50), 0);
    add_all(&q, 30, 40);
    add_all(&q, 150, COUNT);
    CHECK_EQ_INT(left(&q, 30, 40), 10);
    // The first ones left too long ago.
    add_all(&q, 0, 10);
    add_all(&q, 50, 149);
    CHECK_EQ_INT(left(&q, 0, 10), 0);
    s3_fifo_release(&q.fifo);
}

// In the main queue each hit is another round.
TEST(rounds_in_the_main_queue)
{
    Queue q;
    queue_init(&q, 100);
    add_all(&q, 0, 10);
    for (uint32_t i = 0; i < 10; i++) {
        hit(&q, i, 5); // of which three count
    }
    CHECK_EQ_INT(q.entries[0].frequency, S3_FREQUENCY_LIMIT);
    add_all(&q, 10, 11);
    CHECK_EQ_INT(left(&q, 0, 11), 10);
    for (uint32_t i = 0; i < 10; i++) {
        hit(&q, i, i == 3 ? 3 : 0);
    }
    // Ghosts come back into the main queue and push the others out.
    for (uint32_t round = 0; round < 3; round++) {
        add_all(&q, 20 + 10 * round, 30 + 10 * round);
        add_all(&q, 20 + 10 * round, 30 + 10 * round);
    }
    CHECK(q.is_in[3]);
    CHECK_EQ_INT(s3_fifo_bytes(&q.fifo), 100);
    s3_fifo_release(&q.fifo);
}

TEST(pinned_entries_stay)
{
    Queue q;
    queue_init(&q, 100);
    for (uint32_t i = 0; i < 20; i++) {
        add(&q, i);
        q.entries[i].pins = i < 15;
    }
    CHECK_EQ_INT(evict(&q), 5);
    CHECK_EQ_INT(left(&q, 0, 15), 15);
    CHECK_EQ_INT(s3_fifo_bytes(&q.fifo), 150);
    for (uint32_t i = 0; i < 15; i++) {
        q.entries[i].pins = 0;
    }
    CHECK_EQ_INT(evict(&q), 5);
    CHECK_EQ_INT(s3_fifo_bytes(&q.fifo), 100);
    s3_fifo_release(&q.fifo);
}

TEST(no_room_at_all)
{
    Queue q;
    queue_init(&q, 0);
    add_all(&q, 0, COUNT);
    CHECK_EQ_INT(left(&q, 0, COUNT), 0);
    CHECK_EQ_INT(q.fifo.count, 0);
    s3_fifo_release(&q.fifo);
}

TEST_MAIN(RUN(the_oldest_leaves_first), RUN(what_is_hit_outlives_a_scan),
          RUN(ghosts_return), RUN(rounds_in_the_main_queue),
          RUN(pinned_entries_stay), RUN(no_room_at_all))
