// What imported data is, of a tape and the type that it was found to fit
// (typecheck/data_tape.c). Runs of a long list are made beside each other.
// The depth is bounded as the text's is.
#include "eval/compile_internal.h"
#include "support/ptr_map.h"
#include "support/vec.h"
#include "syntax/data_tape.h"

#include <assert.h>

// Items of a list that are made later.
typedef struct LateValues {
    TapeCursor cursor;
    uint32_t count;
    const JsonShape *plan;
    Value *to;
} LateValues;

// What all workers share, immutable while several are at work but for `late`.
typedef struct TapeBuild {
    Compiler *c;
    const DataTape *tape;
    const CtorInfo *none, *some;
    PtrMap fills; // by record type: its defaults, values by field, made once
    VEC(LateValues) late;
    struct TapeBuilder **by_worker;
} TapeBuild;

// What one worker has.
typedef struct TapeBuilder {
    TapeBuild *build;
    Heap *heap;
    Heap own_heap; // of who helps
    ConstantCache *constants;
    Arena arena;
    TapeMatches matches;
    VEC(MapEntry) entries;
} TapeBuilder;

static Value value_at(TapeBuilder *b, const JsonShape *plan, TapeCursor *at);

static Value text_at(TapeBuilder *b, TapeCursor *at, TapeWord word)
{
    return constant_text(b->constants, b->heap, tape_text(at, word));
}

// ---- lists and tuples

static void put_items(TapeBuilder *b, const JsonShape *plan, TapeItems *items,
                      Value *to)
{
    uint32_t count;
    TapeCursor *piece;
    while ((piece = tape_next_items(items, &count)) != NULL) {
        if (piece == &items->run) {
            vec_push(&b->build->late, (LateValues){*piece, count, plan, to});
        } else {
            for (uint32_t i = 0; i < count; i++) {
                to[i] = value_at(b, plan, piece);
            }
        }
        to += count;
    }
}

static Value list_at(TapeBuilder *b, const JsonShape *plan, TapeCursor *at,
                     TapeWord word)
{
    TapeItems items = tape_items(at, word);
    uint32_t count = tape_number(word);
    Value *to;
    if (count > CONSTANT_PARTS_MAX || items.has_runs) {
        Value list = value_list(b->heap, count, &to);
        put_items(b, plan, &items, to);
        return list;
    }
    Value few[CONSTANT_PARTS_MAX];
    put_items(b, plan, &items, few);
    Value list = value_list(b->heap, count, &to);
    memcpy(to, few, count * sizeof *few);
    return constant_shared(b->constants, b->heap, list);
}

// `count` items at a type each.
static void parts_at(TapeBuilder *b, JsonShape *const *plans, TapeCursor *at,
                     TapeWord word, Value *to)
{
    TapeItems items = tape_items(at, word);
    uint32_t count, next = 0;
    TapeCursor *piece;
    while ((piece = tape_next_items(&items, &count)) != NULL) {
        for (uint32_t i = 0; i < count; i++) {
            to[next] = value_at(b, plans[next], piece);
            next++;
        }
    }
}

static Value tuple_at(TapeBuilder *b, const JsonShape *plan, TapeCursor *at,
                      TapeWord word)
{
    Value *to;
    Value tuple = value_tuple(b->heap, plan->count, &to);
    parts_at(b, plan->parts, at, word, to);
    return tuple;
}

// ---- objects

// Records of one shape at one type.
typedef struct RecordForm {
    const Shape *shape;
    const Value *fills; // by field of the type
} RecordForm;

static const RecordForm *record_form(TapeBuilder *b, TapeMatch *match,
                                     const TapeShape *keys)
{
    if (LIKELY(match->extra != NULL)) {
        return match->extra;
    }
    uint32_t total = keys->count + match->fill_count;
    Symbol *names = arena_array(&b->arena, total, sizeof *names);
    for (uint32_t i = 0; i < keys->count; i++) {
        names[i] = keys->names[i];
    }
    for (uint32_t i = 0; i < match->fill_count; i++) {
        names[keys->count + i] = match->plan->fields[match->fills[i]];
    }
    RecordForm *form = ARENA_NEW(&b->arena, RecordForm);
    form->shape = shape_intern(b->build->c->evaluation->shapes, names, total);
    form->fills = ptr_map_find(&b->build->fills, (uintptr_t)match->plan, 0);
    match->extra = form;
    return form;
}

static void put_fields(TapeBuilder *b, const TapeMatch *match, uint32_t count,
                       const Value *fills, TapeCursor *at, Value *to)
{
    for (uint32_t i = 0; i < count; i++) {
        to[i] = value_at(b, match->plan->parts[match->fields[i]], at);
    }
    for (uint32_t i = 0; i < match->fill_count; i++) {
        to[count + i] = fills[match->fills[i]];
    }
}

