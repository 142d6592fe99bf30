// A folder of an export while it is written to or compared.
//
// Threads: main thread only.
#ifndef LIGATURE_CLI_EXPORT_DIR_INTERNAL_H
#define LIGATURE_CLI_EXPORT_DIR_INTERNAL_H

#include <sys/types.h>

#include "cli/export_dir.h"

typedef struct ExportDir {
    Session *session;
    Str shown; // as the user named it
    int dir;
    int staging; // -1: none
    ExportFile *files;
    uint32_t count;
    StrBuf manifest;  // as it stands in the folder
    bool no_manifest; // there is none
    StrVec known;     // its names, sorted, in `arena`
    int parent;       // the folder that was opened last; -1: none
    Str parent_path;  // in `files`
    Arena arena;
} ExportDir;

ExportDir export_begin(Session *session, Str dir, ExportFile *files,
                       uint32_t count, ExportOutcome *outcome);
// Removes what was staged, unlocks and closes the folder.
void export_end(ExportDir *d);

// Opens the folder of --out and takes the lock: LOCK_EX, or LOCK_SH to read,
// for which it may be missing (`dir` is -1 then). False after reporting.
bool export_open(ExportDir *d, int lock);
bool export_read_manifest(ExportDir *d);

// Opens the folder that `path` stands in, one part after the other so that no
// link is followed; out_name is its last part. -1 with errno.
int export_open_parent(int dir, Str path, bool make, const char **out_name);
// The same for a file of the export; files in one folder follow each other, so
// that it is kept open for the next. Not to be closed.
int export_parent_of(ExportDir *d, const ExportFile *file, bool make,
                     const char **out_name);
// Whether the file is missing or different (`written`), and the mode it has.
// False after reporting.
bool export_look_at(ExportDir *d, ExportFile *file, StrBuf *scratch,
                    mode_t *out_mode);
bool export_is_cancelled(const ExportDir *d);

#endif
