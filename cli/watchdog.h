// The last resort of --timeout and of signals: what looks neither at the clock
// nor at the token, such as a file system that hangs, is ended by a timer of
// the kernel some time after the deadline or the signal. The deadline's is off
// as soon as output begins, so that nothing is written by half.
//
// Threads: main thread only; watchdog_end() is for a signal handler. One per
//          process.
#ifndef LIGATURE_CLI_WATCHDOG_H
#define LIGATURE_CLI_WATCHDOG_H

#include <stdint.h>

// Seconds after the deadline or the signal.
#define WATCHDOG_GRACE 5

// Ends the process by die_timeout();
// `deadline_ns` is monotonic, INT64_MAX for none. Replaces an earlier one.
void watchdog_start(int64_t deadline_ns);
// The same for who does nothing but wait, and so has nothing to end first: at
// the deadline itself, unless that has passed already.
void watchdog_start_idle(int64_t deadline_ns);
void watchdog_stop(void);
// From now on it breaks off what waits (EINTR), and the process goes on.
void watchdog_only_wake(void);
// A signal has come: the process ends with `status` and says nothing. From now
// on nothing else starts or stops it.
void watchdog_end(int status);

#endif
