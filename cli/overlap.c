#include "cli/overlap.h"

#include "cli/run_cache.h"
#include "eval/early.h"
#include "eval/speculate.h"
#include "syntax/module_flow.h"
#include "syntax/resolve.h"
#include "typecheck/check.h"

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
    if (loading->inputs != NULL) {
        return loader_load_session(program, loading->inputs,
                                   loading->input_count);
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

// ---- stages

static bool is_cancelled(Session *session)
{
    return cancel_token_poll(&session->token) != CANCEL_NONE;
}

// What the stages of modules work with; `checker` NULL: they are resolved only,
// `evaluation` NULL: nothing is evaluated yet, `speculation` NULL: only what is
// there at a look.
typedef struct Stages {
    Resolving *resolving;
    Checker *checker;
    Evaluation *evaluation;
    Speculation *speculation;
} Stages;

// Where modules are many, those that are checked early are evaluated early.
static void check_stage(void *ctx, Module *module, Worker *worker)
{
    Stages *with = ctx;
    checker_module(with->checker, module, worker);
    if (with->evaluation != NULL && with->evaluation->program->checks_early) {
        early_module(with->evaluation, module, worker);
    }
}

static ModuleFlow *begin_flow(Program *program, Stages *with)
{
    ModuleStage stages[MODULE_STAGES] = {
        {resolving_module, with->resolving},
        {check_stage, with},
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
static void speculate(Session *session, ModuleFlow *flow, const Stages *with)
{
    if (!is_cancelled(session) && module_flow_is_behind(flow)) {
        speculation_start(with->speculation, with->evaluation);
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
        speculate(session, flow, stages);
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

// The evaluation, if there is one, is of use where all is in order.
static void end_evaluation(Session *session, const Stages *stages, bool fine)
{
    if (stages->speculation != NULL) {
        fine = speculation_end(stages->speculation) && fine;
    }
    if (stages->evaluation != NULL &&
        !(fine && evaluation_complete(stages->evaluation))) {
        session_drop_evaluation(session);
    }
}

// Of phases that overlap each takes the time that its modules have taken.
static void end_overlap(Session *session, bool checked)
{
    const Program *program = session->program;
    if (checked) {
        session->phase_ran[PHASE_CHECK] = true;
        session->phase_start_ns[PHASE_CHECK] =
            session->phase_start_ns[PHASE_LOAD];
    }
    for (uint32_t m = 0; m < program->module_count && program->options.timed;
         m++) {
        const Module *module = program->modules[m];
        session->phase_ns[PHASE_LOAD] +=
            module->times != NULL ? module->times->load_ns : 0;
        session->phase_ns[PHASE_RESOLVE] +=
            module_pass_time(module, TIMED_RESOLVE).ns;
        session->phase_ns[PHASE_CHECK] +=
            module_pass_time(module, TIMED_CHECK).ns;
    }
    if (session->evaluation != NULL) {
        session->phase_ns[PHASE_EVALUATE] +=
            load_relaxed(&session->evaluation->early_ns);
    }
    session->overlap_end_ns = clock_monotonic_ns();
    session_count_work(session, PHASE_LOAD);
}

bool overlap_resolve(Session *session, Loading *loading)
{
    bool checked;
    bool ok = overlap(session, loading, &(Stages){0}, &checked);
    end_overlap(session, checked);
    return ok;
}

Overlapped overlap_check(Session *session, Loading *loading)
{
    bool evaluates = loading->evaluates && !session_explains(session);
    bool speculates = evaluates && session->settings->async &&
                      pool_worker_count(session->pool) > 1;
    if (evaluates) {
        session_begin_evaluation(session, true);
    }
    Stages stages = {
        .checker = checker_begin(session->program),
        .evaluation = session->evaluation,
        .speculation = speculates ? speculation_begin(session->program) : NULL};
    bool checked;
    bool ok = overlap(session, loading, &stages, &checked);
    bool fine = checker_end(stages.checker, ok && checked);
    end_evaluation(session, &stages, ok && checked && fine);
    end_overlap(session, checked);
    if (!ok) {
        return OVERLAP_INCOMPLETE;
    }
    if (!checked) {
        return OVERLAP_RESOLVED;
    }
    return fine ? OVERLAP_ACCEPTED : OVERLAP_REFUSED;
}
