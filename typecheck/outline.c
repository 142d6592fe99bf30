// The nodes of a scheme in the order in which a Generaliser makes them, hashed
// on the way and compared with those of shared schemes.
#include "typecheck/outline.h"

#include "typecheck/module_types.h"

// In a mark, so that no traversal takes it for its own.
#define IS_OUTLINED UINT32_C(0x80000000)

// What stands for a part in the hash of a node: odd where it has a number.
static inline bool is_number(uint64_t word)
{
    return (word & 1) != 0;
}

static inline uint32_t number_of(const Outline *o, const Type *type)
{
    uint32_t at = type->mark ^ IS_OUTLINED;
    return at < o->count && o->nodes[at].node == type ? at : INDEX_NONE;
}

// ---- nodes

static bool push(Outline *o, OutlineNode node, uint64_t hash, uint64_t *out)
{
    if (o->count == OUTLINE_NODES) {
        return false;
    }
    o->hash = type_share_mix(o->hash, hash);
    *out = type_share_number(o->count);
    o->nodes[o->count++] = node;
    return true;
}

// What others may meet once more.
static bool push_marked(Outline *o, Type *type, OutlineNode node, uint64_t hash,
                        uint64_t *out)
{
    type->mark = o->count | IS_OUTLINED;
    return push(o, node, hash, out);
}

static bool visit_node(Outline *o, Type *type, uint64_t *out);

// Sets *out to what stands for the type in hashes. What has variables by its
// flags and none when looked at is left to be copied.
static inline bool visit(Outline *o, Type *type, uint64_t *out)
{
    type = type_resolve(type);
    if ((type->flags & TYPE_HAS_VARS) == 0) {
        *out = (uintptr_t)type;
        return type_is_shareable(type);
    }
    uint32_t known = number_of(o, type);
    if (known != INDEX_NONE) {
        *out = type_share_number(known);
        return true;
    }
    return visit_node(o, type, out);
}

static bool visit_variable(Outline *o, Type *type, uint64_t *out)
{
    if (type->as.var.level <= o->level) {
        return false;
    }
    uint32_t index = o->generic_count++;
    o->made++;
    return push_marked(o, type, (OutlineNode){.node = type, .count = index},
                       type_share_generic(index, type->flags & TYPE_IS_ROW),
                       out);
}

// The parts of a constructor or tuple whose hash begins with `hash`.
static bool visit_items(Outline *o, Type *type, Type *const *items,
                        uint32_t count, uint64_t hash, uint64_t *out)
{
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t word;
        if (!visit(o, items[i], &word)) {
            return false;
        }
        any |= is_number(word);
        hash = type_share_mix(hash, word);
    }
    o->made += 1 + count;
    return any && push_marked(o, type, (OutlineNode){.node = type}, hash, out);
}

// Along the results, as long as these are functions.
static bool visit_function(Outline *o, Type *type, uint64_t *out)
{
    Type *chain[OUTLINE_PARAMS];
    uint64_t params[OUTLINE_PARAMS];
    uint32_t count = 0;
    Type *at = type;
    while (at->kind == TYPE_FUNCTION) {
        if (count == OUTLINE_PARAMS ||
            !visit(o, at->as.function.param, &params[count])) {
            return false;
        }
        chain[count++] = at;
        at = type_resolve(at->as.function.result);
    }
    uint64_t result;
    if (!visit(o, at, &result)) {
        return false;
    }
    o->made += 2 * (uint64_t)count;
    bool okay = true;
    for (uint32_t i = count; okay && i-- > 0;) {
        okay = is_number(params[i]) || is_number(result);
        uint64_t hash = type_share_function(params[i], result);
        OutlineNode node = {.node = chain[i]};
        okay = okay && (i > 0 ? push(o, node, hash, &result)
                              : push_marked(o, type, node, hash, out));
    }
    return okay;
}

static bool visit_record(Outline *o, Type *type, uint64_t *out)
{
    OutlineNode node = {.node = type};
    node.fields = type_record_fields(type, o->scratch, &node.count, &node.tail);
    bool any = false;
    uint64_t word;
    uint64_t hash = TYPE_RECORD;
    for (uint32_t i = 0; i < node.count; i++) {
        if (!visit(o, node.fields[i].type, &word)) {
            return false;
        }
        any |= is_number(word);
        hash += type_share_field(&node.fields[i], word);
    }
    if (node.tail != NULL) {
        if (!visit(o, node.tail, &word)) {
            return false;
        }
        any |= is_number(word);
        hash = type_share_mix(hash, word);
    }
    o->made += 1 + (uint64_t)node.count;
    return any && push_marked(o, type, node, hash, out);
}

static bool visit_deep(Outline *o, Type *type, uint64_t *out)
{
    if (o->depth == OUTLINE_DEPTH) {
        return false;
    }
    o->depth++;
    bool okay =
        type->kind == TYPE_RECORD     ? visit_record(o, type, out)
        : type->kind == TYPE_FUNCTION ? visit_function(o, type, out)
        : type->kind == TYPE_TUPLE
            ? visit_items(o, type, type->as.tuple.items, type->as.tuple.count,
                          TYPE_TUPLE, out)
            : visit_items(
                  o, type, type->as.con.args, type->as.con.count,
                  type_share_con(type->as.con.module, type->as.con.index), out);
    o->depth--;
    return okay;
}

