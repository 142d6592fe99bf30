// Sites are run on the machine in an evaluation of its own, in which bindings
// have the budget of constants. A literal is handed to code that all sites of
// its shape share. What does not pass there, or has a value that only code
// makes, is code of its own, which says what is wrong.
#include "eval/check_constants.h"

#include <stdlib.h>

#include "eval/compile.h"
#include "eval/machine.h"
#include "eval/machine_internal.h"
#include "eval/regex.h"
#include "support/hash.h"
#include "support/ptr_map.h"
#include "support/table.h"

typedef struct SiteRef {
    Module *module;
    CheckSite *site;
    bool may_share; // the check is the same wherever the site stands
} SiteRef;

// The check of a shape, compiled.
typedef struct SharedCode {
    const void *key;
    const Code *code; // NULL: too large
    UT_hash_handle hh;
} SharedCode;

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
    SharedCode **codes;   // by worker: a table
} ConstantCheck;

enum {
    // Fewer are not worth another thread.
    SITES_GRAIN = 64,
    // Of one site, so many reports are compared with each other.
    DROP_MAX = 256,
    // Shapes that are remembered while sites are collected.
    KNOWN_SHAPES = 64
};

// ---- which sites can be run

// Whether it stands in what a method is: that binding has failed, and whoever
// comes to it stops there.
static bool is_in_method(const Decl *instance, const Diag *diag)
{
    const InstanceDecl *decl = instance->as.instance;
    for (uint32_t i = 0; i < decl->method_count; i++) {
        const Bind *method = &decl->methods[i];
        if (diag->span.start >= method->name_span.end &&
            diag->span.end <= method->value.span.end) {
            return true;
        }
    }
    return false;
}

static bool is_about_class(const Module *module, const Diag *diag)
{
    const Decl *decl = diag->source == &module->source
                           ? ast_decl_at(&module->ast, diag->span.start)
                           : NULL;
    if (decl != NULL && decl->kind == DECL_INSTANCE) {
        return !is_in_method(decl, diag);
    }
    return diag->code == DIAG_E0212 || diag->code == DIAG_E0213 ||
           (decl != NULL && decl->kind == DECL_CLASS);
}

static bool has_class_error(const Module *module)
{
    const DiagSink *sink = &module->diags;
    uint32_t count = sink->error_count > 0 ? sink->diags.count : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (is_about_class(module, diag_at(sink, i))) {
            return true;
        }
    }
    return false;
}

// Whether classes and instances of the module are all there, and sound. Syntax
// errors may have lost any of their methods.
static bool has_sound_evidence(const Module *module)
{
    bool has_any = module->class_count + module->instance_count > 0;
    return !(module->broken && has_any) && !has_class_error(module);
}

bool *constants_may_run(const Program *program)
{
    bool *may = mem_calloc(program->module_count, sizeof *may);
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        may[m] = !program->gives_up && has_sound_evidence(module);
        for (uint32_t i = 0; may[m] && i < module->import_count; i++) {
            uint32_t import = module->imports[i]; // a smaller number
            may[m] = import == INDEX_NONE || may[import];
        }
    }
    for (uint32_t m = 0; m < program->module_count; m++) {
        may[m] &= !program->modules[m]->broken;
    }
    return may;
}

typedef struct ShapeVisit {
    const Program *program;
    PtrMap seen; // shapes
    bool failed; // the site's group has errors: evidence may be missing
    bool usable;
    bool may_share;
} ShapeVisit;

