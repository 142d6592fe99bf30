// Bump heaps: chains of blocks and a cursor into one of them. Blocks triple
// from tiny (a million bindings may each have a heap) to a size from which
// they are large pages; a request too large for the next one gets a block of
// its own.
//
// Large pages are cut from pieces of address space that all heaps of a budget
// share. To map each by itself would cost more than the call: the kernel joins
// a new mapping to its neighbour, for which it waits until nobody touches a
// fresh page there, and meanwhile nobody else can map anything.
#include "eval/heap.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "support/die.h"
#include "support/heap_hint.h"

#define HEAP_BLOCK_MIN ((size_t)256)
// Blocks from here on come from the system directly, as huge pages.
#define HEAP_BLOCK_MAPPED ((size_t)1 << 20)
// What would be longer becomes a large page.
#define HEAP_BLOCK_SMALL ((size_t)512 << 10)
#define SPACE_BLOCKS     ((uint32_t)16)
// A region is collected when it is larger than this, or than a part of the
// memory that there is, of which all workers' regions take no more than a
// quarter before that.
#define COLLECT_FIRST  ((uint64_t)24 << 20)
#define COLLECT_SHARE  16
#define COLLECT_SHARES 4

struct HeapSpace {
    HeapSpace *next; // older, full
    char *memory;
    _Atomic(uint32_t) taken; // blocks, or more
};

void heap_budget_init(HeapBudget *budget, uint64_t limit_bytes,
                      uint32_t worker_count)
{
    *budget =
        (HeapBudget){.key = hash_key_random(), .worker_count = worker_count};
    heap_budget_limit(budget, limit_bytes);
}

void heap_budget_limit(HeapBudget *budget, uint64_t limit_bytes)
{
    uint64_t shares = (uint64_t)COLLECT_SHARES * budget->worker_count;
    uint64_t share =
        limit_bytes / (shares < COLLECT_SHARE ? COLLECT_SHARE : shares);
    uint64_t first = share < COLLECT_FIRST ? share : COLLECT_FIRST;
    budget->limit_bytes = limit_bytes;
    budget->collect_first = HEAP_STRESS ? 0 : first;
}

// Relaxed throughout: the figures order nothing.
static void budget_take(HeapBudget *budget, uint64_t bytes)
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

// ---- promises, so that what one heap was allowed no other one takes

static bool promise(Heap *heap, size_t bytes)
{
    if (bytes <= heap->promised) {
        return true;
    }
    HeapBudget *budget = heap->budget;
    uint64_t more = bytes - heap->promised;
    uint64_t used = load_relaxed(&budget->bytes);
    do {
        if (used > budget->limit_bytes || more > budget->limit_bytes - used) {
            return false;
        }
    } while (!cas_acq_rel(&budget->bytes, &used, used + more));
    heap->promised = bytes;
    return true;
}

void heap_forgo(Heap *heap)
{
    if (heap->promised > 0) {
        budget_give_back(heap->budget, heap->promised);
        heap->promised = 0;
    }
}

// What of a block of which `needed` bytes are asked for is promised.
static size_t promised_of(const Heap *heap, size_t needed)
{
    return needed < heap->promised ? needed : heap->promised;
}

static bool allows(const Heap *heap, size_t size, size_t needed)
{
    size_t promised = promised_of(heap, needed);
    return size <= promised || budget_allows(heap->budget, size - promised);
}

uint64_t heap_left(const Heap *heap)
{
    const HeapBudget *budget = heap->budget;
    uint64_t used = load_relaxed(&budget->bytes) - heap->promised;
    return used < budget->limit_bytes ? budget->limit_bytes - used : 0;
}

void heap_init(Heap *heap, HeapBudget *budget)
{
    *heap = (Heap){.budget = budget, .collect_at = budget->collect_first};
}

// ---- blocks

static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    heap_hint_advise(memory, size);
    return memory;
}

