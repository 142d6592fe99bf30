#include "cli/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/output.h"
#include "concurrent/deadline.h"
#include "support/die.h"

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

static void ring_after(int64_t seconds)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {.it_value.tv_sec = seconds};
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

void watchdog_start(int64_t deadline_ns)
{
    if (deadline_ns == INT64_MAX) {
        watchdog_stop();
        return;
    }
    int64_t now = clock_monotonic_ns();
    int64_t left = deadline_ns > now ? (deadline_ns - now) / 1000000000 : 0;
    if (signal_status == 0) {
        ring_after(left + 1 + WATCHDOG_GRACE);
    }
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
    ring_after(WATCHDOG_GRACE);
    errno = error;
}
