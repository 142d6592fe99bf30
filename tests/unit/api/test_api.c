// The C API: results, diagnostics, limits, several threads, cancellation.
#include "include/ligature.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/version.h"
#include "concurrent/thread.h"
#include "tests/harness.h"

static LigatureResult *run_text(LigatureContext *context, const char *text)
{
    return ligature_evaluate_text(context, "test", NULL, text, strlen(text));
}

static void check_run(const LigatureOptions *options, const char *text,
                      LigatureStatus status, const char *output)
{
    LigatureContext *context = ligature_context_new(options);
    LigatureResult *result = run_text(context, text);
    ligature_context_free(context); // results do not depend on it
    CHECK_EQ_INT(ligature_result_status(result), status);
    CHECK_EQ_STR(str_from_c(ligature_result_output(result)),
                 str_from_c(output));
    CHECK_EQ_INT(ligature_result_output_size(result), strlen(output));
    ligature_result_free(result);
}

static LigatureOptions compact_options(void)
{
    LigatureOptions options;
    ligature_options_init(&options);
    options.compact = true;
    return options;
}

static const char endless[] =
    "let rec spin (n: Integer): Integer = spin (n + 1 - 1);\nspin 1";

TEST(texts_give_json)
{
    check_run(NULL, "[1, 2]", LIGATURE_OK, "[\n  1,\n  2\n]\n");
    LigatureOptions options = compact_options();
    check_run(&options, "import std.list as L;\nL.sort [2, 1]", LIGATURE_OK,
              "[1,2]\n");
    options.sort_keys = true;
    options.select = "a";
    check_run(&options, "{ a = { z = 1, b = \"\\u{e9}\" } }", LIGATURE_OK,
              "{\"b\":\"\xc3\xa9\",\"z\":1}\n");
    options.ascii = true;
    options.select = "a.b";
    check_run(&options, "{ a = { z = 1, b = \"\\u{e9}\" } }", LIGATURE_OK,
              "\"\\u00e9\"\n");
}

TEST(inputs_are_taken)
{
    LigatureOptions options = compact_options();
    const char *inputs[] = {"n=4", "who=x y"};
    options.inputs = inputs;
    options.input_count = 2;
    const char *text = "input n: Integer;\ninput who: String;\n(n, who)";
    check_run(&options, text, LIGATURE_OK, "[4,\"x y\"]\n");
    inputs[0] = "n=four";
    check_run(&options, text, LIGATURE_USAGE, "");
    inputs[0] = "n=4";
    inputs[1] = "who"; // no text that is empty
    check_run(&options, text, LIGATURE_USAGE, "");
    inputs[1] = "who=";
    check_run(&options, text, LIGATURE_OK, "[4,\"\"]\n");
    inputs[0] = "=4";
    check_run(&options, text, LIGATURE_USAGE, "");
    inputs[0] = NULL;
    check_run(&options, text, LIGATURE_USAGE, "");
    options.inputs = NULL;
    check_run(&options, text, LIGATURE_USAGE, "");
    const char *folders[] = {NULL};
    options.input_count = 0;
    options.include_dirs = folders;
    options.include_dir_count = 1;
    check_run(&options, "1", LIGATURE_OK, "1\n");
}

