// Types: shared, acyclic graphs. Nodes are immutable but for `link` and
// `mark`, which unification and traversals write, and only on nodes that have
// TYPE_HAS_VARS: those belong to one binding group. Whatever outlives its
// group (schemes, constructor arguments) has no variables and is shared
// between threads as it is.
//
// Invariants: flags of a node include those of its children, but for a
//             variable that was bound later (then TYPE_HAS_VARS is a guess on
//             the safe side); fields of a record are sorted by symbol number
//             and unique along the chain of tails; a tail is NULL (closed), a
//             variable, skolem or generic with TYPE_IS_ROW, or a record.
//
// Ownership: nodes live in their TypeStore's arena.
// Threads:   a TypeStore has one owner.
#ifndef LIGATURE_TYPECHECK_TYPE_H
#define LIGATURE_TYPECHECK_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "support/arena.h"
#include "syntax/module.h"

typedef enum TypeKind {
#define TYPE(kind, label) kind,
#include "typecheck/types.def"
} TypeKind;

enum {
    TYPE_HAS_VARS = 1 << 0, // variables or skolems of the group
    TYPE_HAS_GENERICS = 1 << 1,
    TYPE_HAS_ERROR = 1 << 2,   // SKOLEM: its context has an error
    TYPE_HAS_REFINED = 1 << 3, // refinements inside
    TYPE_IS_ROW = 1 << 4,      // VAR, SKOLEM, GENERIC: the rest of a record
    TYPE_IS_LITERAL = 1 << 5,  // VAR: of an integer literal; some Num type
    TYPE_HAS_FILLS = 1 << 6,   // fields with defaults inside
    TYPE_IS_OPEN = 1 << 7      // SKOLEM: constraints on it are inferred
};

// Types are never higher than this (functions count along their parameters
// only), which bounds every recursion over them.
#define TYPE_MAX_HEIGHT 2000

// TYPE_CON of a PrimType has this as its module.
#define TYPE_MODULE_PRIM UINT32_MAX

typedef struct Type Type;

// What a record literal without the field gets.
typedef struct FieldFill {
    const TypeField *decl;
    uint32_t module;    // where it is declared
    bool optional;      // None; the field's type is Option of what was written
    const Symbol *args; // the earlier fields that the default uses
    uint32_t arg_count;
} FieldFill;

typedef struct RecordField {
    Symbol name;
    uint32_t order; // place among the fields as written, for printing
    Type *type;
    const FieldFill *fill; // NULL for a plain field; no part of the type
} RecordField;

// The predicates of one refined type expression.
typedef struct Refinement {
    const TypeExpr *expr; // TYPE_EXPR_REFINED
    uint32_t module;
    uint32_t binding; // in whose annotation it stands, where its predicates are
                      // not hoisted; else INDEX_NONE
} Refinement;

struct Type {
    uint8_t kind; // TypeKind
    uint8_t flags;
    uint16_t height;
    uint32_t mark; // private to traversals; in a scheme, the node's number
    Type *link;    // VAR: what it is bound to; REFINED: the base; else NULL,
                   // or an equal node that unification has found
    union {
        // clang-format off
        struct { uint32_t level; uint32_t serial; Symbol name; } var; // SKOLEM:
                                // `name` as written
        struct { uint32_t index; } generic;
        struct { uint32_t module, index; uint32_t count; Type **args; } con;
        struct { Type **items; uint32_t count; } tuple;
        struct { Type *param; Type *result; } function;
        struct { RecordField *fields; uint32_t count; Type *tail; } record;
        struct { const Refinement *refinement; } refined; // link is the base
        // clang-format on
    } as;
};

// What a type really is: never a bound variable nor a refined type.
static inline Type *type_resolve(Type *type)
{
    while (type->link != NULL) {
        type = type->link;
    }
    return type;
}

// A child without the variables that it was bound through, refinements kept.
static inline Type *type_unbound(Type *type)
{
    while (type->link != NULL && type->kind != TYPE_REFINED) {
        type = type->link;
    }
    return type;
}

// Where nodes are made.
typedef struct TypeStore {
    Arena *arena;
    uint64_t node_count;
    uint64_t node_limit;   // --max-type-nodes
    uint64_t walked_count; // nodes, by checks of what is bound to variables
    bool exceeded;         // node_limit or TYPE_MAX_HEIGHT; makers give errors
    bool made_parts;       // fills, refinements: types point to more than types
    uint32_t next_serial;
    uint32_t next_mark; // for traversals: take ++next_mark
} TypeStore;

