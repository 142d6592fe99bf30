// The last resort of --timeout: what never looks at the clock, such as a read
// that blocks, is ended by a timer of the kernel some time after the deadline.
// Off as soon as output begins, so that nothing is written by half.
//
// Threads: main thread only. One per process.
#ifndef LIGATURE_CLI_WATCHDOG_H
#define LIGATURE_CLI_WATCHDOG_H

#include <stdint.h>

// Seconds after the deadline.
#define WATCHDOG_GRACE 5

// Ends the process with EXIT_STATUS_TIMEOUT and the message of a timeout;
// `deadline_ns` is monotonic, INT64_MAX for none. Replaces an earlier one.
void watchdog_start(int64_t deadline_ns);
void watchdog_stop(void);

#endif
