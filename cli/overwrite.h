// What a run writes must not take the place of what it reads: a program is not
// to be lost to its result.
//
// Threads: main thread only.
#ifndef LIGATURE_CLI_OVERWRITE_H
#define LIGATURE_CLI_OVERWRITE_H

#include "cli/session.h"

// Before anything is loaded. False with a reason where two options name one
// file to be written, or one that the command line or the project reads, or
// where one that asks for no result names a source file.
bool overwrite_check(const Settings *settings, StrBuf *out_error);
// Whether there is a file that can be replaced. NUL-terminated.
bool overwrite_is_file(Str path);
// Whether both are one such file.
bool overwrite_is_same_file(Str a, Str b);
// Whether a message about settings that may be wrong does not go to the file
// of --diagnostics-file: it is likely to be a source, or another option names
// it, too.
bool overwrite_is_spared(const Settings *settings);
// Whether an option asks for a file of that name in that folder, be there one
// or not.
bool overwrite_is_output(const Settings *settings, Str path);

// Whether the session has to note which files it reads.
bool overwrite_needs_log(const Settings *settings);
// Once all is read. False after reporting (E0001) where an option names a file
// to be written that was read; nobody writes there from now on.
bool overwrite_refuse(Session *session);
// The same of files that are going to be read.
bool overwrite_refuse_files(Session *session, const StrVec *paths);

// The files that were read, by what the system knows them by.
typedef struct FileIdentity {
    uint64_t device, inode;
} FileIdentity;
typedef VEC(FileIdentity) FileIdentities; // sorted

FileIdentities overwrite_files_read(const Session *session);
bool overwrite_was_read(const FileIdentities *files, const struct stat *info);

#endif
