// Verdicts of modules in a file, from one run to the next (--cache-dir).
//
// The file DIR/ligature.mdb is an LMDB environment, followed by a seal: the
// SHA-256 of all that stands before it. LMDB trusts its pages, so nothing but
// a sealed file of our own user is given to it, and what a run may need is
// copied out at the start. Whatever is odd about the file means that nothing
// is known; it never decides how a run ends.
//
// Ownership: disk_cache_open() makes, disk_cache_close() frees.
// Threads:   `store` as its type says; all else on the main thread.
#ifndef LIGATURE_CLI_DISK_CACHE_H
#define LIGATURE_CLI_DISK_CACHE_H

#include "support/str.h"
#include "typecheck/verdict_store.h"

// Bound of the file. When it is full, it begins anew with this run's.
#define DISK_CACHE_MAX_BYTES (UINT64_C(64) << 20)

typedef struct DiskCache DiskCache;

// Never NULL. Makes the folder where it is missing.
DiskCache *disk_cache_open(Str dir, uint64_t max_bytes);
void disk_cache_close(DiskCache *cache);

const VerdictStore *disk_cache_store(const DiskCache *cache);
// Adds what the run found to the file. Another run that has the file open at
// this moment goes before: then nothing is written.
void disk_cache_write(DiskCache *cache);

typedef struct DiskCacheStats {
    uint64_t hits, misses, evictions, entries, bytes;
    const char *off; // why the file is not used; NULL: it is
} DiskCacheStats;
// All zero for NULL.
DiskCacheStats disk_cache_stats(const DiskCache *cache);

#endif
