#include "cli/test_report.h"

#include "cli/json_text.h"
#include "cli/xml_text.h"

static uint32_t passed_count(const TestReport *report)
{
    return report->cases.count - report->failed;
}

// "file: name", safe on a terminal.
static void append_title(StrBuf *out, const TestCase *test)
{
    strbuf_append_printable(out, test->file, 4096);
    if (test->name.len > 0) {
        strbuf_append(out, STR(": "));
        strbuf_append_printable(out, test->name, 4096);
    }
}

// ---- text

static void write_text(const TestReport *report, StrBuf *out)
{
    for (uint32_t i = 0; i < report->cases.count; i++) {
        const TestCase *test = &report->cases.items[i];
        strbuf_append(out, test->passed  ? STR("ok    ")
                           : test->unrun ? STR("STOP  ")
                                         : STR("FAIL  "));
        append_title(out, test);
        if (test->message.len > 0) {
            strbuf_append(out, STR(" ("));
            strbuf_append_printable(out, test->message, 400);
            strbuf_append_char(out, ')');
        }
        strbuf_append_char(out, '\n');
    }
    strbuf_appendf(out, "%u passed, %u failed", passed_count(report),
                   report->failed - report->unrun);
    if (report->unrun > 0) {
        strbuf_appendf(out, ", %u not run to the end", report->unrun);
    }
    strbuf_append_char(out, '\n');
}

// ---- TAP

// A description must not look like a directive.
static void append_tap_title(StrBuf *out, const TestCase *test)
{
    StrBuf title = {0};
    append_title(&title, test);
    for (size_t i = 0; i < title.len; i++) {
        if (title.data[i] == '#' || title.data[i] == '\\') {
            strbuf_append_char(out, '\\');
        }
        strbuf_append_char(out, title.data[i]);
    }
    strbuf_release(&title);
}

static void append_tap_block(StrBuf *out, const TestCase *test)
{
    strbuf_append(out, STR("  ---\n  message: "));
    json_text_append(out, test->message, 4096);
    strbuf_append(out, STR("\n  severity: "));
    strbuf_append(out, test->errored ? STR("error") : STR("fail"));
    strbuf_append(out, STR("\n  code: "));
    json_text_append(out, test->code, 100);
    strbuf_append(out, STR("\n  at:\n    file: "));
    json_text_append(out, test->file, 4096);
    strbuf_appendf(out, "\n    line: %u\n", test->line);
    if (test->details.count > 0) {
        strbuf_append(out, STR("  differences:\n"));
    }
    for (uint32_t i = 0; i < test->details.count; i++) {
        strbuf_append(out, STR("    - "));
        json_text_append(out, test->details.items[i], 4096);
        strbuf_append_char(out, '\n');
    }
    strbuf_append(out, STR("  ...\n"));
}

static void write_tap(const TestReport *report, StrBuf *out)
{
    strbuf_appendf(out, "TAP version 14\n1..%u\n", report->cases.count);
    for (uint32_t i = 0; i < report->cases.count; i++) {
        const TestCase *test = &report->cases.items[i];
        strbuf_appendf(out, "%sok %u - ", test->passed ? "" : "not ", i + 1);
        append_tap_title(out, test);
        strbuf_append_char(out, '\n');
        if (!test->passed) {
            append_tap_block(out, test);
        }
    }
}

// ---- JUnit

static void append_attribute(StrBuf *out, Str text)
{
    xml_line_append(out, text, SIZE_MAX);
}

static void append_seconds(StrBuf *out, int64_t ns)
{
    strbuf_appendf(out, "%lld.%06lld", (long long)(ns / 1000000000),
                   (long long)(ns / 1000 % 1000000));
}

