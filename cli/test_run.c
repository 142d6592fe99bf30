#include "cli/test_run.h"

#include <stdlib.h>

#include "cli/pipeline.h"
#include "cli/test_snapshot.h"
#include "eval/failures.h"
#include "eval/operand.h"
#include "eval/value_diff.h"
#include "typecheck/check.h"

#define MAX_DIFFERENCES 20

void test_report_init(TestReport *report)
{
    *report = (TestReport){0};
    arena_init(&report->arena);
}

void test_report_release(TestReport *report)
{
    for (uint32_t i = 0; i < report->cases.count; i++) {
        vec_release(&report->cases.items[i].details);
    }
    vec_release(&report->cases);
    arena_release(&report->arena);
}

void test_report_broken(TestReport *report, Str file, const Diag *first)
{
    TestCase test = {.file = arena_str(&report->arena, file),
                     .line = 1,
                     .errored = true,
                     .message = STR("the file does not type-check")};
    if (first != NULL) {
        test.code = str_from_c(diag_code_name(first->code));
        test.message = arena_str(&report->arena, first->message);
        if (first->source != NULL && str_equal(first->source->path, file)) {
            test.line = source_position(first->source, first->span.start).line;
        }
    }
    vec_push(&report->cases, test);
    report->failed++;
}

// What stopped the run says why a test has no verdict.
static void set_unrun(TestCase *test, CancelReason reason, bool has_begun)
{
    bool is_late = reason == CANCEL_TIMEOUT;
    test->errored = test->unrun = true;
    test->code = str_from_c(diag_code_name(is_late ? DIAG_E0608 : DIAG_E0612));
    test->message = is_late && has_begun
                        ? STR("the timeout passed before it was complete")
                    : is_late   ? STR("not run: the timeout passed before")
                    : has_begun ? STR("the run was interrupted before it was "
                                      "complete")
                                : STR("not run: the run was interrupted "
                                      "before");
}

void test_report_unrun(TestReport *report, Str file, CancelReason reason)
{
    TestCase test = {.file = arena_str(&report->arena, file), .line = 1};
    set_unrun(&test, reason, false);
    vec_push(&report->cases, test);
    report->failed++;
    report->unrun++;
}

typedef struct SortKey {
    uint32_t file, line, place;
} SortKey;

static int compare_keys(const void *a, const void *b)
{
    const SortKey *left = a, *right = b;
    if (left->file != right->file) {
        return left->file < right->file ? -1 : 1;
    }
    return left->place < right->place ? -1 : left->place > right->place;
}

void test_report_sort(TestReport *report, const StrVec *files)
{
    uint32_t count = report->cases.count;
    SortKey *keys = mem_calloc((size_t)count + 1, sizeof *keys);
    TestCase *sorted = mem_calloc((size_t)count + 1, sizeof *sorted);
    uint32_t file = 0;
    for (uint32_t i = 0; i < count; i++) {
        // Cases of one file follow each other, so the next is mostly near.
        for (uint32_t k = 0; k < files->count; k++, file++) {
            file = file >= files->count ? 0 : file;
            if (str_equal(files->items[file], report->cases.items[i].file)) {
                break;
            }
        }
        keys[i] = (SortKey){file, report->cases.items[i].line, i};
    }
    qsort(keys, count, sizeof *keys, compare_keys);
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = report->cases.items[keys[i].place];
    }
    if (count > 0) {
        memcpy(report->cases.items, sorted, count * sizeof *sorted);
    }
    free(keys);
    free(sorted);
}

// ---- which bindings are tests

typedef struct Tests {
    VEC(BindingPlace) places;
    VEC(bool) is_snapshot;
} Tests;

static bool calls_assert(const Program *program, const Binding *binding)
{
    for (uint32_t i = 0; i < binding->ref_count; i++) {
        const BindingRef *ref = &binding->refs[i];
        if (ref->module == MODULE_PRELUDE &&
            program_binding(program, ref->module, ref->index)->name ==
                SYM_ASSERT) {
            return true;
        }
    }
    return false;
}

// Without `export` a file that ends in an expression offers that alone to
// importers; its tests are its bindings all the same.
static bool is_offered(const Module *module, const Binding *binding)
{
    if (binding->exported || module->ast.result == NULL) {
        return binding->exported;
    }
    for (uint32_t i = 0; i < module->visible_count; i++) {
        if (module->bindings[i].exported &&
            module->bindings[i].kind == BINDING_LET) {
            return false;
        }
    }
    return true;
}

static bool is_test_type(Session *session, const Module *module, uint32_t index)
{
    Arena arena;
    arena_init(&arena);
    Str type = check_binding_type(session->program, module->id, index, &arena);
    bool is_test =
        str_equal(type, STR("Boolean")) || str_equal(type, STR("Unit"));
    arena_release(&arena);
    return is_test;
}

