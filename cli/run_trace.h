// When each worker did what: slices in lanes, and the file of --trace.
//
// Ownership: a SliceVec owns its slices; names and paths are borrowed from the
//            session's program.
// Threads:   main thread only, after the workers are done.
#ifndef LIGATURE_CLI_RUN_TRACE_H
#define LIGATURE_CLI_RUN_TRACE_H

#include "cli/session.h"

typedef struct TraceSlice {
    const char *kind; // "parse", "check", "binding", "loop", "print", "phase"
    Str name;
    Str file;       // may be empty
    uint32_t line;  // 0: none
    uint64_t first; // of a loop or list: items [first, first + count)
    uint64_t count;
    uint32_t lane;            // the worker; phases stand in a lane behind them
    int64_t start_ns, end_ns; // since the run started
} TraceSlice;
typedef VEC(TraceSlice) SliceVec;

// All slices by lane, start and length: what encloses others comes first.
// Returns the number of those that were not kept.
uint64_t run_trace_slices(const Session *session, SliceVec *out_slices);
uint32_t run_trace_lanes(const Session *session);

// Writes the file of --trace where the settings ask for one: Chrome's trace
// events as JSON. False with a diagnostic when it cannot be written.
bool run_trace(Session *session);

#endif
