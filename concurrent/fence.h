// Asymmetric fences (Dice, Huang and Yang 2001; membarrier(2)): of two threads
// that each store and then look for what the other has stored, one at least
// must see the other. Usually both pay for that. Here the one that does it
// often keeps the compiler from reordering, fence_light(), and the one that
// does it seldom has the system make every running thread of the process pass
// a full fence, fence_heavy(). In the models both are seq_cst fences.
//
// Threads: any.
#ifndef LIGATURE_CONCURRENT_FENCE_H
#define LIGATURE_CONCURRENT_FENCE_H

#include <stdbool.h>

#include "concurrent/atomics.h"

// Asks for fence_heavy(); once, while the process has one thread, where it
// costs microseconds. False where the system does not have it.
bool fence_prepare(void);
// What other threads stored before their last fence_light() is seen from now
// on, or they see from then on what this one has stored. Microseconds. False
// when the system has refused, and nothing is certain.
bool fence_heavy(void);

static inline void fence_light(void)
{
    atomic_signal_fence(memory_order_seq_cst);
}

#endif
