// Diagnostics as SARIF, as workflow commands and as JUnit; deaths in each.
#include <cJSON.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/diag_github.h"
#include "cli/diag_junit.h"
#include "cli/diag_sarif.h"
#include "cli/diag_write.h"
#include "cli/xml_text.h"
#include "support/die.h"
#include "tests/harness.h"

static const Source main_file = {
    .path = STR_INIT("a b,c:d%.lig"),
    .text = STR_INIT("let port = 1;\n\"\xC3\xA9\" + port\n"),
};

// An error with everything, then a warning across two lines.
static void fill(DiagSink *sink)
{
    diag_sink_init(sink);
    Diag *diag = diag_add(sink, DIAG_E0203, &main_file, (Span){14, 18},
                          "expected <%s> & 5%%\n\x1b", "Integer");
    diag_label(sink, diag, &main_file, (Span){11, 12}, "a number");
    diag_note(sink, diag, "one");
    diag_help(sink, diag, "use 'toString'");
    diag_trace(sink, diag, STR("f"), &main_file, (Span){21, 25});
    (void)diag_add(sink, DIAG_W0201, &main_file, (Span){4, 16}, "unused");
}

TEST(workflow_commands)
{
    DiagSink sink;
    fill(&sink);
    StrBuf out = {0};
    diag_github_write(&out, &sink, 20);
    CHECK_EQ_STR(strbuf_str(&out),
                 STR("::error file=a b%2Cc%3Ad%25.lig,line=2,endLine=2,col=1,"
                     "title=E0203%3A a value has another type than expected::"
                     "expected <Integer> & 5%25\\u{a}\\u{1b}"
                     "%0Aa b,c:d%25.lig:1:12: a number%0Anote: one"
                     "%0Ahelp: use 'toString'"
                     "%0Ain call to f at a b,c:d%25.lig:2:7\n"
                     "::warning file=a b%2Cc%3Ad%25.lig,line=1,endLine=2,"
                     "title=W0201%3A a binding is never used::unused\n"));
    strbuf_release(&out);
    diag_sink_release(&sink);
}

TEST(junit)
{
    DiagSink sink;
    fill(&sink);
    (void)diag_add(&sink, DIAG_E0001, NULL, (Span){0, 0}, "no file");
    StrBuf out = {0};
    diag_junit_write(&out, &sink, false);
    CHECK_EQ_STR(
        strbuf_str(&out),
        STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"ligature\" tests=\"3\" failures=\"1\" "
            "errors=\"1\">\n"
            "<testsuite name=\"a b,c:d%.lig\" tests=\"2\" failures=\"1\" "
            "errors=\"0\">\n"
            "<testcase name=\"E0203 at line 2, column 1\" "
            "file=\"a b,c:d%.lig\" line=\"2\" classname=\"a b,c:d%.lig\">"
            "<failure type=\"E0203\" message=\"expected &lt;Integer&gt; &amp; "
            "5%\\u{a}\\u{1b}\">error[E0203]: expected &lt;Integer&gt; &amp; "
            "5%\\u{a}\\u{1b}\na b,c:d%.lig:1:12: a number\nnote: one\n"
            "help: use &#39;toString&#39;\n"
            "in call to f at a b,c:d%.lig:2:7</failure></testcase>\n"
            "<testcase name=\"W0201 at line 1, column 5\" "
            "file=\"a b,c:d%.lig\" line=\"1\" classname=\"a b,c:d%.lig\">"
            "<system-out>warning[W0201]: unused</system-out></testcase>\n"
            "</testsuite>\n"
            "<testsuite name=\"ligature\" tests=\"1\" failures=\"0\" "
            "errors=\"1\">\n"
            "<testcase name=\"E0001\" classname=\"ligature\">"
            "<error type=\"E0001\" message=\"no file\">"
            "error[E0001]: no file</error></testcase>\n"
            "</testsuite>\n</testsuites>\n"));
    strbuf_release(&out);
    diag_sink_release(&sink);
}

static const cJSON *item(const cJSON *tree, const char *name)
{
    return cJSON_IsArray(tree) ? cJSON_GetArrayItem(tree, atoi(name))
                               : cJSON_GetObjectItem(tree, name);
}

// The text at a path such as "runs/0/results".
static const cJSON *at(const cJSON *tree, const char *path)
{
    char name[64];
    while (tree != NULL && *path != '\0') {
        size_t len = strcspn(path, "/");
        memcpy(name, path, len);
        name[len] = '\0';
        tree = item(tree, name);
        path += path[len] == '/' ? len + 1 : len;
    }
    return tree;
}

static void check_at(const cJSON *tree, const char *path, const char *expected)
{
    const char *text = cJSON_GetStringValue(at(tree, path));
    CHECK_EQ_STR(str_from_c(text != NULL ? text : path), str_from_c(expected));
}