static HeapSpace *space_new(HeapSpace *next)
{
    // The kernel aligns what is as long as a large page.
    void *memory = map(SPACE_BLOCKS * HEAP_BLOCK_MAX);
    if (memory == NULL) {
        return NULL;
    }
    HeapSpace *space = mem_alloc(sizeof *space);
    *space = (HeapSpace){.next = next, .memory = memory};
    return space;
}

// Unmaps what was not taken.
static void space_free(HeapSpace *space)
{
    uint32_t taken = load_relaxed(&space->taken);
    if (taken < SPACE_BLOCKS) {
        size_t used = taken * HEAP_BLOCK_MAX;
        (void)munmap(space->memory + used,
                     SPACE_BLOCKS * HEAP_BLOCK_MAX - used);
    }
    free(space);
}

// A block of HEAP_BLOCK_MAX; NULL where there is no space for several.
static void *space_take(HeapBudget *budget)
{
    // Acquire: pairs with the exchange by which it is published.
    HeapSpace *space = load_acquire(&budget->space);
    for (;;) {
        uint32_t number =
            space != NULL ? fetch_add_relaxed(&space->taken, 1) : SPACE_BLOCKS;
        if (number < SPACE_BLOCKS) {
            char *block = space->memory + number * HEAP_BLOCK_MAX;
            heap_hint_fresh(block, HEAP_BLOCK_MAX);
            return block;
        }
        HeapSpace *fresh = space_new(space);
        if (fresh == NULL) {
            return NULL;
        }
        if (cas_acq_rel(&budget->space, &space, fresh)) {
            space = fresh;
        } else {
            space_free(fresh);
        }
    }
}

void heap_budget_release(HeapBudget *budget)
{
    HeapSpace *space = load_relaxed(&budget->space);
    while (space != NULL) {
        HeapSpace *next = space->next;
        space_free(space);
        space = next;
    }
}

