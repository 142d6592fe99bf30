// Where the nodes of a graph stand in a picture: layers by the longest path
// (Sugiyama, Tagawa and Toda 1981), the order in each by barycenters.
//
// Ownership: a GraphLayout owns its array.
// Threads:   pure.
#ifndef LIGATURE_CLI_GRAPH_LAYOUT_H
#define LIGATURE_CLI_GRAPH_LAYOUT_H

#include "cli/run_graph.h"

typedef struct GraphBox {
    uint32_t layer;
    double x, y, width, height;
} GraphBox;

typedef struct GraphLayout {
    GraphBox *boxes; // by node
    double width, height;
} GraphLayout;

// `widths` are those of the nodes. What others refer to stands left of them.
void graph_layout(const RunGraph *graph, const double *widths,
                  GraphLayout *out_layout);
void graph_layout_release(GraphLayout *layout);

#endif
