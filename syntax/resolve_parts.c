// Parts of a module that are resolved beside each other: runs of bindings, and
// stretches of long literals inside of one. A part is a Resolver of its own,
// with diagnostics, references, locals and hidden bindings of its own; its
// parent takes them over in the order of the source, so that all numbers are
// what they would be without parts. What the parts are depends on the source
// only.
#include <stdlib.h>

#include "concurrent/aligned.h"
#include "syntax/resolve_internal.h"
#include "syntax/stretches.h"

enum {
    BINDINGS_PER_POLL = 4096,
    // Of a binding beside its bytes: what costs, however short it is.
    BYTES_PER_BINDING = 32,
    STRETCHES_PER_PART = 8
};

typedef struct Part {
    Resolver resolver;
    ResolverWork work;
    DiagSink sink;
} Part;

typedef struct PartRange {
    uint32_t begin, end; // bindings or items
    Part *part;          // NULL: cancelled before
} PartRange;

typedef struct Parts {
    Resolver *parent;
    Expr *literal; // NULL: bindings
    VEC(PartRange) items;
} Parts;

// ---- a part

static void begin_part(Part *part, const Resolver *parent, Worker *worker)
{
    diag_sink_init(&part->sink);
    Resolver *r = &part->resolver;
    r->program = parent->program;
    r->module = parent->module;
    r->worker = worker;
    r->arena = worker_arenas_of(&parent->program->trees, worker);
    r->work = &part->work;
    r->work->stamp = 1;
    r->sink = &part->sink;
    r->is_part = true;
    r->quiet = parent->quiet;
    r->closed = parent->closed;
    r->bindings.items = parent->bindings.items; // its own ones are written
    r->bindings.count = parent->bindings.count;
    r->used = parent->used;
}

// Hidden bindings get their numbers in the order in which they were met.
static void take_hidden(Resolver *parent, const Resolver *r)
{
    for (uint32_t i = 0; i < r->jobs.count; i++) {
        HiddenJob job = r->jobs.items[i];
        job.binding =
            resolver_push_hidden(parent, &r->hidden.items[job.binding]);
        if (job.kind == HIDDEN_PREDICATE) {
            job.predicate->hidden = job.binding;
        } else {
            job.record->fields[job.field].hidden = job.binding;
        }
        vec_push(&parent->jobs, job);
    }
}

static void end_part(Part *part, Resolver *parent)
{
    Resolver *r = &part->resolver;
    if (part->sink.diags.count > 0) {
        diag_sink_merge(parent->sink, &part->sink);
    }
    take_hidden(parent, r);
    for (uint32_t i = 0; i < r->suggested.count; i++) {
        resolver_suggest(parent, &r->suggested.items[i]);
    }
    for (uint32_t i = 0; i < r->module_uses.count; i++) {
        vec_push(&parent->module_uses, r->module_uses.items[i]);
    }
    parent->names_lazy |= r->names_lazy;
    parent->is_graph |= r->is_graph;
    diag_sink_release(&part->sink);
    resolver_release_work(&part->work);
    resolver_release(r);
}

// ---- a stretch of a literal

static void begin_stretch(Part *part, const Resolver *parent)
{
    Resolver *r = &part->resolver;
    r->is_stretch = true;
    resolver_clear_refs(r);
    r->current = parent->current;
    r->unconditional = parent->unconditional;
    r->work->first_local =
        parent->work->first_local + parent->work->locals.count;
    r->lets = parent->lets;
    r->hidden_name = parent->hidden_name;
    r->in_predicate = parent->in_predicate;
    r->record = parent->record;
    const LocalEnv *env = &parent->work->env;
    for (uint32_t i = 0; i < env->entries.count; i++) {
        const LocalEntry *entry = &env->entries.items[i];
        LocalEntry *copy =
            resolver_push_local(r, entry->symbol, entry->span, entry->local);
        copy->alternative = entry->alternative;
    }
}

static void take_locals(Resolver *parent, const Resolver *r)
{
    ResolverWork *into = parent->work;
    uint32_t first = into->first_local + into->locals.count;
    for (uint32_t i = 0; i < r->local_places.count; i++) {
        *r->local_places.items[i] += first - r->work->first_local;
    }
    vec_reserve(&into->locals, r->work->locals.count);
    for (uint32_t i = 0; i < r->work->locals.count; i++) {
        vec_push(&into->locals, r->work->locals.items[i]);
    }
}

