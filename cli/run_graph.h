// The graph of a program: its modules, or the bindings that its result needs.
// An edge leads from what refers to what it refers to; nodes are in an order
// in which all edges lead back.
//
// Ownership: a RunGraph owns its arrays and names; paths are borrowed from the
//            program.
// Threads:   main thread only, while no task runs.
#ifndef LIGATURE_CLI_RUN_GRAPH_H
#define LIGATURE_CLI_RUN_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/session.h"

typedef struct GraphNode {
    Str name;
    Str file;
    uint32_t line;     // 0 for a module
    bool is_root;      // an entry file, or a part of the result
    bool is_critical;  // on the longest path, when timed
    const char *state; // "planned", "evaluated", "cached", "failed"; NULL for
                       // a module
    // When timed, else 0. Of a module: parsing and checking.
    int64_t work_ns, span_ns;
} GraphNode;

typedef struct RunGraph {
    Arena arena;
    GraphNode *nodes;
    uint32_t count;
    uint32_t *starts;  // edges of node n: targets[starts[n] .. starts[n + 1]),
    uint32_t *targets; // ascending
    bool timed;
} RunGraph;

// The files, and those of the library that they import.
void run_graph_modules(RunGraph *graph, const Session *session, bool timed);
// The needed bindings, whether or not they have run. The session must have an
// evaluation.
void run_graph_bindings(RunGraph *graph, const Session *session, bool timed);
// The nodes by work, most first, as an array that the caller frees.
uint32_t *run_graph_by_work(const RunGraph *graph);
// Keeps the `max` nodes with the most work and the edges between them.
void run_graph_prune(RunGraph *graph, uint32_t max);
void run_graph_release(RunGraph *graph);

#endif
