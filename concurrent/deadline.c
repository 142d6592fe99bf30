// Cancellation tokens; see deadline.h.
#include "concurrent/deadline.h"

#include <stddef.h>
#include <sys/resource.h>
#include <time.h>

void cancel_token_init(CancelToken *token, const CancelToken *parent,
                       int64_t deadline_ns)
{
    // No other thread can see the token yet.
    atomic_init(&token->reason, CANCEL_NONE);
    token->parent = parent;
    token->deadline_ns = deadline_ns;
    if (parent != NULL && parent->deadline_ns < deadline_ns) {
        token->deadline_ns = parent->deadline_ns;
    }
}

void cancel_token_cancel(CancelToken *token, CancelReason reason)
{
    int none = CANCEL_NONE;
    // Release: what the canceller wrote before (the failure that it found)
    // is visible to whoever sees the reason.
    cas_acq_rel(&token->reason, &none, (int)reason);
}

int64_t cancel_token_set_deadline(CancelToken *token, int64_t deadline_ns)
{
    int64_t old_ns = token->deadline_ns;
    token->deadline_ns = deadline_ns;
    return old_ns;
}

CancelReason cancel_token_reason(const CancelToken *token)
{
    for (; token != NULL; token = token->parent) {
        // Acquire: pairs with the compare-and-swap in cancel_token_cancel().
        int reason = load_acquire(&token->reason);
        if (reason != CANCEL_NONE) {
            return (CancelReason)reason;
        }
    }
    return CANCEL_NONE;
}

bool cancel_token_is_ended(const CancelToken *token)
{
    CancelReason reason = cancel_token_reason(token);
    return reason == CANCEL_INTERRUPTED || reason == CANCEL_TERMINATED;
}

CancelReason cancel_token_poll(CancelToken *token)
{
    CancelReason reason = cancel_token_reason(token);
    if (reason == CANCEL_NONE && token->deadline_ns != INT64_MAX &&
        clock_monotonic_ns() >= token->deadline_ns) {
        cancel_token_cancel(token, CANCEL_TIMEOUT);
        // Another reason may have come first.
        reason = cancel_token_reason(token);
    }
    return reason;
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t clock_monotonic_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t clock_process_ns(void)
{
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t clock_thread_ns(void)
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

long thread_preemptions(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
}
