// Automatic FromJson: what a type looks like as JSON, with the defaults of its
// fields. The inverse of how values print (LANGUAGE.md section 7).
#include "typecheck/classes_internal.h"

#include <stdlib.h>

#include "typecheck/data.h"
#include "typecheck/refinements.h"

typedef struct UnionEntry UnionEntry;
struct UnionEntry {
    Type *type;
    JsonShape *shape;
    UnionEntry *next; // the same union, applied to other types
};

typedef struct JsonShaper {
    Infer *c;
    const Wanted *origin;
    const ClassInfo *class_; // NULL: of imported data, which no instances read
    PtrMap unions; // by module + 1 and index, so that recursive ones tie a knot
    PtrMap memo;   // type -> shape: types are shared graphs
    Outcome *outcome;
    bool has_refined;
} JsonShaper;

static JsonShape *shape_type(JsonShaper *s, Type *type, uint32_t depth);

static JsonShape *new_shape(JsonShaper *s, JsonKind kind, uint32_t count)
{
    (void)infer_afford(s->c, 1 + (uint64_t)count);
    JsonShape *shape = ARENA_NEW(s->c->arena, JsonShape);
    shape->kind = kind;
    shape->parts = arena_array(s->c->arena, count, sizeof *shape->parts);
    shape->count = count;
    return shape;
}

static JsonShape *shape_items(JsonShaper *s, JsonKind kind, Type *const *types,
                              uint32_t count, uint32_t depth)
{
    JsonShape *shape = new_shape(s, kind, count);
    for (uint32_t i = 0; i < count; i++) {
        shape->parts[i] = shape_type(s, types[i], depth);
    }
    return shape;
}

static JsonShape *refuse(JsonShaper *s)
{
    *s->outcome = OUTCOME_REFUSED;
    return new_shape(s, JSON_ANY, 0);
}

static JsonShape *shape_evidence(JsonShaper *s, Type *type, uint32_t depth)
{
    if (s->class_ == NULL) {
        return refuse(s);
    }
    JsonShape *shape = new_shape(s, JSON_EVIDENCE, 0);
    Type **args = arena_alloc(s->c->store.arena, sizeof *args);
    args[0] = type;
    if (classes_solve(s->c, s->origin, s->class_, args, &shape->evidence,
                      depth) == OUTCOME_REFUSED) {
        *s->outcome = OUTCOME_REFUSED;
    }
    return shape;
}

// ---- records

// A literal number, string or truth value of the type itself, or a list of
// such: its value is known whoever looks at it, notes or not. As deep as the
// literal.
static bool is_plain_value(const Expr *value, const Type *type)
{
    if (type->kind != TYPE_CON || type->as.con.module != TYPE_MODULE_PRIM) {
        return false;
    }
    if (value->kind != EXPR_LIST) {
        return value->kind >= EXPR_BOOL && value->kind <= EXPR_STRING;
    }
    bool is_plain = type_is_prim(type, PRIM_LIST);
    for (uint32_t i = 0; i < value->as.list.count && is_plain; i++) {
        is_plain =
            is_plain_value(&value->as.list.items[i], type->as.con.args[0]);
    }
    return is_plain;
}

static bool is_plain_default(const Infer *c, const RecordField *field)
{
    const FieldFill *fill = field->fill;
    if (!data_is_constant_fill(c, fill)) {
        return false;
    }
    const Expr *value =
        c->program->modules[fill->module]->bindings[fill->decl->hidden].value;
    return is_plain_value(value, field->type);
}

static RecordFill fill_of(JsonShaper *s, const RecordField *field)
{
    const FieldFill *fill = field->fill;
    if (fill == NULL || fill->optional) {
        bool optional = fill != NULL || infer_is_option(s->c, field->type);
        return (RecordFill){.name = optional ? field->name : 0,
                            .is_none = true};
    }
    if (s->class_ != NULL) {
        refinements_add_ref(s->c, fill->module, fill->decl->hidden,
                            s->origin->span);
    } else if (!is_plain_default(s->c, field)) {
        *s->outcome = OUTCOME_REFUSED;
    }
    return (RecordFill){.name = field->name,
                        .module = fill->module,
                        .index = fill->decl->hidden,
                        .args = fill->args,
                        .arg_count = fill->arg_count};
}

