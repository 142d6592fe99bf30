// The progress line of long runs on a terminal (--progress). A thread of its
// own writes it, from atomics alone; runs that nobody watches have none.
//
// Ownership: the session owns the line.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_PROGRESS_LINE_H
#define LIGATURE_CLI_PROGRESS_LINE_H

#include "cli/options.h"
#include "concurrent/progress.h"

typedef struct ProgressLine ProgressLine;

// NULL where no line is wanted or no thread can be had. Nothing is written
// before the run has taken half a second.
ProgressLine *progress_line_start(const Settings *settings);
// What the passes write to.
Progress *progress_line_progress(ProgressLine *line);
// Ends the thread and wipes the line; before anything else is written. `line`
// may be NULL. Returns NULL.
ProgressLine *progress_line_stop(ProgressLine *line);

#endif
