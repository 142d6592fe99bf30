// Start and end of a run: signals, pool and limits before; diagnostics,
// report and exit status after.
#include "cli/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/confine.h"
#include "cli/diag_write.h"
#include "cli/memory_limit.h"
#include "cli/output.h"
#include "cli/overwrite.h"
#include "cli/progress_line.h"
#include "cli/run_report.h"
#include "cli/run_trace.h"
#include "cli/signals.h"
#include "cli/untrusted.h"
#include "cli/watchdog.h"
#include "eval/expr_cache.h"
#include "syntax/paths.h"
#include "syntax/project.h"
#include "typecheck/check.h"
#include "typecheck/type_cache.h"

#ifdef NDEBUG
#define LEAVES_MEMORY true
#else
#define LEAVES_MEMORY false
#endif

static void override(uint64_t given, uint64_t *limit)
{
    if (given != 0) {
        *limit = given;
    }
}

static void override32(uint64_t given, uint32_t *limit)
{
    if (given != 0) {
        *limit = given > UINT32_MAX ? UINT32_MAX : (uint32_t)given;
    }
}

static Limits limits_of(const Settings *settings)
{
    Limits limits;
    if (settings->untrusted) {
        limits = untrusted_limits(settings);
    } else {
        limits = limits_default();
        limits.max_memory_bytes = memory_limit_default();
    }
    override32(settings->max_nesting, &limits.max_nesting);
    override32(settings->max_depth, &limits.max_depth);
    override(settings->max_steps, &limits.max_steps);
    override(settings->max_memory, &limits.max_memory_bytes);
    override(settings->max_output, &limits.max_output_bytes);
    override(settings->max_source, &limits.max_source_bytes);
    override(settings->max_sources, &limits.max_sources_bytes);
    override32(settings->max_modules, &limits.max_modules);
    override(settings->max_type_nodes, &limits.max_type_nodes);
    override32(settings->max_errors, &limits.max_errors);
    return limits;
}

// Whether anybody will look at the times of modules and tasks.
static bool is_timed(const Settings *settings)
{
    return settings->stats || settings->report.len > 0 || settings->timed ||
           settings->trace.len > 0;
}

static CacheMap *new_cache(const Settings *settings, Pool *pool,
                           void (*drop)(void *value, void *ctx))
{
    if (settings->no_cache) {
        return NULL;
    }
    CacheMapOptions options = {
        .worker_count = pool_worker_count(pool),
        .pool = pool,
        .capacity_bytes = settings->cache_bytes != 0 ? settings->cache_bytes
                          : settings->untrusted      ? UNTRUSTED_CACHE_BYTES
                                                     : CACHE_BYTES,
        .drop = drop,
        .timed = is_timed(settings),
    };
    return cache_map_new(&options);
}

static void make_evaluation_caches(Session *session)
{
    const Settings *settings = session->settings;
    session->value_cache = new_cache(settings, session->pool, NULL);
    session->expression_cache =
        new_cache(settings, session->pool, expr_cache_drop);
}

static void make_caches(Session *session)
{
    session->type_cache =
        new_cache(session->settings, session->pool, type_cache_drop);
    make_evaluation_caches(session);
}

// What of the path could be mended.
static void help_unwritable(Session *session, Str path, int error)
{
    struct stat info;
    Str folder = paths_dirname(path);
    StrBuf shown = {0};
    strbuf_append(&shown, folder);
    strbuf_append_char(&shown, '\0');
    DiagSink *diags = &session->diags;
    if (error == EISDIR) {
        diag_help(diags, vec_last(&diags->diags), "name a file in it");
    } else if (error == ENOENT && stat(shown.data, &info) != 0) {
        strbuf_clear(&shown);
        strbuf_append_printable(&shown, folder, 200);
        diag_help(diags, vec_last(&diags->diags),
                  "make the folder '%.*s' first", STR_ARG(strbuf_str(&shown)));
    }
    strbuf_release(&shown);
}

