// Heap memory on cache lines of its own, for what two threads write.
//
// Ownership: the caller's; free with free().
// Threads:   any.
#ifndef LIGATURE_CONCURRENT_ALIGNED_H
#define LIGATURE_CONCURRENT_ALIGNED_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "support/attributes.h"
#include "support/die.h"

// Returns `count` zeroed objects of `size` bytes, starting on a cache line.
// Dies when there is no memory.
static inline void *aligned_zalloc(size_t count, size_t size)
{
    size_t bytes;
    // aligned_alloc() wants a multiple of the alignment.
    if (__builtin_mul_overflow(count, size, &bytes) ||
        __builtin_add_overflow(bytes, CACHE_LINE, &bytes)) {
        die_out_of_memory();
    }
    bytes -= bytes % CACHE_LINE;
    void *memory = aligned_alloc(CACHE_LINE, bytes);
    if (memory == NULL) {
        die_out_of_memory();
    }
    return memset(memory, 0, bytes);
}

#endif