void type_store_init(TypeStore *store, Arena *arena, uint64_t node_limit);
// What is used was made before, of so many nodes and children: they count as if
// they were made here, lest a limit depend on what others have made. False
// where it must be made, because there are too many.
static inline bool type_store_reuse(TypeStore *store, uint64_t nodes)
{
    uint64_t count = store->node_count + nodes;
    if (count > store->node_limit) {
        return false;
    }
    store->node_count = count;
    return true;
}

// How many nodes it has made; what was refused was not.
static inline uint64_t type_store_made(const TypeStore *store)
{
    return store->node_count < store->node_limit ? store->node_count
                                                 : store->node_limit;
}

// Whether all that is still to be made would be refused.
static inline bool type_store_is_full(const TypeStore *store)
{
    return store->node_count > store->node_limit;
}

// What is made beside types, and grows as they do, counts as so many nodes.
static inline void type_store_charge(TypeStore *store, uint64_t nodes)
{
    store->node_count += nodes;
    store->exceeded |= store->node_count > store->node_limit;
}

// Shared constants.
Type *type_error(void);
extern const Type type_prims[PRIM_COUNT];
static inline Type *type_prim(PrimType prim) // without arguments
{
    return (Type *)(uintptr_t)&type_prims[prim];
}
static inline bool type_is_constant(const Type *type) // one of type_prims
{
    return (uintptr_t)type - (uintptr_t)type_prims < sizeof type_prims;
}

Type *type_var(TypeStore *store, uint32_t level, uint8_t flags);
Type *type_skolem(TypeStore *store, uint32_t level, Symbol name, uint8_t flags);
Type *type_generic(TypeStore *store, uint32_t index, uint8_t flags);
// The makers keep the arrays that they are given.
Type *type_con(TypeStore *store, uint32_t module, uint32_t index, Type **args,
               uint32_t count);
Type *type_list(TypeStore *store, Type *item);
Type *type_tuple(TypeStore *store, Type **items, uint32_t count);
Type *type_function(TypeStore *store, Type *param, Type *result);
// For qsort(): of fields, and of pointers to fields, in the order written.
int type_compare_order(const void *left, const void *right);
int type_compare_order_at(const void *left, const void *right);
// By name; where names are equal the order stays.
void type_sort_fields(RecordField *fields, uint32_t count);
// Of fields sorted by name, which differ.
Type *type_record_sorted(TypeStore *store, RecordField *fields, uint32_t count,
                         Type *tail);
// Sorts `fields`.
Type *type_record(TypeStore *store, RecordField *fields, uint32_t count,
                  Type *tail);
Type *type_refined(TypeStore *store, Type *base, const Refinement *refinement);

static inline bool type_is_prim(const Type *type, PrimType prim)
{
    return type->kind == TYPE_CON && type->as.con.module == TYPE_MODULE_PRIM &&
           type->as.con.index == (uint32_t)prim;
}
// Of resolved types.
static inline bool type_is_con(const Type *type, uint32_t module,
                               uint32_t index)
{
    return type->kind == TYPE_CON && type->as.con.module == module &&
           type->as.con.index == index;
}
// Whether two applied type constructors are the same, whatever their arguments.
static inline bool type_same_con(const Type *a, const Type *b)
{
    return a->as.con.module == b->as.con.module &&
           a->as.con.index == b->as.con.index &&
           a->as.con.count == b->as.con.count;
}

// Of fields sorted by symbol, or NULL.
RecordField *type_fields_find(RecordField *fields, uint32_t count, Symbol name);
// The field of a resolved record, also behind its tails, or NULL.
// *out_tail, when not NULL, is the end of the tails: NULL (closed) or a
// resolved VAR, SKOLEM, GENERIC or ERROR.
RecordField *type_record_find(Type *record, Symbol name, Type **out_tail);
Type *type_record_tail(Type *record);
// All fields of a resolved record, the chain of tails flattened, sorted by
// symbol; *out_tail as above. The array lives in `arena` or in the type.
RecordField *type_record_fields(Type *record, Arena *arena, uint32_t *out_count,
                                Type **out_tail);

// What is known about one union, by Module.types[index].
typedef struct UnionInfo {
    uint32_t param_count;
    uint32_t ctor_count;
    struct CtorInfo *ctors;
    Type *type; // applied to GENERIC 0..param_count - 1
} UnionInfo;

typedef struct CtorInfo {
    Type **args; // parameters of the union are GENERIC
    uint32_t arg_count;
} CtorInfo;

// NULL where the type is an alias or was not declared properly.
const UnionInfo *type_union_info(const Program *program, uint32_t module,
                                 uint32_t index);
// `type` with GENERIC i replaced by args[i]; shares what it can.
Type *type_substitute(TypeStore *store, Type *type, Type *const *args,
                      uint32_t count);

#endif
