// Automatic Eq, Ord and Show: of every type without functions in it.
#include "typecheck/classes_internal.h"

typedef VEC(Type *) TypeVec;

// What is reachable from a type, without recursion: chains of unions may be
// long.
typedef struct Reach {
    Infer *c;
    const ClassInfo *class_;
    TypeVec todo;
    PtrMap seen;  // nodes with parts, and unions by (module, index)
    TypeVec bare; // unions without parameters that nothing is known of
    DerivedStatus status;
} Reach;

static void reach_all(Reach *reach, Type *const *types, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        vec_push(&reach->todo, types[i]);
    }
}

static void raise(Reach *reach, DerivedStatus status)
{
    if (status > reach->status) {
        reach->status = status;
    }
}

// Parameters of a union stand for the arguments, which are looked at by
// themselves.
static void reach_union(Reach *reach, const Type *type)
{
    uintptr_t module = (uintptr_t)type->as.con.module + 1;
    void **seen = ptr_map_at(&reach->seen, module, type->as.con.index);
    const UnionInfo *info = type_union_info(
        reach->c->program, type->as.con.module, type->as.con.index);
    if (*seen != NULL || info == NULL) {
        return;
    }
    *seen = reach;
    for (uint32_t i = 0; i < info->ctor_count; i++) {
        reach_all(reach, info->ctors[i].args, info->ctors[i].arg_count);
    }
}

static void reach_type(Reach *reach, Type *type)
{
    switch ((TypeKind)type->kind) {
    case TYPE_VAR:
    case TYPE_SKOLEM:
        raise(reach, DERIVED_NEEDS);
        return;
    case TYPE_FUNCTION:
        raise(reach, classes_has_instance(reach->c, reach->class_, type)
                         ? DERIVED_NEEDS
                         : DERIVED_FUNCTION);
        return;
    case TYPE_CON:
        if (classes_has_instance(reach->c, reach->class_, type)) {
            raise(reach, DERIVED_NEEDS);
            return;
        }
        reach_all(reach, type->as.con.args, type->as.con.count);
        if (type->as.con.module != TYPE_MODULE_PRIM) {
            reach_union(reach, type);
        }
        return;
    case TYPE_TUPLE:
        if (classes_has_instance(reach->c, reach->class_, type)) {
            raise(reach, DERIVED_NEEDS);
            return;
        }
        reach_all(reach, type->as.tuple.items, type->as.tuple.count);
        return;
    case TYPE_RECORD:
        if (classes_has_instance(reach->c, reach->class_, type)) {
            raise(reach, DERIVED_NEEDS);
            return;
        }
        for (uint32_t i = 0; i < type->as.record.count; i++) {
            vec_push(&reach->todo, type->as.record.fields[i].type);
        }
        if (type->as.record.tail != NULL) {
            vec_push(&reach->todo, type->as.record.tail);
        }
        return;
    case TYPE_ERROR:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        return;
    }
}

// A union without parameters is judged once, and all that a structural type
// leads to is structural.
static bool is_judged(Reach *reach, Type *type)
{
    if (type->kind != TYPE_CON || type->as.con.count > 0 ||
        type->as.con.module == TYPE_MODULE_PRIM) {
        return false;
    }
    void *known = ptr_map_find(&reach->c->derived, (uintptr_t)reach->class_,
                               (uintptr_t)type);
    if (known != NULL) {
        raise(reach, (DerivedStatus)(uintptr_t)known);
        return true;
    }
    vec_push(&reach->bare, type);
    return false;
}

static void note_structural(Reach *reach)
{
    for (uint32_t i = 0; i < reach->bare.count; i++) {
        *ptr_map_at(&reach->c->derived, (uintptr_t)reach->class_,
                    (uintptr_t)reach->bare.items[i]) =
            (void *)(uintptr_t)DERIVED_STRUCTURAL;
    }
}

