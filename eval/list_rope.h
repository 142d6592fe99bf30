// Lists of parts: what is joined, or left when something was taken from it,
// where copying all of it each time would take quadratic time (a stack or a
// queue, an item that is replaced by what is in front of it and behind it).
// A balanced tree (of AVL's heights: Adelson-Velsky and Landis 1962; joined as
// in Blelloch, Ferizovic and Sun 2016) whose leaves are other lists, so that
// joining, slicing and looking up take logarithmic time. Whoever walks through
// all of it makes an array of it first.
//
// Threads: immutable, like all lists.
#ifndef LIGATURE_EVAL_LIST_ROPE_H
#define LIGATURE_EVAL_LIST_ROPE_H

#include "eval/value.h"

// Of two lists, neither of them empty, which may be ropes; their items are no
// more than LIST_COUNT_MAX. What is short where they meet becomes one leaf.
const ListObject *list_rope_join(Heap *heap, const ListObject *a,
                                 const ListObject *b);
// The items [from, to), of which there are some: a rope or one of the leaves,
// or a part of one.
const ListObject *list_rope_slice(Heap *heap, const ListObject *rope,
                                  uint32_t from, uint32_t to);
// Copies `count` items from `from` on.
void list_rope_copy(Value *out, const ListObject *rope, uint32_t from,
                    uint32_t count);

#endif
