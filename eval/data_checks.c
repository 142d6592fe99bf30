#include "eval/data_checks.h"

#include "eval/check_constants.h"
#include "eval/compile.h"
#include "eval/machine.h"
#include "support/table.h"
#include "syntax/data_path.h"
#include "syntax/data_tree.h"

// The refinements of one type at one import, compiled.
typedef struct CheckCode {
    struct {
        const Refined *refined;
        const Binding *binding;
    } key;
    const Code *code; // NULL: a predicate has errors
    UT_hash_handle hh;
} CheckCode;

typedef struct Checker {
    Evaluation *evaluation;
    Arena arena;
    Machine *machine;
    CompileTarget target;
    CheckCode *codes;
    bool without_inputs;
    bool is_silent; // what fails is run again by who says why
    bool failed;
    DiagSink *diags;
} Checker;

bool data_checks_needed(const Program *program)
{
    for (uint32_t i = 0; i < program->module_count; i++) {
        if (program->modules[i]->data_checks.count > 0) {
            return true;
        }
    }
    return false;
}

// ---- code

static bool has_errors(const Checker *checker, const Slot *slot,
                       const Refined *refined)
{
    const Program *program = checker->evaluation->program;
    const Module *user = program->modules[slot->module];
    if (refined->evidence != NULL &&
        user->groups[user->bindings[slot->index].group].failed) {
        return true; // it may be missing
    }
    const Module *module = program->modules[refined->module];
    for (uint32_t i = 0; i < refined->expr->as.refined.count; i++) {
        uint32_t hidden = refined->expr->as.refined.predicates[i].hidden;
        if (hidden == UINT32_MAX ||
            module->groups[module->bindings[hidden].group].failed) {
            return true;
        }
    }
    return false;
}

static const Code *compile(Checker *checker, const DataCheck *check, Slot *slot,
                           Span annotation)
{
    if (has_errors(checker, slot, check->refined)) {
        return NULL;
    }
    Arena *arena = checker->target.arena;
    CheckShape *shape = ARENA_NEW(arena, CheckShape);
    *shape = (CheckShape){.kind = CHECK_REFINED, .closed = true};
    shape->refined = check->refined;
    shape->parts = arena_zalloc(arena, sizeof *shape->parts);
    shape->count = 1;
    RefinementCheck *made = ARENA_NEW(arena, RefinementCheck);
    *made = (RefinementCheck){.shape = shape,
                              .module = slot->module,
                              .annotation = annotation,
                              .looks = true};
    return compile_data_check(checker->evaluation, &checker->target, slot,
                              made);
}

static const Code *code_of(Checker *checker, const DataCheck *check,
                           const Binding *binding, Slot *slot)
{
    CheckCode *found;
    CheckCode wanted = {.key = {check->refined, binding}};
    unsigned hash = (unsigned)((uintptr_t)check->refined >> 4) * 31 +
                    (unsigned)((uintptr_t)binding >> 4);
    HASH_FIND_BYHASHVALUE(hh, checker->codes, &wanted.key, sizeof wanted.key,
                          hash, found);
    if (found == NULL) {
        const TypeExpr *type = binding->type;
        found = ARENA_NEW(checker->target.arena, CheckCode);
        found->key = wanted.key;
        found->code = compile(checker, check, slot,
                              type != NULL ? type->span : (Span){0, 0});
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, checker->codes, &found->key,
                                    sizeof found->key, hash, found);
    }
    return found->code;
}

// ---- what is said

// "70000 does not satisfy '...'", at the data instead of in the machine.
static void report_broken(Checker *checker, const Module *module,
                          const DataCheck *check, const Diag *from)
{
    const DataValue *data = module->bindings[check->binding].data;
    StrBuf path = {0};
    data_path_append(module, checker->evaluation->program->interner, data,
                     check->step, &path);
    Diag *diag = diag_add(checker->diags, data_path_code(data),
                          &data->module->source, check->value.span, "%.*s%.*s",
                          STR_ARG(strbuf_str(&path)), STR_ARG(from->message));
    strbuf_release(&path);
    for (uint32_t i = 0; i < from->more->labels.count; i++) {
        const DiagLabel *label = &from->more->labels.items[i];
        if (module->is_made && label->source == &module->source) {
            continue;
        }
        diag_label(checker->diags, diag, label->source, label->span, "%.*s",
                   STR_ARG(label->message));
    }
    for (uint32_t i = 0; i < from->more->notes.count; i++) {
        diag_note(checker->diags, diag, "%.*s",
                  STR_ARG(from->more->notes.items[i]));
    }
    for (uint32_t i = 0; i < from->more->helps.count; i++) {
        diag_help(checker->diags, diag, "%.*s",
                  STR_ARG(from->more->helps.items[i]));
    }
}

