// Type nodes: makers, records, substitution.
#include "typecheck/type.h"

#include <stdlib.h>

#include "support/ptr_map.h"

enum {
    // What a node inherits from its children.
    INHERITED = TYPE_HAS_VARS | TYPE_HAS_GENERICS | TYPE_HAS_ERROR |
                TYPE_HAS_REFINED | TYPE_HAS_FILLS,
    // Substitutions over more nodes than this remember what they have done.
    MEMO_AFTER = 64
};

static const Type ERROR_TYPE = {.kind = TYPE_ERROR, .flags = TYPE_HAS_ERROR};

const Type type_prims[PRIM_COUNT] = {
#define PRIM_ROW(prim)                                                         \
    [prim] = {.kind = TYPE_CON,                                                \
              .as.con = {.module = TYPE_MODULE_PRIM, .index = (prim)}}
    PRIM_ROW(PRIM_INTEGER), PRIM_ROW(PRIM_FLOAT), PRIM_ROW(PRIM_STRING),
    PRIM_ROW(PRIM_BOOLEAN), PRIM_ROW(PRIM_UNIT),  PRIM_ROW(PRIM_LIST),
    PRIM_ROW(PRIM_MAP),     PRIM_ROW(PRIM_JSON),
#undef PRIM_ROW
};

// The constants are shared by all threads and never written: they have no
// TYPE_HAS_VARS.
Type *type_error(void)
{
    return (Type *)&ERROR_TYPE;
}

void type_store_init(TypeStore *store, Arena *arena, uint64_t node_limit)
{
    *store = (TypeStore){.arena = arena, .node_limit = node_limit};
}

// NULL when the type grows over a limit.
static Type *new_node(TypeStore *store, TypeKind kind, uint32_t weight,
                      uint32_t height)
{
    store->node_count += 1 + (uint64_t)weight;
    if (store->node_count > store->node_limit || height > TYPE_MAX_HEIGHT) {
        store->exceeded = true;
        return NULL;
    }
    Type *type = arena_zalloc(store->arena, sizeof *type);
    type->kind = (uint8_t)kind;
    type->height = (uint16_t)height;
    return type;
}

Type *type_var(TypeStore *store, uint32_t level, uint8_t flags)
{
    Type *type = new_node(store, TYPE_VAR, 0, 0);
    if (type == NULL) {
        return type_error();
    }
    type->flags = (uint8_t)(flags | TYPE_HAS_VARS);
    type->as.var.level = level;
    type->as.var.serial = store->next_serial++;
    return type;
}

Type *type_skolem(TypeStore *store, uint32_t level, Symbol name, uint8_t flags)
{
    Type *type = type_var(store, level, flags);
    if (type->kind == TYPE_VAR) {
        type->kind = TYPE_SKOLEM;
        type->as.var.name = name;
    }
    return type;
}

Type *type_generic(TypeStore *store, uint32_t index, uint8_t flags)
{
    Type *type = new_node(store, TYPE_GENERIC, 0, 0);
    if (type == NULL) {
        return type_error();
    }
    type->flags = (uint8_t)(flags | TYPE_HAS_GENERICS);
    type->as.generic.index = index;
    return type;
}

// What a parent takes over from its children.
typedef struct Inherit {
    uint8_t flags;
    uint32_t height;
} Inherit;

static Inherit inherit_from(Type **items, uint32_t count)
{
    Inherit result = {0, 0};
    for (uint32_t i = 0; i < count; i++) {
        items[i] = type_unbound(items[i]);
        result.flags |= items[i]->flags & INHERITED;
        if (items[i]->height >= result.height) {
            result.height = items[i]->height + 1u;
        }
    }
    return result;
}

Type *type_con(TypeStore *store, uint32_t module, uint32_t index, Type **args,
               uint32_t count)
{
    if (count == 0 && module == TYPE_MODULE_PRIM) {
        return type_prim((PrimType)index);
    }
    Inherit inherit = inherit_from(args, count);
    Type *type = new_node(store, TYPE_CON, count, inherit.height);
    if (type == NULL) {
        return type_error();
    }
    type->flags = inherit.flags;
    type->as.con.module = module;
    type->as.con.index = index;
    type->as.con.args = args;
    type->as.con.count = count;
    return type;
}

Type *type_list(TypeStore *store, Type *item)
{
    Type **args = arena_alloc(store->arena, sizeof *args);
    args[0] = item;
    return type_con(store, TYPE_MODULE_PRIM, PRIM_LIST, args, 1);
}

Type *type_tuple(TypeStore *store, Type **items, uint32_t count)
{
    Inherit inherit = inherit_from(items, count);
    Type *type = new_node(store, TYPE_TUPLE, count, inherit.height);
    if (type == NULL) {
        return type_error();
    }
    type->flags = inherit.flags;
    type->as.tuple.items = items;
    type->as.tuple.count = count;
    return type;
}

