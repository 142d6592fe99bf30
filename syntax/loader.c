// The tasks of the loader: one per module, which reads, parses and starts
// those that it imports.
#include "syntax/loader.h"

#include <stdlib.h>
#include <string.h>

#include "concurrent/aligned.h"
#include "support/heap_hint.h"
#include "syntax/loader_internal.h"
#include "syntax/module_flow.h"

// ---- one module

// The stem; of DIR/mod.lig the folder's name.
static Str module_name(Str path)
{
    Str base = paths_basename(path);
    Str stem = str_slice(base, 0, str_find_byte(base, '.', 0));
    if (!str_equal(stem, STR("mod"))) {
        return stem;
    }
    Str dir = paths_basename(paths_dirname(path));
    return str_equal(dir, STR(".")) ? stem : dir;
}

static void set_source(Module *module, Str path, Str text)
{
    module->source.path = arena_str(module->arena, path);
    module->source.text = text;
    module->name = module_name(module->source.path);
}

static void collect_imports(LoadedModule *loaded)
{
    Module *module = loaded->module;
    ModuleAst *ast = &module->ast;
    uint32_t count = 0;
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        count += ast->decls[i].kind == DECL_IMPORT;
    }
    loaded->imports =
        arena_array(module->arena, count, sizeof *loaded->imports);
    loaded->targets =
        arena_zalloc(module->arena, count * sizeof(LoadedModule *));
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        if (ast->decls[i].kind == DECL_IMPORT) {
            loaded->imports[loaded->import_count++] = ast->decls[i].as.import;
        }
    }
}

static Parser *parser_of(Loader *loader, const Worker *worker)
{
    Parser **parser = &loader_worker(loader, worker)->parser;
    if (*parser == NULL) {
        *parser = parser_new(loader->program->interner);
    }
    return *parser;
}

static void run_load(Task *task, Worker *worker);

// Starts the task of a new module, once.
static void start(LoadedModule *loaded, Worker *worker)
{
    if (loaded->started) {
        return;
    }
    loaded->started = true;
    if (loaded->module->broken) {
        loader_ended(loaded, worker);
        return;
    }
    loaded->task.run = run_load;
    task_group_spawn(&loaded->loader->group, worker, &loaded->task);
}

// Starts those that nobody has found before. A worker takes its youngest task
// first: the last one started is the first import, for which the walk waits.
static void load_imports(LoadedModule *loaded, Worker *worker)
{
    LoadedModule **found = arena_array(worker_scratch(worker),
                                       loaded->import_count, sizeof *found);
    uint32_t count = 0;
    for (uint32_t i = 0; i < loaded->import_count &&
                         !program_is_cancelled(loaded->loader->program) &&
                         !loader_is_over_limit(loaded->loader);
         i++) {
        bool is_new;
        loaded->targets[i] =
            loader_resolve_import(loaded, loaded->imports[i], worker, &is_new);
        if (is_new) {
            found[count++] = loaded->targets[i];
        }
    }
    while (count-- > 0) {
        start(found[count], worker);
    }
}

static void run_load(Task *task, Worker *worker)
{
    LoadedModule *loaded = (LoadedModule *)task;
    Loader *loader = loaded->loader;
    if (!program_is_cancelled(loader->program) &&
        !loader_is_over_limit(loader)) {
        int64_t start_ns = module_clock_ns(loaded->module);
        module_enter(loader->program, loaded->module, worker);
        loader_parse(parser_of(loader, worker), loader->program, loaded->module,
                     false, worker);
        loader_charge(loader, loaded->module);
        progress_step(loader->program->progress);
        collect_imports(loaded);
        load_imports(loaded, worker);
        if (loaded->module->times != NULL) {
            loaded->module->times->load_ns = clock_monotonic_ns() - start_ns;
        }
    }
    loader_ended(loaded, worker);
}

uint64_t loader_max_source(const Loader *loader)
{
    uint64_t bytes = loader->program->options.limits.max_source_bytes;
    return bytes < UINT32_MAX ? bytes : UINT32_MAX - 1; // offsets are 32-bit
}

static void report_too_large(Module *module, const char *what,
                             uint64_t max_bytes)
{
    module->broken = true;
    Diag *diag = diag_add(&module->diags, DIAG_E0606, &module->source,
                          (Span){0, 0}, "the %s is over %llu bytes", what,
                          (unsigned long long)max_bytes);
    diag_help(&module->diags, diag, "raise --max-source");
}

