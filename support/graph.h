// Graph algorithms over index-based adjacency lists; explicit stacks, linear
// time.
//
// Ownership: results live in the arena given.
// Threads:   pure.
#ifndef LIGATURE_SUPPORT_GRAPH_H
#define LIGATURE_SUPPORT_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "support/arena.h"

// Edges of node n are targets[starts[n] .. starts[n + 1]).
typedef struct Graph {
    uint32_t node_count;
    const uint32_t *starts; // node_count + 1
    const uint32_t *targets;
} Graph;

// Strongly connected components (Tarjan 1972) in reverse topological order:
// a component comes after everything that it points to. Members of component
// c are members[starts[c] .. starts[c + 1]), in ascending node order.
typedef struct Components {
    uint32_t count;
    uint32_t *starts;
    uint32_t *members;
    uint32_t *component_of; // by node
} Components;

Components graph_components(const Graph *graph, Arena *arena);

// A shortest cycle through `start` inside its component, as the nodes in
// order beginning with `start`; 0 and *out_nodes untouched when none.
uint32_t graph_cycle(const Graph *graph, uint32_t start, Arena *arena,
                     uint32_t **out_nodes);

// Of a long cycle only the first and the last nodes are told.
#define CYCLE_HEAD 8
#define CYCLE_TAIL 4
static inline bool graph_cycle_skips(uint32_t count, uint32_t at)
{
    return count > CYCLE_HEAD + CYCLE_TAIL && at >= CYCLE_HEAD &&
           at < count - CYCLE_TAIL;
}

#endif
