// Equality and order with a stack of our own, so that a chain of a million
// union cells needs no C stack; what stands last in its parent replaces it on
// the stack, so that such a chain needs no memory either.
#include "eval/value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "support/die.h"

// Pairs still to be compared, in order.
typedef struct PairFrame {
    const Value *a;
    const Value *b;
    uint32_t count;
    int then;     // the order of the parents where all pairs are equal
    Value *owned; // arrays made for this comparison, freed with the frame
} PairFrame;

#define INLINE_FRAMES 16

typedef struct PairStack {
    PairFrame few[INLINE_FRAMES];
    PairFrame *frames; // few, or allocated
    uint32_t count;
    uint32_t capacity;
    bool equality; // only whether equal
    bool stopped;  // by the meter
    uint64_t taken;
    int64_t *looks; // the meter; NULL: none
    CancelToken *token;
} PairStack;

#define POLL_EVERY 4096

// Takes `count` looks; false when they are over.
static bool stack_take(PairStack *stack, uint64_t count)
{
    stack->taken += count;
    if (stack->looks == NULL || stack->taken < POLL_EVERY) {
        return true;
    }
    *stack->looks -= (int64_t)stack->taken;
    stack->taken = 0;
    stack->stopped =
        *stack->looks < 0 || (stack->token != NULL &&
                              cancel_token_poll(stack->token) != CANCEL_NONE);
    return !stack->stopped;
}

static void stack_push(PairStack *stack, const Value *a, const Value *b,
                       uint32_t count, int then, Value *owned)
{
    if (count == 0 && then == 0) {
        free(owned);
        return;
    }
    if (stack->count == stack->capacity) {
        uint32_t capacity = 2 * stack->capacity;
        PairFrame *grown = mem_alloc(capacity * sizeof *grown);
        memcpy(grown, stack->frames, stack->count * sizeof *grown);
        if (stack->frames != stack->few) {
            free(stack->frames);
        }
        stack->frames = grown;
        stack->capacity = capacity;
    }
    stack->frames[stack->count++] = (PairFrame){a, b, count, then, owned};
}

static int order_of(bool less, bool greater)
{
    return (int)greater - (int)less;
}

static int compare_ranges(PairStack *stack, const ListObject *a,
                          const ListObject *b, uint32_t shorter)
{
    for (uint32_t i = 0; i < shorter; i++) {
        if (!stack_take(stack, 1)) {
            return 0;
        }
        // At least one side is a range, so both hold integers.
        int64_t x = a->items != NULL ? a->items[i].as.integer
                                     : a->as.first + (int64_t)i;
        int64_t y = b->items != NULL ? b->items[i].as.integer
                                     : b->as.first + (int64_t)i;
        if (x != y) {
            return order_of(x<y, x> y);
        }
    }
    return 0;
}

// Ropes are the only lists that stand nowhere as an array.
static int push_ropes(PairStack *stack, const ListObject *a,
                      const ListObject *b, uint32_t shorter, int then)
{
    Value *items = mem_alloc((2 * (size_t)shorter + 1) * sizeof *items);
    value_list_copy(items, (Value){.as.list = a}, 0, shorter);
    value_list_copy(items + shorter, (Value){.as.list = b}, 0, shorter);
    stack_push(stack, items, items + shorter, shorter, then, items);
    return 0;
}

static int push_lists(PairStack *stack, const ListObject *a,
                      const ListObject *b)
{
    uint32_t shorter = a->count < b->count ? a->count : b->count;
    int then = order_of(a->count<b->count, a->count> b->count);
    if (stack->equality && then != 0) {
        return then;
    }
    if (a->items == b->items && a->items != NULL) {
        return then; // the same array
    }
    if (list_is_rope(a) || list_is_rope(b)) {
        return push_ropes(stack, a, b, shorter, then);
    }
    if (a->items == NULL || b->items == NULL) {
        int order = compare_ranges(stack, a, b, shorter);
        return order != 0 ? order : then;
    }
    stack_push(stack, a->items, b->items, shorter, then, NULL);
    return 0;
}

