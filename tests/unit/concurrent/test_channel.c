#include "concurrent/channel.h"
#include "concurrent/deadline.h"
#include "concurrent/thread.h"

#include "tests/harness.h"

#define STACK_BYTES ((size_t)1 << 20)
#define MILLISECOND INT64_C(1000000)

static void *item_of(intptr_t number)
{
    return (void *)number;
}

TEST(items_come_in_order)
{
    void *item = NULL;
    Channel *channel = channel_new(3);
    for (intptr_t round = 0; round < 5; round++) {
        CHECK_EQ_INT(channel_send(channel, item_of(round * 2)), CHANNEL_OK);
        CHECK_EQ_INT(channel_send(channel, item_of(round * 2 + 1)), CHANNEL_OK);
        CHECK_EQ_INT(channel_count(channel), 2);
        for (intptr_t i = 0; i < 2; i++) {
            CHECK_EQ_INT(channel_receive(channel, &item), CHANNEL_OK);
            CHECK_EQ_INT((intptr_t)item, round * 2 + i);
        }
    }
    channel_free(channel);
    channel_free(NULL);
}

TEST(trying_does_not_wait)
{
    void *item = NULL;
    Channel *channel = channel_new(1);
    CHECK_EQ_INT(channel_try_receive(channel, &item), CHANNEL_WOULD_BLOCK);
    CHECK_EQ_INT(channel_try_send(channel, item_of(1)), CHANNEL_OK);
    CHECK_EQ_INT(channel_try_send(channel, item_of(2)), CHANNEL_WOULD_BLOCK);
    CHECK_EQ_INT(channel_try_receive(channel, &item), CHANNEL_OK);
    CHECK_EQ_INT((intptr_t)item, 1);
    channel_free(channel);
}

TEST(waiting_ends_at_the_deadline)
{
    void *item = NULL;
    uint32_t index;
    Channel *channel = channel_new(1);
    int64_t deadline = clock_monotonic_ns() + 2 * MILLISECOND;
    CHECK_EQ_INT(channel_receive_until(channel, &item, deadline),
                 CHANNEL_TIMED_OUT);
    CHECK(clock_monotonic_ns() >= deadline);
    deadline = clock_monotonic_ns() + 2 * MILLISECOND;
    CHECK_EQ_INT(channel_select(&channel, 1, deadline, &index, &item),
                 CHANNEL_TIMED_OUT);
    CHECK(clock_monotonic_ns() >= deadline);
    CHECK_EQ_INT(channel_send_until(channel, item_of(1), 0), CHANNEL_OK);
    CHECK_EQ_INT(channel_send_until(channel, item_of(2), 0), CHANNEL_TIMED_OUT);
    CHECK_EQ_INT(channel_receive_until(channel, &item, 0), CHANNEL_OK);
    CHECK_EQ_INT(channel_receive_until(channel, &item, -5), CHANNEL_TIMED_OUT);
    channel_free(channel);
}

TEST(a_closed_channel_is_emptied_first)
{
    void *item = NULL;
    uint32_t count = 9;
    Channel *channel = channel_new(4);
    channel_send(channel, item_of(1));
    channel_send(channel, item_of(2));
    channel_close(channel);
    channel_close(channel);
    CHECK_EQ_INT(channel_send(channel, item_of(3)), CHANNEL_CLOSED);
    CHECK_EQ_INT(channel_try_send(channel, item_of(3)), CHANNEL_CLOSED);
    CHECK_EQ_INT(channel_receive(channel, &item), CHANNEL_OK);
    CHECK_EQ_INT(channel_try_receive(channel, &item), CHANNEL_OK);
    CHECK_EQ_INT((intptr_t)item, 2);
    CHECK_EQ_INT(channel_receive(channel, &item), CHANNEL_CLOSED);
    CHECK_EQ_INT(channel_try_receive(channel, &item), CHANNEL_CLOSED);
    CHECK_EQ_INT(channel_receive_batch(channel, &item, 1, &count),
                 CHANNEL_CLOSED);
    CHECK_EQ_INT(count, 0);
    channel_free(channel);
}

TEST(batches)
{
    void *items[10];
    void *taken[10];
    uint32_t count = 0;
    for (intptr_t i = 0; i < 10; i++) {
        items[i] = item_of(i);
    }
    Channel *channel = channel_new(10);
    CHECK_EQ_INT(channel_send_batch(channel, items, 7, &count), CHANNEL_OK);
    CHECK_EQ_INT(count, 7);
    CHECK_EQ_INT(channel_receive_batch(channel, taken, 3, &count), CHANNEL_OK);
    CHECK_EQ_INT(count, 3);
    CHECK_EQ_INT(channel_send_batch(channel, items + 7, 3, &count), CHANNEL_OK);
    CHECK_EQ_INT(channel_receive_batch(channel, taken + 3, 10, &count),
                 CHANNEL_OK);
    CHECK_EQ_INT(count, 7);
    for (intptr_t i = 0; i < 10; i++) {
        CHECK_EQ_INT((intptr_t)taken[i], i);
    }
    channel_close(channel);
    CHECK_EQ_INT(channel_send_batch(channel, items, 2, &count), CHANNEL_CLOSED);
    CHECK_EQ_INT(count, 0);
    channel_free(channel);
}

