// What outlives the checking of a module. Inference makes many more types than
// it keeps: they live in an arena of their own, and at the end the schemes are
// copied out of it, into those that the worker shares among its modules. Where
// more than schemes may point into it (refinements, defaults, instances, who
// watches), or where there is much to copy, it is kept as it is.
#include "typecheck/infer_internal.h"

// Also bounds the depth of the types, and so that of the copying.
#define COPIED_MAX ((size_t)128 << 10)

typedef struct Keeper {
    const Arena *from;
    Arena *into;
    TypeShare *share;
    bool failed;
} Keeper;

static Type *keep_type(Keeper *k, Type *type);

static Type **keep_types(Keeper *k, Type *const *types, uint32_t count)
{
    Type **copy = arena_array(k->into, count, sizeof(Type *));
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = keep_type(k, types[i]);
    }
    return copy;
}

static void keep_record(Keeper *k, Type *copy)
{
    uint32_t count = copy->as.record.count;
    RecordField *fields =
        arena_copy(k->into, copy->as.record.fields, count * sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[i].type = keep_type(k, fields[i].type);
        k->failed |= fields[i].fill != NULL;
    }
    copy->as.record.fields = fields;
    if (copy->as.record.tail != NULL) {
        copy->as.record.tail = keep_type(k, copy->as.record.tail);
    }
}

static void keep_parts(Keeper *k, Type *copy)
{
    switch ((TypeKind)copy->kind) {
    case TYPE_CON:
        copy->as.con.args =
            keep_types(k, copy->as.con.args, copy->as.con.count);
        return;
    case TYPE_TUPLE:
        copy->as.tuple.items =
            keep_types(k, copy->as.tuple.items, copy->as.tuple.count);
        return;
    case TYPE_FUNCTION:
        copy->as.function.param = keep_type(k, copy->as.function.param);
        copy->as.function.result = keep_type(k, copy->as.function.result);
        return;
    case TYPE_RECORD:
        keep_record(k, copy);
        return;
    case TYPE_GENERIC:
    case TYPE_ERROR:
        return;
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_REFINED:
        k->failed = true;
        return;
    }
}

static Type *copy_type(Keeper *k, const Type *type)
{
    // The mark too: in a scheme it is the node's number.
    Type *copy = arena_copy(k->into, type, sizeof *type);
    keep_parts(k, copy);
    return copy;
}

// What has bound variables inside is a node of the scheme at work.
static inline uint64_t part_word(Keeper *k, Type *part)
{
    if ((part->flags & TYPE_HAS_GENERICS) != 0) {
        return type_share_number(part->mark);
    }
    // Most are constants, which are where they are.
    bool is_prim = part->kind == TYPE_CON && part->as.con.count == 0 &&
                   part->as.con.module == TYPE_MODULE_PRIM;
    return (uintptr_t)(is_prim ? part : keep_type(k, part));
}

static inline uint64_t keep_part(Keeper *k, uint64_t hash, Type *part)
{
    return type_share_mix(hash, part_word(k, part));
}

static uint64_t keep_items(Keeper *k, uint64_t hash, Type *const *items,
                           uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        hash = keep_part(k, hash, items[i]);
    }
    return hash;
}

static uint64_t keep_fields(Keeper *k, const Type *record)
{
    uint64_t hash = TYPE_RECORD;
    for (uint32_t i = 0; i < record->as.record.count; i++) {
        const RecordField *field = &record->as.record.fields[i];
        hash += type_share_field(field, part_word(k, field->type));
    }
    return record->as.record.tail == NULL
               ? hash
               : keep_part(k, hash, record->as.record.tail);
}

// The parts of a node first: they decide whether it is known. Its hash.
static uint64_t keep_below(Keeper *k, const Type *type)
{
    uint64_t hash = type->kind;
    switch ((TypeKind)type->kind) {
    case TYPE_CON:
        hash = type_share_con(type->as.con.module, type->as.con.index);
        return keep_items(k, hash, type->as.con.args, type->as.con.count);
    case TYPE_TUPLE:
        return keep_items(k, hash, type->as.tuple.items, type->as.tuple.count);
    case TYPE_FUNCTION:
        hash = part_word(k, type->as.function.param);
        return type_share_function(hash,
                                   part_word(k, type->as.function.result));
    case TYPE_RECORD:
        return keep_fields(k, type);
    case TYPE_GENERIC:
        return type_share_generic(type->as.generic.index,
                                  type->flags & TYPE_IS_ROW);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_REFINED:
        break;
    }
    return hash;
}

