// Where the children of a node are collected until their number is known;
// then they move into the arena in one piece. One stack holds all kinds, as
// nested constructs finish first.
//
// Ownership: the stack owns its memory until node_stack_release().
//            Zero-initialised is empty and ready.
// Threads:   one owner.
#ifndef LIGATURE_SYNTAX_NODE_STACK_H
#define LIGATURE_SYNTAX_NODE_STACK_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/arena.h"
#include "support/die.h"
#include "support/heap_hint.h"

typedef struct NodeStack {
    char *data;
    size_t used;
    size_t capacity;
} NodeStack;

static inline bool node_stack_is_paged(size_t capacity)
{
    return capacity >= LARGE_PAGE;
}

static inline void node_stack_release(NodeStack *stack)
{
    if (node_stack_is_paged(stack->capacity)) {
        mem_free_pages(stack->data, stack->capacity);
    } else {
        free(stack->data);
    }
    *stack = (NodeStack){0};
}

// Gives back what only a long text needs.
static inline void node_stack_trim(NodeStack *stack)
{
    enum { KEPT_BYTES = 256 << 10 };
    if (stack->capacity > KEPT_BYTES) {
        node_stack_release(stack);
    }
}

// Makes room for `capacity` bytes in all.
static COLD void node_stack_resize(NodeStack *stack, size_t capacity)
{
    char *data = node_stack_is_paged(capacity) ? mem_alloc_pages(&capacity)
                                               : mem_alloc(capacity);
    size_t used = stack->used;
    if (used > 0) {
        memcpy(data, stack->data, used);
    }
    node_stack_release(stack);
    *stack = (NodeStack){data, used, capacity};
}

static COLD void node_stack_grow(NodeStack *stack, size_t size)
{
    size_t capacity = stack->capacity == 0 ? 4096 : stack->capacity * 2;
    while (capacity < stack->used + size) {
        capacity *= 2;
    }
    node_stack_resize(stack, capacity);
}

// Tells that `size` bytes will be on it.
static inline void node_stack_reserve(NodeStack *stack, size_t size)
{
    if (size > stack->capacity) {
        node_stack_resize(stack, size);
    }
}

// Pushes `size` bytes, a multiple of 8. They move when the stack grows.
static inline void node_stack_push(NodeStack *stack, const void *node,
                                   size_t size)
{
    if (UNLIKELY(stack->capacity - stack->used < size)) {
        node_stack_grow(stack, size);
    }
    memcpy(stack->data + stack->used, node, size);
    stack->used += size;
}

// Moves all that was pushed since `used` was `mark` into the arena; NULL when
// nothing was.
static inline void *node_stack_take(NodeStack *stack, size_t mark, Arena *arena)
{
    size_t size = stack->used - mark;
    stack->used = mark;
    return size == 0
               ? NULL
               : memcpy(arena_alloc(arena, size), stack->data + mark, size);
}

#endif
