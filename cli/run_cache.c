#include "cli/run_cache.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/build_id.h"
#include "cli/command.h"
#include "cli/module_pack.h"
#include "cli/module_store.h"
#include "cli/session.h"
#include "cli/version.h"
#include "support/die.h"
#include "support/pack.h"
#include "syntax/project.h"

// Raised whenever keys or records change.
#define RUN_CACHE_FORMAT "ligature run 2 " LIGATURE_VERSION
#define MODULES_FORMAT   "ligature modules 2 " LIGATURE_VERSION

static int64_t time_of_day_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

// ---- open and close

RunCache *run_cache_open(const Settings *settings)
{
    DiskCacheChoice choice = (DiskCacheChoice)settings->disk_cache;
    bool named = settings->cache_dir.len > 0;
    StrBuf path = {0};
    // A program of somebody else must leave nothing behind for later runs; and
    // nobody keeps where values come from.
    if (settings->no_cache || settings->untrusted ||
        settings->source_map.len > 0 || choice == DISK_CACHE_NEVER) {
        return NULL;
    }
    if (named) {
        strbuf_append(&path, settings->cache_dir);
    } else if (!cache_folder_default(&path)) {
        return NULL;
    }
    RunCache *cache = mem_calloc(1, sizeof *cache);
    cache->path = path;
    cache->start_ns = time_of_day_ns();
    cache->keeps_modules = choice == DISK_CACHE_ALWAYS;
    cache->always =
        choice == DISK_CACHE_ALWAYS || (named && choice == DISK_CACHE_AUTO);
    cache_folder_init(&cache->folder, strbuf_str(&cache->path),
                      settings->cache_size != 0 ? settings->cache_size
                                                : CACHE_FOLDER_BYTES);
    file_log_init(&cache->log, settings->notice_pipe);
    return cache;
}

void run_cache_close(RunCache *cache)
{
    if (cache == NULL) {
        return;
    }
    cache_folder_release(&cache->folder);
    file_log_release(&cache->log);
    run_record_release(&cache->known);
    module_pack_close(cache->modules);
    strbuf_release(&cache->path);
    strbuf_release(&cache->key);
    strbuf_release(&cache->output);
    strbuf_release(&cache->payload);
    free(cache);
}

// ---- the key

// Options that change neither what is read nor what is printed, in a run
// without diagnostics. All others are part of the key.
static bool is_part_of_key(const Option *option)
{
    static const char *const others[] = {
        "parallel",    "sequential",   "workers",
        "timeout",     "async",        "fail-fast",
        "no-cache",    "cache-dir",    "cache-size",
        "disk-cache",  "cache-memory", "max-errors",
        "diagnostics", "report",       "trace",
        "stats",       "color",        "progress",
        "output",      "show-config",  "diagnostics-file",
        "clear"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(option->name, others[i]) == 0) {
            return false;
        }
    }
    return true;
}

static void append_texts(StrBuf *key, const Str *texts, uint32_t count)
{
    pack_number(key, count);
    for (uint32_t i = 0; i < count; i++) {
        pack_text(key, texts[i]);
    }
}

static void append_option(StrBuf *key, const Option *option,
                          const Settings *settings)
{
    const void *field = (const char *)settings + option->offset;
    switch (option->kind) {
    case OPTION_FLAG:
        pack_number(key, *(const bool *)field);
        return;
    case OPTION_TEXT:
        pack_text(key, *(const Str *)field);
        return;
    case OPTION_TEXTS:
        append_texts(key, ((const StrVec *)field)->items,
                     ((const StrVec *)field)->count);
        return;
    case OPTION_COUNT:
    case OPTION_SIZE:
        pack_number(key, *(const uint64_t *)field);
        return;
    case OPTION_DURATION:
        pack_number(key, (uint64_t) * (const int64_t *)field);
        return;
    case OPTION_CHOICE:
        pack_number(key, *(const uint32_t *)field);
        return;
    }
}