TEST(sarif)
{
    DiagSink sink;
    fill(&sink);
    (void)diag_add(&sink, DIAG_E0002, NULL, (Span){0, 0}, "no file");
    StrBuf out = {0};
    diag_sarif_write(&out, &sink, false);
    strbuf_append_char(&out, '\0');
    cJSON *doc = cJSON_Parse(out.data);
    CHECK(doc != NULL);
    check_at(doc, "runs/0/results/0/ruleId", "E0203");
    check_at(doc, "runs/0/results/0/message/text",
             "expected <Integer> & 5%\\u{a}\\u{1b}\nnote: one\n"
             "help: use 'toString'");
    check_at(doc,
             "runs/0/results/0/locations/0/physicalLocation/artifactLocation/"
             "uri",
             "a%20b%2Cc%3Ad%25.lig");
    check_at(doc, "runs/0/results/0/relatedLocations/0/message/text",
             "a number");
    const cJSON *steps =
        at(doc, "runs/0/results/0/codeFlows/0/threadFlows/0/locations");
    CHECK_EQ_INT(cJSON_GetArraySize(steps), 2);
    check_at(steps, "0/location/message/text", "call to f");
    check_at(doc, "runs/0/results/1/level", "warning");
    CHECK_EQ_INT(cJSON_GetArraySize(at(doc, "runs/0/results")), 2);
    check_at(doc, "runs/0/invocations/0/toolExecutionNotifications/0/level",
             "error");
    CHECK_EQ_INT(cJSON_GetArraySize(at(doc, "runs/0/tool/driver/rules")),
                 DIAG_CODE_COUNT);
    cJSON_Delete(doc);
    strbuf_release(&out);
    diag_sink_release(&sink);
}

// What is too long for a reader is cut, and says so.
TEST(long_sarif)
{
    static const Source absolute = {.path = STR_INIT("/tmp/a~.lig"),
                                    .text = STR_INIT("x")};
    static const Source dotted = {.path = STR_INIT("././b.lig"),
                                  .text = STR_INIT("x")};
    DiagSink sink;
    diag_sink_init(&sink);
    Diag *diag = diag_add(&sink, DIAG_E0203, &absolute, (Span){1, 0}, "first");
    for (int i = 0; i < 150; i++) {
        diag_label(&sink, diag, i == 1 ? NULL : &dotted, (Span){0, 1}, "%d", i);
    }
    for (int i = 0; i < 200; i++) {
        char name[8];
        snprintf(name, sizeof name, "f%d", i);
        diag_trace(&sink, diag, str_from_c(name), i == 1 ? NULL : &dotted,
                   (Span){0, 1});
    }
    for (int i = 0; i < DIAG_SARIF_MAX_RESULTS + 6; i++) {
        (void)diag_add(&sink, DIAG_W0201, &dotted, (Span){0, 1}, "more");
    }
    (void)diag_add(&sink, DIAG_W0001, NULL, (Span){0, 0}, "nowhere");
    StrBuf out = {0};
    diag_sarif_write(&out, &sink, false);
    strbuf_append_char(&out, '\0');
    cJSON *doc = cJSON_Parse(out.data);
    CHECK(doc != NULL);
    const char *uri = "locations/0/physicalLocation/artifactLocation/uri";
    const cJSON *results = at(doc, "runs/0/results");
    CHECK_EQ_INT(cJSON_GetArraySize(results), DIAG_SARIF_MAX_RESULTS);
    const cJSON *first = at(results, "0");
    check_at(first, uri, "file:///tmp/a~.lig");
    check_at(at(results, "1"), uri, "b.lig");
    const cJSON *related = at(first, "relatedLocations");
    CHECK_EQ_INT(cJSON_GetArraySize(related), 100);
    CHECK(at(related, "1/physicalLocation") == NULL);
    check_at(related, "99/message/text", "99");
    // The outermost 16, the innermost 48, and the place itself.
    const cJSON *steps = at(first, "codeFlows/0/threadFlows/0/locations");
    CHECK_EQ_INT(cJSON_GetArraySize(steps), 65);
    check_at(steps, "0/location/message/text", "call to f199");
    check_at(steps, "15/location/message/text", "call to f184");
    check_at(steps, "16/location/message/text", "call to f47");
    check_at(steps, "63/location/message/text", "call to f0");
    check_at(steps, "64/location/message/text", "first");
    const cJSON *notices =
        at(doc, "runs/0/invocations/0/toolExecutionNotifications");
    CHECK_EQ_INT(cJSON_GetArraySize(notices), 2);
    check_at(notices, "1/message/text", "7 more results are not listed");
    CHECK(cJSON_IsTrue(at(doc, "runs/0/invocations/0/executionSuccessful")));
    cJSON_Delete(doc);
    strbuf_release(&out);
    diag_sink_release(&sink);
}

