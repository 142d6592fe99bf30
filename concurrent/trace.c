#include "concurrent/trace.h"

#include <stdlib.h>

#include "concurrent/aligned.h"
#include "support/vec.h"

typedef struct TraceLane {
    alignas(CACHE_LINE) VEC(TraceEvent) events; // its worker only
    uint64_t dropped;
} TraceLane;

struct Trace {
    TraceLane *lanes;
    uint32_t count;
};

Trace *trace_new(const Pool *pool)
{
    Trace *trace = mem_calloc(1, sizeof *trace);
    trace->count = pool_worker_count(pool);
    trace->lanes = aligned_zalloc(trace->count, sizeof *trace->lanes);
    return trace;
}

void trace_free(Trace *trace)
{
    if (trace == NULL) {
        return;
    }
    for (uint32_t i = 0; i < trace->count; i++) {
        vec_release(&trace->lanes[i].events);
    }
    free(trace->lanes);
    free(trace);
}

void trace_add(Trace *trace, const Worker *worker, const TraceEvent *event)
{
    TraceLane *lane = &trace->lanes[worker_index(worker)];
    if (lane->events.count < TRACE_MAX_EVENTS) {
        vec_push(&lane->events, *event);
    } else {
        lane->dropped++;
    }
}

const TraceEvent *trace_events(const Trace *trace, uint32_t worker,
                               uint32_t *out_count, uint64_t *out_dropped)
{
    const TraceLane *lane = &trace->lanes[worker];
    *out_count = lane->events.count;
    *out_dropped = lane->dropped;
    return lane->events.items;
}
