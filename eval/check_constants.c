// Every site is code of its own, run on the machine in an evaluation of its
// own, in which bindings have the budget of constants.
#include "eval/check_constants.h"

#include <stdlib.h>

#include "eval/compile.h"
#include "eval/machine.h"
#include "eval/machine_internal.h"
#include "eval/regex.h"

typedef struct SiteRef {
    Module *module;
    CheckSite *site;
} SiteRef;

// What was said of a site.
typedef struct SiteReport {
    uint64_t number;
    DiagSink diags;
} SiteReport;

typedef VEC(SiteReport) SiteReports;

typedef struct ConstantCheck {
    Program *program;
    Evaluation *evaluation;
    VEC(SiteRef) sites;
    bool *passed;         // by site
    SiteReports *reports; // by worker
} ConstantCheck;

enum {
    // Fewer are not worth another thread.
    SITES_GRAIN = 64,
    // Of one site, so many reports are compared with each other.
    DROP_MAX = 256
};

// ---- which sites can be run

typedef struct ShapeVisit {
    const Program *program;
    VEC(const CheckShape *) seen;
    bool failed; // the site's group has errors: evidence may be missing
    bool usable;
} ShapeVisit;

static void visit_shape(ShapeVisit *visit, const CheckShape *shape)
{
    for (uint32_t i = 0; i < visit->seen.count; i++) {
        if (visit->seen.items[i] == shape) {
            return;
        }
    }
    vec_push(&visit->seen, shape);
    if (shape->kind == CHECK_REFINED) {
        const Refined *refined = shape->refined;
        const Module *module = visit->program->modules[refined->module];
        visit->usable &=
            !refined->open && (!visit->failed || refined->evidence == NULL);
        for (uint32_t i = 0; i < refined->expr->as.refined.count; i++) {
            uint32_t binding = refined->expr->as.refined.predicates[i].hidden;
            binding = binding == UINT32_MAX ? refined->binding : binding;
            visit->usable &=
                binding != INDEX_NONE &&
                !module->groups[module->bindings[binding].group].failed;
        }
    }
    for (uint32_t i = 0; i < shape->count; i++) {
        if (shape->parts[i] != NULL) {
            visit_shape(visit, shape->parts[i]);
        }
    }
}

// Predicates with errors in them are not run.
static bool is_usable(const Program *program, const CheckShape *shape,
                      bool failed)
{
    ShapeVisit visit = {.program = program, .failed = failed, .usable = true};
    visit_shape(&visit, shape);
    vec_release(&visit.seen);
    return visit.usable;
}

static void collect_sites(ConstantCheck *check)
{
    for (uint32_t m = 0; m < check->program->module_count; m++) {
        Module *module = check->program->modules[m];
        const CheckShape *newest = NULL;
        bool newest_failed = false;
        bool usable = true;
        for (uint32_t i = 0; i < module->check_sites.count; i++) {
            CheckSite *site = &module->check_sites.items[i];
            uint32_t group = module->bindings[site->binding].group;
            bool failed = module->groups[group].failed;
            if (site->check != NULL &&
                (site->check->shape != newest || failed != newest_failed)) {
                newest = site->check->shape;
                newest_failed = failed;
                usable = is_usable(check->program, newest, failed);
            }
            if (!module->is_std && !module->broken &&
                (site->check == NULL || usable)) {
                vec_push(&check->sites, (SiteRef){module, site});
            }
        }
    }
}

// ---- one site

static void run_pattern(ConstantCheck *check, Machine *m, const SiteRef *ref,
                        SiteReports *reports, uint64_t number)
{
    const Expr *expr = ref->site->expr;
    Str pattern = str_make(expr->as.string.data, expr->as.string.len);
    bool matches;
    int64_t steps = CONSTANT_STEPS;
    BuiltinContext ctx = m->builtins;
    ctx.steps = &steps;
    (void)check;
    if (!regex_match(&ctx, pattern, STR(""), false, &matches) &&
        ctx.error_code == DIAG_E0408) {
        SiteReport report = {.number = number};
        diag_sink_init(&report.diags);
        diag_add(&report.diags, DIAG_E0221, &ref->module->source, expr->span,
                 "%.*s", STR_ARG(ctx.error_message));
        vec_push(reports, report);
    }
}

// What a default makes of fields that are wrong themselves is no mistake of
// its own: of two reports, one inside the other, the inner one stays.
static void drop_outer(DiagSink *sink)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        Diag *diag = diag_at(sink, i);
        bool inner = true;
        for (uint32_t j = 0; j < sink->diags.count; j++) {
            Span other = diag_at(sink, j)->span;
            inner &= other.start < diag->span.start ||
                     other.end > diag->span.end ||
                     (other.start == diag->span.start &&
                      other.end == diag->span.end);
        }
        if (inner) {
            sink->diags.items[kept++] = diag;
        }
    }
    sink->diags.count = kept;
    sink->error_count = kept;
}