static NOINLINE bool visit_node(Outline *o, Type *type, uint64_t *out)
{
    switch ((TypeKind)type->kind) {
    case TYPE_VAR:
    case TYPE_SKOLEM:
        return visit_variable(o, type, out);
    case TYPE_CON:
    case TYPE_TUPLE:
    case TYPE_FUNCTION:
    case TYPE_RECORD:
        return visit_deep(o, type, out);
    case TYPE_ERROR:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
    return false;
}

bool outline_type(Outline *o, Arena *scratch, uint32_t level, Type *type)
{
    o->level = level;
    o->generic_count = 0;
    o->count = o->depth = 0;
    o->made = 0;
    o->hash = 0;
    o->scratch = scratch;
    return visit(o, type, &o->root);
}

bool outline_binds(const Outline *o, const Type *var)
{
    return number_of(o, var) != INDEX_NONE;
}

// ---- comparison

// `part` is one of the scheme.
static inline bool is_part(const Outline *o, Type *type, const Type *part)
{
    type = type_resolve(type);
    return (part->flags & TYPE_HAS_GENERICS) != 0
               ? number_of(o, type) == part->mark
               : type == part;
}

static bool are_parts(const Outline *o, Type *const *types, Type *const *parts,
                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!is_part(o, types[i], parts[i])) {
            return false;
        }
    }
    return true;
}

// The function behind a parameter was outlined just before this one.
static bool is_function(const Outline *o, const Type *type, uint32_t number,
                        const Type *node)
{
    const Type *result = node->as.function.result;
    if (!is_part(o, type->as.function.param, node->as.function.param)) {
        return false;
    }
    return type_resolve(type->as.function.result)->kind == TYPE_FUNCTION
               ? (result->flags & TYPE_HAS_GENERICS) != 0 &&
                     result->mark + 1 == number
               : is_part(o, type->as.function.result, result);
}

static bool is_record(const Outline *o, const OutlineNode *outlined,
                      const Type *node)
{
    if (node->as.record.count != outlined->count ||
        (node->as.record.tail == NULL) != (outlined->tail == NULL)) {
        return false;
    }
    for (uint32_t i = 0; i < outlined->count; i++) {
        const RecordField *field = &node->as.record.fields[i];
        const RecordField *found = &outlined->fields[i];
        if (field->name != found->name || field->order != found->order ||
            !is_part(o, found->type, field->type)) {
            return false;
        }
    }
    return outlined->tail == NULL ||
           is_part(o, outlined->tail, node->as.record.tail);
}

static bool is_node(const Outline *o, uint32_t number, const Type *node)
{
    const OutlineNode *outlined = &o->nodes[number];
    const Type *type = outlined->node;
    if (node->kind == TYPE_GENERIC) {
        return (type->kind == TYPE_VAR || type->kind == TYPE_SKOLEM) &&
               node->as.generic.index == outlined->count &&
               ((node->flags ^ type->flags) & TYPE_IS_ROW) == 0;
    }
    if (node->kind != type->kind) {
        return false;
    }
    switch ((TypeKind)node->kind) {
    case TYPE_CON:
        return type_same_con(node, type) &&
               are_parts(o, type->as.con.args, node->as.con.args,
                         node->as.con.count);
    case TYPE_TUPLE:
        return node->as.tuple.count == type->as.tuple.count &&
               are_parts(o, type->as.tuple.items, node->as.tuple.items,
                         node->as.tuple.count);
    case TYPE_FUNCTION:
        return is_function(o, type, number, node);
    case TYPE_RECORD:
        return is_record(o, outlined, node);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
    return false;
}

static bool is_scheme(const Outline *o, const Scheme *scheme,
                      const SchemeConstraint *constraints, uint32_t count)
{
    bool same = scheme != NULL && scheme->node_count == o->count &&
                scheme->generic_count == o->generic_count &&
                scheme->constraint_count == count &&
                (scheme->type->flags & TYPE_HAS_GENERICS) != 0 &&
                type_share_number(scheme->type->mark) == o->root;
    for (uint32_t i = 0; same && i < count; i++) {
        const SchemeConstraint *constraint = &scheme->constraints[i];
        same = constraint->class_ == constraints[i].class_ &&
               are_parts(o, constraints[i].args, constraint->args,
                         constraint->class_->param_count);
    }
    for (uint32_t i = 0; same && i < o->count; i++) {
        same = is_node(o, i, scheme->nodes[i]);
    }
    return same;
}

static uint64_t word_of(const Outline *o, Type *type)
{
    type = type_resolve(type);
    uint32_t number = number_of(o, type);
    return number != INDEX_NONE ? type_share_number(number) : (uintptr_t)type;
}

const Scheme *outline_find(const Outline *o, const TypeShare *share,
                           const SchemeConstraint *constraints, uint32_t count)
{
    if (share->count == 0) {
        return NULL;
    }
    uint64_t hash = type_share_scheme(o->hash, o->count, o->root);
    for (uint32_t i = 0; i < count; i++) {
        const ClassInfo *class_ = constraints[i].class_;
        hash = type_share_mix(hash, (uintptr_t)class_);
        for (uint32_t a = 0; a < class_->param_count; a++) {
            hash = type_share_mix(hash, word_of(o, constraints[i].args[a]));
        }
    }
    uint32_t at = type_share_first(&hash);
    const SharedType *slot;
    while ((slot = type_share_next(share, hash, &at)) != NULL) {
        if (is_scheme(o, slot->scheme, constraints, count)) {
            return slot->scheme;
        }
    }
    return NULL;
}
