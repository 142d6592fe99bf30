// What signals do: they cancel a token, which all that runs looks at.
//
// Threads: main thread only, but for the handlers.
#ifndef LIGATURE_CLI_SIGNALS_H
#define LIGATURE_CLI_SIGNALS_H

#include <stdbool.h>
#include <sys/types.h>

#include "concurrent/deadline.h"

// SIGINT, SIGTERM and SIGHUP end the run; the second one at once.
void signals_end_run(CancelToken *token);
// SIGINT cancels what runs just now, and nothing else; the others end the
// session: signals_want_end().
void signals_cancel_input(CancelToken *token);
// Whether a session is to end for one of the others.
bool signals_want_end(void);
// read() within such a session: fails with EINTR for a signal that has come
// since the last one did or signals_forget() was called, so that none comes
// between a look at what it has done and the wait.
ssize_t signals_read(int fd, void *bytes, size_t size);
void signals_forget(void);
// From now on a blocked read returns, too, where the terminal has another size,
// or was another program's for a while; says so once.
void signals_watch_terminal(void);
bool signals_take_terminal(void);

#endif
