// Operands to files: a folder stands for all *.lig files under it, sorted by
// path. Hidden folders and symbolic links inside are passed over.
//
// Ownership: paths live in the list's arena (operands are borrowed).
// Threads:   main thread only.
#ifndef LIGATURE_CLI_FIND_FILES_H
#define LIGATURE_CLI_FIND_FILES_H

#include <stdbool.h>

#include "cli/session.h"

typedef struct FileList {
    Arena arena;
    StrVec paths;
} FileList;

// False after reporting: a folder cannot be read or holds no file.
bool find_files(Session *session, const StrVec *operands, FileList *out_files);
void file_list_release(FileList *files);

#endif
