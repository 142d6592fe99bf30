// What an export would change, for --check and --diff.
#include "cli/export_dir_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file_read.h"
#include "cli/text_diff.h"

// The text that is there now; *out_old is NULL where there is no such file. A
// link counts as none: it would be replaced itself.
static bool read_old(ExportDir *d, int parent, const char *name, Str path,
                     StrBuf *scratch, Str *text, const Str **out_old)
{
    uint64_t max_bytes = d->session->program->options.limits.max_output_bytes;
    strbuf_clear(scratch);
    int error =
        parent < 0 ? ENOENT : file_read_at(parent, name, max_bytes, scratch);
    *text = strbuf_str(scratch);
    *out_old = error == 0 ? text : NULL;
    if (error != 0 && error != ENOENT && error != ELOOP) {
        session_error(d->session, DIAG_E0002, "'%.*s/%.*s' cannot be read: %s",
                      STR_ARG(d->shown), STR_ARG(path), strerror(error));
        return false;
    }
    return true;
}

static void append_diff(const ExportDir *d, Str path, const Str *before,
                        const Str *after, StrBuf *out)
{
    StrBuf name = {0};
    strbuf_append(&name, d->shown);
    strbuf_append(&name,
                  str_ends_with(d->shown, STR("/")) ? STR("") : STR("/"));
    strbuf_append(&name, path);
    text_diff_append(out, strbuf_str(&name), before, after);
    strbuf_release(&name);
}

static bool compare_file(ExportDir *d, ExportFile *file, StrBuf *scratch,
                         StrBuf *diff)
{
    mode_t mode;
    Str text;
    const Str *old = NULL;
    const char *name = NULL;
    if (d->dir < 0) {
        file->written = true;
    } else if (!export_look_at(d, file, scratch, &mode)) {
        return false;
    }
    if (diff == NULL || !file->written) {
        return true;
    }
    int parent = d->dir < 0 ? -1 : export_parent_of(d, file, false, &name);
    if (!read_old(d, parent, name, file->path, scratch, &text, &old)) {
        return false;
    }
    append_diff(d, file->path, old, &file->text, diff);
    return true;
}

// One that a prune would remove, if it is there.
static bool compare_removed(ExportDir *d, Str path, StrBuf *scratch,
                            StrBuf *diff, ExportOutcome *outcome)
{
    const char *name;
    struct stat status;
    Str text;
    const Str *old;
    bool ok = true;
    int parent = export_open_parent(d->dir, path, false, &name);
    if (parent >= 0 &&
        fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(status.st_mode)) {
        vec_push(&outcome->removed, arena_str(&outcome->arena, path));
        ok = diff == NULL ||
             read_old(d, parent, name, path, scratch, &text, &old);
        if (ok && diff != NULL && old != NULL) {
            append_diff(d, path, old, NULL, diff);
        }
    }
    if (parent >= 0) {
        (void)close(parent);
    }
    return ok;
}

static bool compare_all(ExportDir *d, bool prune, StrBuf *diff,
                        ExportOutcome *outcome)
{
    StrBuf scratch = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < d->count; i++) {
        ok = compare_file(d, &d->files[i], &scratch, diff) &&
             !export_is_cancelled(d);
    }
    for (uint32_t i = 0; ok && prune && i < d->known.count; i++) {
        Str path = d->known.items[i];
        if (export_find_file(d->files, d->count, path) == NULL) {
            ok = compare_removed(d, path, &scratch, diff, outcome) &&
                 !export_is_cancelled(d);
        }
    }
    strbuf_release(&scratch);
    return ok;
}

bool export_dir_compare(Session *session, Str dir, ExportFile *files,
                        uint32_t count, bool prune, StrBuf *diff,
                        ExportOutcome *outcome)
{
    ExportDir d = export_begin(session, dir, files, count, outcome);
    bool ok = export_open(&d, LOCK_SH) &&
              (d.dir < 0 || export_read_manifest(&d)) &&
              compare_all(&d, prune, diff, outcome);
    export_end(&d);
    return ok;
}
