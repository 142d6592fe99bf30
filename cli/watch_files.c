#include "cli/watch_files.h"

#include <limits.h>
#include <unistd.h>

#include "cli/folder_names.h"
#include "support/table.h"

struct WatchedFile {
    FileNotice notice; // its text is ours
    Str path;          // absolute, with a NUL behind it
    Str ending;        // of a folder
    UT_hash_handle hh; // by notice.text
};

void watch_files_init(WatchFiles *files)
{
    char folder[PATH_MAX];
    *files = (WatchFiles){.key = hash_key_random()};
    arena_init(&files->arena);
    if (getcwd(folder, sizeof folder) != NULL) {
        strbuf_append(&files->working_dir, str_from_c(folder));
    }
    if (!str_ends_with(strbuf_str(&files->working_dir), STR("/"))) {
        strbuf_append_char(&files->working_dir, '/');
    }
}

void watch_files_release(WatchFiles *files)
{
    HASH_CLEAR(hh, files->table);
    vec_release(&files->files);
    strbuf_release(&files->working_dir);
    arena_release(&files->arena);
}

static Str absolute(WatchFiles *files, Str path)
{
    bool relative = !str_starts_with(path, STR("/"));
    Str full = arena_printf(
        &files->arena, "%.*s%.*s%c", relative ? (int)files->working_dir.len : 0,
        strbuf_str(&files->working_dir).data, STR_ARG(path), '\0');
    full.len--;
    return full;
}

static WatchedFile *find(const WatchFiles *files, Str key, unsigned *out_hash)
{
    WatchedFile *found;
    *out_hash = (unsigned)hash_keyed(files->key, key);
    HASH_FIND_BYHASHVALUE(hh, files->table, key.data, key.len, *out_hash,
                          found);
    return found;
}

// A file is known by its absolute path, a folder by that and the ending.
static Str key_of(WatchFiles *files, const FileNotice *notice, Str *out_path,
                  Str *out_ending)
{
    size_t end = str_find_byte(notice->text, '\0', 0);
    *out_path = absolute(files, str_slice(notice->text, 0, end));
    *out_ending = STR("");
    if (notice->kind != FILE_NOTICE_FOLDER) {
        return *out_path;
    }
    Str ending = str_slice(notice->text, end + 1, notice->text.len);
    Str key = arena_printf(&files->arena, "%.*s%c%.*s", STR_ARG(*out_path),
                           '\0', STR_ARG(ending));
    *out_ending = str_slice(key, out_path->len + 1, key.len);
    return key;
}

Str watch_files_add(WatchFiles *files, const FileNotice *notice)
{
    if (notice->kind == FILE_NOTICE_HOPELESS) {
        return STR("");
    }
    Str path, ending;
    unsigned hash;
    Str key = key_of(files, notice, &path, &ending);
    WatchedFile *file = find(files, key, &hash);
    if (file == NULL) {
        file = ARENA_NEW(&files->arena, WatchedFile);
        file->path = path;
        file->ending = ending;
        file->notice.text = key;
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, files->table, key.data, key.len, hash,
                                    file);
        vec_push(&files->files, file);
    } else {
        files->found -= file->notice.kind == FILE_NOTICE_FOUND;
    }
    files->found += notice->kind == FILE_NOTICE_FOUND;
    file->notice.kind = notice->kind;
    file->notice.stamp = notice->stamp;
    file->notice.digest = notice->digest;
    return file->path;
}

void watch_files_keep_path(WatchFiles *files, Str path)
{
    struct stat info;
    unsigned hash;
    Str full = absolute(files, path);
    if (find(files, full, &hash) == NULL &&
        (stat(full.data, &info) != 0 || !S_ISDIR(info.st_mode))) {
        FileNotice now = file_notice_of(full);
        (void)watch_files_add(files, &now);
    }
}

static FileNotice notice_now(const WatchedFile *file)
{
    if (file->notice.kind == FILE_NOTICE_FOLDER) {
        return (FileNotice){
            .kind = FILE_NOTICE_FOLDER,
            .text = file->notice.text,
            .digest = folder_names_digest(file->path.data, file->ending),
        };
    }
    return file_notice_of(file->path);
}

void watch_files_keep(WatchFiles *files, const WatchFiles *older)
{
    for (uint32_t i = 0; i < older->files.count; i++) {
        unsigned hash;
        const WatchedFile *file = older->files.items[i];
        if (find(files, file->notice.text, &hash) == NULL) {
            FileNotice now = notice_now(file);
            (void)watch_files_add(files, &now);
        }
    }
}

static bool is_changed(const WatchedFile *file)
{
    FileNotice now = notice_now(file);
    return now.kind != file->notice.kind || now.digest != file->notice.digest ||
           !file_stamp_equal(&now.stamp, &file->notice.stamp);
}

// As the user would name it.
static void append_name(const WatchFiles *files, const WatchedFile *file,
                        StrBuf *out)
{
    Str path = file->path;
    if (str_starts_with(path, strbuf_str(&files->working_dir))) {
        path = str_slice(path, files->working_dir.len, path.len);
    }
    while (str_starts_with(path, STR("./"))) {
        path = str_slice(path, 2, path.len);
    }
    strbuf_append_printable(out, path, 200);
    if (file->notice.kind == FILE_NOTICE_FOLDER &&
        !str_ends_with(path, STR("/"))) {
        strbuf_append_char(out, '/');
    }
}

uint32_t watch_files_changed(const WatchFiles *files, StrBuf *out_names)
{
    enum { NAMED = 5 };
    uint32_t changed = 0;
    for (uint32_t i = 0; i < files->files.count; i++) {
        const WatchedFile *file = files->files.items[i];
        if (!is_changed(file)) {
            continue;
        }
        if (out_names != NULL && changed < NAMED) {
            strbuf_append(out_names, changed > 0 ? STR(", ") : STR(""));
            append_name(files, file, out_names);
        }
        changed++;
    }
    if (out_names != NULL && changed > NAMED) {
        strbuf_appendf(out_names, " and %u more", changed - NAMED);
    }
    return changed;
}
