// What the stress tests share: their command line, random numbers, main().
//
//     stress_x [--scale N] [--seed S]
//
// N multiplies the amount of work; the default is for every run of the suite.
#ifndef LIGATURE_TESTS_STRESS_H
#define LIGATURE_TESTS_STRESS_H

#include "tests/harness.h"

typedef struct Stress {
    uint32_t scale;
    uint64_t seed;
} Stress;

static Stress stress = {1, 1};

static inline uint64_t stress_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

// A state for stress_random() that differs for each `stream`.
static inline uint64_t stress_stream(uint64_t stream)
{
    return ((stress.seed * 1000003 + stream + 1) *
            UINT64_C(0x9E3779B97F4A7C15)) |
           1;
}

static inline int stress_main(int argc, char **argv, const HarnessTest *tests,
                              int count)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t value = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--scale") == 0) {
            stress.scale = (uint32_t)value;
        } else if (strcmp(argv[i], "--seed") == 0) {
            stress.seed = value;
        }
    }
    return harness_main(tests, count);
}

#define STRESS_MAIN(...)                                                       \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        static const HarnessTest tests[] = {__VA_ARGS__};                      \
        return stress_main(argc, argv, tests,                                  \
                           (int)(sizeof tests / sizeof *tests));               \
    }

#endif
