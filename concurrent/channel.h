// Bounded channels of pointers, many producers and consumers, with
// back-pressure. Closing wakes everyone: a send on a closed channel fails, a
// receive takes what is left and then says that it is closed.
//
// Ownership: the channel does not own the items.
// Threads:   every function from any thread, except new and free.
#ifndef LIGATURE_CONCURRENT_CHANNEL_H
#define LIGATURE_CONCURRENT_CHANNEL_H

#include <stdint.h>

typedef struct Channel Channel;

typedef enum ChannelStatus {
    CHANNEL_OK,
    CHANNEL_WOULD_BLOCK, // try forms: full or empty
    CHANNEL_TIMED_OUT,
    CHANNEL_CLOSED
} ChannelStatus;

Channel *channel_new(uint32_t capacity); // capacity >= 1
void channel_free(Channel *channel);
void channel_close(Channel *channel); // idempotent

ChannelStatus channel_send(Channel *channel, void *item);
ChannelStatus channel_try_send(Channel *channel, void *item);
// Waits until the monotonic time `deadline_ns` at most.
ChannelStatus channel_send_until(Channel *channel, void *item,
                                 int64_t deadline_ns);
ChannelStatus channel_receive(Channel *channel, void **out_item);
ChannelStatus channel_try_receive(Channel *channel, void **out_item);
ChannelStatus channel_receive_until(Channel *channel, void **out_item,
                                    int64_t deadline_ns);
// Sends all of `items` in order; *out_sent says how many went before a close.
ChannelStatus channel_send_batch(Channel *channel, void **items, uint32_t count,
                                 uint32_t *out_sent);
// Waits for one item, then takes up to `max` without waiting.
ChannelStatus channel_receive_batch(Channel *channel, void **out_items,
                                    uint32_t max, uint32_t *out_count);
// Receives from whichever of `channels` has an item first; *out_index says
// which. CHANNEL_CLOSED when all are closed and empty.
ChannelStatus channel_select(Channel **channels, uint32_t count,
                             int64_t deadline_ns, uint32_t *out_index,
                             void **out_item);
uint32_t channel_count(Channel *channel);

#endif