static Value record_at(TapeBuilder *b, const JsonShape *plan, TapeCursor *at,
                       TapeWord word)
{
    const TapeShape *keys = tape_shape(at, word);
    TapeMatch *match = tape_match(&b->matches, keys, plan);
    const RecordForm *form = record_form(b, match, keys);
    Value *to;
    if (form->shape->count > CONSTANT_PARTS_MAX) {
        Value record = value_record(b->heap, form->shape, &to);
        put_fields(b, match, keys->count, form->fills, at, to);
        return record;
    }
    Value few[CONSTANT_PARTS_MAX];
    put_fields(b, match, keys->count, form->fills, at, few);
    Value record = value_record(b->heap, form->shape, &to);
    memcpy(to, few, form->shape->count * sizeof *few);
    return constant_shared(b->constants, b->heap, record);
}

// As it is, every value at `plan`.
static Value object_at(TapeBuilder *b, const JsonShape *plan, TapeCursor *at,
                       TapeWord word)
{
    const TapeShape *keys = tape_shape(at, word);
    void **shape = tape_matches_at(&b->matches, keys, plan);
    if (*shape == NULL) {
        *shape = (void *)(uintptr_t)shape_intern(
            b->build->c->evaluation->shapes, keys->names, keys->count);
    }
    Value *to;
    Value record = value_record(b->heap, *shape, &to);
    for (uint32_t i = 0; i < keys->count; i++) {
        to[i] = value_at(b, plan, at);
    }
    return record;
}

static Value map_at(TapeBuilder *b, const JsonShape *plan, TapeCursor *at,
                    TapeWord word)
{
    const Interner *interner = b->build->c->program->interner;
    const TapeShape *keys = tape_shape(at, word);
    uint32_t mark = b->entries.count;
    for (uint32_t i = 0; i < keys->count; i++) {
        Value key = constant_text(b->constants, b->heap,
                                  symbol_text(interner, keys->names[i]));
        MapEntry entry = {key, value_at(b, plan, at)};
        vec_push(&b->entries, entry);
    }
    Value map = value_map(b->heap, b->entries.items + mark, keys->count);
    b->entries.count = mark;
    return map;
}

// ---- unions

static Value union_at(TapeBuilder *b, const JsonShape *plan, TapeCursor *at,
                      TapeWord word)
{
    const Compiler *c = b->build->c;
    bool is_record = tape_kind(word) == TAPE_RECORD;
    Symbol name = is_record
                      ? tape_shape(at, word)->names[0]
                      : intern_find(c->program->interner, tape_text(at, word));
    const CtorEntry *ctor = tape_find_ctor(c->program, plan, name);
    assert(ctor != NULL);
    const CtorEntry *first = c->program->modules[plan->module]->ctors;
    JsonShape **args = plan->parts + ctor->first_arg;
    const CtorInfo *info =
        compiler_ctor(c, plan->module, (uint32_t)(ctor - first));
    Value *to;
    Value made = value_union(b->heap, info, &to);
    if (info->arity == 1) {
        to[0] = value_at(b, args[0], at);
    } else if (info->arity > 1) {
        parts_at(b, args, at, tape_take(at), to);
    }
    return made;
}

static Value option_at(TapeBuilder *b, const JsonShape *plan, TapeCursor *at,
                       TapeWord word)
{
    Value *to;
    if (tape_kind(word) == TAPE_NULL) {
        return value_union(b->heap, b->build->none, &to);
    }
    tape_put_back(at);
    Value inner = value_at(b, plan->parts[0], at);
    Value made = value_union(b->heap, b->build->some, &to);
    to[0] = inner;
    return made;
}

// ---- any value

static Value number_at(TapeCursor *at, TapeWord word, bool as_float)
{
    if (tape_kind(word) == TAPE_FLOAT) {
        return value_float(tape_float(at));
    }
    int64_t value = tape_int(at, word);
    return as_float ? value_float((double)value) : value_int(value);
}

static Value any_at(TapeBuilder *b, const JsonShape *plan, TapeCursor *at,
                    TapeWord word)
{
    switch (tape_kind(word)) {
    case TAPE_NULL:
        return value_unit();
    case TAPE_FALSE:
    case TAPE_TRUE:
        return value_bool(tape_kind(word) == TAPE_TRUE);
    case TAPE_INT:
    case TAPE_WIDE_INT:
    case TAPE_FLOAT:
        return number_at(at, word, false);
    case TAPE_STRING:
    case TAPE_DECODED:
        return text_at(b, at, word);
    case TAPE_LIST:
    case TAPE_PARTS:
        return list_at(b, plan, at, word);
    case TAPE_RECORD:
        return object_at(b, plan, at, word);
    case TAPE_JUMP:
    case TAPE_RUN:
        break;
    }
    UNREACHABLE();
}

