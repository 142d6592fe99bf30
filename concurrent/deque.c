// The parts of the deque that are not on the owner's fast path.
#include "concurrent/deque.h"

#include <stdlib.h>

#include "support/die.h"

#ifndef FIRST_CAPACITY
#define FIRST_CAPACITY 256
#endif

void deque_init(Deque *deque, bool alone)
{
    atomic_init(&deque->top, 0);
    atomic_init(&deque->bottom, 0);
    atomic_init(&deque->buffer, NULL);
    deque->room = 0;
    deque->alone = alone;
}

void deque_release(Deque *deque)
{
    DequeBuffer *buffer = load_relaxed(&deque->buffer);
    while (buffer != NULL) {
        DequeBuffer *older = buffer->older;
        free(buffer);
        buffer = older;
    }
}

void deque_grow(Deque *deque, int64_t count)
{
    int64_t bottom = deque_bottom(deque);
    // Acquire: a thief that raised top has read its slot, which may now be
    // overwritten.
    int64_t top = load_acquire(&deque->top);
    DequeBuffer *old = load_relaxed(&deque->buffer);
    int64_t capacity = old == NULL ? 0 : old->mask + 1;
    if (bottom + count - top <= capacity) {
        deque->room = top + capacity;
        return;
    }
    capacity = capacity == 0 ? FIRST_CAPACITY : capacity;
    while (capacity < bottom + count - top) {
        capacity *= 2;
    }
    // Zeroed, because a slow thief may look at a slot that was never filled.
    DequeBuffer *buffer =
        mem_calloc(1, sizeof *buffer + (size_t)capacity * sizeof(DequeSlot));
    buffer->mask = capacity - 1;
    buffer->older = old;
    for (int64_t i = top; i < bottom; i++) {
        DequeItem item = deque_slot(deque, i);
        store_relaxed(&buffer->slots[i & buffer->mask].item, item.item);
        store_relaxed(&buffer->slots[i & buffer->mask].tag, item.tag);
    }
    // Release: pairs with the acquire in deque_peek().
    store_release(&deque->buffer, buffer);
    deque->room = top + capacity;
}
