#include "cli/graph_layout.h"

#include <stdlib.h>

enum { NODE_HEIGHT = 34, NODE_GAP = 12, LAYER_GAP = 64, MARGIN = 16 };
#define SWEEPS 6

// A node while its layer is put in order.
typedef struct Rank {
    double key;
    uint32_t node;
} Rank;

typedef struct Layers {
    const RunGraph *graph;
    uint32_t count;
    uint32_t *starts; // layer l: ranks[starts[l] .. starts[l + 1])
    Rank *ranks;
    uint32_t *place; // by node: its number in the layer
    uint32_t *layer; // by node
    // The edges the other way round.
    uint32_t *user_starts, *users;
} Layers;

static void assign_layers(Layers *layers)
{
    const RunGraph *graph = layers->graph;
    for (uint32_t n = 0; n < graph->count; n++) {
        for (uint32_t i = graph->starts[n]; i < graph->starts[n + 1]; i++) {
            uint32_t below = layers->layer[graph->targets[i]] + 1;
            if (below > layers->layer[n]) {
                layers->layer[n] = below;
            }
        }
        if (layers->layer[n] >= layers->count) {
            layers->count = layers->layer[n] + 1;
        }
    }
}

static void fill_layers(Layers *layers)
{
    uint32_t count = layers->graph->count;
    layers->starts =
        mem_calloc((size_t)layers->count + 2, sizeof *layers->starts);
    for (uint32_t n = 0; n < count; n++) {
        layers->starts[layers->layer[n] + 2]++;
    }
    for (uint32_t l = 2; l <= layers->count; l++) {
        layers->starts[l] += layers->starts[l - 1];
    }
    for (uint32_t n = 0; n < count; n++) {
        layers->ranks[layers->starts[layers->layer[n] + 1]++].node = n;
    }
    for (uint32_t l = 0; l < layers->count; l++) {
        for (uint32_t i = layers->starts[l]; i < layers->starts[l + 1]; i++) {
            layers->place[layers->ranks[i].node] = i - layers->starts[l];
        }
    }
}

static void reverse_edges(Layers *layers)
{
    const RunGraph *graph = layers->graph;
    uint32_t edges = graph->starts[graph->count];
    layers->user_starts =
        mem_calloc((size_t)graph->count + 2, sizeof *layers->user_starts);
    layers->users = mem_calloc((size_t)edges + 1, sizeof *layers->users);
    for (uint32_t i = 0; i < edges; i++) {
        layers->user_starts[graph->targets[i] + 2]++;
    }
    for (uint32_t n = 2; n <= graph->count; n++) {
        layers->user_starts[n] += layers->user_starts[n - 1];
    }
    for (uint32_t n = 0; n < graph->count; n++) {
        for (uint32_t i = graph->starts[n]; i < graph->starts[n + 1]; i++) {
            layers->users[layers->user_starts[graph->targets[i] + 1]++] = n;
        }
    }
}

static int compare_ranks(const void *left, const void *right)
{
    const Rank *a = left;
    const Rank *b = right;
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    return (a->node > b->node) - (a->node < b->node);
}

// The mean height of the neighbours, each as a share of its layer; where there
// are none the node's own.
static double barycenter(const Layers *layers, uint32_t node,
                         const uint32_t *starts, const uint32_t *neighbours)
{
    double sum = 0;
    for (uint32_t i = starts[node]; i < starts[node + 1]; i++) {
        uint32_t other = neighbours[i];
        uint32_t layer = layers->layer[other];
        sum += (layers->place[other] + 0.5) /
               (layers->starts[layer + 1] - layers->starts[layer]);
    }
    uint32_t count = starts[node + 1] - starts[node];
    uint32_t layer = layers->layer[node];
    return count > 0 ? sum / count
                     : (layers->place[node] + 0.5) /
                           (layers->starts[layer + 1] - layers->starts[layer]);
}

static void sort_layer(Layers *layers, uint32_t layer, bool by_users)
{
    Rank *ranks = layers->ranks + layers->starts[layer];
    uint32_t count = layers->starts[layer + 1] - layers->starts[layer];
    for (uint32_t i = 0; i < count; i++) {
        ranks[i].key =
            by_users ? barycenter(layers, ranks[i].node, layers->user_starts,
                                  layers->users)
                     : barycenter(layers, ranks[i].node, layers->graph->starts,
                                  layers->graph->targets);
    }
    qsort(ranks, count, sizeof *ranks, compare_ranks);
    for (uint32_t i = 0; i < count; i++) {
        layers->place[ranks[i].node] = i;
    }
}

static void order(Layers *layers)
{
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        bool by_users = sweep % 2 == 1;
        for (uint32_t i = 0; i < layers->count; i++) {
            sort_layer(layers, by_users ? layers->count - 1 - i : i, by_users);
        }
    }
}

static double layer_height(uint32_t count)
{
    return (double)count * (NODE_HEIGHT + NODE_GAP) - NODE_GAP;
}

static void place(const Layers *layers, const double *widths,
                  GraphLayout *layout)
{
    double tallest = 0;
    for (uint32_t l = 0; l < layers->count; l++) {
        double height = layer_height(layers->starts[l + 1] - layers->starts[l]);
        tallest = height > tallest ? height : tallest;
    }
    double x = MARGIN;
    for (uint32_t l = 0; l < layers->count; l++) {
        uint32_t start = layers->starts[l];
        uint32_t end = layers->starts[l + 1];
        double y = MARGIN + (tallest - layer_height(end - start)) / 2;
        double widest = 0;
        for (uint32_t i = start; i < end; i++) {
            uint32_t node = layers->ranks[i].node;
            layout->boxes[node] =
                (GraphBox){l, x, y, widths[node], NODE_HEIGHT};
            widest = widths[node] > widest ? widths[node] : widest;
            y += NODE_HEIGHT + NODE_GAP;
        }
        x += widest + LAYER_GAP;
    }
    layout->width = x + MARGIN - (layers->count > 0 ? LAYER_GAP : 0);
    layout->height = tallest + 2 * MARGIN;
}

void graph_layout(const RunGraph *graph, const double *widths,
                  GraphLayout *out_layout)
{
    size_t room = (size_t)graph->count + 1;
    Layers layers = {
        .graph = graph,
        .ranks = mem_calloc(room, sizeof(Rank)),
        .place = mem_calloc(room, sizeof(uint32_t)),
        .layer = mem_calloc(room, sizeof(uint32_t)),
    };
    assign_layers(&layers);
    fill_layers(&layers);
    reverse_edges(&layers);
    order(&layers);
    out_layout->boxes = mem_calloc(room, sizeof(GraphBox));
    place(&layers, widths, out_layout);
    free(layers.starts);
    free(layers.ranks);
    free(layers.place);
    free(layers.layer);
    free(layers.user_starts);
    free(layers.users);
}

void graph_layout_release(GraphLayout *layout)
{
    free(layout->boxes);
}
