// Bump heaps: a chain of blocks and a cursor into one of them. Blocks triple
// from tiny (a million bindings may each have a heap) to HEAP_BLOCK_MAX; a
// request too large for the next one gets a block of its own.
#include "eval/heap.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "support/die.h"

#define HEAP_BLOCK_MIN ((size_t)256)
#define HEAP_BLOCK_MAX ((size_t)2 << 20)
// Blocks from here on come from the system directly, as huge pages.
#define HEAP_BLOCK_MAPPED ((size_t)1 << 20)

struct HeapBlock {
    HeapBlock *next; // older
    size_t size;     // header included
    char memory[];
};

void heap_budget_init(HeapBudget *budget, uint64_t limit_bytes)
{
    *budget =
        (HeapBudget){.limit_bytes = limit_bytes, .key = hash_key_random()};
}

// Relaxed throughout: the figures order nothing.
static void budget_take(HeapBudget *budget, size_t bytes)
{
    uint64_t now = fetch_add_relaxed(&budget->bytes, bytes) + bytes;
    uint64_t peak = load_relaxed(&budget->peak_bytes);
    while (now > peak && !cas_acq_rel(&budget->peak_bytes, &peak, now)) {
    }
}

static void budget_give_back(HeapBudget *budget, size_t bytes)
{
    fetch_add_relaxed(&budget->bytes, (uint64_t)0 - bytes);
}

static bool budget_allows(const HeapBudget *budget, uint64_t bytes)
{
    uint64_t used = load_relaxed(&budget->bytes);
    return used <= budget->limit_bytes && bytes <= budget->limit_bytes - used;
}

void heap_init(Heap *heap, HeapBudget *budget)
{
    *heap = (Heap){.budget = budget};
}

static HeapBlock *block_new(size_t size)
{
    HeapBlock *block;
    if (size < HEAP_BLOCK_MAPPED) {
        block = mem_alloc(size);
    } else {
        block = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED) {
            die_out_of_memory(size);
        }
        // A hint; without it pages are small.
        (void)madvise(block, size, MADV_HUGEPAGE);
    }
    block->size = size;
    return block;
}

static void block_free(HeapBlock *block)
{
    if (block->size < HEAP_BLOCK_MAPPED) {
        free(block);
    } else {
        (void)munmap(block, block->size);
    }
}

void heap_release(Heap *heap)
{
    HeapBlock *block = heap->blocks;
    while (block != NULL) {
        HeapBlock *older = block->next;
        block_free(block);
        block = older;
    }
    if (heap->bytes > 0) {
        budget_give_back(heap->budget, heap->bytes);
    }
    heap_init(heap, heap->budget);
}

void heap_adopt(Heap *parent, Heap *child)
{
    assert(parent != child && parent->budget == child->budget);
    if (child->blocks != NULL) {
        child->oldest->next = parent->blocks;
        if (parent->blocks == NULL) {
            parent->oldest = child->oldest;
        }
        parent->blocks = child->blocks;
        parent->bytes += child->bytes;
        // Go on in whichever block has more room left.
        if (child->limit - child->cursor > parent->limit - parent->cursor) {
            parent->cursor = child->cursor;
            parent->limit = child->limit;
        }
    }
    parent->over_limit |= child->over_limit;
    heap_init(child, child->budget);
}

static HeapBlock *heap_add_block(Heap *heap, size_t size)
{
    HeapBlock *block = block_new(size);
    block->next = heap->blocks;
    heap->blocks = block;
    if (heap->oldest == NULL) {
        heap->oldest = block;
    }
    heap->bytes += size;
    budget_take(heap->budget, size);
    return block;
}

static size_t heap_next_size(const Heap *heap)
{
    size_t size = 2 * heap->bytes;
    size = size < HEAP_BLOCK_MIN ? HEAP_BLOCK_MIN : size;
    return size > HEAP_BLOCK_MAX ? HEAP_BLOCK_MAX : size;
}

void *heap_alloc_slow(Heap *heap, size_t size)
{
    if (size > SIZE_MAX / 2) {
        die_out_of_memory(size);
    }
    size_t needed = sizeof(HeapBlock) + size;
    size_t usual = heap_next_size(heap);
    if (!budget_allows(heap->budget, needed > usual ? needed : usual)) {
        // Near the limit take no more than is asked for.
        usual = HEAP_BLOCK_MIN;
        if (!budget_allows(heap->budget, needed)) {
            heap->over_limit = true;
            if (size > HEAP_OVERDRAFT) {
                die_out_of_memory(size);
            }
        }
    }
    if (EXACT_MEMORY || (needed > usual / 2 && heap->blocks != NULL)) {
        // Of its own: the current block keeps its room for what is small.
        return heap_add_block(heap, needed)->memory;
    }
    size_t taken = needed > usual ? needed : usual;
    HeapBlock *block = heap_add_block(heap, taken);
    heap->cursor = block->memory + size;
    heap->limit = (char *)block + (taken & ~(size_t)7);
    return block->memory;
}

bool heap_can_hold(Heap *heap, uint64_t size)
{
    if (size <= (uint64_t)(heap->limit - heap->cursor)) {
        return true;
    }
    if (size > SIZE_MAX / 4 ||
        !budget_allows(heap->budget, size + sizeof(HeapBlock) + 8)) {
        heap->over_limit = true;
        return false;
    }
    return true;
}

uint64_t heap_id_slow(Heap *heap)
{
    heap->id = fetch_add_relaxed(&heap->budget->heap_count, 1) + 1;
    return heap->id;
}

bool heap_owns(const Heap *heap, const void *memory)
{
    uintptr_t at = (uintptr_t)memory;
    for (const HeapBlock *b = heap->blocks; b != NULL; b = b->next) {
        if (at >= (uintptr_t)b->memory && at < (uintptr_t)b + b->size) {
            return true;
        }
    }
    return false;
}