// A folder where imports are looked for may have become another one.
static void append_folders(StrBuf *key, const StrVec *folders)
{
    char buffer[PATH_MAX];
    for (uint32_t i = 0; i < folders->count; i++) {
        // Texts of options are NUL-terminated.
        const char *real = realpath(folders->items[i].data, buffer);
        pack_text(key, real != NULL ? str_from_c(real) : STR(""));
    }
}

static void append_project(StrBuf *key, const Project *project)
{
    pack_number(key, project != NULL);
    if (project == NULL) {
        return;
    }
    pack_text(key, project->dir);
    for (uint32_t i = 0; i < project->import_count; i++) {
        pack_text(key, project->imports[i].name);
        pack_text(key, project->imports[i].path);
    }
}

// False where it is not known which program this is, or where it runs.
static bool append_place(StrBuf *key, Str format)
{
    char folder[PATH_MAX];
    Str build = build_id();
    if (build.len == 0 || getcwd(folder, sizeof folder) == NULL) {
        return false;
    }
    pack_text(key, format);
    pack_text(key, build);
    pack_text(key, str_from_c(folder));
    pack_number(key, geteuid());
    return true;
}

static bool make_key(const Session *session, const Str *paths, uint32_t count,
                     StrBuf *key)
{
    const Settings *settings = session->settings;
    if (!append_place(key, STR(RUN_CACHE_FORMAT))) {
        return false;
    }
    pack_text(key, str_from_c(command_name(session->verb)));
    append_texts(key, paths, count);
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        bool is_given = settings->sources[i].origin != ORIGIN_DEFAULT;
        if (is_given && is_part_of_key(option)) {
            pack_text(key, str_from_c(option->name));
            append_option(key, option, settings);
        }
    }
    pack_number(key, settings->has_format);
    // The default depends on the machine.
    pack_number(key, session->program->options.limits.max_memory_bytes);
    append_folders(key, &settings->include_dirs);
    append_folders(key, &settings->allow_roots);
    append_project(key, settings->project);
    return true;
}

static bool has_stdin(const Str *paths, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(paths[i], STR("-"))) {
            return true;
        }
    }
    return false;
}

// Runs that have something else to show than what they print are run.
static bool is_replayable(const Session *session)
{
    return session->trace == NULL;
}

// Who watches is told of the files that a run which is known depends on.
static void notify_files(const RunCache *cache, int pipe)
{
    for (uint32_t i = 0; pipe != 0 && i < cache->known.files.count; i++) {
        const RecordedFile *file = &cache->known.files.items[i];
        StrBuf path = {0};
        strbuf_append(&path, file->dir); // with its slash
        strbuf_append(&path, file->name);
        FileNotice notice = {
            .kind = file->missing ? FILE_NOTICE_MISSING : FILE_NOTICE_FOUND,
            .text = strbuf_str(&path),
            .stamp = file->stamp,
        };
        file_notice_send(pipe, &notice);
        strbuf_release(&path);
    }
}

bool run_cache_find(Session *session, const Str *paths, uint32_t count)
{
    RunCache *cache = session->run_cache;
    const Settings *settings = session->settings;
    if (cache == NULL || session->failed || count == 0 ||
        settings->out.len > 0 || has_stdin(paths, count) ||
        has_stdin(settings->input_files.items, settings->input_files.count) ||
        !make_key(session, paths, count, &cache->key)) {
        return false;
    }
    cache->output_whole = true;
    cache->found =
        is_replayable(session) &&
        cache_folder_read(&cache->folder, CACHE_RUN, strbuf_str(&cache->key),
                          &cache->payload) &&
        run_record_parse(strbuf_str(&cache->payload), &cache->known);
    RecordState state = RECORD_CHANGED;
    if (cache->found) {
        cache->keeps_modules =
            cache->keeps_modules || run_record_is_costly(&cache->known);
        state = run_record_check(&cache->known, cache->start_ns, false);
        cache->found = state != RECORD_CHANGED;
        cache->touched = state == RECORD_TOUCHED;
    }
    if (cache->found) {
        notify_files(cache, settings->notice_pipe);
    }
    cache->stats.hits += cache->found;
    cache->stats.misses += !cache->found;
    return cache->found;
}

