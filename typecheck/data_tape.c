// Does a tape look like a type? A walk over both at once, which says yes or no:
// what is wrong is found and said by the walk over the tree (data.c), which
// also reads what needs more than a look. Runs of a long list are walked
// beside each other. The depth is bounded as the text's is.
#include "typecheck/data_tape.h"

#include "typecheck/classes_internal.h"
#include "typecheck/refinements.h"

// A part of the walk that is left for later.
typedef struct LateItems {
    TapeCursor cursor;
    uint32_t count;
    const JsonShape *plan;
} LateItems;

// A field that some object leaves out.
typedef struct LeftOut {
    const JsonShape *plan;
    uint32_t field;
} LeftOut;

// What one worker has.
typedef struct TapeWalker {
    const struct TapeWalk *walk;
    Arena arena;
    TapeMatches matches;
    PtrMap left_out; // (plan, field): a default that is used
    PtrMap filled;   // (shape, plan): objects that leave fields out
    uint64_t fills;  // fields of these pairs that are left out
    bool fails;
} TapeWalker;

typedef struct TapeWalk {
    const Program *program;
    const DataTape *tape;
    VEC(LateItems) late;
    TapeWalker **by_worker;
    uint32_t worker_count;
    uint64_t fill_limit;
} TapeWalk;

static bool fits(TapeWalker *w, const JsonShape *plan, TapeCursor *at);

static bool fits_items(TapeWalker *w, const JsonShape *plan, TapeCursor *at,
                       TapeWord word)
{
    TapeItems items = tape_items(at, word);
    uint32_t count;
    TapeCursor *piece;
    while ((piece = tape_next_items(&items, &count)) != NULL) {
        if (piece == &items.run) {
            TapeWalk *walk = (TapeWalk *)(uintptr_t)w->walk;
            vec_push(&walk->late, (LateItems){*piece, count, plan});
            continue;
        }
        for (uint32_t i = 0; i < count; i++) {
            if (!fits(w, plan, piece)) {
                return false;
            }
        }
    }
    return true;
}

static bool fits_tuple(TapeWalker *w, const JsonShape *plan, TapeCursor *at,
                       TapeWord word)
{
    if (!tape_is_list(word) || tape_number(word) != plan->count) {
        return false;
    }
    TapeItems items = tape_items(at, word);
    uint32_t count, next = 0;
    TapeCursor *piece;
    while ((piece = tape_next_items(&items, &count)) != NULL) {
        for (uint32_t i = 0; i < count; i++) {
            if (!fits(w, plan->parts[next++], piece)) {
                return false;
            }
        }
    }
    return true;
}

// The values of an object at one type.
static bool fits_values(TapeWalker *w, const JsonShape *plan, TapeCursor *at,
                        TapeWord word)
{
    uint32_t count = tape_shape(at, word)->count;
    for (uint32_t i = 0; i < count; i++) {
        if (!fits(w, plan, at)) {
            return false;
        }
    }
    return true;
}

// Once for each pair. False where they are too many: short texts can have many
// shapes, and lack many fields in each.
static bool note_fills(TapeWalker *w, const TapeShape *shape, TapeMatch *match)
{
    const JsonShape *plan = match->plan;
    match->used = true;
    w->fills += match->fill_count;
    if (w->fills > w->walk->fill_limit) {
        return false;
    }
    *ptr_map_at(&w->filled, (uintptr_t)shape, (uintptr_t)plan) = match;
    for (uint32_t i = 0; i < match->fill_count; i++) {
        uint32_t field = match->fills[i];
        if (!plan->fills[field].is_none) {
            *ptr_map_at(&w->left_out, (uintptr_t)plan, field) = w;
        }
    }
    return true;
}

static bool fits_record(TapeWalker *w, const JsonShape *plan, TapeCursor *at,
                        TapeWord word)
{
    if (tape_kind(word) != TAPE_RECORD) {
        return false;
    }
    const TapeShape *shape = tape_shape(at, word);
    TapeMatch *match = tape_match(&w->matches, shape, plan);
    if (!match->fits) {
        return false;
    }
    if (UNLIKELY(match->fill_count > 0 && !match->used) &&
        !note_fills(w, shape, match)) {
        return false;
    }
    for (uint32_t i = 0; i < shape->count; i++) {
        if (!fits(w, plan->parts[match->fields[i]], at)) {
            return false;
        }
    }
    return true;
}