static bool passes_filter(const Session *session, const Module *module,
                          Str name)
{
    Str filter = session->settings->filter;
    if (filter.len == 0) {
        return true;
    }
    StrBuf text = {0};
    strbuf_append(&text, module->source.path);
    strbuf_append(&text, STR(": "));
    strbuf_append(&text, name);
    bool found = memmem(text.data, text.len, filter.data, filter.len) != NULL;
    strbuf_release(&text);
    return found;
}

static void collect_tests(Session *session, const Module *module, Tests *tests)
{
    const Program *program = session->program;
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        if (binding->kind != BINDING_LET || binding->is_function ||
            binding->value == NULL || !is_offered(module, binding)) {
            continue;
        }
        Str name = symbol_text(program->interner, binding->name);
        bool is_snapshot = test_is_snapshot(name);
        if (passes_filter(session, module, name) &&
            (is_snapshot || calls_assert(program, binding) ||
             is_test_type(session, module, i))) {
            vec_push(&tests->places, (BindingPlace){module->id, i});
            vec_push(&tests->is_snapshot, is_snapshot);
        }
    }
}

// ---- why a Boolean is false

typedef struct Explainer {
    Session *session;
    Operands *operands;
    TestReport *report;
    TestCase *test;
    SourceIndex positions;
} Explainer;

static void add_detail(void *ctx, Str line)
{
    Explainer *explainer = ctx;
    vec_push(&explainer->test->details,
             arena_str(&explainer->report->arena, line));
}

static Str shown_value(Explainer *explainer, Value value)
{
    enum { MOST = 400 };
    StrBuf text = {0}, shown = {0};
    bool whole = value_show(&text, value, MOST);
    strbuf_append_printable(&shown, strbuf_str(&text), MOST);
    strbuf_append(&shown, whole ? STR("") : STR("..."));
    Str copy = arena_str(&explainer->report->arena, strbuf_str(&shown));
    strbuf_release(&text);
    strbuf_release(&shown);
    return copy;
}

static void add_sides(Explainer *explainer, Value left, Value right)
{
    Arena *arena = &explainer->report->arena;
    vec_push(&explainer->test->details,
             arena_printf(arena, "left  %.*s",
                          STR_ARG(shown_value(explainer, left))));
    vec_push(&explainer->test->details,
             arena_printf(arena, "right %.*s",
                          STR_ARG(shown_value(explainer, right))));
}

static bool is_chain_of(const Expr *expr, Operator op)
{
    return expr->kind == EXPR_CHAIN &&
           expr->as.chain.operands[1].op == (uint8_t)op;
}

static const char *failed_relation(Operator op)
{
    return op == OP_EQ   ? "the two sides are not equal"
           : op == OP_NE ? "the two sides are equal"
                         : "the comparison does not hold";
}

static void explain_comparison(Explainer *explainer, const BindingPlace *place,
                               const Expr *chain)
{
    const Expr *operands = chain->as.chain.operands;
    Operator op = (Operator)operands[1].op;
    Value left, right;
    if (!operand_value(explainer->operands, place->module, place->index,
                       &operands[0], &left) ||
        !operand_value(explainer->operands, place->module, place->index,
                       &operands[1], &right)) {
        return;
    }
    explainer->test->message = str_from_c(failed_relation(op));
    ValueDiffOptions options = {.left = "left",
                                .right = "right",
                                .max_lines = MAX_DIFFERENCES,
                                .token = &explainer->session->token};
    if (op != OP_EQ ||
        value_diff(&options, left, right, add_detail, explainer) == 0) {
        add_sides(explainer, left, right);
    }
}

// The first conjunct that is false, however deep.
static const Expr *false_part(Explainer *explainer, const BindingPlace *place,
                              const Expr *expr)
{
    while (is_chain_of(expr, OP_AND)) {
        uint32_t count = expr->as.chain.count;
        uint32_t i = 0;
        Value value = value_bool(true);
        while (i < count &&
               operand_value(explainer->operands, place->module, place->index,
                             &expr->as.chain.operands[i], &value) &&
               value.as.boolean) {
            i++;
        }
        if (i == count || value.as.boolean) {
            return expr;
        }
        expr = &expr->as.chain.operands[i];
    }
    return expr;
}

static bool is_comparison(const Expr *expr)
{
    return expr->kind == EXPR_CHAIN && expr->as.chain.count == 2 &&
           (is_chain_of(expr, OP_EQ) || is_chain_of(expr, OP_NE) ||
            is_chain_of(expr, OP_LT) || is_chain_of(expr, OP_LE) ||
            is_chain_of(expr, OP_GT) || is_chain_of(expr, OP_GE));
}

static void explain_false(Explainer *explainer, const BindingPlace *place)
{
    const Module *module = explainer->session->program->modules[place->module];
    const Binding *binding = &module->bindings[place->index];
    explainer->test->message = STR("it is false");
    const Expr *part = false_part(explainer, place, binding->value);
    if (is_comparison(part)) {
        explain_comparison(explainer, place, part);
    }
    DiagSink *diags = &explainer->session->diags;
    Str name =
        symbol_text(explainer->session->program->interner, binding->name);
    Diag *diag = diag_add(diags, DIAG_E0412, &module->source, part->span,
                          "test '%.*s' failed: %.*s", STR_ARG(name),
                          STR_ARG(explainer->test->message));
    for (uint32_t i = 0; i < explainer->test->details.count; i++) {
        diag_note(diags, diag, "%.*s",
                  STR_ARG(explainer->test->details.items[i]));
    }
    explainer->test->code = str_from_c(diag_code_name(DIAG_E0412));
}

