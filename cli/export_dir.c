// The order of steps is what makes a kill harmless: stage, note the new names
// in the manifest next to the old, rename, remove, note the new names alone.
#include "cli/export_dir_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file_read.h"
#include "cli/json_text.h"
#include "cli/output.h"
#include "support/compare.h"
#include "syntax/read_json.h"

#define MAX_MANIFEST ((uint64_t)256 << 20)
#define OPEN_FOLDER                                                            \
    (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)

static bool fail(ExportDir *d, Str path, const char *why)
{
    session_error(d->session, DIAG_E0002, "'%.*s%s%.*s' cannot be written: %s",
                  STR_ARG(d->shown), path.len > 0 ? "/" : "", STR_ARG(path),
                  why);
    return false;
}

bool export_is_cancelled(const ExportDir *d)
{
    return cancel_token_poll(&d->session->token) != CANCEL_NONE;
}

// ---- folders

// mkdir -p, for the folder of --out itself.
static int make_all(Str dir)
{
    char path[PATH_MAX];
    if (dir.len >= sizeof path) {
        return ENAMETOOLONG;
    }
    for (size_t i = 1; i <= dir.len; i++) {
        if (i == dir.len || dir.data[i] == '/') {
            memcpy(path, dir.data, i);
            path[i] = '\0';
            if (mkdir(path, 0777) != 0 && errno != EEXIST) {
                return errno;
            }
        }
    }
    return 0;
}

int export_open_parent(int dir, Str path, bool make, const char **out_name)
{
    char name[NAME_MAX + 1];
    int parent = dup(dir);
    size_t at = 0, end;
    while (parent >= 0 && (end = str_find_byte(path, '/', at)) < path.len) {
        memcpy(name, path.data + at, end - at);
        name[end - at] = '\0';
        if (make && mkdirat(parent, name, 0777) != 0 && errno != EEXIST) {
            int error = errno;
            (void)close(parent);
            errno = error;
            return -1;
        }
        int next = openat(parent, name, OPEN_FOLDER);
        int error = errno;
        (void)close(parent);
        errno = error;
        parent = next;
        at = end + 1;
    }
    *out_name = path.data + at;
    return parent;
}

int export_parent_of(ExportDir *d, const ExportFile *file, bool make,
                     const char **out_name)
{
    size_t end = file->path.len;
    while (end > 0 && file->path.data[end - 1] != '/') {
        end--;
    }
    Str folder = str_slice(file->path, 0, end);
    if (d->parent >= 0 && str_equal(d->parent_path, folder)) {
        *out_name = file->path.data + end;
        return d->parent;
    }
    int parent = export_open_parent(d->dir, file->path, make, out_name);
    if (parent >= 0) {
        if (d->parent >= 0) {
            (void)close(d->parent);
        }
        d->parent = parent;
        d->parent_path = folder;
    }
    return parent;
}

// Removes the folders above `path` that are empty now.
static void remove_empty_folders(ExportDir *d, Str path)
{
    const char *name;
    while (path.len > 0) {
        do {
            path.len--;
        } while (path.len > 0 && path.data[path.len] != '/');
        Str folder = arena_printf(&d->arena, "%.*s%c", STR_ARG(path), '\0');
        folder.len--;
        if (folder.len == 0) {
            return;
        }
        int parent = export_open_parent(d->dir, folder, false, &name);
        bool removed = parent >= 0 && unlinkat(parent, name, AT_REMOVEDIR) == 0;
        if (parent >= 0) {
            (void)close(parent);
        }
        if (!removed) {
            return;
        }
    }
}

// ---- staging

// What a killed run left behind; the lock is ours.
static void remove_staging(ExportDir *d)
{
    int staging = openat(d->dir, EXPORT_STAGING, OPEN_FOLDER);
    DIR *stream = staging < 0 ? NULL : fdopendir(staging);
    if (stream == NULL) {
        if (staging >= 0) {
            (void)close(staging);
        }
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] != '.') {
            (void)unlinkat(staging, entry->d_name, 0);
        }
    }
    (void)closedir(stream);
    (void)unlinkat(d->dir, EXPORT_STAGING, AT_REMOVEDIR);
}

static void stage_name(uint32_t number, char name[16])
{
    (void)snprintf(name, 16, "%u", number);
}

// `mode`: 0 for a file that was not there.
static bool stage(ExportDir *d, const char *name, Str text, mode_t mode)
{
    int fd = openat(d->staging, name,
                    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) {
        return false;
    }
    bool ok =
        output_write_fd(fd, text, NULL) && (mode == 0 || fchmod(fd, mode) == 0);
    int error = errno;
    if (close(fd) != 0 && ok) {
        return false;
    }
    errno = error;
    return ok;
}

