// Hints to the system's allocator. Touching fresh pages is a large part of a
// short run: each costs a fault and its clearing. Large pages cost a fault per
// two megabytes, until one is found to take longer than the small ones would:
// then the process is content with those.
//
// Threads: for the main thread, whose heap is the one that grows in one piece;
//          others call heap_hint_thread() only.
#ifndef LIGATURE_SUPPORT_HEAP_HINT_H
#define LIGATURE_SUPPORT_HEAP_HINT_H

#include <stddef.h>
#include <stdint.h>

#include "support/attributes.h"

// Once, before much was allocated: keeps freed memory and grows in large
// steps.
void heap_hint_init(void);

// About so many bytes more will be allocated soon. Takes address space, not
// memory; does nothing where it cannot.
void heap_hint_expect(size_t bytes);

// When a thread begins: its heap would grow by a page at a time, each by a call
// of the system that holds up the faults of all threads.
void heap_hint_thread(void);

// What a large page holds.
#define LARGE_PAGE ((size_t)2 << 20)

// From this size on a block is mapped by itself, so that growing it moves
// pages and not bytes.
#define HEAP_HINT_LARGE_BYTES ((size_t)4 << 20)
void heap_hint_advise(void *block, size_t bytes);

// Advised memory of which nothing was touched yet, and whose first byte will be
// soon: it begins with a large page. Touches that to see what such a page takes
// here. Any thread.
void heap_hint_fresh(void *memory, size_t bytes);

// What a large page took, in nanoseconds; for tests.
void heap_hint_judge(uint64_t took_ns);

// Tells of a block that was allocated. Any thread.
static inline void heap_hint_large(void *block, size_t bytes)
{
    if (UNLIKELY(bytes >= HEAP_HINT_LARGE_BYTES)) {
        heap_hint_advise(block, bytes);
    }
}

#endif
