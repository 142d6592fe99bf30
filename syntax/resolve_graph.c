// Binding groups: the strongly connected components of the references inside
// a module, in dependency order; and cycles that no `let rec` declares.
#include <assert.h>

#include "support/graph.h"
#include "syntax/resolve_internal.h"

// Edges to bindings of this module.
static Graph own_graph(Resolver *r, Arena *scratch)
{
    uint32_t count = r->module->binding_count;
    uint32_t *starts = arena_array(scratch, (size_t)count + 1, sizeof *starts);
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += r->module->bindings[i].ref_count;
    }
    uint32_t *targets = arena_array(scratch, total, sizeof *targets);
    uint32_t edge = 0;
    for (uint32_t i = 0; i < count; i++) {
        const Binding *binding = &r->module->bindings[i];
        starts[i] = edge;
        for (uint32_t k = 0; k < binding->ref_count; k++) {
            if (binding->refs[k].module == r->module->id) {
                targets[edge++] = binding->refs[k].index;
            }
        }
    }
    starts[count] = edge;
    return (Graph){count, starts, targets};
}

// The subgraph of one component; `numbers` gives each member its place.
static Graph component_graph(const Graph *graph, const Components *components,
                             uint32_t component, uint32_t *numbers,
                             Arena *scratch)
{
    const uint32_t *members =
        components->members + components->starts[component];
    uint32_t count =
        components->starts[component + 1] - components->starts[component];
    uint32_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        numbers[members[i]] = i;
        total += graph->starts[members[i] + 1] - graph->starts[members[i]];
    }
    uint32_t *starts = arena_array(scratch, (size_t)count + 1, sizeof *starts);
    uint32_t *targets = arena_array(scratch, total, sizeof *targets);
    uint32_t edge = 0;
    for (uint32_t i = 0; i < count; i++) {
        starts[i] = edge;
        for (uint32_t e = graph->starts[members[i]];
             e < graph->starts[members[i] + 1]; e++) {
            uint32_t target = graph->targets[e];
            if (components->component_of[target] == component) {
                targets[edge++] = numbers[target];
            }
        }
    }
    starts[count] = edge;
    return (Graph){count, starts, targets};
}

// ---- reporting a cycle

typedef struct Cycle {
    const uint32_t *members; // bindings of the component
    const uint32_t *nodes;   // along the cycle, as places in `members`
    uint32_t count;
} Cycle;

static uint32_t cycle_binding(const Cycle *cycle, uint32_t at)
{
    return cycle->members[cycle->nodes[at % cycle->count]];
}

static Str cycle_path(Resolver *r, const Cycle *cycle)
{
    StrBuf buf = {0};
    for (uint32_t i = 0; i <= cycle->count; i++) {
        if (graph_cycle_skips(cycle->count, i)) {
            strbuf_appendf(&buf, " -> ... (%u more)",
                           cycle->count - CYCLE_HEAD - CYCLE_TAIL);
            i = cycle->count - CYCLE_TAIL - 1;
            continue;
        }
        const Binding *binding = &r->module->bindings[cycle_binding(cycle, i)];
        Str name = resolver_name(r, binding->name);
        strbuf_appendf(&buf, "%s%.*s", i > 0 ? " -> " : "", STR_ARG(name));
    }
    Str path = arena_str(&r->module->diags.arena, strbuf_str(&buf));
    strbuf_release(&buf);
    return path;
}

static Span reference_span(const Binding *from, uint32_t module, uint32_t index)
{
    for (uint32_t i = 0; i < from->ref_count; i++) {
        if (from->refs[i].module == module && from->refs[i].index == index) {
            return from->refs[i].span;
        }
    }
    return from->name_span;
}

static void report_cycle(Resolver *r, const Cycle *cycle)
{
    Module *module = r->module;
    const Binding *first = &r->module->bindings[cycle_binding(cycle, 0)];
    Str path = cycle_path(r, cycle);
    Str name = resolver_name(r, first->name);
    Diag *diag = diag_add(&module->diags, DIAG_E0204, &module->source,
                          first->name_span, "'%.*s' depends on itself: %.*s",
                          STR_ARG(name), STR_ARG(path));
    bool all_functions = true;
    for (uint32_t i = 0; i < cycle->count; i++) {
        const Binding *from = &r->module->bindings[cycle_binding(cycle, i)];
        uint32_t to = cycle_binding(cycle, i + 1);
        all_functions &= from->is_function;
        if (!graph_cycle_skips(cycle->count, i)) {
            Span span = reference_span(from, module->id, to);
            Str used = resolver_name(r, r->module->bindings[to].name);
            diag_label(&module->diags, diag, &module->source, span,
                       "'%.*s' is needed here", STR_ARG(used));
        }
    }
    if (cycle->count == 1 && all_functions) {
        diag_help(&module->diags, diag,
                  "write 'let rec' for a function that calls itself");
    } else if (cycle->count == 1) {
        diag_help(&module->diags, diag,
                  "a value cannot be made out of itself, also not with "
                  "'let rec': use another name for the new one");
    } else if (all_functions) {
        diag_help(&module->diags, diag,
                  "write 'let rec ... and ...' for functions that call each "
                  "other");
    }
}

