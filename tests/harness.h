// A small TAP harness. Checks print both values and may run on any thread. A
// test that checks nothing fails.
//
//     TEST(arena_aligns) { CHECK_EQ_INT(...); }
//     TEST_MAIN(RUN(arena_aligns), RUN(...))
#ifndef LIGATURE_TESTS_HARNESS_H
#define LIGATURE_TESTS_HARNESS_H

#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/str.h"

// A sanitizer is built in: what it would take minutes for is done in part.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static atomic_int harness_failures;
static atomic_bool harness_checked; // something, in the test that runs

typedef struct HarnessTest {
    const char *name;
    void (*run)(void);
} HarnessTest;

#define TEST(name) static void test_##name(void)
#define RUN(name)                                                              \
    {                                                                          \
#name, test_##name                                                     \
    }

#define CHECK(condition)                                                       \
    harness_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_EQ_INT(actual, expected)                                         \
    harness_check_int(__FILE__, __LINE__, #actual, (int64_t)(actual),          \
                      (int64_t)(expected))
#define CHECK_EQ_STR(actual, expected)                                         \
    harness_check_str(__FILE__, __LINE__, #actual, (actual), (expected))

static inline void harness_fail(const char *file, int line, const char *what)
{
    atomic_fetch_add(&harness_failures, 1);
    printf("# %s:%d: failed: %s\n", file, line, what);
}
// Mostly a plain load: what is tested must not be ordered by it.
static inline void harness_note_check(void)
{
    if (!atomic_load_explicit(&harness_checked, memory_order_relaxed)) {
        atomic_store_explicit(&harness_checked, true, memory_order_relaxed);
    }
}
static inline void harness_check(bool ok, const char *file, int line,
                                 const char *what)
{
    harness_note_check();
    if (!ok) {
        harness_fail(file, line, what);
    }
}
// What a test would check is not at hand.
static inline void harness_skip(const char *what)
{
    harness_note_check();
    printf("# skipped: there is no %s\n", what);
}
static inline void harness_check_int(const char *file, int line,
                                     const char *what, int64_t actual,
                                     int64_t expected)
{
    harness_check(actual == expected, file, line, what);
    if (actual != expected) {
        printf("#   found %" PRId64 ", expected %" PRId64 "\n", actual,
               expected);
    }
}
static inline void harness_check_str(const char *file, int line,
                                     const char *what, Str actual, Str expected)
{
    bool equal = str_equal(actual, expected);
    harness_check(equal, file, line, what);
    if (!equal) {
        printf("#   found    \"%.*s\"\n#   expected \"%.*s\"\n",
               STR_ARG(actual), STR_ARG(expected));
    }
}

static inline int harness_main(const HarnessTest *tests, int count)
{
    int failed = 0;
    // A child that a test forks must not have these lines to write once more.
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        int before = atomic_load(&harness_failures);
        atomic_store(&harness_checked, false);
        tests[i].run();
        if (!atomic_load(&harness_checked)) {
            harness_fail(tests[i].name, 0, "it checks nothing");
        }
        bool ok = atomic_load(&harness_failures) == before;
        failed += !ok;
        printf("%s %d - %s\n", ok ? "ok" : "not ok", i + 1, tests[i].name);
    }
    return failed == 0 ? 0 : 1;
}

#define TEST_MAIN(...)                                                         \
    int main(void)                                                             \
    {                                                                          \
        static const HarnessTest tests[] = {__VA_ARGS__};                      \
        return harness_main(tests, (int)(sizeof tests / sizeof *tests));       \
    }

#endif
