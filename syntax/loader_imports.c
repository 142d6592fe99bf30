// From an import to the file that it means.
#include <string.h>

#include "support/nearest.h"
#include "syntax/byte_class.h"
#include "syntax/loader_internal.h"
#include "syntax/std_files.h"

#define MAX_PATH_SHOWN 200

// How an import is written, safe to print.
static Str shown_source(DiagSink *diags, const Interner *interner,
                        const Import *import)
{
    StrBuf buf = {0};
    if (import->path.data != NULL) {
        strbuf_append_printable(&buf, import->path, MAX_PATH_SHOWN);
    }
    for (uint32_t i = 0; i < import->dotted_count; i++) {
        if (i > 0) {
            strbuf_append_char(&buf, '.');
        }
        strbuf_append_printable(&buf, symbol_text(interner, import->dotted[i]),
                                MAX_PATH_SHOWN);
    }
    Str text = arena_str(&diags->arena, strbuf_str(&buf));
    strbuf_release(&buf);
    return text;
}

static Diag *report(LoadedModule *importer, const Import *import, DiagCode code,
                    const char *why)
{
    Module *module = importer->module;
    Str source = shown_source(&module->diags,
                              importer->loader->program->interner, import);
    return diag_add(&module->diags, code, &module->source, import->source_span,
                    "import '%.*s' %s", STR_ARG(source), why);
}

static void report_help(LoadedModule *importer, const Import *import,
                        DiagCode code, const char *why, const char *help)
{
    Diag *diag = report(importer, import, code, why);
    diag_help(&importer->module->diags, diag, "%s", help);
}

// ---- embedded modules

static void fill_std(Module *module, Str path, Str text)
{
    module->source.path = path;
    module->source.text = text;
    Str base = paths_basename(path);
    module->name = str_slice(base, 0, str_find_byte(base, '.', 0));
    module->dir = STR("");
    module->is_std = true;
}

LoadedModule *loader_std_module(Loader *loader, Str path, Worker *worker,
                                bool *out_is_new)
{
    Str text;
    *out_is_new = false;
    if (!std_file(path, &text)) {
        return NULL;
    }
    PathKey key = loader_key(loader, path);
    const KnownPath *known = loader_known(loader, &key);
    if (known != NULL) {
        return known->loaded;
    }
    LoadedModule *fresh = loader_new_module(loader, worker);
    LoadedModule *loaded = loader_list_known(loader, &key, fresh, 0, worker);
    *out_is_new = loaded == fresh;
    if (*out_is_new) {
        Module *module = loaded->module;
        module_enter(loader->program, module, worker);
        fill_std(module, arena_str(module->arena, path), text);
    }
    return loaded;
}

static LoadedModule *resolve_std(LoadedModule *importer, const Import *import,
                                 Worker *worker, bool *out_is_new)
{
    Loader *loader = importer->loader;
    const Interner *interner = loader->program->interner;
    StrBuf path = {0};
    strbuf_append(&path, STR("std"));
    for (uint32_t i = 1; i < import->dotted_count; i++) {
        strbuf_append_char(&path, '/');
        strbuf_append(&path, symbol_text(interner, import->dotted[i]));
    }
    strbuf_append(&path, STR(".lig"));
    LoadedModule *found =
        loader_std_module(loader, strbuf_str(&path), worker, out_is_new);
    if (found == NULL) {
        Nearest nearest;
        nearest_init(&nearest, strbuf_str(&path));
        for (uint32_t i = 0; i < std_file_count(); i++) {
            nearest_consider(&nearest, std_file_path(i));
        }
        DiagSink *diags = &importer->module->diags;
        Diag *diag = report(importer, import, DIAG_E0501,
                            "is no module of the standard library");
        if (nearest.best.len > 0) {
            // "std/list.lig"
            Str name = str_slice(nearest.best, 4, nearest.best.len - 4);
            diag_help(diags, diag, "did you mean 'std.%.*s'?", STR_ARG(name));
        }
    }
    strbuf_release(&path);
    return found;
}

