// Values straight off the tree: what computes the value of a binding runs once,
// so to compile it costs more than it saves. Walks the tree with the values
// that are there, into functions of the program too where little is done in
// them, and gives up, having changed nothing, where there is more to do than
// to look (long loops, closures, what is not evaluated yet, checks) or where
// something fails: then the code says what and where. A value that comes out
// is the one that the code would give, after as many steps.
//
// Ownership: values are in the heap of constants of the machine's worker, or
//            in the region of what runs.
// Threads:   the machine's.
#ifndef LIGATURE_EVAL_DIRECT_H
#define LIGATURE_EVAL_DIRECT_H

#include "eval/code.h"
#include "eval/machine.h"

// What a worker remembers.
enum { DIRECT_HEAVY_COUNT = 64, DIRECT_SHAPE_COUNT = 16 };
typedef struct DirectMemory {
    // Functions that had too much to do: what calls one is compiled.
    uint64_t heavy[DIRECT_HEAVY_COUNT]; // by hash: 1 + module << 32 | index
    const Shape *shapes[DIRECT_SHAPE_COUNT]; // of records, likewise; or NULL
} DirectMemory;

// The value of the binding, into Slot.steps the steps. False: to be compiled.
bool direct_binding(Machine *machine, Slot *slot, Value *out);
// Adds the items of one part to a builder of the heap of what runs. False as
// above, or where that takes more than `max_steps` steps.
bool direct_list_part(Machine *machine, const ListParts *parts, uint32_t number,
                      int64_t max_steps, Value *builder, int64_t *out_steps);

#endif