Type *type_function(TypeStore *store, Type *param, Type *result)
{
    param = type_unbound(param);
    result = type_unbound(result);
    uint32_t height = param->height + 1u;
    if (result->height > height) {
        height = result->height;
    }
    Type *type = new_node(store, TYPE_FUNCTION, 1, height);
    if (type == NULL) {
        return type_error();
    }
    type->flags = (param->flags | result->flags) & INHERITED;
    type->as.function.param = param;
    type->as.function.result = result;
    return type;
}

int type_compare_order(const void *left, const void *right)
{
    uint32_t a = ((const RecordField *)left)->order;
    uint32_t b = ((const RecordField *)right)->order;
    return (a > b) - (a < b);
}

int type_compare_order_at(const void *left, const void *right)
{
    return type_compare_order(*(const RecordField *const *)left,
                              *(const RecordField *const *)right);
}

static int compare_fields(const void *a, const void *b)
{
    Symbol left = ((const RecordField *)a)->name;
    Symbol right = ((const RecordField *)b)->name;
    return (left > right) - (left < right);
}

// Few fields are sorted by insertion, and so are those that are in order.
void type_sort_fields(RecordField *fields, uint32_t count)
{
    enum { FEW = 24 };
    for (uint32_t i = 1; i < count; i++) {
        if (fields[i - 1].name <= fields[i].name) {
            continue;
        }
        if (count > FEW) {
            qsort(fields, count, sizeof *fields, compare_fields);
            return;
        }
        RecordField moved = fields[i];
        uint32_t at = i;
        do {
            fields[at] = fields[at - 1];
            at--;
        } while (at > 0 && fields[at - 1].name > moved.name);
        fields[at] = moved;
    }
}

Type *type_record_sorted(TypeStore *store, RecordField *fields, uint32_t count,
                         Type *tail)
{
    uint8_t flags = 0;
    uint32_t height = 1;
    for (uint32_t i = 0; i < count; i++) {
        Type *field = type_unbound(fields[i].type);
        fields[i].type = field;
        flags |= field->flags & INHERITED;
        if (fields[i].fill != NULL) {
            flags |= TYPE_HAS_FILLS;
        }
        if (field->height >= height) {
            height = field->height + 1u;
        }
    }
    if (tail != NULL) {
        tail = type_unbound(tail);
        flags |= tail->flags & INHERITED;
        height = tail->height > height ? tail->height : height;
    }
    Type *type = new_node(store, TYPE_RECORD, count, height);
    if (type == NULL) {
        return type_error();
    }
    type->flags = flags;
    type->as.record.fields = fields;
    type->as.record.count = count;
    type->as.record.tail = tail;
    return type;
}

Type *type_record(TypeStore *store, RecordField *fields, uint32_t count,
                  Type *tail)
{
    type_sort_fields(fields, count);
    return type_record_sorted(store, fields, count, tail);
}

Type *type_refined(TypeStore *store, Type *base, const Refinement *refinement)
{
    if (base->kind == TYPE_ERROR) {
        return base; // lest a chain that grew too high starts anew
    }
    Type *type = new_node(store, TYPE_REFINED, 0, base->height + 1u);
    if (type == NULL) {
        return type_error();
    }
    type->flags = (uint8_t)((base->flags & INHERITED) | TYPE_HAS_REFINED);
    type->link = base;
    type->as.refined.refinement = refinement;
    return type;
}

// ---- records

RecordField *type_fields_find(RecordField *fields, uint32_t count, Symbol name)
{
    // The last one whose name is no greater, if there is one: without a branch
    // to guess.
    while (count > 1) {
        uint32_t half = count / 2;
        fields = fields[half].name <= name ? fields + half : fields;
        count -= half;
    }
    return count > 0 && fields->name == name ? fields : NULL;
}

RecordField *type_record_find(Type *record, Symbol name, Type **out_tail)
{
    for (;;) {
        RecordField *found = type_fields_find(record->as.record.fields,
                                              record->as.record.count, name);
        Type *tail = record->as.record.tail;
        if (tail != NULL) {
            tail = type_resolve(tail);
        }
        if (found != NULL || tail == NULL || tail->kind != TYPE_RECORD) {
            if (out_tail != NULL) {
                *out_tail = found != NULL && tail != NULL
                                ? type_record_tail(record)
                                : tail;
            }
            return found;
        }
        record = tail;
    }
}

Type *type_record_tail(Type *record)
{
    for (;;) {
        Type *tail = record->as.record.tail;
        if (tail == NULL) {
            return NULL;
        }
        tail = type_resolve(tail);
        if (tail->kind != TYPE_RECORD) {
            return tail;
        }
        record = tail;
    }
}