// ---- verdicts

static void take_error(const Session *session, TestCase *test,
                       TestReport *report, Slot *slot)
{
    test->errored = true;
    test->message = STR("it was stopped");
    const Slot *cause = failure_cause(slot);
    if (slot_state(slot) != SLOT_FAILED || cause->diags == NULL ||
        cause->diags->diags.count == 0) {
        CancelReason reason = cancel_token_reason(&session->token);
        if (reason != CANCEL_NONE) {
            set_unrun(test, reason, slot->steps > 0);
        }
        return;
    }
    const Diag *diag = diag_at(cause->diags, 0);
    test->code = str_from_c(diag_code_name(diag->code));
    test->message = arena_str(&report->arena, diag->message);
    for (uint32_t i = 0; i < diag->more->notes.count; i++) {
        vec_push(&test->details,
                 arena_str(&report->arena, diag->more->notes.items[i]));
    }
}

static void judge(Explainer *explainer, const BindingPlace *place,
                  bool is_snapshot)
{
    Session *session = explainer->session;
    TestReport *report = explainer->report;
    const Module *module = session->program->modules[place->module];
    const Binding *binding = &module->bindings[place->index];
    Slot *slot =
        evaluation_slot(session->evaluation, place->module, place->index);
    TestCase test = {
        .file = arena_str(&report->arena, module->source.path),
        .name =
            arena_str(&report->arena,
                      symbol_text(session->program->interner, binding->name)),
        .line = source_index_position(&explainer->positions, &module->source,
                                      binding->name_span.start)
                    .line,
        .work_ns = slot->times == NULL ? 0 : slot->times->work_ns,
    };
    explainer->test = &test;
    if (slot_state(slot) != SLOT_DONE) {
        take_error(session, &test, report, slot);
    } else if (is_snapshot) {
        test_snapshot(session, module, binding, slot->value, report, &test);
    } else if (slot->value.tag == VALUE_BOOL && !slot->value.as.boolean) {
        explain_false(explainer, place);
    } else {
        test.passed = true;
    }
    report->failed += !test.passed;
    report->unrun += test.unrun;
    vec_push(&report->cases, test);
}

static bool run_tests(Session *session, void *ctx)
{
    Tests *tests = ctx;
    return evaluation_run_bindings(session->evaluation, tests->places.items,
                                   tests->places.count, &session->diags);
}

static void judge_all(Session *session, const Tests *tests, TestReport *report)
{
    Explainer explainer = {.session = session,
                           .operands = operands_new(session->evaluation),
                           .report = report};
    for (uint32_t i = 0; i < tests->places.count; i++) {
        judge(&explainer, &tests->places.items[i], tests->is_snapshot.items[i]);
    }
    operands_free(explainer.operands);
    source_index_release(&explainer.positions);
}

// A file that is named twice is one module.
static void collect_all(Session *session, Tests *tests)
{
    const Program *program = session->program;
    bool *seen = mem_calloc((size_t)program->module_count + 1, sizeof(bool));
    for (uint32_t i = 0; i < program->entry_count; i++) {
        uint32_t entry = program->entries[i];
        if (!seen[entry]) {
            collect_tests(session, program->modules[entry], tests);
        }
        seen[entry] = true;
    }
    free(seen);
}

static bool prune_snapshots(Session *session)
{
    const Program *program = session->program;
    const Settings *settings = session->settings;
    bool prunes = settings->update && settings->filter.len == 0;
    bool ok = true;
    for (uint32_t i = 0; i < program->entry_count && prunes; i++) {
        const Module *entry = program->modules[program->entries[i]];
        ok = test_snapshot_prune(session, entry) && ok;
    }
    return ok;
}

bool test_run(Session *session, TestReport *report)
{
    Tests tests = {0};
    collect_all(session, &tests);
    bool ok = tests.places.count > 0 || session->settings->filter.len == 0 ||
              report->cases.count > 0;
    if (!ok) {
        session_error(session, DIAG_E0001, "no test has '%.*s' in its name",
                      STR_ARG(session->settings->filter));
    } else {
        ok = pipeline_evaluate(session, run_tests, &tests);
        judge_all(session, &tests, report);
        report->is_known = true;
    }
    bool stopped = cancel_token_poll(&session->token) != CANCEL_NONE;
    if (!stopped) {
        ok = prune_snapshots(session) && ok;
    }
    vec_release(&tests.places);
    vec_release(&tests.is_snapshot);
    session->failed = stopped || !ok || report->failed > 0;
    return !session->failed;
}
