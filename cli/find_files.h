// Operands to files: a folder stands for all files with an ending under it,
// sorted by path. Hidden folders and symbolic links inside are passed over.
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

// All *.lig files. False after reporting: a folder cannot be read or holds no
// file.
bool find_files(Session *session, const StrVec *operands, FileList *out_files);
// The same for another ending ("_test.lig"). Operands that are no folders are
// taken whatever they are called.
bool find_files_ending(Session *session, const StrVec *operands, Str ending,
                       FileList *out_files);
// The *.lig files under the folder, of which there may be none; folders that
// cannot be read are passed over. False where there are more of either than may
// be looked at.
bool find_files_some(Str folder, uint32_t max_files, uint32_t max_folders,
                     FileList *out_files);
void file_list_release(FileList *files);

#endif