// The code of a check serves all values of its type and stands nowhere: what
// else goes wrong in it is said at the value.
static void move_to_value(DiagSink *diags, const Source *source, Span value)
{
    for (uint32_t i = 0; i < diags->diags.count; i++) {
        Diag *diag = diag_at(diags, i);
        if (diag->source == source && diag->span.end == 0) {
            diag->span = value;
        }
        for (uint32_t k = 0; k < diag->more->trace.count; k++) {
            DiagFrame *call = &diag->more->trace.items[k];
            if (call->source == source && call->span.end == 0) {
                call->span = value;
            }
        }
    }
}

static bool is_about_inputs(const DiagSink *sink)
{
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        if (diag_at(sink, i)->code != DIAG_E0504) {
            return false;
        }
    }
    return true;
}

// What stopped the check: itself, a failing predicate, or a binding that it
// needs.
static void report_failure(Checker *checker, const Module *module,
                           const DataCheck *check, Slot *slot)
{
    const Source *source =
        &module->bindings[check->binding].data->module->source;
    while (slot->diags == NULL && slot->failed_on != NULL) {
        slot = slot->failed_on;
    }
    if (slot->diags == NULL) {
        return; // cancelled, reported by the checker, or reported before
    }
    if (checker->is_silent ||
        (checker->without_inputs && is_about_inputs(slot->diags))) {
        return;
    }
    checker->failed = true;
    const Diag *first =
        slot->diags->diags.count > 0 ? diag_at(slot->diags, 0) : NULL;
    if (first != NULL && first->code == DIAG_E0405 && first->source == source) {
        report_broken(checker, module, check, first);
    } else {
        move_to_value(slot->diags, source, check->value.span);
        diag_sink_merge(checker->diags, slot->diags);
    }
    slot->reported = true;
}

static void release_diags(Slot *slot)
{
    if (slot->diags != NULL) {
        diag_sink_release(slot->diags);
        free(slot->diags);
    }
}

// ---- running

// False after reporting.
static bool value_of(Checker *checker, const Module *module,
                     const DataCheck *check, Value *out)
{
    Slot slot = {.module = module->id, .index = check->binding};
    if (check->value.kind == EXPR_INT && check->on_tape) {
        *out = value_int(check->value.as.integer.value);
        return true;
    }
    if (compile_data_constant(checker->evaluation, &checker->target, &slot,
                              &check->value, out)) {
        return true;
    }
    const Code *code = compile_data_value(checker->evaluation, &checker->target,
                                          &slot, &check->value);
    bool okay = code != NULL && slot_claim(&slot);
    if (okay) {
        machine_run_code(checker->machine, &slot, code, NULL);
        okay = slot_state(&slot) == SLOT_DONE;
    }
    if (okay) {
        *out = slot.value;
    } else {
        report_failure(checker, module, check, &slot);
    }
    release_diags(&slot);
    return okay;
}

// False where something failed.
static bool passes(Checker *checker, const Module *module,
                   const DataCheck *check)
{
    Slot slot = {.module = module->id, .index = check->binding};
    const Code *code =
        code_of(checker, check, &module->bindings[check->binding], &slot);
    Value value;
    if (code == NULL || !value_of(checker, module, check, &value)) {
        return code == NULL;
    }
    (void)slot_claim(&slot);
    machine_run_code(checker->machine, &slot, code, &value);
    bool okay = slot_state(&slot) == SLOT_DONE;
    if (!okay) {
        report_failure(checker, module, check, &slot);
    }
    release_diags(&slot);
    return okay;
}

