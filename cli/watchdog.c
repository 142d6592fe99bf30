#include "cli/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/output.h"
#include "concurrent/deadline.h"
#include "support/die.h"

#define GRACE_NS (WATCHDOG_GRACE * INT64_C(1000000000))

// What the process ends with after a signal; 0: there was none.
static volatile sig_atomic_t signal_status;
static volatile sig_atomic_t only_wakes;

// Calls only what may be called in a handler.
static void on_alarm(int number)
{
    (void)number;
    if (signal_status != 0) {
        output_abandon();
        _exit(signal_status);
    }
    if (only_wakes) {
        return;
    }
    die_timeout();
}

static void ring_after(int64_t ns)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGALRM, &action, NULL);
    int64_t us = ns / 1000 + 1; // 0 would be never
    struct itimerval timer = {.it_value = {us / 1000000, us % 1000000}};
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

// What is left until then; less than 0 where it has passed.
static int64_t time_left(int64_t deadline_ns)
{
    return deadline_ns - clock_monotonic_ns();
}

static void start(int64_t deadline_ns, int64_t ns)
{
    if (deadline_ns == INT64_MAX) {
        watchdog_stop();
    } else if (signal_status == 0) {
        ring_after(ns);
    }
}

void watchdog_start(int64_t deadline_ns)
{
    int64_t left = time_left(deadline_ns);
    start(deadline_ns, (left > 0 ? left : 0) + GRACE_NS);
}

void watchdog_start_idle(int64_t deadline_ns)
{
    int64_t left = time_left(deadline_ns);
    start(deadline_ns, left > 0 ? left : GRACE_NS);
}

void watchdog_stop(void)
{
    struct itimerval none = {{0, 0}, {0, 0}};
    if (signal_status == 0) {
        (void)setitimer(ITIMER_REAL, &none, NULL);
    }
}

void watchdog_only_wake(void)
{
    only_wakes = 1;
}

void watchdog_end(int status)
{
    int error = errno; // of what the signal has interrupted
    signal_status = status;
    ring_after(GRACE_NS);
    errno = error;
}
