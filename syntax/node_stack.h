// Where the children of a node are collected until their number is known;
// then they move into the arena in one piece. One stack holds all kinds, as
// nested constructs finish first.
//
// Ownership: the stack owns its memory until node_stack_release().
//            Zero-initialised is empty and ready.
// Threads:   one owner.
#ifndef LIGATURE_SYNTAX_NODE_STACK_H
#define LIGATURE_SYNTAX_NODE_STACK_H

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

static inline void node_stack_release(NodeStack *stack)
{
    free(stack->data);
    *stack = (NodeStack){0};
}

static COLD void node_stack_grow(NodeStack *stack, size_t size)
{
    size_t capacity = stack->capacity == 0 ? 4096 : stack->capacity * 2;
    while (capacity < stack->used + size) {
        capacity *= 2;
    }
    stack->data = mem_realloc(stack->data, 1, capacity);
    stack->capacity = capacity;
}

// Before anything is pushed: as much as `size` bytes will be.
static inline void node_stack_reserve(NodeStack *stack, size_t size)
{
    if (size > stack->capacity) {
        node_stack_release(stack);
        stack->data =
            size >= LARGE_PAGE ? mem_alloc_pages(size) : mem_alloc(size);
        stack->capacity = size;
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
    return size == 0 ? NULL : arena_copy(arena, stack->data + mark, size);
}

#endif
