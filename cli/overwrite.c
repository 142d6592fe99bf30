#include "cli/overwrite.h"

#include <stdlib.h>
#include <unistd.h>

#include "syntax/paths.h"
#include "syntax/project.h"

enum { WRITTEN_COUNT = 5 };

// An option that names a file to be written.
typedef struct Written {
    const char *name;
    Str path;       // NUL-terminated
    bool is_result; // which may be a program
} Written;

static void list_written(const Settings *settings, Written *out)
{
    out[0] = (Written){"--output", settings->output, true};
    out[1] = (Written){"--source-map", settings->source_map, false};
    out[2] = (Written){"--report", settings->report, false};
    out[3] = (Written){"--trace", settings->trace, false};
    out[4] = (Written){"--diagnostics-file", settings->diagnostics_file, false};
}

static bool is_regular(Str path, struct stat *out_info)
{
    return path.len > 0 && stat(path.data, out_info) == 0 &&
           S_ISREG(out_info->st_mode);
}

// Whether what is written there replaces what was: devices take all of it.
static bool is_replaced(Str path)
{
    struct stat info;
    return path.len > 0 && !str_equal(path, STR("-")) &&
           (stat(path.data, &info) != 0 || S_ISREG(info.st_mode));
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool overwrite_is_file(Str path)
{
    struct stat info;
    return is_regular(path, &info);
}

static bool is_source(Str path)
{
    return (str_ends_with(path, STR(".lig")) ||
            str_equal(paths_basename(path), STR(PROJECT_FILE))) &&
           overwrite_is_file(path);
}

bool overwrite_is_same_file(Str a, Str b)
{
    struct stat first, second;
    return is_regular(a, &first) && is_regular(b, &second) &&
           is_same(&first, &second);
}

// Of the folder that the path leads to by all but its last part.
static bool stat_folder(Str path, struct stat *out_info)
{
    StrBuf dir = {0};
    strbuf_append(&dir, paths_dirname(path));
    strbuf_append_char(&dir, '\0');
    bool found = stat(dir.data, out_info) == 0;
    strbuf_release(&dir);
    return found;
}

// Whether both are one name in one folder, be there such a file or not.
static bool is_same_name(Str a, Str b)
{
    struct stat first, second;
    return str_equal(paths_basename(a), paths_basename(b)) &&
           stat_folder(a, &first) && stat_folder(b, &second) &&
           is_same(&first, &second);
}

static bool is_same_path(Str a, Str b)
{
    return is_same_name(a, b) || overwrite_is_same_file(a, b);
}

// ---- what the settings tell

static void append_refusal(const char *name, Str path, StrBuf *out)
{
    strbuf_appendf(out, "'%s' would replace '", name);
    strbuf_append_printable(out, path, 200);
    strbuf_append(out, STR("', which is read"));
}

static bool is_stdin_file(Str path)
{
    struct stat first, second;
    return is_regular(path, &first) && fstat(STDIN_FILENO, &second) == 0 &&
           is_same(&first, &second);
}

static bool check_files(const StrVec *files, const Written *written,
                        StrBuf *out_error)
{
    for (uint32_t i = 0; i < files->count; i++) {
        Str read = files->items[i];
        bool is_stdin = str_equal(read, STR("-"));
        if (is_stdin ? is_stdin_file(written->path)
                     : overwrite_is_same_file(written->path, read)) {
            append_refusal(written->name, is_stdin ? written->path : read,
                           out_error);
            return false;
        }
    }
    return true;
}

// What is no result is never meant to become a program: the operand is missing,
// and this would have been it.
static bool check_source(const Written *written, StrBuf *out_error)
{
    if (written->is_result || !is_source(written->path)) {
        return true;
    }
    strbuf_appendf(out_error, "'%s' would replace '", written->name);
    strbuf_append_printable(out_error, written->path, 200);
    strbuf_append(out_error, STR("', a source file"));
    return false;
}

static bool check_project(const Settings *settings, const Written *written,
                          StrBuf *out_error)
{
    if (settings->project == NULL) {
        return true;
    }
    StrBuf path = {0};
    strbuf_append(&path, settings->project->dir);
    strbuf_append(&path, STR("/" PROJECT_FILE));
    strbuf_append_char(&path, '\0');
    bool ok = !overwrite_is_same_file(written->path,
                                      str_make(path.data, path.len - 1));
    if (!ok) {
        append_refusal(written->name, settings->project->module->source.path,
                       out_error);
    }
    strbuf_release(&path);
    return ok;
}

// The one written last would be all that is left of two.
static bool are_one(const Written *a, const Written *b)
{
    return is_replaced(a->path) && is_replaced(b->path) &&
           is_same_path(a->path, b->path);
}

bool overwrite_check(const Settings *settings, StrBuf *out_error)
{
    Written written[WRITTEN_COUNT];
    list_written(settings, written);
    for (size_t i = 0; i < WRITTEN_COUNT; i++) {
        if (!check_files(&settings->operands, &written[i], out_error) ||
            !check_files(&settings->input_files, &written[i], out_error) ||
            !check_project(settings, &written[i], out_error) ||
            !check_source(&written[i], out_error)) {
            return false;
        }
        for (size_t k = 0; k < i; k++) {
            if (are_one(&written[i], &written[k])) {
                strbuf_appendf(out_error, "'%s' and '%s' name the same file",
                               written[k].name, written[i].name);
                return false;
            }
        }
    }
    return true;
}

bool overwrite_is_spared(const Settings *settings)
{
    StrBuf unused = {0};
    Written written[WRITTEN_COUNT];
    list_written(settings, written);
    const Written *file = &written[WRITTEN_COUNT - 1];
    bool spared = is_source(file->path) ||
                  !check_files(&settings->operands, file, &unused) ||
                  !check_files(&settings->input_files, file, &unused);
    for (size_t i = 0; i < WRITTEN_COUNT - 1; i++) {
        spared = spared || are_one(file, &written[i]);
    }
    strbuf_release(&unused);
    return spared;
}

bool overwrite_is_output(const Settings *settings, Str path)
{
    Written written[WRITTEN_COUNT];
    list_written(settings, written);
    bool found = false;
    for (size_t i = 0; i < WRITTEN_COUNT; i++) {
        found = found || (is_replaced(written[i].path) &&
                          is_same_name(written[i].path, path));
    }
    return found;
}

// ---- what was read

bool overwrite_needs_log(const Settings *settings)
{
    Written written[WRITTEN_COUNT];
    list_written(settings, written);
    struct stat info;
    bool needed = settings->out.len > 0;
    for (size_t i = 0; i < WRITTEN_COUNT; i++) {
        needed = needed || is_regular(written[i].path, &info);
    }
    return needed;
}

static int compare_identities(const void *left, const void *right)
{
    const FileIdentity *a = left, *b = right;
    return a->device != b->device ? (a->device < b->device ? -1 : 1)
           : a->inode != b->inode ? (a->inode < b->inode ? -1 : 1)
                                  : 0;
}

static void add_file(FileIdentities *files, bool missing,
                     const FileStamp *stamp)
{
    if (!missing) {
        vec_push(files, (FileIdentity){stamp->device, stamp->inode});
    }
}

FileIdentities overwrite_files_read(const Session *session)
{
    FileIdentities files = {0};
    const FileLog *log = session->program->options.file_log;
    for (uint32_t i = 0; log != NULL && i < log->probes.count; i++) {
        const FileProbe *probe = &log->probes.items[i];
        add_file(&files, probe->missing, &probe->stamp);
    }
    const RunCache *cache = session->run_cache;
    for (uint32_t i = 0;
         cache != NULL && cache->found && i < cache->known.files.count; i++) {
        const RecordedFile *file = &cache->known.files.items[i];
        add_file(&files, file->missing, &file->stamp);
    }
    if (files.count > 0) {
        qsort(files.items, files.count, sizeof *files.items,
              compare_identities);
    }
    return files;
}

bool overwrite_was_read(const FileIdentities *files, const struct stat *info)
{
    FileStamp stamp = file_stamp(info);
    FileIdentity wanted = {stamp.device, stamp.inode};
    return files->count > 0 &&
           bsearch(&wanted, files->items, files->count, sizeof wanted,
                   compare_identities) != NULL;
}

static void refuse(Session *session, const Written *written)
{
    StrBuf text = {0};
    append_refusal(written->name, written->path, &text);
    session_error(session, DIAG_E0001, "%.*s", STR_ARG(strbuf_str(&text)));
    strbuf_release(&text);
    const Settings *settings = session->settings;
    const char *path = written->path.data;
    session->no_diagnostics_file |= path == settings->diagnostics_file.data;
    session->no_report |= path == settings->report.data;
    session->no_trace |= path == settings->trace.data;
    session->overwrites_refused = true;
    session->failed = true;
}

bool overwrite_refuse_files(Session *session, const StrVec *paths)
{
    bool ok = true;
    Written written[WRITTEN_COUNT];
    list_written(session->settings, written);
    for (size_t i = 0; i < WRITTEN_COUNT; i++) {
        bool spared = true;
        for (uint32_t k = 0; spared && k < paths->count; k++) {
            spared = written[i].path.len == 0 ||
                     !overwrite_is_same_file(written[i].path, paths->items[k]);
        }
        if (!spared) {
            refuse(session, &written[i]);
            ok = false;
        }
    }
    return ok;
}

bool overwrite_refuse(Session *session)
{
    bool ok = true;
    if (session->overwrites_checked ||
        !overwrite_needs_log(session->settings)) {
        return ok;
    }
    session->overwrites_checked = true;
    Written written[WRITTEN_COUNT];
    list_written(session->settings, written);
    FileIdentities files = overwrite_files_read(session);
    for (size_t i = 0; i < WRITTEN_COUNT; i++) {
        struct stat info;
        if (is_regular(written[i].path, &info) &&
            overwrite_was_read(&files, &info)) {
            refuse(session, &written[i]);
            ok = false;
        }
    }
    vec_release(&files);
    return ok;
}
