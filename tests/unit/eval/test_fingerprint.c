#include "eval/fingerprint.h"

#include "concurrent/cache_map.h"
#include "eval/run.h"
#include "tests/unit/syntax/program.h"

static uint32_t index_named(const Module *module, Interner *interner,
                            const char *name)
{
    for (uint32_t i = 0; i < module->binding_count; i++) {
        if (str_equal(symbol_text(interner, module->bindings[i].name),
                      str_from_c(name))) {
            return i;
        }
    }
    CHECK(false);
    return 0;
}

// How the keys of `a` and `b` compare: "equal", "differ", or "none" where one
// has no twin.
static const char *keys_of(const char *text)
{
    TestProgram test = test_program_text(text);
    const Module *module = main_module(&test);
    Interner *interner = test.program->interner;
    Fingerprints *f =
        fingerprints_new(test.program, pool_main_worker(test.program->pool));
    Hash128 a;
    Hash128 b;
    const char *result = "none";
    if (fingerprint_binding(f, module->id, index_named(module, interner, "a"),
                            &a) &&
        fingerprint_binding(f, module->id, index_named(module, interner, "b"),
                            &b)) {
        result = hash128_equal(a, b) ? "equal" : "differ";
    }
    fingerprints_free(f);
    test_program_release(&test);
    return result;
}

#define CHECK_KEYS(text, expected)                                             \
    CHECK_EQ_STR(str_from_c(keys_of(text)), STR(expected))

TEST(equal_code_has_equal_keys)
{
    CHECK_KEYS("let f x = x + 1; let a = f 2; let b = f 2;", "equal");
    CHECK_KEYS("let f x = x + 1; let a = f 2; let b = f 3;", "none");
    CHECK_KEYS("let a = [x + 1 for x in [1, 2]]; "
               "let b = [x + 1 for x in [1, 2]];",
               "equal");
    CHECK_KEYS("let a = match (1, 2) { (x, y) when x > y => x, _ => 0 }; "
               "let b = match (1, 2) { (x, y) when x > y => x, _ => 0 };",
               "equal");
    CHECK_KEYS("let f x = x; let r = { p = f 1 }; "
               "let a = { ..r, q = \"\\(r.p)\" }; "
               "let b = { ..r, q = \"\\(r.p)\" };",
               "equal");
    // Literal data is never looked up.
    CHECK_KEYS("let a = [1, 2]; let b = [1, 2];", "none");
}

TEST(keys_go_through_references)
{
    // c and d are twins, so a and b, which have the same text apart from
    // them, can only be told apart by text here.
    CHECK_KEYS("let f x = x + 1; let c = f 2; let d = f 2; "
               "let a = f c; let b = f d;",
               "none");
    // A long chain needs no C stack.
    StrBuf text = {0};
    strbuf_append(&text, STR("let f x = x + 1; let x0 = f 1; let y0 = f 1;"));
    for (int i = 1; i < 20000; i++) {
        strbuf_appendf(&text, "let x%d = f x%d; let y%d = f x%d;", i, i - 1, i,
                       i - 1);
    }
    strbuf_append(&text, STR("let a = f x19999; let b = f x19999;"));
    strbuf_append_char(&text, 0);
    CHECK_KEYS(text.data, "equal");
    strbuf_release(&text);
}

TEST(equal_text_may_mean_other_things)
{
    // The same text, but `x` is another local, or another constructor.
    CHECK_KEYS("let f x = x; let a = let x = f 1 in f (let x = x in x); "
               "let b = let x = f 1 in f (let x = x in x);",
               "equal");
    CHECK_KEYS("let rec a = \\n -> if n <= 0 then 0 else a (n - 1); "
               "let rec b = \\n -> if n <= 0 then 0 else a (n - 1);",
               "differ");
}

static void write_file(const char *dir, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    if (file != NULL) {
        fputs(text, file);
        fclose(file);
    }
}

