// Recursion that no `rec` shows: where a union stands to the left of '->' in
// itself, a function in it can be given the value that it is in, and so call
// itself (Curry's fixed point, typed through the union). Without such unions
// nothing loops by them (Mendler, "Recursive types and type constraints in
// second-order lambda calculus", 1987).
//
// Sides are counted as in variance: a parameter of a function is the other
// side of what the function is on. What the arguments of a union are comes
// first, by a worklist over those unions that name each other; then it is asked
// of each union whether it leads to itself on the left.
#include "support/graph.h"
#include "support/ptr_map.h"
#include "typecheck/module_types.h"
#include "typecheck/totality_internal.h"

enum { RIGHT = 1, LEFT = 2 };

typedef struct UnionNode {
    uint32_t module, index;
    const UnionInfo *info;
    uint8_t *sides;      // by parameter: where it is used
    VEC(uint32_t) users; // of it: what is found here changes them
    bool queued;
} UnionNode;

typedef struct Edge {
    uint32_t node;
    uint8_t side;
} Edge;

typedef struct TypeGraph {
    const Program *program;
    const Module *module;
    VEC(UnionNode) nodes;
    PtrMap numbers; // (module + 1, index) -> number + 1
    PtrMap seen;    // (type, side) in the walk at work
    VEC(uint32_t) queue;
    VEC(Edge) edges;               // found by the walk, where `lists`
    VEC(uint32_t) starts, targets; // Graph
    uint32_t current;
    bool lists;
    bool has_function;
    bool changed;
} TypeGraph;

static uint8_t other(uint8_t side)
{
    return side == RIGHT ? LEFT : RIGHT;
}

static bool first_time(TypeGraph *g, const Type *type, uint8_t side)
{
    void **seen = ptr_map_at(&g->seen, (uintptr_t)type, side);
    bool is_first = *seen == NULL;
    *seen = g;
    return is_first;
}

// The number of a union, which becomes a node the first time.
static uint32_t node_of(TypeGraph *g, const Type *type)
{
    uintptr_t module = (uintptr_t)type->as.con.module + 1;
    void **number = ptr_map_at(&g->numbers, module, type->as.con.index);
    if (*number == NULL) {
        const UnionInfo *info = type_union_info(g->program, type->as.con.module,
                                                type->as.con.index);
        UnionNode node = {.module = type->as.con.module,
                          .index = type->as.con.index,
                          .info = info};
        if (info != NULL) {
            node.sides = mem_calloc((size_t)info->param_count + 1, 1);
        }
        vec_push(&g->nodes, node);
        *number = (void *)(uintptr_t)g->nodes.count;
    }
    return (uint32_t)(uintptr_t)*number - 1;
}

static bool is_union(const Type *type)
{
    return type->kind == TYPE_CON && type->as.con.module != TYPE_MODULE_PRIM;
}

// ---- walks

static void walk(TypeGraph *g, Type *type, uint8_t side);

static void walk_union(TypeGraph *g, const Type *type, uint8_t side)
{
    uint32_t number = node_of(g, type);
    const UnionNode *node = &g->nodes.items[number];
    if (g->lists) {
        vec_push(&g->edges, (Edge){number, side});
    }
    if (node->info == NULL || node->info->param_count != type->as.con.count) {
        return;
    }
    const uint8_t *sides = node->sides;
    for (uint32_t i = 0; i < type->as.con.count; i++) {
        if ((sides[i] & RIGHT) != 0) {
            walk(g, type->as.con.args[i], side);
        }
        if ((sides[i] & LEFT) != 0) {
            walk(g, type->as.con.args[i], other(side));
        }
    }
}

static void walk_all(TypeGraph *g, Type *const *types, uint32_t count,
                     uint8_t side)
{
    for (uint32_t i = 0; i < count; i++) {
        walk(g, types[i], side);
    }
}

static void walk_generic(TypeGraph *g, uint32_t index, uint8_t side)
{
    UnionNode *node = &g->nodes.items[g->current];
    if (!g->lists && index < node->info->param_count) {
        g->changed |= (node->sides[index] & side) == 0;
        node->sides[index] |= side;
    }
}

