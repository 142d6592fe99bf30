// bytes -> AST -> names bound -> types -> values -> text. Read this file
// first: it is the table of contents of the program.
#include "cli/pipeline.h"

#include "cli/export.h"
#include "cli/overlap.h"
#include "cli/overwrite.h"
#include "cli/print.h"
#include "cli/progress_line.h"
#include "cli/provenance.h"
#include "eval/check_constants.h"
#include "eval/data_checks.h"
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
    int64_t now = clock_monotonic_ns();
    timer.session->phase_ns[timer.phase] += now - timer.start_ns;
    timer.session->phase_end_ns[timer.phase] = now;
    session_count_work(timer.session, timer.phase);
    return cancel_token_poll(&timer.session->token) == CANCEL_NONE;
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

typedef bool Evaluating(Session *session, void *ctx);

// What `run` evaluates, once more where one worker alone has the last word.
// What was said before is kept apart, for it is not to be taken back.
static bool evaluate_settled(Session *session, Evaluating *run, void *ctx)
{
    DiagSink before = session->diags;
    diag_sink_init(&session->diags);
    bool ok;
    do {
        ok = run(session, ctx);
    } while (session_evaluates_alone(session));
    diag_sink_merge(&before, &session->diags);
    session->diags = before;
    return ok;
}

static bool run_data_checks(Session *session, void *ctx)
{
    (void)ctx;
    bool may_lack_inputs =
        (session->verb & (VERB_TYPECHECK | VERB_VALIDATE)) != 0;
    return data_checks_run(session->evaluation, may_lack_inputs,
                           &session->diags);
}

// Data and inputs are constants: their refinements are part of the check, for
// which the predicates are evaluated.
static bool check_data(Session *session)
{
    if (!data_checks_needed(session->program)) {
        return true;
    }
    if (session->evaluation == NULL) {
        session_begin_evaluation(session, false);
    }
    return evaluate_settled(session, run_data_checks, NULL);
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
    run_cache_plan(session);
    CheckOptions options = {
        .type_cache = session->type_cache,
        .verdict_store = run_cache_verdicts(session),
        .verdict_only =
            session->verb == VERB_TYPECHECK && !session->settings->show_types,
    };
    bool ok = check_program(session->program, &options);
    ok = check_values(session) && ok;
    return phase_end(timer) && ok;
}

static void begin_overlap(Session *session)
{
    (void)phase_start(session, PHASE_RESOLVE);
    (void)phase_start(session, PHASE_LOAD);
}

static bool load_and_resolve(Session *session, Loading *loading)
{
    begin_overlap(session);
    return overlap_resolve(session, loading);
}

static bool load_and_check(Session *session, Loading *loading)
{
    begin_overlap(session);
    Overlapped result = overlap_check(session, loading);
    if (result == OVERLAP_INCOMPLETE) {
        return false;
    }
    if (result == OVERLAP_RESOLVED) {
        return check(session);
    }
    PhaseTimer timer = phase_start(session, PHASE_CHECK);
    run_cache_plan(session);
    bool ok = check_values(session) && result == OVERLAP_ACCEPTED;
    return phase_end(timer) && ok;
}

bool pipeline_evaluate(Session *session,
                       bool (*run)(Session *session, void *ctx), void *ctx)
{
    PhaseTimer timer = phase_start(session, PHASE_EVALUATE);
    check_program_release(session->program); // notes say all that is needed
    if (session->evaluation == NULL) {
        session_begin_evaluation(session, false);
    }
    bool ok = evaluate_settled(session, run, ctx);
    session_hide_progress(session); // what comes next is printed
    return phase_end(timer) && ok;
}

static bool run_entries(Session *session, void *ctx)
{
    (void)ctx;
    free(session->results);
    session->results =
        mem_calloc(session->program->entry_count + 1, sizeof(Value));
    return evaluation_run(session->evaluation, &session->diags,
                          session->results);
}

static bool print(Session *session)
{
    PhaseTimer timer = phase_start(session, PHASE_PRINT);
    bool ok = session->settings->out.len > 0
                  ? export_results(session) && source_map_write(session)
                  : print_results(session);
    (void)phase_end(timer);
    return ok;
}

bool pipeline_again(Session *session, const Str *paths, uint32_t path_count)
{
    if (!run_cache_find(session, paths, path_count)) {
        return false;
    }
    if (!overwrite_refuse(session)) {
        return true;
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

static bool check_loading(Session *session, Loading *loading)
{
    bool ok = !session->failed;
    if (ok) {
        do {
            ok = load_and_check(session, loading);
        } while (starts_over(session));
    }
    if (ok && loading->evaluates && (session->verb & VERB_RESULT) != 0) {
        check_left_out(session->program, &session->diags);
    }
    ok = overwrite_refuse(session) && ok;
    session->failed = !ok;
    if (!ok) {
        session_hide_progress(session);
    }
    return ok;
}

static bool check_paths(Session *session, const Str *paths, uint32_t path_count,
                        bool evaluates)
{
    Loading loading = {
        .paths = paths, .path_count = path_count, .evaluates = evaluates};
    return check_loading(session, &loading);
}

bool pipeline_check(Session *session, const Str *paths, uint32_t path_count)
{
    return check_paths(session, paths, path_count, false);
}

bool pipeline_check_session(Session *session, const SessionInput *inputs,
                            uint32_t count)
{
    Loading loading = {.inputs = inputs, .input_count = count};
    return check_loading(session, &loading);
}

// What is wrong with the type asked for is wrong with the command line.
static void recode(DiagSink *diags)
{
    for (uint32_t i = 0; i < diags->diags.count; i++) {
        Diag *diag = diag_at(diags, i);
        if (diag_code_severity(diag->code) == SEVERITY_ERROR) {
            diag->code = DIAG_E0001;
        }
    }
}

void pipeline_validate(Session *session, Str schema, Str type)
{
    Loading loading = {.schema = schema, .type = type};
    bool ok = !session->failed && load_and_check(session, &loading);
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
        ok = pipeline_results(session, paths, path_count);
    } else {
        Loading loading = {.paths = paths, .path_count = path_count};
        ok = !session->failed && load_and_resolve(session, &loading) &&
             !has_errors(session);
    }
    if (ok && session->evaluation == NULL) {
        session_begin_evaluation(session, false);
    }
    session->failed = !ok;
}
