// Opening files safely: a name in a folder without following links, a path by
// openat2(2) beneath the root where the kernel has it; else the path is
// resolved and checked first.
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "support/die.h"
#include "syntax/paths.h"

#define OPEN_FLAGS   (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
#define OPEN_RETRIES 8

// Of a small file, each of these takes a system call and little else. The
// library's functions of the same names are points of cancellation: where there
// are threads, that is two atomic operations more. ThreadSanitizer needs them:
// it keeps an account of descriptors.
#ifdef __SANITIZE_THREAD__
#define raw_openat openat
#define raw_pread  pread
#define raw_close  close
#else
static int raw_openat(int dir, const char *name, int flags)
{
    return (int)syscall(SYS_openat, dir, name, flags);
}

static ssize_t raw_pread(int descriptor, void *into, size_t bytes, off_t at)
{
    return syscall(SYS_pread64, descriptor, into, bytes, at);
}

static int raw_close(int descriptor)
{
    return (int)syscall(SYS_close, descriptor);
}
#endif

static bool is_inside_any(Str path, const Str *dirs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (paths_is_inside(path, dirs[i])) {
            return true;
        }
    }
    return false;
}

static PathStatus status_of(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return PATH_MISSING;
    case EXDEV:
        return PATH_OUTSIDE;
    case ELOOP:
        return PATH_LOOP;
    case ENAMETOOLONG:
        return PATH_TOO_LONG;
    case ENXIO: // a socket, or a device that is not there
    case ENODEV:
        return PATH_NOT_REGULAR;
    default:
        return PATH_UNREADABLE;
    }
}

// A descriptor, or -1 with errno.
static int open_beneath(const Paths *paths, const Str *root,
                        const char *relative, uint64_t flags, uint64_t resolve)
{
    int dir = paths->root_descriptors.items[root - paths->roots.items];
    if (dir < 0) {
        errno = -dir;
        return -1;
    }
    struct open_how how = {
        .flags = flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve,
    };
    long file = -1;
    // EAGAIN: something was renamed on the way.
    for (int i = 0; i < OPEN_RETRIES; i++) {
        file = syscall(SYS_openat2, dir, relative, &how, sizeof how);
        if (file >= 0 || errno != EAGAIN) {
            break;
        }
    }
    return (int)file;
}

static bool lacks_openat2(int error)
{
    return error == ENOSYS || error == EPERM || error == EINVAL ||
           error == E2BIG;
}

// What of `path`, which is inside, leads from the root to it.
static const char *below(const Str *root, const char *path)
{
    const char *rest = path + root->len;
    while (*rest == '/') {
        rest++;
    }
    return *rest == '\0' ? "." : rest;
}

// The error for a path that does not resolve. It is missing where what there is
// of it leads into an allowed folder; all else is refused whether it exists or
// not.
static int missing_or_outside(const char *path, const Str *allowed,
                              uint32_t allowed_count)
{
    char part[PATH_MAX];
    char resolved[PATH_MAX];
    struct stat info;
    (void)snprintf(part, sizeof part, "%s", path);
    for (;;) {
        if (lstat(part, &info) == 0) {
            bool inside =
                realpath(part, resolved) != NULL &&
                is_inside_any(str_from_c(resolved), allowed, allowed_count);
            return inside ? ENOENT : EXDEV;
        }
        char *slash = strrchr(part, '/');
        if (slash == NULL || slash == part) {
            return EXDEV;
        }
        *slash = '\0';
    }
}

// Resolves all links first, then opens the result without following any. ENOENT
// says that there is nothing in an allowed folder.
static int open_resolved(const Paths *paths, const char *path,
                         const Str *allowed, uint32_t allowed_count)
{
    char resolved[PATH_MAX];
    if (realpath(path, resolved) == NULL) {
        if (errno == ENOENT || errno == ENOTDIR) {
            errno = missing_or_outside(path, allowed, allowed_count);
        }
        return -1;
    }
    Str canonical = str_from_c(resolved);
    const Str *root = paths_root_of(paths, canonical);
    if (root == NULL || !is_inside_any(canonical, allowed, allowed_count)) {
        errno = EXDEV;
        return -1;
    }
    int file = open_beneath(paths, root, below(root, resolved), OPEN_FLAGS,
                            RESOLVE_NO_SYMLINKS);
    if (file < 0 && lacks_openat2(errno)) {
        file = open(resolved, OPEN_FLAGS | O_NOFOLLOW);
    }
    return file;
}