static void walk(TypeGraph *g, Type *type, uint8_t side)
{
    type = type_resolve(type);
    // A function may be longer than types are high.
    while (type->kind == TYPE_FUNCTION && first_time(g, type, side)) {
        walk(g, type->as.function.param, other(side));
        type = type_resolve(type->as.function.result);
    }
    if (type->kind == TYPE_GENERIC) {
        walk_generic(g, type->as.generic.index, side);
    } else if (!first_time(g, type, side)) {
        return;
    } else if (is_union(type)) {
        walk_union(g, type, side);
    } else if (type->kind == TYPE_CON) {
        walk_all(g, type->as.con.args, type->as.con.count, side);
    } else if (type->kind == TYPE_TUPLE) {
        walk_all(g, type->as.tuple.items, type->as.tuple.count, side);
    } else if (type->kind == TYPE_RECORD) {
        for (uint32_t i = 0; i < type->as.record.count; i++) {
            walk(g, type->as.record.fields[i].type, side);
        }
    }
}

// What is in a union, whatever side it is on: all unions become nodes.
static void collect(TypeGraph *g, Type *type)
{
    type = type_resolve(type);
    // Elsewhere, what has no parameters in it does not lead back here.
    bool is_ours = g->nodes.items[g->current].module == g->module->id;
    if (!is_ours && (type->flags & TYPE_HAS_GENERICS) == 0) {
        return;
    }
    while (type->kind == TYPE_FUNCTION && first_time(g, type, RIGHT)) {
        g->has_function = true;
        collect(g, type->as.function.param);
        type = type_resolve(type->as.function.result);
    }
    if (!first_time(g, type, RIGHT)) {
        return;
    }
    if (is_union(type) &&
        (type->as.con.module == g->module->id || type->as.con.count > 0)) {
        uint32_t number = node_of(g, type);
        vec_push(&g->nodes.items[number].users, g->current);
    }
    if (type->kind == TYPE_CON) {
        for (uint32_t i = 0; i < type->as.con.count; i++) {
            collect(g, type->as.con.args[i]);
        }
    } else if (type->kind == TYPE_TUPLE) {
        for (uint32_t i = 0; i < type->as.tuple.count; i++) {
            collect(g, type->as.tuple.items[i]);
        }
    } else if (type->kind == TYPE_RECORD) {
        for (uint32_t i = 0; i < type->as.record.count; i++) {
            collect(g, type->as.record.fields[i].type);
        }
    }
}

static void collect_all(TypeGraph *g)
{
    for (uint32_t i = 0; i < g->module->type_count; i++) {
        Type con = {.kind = TYPE_CON};
        con.as.con.module = g->module->id;
        con.as.con.index = i;
        (void)node_of(g, &con);
    }
    for (uint32_t n = 0; n < g->nodes.count; n++) { // more come meanwhile
        const UnionInfo *info = g->nodes.items[n].info;
        g->current = n;
        ptr_map_clear(&g->seen);
        for (uint32_t i = 0; info != NULL && i < info->ctor_count; i++) {
            for (uint32_t a = 0; a < info->ctors[i].arg_count; a++) {
                collect(g, info->ctors[i].args[a]);
            }
        }
    }
}

// ---- sides of parameters

static void enqueue(TypeGraph *g, uint32_t number)
{
    UnionNode *node = &g->nodes.items[number];
    if (!node->queued && node->info != NULL) {
        node->queued = true;
        vec_push(&g->queue, number);
    }
}

static void find_sides(TypeGraph *g)
{
    for (uint32_t n = 0; n < g->nodes.count; n++) {
        enqueue(g, n);
    }
    for (uint32_t at = 0; at < g->queue.count; at++) {
        g->current = g->queue.items[at];
        g->nodes.items[g->current].queued = false;
        g->changed = false;
        ptr_map_clear(&g->seen);
        const UnionInfo *info = g->nodes.items[g->current].info;
        for (uint32_t i = 0; i < info->ctor_count; i++) {
            walk_all(g, info->ctors[i].args, info->ctors[i].arg_count, RIGHT);
        }
        const UnionNode *node = &g->nodes.items[g->current];
        for (uint32_t i = 0; g->changed && i < node->users.count; i++) {
            enqueue(g, node->users.items[i]);
        }
    }
}

// ---- the graph

static void list_edges(TypeGraph *g, uint32_t number, Type *const *args,
                       uint32_t count)
{
    g->current = number;
    vec_clear(&g->edges);
    ptr_map_clear(&g->seen);
    walk_all(g, args, count, RIGHT);
}

// A node for each side of a union.
static uint32_t node_at(uint32_t number, uint8_t side)
{
    return 2 * number + (side == LEFT);
}