// What fails is reported. Where a value on a tape stands is found out now.
static void run_check(Checker *checker, const Module *module,
                      const DataCheck *check)
{
    DataCheck placed = *check;
    if (check->on_tape) {
        const Program *program = checker->evaluation->program;
        placed.value.span = data_tree_span(
            program, module, module->bindings[check->binding].data, check->step,
            worker_arenas_of(&program->trees, checker->target.worker));
    }
    (void)passes(checker, module, &placed);
}

static Checker *checker_new(Evaluation *evaluation, Worker *worker,
                            DiagSink *diags)
{
    Checker *checker = mem_calloc(1, sizeof *checker);
    arena_init(&checker->arena);
    checker->evaluation = evaluation;
    checker->machine = machine_of(evaluation, worker);
    checker->target =
        (CompileTarget){.arena = &checker->arena,
                        .heap = evaluation_heap(evaluation, worker),
                        .specializations = specializations_new(),
                        .constants = constant_cache_new(),
                        .worker = worker};
    checker->is_silent = diags == NULL;
    checker->diags = diags;
    return checker;
}

static void checker_free(Checker *checker)
{
    if (checker != NULL) {
        HASH_CLEAR(hh, checker->codes);
        specializations_free(checker->target.specializations);
        constant_cache_free(checker->target.constants);
        arena_release(&checker->arena);
        free(checker);
    }
}

// ---- many values on a tape

// Most hold, and nothing is to be said of them: all workers look for those that
// do not.
typedef struct Trial {
    Evaluation *evaluation;
    const Module *module;
    Checker **by_worker;
    bool *fails; // by check
} Trial;

static void try_checks(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    Trial *trial = ctx;
    Checker **own = &trial->by_worker[worker_index(worker)];
    if (*own == NULL) {
        *own = checker_new(trial->evaluation, worker, NULL);
    }
    for (uint64_t i = begin; i < end; i++) {
        const DataCheck *check = &trial->module->data_checks.items[i];
        trial->fails[i] =
            !check->on_tape || !passes(*own, trial->module, check);
    }
}

// Which checks of the module are to be run, or NULL: all of them.
static bool *find_failing(Evaluation *evaluation, const Module *module)
{
    enum { FEW_CHECKS = 64, GRAIN = 256 };
    Pool *pool = evaluation->program->pool;
    uint32_t count = module->data_checks.count;
    if (count < FEW_CHECKS) {
        return NULL;
    }
    uint32_t workers = pool_worker_count(pool);
    Trial trial = {.evaluation = evaluation,
                   .module = module,
                   .by_worker = mem_calloc(workers, sizeof(Checker *)),
                   .fails = mem_calloc(count, sizeof(bool))};
    parallel_for(pool_main_worker(pool), evaluation->token, count, GRAIN,
                 try_checks, &trial);
    for (uint32_t i = 0; i < workers; i++) {
        checker_free(trial.by_worker[i]);
    }
    free(trial.by_worker);
    return trial.fails;
}

// False when the run was cancelled.
static bool check_module(Checker *checker, const Module *module)
{
    Evaluation *evaluation = checker->evaluation;
    bool *fails = find_failing(evaluation, module);
    bool goes_on = cancel_token_poll(evaluation->token) == CANCEL_NONE;
    for (uint32_t i = 0; i < module->data_checks.count && goes_on; i++) {
        if (fails == NULL || fails[i]) {
            run_check(checker, module, &module->data_checks.items[i]);
            goes_on = cancel_token_poll(evaluation->token) == CANCEL_NONE;
        }
    }
    free(fails);
    return goes_on;
}

bool data_checks_run(Evaluation *evaluation, bool without_inputs,
                     DiagSink *diags)
{
    const Program *program = evaluation->program;
    Checker *checker =
        checker_new(evaluation, pool_main_worker(program->pool), diags);
    checker->without_inputs = without_inputs;
    bool goes_on = true;
    bool *may = constants_may_run(program);
    for (uint32_t m = 0; m < program->module_count && goes_on; m++) {
        if (may[m]) {
            goes_on = check_module(checker, program->modules[m]);
        }
    }
    free(may);
    bool okay = goes_on && !checker->failed;
    checker_free(checker);
    return okay;
}
