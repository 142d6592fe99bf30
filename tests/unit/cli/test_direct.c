// What is evaluated straight off the tree is what the code gives, after as many
// steps: for rows of forms, where it must be so, and for whatever of all
// fixtures can be. And what has too much to do, or fails, is left to the code.
#include <glob.h>
#include <unistd.h>

#include "eval/direct.h"
#include "eval/machine_internal.h"
#include "typecheck/check.h"

#define EVALUATE_CHECK(program)   check_program((program), &(CheckOptions){0})
#define EVALUATE_RELEASE(program) check_program_release(program)
#include "tests/unit/eval/evaluate.h"

static Evaluation *compiled(TestProgram *test, const Limits *limits,
                            DiagSink *diags, bool *out_ok)
{
    EvaluationOptions options = {.compiles = true};
    Evaluation *evaluation = evaluation_new(test->program, &options);
    evaluation->limits = *limits;
    uint32_t count = test->program->entry_count;
    Value *results = mem_calloc((size_t)count + 1, sizeof *results);
    *out_ok = evaluation_run(evaluation, diags, results);
    free(results);
    evaluation->compiles = false;
    return evaluation;
}

// False where the walk gives up.
static bool agrees(Evaluation *evaluation, const Slot *slot, const char *where)
{
    Worker *worker = pool_main_worker(evaluation->program->pool);
    Slot again = *slot;
    Value value;
    again.steps = 0;
    if (!direct_binding(machine_of(evaluation, worker), &again, &value)) {
        return false;
    }
    StrBuf expected = {0};
    StrBuf found = {0};
    // Values that share parts may be longer than any memory.
    bool is_whole = value_show(&expected, slot->value, 1 << 20);
    CHECK(value_show(&found, value, 1 << 20) == is_whole);
    strbuf_appendf(&expected, " %u steps", (uint32_t)slot->steps);
    strbuf_appendf(&found, " %u steps", (uint32_t)again.steps);
    harness_check_str(__FILE__, __LINE__, where, strbuf_str(&found),
                      strbuf_str(&expected));
    strbuf_release(&expected);
    strbuf_release(&found);
    return true;
}

static Slot *result_slot(const TestProgram *test, Evaluation *evaluation)
{
    const Module *module = main_module(test);
    uint32_t i = 0;
    while (module->bindings[i].kind != BINDING_RESULT) {
        i++;
    }
    return evaluation_slot(evaluation, module->id, i);
}

// Whether the program's result is found without code; it is compared where it
// is, and `okay` says whether there is one.
static bool is_direct(const char *text, const Limits *limits, bool okay)
{
    TestProgram test = {0};
    test_program_init(&test, 1, NULL);
    test.ok = loader_load_text(test.program, STR("main.lig"), STR("."),
                               str_from_c(text));
    test_program_resolve(&test);
    CHECK(test.ok && check_program(test.program, &(CheckOptions){0}));
    DiagSink diags;
    diag_sink_init(&diags);
    bool ok;
    Evaluation *evaluation = compiled(&test, limits, &diags, &ok);
    CHECK_EQ_INT(ok, okay);
    bool direct = agrees(evaluation, result_slot(&test, evaluation), text);
    evaluation_free(evaluation);
    diag_sink_release(&diags);
    check_program_release(test.program);
    test_program_release(&test);
    return direct;
}

#define FUNCTIONS                                                              \
    "let scale x = x * 3 + 7; let pick r = r.limits.cpu + r.id;\n"             \
    "let name (n: String) (p: Integer): String = \"\\(n):\\(p)\";\n"           \
    "let size n = if n < 10 then \"s\" else if n < 100 then \"m\" else "       \
    "\"l\";\n"                                                                 \
    "let rec fib n = if n < 2 then n else fib (n - 1) + fib (n - 2);\n"        \
    "let both { a, b } (c, _) = a + b + c;\n"                                  \
    "let same x y = x == y;\n"                                                 \
    "let half x = x / 2;\n"                                                    \
    "type Shape = Dot | Circle Float | Box Integer Integer;\n"                 \
    "let area s = match s { Dot => 0, Circle _ => -1, Box w h when w == h => " \
    "w * w, Box w h => w * h };\n"                                             \
    "type Port = { port: Integer, host?: String, secure: Boolean = false };\n"

