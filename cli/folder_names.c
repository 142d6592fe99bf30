#include "cli/folder_names.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "support/hash.h"

const struct dirent *folder_names_next(DIR *dir)
{
    errno = 0;
    return readdir(dir);
}

FolderName folder_name_kind(DIR *dir, const struct dirent *entry, Str ending)
{
    struct stat status;
    if (entry->d_name[0] == '.') {
        return FOLDER_NAME_OTHER;
    }
    if (fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        // What is gone since is none of its names.
        return errno == ENOENT ? FOLDER_NAME_OTHER : FOLDER_NAME_UNKNOWN;
    }
    if (S_ISDIR(status.st_mode)) {
        return FOLDER_NAME_FOLDER;
    }
    return S_ISREG(status.st_mode) &&
                   str_ends_with(str_from_c(entry->d_name), ending)
               ? FOLDER_NAME_FILE
               : FOLDER_NAME_OTHER;
}

uint64_t folder_names_digest(const char *path, Str ending)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return 0;
    }
    uint64_t digest = 1;
    const struct dirent *entry;
    while ((entry = folder_names_next(dir)) != NULL) {
        FolderName kind = folder_name_kind(dir, entry, ending);
        bool is_ours = strcmp(entry->d_name, "__snapshots__") == 0;
        if (kind != FOLDER_NAME_OTHER && !is_ours) {
            digest += hash128(str_from_c(entry->d_name)).low * (uint64_t)kind;
        }
    }
    (void)closedir(dir);
    return digest;
}
