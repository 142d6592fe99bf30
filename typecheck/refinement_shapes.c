// Shapes of checks, and what is known of a value without looking at it.
#include "typecheck/refinements.h"

enum {
    // Unions inside unions, in one shape: types that grow at every turn have
    // no finite shape.
    UNIONS_MAX = 1000,
    // Nodes that are compared before two types count as different.
    COMPARE_MAX = 4096
};

static CheckShape *shape_of(Infer *c, Type *type, bool shallow);

// Unions at arguments that are the same nodes.
typedef struct UnionEntry {
    Type *type;
    CheckShape *shape; // NULL: nothing to check
    struct UnionEntry *next;
} UnionEntry;

static CheckShape *new_shape(Infer *c, CheckKind kind, uint32_t count)
{
    Arena *arena = c->arena;
    CheckShape *shape = ARENA_NEW(arena, CheckShape);
    shape->kind = kind;
    shape->closed = true;
    shape->count = count;
    shape->parts = arena_zalloc(arena, count * sizeof *shape->parts);
    return shape;
}

static bool shape_part(Infer *c, CheckShape *shape, uint32_t i, Type *type)
{
    shape->parts[i] = shape_of(c, type, false);
    if (shape->parts[i] == NULL) {
        return false;
    }
    shape->closed &= shape->parts[i]->closed;
    return true;
}

static CheckShape *shape_parts(Infer *c, CheckKind kind, Type *const *types,
                               uint32_t count)
{
    CheckShape *shape = new_shape(c, kind, count);
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        any |= shape_part(c, shape, i, types[i]);
    }
    return any ? shape : NULL;
}

static CheckShape *shape_record(Infer *c, const Type *type)
{
    uint32_t refined = 0;
    for (uint32_t i = 0; i < type->as.record.count; i++) {
        const Type *field = type->as.record.fields[i].type;
        refined += (field->flags & TYPE_HAS_REFINED) != 0;
    }
    CheckShape *shape = new_shape(c, CHECK_RECORD, refined);
    Symbol *names = arena_array(c->arena, refined, sizeof *names);
    uint32_t count = 0;
    for (uint32_t i = 0; i < type->as.record.count; i++) {
        const RecordField *field = &type->as.record.fields[i];
        if ((field->type->flags & TYPE_HAS_REFINED) != 0 &&
            shape_part(c, shape, count, field->type)) {
            names[count++] = field->name;
        }
    }
    shape->count = count;
    shape->fields = names;
    return count > 0 ? shape : NULL;
}

// ---- unions

static UnionEntry *find_union(Infer *c, Type *type)
{
    uint64_t name = (uint64_t)type->as.con.module << 32 | type->as.con.index;
    void **chain = ptr_map_at(&c->check_unions, (uintptr_t)type->as.con.args[0],
                              (uintptr_t)name);
    for (UnionEntry *entry = *chain; entry != NULL; entry = entry->next) {
        bool same = true;
        for (uint32_t i = 1; i < type->as.con.count; i++) {
            same &= entry->type->as.con.args[i] == type->as.con.args[i];
        }
        if (same) {
            return entry;
        }
    }
    UnionEntry *entry = ARENA_NEW(c->store.arena, UnionEntry);
    c->store.made_parts = true;
    *entry = (UnionEntry){.next = *chain};
    *chain = entry;
    return entry;
}

// What the declaration itself says of the arguments is checked where values
// are constructed; here it is about what stands for its parameters.
static bool fill_union(Infer *c, CheckShape *shape, const Type *type,
                       const UnionInfo *info)
{
    bool any = false;
    uint32_t at = 0;
    for (uint32_t i = 0; i < info->ctor_count; i++) {
        const CtorInfo *ctor = &info->ctors[i];
        for (uint32_t a = 0; a < ctor->arg_count; a++, at++) {
            if ((ctor->args[a]->flags & TYPE_HAS_GENERICS) != 0) {
                Type *arg =
                    type_substitute(&c->store, ctor->args[a], type->as.con.args,
                                    type->as.con.count);
                any |= shape_part(c, shape, at, arg);
            }
        }
    }
    return any;
}