#define IT_CHANGES      "others write to it all the time"
#define WHEN_IT_CHANGES "write it elsewhere, and rename it when it is complete"

static void report_read(Module *module, PathStatus status, int error,
                        uint64_t max_bytes)
{
    if (status == PATH_TOO_LARGE) {
        report_too_large(module, "file", max_bytes);
        return;
    }
    module->broken = true;
    bool changes = status == PATH_CHANGING;
    Diag *diag = diag_add(&module->diags, DIAG_E0002, &module->source,
                          (Span){0, 0}, "the file could not be read: %s",
                          changes ? IT_CHANGES : strerror(error));
    if (changes) {
        diag_help(&module->diags, diag, WHEN_IT_CHANGES);
    }
}

// Tells the allocator what the passes will need for the sources found by now,
// and for those that may follow: few large steps give the most large pages.
static void hint_memory(Loader *loader, const Worker *worker)
{
    enum { FIRST_AT = 16 << 10, NEEDED_PER_BYTE = 40, STEP = 64 << 20 };
    if (!loader->program->options.tunes_heap ||
        (worker != NULL && worker != pool_main_worker(loader->program->pool))) {
        return;
    }
    uint64_t bytes = load_relaxed(&loader->bytes);
    bool due = bytes >= FIRST_AT && bytes >= loader->hint_at;
    uint64_t needed = 2 * bytes * NEEDED_PER_BYTE;
    needed = needed < STEP ? STEP : needed;
    loader->hint_at = due ? needed / NEEDED_PER_BYTE : loader->hint_at;
    if (due) {
        heap_hint_expect(needed);
    }
}

// The folder of the path, which is likely to be `dir`.
static void set_dir(Module *module, Str path, Str dir)
{
    Str own = paths_dirname(path);
    module->dir = str_equal(own, dir) ? dir : arena_str(module->arena, own);
}

LoadedModule *loader_add_file(Loader *loader, OpenedFile *file,
                              const PathKey *key, Str shown, Str dir,
                              Worker *worker, bool *out_is_new)
{
    const KnownPath *known = key->as_asked ? NULL : loader_known(loader, key);
    LoadedModule *fresh = loader_new_module(loader, worker);
    uint64_t max_bytes = loader_max_source(loader);
    LoadedModule *loaded =
        known != NULL
            ? known->loaded
            : loader_list_known(loader, key, fresh,
                                file->size <= max_bytes ? file->size : 0,
                                worker);
    *out_is_new = loaded == fresh;
    if (!*out_is_new) {
        paths_close(file);
        return loaded;
    }
    hint_memory(loader, worker);
    Module *module = loaded->module;
    module_enter(loader->program, module, worker);
    Str text;
    Worker *reader =
        worker != NULL ? worker : pool_main_worker(loader->program->pool);
    PathStatus status = paths_read(&loader->paths, file, max_bytes, reader,
                                   module->arena, &text);
    set_source(module, shown, status == PATH_OK ? text : STR(""));
    set_dir(module, file->path, dir);
    if (status != PATH_OK) {
        report_read(module, status, file->error, max_bytes);
    }
    return loaded;
}

// ---- entries

static const char *entry_cure(PathStatus status)
{
    return status == PATH_TOO_LARGE   ? "raise --max-source"
           : status == PATH_DIRECTORY ? "name one of its files"
           : status == PATH_CHANGING  ? WHEN_IT_CHANGES
           : status == PATH_NOT_REGULAR
               ? "a pipe is read where it is standard input: '-'"
               : NULL;
}