// ---- files

// NULL when the text of a path may be looked at.
static const char *refused_text(Str path)
{
    if (path.len == 0) {
        return "names no file";
    }
    bool is_url = false;
    for (size_t i = 0; i < path.len && !is_url; i++) {
        if (path.data[i] > ':' && path.data[i] <= 'z') {
            continue; // as most
        }
        if (byte_is(path.data[i], BYTE_CONTROL | BYTE_LINE) ||
            path.data[i] == '\t') {
            return "is refused: control characters in a path";
        }
        is_url = path.data[i] == ':' &&
                 str_starts_with(str_slice(path, i, path.len), STR("://"));
    }
    return is_url ? "is refused: only files can be imported, no URLs" : NULL;
}

PathForm path_form(Str path)
{
    Str base = paths_basename(path);
    if (base.len == 0 || str_equal(base, STR(".")) ||
        str_equal(base, STR(".."))) {
        return FORM_FOLDER;
    }
    static const Str endings[] = {STR_INIT(".lig"),  STR_INIT(".json"),
                                  STR_INIT(".yaml"), STR_INIT(".yml"),
                                  STR_INIT(".toml"), STR_INIT(".txt")};
    const char *dot = memrchr(base.data, '.', base.len);
    for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof *endings;
         i++) {
        if (str_ends_with(base, endings[i])) {
            return FORM_EXACT;
        }
    }
    return FORM_STEM;
}

bool path_candidate(PathForm form, uint32_t index, Str *out_ending)
{
    switch (form) {
    case FORM_EXACT:
        *out_ending = STR("");
        return index == 0;
    case FORM_STEM:
        *out_ending = index == 0 ? STR(".lig") : STR("/mod.lig");
        return index <= 1;
    case FORM_FOLDER:
        *out_ending = STR("/mod.lig");
        return index == 0;
    }
    return false;
}

// What an import asks for: a path as written, or one of [imports].
typedef struct Wanted {
    Str path;
    bool from_root; // relative to the project's root, and only to that
} Wanted;

// The folders to look in: the importing file's, then each -I.
static bool search_dir(const LoadedModule *importer, const Wanted *wanted,
                       uint32_t index, Str *out_dir)
{
    const Paths *paths = &importer->loader->paths;
    if (wanted->from_root) {
        *out_dir = paths->project_root;
        return index == 0;
    }
    if (index == 0) {
        *out_dir = importer->module->dir;
        return true;
    }
    if (index > paths->include_dirs.count) {
        return false;
    }
    *out_dir = paths->include_dirs.items[index - 1];
    return true;
}

// The path as it is shown: without what it does not need.
static Str tried_path(Str dir, Str path, Str ending, Arena *scratch)
{
    bool is_absolute = str_starts_with(path, STR("/"));
    while (ending.len > 0 && ending.data[0] == '/' &&
           str_ends_with(path, STR("/"))) {
        path.len--;
    }
    Str relative = arena_join(scratch, path, ending);
    while (str_starts_with(relative, STR("./"))) {
        relative = str_slice(relative, 2, relative.len);
    }
    Str start = arena_join(scratch, dir, STR("/"));
    return is_absolute ? relative : arena_join(scratch, start, relative);
}