// Fields as declared, so that defaults come after what they use.
static JsonShape *shape_record(JsonShaper *s, Type *type, uint32_t depth)
{
    Arena *arena = s->c->arena;
    uint32_t count;
    Type *tail;
    RecordField *fields =
        type_record_fields(type, s->c->scratch, &count, &tail);
    if (tail != NULL && tail->kind != TYPE_ERROR) {
        return shape_evidence(s, type, depth);
    }
    fields = arena_copy(s->c->scratch, fields, count * sizeof *fields);
    if (count > 1) {
        qsort(fields, count, sizeof *fields, type_compare_order);
    }
    JsonShape *shape = new_shape(s, JSON_RECORD, count);
    Symbol *names = arena_array(arena, count, sizeof *names);
    RecordFill *fills = arena_array(arena, count, sizeof *fills);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = fields[i].name;
        fills[i] = fill_of(s, &fields[i]);
        shape->parts[i] = shape_type(s, fields[i].type, depth);
    }
    shape->fields = names;
    shape->fills = fills;
    return shape;
}

// ---- unions

static JsonShape *shape_union(JsonShaper *s, Type *type, uint32_t depth)
{
    if (infer_is_option(s->c, type)) {
        return shape_items(s, JSON_OPTION, type->as.con.args, 1, depth);
    }
    void **first = ptr_map_at(&s->unions, (uintptr_t)type->as.con.module + 1,
                              type->as.con.index);
    for (const UnionEntry *entry = *first; entry != NULL; entry = entry->next) {
        if (types_equal(entry->type, type)) {
            return entry->shape;
        }
    }
    const UnionInfo *info =
        type_union_info(s->c->program, type->as.con.module, type->as.con.index);
    uint32_t count = 0;
    if (info == NULL && s->class_ == NULL) {
        return refuse(s);
    }
    for (uint32_t i = 0; info != NULL && i < info->ctor_count; i++) {
        count += info->ctors[i].arg_count;
    }
    JsonShape *shape = new_shape(s, JSON_UNION, count);
    shape->module = type->as.con.module;
    shape->type = type->as.con.index;
    shape->may_be_refined = count > 0; // not known: it may lead to itself
    UnionEntry *entry = ARENA_NEW(s->c->scratch, UnionEntry);
    *entry = (UnionEntry){type, shape, *first};
    *first = entry;
    uint32_t at = 0;
    for (uint32_t i = 0; info != NULL && i < info->ctor_count; i++) {
        for (uint32_t a = 0; a < info->ctors[i].arg_count; a++) {
            Type *arg = type_substitute(&s->c->store, info->ctors[i].args[a],
                                        type->as.con.args, type->as.con.count);
            shape->parts[at++] = shape_type(s, arg, depth);
        }
    }
    return shape;
}

static JsonShape *shape_prim(JsonShaper *s, const Type *type, uint32_t depth)
{
    switch ((PrimType)type->as.con.index) {
    case PRIM_LIST:
        return shape_items(s, JSON_LIST, type->as.con.args, 1, depth);
    case PRIM_MAP:
        return shape_items(s, JSON_MAP, type->as.con.args, 1, depth);
    case PRIM_INTEGER:
        return new_shape(s, JSON_INTEGER, 0);
    case PRIM_FLOAT:
        return new_shape(s, JSON_FLOAT, 0);
    case PRIM_STRING:
        return new_shape(s, JSON_STRING, 0);
    case PRIM_BOOLEAN:
        return new_shape(s, JSON_BOOLEAN, 0);
    case PRIM_UNIT:
        return new_shape(s, JSON_UNIT, 0);
    case PRIM_JSON:
        return new_shape(s, JSON_ANY, 0);
    case PRIM_COUNT:
        break;
    }
    UNREACHABLE();
}

