#include "cli/run_graph.h"

#include <stdlib.h>

#include "support/compare.h"

static void init(RunGraph *graph, uint32_t count, uint32_t edges)
{
    *graph = (RunGraph){0};
    arena_init(&graph->arena);
    graph->nodes = mem_calloc((size_t)count + 1, sizeof *graph->nodes);
    graph->starts = mem_calloc((size_t)count + 1, sizeof *graph->starts);
    graph->targets = mem_calloc((size_t)edges + 1, sizeof *graph->targets);
}

void run_graph_release(RunGraph *graph)
{
    free(graph->nodes);
    free(graph->starts);
    free(graph->targets);
    arena_release(&graph->arena);
}

// Ends the edges of the last node.
static void end_edges(RunGraph *graph, uint32_t end)
{
    uint32_t start = graph->starts[graph->count - 1];
    if (end > start) {
        qsort(graph->targets + start, end - start, sizeof *graph->targets,
              compare_numbers);
    }
    graph->starts[graph->count] = end;
}

// The longest path through the nodes by span, as flags.
static void mark_critical(RunGraph *graph)
{
    int64_t *finish = mem_calloc((size_t)graph->count + 1, sizeof *finish);
    uint32_t *before = mem_calloc((size_t)graph->count + 1, sizeof *before);
    uint32_t last = UINT32_MAX;
    for (uint32_t n = 0; n < graph->count; n++) {
        before[n] = UINT32_MAX;
        for (uint32_t i = graph->starts[n]; i < graph->starts[n + 1]; i++) {
            uint32_t target = graph->targets[i];
            if (finish[target] > finish[n]) {
                finish[n] = finish[target];
                before[n] = target;
            }
        }
        finish[n] += graph->nodes[n].span_ns;
        if (finish[n] > 0 && (last == UINT32_MAX || finish[n] > finish[last])) {
            last = n;
        }
    }
    while (last != UINT32_MAX) {
        graph->nodes[last].is_critical = true;
        last = before[last];
    }
    free(finish);
    free(before);
}

// ---- modules

// Whether a file other than one of the library imports the module.
static bool *find_imported(const Program *program, uint32_t *out_edges)
{
    bool *imported = mem_calloc((size_t)program->module_count + 1, 1);
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        for (uint32_t i = 0; i < module->import_count && !module->is_std; i++) {
            imported[module->imports[i]] = true;
            *out_edges += 1;
        }
    }
    return imported;
}

void run_graph_modules(RunGraph *graph, const Session *session, bool timed)
{
    const Program *program = session->program;
    uint32_t edges = 0;
    bool *imported = find_imported(program, &edges);
    uint32_t *number =
        mem_calloc((size_t)program->module_count + 1, sizeof *number);
    init(graph, program->module_count, edges);
    graph->timed = timed;
    edges = 0;
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        if (module->is_std && !imported[m]) {
            continue;
        }
        number[m] = graph->count;
        int64_t ns = timed ? module_pass_time(module, TIMED_PARSE).ns +
                                 module_pass_time(module, TIMED_CHECK).ns
                           : 0;
        graph->nodes[graph->count++] = (GraphNode){
            .name = module->source.path,
            .file = module->source.path,
            .is_root = module->is_entry,
            .work_ns = ns,
            .span_ns = ns,
        };
        for (uint32_t i = 0; i < module->import_count && !module->is_std; i++) {
            graph->targets[edges++] = number[module->imports[i]];
        }
        end_edges(graph, edges);
    }
    free(imported);
    free(number);
    mark_critical(graph);
}

// ---- bindings

static const char *state_of(const Session *session, Slot *slot)
{
    const Module *module = session->program->modules[slot->module];
    if (binding_is_literal(module, &module->bindings[slot->index])) {
        return "evaluated"; // by whoever needed it
    }
    switch (slot_state(slot)) {
    case SLOT_IDLE:
    case SLOT_RUNNING:
        return "planned";
    case SLOT_DONE:
        return slot->times->start_ns == 0 && slot->times->work_ns == 0
                   ? "cached"
                   : "evaluated";
    case SLOT_FAILED:
        return "failed";
    }
    return "planned";
}

static Str name_of(RunGraph *graph, const Program *program,
                   const Module *module, const Binding *binding)
{
    if (binding->name != 0) {
        return symbol_text(program->interner, binding->name);
    }
    StrBuf text = {0};
    strbuf_appendf(&text, "result of %.*s", STR_ARG(module->name));
    Str name = arena_str(&graph->arena, strbuf_str(&text));
    strbuf_release(&text);
    return name;
}

