// What a look ahead at the files to be written changes: nothing.
#include "cli/output.h"

#include <sys/time.h>

#include "cli/watchdog.h"
#include "tests/harness.h"

static bool is_watched(void)
{
    struct itimerval left;
    return getitimer(ITIMER_REAL, &left) == 0 &&
           (left.it_value.tv_sec > 0 || left.it_value.tv_usec > 0);
}

static int64_t seconds_left(void)
{
    struct itimerval left;
    return getitimer(ITIMER_REAL, &left) == 0 ? left.it_value.tv_sec : -1;
}

// It must not ring here.
#define HOUR_NS INT64_C(3600000000000)

static void watch(void)
{
    watchdog_start(clock_monotonic_ns() + HOUR_NS);
}

TEST(who_only_waits_is_ended_at_the_deadline)
{
    int64_t now = clock_monotonic_ns();
    watchdog_start(now + HOUR_NS);
    CHECK(seconds_left() > 3600);
    watchdog_start_idle(now + HOUR_NS);
    CHECK(is_watched() && seconds_left() <= 3600);
    watchdog_start_idle(now - 1); // which has passed
    CHECK(is_watched() && seconds_left() <= WATCHDOG_GRACE);
    watchdog_start_idle(INT64_MAX);
    CHECK(!is_watched());
}

TEST(a_check_leaves_the_watchdog_on)
{
    static const char *const paths[] = {
        "",          "-",         "/dev/stderr",
        "/dev/fd/2", "/dev/null", "no-such-folder/file"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        watch();
        (void)output_check(str_from_c(paths[i]));
        CHECK(is_watched());
    }
}

TEST(an_output_turns_the_watchdog_off)
{
    static const char *const paths[] = {"", "/dev/stderr", "/dev/null",
                                        "no-such-folder/file"};
    CancelToken token;
    cancel_token_init(&token, NULL, INT64_MAX);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        Output output;
        watch();
        (void)output_open(&output, str_from_c(paths[i]), &token);
        CHECK(!is_watched());
        (void)output_close(&output, false);
    }
}

TEST_MAIN(RUN(who_only_waits_is_ended_at_the_deadline),
          RUN(a_check_leaves_the_watchdog_on),
          RUN(an_output_turns_the_watchdog_off))