bool session_unwritable(Session *session, Str path, int error)
{
    session->failed = true;
    if (cancel_token_is_ended(&session->token)) {
        // The signal has broken it off, or ended who reads it.
        session->stopped = cancel_token_reason(&session->token);
        return false;
    }
    if (path.len == 0 || str_equal(path, STR("-"))) {
        session_error(session, DIAG_E0002,
                      "standard output cannot be written: %s", strerror(error));
        return false;
    }
    session_error(session, DIAG_E0002, "'%.*s' cannot be written: %s",
                  STR_ARG(path), strerror(error));
    help_unwritable(session, path, error);
    return false;
}

bool session_write(Session *session, Str path, Str text)
{
    Output output;
    if (output_open(&output, path, &session->token)) {
        output_write(&output, text);
    }
    return output_close(&output, true) ||
           session_unwritable(session, path, output.error);
}

void session_notify(Session *session, Str path)
{
    int pipe = session->settings->notice_pipe;
    if (pipe != 0) {
        FileNotice notice = file_notice_of(path);
        file_notice_send(pipe, &notice);
    }
}

// Before the program is read: what is wrong with the command line is said
// whatever is wrong with that.
static void parse_select(Session *session)
{
    if (!select_parse(session->settings->select,
                      session->verb == VERB_WHY ? "" : " of --select",
                      &session->arena, &session->select, &session->diags)) {
        session->failed = true;
    }
}

// Better now than after the result has been printed.
static bool check_output(Session *session, Str path)
{
    int error = output_check(path);
    return error == 0 || session_unwritable(session, path, error);
}

bool session_explains(const Session *session)
{
    return session->verb == VERB_WHY || session->settings->source_map.len > 0;
}

// Builds with assertions: whether LIGATURE_PLAIN_CODE is set, for tests that
// compare what optimised code gives with what other code does.
static bool wants_plain_code(void)
{
#ifdef NDEBUG
    return false;
#else
    const char *text = getenv("LIGATURE_PLAIN_CODE");
    return text != NULL && *text != '\0';
#endif
}

// For stress tests: another order of scheduling for every number but 0.
static uint64_t schedule_seed(Session *session)
{
    const char *text = getenv("LIGATURE_SCHED_SEED");
    if (text == NULL || *text == '\0') {
        return 0;
    }
    char *end;
    errno = 0;
    unsigned long long seed = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || *text < '0' || *text > '9') {
        session_error(session, DIAG_E0001,
                      "LIGATURE_SCHED_SEED is not a number: '%s'", text);
        session->failed = true;
    }
    return seed;
}

// More threads than CPUs only take turns, and memory: they are for tests, which
// want the order of things to vary, and threads from the start.
static bool is_stressed(uint64_t seed)
{
    const char *more = getenv("LIGATURE_OVERSUBSCRIBE");
    return seed != 0 || (more != NULL && *more != '\0');
}

// The pool asks for the quota when it starts a thread, if it still can.
static uint32_t cpu_count(const Settings *settings)
{
    uint32_t cpus = cpu_affinity_count();
    return settings->untrusted && settings->machine_cpus < cpus
               ? settings->machine_cpus
               : cpus;
}

static uint32_t wanted_workers(const Settings *settings, bool stressed)
{
    uint32_t wanted = (uint32_t)settings->workers;
    if (wanted == 1 || stressed) {
        return wanted;
    }
    uint32_t cpus = cpu_count(settings);
    return wanted < cpus ? wanted : cpus;
}

// Once: a second session of the run takes over what the first one found.
static void report_unconfined(Session *session)
{
    uint32_t lacks = session->settings->unconfined;
    session->settings->unconfined = 0;
    if (lacks == 0) {
        return;
    }
    session_error(session, DIAG_W0001,
                  "the kernel does not confine the process: it has no %s",
                  lacks == CONFINE_LACKS_LANDLOCK  ? "Landlock"
                  : lacks == CONFINE_LACKS_SECCOMP ? "seccomp filters"
                                                   : "Landlock, no seccomp");
    diag_help(&session->diags, vec_last(&session->diags.diags),
              "the limits hold nevertheless; --werror refuses to go on");
}

