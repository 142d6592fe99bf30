// Programs out of strings, evaluated. Without the checker (eval/ knows none)
// operators work on Integers, `++` on strings, and there are no type classes;
// a test that has one defines EVALUATE_CHECK(program) before.
#ifndef LIGATURE_TESTS_UNIT_EVAL_EVALUATE_H
#define LIGATURE_TESTS_UNIT_EVAL_EVALUATE_H

#include "eval/code.h"
#include "eval/run.h"
#include "tests/unit/syntax/program.h"

// Tests of code and of the machine have everything compiled.
#ifndef EVALUATE_COMPILES
#define EVALUATE_COMPILES false
#endif

#ifndef EVALUATE_CHECK
#define EVALUATE_CHECK(program)   true
#define EVALUATE_RELEASE(program) ((void)(program))
#endif

typedef struct Evaluated {
    TestProgram test;
    Evaluation *evaluation;
    DiagSink diags;
    bool ok;
    Value value;
} Evaluated;

static inline Evaluated evaluate(const char *text, uint32_t workers,
                                 const Limits *limits)
{
    ProgramOptions options = {.limits = *limits};
    Evaluated e = {0};
    test_program_init(&e.test, workers, &options);
    e.test.ok = loader_load_text(e.test.program, STR("main.lig"), STR("."),
                                 str_from_c(text));
    test_program_resolve(&e.test);
    diag_sink_init(&e.diags);
    if (!e.test.ok || !EVALUATE_CHECK(e.test.program)) {
        program_take_diags(e.test.program, &e.diags);
        diag_sink_merge(&e.diags, &e.test.diags);
        return e;
    }
    EvaluationOptions evaluation_options = {.compiles = EVALUATE_COMPILES};
    e.evaluation = evaluation_new(e.test.program, &evaluation_options);
    e.ok = evaluation_run(e.evaluation, &e.diags, &e.value);
    return e;
}

static inline void evaluated_release(Evaluated *e)
{
    evaluation_free(e->evaluation);
    EVALUATE_RELEASE(e->test.program);
    diag_sink_release(&e->diags);
    test_program_release(&e->test);
}

// The value as text, or "E0402 1:9 message" and a line per call.
static inline void append_outcome(const Evaluated *e, StrBuf *out)
{
    if (e->ok) {
        CHECK(value_show(out, e->value, UINT32_MAX));
        return;
    }
    for (uint32_t i = 0; i < e->diags.diags.count; i++) {
        const Diag *diag = diag_at(&e->diags, i);
        Position at = source_position(diag->source, diag->span.start);
        strbuf_appendf(out, "%s %u:%u %.*s\n", diag_code_name(diag->code),
                       at.line, at.column, STR_ARG(diag->message));
        for (uint32_t k = 0; k < diag->more->trace.count; k++) {
            const DiagFrame *frame = &diag->more->trace.items[k];
            at = source_position(frame->source, frame->span.start);
            strbuf_appendf(out, "  %.*s %u:%u\n", STR_ARG(frame->function),
                           at.line, at.column);
        }
    }
}

static inline void check_evaluates(const char *file, int line, const char *text,
                                   const char *expected, const Limits *limits)
{
    // The same with other workers around.
    for (uint32_t workers = 1; workers <= 3; workers += 2) {
        Evaluated e = evaluate(text, workers, limits);
        StrBuf out = {0};
        append_outcome(&e, &out);
        harness_check_str(file, line, text, strbuf_str(&out),
                          str_from_c(expected));
        strbuf_release(&out);
        evaluated_release(&e);
    }
}

#define CHECK_EVALUATES(text, expected)                                        \
    do {                                                                       \
        Limits limits_ = limits_default();                                     \
        check_evaluates(__FILE__, __LINE__, (text), (expected), &limits_);     \
    } while (0)

#endif
