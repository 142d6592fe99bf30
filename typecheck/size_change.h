// The size-change principle (Lee, Jones, Ben-Amram, "The size-change
// principle for program termination", POPL 2001): if every infinite sequence
// of calls would make some well-founded measure of the arguments fall for
// ever, there is none.
//
// Ownership: results live in the arena given.
// Threads:   pure.
#ifndef LIGATURE_TYPECHECK_SIZE_CHANGE_H
#define LIGATURE_TYPECHECK_SIZE_CHANGE_H

#include <stdint.h>

#include "support/arena.h"

typedef enum SizeArc {
    ARC_NONE,
    ARC_EQUAL, // does not grow
    ARC_LESS   // falls
} SizeArc;

// One call: how each measure of the callee relates to those of the caller.
typedef struct SizeCall {
    uint32_t caller, callee; // functions
    const uint8_t *arcs;     // SizeArc; [caller's measure * callee's count
                             //           + callee's measure]
} SizeCall;

typedef enum SizeVerdict {
    SIZE_ENDS,
    SIZE_UNKNOWN, // a cycle in which nothing need fall
    SIZE_TOO_LARGE
} SizeVerdict;

// `measure_counts` is by function. On SIZE_UNKNOWN the calls of a shortest
// cycle that fails are in *out_cycle, as indices into `calls`.
SizeVerdict size_change_check(const SizeCall *calls, uint32_t call_count,
                              const uint32_t *measure_counts, Arena *arena,
                              uint32_t **out_cycle, uint32_t *out_length);

#endif