static DerivedStatus derived_status(Infer *c, const ClassInfo *class_,
                                    Type *type)
{
    type = type_resolve(type);
    bool is_prim = type->kind == TYPE_CON && type->as.con.count == 0 &&
                   type->as.con.module == TYPE_MODULE_PRIM;
    if (is_prim && !classes_has_instance(c, class_, type)) {
        return DERIVED_STRUCTURAL;
    }
    bool shared = (type->flags & TYPE_HAS_VARS) == 0;
    if (shared) { // a ground type is judged once
        void *known =
            ptr_map_find(&c->derived, (uintptr_t)class_, (uintptr_t)type);
        if (known != NULL) {
            return (DerivedStatus)(uintptr_t)known;
        }
    }
    Reach reach = {.c = c, .class_ = class_, .status = DERIVED_STRUCTURAL};
    vec_push(&reach.todo, type);
    while (reach.todo.count > 0 && reach.status < DERIVED_FUNCTION) {
        Type *next = type_resolve(vec_pop(&reach.todo));
        bool has_parts = next->kind != TYPE_CON || next->as.con.count > 0;
        if (has_parts) {
            void **seen = ptr_map_at(&reach.seen, (uintptr_t)next, 1);
            if (*seen != NULL) {
                continue;
            }
            *seen = &reach;
        }
        if (!is_judged(&reach, next)) {
            reach_type(&reach, next);
        }
    }
    if (reach.status == DERIVED_STRUCTURAL) {
        note_structural(&reach);
    }
    vec_release(&reach.bare);
    vec_release(&reach.todo);
    ptr_map_release(&reach.seen);
    if (shared) {
        *ptr_map_at(&c->derived, (uintptr_t)class_, (uintptr_t)type) =
            (void *)(uintptr_t)reach.status;
    }
    return reach.status;
}

// ---- shapes

typedef struct UnionEntry UnionEntry;
struct UnionEntry {
    Type *type;
    DerivedShape *shape;
    UnionEntry *next; // the same union, applied to other types
};

typedef struct Shaper {
    Infer *c;
    const Wanted *origin;
    const ClassInfo *class_;
    PtrMap unions; // by module + 1 and index, so that recursive ones tie a knot
    PtrMap memo;   // type -> shape: types are shared graphs
    Outcome outcome;
} Shaper;

static DerivedShape *shape_type(Shaper *shaper, Type *type, uint32_t depth);

static DerivedShape *new_shape(Shaper *shaper, DerivedShapeKind kind,
                               uint32_t count)
{
    Arena *arena = shaper->c->arena;
    (void)infer_afford(shaper->c, 1 + (uint64_t)count);
    DerivedShape *shape = ARENA_NEW(arena, DerivedShape);
    shape->kind = kind;
    shape->parts = arena_array(arena, count, sizeof *shape->parts);
    shape->count = count;
    return shape;
}

static DerivedShape *shape_by_evidence(Shaper *shaper, Type *type,
                                       uint32_t depth)
{
    DerivedShape *shape = new_shape(shaper, DERIVED_EVIDENCE, 0);
    Type **args = arena_alloc(shaper->c->store.arena, sizeof *args);
    args[0] = type;
    Outcome outcome = classes_solve(shaper->c, shaper->origin, shaper->class_,
                                    args, &shape->evidence, depth + 1);
    if (outcome == OUTCOME_REFUSED) {
        shaper->outcome = OUTCOME_REFUSED;
    }
    return shape;
}

static DerivedShape *shape_items(Shaper *shaper, DerivedShapeKind kind,
                                 Type *const *types, uint32_t count,
                                 uint32_t depth)
{
    DerivedShape *shape = new_shape(shaper, kind, count);
    for (uint32_t i = 0; i < count; i++) {
        shape->parts[i] = shape_type(shaper, types[i], depth + 1);
    }
    return shape;
}

static int by_text(const void *a, const void *b, void *ctx)
{
    const Interner *interner = ctx;
    return str_compare(symbol_text(interner, ((const RecordField *)a)->name),
                       symbol_text(interner, ((const RecordField *)b)->name));
}

static DerivedShape *shape_record(Shaper *shaper, Type *type, uint32_t depth)
{
    Arena *arena = shaper->c->arena;
    Arena *scratch = shaper->c->scratch;
    uint32_t count;
    Type *tail;
    RecordField *fields = type_record_fields(type, scratch, &count, &tail);
    if (tail != NULL && tail->kind != TYPE_ERROR) {
        return shape_by_evidence(shaper, type, depth);
    }
    fields = arena_copy(scratch, fields, count * sizeof *fields);
    if (count > 1) {
        qsort_r(fields, count, sizeof *fields, by_text,
                shaper->c->program->interner);
    }
    DerivedShape *shape = new_shape(shaper, DERIVED_RECORD, count);
    Symbol *names = arena_array(arena, count, sizeof *names);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = fields[i].name;
        shape->parts[i] = shape_type(shaper, fields[i].type, depth + 1);
    }
    shape->fields = names;
    return shape;
}

