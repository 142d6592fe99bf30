// The collector of a heap's region: copies what the roots reach into fresh
// blocks, breadth first (Cheney 1970), and frees the others. Large objects stay
// where they are and are marked. What is frozen, in another heap or static is
// not looked at: nothing in there leads to the region.
//
//     collect_begin; a call for every root; collect_trace; what is asked for
//     with collect_moved; collect_end
//
// Ownership: the heap's. Pointers into its region are void after collect_end,
//            but for the roots given.
// Threads:   owner of the heap; nobody else may know an object of the region.
#ifndef LIGATURE_EVAL_COLLECT_H
#define LIGATURE_EVAL_COLLECT_H

#include "eval/value.h"
#include "support/vec.h"

// Of a block of the region.
typedef struct CollectRange {
    uintptr_t begin, end;
    HeapBlock *block;
} CollectRange;

typedef struct CollectEstimate CollectEstimate; // collect_estimate.c

typedef struct Collector {
    Heap *heap;
    CollectEstimate *estimate; // NULL: what is reached is moved
    Heap to;                   // what was copied
    VEC(CollectRange) ranges;  // ascending
    CollectRange last;         // found
    VEC(HeapBlock *) copies;   // blocks of `to` that were bumped in, in order
    uint32_t scanned;          // of them: their objects were looked at
    char *scan_at;             // up to here in the next one; NULL: its begin
    VEC(HeapBlock *) singles;  // of one object, which is to be looked at
    size_t moved_bytes, kept_bytes, before_bytes;
    int64_t start_ns;
} Collector;

void collect_begin(Collector *collector, Heap *heap);
// Whether all of the region could be copied within the budget: else it is
// better not collected, so that memory stays within the limit.
bool collect_has_room(const Heap *heap);
// Roots; they are changed to where the objects are now.
void collect_values(Collector *collector, Value *values, size_t count);
const void *collect_object(Collector *collector, const void *object);
void collect_trace(Collector *collector);
// Where an object is now: NULL when nothing leads to it, so that it is gone.
const void *collect_moved(const Collector *collector, const void *object);
void collect_end(Collector *collector);

// Instead of collecting: how many bytes of the region the roots lead to, about.
// Between the two the roots are given, and nothing is moved.
void collect_estimate_begin(Collector *collector, Heap *heap);
size_t collect_estimate_end(Collector *collector);

// ---- between collect.c and collect_estimate.c
void collect_value(Collector *collector, Value *value);
void collect_scan(Collector *collector, ObjectHeader *object);
void collect_give_up(Collector *collector);
void collect_estimate_visit(Collector *collector, const void *object);
void collect_estimate_values(Collector *collector, Value *values, size_t count);

#endif
