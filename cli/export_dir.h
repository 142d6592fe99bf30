// A folder of generated files, replaced as one: everything is written to
// temporary files in the folder before the first is renamed to its place, so
// that a run that fails changes nothing, and one that is killed leaves each
// file whole, old or new. A manifest in the folder says which files came from
// exports.
//
// Threads: main thread only; the folder is locked against other exports.
#ifndef LIGATURE_CLI_EXPORT_DIR_H
#define LIGATURE_CLI_EXPORT_DIR_H

#include "cli/session.h"

#define EXPORT_MANIFEST ".ligature-export.json"
#define EXPORT_STAGING  ".ligature-export.tmp"

typedef struct ExportFile {
    Str path; // relative, checked by export_path_error(); a NUL follows
    Str text;
    bool written; // it was missing or different
} ExportFile;

typedef struct ExportOutcome {
    StrVec removed; // in `arena`
    Arena arena;
} ExportOutcome;

// Why a path may not name a file of an export, or NULL.
const char *export_path_error(Str path);
// Sorts the files by path; false with two that cannot both be there (one path,
// or one is a folder of the other).
bool export_sort(ExportFile *files, uint32_t count, const ExportFile **out_a,
                 const ExportFile **out_b);
// Makes the folder hold the sorted files; with `prune` removes those that
// earlier exports wrote and that are not among them. False after reporting
// (E0002), or when the run was cancelled.
bool export_dir_write(Session *session, Str dir, ExportFile *files,
                      uint32_t count, bool prune, ExportOutcome *outcome);
void export_outcome_release(ExportOutcome *outcome);

#endif
