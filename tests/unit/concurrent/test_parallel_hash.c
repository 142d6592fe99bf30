#include "concurrent/parallel_hash.h"

#include <stdlib.h>

#include "tests/harness.h"

// The hashes of all prefixes given, by each number of workers.
TEST(depends_on_the_text_alone)
{
    static const size_t lengths[] = {
        0, 1, 1 << 20, (1 << 20) + 1, 4 << 20, 5000000, (8 << 20) - 1};
    enum { COUNT = sizeof lengths / sizeof *lengths, ALL = 8 << 20 };
    char *text = malloc(ALL);
    for (size_t i = 0; i < ALL; i++) {
        text[i] = (char)(i * 2654435761u >> 13);
    }
    Hash128 alone[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        alone[i] = parallel_hash128(NULL, str_make(text, lengths[i]));
        for (size_t k = 0; k < i; k++) {
            CHECK(!hash128_equal(alone[i], alone[k]));
        }
    }
    for (uint32_t workers = 1; workers <= 4; workers++) {
        Pool *pool = pool_new(workers, 0);
        for (size_t i = 0; i < COUNT; i++) {
            Hash128 hash = parallel_hash128(pool_main_worker(pool),
                                            str_make(text, lengths[i]));
            CHECK(hash128_equal(hash, alone[i]));
        }
        pool_free(pool);
    }
    free(text);
}

TEST(every_block_counts)
{
    enum { ALL = (5 << 20) + 7 };
    char *text = calloc(ALL, 1);
    Hash128 before = parallel_hash128(NULL, str_make(text, ALL));
    for (size_t at = 0; at < ALL; at += (1 << 20) - 1) {
        text[at] = 1;
        CHECK(!hash128_equal(before,
                             parallel_hash128(NULL, str_make(text, ALL))));
        text[at] = 0;
    }
    free(text);
}

TEST_MAIN(RUN(depends_on_the_text_alone), RUN(every_block_counts))
