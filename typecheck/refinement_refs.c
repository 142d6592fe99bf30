// References that no name in the source makes: a binding that fills in a
// default or checks a refinement evaluates what that names. They join the
// references of the binding, so that cycles through them are found before
// anything runs.
#include <stdlib.h>

#include "support/graph.h"
#include "support/ptr_map.h"
#include "typecheck/refinements.h"

// So many references are looked through; more have a table.
enum { FEW_REFS = 8 };

// The word for a binding of any module.
static uintptr_t word_of(uint32_t module, uint32_t index)
{
    return (uintptr_t)module << 32 | index;
}

// The same reference of the same binding; NULL: it is new, and will be the last
// of all. Those of one binding stand together, and the first few are not in the
// table.
static HiddenRef *find_same(Infer *c, const HiddenRef *added)
{
    uint32_t count = c->hidden_refs.count;
    if (count > 0 && c->hidden_refs.items[count - 1].from != added->from) {
        c->hidden_start = count;
    }
    uint32_t known = count - c->hidden_start;
    HiddenRef *refs = c->hidden_refs.items + c->hidden_start;
    for (uint32_t i = 0; i < known && i < FEW_REFS; i++) {
        if (refs[i].module == added->module && refs[i].index == added->index) {
            return &refs[i];
        }
    }
    if (known < FEW_REFS) {
        return NULL;
    }
    void **seen = ptr_map_at(&c->hidden_seen, (uintptr_t)c->hidden_start + 1,
                             word_of(added->module, added->index));
    if (*seen != NULL) { // its number, from 1 on
        return &refs[(uintptr_t)*seen - 1];
    }
    *seen = (void *)((uintptr_t)known + 1);
    return NULL;
}

// Fields of records are checked in an order that is not that of the source, so
// neither is the order in which references are added.
static void add_ref(Infer *c, HiddenRef added)
{
    HiddenRef *same = find_same(c, &added);
    if (same == NULL) {
        vec_push(&c->hidden_refs, added);
    } else if (added.span.start < same->span.start) {
        same->span = added.span;
    }
}

static int compare_refs(const void *left, const void *right)
{
    const HiddenRef *a = left, *b = right;
    uint32_t of_a[] = {a->span.start, a->module, a->index};
    uint32_t of_b[] = {b->span.start, b->module, b->index};
    for (int i = 0; i < 3; i++) {
        if (of_a[i] != of_b[i]) {
            return of_a[i] < of_b[i] ? -1 : 1;
        }
    }
    return 0;
}

void refinements_add_ref(Infer *c, uint32_t module, uint32_t index, Span span)
{
    if (infer_afford(c, 1)) {
        uint32_t from = (uint32_t)(c->binding - c->module->bindings);
        add_ref(c, (HiddenRef){from, module, index, span});
    }
}

void refinements_join_refs(Infer *c, const Infer *part)
{
    for (uint32_t i = 0; i < part->hidden_refs.count; i++) {
        add_ref(c, part->hidden_refs.items[i]);
    }
}

// The references of a binding that names made, in a table where they are many.
static PtrMap named_refs(const Binding *binding)
{
    PtrMap named = {0};
    for (uint32_t i = FEW_REFS; i < binding->ref_count; i++) {
        const BindingRef *ref = &binding->refs[i];
        *ptr_map_at(&named, (uintptr_t)ref->module + 1, ref->index) =
            (void *)ref;
    }
    return named;
}

static bool has_ref(const Binding *binding, const PtrMap *named,
                    const HiddenRef *ref)
{
    for (uint32_t i = 0; i < binding->ref_count && i < FEW_REFS; i++) {
        if (binding->refs[i].module == ref->module &&
            binding->refs[i].index == ref->index) {
            return true;
        }
    }
    return ptr_map_find(named, (uintptr_t)ref->module + 1, ref->index) != NULL;
}

