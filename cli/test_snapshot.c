#include "cli/test_snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file_read.h"
#include "cli/folder_names.h"
#include "cli/overwrite.h"
#include "eval/value_diff.h"
#include "eval/write_json.h"
#include "syntax/conflict.h"
#include "syntax/paths.h"
#include "syntax/read_json.h"

#define MAX_DIFFERENCES 20

bool test_is_snapshot(Str name)
{
    return str_starts_with(name, STR("snapshot"));
}

// ---- files

// DIR/__snapshots__/X_test, followed by a NUL.
static Str snapshot_folder(const Module *module, Arena *arena)
{
    Str path = module->source.path;
    Str base = paths_basename(path);
    if (str_ends_with(base, STR(".lig"))) {
        base = str_slice(base, 0, base.len - 4);
    }
    Str dir = paths_dirname(path);
    bool here = str_equal(dir, STR("."));
    Str folder = arena_printf(arena, "%.*s%s__snapshots__/%.*s%c",
                              here ? 0 : (int)dir.len, dir.data,
                              here ? "" : "/", STR_ARG(base), '\0');
    folder.len--;
    return folder;
}

static bool is_link(Str path)
{
    struct stat status;
    return lstat(path.data, &status) == 0 && S_ISLNK(status.st_mode);
}

// Whoever sent the tests may have sent a link in place of a folder, behind
// which nothing is read, written or removed.
static bool is_behind_link(const Module *module, Arena *arena)
{
    Str folder = snapshot_folder(module, arena);
    Str outer =
        arena_printf(arena, "%.*s%c", STR_ARG(paths_dirname(folder)), '\0');
    return is_link(outer) || is_link(folder);
}

static Str snapshot_path(const Module *module, Str name, Arena *arena)
{
    Str folder = snapshot_folder(module, arena);
    Str path = arena_printf(arena, "%.*s/%.*s.json%c", STR_ARG(folder),
                            STR_ARG(name), '\0');
    path.len--;
    return path;
}

static bool make_folders(const Module *module, Arena *arena)
{
    Str folder = snapshot_folder(module, arena);
    Str outer =
        arena_printf(arena, "%.*s%c", STR_ARG(paths_dirname(folder)), '\0');
    return (mkdir(outer.data, 0777) == 0 || errno == EEXIST) &&
           (mkdir(folder.data, 0777) == 0 || errno == EEXIST);
}

// ---- values

static bool value_text(Session *session, const Module *module,
                       const Binding *binding, Value value, StrBuf *out)
{
    JsonOptions options = {
        .max_bytes = session->program->options.limits.max_output_bytes,
        .max_nesting = session->program->options.limits.max_nesting,
        .source = &module->source,
        .span = binding->name_span,
    };
    JsonDocument *document =
        json_prepare(&options, value, pool_main_worker(session->pool),
                     &session->token, &session->diags);
    bool ok = document != NULL &&
              json_document_write(document, json_sink_append, out);
    json_document_free(document);
    return ok;
}

// What the reader of JSON made, as a value for the diff; null is a Unit.
// Recursive: --max-nesting bounds the reader.
static Value literal_value(Session *session, const Expr *expr)
{
    Worker *worker = pool_main_worker(session->pool);
    Heap *heap = evaluation_heap(session->evaluation, worker);
    Value *parts;
    Value value;
    if (expr->kind == EXPR_BOOL) {
        return value_bool(expr->as.boolean.value);
    }
    if (expr->kind == EXPR_INT) {
        return value_int(expr->as.integer.value);
    }
    if (expr->kind == EXPR_FLOAT) {
        return value_float(expr->as.number.value);
    }
    if (expr->kind == EXPR_STRING) {
        return value_string(
            heap, str_make(expr->as.string.data, expr->as.string.len));
    }
    if (expr->kind == EXPR_LIST) {
        value = value_list(heap, expr->as.list.count, &parts);
        for (uint32_t i = 0; i < expr->as.list.count; i++) {
            parts[i] = literal_value(session, &expr->as.list.items[i]);
        }
        return value;
    }
    if (expr->kind != EXPR_RECORD) {
        return value_unit();
    }
    uint32_t count = expr->as.record.count;
    Symbol *names = mem_calloc((size_t)count + 1, sizeof *names);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = expr->as.record.items[i].name;
    }
    value = value_record(
        heap, shape_intern(session->evaluation->shapes, names, count), &parts);
    free(names);
    for (uint32_t i = 0; i < count; i++) {
        parts[i] = literal_value(session,
                                 record_item_value(&expr->as.record.items[i]));
    }
    return value;
}