static CheckShape *shape_union(Infer *c, Type *type)
{
    const UnionInfo *info =
        type_union_info(c->program, type->as.con.module, type->as.con.index);
    UnionEntry *entry = find_union(c, type);
    if (info == NULL || entry->type != NULL) {
        return entry->shape;
    }
    if (c->check_depth >= UNIONS_MAX) {
        c->store.exceeded = true;
        return NULL;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < info->ctor_count; i++) {
        count += info->ctors[i].arg_count;
    }
    CheckShape *shape = new_shape(c, CHECK_UNION, count);
    shape->module = type->as.con.module;
    shape->type = type->as.con.index;
    // Known before it is complete, for recursive unions.
    entry->type = type;
    entry->shape = shape;
    c->check_depth++;
    if (!fill_union(c, shape, type, info)) {
        entry->shape = NULL;
    }
    c->check_depth--;
    return entry->shape;
}

// ---- refinements

static CheckShape *shape_refined(Infer *c, Type *type, bool shallow)
{
    const Refined *refined = refinements_refined(c, type, c->check_annotation);
    if (refined == NULL) {
        return shape_of(c, type->link, shallow);
    }
    CheckShape *shape = new_shape(c, CHECK_REFINED, 1);
    shape->refined = refined;
    shape->parts[0] = shape_of(c, type->link, shallow);
    shape->closed =
        (shape->parts[0] == NULL || shape->parts[0]->closed) && !refined->open;
    for (uint32_t i = 0; i < refined->expr->as.refined.count; i++) {
        shape->closed &=
            refined->expr->as.refined.predicates[i].hidden != UINT32_MAX;
    }
    return shape;
}

// The function that a type is, unless a refinement of its own comes before it.
static Type *plain_function(Type *type)
{
    while (type->kind != TYPE_REFINED && type->link != NULL) {
        type = type->link;
    }
    return type->kind == TYPE_FUNCTION ? type : NULL;
}

static CheckShape *shape_function(Infer *c, Type *type)
{
    uint32_t count = 1;
    Type *at = type;
    for (Type *f = type; f != NULL; f = plain_function(at)) {
        at = f->as.function.result;
        count++;
    }
    Type **parts = arena_array(c->scratch, count, sizeof *parts);
    at = type;
    for (uint32_t i = 0; i + 1 < count; i++) {
        const Type *function = plain_function(at);
        parts[i] = function->as.function.param;
        at = function->as.function.result;
    }
    parts[count - 1] = at;
    return shape_parts(c, CHECK_FUNCTION, parts, count);
}