// "Name", {"Name": value} or {"Name": [value, ...]}
static bool fits_union(TapeWalker *w, const JsonShape *plan, TapeCursor *at,
                       TapeWord word)
{
    const Program *program = w->walk->program;
    bool is_text =
        tape_kind(word) == TAPE_STRING || tape_kind(word) == TAPE_DECODED;
    const TapeShape *shape = NULL;
    if (!is_text) {
        shape = tape_kind(word) == TAPE_RECORD ? tape_shape(at, word) : NULL;
        if (shape == NULL || shape->count != 1) {
            return false;
        }
    }
    Symbol name = is_text ? intern_find(program->interner, tape_text(at, word))
                          : shape->names[0];
    const CtorEntry *ctor = tape_find_ctor(program, plan, name);
    if (ctor == NULL) {
        return false;
    }
    uint32_t wanted = ctor->decl->arg_count;
    if (is_text || wanted == 0) {
        return is_text && wanted == 0;
    }
    JsonShape args = {.parts = plan->parts + ctor->first_arg, .count = wanted};
    return wanted == 1 ? fits(w, args.parts[0], at)
                       : fits_tuple(w, &args, at, tape_take(at));
}

static bool fits_any(TapeWalker *w, const JsonShape *plan, TapeCursor *at,
                     TapeWord word)
{
    switch (tape_kind(word)) {
    case TAPE_WIDE_INT:
    case TAPE_FLOAT:
    case TAPE_DECODED:
        at->at++;
        return true;
    case TAPE_LIST:
    case TAPE_PARTS:
        return fits_items(w, plan, at, word);
    case TAPE_RECORD:
        return fits_values(w, plan, at, word);
    case TAPE_NULL:
    case TAPE_FALSE:
    case TAPE_TRUE:
    case TAPE_INT:
    case TAPE_STRING:
        return true;
    case TAPE_JUMP:
    case TAPE_RUN:
        break;
    }
    UNREACHABLE();
}

// A number or string, of one word or two.
static inline bool fits_word(TapeCursor *at, TapeWord word, TapeKind one,
                             TapeKind two)
{
    at->at += tape_kind(word) == two;
    return tape_kind(word) == one || tape_kind(word) == two;
}

static bool fits(TapeWalker *w, const JsonShape *plan, TapeCursor *at)
{
    TapeWord word = tape_take(at);
    TapeKind kind = tape_kind(word);
    switch (plan->kind) {
    case JSON_ANY:
        return fits_any(w, plan, at, word);
    case JSON_UNIT:
        return kind == TAPE_NULL;
    case JSON_BOOLEAN:
        return kind == TAPE_FALSE || kind == TAPE_TRUE;
    case JSON_INTEGER:
        return fits_word(at, word, TAPE_INT, TAPE_WIDE_INT);
    case JSON_FLOAT:
        return fits_word(at, word, TAPE_INT, TAPE_WIDE_INT) ||
               fits_word(at, word, TAPE_FLOAT, TAPE_FLOAT);
    case JSON_STRING:
        return fits_word(at, word, TAPE_STRING, TAPE_DECODED);
    case JSON_LIST:
        return tape_is_list(word) && fits_items(w, plan->parts[0], at, word);
    case JSON_MAP:
        return kind == TAPE_RECORD && fits_values(w, plan->parts[0], at, word);
    case JSON_OPTION:
        if (kind == TAPE_NULL) {
            return true;
        }
        tape_put_back(at);
        return fits(w, plan->parts[0], at);
    case JSON_TUPLE:
        return fits_tuple(w, plan, at, word);
    case JSON_RECORD:
        return fits_record(w, plan, at, word);
    case JSON_UNION:
        return fits_union(w, plan, at, word);
    case JSON_EVIDENCE:
        break;
    }
    UNREACHABLE();
}

// ---- the whole

static TapeWalker *walker_of(TapeWalk *walk, const Worker *worker)
{
    TapeWalker **own =
        &walk->by_worker[worker != NULL ? worker_index(worker) : 0];
    if (*own == NULL) {
        *own = mem_calloc(1, sizeof **own);
        (*own)->walk = walk;
        arena_init(&(*own)->arena);
        (*own)->matches.arena = &(*own)->arena;
    }
    return *own;
}

static void walk_late(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    TapeWalk *walk = ctx;
    TapeWalker *own = walker_of(walk, worker);
    for (uint64_t i = begin; i < end; i++) {
        LateItems late = walk->late.items[i];
        for (uint32_t k = 0; k < late.count && !own->fails; k++) {
            own->fails = !fits(own, late.plan, &late.cursor);
        }
    }
}