TEST(what_needs_no_code)
{
    static const char *const rows[] = {
        "[scale 1, scale (scale 2)]",
        "scale 0.5",
        "(3 * 0.5 + 1, 1 - 2 - 3, -(4 + 1), 7 % 4, 2 * 3 / 4)",
        "pick { id = 4, limits = { cpu = 2 } }",
        "[name \"a\" 80, 80 |> name \"b\"]",
        "name \"a\" (scale 1) ++ \"/\" ++ \"\\(true)\\(12)\"",
        "[size 1, size 50, size 500]",
        "fib 3",
        "both { a = 1, b = 2 } ((3, 4))",
        "[same 1 2, same \"a\" \"a\"]",
        "[1 < 2 <= 2 < 1]",
        "[true && !false, false || 1.5 < 0.5]",
        "let f (a: List Integer) b = a == b; [f [1, 2] [1, 2], f [] [2]]",
        "[area Dot, area (Circle 1), area (Box 2 2), area (Box 2 3)]",
        "let x = 4; y = x + 1 in { x, y, z = { y, x } }",
        "({ port = 80 }: Port)",
        "[Some 1 ?? 2, None ?? 2]",
        "[1, 2] ++ [scale 3] ++ []",
        ("match (1, \"b\") { (1, \"a\") => 0, "
         "(n, \"b\") | (n, \"c\") => n, _ => 2 }"),
        "[scale x for x in [1, 2]]",
        "[(x, y) for x in [1, 2, 3] if x != 2 for y in range 0 x]",
        "[a + b for (a, b) in [(1, 2)]]",
        "let r = { a = 1, b = 1 }; { ..r, a = 2, c = scale 1 }",
        "(length [1, 2], length \"ab\", range 3 5)",
        "[contains \"b\" \"abc\", (parseInt \"12\" ?? 0) == 12]",
        "half 3",
        "half 3.0",
        "()",
    };
    Limits limits = limits_default();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        StrBuf text = {0};
        strbuf_appendf(&text, FUNCTIONS "%s%c", rows[i], '\0');
        if (!is_direct(text.data, &limits, true)) {
            harness_fail(__FILE__, __LINE__, rows[i]);
        }
        strbuf_release(&text);
    }
}

TEST(what_is_left_to_the_code)
{
    Limits limits = limits_default();
    CHECK(!is_direct(FUNCTIONS "fib 15", &limits, true));
    CHECK(
        !is_direct(FUNCTIONS "[scale x for x in range 0 2000]", &limits, true));
    CHECK(!is_direct("map (\\x -> x + 1) [1]", &limits, true));
    CHECK(!is_direct(FUNCTIONS "scale 9223372036854775807", &limits, false));
    CHECK(!is_direct(FUNCTIONS "1 / (2 - 2)", &limits, false));
    CHECK(!is_direct("let f x = error \"no\"; [f 1]", &limits, false));
    CHECK(!is_direct("type P = Integer where x > 2; let a = 3; let f (x: P) = "
                     "x; f a",
                     &limits, true));
}

TEST(limits_of_steps_and_depth)
{
    Limits limits = limits_default();
    limits.max_steps = 2;
    CHECK(is_direct(FUNCTIONS "[scale 1, scale 2]", &limits, true));
    CHECK(!is_direct(FUNCTIONS "[scale 1, scale 2, scale 3]", &limits, false));
    limits = limits_default();
    limits.max_depth = 1;
    CHECK(is_direct(FUNCTIONS "[scale 1, scale 2]", &limits, true));
    CHECK(
        !is_direct("let f x = [x]; let g x = (f x, 1); [g 1]", &limits, false));
}

