// Making parts, taking them over, and long literals by the stretch.
#include "typecheck/infer_parts.h"

#include "typecheck/refinements.h"

enum {
    // Stretches that are begun together: twice as many each time, so that
    // little is lost where the first ones find something out.
    FIRST_WAVE = 16,
    WAVE_MAX = 1 << 16
};

// ---- parts

Part *infer_new_part(const Infer *parent, Worker *worker)
{
    Part *part = mem_calloc(1, sizeof *part);
    diag_sink_init(&part->sink);
    Infer *c = &part->infer;
    c->program = parent->program;
    c->budget = parent->budget;
    c->module = parent->module;
    c->types = parent->types;
    c->worker = worker;
    c->grain = parent->grain;
    c->sink = &part->sink;
    c->source = parent->source;
    c->arena = worker_arenas_of(&parent->program->trees, worker);
    c->num = parent->num;
    c->eq = parent->eq;
    c->ord = parent->ord;
    c->show = parent->show;
    c->append = parent->append;
    c->method_of = parent->method_of;
    infer_init_stores(c);
    infer_empty_stores(c);
    c->store.arena = worker_arenas_of(&parent->program->checks, worker);
    return part;
}

static void part_free(Part *part)
{
    infer_release_stores(&part->infer);
    vec_release(&part->stand_ins);
    diag_sink_release(&part->sink);
    free(part);
}

#define APPEND(into, from)                                                     \
    do {                                                                       \
        vec_reserve((into), (from)->count);                                    \
        for (uint32_t i = 0; i < (from)->count; i++) {                         \
            (into)->items[(into)->count++] = (from)->items[i];                 \
        }                                                                      \
    } while (0)

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static void join_store(TypeStore *into, const TypeStore *from)
{
    // Their types point to each other's, in several arenas: all are kept.
    into->made_parts = true;
    // No mark on a node of the part is used again.
    into->next_mark = larger(into->next_mark, from->next_mark);
    into->next_serial = larger(into->next_serial, from->next_serial);
}

void infer_join_part(Infer *parent, Part *part)
{
    Infer *c = &part->infer;
    if (part->sink.diags.count > 0) {
        diag_sink_merge(parent->sink, &part->sink);
    }
    join_store(&parent->store, &c->store);
    parent->nodes_made += c->nodes_made;
    parent->nodes_charged += c->nodes_charged;
    APPEND(&parent->sites, &c->sites);
    refinements_join_refs(parent, c);
    part_free(part);
}

// ---- what a stretch may not do, and how it is taken back

typedef struct LogEntry {
    struct LogEntry *before;
    void *where;
    size_t size;
    char old[];
} LogEntry;

void infer_log_slow(Infer *c, void *where, size_t size)
{
    LogEntry *entry = arena_alloc(c->scratch, sizeof *entry + size);
    entry->before = c->part->log;
    entry->where = where;
    entry->size = size;
    memcpy(entry->old, where, size);
    c->part->log = entry;
}

static void drop_stretch(Part *part)
{
    for (const LogEntry *entry = part->log; entry != NULL;
         entry = entry->before) {
        memcpy(entry->where, entry->old, entry->size);
    }
    part_free(part);
}

void infer_touch(Infer *c)
{
    if (c->part != NULL) {
        c->part->touched = true;
    }
}

static bool is_untouched(const Part *part)
{
    const Infer *c = &part->infer;
    for (uint32_t i = 0; i < part->stand_ins.count; i++) {
        const StandIn *stand_in = &part->stand_ins.items[i];
        const Type *var = stand_in->var;
        if (var->link != NULL || var->flags != stand_in->real->flags ||
            var->as.var.level != stand_in->real->as.var.level) {
            return false;
        }
    }
    return !part->touched && c->group_uses.count == 0 && c->vars.count == 0;
}

// ---- stand-ins

typedef struct Freezing {
    Part *part;
    PtrMap copies;
    bool failed;
} Freezing;

static Type *freeze(Freezing *f, Type *type);

static Type **freeze_all(Freezing *f, Type *const *types, uint32_t count)
{
    Type **copy = arena_array(f->part->infer.store.arena, count, sizeof *copy);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = freeze(f, types[i]);
    }
    return copy;
}