static void report_entry(Loader *loader, Str path, PathStatus status, int error)
{
    const char *why = "";
    switch (status) {
    case PATH_MISSING:
        why = "there is no such file";
        break;
    case PATH_DIRECTORY:
        why = "it is a folder";
        break;
    case PATH_NOT_REGULAR:
        why = "it is not a regular file";
        break;
    case PATH_LOOP:
        why = "its symbolic links go in a circle";
        break;
    case PATH_TOO_LONG:
        why = "the path is too long";
        break;
    case PATH_TOO_LARGE:
        why = "it is larger than a source may be";
        break;
    case PATH_CHANGING:
        why = IT_CHANGES;
        break;
    case PATH_CANCELLED:
        return;
    case PATH_OK:
    case PATH_OUTSIDE:
    case PATH_UNREADABLE:
        why = strerror(error);
        break;
    }
    DiagCode code = status == PATH_TOO_LARGE ? DIAG_E0606 : DIAG_E0002;
    StrBuf buf = {0};
    bool is_stdin = str_equal(path, STR("-"));
    strbuf_append(&buf, is_stdin ? STR("standard input") : STR("'"));
    strbuf_append_printable(&buf, is_stdin ? STR("") : path, 200);
    strbuf_append(&buf, is_stdin ? STR("") : STR("'"));
    DiagSink *diags = &loader->program->diags;
    Diag *diag =
        diag_add(diags, code, NULL, (Span){0, 0}, "%.*s cannot be read: %s",
                 STR_ARG(strbuf_str(&buf)), why);
    strbuf_release(&buf);
    const char *cure = entry_cure(status);
    if (status == PATH_MISSING) {
        loader_suggest_entry(loader, path, diag);
    } else if (cure != NULL) {
        diag_help(diags, diag, "%s", cure);
    }
}

static LoadedModule *add_text(Loader *loader, Str name, Str dir, Str text)
{
    LoadedModule *loaded = loader_new_module(loader, NULL);
    uint64_t max_bytes = loader_max_source(loader);
    bool fits = text.len <= max_bytes;
    text = fits ? text : STR("");
    mutex_lock(&loader->lock);
    loader_list_module(loader, loaded, text.len);
    mutex_unlock(&loader->lock);
    Module *module = loaded->module;
    module_enter(loader->program, module, NULL);
    set_source(module, name, arena_str(module->arena, text));
    module->dir = arena_str(module->arena, dir);
    if (!fits) {
        report_too_large(module, "text", max_bytes);
    }
    return loaded;
}

static bool add_stdin(Loader *loader, LoadedModule **out)
{
    StrBuf text = {0};
    int error = 0;
    PathStatus status = paths_read_stdin(
        loader->program->token, loader_max_source(loader), &text, &error);
    if (status != PATH_OK) {
        report_entry(loader, STR("-"), status, error);
    } else {
        paths_add_project(&loader->paths, loader->paths.working_dir);
        *out = add_text(loader, STR("<stdin>"), loader->paths.working_dir,
                        strbuf_str(&text));
    }
    strbuf_release(&text);
    return status == PATH_OK;
}

static bool add_entry(Loader *loader, Str path, OpenedFile *file)
{
    PathStatus status =
        paths_open_entry(&loader->paths, path, &loader->arena, file);
    if (status != PATH_OK) {
        report_entry(loader, path, status, file->error);
        return false;
    }
    paths_add_project(&loader->paths, paths_dirname(file->path));
    return true;
}

// ---- the whole

static Loader *loader_new(Program *program)
{
    Loader *loader = aligned_zalloc(1, sizeof *loader);
    loader->program = program;
    loader->hash_key = hash_key_random();
    loader->worker_count = pool_worker_count(program->pool);
    loader->workers =
        aligned_zalloc(loader->worker_count, sizeof *loader->workers);
    for (uint32_t i = 0; i < loader->worker_count; i++) {
        loader->workers[i].folder = FOLDER_HAND_NONE;
    }
    arena_init(&loader->arena);
    worker_arenas_init(&loader->memory, program->pool);
    mutex_init(&loader->lock, LOCK_CLIENT);
    loader_init_known(loader);
    paths_init(&loader->paths, &program->options, &loader->arena);
    task_group_init(&loader->group, program->pool, program->token);
    return loader;
}

static void loader_free(Loader *loader)
{
    for (uint32_t i = 0; i < loader->worker_count; i++) {
        parser_free(loader->workers[i].parser);
        paths_leave(&loader->workers[i].folder);
    }
    free(loader->workers);
    vec_release(&loader->ordering.path);
    loader_release_known(loader);
    for (uint32_t i = 0; i < loader->loaded.count; i++) {
        LoadedModule *loaded = loader->loaded.items[i];
        if (!loaded->done) { // what a stopped run left
            module_free(loaded->module);
        }
    }
    vec_release(&loader->loaded);
    paths_release(&loader->paths);
    mutex_release(&loader->lock);
    worker_arenas_release(&loader->memory);
    arena_release(&loader->arena);
    free(loader);
}

