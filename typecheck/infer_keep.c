// What outlives the checking of a module. Inference makes many more types than
// it keeps: they live in an arena of their own, and at the end the schemes are
// copied out of it. Where more than schemes may point into it (refinements,
// defaults, instances), or where there is much to copy, it is kept as it is.
#include "typecheck/infer_internal.h"

// Also bounds the depth of the types, and so that of the copying.
#define COPIED_MAX ((size_t)128 << 10)

typedef struct Keeper {
    const Arena *from;
    Arena *into;
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

// What was copied is linked to its copy, so that nodes stay shared. Nobody else
// sees the nodes yet.
static Type *keep_type(Keeper *k, Type *type)
{
    type = type_resolve(type);
    if (k->failed || !arena_owns(k->from, type)) {
        return type;
    }
    // The mark too: in a scheme it is the node's number.
    Type *copy = arena_copy(k->into, type, sizeof *type);
    keep_parts(k, copy);
    if (k->failed) {
        return type;
    }
    type->link = copy;
    return copy;
}

static const Scheme *keep_scheme(Keeper *k, const Scheme *scheme)
{
    if (!arena_owns(k->from, scheme)) {
        return scheme; // a constant
    }
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
    Keeper keeper = {.from = &c->types_made, .into = c->types->arena};
    keeper.failed = !only_schemes(c);
    for (uint32_t i = 0; i < c->module->binding_count && !keeper.failed; i++) {
        if (schemes[i] != NULL) {
            schemes[i] = (Scheme *)keep_scheme(&keeper, schemes[i]);
        }
    }
    if (keeper.failed) {
        arena_adopt(c->types->arena, &c->types_made);
    }
}