// Reads JSON text. False when it is broken; the first message is
// *out_message then.
static bool read_value(Session *session, Str text, TestReport *report,
                       Value *out, Str *out_message)
{
    Program *program = session->program;
    Module *module = module_new();
    module->source.path = STR("snapshot");
    module->source.text = text;
    read_json_module(module, program->interner,
                     program->options.limits.max_nesting);
    conflict_report(module, 0);
    bool ok = !module->broken && module->ast.result != NULL;
    if (ok) {
        *out = literal_value(session, module->ast.result);
    } else if (module->diags.diags.count > 0) {
        *out_message =
            arena_str(&report->arena, diag_at(&module->diags, 0)->message);
    }
    module->source.text = STR("");
    module_free(module);
    return ok;
}

// ---- comparing

typedef struct Snapshot {
    Session *session;
    const Module *module;
    const Binding *binding;
    TestReport *report;
    TestCase *test;
    Str path;
} Snapshot;

static void add_detail(void *ctx, Str line)
{
    Snapshot *snapshot = ctx;
    vec_push(&snapshot->test->details,
             arena_str(&snapshot->report->arena, line));
}

static void fail(Snapshot *snapshot, const char *help, const char *format, ...)
    PRINTF_LIKE(3, 4);

static void fail(Snapshot *snapshot, const char *help, const char *format, ...)
{
    TestCase *test = snapshot->test;
    StrBuf text = {0};
    va_list args;
    va_start(args, format);
    strbuf_appendv(&text, format, args);
    va_end(args);
    test->passed = false;
    test->code = str_from_c(diag_code_name(DIAG_E0412));
    test->message = arena_str(&snapshot->report->arena, strbuf_str(&text));
    strbuf_release(&text);
    DiagSink *diags = &snapshot->session->diags;
    Diag *diag =
        diag_add(diags, DIAG_E0412, &snapshot->module->source,
                 snapshot->binding->name_span, "test '%.*s' failed: %.*s",
                 STR_ARG(test->name), STR_ARG(test->message));
    for (uint32_t i = 0; i < test->details.count; i++) {
        diag_note(diags, diag, "%.*s", STR_ARG(test->details.items[i]));
    }
    if (help != NULL) {
        diag_help(diags, diag, "%s", help);
    }
}

static void compare(Snapshot *snapshot, Str stored, Str text)
{
    static const char update[] = "'ligature test --update' takes the new value";
    snapshot->test->passed = true;
    if (str_equal(stored, text)) {
        return;
    }
    Value old, new;
    Str why = STR("");
    if (!read_value(snapshot->session, stored, snapshot->report, &old, &why)) {
        fail(snapshot, update, "the snapshot '%.*s' is no JSON: %.*s",
             STR_ARG(snapshot->path), STR_ARG(why));
        return;
    }
    if (!read_value(snapshot->session, text, snapshot->report, &new, &why)) {
        fail(snapshot, NULL, "the value cannot be read back: %.*s",
             STR_ARG(why));
        return;
    }
    ValueDiffOptions options = {.left = "snapshot",
                                .right = "value",
                                .json = true,
                                .max_lines = MAX_DIFFERENCES,
                                .token = &snapshot->session->token};
    if (value_diff(&options, old, new, add_detail, snapshot) > 0) {
        fail(snapshot, update, "the value differs from '%.*s'",
             STR_ARG(snapshot->path));
    }
}

// Writes the text where it differs from what is stored.
static void update(Snapshot *snapshot, const StrBuf *stored, Str text)
{
    Session *session = snapshot->session;
    snapshot->test->passed = true;
    if (stored != NULL && str_equal(strbuf_str(stored), text)) {
        return;
    }
    bool ok = make_folders(snapshot->module, &snapshot->report->arena)
                  ? session_write(session, snapshot->path, text)
                  : session_unwritable(session, snapshot->path, errno);
    if (!ok) {
        snapshot->test->passed = false;
        snapshot->test->errored = true;
        snapshot->test->message = STR("the snapshot cannot be written");
        return;
    }
    snapshot->test->message = STR("snapshot written");
}

static void take_refusal(Snapshot *snapshot)
{
    TestCase *test = snapshot->test;
    const DiagSink *diags = &snapshot->session->diags;
    test->passed = false;
    test->errored = true;
    test->message = STR("the value has no JSON");
    if (diags->diags.count > 0) {
        const Diag *diag = vec_last(&diags->diags);
        test->code = str_from_c(diag_code_name(diag->code));
        test->message = arena_str(&snapshot->report->arena, diag->message);
    }
}

