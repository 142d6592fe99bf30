#include "cli/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/watchdog.h"

// The token that signals cancel: handlers cannot be given a context.
static CancelToken *signal_token;
// The token of a session is used again for its next input.
static volatile sig_atomic_t wants_end;
static volatile sig_atomic_t terminal_changed;
// A byte for each signal of a session. -1: there is none.
static int wake_reader = -1;
static volatile sig_atomic_t wake_writer = -1;

static CancelReason reason_of(int number)
{
    return number == SIGINT ? CANCEL_INTERRUPTED : CANCEL_TERMINATED;
}

// The second one ends what the first has not ended.
static void end_run(int number)
{
    ExitStatus status =
        number == SIGINT ? EXIT_STATUS_INTERRUPTED : EXIT_STATUS_TERMINATED;
    if (cancel_token_reason(signal_token) != CANCEL_NONE) {
        output_abandon();
        _exit(status);
    }
    cancel_token_cancel(signal_token, reason_of(number));
    watchdog_end(status);
}

static void wake(void)
{
    int error = errno;
    if (wake_writer >= 0) {
        (void)!write(wake_writer, "", 1); // one that is full wakes, too
    }
    errno = error;
}

static void cancel_input(int number)
{
    cancel_token_cancel(signal_token, reason_of(number));
    if (number != SIGINT) {
        wants_end = 1;
        watchdog_end(EXIT_STATUS_TERMINATED);
    }
    wake();
}

static void install(CancelToken *token, void (*handler)(int number))
{
    signal_token = token;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    // No SA_RESTART: a blocked read or write returns.
    sigemptyset(&action.sa_mask);
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction old;
        (void)sigaction(numbers[i], NULL, &old);
        if (old.sa_handler != SIG_IGN) { // nohup stays nohup
            (void)sigaction(numbers[i], &action, NULL);
        }
    }
    action.sa_handler = SIG_IGN; // EPIPE as an error of write
    (void)sigaction(SIGPIPE, &action, NULL);
}

void signals_end_run(CancelToken *token)
{
    install(token, end_run);
}

void signals_cancel_input(CancelToken *token)
{
    int ends[2];
    if (wake_reader < 0 && pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0) {
        wake_reader = ends[0];
        wake_writer = ends[1];
    }
    install(token, cancel_input);
}

bool signals_want_end(void)
{
    return wants_end != 0;
}

void signals_forget(void)
{
    char bytes[64];
    while (wake_reader >= 0 && read(wake_reader, bytes, sizeof bytes) > 0) {
    }
}

ssize_t signals_read(int fd, void *bytes, size_t size)
{
    struct pollfd sources[] = {{.fd = fd, .events = POLLIN},
                               {.fd = wake_reader, .events = POLLIN}};
    if (poll(sources, 2, -1) < 0 || sources[1].revents != 0) {
        signals_forget();
        errno = EINTR;
        return -1;
    }
    return read(fd, bytes, size);
}

static void note_terminal(int number)
{
    (void)number;
    terminal_changed = 1;
    wake();
}

void signals_watch_terminal(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_terminal;
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGWINCH, &action, NULL);
    (void)sigaction(SIGCONT, &action, NULL);
}

bool signals_take_terminal(void)
{
    bool changed = terminal_changed != 0;
    terminal_changed = 0;
    return changed;
}
