// Producers and consumers over small channels, with every form of sending
// and receiving mixed: nothing is lost or doubled, each consumer sees each
// producer's items in order, and no more than the capacity is in flight.
#include "concurrent/channel.h"
#include "concurrent/deadline.h"
#include "concurrent/thread.h"

#include "tests/stress/stress.h"

#define PRODUCERS   3
#define CONSUMERS   3
#define CHANNELS    3
#define ITEMS       UINT32_C(3000) // per producer
#define BATCH       5
#define STACK_BYTES ((size_t)1 << 20)
#define MILLISECOND INT64_C(1000000)

typedef struct Field {
    Channel *channels[CHANNELS];
    uint32_t channel_count;
    uint32_t item_count;         // per producer
    _Atomic(uint32_t) *received; // per item of each producer
} Field;

typedef struct Actor {
    Thread thread;
    Field *field;
    uint32_t index;
    uint64_t random;
} Actor;

static void *item_of(uint32_t producer, uint32_t number)
{
    return (void *)(((uintptr_t)producer << 32) | number);
}

// Sends one to BATCH items from `number` on; returns how many.
static uint32_t produce(Actor *actor, Channel *channel, uint32_t number)
{
    uint32_t left = actor->field->item_count - number;
    void *item = item_of(actor->index, number);
    ChannelStatus status = CHANNEL_OK;
    switch (stress_random(&actor->random) % 4) {
    case 0:
        status = channel_try_send(channel, item);
        CHECK(status == CHANNEL_OK || status == CHANNEL_WOULD_BLOCK);
        break;
    case 1:
        status = channel_send_until(channel, item,
                                    clock_monotonic_ns() + MILLISECOND / 100);
        CHECK(status == CHANNEL_OK || status == CHANNEL_TIMED_OUT);
        break;
    case 2: {
        void *items[BATCH];
        uint32_t count = left < BATCH ? left : BATCH;
        for (uint32_t i = 0; i < count; i++) {
            items[i] = item_of(actor->index, number + i);
        }
        CHECK_EQ_INT(channel_send_batch(channel, items, count, &count),
                     CHANNEL_OK);
        return count;
    }
    default:
        CHECK_EQ_INT(channel_send(channel, item), CHANNEL_OK);
        break;
    }
    return status == CHANNEL_OK;
}

static void *producer_main(void *argument)
{
    Actor *actor = argument;
    Field *field = actor->field;
    // One channel per producer keeps the order, where there are several.
    Channel *channel = field->channels[actor->index % field->channel_count];
    for (uint32_t number = 0; number < field->item_count;) {
        number += produce(actor, channel, number);
    }
    return NULL;
}

static void consume(Actor *actor, void *item, int64_t *last)
{
    uint32_t producer = (uint32_t)((uintptr_t)item >> 32);
    uint32_t number = (uint32_t)(uintptr_t)item;
    CHECK(producer < PRODUCERS && number < actor->field->item_count);
    CHECK(last[producer] < number);
    last[producer] = number;
    fetch_add_relaxed(
        &actor->field->received[producer * actor->field->item_count + number],
        1);
}

// Receives some items of one channel or of all.
static ChannelStatus receive(Actor *actor, int64_t *last)
{
    Field *field = actor->field;
    void *items[BATCH];
    uint32_t count = 1;
    uint32_t index;
    ChannelStatus status;
    uint64_t dice = stress_random(&actor->random) % 8;
    if (field->channel_count > 1 || dice >= 6) {
        int64_t deadline = dice % 2 == 0
                               ? INT64_MAX
                               : clock_monotonic_ns() + MILLISECOND / 100;
        status = channel_select(field->channels, field->channel_count, deadline,
                                &index, &items[0]);
    } else if (dice < 2) {
        status = channel_receive_batch(field->channels[0], items,
                                       1 + (uint32_t)dice * 3, &count);
    } else if (dice < 3) {
        status = channel_try_receive(field->channels[0], &items[0]);
    } else if (dice < 4) {
        status =
            channel_receive_until(field->channels[0], &items[0],
                                  clock_monotonic_ns() + MILLISECOND / 100);
    } else {
        status = channel_receive(field->channels[0], &items[0]);
    }
    for (uint32_t i = 0; status == CHANNEL_OK && i < count; i++) {
        consume(actor, items[i], last);
    }
    return status;
}

static void *consumer_main(void *argument)
{
    Actor *actor = argument;
    int64_t last[PRODUCERS];
    for (int i = 0; i < PRODUCERS; i++) {
        last[i] = -1;
    }
    while (receive(actor, last) != CHANNEL_CLOSED) {
        for (uint32_t i = 0; i < actor->field->channel_count; i++) {
            CHECK(channel_count(actor->field->channels[i]) <= 1 + i * 3);
        }
    }
    return NULL;
}

static void check_field(uint32_t channel_count)
{
    Field field = {.channel_count = channel_count,
                   .item_count = ITEMS * stress.scale};
    for (uint32_t i = 0; i < channel_count; i++) {
        field.channels[i] = channel_new(1 + i * 3);
    }
    field.received =
        calloc((size_t)PRODUCERS * field.item_count, sizeof *field.received);
    Actor actors[PRODUCERS + CONSUMERS];
    for (uint32_t i = 0; i < PRODUCERS + CONSUMERS; i++) {
        bool producer = i < PRODUCERS;
        actors[i] = (Actor){.field = &field,
                            .index = producer ? i : i - PRODUCERS,
                            .random = stress_stream(channel_count * 100 + i)};
        CHECK(thread_start(&actors[i].thread,
                           producer ? producer_main : consumer_main, &actors[i],
                           STACK_BYTES));
    }
    for (uint32_t i = 0; i < PRODUCERS; i++) {
        thread_join(&actors[i].thread);
    }
    for (uint32_t i = 0; i < channel_count; i++) {
        channel_close(field.channels[i]);
    }
    for (uint32_t i = PRODUCERS; i < PRODUCERS + CONSUMERS; i++) {
        thread_join(&actors[i].thread);
    }
    for (uint32_t i = 0; i < PRODUCERS * field.item_count; i++) {
        CHECK_EQ_INT(load_relaxed(&field.received[i]), 1);
    }
    for (uint32_t i = 0; i < channel_count; i++) {
        channel_free(field.channels[i]);
    }
    free(field.received);
}

TEST(one_channel)
{
    check_field(1);
}

TEST(select_over_several)
{
    check_field(CHANNELS);
}

STRESS_MAIN(RUN(one_channel), RUN(select_over_several))
