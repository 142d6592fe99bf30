// Heap memory on cache lines of its own, for what two threads write.
//
// Ownership: the caller's; free with free().
#ifndef LIGATURE_CONCURRENT_ALIGNED_H
#define LIGATURE_CONCURRENT_ALIGNED_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/attributes.h"
#include "support/die.h"

// Returns `count` zeroed objects of `size` bytes, starting on a cache line.
// Dies when there is no memory.
static inline void *aligned_zalloc(size_t count, size_t size)
{
    size_t bytes;
    void *memory = NULL;
    if (__builtin_mul_overflow(count, size, &bytes) ||
        posix_memalign(&memory, CACHE_LINE, bytes > 0 ? bytes : 1) != 0) {
        die_out_of_memory(
            count > SIZE_MAX / (size > 0 ? size : 1) ? SIZE_MAX : count * size);
    }
    return memset(memory, 0, bytes);
}

#endif
