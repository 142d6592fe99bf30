// Opening files safely: a name in a root without following links, a path by
// openat2(2) beneath the root where the kernel has it; else the path is
// resolved and checked first.
#include "syntax/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPEN_FLAGS   (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
#define OPEN_RETRIES 8

// ---- text of paths

static const char *c_string(Str text, char *buffer, size_t capacity)
{
    if (text.len >= capacity) {
        return NULL;
    }
    memcpy(buffer, text.data, text.len);
    buffer[text.len] = '\0';
    return buffer;
}

bool paths_canonical(Str path, Arena *arena, Str *out_path)
{
    char buffer[PATH_MAX];
    char resolved[PATH_MAX];
    const char *text = c_string(path, buffer, sizeof buffer);
    if (text == NULL || realpath(text, resolved) == NULL) {
        return false;
    }
    *out_path = arena_str(arena, str_from_c(resolved));
    return true;
}

static bool is_inside(Str path, Str dir)
{
    if (!str_starts_with(path, dir)) {
        return false;
    }
    return path.len == dir.len || dir.data[dir.len - 1] == '/' ||
           path.data[dir.len] == '/';
}

static bool is_inside_any(Str path, const Str *dirs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (is_inside(path, dirs[i])) {
            return true;
        }
    }
    return false;
}

// Where the part behind the last slash begins.
static size_t last_part(Str path)
{
    const char *slash =
        path.len == 0 ? NULL : memrchr(path.data, '/', path.len);
    return slash == NULL ? 0 : (size_t)(slash - path.data) + 1;
}

Str paths_dirname(Str path)
{
    size_t end = last_part(path);
    while (end > 1 && path.data[end - 1] == '/') {
        end--;
    }
    return end == 0 ? STR(".") : str_slice(path, 0, end);
}

Str paths_basename(Str path)
{
    return str_slice(path, last_part(path), path.len);
}

// `../` as often as needed, unless nothing but "/" is shared.
Str paths_display(const Paths *paths, Str path, Arena *arena)
{
    Str base = paths->working_dir;
    if (is_inside(path, base) && path.len > base.len) {
        size_t skip = base.data[base.len - 1] == '/' ? base.len : base.len + 1;
        return str_slice(path, skip, path.len);
    }
    size_t ups = 0;
    Str shared = base;
    while (shared.len > 1 && !is_inside(path, shared)) {
        shared = paths_dirname(shared);
        ups++;
    }
    if (shared.len <= 1 || path.len <= shared.len) {
        return path;
    }
    const Str up = STR("../");
    Str rest = str_slice(path, shared.len + 1, path.len);
    char *shown = arena_alloc(arena, ups * up.len + rest.len);
    for (size_t i = 0; i < ups; i++) {
        memcpy(shown + i * up.len, up.data, up.len);
    }
    memcpy(shown + ups * up.len, rest.data, rest.len);
    return str_make(shown, ups * up.len + rest.len);
}

// ---- roots

static void add_root(Paths *paths, Str dir)
{
    for (uint32_t i = 0; i < paths->roots.count; i++) {
        if (str_equal(paths->roots.items[i], dir)) {
            return;
        }
    }
    vec_push(&paths->roots, dir);
    char buffer[PATH_MAX];
    const char *text = c_string(dir, buffer, sizeof buffer);
    int descriptor = text == NULL
                         ? -ENAMETOOLONG
                         : open(text, O_PATH | O_DIRECTORY | O_CLOEXEC);
    vec_push(&paths->root_descriptors, descriptor == -1 ? -errno : descriptor);
}

void paths_init(Paths *paths, const ProgramOptions *options, Arena *arena)
{
    *paths = (Paths){.arena = arena, .log = options->file_log};
    if (!paths_canonical(STR("."), arena, &paths->working_dir)) {
        paths->working_dir = STR("/");
    }
    Str dir;
    if (options->root.len > 0 && paths_canonical(options->root, arena, &dir)) {
        paths->project_root = dir;
        add_root(paths, dir);
    }
    // Who names a folder to search trusts it.
    for (uint32_t i = 0; i < options->include_dir_count; i++) {
        if (paths_canonical(options->include_dirs[i], arena, &dir)) {
            vec_push(&paths->include_dirs, dir);
            add_root(paths, dir);
        }
    }
    for (uint32_t i = 0; i < options->allow_root_count; i++) {
        if (paths_canonical(options->allow_roots[i], arena, &dir)) {
            vec_push(&paths->allow_roots, dir);
            add_root(paths, dir);
        }
    }
}

void paths_release(Paths *paths)
{
    vec_release(&paths->roots);
    for (uint32_t i = 0; i < paths->root_descriptors.count; i++) {
        if (paths->root_descriptors.items[i] >= 0) {
            close(paths->root_descriptors.items[i]);
        }
    }
    vec_release(&paths->root_descriptors);
    vec_release(&paths->include_dirs);
    vec_release(&paths->allow_roots);
}