static void freeze_record(Freezing *f, Type *copy)
{
    if (copy->as.record.tail != NULL) {
        f->failed = true;
        return;
    }
    uint32_t count = copy->as.record.count;
    RecordField *fields =
        arena_copy(f->part->infer.store.arena, copy->as.record.fields,
                   count * sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[i].type = freeze(f, fields[i].type);
    }
    copy->as.record.fields = fields;
}

// Data is what long literals hold: of the rest, open records and functions,
// only what has no variables.
static void freeze_parts(Freezing *f, Type *copy, Type *real)
{
    switch ((TypeKind)copy->kind) {
    case TYPE_VAR:
        vec_push(&f->part->stand_ins, (StandIn){copy, real});
        return;
    case TYPE_CON:
        copy->as.con.args =
            freeze_all(f, copy->as.con.args, copy->as.con.count);
        return;
    case TYPE_TUPLE:
        copy->as.tuple.items =
            freeze_all(f, copy->as.tuple.items, copy->as.tuple.count);
        return;
    case TYPE_RECORD:
        freeze_record(f, copy);
        return;
    case TYPE_FUNCTION:
    case TYPE_SKOLEM:
    case TYPE_ERROR:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        f->failed = true;
        return;
    }
}

static Type *freeze(Freezing *f, Type *type)
{
    if ((type->flags & TYPE_HAS_VARS) == 0 || f->failed) {
        return type;
    }
    if (type->kind == TYPE_REFINED) {
        f->failed = true;
        return type;
    }
    type = type_resolve(type);
    Type *known = ptr_map_find(&f->copies, (uintptr_t)type, 0);
    if (known != NULL || (type->flags & TYPE_HAS_VARS) == 0) {
        return known != NULL ? known : type;
    }
    Type *copy = arena_copy(f->part->infer.store.arena, type, sizeof *type);
    freeze_parts(f, copy, type);
    *ptr_map_at(&f->copies, (uintptr_t)type, 0) = copy;
    return copy;
}

// The type with stand-ins for its variables; NULL where there can be none.
static Type *stand_in_type(Part *part, Type *type)
{
    Freezing f = {.part = part};
    type = freeze(&f, type);
    ptr_map_release(&f.copies);
    return f.failed ? NULL : type;
}

// ---- stretches

static Part *new_stretch(const Infer *parent, Worker *worker)
{
    Part *part = infer_new_part(parent, worker);
    Infer *c = &part->infer;
    c->part = part;
    c->group = parent->group;
    c->member_types = parent->member_types;
    c->level = parent->level;
    c->rec_groups = parent->rec_groups;
    c->binding = parent->binding;
    c->owner = parent->owner;
    c->locals = parent->locals;
    c->local_capacity = parent->local_capacity;
    c->bind_level = parent->bind_level;
    c->bind_open = parent->bind_open;
    c->store.node_limit = parent->store.node_limit;
    c->store.next_serial = parent->store.next_serial;
    c->store.next_mark = parent->store.next_mark;
    return part;
}

static void join_stretch(Infer *parent, Part *part)
{
    Infer *c = &part->infer;
    for (uint32_t i = 0; i < part->stand_ins.count; i++) {
        const StandIn *stand_in = &part->stand_ins.items[i];
        stand_in->var->link = stand_in->real;
    }
    parent->failed |= c->failed;
    parent->error_count += c->error_count;
    parent->store.node_count += c->store.node_count;
    parent->store.walked_count += c->store.walked_count;
    parent->store.exceeded |= c->store.exceeded || parent->store.node_count >
                                                       parent->store.node_limit;
    if (c->wanted.count > 0 || c->literals.count > 0) {
        arena_adopt(parent->scratch, c->scratch); // slots and places
    }
    APPEND(&parent->wanted, &c->wanted);
    APPEND(&parent->literals, &c->literals);
    APPEND(&parent->patterns, &c->patterns);
    for (uint32_t i = 0; i < c->annotations.capacity; i++) {
        const PtrMapSlot *slot = &c->annotations.slots[i];
        if (slot->a != 0) {
            *ptr_map_at(&parent->annotations, slot->a, slot->b) = slot->value;
        }
    }
    infer_join_part(parent, part);
}

