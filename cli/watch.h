// ligature watch: a process that runs a verb in a child, again and again. The
// child tells it which files it looks for and what it finds there
// (syntax/file_notice.h); once one of them is another the verb runs again. So
// a run that crashes, or reaches a limit, is one run of many.
//
// inotify says when to look at the files; where it cannot, and for what it
// does not see, they are looked at once in a while all the same.
//
// Threads: called before any is started, by the one that the runs go on in.
#ifndef LIGATURE_CLI_WATCH_H
#define LIGATURE_CLI_WATCH_H

#include "cli/command.h"

// Returns true in each child, which is to run the verb and to end then; false
// where nobody watches any more, with the exit status.
bool watch_start(const Command *command, Settings *settings, int *out_status);

#endif