// Makes room for further modules while nobody reads the table.
static void make_room(Program *program)
{
    if (program->flow != NULL) {
        module_flow_wait(program->flow);
    }
    program_make_room(program);
}

// Loads all that is found from the roots on, and numbers it.
static void load_all(Loader *loader, Worker *worker)
{
    Ordering *ordering = &loader->ordering;
    if (!program_has_room(loader->program)) {
        program_make_room(loader->program);
    }
    // The youngest task is taken first: the prelude, for which all wait.
    for (uint32_t i = ordering->root_count; i-- > 0;) {
        start(ordering->roots[i], worker);
    }
    do {
        ordering->full = false;
        loader_walk(loader, worker);
        task_group_wait(&loader->group, worker, false);
        if (ordering->full) {
            make_room(loader->program);
        }
    } while (ordering->full);
}

// The roots are the prelude and the entries, which are not looked at where one
// of them is missing; or a session, of which the last input is the entry.
static bool finish(Loader *loader, Worker *worker, LoadedModule **roots,
                   uint32_t count, bool ok)
{
    Program *program = loader->program;
    loader->ordering.roots = roots;
    loader->ordering.root_count = count;
    uint32_t first =
        count > 1 && roots[count - 1]->module->is_link ? count - 1 : 1;
    for (uint32_t i = 1; i < count; i++) {
        roots[i]->module->is_entry = i >= first;
        roots[i]->module->is_outer = program->opens_entry;
        if (!ok) {
            roots[i]->started = true;
            store_relaxed(&roots[i]->state, LOAD_ENDED); // no task has seen it
        }
    }
    program->flow = ok ? program->flow : NULL;
    load_all(loader, worker);
    program->tree_bytes = load_relaxed(&loader->tree_bytes);
    if (loader_is_over_limit(loader) && count > 1) {
        if (program->flow != NULL) {
            module_flow_wait(program->flow);
        }
        loader_report_limit(loader, roots[1]->module);
        ok = false;
    }
    program->entries = mem_calloc(count, sizeof(uint32_t));
    for (uint32_t i = first; i < count; i++) {
        program->entries[program->entry_count++] = roots[i]->module->id;
    }
    loader_free(loader);
    return ok;
}

static LoadedModule *add_prelude(Loader *loader)
{
    bool is_new;
    LoadedModule *loaded =
        loader_std_module(loader, STR("std/prelude.lig"), NULL, &is_new);
    if (!is_new) {
        UNREACHABLE();
    }
    return loaded;
}

// A file that is there, as add_entry() has seen it before.
static bool add_root(Loader *loader, Str path, LoadedModule **out)
{
    OpenedFile file = {.descriptor = -1};
    if (!add_entry(loader, path, &file)) {
        return false;
    }
    PathKey key = loader_key(loader, file.path);
    bool is_new;
    *out = loader_add_file(loader, &file, &key, path, STR(""), NULL, &is_new);
    return true;
}

// All projects are known before the first import is looked at: what is allowed
// must not depend on the order of the tasks. Files are opened twice for it, so
// that not all are open at once.
static bool try_entry(Loader *loader, Str path)
{
    OpenedFile file = {.descriptor = -1};
    bool ok = add_entry(loader, path, &file);
    paths_close(&file);
    return ok;
}

bool loader_load(Program *program, const Str *paths, uint32_t path_count)
{
    Loader *loader = loader_new(program);
    LoadedModule **roots = mem_calloc(path_count + (size_t)1, sizeof *roots);
    roots[0] = add_prelude(loader);
    uint32_t count = 1;
    bool ok = true;
    for (uint32_t i = 0; i < path_count; i++) {
        ok &= str_equal(paths[i], STR("-")) || try_entry(loader, paths[i]);
    }
    for (uint32_t i = 0; i < path_count && ok; i++) {
        ok &= str_equal(paths[i], STR("-"))
                  ? add_stdin(loader, &roots[count])
                  : add_root(loader, paths[i], &roots[count]);
        count += ok;
    }
    // Only now may tasks find these files as imports of each other.
    ok = finish(loader, pool_main_worker(program->pool), roots, count, ok);
    free(roots);
    return ok;
}

