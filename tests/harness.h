// A small TAP harness. Checks print both values and may run on any thread.
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

static atomic_int harness_failures;

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
    do {                                                                       \
        if (!(condition)) {                                                    \
            harness_fail(__FILE__, __LINE__, #condition);                      \
        }                                                                      \
    } while (0)
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
static inline void harness_check_int(const char *file, int line,
                                     const char *what, int64_t actual,
                                     int64_t expected)
{
    if (actual != expected) {
        harness_fail(file, line, what);
        printf("#   found %" PRId64 ", expected %" PRId64 "\n", actual,
               expected);
    }
}
static inline void harness_check_str(const char *file, int line,
                                     const char *what, Str actual, Str expected)
{
    if (!str_equal(actual, expected)) {
        harness_fail(file, line, what);
        printf("#   found    \"%.*s\"\n#   expected \"%.*s\"\n",
               STR_ARG(actual), STR_ARG(expected));
    }
}

static inline int harness_main(const HarnessTest *tests, int count)
{
    int failed = 0;
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        int before = atomic_load(&harness_failures);
        tests[i].run();
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