static JsonShape *shape_node(JsonShaper *s, Type *type, uint32_t depth)
{
    if (depth > CLASSES_MAX_DEPTH && s->class_ == NULL) {
        return refuse(s);
    }
    if (depth > CLASSES_MAX_DEPTH) {
        if (*s->outcome != OUTCOME_REFUSED) {
            classes_report_endless(s->c, s->origin);
            *s->outcome = OUTCOME_REFUSED;
        }
        return new_shape(s, JSON_ANY, 0);
    }
    if (type->kind == TYPE_VAR || type->kind == TYPE_SKOLEM ||
        (s->class_ != NULL && classes_may_serve(s->c, s->class_, type))) {
        return shape_evidence(s, type, depth);
    }
    if (type->kind == TYPE_FUNCTION && s->class_ != NULL) {
        classes_report_function(s->c, s->origin, s->class_, type);
        return refuse(s);
    }
    if (type->kind == TYPE_TUPLE) {
        return shape_items(s, JSON_TUPLE, type->as.tuple.items,
                           type->as.tuple.count, depth);
    }
    if (type->kind == TYPE_RECORD) {
        return shape_record(s, type, depth);
    }
    if (type->kind == TYPE_CON && type->as.con.module == TYPE_MODULE_PRIM) {
        return shape_prim(s, type, depth);
    }
    if (type->kind == TYPE_CON) {
        return shape_union(s, type, depth);
    }
    return s->class_ == NULL ? refuse(s) : new_shape(s, JSON_ANY, 0);
}

static bool is_refined(const Type *type)
{
    while (type->kind != TYPE_REFINED && type->link != NULL) {
        type = type->link;
    }
    return type->kind == TYPE_REFINED;
}

// The base, with what is to be checked there.
static JsonShape *shape_refined(JsonShaper *s, Type *type, uint32_t depth)
{
    JsonShape *shape = ptr_map_find(&s->memo, (uintptr_t)type, 0);
    if (shape == NULL) {
        const JsonShape *base = shape_type(s, type_resolve(type), depth);
        shape = arena_copy(s->c->arena, base, sizeof *base);
        shape->refined = type;
        shape->may_be_refined = true;
        s->has_refined = true;
        *ptr_map_at(&s->memo, (uintptr_t)type, 0) = shape;
    }
    return shape;
}

static void find_refined(JsonShape *shape)
{
    for (uint32_t i = 0; i < shape->count && !shape->may_be_refined; i++) {
        shape->may_be_refined = shape->parts[i]->may_be_refined;
    }
}

static JsonShape *shape_type(JsonShaper *s, Type *type, uint32_t depth)
{
    if (s->class_ == NULL && is_refined(type)) {
        return shape_refined(s, type, depth);
    }
    type = type_resolve(type);
    JsonShape *shape = ptr_map_find(&s->memo, (uintptr_t)type, 0);
    if (shape == NULL) {
        shape = shape_node(s, type, depth + 1);
        find_refined(shape);
        *ptr_map_at(&s->memo, (uintptr_t)type, 0) = shape;
    }
    return shape;
}

const JsonShape *derived_json(Infer *c, const Wanted *origin,
                              const ClassInfo *class_, Type *type,
                              uint32_t depth, Outcome *outcome)
{
    JsonShaper shaper = {
        .c = c, .origin = origin, .class_ = class_, .outcome = outcome};
    JsonShape *shape = shape_node(&shaper, type, depth);
    ptr_map_release(&shaper.unions);
    ptr_map_release(&shaper.memo);
    return shape;
}

const JsonShape *derived_data(Infer *c, Type *type, bool *out_refined)
{
    Outcome outcome = OUTCOME_SOLVED;
    JsonShaper shaper = {.c = c, .outcome = &outcome};
    JsonShape *shape = shape_type(&shaper, type, 0);
    ptr_map_release(&shaper.unions);
    ptr_map_release(&shaper.memo);
    *out_refined = shaper.has_refined;
    return outcome == OUTCOME_SOLVED ? shape : NULL;
}