static Value *pairs_new(uint64_t count)
{
    return mem_calloc(2 * count + 1, sizeof(Value));
}

// Fields of different shapes pair by name, in the byte order of the names.
static int push_records(PairStack *stack, const RecordObject *a,
                        const RecordObject *b)
{
    const Shape *sa = a->shape;
    const Shape *sb = b->shape;
    if (stack->equality && sa == sb) {
        stack_push(stack, a->fields, b->fields, sa->count, 0, NULL);
        return 0;
    }
    uint32_t shorter = sa->count < sb->count ? sa->count : sb->count;
    Value *pairs = pairs_new(shorter);
    int then = order_of(sa->count<sb->count, sa->count> sb->count);
    uint32_t n = 0;
    for (; n < shorter; n++) {
        uint32_t i = sa->sorted[n];
        uint32_t j = sb->sorted[n];
        if (sa->names[i] != sb->names[j]) {
            // Not of one type; ordered by the first name that differs.
            then = str_compare(sa->texts[i], sb->texts[j]);
            break;
        }
        pairs[n] = a->fields[i];
        pairs[shorter + n] = b->fields[j];
    }
    stack_push(stack, pairs, pairs + shorter, n, then, pairs);
    return 0;
}

static int map_key_compare(const void *a, const void *b)
{
    return str_compare(value_str(((const MapEntry *)a)->key),
                       value_str(((const MapEntry *)b)->key));
}

static MapEntry *map_sorted(const MapObject *map)
{
    MapEntry *entries = (MapEntry *)pairs_new(map->count);
    for (uint32_t i = 0; i < map->count; i++) {
        entries[i] = (MapEntry){value_map_key(map, i), value_map_value(map, i)};
    }
    if (map->count > 0) {
        qsort(entries, map->count, sizeof *entries, map_key_compare);
    }
    return entries;
}

// Maps are ordered as the lists of their entries sorted by key.
static int push_maps(PairStack *stack, const MapObject *a, const MapObject *b)
{
    int then = order_of(a->count<b->count, a->count> b->count);
    if (stack->equality && then != 0) {
        return then;
    }
    uint32_t shorter = a->count < b->count ? a->count : b->count;
    MapEntry *as = map_sorted(a);
    MapEntry *bs = map_sorted(b);
    Value *pairs = pairs_new((uint64_t)shorter * 2);
    memcpy(pairs, as, shorter * sizeof *as);
    memcpy(pairs + 2 * (size_t)shorter, bs, shorter * sizeof *bs);
    free(as);
    free(bs);
    assert(shorter <= UINT32_MAX / 2);
    stack_push(stack, pairs, pairs + 2 * (size_t)shorter, 2 * shorter, then,
               pairs);
    return 0;
}

static int push_unions(PairStack *stack, Value a, Value b)
{
    if (a.ctor != b.ctor) {
        const CtorInfo *info = value_ctor(a);
        int order = order_of(a.ctor<b.ctor, a.ctor> b.ctor);
        // Option is declared `Some a | None` and ordered None < Some.
        return info->role == CTOR_PLAIN ? order : -order;
    }
    if (a.arity > 0 && a.as.object != b.as.object) {
        stack_push(stack, a.as.object->fields, b.as.object->fields, a.arity, 0,
                   NULL);
    }
    return 0;
}

// Exact: a double between two integers is neither. A float is behind the
// integer that it equals.
static int compare_mixed(int64_t integer, double number)
{
    if (number < -0x1p63 || number >= 0x1p63) {
        return number < 0 ? 1 : -1;
    }
    int64_t whole = (int64_t)number;
    if (integer != whole) {
        return order_of(integer<whole, integer> whole);
    }
    return number < (double)whole ? 1 : -1;
}

