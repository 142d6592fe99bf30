// Through mallopt(3) and madvise(2) of glibc and Linux. The heap is made to
// grow by allocating and freeing: the allocator keeps what is free at its end,
// and the pages were not touched, so that they can still become large ones. (A
// large page of which a small one was touched before stays 512 small ones,
// which take ten times as long to come by. So what is left of the one in which
// a heap begins is given away: as a block that nobody uses or frees.)
//
// A virtual machine may give its host back what lies free for long in large
// pieces (free page reporting). The large pages are among it, the small ones
// mostly not: those come from pieces that are too small to be given back. Then
// a large page takes 5 ms to come by instead of .2, and the 512 small ones .8
// (measured on the machine of docs/performance.md).
#include "support/heap_hint.h"

#include <malloc.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// The most that the heap grows by at once.
#define MAX_GROWTH ((size_t)1 << 30)
// More than this is not asked for to make it grow: the allocator would map it.
#define MAX_BLOCK ((size_t)31 << 20)

#define GROW_BY (1 << 20)
// With which the heap of a thread begins.
#define THREAD_BYTES (16 << 20)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

void heap_hint_init(void)
{
}

void heap_hint_expect(size_t bytes)
{
    (void)bytes;
}

void heap_hint_thread(void)
{
}

void heap_hint_advise(void *block, size_t bytes)
{
    (void)block;
    (void)bytes;
}

void heap_hint_fresh(void *memory, size_t bytes)
{
    (void)memory;
    (void)bytes;
}

void heap_hint_judge(uint64_t took_ns)
{
    (void)took_ns;
}

#else

// From which on a large page is slow: no machine clears one in so long, and the
// small ones of as much memory take less.
#define SLOW_NS UINT64_C(2000000)

static _Atomic(bool) large_are_slow;

// What the main thread's heap has grown by and advised.
static _Atomic(uintptr_t) grown_start, grown_end;

static void note_growth(const char *start, const char *end)
{
    if (grown_start == 0) {
        grown_start = (uintptr_t)start;
    }
    grown_end = (uintptr_t)end;
}

void heap_hint_init(void)
{
    (void)mallopt(M_TOP_PAD, GROW_BY);
    (void)mallopt(M_TRIM_THRESHOLD, -1); // never
    (void)mallopt(M_MMAP_THRESHOLD, (int)HEAP_HINT_LARGE_BYTES);
}

static void advise(uintptr_t start, uintptr_t end, int how)
{
    // The pages of the ends belong to others too, but to the same heap. (A
    // mapping that is advised but for its last page is two, and the large page
    // across the border is lost.)
    start &= ~(uintptr_t)4095;
    end = (end + 4095) & ~(uintptr_t)4095;
    (void)madvise((void *)start, end - start, how);
}

void heap_hint_advise(void *block, size_t bytes)
{
    if (!large_are_slow) {
        advise((uintptr_t)block, (uintptr_t)block + bytes, MADV_HUGEPAGE);
    }
}

void heap_hint_judge(uint64_t took_ns)
{
    if (took_ns < SLOW_NS) {
        return;
    }
    large_are_slow = true;
    uintptr_t end = grown_end; // first: there is a start to an end
    advise(grown_start, end, MADV_NOHUGEPAGE);
}

// Of this thread alone, so that it does not count what others took from it.
static uint64_t thread_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void heap_hint_fresh(void *memory, size_t bytes)
{
    if (!large_are_slow) {
        uint64_t before = thread_ns();
        *(volatile char *)memory = 0;
        heap_hint_judge(thread_ns() - before);
    }
    if (large_are_slow) {
        advise((uintptr_t)memory, (uintptr_t)memory + bytes, MADV_NOHUGEPAGE);
    }
}

void heap_hint_thread(void)
{
    // The thread's first block makes its heap, which begins with so much.
    (void)mallopt(M_TOP_PAD, THREAD_BYTES);
    // Volatile, or the compiler sees that nobody uses it. Not malloc(), see
    // below.
    enum { START = 4096 };
    char *volatile block =
        aligned_alloc(alignof(max_align_t), LARGE_PAGE - START);
    (void)mallopt(M_TOP_PAD, GROW_BY);
    if (block != NULL) {
        heap_hint_advise(block, THREAD_BYTES);
    }
    // Heaps of threads begin with a large page. One that another thread has
    // had is in use already.
    if (((uintptr_t)block & (LARGE_PAGE - 1)) >= START) {
        free(block);
    }
}

// What of a block lies before its first large page.
static size_t before_large(const char *block)
{
    return -(uintptr_t)block & (LARGE_PAGE - 1);
}

// Of a block at the end of the heap, keeps what fills its first large page.
static void keep_start(char *block)
{
    size_t start = before_large(block);
    // Volatile: the compiler may not see that nobody uses it.
    char *volatile kept = start > 0 ? realloc(block, start) : NULL;
    if (kept == NULL) {
        free(block);
    }
}

void heap_hint_expect(size_t bytes)
{
    // What is free at the end; a block that is larger makes the heap grow. It
    // is as large as can be: the allocator touches the page behind it.
    struct mallinfo2 info = mallinfo2();
    size_t least = info.keepcost + LARGE_PAGE;
    if (bytes < LARGE_PAGE || bytes < least || least > MAX_BLOCK) {
        return;
    }
    bytes = bytes < MAX_GROWTH ? bytes : MAX_GROWTH;
    size_t block_bytes = bytes < MAX_BLOCK ? bytes : MAX_BLOCK;
    (void)mallopt(M_MMAP_THRESHOLD, (int)(MAX_BLOCK + LARGE_PAGE));
    (void)mallopt(M_TOP_PAD, (int)(bytes - block_bytes));
    // Not malloc(), which never says no: support/never_null.c.
    char *block = aligned_alloc(alignof(max_align_t), block_bytes);
    char *end = sbrk(0);
    if (block != NULL && end > block) {
        heap_hint_advise(block, (size_t)(end - block));
        note_growth(block, end);
        // The allocator is about to write what it knows of the rest there.
        char *large = block + before_large(block);
        heap_hint_fresh(large, (size_t)(end - large));
    }
    bool is_first = info.arena < 2 * LARGE_PAGE;
    if (is_first && block != NULL) {
        keep_start(block);
    } else {
        free(block);
    }
    (void)mallopt(M_TOP_PAD, GROW_BY);
    (void)mallopt(M_MMAP_THRESHOLD, (int)HEAP_HINT_LARGE_BYTES);
}

#endif
