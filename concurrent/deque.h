// Chase-Lev work-stealing deque (Chase and Lev, SPAA 2005). The owner pushes
// and pops at the bottom, thieves take from the top. An item carries a tag
// that a thief may read before it decides to take the item: the pool puts
// the task's group there, because the task itself may be gone by then.
//
// Ownership: items belong to the caller. Buffers that grew too small are kept
//            until deque_release(), since a thief may still read them.
// Threads:   functions are marked "owner" or "any".
#ifndef LIGATURE_CONCURRENT_DEQUE_H
#define LIGATURE_CONCURRENT_DEQUE_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#include "concurrent/atomics.h"
#include "support/attributes.h"

typedef struct DequeItem {
    void *item;
    void *tag;
} DequeItem;

typedef struct DequeSlot {
    _Atomic(void *) item;
    _Atomic(void *) tag;
} DequeSlot;

typedef struct DequeBuffer DequeBuffer;
struct DequeBuffer {
    DequeBuffer *older; // owner only
    int64_t mask;       // immutable after init; capacity - 1
    DequeSlot slots[];
};

// All fields are private; public so that the owner's path inlines. Items are
// at the indices top <= i < bottom. Indices are signed: an empty pop looks
// at bottom - 1, which may be below top.
typedef struct Deque {
    alignas(CACHE_LINE) _Atomic(int64_t) top;
    alignas(CACHE_LINE) _Atomic(int64_t) bottom; // stored by the owner only
    _Atomic(DequeBuffer *) buffer;               // stored by the owner only
    int64_t room; // owner only; pushes up to this index overwrite nothing
    bool alone;   // immutable after init; there are no thieves
} Deque;

// `alone`: no thief will ever look, so that the owner needs no ordering.
void deque_init(Deque *deque, bool alone);
void deque_release(Deque *deque);
// Owner. Makes room for `count` more items.
void deque_grow(Deque *deque, int64_t count);

// Any. An old answer unless the caller is the owner.
static inline int64_t deque_bottom(const Deque *deque)
{
    return load_relaxed(&deque->bottom);
}

// Any. Sequentially consistent: a sleeper that announced itself first, and
// then sees an empty deque, is seen by whoever calls deque_settle() afterwards.
static inline bool deque_is_empty(const Deque *deque)
{
    int64_t top = load_seq_cst(&deque->top);
    return top >= load_seq_cst(&deque->bottom);
}

// Owner. At least so many items lie there but for what thieves take meanwhile.
static inline int64_t deque_count(const Deque *deque)
{
    return deque_bottom(deque) - load_relaxed(&deque->top);
}

// Owner. Room for `count` items behind the bottom; then deque_stage() puts
// them there and deque_publish() shows them to thieves all at once.
static inline void deque_reserve(Deque *deque, int64_t count)
{
    if (UNLIKELY(deque_bottom(deque) + count > deque->room)) {
        deque_grow(deque, count);
    }
}

static inline void deque_stage(Deque *deque, int64_t offset, DequeItem item)
{
    DequeBuffer *buffer = load_relaxed(&deque->buffer);
    int64_t at = (deque_bottom(deque) + offset) & buffer->mask;
    store_relaxed(&buffer->slots[at].item, item.item);
    store_relaxed(&buffer->slots[at].tag, item.tag);
}

static inline void deque_publish(Deque *deque, int64_t count)
{
    int64_t bottom = deque_bottom(deque) + count;
    // Release: pairs with the load of `bottom` in deque_peek().
    store_release(&deque->bottom, bottom);
}

// Owner. What was pushed so far takes its place in the total order.
static inline void deque_settle(Deque *deque)
{
    // Pairs with deque_is_empty(), see there.
    store_seq_cst(&deque->bottom, deque_bottom(deque));
}

// Owner.
static inline void deque_push(Deque *deque, DequeItem item)
{
    deque_reserve(deque, 1);
    deque_stage(deque, 0, item);
    deque_publish(deque, 1);
}

static inline DequeItem deque_slot(const Deque *deque, int64_t index)
{
    const DequeBuffer *buffer = load_relaxed(&deque->buffer);
    const DequeSlot *slot = &buffer->slots[index & buffer->mask];
    return (DequeItem){load_relaxed(&slot->item), load_relaxed(&slot->tag)};
}

// Owner. Takes the newest item; false when there is none.
//
// The owner stores bottom = b before it reads top, a thief reads top before
// bottom. In the total order of the sequentially consistent operations
// either the owner sees that a thief took up to b, or the thief sees that
// only what lies before b is left. Both can want the one last item; the
// compare-and-swap on top decides.
static inline bool deque_pop(Deque *deque, DequeItem *out_item)
{
    int64_t bottom = deque_bottom(deque) - 1;
    // Top only rises: when even an old value says empty, it is.
    if (bottom < load_relaxed(&deque->top)) {
        return false;
    }
    if (deque->alone) {
        store_relaxed(&deque->bottom, bottom);
        *out_item = deque_slot(deque, bottom);
        return true;
    }
    store_seq_cst(&deque->bottom, bottom);
    int64_t top = load_seq_cst(&deque->top);
    if (top < bottom) {
        *out_item = deque_slot(deque, bottom);
        return true;
    }
    bool taken = top == bottom && cas_seq_cst(&deque->top, &top, top + 1);
    if (taken) {
        *out_item = deque_slot(deque, bottom);
    }
    store_release(&deque->bottom, bottom + 1);
    return taken;
}

// Any. Reads the oldest item without taking it; false when there is none.
// What it reads is certain only once deque_take() of the same index says so.
static inline bool deque_peek(const Deque *deque, int64_t *out_index,
                              DequeItem *out_item)
{
    int64_t top = load_seq_cst(&deque->top);
    // Acquire: pairs with deque_publish().
    int64_t bottom = load_seq_cst(&deque->bottom);
    if (top >= bottom) {
        return false;
    }
    // Acquire: pairs with the store in deque_grow(). This buffer holds the
    // item at `top` unless that was taken meanwhile; then the slot is zero or
    // holds a later item, and deque_take() fails.
    const DequeBuffer *buffer = load_acquire(&deque->buffer);
    const DequeSlot *slot = &buffer->slots[top & buffer->mask];
    *out_item =
        (DequeItem){load_relaxed(&slot->item), load_relaxed(&slot->tag)};
    *out_index = top;
    return true;
}

// Any. Takes the item that deque_peek() showed; false when another was
// faster.
static inline bool deque_take(Deque *deque, int64_t index)
{
    return cas_seq_cst(&deque->top, &index, index + 1);
}

#endif
