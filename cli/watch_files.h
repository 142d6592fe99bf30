// What one run under `ligature watch` depends on, as its notices say
// (syntax/file_notice.h), and whether all of it is still as the run found it.
//
// Ownership: owns copies of the paths.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_WATCH_FILES_H
#define LIGATURE_CLI_WATCH_FILES_H

#include "support/arena.h"
#include "support/hash.h"
#include "support/vec.h"
#include "syntax/file_notice.h"

typedef struct WatchedFile WatchedFile;

typedef struct WatchFiles {
    Arena arena;
    HashKey key;
    WatchedFile *table;
    VEC(WatchedFile *) files; // in the order in which they were asked for
    uint32_t found;           // files that were there
    StrBuf working_dir;       // with a slash behind it
} WatchFiles;

void watch_files_init(WatchFiles *files);
void watch_files_release(WatchFiles *files);
// The last notice of a path holds. Returns the path, absolute and with a NUL
// behind it; empty where the notice is of no file.
Str watch_files_add(WatchFiles *files, const FileNotice *notice);
// Adds those of `older` that are not there, as they are now.
void watch_files_keep(WatchFiles *files, const WatchFiles *older);
// The same for a path, unless a folder is there.
void watch_files_keep_path(WatchFiles *files, Str path);
// How many are not as they were; the first of them are named in `out_names`,
// which may be NULL.
uint32_t watch_files_changed(const WatchFiles *files, StrBuf *out_names);

#endif
