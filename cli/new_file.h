// A file that takes its place when it is whole. Until then it has no name where
// the file system has such files (O_TMPFILE), so that nothing is left of it,
// however the process ends; elsewhere (NFS, a system without /proc) it has a
// temporary name from the beginning.
//
// Ownership: the first function allocates; the last three release.
// Threads:   one at a time.
#ifndef LIGATURE_CLI_NEW_FILE_H
#define LIGATURE_CLI_NEW_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "support/str.h"

typedef struct NewFile {
    int fd;        // to write to; -1: not open
    int dir;       // that names are relative to: a folder, or AT_FDCWD
    char *name;    // the first that it has
    bool has_name; // a file of that name is there
} NewFile;

// For a file that takes the place of another: chooses a temporary name, which
// is `prefix`, a path into the folder of that place, and 32 digits. Opens
// nothing.
void new_file_init(NewFile *file, int dir, Str prefix);
// The same for a file that takes its place at once, if nothing is there.
void new_file_init_at(NewFile *file, int dir, Str path);

// False with errno.
bool new_file_open(NewFile *file, mode_t mode);
// Closes the file, which is there then under its first name. False with errno,
// EEXIST where something has that name, and nothing is left of the file.
bool new_file_place(NewFile *file);
// Closes the file and puts it in the place of what is at `path`; else the same.
bool new_file_replace(NewFile *file, const char *path);
// Closes and removes it; errno stays as it is.
void new_file_drop(NewFile *file);

#endif