bool export_look_at(ExportDir *d, ExportFile *file, StrBuf *scratch,
                    mode_t *out_mode)
{
    const char *name;
    struct stat status;
    int parent = export_parent_of(d, file, false, &name);
    *out_mode = 0;
    file->written = true;
    if (parent < 0) {
        return errno == ENOENT || fail(d, file->path,
                                       errno == ENOTDIR || errno == ELOOP
                                           ? "a part of its path is no folder"
                                           : strerror(errno));
    }
    bool exists = fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    bool ok = !exists || !S_ISDIR(status.st_mode) ||
              fail(d, file->path, "a folder is in its place");
    if (ok && exists && S_ISREG(status.st_mode)) {
        *out_mode = status.st_mode & 0777;
        strbuf_clear(scratch);
        file->written =
            (uint64_t)status.st_size != file->text.len ||
            file_read_at(parent, name, file->text.len, scratch) != 0 ||
            !str_equal(strbuf_str(scratch), file->text);
    }
    return ok;
}

static bool open_staging(ExportDir *d)
{
    if (d->staging >= 0) {
        return true;
    }
    if (mkdirat(d->dir, EXPORT_STAGING, 0777) == 0) {
        d->staging = openat(d->dir, EXPORT_STAGING, OPEN_FOLDER);
    }
    return d->staging >= 0 || fail(d, STR(EXPORT_STAGING), strerror(errno));
}

static bool stage_all(ExportDir *d)
{
    StrBuf scratch = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < d->count; i++) {
        ExportFile *file = &d->files[i];
        mode_t mode;
        char name[16];
        stage_name(i, name);
        ok = export_look_at(d, file, &scratch, &mode) &&
             (!file->written ||
              (open_staging(d) && (stage(d, name, file->text, mode) ||
                                   fail(d, file->path, strerror(errno))))) &&
             !export_is_cancelled(d);
    }
    strbuf_release(&scratch);
    return ok;
}

// So that renaming will not fail half-way. What was made is removed again when
// something does not work out.
static bool make_parents(ExportDir *d)
{
    bool ok = true;
    uint32_t done = 0;
    int checked = -1;
    for (; ok && done < d->count; done++) {
        const ExportFile *file = &d->files[done];
        const char *name;
        if (!file->written) {
            continue;
        }
        int parent = export_parent_of(d, file, true, &name);
        ok = (parent >= 0 && (parent == checked ||
                              faccessat(parent, ".", W_OK | X_OK, 0) == 0)) ||
             fail(d, file->path, strerror(errno));
        checked = parent;
    }
    while (!ok && done-- > 0) {
        remove_empty_folders(d, d->files[done].path);
    }
    return ok;
}

// ---- the manifest

// Takes the names of {"version":1,"files":[...]}; false when it is something
// else. Names that an export could not have written are passed over.
static bool take_names(ExportDir *d, const Module *module)
{
    const Expr *root = module->ast.result;
    if (module->broken || root == NULL || root->kind != EXPR_RECORD ||
        root->as.record.count != 2 ||
        record_item_value(&root->as.record.items[1])->kind != EXPR_LIST) {
        return false;
    }
    const Expr *list = record_item_value(&root->as.record.items[1]);
    for (uint32_t i = 0; i < list->as.list.count; i++) {
        const Expr *item = &list->as.list.items[i];
        if (item->kind != EXPR_STRING) {
            return false;
        }
        Str name = str_make(item->as.string.data, item->as.string.len);
        if (export_path_error(name) == NULL) {
            Str copy = arena_printf(&d->arena, "%.*s%c", STR_ARG(name), '\0');
            copy.len--;
            vec_push(&d->known, copy);
        }
    }
    if (d->known.count > 0) {
        qsort(d->known.items, d->known.count, sizeof(Str), compare_texts);
    }
    return true;
}

bool export_read_manifest(ExportDir *d)
{
    int error =
        file_read_at(d->dir, EXPORT_MANIFEST, MAX_MANIFEST, &d->manifest);
    if (error == ENOENT) {
        d->no_manifest = true;
        return true;
    }
    if (error != 0) {
        return fail(d, STR(EXPORT_MANIFEST), strerror(error));
    }
    Module *module = module_new();
    module->source.path = STR(EXPORT_MANIFEST);
    module->source.text = strbuf_str(&d->manifest);
    read_json_module(module, d->session->program->interner, 10);
    bool ok = take_names(d, module) ||
              fail(d, STR(EXPORT_MANIFEST),
                   "it is no manifest of ligature; remove it");
    module_free(module);
    return ok;
}

// The names of the files and, with `old`, those that were known.
static void manifest_text(const ExportDir *d, bool old, StrBuf *out)
{
    StrVec names = {0};
    for (uint32_t i = 0; i < d->count; i++) {
        vec_push(&names, d->files[i].path);
    }
    for (uint32_t i = 0; old && i < d->known.count; i++) {
        if (export_find_file(d->files, d->count, d->known.items[i]) == NULL) {
            vec_push(&names, d->known.items[i]);
        }
    }
    if (names.count > 0) {
        qsort(names.items, names.count, sizeof(Str), compare_texts);
    }
    strbuf_append(out, STR("{\n  \"version\": 1,\n  \"files\": ["));
    for (uint32_t i = 0; i < names.count; i++) {
        strbuf_append(out, i > 0 ? STR(",\n    ") : STR("\n    "));
        json_text_append(out, names.items[i], SIZE_MAX);
    }
    strbuf_append(out, names.count > 0 ? STR("\n  ]\n}\n") : STR("]\n}\n"));
    vec_release(&names);
}

