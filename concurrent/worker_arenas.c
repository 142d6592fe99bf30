// See worker_arenas.h.
#include "concurrent/worker_arenas.h"

#include <stdlib.h>

#include "concurrent/aligned.h"

void worker_arenas_init(WorkerArenas *arenas, const Pool *pool)
{
    arenas->count = pool == NULL ? 1 : pool_worker_count(pool);
    arenas->items = aligned_zalloc(arenas->count, sizeof *arenas->items);
    for (uint32_t i = 0; i < arenas->count; i++) {
        arena_init(&arenas->items[i].arena);
    }
}

void worker_arenas_clear(WorkerArenas *arenas)
{
    for (uint32_t i = 0; i < arenas->count; i++) {
        arena_release(&arenas->items[i].arena);
    }
}

void worker_arenas_release(WorkerArenas *arenas)
{
    worker_arenas_clear(arenas);
    free(arenas->items);
    *arenas = (WorkerArenas){0};
}

size_t worker_arenas_bytes(const WorkerArenas *arenas)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < arenas->count; i++) {
        bytes += arena_bytes(&arenas->items[i].arena);
    }
    return bytes;
}
