// See s3_fifo.h.
#include "concurrent/s3_fifo.h"

#include <stdlib.h>

#include "support/die.h"

// The small queue's share of the capacity.
#define SMALL_PERCENT 10
// An entry moves to the main queue when it was hit more often than this.
#define PROMOTE_ABOVE 1
#define FIRST_GHOSTS  64

void s3_fifo_init(S3Fifo *fifo, uint64_t capacity_bytes)
{
    *fifo = (S3Fifo){.capacity = capacity_bytes};
}

void s3_fifo_release(S3Fifo *fifo)
{
    free(fifo->ghosts);
}

static void queue_push(S3Queue *queue, S3Entry *entry)
{
    entry->next = NULL;
    if (queue->newest != NULL) {
        queue->newest->next = entry;
    } else {
        queue->oldest = entry;
    }
    queue->newest = entry;
    queue->bytes += entry->bytes;
}

// The queue must not be empty.
static S3Entry *queue_pop(S3Queue *queue)
{
    S3Entry *entry = queue->oldest;
    queue->oldest = entry->next;
    if (queue->oldest == NULL) {
        queue->newest = NULL;
    }
    queue->bytes -= entry->bytes;
    return entry;
}

// The table is direct-mapped: a newer ghost may replace another one too
// early, which costs a miss.
static S3Ghost *ghost_at(S3Ghost *ghosts, uint64_t count, uint64_t hash)
{
    return &ghosts[hash & (count - 1)];
}

// As many places as there are entries, in round figures.
static void ghosts_grow(S3Fifo *fifo)
{
    uint64_t count = fifo->ghost_count;
    if (count > fifo->count) {
        return;
    }
    uint64_t larger = count == 0 ? FIRST_GHOSTS : count * 2;
    S3Ghost *ghosts = mem_calloc(larger, sizeof *ghosts);
    for (uint64_t i = 0; i < count; i++) {
        if (fifo->ghosts[i].time != 0) {
            *ghost_at(ghosts, larger, fifo->ghosts[i].hash) = fifo->ghosts[i];
        }
    }
    free(fifo->ghosts);
    fifo->ghosts = ghosts;
    fifo->ghost_count = larger;
}

static void ghost_add(S3Fifo *fifo, uint64_t hash)
{
    ghosts_grow(fifo);
    *ghost_at(fifo->ghosts, fifo->ghost_count, hash) =
        (S3Ghost){hash, ++fifo->ghost_time};
}

// True when the key left lately; forgets that it did.
static bool ghost_take(S3Fifo *fifo, uint64_t hash)
{
    if (fifo->ghost_count == 0) {
        return false;
    }
    S3Ghost *ghost = ghost_at(fifo->ghosts, fifo->ghost_count, hash);
    bool found = ghost->time != 0 && ghost->hash == hash &&
                 fifo->ghost_time - ghost->time <= fifo->count;
    if (found) {
        ghost->time = 0;
    }
    return found;
}

void s3_fifo_add(S3Fifo *fifo, S3Entry *entry)
{
    bool known = ghost_take(fifo, entry->hash);
    queue_push(known ? &fifo->main : &fifo->small, entry);
    fifo->count++;
}

// Looks at the oldest entry of one queue, and moves it or returns it as
// evicted. The queues must not both be empty.
static S3Entry *evict_step(S3Fifo *fifo)
{
    uint64_t small_share = fifo->capacity / 100 * SMALL_PERCENT;
    bool small = fifo->small.oldest != NULL &&
                 (fifo->small.bytes > small_share || fifo->main.oldest == NULL);
    S3Queue *queue = small ? &fifo->small : &fifo->main;
    S3Entry *entry = queue_pop(queue);
    uint32_t frequency = load_relaxed(&entry->frequency);
    if (small && frequency > PROMOTE_ABOVE) {
        store_relaxed(&entry->frequency, 0);
        queue_push(&fifo->main, entry);
        return NULL;
    }
    if (!small && frequency > 0) {
        store_relaxed(&entry->frequency, frequency - 1);
        queue_push(queue, entry);
        return NULL;
    }
    if (entry->pins > 0) {
        queue_push(queue, entry);
        return NULL;
    }
    if (small) {
        ghost_add(fifo, entry->hash);
    }
    fifo->count--;
    return entry;
}

S3Entry *s3_fifo_evict(S3Fifo *fifo)
{
    S3Entry *evicted = NULL;
    // An entry passes no more often than this before it goes, unless pinned.
    uint64_t steps = (S3_FREQUENCY_LIMIT + 2) * fifo->count;
    while (s3_fifo_bytes(fifo) > fifo->capacity && steps-- > 0) {
        S3Entry *entry = evict_step(fifo);
        if (entry != NULL) {
            entry->next = evicted;
            evicted = entry;
        }
    }
    return evicted;
}