static int by_place(const void *a, const void *b)
{
    const LeftOut *left = a, *right = b;
    const RecordFill *x = &left->plan->fills[left->field];
    const RecordFill *y = &right->plan->fills[right->field];
    return x->module != y->module
               ? (x->module > y->module ? 1 : -1)
               : (x->index > y->index) - (x->index < y->index);
}

// The binding refers to the defaults that it gets.
static void add_refs(DataReader *d, TapeWalk *walk)
{
    VEC(LeftOut) all = {0};
    for (uint32_t i = 0; i < walk->worker_count; i++) {
        const TapeWalker *own = walk->by_worker[i];
        for (uint32_t k = 0; own != NULL && k < own->left_out.capacity; k++) {
            const PtrMapSlot *slot = &own->left_out.slots[k];
            if (slot->a != 0) {
                vec_push(&all, (LeftOut){(const JsonShape *)slot->a,
                                         (uint32_t)slot->b});
            }
        }
    }
    if (all.count > 0) {
        qsort(all.items, all.count, sizeof *all.items, by_place);
    }
    for (uint32_t i = 0; i < all.count; i++) {
        const LeftOut *one = &all.items[i];
        const RecordFill *fill = &one->plan->fills[one->field];
        if (i == 0 || by_place(one, one - 1) != 0) {
            refinements_add_ref(d->c, fill->module, fill->index,
                                d->binding->name_span);
        }
    }
    vec_release(&all);
}

// What is filled in counts as types do, once for all workers. False where that
// is too much: the walk over the tree will find so, too, and say it.
static bool charge_fills(DataReader *d, const TapeWalk *walk)
{
    PtrMap all = {0};
    uint64_t fills = 0;
    for (uint32_t i = 0; i < walk->worker_count; i++) {
        const TapeWalker *own = walk->by_worker[i];
        for (uint32_t k = 0; own != NULL && k < own->filled.capacity; k++) {
            const PtrMapSlot *slot = &own->filled.slots[k];
            if (slot->a == 0) {
                continue;
            }
            void **known = ptr_map_at(&all, slot->a, slot->b);
            fills += *known == NULL
                         ? ((const TapeMatch *)slot->value)->fill_count
                         : 0;
            *known = slot->value;
        }
    }
    ptr_map_release(&all);
    return type_store_reuse(&d->c->store, fills);
}

static bool any_fails(const TapeWalk *walk)
{
    for (uint32_t i = 0; i < walk->worker_count; i++) {
        if (walk->by_worker[i] != NULL && walk->by_worker[i]->fails) {
            return true;
        }
    }
    return false;
}

static void release(TapeWalk *walk)
{
    for (uint32_t i = 0; i < walk->worker_count; i++) {
        TapeWalker *own = walk->by_worker[i];
        if (own != NULL) {
            ptr_map_release(&own->left_out);
            ptr_map_release(&own->filled);
            tape_matches_release(&own->matches);
            arena_release(&own->arena);
            free(own);
        }
    }
    free(walk->by_worker);
    vec_release(&walk->late);
}

bool data_read_tape(DataReader *d, const Expr *in, Type *type, Expr *out)
{
    Infer *c = d->c;
    bool is_refined;
    const JsonShape *plan = derived_data(c, type, &is_refined);
    if (plan == NULL) {
        return false;
    }
    TapeWalk walk = {
        .program = c->program,
        .tape = in->as.data->tape,
        .worker_count =
            c->worker != NULL ? pool_worker_count(worker_pool(c->worker)) : 1,
        .fill_limit = c->store.node_limit};
    walk.by_worker = mem_calloc(walk.worker_count, sizeof(TapeWalker *));
    TapeCursor cursor = tape_start(walk.tape);
    bool okay = fits(walker_of(&walk, c->worker), plan, &cursor);
    if (okay && walk.late.count > 0) {
        parallel_for(c->worker, c->program->token, walk.late.count, 1,
                     walk_late, &walk);
    }
    okay = okay && !any_fails(&walk) && charge_fills(d, &walk);
    if (okay) {
        add_refs(d, &walk);
        *out = *in;
        expr_set_data(out, c->arena, in->as.data->tape, plan);
    }
    if (okay && is_refined) {
        data_check_tape(d, walk.tape, plan, c->scratch);
    }
    release(&walk);
    return okay;
}
