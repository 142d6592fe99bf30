// See list_rope.h. Recursions are as deep as the tree is high.
#include "eval/list_rope.h"

// What is not longer is copied rather than made a leaf beside another.
#define LEAF_COPIED_MAX 32

static const ListRope *rope_of(const ListObject *list)
{
    return (const ListRope *)list;
}

static const ListObject *left_of(const ListObject *rope)
{
    return rope->as.left;
}

static const ListObject *right_of(const ListObject *rope)
{
    return rope_of(rope)->right;
}

static uint32_t height(const ListObject *list)
{
    return list_is_rope(list) ? rope_of(list)->height : 0;
}

static const ListObject *node(Heap *heap, const ListObject *left,
                              const ListObject *right)
{
    uint32_t a = height(left);
    uint32_t b = height(right);
    ListRope *rope = heap_alloc(heap, sizeof *rope);
    *rope = (ListRope){
        .list = {.header = object_header(OBJECT_LIST_ROPE, sizeof *rope),
                 .count = left->count + right->count,
                 .as.left = left},
        .right = right,
        .height = 1 + (a > b ? a : b),
    };
    return &rope->list;
}

// ---- balance

// Of parts whose heights differ by two at most.
static const ListObject *balanced(Heap *heap, const ListObject *a,
                                  const ListObject *b)
{
    if (height(a) > height(b) + 1) {
        const ListObject *inner = right_of(a);
        if (height(inner) <= height(left_of(a))) {
            return node(heap, left_of(a), node(heap, inner, b));
        }
        return node(heap, node(heap, left_of(a), left_of(inner)),
                    node(heap, right_of(inner), b));
    }
    if (height(b) > height(a) + 1) {
        const ListObject *inner = left_of(b);
        if (height(inner) <= height(right_of(b))) {
            return node(heap, node(heap, a, inner), right_of(b));
        }
        return node(heap, node(heap, a, left_of(inner)),
                    node(heap, right_of(inner), right_of(b)));
    }
    return node(heap, a, b);
}

// Of parts of any heights.
static const ListObject *linked(Heap *heap, const ListObject *a,
                                const ListObject *b)
{
    if (height(a) > height(b) + 1) {
        return balanced(heap, left_of(a), linked(heap, right_of(a), b));
    }
    if (height(b) > height(a) + 1) {
        return balanced(heap, linked(heap, a, left_of(b)), right_of(b));
    }
    return node(heap, a, b);
}

// ---- joining

static const ListObject *last_leaf(const ListObject *list)
{
    while (list_is_rope(list)) {
        list = right_of(list);
    }
    return list;
}

static const ListObject *first_leaf(const ListObject *list)
{
    while (list_is_rope(list)) {
        list = left_of(list);
    }
    return list;
}

static const ListObject *with_last(Heap *heap, const ListObject *list,
                                   const ListObject *leaf)
{
    return list_is_rope(list) ? node(heap, left_of(list),
                                     with_last(heap, right_of(list), leaf))
                              : leaf;
}

static const ListObject *with_first(Heap *heap, const ListObject *list,
                                    const ListObject *leaf)
{
    return list_is_rope(list)
               ? node(heap, with_first(heap, left_of(list), leaf),
                      right_of(list))
               : leaf;
}

static const ListObject *without_first(Heap *heap, const ListObject *rope)
{
    const ListObject *left = left_of(rope);
    return list_is_rope(left)
               ? balanced(heap, without_first(heap, left), right_of(rope))
               : right_of(rope);
}

// Both leaves as one; NULL where that would copy much.
static const ListObject *one_leaf(Heap *heap, const ListObject *a,
                                  const ListObject *b)
{
    Value joined;
    bool cheap = (uint64_t)a->count + b->count <= LEAF_COPIED_MAX ||
                 value_list_room(heap, a, false) >= b->count ||
                 value_list_room(heap, b, true) >= a->count;
    return cheap && value_list_append(
                        heap, (Value){.tag = VALUE_LIST, .as.list = a},
                        (Value){.tag = VALUE_LIST, .as.list = b}, &joined)
               ? joined.as.list
               : NULL;
}

// What is short may live no longer than the call that joins it.
static const ListObject *as_leaf(Heap *heap, const ListObject *list)
{
    if (list->count > LIST_INLINE_MAX) {
        return list;
    }
    Value *items;
    Value copy = value_list(heap, list->count, &items);
    value_list_copy(items, (Value){.tag = VALUE_LIST, .as.list = list}, 0,
                    list->count);
    return copy.as.list;
}

const ListObject *list_rope_join(Heap *heap, const ListObject *a,
                                 const ListObject *b)
{
    const ListObject *leaf = one_leaf(heap, last_leaf(a), first_leaf(b));
    if (leaf == NULL) {
        return linked(heap, as_leaf(heap, a), as_leaf(heap, b));
    }
    if (!list_is_rope(a)) {
        return with_first(heap, b, leaf);
    }
    a = with_last(heap, a, leaf);
    return list_is_rope(b) ? linked(heap, a, without_first(heap, b)) : a;
}

// ---- parts

static const ListObject *slice(Heap *heap, const ListObject *list,
                               uint32_t from, uint32_t to)
{
    if (!list_is_rope(list)) {
        Value leaf = {.tag = VALUE_LIST, .as.list = list};
        return value_list_slice(heap, leaf, from, to).as.list;
    }
    uint32_t border = left_of(list)->count;
    if (from == 0 && to == list->count) {
        return list;
    }
    if (to <= border) {
        return slice(heap, left_of(list), from, to);
    }
    if (from >= border) {
        return slice(heap, right_of(list), from - border, to - border);
    }
    return linked(heap, slice(heap, left_of(list), from, border),
                  slice(heap, right_of(list), 0, to - border));
}

const ListObject *list_rope_slice(Heap *heap, const ListObject *rope,
                                  uint32_t from, uint32_t to)
{
    if (to - from > LEAF_COPIED_MAX) {
        return slice(heap, rope, from, to);
    }
    Value *items;
    Value copy = value_list(heap, to - from, &items);
    list_rope_copy(items, rope, from, to - from);
    return copy.as.list;
}

Value list_rope_at(const ListObject *rope, uint32_t i)
{
    while (list_is_rope(rope)) {
        uint32_t border = left_of(rope)->count;
        bool behind = i >= border;
        i -= behind ? border : 0;
        rope = behind ? right_of(rope) : left_of(rope);
    }
    return value_list_at((Value){.tag = VALUE_LIST, .as.list = rope}, i);
}

void list_rope_copy(Value *out, const ListObject *rope, uint32_t from,
                    uint32_t count)
{
    while (list_is_rope(rope)) {
        uint32_t border = left_of(rope)->count;
        if (from < border) {
            uint32_t part = count < border - from ? count : border - from;
            list_rope_copy(out, left_of(rope), from, part);
            out += part;
            count -= part;
            from = border;
        }
        if (count == 0) {
            return;
        }
        from -= border;
        rope = right_of(rope);
    }
    value_list_copy(out, (Value){.tag = VALUE_LIST, .as.list = rope}, from,
                    count);
}