TEST(sarif_of_one_too_many)
{
    static const Source source = {.path = STR_INIT("b.lig"),
                                  .text = STR_INIT("x")};
    DiagSink sink;
    diag_sink_init(&sink);
    for (int i = 0; i < DIAG_SARIF_MAX_RESULTS + 1; i++) {
        (void)diag_add(&sink, DIAG_W0201, &source, (Span){0, 1}, "more");
    }
    StrBuf out = {0};
    diag_sarif_write(&out, &sink, false);
    CHECK(str_ends_with(strbuf_str(&out),
                        STR("[\n{\"level\":\"warning\",\"message\":{\"text\":"
                            "\"1 more results are not listed\"}}],"
                            "\"executionSuccessful\":true}]}]}\n")));
    strbuf_release(&out);
    diag_sink_release(&sink);
}

TEST(xml_text_is_well_formed)
{
    StrBuf out = {0};
    xml_text_append(&out, STR("<a b=\"'&\">\n\x01\xFF\xEF\xBF\xBE"), SIZE_MAX);
    CHECK_EQ_STR(strbuf_str(&out), STR("&lt;a b=&quot;&#39;&amp;&quot;&gt;\n"
                                       "\\u{1}\\xff\\u{fffe}"));
    strbuf_clear(&out);
    xml_text_append(&out, STR("&&&&&&&&&&"), 6);
    CHECK_EQ_STR(strbuf_str(&out), STR("&amp;&amp;&amp;..."));
    strbuf_release(&out);
}

// What a process says on standard error that dies of a bug.
static void check_death(DiagnosticsChoice format, const char *expected)
{
    int ends[2];
    char text[2048] = "";
    CHECK_EQ_INT(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        Settings settings = {.diagnostics = format};
        (void)dup2(ends[1], STDERR_FILENO);
        diag_write_prepare_death(&settings);
        die_bug("x.c", 1, "<\"bad\" %d>");
    }
    close(ends[1]);
    size_t len = 0;
    for (ssize_t n; (n = read(ends[0], text + len, sizeof text - len)) > 0;) {
        len += (size_t)n;
    }
    close(ends[0]);
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 70);
    CHECK_EQ_STR(str_make(text, len), str_from_c(expected));
}

#define BUG                                                                    \
    "ligature: internal error at x.c:1:   bad   d  This is a bug in "          \
    "ligature. Please report it with the program that shows it."

TEST(a_bug_is_a_document_too)
{
    check_death(DIAGNOSTICS_TEXT,
                "ligature: internal error at x.c:1: <\"bad\" %d>\nThis is a "
                "bug in ligature. Please report it with the program that "
                "shows it.\n");
    check_death(DIAGNOSTICS_GITHUB, "::error title=E0003::" BUG "\n");
    check_death(DIAGNOSTICS_JSON,
                "{\"version\":1,\"diagnostics\":[{\"code\":\"E0003\","
                "\"severity\":\"error\",\"message\":\"" BUG "\",\"file\":null,"
                "\"line\":null,\"column\":null,\"endLine\":null,"
                "\"endColumn\":null,\"labels\":[],\"notes\":[],\"help\":[],"
                "\"trace\":[]}]}\n");
}

static void *run_out_of_memory(void *start)
{
    pthread_barrier_wait(start);
    die_out_of_memory();
}

// All of them come to write before the first of them has written.
TEST(threads_that_die_together_say_it_once)
{
    enum { THREADS = 8, WAIT_US = 50000, FILLER = 4096 };
    int ends[2];
    CHECK_EQ_INT(pipe(ends), 0);
    CHECK(fcntl(ends[1], F_SETPIPE_SZ, FILLER) == FILLER);
    static char filler[FILLER];
    CHECK_EQ_INT(write(ends[1], filler, FILLER), FILLER);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        pthread_barrier_t start;
        pthread_barrier_init(&start, NULL, THREADS);
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++) {
            pthread_create(&threads[i], NULL, run_out_of_memory, &start);
        }
        pthread_join(threads[0], NULL);
    }
    close(ends[1]);
    usleep(WAIT_US);
    static char text[FILLER + 1024];
    size_t len = 0;
    for (ssize_t n; (n = read(ends[0], text + len, sizeof text - len)) > 0;) {
        len += (size_t)n;
    }
    close(ends[0]);
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 4);
    CHECK_EQ_STR(str_make(text + FILLER, len - FILLER),
                 STR("error[E0604]: out of memory\n"));
}

TEST_MAIN(RUN(workflow_commands), RUN(junit), RUN(sarif), RUN(long_sarif),
          RUN(sarif_of_one_too_many), RUN(xml_text_is_well_formed),
          RUN(a_bug_is_a_document_too),
          RUN(threads_that_die_together_say_it_once))