static bool write_manifest(ExportDir *d, bool old)
{
    StrBuf text = {0};
    manifest_text(d, old, &text);
    bool ok = true;
    if (d->no_manifest ||
        !str_equal(strbuf_str(&text), strbuf_str(&d->manifest))) {
        ok =
            open_staging(d) &&
            ((stage(d, "manifest", strbuf_str(&text), 0) &&
              renameat(d->staging, "manifest", d->dir, EXPORT_MANIFEST) == 0) ||
             fail(d, STR(EXPORT_MANIFEST), strerror(errno)));
    }
    if (ok) {
        strbuf_release(&d->manifest);
        d->manifest = text;
        d->no_manifest = false;
    } else {
        strbuf_release(&text);
    }
    return ok;
}

// ---- taking effect

static bool rename_all(ExportDir *d)
{
    bool ok = true;
    for (uint32_t i = 0; i < d->count; i++) {
        if (!d->files[i].written) {
            continue;
        }
        char staged[16];
        const char *name;
        stage_name(i, staged);
        int parent = export_parent_of(d, &d->files[i], true, &name);
        if (parent < 0 || renameat(d->staging, staged, parent, name) != 0) {
            ok = fail(d, d->files[i].path, strerror(errno));
        }
    }
    return ok;
}

// Removes a file, if it is there and one: no folder or link in its place.
static bool prune_one(ExportDir *d, Str path, ExportOutcome *outcome)
{
    const char *name;
    struct stat status;
    int parent = export_open_parent(d->dir, path, false, &name);
    bool found =
        parent >= 0 && fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    bool removed =
        found && S_ISREG(status.st_mode) && unlinkat(parent, name, 0) == 0;
    int error = removed || (found && !S_ISREG(status.st_mode)) ? 0 : errno;
    if (parent >= 0) {
        (void)close(parent);
    }
    if (removed) {
        vec_push(&outcome->removed, arena_str(&outcome->arena, path));
        remove_empty_folders(d, path);
    }
    bool is_gone = error == ENOENT || error == ENOTDIR || error == ELOOP;
    return error == 0 || is_gone || fail(d, path, strerror(error));
}

static bool prune_all(ExportDir *d, ExportOutcome *outcome)
{
    bool ok = true;
    for (uint32_t i = 0; i < d->known.count; i++) {
        if (export_find_file(d->files, d->count, d->known.items[i]) == NULL) {
            ok = prune_one(d, d->known.items[i], outcome) && ok;
        }
    }
    return ok;
}

// ---- the whole

bool export_open(ExportDir *d, int lock)
{
    char path[PATH_MAX];
    if (d->shown.len >= sizeof path) {
        return fail(d, STR(""), strerror(ENAMETOOLONG));
    }
    memcpy(path, d->shown.data, d->shown.len);
    path[d->shown.len] = '\0';
    d->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->dir < 0) {
        return (lock == LOCK_SH && errno == ENOENT) ||
               fail(d, STR(""), strerror(errno));
    }
    return flock(d->dir, lock | LOCK_NB) == 0 || errno != EWOULDBLOCK ||
           fail(d, STR(""), "another export is at work there");
}

static bool begin_writing(ExportDir *d)
{
    int error = make_all(d->shown);
    if (error != 0) {
        return fail(d, STR(""), strerror(error));
    }
    if (!export_open(d, LOCK_EX)) {
        return false;
    }
    remove_staging(d);
    return true;
}

ExportDir export_begin(Session *session, Str dir, ExportFile *files,
                       uint32_t count, ExportOutcome *outcome)
{
    ExportDir d = {.session = session,
                   .shown = dir,
                   .dir = -1,
                   .staging = -1,
                   .parent = -1,
                   .files = files,
                   .count = count};
    arena_init(&d.arena);
    *outcome = (ExportOutcome){0};
    arena_init(&outcome->arena);
    return d;
}

void export_end(ExportDir *d)
{
    if (d->staging >= 0) {
        (void)close(d->staging);
        remove_staging(d);
    }
    if (d->parent >= 0) {
        (void)close(d->parent);
    }
    if (d->dir >= 0) {
        (void)close(d->dir); // and so unlocks it
    }
    vec_release(&d->known);
    strbuf_release(&d->manifest);
    arena_release(&d->arena);
}

bool export_dir_write(Session *session, Str dir, ExportFile *files,
                      uint32_t count, bool prune, ExportOutcome *outcome)
{
    ExportDir d = export_begin(session, dir, files, count, outcome);
    bool ok = begin_writing(&d) && export_read_manifest(&d) && stage_all(&d) &&
              make_parents(&d) && write_manifest(&d, true) && rename_all(&d) &&
              (!prune || (prune_all(&d, outcome) && write_manifest(&d, false)));
    export_end(&d);
    return ok;
}

void export_outcome_release(ExportOutcome *outcome)
{
    vec_release(&outcome->removed);
    arena_release(&outcome->arena);
}
