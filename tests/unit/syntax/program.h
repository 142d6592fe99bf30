// Programs out of strings and files for the tests of the resolver and the
// loader.
#ifndef LIGATURE_TESTS_UNIT_SYNTAX_PROGRAM_H
#define LIGATURE_TESTS_UNIT_SYNTAX_PROGRAM_H

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "concurrent/pool.h"
#include "syntax/loader.h"
#include "syntax/resolve.h"
#include "syntax/scope.h"
#include "tests/harness.h"

typedef struct TestProgram {
    Pool *pool;
    CancelToken token;
    Program *program;
    DiagSink diags;
    bool ok;
    StrBuf summary; // "E0201 1:9 message\n" of each diagnostic
} TestProgram;

static inline void test_program_init(TestProgram *test, uint32_t workers,
                                     const ProgramOptions *options)
{
    ProgramOptions defaults = {.limits = limits_default()};
    *test = (TestProgram){0};
    test->pool = pool_new(workers, 0);
    cancel_token_init(&test->token, NULL, INT64_MAX);
    test->program = program_new(options != NULL ? options : &defaults,
                                test->pool, &test->token);
    diag_sink_init(&test->diags);
}

static inline void test_program_resolve(TestProgram *test)
{
    if (test->ok) {
        resolve_program(test->program);
    }
    program_take_diags(test->program, &test->diags);
    diag_sink_sort(&test->diags);
    for (uint32_t i = 0; i < test->diags.diags.count; i++) {
        const Diag *diag = diag_at(&test->diags, i);
        Position at = {0, 0};
        if (diag->source != NULL) {
            at = source_position(diag->source, diag->span.start);
        }
        strbuf_appendf(&test->summary, "%s %u:%u %.*s\n",
                       diag_code_name(diag->code), at.line, at.column,
                       STR_ARG(diag->message));
        for (uint32_t k = 0; k < diag->more->helps.count; k++) {
            strbuf_appendf(&test->summary, "  help: %.*s\n",
                           STR_ARG(diag->more->helps.items[k]));
        }
    }
}

static inline TestProgram test_program_text(const char *text)
{
    TestProgram test;
    test_program_init(&test, 2, NULL);
    test.ok = loader_load_text(test.program, STR("main.lig"), STR("."),
                               str_from_c(text));
    test_program_resolve(&test);
    return test;
}

static inline TestProgram test_program_files(const char **paths, uint32_t count,
                                             uint32_t workers,
                                             const ProgramOptions *options)
{
    TestProgram test;
    test_program_init(&test, workers, options);
    Str texts[16];
    for (uint32_t i = 0; i < count; i++) {
        texts[i] = str_from_c(paths[i]);
    }
    test.ok = loader_load(test.program, texts, count);
    test_program_resolve(&test);
    return test;
}

static inline void test_program_release(TestProgram *test)
{
    strbuf_release(&test->summary);
    diag_sink_release(&test->diags);
    program_free(test->program);
    pool_free(test->pool);
}

static inline void check_summary(const char *file, int line, const char *text,
                                 const char *expected)
{
    TestProgram test = test_program_text(text);
    harness_check_str(file, line, text, strbuf_str(&test.summary),
                      str_from_c(expected));
    test_program_release(&test);
}

// Checks all that is said about a program.
#define CHECK_SAID(text, expected)                                             \
    check_summary(__FILE__, __LINE__, (text), (expected))

static inline Module *main_module(const TestProgram *test)
{
    return test->program->modules[test->program->entries[0]];
}

static inline Binding *binding_named(const TestProgram *test, const char *name)
{
    Module *module = main_module(test);
    Symbol symbol = intern_find(test->program->interner, str_from_c(name));
    for (uint32_t i = 0; i < module->visible_count; i++) {
        if (module->bindings[i].name == symbol) {
            return &module->bindings[i];
        }
    }
    abort();
}

#endif