// Adds hidden references, all of one binding, to those that it has.
static void merge_run(Infer *c, Binding *binding, const HiddenRef *added,
                      uint32_t added_count)
{
    uint32_t count = binding->ref_count;
    BindingRef *refs = arena_array(c->module->arena,
                                   (uint64_t)count + added_count, sizeof *refs);
    if (count > 0) {
        memcpy(refs, binding->refs, count * sizeof *refs);
    }
    PtrMap named = named_refs(binding);
    for (uint32_t i = 0; i < added_count; i++) {
        if (!has_ref(binding, &named, &added[i])) {
            refs[count++] = (BindingRef){.module = added[i].module,
                                         .index = added[i].index,
                                         .span = added[i].span};
        }
    }
    ptr_map_release(&named);
    binding->refs = refs;
    binding->ref_count = count;
}

static void merge_refs(Infer *c)
{
    HiddenRef *refs = c->hidden_refs.items;
    uint32_t at = 0;
    while (at < c->hidden_refs.count) {
        uint32_t end = at;
        while (end < c->hidden_refs.count && refs[end].from == refs[at].from) {
            end++;
        }
        qsort(refs + at, end - at, sizeof *refs, compare_refs);
        merge_run(c, &c->module->bindings[refs[at].from], refs + at, end - at);
        at = end;
    }
}

// ---- cycles

static Graph module_graph(const Module *module, Arena *arena,
                          uint32_t **out_targets)
{
    uint32_t count = module->binding_count;
    uint32_t *starts = arena_array(arena, (uint64_t)count + 1, sizeof *starts);
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += module->bindings[i].ref_count;
    }
    uint32_t *targets = arena_array(arena, total, sizeof *targets);
    uint32_t edge = 0;
    for (uint32_t i = 0; i < count; i++) {
        const Binding *binding = &module->bindings[i];
        starts[i] = edge;
        for (uint32_t k = 0; k < binding->ref_count; k++) {
            if (binding->refs[k].module == module->id) {
                targets[edge++] = binding->refs[k].index;
            }
        }
    }
    starts[count] = edge;
    *out_targets = targets;
    return (Graph){count, starts, targets};
}

static const BindingRef *find_ref(const Module *module, uint32_t from,
                                  uint32_t to)
{
    const Binding *binding = &module->bindings[from];
    for (uint32_t i = 0; i < binding->ref_count; i++) {
        if (binding->refs[i].module == module->id &&
            binding->refs[i].index == to) {
            return &binding->refs[i];
        }
    }
    return NULL;
}

static void report_cycle(Infer *c, const uint32_t *nodes, uint32_t count)
{
    enum { SHOWN = 12 };
    Module *module = c->module;
    const Binding *first = &module->bindings[nodes[0]];
    StrBuf path = {0};
    for (uint32_t i = 0; i <= count; i++) {
        Symbol name = module->bindings[nodes[i % count]].name;
        if (i < SHOWN || i == count) {
            strbuf_appendf(&path, "%s%.*s", i > 0 ? " -> " : "",
                           STR_ARG(infer_name_text(c, name)));
        } else if (i == SHOWN) {
            strbuf_append(&path, STR(" -> ..."));
        }
    }
    Diag *diag = diag_add(c->sink, DIAG_E0204, &module->source,
                          first->name_span, "'%.*s' depends on itself: %.*s",
                          STR_ARG(infer_name_text(c, first->name)),
                          STR_ARG(strbuf_str(&path)));
    strbuf_release(&path);
    for (uint32_t i = 0; i < count && i < SHOWN; i++) {
        uint32_t to = nodes[(i + 1) % count];
        const BindingRef *ref = find_ref(module, nodes[i], to);
        if (ref != NULL) {
            Symbol name = module->bindings[to].name;
            diag_label(c->sink, diag, &module->source, ref->span,
                       "'%.*s' is needed here%s",
                       STR_ARG(infer_name_text(c, name)),
                       module->bindings[to].kind == BINDING_HIDDEN
                           ? ", for its default or refinement"
                           : "");
        }
    }
}

