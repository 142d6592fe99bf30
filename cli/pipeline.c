// bytes -> AST -> names bound -> types -> values -> text. Read this file
// first: it is the table of contents of the program.
#include "cli/pipeline.h"

#include <string.h>

#include "cli/export.h"
#include "cli/print.h"
#include "cli/progress_line.h"
#include "cli/provenance.h"
#include "eval/check_constants.h"
#include "eval/data_checks.h"
#include "eval/speculate.h"
#include "syntax/loader.h"
#include "syntax/module_flow.h"
#include "syntax/resolve.h"
#include "typecheck/check.h"

typedef struct PhaseTimer {
    Session *session;
    Phase phase;
    int64_t start_ns;
} PhaseTimer;

static PhaseTimer phase_start(Session *session, Phase phase)
{
    int64_t now = clock_monotonic_ns();
    if (phase == PHASE_PRINT) {
        session_hide_progress(session);
    } else if (!session->progress_tried) {
        session->progress = progress_line_start(session->settings);
        session->program->progress = progress_line_progress(session->progress);
        session->progress_tried = true;
    }
    progress_begin(session->program->progress, 1 + (uint32_t)phase);
    if (!session->phase_ran[phase]) {
        session->phase_start_ns[phase] = now;
    }
    session->phase_ran[phase] = true;
    return (PhaseTimer){session, phase, now};
}

// Ends the phase; false when the run was cancelled meanwhile.
static bool phase_end(PhaseTimer timer)
{
    timer.session->phase_ns[timer.phase] +=
        clock_monotonic_ns() - timer.start_ns;
    return cancel_token_poll(&timer.session->token) == CANCEL_NONE;
}

// What a run is about.
typedef struct Loading {
    const Str *paths; // entry files
    uint32_t path_count;
    Str schema, type; // of `validate`; else empty
    Module *made;     // of `validate`: in which the type stands
    bool evaluates;   // what the entries yield
} Loading;

static bool is_validation(const Loading *loading)
{
    return loading->schema.len > 0;
}

static bool load_entries(const Session *session, Loading *loading)
{
    const Settings *settings = session->settings;
    Program *program = session->program;
    if (is_validation(loading)) {
        return loader_load_validation(program, loading->schema, loading->type,
                                      settings->operands.items,
                                      settings->operands.count, &loading->made);
    }
    if (settings->expr.len > 0 && loading->path_count == 0) {
        return loader_load_text(program, STR("<expr>"), STR("."),
                                settings->expr);
    }
    program->opens_entry = settings->expr.len > 0;
    bool ok = loader_load(program, loading->paths, loading->path_count);
    if (ok && settings->expr.len > 0) {
        ok = loader_load_expr(program, settings->expr);
    }
    return ok;
}

// The resolver goes on where names are wrong.
static bool has_errors(const Session *session)
{
    const Program *program = session->program;
    for (uint32_t m = 0; m < program->module_count; m++) {
        if (program->modules[m]->diags.error_count > 0) {
            return true;
        }
    }
    return false;
}

static void new_evaluation(Session *session, bool by_module)
{
    const Settings *settings = session->settings;
    EvaluationOptions options = {
        .by_module = by_module,
        .value_cache = session->value_cache,
        .expression_cache = session->expression_cache,
        .fail_fast = settings->fail_fast,
        .timed = settings->stats || settings->report.len > 0 ||
                 settings->timed || settings->trace.len > 0,
        .trace = session->trace,
        .explains = session_explains(session),
        .plain = session_wants_plain_code(),
    };
    session->evaluation = evaluation_new(session->program, &options);
}

// Data and inputs are constants: their refinements are part of the check, for
// which the predicates are evaluated.
static bool check_data(Session *session)
{
    if (!data_checks_needed(session->program)) {
        return true;
    }
    if (session->evaluation == NULL) {
        new_evaluation(session, false);
    }
    bool may_lack_inputs = strcmp(session->command, "typecheck") == 0 ||
                           strcmp(session->command, "validate") == 0;
    return data_checks_run(session->evaluation, may_lack_inputs,
                           &session->diags);
}

static bool check_values(Session *session)
{
    bool ok = check_constants(session->program);
    ok = check_data(session) && ok;
    run_cache_checked(session);
    return ok;
}

static bool check(Session *session)
{
    PhaseTimer timer = phase_start(session, PHASE_CHECK);
    bool is_typecheck = strcmp(session->command, "typecheck") == 0;
    run_cache_plan(session);
    CheckOptions options = {
        .type_cache = session->type_cache,
        .verdict_store = run_cache_verdicts(session),
        .verdict_only = is_typecheck && !session->settings->show_types,
    };
    bool ok = check_program(session->program, &options);
    ok = check_values(session) && ok;
    return phase_end(timer) && ok;
}

