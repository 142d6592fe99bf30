// Where the children of a node are collected until their number is known;
// then they move into the arena in one piece. One stack holds all kinds, as
// nested constructs finish first. What stands on it is aligned to four bytes,
// as expressions are.
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

#define NODE_STACK_FIRST ((size_t)4096)
// What is as long need not be copied.
#define NODE_STACK_GIVEN ((size_t)1 << 20)

typedef struct NodeStack {
    char *data;
    size_t used;
    size_t capacity;
} NodeStack;

// From a large page on it is a block that an arena can take as it is.
static inline bool node_stack_is_paged(size_t capacity)
{
    return capacity >= LARGE_PAGE - ARENA_BLOCK_HEAD;
}

static inline void node_stack_release(NodeStack *stack)
{
    if (node_stack_is_paged(stack->capacity)) {
        mem_free_pages(stack->data - ARENA_BLOCK_HEAD,
                       stack->capacity + ARENA_BLOCK_HEAD);
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
    char *data;
    if (node_stack_is_paged(capacity)) {
        size_t bytes = capacity + ARENA_BLOCK_HEAD;
        data = (char *)mem_alloc_pages(&bytes) + ARENA_BLOCK_HEAD;
        capacity = bytes - ARENA_BLOCK_HEAD;
    } else {
        data = mem_alloc(capacity);
    }
    size_t used = stack->used;
    if (used > 0) {
        memcpy(data, stack->data, used);
    }
    node_stack_release(stack);
    *stack = (NodeStack){data, used, capacity};
}

static COLD void node_stack_grow(NodeStack *stack, size_t size)
{
    size_t capacity =
        stack->capacity == 0 ? NODE_STACK_FIRST : stack->capacity * 2;
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

// Room for `size` bytes that are pushed by being written there, before anything
// else is pushed.
static inline void *node_stack_room(NodeStack *stack, size_t size)
{
    if (UNLIKELY(stack->capacity - stack->used < size)) {
        node_stack_grow(stack, size);
    }
    void *room = stack->data + stack->used;
    stack->used += size;
    return room;
}

// Pushes `size` bytes. They move when the stack grows.
static inline void node_stack_push(NodeStack *stack, const void *node,
                                   size_t size)
{
    memcpy(node_stack_room(stack, size), node, size);
}

// Gives the arena the stack's own memory, and goes on with other.
static COLD void *node_stack_give(NodeStack *stack, size_t mark, Arena *arena)
{
    NodeStack given = *stack;
    *stack = (NodeStack){0};
    node_stack_resize(stack, mark + NODE_STACK_FIRST);
    memcpy(stack->data, given.data, mark);
    stack->used = mark;
    arena_take_pages(arena, given.data - ARENA_BLOCK_HEAD,
                     given.capacity + ARENA_BLOCK_HEAD);
    return given.data + mark;
}

// Moves all that was pushed since `used` was `mark` into the arena; NULL when
// nothing was. There it is aligned to eight bytes.
static inline void *node_stack_take(NodeStack *stack, size_t mark, Arena *arena)
{
    size_t size = stack->used - mark;
    if (UNLIKELY(size >= NODE_STACK_GIVEN) && size > stack->capacity / 2 &&
        mark % 8 == 0 && node_stack_is_paged(stack->capacity) &&
        !EXACT_MEMORY) {
        return node_stack_give(stack, mark, arena);
    }
    stack->used = mark;
    return size == 0
               ? NULL
               : memcpy(arena_alloc(arena, size), stack->data + mark, size);
}

#endif