typedef struct Wave {
    Infer *parent;
    const Stretches *stretches;
    Part **parts;     // NULL: the run was cancelled, or it must be done again
    uint32_t *bounds; // one more than there are parts
    uint32_t count;
} Wave;

static Part *check_stretch(const Wave *wave, uint32_t index, Worker *worker)
{
    const Stretches *s = wave->stretches;
    Part *part = new_stretch(wave->parent, worker);
    Type *expected = s->expected;
    if (expected != NULL) {
        expected = stand_in_type(part, expected);
    }
    uint32_t state = 0;
    if (expected != NULL || s->expected == NULL) {
        s->check(&part->infer, s, wave->bounds[index], wave->bounds[index + 1],
                 expected, &state);
        if (state == 0 && is_untouched(part)) {
            return part;
        }
    }
    drop_stretch(part);
    return NULL;
}

static void run_stretches(void *ctx, uint64_t begin, uint64_t end,
                          Worker *worker)
{
    const Wave *wave = ctx;
    for (uint64_t i = begin; i < end; i++) {
        wave->parts[i] = check_stretch(wave, (uint32_t)i, worker);
    }
}

// Joins the stretches up to the first that must be done again; returns how
// many these are.
static uint32_t run_wave(Wave *wave)
{
    Infer *c = wave->parent;
    if (c->worker != NULL) {
        parallel_for(c->worker, c->program->token, wave->count, 1,
                     run_stretches, wave);
    }
    uint32_t done = 0;
    for (uint32_t i = 0; i < wave->count; i++) {
        if (c->worker == NULL && done == i) {
            wave->parts[i] = check_stretch(wave, i, NULL);
        }
        if (wave->parts[i] == NULL) {
            continue;
        }
        if (done == i) {
            join_stretch(c, wave->parts[i]);
            done++;
        } else {
            drop_stretch(wave->parts[i]);
        }
    }
    return done;
}

// Checks up to `size` stretches from *at on beside each other, and moves on to
// what is not done. False when a stretch must be done in order.
static bool check_wave(Infer *c, const Stretches *s, uint32_t size,
                       uint32_t *at)
{
    Wave wave = {.parent = c, .stretches = s};
    wave.parts = mem_calloc(size, sizeof *wave.parts);
    wave.bounds = mem_calloc((size_t)size + 1, sizeof *wave.bounds);
    wave.bounds[0] = *at;
    for (; wave.count < size; wave.count++) {
        uint32_t begin = wave.bounds[wave.count];
        if (begin == s->count || stretch_is_giant(s->expr, begin, c->grain)) {
            break;
        }
        wave.bounds[wave.count + 1] = stretch_end(s->expr, begin, c->grain);
    }
    uint32_t done = run_wave(&wave);
    bool all = done == wave.count;
    *at = wave.bounds[done];
    free(wave.parts);
    free(wave.bounds);
    return all;
}

static void check_in_order(Infer *c, const Stretches *s, uint32_t *at,
                           uint32_t *state)
{
    uint32_t end = *state == 0 ? stretch_end(s->expr, *at, c->grain) : s->count;
    s->check(c, s, *at, end, s->expected, state);
    *at = end;
}

static bool is_cancelled(const Infer *c)
{
    const CancelToken *token = c->program->token;
    return token != NULL && cancel_token_reason(token) != CANCEL_NONE;
}

void infer_stretches(Infer *c, const Stretches *s)
{
    uint32_t state = 0;
    uint32_t at = s->from;
    // The first items say what is to be known of the others. Where that was
    // not all, more and more is done in order.
    for (uint32_t in_order = 1; at < s->count && !is_cancelled(c);
         in_order = in_order < WAVE_MAX ? in_order * 2 : in_order) {
        for (uint32_t i = 0; i < in_order && at < s->count; i++) {
            check_in_order(c, s, &at, &state);
        }
        uint32_t size = FIRST_WAVE;
        while (at < s->count && state == 0 && check_wave(c, s, size, &at)) {
            size = size < WAVE_MAX ? size * 2 : size;
            if (at < s->count && stretch_is_giant(s->expr, at, c->grain)) {
                check_in_order(c, s, &at, &state);
            }
        }
    }
}
