// Bump heaps. What a heap holds is in two parts: what was published is frozen,
// and the objects of the task that runs, its region, may be moved by the
// collector (eval/collect.h). A worker has one heap for its tasks, one after
// the other, so that a tiny task costs no block of its own; a chunk of a loop
// has a heap of its own, which its parent adopts in O(1) by linking the blocks
// (hierarchical heaps as in Parallel ML: Raghunathan et al. 2016).
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

// Address space for blocks, private to heap.c.
typedef struct HeapSpace HeapSpace;

// What all heaps of a run share: memory in use, against the limit.
typedef struct HeapBudget {
    _Atomic(uint64_t) bytes;    // in blocks of all heaps, or promised
    _Atomic(HeapSpace *) space; // where blocks of HEAP_BLOCK_MAX come from
    _Atomic(uint64_t) peak_bytes;
    uint64_t limit_bytes;
    uint32_t worker_count;          // immutable after init
    _Atomic(uint64_t) region_count; // numbers regions: see heap_id()
    uint64_t collect_first; // bytes of a region that is worth collecting
    HashKey key;            // of the indexes of maps
    // What the collector did, all heaps together.
    _Atomic(uint64_t) collections, moved_bytes, freed_bytes;
    _Atomic(int64_t) collect_ns;
} HeapBudget;

// Zero bytes in use and a random key. What so many workers may leave lying
// until it is collected is a part of the limit.
void heap_budget_init(HeapBudget *budget, uint64_t limit_bytes,
                      uint32_t worker_count);
// Another limit, while no heap is at work.
void heap_budget_limit(HeapBudget *budget, uint64_t limit_bytes);
// Of which no heap is left.
void heap_budget_release(HeapBudget *budget);

// Set where the collector should run whenever it may, for tests.
#ifndef HEAP_STRESS
#define HEAP_STRESS EXACT_MEMORY
#endif

// Private to heap.c and the files of the collector.
typedef struct HeapBlock {
    struct HeapBlock *next;
    size_t size; // header included
    char *end;   // of what is used, but in the block that is bumped in
    bool single; // holds one object, so that the collector may leave it there
    bool marked; // by a collection, which leaves it there
    _Alignas(8) char memory[];
} HeapBlock;

// Private to heap.{h,c} and collect.c, public for the inline path.
typedef struct Heap {
    char *cursor; // multiple of 8
    char *limit;
    HeapBlock *current; // that the cursor is in; NULL: none
    HeapBlock *blocks;  // of the region, but for the current one
    HeapBlock *oldest;  // of them: for O(1) adoption
    HeapBlock *frozen;  // others, oldest last
    HeapBlock *spare;   // empty, for later
    // The region begins in the middle of a block, which is the current one or
    // among `blocks`. NULL: with its blocks.
    HeapBlock *shared;
    char *mark;
    size_t bytes;        // in blocks
    size_t region_bytes; // in blocks of the region, but for the shared one
    size_t collect_at;   // region_bytes at which collecting is due
    uint32_t put_off;    // how often it was not done, since most was needed
    size_t uncollected;  // bytes frozen as they were, garbage included
    size_t collected;    // bytes frozen that a collection had left
    bool misjudged;      // it was not done where less was needed after all
    HeapBudget *budget;  // not NULL
    size_t promised;     // of it, by heap_can_hold(), and not in blocks yet
    uint64_t id;         // 0: not asked for yet
    bool over_limit;     // sticky: an allocation passed the budget; the machine
                     // looks at it with the step counter and stops with E0604
    bool collect_due; // the region has grown: whoever knows its roots may
                      // collect it
} Heap;

void heap_init(Heap *heap, HeapBudget *budget);
void heap_release(Heap *heap);
// Links all blocks of `child`, in which nothing is frozen, into the region of
// `parent`; `child` is empty afterwards and may be used again.
void heap_adopt(Heap *parent, Heap *child);
// What the region holds is published: nothing of it moves from now on.
void heap_freeze(Heap *heap);
// Nothing of it was published after all: all that the heap holds becomes its
// region.
void heap_thaw(Heap *heap);
// Bytes of the objects in the region, about.
size_t heap_region_used(const Heap *heap);

void *heap_alloc_slow(Heap *heap, size_t size);

// `size` uninitialised bytes, aligned to 8. Never NULL: past the budget it
// sets over_limit and still serves requests of up to HEAP_OVERDRAFT bytes more
// than it was promised.
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

// False (and over_limit set) when `size` more bytes would pass the budget. Else
// nobody else gets them until they are taken or the region is published; the
// answer to a smaller question is part of that to a larger one.
MUST_USE bool heap_can_hold(Heap *heap, uint64_t size);
// They are not needed after all.
void heap_forgo(Heap *heap);
// Bytes of the budget that nobody has, or only this heap was promised.
uint64_t heap_left(const Heap *heap);

// Memory for the heap's values that stands elsewhere and stays until the
// budget ends: it counts like theirs (over_limit is set past the budget).
void heap_count(Heap *heap, uint64_t size);

// True when they are a small part of what may still be taken.
bool heap_has_plenty(const Heap *heap, uint64_t size);

// A number that no other region of the budget has or had. Buffers remember it:
// only the region that made a buffer may extend it in place (so that nothing
// that is frozen leads to what may move).
uint64_t heap_id_slow(Heap *heap);
static inline uint64_t heap_id(Heap *heap)
{
    return LIKELY(heap->id != 0) ? heap->id : heap_id_slow(heap);
}

// What it holds is published, though it is not frozen: buffers that it has made
// are extended no more.
static inline void heap_publish(Heap *heap)
{
    heap->id = 0;
}

// True when `memory` lies in one of the heap's blocks; linear in their number.
bool heap_owns(const Heap *heap, const void *memory);

// ---- for the collector
// Bytes of the largest block that what is small is put in: a small part of the
// budget.
size_t heap_block_most(const Heap *heap);
#define HEAP_BLOCK_MAX ((size_t)2 << 20)
void heap_free_block(Heap *heap, HeapBlock *block);
void heap_retire_current(Heap *heap);
void heap_make_current(Heap *heap, HeapBlock *block, char *cursor);

#endif
