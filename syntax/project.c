#include "syntax/project.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syntax/byte_class.h"
#include "syntax/conflict.h"
#include "syntax/data_path.h"
#include "syntax/file_notice.h"
#include "syntax/paths.h"
#include "syntax/read_toml.h"

#define MAX_BYTES   ((size_t)1 << 20)
#define MAX_NESTING 100
#define OPEN_FLAGS  (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

void project_free(Project *project)
{
    if (project == NULL) {
        return;
    }
    module_free(project->module);
    interner_free(project->interner);
    free(project);
}

Span project_key_span(const Project *project, const RecordItem *item)
{
    return data_key_span(project->interner, item, &project->module->source);
}

// ---- finding

// Whoever can write to the folder could have put the file there.
static bool is_trusted(const char *dir, const struct stat *file)
{
    struct stat folder;
    return stat(dir, &folder) != 0 || (folder.st_mode & S_IWOTH) == 0 ||
           file->st_uid == geteuid() || file->st_uid == 0;
}

// A link is followed where it stays in its folder: errors show what they read.
static int open_link(const char *dir)
{
    int folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return -1;
    }
    struct open_how how = {
        .flags = OPEN_FLAGS,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    long fd = syscall(SYS_openat2, folder, PROJECT_FILE, &how, sizeof how);
    int error = errno;
    (void)close(folder);
    errno = error == ENOSYS || error == EPERM ? EXDEV : error;
    return (int)fd;
}

// A descriptor of DIR/ligature.toml, or -1 with errno: ENOENT where there is
// nothing to be taken, ENOLINK where a link leads to nothing. `path` has room
// for the name, and holds the folder alone again afterwards.
static int open_in(char *path, size_t len, int notice_pipe)
{
    memcpy(path + len, "/" PROJECT_FILE, sizeof "/" PROJECT_FILE);
    if (notice_pipe != 0) {
        FileNotice notice = file_notice_of(str_from_c(path));
        file_notice_send(notice_pipe, &notice);
    }
    int fd = open(path, OPEN_FLAGS | O_NOFOLLOW);
    int error = errno;
    struct stat link, file;
    bool found = lstat(path, &link) == 0;
    path[len] = '\0';
    const char *dir = len == 0 ? "/" : path;
    if (fd < 0 && error == ELOOP) {
        fd = open_link(dir);
        error = errno == ENOENT || errno == ENOTDIR ? ENOLINK : errno;
    }
    if (found && !is_trusted(dir, &link)) {
        error = ENOENT;
    } else if (fd >= 0 && fstat(fd, &file) == 0 && is_trusted(dir, &file)) {
        return fd;
    } else if (fd >= 0 || (error == EACCES && !found)) {
        error = ENOENT; // a folder that may not be looked into has none
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    errno = error;
    return -1;
}

// Walks upwards from the canonical `path`. A descriptor, or -1; errno is
// ENOENT when there is none.
static int open_upwards(char *path, int notice_pipe)
{
    size_t len = strcmp(path, "/") == 0 ? 0 : strlen(path);
    for (;;) {
        int fd = open_in(path, len, notice_pipe);
        if (fd >= 0) {
            return fd;
        }
        if (errno != ENOENT && errno != ENOTDIR) {
            return -1;
        }
        if (len == 0) {
            errno = ENOENT;
            return -1;
        }
        do {
            len--;
        } while (len > 0 && path[len] != '/');
        path[len] = '\0';
    }
}

// The canonical path of `start`, or of the folder that it would stand in.
static bool resolve_start(Str start, char *out_path)
{
    char buffer[PATH_MAX];
    for (int i = 0; i < 2; i++) {
        if (start.len == 0 || start.len >= sizeof buffer) {
            return false;
        }
        memcpy(buffer, start.data, start.len);
        buffer[start.len] = '\0';
        if (realpath(buffer, out_path) != NULL) {
            return strlen(out_path) + sizeof "/" PROJECT_FILE <= PATH_MAX;
        }
        start = paths_dirname(start);
    }
    return false;
}

// ---- reading

static Str shown_path(const char *dir, Arena *arena)
{
    Str path = arena_printf(arena, "%s/" PROJECT_FILE,
                            strcmp(dir, "/") == 0 ? "" : dir);
    return paths_display_here(path, arena);
}

static bool read_text(Project *project, int fd, DiagSink *diags)
{
    struct stat status;
    Source *source = &project->module->source;
    const char *why = NULL;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        why = "it is no regular file";
    } else if ((uint64_t)status.st_size > MAX_BYTES) {
        why = "it is too large";
    } else {
        size_t size = (size_t)status.st_size;
        char *text = arena_alloc(project->module->arena, size + 1);
        size_t used = 0;
        ssize_t count = 1;
        while (used < size && count != 0 && why == NULL) {
            count = read(fd, text + used, size - used);
            used += count > 0 ? (size_t)count : 0;
            why = count < 0 && errno != EINTR ? strerror(errno) : NULL;
        }
        source->text = str_make(text, used);
    }
    if (why != NULL) {
        diag_add(diags, DIAG_E0002, NULL, (Span){0, 0},
                 "'%.*s' cannot be read: %s", STR_ARG(source->path), why);
    }
    return why == NULL;
}

// ---- imports

static bool report(Project *project, DiagSink *diags, Span span,
                   const char *format, ...) PRINTF_LIKE(4, 5);

