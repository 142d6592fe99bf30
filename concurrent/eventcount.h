// Parking for the workers of a pool. Each worker has a seat with a futex
// word. A worker that finds no work announces itself in a bit set, looks
// once more, and sleeps on its seat; who brings work claims a bit and
// signals that seat. One sleeper is woken at a time, on purpose.
//
// No wake-up is lost: the announcement and the bringer's look at the bits,
// and likewise the work itself and the last look for it, are sequentially
// consistent, so that one of both sees the other.
//
// Threads: every function from any thread, except init and release.
#ifndef LIGATURE_CONCURRENT_EVENTCOUNT_H
#define LIGATURE_CONCURRENT_EVENTCOUNT_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#include "concurrent/atomics.h"
#include "support/attributes.h"

// Why a sleeper is woken.
#define EVENT_WORK UINT32_C(1) // its bit was claimed; sent once per claim
#define EVENT_DONE UINT32_C(2) // what it waits for is over; may come late

typedef enum EventSet {
    EVENT_SET_IDLE,    // would run any task
    EVENT_SET_HELPING, // would run some tasks only
    EVENT_SET_COUNT
} EventSet;

#define EVENT_SEATS_MAX 1024
#define EVENT_WORDS     (EVENT_SEATS_MAX / 64)

typedef struct EventSeat {
    alignas(CACHE_LINE) _Atomic(uint32_t) signals;
} EventSeat;

// All fields are private, but for `searching`, which the pool counts.
typedef struct EventCount {
    alignas(CACHE_LINE) _Atomic(uint32_t) searching; // workers that look
    uint32_t word_count;                             // immutable after init
    _Atomic(uint64_t) bits[EVENT_SET_COUNT][EVENT_WORDS];
    EventSeat *seats;
} EventCount;

void eventcount_init(EventCount *events, uint32_t seat_count);
void eventcount_release(EventCount *events);

// Announces that `seat` is about to sleep.
void eventcount_prepare(EventCount *events, EventSet set, uint32_t seat);
// Takes the announcement back. False when it was claimed: EVENT_WORK was
// sent or is on its way, and eventcount_wait() must take it.
bool eventcount_cancel(EventCount *events, EventSet set, uint32_t seat);
// Sleeps until there is a signal for `seat`, takes all of them and returns
// them.
uint32_t eventcount_wait(EventCount *events, uint32_t seat);

// Claims one seat of the set; false when there is none.
bool eventcount_claim(EventCount *events, EventSet set, uint32_t *out_seat);
// Claims this seat.
bool eventcount_claim_seat(EventCount *events, EventSet set, uint32_t seat);
void eventcount_signal(EventCount *events, uint32_t seat, uint32_t signal);

// The 64 seats from 64 * `word` on that are in the set.
static inline uint64_t eventcount_word(const EventCount *events, EventSet set,
                                       uint32_t word)
{
    return load_seq_cst(&events->bits[set][word]);
}

static inline bool eventcount_any(const EventCount *events, EventSet set)
{
    for (uint32_t i = 0; i < events->word_count; i++) {
        if (eventcount_word(events, set, i) != 0) {
            return true;
        }
    }
    return false;
}

#endif