// ---- modules

// One pack for all that runs in one folder.
static bool open_modules(Session *session)
{
    RunCache *cache = session->run_cache;
    StrBuf key = {0};
    if (cache->modules != NULL) {
        return true;
    }
    bool ok = cache->keeps_modules && append_place(&key, STR(MODULES_FORMAT));
    if (ok) {
        cache->modules = module_pack_open(&cache->folder, strbuf_str(&key));
    }
    strbuf_release(&key);
    return ok;
}

static bool keeps_verdicts(const Session *session)
{
    return session->verb == VERB_TYPECHECK && !session->settings->show_types;
}

static bool keeps_values(const Session *session)
{
    return session->verb == VERB_EVAL && session->run_cache->key.len > 0;
}

bool run_cache_may_have_modules(Session *session)
{
    RunCache *cache = session->run_cache;
    if (cache == NULL || !cache->keeps_modules || keeps_verdicts(session)) {
        return cache != NULL && cache->keeps_modules;
    }
    StrBuf key = {0};
    bool has =
        !cache->no_store && keeps_values(session) &&
        append_place(&key, STR(MODULES_FORMAT)) &&
        cache_folder_has(&cache->folder, CACHE_MODULES, strbuf_str(&key));
    strbuf_release(&key);
    return has;
}

bool run_cache_has_modules(Session *session)
{
    return run_cache_may_have_modules(session) && open_modules(session);
}

static bool find_verdict(void *ctx, const Hash256 *key, StoredVerdict *out)
{
    Str payload;
    const RunCache *cache = ctx;
    if (cache->no_store || !module_pack_find(cache->modules, key, &payload)) {
        return false;
    }
    PackReader reader = pack_reader(payload);
    out->interface_hash = unpack_hash(&reader);
    out->types = unpack_text(&reader);
    out->type_nodes = unpack_number(&reader);
    return pack_ended(&reader);
}

static void keep_verdict(void *ctx, const Hash256 *key,
                         const StoredVerdict *verdict)
{
    const RunCache *cache = ctx;
    StrBuf payload = {0};
    pack_hash(&payload, &verdict->interface_hash);
    pack_text(&payload, verdict->types);
    pack_number(&payload, verdict->type_nodes);
    module_pack_keep(cache->modules, key, strbuf_str(&payload));
    strbuf_release(&payload);
}

const VerdictStore *run_cache_verdicts(Session *session)
{
    RunCache *cache = session->run_cache;
    if (cache == NULL || !keeps_verdicts(session) || !open_modules(session)) {
        return NULL;
    }
    cache->verdicts = (VerdictStore){find_verdict, keep_verdict, cache};
    return &cache->verdicts;
}

void run_cache_plan(Session *session)
{
    RunCache *cache = session->run_cache;
    if (cache != NULL && !cache->no_store && keeps_values(session) &&
        open_modules(session)) {
        cache->store = module_store_plan(session->program, cache->modules);
    }
}

void run_cache_checked(Session *session)
{
    if (session->run_cache != NULL && session->run_cache->store != NULL) {
        module_store_checked(session->run_cache->store);
    }
}

void run_cache_forget(RunCache *cache)
{
    if (cache != NULL) {
        cache->no_store = true;
        file_log_clear(&cache->log);
        module_store_free(cache->store);
        cache->store = NULL;
    }
}

// ---- what this run adds

// What is too much anyway need not be copied first.
void run_cache_expect_output(RunCache *cache, uint64_t bytes)
{
    if (cache != NULL) {
        cache->output_whole = cache->output_whole && bytes <= RUN_CACHE_OUTPUT;
    }
}