static void make_pool(Session *session)
{
    const Settings *settings = session->settings;
    uint64_t seed = schedule_seed(session);
    bool stressed = is_stressed(seed);
    bool parallel = settings->parallel || settings->async;
    uint32_t workers = settings->sequential ? 1
                       : settings->workers != 0
                           ? wanted_workers(settings, stressed)
                           : cpu_count(settings);
    bool explains = session_explains(session);
    workers = explains ? 1 : workers;
    session->fallback = explains                 ? "values are followed"
                        : settings->sequential   ? "--sequential"
                        : settings->workers == 1 ? "--workers 1"
                        : workers == 1           ? "one CPU"
                                                 : NULL;
    session->pool = pool_new(workers, seed);
    pool_set_tunes_heap(session->pool);
    if (is_timed(settings)) {
        pool_set_measured(session->pool);
    }
    if (!parallel && settings->workers == 0) {
        pool_set_automatic(session->pool);
    } else if (!stressed) {
        pool_set_patient(session->pool);
    }
}

ProgramOptions session_program_options(const Settings *settings)
{
    ProgramOptions options = {
        .limits = limits_of(settings),
        .plain_patterns = settings->untrusted,
        .include_dirs = settings->include_dirs.items,
        .include_dir_count = settings->include_dirs.count,
        .allow_roots = settings->allow_roots.items,
        .allow_root_count = settings->allow_roots.count,
        .totality = (TotalityMode)settings->totality,
        .inputs = settings->inputs.items,
        .input_count = settings->inputs.count,
        .input_files = settings->input_files.items,
        .input_file_count = settings->input_files.count,
    };
    if (settings->root != NULL) {
        options.root = str_from_c(settings->root);
    }
    if (settings->project != NULL) {
        options.root = settings->project->dir;
        options.imports = settings->project->imports;
        options.import_count = settings->project->import_count;
    }
    return options;
}

static ProgramOptions program_options(const Session *session)
{
    const Settings *settings = session->settings;
    ProgramOptions options = session_program_options(settings);
    options.file_log = session->run_cache != NULL ? &session->run_cache->log
                                                  : session->file_log;
    options.tunes_heap = session->verb != VERB_REPL;
    options.follows_data = session_explains(session);
    options.timed = is_timed(settings);
    options.whole_std = session->verb == VERB_DOC;
    return options;
}

void session_init(Session *session, uint32_t verb, Settings *settings)
{
    memset(session, 0, sizeof *session);
    session->verb = verb;
    session->settings = settings;
    session->start_ns = clock_monotonic_ns();
    diag_sink_init(&session->diags);
    arena_init(&session->arena);
    cancel_token_init(&session->token, NULL, settings_deadline_ns(settings));
    if (verb == VERB_REPL) { // which outlives what it runs
        signals_cancel_input(&session->token);
    } else {
        signals_end_run(&session->token);
        watchdog_start(session->token.deadline_ns);
    }
    make_pool(session);
    make_caches(session);
    if ((verb & VERB_KEPT) != 0) {
        session->run_cache = run_cache_open(settings);
    }
    if (session->run_cache == NULL &&
        (overwrite_needs_log(settings) || settings->notice_pipe != 0)) {
        session->file_log = mem_alloc(sizeof *session->file_log);
        file_log_init(session->file_log, settings->notice_pipe);
    }
    ProgramOptions options = program_options(session);
    session->program = program_new(&options, session->pool, &session->token);
    report_unconfined(session);
    parse_select(session);
    session->no_diagnostics_file =
        !check_output(session, settings->diagnostics_file);
    session->no_report = !check_output(session, settings->report);
    (void)check_output(session, settings->source_map);
    session->no_trace = !check_output(session, settings->trace);
    if (settings->trace.len > 0 || run_report_is_page(settings)) {
        session->trace = trace_new(session->pool);
    }
}

void session_error(Session *session, DiagCode code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)diag_addv(&session->diags, code, NULL, (Span){0, 0}, format, args);
    va_end(args);
}

bool session_refuses_warnings(Session *session)
{
    if (!session->settings->werror) {
        return false;
    }
    program_take_diags(session->program, &session->diags);
    return session->diags.diags.count > session->diags.error_count;
}

// ---- the end

bool session_wants_color(const Settings *settings, int fd)
{
    if (settings->color != COLOR_AUTO) {
        return settings->color == COLOR_ALWAYS;
    }
    const char *none = getenv("NO_COLOR");
    if (none != NULL && *none != '\0') {
        return false;
    }
    const char *force = getenv("CLICOLOR_FORCE");
    if (force != NULL && *force != '\0' && strcmp(force, "0") != 0) {
        return true;
    }
    return isatty(fd);
}

