// Cancellation tokens: why work should stop. A token inherits from its
// parent, so that one store stops a whole tree of tasks. A deadline is a
// property of the root token and is looked at by whoever polls: no timer
// thread.
//
// Threads: a token may be cancelled and polled from any thread, and cancelled
//          from a signal handler. Its deadline is set while no task of it is
//          at work.
#ifndef LIGATURE_CONCURRENT_DEADLINE_H
#define LIGATURE_CONCURRENT_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "concurrent/atomics.h"

typedef enum CancelReason {
    CANCEL_NONE,
    CANCEL_FAILED,      // --fail-fast, or a sibling's failure
    CANCEL_TIMEOUT,     // the deadline passed
    CANCEL_INTERRUPTED, // SIGINT
    CANCEL_TERMINATED   // SIGTERM, SIGHUP
} CancelReason;

typedef struct CancelToken {
    _Atomic(int) reason;              // CancelReason; first one wins
    const struct CancelToken *parent; // immutable after init
    int64_t deadline_ns;              // monotonic; INT64_MAX for none
} CancelToken;

// `parent` may be NULL; the deadline is the earlier of both.
void cancel_token_init(CancelToken *token, const CancelToken *parent,
                       int64_t deadline_ns);
void cancel_token_cancel(CancelToken *token, CancelReason reason);
// Returns the deadline that it had.
int64_t cancel_token_set_deadline(CancelToken *token, int64_t deadline_ns);
// Looks at the stop words only: a load per ancestor.
CancelReason cancel_token_reason(const CancelToken *token);
// Whether a signal ends the run.
bool cancel_token_is_ended(const CancelToken *token);
// Looks at the clock too, and cancels the token when the deadline passed;
// call it every few thousand steps.
CancelReason cancel_token_poll(CancelToken *token);

int64_t clock_monotonic_ns(void);
// CPU time that all threads of the process have used; a system call.
int64_t clock_process_ns(void);
// CPU time that the calling thread has used; a system call.
int64_t clock_thread_ns(void);
// How often the kernel took the processor away from the calling thread.
long thread_preemptions(void);

#endif