static void add_edges(TypeGraph *g, uint32_t number, uint8_t side)
{
    const UnionInfo *info = g->nodes.items[number].info;
    vec_push(&g->starts, g->targets.count);
    // What is in those of other modules does not lead back.
    bool is_ours = g->nodes.items[number].module == g->module->id;
    for (uint32_t i = 0; is_ours && info != NULL && i < info->ctor_count; i++) {
        list_edges(g, number, info->ctors[i].args, info->ctors[i].arg_count);
        for (uint32_t e = 0; e < g->edges.count; e++) {
            Edge edge = g->edges.items[e];
            uint8_t turned = side == LEFT ? other(edge.side) : edge.side;
            vec_push(&g->targets, node_at(edge.node, turned));
        }
    }
}

static Components find_components(TypeGraph *g, Arena *arena)
{
    g->lists = true;
    for (uint32_t n = 0; n < g->nodes.count; n++) {
        add_edges(g, n, RIGHT);
        add_edges(g, n, LEFT);
    }
    vec_push(&g->starts, g->targets.count);
    Graph graph = {.node_count = 2 * g->nodes.count,
                   .starts = g->starts.items,
                   .targets = g->targets.items};
    return graph_components(&graph, arena);
}

static void report(const TypeGraph *g, DiagSink *diags, const TypeDecl *decl,
                   Span place)
{
    bool strict = g->program->options.totality == TOTALITY_STRICT;
    Str name = symbol_text(g->program->interner, decl->name);
    Diag *diag = diag_add(diags, strict ? DIAG_E0609 : DIAG_W0601,
                          &g->module->source, decl->name_span,
                          "recursion through type '%.*s' is not shown to end",
                          STR_ARG(name));
    diag_label(diags, diag, &g->module->source, place,
               "a function here is given a '%.*s'", STR_ARG(name));
    diag_note(diags, diag,
              "it may be the value that the function is in, so that it calls "
              "itself without 'rec'");
    diag_help(diags, diag,
              "give the function what it needs of the value instead");
}

// The argument of a constructor that leads back into the component, on the left
// if there is one.
static const TypeExpr *find_place(TypeGraph *g, const Components *components,
                                  uint32_t index, const TypeDecl *decl)
{
    const UnionInfo *info = g->nodes.items[index].info;
    uint32_t component = components->component_of[node_at(index, RIGHT)];
    const TypeExpr *place = NULL;
    for (uint32_t i = 0; i < info->ctor_count; i++) {
        for (uint32_t a = 0; a < info->ctors[i].arg_count; a++) {
            list_edges(g, index, &info->ctors[i].args[a], 1);
            for (uint32_t e = 0; e < g->edges.count; e++) {
                Edge edge = g->edges.items[e];
                uint32_t node = node_at(edge.node, edge.side);
                bool leads = components->component_of[node] == component;
                if (leads && edge.side == LEFT) {
                    return &decl->ctors[i].args[a];
                }
                place =
                    leads && place == NULL ? &decl->ctors[i].args[a] : place;
            }
        }
    }
    return place;
}

// A union that leads to itself on the left is in one component with its other
// side. One of them is enough.
static void report_unions(TypeGraph *g, const Components *components,
                          DiagSink *diags)
{
    bool *said = mem_calloc((size_t)components->count + 1, sizeof *said);
    for (uint32_t i = 0; i < g->module->type_count; i++) {
        uint32_t component = components->component_of[node_at(i, RIGHT)];
        const TypeDecl *decl = g->module->types[i].decl;
        if (component != components->component_of[node_at(i, LEFT)] ||
            said[component]) {
            continue;
        }
        said[component] = true;
        const TypeExpr *place = find_place(g, components, i, decl);
        report(g, diags, decl, place != NULL ? place->span : decl->name_span);
    }
    free(said);
}

void totality_check_types(const Program *program, const Module *module,
                          DiagSink *diags)
{
    if (module->type_count == 0 || module->is_std) {
        return;
    }
    TypeGraph g = {.program = program, .module = module};
    collect_all(&g);
    if (g.has_function) {
        Arena arena;
        arena_init(&arena);
        find_sides(&g);
        Components components = find_components(&g, &arena);
        report_unions(&g, &components, diags);
        arena_release(&arena);
    }
    for (uint32_t n = 0; n < g.nodes.count; n++) {
        free(g.nodes.items[n].sides);
        vec_release(&g.nodes.items[n].users);
    }
    vec_release(&g.nodes);
    vec_release(&g.queue);
    vec_release(&g.edges);
    vec_release(&g.starts);
    vec_release(&g.targets);
    ptr_map_release(&g.numbers);
    ptr_map_release(&g.seen);
}
