// The scheme that a type is to have, before it is made: what it would bind, in
// the order of its nodes. Modules of one pattern have the same schemes, so that
// most are found among those that are shared, and are never made.
//
// Ownership: an Outline lives on the stack of who generalises.
// Threads:   those of the types.
#ifndef LIGATURE_TYPECHECK_OUTLINE_H
#define LIGATURE_TYPECHECK_OUTLINE_H

#include "typecheck/type_share.h"

enum {
    OUTLINE_NODES = 24,  // larger types have none,
    OUTLINE_PARAMS = 16, // nor have functions of more parameters
    OUTLINE_DEPTH = 24
};

typedef struct OutlineNode {
    const Type *node;
    // RECORD: all of its fields and its end, as type_record_fields() has them.
    const RecordField *fields;
    Type *tail;
    uint32_t count; // of these; VAR, SKOLEM: the number of the bound variable
} OutlineNode;

// Private, but for `generic_count`. As with a Generaliser, the mark of a node
// with variables says where it stands, and no two that bind the same variables
// are at work at a time.
typedef struct Outline {
    uint32_t level;
    uint32_t generic_count;
    uint32_t count, depth;
    uint64_t made; // nodes that a store would count
    uint64_t root; // what stands for the type in a hash
    uint64_t hash; // of the nodes
    Arena *scratch;
    OutlineNode nodes[OUTLINE_NODES];
} Outline;

// What generalising `type` over variables and skolems above `level` makes.
// False where it is too large, or nothing that is ever shared.
bool outline_type(Outline *outline, Arena *scratch, uint32_t level, Type *type);
// Whether the scheme binds the variable or skolem.
bool outline_binds(const Outline *outline, const Type *var);
// The shared scheme of the type with these constraints, which are on types of
// the place; NULL: there is none.
const Scheme *outline_find(const Outline *outline, const TypeShare *share,
                           const SchemeConstraint *constraints, uint32_t count);

#endif
