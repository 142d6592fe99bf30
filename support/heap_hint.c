// Through mallopt(3) and madvise(2) of glibc and Linux. The heap is made to
// grow by allocating and freeing: the allocator keeps what is free at its end,
// and the pages were not touched, so that they can still become large ones.
#include "support/heap_hint.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LARGE_PAGE ((size_t)2 << 20)

// The most that the allocator takes from its heap at once, less its header.
#define MAX_BLOCK  (32 << 20)
#define MAX_BLOCKS 32

#define GROW_BY (1 << 20)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

void heap_hint_init(void)
{
}

void heap_hint_expect(size_t bytes)
{
    (void)bytes;
}

void heap_hint_advise(void *block, size_t bytes)
{
    (void)block;
    (void)bytes;
}

#else

void heap_hint_init(void)
{
    (void)mallopt(M_TOP_PAD, GROW_BY);
    (void)mallopt(M_TRIM_THRESHOLD, -1); // never
    (void)mallopt(M_MMAP_THRESHOLD, (int)HEAP_HINT_LARGE_BYTES);
}

void heap_hint_advise(void *block, size_t bytes)
{
    uintptr_t start = (uintptr_t)block & ~(uintptr_t)4095;
    uintptr_t end = ((uintptr_t)block + bytes) & ~(uintptr_t)4095;
    // The pages of the ends belong to others too, but to the same heap.
    (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
}

void heap_hint_expect(size_t bytes)
{
    if (bytes < LARGE_PAGE || mallopt(M_MMAP_THRESHOLD, MAX_BLOCK) == 0) {
        return;
    }
    void *blocks[MAX_BLOCKS];
    int count = 0;
    for (size_t rest = bytes; rest > 0 && count < MAX_BLOCKS;) {
        size_t size = MAX_BLOCK - LARGE_PAGE;
        size = rest < size ? rest : size;
        blocks[count] = malloc(size);
        if (blocks[count] == NULL) {
            break;
        }
        heap_hint_advise(blocks[count++], size);
        rest -= size;
    }
    while (count > 0) {
        free(blocks[--count]);
    }
    (void)mallopt(M_MMAP_THRESHOLD, (int)HEAP_HINT_LARGE_BYTES);
}

#endif