static HeapBlock *block_new(HeapBudget *budget, size_t size)
{
    HeapBlock *block = NULL;
    if (size < HEAP_BLOCK_MAPPED) {
        block = mem_alloc(size);
    } else if (size == HEAP_BLOCK_MAX) {
        block = space_take(budget);
    }
    if (block == NULL) {
        block = map(size);
    }
    if (block == NULL) {
        die_out_of_memory();
    }
    *block = (HeapBlock){.size = size};
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

void heap_free_block(Heap *heap, HeapBlock *block)
{
    heap->bytes -= block->size;
    budget_give_back(heap->budget, block->size);
    block_free(block);
}

static void free_chain(HeapBlock *block)
{
    while (block != NULL) {
        HeapBlock *next = block->next;
        block_free(block);
        block = next;
    }
}

static void free_spare(Heap *heap)
{
    while (heap->spare != NULL) {
        HeapBlock *block = heap->spare;
        heap->spare = block->next;
        heap_free_block(heap, block);
    }
}

void heap_release(Heap *heap)
{
    if (heap->current != NULL) {
        block_free(heap->current);
    }
    free_chain(heap->blocks);
    free_chain(heap->frozen);
    free_chain(heap->spare);
    heap_forgo(heap);
    if (heap->bytes > 0) {
        budget_give_back(heap->budget, heap->bytes);
    }
    heap_init(heap, heap->budget);
}

static void link_block(Heap *heap, HeapBlock *block)
{
    block->next = heap->blocks;
    heap->blocks = block;
    if (heap->oldest == NULL) {
        heap->oldest = block;
    }
}

static HeapBlock *take_spare(Heap *heap)
{
    HeapBlock *block = heap->spare;
    heap->spare = block->next;
    return block;
}

// What was left of earlier blocks serves first: else a program whose objects
// nearly fill a large page would leave ever more of them.
static HeapBlock *add_block(Heap *heap, size_t size, size_t needed)
{
    if (size == HEAP_BLOCK_MAX && heap->spare != NULL) {
        return take_spare(heap);
    }
    HeapBlock *block = block_new(heap->budget, size);
    heap->bytes += size;
    size_t promised = promised_of(heap, needed);
    heap->promised -= promised;
    budget_take(heap->budget, size - promised);
    return block;
}

static void count_region(Heap *heap, size_t size)
{
    heap->region_bytes += size;
    heap->collect_due |= heap->region_bytes > heap->collect_at;
}

// The current block is full, or left for another one.
void heap_retire_current(Heap *heap)
{
    if (heap->current != NULL) {
        heap->current->end = heap->cursor;
        link_block(heap, heap->current);
        heap->current = NULL;
        heap->cursor = heap->limit = NULL;
    }
}

void heap_make_current(Heap *heap, HeapBlock *block, char *cursor)
{
    heap->current = block;
    heap->cursor = cursor;
    heap->limit = (char *)block + (block->size & ~(size_t)7);
}

// ---- regions

void heap_adopt(Heap *parent, Heap *child)
{
    assert(parent != child && parent->budget == child->budget);
    assert(child->frozen == NULL && child->shared == NULL);
    heap_forgo(child);
    size_t room = (size_t)(child->limit - child->cursor);
    if (child->current != NULL &&
        (parent->current == NULL ||
         room > (size_t)(parent->limit - parent->cursor))) {
        // Go on in whichever block has more room left.
        HeapBlock *current = child->current;
        char *cursor = child->cursor;
        child->current = NULL;
        heap_retire_current(parent);
        heap_make_current(parent, current, cursor);
    }
    heap_retire_current(child);
    if (child->blocks != NULL) {
        child->oldest->next = parent->blocks;
        if (parent->blocks == NULL) {
            parent->oldest = child->oldest;
        }
        parent->blocks = child->blocks;
    }
    while (child->spare != NULL) {
        HeapBlock *block = child->spare;
        child->spare = block->next;
        block->next = parent->spare;
        parent->spare = block;
    }
    parent->bytes += child->bytes;
    parent->over_limit |= child->over_limit;
    count_region(parent, child->region_bytes);
    heap_init(child, child->budget);
}

void heap_freeze(Heap *heap)
{
    heap_forgo(heap);
    if (heap->blocks != NULL) {
        heap->oldest->next = heap->frozen;
        heap->frozen = heap->blocks;
        heap->blocks = heap->oldest = NULL;
    }
    heap->shared = heap->current;
    heap->mark = heap->cursor;
    heap->region_bytes = 0;
    heap->collect_at = heap->budget->collect_first;
    heap->put_off = 0;
    heap->misjudged = false;
    heap->collect_due = false;
    heap->id = 0;
}

void heap_thaw(Heap *heap)
{
    heap->region_bytes += heap->shared != NULL ? heap->shared->size : 0;
    heap->shared = NULL;
    heap->mark = NULL;
    if (heap->frozen == NULL) {
        return;
    }
    if (heap->blocks == NULL) {
        heap->blocks = heap->frozen;
    } else {
        heap->oldest->next = heap->frozen;
    }
    for (HeapBlock *b = heap->frozen; b != NULL; b = b->next) {
        heap->region_bytes += b->size;
        heap->oldest = b;
    }
    heap->frozen = NULL;
}

size_t heap_region_used(const Heap *heap)
{
    size_t used = heap->region_bytes;
    if (heap->current != NULL && heap->shared == heap->current) {
        used += (size_t)(heap->cursor - heap->mark);
    } else if (heap->current != NULL) {
        used -= (size_t)(heap->limit - heap->cursor);
    }
    return used;
}

// ---- allocating

size_t heap_block_most(const Heap *heap)
{
    uint64_t most = heap->budget->collect_first;
    most = most < HEAP_BLOCK_MIN ? HEAP_BLOCK_MIN : most;
    return most > HEAP_BLOCK_SMALL ? HEAP_BLOCK_MAX : (size_t)most;
}

static size_t next_size(const Heap *heap)
{
    size_t size = 2 * heap->bytes;
    size_t most = heap_block_most(heap);
    size = size < HEAP_BLOCK_MIN ? HEAP_BLOCK_MIN : size;
    return size > HEAP_BLOCK_SMALL || size > most ? most : size;
}

// Near the limit no more is taken than is asked for. Past it, what is small is
// still served.
static size_t usual_size(Heap *heap, size_t needed)
{
    size_t usual = next_size(heap);
    if (allows(heap, needed > usual ? needed : usual, needed)) {
        return usual;
    }
    free_spare(heap);
    if (!allows(heap, needed, needed)) {
        heap->over_limit = true;
        if (needed >
            promised_of(heap, needed) + sizeof(HeapBlock) + HEAP_OVERDRAFT) {
            die_out_of_memory();
        }
    }
    return HEAP_BLOCK_MIN;
}

// What nearly fills a large page gets all of it.
static size_t rounded(const Heap *heap, size_t needed)
{
    bool nearly = !EXACT_MEMORY && needed < HEAP_BLOCK_MAX &&
                  needed >= HEAP_BLOCK_MAX / 4 * 3;
    return nearly && allows(heap, HEAP_BLOCK_MAX, needed) ? HEAP_BLOCK_MAX
                                                          : needed;
}

void *heap_alloc_slow(Heap *heap, size_t size)
{
    if (size > SIZE_MAX / 2) {
        die_out_of_memory();
    }
    size_t needed = sizeof(HeapBlock) + size;
    HeapBlock *block;
    if (heap->spare != NULL && needed <= HEAP_BLOCK_MAX / 2) {
        block = take_spare(heap);
    } else {
        size_t usual = usual_size(heap, needed);
        bool own = needed > usual / 2 && heap->current != NULL;
        if (EXACT_MEMORY || own || needed > HEAP_BLOCK_MAX) {
            // Of its own: the current block keeps its room for what is small,
            // and the collector need not copy what is large.
            block = add_block(heap, rounded(heap, needed), needed);
            block->end = block->memory + size;
            block->single = true;
            link_block(heap, block);
            count_region(heap, block->size);
            return block->memory;
        }
        block = add_block(heap, needed > usual ? rounded(heap, needed) : usual,
                          needed);
    }
    count_region(heap, block->size);
    heap_retire_current(heap);
    heap_make_current(heap, block, block->memory + size);
    return block->memory;
}

bool heap_can_hold(Heap *heap, uint64_t size)
{
    if (size <= (uint64_t)(heap->limit - heap->cursor)) {
        return true;
    }
    if (size <= SIZE_MAX / 4) {
        size_t needed = size + sizeof(HeapBlock) + 8;
        if (promise(heap, needed)) {
            return true;
        }
        free_spare(heap);
        if (promise(heap, needed)) {
            return true;
        }
    }
    heap->over_limit = true;
    return false;
}

void heap_count(Heap *heap, uint64_t size)
{
    if (!budget_allows(heap->budget, size)) {
        heap->over_limit = true;
    }
    budget_take(heap->budget, size);
}

bool heap_has_plenty(const Heap *heap, uint64_t size)
{
    return size <= UINT64_MAX / 16 && budget_allows(heap->budget, 16 * size);
}

uint64_t heap_id_slow(Heap *heap)
{
    heap->id = fetch_add_relaxed(&heap->budget->region_count, 1) + 1;
    return heap->id;
}

static bool chain_owns(const HeapBlock *block, uintptr_t at)
{
    for (; block != NULL; block = block->next) {
        if (at >= (uintptr_t)block->memory &&
            at < (uintptr_t)block + block->size) {
            return true;
        }
    }
    return false;
}

bool heap_owns(const Heap *heap, const void *memory)
{
    uintptr_t at = (uintptr_t)memory;
    const HeapBlock *current = heap->current;
    return chain_owns(heap->blocks, at) || chain_owns(heap->frozen, at) ||
           (current != NULL && at >= (uintptr_t)current->memory &&
            at < (uintptr_t)current + current->size);
}
