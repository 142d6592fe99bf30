// When the collector runs, and what its roots are.
//
// What is collected is the region of the newest binding, or of the chunk. While
// a loop of it is split, others read what was there before: from then on it
// allocates in a heap of the loop's, and only that is collected.
//
// Registers are not cleared, and which ones still matter is not known: all of
// them are roots. That is sound because everything on the stack is a value: a
// collection moves what the frames hold and zeroes what is above them, so that
// a register that was not written since holds nothing, or a value of a frame
// that was there after it. At most it is kept too long.
#include <stdlib.h>
#include <string.h>

#include "eval/check_walk.h"
#include "eval/machine_internal.h"

// Regions smaller than this are kept as they are.
#define SETTLE_MIN (HEAP_STRESS ? (size_t)1 : (size_t)4096)
// Those smaller than this are copied as fast as estimated.
#define ESTIMATE_MIN ((size_t)1 << 18)
#define PUT_OFF_MAX  4
// How often it is asked at most whether there is room again.
#define ASKS_MAX 16

static void collect_frames(Machine *m, Collector *collector, uint32_t first)
{
    for (uint32_t i = first; i <= machine_frame_number(m); i++) {
        Frame *frame = &m->frames[i];
        frame->closure = collect_object(collector, frame->closure);
    }
    m->entering = collect_object(collector, m->entering);
}

// Lists that are being built were there when the loop was split, and have
// since been added to.
static void collect_builders(Machine *m, Collector *collector, uint32_t first)
{
    for (const LoopFamily *family = m->families; family != NULL;
         family = machine_outer_family(family)) {
        ListBuffer *buffer = machine_family_builder(m, family, first);
        if (buffer != NULL) {
            collect_values(collector, buffer->items, buffer->end);
        }
    }
}

typedef struct Roots {
    uint32_t first_frame; // to the newest
    uint64_t bottom, top; // of the stack
    Value *more;          // or NULL
} Roots;

static void collect_roots(Machine *m, Collector *collector, const Roots *roots)
{
    collect_values(collector, m->stack + roots->bottom,
                   roots->top - roots->bottom);
    if (roots->more != NULL) {
        collect_value(collector, roots->more);
    }
    collect_frames(m, collector, roots->first_frame);
    collect_builders(m, collector, roots->first_frame);
}

static void collect(Machine *m, const Roots *roots)
{
    Collector collector;
    collect_begin(&collector, m->heap);
    collect_roots(m, &collector, roots);
    collect_trace(&collector);
    check_memo_collect(m->checks, &collector);
    collect_end(&collector);
    Value *top = m->stack + roots->top;
    memset(top, 0, (size_t)(m->stack_end - top) * sizeof(Value));
}

// How much of the region is needed, as far as can be told fast, where that is
// half of it or more; else 0. An estimate that was wrong is not asked again.
static size_t mostly_live(Machine *m, const Roots *roots)
{
    size_t used = heap_region_used(m->heap);
    if (HEAP_STRESS || used < ESTIMATE_MIN || m->heap->misjudged) {
        return 0;
    }
    Collector collector;
    collect_estimate_begin(&collector, m->heap);
    collect_roots(m, &collector, roots);
    size_t live = collect_estimate_end(&collector);
    return live >= used / 2 ? live : 0;
}

static bool put_off(Machine *m, const Roots *roots)
{
    Heap *heap = m->heap;
    uint64_t limit = heap->budget->limit_bytes;
    if (heap->put_off >= PUT_OFF_MAX || heap->over_limit ||
        load_relaxed(&heap->budget->bytes) > limit / 4 ||
        mostly_live(m, roots) == 0) {
        return false;
    }
    heap->put_off++;
    heap->collect_at = 2 * heap->region_bytes;
    return true;
}

void machine_collect(Machine *m, uint64_t top)
{
    Heap *heap = m->heap;
    heap->collect_due = false;
    if (m->decoding > 0) {
        return;
    }
    if (m->evaluation->constants) {
        return; // small, and what was checked is told by where it is
    }
    const Frame *frame = m->frame;
    uint32_t first =
        m->activations.count > 0 ? machine_activation(m)->frame : 1;
    uint64_t end = frame->base;
    end += frame->code != NULL ? frame->code->register_count : frame->extra;
    Roots roots = {first, m->frames[first].base, end > top ? end : top, NULL};
    if (!collect_has_room(heap)) {
        heap->collect_at =
            heap->region_bytes + heap->budget->limit_bytes / ASKS_MAX;
        return;
    }
    if (put_off(m, &roots)) {
        return;
    }
    size_t before = heap_region_used(heap);
    collect(m, &roots);
    heap->misjudged = heap->put_off > 0 && heap_region_used(heap) < before / 2;
    heap->put_off = 0;
}

void machine_settle(Machine *m, Value *value)
{
    Heap *heap = m->heap;
    size_t used = heap_region_used(heap);
    size_t allowed = heap->budget->collect_first;
    allowed = heap->collected > allowed ? heap->collected : allowed;
    uint64_t base = m->frame->base;
    Roots roots = {machine_frame_number(m), base, base, value};
    size_t live;
    if (used < SETTLE_MIN || heap->uncollected + used <= allowed ||
        !collect_has_room(heap)) {
        heap->uncollected += used;
    } else if ((live = mostly_live(m, &roots)) > 0) {
        heap->uncollected += used - live;
        heap->collected += live;
    } else {
        collect(m, &roots);
        heap->collected += heap_region_used(heap);
    }
    heap_freeze(heap);
}

// ---- heaps of bindings that were demanded

void machine_enter_heap(Machine *m)
{
    uint32_t depth = m->activations.count;
    machine_activation(m)->outer_heap = m->heap;
    heap_forgo(m->heap);
    if (depth > 1) {
        if (m->demand_heaps.count < depth - 1) {
            Heap *heap = mem_alloc(sizeof *heap);
            heap_init(heap, &m->evaluation->budget);
            vec_push(&m->demand_heaps, heap);
        }
        machine_use_heap(m, m->demand_heaps.items[depth - 2]);
    }
    heap_freeze(m->heap);
}

void machine_leave_heaps(Machine *m)
{
    for (uint32_t i = 0; i < m->demand_heaps.count; i++) {
        heap_freeze(m->demand_heaps.items[i]);
    }
    machine_use_heap(m, m->base_heap);
    heap_freeze(m->heap);
}

void machine_release_heaps(Machine *m)
{
    for (uint32_t i = 0; i < m->demand_heaps.count; i++) {
        heap_release(m->demand_heaps.items[i]);
        free(m->demand_heaps.items[i]);
    }
    vec_release(&m->demand_heaps);
    heap_release(&m->own_heap);
    heap_release(&m->code_heap);
}