static PathStatus failed(OpenedFile *file, int error)
{
    file->error = error;
    return status_of(error);
}

static Str path_of_descriptor(int descriptor, const char *opened, Arena *arena)
{
    char link[64];
    char target[PATH_MAX];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t len = readlink(link, target, sizeof target);
    if (len > 0 && len < (ssize_t)sizeof target && target[0] == '/') {
        return arena_str(arena, str_make(target, (size_t)len));
    }
    Str path = str_from_c(opened);
    Str canonical;
    return paths_canonical(path, arena, &canonical) ? canonical
                                                    : arena_str(arena, path);
}

// An absolute path without empty parts, '.' and '..', as text: right where
// none of its parts is a symbolic link.
static Str tidy_path(Str path, Arena *arena)
{
    char *text = arena_alloc(arena, path.len + 1);
    size_t end = 0; // without a slash behind it
    for (size_t at = 0; at < path.len;) {
        size_t from = at + 1; // behind a slash
        at = from;
        while (at < path.len && path.data[at] != '/') {
            at++;
        }
        Str part = str_make(path.data + from, at - from);
        if (str_equal(part, STR(".."))) {
            while (end > 0 && text[--end] != '/') {
            }
        } else if (part.len > 0 && !str_equal(part, STR("."))) {
            text[end++] = '/';
            memcpy(text + end, part.data, part.len);
            end += part.len;
        }
    }
    return end == 0 ? STR("/") : str_make(text, end);
}

// Paths of the command line may be relative; the log has none that are.
static Str logged_path(const Paths *paths, Str path, StrBuf *full)
{
    if (path.len > 0 && path.data[0] == '/') {
        return path;
    }
    strbuf_append(full, paths->working_dir);
    strbuf_append_char(full, '/');
    strbuf_append(full, path);
    return strbuf_str(full);
}

static void log_found(const Paths *paths, Str path, const struct stat *info,
                      OpenedFile *file)
{
    if (paths->log == NULL) {
        return;
    }
    FileStamp stamp = file_stamp(info);
    StrBuf full = {0};
    file->probe =
        file_log_found(paths->log, logged_path(paths, path, &full), &stamp);
    strbuf_release(&full);
}

// That there is nothing is an answer to come back to; all other failures end
// the run.
static PathStatus log_failed(const Paths *paths, Str path, PathStatus status)
{
    if (paths->log == NULL) {
        return status;
    }
    StrBuf full = {0};
    path = logged_path(paths, path, &full);
    if (status == PATH_MISSING) {
        file_log_missing(paths->log, path);
    } else {
        file_log_give_up(paths->log, path);
    }
    strbuf_release(&full);
    return status;
}

// What an opened file is. Closes what cannot be read as a file.
static PathStatus look_at(OpenedFile *file, struct stat *out_info)
{
    if (fstat(file->descriptor, out_info) != 0) {
        int error = errno;
        paths_close(file);
        return failed(file, error);
    }
    if (!S_ISREG(out_info->st_mode)) {
        paths_close(file);
        return S_ISDIR(out_info->st_mode) ? PATH_DIRECTORY : PATH_NOT_REGULAR;
    }
    file->stamp = file_stamp(out_info);
    file->size = file->stamp.size;
    return PATH_OK;
}

// `text` is what was opened; `is_plain`: it is absolute and no part of it is a
// symbolic link.
static PathStatus accept(const Paths *paths, Str text, bool is_plain,
                         Arena *arena, OpenedFile *file)
{
    struct stat info;
    PathStatus status = look_at(file, &info);
    if (status != PATH_OK) {
        return status;
    }
    if (!is_plain) {
        file->path = path_of_descriptor(file->descriptor, text.data, arena);
    }
    log_found(paths, text, &info, file);
    return PATH_OK;
}

// ---- one folder

static void close_folder(FolderHand *hand)
{
    if (hand->descriptor >= 0) {
        close(hand->descriptor);
        hand->descriptor = -1;
    }
}

