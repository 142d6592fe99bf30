// The kernel's word that something in a folder may have changed (inotify). It
// says when to look at files, and never what has changed: not all file systems
// have it, and watches are few.
//
// Ownership: owns its descriptor.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_WATCH_FOLDERS_H
#define LIGATURE_CLI_WATCH_FOLDERS_H

#include <stdbool.h>

#include "support/str.h"

typedef struct WatchFolders {
    int descriptor; // readable when something was; -1: there is no such word
    int error;      // why not all folders are watched; 0: they are
    StrBuf last;    // the folder that was added last
} WatchFolders;

void watch_folders_open(WatchFolders *folders);
void watch_folders_close(WatchFolders *folders);
// Watches the folder that the absolute path stands in, or the nearest above it
// that is there.
void watch_folders_add(WatchFolders *folders, Str path);
// Forgets what was said; false where nothing was.
bool watch_folders_drain(WatchFolders *folders);

#endif