static void report_missing(LoadedModule *importer, const Import *import,
                           const Wanted *wanted, Worker *worker)
{
    Diag *diag = report(importer, import, DIAG_E0501, "is not there");
    DiagSink *diags = &importer->module->diags;
    const Paths *paths = &importer->loader->paths;
    PathForm form = path_form(wanted->path);
    Arena *scratch = worker_scratch(worker);
    StrBuf shown = {0};
    Str dir, ending;
    for (uint32_t i = 0; search_dir(importer, wanted, i, &dir); i++) {
        for (uint32_t k = 0; path_candidate(form, k, &ending); k++) {
            strbuf_clear(&shown);
            Str full = tried_path(dir, wanted->path, ending, scratch);
            Str display = paths_display(paths, full, scratch);
            strbuf_append_printable(&shown, display, MAX_PATH_SHOWN);
            diag_note(diags, diag, "tried '%.*s'", STR_ARG(strbuf_str(&shown)));
        }
    }
    if (str_starts_with(wanted->path, STR("std/")) ||
        str_starts_with(wanted->path, STR("std."))) {
        diag_help(diags, diag,
                  "the standard library is imported by name, without quotes: "
                  "'std.NAME'");
    }
    strbuf_release(&shown);
}

static void report_status(LoadedModule *importer, const Import *import,
                          PathStatus status, int error)
{
    switch (status) {
    case PATH_OK:
    case PATH_MISSING:
    case PATH_CANCELLED:
    case PATH_CHANGING: // which reading says
        return;
    case PATH_OUTSIDE:
        if (str_starts_with(import->path, STR("/"))) {
            report_help(importer, import, DIAG_E0502,
                        "is refused: the path is absolute",
                        "write it as seen from this file, or allow its folder "
                        "with --allow-root DIR");
            return;
        }
        report_help(importer, import, DIAG_E0502,
                    "is refused: it leads out of the project",
                    "move the file into the project, or allow its folder "
                    "with --allow-root DIR");
        return;
    case PATH_DIRECTORY:
        report_help(importer, import, DIAG_E0502, "is refused: it is a folder",
                    "name one of its files");
        return;
    case PATH_NOT_REGULAR:
        report(importer, import, DIAG_E0502,
               "is refused: it is not a regular file");
        return;
    case PATH_LOOP:
        report(importer, import, DIAG_E0502,
               "is refused: its symbolic links go in a circle");
        return;
    case PATH_TOO_LONG:
        report(importer, import, DIAG_E0502, "is refused: it is too long");
        return;
    case PATH_TOO_LARGE:
        report_help(importer, import, DIAG_E0606,
                    "is larger than a source may be", "raise --max-source");
        return;
    case PATH_UNREADABLE:
        diag_note(&importer->module->diags,
                  report(importer, import, DIAG_E0002, "cannot be read"),
                  "the system says: %s", strerror(error));
        return;
    }
}

// What an import leads to.
typedef struct Found {
    LoadedModule *loaded; // NULL where the status is not PATH_OK
    bool is_new;
    int error;
} Found;

// The path as it is written in a folder: leads all who import it there to the
// same file, where that was not found as the first candidate.
static PathKey written_key(const Loader *loader, Str dir, Str path,
                           Arena *scratch)
{
    // Neither of them has a NUL.
    Str start = arena_join(scratch, dir, str_make("", 1));
    return loader_key(loader, arena_join(scratch, start, path));
}

static LoadedModule *known_as_written(Loader *loader, Str dir, Str path,
                                      Arena *scratch)
{
    // Relaxed: who sees it late looks at the files again.
    if (!load_relaxed(&loader->has_written)) {
        return NULL;
    }
    PathKey key = written_key(loader, dir, path, scratch);
    const KnownPath *known = loader_known(loader, &key);
    return known == NULL ? NULL : known->loaded;
}

static void make_known_as_written(Loader *loader, Str dir, Str path,
                                  LoadedModule *loaded, Worker *worker)
{
    PathKey key = written_key(loader, dir, path, worker_scratch(worker));
    loader_make_known(loader, &key, loaded, worker);
    store_relaxed(&loader->has_written, true);
}

// What was opened by this very path before. (Not more: a log of files has to
// have all paths that were asked for.)
static LoadedModule *known_file(Loader *loader, const FolderHand *hand,
                                const AskedPath *asked, PathKey *key)
{
    if (hand->root == NULL || !asked->is_tidy) {
        return NULL;
    }
    const KnownPath *known = loader_known(loader, key);
    key->as_asked = known != NULL && known->as_asked;
    return key->as_asked ? known->loaded : NULL;
}

