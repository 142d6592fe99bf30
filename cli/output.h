// Files and descriptors written by ligature: every write and the final close
// are checked, and a file is never seen half-written.
//
// Threads: main thread only, but for output_abandon(). One output at a time is
//          open.
#ifndef LIGATURE_CLI_OUTPUT_H
#define LIGATURE_CLI_OUTPUT_H

#include <stdbool.h>

#include "cli/new_file.h"
#include "concurrent/deadline.h"
#include "support/str.h"

typedef struct Output {
    int fd;
    char *path;               // the final name; NULL for standard output
    NewFile file;             // takes that place when all is written, if open
    int error;                // first errno; 0 when all went well
    const CancelToken *token; // of output_write_fd()
} Output;

// Standard output where `path` is empty or "-"; the descriptor itself for
// /dev/stdout and the like; a device or a pipe itself; else a new file for its
// place. A pipe waits for who reads it, until the deadline of `token`, when
// the watchdog ends the process. False with output->error set.
bool output_open(Output *output, Str path, const CancelToken *token);
// 0 when a file can be made there, or errno: a look ahead that leaves nothing
// behind. An empty path is right.
int output_check(Str path);
// After the first error nothing more is written.
void output_write(Output *output, Str text);
// Closes, and gives a new file its place; or removes it when `keep` is false or
// something failed. False with output->error set.
bool output_close(Output *output, bool keep);

// Removes what an output that is open has under a temporary name: the process
// ends now, whatever it was at. May be called in a handler, and by any thread.
void output_abandon(void);

// Writes to a descriptor whatever it takes; false with errno on an error. A
// signal that ends `token` (NULL: none) breaks it off: EINTR.
bool output_write_fd(int fd, Str text, const CancelToken *token);

#endif
