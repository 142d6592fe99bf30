// Instances of schemes: nodes on demand, and matching.
#include "typecheck/instance.h"

#include "typecheck/unify.h"

void instance_open(Instance *instance, const Scheme *scheme, TypeStore *store,
                   Arena *scratch, uint32_t level)
{
    instance->scheme = scheme;
    instance->store = store;
    instance->level = level;
    instance->rest_count = 0;
    uint32_t count = scheme->node_count;
    instance->map = count <= INSTANCE_FEW
                        ? instance->few
                        : arena_array(scratch, count, sizeof(Type *));
    for (uint32_t i = 0; i < count; i++) {
        instance->map[i] = NULL;
    }
}

// ---- making

static Type **make_items(Instance *instance, Type *const *items, uint32_t count)
{
    Type **copy = arena_array(instance->store->arena, count, sizeof *copy);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = instance_type(instance, items[i]);
    }
    return copy;
}

static Type *make_record(Instance *instance, const Type *node)
{
    uint32_t count = node->as.record.count;
    RecordField *fields =
        arena_array(instance->store->arena, count, sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = node->as.record.fields[i];
        fields[i].type = instance_type(instance, fields[i].type);
    }
    Type *tail = node->as.record.tail;
    return type_record(instance->store, fields, count,
                       tail != NULL ? instance_type(instance, tail) : NULL);
}

// The fields of the matched record that the scheme does not name.
static Type *make_rest(const Instance *instance, const InstanceRest *rest)
{
    const Type *node = rest->node;
    uint32_t count;
    Type *tail;
    const RecordField *all =
        type_record_fields(rest->record, instance->store->arena, &count, &tail);
    // All of them, where it could not get those of the node.
    RecordField *fields =
        arena_array(instance->store->arena, count, sizeof *fields);
    uint32_t named = 0;
    uint32_t filled = 0;
    for (uint32_t i = 0; i < count; i++) {
        const RecordField *field = &all[i];
        if (named < node->as.record.count &&
            node->as.record.fields[named].name == field->name) {
            named++;
        } else {
            fields[filled++] = *field;
        }
    }
    return type_record_sorted(instance->store, fields, filled, tail);
}

static InstanceRest *find_rest(Instance *instance, const Type *row)
{
    for (uint32_t i = 0; i < instance->rest_count; i++) {
        if (instance->rests[i].row == row) {
            return &instance->rests[i];
        }
    }
    return NULL;
}

static Type *make_variable(Instance *instance, const Type *node)
{
    uint8_t row = node->flags & TYPE_IS_ROW;
    const InstanceRest *rest = row != 0 ? find_rest(instance, node) : NULL;
    return rest != NULL ? make_rest(instance, rest)
                        : type_var(instance->store, instance->level, row);
}

static Type *make_node(Instance *instance, Type *node)
{
    switch ((TypeKind)node->kind) {
    case TYPE_GENERIC:
        return make_variable(instance, node);
    case TYPE_CON:
        return type_con(
            instance->store, node->as.con.module, node->as.con.index,
            make_items(instance, node->as.con.args, node->as.con.count),
            node->as.con.count);
    case TYPE_TUPLE:
        return type_tuple(
            instance->store,
            make_items(instance, node->as.tuple.items, node->as.tuple.count),
            node->as.tuple.count);
    case TYPE_FUNCTION:
        return type_function(instance->store,
                             instance_type(instance, node->as.function.param),
                             instance_type(instance, node->as.function.result));
    case TYPE_RECORD:
        return make_record(instance, node);
    case TYPE_REFINED:
        return type_refined(instance->store,
                            instance_type(instance, node->link),
                            node->as.refined.refinement);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
        break;
    }
    return node;
}

// Recursion is as deep as types are high, but for functions, which chain along
// their results: of those, all below is made in order, children first.
Type *instance_make(Instance *instance, Type *node)
{
    uint32_t last = node->mark;
    uint32_t first = node->kind == TYPE_FUNCTION ? 0 : last;
    for (uint32_t i = first; i <= last; i++) {
        if (instance->map[i] == NULL) {
            instance->map[i] = make_node(instance, instance->scheme->nodes[i]);
        }
    }
    return instance->map[last];
}

// ---- matching

enum {
    // Bound variables that one match settles, so that it can be taken back.
    MATCH_MAX = 32,
    // Types with these inside are left to unification.
    NOT_MATCHED = TYPE_HAS_VARS | TYPE_HAS_REFINED | TYPE_HAS_ERROR
};

typedef struct Matching {
    Instance *instance;
    uint32_t first_rest;
    uint32_t count;
    uint32_t bound[MATCH_MAX]; // node numbers
} Matching;