void run_cache_take_output(RunCache *cache, Str bytes)
{
    if (cache == NULL || !cache->output_whole || cache->found) {
        return;
    }
    size_t len = cache->output.len + bytes.len;
    // A run must not fail for what it keeps for the next one.
    cache->output_whole =
        len <= RUN_CACHE_OUTPUT &&
        (len <= cache->output.capacity || mem_could_have(4 * len));
    if (cache->output_whole) {
        strbuf_append(&cache->output, bytes);
    } else {
        strbuf_release(&cache->output);
    }
}

static void write_record(RunCache *cache, const RunRecord *record)
{
    StrBuf payload = {0};
    if (!mem_could_have(4 * (record->output.len + (1 << 20)))) {
        return;
    }
    run_record_append(record, &payload);
    if (cache_folder_write(&cache->folder, CACHE_RUN, strbuf_str(&cache->key),
                           strbuf_str(&payload))) {
        cache->stats.entries++;
        cache->stats.bytes += payload.len;
    }
    strbuf_release(&payload);
}

static void take_modules(const Program *program, RunRecord *record)
{
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        if (!module->is_std) {
            vec_push(&record->modules, (RecordedModule){module->source.path,
                                                        module->source.text.len,
                                                        module->visible_count});
        }
    }
}

static void keep_new(Session *session)
{
    RunCache *cache = session->run_cache;
    // A run with the modules of another one tells nothing of what they cost.
    RunRecord record = {.output = strbuf_str(&cache->output),
                        .cost_ns =
                            cache->keeps_modules && cache->known.cost_ns > 0
                                ? cache->known.cost_ns
                                : (uint64_t)clock_process_ns()};
    if (session->evaluation != NULL) {
        record.tasks = evaluation_task_count(session->evaluation);
    }
    // Looked at as a later run will: what would not be found then (a path
    // over a symbolic link) or has changed meanwhile is not kept.
    if (run_record_take(&record, &cache->log) &&
        run_record_check(&record, cache->start_ns, true) != RECORD_CHANGED) {
        take_modules(session->program, &record);
        write_record(cache, &record);
    }
    run_record_release(&record);
}

// What has no diagnostics is kept even where another module has.
static void keep_run(Session *session)
{
    RunCache *cache = session->run_cache;
    if (cache->key.len == 0 || !cache->output_whole || session->failed ||
        session->diags.diags.count > 0) {
        return;
    }
    if (cache->found) {
        if (cache->touched) {
            write_record(cache, &cache->known);
        }
    } else if (cache->always ||
               clock_monotonic_ns() - session->start_ns >= RUN_CACHE_PAYS_NS) {
        keep_new(session);
    }
}

// Who asks for the cache wants to know.
static void report_off(Session *session)
{
    const RunCache *cache = session->run_cache;
    if (cache->always && cache->folder.off != NULL) {
        StrBuf shown = {0};
        strbuf_append_printable(&shown, cache->folder.path, 200);
        session_error(session, DIAG_N0001,
                      "the cache in '%.*s' is not used: %s",
                      STR_ARG(strbuf_str(&shown)), cache->folder.off);
        strbuf_release(&shown);
    }
}

void run_cache_keep(Session *session)
{
    RunCache *cache = session->run_cache;
    if (cache == NULL || session->stopped != CANCEL_NONE) {
        return;
    }
    keep_run(session);
    if (cache->store != NULL && !session->failed &&
        session->evaluation != NULL) {
        module_store_keep(cache->store, session->evaluation);
    }
    module_pack_write(cache->modules);
    report_off(session);
}

RunCacheStats run_cache_stats(const RunCache *cache)
{
    if (cache == NULL) {
        return (RunCacheStats){0};
    }
    RunCacheStats stats = cache->stats;
    ModulePackStats modules = module_pack_stats(cache->modules);
    stats.hits += modules.hits;
    stats.misses += modules.misses;
    stats.entries += modules.entries;
    stats.bytes += modules.bytes;
    stats.evictions = cache->folder.evictions;
    stats.off = cache->folder.off;
    return stats;
}