// ---- phases that overlap

// Of phases that overlap each takes the time that its modules have taken.
static void end_overlap(Session *session, bool checked)
{
    const Program *program = session->program;
    if (checked) {
        session->phase_ran[PHASE_CHECK] = true;
        session->phase_start_ns[PHASE_CHECK] =
            session->phase_start_ns[PHASE_LOAD];
    }
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        session->phase_ns[PHASE_LOAD] += module->load_ns;
        session->phase_ns[PHASE_RESOLVE] += module->resolve_ns;
        session->phase_ns[PHASE_CHECK] += module->check_ns;
    }
    if (session->evaluation != NULL) {
        session->phase_ns[PHASE_EVALUATE] += session->evaluation->early_ns;
    }
    session->overlap_end_ns = clock_monotonic_ns();
}

static bool is_cancelled(Session *session)
{
    return cancel_token_poll(&session->token) != CANCEL_NONE;
}

// What the stages of modules work with; `checker` NULL: they are resolved only,
// `speculation` NULL: nothing is evaluated yet.
typedef struct Stages {
    Resolving *resolving;
    Checker *checker;
    Speculation *speculation;
} Stages;

static ModuleFlow *begin_flow(Program *program, const Stages *with)
{
    ModuleStage stages[MODULE_STAGES] = {
        {resolving_module, with->resolving},
        {checker_module, with->checker},
        {speculation_module, with->speculation}};
    program->notes_certain = with->speculation != NULL;
    return module_flow_begin(program, stages,
                             with->speculation != NULL ? 3
                             : with->checker != NULL   ? 2
                                                       : 1);
}

// Once all is resolved, what is certainly needed is known. Where the check is
// nearly done, nothing is gained by not waiting for it; nor where data waits,
// because what imports that is checked last.
static void speculate(Session *session, ModuleFlow *flow,
                      Speculation *speculation)
{
    if (!is_cancelled(session) && module_flow_is_behind(flow)) {
        new_evaluation(session, true);
        speculation_start(speculation, session->evaluation);
        module_flow_open_third(flow);
    }
}

// Loads and works on modules at once: a module is resolved when those that it
// imports are, and checked when those are checked. False where the program is
// not complete: then only the loader has said something. *out_checked: there
// was nothing for which the check had to wait.
static bool overlap(Session *session, Loading *loading, Stages *stages,
                    bool *out_checked)
{
    Program *program = session->program;
    bool ok = true;
    LoadedInputs *inputs =
        is_validation(loading) ? NULL : loader_read_inputs(program, &ok);
    stages->resolving = resolving_begin(program);
    ModuleFlow *flow = begin_flow(program, stages);
    if (stages->checker != NULL && !run_cache_may_have_modules(session)) {
        module_flow_may_hurry(flow);
    }
    program->flow = ok ? flow : NULL;
    ok = load_entries(session, loading);
    ok = (inputs == NULL || loader_add_inputs(inputs)) && ok;
    module_flow_wait_first(flow);
    bool resolved = !program->checks_early; // and nothing is checked yet
    if (resolved) {
        ok = ok && !is_cancelled(session);
        resolving_end(stages->resolving, ok);
    }
    *out_checked = stages->checker != NULL && ok &&
                   (program->checks_early || !run_cache_has_modules(session));
    if (*out_checked && resolved) {
        module_flow_open(flow);
    }
    if (*out_checked && stages->speculation != NULL) {
        speculate(session, flow, stages->speculation);
    }
    module_flow_wait(flow);
    if (!resolved) {
        ok = ok && !is_cancelled(session);
        resolving_end(stages->resolving, ok);
    }
    if (ok && !resolved) {
        module_flow_open(flow);
        module_flow_wait(flow);
    }
    if (!ok) {
        module_flow_forget(flow);
    }
    module_flow_end(flow);
    program->flow = NULL;
    return ok && !is_cancelled(session);
}

// An evaluation that was begun is of use where all is in order.
static void end_speculation(Session *session, Speculation *speculation)
{
    if (speculation != NULL && !speculation_end(speculation)) {
        evaluation_free(session->evaluation);
        session->evaluation = NULL;
    }
}

// Load and resolve.
static bool begin(Session *session, Loading *loading)
{
    (void)phase_start(session, PHASE_RESOLVE);
    (void)phase_start(session, PHASE_LOAD);
    bool checked;
    bool ok = overlap(session, loading, &(Stages){0}, &checked);
    end_overlap(session, checked);
    return ok;
}