void paths_add_project(Paths *paths, Str dir)
{
    if (paths->project_root.len > 0 && is_inside(dir, paths->project_root)) {
        return;
    }
    add_root(paths, arena_str(paths->arena, is_inside(dir, paths->working_dir)
                                                ? paths->working_dir
                                                : dir));
}

// ---- opening

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

// Whether the path is the name of something in a folder.
static bool is_name(const char *path)
{
    return strchr(path, '/') == NULL && strcmp(path, "..") != 0;
}

// A descriptor, or -1 with errno.
static int open_beneath(const Paths *paths, const Str *root,
                        const char *relative, uint64_t resolve)
{
    int dir = paths->root_descriptors.items[root - paths->roots.items];
    if (dir < 0) {
        errno = -dir;
        return -1;
    }
    if (is_name(relative) && (resolve & RESOLVE_NO_SYMLINKS) != 0) {
        // Of one step, which is no link, nothing else is to be watched.
        return openat(dir, relative, OPEN_FLAGS | O_NOFOLLOW);
    }
    struct open_how how = {
        .flags = OPEN_FLAGS,
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

// The outermost allowed folder that holds `path`; NULL when none does.
static const Str *root_of(const Paths *paths, Str path)
{
    const Str *best = NULL;
    for (uint32_t i = 0; i < paths->roots.count; i++) {
        const Str *root = &paths->roots.items[i];
        if (is_inside(path, *root) && (best == NULL || root->len < best->len)) {
            best = root;
        }
    }
    return best;
}

static const char *below(const Str *root, const char *path)
{
    const char *rest = path + root->len;
    while (*rest == '/') {
        rest++;
    }
    return *rest == '\0' ? "." : rest;
}

// The error for a path that does not resolve: what is outside, or behind a
// link, is refused whether it exists or not.
static int missing_or_outside(const Paths *paths, const char *path)
{
    char part[PATH_MAX];
    char resolved[PATH_MAX];
    struct stat info;
    (void)snprintf(part, sizeof part, "%s", path);
    for (;;) {
        if (lstat(part, &info) == 0) {
            bool inside = !S_ISLNK(info.st_mode) &&
                          realpath(part, resolved) != NULL &&
                          root_of(paths, str_from_c(resolved)) != NULL;
            return inside ? ENOENT : EXDEV;
        }
        char *slash = strrchr(part, '/');
        if (slash == NULL || slash == part) {
            return EXDEV;
        }
        *slash = '\0';
    }
}

// Resolves all links first, then opens the result without following any.
static int open_resolved(const Paths *paths, const char *path,
                         const Str *allowed, uint32_t allowed_count)
{
    char resolved[PATH_MAX];
    if (realpath(path, resolved) == NULL) {
        if (errno == ENOENT || errno == ENOTDIR) {
            errno = missing_or_outside(paths, path);
        }
        return -1;
    }
    Str canonical = str_from_c(resolved);
    const Str *root = root_of(paths, canonical);
    if (root == NULL || !is_inside_any(canonical, allowed, allowed_count)) {
        errno = EXDEV;
        return -1;
    }
    int file =
        open_beneath(paths, root, below(root, resolved), RESOLVE_NO_SYMLINKS);
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

// Whether a part of the absolute path is empty or begins with a '.'.
static bool has_odd_part(Str path)
{
    const char *end = path.data + path.len;
    const char *slash = path.data;
    do {
        const char *part = slash + 1;
        if (part == end || *part == '/' || *part == '.') {
            return true;
        }
        slash = memchr(part, '/', (size_t)(end - part));
    } while (slash != NULL);
    return false;
}

// An absolute path without empty parts, '.' and '..', as text: right where
// none of its parts is a symbolic link.
static Str plain_path(const char *path, Arena *arena)
{
    size_t len = strlen(path);
    if (!has_odd_part(str_make(path, len))) {
        return arena_str(arena, str_make(path, len));
    }
    char *text = arena_alloc(arena, len + 1);
    size_t end = 0; // without a slash behind it
    for (size_t at = 0; at < len;) {
        size_t from = at + 1; // behind a slash
        at = from;
        while (at < len && path[at] != '/') {
            at++;
        }
        Str part = str_make(path + from, at - from);
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

static void log_found(const Paths *paths, const char *opened,
                      const struct stat *info, OpenedFile *file)
{
    if (paths->log == NULL) {
        return;
    }
    FileStamp stamp = file_stamp(info);
    Str path = str_from_c(opened);
    StrBuf full = {0};
    if (path.data[0] != '/') { // of the command line
        strbuf_append(&full, paths->working_dir);
        strbuf_append_char(&full, '/');
        strbuf_append(&full, path);
        path = strbuf_str(&full);
    }
    file->probe = file_log_found(paths->log, path, &stamp);
    strbuf_release(&full);
}

// That there is nothing is an answer to come back to; all other failures end
// the run.
static PathStatus log_failed(const Paths *paths, const char *opened,
                             PathStatus status)
{
    if (paths->log != NULL && status == PATH_MISSING) {
        file_log_missing(paths->log, str_from_c(opened));
    } else if (paths->log != NULL) {
        file_log_give_up(paths->log);
    }
    return status;
}

// `is_plain`: `opened` is absolute and no part of it is a symbolic link.
static PathStatus accept(const Paths *paths, int descriptor, const char *opened,
                         bool is_plain, Arena *arena, OpenedFile *file)
{
    struct stat info;
    if (fstat(descriptor, &info) != 0) {
        int error = errno;
        close(descriptor);
        return failed(file, error);
    }
    if (!S_ISREG(info.st_mode)) {
        close(descriptor);
        return S_ISDIR(info.st_mode) ? PATH_DIRECTORY : PATH_NOT_REGULAR;
    }
    file->descriptor = descriptor;
    file->device = (uint64_t)info.st_dev;
    file->inode = (uint64_t)info.st_ino;
    file->size = (uint64_t)info.st_size;
    file->path = is_plain ? plain_path(opened, arena)
                          : path_of_descriptor(descriptor, opened, arena);
    log_found(paths, opened, &info, file);
    return PATH_OK;
}

// Sets *out_is_plain where no part of the path is a symbolic link.
static int open_relative(const Paths *paths, Str dir, const char *full,
                         bool *out_is_plain)
{
    const Str *roots = paths->roots.items;
    uint32_t count = paths->roots.count;
    const Str *root = root_of(paths, dir);
    if (root == NULL) {
        return open_resolved(paths, full, roots, count);
    }
    const char *rest = below(root, full);
    int file = open_beneath(paths, root, rest, RESOLVE_NO_SYMLINKS);
    *out_is_plain = file >= 0;
    if (file < 0 && errno == ELOOP) {
        file = open_beneath(paths, root, rest, 0);
    }
    if (file >= 0) {
        return file;
    }
    if (lacks_openat2(errno)) {
        return open_resolved(paths, full, roots, count);
    }
    if (errno != EXDEV) {
        return -1;
    }
    // It left the root on its way; it may end in an allowed one. What is
    // outside is refused whether it exists or not.
    file = open_resolved(paths, full, roots, count);
    if (file < 0) {
        errno = EXDEV;
    }
    return file;
}

// "dir/path" without a "./" at the start of `path`; false when it is too long.
static bool join_path(Str dir, Str path, char full[static PATH_MAX])
{
    while (path.len > 2 && path.data[0] == '.' && path.data[1] == '/' &&
           path.data[2] != '/') {
        path = str_make(path.data + 2, path.len - 2);
    }
    if (dir.len + path.len + 2 > PATH_MAX) {
        return false;
    }
    memcpy(full, dir.data, dir.len);
    full[dir.len] = '/';
    memcpy(full + dir.len + 1, path.data, path.len);
    full[dir.len + 1 + path.len] = '\0';
    return true;
}

PathStatus paths_open(const Paths *paths, Str dir, Str path, Arena *arena,
                      OpenedFile *out_file)
{
    char full[PATH_MAX];
    bool absolute = path.len > 0 && path.data[0] == '/';
    bool fits = absolute ? c_string(path, full, sizeof full) != NULL
                         : join_path(dir, path, full);
    if (!fits) {
        return PATH_TOO_LONG;
    }
    int descriptor;
    bool is_plain = false;
    if (absolute) {
        descriptor = open_resolved(paths, full, paths->allow_roots.items,
                                   paths->allow_roots.count);
        errno = descriptor < 0 ? EXDEV : 0;
    } else {
        descriptor = open_relative(paths, dir, full, &is_plain);
    }
    if (descriptor < 0) {
        return log_failed(paths, full, failed(out_file, errno));
    }
    return accept(paths, descriptor, full, is_plain, arena, out_file);
}

PathStatus paths_open_entry(const Paths *paths, Str path, Arena *arena,
                            OpenedFile *out_file)
{
    char buffer[PATH_MAX];
    const char *text = c_string(path, buffer, sizeof buffer);
    if (text == NULL) {
        return PATH_TOO_LONG;
    }
    if (memchr(path.data, '\0', path.len) != NULL) {
        return PATH_MISSING;
    }
    int descriptor = open(text, OPEN_FLAGS);
    return descriptor < 0
               ? failed(out_file, errno)
               : accept(paths, descriptor, text, false, arena, out_file);
}

void paths_close(OpenedFile *file)
{
    if (file->descriptor >= 0) {
        close(file->descriptor);
        file->descriptor = -1;
    }
}