TEST(select_takes_what_is_there)
{
    void *item = NULL;
    uint32_t index = 9;
    Channel *channels[3] = {channel_new(2), channel_new(2), channel_new(2)};
    channel_send(channels[1], item_of(5));
    CHECK_EQ_INT(channel_select(channels, 3, 0, &index, &item), CHANNEL_OK);
    CHECK_EQ_INT(index, 1);
    CHECK_EQ_INT((intptr_t)item, 5);
    CHECK_EQ_INT(channel_select(channels, 3, 0, &index, &item),
                 CHANNEL_TIMED_OUT);
    channel_close(channels[0]);
    channel_close(channels[2]);
    CHECK_EQ_INT(channel_select(channels, 3, 0, &index, &item),
                 CHANNEL_TIMED_OUT);
    channel_close(channels[1]);
    CHECK_EQ_INT(channel_select(channels, 3, INT64_MAX, &index, &item),
                 CHANNEL_CLOSED);
    CHECK_EQ_INT(channel_select(channels, 0, INT64_MAX, &index, &item),
                 CHANNEL_CLOSED);
    for (int i = 0; i < 3; i++) {
        channel_free(channels[i]);
    }
}

TEST(select_starves_nobody)
{
    void *item = NULL;
    uint32_t index = 0;
    int received[2] = {0, 0};
    Channel *channels[2] = {channel_new(8), channel_new(8)};
    for (int i = 0; i < 20; i++) {
        while (channel_try_send(channels[0], NULL) == CHANNEL_OK) {
        }
        while (channel_try_send(channels[1], NULL) == CHANNEL_OK) {
        }
        CHECK_EQ_INT(channel_select(channels, 2, 0, &index, &item), CHANNEL_OK);
        received[index]++;
    }
    CHECK_EQ_INT(received[0], 10);
    CHECK_EQ_INT(received[1], 10);
    channel_free(channels[0]);
    channel_free(channels[1]);
}

typedef struct Peer {
    Thread thread;
    Channel *channel;
    ChannelStatus status;
    uint32_t index;
    void *item;
} Peer;

static void *receive_main(void *argument)
{
    Peer *peer = argument;
    peer->status = channel_receive(peer->channel, &peer->item);
    return NULL;
}

static void *send_main(void *argument)
{
    Peer *peer = argument;
    peer->status = channel_send(peer->channel, peer->item);
    return NULL;
}

static void *select_main(void *argument)
{
    Peer *peer = argument;
    peer->status =
        channel_select(&peer->channel, 1, INT64_MAX, &peer->index, &peer->item);
    return NULL;
}

static void start(Peer *peer, ThreadFunction *run, Channel *channel)
{
    *peer = (Peer){.channel = channel};
    CHECK(thread_start(&peer->thread, run, peer, STACK_BYTES));
}

// Gives the peers time to fall asleep, most times.
static void pause_briefly(void)
{
    int64_t until = clock_monotonic_ns() + 3 * MILLISECOND;
    while (clock_monotonic_ns() < until) {
        cpu_relax();
    }
}

TEST(closing_wakes_everyone)
{
    Peer peers[5];
    Channel *empty = channel_new(1);
    Channel *full = channel_new(1);
    channel_send(full, NULL);
    start(&peers[0], receive_main, empty);
    start(&peers[1], receive_main, empty);
    start(&peers[2], select_main, empty);
    start(&peers[3], send_main, full);
    start(&peers[4], send_main, full);
    pause_briefly();
    channel_close(empty);
    channel_close(full);
    for (int i = 0; i < 5; i++) {
        thread_join(&peers[i].thread);
        CHECK_EQ_INT(peers[i].status, CHANNEL_CLOSED);
    }
    channel_free(empty);
    channel_free(full);
}

TEST(sending_wakes_a_select)
{
    Peer peer;
    Channel *channel = channel_new(1);
    start(&peer, select_main, channel);
    pause_briefly();
    channel_send(channel, item_of(3));
    thread_join(&peer.thread);
    CHECK_EQ_INT(peer.status, CHANNEL_OK);
    CHECK_EQ_INT((intptr_t)peer.item, 3);
    channel_free(channel);
}

TEST_MAIN(RUN(items_come_in_order), RUN(trying_does_not_wait),
          RUN(waiting_ends_at_the_deadline),
          RUN(a_closed_channel_is_emptied_first), RUN(batches),
          RUN(select_takes_what_is_there), RUN(select_starves_nobody),
          RUN(closing_wakes_everyone), RUN(sending_wakes_a_select))
