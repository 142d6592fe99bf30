#include "cli/watchdog.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/exit_status.h"
#include "concurrent/deadline.h"

// Calls only what may be called in a handler.
static void on_alarm(int number)
{
    (void)number;
    static const char text[] =
        "error[E0608]: the timeout passed before the run was complete\n"
        "  = help: give more time with --timeout\n";
    ssize_t unused = write(STDERR_FILENO, text, sizeof text - 1);
    (void)unused;
    _exit(EXIT_STATUS_TIMEOUT);
}

void watchdog_start(int64_t deadline_ns)
{
    int64_t now = clock_monotonic_ns();
    if (deadline_ns == INT64_MAX) {
        watchdog_stop();
        return;
    }
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGALRM, &action, NULL);
    int64_t left = deadline_ns > now ? (deadline_ns - now) / 1000000000 : 0;
    struct itimerval timer = {.it_value.tv_sec = left + 1 + WATCHDOG_GRACE};
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

void watchdog_stop(void)
{
    struct itimerval none = {{0, 0}, {0, 0}};
    (void)setitimer(ITIMER_REAL, &none, NULL);
}