RecordField *type_record_fields(Type *record, Arena *arena, uint32_t *out_count,
                                Type **out_tail)
{
    Type *tail = record->as.record.tail;
    tail = tail != NULL ? type_resolve(tail) : NULL;
    if (tail == NULL || tail->kind != TYPE_RECORD) {
        *out_count = record->as.record.count;
        *out_tail = tail;
        return record->as.record.fields;
    }
    uint64_t count = 0;
    Type *at = record;
    while (at != NULL && at->kind == TYPE_RECORD) {
        count += at->as.record.count;
        at = at->as.record.tail;
        at = at != NULL ? type_resolve(at) : NULL;
    }
    RecordField *fields = arena_array(arena, count, sizeof *fields);
    uint32_t filled = 0;
    uint32_t base = 0; // behind the fields of the records before
    at = record;
    while (at != NULL && at->kind == TYPE_RECORD) {
        uint32_t next = base;
        for (uint32_t i = 0; i < at->as.record.count; i++) {
            fields[filled] = at->as.record.fields[i];
            fields[filled].order += base;
            if (fields[filled].order >= next) {
                next = fields[filled].order + 1;
            }
            filled++;
        }
        base = next;
        at = at->as.record.tail;
        at = at != NULL ? type_resolve(at) : NULL;
    }
    type_sort_fields(fields, filled);
    *out_count = filled;
    *out_tail = at;
    return fields;
}

// ---- substitution

typedef struct Substitution {
    TypeStore *store;
    Type *const *args;
    uint32_t count;
    uint32_t steps;
    PtrMap memo;
} Substitution;

static Type *substitute(Substitution *sub, Type *type);

static Type **substitute_items(Substitution *sub, Type *const *items,
                               uint32_t count)
{
    Type **copy = arena_array(sub->store->arena, count, sizeof *copy);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = substitute(sub, items[i]);
    }
    return copy;
}

static Type *substitute_record(Substitution *sub, Type *type)
{
    uint32_t count = type->as.record.count;
    RecordField *fields = arena_array(sub->store->arena, count, sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = type->as.record.fields[i];
        fields[i].type = substitute(sub, fields[i].type);
    }
    Type *tail = type->as.record.tail;
    return type_record(sub->store, fields, count,
                       tail != NULL ? substitute(sub, tail) : NULL);
}

// Functions chain along their results, which may be long; the chain is walked
// in a loop.
static Type *substitute_function(Substitution *sub, Type *type)
{
    uint32_t count = 0;
    Type *last = type;
    while (last->kind == TYPE_FUNCTION) {
        count++;
        last = last->as.function.result;
    }
    Type **params = arena_array(sub->store->arena, count, sizeof *params);
    Type *at = type;
    for (uint32_t i = 0; i < count; i++) {
        params[i] = substitute(sub, at->as.function.param);
        at = at->as.function.result;
    }
    Type *result = substitute(sub, last);
    for (uint32_t i = count; i-- > 0;) {
        result = type_function(sub->store, params[i], result);
    }
    return result;
}

static Type *substitute_node(Substitution *sub, Type *type)
{
    switch ((TypeKind)type->kind) {
    case TYPE_GENERIC:
        return type->as.generic.index < sub->count
                   ? sub->args[type->as.generic.index]
                   : type;
    case TYPE_CON:
        return type_con(
            sub->store, type->as.con.module, type->as.con.index,
            substitute_items(sub, type->as.con.args, type->as.con.count),
            type->as.con.count);
    case TYPE_TUPLE:
        return type_tuple(
            sub->store,
            substitute_items(sub, type->as.tuple.items, type->as.tuple.count),
            type->as.tuple.count);
    case TYPE_FUNCTION:
        return substitute_function(sub, type);
    case TYPE_RECORD:
        return substitute_record(sub, type);
    case TYPE_REFINED:
        return type_refined(sub->store, substitute(sub, type->link),
                            type->as.refined.refinement);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
        break;
    }
    return type;
}

static Type *substitute(Substitution *sub, Type *type)
{
    type = type_unbound(type);
    if ((type->flags & TYPE_HAS_GENERICS) == 0) {
        return type;
    }
    if (sub->memo.count > 0) {
        Type *known = ptr_map_find(&sub->memo, (uintptr_t)type, 0);
        if (known != NULL) {
            return known;
        }
    }
    Type *result = substitute_node(sub, type);
    if (++sub->steps > MEMO_AFTER) {
        *ptr_map_at(&sub->memo, (uintptr_t)type, 0) = result;
    }
    return result;
}

Type *type_substitute(TypeStore *store, Type *type, Type *const *args,
                      uint32_t count)
{
    Substitution sub = {.store = store, .args = args, .count = count};
    Type *result = substitute(&sub, type);
    ptr_map_release(&sub.memo);
    return result;
}
