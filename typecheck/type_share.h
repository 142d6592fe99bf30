// Types and schemes that outlive the modules that made them, each one once:
// modules of one pattern have the same types, so that thousands of them keep
// no more than one does, and types that meet are often one node.
//
// Ownership: memory of its own for the table; types and schemes live in the
//            arenas that they were made in, at least as long.
// Threads:   one owner.
#ifndef LIGATURE_TYPECHECK_TYPE_SHARE_H
#define LIGATURE_TYPECHECK_TYPE_SHARE_H

#include "support/hash.h"
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
    return (hash ^ word) * HASH_MULTIPLIER;
}

// Hashes of nodes. Records add up those of their fields, which come in any
// order.
static inline uint64_t type_share_field(const RecordField *field, uint64_t part)
{
    uint64_t name = (uint64_t)field->name << 32 | field->order;
    return type_share_mix(type_share_mix(TYPE_RECORD, name), part);
}

static inline uint64_t type_share_con(uint32_t module, uint32_t index)
{
    return type_share_mix(TYPE_CON, (uint64_t)module << 32 | index);
}

static inline uint64_t type_share_function(uint64_t param, uint64_t result)
{
    return type_share_mix(type_share_mix(TYPE_FUNCTION, param), result);
}

static inline uint64_t type_share_generic(uint32_t index, uint8_t is_row)
{
    return type_share_mix(TYPE_GENERIC, (uint64_t)index << 8 | is_row);
}

// What stands for a part: its address, but for a node of a scheme its number,
// which is odd.
static inline uint64_t type_share_number(uint32_t node)
{
    return (uint64_t)node << 1 | 1;
}

// Of a scheme without constraints, which are mixed in after it: `hash` is of
// its nodes, one after the other from 0 on.
static inline uint64_t type_share_scheme(uint64_t hash, uint32_t node_count,
                                         uint64_t root)
{
    return type_share_mix(type_share_mix(hash, node_count), root);
}

// Where a search begins, for the hash as it is in the table: the upper half of
// a product is the better one.
static inline uint32_t type_share_first(uint64_t *hash)
{
    *hash ^= *hash >> 32;
    return (uint32_t)*hash;
}

// The next entry that may be it; NULL: there is no other. The table has some.
static inline const SharedType *type_share_next(const TypeShare *share,
                                                uint64_t hash, uint32_t *at)
{
    for (;;) {
        const SharedType *slot = &share->slots[(*at)++ & (share->capacity - 1)];
        if (slot->type == NULL) {
            return NULL;
        }
        if (slot->hash == hash) {
            return slot;
        }
    }
}

// What is shared already, for who is about to make such a node: a closed record
// of fields as they are written (field i has order i), a list. NULL: nothing.
// Fields get the types that theirs are bound to.
Type *type_share_find_record(const TypeShare *share, RecordField *fields,
                             uint32_t count);
Type *type_share_find_list(const TypeShare *share, Type *item);

// The scheme without bound variables of a shareable type that is kept already;
// NULL: none yet.
const Scheme *type_share_find_mono(const TypeShare *share, const Type *type);
// The same, made in `arena` where there is none.
const Scheme *type_share_mono(TypeShare *share, Arena *arena, Type *type);

// The entry of a shareable node whose parts are shared already, or lie
// elsewhere; `hash` is of what it is made of, parts by their addresses. Good
// until the next call. Where it has no type, the caller puts one there that is
// equal to `type`.
SharedType *type_share_at(TypeShare *share, const Type *type, uint64_t hash);
// The same of a scheme with bound variables or constraints.
SharedType *type_share_scheme_at(TypeShare *share, const Scheme *scheme,
                                 uint64_t hash);

#endif
