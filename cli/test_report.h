// The outcome of `ligature test` on standard output: for people, as TAP 14, as
// JUnit XML or as JSON (shapes in docs/cli.md).
//
// Threads: pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_TEST_REPORT_H
#define LIGATURE_CLI_TEST_REPORT_H

#include "cli/test_run.h"

typedef enum TestFormat {
    TEST_FORMAT_TEXT,
    TEST_FORMAT_TAP,
    TEST_FORMAT_JUNIT,
    TEST_FORMAT_JSON
} TestFormat;

void test_report_write(const TestReport *report, TestFormat format,
                       StrBuf *out);

#endif
