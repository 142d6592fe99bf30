// The tests of `ligature test`: which bindings are tests, how they ended, and
// why.
//
// A test is an exported binding of a file named that is a Boolean (which must
// be true), a Unit, or one whose value calls `assert` itself (both must end
// without an error). Exported bindings called snapshot... are compared with
// the file that an earlier run wrote (cli/test_snapshot.h).
//
// Ownership: texts live in the report's arena.
// Threads:   main thread only; the tests are the pool's.
#ifndef LIGATURE_CLI_TEST_RUN_H
#define LIGATURE_CLI_TEST_RUN_H

#include "cli/session.h"

typedef struct TestCase {
    Str file; // as the user named it
    Str name; // of the binding; len 0: the file as a whole
    uint32_t line;
    bool passed;
    bool errored; // it stopped with an error, or its file is broken
    bool unrun;   // errored, as the run was stopped before its end
    Str code;     // "E0412"; empty when it passed
    Str message;  // one line; empty when it passed without remark
    VEC(Str) details;
    int64_t work_ns;
} TestCase;

typedef struct TestReport {
    Arena arena;
    VEC(TestCase) cases; // by file as named, then in source order
    uint32_t failed;
    uint32_t unrun; // of them
    bool is_known;  // the tests of the program are among the cases
} TestReport;

void test_report_init(TestReport *report);
void test_report_release(TestReport *report);

// Runs all tests of the session's program, which has been checked. Failures
// are reported into session->diags, too.
bool test_run(Session *session, TestReport *report);
// Adds a failed case for the file of an entry module that has errors.
void test_report_broken(TestReport *report, Str file, const Diag *first);
// The same for a file whose tests were not even looked for when the run was
// stopped.
void test_report_unrun(TestReport *report, Str file, CancelReason reason);
void test_report_sort(TestReport *report, const StrVec *files);

#endif