// Other files that the run writes must not take its place.
static bool keeps_snapshot(Session *session, Str path)
{
    StrVec paths = {0};
    vec_push(&paths, path);
    bool kept = overwrite_refuse_files(session, &paths);
    vec_release(&paths);
    return kept;
}

void test_snapshot(Session *session, const Module *module,
                   const Binding *binding, Value value, TestReport *report,
                   TestCase *test)
{
    Snapshot snapshot = {
        session, module, binding,
        report,  test,   snapshot_path(module, test->name, &report->arena)};
    StrBuf text = {0}, stored = {0};
    if (!value_text(session, module, binding, value, &text)) {
        take_refusal(&snapshot);
        strbuf_release(&text);
        return;
    }
    if (is_behind_link(module, &report->arena)) {
        fail(&snapshot, "put a folder in its place",
             "the folder of the snapshot '%.*s' is a symbolic link",
             STR_ARG(snapshot.path));
        strbuf_release(&text);
        return;
    }
    if (!keeps_snapshot(session, snapshot.path)) {
        take_refusal(&snapshot);
        strbuf_release(&text);
        return;
    }
    session_notify(session, snapshot.path);
    int error = file_read_at(AT_FDCWD, snapshot.path.data,
                             session->program->options.limits.max_source_bytes,
                             &stored);
    // A pipe or a device is no snapshot, and would be written to as it is.
    bool is_special = error == EINVAL;
    if (session->settings->update && !is_special) {
        update(&snapshot, error == 0 ? &stored : NULL, strbuf_str(&text));
        session_notify(session, snapshot.path); // no change to come back for
    } else if (error == ENOENT || error == ENOTDIR) {
        fail(&snapshot, "'ligature test --update' writes it",
             "there is no snapshot '%.*s' yet", STR_ARG(snapshot.path));
    } else if (error != 0) {
        fail(&snapshot, NULL, "the snapshot '%.*s' cannot be read: %s",
             STR_ARG(snapshot.path),
             is_special ? "it is no regular file" : strerror(error));
    } else {
        compare(&snapshot, strbuf_str(&stored), strbuf_str(&text));
    }
    strbuf_release(&text);
    strbuf_release(&stored);
}

// ---- removing

static bool is_wanted(Session *session, const Module *module, Str file)
{
    Str name = str_slice(file, 0, file.len - strlen(".json"));
    for (uint32_t i = 0; i < module->visible_count; i++) {
        if (module->bindings[i].name != 0 &&
            str_equal(symbol_text(session->program->interner,
                                  module->bindings[i].name),
                      name)) {
            return true;
        }
    }
    return false;
}

static bool refuse(Session *session, const char *kind, Str path,
                   const char *what, int error)
{
    StrBuf shown = {0};
    strbuf_append_printable(&shown, path, 4096);
    session_error(session, DIAG_E0002, "%s'%.*s' cannot be %s: %s", kind,
                  STR_ARG(strbuf_str(&shown)), what, strerror(error));
    diag_help(&session->diags, vec_last(&session->diags.diags),
              "--update removes the snapshots of tests that are gone");
    strbuf_release(&shown);
    return false;
}

static bool prune_folder(Session *session, const Module *module, Str folder,
                         DIR *dir, Arena *arena)
{
    const struct dirent *entry;
    bool ok = true;
    while ((entry = folder_names_next(dir)) != NULL) {
        Str file = str_from_c(entry->d_name);
        if (test_is_snapshot(file) && str_ends_with(file, STR(".json")) &&
            !is_wanted(session, module, file) &&
            unlinkat(dirfd(dir), entry->d_name, 0) != 0 && errno != ENOENT) {
            int error = errno;
            Str path = arena_join(arena, folder, STR("/"));
            ok = refuse(session, "", arena_join(arena, path, file), "removed",
                        error);
        }
    }
    return errno == 0 ? ok : refuse(session, "folder ", folder, "read", errno);
}

bool test_snapshot_prune(Session *session, const Module *module)
{
    Arena arena;
    arena_init(&arena);
    bool ok = true;
    if (!is_behind_link(module, &arena)) {
        Str folder = snapshot_folder(module, &arena);
        DIR *dir = opendir(folder.data);
        if (dir != NULL) {
            ok = prune_folder(session, module, folder, dir, &arena);
            (void)closedir(dir);
        } else if (errno != ENOENT && errno != ENOTDIR) {
            ok = refuse(session, "folder ", folder, "read", errno);
        }
    }
    arena_release(&arena);
    return ok;
}
