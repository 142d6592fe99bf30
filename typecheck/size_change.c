// The closure of the calls' graphs under composition, shortest first. A
// program passes when every graph in it that composes with itself to itself
// has a measure that falls to itself. The closure may be exponential, so its
// size and the work are bounded.
#include "typecheck/size_change.h"

#include "support/hash.h"
#include "support/vec.h"

#define MAX_GRAPHS 3000
#define MAX_WORK   ((uint64_t)40 << 20)
#define TABLE_SIZE 8192 // > 2 * MAX_GRAPHS; a power of two

typedef struct SizeGraph {
    uint32_t from, to;
    uint8_t *arcs;
    uint32_t parent; // the graph that `call` was composed to; UINT32_MAX none
    uint32_t call;
} SizeGraph;

typedef struct Closure {
    const SizeCall *calls;
    const uint32_t *counts;
    Arena *arena;
    VEC(SizeGraph) graphs;
    uint32_t *table; // index + 1 of a graph, by hash of its content
    uint64_t work;
} Closure;

static size_t arcs_size(const Closure *closure, uint32_t from, uint32_t to)
{
    return (size_t)closure->counts[from] * closure->counts[to];
}

// Adds the graph unless it is known; takes over `arcs`.
static void add_graph(Closure *closure, SizeGraph graph)
{
    size_t size = arcs_size(closure, graph.from, graph.to);
    Hash128 hash = hash128(str_make((const char *)graph.arcs, size));
    uint64_t at = hash.low ^ graph.from * HASH_MULTIPLIER ^
                  graph.to * UINT64_C(0xC2B2AE3D27D4EB4F);
    for (;; at++) {
        uint32_t *slot = &closure->table[at & (TABLE_SIZE - 1)];
        if (*slot == 0) {
            vec_push(&closure->graphs, graph);
            *slot = closure->graphs.count;
            return;
        }
        const SizeGraph *known = &closure->graphs.items[*slot - 1];
        if (known->from == graph.from && known->to == graph.to &&
            memcmp(known->arcs, graph.arcs, size) == 0) {
            return;
        }
    }
}

// first: a -> b, then second: b -> c.
static uint8_t *compose(Closure *closure, const uint8_t *first, uint32_t a,
                        uint32_t b, const uint8_t *second, uint32_t c)
{
    uint32_t rows = closure->counts[a];
    uint32_t middle = closure->counts[b];
    uint32_t columns = closure->counts[c];
    uint8_t *arcs = arena_zalloc(closure->arena, (size_t)rows * columns + 1);
    for (uint32_t i = 0; i < rows; i++) {
        for (uint32_t j = 0; j < middle; j++) {
            uint8_t left = first[(size_t)i * middle + j];
            if (left == ARC_NONE) {
                continue;
            }
            closure->work += columns;
            for (uint32_t k = 0; k < columns; k++) {
                uint8_t right = second[(size_t)j * columns + k];
                if (right == ARC_NONE) {
                    continue;
                }
                uint8_t *arc = &arcs[(size_t)i * columns + k];
                uint8_t both = left > right ? left : right;
                *arc = both > *arc ? both : *arc;
            }
        }
    }
    closure->work += (uint64_t)rows * middle + columns;
    return arcs;
}

static bool fails(Closure *closure, const SizeGraph *graph)
{
    if (graph->from != graph->to) {
        return false;
    }
    uint32_t count = closure->counts[graph->from];
    for (uint32_t i = 0; i < count; i++) {
        if (graph->arcs[(size_t)i * count + i] == ARC_LESS) {
            return false;
        }
    }
    uint8_t *twice = compose(closure, graph->arcs, graph->from, graph->from,
                             graph->arcs, graph->from);
    return memcmp(twice, graph->arcs, (size_t)count * count) == 0;
}

static void read_cycle(const Closure *closure, uint32_t index,
                       uint32_t **out_cycle, uint32_t *out_length)
{
    uint32_t length = 0;
    for (uint32_t i = index; i != UINT32_MAX;
         i = closure->graphs.items[i].parent) {
        length++;
    }
    uint32_t *cycle = arena_array(closure->arena, length, sizeof *cycle);
    *out_length = length;
    *out_cycle = cycle;
    for (uint32_t i = index; i != UINT32_MAX;
         i = closure->graphs.items[i].parent) {
        cycle[--length] = closure->graphs.items[i].call;
    }
}

static SizeVerdict close_graphs(Closure *closure, uint32_t call_count,
                                uint32_t **out_cycle, uint32_t *out_length)
{
    for (uint32_t i = 0; i < closure->graphs.count; i++) {
        if (fails(closure, &closure->graphs.items[i])) {
            read_cycle(closure, i, out_cycle, out_length);
            return SIZE_UNKNOWN;
        }
        for (uint32_t c = 0; c < call_count; c++) {
            SizeGraph graph = closure->graphs.items[i];
            const SizeCall *call = &closure->calls[c];
            if (call->caller != graph.to) {
                continue;
            }
            if (closure->graphs.count >= MAX_GRAPHS ||
                closure->work > MAX_WORK) {
                return SIZE_TOO_LARGE;
            }
            SizeGraph longer = {
                .from = graph.from, .to = call->callee, .parent = i, .call = c};
            longer.arcs = compose(closure, graph.arcs, graph.from, graph.to,
                                  call->arcs, call->callee);
            add_graph(closure, longer);
        }
        closure->work += call_count;
    }
    return SIZE_ENDS;
}

SizeVerdict size_change_check(const SizeCall *calls, uint32_t call_count,
                              const uint32_t *measure_counts, Arena *arena,
                              uint32_t **out_cycle, uint32_t *out_length)
{
    if (call_count > MAX_GRAPHS) {
        return SIZE_TOO_LARGE;
    }
    Closure closure = {
        .calls = calls, .counts = measure_counts, .arena = arena};
    closure.table = mem_calloc(TABLE_SIZE, sizeof *closure.table);
    for (uint32_t i = 0; i < call_count; i++) {
        SizeGraph graph = {.from = calls[i].caller,
                           .to = calls[i].callee,
                           .parent = UINT32_MAX,
                           .call = i};
        graph.arcs = arena_copy(arena, calls[i].arcs,
                                arcs_size(&closure, graph.from, graph.to));
        add_graph(&closure, graph);
    }
    SizeVerdict verdict =
        close_graphs(&closure, call_count, out_cycle, out_length);
    vec_release(&closure.graphs);
    free(closure.table);
    return verdict;
}
