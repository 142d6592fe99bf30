// Threads intern overlapping sets of names at once, every other one by a hand
// of its own: one symbol per name, the same one everywhere, and its text from
// any thread at any time.
#include "concurrent/intern.h"
#include "concurrent/thread.h"

#include "tests/stress/stress.h"

#define THREADS     4
#define NAMES       UINT32_C(8000)
#define STACK_BYTES ((size_t)1 << 20)

typedef struct Work {
    Thread thread;
    Interner *interner;
    uint32_t name_count;
    uint64_t random;
    bool has_hand;
    Symbol *symbols; // per name, what this thread got
} Work;

static Str name_of(uint32_t number, char *buffer, size_t size)
{
    // Different lengths, and long common prefixes.
    int len = snprintf(buffer, size, "%s%u",
                       number % 3 ? "a_common_prefix_" : "", number);
    return str_make(buffer, (size_t)len);
}

static void *work_main(void *argument)
{
    Work *work = argument;
    char buffer[64];
    InternHand hand = {0};
    // Each thread walks the names in an order of its own, most of them twice.
    uint32_t at = (uint32_t)(stress_random(&work->random) % work->name_count);
    for (uint32_t i = 0; i < work->name_count * 2; i++) {
        at = (at + 7919) % work->name_count;
        Str name = name_of(at, buffer, sizeof buffer);
        if (stress_random(&work->random) % 4 == 0) {
            Symbol found = intern_find(work->interner, name);
            CHECK(work->symbols[at] == 0 || found == work->symbols[at]);
        }
        Symbol symbol = work->has_hand ? intern_by(work->interner, &hand, name)
                                       : intern(work->interner, name);
        CHECK(work->symbols[at] == 0 || symbol == work->symbols[at]);
        work->symbols[at] = symbol;
        CHECK(str_equal(symbol_text(work->interner, symbol), name));
    }
    return NULL;
}

TEST(threads_agree)
{
    const Str fixed[] = {STR("0"), STR("a_common_prefix_1")};
    Interner *interner = interner_new(fixed, 2);
    Work works[THREADS];
    uint32_t count = NAMES * stress.scale;
    for (int i = 0; i < THREADS; i++) {
        works[i] = (Work){.interner = interner,
                          .name_count = count,
                          .random = stress_stream((uint64_t)i),
                          .has_hand = i % 2 == 0,
                          .symbols = calloc(count, sizeof(Symbol))};
        CHECK(
            thread_start(&works[i].thread, work_main, &works[i], STACK_BYTES));
    }
    for (int i = 0; i < THREADS; i++) {
        thread_join(&works[i].thread);
    }
    CHECK_EQ_INT(works[0].symbols[0], 1);
    CHECK_EQ_INT(works[0].symbols[1], 2);
    // Hands have taken numbers that no name has.
    uint32_t taken = interner_count(interner);
    CHECK(taken >= count && taken < count + THREADS * 128);
    bool *seen = calloc(taken + 1, sizeof *seen);
    for (uint32_t i = 0; i < count; i++) {
        Symbol symbol = works[0].symbols[i];
        CHECK(symbol >= 1 && symbol <= taken && !seen[symbol]);
        seen[symbol] = true;
        for (int k = 1; k < THREADS; k++) {
            CHECK_EQ_INT(works[k].symbols[i], symbol);
        }
    }
    free(seen);
    for (int i = 0; i < THREADS; i++) {
        free(works[i].symbols);
    }
    interner_free(interner);
}

STRESS_MAIN(RUN(threads_agree))
