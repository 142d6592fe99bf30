// Finds, among many instances of one class, those that may fit: by the path of
// their heads, the type constructors of all arguments in preorder up to the
// first variable. Two heads have something in common only where one's path
// begins the other's, so that paths are looked up by their beginnings (a trie
// over a hash table; compare Fredkin, 1960). Each argument begins a path of its
// own, which goes on with those after it: one is enough that tells much.
//
// Ownership: an index lies in its layer; its memory in the arena that was
// given. Threads:   a layer is not changed after its module is declared; a
// search has
//            one owner.
#ifndef LIGATURE_TYPECHECK_INSTANCE_INDEX_H
#define LIGATURE_TYPECHECK_INSTANCE_INDEX_H

#include "typecheck/module_types.h"

// The head of the first argument, as a number; 0 for a variable.
uintptr_t instance_head_key(Type *type);

// Adds `entry`, the last of its class.
void instance_index_add(InstanceSet *layer, Arena *arena,
                        const SeenInstance *entry);

enum { INSTANCE_PATH_MAX = 8 };

typedef struct InstancePath {
    uintptr_t root; // the hash of its beginning without heads
    uintptr_t hashes[INSTANCE_PATH_MAX]; // of those with heads
    uint32_t count;
    bool is_whole; // no variable ends it, nor its limit
} InstancePath;

// All fields are private.
typedef struct InstanceSearch {
    const InstanceSet *layer;
    uintptr_t class_;
    const SeenInstance *entry;  // the next: of its head, or
    bool all;                   // of its class
    const SeenInstance *others; // then those whose first argument is a variable
    const InstanceLink *link;   // or, along a path, the next of this node
    InstancePath path;
    uint32_t depth;
} InstanceSearch;

// Begins with the instances of the class in a layer, of which those come that
// may fit `args`, and perhaps others.
void instance_search_begin(InstanceSearch *search, const InstanceSet *layer,
                           const ClassInfo *class_, Type *const *args);
// The next, or NULL.
const SeenInstance *instance_search_next(InstanceSearch *search);

#endif
