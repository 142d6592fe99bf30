// A folder of generated files, replaced as one: everything is written to
// temporary files in the folder before the first is renamed to its place, so
// that a run that fails changes nothing, and one that is killed leaves each
// file whole, old or new. A manifest in the folder says which files came from
// exports.
//
// Threads: main thread only; the folder is locked against other exports.
#ifndef LIGATURE_CLI_EXPORT_DIR_H
#define LIGATURE_CLI_EXPORT_DIR_H

#include "cli/export_paths.h"
#include "cli/session.h"

#define EXPORT_MANIFEST ".ligature-export.json"
#define EXPORT_STAGING  ".ligature-export.tmp"

typedef struct ExportOutcome {
    StrVec removed; // in `arena`
    Arena arena;
} ExportOutcome;

// Makes the folder hold the sorted files; with `prune` removes those that
// earlier exports wrote and that are not among them. False after reporting
// (E0002), or when the run was cancelled.
bool export_dir_write(Session *session, Str dir, ExportFile *files,
                      uint32_t count, bool prune, ExportOutcome *outcome);
// The same without writing: says of each file whether it would be `written`,
// and what would be removed; with `diff` appends the changes as a unified
// diff. A folder that is missing counts as empty.
bool export_dir_compare(Session *session, Str dir, ExportFile *files,
                        uint32_t count, bool prune, StrBuf *diff,
                        ExportOutcome *outcome);
void export_outcome_release(ExportOutcome *outcome);

#endif
