// The names in a folder that a walk over it takes: files with an ending, and
// folders. Hidden ones and symbolic links are passed over.
//
// Threads: any.
#ifndef LIGATURE_CLI_FOLDER_NAMES_H
#define LIGATURE_CLI_FOLDER_NAMES_H

#include <dirent.h>

#include "support/str.h"

typedef enum FolderName {
    FOLDER_NAME_OTHER, // passed over
    FOLDER_NAME_FILE,
    FOLDER_NAME_FOLDER,
    FOLDER_NAME_UNKNOWN // errno says why
} FolderName;

// The next entry of `dir`. NULL at the end, where errno is 0, or where it
// cannot be read.
const struct dirent *folder_names_next(DIR *dir);
// What the entry is that folder_names_next() gave of `dir`.
FolderName folder_name_kind(DIR *dir, const struct dirent *entry, Str ending);
// A number for all the names that are taken, in whatever order the system
// gives them, but for the folder that tests keep their snapshots in; 0 where
// the folder cannot be read. `path` is NUL-terminated.
uint64_t folder_names_digest(const char *path, Str ending);

#endif
