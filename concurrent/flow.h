// Dataflow: nodes that run, as tasks of a group, when those that they wait for
// have ended. Edges are added while the graph runs: an edge goes into a list
// of the node that is waited for (Treiber 1986), which its end closes.
//
// Ownership: nodes and edges are the caller's, and live until the group was
//            waited for.
// Threads:   a node is held by whoever made it until flow_release(); only then
//            may it run. Any worker may wait for any node.
#ifndef LIGATURE_CONCURRENT_FLOW_H
#define LIGATURE_CONCURRENT_FLOW_H

#include <stdbool.h>

#include "concurrent/atomics.h"
#include "concurrent/pool.h"

typedef struct FlowNode FlowNode;
typedef struct FlowEdge FlowEdge;

struct FlowEdge {
    FlowNode *node; // that waits
    FlowEdge *next;
};

// First of the client's structure; all of it is private.
struct FlowNode {
    Task task;
    TaskGroup *group;
    _Atomic(uint32_t) waiting; // for so many nodes, and one for who holds it
    _Atomic(FlowEdge *) dependents; // FLOW_CLOSED once the node has ended
    // Where measured: to its start, then to its end.
    _Atomic(int64_t) path_ns;
};

#define FLOW_CLOSED ((FlowEdge *)(uintptr_t)1)

// `run` must call flow_start() at its start and flow_end() when it is done.
static inline void flow_init(FlowNode *node, TaskGroup *group,
                             TaskFunction *run)
{
    node->task.run = run;
    node->group = group;
    store_relaxed(&node->waiting, 1);
    store_relaxed(&node->dependents, NULL);
    store_relaxed(&node->path_ns, 0);
}

// Holds the node until `on` has ended; nothing is to be done where it has. The
// caller holds `node`.
static inline void flow_wait_for(FlowNode *node, FlowNode *on, FlowEdge *edge)
{
    // Relaxed: the node is held.
    (void)fetch_add_relaxed(&node->waiting, 1);
    edge->node = node;
    // Acquire: who sees the list closed sees what the node has done.
    FlowEdge *first = load_acquire(&on->dependents);
    do {
        if (first == FLOW_CLOSED) {
            path_reach(&node->path_ns, load_relaxed(&on->path_ns));
            (void)fetch_sub_acq_rel(&node->waiting, 1);
            return;
        }
        edge->next = first;
        // acq_rel: the end of `on` sees the edge.
    } while (!cas_acq_rel(&on->dependents, &first, edge));
}

// Whether nothing is to be done for `node` to wait for `on`. The caller holds
// `node`.
static inline bool flow_has_ended(FlowNode *node, FlowNode *on)
{
    // Acquire: pairs with flow_end().
    if (load_acquire(&on->dependents) != FLOW_CLOSED) {
        return false;
    }
    path_reach(&node->path_ns, load_relaxed(&on->path_ns));
    return true;
}

// What `run` does first.
static inline void flow_start(FlowNode *node, Worker *worker)
{
    worker_follow(worker, &node->path_ns);
}

static inline void flow_release(FlowNode *node, Worker *worker)
{
    // acq_rel: the last one to count down sees what the others have done.
    if (fetch_sub_acq_rel(&node->waiting, 1) == 1) {
        task_group_spawn(node->group, worker, &node->task);
    }
}

static inline void flow_end(FlowNode *node, Worker *worker)
{
    int64_t path_ns = worker_path(worker);
    path_reach(&node->path_ns, path_ns);
    // acq_rel: pairs with flow_wait_for(), in both directions.
    FlowEdge *edge = exchange_acq_rel(&node->dependents, FLOW_CLOSED);
    while (edge != NULL) {
        // The edge may be gone with the group once its node runs.
        FlowEdge *next = edge->next;
        path_reach(&edge->node->path_ns, path_ns);
        flow_release(edge->node, worker);
        edge = next;
    }
}

#endif
