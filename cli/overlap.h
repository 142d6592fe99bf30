// Load, resolve and check of a program's modules, at once: a module is resolved
// when those that it imports are, and checked when those are checked, while
// others are still read (syntax/module_flow.h). With --async its evaluation
// begins as well.
//
// Threads: main thread only; the modules are worked on by the pool.
#ifndef LIGATURE_CLI_OVERLAP_H
#define LIGATURE_CLI_OVERLAP_H

#include <stdbool.h>

#include "cli/session.h"
#include "syntax/loader.h"

// What a run is about.
typedef struct Loading {
    const Str *paths; // entry files
    uint32_t path_count;
    const SessionInput *inputs; // of `repl`, instead of them; else NULL
    uint32_t input_count;
    Str schema, type; // of `validate`; else empty
    Module *made;     // of `validate`: in which the type stands
    bool evaluates;   // what the entries yield
} Loading;

typedef enum Overlapped {
    OVERLAP_INCOMPLETE, // the loader, the resolver or the user has stopped it
    OVERLAP_RESOLVED,   // and nothing is checked: it had to wait
    OVERLAP_REFUSED,    // by the check
    OVERLAP_ACCEPTED,
} Overlapped;

// A program that cannot be loaded gets no further, one with errors is resolved
// and checked to the end; the errors are in the modules. The times of the
// phases are the session's.
bool overlap_resolve(Session *session, Loading *loading);
Overlapped overlap_check(Session *session, Loading *loading);

#endif
