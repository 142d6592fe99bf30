// Small whole files that are no sources: snapshots, what an export replaces.
//
// Threads: any.
#ifndef LIGATURE_CLI_FILE_READ_H
#define LIGATURE_CLI_FILE_READ_H

#include "support/attributes.h"
#include "support/str.h"

// Appends all of the regular file `name` (NUL-terminated), relative to the
// folder opened as `dir` (AT_FDCWD: the working directory). A symbolic link at
// its end is not followed. Returns 0 or errno: ELOOP for a link, EISDIR for a
// folder, EINVAL for what is no file, EFBIG beyond `max_bytes`.
MUST_USE int file_read_at(int dir, const char *name, uint64_t max_bytes,
                          StrBuf *out);

#endif
