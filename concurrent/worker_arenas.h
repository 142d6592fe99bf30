// An arena per worker, for what lives longer than a task: thousands of small
// owners (modules) share a few large chunks, and nobody waits for the system's
// allocator.
//
// Ownership: the set owns what was allocated from its arenas, until it is
//            cleared or freed: all at once.
// Threads:   each arena belongs to its worker; the set is made, cleared and
//            freed while no task runs.
#ifndef LIGATURE_CONCURRENT_WORKER_ARENAS_H
#define LIGATURE_CONCURRENT_WORKER_ARENAS_H

#include <stdalign.h>
#include <stddef.h>

#include "concurrent/pool.h"
#include "support/arena.h"
#include "support/attributes.h"

typedef struct WorkerArena {
    alignas(CACHE_LINE) Arena arena;
} WorkerArena;

typedef struct WorkerArenas {
    WorkerArena *items; // by worker index; immutable after init
    uint32_t count;
} WorkerArenas;

// `pool` may be NULL: one arena, for the calling thread.
void worker_arenas_init(WorkerArenas *arenas, const Pool *pool);
void worker_arenas_release(WorkerArenas *arenas);
// Frees what was allocated; the set stays in use.
void worker_arenas_clear(WorkerArenas *arenas);
// Bytes taken from the system.
size_t worker_arenas_bytes(const WorkerArenas *arenas);

// The worker's arena; NULL stands for the main worker.
static inline Arena *worker_arenas_of(const WorkerArenas *arenas,
                                      const Worker *worker)
{
    return &arenas->items[worker == NULL ? 0 : worker_index(worker)].arena;
}

#endif
