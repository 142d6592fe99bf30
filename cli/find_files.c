#include "cli/find_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/folder_names.h"
#include "support/compare.h"

// A copy with a NUL behind it, which the system calls need.
static Str join(Arena *arena, Str folder, const char *name)
{
    if (str_equal(folder, STR(".")) && *name != '\0') {
        folder = STR("");
    }
    bool slash =
        *name != '\0' && folder.len > 0 && !str_ends_with(folder, STR("/"));
    Str path = arena_printf(arena, "%.*s%s%s%c", STR_ARG(folder),
                            slash ? "/" : "", name, '\0');
    path.len--;
    return path;
}

// Who watches is told of the names before they are read: one that comes
// meanwhile is one too many for them, and read again.
static void notify_folder(Session *session, Str folder, Str ending)
{
    int pipe = session != NULL ? session->settings->notice_pipe : 0;
    if (pipe == 0) {
        return;
    }
    StrBuf text = {0};
    strbuf_append(&text, folder);
    strbuf_append_char(&text, '\0');
    strbuf_append(&text, ending);
    FileNotice notice = {
        .kind = FILE_NOTICE_FOLDER,
        .text = strbuf_str(&text),
        .digest = folder_names_digest(folder.data, ending),
    };
    file_notice_send(pipe, &notice);
    strbuf_release(&text);
}

// Whether to go on: without a session nothing is said.
static bool cannot_read(Session *session, const char *what, Str path)
{
    if (session == NULL) {
        return true;
    }
    session_error(session, DIAG_E0002, "%s'%.*s' cannot be read: %s", what,
                  STR_ARG(path), strerror(errno));
    return false;
}

// Reads one folder: files go to `files`, folders to `pending`.
static bool read_folder(Session *session, Str folder, Str ending,
                        FileList *files, StrVec *pending)
{
    notify_folder(session, folder, ending);
    DIR *dir = opendir(folder.data);
    if (dir == NULL) {
        return cannot_read(session, "folder ", folder);
    }
    bool ok = true;
    const struct dirent *entry;
    while (ok && (entry = folder_names_next(dir)) != NULL) {
        FolderName kind = folder_name_kind(dir, entry, ending);
        if (kind == FOLDER_NAME_OTHER) {
            continue;
        }
        int why = errno; // which to make the path may change
        Str path = join(&files->arena, folder, entry->d_name);
        errno = why;
        if (kind == FOLDER_NAME_UNKNOWN) {
            ok = cannot_read(session, "", path);
        } else {
            vec_push(kind == FOLDER_NAME_FOLDER ? pending : &files->paths,
                     path);
        }
    }
    if (ok && errno != 0) {
        ok = cannot_read(session, "folder ", folder);
    }
    (void)closedir(dir);
    return ok;
}

static bool walk(Session *session, Str root, Str ending, FileList *files)
{
    uint32_t first = files->paths.count;
    StrVec pending = {0};
    vec_push(&pending, join(&files->arena, root, ""));
    bool ok = true;
    while (ok && pending.count > 0) {
        ok = read_folder(session, vec_pop(&pending), ending, files, &pending);
    }
    vec_release(&pending);
    if (ok && files->paths.count == first) {
        session_error(session, DIAG_E0002, "no file *%.*s under '%.*s'",
                      STR_ARG(ending), STR_ARG(root));
        diag_help(&session->diags, vec_last(&session->diags.diags),
                  "hidden folders and symbolic links are passed over");
        return false;
    }
    if (ok) {
        qsort(files->paths.items + first, files->paths.count - first,
              sizeof(Str), compare_texts);
    }
    return ok;
}

bool find_files_some(Str folder, uint32_t max_files, uint32_t max_folders,
                     FileList *out_files)
{
    arena_init(&out_files->arena);
    StrVec pending = {0};
    vec_push(&pending, join(&out_files->arena, folder, ""));
    while (pending.count > 0 && out_files->paths.count <= max_files &&
           max_folders-- > 0) {
        (void)read_folder(NULL, vec_pop(&pending), STR(".lig"), out_files,
                          &pending);
    }
    bool all = pending.count == 0 && out_files->paths.count <= max_files;
    vec_release(&pending);
    if (out_files->paths.count > 0) {
        qsort(out_files->paths.items, out_files->paths.count, sizeof(Str),
              compare_texts);
    }
    return all;
}

bool find_files_ending(Session *session, const StrVec *operands, Str ending,
                       FileList *out_files)
{
    arena_init(&out_files->arena);
    bool ok = true;
    for (uint32_t i = 0; i < operands->count; i++) {
        struct stat status;
        // Operands come from argv, hence NUL-terminated.
        if (stat(operands->items[i].data, &status) == 0 &&
            S_ISDIR(status.st_mode)) {
            ok = walk(session, operands->items[i], ending, out_files) && ok;
        } else {
            vec_push(&out_files->paths, operands->items[i]);
        }
    }
    return ok;
}

bool find_files(Session *session, const StrVec *operands, FileList *out_files)
{
    return find_files_ending(session, operands, STR(".lig"), out_files);
}

void file_list_release(FileList *files)
{
    vec_release(&files->paths);
    arena_release(&files->arena);
}