// ---- groups

// Whether all members stand in one `let rec`.
static bool is_declared(const Resolver *r, const BindingGroup *group)
{
    const Binding *bindings = r->module->bindings;
    if (!bindings[group->members[0]].rec) {
        return false;
    }
    const Decl *decl = ast_decl_at(&r->module->ast,
                                   bindings[group->members[0]].name_span.start);
    assert(decl != NULL && decl->kind == DECL_LET);
    const LetDecl *let = &decl->as.let;
    for (uint32_t i = 0; i < group->member_count; i++) {
        const Binding *member = &bindings[group->members[i]];
        if (!member->rec || member->bind < let->binds ||
            member->bind >= let->binds + let->count) {
            return false;
        }
    }
    return true;
}

static bool names_itself(const Graph *graph, uint32_t node)
{
    for (uint32_t e = graph->starts[node]; e < graph->starts[node + 1]; e++) {
        if (graph->targets[e] == node) {
            return true;
        }
    }
    return false;
}

static void check_cycles(Resolver *r, const Graph *graph,
                         const Components *components, uint32_t component,
                         uint32_t *numbers)
{
    BindingGroup *group = &r->module->groups[component];
    if ((group->member_count == 1 && !names_itself(graph, group->members[0])) ||
        is_declared(r, group)) {
        return;
    }
    Arena scratch;
    arena_init(&scratch);
    Graph part =
        component_graph(graph, components, component, numbers, &scratch);
    uint32_t *nodes;
    uint32_t count = graph_cycle(&part, 0, &scratch, &nodes);
    if (count > 0) {
        Cycle cycle = {group->members, nodes, count};
        report_cycle(r, &cycle);
    }
    group->failed = true;
    arena_release(&scratch);
}

static void set_group(const Module *module, uint32_t number, uint32_t *members,
                      uint32_t member_count)
{
    bool failed = false;
    for (uint32_t i = 0; i < member_count; i++) {
        Binding *member = &module->bindings[members[i]];
        member->group = number;
        failed = failed || (member->rec && !member->is_function); // E0217
    }
    module->groups[number] =
        (BindingGroup){.members = members,
                       .member_count = member_count,
                       .needed = !module->is_std && !module->is_data,
                       .failed = failed};
}

static void make_groups(Module *module, uint32_t count)
{
    module->groups = arena_array(module->arena, count, sizeof(BindingGroup));
    module->group_count = count;
}

typedef struct InOrder {
    const Module *module;
    uint32_t *members; // of all groups
} InOrder;

static void set_range(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    const InOrder *order = ctx;
    for (uint64_t i = begin; i < end; i++) {
        order->members[i] = (uint32_t)i;
        set_group(order->module, (uint32_t)i, &order->members[i], 1);
    }
}

// What the graph would say too where each binding names only those before it,
// or itself where it may: it is walked from the first binding on.
static void groups_in_order(Resolver *r)
{
    Module *module = r->module;
    uint32_t count = module->binding_count;
    InOrder order = {module,
                     arena_array(module->arena, count, sizeof(uint32_t))};
    make_groups(module, count);
    resolver_each(r, count, set_range, &order);
}

static void groups_by_graph(Resolver *r)
{
    Module *module = r->module;
    Arena scratch;
    arena_init(&scratch);
    Graph graph = own_graph(r, &scratch);
    Components components = graph_components(&graph, &scratch);
    uint32_t *members =
        arena_copy(module->arena, components.members,
                   graph.node_count * sizeof *components.members);
    make_groups(module, components.count);
    uint32_t *numbers =
        arena_array(&scratch, graph.node_count, sizeof *numbers);
    for (uint32_t c = 0; c < components.count; c++) {
        uint32_t start = components.starts[c];
        set_group(module, c, members + start, components.starts[c + 1] - start);
    }
    for (uint32_t c = 0; c < components.count; c++) {
        check_cycles(r, &graph, &components, c, numbers);
    }
    arena_release(&scratch);
}

void resolver_groups(Resolver *r)
{
    if (r->is_graph) {
        groups_by_graph(r);
    } else {
        groups_in_order(r);
    }
}