bool paths_enter(const Paths *paths, FolderHand *hand, Str dir)
{
    if (hand->text == NULL) {
        hand->text = mem_alloc(PATH_MAX + SMALL_FILE_BYTES);
        hand->small = hand->text + PATH_MAX;
    } else if (str_equal(hand->dir, dir)) {
        return false;
    }
    close_folder(hand);
    hand->dir = dir;
    hand->root = paths_root_of(paths, dir);
    hand->opened = 0;
    hand->reads_at_once = false;
    bool has_slash = str_equal(dir, STR("/"));
    hand->name = (uint32_t)dir.len + !has_slash;
    if (hand->name >= PATH_MAX) {
        hand->name = PATH_MAX; // too long for any name
        return true;
    }
    memcpy(hand->text, dir.data, dir.len);
    hand->text[hand->name - 1] = '/';
    return true;
}

void paths_leave(FolderHand *hand)
{
    close_folder(hand);
    free(hand->text);
    *hand = FOLDER_HAND_NONE;
}

// Whether no part of the path is empty or begins with a '.'.
static bool is_tidy(Str path)
{
    bool at_start = true;
    for (size_t i = 0; i < path.len; i++) {
        if (at_start && (path.data[i] == '/' || path.data[i] == '.')) {
            return false;
        }
        at_start = path.data[i] == '/';
    }
    return !at_start;
}

bool paths_ask(FolderHand *hand, Str path, Str ending, AskedPath *out)
{
    out->is_absolute = path.len > 0 && path.data[0] == '/';
    assert(!out->is_absolute || hand->dir.len == 0);
    size_t at = out->is_absolute ? 0 : hand->name;
    while (path.len > 2 && path.data[0] == '.' && path.data[1] == '/' &&
           path.data[2] != '/') {
        path = str_make(path.data + 2, path.len - 2);
    }
    size_t len = at + path.len + ending.len;
    if (len >= PATH_MAX) {
        return false;
    }
    memcpy(hand->text + at, path.data, path.len);
    memcpy(hand->text + at + path.len, ending.data, ending.len);
    hand->text[len] = '\0';
    out->text = str_make(hand->text, len);
    Str rest = str_make(hand->text + at, len - at);
    bool has_slash = memchr(rest.data, '/', rest.len) != NULL;
    out->is_name = !has_slash && !str_equal(rest, STR(".."));
    out->is_tidy =
        has_slash ? is_tidy(rest) : rest.len > 0 && rest.data[0] != '.';
    return true;
}

// Whether a read of a file in the folder gives less than was asked for at its
// end only. Elsewhere it may, as from a file of FUSE that is not cached.
static bool reads_at_once(int folder)
{
    struct statfs info;
    if (fstatfs(folder, &info) != 0) {
        return false;
    }
    switch ((uint32_t)info.f_type) {
    case EXT4_SUPER_MAGIC: // and ext2, ext3
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
    case TMPFS_MAGIC:
        return true;
    default:
        return false;
    }
}

static int open_folder(const Paths *paths, const FolderHand *hand)
{
    char buffer[PATH_MAX];
    const char *text = paths_c_string(hand->dir, buffer, sizeof buffer);
    return text == NULL
               ? -1
               : open_beneath(paths, hand->root, below(hand->root, text),
                              O_PATH | O_DIRECTORY | O_CLOEXEC,
                              RESOLVE_NO_SYMLINKS);
}

// A descriptor of the folder, once enough of its files were asked for, or -1.
static int folder_descriptor(const Paths *paths, FolderHand *hand)
{
    // To open and close it, and to ask what it is, takes the time that so many
    // files save.
    enum { PAYS_AT = 4 };
    bool is_root = hand->dir.len == hand->root->len;
    bool pays = ++hand->opened % PAYS_AT == 0;
    if (pays && !is_root && hand->descriptor < 0) {
        hand->descriptor = open_folder(paths, hand);
    }
    int folder =
        is_root ? paths->root_descriptors.items[hand->root - paths->roots.items]
                : hand->descriptor;
    if (folder >= 0 && hand->opened == PAYS_AT) {
        hand->reads_at_once = reads_at_once(folder);
    }
    return folder;
}