static bool write_diagnostics_file(Session *session)
{
    StrBuf text = {0};
    diag_write(&text, &session->diags, session->settings, false);
    bool ok = session_write(session, session->settings->diagnostics_file,
                            strbuf_str(&text));
    strbuf_release(&text);
    return ok;
}

static void show_diagnostics(Session *session)
{
    StrBuf text = {0};
    diag_write(&text, &session->diags, session->settings,
               session_wants_color(session->settings, STDERR_FILENO));
    bool ok =
        output_write_fd(STDERR_FILENO, strbuf_str(&text), &session->token);
    int error = errno;
    // A document that was asked for is lost; whoever closes standard error does
    // not want to hear the rest.
    if (!ok && (cancel_token_is_ended(&session->token) ||
                diag_write_format(session->settings) != DIAGNOSTICS_TEXT)) {
        (void)session_unwritable(session, STR("/dev/stderr"), error);
    }
    strbuf_release(&text);
}

static ExitStatus status_of(const Session *session)
{
    if (session->stopped == CANCEL_INTERRUPTED) {
        return EXIT_STATUS_INTERRUPTED;
    }
    if (session->stopped == CANCEL_TERMINATED) {
        return EXIT_STATUS_TERMINATED;
    }
    ExitStatus status =
        exit_status_of(&session->diags, session->settings->werror);
    return status == EXIT_STATUS_OK && session->differs ? EXIT_STATUS_FAILED
                                                        : status;
}

static void say_alone(Session *session, DiagCode code, const char *message)
{
    diag_sink_release(&session->diags);
    diag_sink_init(&session->diags);
    session_error(session, code, "%s", message);
}

// A stopped run says one fixed line, whatever had been found by then. People
// know that they have interrupted it; a document must not look as if it were
// that of a whole run.
static void report_cancelled(Session *session, CancelReason reason)
{
    bool is_signal =
        reason == CANCEL_INTERRUPTED || reason == CANCEL_TERMINATED;
    if (reason == CANCEL_TIMEOUT) {
        say_alone(session, DIAG_E0608,
                  "the timeout passed before the run was complete");
        Diag *diag = vec_last(&session->diags.diags);
        diag_help(&session->diags, diag, "give more time with --timeout");
    } else if (is_signal && diag_write_is_document(session->settings)) {
        say_alone(session, DIAG_E0612,
                  "the run was interrupted before it was complete");
    }
}

// Writes the files first: that one cannot be written is a diagnostic too.
// Diagnostics go to their file where one is asked for and can be written.
static ExitStatus finish_outputs(Session *session)
{
    const Settings *settings = session->settings;
    bool in_file = !session->no_diagnostics_file &&
                   settings->diagnostics_file.len > 0 &&
                   write_diagnostics_file(session);
    bool ok = run_trace(session);
    ok = run_report(session, status_of(session)) && ok;
    if (!ok && in_file) {
        in_file = write_diagnostics_file(session);
    }
    if (!in_file) {
        show_diagnostics(session);
    }
    if (settings->stats) {
        run_report_stats(session);
    }
    return status_of(session);
}

void session_hide_progress(Session *session)
{
    session->program->progress = NULL;
    session->progress = progress_line_stop(session->progress);
}

ExitStatus session_settle(Session *session)
{
    watchdog_stop();
    session_hide_progress(session);
    (void)overwrite_refuse(session);
    program_take_diags(session->program, &session->diags);
    diag_sink_sort(&session->diags);
    CancelReason reason = cancel_token_reason(&session->token);
    // A deadline that passed after the result was complete is no failure.
    if (session->failed && !session->settled) {
        session->stopped = reason;
        report_cancelled(session, reason);
        if (reason == CANCEL_NONE) {
            exit_status_require_error(&session->diags,
                                      session->settings->werror);
        }
        if (session->settings->fail_fast) {
            diag_sink_keep_first_error(&session->diags);
        }
    }
    session->settled = true;
    return status_of(session);
}

ExitStatus session_finish(Session *session)
{
    if (!session->settled) {
        (void)session_settle(session);
    }
    run_cache_keep(session);
    return finish_outputs(session);
}

