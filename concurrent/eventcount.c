// See eventcount.h.
#include "concurrent/eventcount.h"

#include <assert.h>
#include <stdlib.h>

#include "concurrent/aligned.h"
#include "concurrent/thread.h"

// Set in the seat's word by its owner before it sleeps, so that a signal for
// someone who is awake costs no system call.
#define EVENT_ASLEEP UINT32_C(4)

void eventcount_init(EventCount *events, uint32_t seat_count)
{
    assert(seat_count <= EVENT_SEATS_MAX);
    atomic_init(&events->searching, 0);
    events->word_count = (seat_count + 63) / 64;
    for (int set = 0; set < EVENT_SET_COUNT; set++) {
        for (int i = 0; i < EVENT_WORDS; i++) {
            atomic_init(&events->bits[set][i], 0);
        }
    }
    events->seats = aligned_zalloc(seat_count, sizeof(EventSeat));
}

void eventcount_release(EventCount *events)
{
    free(events->seats);
}

static uint64_t seat_bit(uint32_t seat)
{
    return UINT64_C(1) << (seat % 64);
}

void eventcount_prepare(EventCount *events, EventSet set, uint32_t seat)
{
    (void)fetch_or_seq_cst(&events->bits[set][seat / 64], seat_bit(seat));
}

bool eventcount_claim_seat(EventCount *events, EventSet set, uint32_t seat)
{
    uint64_t old =
        fetch_and_seq_cst(&events->bits[set][seat / 64], ~seat_bit(seat));
    return (old & seat_bit(seat)) != 0;
}

bool eventcount_cancel(EventCount *events, EventSet set, uint32_t seat)
{
    return eventcount_claim_seat(events, set, seat);
}

bool eventcount_claim(EventCount *events, EventSet set, uint32_t *out_seat)
{
    for (uint32_t i = 0; i < events->word_count; i++) {
        uint64_t bits = eventcount_word(events, set, i);
        while (bits != 0) {
            uint32_t seat = i * 64 + (uint32_t)__builtin_ctzll(bits);
            if (eventcount_claim_seat(events, set, seat)) {
                *out_seat = seat;
                return true;
            }
            bits &= bits - 1;
        }
    }
    return false;
}

uint32_t eventcount_wait(EventCount *events, uint32_t seat)
{
    _Atomic(uint32_t) *word = &events->seats[seat].signals;
    for (;;) {
        uint32_t signals = exchange_acq_rel(word, 0);
        signals &= ~EVENT_ASLEEP;
        if (signals != 0) {
            return signals;
        }
        uint32_t none = 0;
        if (cas_acq_rel(word, &none, EVENT_ASLEEP)) {
            futex_wait(word, EVENT_ASLEEP);
        }
    }
}

void eventcount_signal(EventCount *events, uint32_t seat, uint32_t signal)
{
    _Atomic(uint32_t) *word = &events->seats[seat].signals;
    uint32_t old = fetch_or_acq_rel(word, signal);
    if ((old & EVENT_ASLEEP) != 0) {
        futex_wake(word, 1);
    }
}
