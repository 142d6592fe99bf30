// Diagnostics to exit codes.
#include "cli/exit_status.h"

#include "tests/harness.h"

static ExitStatus status_without_result(DiagSink *sink, bool werror)
{
    exit_status_require_error(sink, werror);
    ExitStatus status = exit_status_of(sink, werror);
    diag_sink_release(sink);
    return status;
}

TEST(no_result_and_no_error_is_a_bug)
{
    DiagSink sink;
    diag_sink_init(&sink);
    CHECK_EQ_INT(exit_status_of(&sink, false), EXIT_STATUS_OK);
    CHECK_EQ_INT(status_without_result(&sink, false), EXIT_STATUS_BUG);
}

TEST(a_warning_is_no_reason)
{
    DiagSink sink;
    diag_sink_init(&sink);
    (void)diag_add(&sink, DIAG_W0601, NULL, (Span){0, 0}, "may not end");
    CHECK_EQ_INT(status_without_result(&sink, false), EXIT_STATUS_BUG);
}

TEST(a_warning_that_counts_as_an_error_is_one)
{
    DiagSink sink;
    diag_sink_init(&sink);
    (void)diag_add(&sink, DIAG_W0601, NULL, (Span){0, 0}, "may not end");
    CHECK_EQ_INT(status_without_result(&sink, true), EXIT_STATUS_FAILED);
}

TEST(an_error_says_why)
{
    DiagSink sink;
    diag_sink_init(&sink);
    (void)diag_add(&sink, DIAG_E0203, NULL, (Span){0, 0}, "no Integer");
    CHECK_EQ_INT(status_without_result(&sink, false), EXIT_STATUS_FAILED);
}

TEST_MAIN(RUN(no_result_and_no_error_is_a_bug), RUN(a_warning_is_no_reason),
          RUN(a_warning_that_counts_as_an_error_is_one), RUN(an_error_says_why))
