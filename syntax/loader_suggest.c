// The path that may be meant by one that leads nowhere: each part that is not
// there stands for the nearest name in its folder.
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "support/nearest.h"
#include "syntax/byte_class.h"
#include "syntax/loader_internal.h"

// Imports of a run for which folders are looked through: the walk waits for it.
#define MAX_SUGGESTIONS 64
// Entries of a folder; one with more is not looked through.
#define MAX_ENTRIES 4096

// Where a path has led so far.
typedef struct Trail {
    const Paths *paths; // NULL: it may lead anywhere
    PathForm form;
    StrBuf at;      // the system's path
    StrBuf written; // as it should be written
    Str misnamed;   // the file that is meant, which no path can name
} Trail;

static bool is_kind(const Trail *trail, Str name, Str ending, mode_t kind)
{
    char path[PATH_MAX];
    Str at = strbuf_str(&trail->at);
    int len = snprintf(path, sizeof path, "%.*s%.*s%.*s", STR_ARG(at),
                       STR_ARG(name), STR_ARG(ending));
    struct stat status;
    return len >= 0 && (size_t)len < sizeof path && stat(path, &status) == 0 &&
           (status.st_mode & S_IFMT) == kind;
}

// Whether the path may go on, or end, with `name`.
static bool leads_on(const Trail *trail, Str name, bool is_last)
{
    if (!is_last) {
        return is_kind(trail, name, STR(""), S_IFDIR);
    }
    PathForm form = trail->form == FORM_EXACT ? FORM_EXACT : path_form(name);
    Str ending;
    for (uint32_t i = 0; path_candidate(form, i, &ending); i++) {
        if (is_kind(trail, name, ending, S_IFREG)) {
            return true;
        }
    }
    return false;
}

// ---- the entries of a folder

static bool is_nameable(Str entry)
{
    bool is_plain = entry.data[0] != '.' && utf8_validate(entry) == entry.len;
    for (size_t i = 0; i < entry.len && is_plain; i++) {
        is_plain = !byte_is(entry.data[i], BYTE_STOP);
    }
    return is_plain;
}

