// text -> AST -> names bound -> types -> values -> JSON, for one run.
#include "api/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/diag_json.h"
#include "cli/diag_text.h"
#include "cli/exit_status.h"
#include "cli/memory_limit.h"
#include "cli/result_places.h"
#include "eval/check_constants.h"
#include "eval/data_checks.h"
#include "eval/expr_cache.h"
#include "eval/run.h"
#include "eval/select.h"
#include "eval/write_json.h"
#include "syntax/loader.h"
#include "syntax/resolve.h"
#include "typecheck/check.h"
#include "typecheck/type_cache.h"

// The machine counts them in signed numbers; these last for centuries.
#define MAX_STEPS ((uint64_t)INT64_MAX / 4)

typedef struct Passes {
    ApiRun *run;
    CancelToken token;
    Pool *pool;
    CacheMap *type_cache, *value_cache, *expression_cache;
    Arena arena; // texts of the program's options
    Program *program;
    Evaluation *evaluation; // NULL until there is one
    DiagSink diags;
} Passes;

// ---- options

static void error(Passes *passes, DiagCode code, const char *what, Str name)
{
    (void)diag_add(&passes->diags, code, NULL, (Span){0, 0}, "%s '%.*s'", what,
                   STR_ARG(name));
}

static void override32(uint32_t given, uint32_t *limit)
{
    *limit = given != 0 ? given : *limit;
}

static void override(uint64_t given, uint64_t *limit)
{
    *limit = given != 0 ? given : *limit;
}

static Limits limits_of(const LigatureOptions *options)
{
    Limits limits = limits_default();
    limits.max_memory_bytes = memory_limit_default();
    override32(options->max_nesting < MAX_NESTING_MOST ? options->max_nesting
                                                       : MAX_NESTING_MOST,
               &limits.max_nesting);
    override32(options->max_depth, &limits.max_depth);
    override32(options->max_modules, &limits.max_modules);
    override(options->max_steps < MAX_STEPS ? options->max_steps : MAX_STEPS,
             &limits.max_steps);
    override(options->max_memory_bytes, &limits.max_memory_bytes);
    override(options->max_output_bytes, &limits.max_output_bytes);
    override(options->max_source_bytes, &limits.max_source_bytes);
    override(options->max_type_nodes, &limits.max_type_nodes);
    override(options->max_sources_bytes, &limits.max_sources_bytes);
    return limits;
}

static Str *texts_of(Arena *arena, const char *const *texts, size_t count)
{
    Str *copies = arena_alloc(arena, (count + 1) * sizeof *copies);
    for (size_t i = 0; i < count; i++) {
        copies[i] = str_from_c(texts[i]);
    }
    return copies;
}

static int64_t deadline_of(const LigatureOptions *options)
{
    uint64_t most_ms = (uint64_t)INT64_MAX / 1000000 / 2;
    return options->timeout_ms == 0 || options->timeout_ms > most_ms
               ? INT64_MAX
               : clock_monotonic_ns() + (int64_t)options->timeout_ms * 1000000;
}

static CacheMap *new_cache(Pool *pool, void (*drop)(void *value, void *ctx))
{
    CacheMapOptions options = {
        .worker_count = pool_worker_count(pool),
        .pool = pool,
        .capacity_bytes = CACHE_BYTES,
        .drop = drop,
    };
    return cache_map_new(&options);
}

static void make_evaluation_caches(Passes *passes)
{
    passes->value_cache = new_cache(passes->pool, NULL);
    passes->expression_cache = new_cache(passes->pool, expr_cache_drop);
}

static void passes_init(Passes *passes, ApiRun *run)
{
    *passes = (Passes){.run = run};
    const LigatureOptions *options = run->options;
    diag_sink_init(&passes->diags);
    arena_init(&passes->arena);
    cancel_token_init(&passes->token, run->cancel, deadline_of(options));
    passes->pool = pool_new(
        options->workers != 0 ? options->workers : cpu_affinity_count(), 0);
    if (options->workers == 0) {
        pool_set_automatic(passes->pool);
    }
    passes->type_cache = new_cache(passes->pool, type_cache_drop);
    make_evaluation_caches(passes);
    Arena *arena = &passes->arena;
    ProgramOptions made = {
        .limits = limits_of(options),
        .root = str_from_c(options->root != NULL ? options->root : ""),
        .include_dirs =
            texts_of(arena, options->include_dirs, options->include_dir_count),
        .include_dir_count = (uint32_t)options->include_dir_count,
        .totality = options->strict ? TOTALITY_STRICT : TOTALITY_WARN,
        .inputs = texts_of(arena, options->inputs, options->input_count),
        .input_count = (uint32_t)options->input_count,
    };
    passes->program = program_new(&made, passes->pool, &passes->token);
}

