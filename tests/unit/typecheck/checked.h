// A checked program from text: its types and what was said about it.
#ifndef LIGATURE_TESTS_TYPECHECK_CHECKED_H
#define LIGATURE_TESTS_TYPECHECK_CHECKED_H

#include "syntax/loader.h"
#include "syntax/resolve.h"
#include "tests/harness.h"
#include "typecheck/check.h"

typedef struct Checked {
    Pool *pool;
    CancelToken token;
    Program *program;
    Module *module; // of the text
    Arena arena;
    bool fine;
} Checked;

static inline void checked_init(Checked *test, Str text)
{
    test->pool = pool_new(1, 0);
    arena_init(&test->arena);
    cancel_token_init(&test->token, NULL, INT64_MAX);
    ProgramOptions options = {.limits = limits_default()};
    test->program = program_new(&options, test->pool, &test->token);
    CHECK(loader_load_text(test->program, STR("test.lig"), STR("."), text));
    resolve_program(test->program);
    CheckOptions check = {0};
    test->fine = check_program(test->program, &check);
    test->module = test->program->modules[test->program->entries[0]];
}

static inline void checked_release(Checked *test)
{
    arena_release(&test->arena);
    check_program_release(test->program);
    program_free(test->program);
    pool_free(test->pool);
}

// The printed scheme of a top-level binding.
static inline Str checked_type(Checked *test, const char *name)
{
    Symbol symbol = intern(test->program->interner, str_from_c(name));
    for (uint32_t i = 0; i < test->module->visible_count; i++) {
        if (test->module->bindings[i].name == symbol) {
            return check_binding_type(test->program, test->module->id, i,
                                      &test->arena);
        }
    }
    return STR("no such binding");
}

// "CODE message" per diagnostic of the module, one per line.
static inline Str checked_said(Checked *test)
{
    StrBuf text = {0};
    diag_sink_sort(&test->module->diags);
    for (uint32_t i = 0; i < test->module->diags.diags.count; i++) {
        const Diag *diag = diag_at(&test->module->diags, i);
        strbuf_appendf(&text, "%s%s %.*s", i > 0 ? "\n" : "",
                       diag_code_name(diag->code), STR_ARG(diag->message));
    }
    Str copy = arena_str(&test->arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

// The program has no errors and `name` this type.
static inline void check_type_of(const char *file, int line, const char *text,
                                 const char *name, const char *expected)
{
    Checked test;
    checked_init(&test, str_from_c(text));
    if (!test.fine) {
        harness_fail(file, line, "the program has errors");
        Str said = checked_said(&test);
        printf("#   %.*s\n", STR_ARG(said));
    }
    harness_check_str(file, line, text, checked_type(&test, name),
                      str_from_c(expected));
    checked_release(&test);
}

static inline void check_said(const char *file, int line, const char *text,
                              const char *expected)
{
    Checked test;
    checked_init(&test, str_from_c(text));
    harness_check_str(file, line, text, checked_said(&test),
                      str_from_c(expected));
    checked_release(&test);
}

#define CHECK_TYPE(text, name, expected)                                       \
    check_type_of(__FILE__, __LINE__, (text), (name), (expected))
#define CHECK_SAID(text, expected)                                             \
    check_said(__FILE__, __LINE__, (text), (expected))

#endif