// Only what was said of the site itself counts; the run may have ended in
// something else.
static void take_report(Slot *slot, SiteReports *reports, uint64_t number)
{
    DiagSink *sink = slot->diags;
    while (sink->diags.count > 0 &&
           vec_last(&sink->diags)->code != DIAG_E0218) {
        sink->diags.count--;
        sink->error_count = sink->diags.count;
    }
    if (sink->diags.count <= DROP_MAX) {
        drop_outer(sink);
    }
    if (sink->diags.count > 0) {
        SiteReport report = {.number = number};
        diag_sink_init(&report.diags);
        diag_sink_merge(&report.diags, sink);
        vec_push(reports, report);
    }
    diag_sink_release(sink);
    free(sink);
}

static void run_site(ConstantCheck *check, Machine *m, uint64_t number,
                     SiteReports *reports)
{
    const SiteRef *ref = &check->sites.items[number];
    if (ref->site->check == NULL) {
        run_pattern(check, m, ref, reports, number);
        return;
    }
    Slot slot = {.module = ref->module->id, .index = ref->site->binding};
    CompileTarget target = {.arena = m->arena,
                            .heap = m->heap,
                            .specializations = m->specializations};
    const Code *code = compile_constant_check(
        check->evaluation, &target, &slot, ref->site->expr, ref->site->check);
    if (code != NULL && slot_claim(&slot)) {
        machine_run_code(m, &slot, code, NULL);
        check->passed[number] =
            slot_state(&slot) == SLOT_DONE && slot.diags == NULL;
    }
    if (slot.diags != NULL) {
        take_report(&slot, reports, number);
    }
}

static void run_range(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    ConstantCheck *check = ctx;
    Machine *m = machine_of(check->evaluation, worker);
    SiteReports *reports = &check->reports[worker_index(worker)];
    for (uint64_t i = begin; i < end; i++) {
        if (i % SITES_GRAIN == 0 &&
            cancel_token_poll(check->evaluation->token) != CANCEL_NONE) {
            return;
        }
        run_site(check, m, i, reports);
    }
}

// ---- results

static int compare_reports(const void *a, const void *b)
{
    uint64_t left = ((const SiteReport *)a)->number;
    uint64_t right = ((const SiteReport *)b)->number;
    return (left > right) - (left < right);
}

static bool take_reports(ConstantCheck *check)
{
    SiteReports all = {0};
    for (uint32_t w = 0; w < check->evaluation->worker_count; w++) {
        SiteReports *reports = &check->reports[w];
        for (uint32_t i = 0; i < reports->count; i++) {
            vec_push(&all, reports->items[i]);
        }
        vec_release(reports);
    }
    if (all.count > 0) {
        qsort(all.items, all.count, sizeof *all.items, compare_reports);
    }
    for (uint32_t i = 0; i < all.count; i++) {
        SiteReport *report = &all.items[i];
        Module *module = check->sites.items[report->number].module;
        diag_sink_merge(&module->diags, &report->diags);
        diag_sink_release(&report->diags);
    }
    bool none = all.count == 0;
    vec_release(&all);
    return none;
}

// An expression with several checks stays as it is.
static bool has_one_check(const Notes *notes, const Expr *expr)
{
    const Note *note = note_find(notes, expr->note, NOTE_CHECK);
    return note != NULL && note_find(notes, note->next, NOTE_CHECK) == NULL;
}

static void mark_passed(ConstantCheck *check)
{
    for (uint32_t i = 0; i < check->sites.count; i++) {
        const SiteRef *ref = &check->sites.items[i];
        if (check->passed[i] && ref->site->noted && !ref->site->check->wraps &&
            has_one_check(&ref->module->notes, ref->site->expr)) {
            ref->site->expr->flags |= EXPR_CHECKED;
        }
    }
}

static void run_sites(ConstantCheck *check)
{
    Program *program = check->program;
    EvaluationOptions options = {0};
    check->evaluation = evaluation_new(program, &options);
    check->evaluation->constants = true;
    if (check->evaluation->limits.max_steps > CONSTANT_STEPS) {
        check->evaluation->limits.max_steps = CONSTANT_STEPS;
    }
    check->passed = mem_calloc(check->sites.count, sizeof *check->passed);
    check->reports =
        mem_calloc(check->evaluation->worker_count, sizeof *check->reports);
    parallel_for(pool_main_worker(program->pool), program->token,
                 check->sites.count, SITES_GRAIN, run_range, check);
}

bool check_constants(Program *program)
{
    ConstantCheck check = {.program = program};
    collect_sites(&check);
    bool okay = true;
    if (check.sites.count > 0) {
        run_sites(&check);
        okay = take_reports(&check);
        mark_passed(&check);
        free(check.passed);
        free(check.reports);
        evaluation_free(check.evaluation);
    }
    vec_release(&check.sites);
    return okay;
}