static void release_evaluation(Passes *passes)
{
    evaluation_free(passes->evaluation);
    cache_map_free(passes->value_cache);
    cache_map_free(passes->expression_cache);
}

static void passes_release(Passes *passes)
{
    release_evaluation(passes);
    check_program_release(passes->program);
    cache_map_free(passes->type_cache);
    program_free(passes->program);
    pool_free(passes->pool);
    arena_release(&passes->arena);
    diag_sink_release(&passes->diags);
}

// ---- passes

static bool goes_on(Passes *passes, bool ok)
{
    return cancel_token_poll(&passes->token) == CANCEL_NONE && ok;
}

static bool check_folder(Passes *passes, const char *path)
{
    struct stat status;
    bool ok = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    if (!ok) {
        error(passes, DIAG_E0001, "there is no folder", str_from_c(path));
    }
    return ok;
}

// The folders exist, and the root holds what is to be run, symbolic links
// resolved.
static bool check_folders(Passes *passes)
{
    const ApiRun *run = passes->run;
    const char *root = run->options->root;
    if (root != NULL && !check_folder(passes, root)) {
        return false;
    }
    // Imports would be looked for elsewhere.
    if (run->path == NULL && run->dir != NULL &&
        !check_folder(passes, run->dir)) {
        return false;
    }
    if (root == NULL) {
        return true;
    }
    const char *inside = run->path != NULL  ? run->path
                         : run->dir != NULL ? run->dir
                                            : root;
    char *real_root = realpath(root, NULL);
    char *real = realpath(inside, NULL);
    bool ok = true;
    if (real_root == NULL) {
        error(passes, DIAG_E0001, "there is no folder", str_from_c(root));
        ok = false;
    } else if (real != NULL) { // the loader says that there is no such file
        size_t len = strcmp(real_root, "/") == 0 ? 0 : strlen(real_root);
        ok = strncmp(real, real_root, len) == 0 &&
             (real[len] == '/' || real[len] == '\0');
        if (!ok) {
            error(passes, DIAG_E0001,
                  "outside of the root:", str_from_c(inside));
        }
    }
    free(real_root);
    free(real);
    return ok;
}

static bool check_inputs(Passes *passes)
{
    const LigatureOptions *options = passes->run->options;
    bool ok = true;
    for (size_t i = 0; i < options->input_count; i++) {
        const char *equals = strchr(options->inputs[i], '=');
        if (equals == NULL || equals == options->inputs[i]) {
            error(passes, DIAG_E0001, "an input is NAME=VALUE, not",
                  str_from_c(options->inputs[i]));
            ok = false;
        }
    }
    return ok;
}

static bool load(Passes *passes)
{
    const ApiRun *run = passes->run;
    if (!check_folders(passes) || !check_inputs(passes)) {
        return false;
    }
    bool ok;
    if (run->path != NULL) {
        // "-" is a file like any other.
        Str path =
            strcmp(run->path, "-") == 0 ? STR("./-") : str_from_c(run->path);
        ok = loader_load(passes->program, &path, 1);
    } else {
        const char *dir = run->dir != NULL             ? run->dir
                          : run->options->root != NULL ? run->options->root
                                                       : ".";
        const char *name = run->name != NULL ? run->name : "<text>";
        ok = loader_load_text(passes->program, str_from_c(name),
                              str_from_c(dir), run->text);
    }
    ok = loader_load_inputs(passes->program) && ok;
    return goes_on(passes, ok);
}

static void new_evaluation(Passes *passes)
{
    EvaluationOptions options = {
        .value_cache = passes->value_cache,
        .expression_cache = passes->expression_cache,
        .fail_fast = passes->run->options->fail_fast,
    };
    passes->evaluation = evaluation_new(passes->program, &options);
}

// As session_evaluates_alone() does.
static bool evaluates_alone(Passes *passes, DiagSink *diags)
{
    if (!goes_on(passes, true) ||
        !evaluation_was_crowded(passes->evaluation, diags)) {
        return false;
    }
    diag_sink_cut(diags, 0);
    pool_end_threads(passes->pool);
    release_evaluation(passes);
    make_evaluation_caches(passes);
    new_evaluation(passes);
    return true;
}