static bool match(Matching *m, Type *node, Type *type);

static bool same_type(Type *a, Type *b)
{
    return a == b ||
           (((a->flags | b->flags) & NOT_MATCHED) == 0 && types_equal(a, b));
}

// `type` is a variable, or without any.
static bool match_variable(Matching *m, const Type *node, Type *type)
{
    Instance *instance = m->instance;
    Type *known = instance->map[node->mark];
    if (known != NULL) {
        return same_type(type_resolve(known), type);
    }
    if (m->count == MATCH_MAX || (node->flags & TYPE_IS_ROW) != 0) {
        return false;
    }
    if (type->kind == TYPE_VAR) {
        if (type->as.var.level > instance->level) {
            type->as.var.level = instance->level;
        }
    } else if ((type->flags & NOT_MATCHED) != 0) {
        return false;
    }
    m->bound[m->count++] = node->mark;
    instance->map[node->mark] = type;
    return true;
}

static bool match_items(Matching *m, Type *const *nodes, Type *const *types,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!match(m, nodes[i], types[i])) {
            return false;
        }
    }
    return true;
}

bool instance_leave_rest(Instance *instance, const Type *node, Type *record)
{
    const Type *row = node->as.record.tail;
    if (row == NULL || row->kind != TYPE_GENERIC ||
        instance->map[row->mark] != NULL ||
        instance->rest_count == INSTANCE_RESTS ||
        find_rest(instance, row) != NULL) {
        return false;
    }
    instance->rests[instance->rest_count++] = (InstanceRest){row, node, record};
    return true;
}

// The record has `more` fields than the node, which is all that its end is
// for.
static bool match_rest(Matching *m, const Type *node, Type *record, bool more)
{
    if (node->as.record.tail == NULL) {
        return !more;
    }
    return instance_leave_rest(m->instance, node, record);
}

static bool match_record(Matching *m, const Type *node, Type *record)
{
    uint32_t node_count = node->as.record.count;
    uint32_t count = record->as.record.count;
    if (record->as.record.tail != NULL || count < node_count ||
        !match_rest(m, node, record, count > node_count)) {
        return false;
    }
    RecordField *fields = record->as.record.fields;
    uint32_t from = 0;
    for (uint32_t i = 0; i < node_count; i++) {
        const RecordField *field = &node->as.record.fields[i];
        const RecordField *found =
            type_fields_find(fields + from, count - from, field->name);
        if (found == NULL || !match(m, field->type, found->type)) {
            return false;
        }
        from = (uint32_t)(found - fields) + 1;
    }
    return true;
}

static bool match_parts(Matching *m, const Type *node, Type *type)
{
    switch ((TypeKind)node->kind) {
    case TYPE_CON:
        return type_same_con(node, type) &&
               match_items(m, node->as.con.args, type->as.con.args,
                           node->as.con.count);
    case TYPE_TUPLE:
        return node->as.tuple.count == type->as.tuple.count &&
               match_items(m, node->as.tuple.items, type->as.tuple.items,
                           node->as.tuple.count);
    case TYPE_FUNCTION: // the result is matched by the caller's loop
        return match(m, node->as.function.param, type->as.function.param);
    case TYPE_RECORD:
        return match_record(m, node, type);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
    return false;
}

static bool match(Matching *m, Type *node, Type *type)
{
    for (;;) {
        type = type_resolve(type);
        if ((node->flags & TYPE_HAS_GENERICS) == 0) {
            return same_type(type_resolve(node), type);
        }
        if (node->kind == TYPE_GENERIC) {
            return match_variable(m, node, type);
        }
        if (node->kind != type->kind || (type->flags & NOT_MATCHED) != 0 ||
            !match_parts(m, node, type)) {
            return false;
        }
        if (node->kind != TYPE_FUNCTION) {
            return true;
        }
        node = node->as.function.result;
        type = type->as.function.result;
    }
}

bool instance_match(Instance *instance, Type *node, Type *type)
{
    type = type_resolve(type);
    if (node->kind == TYPE_GENERIC && instance->map[node->mark] == NULL &&
        (type->flags & NOT_MATCHED) == 0) { // no row: a parameter or result
        instance->map[node->mark] = type;
        return true;
    }
    Matching m;
    m.instance = instance;
    m.first_rest = instance->rest_count;
    m.count = 0;
    if (match(&m, node, type)) {
        return true;
    }
    for (uint32_t i = 0; i < m.count; i++) {
        instance->map[m.bound[i]] = NULL;
    }
    instance->rest_count = m.first_rest;
    return false;
}
