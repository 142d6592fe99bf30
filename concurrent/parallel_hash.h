// The content hash of a long text, by blocks on several workers.
//
// Threads: called by the worker given; NULL hashes alone.
#ifndef LIGATURE_CONCURRENT_PARALLEL_HASH_H
#define LIGATURE_CONCURRENT_PARALLEL_HASH_H

#include "concurrent/pool.h"
#include "support/hash.h"

// Depends on the text alone, but is not that of hash128().
Hash128 parallel_hash128(Worker *worker, Str text);

#endif
