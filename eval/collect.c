// See collect.h.
#include "eval/collect.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "eval/check_walk.h"
#include "eval/code.h"
#include "eval/map_patch.h"

// Objects of blocks of their own stay where they are from this size on.
#define KEPT_MIN ((size_t)4096)
// A region grows by this at least before it is collected again: what fits in
// the caches is allocated there again and again.
// Parts of the budget: what may be copied beyond it, since regions grow by
// whole blocks and beside each other, and what a region must be able to grow by
// if it is to be collected again.
#define SMALL_SHARE 16
#define LEAST_SHARE 12
#define GROWTH_MIN  ((size_t)4 << 20)
#define STRESS_MAX  ((size_t)16 << 10)

// ---- which objects are in the region

static void add_range(Collector *c, HeapBlock *block, char *end)
{
    const Heap *heap = c->heap;
    char *begin = block == heap->shared ? heap->mark : block->memory;
    if (begin < end) {
        vec_push(&c->ranges,
                 (CollectRange){(uintptr_t)begin, (uintptr_t)end, block});
    }
}

static int compare_ranges(const void *a, const void *b)
{
    uintptr_t left = ((const CollectRange *)a)->begin;
    uintptr_t right = ((const CollectRange *)b)->begin;
    return (left > right) - (left < right);
}

// The range that `address` is in; its block is NULL when there is none.
static CollectRange find_range(const Collector *c, uintptr_t address)
{
    uint32_t low = 0;
    uint32_t high = c->ranges.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->ranges.items[middle].end <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < c->ranges.count && c->ranges.items[low].begin <= address) {
        return c->ranges.items[low];
    }
    return (CollectRange){0};
}

static HeapBlock *block_of(Collector *c, const void *object)
{
    uintptr_t address = (uintptr_t)object;
    if (address < c->last.begin || address >= c->last.end) {
        CollectRange found = find_range(c, address);
        if (found.block == NULL) {
            return NULL;
        }
        c->last = found;
    }
    return c->last.block;
}

// ---- moving

// What stands where an object was.
typedef struct Forwarded {
    ObjectHeader header;
    const void *to;
} Forwarded;

static bool is_forwarded(const void *object)
{
    return (((const ObjectHeader *)object)->kind & 1) != 0;
}

// Pointers of an object into itself.
static void fix_inner(const void *from, void *to)
{
    ObjectHeader header = *(const ObjectHeader *)to;
    uint32_t kind = header.kind >> 1;
    if (kind == VALUE_STRING) {
        StringObject *string = to;
        if (string->bytes == (const char *)from + sizeof *string) {
            string->bytes = (const char *)(string + 1);
        }
    } else if (kind == VALUE_LIST) {
        ListObject *list = to;
        if ((const char *)list->items == (const char *)from + sizeof *list) {
            list->items = (const Value *)(list + 1);
        }
    } else if (kind == VALUE_MAP) {
        MapObject *map = to;
        if ((const char *)map->slots == (const char *)from + sizeof *map) {
            map->slots = (const MapEntry *)(map + 1);
        }
    }
}

static const void *move(Collector *c, const void *object)
{
    size_t bytes = (size_t)((const ObjectHeader *)object)->words * 8;
    const HeapBlock *current = c->to.current;
    const HeapBlock *newest = c->to.blocks;
    void *copy = heap_alloc(&c->to, bytes);
    if (UNLIKELY(c->to.current != current)) {
        vec_push(&c->copies, c->to.current);
    } else if (UNLIKELY(c->to.blocks != newest)) {
        vec_push(&c->singles, c->to.blocks);
    }
    memcpy(copy, object, bytes);
    fix_inner(object, copy);
    Forwarded *forwarded = (Forwarded *)(uintptr_t)object;
    forwarded->header.kind |= 1;
    forwarded->to = copy;
    c->moved_bytes += bytes;
    return copy;
}

// Of its own block, and long: it stays where it is.
static bool is_kept(const HeapBlock *block)
{
    return block->single && block->size >= KEPT_MIN;
}

const void *collect_object(Collector *c, const void *object)
{
    HeapBlock *block = object == NULL ? NULL : block_of(c, object);
    if (block == NULL) {
        return object;
    }
    if (UNLIKELY(c->estimate != NULL)) {
        collect_estimate_visit(c, object);
        return object;
    }
    if (is_kept(block)) {
        if (!block->marked) {
            block->marked = true;
            c->kept_bytes += block->size;
            vec_push(&c->singles, block);
        }
        return object;
    }
    return is_forwarded(object) ? ((const Forwarded *)object)->to
                                : move(c, object);
}