// The shortest cycle that begins with the reference: others may be calls that a
// `let rec` allows. All else that its binding leads to is looked away from.
static uint32_t cycle_through(const Graph *graph, uint32_t *targets,
                              const HiddenRef *ref, Arena *arena,
                              uint32_t **out_nodes)
{
    uint32_t start = graph->starts[ref->from];
    uint32_t degree = graph->starts[ref->from + 1] - start;
    const uint32_t *kept =
        arena_copy(arena, targets + start, degree * sizeof *targets);
    for (uint32_t i = 0; i < degree; i++) {
        targets[start + i] = ref->index;
    }
    uint32_t count = graph_cycle(graph, ref->from, arena, out_nodes);
    memcpy(targets + start, kept, degree * sizeof *targets);
    return count;
}

// Turns the cycle so that the binding that stands first in the source does.
static void turn_cycle(uint32_t *nodes, uint32_t count, Arena *arena)
{
    uint32_t first = 0;
    for (uint32_t i = 1; i < count; i++) {
        first = nodes[i] < nodes[first] ? i : first;
    }
    const uint32_t *old = arena_copy(arena, nodes, count * sizeof *nodes);
    for (uint32_t i = 0; i < count; i++) {
        nodes[i] = old[(first + i) % count];
    }
}

// A cycle through the reference is new: the resolver did not see it.
static void check_ref(Infer *c, const Graph *graph, uint32_t *targets,
                      const Components *components, const HiddenRef *ref,
                      Arena *arena)
{
    if (ref->module != c->module->id ||
        components->component_of[ref->from] !=
            components->component_of[ref->index]) {
        return;
    }
    uint32_t component = components->component_of[ref->from];
    uint32_t start = components->starts[component];
    uint32_t end = components->starts[component + 1];
    bool reported = false;
    for (uint32_t i = start; i < end; i++) {
        const Binding *member = &c->module->bindings[components->members[i]];
        reported |= c->module->groups[member->group].failed;
    }
    if (!reported) {
        uint32_t *nodes;
        uint32_t count = cycle_through(graph, targets, ref, arena, &nodes);
        turn_cycle(nodes, count, arena);
        report_cycle(c, nodes, count);
    }
    for (uint32_t i = start; i < end; i++) {
        const Binding *member = &c->module->bindings[components->members[i]];
        c->module->groups[member->group].failed = true;
    }
}

void refinements_end_module(Infer *c)
{
    refinements_declare(c);
    if (c->hidden_refs.count == 0) {
        return;
    }
    merge_refs(c);
    Arena arena;
    arena_init(&arena);
    uint32_t *targets;
    Graph graph = module_graph(c->module, &arena, &targets);
    Components components = graph_components(&graph, &arena);
    for (uint32_t i = 0; i < c->hidden_refs.count; i++) {
        check_ref(c, &graph, targets, &components, &c->hidden_refs.items[i],
                  &arena);
    }
    arena_release(&arena);
}

// ---- groups with errors

static bool holds_error(const Infer *c, const CheckSite *site,
                        uint32_t first_diag)
{
    const DiagSink *sink = c->sink;
    for (uint32_t i = first_diag; i < sink->diags.count; i++) {
        const Diag *diag = diag_at(sink, i);
        if (diag_code_severity(diag->code) == SEVERITY_ERROR &&
            diag->span.start >= site->expr->span.start &&
            diag->span.end <= site->expr->span.end) {
            return true;
        }
    }
    return false;
}

// Where something is wrong, types and evidence of names may be missing:
// literals without names are judged all the same.
void refinements_end_group(Infer *c, uint32_t first_site, uint32_t first_diag)
{
    if (!c->failed) {
        return;
    }
    uint32_t kept = first_site;
    for (uint32_t i = first_site; i < c->sites.count; i++) {
        const CheckSite *site = &c->sites.items[i];
        if ((site->expr->flags & EXPR_CLOSED) != 0 &&
            !holds_error(c, site, first_diag)) {
            c->sites.items[kept++] = *site;
        }
    }
    c->sites.count = kept;
}
