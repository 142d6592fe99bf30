// What a run asked the file system for, and what it got: enough to find out
// in a later run whether the answers would be the same.
//
// Ownership: the log owns its paths; texts are borrowed from the modules.
// Threads:   file_log_*() from any thread; reading it when the loader is done.
#ifndef LIGATURE_SYNTAX_FILE_LOG_H
#define LIGATURE_SYNTAX_FILE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "concurrent/thread.h"
#include "support/arena.h"
#include "support/vec.h"
#include "syntax/file_notice.h"

typedef struct FileProbe {
    Str path;     // as it was asked for: absolute, not tidied
    bool missing; // there was nothing; else a regular file:
    FileStamp stamp;
    Str text; // its content; data is NULL when it was not read
} FileProbe;

typedef struct FileLog {
    Mutex lock; // of what follows
    Arena arena;
    VEC(FileProbe) probes;
    bool incomplete; // something happened that a log cannot say
    int notice_pipe; // who watches is told of each probe; 0: nobody does
} FileLog;

void file_log_init(FileLog *log, int notice_pipe);
void file_log_release(FileLog *log);
// Forgets all, before the texts are freed.
void file_log_clear(FileLog *log);
// The number of the probe, for file_log_read().
uint32_t file_log_found(FileLog *log, Str path, const FileStamp *stamp);
void file_log_missing(FileLog *log, Str path);
// `path` is what could not be opened, for a reason that the log cannot say.
void file_log_give_up(FileLog *log, Str path);
void file_log_read(FileLog *log, uint32_t probe, Str text);

#endif
