// Hash consing (Ershov 1958): nodes are equal when their parts are the same
// nodes.
#include "typecheck/type_share.h"

#include <stdlib.h>

#include "support/die.h"
#include "typecheck/module_types.h"

void type_share_release(TypeShare *share)
{
    free(share->slots);
    *share = (TypeShare){0};
}

// ---- equality

// Nodes of schemes have numbers.
static inline bool same_part(Type *a, Type *b)
{
    if (a == b) {
        return true;
    }
    if (((a->flags | b->flags) & TYPE_HAS_GENERICS) != 0) {
        return (a->flags & b->flags & TYPE_HAS_GENERICS) != 0 &&
               a->mark == b->mark;
    }
    return type_resolve(a) == type_resolve(b);
}

static bool same_types(Type *const *a, Type *const *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!same_part(a[i], b[i])) {
            return false;
        }
    }
    return true;
}

static bool same_records(const Type *a, const Type *b)
{
    bool same = a->as.record.count == b->as.record.count &&
                (a->as.record.tail == NULL) == (b->as.record.tail == NULL);
    for (uint32_t i = 0; same && i < a->as.record.count; i++) {
        const RecordField *left = &a->as.record.fields[i];
        const RecordField *right = &b->as.record.fields[i];
        same = left->name == right->name && left->order == right->order &&
               same_part(left->type, right->type);
    }
    return same && (a->as.record.tail == NULL ||
                    same_types(&a->as.record.tail, &b->as.record.tail, 1));
}

static bool same_nodes(const Type *a, const Type *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    switch ((TypeKind)a->kind) {
    case TYPE_CON:
        return type_same_con(a, b) &&
               same_types(a->as.con.args, b->as.con.args, a->as.con.count);
    case TYPE_TUPLE:
        return a->as.tuple.count == b->as.tuple.count &&
               same_types(a->as.tuple.items, b->as.tuple.items,
                          a->as.tuple.count);
    case TYPE_FUNCTION:
        return same_types(&a->as.function.param, &b->as.function.param, 1) &&
               same_types(&a->as.function.result, &b->as.function.result, 1);
    case TYPE_RECORD:
        return same_records(a, b);
    case TYPE_GENERIC:
        return a->as.generic.index == b->as.generic.index &&
               a->flags == b->flags;
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_REFINED:
        break;
    }
    return false;
}

static bool same_schemes(const Scheme *a, const Scheme *b)
{
    bool same = a->node_count == b->node_count &&
                a->generic_count == b->generic_count &&
                a->constraint_count == b->constraint_count &&
                same_part(a->type, b->type);
    for (uint32_t i = 0; same && i < a->node_count; i++) {
        same = same_nodes(a->nodes[i], b->nodes[i]);
    }
    for (uint32_t i = 0; same && i < a->constraint_count; i++) {
        const SchemeConstraint *left = &a->constraints[i];
        const SchemeConstraint *right = &b->constraints[i];
        same = left->class_ == right->class_ &&
               same_types(left->args, right->args, left->class_->param_count);
    }
    return same;
}

// ---- the table

static void grow(TypeShare *share)
{
    enum { FIRST_CAPACITY = 64 };
    TypeShare larger = {.count = share->count};
    larger.capacity =
        share->capacity > 0 ? share->capacity * 2 : FIRST_CAPACITY;
    larger.slots = mem_calloc(larger.capacity, sizeof *larger.slots);
    for (uint32_t i = 0; i < share->capacity; i++) {
        if (share->slots[i].type != NULL) {
            uint32_t at = (uint32_t)share->slots[i].hash;
            while (larger.slots[at & (larger.capacity - 1)].type != NULL) {
                at++;
            }
            larger.slots[at & (larger.capacity - 1)] = share->slots[i];
        }
    }
    free(share->slots);
    *share = larger;
}

// ---- what is about to be made

static bool is_record_of(const Type *type, const RecordField *fields,
                         uint32_t count)
{
    if (type->kind != TYPE_RECORD || type->as.record.count != count ||
        type->as.record.tail != NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const RecordField *field = &type->as.record.fields[i];
        if (field->order >= count || fields[field->order].name != field->name ||
            fields[field->order].type != field->type) {
            return false;
        }
    }
    return true;
}

Type *type_share_find_record(const TypeShare *share, RecordField *fields,
                             uint32_t count)
{
    if (share->count == 0) {
        return NULL;
    }
    uint64_t hash = TYPE_RECORD;
    for (uint32_t i = 0; i < count; i++) {
        fields[i].type = type_unbound(fields[i].type);
        hash += type_share_field(&fields[i], (uintptr_t)fields[i].type);
    }
    uint32_t at = type_share_first(&hash);
    const SharedType *slot;
    while ((slot = type_share_next(share, hash, &at)) != NULL) {
        if (is_record_of(slot->type, fields, count)) {
            return slot->type;
        }
    }
    return NULL;
}

Type *type_share_find_list(const TypeShare *share, Type *item)
{
    if (share->count == 0) {
        return NULL;
    }
    item = type_unbound(item);
    uint64_t hash = type_share_mix(type_share_con(TYPE_MODULE_PRIM, PRIM_LIST),
                                   (uintptr_t)item);
    uint32_t at = type_share_first(&hash);
    const SharedType *slot;
    while ((slot = type_share_next(share, hash, &at)) != NULL) {
        if (type_is_prim(slot->type, PRIM_LIST) &&
            slot->type->as.con.args[0] == item) {
            return slot->type;
        }
    }
    return NULL;
}

// Schemes without variables are found by the address of their type.
static uint64_t hash_address(const Type *type)
{
    return type_share_mix(0, (uintptr_t)type);
}

const Scheme *type_share_find_mono(const TypeShare *share, const Type *type)
{
    if (share->count == 0) {
        return NULL;
    }
    uint64_t hash = hash_address(type);
    uint32_t at = type_share_first(&hash);
    const SharedType *slot;
    while ((slot = type_share_next(share, hash, &at)) != NULL) {
        if (slot->type == type) {
            return slot->scheme;
        }
    }
    return NULL;
}

// ---- making entries

// Of one of the two.
static SharedType *share_at(TypeShare *share, const Type *type,
                            const Scheme *scheme, uint64_t hash)
{
    (void)type_share_first(&hash);
    // As if the entry that comes out empty were always filled.
    if ((share->count + 1) * 4 > share->capacity * 3) {
        grow(share);
    }
    for (uint32_t at = (uint32_t)hash;; at++) {
        SharedType *slot = &share->slots[at & (share->capacity - 1)];
        if (slot->type == NULL) {
            slot->hash = hash;
            share->count++;
            return slot;
        }
        if (slot->hash == hash &&
            (type != NULL ? same_nodes(slot->type, type)
                          : slot->scheme != NULL &&
                                same_schemes(slot->scheme, scheme))) {
            return slot;
        }
    }
}

SharedType *type_share_at(TypeShare *share, const Type *type, uint64_t hash)
{
    return share_at(share, type, NULL, hash);
}

SharedType *type_share_scheme_at(TypeShare *share, const Scheme *scheme,
                                 uint64_t hash)
{
    return share_at(share, NULL, scheme, hash);
}

const Scheme *type_share_mono(TypeShare *share, Arena *arena, Type *type)
{
    const Scheme *known = type_share_find_mono(share, type);
    if (known != NULL || type_is_constant(type)) {
        return known != NULL ? known : scheme_mono(arena, type);
    }
    SharedType *slot = type_share_at(share, type, hash_address(type));
    slot->type = type;
    slot->scheme = scheme_mono(arena, type);
    return slot->scheme;
}