const void *collect_moved(const Collector *c, const void *object)
{
    const HeapBlock *block = find_range(c, (uintptr_t)object).block;
    if (block == NULL || block->marked) {
        return object;
    }
    return is_forwarded(object) ? ((const Forwarded *)object)->to : NULL;
}

void collect_value(Collector *c, Value *value)
{
    switch ((ValueTag)value->tag) {
    case VALUE_UNIT:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
        return;
    case VALUE_UNION:
        if (value->arity == 0) {
            return;
        }
        break;
    case VALUE_DICTIONARY:
        if (value->aux8 == DICTIONARY_SLOT) {
            return;
        }
        break;
    case VALUE_STRING:
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_RECORD:
    case VALUE_MAP:
    case VALUE_FUNCTION:
    case VALUE_PARTIAL:
    case ANY_MERE_OBJECT:
        break;
    }
    value->as.pointer = collect_object(c, value->as.pointer);
}

void collect_values(Collector *c, Value *values, size_t count)
{
    if (UNLIKELY(c->estimate != NULL) && count > 1) {
        collect_estimate_values(c, values, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        collect_value(c, &values[i]);
    }
}

// ---- looking at objects

static ptrdiff_t distance(const void *from, const void *to)
{
    return (const char *)to - (const char *)from;
}

static void scan_string_part(Collector *c, StringPart *part)
{
    StringBuffer *buffer =
        (StringBuffer *)(uintptr_t)collect_object(c, part->buffer);
    part->string.bytes += distance(part->buffer, buffer);
    part->buffer = buffer;
}

static void scan_list(Collector *c, ListObject *list)
{
    if (list->items == NULL) {
        return;
    }
    if (list->items == (const Value *)(list + 1)) {
        collect_values(c, (Value *)(list + 1), list->count);
    } else if (list->as.buffer != NULL) {
        ListBuffer *buffer =
            (ListBuffer *)(uintptr_t)collect_object(c, list->as.buffer);
        list->items = (const Value *)((const char *)list->items +
                                      distance(list->as.buffer, buffer));
        list->as.buffer = buffer;
    }
}

static void scan_rope(Collector *c, ListRope *rope)
{
    rope->list.as.left = collect_object(c, rope->list.as.left);
    rope->right = collect_object(c, rope->right);
}

static void scan_map(Collector *c, MapObject *map)
{
    if (map->slots == (const MapEntry *)(map + 1)) {
        collect_values(c, (Value *)(map + 1), 2 * (size_t)map->count);
    } else {
        const char *buffer =
            (const char *)map->slots - offsetof(ListBuffer, items);
        const char *moved = collect_object(c, buffer);
        map->slots = (const MapEntry *)(moved + offsetof(ListBuffer, items));
    }
    if (map->index != NULL) {
        const ObjectHeader *index = (const ObjectHeader *)map->index - 1;
        const ObjectHeader *moved = collect_object(c, index);
        map->index = (const _Atomic(uint32_t) *)(moved + 1);
    }
    map->patch = collect_object(c, map->patch);
}

static void scan_walk(Collector *c, CheckWalk *walk)
{
    walk->steps = (CheckSteps *)(uintptr_t)collect_object(c, walk->steps);
    for (uint32_t i = 0; i < walk->depth; i++) {
        CheckStep *step = &walk->steps->items[i];
        collect_value(c, &step->value);
        step->passed = collect_object(c, step->passed);
    }
}

void collect_scan(Collector *c, ObjectHeader *object)
{
    switch ((ValueTag)(object->kind >> 1)) {
    case OBJECT_STRING_PART:
        scan_string_part(c, (StringPart *)object);
        return;
    case VALUE_LIST:
        scan_list(c, (ListObject *)object);
        return;
    case OBJECT_LIST_ROPE:
        scan_rope(c, (ListRope *)object);
        return;
    case VALUE_TUPLE: {
        TupleObject *tuple = (TupleObject *)object;
        collect_values(c, tuple->items, tuple->count);
        return;
    }
    case VALUE_RECORD: {
        RecordObject *record = (RecordObject *)object;
        collect_values(c, record->fields, record->shape->count);
        return;
    }
    case VALUE_MAP:
        scan_map(c, (MapObject *)object);
        return;
    case VALUE_UNION: {
        UnionObject *data = (UnionObject *)object;
        collect_values(c, data->fields, data->ctor->arity);
        return;
    }
    case VALUE_FUNCTION: {
        FunctionObject *function = (FunctionObject *)object;
        collect_values(c, function->captured, function->captured_count);
        return;
    }
    case VALUE_PARTIAL: {
        PartialObject *partial = (PartialObject *)object;
        collect_value(c, &partial->function);
        collect_values(c, partial->args, partial->count);
        return;
    }
    case BUFFER_LIST: {
        ListBuffer *buffer = (ListBuffer *)object;
        collect_values(c, buffer->items + buffer->start,
                       buffer->end - buffer->start);
        return;
    }
    case OBJECT_MAP_PATCH: {
        size_t count;
        Value *values = map_patch_values((MapPatch *)object, &count);
        collect_values(c, values, count);
        const MapPatch **children =
            map_patch_children((MapPatch *)object, &count);
        for (size_t i = 0; i < count; i++) {
            children[i] = collect_object(c, children[i]);
        }
        return;
    }
    case OBJECT_CHECK_WALK:
        scan_walk(c, (CheckWalk *)object);
        return;
    case OBJECT_CHECK_STEPS: // by its walk
    case VALUE_STRING:
    case BUFFER_STRING:
    case OBJECT_MAP_INDEX:
        return;
    case VALUE_UNIT:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_DICTIONARY:
        break;
    }
    UNREACHABLE();
}

// Looks at all that was copied and has not been looked at.
static void scan_copies(Collector *c)
{
    while (c->scanned < c->copies.count) {
        HeapBlock *block = c->copies.items[c->scanned];
        char *at = c->scan_at != NULL ? c->scan_at : block->memory;
        // The end of the block that is being copied into moves.
        while (at < (block == c->to.current ? c->to.cursor : block->end)) {
            ObjectHeader *object = (ObjectHeader *)at;
            at += (size_t)object->words * 8;
            collect_scan(c, object);
        }
        c->scan_at = at;
        if (block == c->to.current) {
            return;
        }
        c->scanned++;
        c->scan_at = NULL;
    }
}

void collect_trace(Collector *c)
{
    scan_copies(c);
    while (c->singles.count > 0) {
        collect_scan(c, (ObjectHeader *)vec_pop(&c->singles)->memory);
        scan_copies(c);
    }
}

// ---- the blocks

void collect_begin(Collector *c, Heap *heap)
{
    *c = (Collector){.heap = heap, .start_ns = clock_monotonic_ns()};
    heap_forgo(heap);
    if (heap->current != NULL) {
        add_range(c, heap->current, heap->cursor);
    }
    for (HeapBlock *block = heap->blocks; block != NULL; block = block->next) {
        add_range(c, block, block->end);
    }
    if (c->ranges.count > 0) {
        qsort(c->ranges.items, c->ranges.count, sizeof *c->ranges.items,
              compare_ranges);
    }
    heap_init(&c->to, heap->budget);
    c->to.spare = heap->spare;
    heap->spare = NULL;
    c->before_bytes = heap_region_used(heap);
}

// What `block` held is gone.
static void release_block(Heap *heap, HeapBlock *block, size_t *spare)
{
    if (HEAP_STRESS) { // whoever still looks there sees that it is wrong
        memset(block->memory, 0xee, block->size - offsetof(HeapBlock, memory));
    }
    if (!EXACT_MEMORY && block->size == HEAP_BLOCK_MAX && *spare > 0) {
        *spare -= *spare < block->size ? *spare : block->size;
        block->single = false;
        block->next = heap->spare;
        heap->spare = block;
    } else {
        heap_free_block(heap, block);
    }
}

static void sweep(Heap *heap, HeapBlock *block, size_t *spare)
{
    if (block == heap->shared) {
        return; // see resume_shared()
    }
    if (block->marked) {
        block->marked = false;
        block->next = heap->blocks;
        heap->oldest = heap->blocks == NULL ? block : heap->oldest;
        heap->blocks = block;
        heap->region_bytes += block->size;
    } else {
        release_block(heap, block, spare);
    }
}

// The block that the region began in has room again, behind the mark.
static void resume_shared(Heap *heap)
{
    HeapBlock *shared = heap->shared;
    if (shared == NULL) {
        return;
    }
    size_t room =
        (size_t)((char *)shared + (shared->size & ~(size_t)7) - heap->mark);
    if (HEAP_STRESS) {
        memset(heap->mark, 0xee, room);
    }
    if (room > (size_t)(heap->limit - heap->cursor)) {
        heap_retire_current(heap);
        heap_make_current(heap, shared, heap->mark);
    } else {
        shared->end = heap->mark;
        shared->next = heap->frozen;
        heap->frozen = shared;
        heap->shared = NULL;
    }
}

static uint64_t budget_left(const HeapBudget *budget)
{
    uint64_t used = load_relaxed(&budget->bytes);
    return used < budget->limit_bytes ? budget->limit_bytes - used : 0;
}

bool collect_has_room(const Heap *heap)
{
    const HeapBudget *budget = heap->budget;
    uint64_t left = budget_left(budget) + budget->limit_bytes / SMALL_SHARE;
    uint64_t bytes = heap_region_used(heap);
    for (const HeapBlock *block = heap->blocks; block != NULL && bytes > left;
         block = block->next) {
        bytes -= is_kept(block) ? block->size : 0;
    }
    return bytes <= left;
}

// How much the region may grow until it is collected again: as much as there
// is, so that collecting costs no more than allocating. All of it may be copied
// then, with what is in the block that was begun meanwhile, and the copies
// shall not pass the budget either. Where that leaves room
// for little, it is collected no more: SIZE_MAX.
static size_t growth(const Heap *heap, size_t live, size_t moved)
{
    const HeapBudget *budget = heap->budget;
    uint64_t grown =
        budget->collect_first < GROWTH_MIN ? budget->collect_first : GROWTH_MIN;
    grown = live > grown ? live : grown;
    if (HEAP_STRESS) { // always, where that is not quadratic
        grown = live < STRESS_MAX ? 0 : live;
    }
    uint64_t left = budget_left(budget);
    uint64_t most = left > moved ? (left - moved) / 2 : 0;
    size_t block = heap_block_most(heap);
    most = most > block ? most - block : 0;
    return grown <= most                               ? (size_t)grown
           : most >= budget->limit_bytes / LEAST_SHARE ? (size_t)most
                                                       : SIZE_MAX;
}

static void add_stats(const Collector *c, size_t live)
{
    HeapBudget *budget = c->heap->budget;
    size_t before = c->before_bytes;
    (void)fetch_add_relaxed(&budget->collections, 1);
    (void)fetch_add_relaxed(&budget->moved_bytes, c->moved_bytes);
    (void)fetch_add_relaxed(&budget->freed_bytes,
                            before > live ? before - live : 0);
    (void)fetch_add_relaxed(&budget->collect_ns,
                            clock_monotonic_ns() - c->start_ns);
}

void collect_give_up(Collector *c)
{
    c->heap->spare = c->to.spare;
    vec_release(&c->ranges);
}

void collect_end(Collector *c)
{
    Heap *heap = c->heap;
    size_t live = c->moved_bytes + c->kept_bytes;
    size_t spare = growth(heap, live, c->moved_bytes);
    spare = spare == SIZE_MAX ? 0 : spare;
    HeapBlock *block = heap->blocks;
    HeapBlock *current = heap->current;
    heap->blocks = heap->oldest = heap->current = NULL;
    heap->cursor = heap->limit = NULL;
    heap->region_bytes = 0;
    if (current != NULL) {
        sweep(heap, current, &spare);
    }
    while (block != NULL) {
        HeapBlock *next = block->next;
        sweep(heap, block, &spare);
        block = next;
    }
    heap_adopt(heap, &c->to);
    resume_shared(heap);
    size_t more = growth(heap, live, c->moved_bytes);
    heap->collect_at = more == SIZE_MAX ? SIZE_MAX : heap->region_bytes + more;
    heap->collect_due = false;
    heap->over_limit =
        load_relaxed(&heap->budget->bytes) > heap->budget->limit_bytes;
    vec_release(&c->ranges);
    vec_release(&c->copies);
    vec_release(&c->singles);
    add_stats(c, live);
}