// Values of Json alone may be of two kinds: null, Booleans, numbers, strings,
// lists and objects come in the order of the tags.
static int compare_kinds(Value a, Value b)
{
    if (a.tag == VALUE_INT && b.tag == VALUE_FLOAT) {
        return compare_mixed(a.as.integer, b.as.number);
    }
    if (a.tag == VALUE_FLOAT && b.tag == VALUE_INT) {
        return -compare_mixed(b.as.integer, a.as.number);
    }
    return order_of(a.tag<b.tag, a.tag> b.tag);
}

// The order of two values as far as it shows at once; what they consist of is
// pushed.
static int compare_one(PairStack *stack, Value a, Value b)
{
    if (a.tag != b.tag) {
        return compare_kinds(a, b);
    }
    switch ((ValueTag)a.tag) {
    case VALUE_UNIT:
        return 0;
    case VALUE_BOOL:
    case VALUE_INT:
        return order_of(a.as.integer<b.as.integer, a.as.integer> b.as.integer);
    case VALUE_FLOAT:
        return order_of(a.as.number<b.as.number, a.as.number> b.as.number);
    case VALUE_STRING:
        if (stack->equality && a.as.string->len != b.as.string->len) {
            return 1;
        }
        return a.as.string == b.as.string
                   ? 0
                   : str_compare(value_str(a), value_str(b));
    case VALUE_LIST:
        return a.as.list == b.as.list ? 0
                                      : push_lists(stack, a.as.list, b.as.list);
    case VALUE_TUPLE:
        if (a.as.tuple != b.as.tuple) {
            assert(a.as.tuple->count == b.as.tuple->count);
            stack_push(stack, a.as.tuple->items, b.as.tuple->items,
                       a.as.tuple->count, 0, NULL);
        }
        return 0;
    case VALUE_RECORD:
        return a.as.record == b.as.record
                   ? 0
                   : push_records(stack, a.as.record, b.as.record);
    case VALUE_MAP:
        return a.as.map == b.as.map ? 0 : push_maps(stack, a.as.map, b.as.map);
    case VALUE_UNION:
        return push_unions(stack, a, b);
    case VALUE_FUNCTION:
    case VALUE_PARTIAL:
    case VALUE_DICTIONARY:
    case ANY_MERE_OBJECT:
        break;
    }
    UNREACHABLE();
}

static int stack_run(PairStack *stack)
{
    int order = 0;
    while (order == 0 && stack->count > 0 && !stack->stopped) {
        PairFrame *frame = &stack->frames[stack->count - 1];
        if (frame->count == 0) {
            order = frame->then;
            free(frame->owned);
            stack->count--;
            continue;
        }
        Value a = *frame->a++;
        Value b = *frame->b++;
        if (--frame->count == 0 && frame->then == 0) {
            free(frame->owned);
            stack->count--;
        }
        if (stack_take(stack, 1)) {
            order = compare_one(stack, a, b);
        }
    }
    while (stack->count > 0) {
        free(stack->frames[--stack->count].owned);
    }
    if (stack->frames != stack->few) {
        free(stack->frames);
    }
    return order;
}

bool value_compare_counted(Value a, Value b, bool equality, int64_t *looks,
                           CancelToken *token, int *out_order)
{
    PairStack stack;
    stack.frames = stack.few;
    stack.count = 0;
    stack.capacity = INLINE_FRAMES;
    stack.equality = equality;
    stack.stopped = false;
    stack.taken = 0;
    stack.looks = looks;
    stack.token = token;
    int order = compare_one(&stack, a, b);
    assert(order == 0 || stack.count == 0);
    if (stack.count > 0) {
        order = stack_run(&stack);
    }
    if (looks != NULL && stack.taken > 0) {
        *looks -= (int64_t)stack.taken;
        stack.stopped |= *looks < 0;
    }
    *out_order = order;
    return !stack.stopped;
}

int value_compare(Value a, Value b)
{
    int order = 0;
    (void)!value_compare_counted(a, b, false, NULL, NULL, &order);
    return order;
}