static DerivedShape *shape_union(Shaper *shaper, Type *type, uint32_t depth)
{
    void **first =
        ptr_map_at(&shaper->unions, (uintptr_t)type->as.con.module + 1,
                   type->as.con.index);
    for (const UnionEntry *entry = *first; entry != NULL; entry = entry->next) {
        if (types_equal(entry->type, type)) {
            return entry->shape;
        }
    }
    const UnionInfo *info = type_union_info(
        shaper->c->program, type->as.con.module, type->as.con.index);
    uint32_t count = 0;
    for (uint32_t i = 0; info != NULL && i < info->ctor_count; i++) {
        count += info->ctors[i].arg_count;
    }
    DerivedShape *shape = new_shape(shaper, DERIVED_UNION, count);
    shape->module = type->as.con.module;
    shape->type = type->as.con.index;
    UnionEntry *entry = ARENA_NEW(shaper->c->scratch, UnionEntry);
    *entry = (UnionEntry){type, shape, *first};
    *first = entry;
    uint32_t at = 0;
    for (uint32_t i = 0; info != NULL && i < info->ctor_count; i++) {
        for (uint32_t a = 0; a < info->ctors[i].arg_count; a++) {
            Type *arg =
                type_substitute(&shaper->c->store, info->ctors[i].args[a],
                                type->as.con.args, type->as.con.count);
            shape->parts[at++] = shape_type(shaper, arg, depth + 1);
        }
    }
    return shape;
}

static DerivedShape *shape_node(Shaper *shaper, Type *type, uint32_t depth)
{
    if (depth > CLASSES_MAX_DEPTH) {
        if (shaper->outcome != OUTCOME_REFUSED) {
            classes_report_endless(shaper->c, shaper->origin);
            shaper->outcome = OUTCOME_REFUSED;
        }
        return new_shape(shaper, DERIVED_DATA, 0);
    }
    if (type->kind == TYPE_VAR || type->kind == TYPE_SKOLEM ||
        classes_may_serve(shaper->c, shaper->class_, type)) {
        return shape_by_evidence(shaper, type, depth);
    }
    if (type->kind == TYPE_FUNCTION) { // instances are of other functions
        classes_report_function(shaper->c, shaper->origin, shaper->class_,
                                type);
        shaper->outcome = OUTCOME_REFUSED;
    }
    if (derived_status(shaper->c, shaper->class_, type) == DERIVED_STRUCTURAL) {
        return new_shape(shaper, DERIVED_DATA, 0);
    }
    if (type->kind == TYPE_TUPLE) {
        return shape_items(shaper, DERIVED_TUPLE, type->as.tuple.items,
                           type->as.tuple.count, depth);
    }
    if (type->kind == TYPE_RECORD) {
        return shape_record(shaper, type, depth);
    }
    if (type_is_prim(type, PRIM_LIST)) {
        return shape_items(shaper, DERIVED_LIST, type->as.con.args, 1, depth);
    }
    if (type_is_prim(type, PRIM_MAP)) {
        return shape_items(shaper, DERIVED_MAP, type->as.con.args, 1, depth);
    }
    if (type->kind == TYPE_CON) {
        return shape_union(shaper, type, depth);
    }
    return new_shape(shaper, DERIVED_DATA, 0);
}

static DerivedShape *shape_type(Shaper *shaper, Type *type, uint32_t depth)
{
    type = type_resolve(type);
    DerivedShape *shape = ptr_map_find(&shaper->memo, (uintptr_t)type, 0);
    if (shape == NULL) {
        shape = shape_node(shaper, type, depth);
        *ptr_map_at(&shaper->memo, (uintptr_t)type, 0) = shape;
    } else {
        shape->shared = true;
    }
    return shape;
}

Outcome derived_solve(Infer *c, const Wanted *origin, const ClassInfo *class_,
                      Type *type, Evidence **slot, uint32_t depth)
{
    DerivedStatus status = derived_status(c, class_, type);
    if (status == DERIVED_FUNCTION) {
        classes_report_function(c, origin, class_, type);
        return OUTCOME_REFUSED;
    }
    if (infer_is_over_budget(c)) {
        return OUTCOME_REFUSED;
    }
    Shaper shaper = {
        .c = c, .origin = origin, .class_ = class_, .outcome = OUTCOME_SOLVED};
    Evidence *evidence = classes_new_evidence(c, EVIDENCE_DERIVED);
    evidence->module = class_->module;
    evidence->index = class_->index;
    if (class_->name == SYM_CLASS_FROM_JSON) {
        evidence->json =
            derived_json(c, origin, class_, type, depth + 1, &shaper.outcome);
    } else if (status == DERIVED_NEEDS) {
        evidence->shape = shape_type(&shaper, type, depth + 1);
    }
    ptr_map_release(&shaper.unions);
    ptr_map_release(&shaper.memo);
    *slot = evidence;
    return shaper.outcome;
}
