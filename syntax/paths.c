// The text of paths, and the folders that are allowed.
#include "syntax/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

// ---- text of paths

const char *paths_c_string(Str text, char *buffer, size_t capacity)
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
    const char *text = paths_c_string(path, buffer, sizeof buffer);
    if (text == NULL || realpath(text, resolved) == NULL) {
        return false;
    }
    *out_path = arena_str(arena, str_from_c(resolved));
    return true;
}

bool paths_is_inside(Str path, Str dir)
{
    if (!str_starts_with(path, dir)) {
        return false;
    }
    return path.len == dir.len || dir.data[dir.len - 1] == '/' ||
           path.data[dir.len] == '/';
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
static Str display_from(Str base, Str path, Arena *arena)
{
    if (paths_is_inside(path, base) && path.len > base.len) {
        size_t skip = base.data[base.len - 1] == '/' ? base.len : base.len + 1;
        return str_slice(path, skip, path.len);
    }
    size_t ups = 0;
    Str shared = base;
    while (shared.len > 1 && !paths_is_inside(path, shared)) {
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

Str paths_display(const Paths *paths, Str path, Arena *arena)
{
    return display_from(paths->working_dir, path, arena);
}

Str paths_display_here(Str path, Arena *arena)
{
    char cwd[PATH_MAX];
    return getcwd(cwd, sizeof cwd) != NULL
               ? display_from(str_from_c(cwd), path, arena)
               : path;
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
    const char *text = paths_c_string(dir, buffer, sizeof buffer);
    int descriptor = text == NULL
                         ? -ENAMETOOLONG
                         : open(text, O_PATH | O_DIRECTORY | O_CLOEXEC);
    vec_push(&paths->root_descriptors, descriptor == -1 ? -errno : descriptor);
}

// A folder that was removed, or lies outside of a chroot, has nothing in it:
// were it "/", programs could read everything.
static Str reachable(Str dir, Arena *arena)
{
    Str canonical;
    return paths_canonical(dir, arena, &canonical) ? canonical
                                                   : STR("/(unreachable)");
}

void paths_init(Paths *paths, const ProgramOptions *options, Arena *arena)
{
    *paths = (Paths){.arena = arena,
                     .log = options->file_log,
                     .open_texts = options->open_texts};
    paths->working_dir = reachable(STR("."), arena);
    if (options->root.len > 0) {
        paths->project_root = reachable(options->root, arena);
        add_root(paths, paths->project_root);
    }
    Str dir;
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
    if (paths->project_root.len > 0 &&
        paths_is_inside(dir, paths->project_root)) {
        return;
    }
    add_root(paths,
             arena_str(paths->arena, paths_is_inside(dir, paths->working_dir)
                                         ? paths->working_dir
                                         : dir));
}

const Str *paths_root_of(const Paths *paths, Str path)
{
    const Str *best = NULL;
    for (uint32_t i = 0; i < paths->roots.count; i++) {
        const Str *root = &paths->roots.items[i];
        if (paths_is_inside(path, *root) &&
            (best == NULL || root->len < best->len)) {
            best = root;
        }
    }
    return best;
}
