// Bounded channels: a ring behind a mutex and two condition variables.
//
// A select sleeps on a futex word of its own, and stands in the list of each
// channel that it watches. Who sends or closes raises the words of all in
// the list while it holds the channel's lock; the select leaves the lists
// under the same locks before it returns, so no one touches a waiter that is
// gone. It holds one lock at a time.
#include "concurrent/channel.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "concurrent/deadline.h"
#include "concurrent/thread.h"
#include "support/die.h"

typedef struct Watch Watch;
struct Watch {
    _Atomic(uint32_t) *word; // of the select; 1 once something happened
    Watch *next;
    Watch **link; // what points to this one
};

struct Channel {
    Mutex lock; // level LOCK_CHANNEL; guards all but `capacity`
    Cond not_full;
    Cond not_empty;
    uint32_t senders;   // that wait for not_full
    uint32_t receivers; // that wait for not_empty
    Watch *watches;     // of selects
    bool closed;
    uint32_t turn; // rotates where a select begins
    uint32_t first;
    uint32_t count;
    uint32_t capacity; // immutable after init
    void *items[];
};

Channel *channel_new(uint32_t capacity)
{
    assert(capacity >= 1);
    Channel *channel =
        mem_calloc(1, sizeof *channel + capacity * sizeof(void *));
    mutex_init(&channel->lock, LOCK_CHANNEL);
    cond_init(&channel->not_full);
    cond_init(&channel->not_empty);
    channel->capacity = capacity;
    return channel;
}

void channel_free(Channel *channel)
{
    if (channel == NULL) {
        return;
    }
    assert(channel->watches == NULL);
    mutex_release(&channel->lock);
    free(channel);
}

static void wake_selects(Channel *channel) REQUIRES(channel->lock)
{
    for (Watch *watch = channel->watches; watch != NULL; watch = watch->next) {
        // Relaxed: the select takes the lock before it reads more.
        store_relaxed(watch->word, 1);
        futex_wake(watch->word, 1);
    }
}

void channel_close(Channel *channel)
{
    mutex_lock(&channel->lock);
    channel->closed = true;
    cond_broadcast(&channel->not_full);
    cond_broadcast(&channel->not_empty);
    wake_selects(channel);
    mutex_unlock(&channel->lock);
}

static void wake(Cond *cond, uint32_t waiting, uint32_t count)
{
    if (waiting == 0 || count == 0) {
        return;
    }
    if (count == 1) {
        cond_signal(cond);
    } else {
        cond_broadcast(cond);
    }
}

// Puts in what fits. Returns how many.
static uint32_t put(Channel *channel, void **items, uint32_t count)
    REQUIRES(channel->lock)
{
    assert(mutex_held(&channel->lock));
    uint32_t room = channel->capacity - channel->count;
    uint32_t sent = count < room ? count : room;
    for (uint32_t i = 0; i < sent; i++) {
        uint64_t at = (uint64_t)channel->first + channel->count++;
        channel->items[at % channel->capacity] = items[i];
    }
    wake(&channel->not_empty, channel->receivers, sent);
    if (sent > 0) {
        wake_selects(channel);
    }
    return sent;
}

// Takes up to `max`. Returns how many.
static uint32_t take(Channel *channel, void **out_items, uint32_t max)
    REQUIRES(channel->lock)
{
    assert(mutex_held(&channel->lock));
    uint32_t taken = channel->count < max ? channel->count : max;
    for (uint32_t i = 0; i < taken; i++) {
        out_items[i] = channel->items[channel->first];
        channel->first =
            (uint32_t)(((uint64_t)channel->first + 1) % channel->capacity);
    }
    channel->count -= taken;
    wake(&channel->not_full, channel->senders, taken);
    return taken;
}

// Waits for room. False when there is none at the deadline or the channel is
// closed.
static bool await_room(Channel *channel, int64_t deadline_ns)
    REQUIRES(channel->lock)
{
    assert(mutex_held(&channel->lock));
    bool in_time = true;
    channel->senders++;
    while (!channel->closed && channel->count == channel->capacity && in_time) {
        in_time =
            cond_wait_until(&channel->not_full, &channel->lock, deadline_ns);
    }
    channel->senders--;
    return !channel->closed && channel->count < channel->capacity;
}

// Waits for an item. False when there is none at the deadline or at the end.
static bool await_item(Channel *channel, int64_t deadline_ns)
    REQUIRES(channel->lock)
{
    assert(mutex_held(&channel->lock));
    bool in_time = true;
    channel->receivers++;
    while (!channel->closed && channel->count == 0 && in_time) {
        in_time =
            cond_wait_until(&channel->not_empty, &channel->lock, deadline_ns);
    }
    channel->receivers--;
    return channel->count > 0;
}

ChannelStatus channel_send_until(Channel *channel, void *item,
                                 int64_t deadline_ns)
{
    mutex_lock(&channel->lock);
    ChannelStatus status = CHANNEL_OK;
    if (await_room(channel, deadline_ns)) {
        put(channel, &item, 1);
    } else {
        status = channel->closed ? CHANNEL_CLOSED : CHANNEL_TIMED_OUT;
    }
    mutex_unlock(&channel->lock);
    return status;
}

ChannelStatus channel_send(Channel *channel, void *item)
{
    return channel_send_until(channel, item, INT64_MAX);
}

