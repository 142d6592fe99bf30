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
#include "syntax/loader.h"
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

static bool load(Session *session, const Str *paths, uint32_t path_count)
{
    PhaseTimer timer = phase_start(session, PHASE_LOAD);
    const Settings *settings = session->settings;
    Program *program = session->program;
    bool ok;
    if (settings->expr.len > 0 && path_count == 0) {
        ok = loader_load_text(program, STR("<expr>"), STR("."), settings->expr);
    } else {
        ok = loader_load(program, paths, path_count);
        if (ok && settings->expr.len > 0) {
            ok = loader_load_expr(program, settings->expr);
        }
    }
    ok = loader_load_inputs(program) && ok;
    return phase_end(timer) && ok;
}

static bool resolve(Session *session)
{
    PhaseTimer timer = phase_start(session, PHASE_RESOLVE);
    resolve_program(session->program);
    return phase_end(timer);
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

static void new_evaluation(Session *session)
{
    const Settings *settings = session->settings;
    EvaluationOptions options = {
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
    new_evaluation(session);
    bool may_lack_inputs = strcmp(session->command, "typecheck") == 0 ||
                           strcmp(session->command, "validate") == 0;
    return data_checks_run(session->evaluation, may_lack_inputs,
                           &session->diags);
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
    ok = check_constants(session->program) && ok;
    ok = check_data(session) && ok;
    run_cache_checked(session);
    return phase_end(timer) && ok;
}

bool pipeline_evaluate(Session *session,
                       bool (*run)(Session *session, void *ctx), void *ctx)
{
    PhaseTimer timer = phase_start(session, PHASE_EVALUATE);
    check_program_release(session->program); // notes say all that is needed
    if (session->evaluation == NULL) {
        new_evaluation(session);
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

bool pipeline_check(Session *session, const Str *paths, uint32_t path_count)
{
    bool ok = !session->failed;
    if (ok) {
        do {
            ok = load(session, paths, path_count) && resolve(session) &&
                 check(session);
        } while (starts_over(session));
    }
    session->failed = !ok;
    if (!ok) {
        session_hide_progress(session);
    }
    return ok;
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
    const Settings *settings = session->settings;
    bool ok = !session->failed;
    Module *made = NULL;
    if (ok) {
        PhaseTimer timer = phase_start(session, PHASE_LOAD);
        ok = loader_load_validation(session->program, schema, type,
                                    settings->operands.items,
                                    settings->operands.count, &made);
        ok = phase_end(timer) && ok;
    }
    ok = ok && resolve(session) && check(session);
    if (made != NULL) {
        recode(&made->diags);
    }
    session->failed = !ok;
}

bool pipeline_results(Session *session, const Str *paths, uint32_t path_count)
{
    bool ok;
    do {
        ok = pipeline_check(session, paths, path_count) &&
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
        ok = pipeline_check(session, paths, path_count) &&
             pipeline_evaluate(session, run_entries, NULL);
    } else {
        ok = !session->failed && load(session, paths, path_count) &&
             resolve(session) && !has_errors(session);
    }
    if (ok && session->evaluation == NULL) {
        new_evaluation(session);
    }
    session->failed = !ok;
}