static CheckShape *shape_node(Infer *c, Type *type, bool shallow)
{
    if (type->kind == TYPE_REFINED) {
        return shape_refined(c, type, shallow);
    }
    if (shallow) {
        return NULL;
    }
    switch ((TypeKind)type->kind) {
    case TYPE_TUPLE:
        return shape_parts(c, CHECK_TUPLE, type->as.tuple.items,
                           type->as.tuple.count);
    case TYPE_RECORD:
        return shape_record(c, type);
    case TYPE_CON:
        if (type_is_prim(type, PRIM_LIST)) {
            return shape_parts(c, CHECK_LIST, type->as.con.args, 1);
        }
        if (type_is_prim(type, PRIM_MAP)) {
            return shape_parts(c, CHECK_MAP, type->as.con.args, 1);
        }
        return type->as.con.count > 0 ? shape_union(c, type) : NULL;
    case TYPE_FUNCTION:
        return shape_function(c, type);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
    return NULL;
}

// A memo that says that there is nothing to check.
static bool is_nothing(const CheckShape *shape)
{
    return shape->count == 0;
}

static CheckShape *shape_of(Infer *c, Type *type, bool shallow)
{
    while (type->kind != TYPE_REFINED && type->link != NULL) {
        type = type->link;
    }
    if ((type->flags & TYPE_HAS_REFINED) == 0) {
        return NULL;
    }
    uintptr_t how = shallow ? 2 : 1;
    how += c->check_annotation == NULL ? 2 : 0;
    CheckShape *shape = ptr_map_find(&c->check_shapes, (uintptr_t)type, how);
    if (shape == NULL) {
        shape = shape_node(c, type, shallow);
        void **slot = ptr_map_at(&c->check_shapes, (uintptr_t)type, how);
        *slot = shape != NULL ? shape : new_shape(c, CHECK_TUPLE, 0);
        return shape;
    }
    return is_nothing(shape) ? NULL : shape;
}

const CheckShape *refinements_shape(Infer *c, Type *type, bool shallow,
                                    const Span *annotation)
{
    const Span *outer = c->check_annotation;
    c->check_annotation = annotation;
    const CheckShape *shape = shape_of(c, type, shallow);
    c->check_annotation = outer;
    return shape;
}

// ---- what there is to do

typedef struct ShapeScan {
    PtrMap seen;
    VEC(const CheckShape *) todo;
} ShapeScan;

static void scan_add(ShapeScan *scan, const CheckShape *shape)
{
    if (shape != NULL) {
        void **seen = ptr_map_at(&scan->seen, (uintptr_t)shape, 0);
        if (*seen == NULL) {
            *seen = scan;
            vec_push(&scan->todo, shape);
        }
    }
}

void refinements_scan(Infer *c, RefinementCheck *check)
{
    enum { SCANNED = 1, LOOKS = 2, WRAPS = 4 };
    void **known = ptr_map_at(&c->check_scans, (uintptr_t)check->shape, 0);
    if (*known == NULL) {
        uintptr_t found = SCANNED;
        ShapeScan scan = {0};
        scan_add(&scan, check->shape);
        while (scan.todo.count > 0) {
            const CheckShape *shape = vec_pop(&scan.todo);
            found |= shape->kind == CHECK_REFINED    ? LOOKS
                     : shape->kind == CHECK_FUNCTION ? WRAPS
                                                     : 0;
            uint32_t count = shape->kind == CHECK_FUNCTION ? 0 : shape->count;
            for (uint32_t i = 0; i < count; i++) {
                scan_add(&scan, shape->parts[i]);
            }
        }
        ptr_map_release(&scan.seen);
        vec_release(&scan.todo);
        *known = (void *)found;
    }
    check->looks = ((uintptr_t)*known & LOOKS) != 0;
    check->wraps = ((uintptr_t)*known & WRAPS) != 0;
}

Type *refinements_strip_slow(Infer *c, Type *type)
{
    void **known = ptr_map_at(&c->stripped, (uintptr_t)type, 0);
    if (*known == NULL) {
        *known = type_strip(&c->store, type);
    }
    return *known;
}

// ---- what is known

static Type *known_field(Infer *c, const Expr *expr)
{
    Type *record = refinements_known(c, &expr->as.field.of->record);
    record = record != NULL ? type_resolve(record) : NULL;
    if (record == NULL || record->kind != TYPE_RECORD) {
        return NULL;
    }
    RecordField *field =
        type_record_find(record, expr->as.field.field, &(Type *){NULL});
    return field != NULL ? field->type : NULL;
}

static Type *known_result(Infer *c, const Expr *expr)
{
    Type *type = refinements_known(c, &expr->as.call.parts[0]);
    for (uint32_t i = 1; type != NULL && i < expr->as.call.count; i++) {
        type = type_resolve(type);
        type = type->kind == TYPE_FUNCTION ? type->as.function.result : NULL;
    }
    return type;
}

Type *refinements_known(Infer *c, const Expr *expr)
{
    if (expr->kind == EXPR_NAME && expr->as.name.ref == REF_LOCAL) {
        uint32_t local = expr->as.name.index;
        return local < c->local_capacity ? c->locals[local].refined : NULL;
    }
    if (expr->kind == EXPR_NAME && expr->as.name.ref == REF_GLOBAL) {
        const ModuleTypes *types =
            c->program->modules[expr->as.name.module]->checked;
        return types != NULL && types->refined != NULL
                   ? types->refined[expr->as.name.index]
                   : NULL;
    }
    if (expr->kind == EXPR_FIELD) {
        return known_field(c, expr);
    }
    if (expr->kind == EXPR_CALL) {
        return known_result(c, expr);
    }
    return expr->kind == EXPR_ANNOTATED
               ? ptr_map_find(&c->annotations,
                              (uintptr_t)expr->as.annotated->type, 0)
               : NULL;
}

typedef struct Comparison {
    uint32_t left; // nodes
} Comparison;

static bool implied(Comparison *comparison, Type *known, Type *type);

static bool all_implied(Comparison *comparison, Type *const *known,
                        Type *const *types, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!implied(comparison, known[i], types[i])) {
            return false;
        }
    }
    return true;
}