static bool differs_in_case(Str a, Str b)
{
    return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

// `name` and the ending of a data file.
static bool adds_ending(Str entry, Str name)
{
    return entry.len > name.len && entry.data[name.len] == '.' &&
           str_starts_with(entry, name) && path_form(entry) == FORM_EXACT;
}

// What is near a part of a path, in the order in which it is taken.
typedef struct Near {
    Str same;   // but for the case of letters
    Str longer; // by the ending of a data file
    Nearest nearest;
    Str misnamed; // the same, and longer, with an ending in capital letters
} Near;

// Ties go to the first in byte order.
static void keep_first(Str *best, Str entry, Arena *scratch)
{
    if (best->len == 0 || str_compare(entry, *best) < 0) {
        *best = arena_str(scratch, entry);
    }
}

static Str in_small_letters(Str text, Arena *scratch)
{
    char *small = arena_copy(scratch, text.data, text.len);
    for (size_t i = 0; i < text.len; i++) {
        bool is_capital = small[i] >= 'A' && small[i] <= 'Z';
        small[i] = (char)(is_capital ? small[i] - 'A' + 'a' : small[i]);
    }
    return str_make(small, text.len);
}

// No import can name "x.JSON" and "x.LIG"; the command line can.
static bool has_odd_ending(const Trail *trail, Str entry, Arena *scratch)
{
    return trail->paths != NULL && path_form(entry) == FORM_STEM &&
           path_form(in_small_letters(entry, scratch)) == FORM_EXACT;
}

static bool is_or_begins(Str entry, Str name)
{
    return differs_in_case(entry, name) ||
           (entry.len > name.len && entry.data[name.len] == '.' &&
            differs_in_case(str_slice(entry, 0, name.len), name) &&
            memchr(entry.data + name.len + 1, '.', entry.len - name.len - 1) ==
                NULL);
}

static void consider(Near *near, const Trail *trail, Str entry, bool is_last,
                     Arena *scratch)
{
    Str name = near->nearest.name;
    if (is_last && has_odd_ending(trail, entry, scratch)) {
        if (is_or_begins(entry, name)) {
            keep_first(&near->misnamed, entry, scratch);
        }
        return;
    }
    bool is_stem = is_last && trail->form == FORM_STEM;
    bool drops_ending = is_stem && !differs_in_case(entry, name) &&
                        str_ends_with(entry, STR(".lig"));
    Str found = str_slice(entry, 0, entry.len - (drops_ending ? 4 : 0));
    if (differs_in_case(found, name)) {
        keep_first(&near->same, found, scratch);
    } else if (is_stem && adds_ending(found, name)) {
        keep_first(&near->longer, found, scratch);
    } else {
        nearest_consider(&near->nearest, found);
        if (near->nearest.best.data == found.data) {
            near->nearest.best = arena_str(scratch, found);
        }
    }
}

// False where nothing is near.
static bool nearest_entry(Trail *trail, DIR *dir, Str name, bool is_last,
                          Arena *scratch, Str *out_name)
{
    Near near = {0};
    nearest_init(&near.nearest, name);
    uint32_t count = 0;
    const struct dirent *item;
    while (count <= MAX_ENTRIES && (item = readdir(dir)) != NULL) {
        count++;
        Str entry = str_from_c(item->d_name);
        if (is_nameable(entry)) {
            consider(&near, trail, entry, is_last, scratch);
        }
    }
    if (count > MAX_ENTRIES) {
        return false;
    }
    if (near.misnamed.len > 0 &&
        is_kind(trail, near.misnamed, STR(""), S_IFREG)) {
        trail->misnamed = near.misnamed;
    }
    *out_name = near.same.len > 0         ? near.same
                : near.longer.len > 0     ? near.longer
                : trail->misnamed.len > 0 ? STR("")
                                          : near.nearest.best;
    return out_name->len > 0;
}

static bool look_through(Trail *trail, Str name, bool is_last, Arena *scratch,
                         Str *out_name)
{
    char buffer[PATH_MAX];
    Str folder;
    const char *text;
    if (!paths_canonical(strbuf_str(&trail->at), scratch, &folder) ||
        (trail->paths != NULL && paths_root_of(trail->paths, folder) == NULL) ||
        (text = paths_c_string(folder, buffer, sizeof buffer)) == NULL) {
        return false;
    }
    DIR *dir = opendir(text);
    if (dir == NULL) {
        return false;
    }
    bool found = nearest_entry(trail, dir, name, is_last, scratch, out_name);
    (void)closedir(dir);
    return found && leads_on(trail, *out_name, is_last);
}

static void extend(Trail *trail, Str text)
{
    strbuf_append(&trail->at, text);
    strbuf_append(&trail->written, text);
}

// Whether all of `path` leads somewhere, with parts replaced.
static bool follow(Trail *trail, Str path, Arena *scratch)
{
    size_t from = 0;
    for (;;) {
        size_t end = str_find_byte(path, '/', from);
        bool is_last = end == path.len;
        Str name = str_slice(path, from, end);
        if (name.len > 0 && !leads_on(trail, name, is_last) &&
            !look_through(trail, name, is_last, scratch, &name)) {
            return false;
        }
        extend(trail, name);
        if (is_last) {
            return name.len > 0 || leads_on(trail, name, true);
        }
        extend(trail, STR("/"));
        from = end + 1;
    }
}

// What is meant by `path` in `dir`, in `scratch`; len 0: nothing is near, but
// *out_misnamed may be meant.
static Str meant_path(const Paths *paths, Str dir, Str path, PathForm form,
                      Arena *scratch, Str *out_misnamed)
{
    Trail trail = {.paths = paths, .form = form};
    strbuf_append(&trail.at, dir);
    Str found = follow(&trail, path, scratch)
                    ? arena_str(scratch, strbuf_str(&trail.written))
                    : STR("");
    *out_misnamed = trail.misnamed;
    strbuf_release(&trail.at);
    strbuf_release(&trail.written);
    return found;
}

// Of "Xy.JSON", "Xy.json".
static Str small_ending(Str entry, Arena *scratch)
{
    size_t stem = entry.len;
    while (entry.data[stem - 1] != '.') {
        stem--;
    }
    Str ending = str_slice(entry, stem, entry.len);
    return arena_join(scratch, str_slice(entry, 0, stem),
                      in_small_letters(ending, scratch));
}

static bool suggest(const Paths *paths, Str dir, Str path, PathForm form,
                    Arena *scratch, DiagSink *diags, Diag *diag)
{
    Str misnamed;
    Str meant = meant_path(paths, dir, path, form, scratch, &misnamed);
    if (meant.len > 0) {
        diag_help(diags, diag, "did you mean '%.*s'?%s", STR_ARG(meant),
                  differs_in_case(meant, path)
                      ? " capital and small letters differ"
                      : "");
    } else if (misnamed.len > 0) {
        diag_help(diags, diag,
                  "there is '%.*s', but endings are in small letters: rename "
                  "the file to '%.*s'",
                  STR_ARG(misnamed), STR_ARG(small_ending(misnamed, scratch)));
    }
    return meant.len > 0 || misnamed.len > 0;
}

void loader_suggest_entry(Loader *loader, Str path, Diag *diag)
{
    Str dir = str_starts_with(path, STR("/")) ? STR("") : STR("./");
    (void)suggest(NULL, dir, path, FORM_EXACT, &loader->arena,
                  &loader->program->diags, diag);
}

static Diag *missing_diag(Module *module, const Import *import)
{
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        Diag *diag = diag_at(&module->diags, i);
        if (diag->code == DIAG_E0501 &&
            diag->span.start == import->source_span.start) {
            return diag;
        }
    }
    return NULL;
}