// Their entries are slots of the evaluation, and results of its code by where
// that stands in memory.
static void release_evaluation(Session *session)
{
    evaluation_free(session->evaluation);
    session->evaluation = NULL;
    cache_map_free(session->value_cache);
    cache_map_free(session->expression_cache);
}

static void release_program(Session *session)
{
    release_evaluation(session);
    free(session->results);
    check_program_release(session->program);
    cache_map_free(session->type_cache);
    run_cache_forget(session->run_cache);
    program_free(session->program);
}

static void renew_program(Session *session, const ProgramOptions *options)
{
    release_program(session);
    if (session->is_alone) { // the pool's threads have ended
        session->is_alone = false;
        pool_free(session->pool);
        make_pool(session);
    }
    session->results = NULL;
    session->overwrites_checked = false;
    make_caches(session);
    session->program = program_new(options, session->pool, &session->token);
    diag_sink_release(&session->diags);
    diag_sink_init(&session->diags);
}

void session_restart(Session *session)
{
    ProgramOptions options = session->program->options;
    renew_program(session, &options);
}

void session_begin_clock(Session *session)
{
    cancel_token_init(&session->token, NULL,
                      settings_deadline_ns(session->settings));
    session->start_ns = clock_monotonic_ns();
}

void session_next(Session *session)
{
    session_begin_clock(session);
    ProgramOptions options = program_options(session);
    renew_program(session, &options);
    for (int phase = 0; phase < PHASE_COUNT; phase++) {
        session->phase_ran[phase] = false;
        session->phase_ns[phase] = 0;
        session->phase_work_span[phase] = (WorkSpan){0};
    }
    session->overlap_end_ns = 0;
    session->stopped = CANCEL_NONE;
    session->settled = session->failed = false;
}

void session_begin_evaluation(Session *session, bool by_module)
{
    const Settings *settings = session->settings;
    EvaluationOptions options = {
        .by_module = by_module,
        .value_cache = session->value_cache,
        .expression_cache = session->expression_cache,
        .fail_fast = settings->fail_fast,
        .timed = is_timed(settings),
        .trace = session->trace,
        .explains = session_explains(session),
        .plain = wants_plain_code(),
    };
    session->evaluation = evaluation_new(session->program, &options);
}

void session_drop_evaluation(Session *session)
{
    release_evaluation(session);
    make_evaluation_caches(session);
}

bool session_evaluates_alone(Session *session)
{
    if (cancel_token_poll(&session->token) != CANCEL_NONE ||
        !evaluation_was_crowded(session->evaluation, &session->diags)) {
        return false;
    }
    diag_sink_cut(&session->diags, 0);
    if (pool_worker_count(session->pool) > 1) {
        session->fallback = "several workers came near --max-memory";
        session->is_alone = true;
        pool_end_threads(session->pool);
    }
    session_drop_evaluation(session);
    session_begin_evaluation(session, false);
    return true;
}

static void free_memory(Session *session)
{
    release_program(session);
    run_cache_close(session->run_cache);
    if (session->file_log != NULL) {
        file_log_release(session->file_log);
        free(session->file_log);
    }
    trace_free(session->trace);
    pool_free(session->pool);
    diag_sink_release(&session->diags);
    arena_release(&session->arena);
}

// The process ends soon, and the system takes memory back faster than we could
// walk over it. Where leaks are looked for, nothing is left.
void session_release(Session *session)
{
    if (!LEAVES_MEMORY) {
        free_memory(session);
    }
}

void session_count_work(Session *session, Phase phase)
{
    WorkSpan now = pool_work_span(session->pool);
    WorkSpan *of = &session->phase_work_span[phase];
    of->work_ns += now.work_ns - session->counted.work_ns;
    of->span_ns += now.span_ns - session->counted.span_ns;
    session->counted = now;
}

const char *session_phase_name(Phase phase)
{
    static const char *const names[PHASE_COUNT] = {
        [PHASE_LOAD] = "load",   [PHASE_RESOLVE] = "resolve",
        [PHASE_CHECK] = "check", [PHASE_EVALUATE] = "evaluate",
        [PHASE_PRINT] = "print",
    };
    return names[phase];
}