static void add_binding(RunGraph *graph, const Session *session,
                        SourceIndex *index, Slot *slot)
{
    const Program *program = session->program;
    const Module *module = program->modules[slot->module];
    const Binding *binding = &module->bindings[slot->index];
    uint32_t place = binding->name != 0        ? binding->name_span.start
                     : !binding->value_is_data ? binding->value->span.start
                                               : 0;
    graph->nodes[graph->count++] = (GraphNode){
        .name = name_of(graph, program, module, binding),
        .file = module->source.path,
        .line = source_index_position(index, &module->source, place).line,
        .is_root = module->is_entry &&
                   (module->ast.result != NULL ? binding->kind == BINDING_RESULT
                                               : binding->exported),
        .state = graph->timed ? state_of(session, slot) : "planned",
        .work_ns = graph->timed ? slot->times->work_ns : 0,
        .span_ns = graph->timed ? slot->times->span_ns : 0,
    };
}

void run_graph_bindings(RunGraph *graph, const Session *session, bool timed)
{
    Evaluation *evaluation = session->evaluation;
    Slot **slots;
    uint32_t count = evaluation_needed(evaluation, &slots);
    uint32_t edges = 0;
    for (uint32_t n = 0; n < count; n++) {
        edges +=
            program_binding(session->program, slots[n]->module, slots[n]->index)
                ->ref_count;
    }
    init(graph, count, edges);
    graph->timed = timed;
    SourceIndex index = {0};
    edges = 0;
    for (uint32_t n = 0; n < count; n++) {
        const Binding *binding = program_binding(
            session->program, slots[n]->module, slots[n]->index);
        add_binding(graph, session, &index, slots[n]);
        for (uint32_t i = 0; i < binding->ref_count; i++) {
            const BindingRef *ref = &binding->refs[i];
            const Slot *target =
                evaluation_slot(evaluation, ref->module, ref->index);
            if (ref->unconditional && target->needed) {
                graph->targets[edges++] = target->task_number;
            }
        }
        end_edges(graph, edges);
    }
    source_index_release(&index);
    free(slots);
    mark_critical(graph);
}

// ---- parts

typedef struct Rank {
    int64_t work_ns;
    uint32_t node;
} Rank;

static int compare_ranks(const void *left, const void *right)
{
    const Rank *a = left;
    const Rank *b = right;
    if (a->work_ns != b->work_ns) {
        return a->work_ns > b->work_ns ? -1 : 1;
    }
    return (a->node > b->node) - (a->node < b->node);
}

uint32_t *run_graph_by_work(const RunGraph *graph)
{
    Rank *ranks = mem_calloc((size_t)graph->count + 1, sizeof *ranks);
    uint32_t *order = mem_calloc((size_t)graph->count + 1, sizeof *order);
    for (uint32_t n = 0; n < graph->count; n++) {
        ranks[n] = (Rank){.work_ns = graph->nodes[n].work_ns, .node = n};
    }
    if (graph->count > 1) {
        qsort(ranks, graph->count, sizeof *ranks, compare_ranks);
    }
    for (uint32_t i = 0; i < graph->count; i++) {
        order[i] = ranks[i].node;
    }
    free(ranks);
    return order;
}

void run_graph_prune(RunGraph *graph, uint32_t max)
{
    if (graph->count <= max) {
        return;
    }
    uint32_t *order = run_graph_by_work(graph);
    // The new number of each node that stays, and one.
    uint32_t *number = mem_calloc((size_t)graph->count + 1, sizeof *number);
    for (uint32_t i = 0; i < max; i++) {
        number[order[i]] = 1;
    }
    uint32_t kept = 0;
    uint32_t edges = 0;
    uint32_t start = 0; // of the edges of n, before they move
    for (uint32_t n = 0; n < graph->count; n++) {
        uint32_t end = graph->starts[n + 1];
        if (number[n] != 0) {
            graph->nodes[kept] = graph->nodes[n];
            graph->starts[kept] = edges;
            for (uint32_t i = start; i < end; i++) {
                uint32_t target = number[graph->targets[i]];
                if (target != 0) {
                    graph->targets[edges++] = target - 1;
                }
            }
            number[n] = ++kept;
        }
        start = end;
    }
    graph->starts[kept] = edges;
    graph->count = kept;
    free(order);
    free(number);
}