// Of a path with slashes, or the other way round; false where a part is no
// name.
static bool exchange(StrBuf *text, char from, char to)
{
    for (size_t i = 0; i < text->len; i++) {
        char *c = &text->data[i];
        if (*c == from) {
            *c = to;
        } else if (!byte_is(*c, BYTE_IDENT)) {
            return false;
        }
    }
    return true;
}

// import acme.types, where [imports] says what acme is.
static void suggest_dotted(const Loader *loader, Module *module,
                           const Import *import, Arena *scratch)
{
    Diag *diag = missing_diag(module, import);
    StrBuf name = {0}, rest = {0};
    loader_dotted_name(loader, import, &name);
    const ProjectImport *entry =
        loader_project_import(loader, strbuf_str(&name));
    if (diag != NULL && entry != NULL && name.len > entry->name.len) {
        strbuf_append(
            &rest, str_slice(strbuf_str(&name), entry->name.len + 1, name.len));
        (void)exchange(&rest, '.', '/');
        const Paths *paths = &loader->paths;
        StrBuf dir = {0};
        strbuf_appendf(&dir, "%.*s/%.*s/", STR_ARG(paths->project_root),
                       STR_ARG(entry->path));
        Str misnamed;
        Str meant =
            meant_path(paths, strbuf_str(&dir), strbuf_str(&rest),
                       path_form(strbuf_str(&rest)), scratch, &misnamed);
        strbuf_release(&dir);
        strbuf_clear(&rest);
        strbuf_append(&rest, meant);
        if (meant.len > 0 && exchange(&rest, '/', '.')) {
            diag_help(&module->diags, diag, "did you mean '%.*s.%.*s'?",
                      STR_ARG(entry->name), STR_ARG(strbuf_str(&rest)));
        }
    }
    strbuf_release(&name);
    strbuf_release(&rest);
}

static void suggest_import(const Loader *loader, Module *module,
                           const Import *import, Arena *scratch)
{
    const Paths *paths = &loader->paths;
    Diag *diag = missing_diag(module, import);
    if (diag == NULL) {
        return;
    }
    PathForm form = path_form(import->path);
    Str slash = STR("/");
    bool found = suggest(paths, arena_join(scratch, module->dir, slash),
                         import->path, form, scratch, &module->diags, diag);
    for (uint32_t i = 0; i < paths->include_dirs.count && !found; i++) {
        Str dir = arena_join(scratch, paths->include_dirs.items[i], slash);
        found = suggest(paths, dir, import->path, form, scratch, &module->diags,
                        diag);
    }
}

void loader_suggest_imports(Loader *loader, LoadedModule *loaded,
                            Worker *worker)
{
    uint32_t *made = &loader->ordering.suggestions;
    for (uint32_t i = 0; i < loaded->import_count; i++) {
        const Import *import = loaded->imports[i];
        bool is_relative = import->path.len > 0 && import->path.data[0] != '/';
        bool is_dotted = import->path.data == NULL && import->dotted_count > 1;
        if (loaded->targets[i] == NULL && (is_relative || is_dotted) &&
            *made < MAX_SUGGESTIONS) {
            ++*made;
            (is_dotted ? suggest_dotted : suggest_import)(
                loader, loaded->module, import, worker_scratch(worker));
        }
    }
}