static bool record_implied(Comparison *comparison, Type *known,
                           const Type *type)
{
    for (uint32_t i = 0; i < type->as.record.count; i++) {
        const RecordField *field = &type->as.record.fields[i];
        if ((field->type->flags & TYPE_HAS_REFINED) == 0) {
            continue;
        }
        RecordField *other =
            type_record_find(known, field->name, &(Type *){NULL});
        if (other == NULL || !implied(comparison, other->type, field->type)) {
            return false;
        }
    }
    return true;
}

// What is known to check its arguments as strictly, and to give results that
// are as good, needs no wrapper.
static bool function_implied(Comparison *comparison, Type *known, Type *type)
{
    while (known->kind == TYPE_FUNCTION && type->kind == TYPE_FUNCTION &&
           comparison->left > 0) {
        comparison->left--;
        if (!implied(comparison, known->as.function.param,
                     type->as.function.param)) {
            return false;
        }
        known = known->as.function.result;
        type = type->as.function.result;
        if (plain_function(known) == NULL || plain_function(type) == NULL) {
            break;
        }
        known = plain_function(known);
        type = plain_function(type);
    }
    return implied(comparison, known, type);
}

static bool says(const Type *known, const Type *refined)
{
    for (; known != NULL; known = known->link) {
        if (known->kind == TYPE_REFINED &&
            known->as.refined.refinement->expr ==
                refined->as.refined.refinement->expr) {
            return true;
        }
    }
    return false;
}

static bool implied(Comparison *comparison, Type *known, Type *type)
{
    if (known == type || (type->flags & TYPE_HAS_REFINED) == 0) {
        return true;
    }
    for (; type->link != NULL; type = type->link) {
        if (type->kind == TYPE_REFINED && !says(known, type)) {
            return false;
        }
    }
    known = type_resolve(known);
    if (known->kind != type->kind || comparison->left == 0) {
        return false;
    }
    comparison->left--;
    switch ((TypeKind)type->kind) {
    case TYPE_CON:
        return type_same_con(known, type) &&
               all_implied(comparison, known->as.con.args, type->as.con.args,
                           type->as.con.count);
    case TYPE_TUPLE:
        return known->as.tuple.count == type->as.tuple.count &&
               all_implied(comparison, known->as.tuple.items,
                           type->as.tuple.items, type->as.tuple.count);
    case TYPE_RECORD:
        return record_implied(comparison, known, type);
    case TYPE_FUNCTION:
        return function_implied(comparison, known, type);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
    return (type->flags & TYPE_HAS_REFINED) == 0;
}

bool refinements_implied(Type *known, Type *type)
{
    Comparison comparison = {COMPARE_MAX};
    return known != NULL && implied(&comparison, known, type);
}