bool loader_load_text(Program *program, Str name, Str dir, Str text)
{
    Loader *loader = loader_new(program);
    LoadedModule *roots[2] = {add_prelude(loader)};
    Str canonical = loader->paths.working_dir;
    (void)paths_canonical(dir, &loader->arena, &canonical);
    paths_add_project(&loader->paths, canonical);
    roots[1] = add_text(loader, name, canonical, text);
    return finish(loader, pool_main_worker(program->pool), roots, 2, true);
}

bool loader_load_session(Program *program, const SessionInput *inputs,
                         uint32_t count)
{
    program->opens_entry = true;
    Loader *loader = loader_new(program);
    LoadedModule **roots = mem_calloc(2 * (size_t)count + 1, sizeof *roots);
    roots[0] = add_prelude(loader);
    uint32_t root_count = 1;
    Str dir = loader->paths.working_dir;
    paths_add_project(&loader->paths, dir);
    bool ok = true;
    for (uint32_t i = 0; i < count; i++) {
        ok &= inputs[i].path.len == 0 || try_entry(loader, inputs[i].path);
    }
    for (uint32_t i = 0; i < count && ok; i++) {
        if (inputs[i].path.len > 0) {
            ok = add_root(loader, inputs[i].path, &roots[root_count]);
            root_count += ok;
        }
        LoadedModule *root =
            add_text(loader, STR("<repl>"), dir, inputs[i].text);
        root->module->is_link = true;
        root->module->source.lines_before = inputs[i].lines_before;
        roots[root_count++] = root;
    }
    ok = finish(loader, pool_main_worker(program->pool), roots, root_count, ok);
    free(roots);
    return ok;
}

static void refuse_imports(Module *module)
{
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        if (module->ast.decls[i].kind == DECL_IMPORT) {
            Import *import = module->ast.decls[i].as.import;
            import->module = INDEX_NONE;
            diag_add(&module->diags, DIAG_E0502, &module->source,
                     import->source_span,
                     "an expression beside a file cannot import");
        }
    }
}

void loader_append(Program *program, Module *module, Worker *worker)
{
    if (!program_has_room(program)) {
        make_room(program);
    }
    module->id = module->source.order = program->module_count;
    program->modules[program->module_count++] = module;
    if (program->flow != NULL && !program->gives_up) {
        module_flow_add(program->flow, module, worker);
    }
}

bool loader_load_expr(Program *program, Str text)
{
    if (program->entry_count == 0) {
        return false;
    }
    uint32_t file = program->entries[0];
    Worker *worker = pool_main_worker(program->pool);
    Module *module = module_new();
    set_source(module, STR("<expr>"), arena_str(module->arena, text));
    module->outer = file;
    module->is_entry = true;
    module->dir = arena_str(module->arena, program->modules[file]->dir);
    module->imports = arena_copy(module->arena, &file, sizeof file);
    module->import_count = 1;
    loader_parse_alone(program, module, true);
    refuse_imports(module);
    loader_append(program, module, worker);
    program->entries[0] = module->id;
    program->entry_count = 1;
    return true;
}

Module *loader_read_alone(Program *program, Str path)
{
    Loader *loader = loader_new(program);
    OpenedFile file = {.descriptor = -1};
    Module *module = NULL;
    Str text;
    int error = 0;
    bool is_stdin = str_equal(path, STR("-"));
    PathStatus status;
    if (is_stdin || add_entry(loader, path, &file)) {
        module = module_new();
        uint64_t max_bytes = loader_max_source(loader);
        if (is_stdin) {
            StrBuf given = {0};
            status =
                paths_read_stdin(program->token, max_bytes, &given, &error);
            if (status == PATH_OK) {
                text = arena_str(module->arena, strbuf_str(&given));
            }
            strbuf_release(&given);
        } else {
            status = paths_read(&loader->paths, &file, max_bytes,
                                pool_main_worker(program->pool), module->arena,
                                &text);
        }
        if (status == PATH_OK) {
            set_source(module, is_stdin ? STR("<stdin>") : path, text);
        } else {
            report_entry(loader, path, status, is_stdin ? error : file.error);
            module_free(module);
            module = NULL;
        }
    }
    loader_free(loader);
    return module;
}
