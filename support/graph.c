// Tarjan, "Depth-first search and linear graph algorithms" (1972), with the
// recursion as an explicit stack.
#include "support/graph.h"

#include <string.h>

#define UNSEEN UINT32_MAX

typedef struct Tarjan {
    const Graph *graph;
    uint32_t *numbers;      // by node: order of discovery, or UNSEEN
    uint32_t *lows;         // by node: the least number reached
    uint32_t *next_edges;   // by node: where its walk stands
    uint32_t *component_of; // by node: UNSEEN while none
    uint32_t *open;         // discovered nodes without component
    uint32_t *path;         // from the root of the walk to where it stands
    uint32_t open_count;
    uint32_t path_count;
    uint32_t number;
    uint32_t component_count;
} Tarjan;

static uint32_t *new_numbers(Arena *arena, uint32_t count)
{
    return arena_array(arena, count, sizeof(uint32_t));
}

static uint32_t *new_unseen(Arena *arena, uint32_t count)
{
    uint32_t *numbers = new_numbers(arena, count);
    for (uint32_t i = 0; i < count; i++) {
        numbers[i] = UNSEEN;
    }
    return numbers;
}

static void tarjan_enter(Tarjan *t, uint32_t node)
{
    t->numbers[node] = t->lows[node] = t->number++;
    t->next_edges[node] = t->graph->starts[node];
    t->open[t->open_count++] = node;
    t->path[t->path_count++] = node;
}

static void tarjan_leave(Tarjan *t, uint32_t node)
{
    t->path_count--;
    if (t->path_count > 0) {
        uint32_t parent = t->path[t->path_count - 1];
        if (t->lows[node] < t->lows[parent]) {
            t->lows[parent] = t->lows[node];
        }
    }
    if (t->lows[node] != t->numbers[node]) {
        return;
    }
    uint32_t member;
    do {
        member = t->open[--t->open_count];
        t->component_of[member] = t->component_count;
    } while (member != node);
    t->component_count++;
}

static void tarjan_walk(Tarjan *t, uint32_t root)
{
    tarjan_enter(t, root);
    while (t->path_count > 0) {
        uint32_t node = t->path[t->path_count - 1];
        if (t->next_edges[node] == t->graph->starts[node + 1]) {
            tarjan_leave(t, node);
            continue;
        }
        uint32_t target = t->graph->targets[t->next_edges[node]++];
        if (t->numbers[target] == UNSEEN) {
            tarjan_enter(t, target);
        } else if (t->component_of[target] == UNSEEN &&
                   t->numbers[target] < t->lows[node]) {
            t->lows[node] = t->numbers[target];
        }
    }
}

// Lists the members by component; nodes are met in ascending order.
static Components collect(const Tarjan *t, Arena *arena)
{
    uint32_t node_count = t->graph->node_count;
    Components components = {
        .count = t->component_count,
        .starts = new_numbers(arena, t->component_count + 1),
        .members = new_numbers(arena, node_count),
        .component_of = t->component_of,
    };
    uint32_t *starts = components.starts;
    memset(starts, 0, sizeof *starts * (components.count + (size_t)1));
    for (uint32_t node = 0; node < node_count; node++) {
        starts[t->component_of[node]]++;
    }
    uint32_t end = 0;
    for (uint32_t c = 0; c <= components.count; c++) {
        end += starts[c];
        starts[c] = end; // the end of c, until the members are placed
    }
    for (uint32_t node = node_count; node-- > 0;) {
        components.members[--starts[t->component_of[node]]] = node;
    }
    return components;
}

Components graph_components(const Graph *graph, Arena *arena)
{
    Arena scratch;
    arena_init(&scratch);
    uint32_t count = graph->node_count;
    Tarjan t = {
        .graph = graph,
        .numbers = new_unseen(&scratch, count),
        .lows = new_numbers(&scratch, count),
        .next_edges = new_numbers(&scratch, count),
        .component_of = new_unseen(arena, count),
        .open = new_numbers(&scratch, count),
        .path = new_numbers(&scratch, count),
    };
    for (uint32_t node = 0; node < count; node++) {
        if (t.numbers[node] == UNSEEN) {
            tarjan_walk(&t, node);
        }
    }
    Components components = collect(&t, arena);
    arena_release(&scratch);
    return components;
}

// The nodes from `start` to `last` along `parents`.
static uint32_t trace_back(const uint32_t *parents, uint32_t start,
                           uint32_t last, Arena *arena, uint32_t **out_nodes)
{
    uint32_t length = 1;
    for (uint32_t node = last; node != start; node = parents[node]) {
        length++;
    }
    uint32_t *nodes = new_numbers(arena, length);
    uint32_t node = last;
    for (uint32_t i = length; i-- > 0; node = parents[node]) {
        nodes[i] = node;
    }
    *out_nodes = nodes;
    return length;
}

// Breadth first, so the first edge back to `start` closes a shortest cycle.
uint32_t graph_cycle(const Graph *graph, uint32_t start, Arena *arena,
                     uint32_t **out_nodes)
{
    Arena scratch;
    arena_init(&scratch);
    uint32_t *parents = new_unseen(&scratch, graph->node_count);
    uint32_t *queue = new_numbers(&scratch, graph->node_count);
    uint32_t head = 0, tail = 0, length = 0;
    parents[start] = start;
    queue[tail++] = start;
    while (head < tail && length == 0) {
        uint32_t node = queue[head++];
        for (uint32_t e = graph->starts[node]; e < graph->starts[node + 1];
             e++) {
            uint32_t target = graph->targets[e];
            if (target == start) {
                length = trace_back(parents, start, node, arena, out_nodes);
                break;
            }
            if (parents[target] == UNSEEN) {
                parents[target] = node;
                queue[tail++] = target;
            }
        }
    }
    arena_release(&scratch);
    return length;
}
