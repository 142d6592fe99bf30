// Generalisation and instantiation.
#include "typecheck/scheme.h"

#include "typecheck/module_types.h"
#include "typecheck/type_print.h"

// In a mark, so that no traversal takes it for its own.
#define IS_COPIED UINT32_C(0x80000000)

void generaliser_init(Generaliser *g, TypeStore *store, uint32_t level)
{
    g->store = store;
    g->level = level;
    g->keep_refined = false;
    g->generic_count = 0;
    g->memo = (PtrMap){0};
    g->copied = g->few_copied;
    g->nodes = g->few_nodes;
    g->copied_count = g->node_count = 0;
    g->copied_capacity = g->node_capacity = GENERALISER_FEW;
}

void generaliser_release(Generaliser *g)
{
    ptr_map_release(&g->memo);
    if (g->copied != g->few_copied) {
        free(g->copied);
    }
    if (g->nodes != g->few_nodes) {
        free(g->nodes);
    }
}

// `items`, of `count`, in twice the room.
static void *more_room(void *items, const void *few, uint32_t count,
                       size_t size)
{
    if (items != few) {
        return mem_realloc(items, 2 * (size_t)count, size);
    }
    return memcpy(mem_calloc(2 * (size_t)count, size), items, count * size);
}

// ---- what was copied

static Type *copied_node(const Generaliser *g, const Type *type)
{
    uint32_t at = type->mark ^ IS_COPIED;
    return at < g->copied_count && g->copied[at].node == type
               ? g->copied[at].copy
               : NULL;
}

static Type *find_copy(const Generaliser *g, const Type *type)
{
    return (type->flags & TYPE_HAS_VARS) != 0
               ? copied_node(g, type)
               : ptr_map_find(&g->memo, (uintptr_t)type, 0);
}

static void note_copy(Generaliser *g, Type *type, Type *copy)
{
    if ((type->flags & TYPE_HAS_VARS) == 0) {
        *ptr_map_at(&g->memo, (uintptr_t)type, 0) = copy;
        return;
    }
    if (g->copied_count == g->copied_capacity) {
        g->copied = more_room(g->copied, g->few_copied, g->copied_count,
                              sizeof *g->copied);
        g->copied_capacity *= 2;
    }
    type->mark = g->copied_count | IS_COPIED;
    g->copied[g->copied_count++] = (CopiedNode){type, copy};
}

// The node's place in the scheme, which instantiation reads.
static Type *number_node(Generaliser *g, Type *copy)
{
    if ((copy->flags & TYPE_HAS_GENERICS) != 0) {
        if (g->node_count == g->node_capacity) {
            g->nodes = more_room(g->nodes, g->few_nodes, g->node_count,
                                 sizeof *g->nodes);
            g->node_capacity *= 2;
        }
        copy->mark = g->node_count;
        g->nodes[g->node_count++] = copy;
    }
    return copy;
}

// ---- copying

static Type *copy_type(Generaliser *g, Type *type);

static Type **copy_items(Generaliser *g, Type *const *items, uint32_t count)
{
    Type **copy = arena_array(g->store->arena, count, sizeof *copy);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = copy_type(g, items[i]);
    }
    return copy;
}

static Type *copy_record(Generaliser *g, Type *type)
{
    uint32_t count;
    Type *tail;
    RecordField *fields =
        type_record_fields(type, g->store->arena, &count, &tail);
    // Those of a chain of records are an array of their own already.
    RecordField *copy =
        fields != type->as.record.fields
            ? fields
            : arena_copy(g->store->arena, fields, count * sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        copy[i].type = copy_type(g, fields[i].type);
    }
    return type_record_sorted(g->store, copy, count,
                              tail != NULL ? copy_type(g, tail) : NULL);
}

static Type *next_result(const Generaliser *g, const Type *function)
{
    Type *result = function->as.function.result;
    return g->keep_refined && result->kind == TYPE_REFINED
               ? result
               : type_resolve(result);
}

static Type *copy_function(Generaliser *g, Type *type)
{
    enum { FEW = 16 };
    uint32_t count = 0;
    for (Type *at = type; at->kind == TYPE_FUNCTION; at = next_result(g, at)) {
        count++;
    }
    Type *few[FEW];
    Type **params = count <= FEW ? few : mem_calloc(count, sizeof *params);
    for (uint32_t i = 0; i < count; i++) {
        params[i] = copy_type(g, type->as.function.param);
        type = next_result(g, type);
    }
    Type *result = copy_type(g, type);
    for (uint32_t i = count; i-- > 0;) {
        result = type_function(g->store, params[i], result);
        if (i > 0) { // the outermost is numbered by the caller
            number_node(g, result);
        }
    }
    if (params != few) {
        free(params);
    }
    return result;
}

