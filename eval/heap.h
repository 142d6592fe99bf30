// Per-task bump heaps. Every task and chunk allocates in its own heap; a
// finished child's heap is adopted by its parent in O(1) by linking its
// blocks (hierarchical heaps as in Parallel ML: Raghunathan et al. 2016).
//
// Ownership: objects belong to the heap until it is released or adopted.
// Threads:   one owner at a time; published objects are immutable and may be
//            read by everyone.
#ifndef LIGATURE_EVAL_HEAP_H
#define LIGATURE_EVAL_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "concurrent/atomics.h"
#include "support/attributes.h"
#include "support/hash.h"

typedef struct HeapBlock HeapBlock;

// What all heaps of a run share: memory in use, against the limit.
typedef struct HeapBudget {
    _Atomic(uint64_t) bytes; // in blocks of all heaps
    _Atomic(uint64_t) peak_bytes;
    uint64_t limit_bytes;
    _Atomic(uint64_t) heap_count; // numbers heaps: see heap_id()
    HashKey key;                  // of the indexes of maps
} HeapBudget;

// Zero bytes in use and a random key. A zeroed budget with a limit works too,
// with a key that everyone knows.
void heap_budget_init(HeapBudget *budget, uint64_t limit_bytes);

// Private to heap.{h,c}, public for the inline path.
typedef struct Heap {
    char *cursor; // multiple of 8
    char *limit;
    HeapBlock *blocks; // newest first
    HeapBlock *oldest; // for O(1) adoption
    size_t bytes;
    HeapBudget *budget; // not NULL
    uint64_t id;        // 0: not asked for yet
    bool over_limit;    // sticky: an allocation passed the budget; the machine
                     // looks at it with the step counter and stops with E0604
} Heap;

void heap_init(Heap *heap, HeapBudget *budget);
void heap_release(Heap *heap);
// Links all blocks of `child` into `parent`; `child` is empty afterwards and
// may be used again (as a heap of another id).
void heap_adopt(Heap *parent, Heap *child);

void *heap_alloc_slow(Heap *heap, size_t size);

// `size` uninitialised bytes, aligned to 8. Never NULL: past the budget it
// sets over_limit and still serves requests of up to HEAP_OVERDRAFT bytes.
// Ask heap_can_hold() before a request whose size a program controls.
// A larger request past the budget ends the process (exit 4).
#define HEAP_OVERDRAFT ((size_t)1 << 22)
static inline void *heap_alloc(Heap *heap, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if (UNLIKELY(EXACT_MEMORY || size > (size_t)(heap->limit - heap->cursor))) {
        return heap_alloc_slow(heap, size);
    }
    char *memory = heap->cursor;
    heap->cursor += size;
    return memory;
}

// False (and over_limit set) when `size` more bytes would pass the budget.
MUST_USE bool heap_can_hold(Heap *heap, uint64_t size);

// A number that no other heap of the budget has or had. Buffers remember it:
// only the heap that made a buffer may extend it in place.
uint64_t heap_id_slow(Heap *heap);
static inline uint64_t heap_id(Heap *heap)
{
    return LIKELY(heap->id != 0) ? heap->id : heap_id_slow(heap);
}

// True when `memory` lies in one of the heap's blocks; linear in their number.
bool heap_owns(const Heap *heap, const void *memory);

#endif