static Value value_at(TapeBuilder *b, const JsonShape *plan, TapeCursor *at)
{
    TapeWord word = tape_take(at);
    switch (plan->kind) {
    case JSON_ANY:
        return any_at(b, plan, at, word);
    case JSON_UNIT:
        return value_unit();
    case JSON_BOOLEAN:
        return value_bool(tape_kind(word) == TAPE_TRUE);
    case JSON_INTEGER:
    case JSON_FLOAT:
        return number_at(at, word, plan->kind == JSON_FLOAT);
    case JSON_STRING:
        return text_at(b, at, word);
    case JSON_LIST:
        return list_at(b, plan->parts[0], at, word);
    case JSON_MAP:
        return map_at(b, plan->parts[0], at, word);
    case JSON_OPTION:
        return option_at(b, plan, at, word);
    case JSON_TUPLE:
        return tuple_at(b, plan, at, word);
    case JSON_RECORD:
        return record_at(b, plan, at, word);
    case JSON_UNION:
        return union_at(b, plan, at, word);
    case JSON_EVIDENCE:
        break;
    }
    UNREACHABLE();
}

// ---- the whole

// Makes the defaults of `plan` and all that it leads to. False where one is
// none that is known without code.
static bool make_fills(TapeBuild *build, const JsonShape *plan)
{
    if (plan->count < 2 && plan->kind != JSON_RECORD &&
        plan->kind != JSON_UNION) {
        bool okay = true;
        for (uint32_t i = 0; i < plan->count && okay; i++) {
            okay = make_fills(build, plan->parts[i]);
        }
        return okay;
    }
    void **fills = ptr_map_at(&build->fills, (uintptr_t)plan, 0);
    if (*fills != NULL) {
        return true;
    }
    Compiler *c = build->c;
    Value *values =
        arena_zalloc(c->scratch, ((size_t)plan->count + 1) * sizeof *values);
    *fills = values;
    bool okay = true;
    for (uint32_t i = 0; i < plan->count && okay; i++) {
        bool filled = plan->kind == JSON_RECORD && plan->fills[i].name != 0;
        okay = make_fills(build, plan->parts[i]) &&
               (!filled || constant_fill(c, &plan->fills[i], &values[i]));
    }
    return okay;
}

static TapeBuilder *builder_new(TapeBuild *build)
{
    TapeBuilder *b = mem_calloc(1, sizeof *b);
    b->build = build;
    arena_init(&b->arena);
    b->matches.arena = &b->arena;
    return b;
}

static void builder_free(TapeBuilder *b)
{
    tape_matches_release(&b->matches);
    arena_release(&b->arena);
    vec_release(&b->entries);
    free(b);
}

static void make_late(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    TapeBuild *build = ctx;
    TapeBuilder **own = &build->by_worker[worker_index(worker)];
    if (*own == NULL) {
        *own = builder_new(build);
        heap_init(&(*own)->own_heap, build->c->heap->budget);
        (*own)->heap = &(*own)->own_heap;
        (*own)->constants = constant_cache_new();
    }
    for (uint64_t i = begin; i < end; i++) {
        LateValues late = build->late.items[i];
        for (uint32_t k = 0; k < late.count; k++) {
            late.to[k] = value_at(*own, late.plan, &late.cursor);
        }
    }
}

static void make_all_late(TapeBuild *build)
{
    Compiler *c = build->c;
    // There are runs where several workers read, and whoever compiles then is
    // one of them.
    assert(c->worker != NULL);
    uint32_t count = pool_worker_count(worker_pool(c->worker));
    build->by_worker = mem_calloc(count, sizeof *build->by_worker);
    parallel_for(c->worker, NULL, build->late.count, 1, make_late, build);
    for (uint32_t i = 0; i < count; i++) {
        TapeBuilder *own = build->by_worker[i];
        if (own != NULL) {
            heap_adopt(c->heap, &own->own_heap);
            heap_release(&own->own_heap);
            constant_cache_free(own->constants);
            builder_free(own);
        }
    }
    free(build->by_worker);
    vec_release(&build->late);
}

bool tape_value(Compiler *c, const Expr *expr, Value *out)
{
    TapeBuild build = {.c = c,
                       .tape = expr->as.data->tape,
                       .none = prelude_ctor(c, SYM_NONE),
                       .some = prelude_ctor(c, SYM_SOME)};
    const JsonShape *plan = expr->as.data->plan;
    if (!make_fills(&build, plan)) {
        ptr_map_release(&build.fills);
        return false;
    }
    TapeBuilder *b = builder_new(&build);
    b->heap = c->heap;
    b->constants = c->constants;
    TapeCursor cursor = tape_start(build.tape);
    *out = value_at(b, plan, &cursor);
    builder_free(b);
    if (build.late.count > 0) {
        make_all_late(&build);
    }
    ptr_map_release(&build.fills);
    return true;
}