static void visit_shape(ShapeVisit *visit, const CheckShape *shape)
{
    void **seen = ptr_map_at(&visit->seen, (uintptr_t)shape, 0);
    if (*seen != NULL) {
        return;
    }
    *seen = visit;
    if (shape->kind == CHECK_REFINED) {
        const Refined *refined = shape->refined;
        const Module *module = visit->program->modules[refined->module];
        visit->may_share &= shape->closed;
        visit->usable &=
            !refined->open && (!visit->failed || refined->evidence == NULL);
        for (uint32_t i = 0; i < refined->expr->as.refined.count; i++) {
            uint32_t binding = refined->expr->as.refined.predicates[i].hidden;
            visit->may_share &= binding != UINT32_MAX;
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

static unsigned pointer_hash(const void *pointer)
{
    return (unsigned)((uintptr_t)pointer * HASH_MULTIPLIER >> 32);
}

// What is known of a shape.
typedef struct KnownShape {
    const CheckShape *shape;
    bool failed;
    bool usable; // predicates with errors in them are not run
    bool may_share;
} KnownShape;

static const KnownShape *look_at_shape(const Program *program,
                                       KnownShape *known,
                                       const CheckShape *shape, bool failed)
{
    KnownShape *place = &known[pointer_hash(shape) % KNOWN_SHAPES];
    if (place->shape != shape || place->failed != failed) {
        ShapeVisit visit = {.program = program,
                            .failed = failed,
                            .usable = true,
                            .may_share = true};
        visit_shape(&visit, shape);
        ptr_map_release(&visit.seen);
        *place = (KnownShape){shape, failed, visit.usable, visit.may_share};
    }
    return place;
}

static void collect_sites(ConstantCheck *check)
{
    KnownShape known[KNOWN_SHAPES] = {0};
    bool *may = constants_may_run(check->program);
    for (uint32_t m = 0; m < check->program->module_count; m++) {
        Module *module = check->program->modules[m];
        uint32_t count =
            module->is_std || !may[m] ? 0 : module->check_sites.count;
        for (uint32_t i = 0; i < count; i++) {
            CheckSite *site = &module->check_sites.items[i];
            uint32_t group = module->bindings[site->binding].group;
            SiteRef ref = {module, site, false};
            bool usable = true;
            if (site->check != NULL) {
                const KnownShape *shape =
                    look_at_shape(check->program, known, site->check->shape,
                                  module->groups[group].failed);
                usable = shape->usable;
                ref.may_share = shape->may_share && !site->check->wraps;
            }
            if (usable) {
                vec_push(&check->sites, ref);
            }
        }
    }
    free(may);
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
    bool only_plain =
        check->program->options.plain_patterns && ref->site->in_predicate;
    bool good = regex_match(&ctx, pattern, STR(""), false, &matches) &&
                (!only_plain || regex_check_plain(&ctx, pattern));
    if (!good && ctx.error_code == DIAG_E0408) {
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

// What decides what the code of a shape does: each module that names a refined
// type has a shape of its own, and the type's declaration is one for all.
static const void *code_key(const CheckShape *shape)
{
    const Refined *refined = shape->refined;
    bool is_declared = shape->kind == CHECK_REFINED &&
                       refined->evidence == NULL && shape->parts[0] == NULL;
    return is_declared ? (const void *)refined->expr : shape;
}

static const Code *shared_code(ConstantCheck *check,
                               const CompileTarget *target, SharedCode **codes,
                               Slot *slot, const RefinementCheck *made)
{
    SharedCode *found;
    const void *key = code_key(made->shape);
    unsigned hash = pointer_hash(key);
    HASH_FIND_BYHASHVALUE(hh, *codes, &key, sizeof key, hash, found);
    if (found == NULL) {
        found = ARENA_NEW(target->arena, SharedCode);
        found->key = key;
        found->code =
            compile_quiet_check(check->evaluation, target, slot, made);
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, *codes, &found->key, sizeof found->key,
                                    hash, found);
    }
    return found->code;
}

// Whether the value is a literal that passes. False says nothing.
static bool passes(ConstantCheck *check, Machine *m, const SiteRef *ref,
                   SharedCode **codes)
{
    Slot slot = {.module = ref->module->id, .index = ref->site->binding};
    CompileTarget target = machine_compile_target(m, m->arena);
    Value value;
    if (!compile_unchecked_constant(check->evaluation, &target, &slot,
                                    ref->site->expr, &value)) {
        return false;
    }
    const Code *code =
        shared_code(check, &target, codes, &slot, ref->site->check);
    if (code == NULL || !slot_claim(&slot)) {
        return false;
    }
    machine_run_code(m, &slot, code, &value);
    if (slot.diags != NULL) {
        diag_sink_release(slot.diags);
        free(slot.diags);
        return false;
    }
    return slot_state(&slot) == SLOT_DONE && slot.value.as.boolean;
}

static void run_site(ConstantCheck *check, Machine *m, uint64_t number,
                     SiteReports *reports, SharedCode **codes)
{
    const SiteRef *ref = &check->sites.items[number];
    if (ref->site->check == NULL) {
        run_pattern(check, m, ref, reports, number);
        return;
    }
    if (ref->may_share && passes(check, m, ref, codes)) {
        check->passed[number] = true;
        return;
    }
    Slot slot = {.module = ref->module->id, .index = ref->site->binding};
    CompileTarget target = machine_compile_target(m, m->arena);
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
    SharedCode **codes = &check->codes[worker_index(worker)];
    for (uint64_t i = begin; i < end; i++) {
        if (i % SITES_GRAIN == 0 &&
            cancel_token_poll(check->evaluation->token) != CANCEL_NONE) {
            return;
        }
        run_site(check, m, i, reports, codes);
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
    check->codes =
        mem_calloc(check->evaluation->worker_count, sizeof *check->codes);
    parallel_for(pool_main_worker(program->pool), program->token,
                 check->sites.count, SITES_GRAIN, run_range, check);
    for (uint32_t w = 0; w < check->evaluation->worker_count; w++) {
        HASH_CLEAR(hh, check->codes[w]);
    }
    free(check->codes);
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