static PathStatus open_asked(LoadedModule *importer, FolderHand *hand,
                             const AskedPath *asked, PathKey *key,
                             Worker *worker, Found *out)
{
    Loader *loader = importer->loader;
    Arena *scratch = worker_scratch(worker);
    OpenedFile file = {.descriptor = -1};
    PathStatus status = paths_open(&loader->paths, hand, asked, scratch, &file);
    out->error = file.error;
    if (status == PATH_OK && file.size > loader_max_source(loader)) {
        paths_close(&file);
        status = PATH_TOO_LARGE;
    }
    if (status != PATH_OK) {
        return status;
    }
    key->as_asked = str_equal(file.path, key->path);
    if (!key->as_asked) {
        *key = loader_key(loader, file.path);
    }
    Str shown = paths_display(&loader->paths, file.path, scratch);
    out->loaded = loader_add_file(loader, &file, key, shown,
                                  importer->module->dir, worker, &out->is_new);
    return PATH_OK;
}

// Looks in one folder. What is not there is looked for each time.
static PathStatus open_in(LoadedModule *importer, Str dir, Str path,
                          Worker *worker, Found *out)
{
    Loader *loader = importer->loader;
    FolderHand *hand = loader_enter(loader, dir, worker);
    PathForm form = path_form(path);
    PathStatus status = PATH_MISSING;
    AskedPath asked;
    Str ending;
    for (uint32_t i = 0;
         status == PATH_MISSING && path_candidate(form, i, &ending); i++) {
        if (!paths_ask(hand, path, ending, &asked)) {
            return PATH_TOO_LONG;
        }
        PathKey key = loader_asked_key(loader, &asked, worker);
        out->loaded = known_file(loader, hand, &asked, &key);
        if (i == 0 && out->loaded == NULL) {
            out->loaded =
                known_as_written(loader, dir, path, worker_scratch(worker));
        }
        if (i == 0 && out->loaded != NULL) {
            return PATH_OK;
        }
        status = out->loaded != NULL
                     ? PATH_OK
                     : open_asked(importer, hand, &asked, &key, worker, out);
        if (status == PATH_OK && (i > 0 || !key.as_asked)) {
            make_known_as_written(loader, dir, path, out->loaded, worker);
        }
    }
    return status;
}

static PathStatus open_first(LoadedModule *importer, const Wanted *wanted,
                             Worker *worker, Found *out)
{
    bool absolute = wanted->path.data[0] == '/';
    PathStatus status = PATH_MISSING;
    Str dir;
    for (uint32_t i = 0;
         status == PATH_MISSING && search_dir(importer, wanted, i, &dir); i++) {
        status = open_in(importer, absolute ? STR("") : dir, wanted->path,
                         worker, out);
    }
    return status;
}

static LoadedModule *resolve_path(LoadedModule *importer, const Import *import,
                                  const Wanted *wanted, Worker *worker,
                                  bool *out_is_new)
{
    const char *refused = refused_text(wanted->path);
    if (refused != NULL) {
        report(importer, import, DIAG_E0502, refused);
        return NULL;
    }
    if (importer->module->is_std) {
        report(importer, import, DIAG_E0502,
               "is refused: embedded modules import no files");
        return NULL;
    }
    Found found = {0};
    PathStatus status = open_first(importer, wanted, worker, &found);
    if (status == PATH_MISSING) {
        report_missing(importer, import, wanted, worker);
    } else {
        report_status(importer, import, status, found.error);
    }
    *out_is_new = found.is_new;
    return found.loaded;
}

// ---- dotted names