static bool check_data(Passes *passes)
{
    if (!data_checks_needed(passes->program)) {
        return true;
    }
    new_evaluation(passes);
    DiagSink diags;
    diag_sink_init(&diags);
    bool ok;
    do {
        ok =
            data_checks_run(passes->evaluation, !passes->run->evaluate, &diags);
    } while (evaluates_alone(passes, &diags));
    diag_sink_merge(&passes->diags, &diags);
    return ok;
}

static bool check(Passes *passes)
{
    Program *program = passes->program;
    CheckOptions options = {
        .type_cache = passes->type_cache,
        .verdict_only = !passes->run->evaluate,
    };
    bool ok = check_program(program, &options);
    ok = check_constants(program) && ok;
    ok = check_data(passes) && ok;
    return goes_on(passes, ok);
}

static bool select_value(Passes *passes, Value *value)
{
    const char *text = passes->run->options->select;
    if (text == NULL) {
        return true;
    }
    SelectPath path;
    const Program *program = passes->program;
    const Module *module = program->modules[program->entries[0]];
    Heap *heap =
        evaluation_heap(passes->evaluation, pool_main_worker(passes->pool));
    SelectFrom from = {*value, &module->source, result_span(module)};
    return select_parse(str_from_c(text), "", &passes->arena, &path,
                        &passes->diags) &&
           select_apply(&path, &from, heap, &passes->diags, value);
}

static bool print(Passes *passes, Value value)
{
    const LigatureOptions *options = passes->run->options;
    const Program *program = passes->program;
    const Module *module = program->modules[program->entries[0]];
    ResultPlaces places = {program, module};
    bool by_field = module->ast.result == NULL && options->select == NULL;
    JsonOptions json = {
        .compact = options->compact,
        .sort_keys = options->sort_keys,
        .ascii = options->ascii,
        .max_bytes = program->options.limits.max_output_bytes,
        .max_nesting = program->options.limits.max_nesting,
        .source = &module->source,
        .span = result_span(module),
        .locate = by_field ? result_locate : NULL,
        .locate_ctx = &places,
    };
    JsonDocument *document =
        json_prepare(&json, value, pool_main_worker(passes->pool),
                     &passes->token, &passes->diags);
    bool ok =
        document != NULL &&
        json_document_write(document, json_sink_append, &passes->run->output);
    json_document_free(document);
    return ok;
}

static bool evaluate(Passes *passes)
{
    check_program_release(passes->program); // notes say all that is needed
    if (passes->evaluation == NULL) {
        new_evaluation(passes);
    }
    Value value;
    DiagSink diags;
    diag_sink_init(&diags);
    bool ok;
    do {
        ok = evaluation_run(passes->evaluation, &diags, &value);
    } while (evaluates_alone(passes, &diags));
    diag_sink_merge(&passes->diags, &diags);
    return goes_on(passes, ok) && select_value(passes, &value) &&
           print(passes, value);
}

static bool run_passes(Passes *passes)
{
    if (!goes_on(passes, true) || !load(passes)) {
        return false;
    }
    resolve_program(passes->program);
    return goes_on(passes, true) && check(passes) &&
           (!passes->run->evaluate || evaluate(passes));
}

// ---- the end

// A stopped run says one fixed thing, whatever had been found by then.
static void replace_diags(DiagSink *diags, DiagCode code, const char *message)
{
    diag_sink_release(diags);
    diag_sink_init(diags);
    (void)diag_add(diags, code, NULL, (Span){0, 0}, "%s", message);
}

// What helps is an option of the program, in the words of the passes.
static const struct {
    Str option, field;
} fields[] = {
    {STR_INIT("--max-nesting"), STR_INIT("max_nesting")},
    {STR_INIT("--max-depth"), STR_INIT("max_depth")},
    {STR_INIT("--max-modules"), STR_INIT("max_modules")},
    {STR_INIT("--max-steps"), STR_INIT("max_steps")},
    {STR_INIT("--max-memory"), STR_INIT("max_memory_bytes")},
    {STR_INIT("--max-output"), STR_INIT("max_output_bytes")},
    {STR_INIT("--max-source"), STR_INIT("max_source_bytes")},
    {STR_INIT("--max-sources"), STR_INIT("max_sources_bytes")},
    {STR_INIT("--max-type-nodes"), STR_INIT("max_type_nodes")},
    {STR_INIT("--input"), STR_INIT("inputs")},
    {STR_INIT("--allow-root"), STR_INIT("root")},
};

