// What the workers did when: a buffer of events per worker, for runs that are
// traced.
//
// Ownership: a Trace owns its events; what they point at is borrowed.
// Threads:   trace_add() by the worker given; all else while no task runs.
#ifndef LIGATURE_CONCURRENT_TRACE_H
#define LIGATURE_CONCURRENT_TRACE_H

#include "concurrent/pool.h"
#include "support/source.h"

// Events kept of one worker; further ones are counted.
#define TRACE_MAX_EVENTS (UINT32_C(1) << 20)

typedef struct TraceEvent {
    const char *kind; // static
    const Source *source;
    Span span;
    uint64_t first, count; // items of a loop or list
    int64_t start_ns, end_ns;
} TraceEvent;

typedef struct Trace Trace;

Trace *trace_new(const Pool *pool);
void trace_free(Trace *trace);
void trace_add(Trace *trace, const Worker *worker, const TraceEvent *event);
// The events of a worker in the order in which they ended.
const TraceEvent *trace_events(const Trace *trace, uint32_t worker,
                               uint32_t *out_count, uint64_t *out_dropped);

#endif