static Type *share_type(Keeper *k, Type *type)
{
    uint64_t hash = keep_below(k, type);
    if (k->failed) {
        return type;
    }
    SharedType *shared = type_share_at(k->share, type, hash);
    if (shared->type == NULL) {
        shared->type = copy_type(k, type);
    }
    return shared->type;
}

// What was copied is linked to its copy, so that nodes stay shared. Nobody else
// sees the nodes yet.
static Type *keep_type(Keeper *k, Type *type)
{
    type = type_resolve(type);
    if (k->failed || !arena_owns(k->from, type)) {
        return type;
    }
    Type *copy =
        type_is_shareable(type) ? share_type(k, type) : copy_type(k, type);
    if (k->failed) {
        return type;
    }
    type->link = copy;
    return copy;
}

// Of a type without variables.
static const Scheme *keep_mono(Keeper *k, const Scheme *scheme)
{
    Type *type = keep_type(k, scheme->type);
    if (k->failed) {
        return scheme;
    }
    return type_is_shareable(type) ? type_share_mono(k->share, k->into, type)
                                   : scheme_mono(k->into, type);
}

static const Scheme *copy_scheme(Keeper *k, const Scheme *scheme)
{
    Scheme *copy = arena_copy(k->into, scheme, sizeof *scheme);
    copy->type = keep_type(k, scheme->type);
    copy->nodes = keep_types(k, scheme->nodes, scheme->node_count);
    copy->constraints =
        arena_copy(k->into, scheme->constraints,
                   scheme->constraint_count * sizeof *copy->constraints);
    for (uint32_t i = 0; i < copy->constraint_count; i++) {
        SchemeConstraint *constraint = &copy->constraints[i];
        constraint->args =
            keep_types(k, constraint->args, constraint->class_->param_count);
    }
    return copy;
}

static bool has_only_shareable(const Scheme *scheme)
{
    uint32_t flags = scheme->type->flags;
    for (uint32_t i = 0; i < scheme->node_count; i++) {
        flags |= scheme->nodes[i]->flags;
    }
    return (flags & TYPE_NOT_SHARED) == 0;
}

// One hash of all the nodes, and of what is asked of the variables.
static uint64_t keep_below_scheme(Keeper *k, const Scheme *scheme)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i < scheme->node_count; i++) {
        hash = type_share_mix(hash, keep_below(k, scheme->nodes[i]));
    }
    hash =
        type_share_scheme(hash, scheme->node_count, part_word(k, scheme->type));
    for (uint32_t i = 0; i < scheme->constraint_count; i++) {
        const SchemeConstraint *constraint = &scheme->constraints[i];
        hash = type_share_mix(hash, (uintptr_t)constraint->class_);
        hash = keep_items(k, hash, constraint->args,
                          constraint->class_->param_count);
    }
    return hash;
}

static const Scheme *keep_scheme(Keeper *k, const Scheme *scheme)
{
    if (!arena_owns(k->from, scheme)) {
        return scheme; // a constant
    }
    if (scheme->node_count == 0 && scheme->constraint_count == 0) {
        return keep_mono(k, scheme);
    }
    if (!has_only_shareable(scheme)) {
        return copy_scheme(k, scheme);
    }
    uint64_t hash = keep_below_scheme(k, scheme);
    if (k->failed) {
        return scheme;
    }
    SharedType *shared = type_share_scheme_at(k->share, scheme, hash);
    if (shared->scheme == NULL) {
        shared->scheme = copy_scheme(k, scheme);
        shared->type = shared->scheme->type;
    }
    return shared->scheme;
}

static bool only_schemes(const Infer *c)
{
    const Module *module = c->module;
    if (c->store.made_parts || module->class_count > 0 ||
        module->instance_count > 0 || arena_used(&c->types_made) > COPIED_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < module->binding_count; i++) {
        if (c->types->refined[i] != NULL) {
            return false;
        }
    }
    return true;
}

void infer_keep(Infer *c)
{
    Scheme **schemes = c->types->schemes;
    Keeper keeper = {
        .from = &c->types_made, .into = c->types->arena, .share = &c->share};
    keeper.failed = c->watch != NULL || !only_schemes(c);
    for (uint32_t i = 0; i < c->module->binding_count && !keeper.failed; i++) {
        if (schemes[i] != NULL) {
            schemes[i] = (Scheme *)keep_scheme(&keeper, schemes[i]);
        }
    }
    if (keeper.failed) {
        arena_adopt(c->types->arena, &c->types_made);
    }
}