// What was heavy once is compiled at the first sight of it.
TEST(functions_that_are_heavy)
{
    Limits limits = limits_default();
    TestProgram test = {0};
    test_program_init(&test, 1, NULL);
    CHECK(loader_load_text(test.program, STR("main.lig"), STR("."),
                           STR(FUNCTIONS "(fib 20, 1)")));
    resolve_program(test.program);
    CHECK(check_program(test.program, &(CheckOptions){0}));
    DiagSink diags;
    diag_sink_init(&diags);
    bool ok;
    Evaluation *evaluation = compiled(&test, &limits, &diags, &ok);
    CHECK(ok);
    Slot *slot = result_slot(&test, evaluation);
    CHECK(!agrees(evaluation, slot, "fib"));
    Machine *machine =
        machine_of(evaluation, pool_main_worker(test.program->pool));
    const DirectMemory *memory = machine->direct;
    uint32_t heavy = 0;
    for (uint32_t i = 0; i < DIRECT_HEAVY_COUNT; i++) {
        heavy += memory->heavy[i] != 0;
    }
    CHECK_EQ_INT(heavy, 1);
    evaluation_free(evaluation);
    diag_sink_release(&diags);
    check_program_release(test.program);
    test_program_release(&test);
}

typedef struct Counts {
    uint32_t direct, compiled;
} Counts;

static void compare_slots(Evaluation *evaluation, const char *path,
                          Counts *counts)
{
    const Program *program = evaluation->program;
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        for (uint32_t i = 0; i < module->binding_count; i++) {
            Slot *slot = evaluation_slot(evaluation, m, i);
            if (slot_state(slot) == SLOT_DONE &&
                !module->bindings[i].is_function) {
                bool direct = agrees(evaluation, slot, path);
                counts->direct += direct;
                counts->compiled += !direct;
            }
        }
    }
}

static void compare_file(const char *path, Counts *counts)
{
    TestProgram test = {0};
    test_program_init(&test, 1, NULL);
    Str name = str_from_c(path);
    test.ok = loader_load(test.program, &name, 1);
    test_program_resolve(&test);
    test.ok = test.ok && test.diags.error_count == 0;
    DiagSink diags;
    diag_sink_init(&diags);
    if (test.ok && check_program(test.program, &(CheckOptions){0})) {
        bool ok;
        Limits limits = limits_default();
        Evaluation *evaluation = compiled(&test, &limits, &diags, &ok);
        compare_slots(evaluation, path, counts);
        evaluation_free(evaluation);
    }
    diag_sink_release(&diags);
    check_program_release(test.program);
    test_program_release(&test);
}

// What a fixture asks for, such as a limit on memory, is not done here.
static bool has_flags(const char *path)
{
    char flags[256];
    int stem = (int)(strrchr(path, '.') - path);
    snprintf(flags, sizeof flags, "%.*s.flags", stem, path);
    return access(flags, F_OK) == 0;
}

TEST(all_fixtures)
{
    static const char *const patterns[] = {"fixtures/*.lig",
                                           "fixtures/project-*/main.lig",
                                           "fixtures/platform/main.lig"};
    Counts counts = {0, 0};
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        glob_t found;
        CHECK_EQ_INT(glob(patterns[p], 0, NULL, &found), 0);
        for (size_t i = 0; i < found.gl_pathc; i++) {
            if (!has_flags(found.gl_pathv[i])) {
                compare_file(found.gl_pathv[i], &counts);
            }
        }
        globfree(&found);
    }
    printf("# %u values straight off the tree, %u by code\n", counts.direct,
           counts.compiled);
    CHECK(counts.direct > 300);
}

TEST_MAIN(RUN(what_needs_no_code), RUN(what_is_left_to_the_code),
          RUN(limits_of_steps_and_depth), RUN(functions_that_are_heavy),
          RUN(all_fixtures))