// A path below the root in which no part is a symbolic link.
static int open_plain(const Paths *paths, FolderHand *hand,
                      const AskedPath *asked)
{
    int dir = asked->is_name ? folder_descriptor(paths, hand) : -1;
    // Of one step, which is no link, nothing else is to be watched.
    return dir >= 0
               ? raw_openat(dir, hand->text + hand->name,
                            OPEN_FLAGS | O_NOFOLLOW)
               : open_beneath(paths, hand->root, below(hand->root, hand->text),
                              OPEN_FLAGS, RESOLVE_NO_SYMLINKS);
}

// Reads a small file instead of asking what it is, which takes longer. True
// where there was something, and then the end: nothing that is asked for as a
// module but a file gives that (pipes and terminals cannot be read at a place,
// folders not at all, and other devices have no end, or are empty; but for some
// like /dev/vcs, under the name of a module).
static bool read_small(FolderHand *hand, OpenedFile *file)
{
    ssize_t len = raw_pread(file->descriptor, hand->small, SMALL_FILE_BYTES, 0);
    if (len <= 0 || len == (ssize_t)SMALL_FILE_BYTES) {
        return false;
    }
    file->text = str_make(hand->small, (size_t)len);
    file->size = (uint64_t)len;
    return true;
}

// What is not in an allowed folder is refused, whatever else is wrong with it.
static int open_outside(const Paths *paths, const char *path,
                        const Str *allowed, uint32_t allowed_count)
{
    int file = open_resolved(paths, path, allowed, allowed_count);
    if (file < 0 && errno != ENOENT) {
        errno = EXDEV;
    }
    return file;
}

// Sets *out_is_plain where no part of the path is a symbolic link.
static int open_relative(const Paths *paths, FolderHand *hand,
                         const AskedPath *asked, bool *out_is_plain)
{
    const Str *roots = paths->roots.items;
    uint32_t count = paths->roots.count;
    if (hand->root == NULL) {
        return open_resolved(paths, hand->text, roots, count);
    }
    int file = open_plain(paths, hand, asked);
    *out_is_plain = file >= 0;
    if (file < 0 && errno == ELOOP) {
        file = open_beneath(paths, hand->root, below(hand->root, hand->text),
                            OPEN_FLAGS, 0);
    }
    if (file >= 0) {
        return file;
    }
    if (lacks_openat2(errno)) {
        return open_resolved(paths, hand->text, roots, count);
    }
    if (errno != EXDEV) {
        return -1;
    }
    // It left the root on its way; it may end in an allowed one.
    return open_outside(paths, hand->text, roots, count);
}

// ---- opening

PathStatus paths_open(const Paths *paths, FolderHand *hand,
                      const AskedPath *asked, Arena *arena,
                      OpenedFile *out_file)
{
    int descriptor;
    bool is_plain = false;
    if (asked->is_absolute) {
        descriptor = open_outside(paths, hand->text, paths->allow_roots.items,
                                  paths->allow_roots.count);
    } else {
        descriptor = open_relative(paths, hand, asked, &is_plain);
    }
    if (descriptor < 0) {
        return log_failed(paths, asked->text, failed(out_file, errno));
    }
    out_file->descriptor = descriptor;
    if (is_plain) {
        out_file->path =
            asked->is_tidy ? asked->text : tidy_path(asked->text, arena);
    }
    // A log wants to know more of a file.
    bool may_read =
        is_plain && asked->is_name && hand->reads_at_once && paths->log == NULL;
    if (may_read && read_small(hand, out_file)) {
        return PATH_OK;
    }
    return accept(paths, asked->text, is_plain, arena, out_file);
}

PathStatus paths_open_entry(const Paths *paths, Str path, Arena *arena,
                            OpenedFile *out_file)
{
    char buffer[PATH_MAX];
    const char *text = paths_c_string(path, buffer, sizeof buffer);
    if (text == NULL) {
        return PATH_TOO_LONG;
    }
    if (memchr(path.data, '\0', path.len) != NULL) {
        return PATH_MISSING;
    }
    out_file->descriptor = open(text, OPEN_FLAGS);
    if (out_file->descriptor < 0) {
        return log_failed(paths, path, failed(out_file, errno));
    }
    return accept(paths, str_make(text, path.len), false, arena, out_file);
}

void paths_close(OpenedFile *file)
{
    if (file->descriptor >= 0) {
        (void)raw_close(file->descriptor);
        file->descriptor = -1;
    }
}