static void end_stretch(const Part *part, Resolver *parent)
{
    const ResolverWork *work = &part->work;
    LocalEnv *env = &parent->work->env;
    for (uint32_t i = 0; i < env->entries.count; i++) {
        if (work->env.entries.items[i].used) {
            resolver_use_entry(&env->entries.items[i]);
        }
    }
    take_locals(parent, &part->resolver);
    for (uint32_t i = 0; i < work->refs.count; i++) {
        const BindingRef *ref = &work->refs.items[i];
        (void)resolver_add_ref(parent, ref->module, ref->index, ref->span,
                               ref->unconditional);
    }
}

// ---- all parts

static void run_part(const Parts *parts, PartRange *range, Worker *worker)
{
    Part *part = aligned_zalloc(1, sizeof *part);
    Resolver *r = &part->resolver;
    begin_part(part, parts->parent, worker);
    range->part = part;
    if (parts->literal != NULL) {
        begin_stretch(part, parts->parent);
        resolver_items(r, parts->literal, range->begin, range->end);
        return;
    }
    for (uint32_t i = range->begin; i < range->end; i++) {
        resolver_binding(r, i);
    }
}

static void run_parts(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    const Parts *parts = ctx;
    for (uint64_t i = begin; i < end; i++) {
        run_part(parts, &parts->items.items[i], worker);
    }
}

static void join_part(const Parts *parts, const PartRange *range)
{
    if (range->part == NULL) {
        return;
    }
    if (parts->literal != NULL) {
        end_stretch(range->part, parts->parent);
    }
    end_part(range->part, parts->parent);
    free(range->part);
}

// Resolves and joins them, and forgets them.
static void run_all(Parts *parts)
{
    Resolver *parent = parts->parent;
    if (parent->worker != NULL) {
        parallel_for(parent->worker, parent->program->token, parts->items.count,
                     1, run_parts, parts);
    }
    for (uint32_t i = 0; i < parts->items.count; i++) {
        PartRange *range = &parts->items.items[i];
        if (parent->worker == NULL && !program_is_cancelled(parent->program)) {
            run_part(parts, range, NULL);
        }
        join_part(parts, range);
    }
    vec_clear(&parts->items);
}

static void add_part(Parts *parts, uint32_t begin, uint32_t end)
{
    vec_push(&parts->items, (PartRange){.begin = begin, .end = end});
}

// Bytes of source of a part: resolving takes a tenth of the time of parsing.
static uint64_t part_grain(const Resolver *r)
{
    return STRETCHES_PER_PART * stretch_grain(r->program);
}

bool resolver_is_long(const Resolver *r, const Expr *literal)
{
    return stretches_worth(literal, part_grain(r)) && !r->is_stretch &&
           r->fields == NULL;
}

void resolver_long_literal(Resolver *r, Expr *literal)
{
    uint64_t grain = part_grain(r);
    uint32_t count = literal->kind == EXPR_LIST ? literal->as.list.count
                                                : literal->as.record.count;
    Parts parts = {.parent = r, .literal = literal};
    for (uint32_t at = 0; at < count;) {
        uint32_t end = stretch_end(literal, at, grain);
        if (stretch_is_giant(literal, at, grain)) {
            run_all(&parts);
            resolver_items(r, literal, at, end); // has stretches of its own
        } else {
            add_part(&parts, at, end);
        }
        at = end;
    }
    run_all(&parts);
    vec_release(&parts.items);
}

// ---- bindings

static void resolve_in_order(Resolver *r, uint32_t begin, uint32_t end)
{
    for (uint32_t i = begin; i < end; i++) {
        if ((i - begin) % BINDINGS_PER_POLL == 0 &&
            program_is_cancelled(r->program)) {
            return;
        }
        resolver_binding(r, i);
    }
}

static uint64_t binding_weight(const Resolver *r, uint32_t index)
{
    const Binding *binding = &r->bindings.items[index];
    uint64_t weight = BYTES_PER_BINDING;
    if (binding->value != NULL) {
        weight += binding->value->span.end - binding->value->span.start;
    }
    return weight;
}

void resolver_visible(Resolver *r)
{
    uint32_t count = r->module->visible_count;
    uint64_t grain = stretch_grain(r->program);
    if (r->module->source.text.len < 2 * grain || count < 2) {
        resolve_in_order(r, 0, count);
        return;
    }
    Parts parts = {.parent = r};
    uint64_t weight = 0;
    uint32_t begin = 0;
    for (uint32_t i = 0; i < count; i++) {
        weight += binding_weight(r, i);
        if (weight >= grain || i + 1 == count) {
            add_part(&parts, begin, i + 1);
            begin = i + 1;
            weight = 0;
        }
    }
    run_all(&parts);
    vec_release(&parts.items);
}
