// How far a run is, for whoever shows it.
//
// Threads: any; the numbers are for the eye and carry no order.
#ifndef LIGATURE_CONCURRENT_PROGRESS_H
#define LIGATURE_CONCURRENT_PROGRESS_H

#include <stddef.h>

#include "concurrent/atomics.h"

typedef struct Progress {
    _Atomic(uint32_t) phase; // the client's number; 0: not begun
    _Atomic(uint32_t) total; // steps of the phase; 0: not known
    _Atomic(uint32_t) done;
} Progress;

// Nothing happens where `progress` is NULL: nobody looks.
static inline void progress_begin(Progress *progress, uint32_t phase)
{
    if (progress != NULL) {
        store_relaxed(&progress->done, 0);
        store_relaxed(&progress->total, 0);
        store_relaxed(&progress->phase, phase);
    }
}

static inline void progress_expect(Progress *progress, uint32_t total)
{
    if (progress != NULL) {
        store_relaxed(&progress->total, total);
    }
}

static inline void progress_step(Progress *progress)
{
    if (progress != NULL) {
        (void)fetch_add_relaxed(&progress->done, 1);
    }
}

#endif