TEST(what_is_wrong_is_said)
{
    LigatureContext *context = ligature_context_new(NULL);
    const char *text = "let n: Integer = \"a\";\nn";
    LigatureResult *result = run_text(context, text);
    CHECK_EQ_INT(ligature_result_status(result), LIGATURE_FAILED);
    CHECK(strstr(ligature_result_diagnostics(result),
                 "\"code\":\"E0203\",\"severity\":\"error\"") != NULL);
    CHECK(strstr(ligature_result_diagnostics(result),
                 "\"file\":\"test\",\"line\":1,\"column\":18") != NULL);
    CHECK(strstr(ligature_result_message(result), "error[E0203]") != NULL);
    ligature_result_free(result);
    result = run_text(context, "1");
    CHECK(strstr(ligature_result_diagnostics(result), "\"diagnostics\":[]") !=
          NULL);
    CHECK_EQ_STR(str_from_c(ligature_result_message(result)), STR(""));
    ligature_result_free(result);
    ligature_context_free(context);
    check_run(NULL, "[\\x -> x]", LIGATURE_FAILED, "");
    check_run(NULL, "1 / 0", LIGATURE_FAILED, "");
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

TEST(the_first_error_is_enough)
{
    LigatureOptions options = compact_options();
    for (int i = 0; i < 2; i++) {
        options.fail_fast = i == 1;
        LigatureContext *context = ligature_context_new(&options);
        LigatureResult *result = run_text(
            context, "let f x = match x { _ => 1, 2 => 3 };\n"
                     "let a: String = f 1 == 1;\nlet b: Integer = \"b\";\na");
        CHECK_EQ_INT(ligature_result_status(result), LIGATURE_FAILED);
        const char *message = ligature_result_message(result);
        CHECK(strstr(message, "expected String, found Boolean") != NULL);
        CHECK_EQ_INT(strstr(message, "found String") != NULL, i == 0);
        CHECK_EQ_INT(strstr(message, "W0301") != NULL, i == 0);
        ligature_result_free(result);
        ligature_context_free(context);
    }
}

// Of so many that the rest of the text is not looked at.
TEST(the_first_of_many_errors_is_enough)
{
    enum { COUNT = 1200 };
    static char text[COUNT * 8 + 1];
    for (int i = 0; i < COUNT; i++) {
        memcpy(text + i * 8, "let x;\n\n", 8);
    }
    LigatureOptions options = compact_options();
    options.fail_fast = true;
    LigatureContext *context = ligature_context_new(&options);
    LigatureResult *result = run_text(context, text);
    const char *message = ligature_result_message(result);
    CHECK_EQ_INT(ligature_result_status(result), LIGATURE_FAILED);
    CHECK(strstr(message, "\n1 error\n") != NULL);
    CHECK(strstr(message, "given up") == NULL);
    ligature_result_free(result);
    ligature_context_free(context);
}

// Refinements of imported data are checked without an evaluation too.
TEST(data_is_checked)
{
    char folder[] = "/tmp/ligature-api-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    char path[64];
    snprintf(path, sizeof path, "%s/data.json", folder);
    write_file(path, "{ \"port\": 0 }");
    LigatureOptions options = compact_options();
    options.root = folder;
    LigatureContext *context = ligature_context_new(&options);
    const char *text = "import \"./data.json\" as d: "
                       "{ port: Integer where x > 0 };\nd.port";
    LigatureResult *result =
        ligature_typecheck_text(context, "test", NULL, text, strlen(text));
    CHECK_EQ_INT(ligature_result_status(result), LIGATURE_FAILED);
    CHECK(strstr(ligature_result_message(result), "'x > 0' failed") != NULL);
    ligature_result_free(result);
    check_run(&options, text, LIGATURE_FAILED, "");
    write_file(path, "{ \"port\": 8 }");
    check_run(&options, text, LIGATURE_OK, "8\n");
    ligature_context_free(context);
    unlink(path);
    rmdir(folder);
}

TEST(the_version_is_known)
{
    CHECK_EQ_STR(str_from_c(ligature_version()), STR(LIGATURE_VERSION));
}

TEST(typecheck_evaluates_nothing)
{
    LigatureContext *context = ligature_context_new(NULL);
    const char *fine = "input n: Integer;\n[1 / 0, n]";
    LigatureResult *result =
        ligature_typecheck_text(context, NULL, NULL, fine, strlen(fine));
    CHECK_EQ_INT(ligature_result_status(result), LIGATURE_OK);
    CHECK_EQ_STR(str_from_c(ligature_result_output(result)), STR(""));
    ligature_result_free(result);
    const char *wrong = "1 + true";
    result = ligature_typecheck_text(context, NULL, NULL, wrong, strlen(wrong));
    CHECK_EQ_INT(ligature_result_status(result), LIGATURE_FAILED);
    ligature_result_free(result);
    ligature_context_free(context);
}

TEST(help_names_the_fields_of_the_options)
{
    LigatureOptions options = compact_options();
    options.max_steps = 1000;
    LigatureContext *context = ligature_context_new(&options);
    LigatureResult *result = run_text(context, endless);
    const char *message = ligature_result_message(result);
    CHECK(strstr(message, "else raise max_steps\n") != NULL);
    CHECK(strstr(message, "--max-steps") == NULL);
    ligature_result_free(result);
    result = run_text(context, "input port: Integer;\nport");
    message = ligature_result_message(result);
    CHECK(strstr(message, "give it with inputs port=VALUE") != NULL);
    ligature_result_free(result);
    result = run_text(context, "import \"../elsewhere\" as e;\n1");
    message = ligature_result_message(result);
    CHECK(strstr(message, "allow its folder with root DIR") != NULL);
    ligature_result_free(result);
    ligature_context_free(context);
    options = compact_options();
    options.max_sources_bytes = 5;
    context = ligature_context_new(&options);
    result = run_text(context, "123456");
    message = ligature_result_message(result);
    CHECK(strstr(message, "raise max_sources_bytes\n") != NULL);
    ligature_result_free(result);
    ligature_context_free(context);
}

TEST(limits_stop_runs)
{
    LigatureOptions options = compact_options();
    options.max_steps = 1000;
    check_run(&options, endless, LIGATURE_LIMIT, "");
    options = compact_options();
    options.max_output_bytes = 10;
    check_run(&options, "range 0 100", LIGATURE_LIMIT, "");
    options = compact_options();
    options.max_memory_bytes = UINT64_C(4) << 20;
    check_run(&options, "length [[n, n] for n in range 0 1000000]",
              LIGATURE_LIMIT, "");
    options = compact_options();
    options.max_steps = UINT64_MAX;
    options.timeout_ms = 30;
    check_run(&options, endless, LIGATURE_TIMEOUT, "");
    char deep[100001];
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    options = compact_options();
    options.max_nesting = UINT32_MAX;
    check_run(&options, deep, LIGATURE_LIMIT, "");
    options.max_depth = options.max_modules = UINT32_MAX;
    options.max_steps = options.max_memory_bytes = options.max_output_bytes =
        options.max_source_bytes = options.max_sources_bytes =
            options.max_type_nodes = options.timeout_ms = UINT64_MAX;
    check_run(&options, "sum [x for x in range 0 1000]", LIGATURE_OK,
              "499500\n");
    options = compact_options();
    options.strict = true;
    check_run(&options, endless, LIGATURE_FAILED, "");
    options = compact_options();
    options.max_source_bytes = 5;
    check_run(&options, "12345", LIGATURE_OK, "12345\n");
    check_run(&options, "123456", LIGATURE_LIMIT, "");
    options = compact_options();
    options.max_sources_bytes = 5;
    check_run(&options, "12345", LIGATURE_OK, "12345\n");
    check_run(&options, "123456", LIGATURE_LIMIT, "");
}

// One that was compiled against an older header.
TEST(callers_may_know_fewer_options)
{
    LigatureOptions options = compact_options();
    options.max_sources_bytes = 5;
    options.size = offsetof(LigatureOptions, max_sources_bytes);
    check_run(&options, "123456", LIGATURE_OK, "123456\n");
}

static void check_file(const LigatureOptions *options, const char *path,
                       LigatureStatus status, const char *output)
{
    LigatureContext *context = ligature_context_new(options);
    LigatureResult *result = ligature_evaluate_file(context, path);
    CHECK_EQ_INT(ligature_result_status(result), status);
    CHECK_EQ_STR(str_from_c(ligature_result_output(result)),
                 str_from_c(output));
    ligature_result_free(result);
    ligature_context_free(context);
}

static void check_typecheck(const LigatureOptions *options, const char *path,
                            LigatureStatus status)
{
    LigatureContext *context = ligature_context_new(options);
    LigatureResult *result = ligature_typecheck_file(context, path);
    CHECK_EQ_INT(ligature_result_status(result), status);
    CHECK_EQ_STR(str_from_c(ligature_result_output(result)), STR(""));
    ligature_result_free(result);
    ligature_context_free(context);
}

static void check_text_in(const LigatureOptions *options, const char *dir,
                          LigatureStatus status)
{
    LigatureContext *context = ligature_context_new(options);
    LigatureResult *result =
        ligature_evaluate_text(context, "test", dir, "1", 1);
    CHECK_EQ_INT(ligature_result_status(result), status);
    ligature_result_free(result);
    ligature_context_free(context);
}

TEST(files_stay_in_their_root)
{
    char folder[] = "/tmp/ligature-api-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    char main_path[64];
    char part_path[64];
    snprintf(main_path, sizeof main_path, "%s/main.lig", folder);
    snprintf(part_path, sizeof part_path, "%s/part.lig", folder);
    write_file(main_path, "import \"./part\" as part;\npart.n + 1");
    write_file(part_path, "export let n = 41;");
    LigatureOptions options = compact_options();
    check_file(&options, main_path, LIGATURE_OK, "42\n");
    options.root = folder;
    check_file(&options, main_path, LIGATURE_OK, "42\n");
    // A text's imports are relative to the root.
    check_run(&options, "import \"./part\" as part;\npart.n", LIGATURE_OK,
              "41\n");
    write_file(main_path, "import \"../../etc/passwd\" as p: String;\np");
    check_file(&options, main_path, LIGATURE_FAILED, "");
    options.root = "/usr";
    check_file(&options, part_path, LIGATURE_USAGE, "");
    options.root = "/nowhere";
    check_file(&options, part_path, LIGATURE_USAGE, "");
    check_text_in(&options, "/nowhere", LIGATURE_USAGE);
    options.root = folder;
    check_text_in(&options, folder, LIGATURE_OK);
    // Not the working directory instead.
    check_text_in(&options, "/nowhere", LIGATURE_USAGE);
    check_text_in(&options, part_path, LIGATURE_USAGE);
    options.root = NULL;
    check_text_in(&options, "/nowhere", LIGATURE_USAGE);
    options.root = part_path; // no folder
    check_run(&options, "1", LIGATURE_USAGE, "");
    check_file(&options, part_path, LIGATURE_USAGE, "");
    check_typecheck(&options, part_path, LIGATURE_USAGE);
    options.root = NULL;
    write_file(main_path, "import \"./part\" as part;\npart.n / 0");
    check_typecheck(&options, main_path, LIGATURE_OK);
    check_typecheck(&options, "/nowhere/a.lig", LIGATURE_IO);
    write_file(main_path, "import \"./part\" as part;\npart.n + true");
    check_typecheck(&options, main_path, LIGATURE_FAILED);
    check_file(&options, "/nowhere/a.lig", LIGATURE_IO, "");
    check_file(&options, "-", LIGATURE_IO, "");
    check_file(&options, NULL, LIGATURE_IO, "");
    unlink(main_path);
    unlink(part_path);
    rmdir(folder);
}

// ---- threads

typedef struct Caller {
    LigatureContext *context;
    uint32_t seed;
} Caller;

static void *call_often(void *argument)
{
    const Caller *caller = argument;
    for (uint32_t i = 0; i < 5; i++) {
        char text[160];
        char expected[64];
        uint32_t count = 500 + caller->seed * 10 + i;
        snprintf(text, sizeof text,
                 "let a = sum (map (\\x -> x * x) (range 0 %u));\n"
                 "let b = length [show x for x in range 0 %u];\n[a, b]",
                 count, count);
        uint64_t last = count - 1;
        snprintf(expected, sizeof expected, "[%llu,%u]\n",
                 (unsigned long long)(last * (last + 1) * (2 * last + 1) / 6),
                 count);
        LigatureResult *result = run_text(caller->context, text);
        CHECK_EQ_STR(str_from_c(ligature_result_output(result)),
                     str_from_c(expected));
        ligature_result_free(result);
    }
    return NULL;
}

// Two threads with a context each, and two that share one.
TEST(threads_run_at_once)
{
    enum { COUNT = 4 };
    LigatureOptions options = compact_options();
    options.workers = 2;
    LigatureContext *contexts[3];
    for (int i = 0; i < 3; i++) {
        contexts[i] = ligature_context_new(&options);
    }
    Caller callers[COUNT];
    Thread threads[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        callers[i] = (Caller){contexts[i < 2 ? i : 2], i};
        CHECK(thread_start(&threads[i], call_often, &callers[i], 256 << 10));
    }
    for (int i = 0; i < COUNT; i++) {
        thread_join(&threads[i]);
    }
    for (int i = 0; i < 3; i++) {
        ligature_context_free(contexts[i]);
    }
}

static void *cancel_soon(void *argument)
{
    usleep(20000);
    ligature_cancel(argument);
    return NULL;
}

TEST(runs_are_cancelled)
{
    LigatureOptions options = compact_options();
    options.max_steps = UINT64_MAX;
    LigatureContext *context = ligature_context_new(&options);
    LigatureContext *other = ligature_context_new(&options);
    Thread thread;
    CHECK(thread_start(&thread, cancel_soon, context, 256 << 10));
    LigatureResult *result = run_text(context, endless);
    thread_join(&thread);
    CHECK_EQ_INT(ligature_result_status(result), LIGATURE_CANCELLED);
    CHECK(strstr(ligature_result_message(result), "cancelled") != NULL);
    CHECK_EQ_STR(str_from_c(ligature_result_output(result)), STR(""));
    ligature_result_free(result);
    // It stays cancelled; others are not.
    result = run_text(context, "1");
    CHECK_EQ_INT(ligature_result_status(result), LIGATURE_CANCELLED);
    ligature_result_free(result);
    result = run_text(other, "1");
    CHECK_EQ_INT(ligature_result_status(result), LIGATURE_OK);
    ligature_result_free(result);
    ligature_context_free(context);
    ligature_context_free(other);
}

static void check_again(LigatureContext *context, const char *text,
                        LigatureStatus status, const char *output)
{
    LigatureResult *result = run_text(context, text);
    CHECK_EQ_INT(ligature_result_status(result), status);
    CHECK_EQ_STR(str_from_c(ligature_result_output(result)),
                 str_from_c(output));
    ligature_result_free(result);
}

// A run that failed, or was stopped by a limit, leaves nothing behind in its
// context: the next one says what it would have said alone.
TEST(runs_know_nothing_of_those_before)
{
    static const struct {
        const char *text;
        LigatureStatus status;
    } earlier[] = {
        {"1 +", LIGATURE_FAILED},
        {"1 + \"\"", LIGATURE_FAILED},
        {"[1 / x for x in reverse (range 0 100000)]", LIGATURE_FAILED},
        {"import \"./nowhere\" as n;\nn", LIGATURE_FAILED},
        {"let rec f n = if n <= 0 then 0 else 1 + f (n - 1);\nf 9999",
         LIGATURE_LIMIT},
        {"[[y for y in range 0 x] for x in range 0 9999]", LIGATURE_LIMIT},
        {endless, LIGATURE_LIMIT},
    };
    LigatureOptions options = compact_options();
    options.max_depth = 1000;
    options.max_memory_bytes = 8 << 20;
    options.max_steps = 4000000;
    for (options.workers = 1; options.workers <= 4; options.workers *= 2) {
        LigatureContext *context = ligature_context_new(&options);
        for (size_t i = 0; i < sizeof earlier / sizeof *earlier; i++) {
            check_again(context, earlier[i].text, earlier[i].status, "");
            check_again(context,
                        "import std.list as L;\n"
                        "let xs = [[x] for x in range 0 30000];\n"
                        "(sum (L.concat xs), length xs)",
                        LIGATURE_OK, "[449985000,30000]\n");
        }
        ligature_context_free(context);
    }
}

// Threads of a run leave nothing in the heaps that the allocator keeps for
// threads to come. Comes first: later threads find heaps that were used. (With
// sanitizers nothing is said to be in use.)
TEST(threads_leave_no_memory)
{
    LigatureOptions options = compact_options();
    options.workers = 8;
    check_run(&options, "1", LIGATURE_OK, "1\n");
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 4; i++) {
        check_run(&options, "[x for x in range 0 300000 if x < 1]", LIGATURE_OK,
                  "[0]\n");
    }
    CHECK(mallinfo2().uordblks < before + (1 << 20));
}

TEST_MAIN(RUN(threads_leave_no_memory), RUN(texts_give_json),
          RUN(inputs_are_taken), RUN(what_is_wrong_is_said),
          RUN(the_version_is_known), RUN(typecheck_evaluates_nothing),
          RUN(the_first_error_is_enough),
          RUN(the_first_of_many_errors_is_enough), RUN(data_is_checked),
          RUN(help_names_the_fields_of_the_options), RUN(limits_stop_runs),
          RUN(callers_may_know_fewer_options), RUN(files_stay_in_their_root),
          RUN(threads_run_at_once), RUN(runs_are_cancelled),
          RUN(runs_know_nothing_of_those_before))
