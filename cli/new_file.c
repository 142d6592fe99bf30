#include "cli/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "support/die.h"
#include "support/hash.h"

// Room for a descriptor's name in /proc.
enum { LINK_SIZE = 32 };

void new_file_init(NewFile *file, int dir, Str prefix)
{
    enum { DIGITS_SIZE = 33 };
    HashKey random = hash_key_random();
    *file = (NewFile){
        .fd = -1, .dir = dir, .name = mem_alloc(prefix.len + DIGITS_SIZE)};
    memcpy(file->name, prefix.data, prefix.len);
    (void)snprintf(file->name + prefix.len, DIGITS_SIZE, "%016llx%016llx",
                   (unsigned long long)random.k0,
                   (unsigned long long)random.k1);
}

void new_file_init_at(NewFile *file, int dir, Str path)
{
    *file = (NewFile){.fd = -1, .dir = dir, .name = mem_alloc(path.len + 1)};
    memcpy(file->name, path.data, path.len);
    file->name[path.len] = '\0';
}

static void name_descriptor(int fd, char out_name[static LINK_SIZE])
{
    (void)snprintf(out_name, LINK_SIZE, "/proc/self/fd/%d", fd);
}

// A file without a name, if there is a way to give it one later.
static int open_nameless(const NewFile *file, mode_t mode)
{
    if (strlen(file->name) >= PATH_MAX) {
        return -1;
    }
    char *slash = strrchr(file->name, '/');
    const char *folder = slash == NULL         ? "."
                         : slash == file->name ? "/"
                                               : file->name;
    if (slash != NULL) {
        *slash = '\0';
    }
    int fd = openat(file->dir, folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, mode);
    if (slash != NULL) {
        *slash = '/';
    }
    char link[LINK_SIZE];
    name_descriptor(fd, link);
    if (fd >= 0 && access(link, F_OK) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

// Not mkostemp(3), which opens for reading too: --untrusted does not let it.
static int open_named(const NewFile *file, mode_t mode)
{
    return openat(file->dir, file->name,
                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

bool new_file_open(NewFile *file, mode_t mode)
{
    file->fd = open_nameless(file, mode);
    if (file->fd < 0) {
        file->fd = open_named(file, mode);
        file->has_name = file->fd >= 0;
    }
    return file->fd >= 0;
}

static bool copy_bytes(int from, int to)
{
    char bytes[1 << 14];
    ssize_t got;
    do {
        got = read(from, bytes, sizeof bytes);
        if (got > 0 &&
            !output_write_fd(to, str_make(bytes, (size_t)got), NULL)) {
            return false;
        }
    } while (got > 0 || (got < 0 && errno == EINTR));
    return got == 0;
}

// For a file system that has files without a name, but lets none be given: what
// was written becomes a file of that name.
static bool copy_named(NewFile *file, const char *link)
{
    struct stat info;
    int from = open(link, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        return false;
    }
    int to =
        fstat(from, &info) == 0 ? open_named(file, info.st_mode & 0777) : -1;
    file->has_name = to >= 0;
    bool ok =
        to >= 0 && fchmod(to, info.st_mode & 0777) == 0 && copy_bytes(from, to);
    (void)close(from);
    if (to >= 0) {
        (void)close(file->fd);
        file->fd = to;
    }
    return ok;
}

static bool give_name(NewFile *file)
{
    if (file->has_name) {
        return true;
    }
    char link[LINK_SIZE];
    name_descriptor(file->fd, link);
    file->has_name =
        linkat(AT_FDCWD, link, file->dir, file->name, AT_SYMLINK_FOLLOW) == 0;
    int error = errno;
    bool ok = file->has_name || copy_named(file, link);
    errno = file->has_name ? errno : error;
    return ok;
}

// The name and the end of what is written.
static bool finish(NewFile *file)
{
    bool ok = give_name(file);
    int error = errno;
    if (close(file->fd) != 0 && ok) {
        error = errno; // a network's file system says it only now
        ok = false;
    }
    file->fd = -1;
    errno = error;
    return ok;
}

// With `ok` the file stays where it is.
static bool release(NewFile *file, bool ok)
{
    file->has_name = file->has_name && !ok;
    new_file_drop(file);
    return ok;
}

bool new_file_place(NewFile *file)
{
    return release(file, finish(file));
}

bool new_file_replace(NewFile *file, const char *path)
{
    // A temporary name is there for no longer than this takes.
    bool ok =
        finish(file) && renameat(file->dir, file->name, file->dir, path) == 0;
    return release(file, ok);
}

void new_file_drop(NewFile *file)
{
    int error = errno;
    if (file->fd >= 0) {
        (void)close(file->fd);
    }
    if (file->has_name) {
        (void)unlinkat(file->dir, file->name, 0);
    }
    free(file->name);
    *file = (NewFile){.fd = -1};
    errno = error;
}
