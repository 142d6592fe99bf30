// S3-FIFO eviction by bytes (Yang et al., SOSP 2023): newcomers enter a small
// queue; those that were hit there move on to the main queue, the rest leave
// and are remembered as ghosts; a ghost that returns goes to the main queue
// at once. A scan thus passes through the small queue only.
//
// Ownership: entries are embedded in the caller's structures.
// Threads:   under the caller's lock, but for s3_fifo_touch().
#ifndef LIGATURE_CONCURRENT_S3_FIFO_H
#define LIGATURE_CONCURRENT_S3_FIFO_H

#include <stdint.h>

#include "concurrent/atomics.h"

// Hits beyond this many are not counted.
#define S3_FREQUENCY_LIMIT 3

typedef struct S3Entry S3Entry;
struct S3Entry {
    S3Entry *next; // towards the newer end
    uint64_t hash; // of its key
    uint64_t bytes;
    _Atomic(uint32_t) frequency;
    uint32_t pins; // > 0: must not be evicted
};

typedef struct S3Queue {
    S3Entry *oldest;
    S3Entry *newest;
    uint64_t bytes;
} S3Queue;

typedef struct S3Ghost {
    uint64_t hash;
    uint64_t time; // 0 for none
} S3Ghost;

// All fields are private, but for `count`.
typedef struct S3Fifo {
    S3Queue small;
    S3Queue main;
    S3Ghost *ghosts;
    uint64_t ghost_count; // a power of two, or 0
    uint64_t ghost_time;  // evictions from the small queue so far
    uint64_t count;       // entries
    uint64_t capacity;    // bytes
} S3Fifo;

void s3_fifo_init(S3Fifo *fifo, uint64_t capacity_bytes);
void s3_fifo_release(S3Fifo *fifo);

// Adds an entry whose `hash` and `bytes` are set.
void s3_fifo_add(S3Fifo *fifo, S3Entry *entry);
// Takes entries out until the rest fits the capacity. Returns them, chained
// by `next`. Pinned ones stay, even when that is too much.
S3Entry *s3_fifo_evict(S3Fifo *fifo);

static inline uint64_t s3_fifo_bytes(const S3Fifo *fifo)
{
    return fifo->small.bytes + fifo->main.bytes;
}

// Counts a hit; from any thread that keeps the entry from being freed.
static inline void s3_fifo_touch(S3Entry *entry)
{
    // Relaxed, and two at once may count as one: a hint.
    uint32_t frequency = load_relaxed(&entry->frequency);
    if (frequency < S3_FREQUENCY_LIMIT) {
        store_relaxed(&entry->frequency, frequency + 1);
    }
}

#endif