static void append_junit_case(StrBuf *out, const TestCase *test)
{
    strbuf_append(out, STR("    <testcase name=\""));
    append_attribute(out, test->name.len > 0 ? test->name : STR("(file)"));
    strbuf_append(out, STR("\" classname=\""));
    append_attribute(out, test->file);
    strbuf_append(out, STR("\" file=\""));
    append_attribute(out, test->file);
    strbuf_appendf(out, "\" line=\"%u", test->line);
    if (test->work_ns > 0) { // of a run with --stats or --report
        strbuf_append(out, STR("\" time=\""));
        append_seconds(out, test->work_ns);
    }
    if (test->passed) {
        strbuf_append(out, STR("\"/>\n"));
        return;
    }
    const char *element = test->errored ? "error" : "failure";
    strbuf_appendf(out, "\">\n      <%s type=\"%.*s\" message=\"", element,
                   STR_ARG(test->code));
    append_attribute(out, test->message);
    strbuf_append(out, STR("\">"));
    for (uint32_t i = 0; i < test->details.count; i++) {
        xml_text_append(out, test->details.items[i], SIZE_MAX);
        strbuf_append_char(out, '\n');
    }
    strbuf_appendf(out, "</%s>\n    </testcase>\n", element);
}

static void write_junit(const TestReport *report, StrBuf *out)
{
    uint32_t errors = 0;
    for (uint32_t i = 0; i < report->cases.count; i++) {
        errors += report->cases.items[i].errored;
    }
    strbuf_appendf(out,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<testsuites name=\"ligature\" tests=\"%u\" "
                   "failures=\"%u\" errors=\"%u\">\n",
                   report->cases.count, report->failed - errors, errors);
    for (uint32_t first = 0, next; first < report->cases.count; first = next) {
        const TestCase *cases = report->cases.items;
        uint32_t failures = 0, broken = 0;
        for (next = first; next < report->cases.count &&
                           str_equal(cases[next].file, cases[first].file);
             next++) {
            failures += !cases[next].passed && !cases[next].errored;
            broken += cases[next].errored;
        }
        strbuf_append(out, STR("  <testsuite name=\""));
        append_attribute(out, cases[first].file);
        strbuf_appendf(out, "\" tests=\"%u\" failures=\"%u\" errors=\"%u\">\n",
                       next - first, failures, broken);
        for (uint32_t i = first; i < next; i++) {
            append_junit_case(out, &cases[i]);
        }
        strbuf_append(out, STR("  </testsuite>\n"));
    }
    strbuf_append(out, STR("</testsuites>\n"));
}

// ---- JSON

static void append_json_case(StrBuf *out, const TestCase *test)
{
    strbuf_append(out, STR("{\"file\":"));
    json_text_append(out, test->file, SIZE_MAX);
    strbuf_append(out, STR(",\"name\":"));
    if (test->name.len > 0) {
        json_text_append(out, test->name, SIZE_MAX);
    } else {
        strbuf_append(out, STR("null"));
    }
    strbuf_appendf(out, ",\"line\":%u,\"verdict\":\"%s\"", test->line,
                   test->passed    ? "passed"
                   : test->errored ? "error"
                                   : "failed");
    strbuf_append(out, STR(",\"code\":"));
    if (test->code.len > 0) {
        json_text_append(out, test->code, SIZE_MAX);
    } else {
        strbuf_append(out, STR("null"));
    }
    strbuf_append(out, STR(",\"message\":"));
    json_text_append(out, test->message, SIZE_MAX);
    strbuf_append(out, STR(",\"differences\":["));
    for (uint32_t i = 0; i < test->details.count; i++) {
        strbuf_append(out, i > 0 ? STR(",") : STR(""));
        json_text_append(out, test->details.items[i], SIZE_MAX);
    }
    strbuf_append(out, STR("]}"));
}

static void write_json(const TestReport *report, StrBuf *out)
{
    strbuf_appendf(out,
                   "{\"version\":1,\"ok\":%s,\"passed\":%u,\"failed\":%u,"
                   "\"tests\":[",
                   report->failed == 0 ? "true" : "false", passed_count(report),
                   report->failed);
    for (uint32_t i = 0; i < report->cases.count; i++) {
        strbuf_append(out, i > 0 ? STR(",\n") : STR("\n"));
        append_json_case(out, &report->cases.items[i]);
    }
    strbuf_append(out, STR("]}\n"));
}

void test_report_write(const TestReport *report, TestFormat format, StrBuf *out)
{
    switch (format) {
    case TEST_FORMAT_TEXT:
        write_text(report, out);
        return;
    case TEST_FORMAT_TAP:
        write_tap(report, out);
        return;
    case TEST_FORMAT_JUNIT:
        write_junit(report, out);
        return;
    case TEST_FORMAT_JSON:
        write_json(report, out);
        return;
    }
}