static Type *copy_node(Generaliser *g, Type *type)
{
    switch ((TypeKind)type->kind) {
    case TYPE_VAR:
    case TYPE_SKOLEM:
        return type_generic(g->store, g->generic_count++,
                            type->flags & (TYPE_IS_ROW | TYPE_HAS_ERROR));
    case TYPE_CON:
        return type_con(g->store, type->as.con.module, type->as.con.index,
                        copy_items(g, type->as.con.args, type->as.con.count),
                        type->as.con.count);
    case TYPE_TUPLE:
        return type_tuple(
            g->store, copy_items(g, type->as.tuple.items, type->as.tuple.count),
            type->as.tuple.count);
    case TYPE_FUNCTION:
        return copy_function(g, type);
    case TYPE_RECORD:
        return copy_record(g, type);
    case TYPE_REFINED:
        return type_refined(g->store, copy_type(g, type->link),
                            type->as.refined.refinement);
    case TYPE_ERROR:
    case TYPE_GENERIC:
        break;
    }
    return type;
}

static Type *copy_type(Generaliser *g, Type *type)
{
    if (!g->keep_refined || type->kind != TYPE_REFINED) {
        while (type->link != NULL &&
               (type->kind != TYPE_REFINED || !g->keep_refined)) {
            type = type->link;
        }
    }
    uint8_t copied = TYPE_HAS_VARS;
    if (!g->keep_refined) {
        copied |= TYPE_HAS_REFINED;
    }
    if ((type->flags & copied) == 0) {
        return type;
    }
    if ((type->kind == TYPE_VAR || type->kind == TYPE_SKOLEM) &&
        type->as.var.level <= g->level) {
        return type;
    }
    Type *known = find_copy(g, type);
    if (known != NULL) {
        return known;
    }
    Type *copy = copy_node(g, type);
    if (copy != type) {
        number_node(g, copy);
    }
    note_copy(g, type, copy);
    return copy;
}

Type *generalise_type(Generaliser *generaliser, Type *type)
{
    return copy_type(generaliser, type);
}

const Type *generaliser_generic(const Generaliser *generaliser, const Type *var)
{
    const Type *copy = copied_node(generaliser, var);
    return copy != NULL && copy->kind == TYPE_GENERIC ? copy : NULL;
}

Scheme *generaliser_scheme(Generaliser *generaliser, Type *type,
                           SchemeConstraint *constraints,
                           uint32_t constraint_count)
{
    Arena *arena = generaliser->store->arena;
    Scheme *scheme = ARENA_NEW(arena, Scheme);
    scheme->type = type;
    scheme->generic_count = generaliser->generic_count;
    scheme->node_count = generaliser->node_count;
    scheme->nodes = arena_copy(arena, generaliser->nodes,
                               generaliser->node_count * sizeof(Type *));
    scheme->constraints = constraints;
    scheme->constraint_count = constraint_count;
    return scheme;
}

static const Scheme PRIM_SCHEMES[PRIM_COUNT] = {
#define PRIM_ROW(prim) [prim] = {.type = (Type *)&type_prims[prim]}
    PRIM_ROW(PRIM_INTEGER), PRIM_ROW(PRIM_FLOAT), PRIM_ROW(PRIM_STRING),
    PRIM_ROW(PRIM_BOOLEAN), PRIM_ROW(PRIM_UNIT),  PRIM_ROW(PRIM_LIST),
    PRIM_ROW(PRIM_MAP),     PRIM_ROW(PRIM_JSON),
#undef PRIM_ROW
};

const Scheme *scheme_mono(Arena *arena, Type *type)
{
    if (type_is_constant(type)) {
        return &PRIM_SCHEMES[type->as.con.index];
    }
    Scheme *scheme = ARENA_NEW(arena, Scheme);
    scheme->type = type;
    return scheme;
}

Type *type_strip_slow(TypeStore *store, Type *type)
{
    Generaliser generaliser;
    generaliser_init(&generaliser, store, UINT32_MAX);
    Type *result = generalise_type(&generaliser, type);
    generaliser_release(&generaliser);
    return result;
}

Str scheme_print(const Program *program, const Module *from,
                 const Scheme *scheme, Arena *arena)
{
    uint32_t count = scheme->constraint_count;
    PrintedConstraint *constraints =
        arena_array(arena, count, sizeof *constraints);
    for (uint32_t i = 0; i < count; i++) {
        const SchemeConstraint *constraint = &scheme->constraints[i];
        constraints[i] = (PrintedConstraint){
            .module = constraint->class_->module,
            .index = constraint->class_->index,
            .args = constraint->args,
            .arg_count = constraint->class_->param_count,
        };
    }
    return type_print_scheme(program, from, scheme->type, constraints, count,
                             TYPE_PRINT_MAX_BYTES, arena);
}