ChannelStatus channel_try_send(Channel *channel, void *item)
{
    mutex_lock(&channel->lock);
    ChannelStatus status = CHANNEL_OK;
    if (channel->closed) {
        status = CHANNEL_CLOSED;
    } else if (put(channel, &item, 1) == 0) {
        status = CHANNEL_WOULD_BLOCK;
    }
    mutex_unlock(&channel->lock);
    return status;
}

ChannelStatus channel_send_batch(Channel *channel, void **items, uint32_t count,
                                 uint32_t *out_sent)
{
    uint32_t sent = 0;
    mutex_lock(&channel->lock);
    while (sent < count && await_room(channel, INT64_MAX)) {
        sent += put(channel, items + sent, count - sent);
    }
    bool closed = channel->closed;
    mutex_unlock(&channel->lock);
    *out_sent = sent;
    return sent < count || (count == 0 && closed) ? CHANNEL_CLOSED : CHANNEL_OK;
}

ChannelStatus channel_receive_until(Channel *channel, void **out_item,
                                    int64_t deadline_ns)
{
    mutex_lock(&channel->lock);
    ChannelStatus status = CHANNEL_OK;
    if (await_item(channel, deadline_ns)) {
        take(channel, out_item, 1);
    } else {
        status = channel->closed ? CHANNEL_CLOSED : CHANNEL_TIMED_OUT;
    }
    mutex_unlock(&channel->lock);
    return status;
}

ChannelStatus channel_receive(Channel *channel, void **out_item)
{
    return channel_receive_until(channel, out_item, INT64_MAX);
}

ChannelStatus channel_try_receive(Channel *channel, void **out_item)
{
    mutex_lock(&channel->lock);
    ChannelStatus status = CHANNEL_OK;
    if (take(channel, out_item, 1) == 0) {
        status = channel->closed ? CHANNEL_CLOSED : CHANNEL_WOULD_BLOCK;
    }
    mutex_unlock(&channel->lock);
    return status;
}

ChannelStatus channel_receive_batch(Channel *channel, void **out_items,
                                    uint32_t max, uint32_t *out_count)
{
    *out_count = 0;
    if (max == 0) {
        return CHANNEL_OK;
    }
    mutex_lock(&channel->lock);
    ChannelStatus status = CHANNEL_CLOSED;
    if (await_item(channel, INT64_MAX)) {
        *out_count = take(channel, out_items, max);
        status = CHANNEL_OK;
    }
    mutex_unlock(&channel->lock);
    return status;
}

static void watch_begin(Channel *channel, Watch *watch)
{
    mutex_lock(&channel->lock);
    watch->next = channel->watches;
    watch->link = &channel->watches;
    if (watch->next != NULL) {
        watch->next->link = &watch->next;
    }
    channel->watches = watch;
    mutex_unlock(&channel->lock);
}

static void watch_end(Channel *channel, Watch *watch)
{
    mutex_lock(&channel->lock);
    *watch->link = watch->next;
    if (watch->next != NULL) {
        watch->next->link = watch->link;
    }
    mutex_unlock(&channel->lock);
}

// One look at all channels, beginning with another one each time so that a
// busy channel does not starve those behind it.
static ChannelStatus try_each(Channel **channels, uint32_t count,
                              uint32_t start, uint32_t *out_index,
                              void **out_item)
{
    ChannelStatus all = CHANNEL_CLOSED;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = (uint32_t)(((uint64_t)start + i) % count);
        ChannelStatus status = channel_try_receive(channels[index], out_item);
        if (status == CHANNEL_OK) {
            *out_index = index;
            return CHANNEL_OK;
        }
        if (status == CHANNEL_WOULD_BLOCK) {
            all = CHANNEL_WOULD_BLOCK;
        }
    }
    return all;
}

static uint32_t next_turn(Channel *channel)
{
    mutex_lock(&channel->lock);
    uint32_t turn = channel->turn++;
    mutex_unlock(&channel->lock);
    return turn;
}

ChannelStatus channel_select(Channel **channels, uint32_t count,
                             int64_t deadline_ns, uint32_t *out_index,
                             void **out_item)
{
    if (count == 0) {
        return CHANNEL_CLOSED;
    }
    uint32_t start = next_turn(channels[0]);
    ChannelStatus status =
        try_each(channels, count, start, out_index, out_item);
    if (status != CHANNEL_WOULD_BLOCK) {
        return status;
    }
    _Atomic(uint32_t) word = 0;
    Watch *watches = mem_calloc(count, sizeof *watches);
    for (uint32_t i = 0; i < count; i++) {
        watches[i].word = &word;
        watch_begin(channels[i], &watches[i]);
    }
    for (;;) {
        store_relaxed(&word, 0);
        status = try_each(channels, count, start, out_index, out_item);
        if (status != CHANNEL_WOULD_BLOCK) {
            break;
        }
        if (clock_monotonic_ns() >= deadline_ns) {
            status = CHANNEL_TIMED_OUT;
            break;
        }
        // What comes after that look raises the word, and this returns.
        futex_wait_until(&word, 0, deadline_ns);
    }
    for (uint32_t i = 0; i < count; i++) {
        watch_end(channels[i], &watches[i]);
    }
    free(watches);
    return status;
}

uint32_t channel_count(Channel *channel)
{
    mutex_lock(&channel->lock);
    uint32_t count = channel->count;
    mutex_unlock(&channel->lock);
    return count;
}