static bool is_option_byte(char c)
{
    return c == '-' || (c >= 'a' && c <= 'z');
}

// Appends the text up to the end of an option at *at, with its field for it.
static void append_field(StrBuf *out, Str text, size_t *at)
{
    size_t end = *at;
    while (end < text.len && is_option_byte(text.data[end])) {
        end++;
    }
    Str word = str_slice(text, *at, end);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (str_equal(word, fields[i].option)) {
            word = fields[i].field;
            break;
        }
    }
    strbuf_append(out, word);
    *at = end;
}

// Names the fields of LigatureOptions for the options of the program.
static void name_fields(DiagSink *diags)
{
    StrBuf text = {0};
    for (uint32_t i = 0; i < diags->diags.count; i++) {
        const Diag *diag = diag_at(diags, i);
        for (uint32_t h = 0; h < diag->more->helps.count; h++) {
            Str help = diag->more->helps.items[h];
            strbuf_clear(&text);
            for (size_t at = 0; at < help.len;) {
                if (str_starts_with(str_slice(help, at, help.len), STR("--"))) {
                    append_field(&text, help, &at);
                } else {
                    strbuf_append_char(&text, help.data[at++]);
                }
            }
            diag->more->helps.items[h] =
                arena_str(&diags->arena, strbuf_str(&text));
        }
    }
    strbuf_release(&text);
}

static LigatureStatus status_of(const DiagSink *diags)
{
    switch (exit_status_of(diags, false)) {
    case EXIT_STATUS_OK:
        return LIGATURE_OK;
    case EXIT_STATUS_FAILED:
        return LIGATURE_FAILED;
    case EXIT_STATUS_USAGE:
        return LIGATURE_USAGE;
    case EXIT_STATUS_IO:
        return LIGATURE_IO;
    case EXIT_STATUS_LIMIT:
        return LIGATURE_LIMIT;
    case EXIT_STATUS_TIMEOUT:
        return LIGATURE_TIMEOUT;
    case EXIT_STATUS_INTERRUPTED:
    case EXIT_STATUS_TERMINATED:
        return LIGATURE_CANCELLED;
    case EXIT_STATUS_BUG:
        break;
    }
    return LIGATURE_FAILED;
}

// A C string with or without anything in it.
static void end_text(StrBuf *text)
{
    strbuf_append_char(text, '\0');
    text->len--;
}

static void write_diags(ApiRun *run, const DiagSink *diags)
{
    DiagTextOptions options = {.max_errors = limits_default().max_errors};
    diag_json_write(&run->diagnostics, diags);
    diag_text_write(&run->message, diags, &options);
    end_text(&run->output);
    end_text(&run->diagnostics);
    end_text(&run->message);
}

static void settle(Passes *passes, bool ok)
{
    ApiRun *run = passes->run;
    DiagSink *diags = &passes->diags;
    program_take_diags(passes->program, diags);
    diag_sink_sort(diags);
    CancelReason reason =
        ok ? CANCEL_NONE : cancel_token_reason(&passes->token);
    bool cancelled = reason == CANCEL_INTERRUPTED;
    if (cancelled) {
        replace_diags(diags, DIAG_E0608, "the run was cancelled");
    } else if (reason == CANCEL_TIMEOUT) {
        replace_diags(diags, DIAG_E0608,
                      "the timeout passed before the run was complete");
    } else if (!ok) {
        exit_status_require_error(diags, false);
        if (run->options->fail_fast) {
            diag_sink_keep_first_error(diags);
        }
    }
    run->status = cancelled ? LIGATURE_CANCELLED : status_of(diags);
    if (run->status != LIGATURE_OK) {
        strbuf_clear(&run->output);
    }
    name_fields(diags);
    write_diags(run, diags);
}

void api_run(ApiRun *run)
{
    Passes passes;
    passes_init(&passes, run);
    settle(&passes, run_passes(&passes));
    passes_release(&passes);
}

void api_run_refuse(ApiRun *run)
{
    DiagSink diags;
    diag_sink_init(&diags);
    replace_diags(&diags, DIAG_E0002, "no thread could be started");
    run->status = status_of(&diags);
    write_diags(run, &diags);
    diag_sink_release(&diags);
}

void api_run_release(ApiRun *run)
{
    strbuf_release(&run->output);
    strbuf_release(&run->diagnostics);
    strbuf_release(&run->message);
}