static bool report(Project *project, DiagSink *diags, Span span,
                   const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_addv(diags, DIAG_E0001, &project->module->source, span, format, args);
    va_end(args);
    return false;
}

static bool is_dotted_name(Str name)
{
    bool start = true;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (start ? !byte_is(c, BYTE_START)
                  : !(byte_is(c, BYTE_IDENT) || c == '.' || c == '\'')) {
            return false;
        }
        start = c == '.';
    }
    return name.len > 0 && !start;
}

typedef VEC(ProjectImport) ImportVec;

// `corp.net = "x"` is a table in a table; quoted names stand as they are.
// Recursive: the reader bounds the nesting.
static bool collect_imports(Project *project, const Expr *table, Str prefix,
                            DiagSink *diags, ImportVec *out)
{
    Arena *arena = project->module->arena;
    bool ok = true;
    for (uint32_t i = 0; i < table->as.record.count; i++) {
        const RecordItem *item = &table->as.record.items[i];
        Str key = project_key(project, item);
        Str name = prefix.len == 0
                       ? key
                       : arena_printf(arena, "%.*s.%.*s", STR_ARG(prefix),
                                      STR_ARG(key));
        if (record_item_value(item)->kind == EXPR_RECORD) {
            ok &= collect_imports(project, record_item_value(item), name, diags,
                                  out);
        } else if (record_item_value(item)->kind != EXPR_STRING ||
                   record_item_value(item)->as.string.len == 0) {
            ok &= report(project, diags, record_item_value(item)->span,
                         "an import is the path of a folder or a file");
        } else if (!is_dotted_name(name) || str_equal(name, STR("std")) ||
                   str_starts_with(name, STR("std."))) {
            ok &= report(project, diags, project_key_span(project, item),
                         "names of imports are identifiers with dots between "
                         "them, and do not begin with 'std'");
        } else {
            vec_push(
                out,
                (ProjectImport){
                    name, str_make(record_item_value(item)->as.string.data,
                                   record_item_value(item)->as.string.len)});
        }
    }
    return ok;
}

// What stands under [imports], or NULL.
static const Expr *imports_table(const Project *project)
{
    const Expr *root = project->module->ast.result;
    for (uint32_t i = 0; i < root->as.record.count; i++) {
        const RecordItem *item = &root->as.record.items[i];
        if (str_equal(project_key(project, item), STR("imports"))) {
            return record_item_value(item);
        }
    }
    return NULL;
}

static bool read_imports(Project *project, DiagSink *diags)
{
    const Expr *table = imports_table(project);
    if (table == NULL) {
        return true;
    }
    if (table->kind != EXPR_RECORD) {
        return report(project, diags, table->span, "'imports' is a table");
    }
    ImportVec imports = {0};
    bool ok = collect_imports(project, table, STR(""), diags, &imports);
    project->import_count = imports.count;
    if (imports.count > 0) {
        project->imports = arena_copy(project->module->arena, imports.items,
                                      imports.count * sizeof *imports.items);
    }
    vec_release(&imports);
    return ok;
}

// ---- the whole

static Project *project_new(const char *dir)
{
    Project *project = mem_calloc(1, sizeof *project);
    project->module = module_new();
    project->interner = symbols_new();
    project->dir = arena_str(project->module->arena, str_from_c(dir));
    project->module->source.path = shown_path(dir, project->module->arena);
    return project;
}

// What is malformed is an error of the command line, not of a program.
static void take_diags(Project *project, DiagSink *diags)
{
    DiagSink *own = &project->module->diags;
    for (uint32_t i = 0; i < own->diags.count; i++) {
        diag_at(own, i)->code = DIAG_E0001;
    }
    diag_sink_merge(diags, own);
}

void project_file_close(ProjectFile *file)
{
    if (file->descriptor >= 0) {
        (void)close(file->descriptor);
    }
    free(file->dir);
    *file = (ProjectFile){-1, NULL};
}

bool project_locate(Str start, int notice_pipe, DiagSink *diags,
                    ProjectFile *out_file)
{
    char path[PATH_MAX + sizeof "/" PROJECT_FILE];
    *out_file = (ProjectFile){-1, NULL};
    if (!resolve_start(start, path)) {
        return true; // the file is missing: somebody else says so
    }
    int fd = open_upwards(path, notice_pipe);
    const char *dir = *path == '\0' ? "/" : path;
    if (fd < 0) {
        if (errno == ENOENT) {
            return true;
        }
        const char *why = errno == EXDEV
                              ? "it is a link that leads out of its folder"
                          : errno == ENOLINK ? "it is a link to nothing"
                                             : strerror(errno);
        Str shown = shown_path(dir, &diags->arena);
        diag_add(diags, DIAG_E0002, NULL, (Span){0, 0},
                 "'%.*s' cannot be read: %s", STR_ARG(shown), why);
        return false;
    }
    size_t size = strlen(dir) + 1;
    *out_file = (ProjectFile){fd, memcpy(mem_alloc(size), dir, size)};
    return true;
}

bool project_read(ProjectFile *file, DiagSink *diags, Project **out_project)
{
    Project *project = project_new(file->dir);
    *out_project = project;
    bool ok = read_text(project, file->descriptor, diags);
    project_file_close(file);
    if (!ok) {
        return false;
    }
    read_toml_module(project->module, project->interner, MAX_NESTING);
    conflict_report(project->module, 0);
    if (project->module->broken || project->module->ast.result == NULL) {
        take_diags(project, diags);
        return false;
    }
    return read_imports(project, diags);
}
