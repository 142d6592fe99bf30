// Components in reverse topological order and shortest cycles.
#include "support/graph.h"

#include "tests/harness.h"

#define MAX_NODES 200000

typedef struct Edge {
    uint32_t from, to;
} Edge;

// `edges` come in ascending order of `from`.
static Graph make(Arena *arena, uint32_t nodes, const Edge *edges,
                  uint32_t edge_count)
{
    uint32_t *starts = arena_zalloc(arena, sizeof(uint32_t) * (nodes + 1));
    uint32_t *targets = arena_array(arena, edge_count, sizeof(uint32_t));
    for (uint32_t i = 0; i < edge_count; i++) {
        starts[edges[i].from + 1]++;
        targets[i] = edges[i].to;
    }
    for (uint32_t n = 0; n < nodes; n++) {
        starts[n + 1] += starts[n];
    }
    return (Graph){nodes, starts, targets};
}

static void check_order(const Graph *graph, const Components *components)
{
    for (uint32_t node = 0; node < graph->node_count; node++) {
        for (uint32_t e = graph->starts[node]; e < graph->starts[node + 1];
             e++) {
            CHECK(components->component_of[graph->targets[e]] <=
                  components->component_of[node]);
        }
    }
    CHECK_EQ_INT(components->starts[components->count], graph->node_count);
    for (uint32_t c = 0; c < components->count; c++) {
        CHECK(components->starts[c] < components->starts[c + 1]);
        for (uint32_t i = components->starts[c]; i < components->starts[c + 1];
             i++) {
            CHECK_EQ_INT(components->component_of[components->members[i]], c);
            CHECK(i == components->starts[c] ||
                  components->members[i - 1] < components->members[i]);
        }
    }
}

TEST(components_of_a_small_graph)
{
    Arena arena;
    arena_init(&arena);
    static const Edge edges[] = {{0, 1}, {1, 2}, {2, 0}, {2, 3},
                                 {3, 4}, {4, 3}, {5, 5}, {6, 0}};
    Graph graph = make(&arena, 7, edges, sizeof edges / sizeof *edges);
    Components components = graph_components(&graph, &arena);
    CHECK_EQ_INT(components.count, 4);
    check_order(&graph, &components);
    CHECK_EQ_INT(components.component_of[0], components.component_of[2]);
    CHECK_EQ_INT(components.component_of[3], 0);
    CHECK_EQ_INT(components.members[0], 3);
    CHECK_EQ_INT(components.members[1], 4);
    arena_release(&arena);
}

TEST(empty_graph)
{
    Arena arena;
    arena_init(&arena);
    Graph graph = make(&arena, 0, NULL, 0);
    Components components = graph_components(&graph, &arena);
    CHECK_EQ_INT(components.count, 0);
    CHECK_EQ_INT(components.starts[0], 0);
    arena_release(&arena);
}

// A chain and a ring that would exhaust the C stack if the walk recursed.
TEST(long_chain_and_ring)
{
    Arena arena;
    arena_init(&arena);
    Edge *edges = arena_array(&arena, MAX_NODES, sizeof *edges);
    for (uint32_t i = 0; i < MAX_NODES; i++) {
        edges[i] = (Edge){i, (i + 1) % MAX_NODES};
    }
    Graph ring = make(&arena, MAX_NODES, edges, MAX_NODES);
    CHECK_EQ_INT(graph_components(&ring, &arena).count, 1);
    uint32_t *nodes = NULL;
    CHECK_EQ_INT(graph_cycle(&ring, 7, &arena, &nodes), MAX_NODES);
    CHECK_EQ_INT(nodes[0], 7);
    CHECK_EQ_INT(nodes[MAX_NODES - 1], 6);
    Graph chain = make(&arena, MAX_NODES, edges, MAX_NODES - 1);
    Components components = graph_components(&chain, &arena);
    CHECK_EQ_INT(components.count, MAX_NODES);
    CHECK_EQ_INT(components.members[0], MAX_NODES - 1);
    CHECK_EQ_INT(graph_cycle(&chain, 7, &arena, &nodes), 0);
    arena_release(&arena);
}

TEST(random_graphs_are_ordered)
{
    uint32_t state = 1;
    for (int round = 0; round < 200; round++) {
        Arena arena;
        arena_init(&arena);
        Edge edges[60];
        uint32_t count = 0;
        for (uint32_t from = 0; from < 20; from++) {
            for (int e = 0; e < 3; e++) {
                state = state * 1664525 + 1013904223;
                if (state >> 30 == 0) {
                    edges[count++] = (Edge){from, (state >> 16) % 20};
                }
            }
        }
        Graph graph = make(&arena, 20, edges, count);
        Components components = graph_components(&graph, &arena);
        check_order(&graph, &components);
        arena_release(&arena);
    }
}

TEST(shortest_cycle)
{
    Arena arena;
    arena_init(&arena);
    static const Edge edges[] = {{0, 1}, {0, 2}, {1, 3},
                                 {2, 0}, {3, 0}, {4, 4}};
    Graph graph = make(&arena, 5, edges, sizeof edges / sizeof *edges);
    uint32_t *nodes = NULL;
    CHECK_EQ_INT(graph_cycle(&graph, 0, &arena, &nodes), 2);
    CHECK_EQ_INT(nodes[0], 0);
    CHECK_EQ_INT(nodes[1], 2);
    CHECK_EQ_INT(graph_cycle(&graph, 1, &arena, &nodes), 3);
    CHECK_EQ_INT(nodes[0], 1);
    CHECK_EQ_INT(nodes[1], 3);
    CHECK_EQ_INT(nodes[2], 0);
    CHECK_EQ_INT(graph_cycle(&graph, 4, &arena, &nodes), 1);
    arena_release(&arena);
}

TEST_MAIN(RUN(components_of_a_small_graph), RUN(empty_graph),
          RUN(long_chain_and_ring), RUN(random_graphs_are_ordered),
          RUN(shortest_cycle))
