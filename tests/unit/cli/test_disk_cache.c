// Verdicts on disk.
#include <stdlib.h>
#include <unistd.h>

#include "cli/disk_cache.h"
#include "tests/harness.h"

enum {
    SMALL = 64 << 10,
    HALF = 250 // entries of which a small file holds fewer than two such runs
};

static Hash256 key_of(uint32_t number)
{
    return hash256('x', str_make((const char *)&number, sizeof number));
}

// A run that looks for and then keeps numbers from `first` on; says how many
// it found.
static uint32_t run(Str dir, uint32_t first, uint32_t count,
                    DiskCacheStats *out_stats)
{
    DiskCache *cache = disk_cache_open(dir, SMALL);
    const VerdictStore *store = disk_cache_store(cache);
    uint32_t found = 0;
    for (uint32_t i = first; i < first + count; i++) {
        Hash256 key = key_of(i), wanted = key_of(~i), got;
        if (store->find(store->ctx, &key, &got)) {
            CHECK(memcmp(&got, &wanted, sizeof got) == 0);
            found++;
        } else {
            store->keep(store->ctx, &key, &wanted);
        }
    }
    disk_cache_write(cache);
    *out_stats = disk_cache_stats(cache);
    disk_cache_close(cache);
    return found;
}

TEST(a_full_file_begins_anew)
{
    char name[] = "/tmp/test_disk_cache.XXXXXX";
    CHECK(mkdtemp(name) != NULL);
    Str dir = str_from_c(name);
    DiskCacheStats stats;
    CHECK_EQ_INT(run(dir, 0, HALF, &stats), 0);
    CHECK_EQ_INT(stats.entries, HALF);
    CHECK_EQ_INT(stats.evictions, 0);
    CHECK_EQ_INT(run(dir, 0, HALF, &stats), HALF);
    CHECK(stats.off == NULL && stats.bytes <= SMALL + 32);
    // Keeps what this run used, too.
    CHECK_EQ_INT(run(dir, HALF - 10, HALF, &stats), 10);
    CHECK_EQ_INT(stats.evictions, HALF);
    CHECK_EQ_INT(stats.entries, HALF);
    CHECK_EQ_INT(run(dir, HALF - 10, HALF, &stats), HALF);
    // More than fits at all is not kept, and is no harm.
    CHECK_EQ_INT(run(dir, 10000, 20 * HALF, &stats), 0);
    CHECK(stats.off != NULL);
    CHECK_EQ_INT(stats.entries, 0);
    CHECK_EQ_INT(run(dir, 0, HALF, &stats), 0);
    CHECK_EQ_INT(run(dir, 0, HALF, &stats), HALF);
    char path[64];
    (void)snprintf(path, sizeof path, "%s/ligature.mdb", name);
    CHECK(unlink(path) == 0 && rmdir(name) == 0);
}

TEST_MAIN(RUN(a_full_file_begins_anew))