const ProjectImport *loader_project_import(const Loader *loader, Str name)
{
    const ProgramOptions *options = &loader->program->options;
    const ProjectImport *best = NULL;
    for (uint32_t i = 0; i < options->import_count; i++) {
        const ProjectImport *row = &options->imports[i];
        if (str_starts_with(name, row->name) &&
            (name.len == row->name.len || name.data[row->name.len] == '.') &&
            (best == NULL || row->name.len > best->name.len)) {
            best = row;
        }
    }
    return best;
}

void loader_dotted_name(const Loader *loader, const Import *import,
                        StrBuf *out_name)
{
    const Interner *interner = loader->program->interner;
    for (uint32_t i = 0; i < import->dotted_count; i++) {
        strbuf_append(out_name, i > 0 ? STR(".") : STR(""));
        strbuf_append(out_name, symbol_text(interner, import->dotted[i]));
    }
}

// As many names of a dotted one as `other` has.
static Str same_depth(Str name, Str other)
{
    size_t end = str_find_byte(name, '.', 0);
    for (size_t at = str_find_byte(other, '.', 0);
         at < other.len && end < name.len;
         at = str_find_byte(other, '.', at + 1)) {
        end = str_find_byte(name, '.', end + 1);
    }
    return str_slice(name, 0, end);
}

static void report_unknown(LoadedModule *importer, const Import *import,
                           Str name)
{
    enum { CANDIDATES_MAX = 1 << 18 };
    Nearest nearest = {0};
    const ProgramOptions *options = &importer->loader->program->options;
    uint32_t count = options->import_count;
    importer->candidates += count;
    for (uint32_t i = 0; i < count && importer->candidates <= CANDIDATES_MAX;
         i++) {
        Nearest one;
        nearest_init(&one, same_depth(name, options->imports[i].name));
        nearest_consider(&one, options->imports[i].name);
        if (one.best.len > 0 &&
            (nearest.best.len == 0 || one.distance < nearest.distance)) {
            nearest = one;
        }
    }
    DiagSink *diags = &importer->module->diags;
    Diag *diag = report(importer, import, DIAG_E0501,
                        "is not known: [imports] of ligature.toml has no such "
                        "entry");
    if (nearest.best.len > 0) {
        diag_help(diags, diag, "did you mean '%.*s%.*s'?",
                  STR_ARG(nearest.best),
                  STR_ARG(str_slice(name, nearest.name.len, name.len)));
    } else {
        diag_help(diags, diag,
                  "write the path of a file in quotes, or 'std.NAME' for the "
                  "standard library");
    }
}

static LoadedModule *resolve_dotted(LoadedModule *importer,
                                    const Import *import, Worker *worker,
                                    bool *out_is_new)
{
    LoadedModule *found = NULL;
    StrBuf name = {0}, path = {0};
    loader_dotted_name(importer->loader, import, &name);
    const ProjectImport *entry =
        loader_project_import(importer->loader, strbuf_str(&name));
    if (entry != NULL) {
        strbuf_append(&path, entry->path);
        for (size_t i = entry->name.len; i < name.len; i++) {
            strbuf_append_char(&path, name.data[i] == '.' ? '/' : name.data[i]);
        }
        Wanted wanted = {strbuf_str(&path), true};
        found = resolve_path(importer, import, &wanted, worker, out_is_new);
    } else {
        report_unknown(importer, import, strbuf_str(&name));
    }
    strbuf_release(&name);
    strbuf_release(&path);
    return found;
}

LoadedModule *loader_resolve_import(LoadedModule *importer,
                                    const Import *import, Worker *worker,
                                    bool *out_is_new)
{
    *out_is_new = false;
    if (import->path.data != NULL) {
        Wanted wanted = {import->path, false};
        return resolve_path(importer, import, &wanted, worker, out_is_new);
    }
    if (import->dotted_count == 0) {
        return NULL; // did not parse
    }
    if (import->dotted[0] == SYM_STD && import->dotted_count > 1) {
        return resolve_std(importer, import, worker, out_is_new);
    }
    return resolve_dotted(importer, import, worker, out_is_new);
}
