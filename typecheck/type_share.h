// Types and schemes that outlive the modules that made them, each one once:
// modules of one pattern have the same types, so that thousands of them keep
// no more than one does, and types that meet are often one node.
//
// Ownership: memory of its own for the table; types and schemes live in the
//            arenas that they were made in, at least as long.
// Threads:   one owner.
#ifndef LIGATURE_TYPECHECK_TYPE_SHARE_H
#define LIGATURE_TYPECHECK_TYPE_SHARE_H

#include "typecheck/scheme.h"

typedef struct SharedType {
    Type *type;           // NULL: none yet
    const Scheme *scheme; // of that type; NULL: none yet
    uint64_t hash;
} SharedType;

// Zero-initialised is empty and ready.
typedef struct TypeShare {
    SharedType *slots;
    uint32_t capacity; // 0 or a power of two
    uint32_t count;
} TypeShare;

void type_share_release(TypeShare *share);

enum {
    TYPE_NOT_SHARED =
        TYPE_HAS_VARS | TYPE_HAS_ERROR | TYPE_HAS_REFINED | TYPE_HAS_FILLS
};

// Whether a node can be shared by itself. Bound variables are shared with their
// scheme.
static inline bool type_is_shareable(const Type *type)
{
    return (type->flags & (TYPE_NOT_SHARED | TYPE_HAS_GENERICS)) == 0;
}

// A hash with one more of the words that make up a node.
static inline uint64_t type_share_mix(uint64_t hash, uint64_t word)
{
    hash = hash << 5 | hash >> 59;
    return (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
}

// The entry of a shareable node whose parts are shared already, or lie
// elsewhere; `hash` is of what it is made of, parts by their addresses. Good
// until the next call. Where it has no type, the caller puts one there that is
// equal to `type`.
SharedType *type_share_at(TypeShare *share, const Type *type, uint64_t hash);
// The same of a scheme with bound variables or constraints.
SharedType *type_share_scheme_at(TypeShare *share, const Scheme *scheme,
                                 uint64_t hash);

#endif
