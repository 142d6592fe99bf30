// Growth of the typed arrays.
#include "support/vec.h"

// Capacity of the first allocation: so many elements, or as many as have so
// many bytes.
#define VEC_FIRST_CAPACITY 8
#define VEC_FIRST_BYTES    512

void *vec_grow(void *items, uint32_t *capacity, uint64_t needed, size_t size)
{
    if (UNLIKELY(needed > UINT32_MAX)) {
        die_out_of_memory();
    }
    uint64_t grown = (uint64_t)*capacity + *capacity / 2 + 1;
    if (*capacity == 0) {
        grown = VEC_FIRST_BYTES / size;
        grown = grown > VEC_FIRST_CAPACITY ? VEC_FIRST_CAPACITY : grown;
    }
    if (grown < needed) {
        grown = needed;
    }
    if (grown > UINT32_MAX) {
        grown = UINT32_MAX;
    }
    void *moved = mem_realloc(items, (size_t)grown, size);
    *capacity = (uint32_t)grown;
    return moved;
}