// Load, resolve and check: a program that cannot be loaded gets no further, one
// with errors is checked to the end.
static bool begin_and_check(Session *session, Loading *loading)
{
    (void)phase_start(session, PHASE_RESOLVE);
    (void)phase_start(session, PHASE_LOAD);
    bool speculates = session->settings->async && loading->evaluates &&
                      !session_explains(session) &&
                      pool_worker_count(session->pool) > 1;
    Stages stages = {
        .checker = checker_begin(session->program),
        .speculation = speculates ? speculation_begin(session->program) : NULL};
    bool checked;
    bool ok = overlap(session, loading, &stages, &checked);
    end_speculation(session, stages.speculation);
    bool fine = checker_end(stages.checker);
    end_overlap(session, checked);
    if (!ok || !checked) {
        return ok && check(session);
    }
    PhaseTimer timer = phase_start(session, PHASE_CHECK);
    run_cache_plan(session);
    ok = check_values(session) && fine;
    return phase_end(timer) && ok;
}

bool pipeline_evaluate(Session *session,
                       bool (*run)(Session *session, void *ctx), void *ctx)
{
    PhaseTimer timer = phase_start(session, PHASE_EVALUATE);
    check_program_release(session->program); // notes say all that is needed
    if (session->evaluation == NULL) {
        new_evaluation(session, false);
    }
    bool ok = run(session, ctx);
    session_hide_progress(session); // what comes next is printed
    return phase_end(timer) && ok;
}

static bool run_entries(Session *session, void *ctx)
{
    (void)ctx;
    session->results =
        mem_calloc(session->program->entry_count + 1, sizeof(Value));
    return evaluation_run(session->evaluation, &session->diags,
                          session->results);
}

static bool print(Session *session)
{
    PhaseTimer timer = phase_start(session, PHASE_PRINT);
    bool ok = session->settings->out.len > 0 ? export_results(session)
                                             : print_results(session);
    ok = ok &&
         (session->settings->source_map.len == 0 || source_map_write(session));
    (void)phase_end(timer);
    return ok;
}

bool pipeline_again(Session *session, const Str *paths, uint32_t path_count)
{
    if (!run_cache_find(session, paths, path_count)) {
        return false;
    }
    PhaseTimer timer = phase_start(session, PHASE_PRINT);
    session->failed = !print_text(session, session->run_cache->known.output);
    (void)phase_end(timer);
    return true;
}

// Whether what is on disk was not enough: then it starts over without.
static bool starts_over(Session *session)
{
    if (!load_relaxed(&session->program->doubts_stored) ||
        cancel_token_poll(&session->token) != CANCEL_NONE) {
        return false;
    }
    session_restart(session);
    return true;
}

static bool check_paths(Session *session, const Str *paths, uint32_t path_count,
                        bool evaluates)
{
    bool ok = !session->failed;
    if (ok) {
        Loading loading = {
            .paths = paths, .path_count = path_count, .evaluates = evaluates};
        do {
            ok = begin_and_check(session, &loading);
        } while (starts_over(session));
    }
    session->failed = !ok;
    if (!ok) {
        session_hide_progress(session);
    }
    return ok;
}

bool pipeline_check(Session *session, const Str *paths, uint32_t path_count)
{
    return check_paths(session, paths, path_count, false);
}

// What is wrong with the type asked for is wrong with the command line.
static void recode(DiagSink *diags)
{
    for (uint32_t i = 0; i < diags->diags.count; i++) {
        Diag *diag = diags->diags.items[i];
        if (diag_code_severity(diag->code) == SEVERITY_ERROR) {
            diag->code = DIAG_E0001;
        }
    }
}

void pipeline_validate(Session *session, Str schema, Str type)
{
    Loading loading = {.schema = schema, .type = type};
    bool ok = !session->failed && begin_and_check(session, &loading);
    if (loading.made != NULL) {
        recode(&loading.made->diags);
    }
    session->failed = !ok;
}

bool pipeline_results(Session *session, const Str *paths, uint32_t path_count)
{
    bool ok;
    do {
        ok = check_paths(session, paths, path_count, true) &&
             pipeline_evaluate(session, run_entries, NULL);
    } while (!ok && starts_over(session));
    session->failed = !ok;
    return ok;
}

void pipeline_eval(Session *session, const Str *paths, uint32_t path_count)
{
    if (!pipeline_again(session, paths, path_count)) {
        session->failed =
            !(pipeline_results(session, paths, path_count) && print(session));
    }
}

void pipeline_graph(Session *session, const Str *paths, uint32_t path_count)
{
    bool ok;
    if (session->settings->timed) {
        ok = check_paths(session, paths, path_count, true) &&
             pipeline_evaluate(session, run_entries, NULL);
    } else {
        Loading loading = {.paths = paths, .path_count = path_count};
        ok = !session->failed && begin(session, &loading) &&
             !has_errors(session);
    }
    if (ok && session->evaluation == NULL) {
        new_evaluation(session, false);
    }
    session->failed = !ok;
}
