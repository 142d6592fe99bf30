// The files of an export, and the paths that they may have.
//
// Threads: any.
#ifndef LIGATURE_CLI_EXPORT_PATHS_H
#define LIGATURE_CLI_EXPORT_PATHS_H

#include <stdbool.h>
#include <stdint.h>

#include "support/str.h"

typedef struct ExportFile {
    Str path; // relative, checked by export_path_error(); a NUL follows
    Str text;
    bool written; // it was missing or different
} ExportFile;

// Why a path may not name a file of an export, or NULL.
const char *export_path_error(Str path);
// Sorts the files by path; false with two that cannot both be there (one path,
// or one is a folder of the other).
bool export_sort(ExportFile *files, uint32_t count, const ExportFile **out_a,
                 const ExportFile **out_b);
// Of sorted files; NULL where there is none of this path.
const ExportFile *export_find_file(const ExportFile *files, uint32_t count,
                                   Str path);

#endif