static bool equal_across_modules(const char *one, const char *two)
{
    char dir[] = "/tmp/ligature-fingerprint-XXXXXX";
    CHECK(mkdtemp(dir) != NULL);
    write_file(dir, "one.lig", one);
    write_file(dir, "two.lig", two);
    char paths[2][256];
    snprintf(paths[0], sizeof paths[0], "%s/one.lig", dir);
    snprintf(paths[1], sizeof paths[1], "%s/two.lig", dir);
    TestProgram test =
        test_program_files((const char *[]){paths[0], paths[1]}, 2, 2, NULL);
    const Program *program = test.program;
    CHECK_EQ_INT(program->entry_count, 2);
    Fingerprints *f =
        fingerprints_new(program, pool_main_worker(program->pool));
    Hash128 keys[2];
    bool known = true;
    for (uint32_t i = 0; i < 2; i++) {
        const Module *module = program->modules[program->entries[i]];
        known &= fingerprint_binding(
            f, module->id, index_named(module, program->interner, "a"),
            &keys[i]);
    }
    CHECK(known);
    bool equal = known && hash128_equal(keys[0], keys[1]);
    fingerprints_free(f);
    test_program_release(&test);
    remove(paths[0]);
    remove(paths[1]);
    rmdir(dir);
    return equal;
}

TEST(modules_share_what_is_equal)
{
    CHECK(equal_across_modules("let f x = x + 1; let a = f 2;",
                               "let zero = 0; let f x = x + 1; let a = f 2;"));
    CHECK(!equal_across_modules("let f x = x + 1; let a = f 2;",
                                "let f x = x - 1; let a = f 2;"));
    CHECK(equal_across_modules(
        "let rec f x = if x <= 0 then 0 else f (x - 1); let a = f 2;",
        "let rec f x = if x <= 0 then 0 else f (x - 1); let a = f 2;"));
    CHECK(!equal_across_modules("type T = A | B; let f x = A; let a = f 1;",
                                "type T = B | A; let f x = A; let a = f 1;"));
}

TEST(cost_is_calls_and_comprehensions)
{
    static const struct {
        const char *text;
        bool expected;
    } cases[] = {
        {"[1, 2]", false},
        {"1 + 2", false},
        {"Some 1", false},
        {"\\x -> f x", false},
        {"let f = \\x -> x in f", false},
        {"{ a = { b = f 1 } }", true},
        {"[x for x in [1]]", true},
        {"1 |> f", true},
        {"Some (f 1)", true},
        {"if f 1 then 1 else 2", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        StrBuf text = {0};
        strbuf_appendf(&text, "let f x = x; %s", cases[i].text);
        strbuf_append_char(&text, 0);
        TestProgram test = test_program_text(text.data);
        const Expr *result = main_module(&test)->ast.result;
        CHECK(result != NULL);
        if (fingerprint_has_cost(result) != cases[i].expected) {
            harness_fail(__FILE__, __LINE__, cases[i].text);
        }
        test_program_release(&test);
        strbuf_release(&text);
    }
}

// How many bindings took their values from the cache.
static uint64_t cached_of(const char *text)
{
    ProgramOptions program_options = {.limits = limits_default()};
    TestProgram test;
    test_program_init(&test, 1, &program_options);
    test.ok = loader_load_text(test.program, STR("main.lig"), STR("."),
                               str_from_c(text));
    test_program_resolve(&test);
    CacheMap *values = cache_map_new(&(CacheMapOptions){
        .worker_count = 1,
        .capacity_bytes = UINT64_MAX,
    });
    EvaluationOptions options = {.value_cache = values};
    Evaluation *evaluation = evaluation_new(test.program, &options);
    DiagSink diags;
    diag_sink_init(&diags);
    Value value;
    CHECK(evaluation_run(evaluation, &diags, &value));
    uint64_t cached = evaluation->stats.tasks_cached;
    evaluation_free(evaluation);
    cache_map_free(values);
    diag_sink_release(&diags);
    test_program_release(&test);
    return cached;
}

TEST(values_are_looked_up_once_one_was_costly)
{
#define LOOP "let rec f n = if n <= 0 then 0 else f (n - 1); "
    CHECK_EQ_INT(cached_of(LOOP "let a = f 9; let b = f 9; [a, b]"), 0);
    CHECK_EQ_INT(cached_of(LOOP "let a = f 999; let b = f 999; [a, b]"), 1);
    CHECK_EQ_INT(cached_of(LOOP "let a = f 999; let b = f 999; "
                                "let c = f 9; let d = f 9; [c, a, b, d]"),
                 1);
    CHECK_EQ_INT(cached_of(LOOP "let a = f 999; let b = f 999; "
                                "let c = f 9; let d = f 9; [a, b, c, d]"),
                 2);
#undef LOOP
}

TEST_MAIN(RUN(equal_code_has_equal_keys), RUN(keys_go_through_references),
          RUN(equal_text_may_mean_other_things),
          RUN(modules_share_what_is_equal),
          RUN(cost_is_calls_and_comprehensions),
          RUN(values_are_looked_up_once_one_was_costly))
