// A resolved program from text, and what was said about it.
#ifndef LIGATURE_TESTS_TYPECHECK_PROGRAM_H
#define LIGATURE_TESTS_TYPECHECK_PROGRAM_H

#include "support/diag.h"
#include "syntax/loader.h"
#include "syntax/resolve.h"
#include "tests/harness.h"

typedef struct TestProgram {
    Pool *pool;
    CancelToken token;
    Program *program;
    Module *module; // of the text
    DiagSink diags; // for the test to fill
} TestProgram;

static inline void test_program_init(TestProgram *test, Str text)
{
    test->pool = pool_new(1, 0);
    cancel_token_init(&test->token, NULL, INT64_MAX);
    ProgramOptions options = {.limits = limits_default()};
    test->program = program_new(&options, test->pool, &test->token);
    CHECK(loader_load_text(test->program, STR("test.lig"), STR("."), text));
    resolve_program(test->program);
    Program *program = test->program;
    test->module = program->modules[program->entries[0]];
    for (uint32_t i = 0; i < test->module->diags.diags.count; i++) {
        const Diag *diag = diag_at(&test->module->diags, i);
        if (diag_code_severity(diag->code) == SEVERITY_ERROR) {
            harness_fail(__FILE__, __LINE__, "the text has an error");
            printf("#   %s %.*s\n", diag_code_name(diag->code),
                   STR_ARG(diag->message));
        }
    }
    diag_sink_init(&test->diags);
}

static inline void test_program_release(TestProgram *test)
{
    diag_sink_release(&test->diags);
    program_free(test->program);
    pool_free(test->pool);
}

// "CODE message" per diagnostic, one per line, with its notes and helps
// behind " | ".
static inline Str test_program_said(TestProgram *test)
{
    StrBuf text = {0};
    for (uint32_t i = 0; i < test->diags.diags.count; i++) {
        const Diag *diag = diag_at(&test->diags, i);
        strbuf_appendf(&text, "%s%s %.*s", i > 0 ? "\n" : "",
                       diag_code_name(diag->code), STR_ARG(diag->message));
    }
    Str copy = arena_str(test->module->arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

#endif
