// The sources of imports: files, folders, modules of the library and of the
// project.
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>

#include "cli/lsp_complete_internal.h"
#include "cli/lsp_workspace.h"
#include "syntax/paths.h"
#include "syntax/std_files.h"

enum { MAX_ENTRIES = 2000 };

// ---- files

static bool is_importable(Str name)
{
    static const char *const endings[] = {".lig", ".json", ".yaml",
                                          ".yml", ".toml", ".txt"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (str_ends_with(name, str_from_c(endings[i]))) {
            return true;
        }
    }
    return false;
}

typedef struct FoundFile {
    Str name;
    bool is_folder;
} FoundFile;

static int compare_files(const void *a, const void *b)
{
    return str_compare(((const FoundFile *)a)->name,
                       ((const FoundFile *)b)->name);
}

static void add_folder(Completion *c, Str folder)
{
    char path[PATH_MAX];
    DIR *dir = paths_c_string(folder, path, sizeof path) != NULL ? opendir(path)
                                                                 : NULL;
    if (dir == NULL) {
        return;
    }
    Arena arena;
    arena_init(&arena);
    VEC(FoundFile) files = {0};
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL && files.count < MAX_ENTRIES) {
        Str name = str_from_c(entry->d_name);
        bool is_folder = entry->d_type == DT_DIR;
        if (name.data[0] != '.' && utf8_validate(name) == name.len &&
            (is_folder || is_importable(name))) {
            vec_push(&files, (FoundFile){arena_str(&arena, name), is_folder});
        }
    }
    (void)closedir(dir);
    if (files.count > 0) {
        qsort(files.items, files.count, sizeof(FoundFile), compare_files);
    }
    for (uint32_t i = 0; i < files.count; i++) {
        completion_add(c, files.items[i].name,
                       files.items[i].is_folder ? COMPLETION_FOLDER
                                                : COMPLETION_FILE,
                       STR(""), STR(""), 1);
    }
    vec_release(&files);
    arena_release(&arena);
}

// ---- modules

static void add_std(Completion *c, bool whole)
{
    for (uint32_t i = 0; i < std_file_count(); i++) {
        Str path = std_file_path(i);
        size_t slash = str_find_byte(path, '/', 0);
        size_t from = slash < path.len ? slash + 1 : 0;
        Str name = str_slice(path, from, path.len);
        name.len -= str_ends_with(name, STR(".lig")) ? strlen(".lig") : 0;
        if (str_equal(name, STR("prelude"))) {
            continue;
        }
        StrBuf label = {0};
        strbuf_append(&label, whole ? STR("std.") : STR(""));
        strbuf_append(&label, name);
        completion_add(c, strbuf_str(&label), COMPLETION_MODULE, STR(""),
                       STR(""), 1);
        strbuf_release(&label);
    }
}

static void add_project(Completion *c)
{
    LspProgram run;
    (void)lsp_program_make(&run, c->ask->checker, NULL, c->ask->document);
    const ProgramOptions *options = &run.program->options;
    for (uint32_t i = 0; i < options->import_count; i++) {
        completion_add(c, options->imports[i].name, COMPLETION_MODULE,
                       options->imports[i].path, STR(""), 1);
    }
    lsp_program_end(&run);
}

// ---- where

static Str line_before(Str text, size_t offset)
{
    size_t start = offset;
    while (start > 0 && text.data[start - 1] != '\n' &&
           text.data[start - 1] != '\r') {
        start--;
    }
    return str_slice(text, start, offset);
}

static Str trim_end(Str text)
{
    while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1]) != NULL) {
        text.len--;
    }
    return text;
}

static bool ends_with_word(Str text, Str word)
{
    return str_ends_with(text, word) &&
           (text.len == word.len ||
            !lsp_is_name_byte(text.data[text.len - word.len - 1]));
}

// What the string holds up to the offset; false where the place is in no string
// behind 'import' or 'from'.
static bool open_string(Str text, size_t offset, Str *out)
{
    Str line = line_before(text, offset);
    size_t quote = line.len;
    uint32_t quotes = 0;
    for (size_t i = 0; i < line.len; i++) {
        if (line.data[i] == '"') {
            quote = i;
            quotes++;
        }
    }
    if (quotes % 2 == 0) {
        return false;
    }
    *out = str_slice(line, quote + 1, line.len);
    size_t at = (size_t)(line.data - text.data) + quote;
    Str before = trim_end(str_slice(text, 0, at));
    return ends_with_word(before, STR("import")) ||
           ends_with_word(before, STR("from"));
}

static Str folder_of(const LspAsk *ask, Str typed, Arena *arena)
{
    Str path = strbuf_str(&ask->document->path);
    Str base = path.len > 0 ? paths_dirname(path) : STR(".");
    size_t slash = typed.len;
    while (slash > 0 && typed.data[slash - 1] != '/') {
        slash--;
    }
    return arena_printf(arena, "%.*s/%.*s", STR_ARG(base), (int)slash,
                        typed.data);
}

bool completion_of_import(Completion *c)
{
    Str text = strbuf_str(&c->ask->document->text);
    Str typed;
    if (open_string(text, c->ask->offset, &typed)) {
        Arena arena;
        arena_init(&arena);
        add_folder(c, folder_of(c->ask, typed, &arena));
        arena_release(&arena);
        return true;
    }
    Str line = line_before(text, c->ask->offset);
    while (line.len > 0 && (lsp_is_name_byte(line.data[line.len - 1]))) {
        line.len--;
    }
    Str before = trim_end(line);
    if (str_equal(before, STR("import std.")) ||
        str_ends_with(before, STR("from std."))) {
        add_std(c, false);
        return true;
    }
    if (str_equal(before, STR("import")) && before.len < line.len) {
        add_std(c, true);
        add_project(c);
        return true;
    }
    return false;
}
