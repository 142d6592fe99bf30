// Lists: short ones inline, longer ones in buffers that slices share and that
// grow in place at either end; ranges are two numbers, and what would be copied
// again and again are ropes, until someone needs the array.
#include "eval/value.h"

#include <assert.h>
#include <string.h>

#include "eval/list_rope.h"
#include "support/die.h"

#define LIST_FIRST_CAPACITY 8
// Less is copied rather than made a rope.
#define LIST_ROPE_MIN 64
// And so is what is not so many times as long as what comes to it.
#define LIST_ROPE_RATIO 16
// A loop may end early: no more than this is taken in advance.
#define EXPECTED_BYTES_MAX ((uint64_t)64 << 20)

static ListObject *list_object(Heap *heap, uint32_t count, size_t inline_count)
{
    size_t bytes = sizeof(ListObject) + inline_count * sizeof(Value);
    ListObject *object = heap_alloc(heap, bytes);
    object->header = object_header(VALUE_LIST, bytes);
    object->count = count;
    object->items = (const Value *)(object + 1);
    object->as.buffer = NULL;
    return object;
}

static Value list_value(const ListObject *object)
{
    return (Value){.tag = VALUE_LIST, .as.list = object};
}

static ListBuffer *list_buffer(Heap *heap, uint32_t capacity)
{
    size_t bytes = sizeof(ListBuffer) + (size_t)capacity * sizeof(Value);
    ListBuffer *buffer = heap_alloc(heap, bytes);
    buffer->header = object_header(BUFFER_LIST, bytes);
    buffer->owner = heap_id(heap);
    buffer->start = 0;
    buffer->end = 0;
    buffer->capacity = capacity;
    return buffer;
}

static Value list_in_buffer(Heap *heap, ListBuffer *buffer, const Value *items,
                            uint32_t count)
{
    ListObject *object = list_object(heap, count, 0);
    object->items = items;
    object->as.buffer = buffer;
    return list_value(object);
}

Value value_list(Heap *heap, uint32_t count, Value **out_items)
{
    assert(count <= LIST_COUNT_MAX);
    if (count <= LIST_INLINE_MAX) {
        ListObject *object = list_object(heap, count, count);
        *out_items = (Value *)(object + 1);
        return list_value(object);
    }
    ListBuffer *buffer = list_buffer(heap, count);
    buffer->end = count;
    *out_items = buffer->items;
    return list_in_buffer(heap, buffer, buffer->items, count);
}

Value value_list_range(Heap *heap, int64_t first, uint32_t count)
{
    ListObject *object = list_object(heap, count, 0);
    if (count > 0) {
        object->items = NULL;
        object->as.first = first;
    }
    return list_value(object);
}

static void list_copy(Value *out, const ListObject *list, uint32_t from,
                      uint32_t count)
{
    if (list->items != NULL) {
        memcpy(out, list->items + from, count * sizeof(Value));
        return;
    }
    if (list_is_rope(list)) {
        list_rope_copy(out, list, from, count);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        out[i] = value_int(list->as.first + from + i);
    }
}

void value_list_copy(Value *out, Value list, uint32_t from, uint32_t count)
{
    list_copy(out, list.as.list, from, count);
}

Value value_list_slice(Heap *heap, Value list, uint32_t from, uint32_t to)
{
    const ListObject *whole = list.as.list;
    assert(from <= to && to <= whole->count);
    uint32_t count = to - from;
    if (count == whole->count) {
        return list;
    }
    if (list_is_rope(whole) && count > 0) {
        return list_value(list_rope_slice(heap, whole, from, to));
    }
    if (whole->items == NULL && count > 0) {
        return value_list_range(heap, whole->as.first + from, count);
    }
    if (count == 0 || whole->items == (const Value *)(whole + 1)) {
        Value *items;
        Value copy = value_list(heap, count, &items);
        list_copy(items, whole, from, count);
        return copy;
    }
    return list_in_buffer(heap, whole->as.buffer, whole->items + from, count);
}

uint32_t value_list_room(Heap *heap, const ListObject *list, bool before)
{
    if (list->items == NULL || list->as.buffer == NULL ||
        list->as.buffer->owner != heap_id(heap)) {
        return 0;
    }
    const ListBuffer *buffer = list->as.buffer;
    if (before) {
        return list->items == buffer->items + buffer->start ? buffer->start : 0;
    }
    return list->items + list->count == buffer->items + buffer->end
               ? buffer->capacity - buffer->end
               : 0;
}

static bool list_is_buffered(const ListObject *list)
{
    return list->items != NULL && list->as.buffer != NULL;
}

// Whether others stand behind the list's items in their buffer, or in front of
// them: it has been joined there before, or was taken from a longer one.
static bool is_taken(const ListObject *list, bool before)
{
    if (!list_is_buffered(list)) {
        return false;
    }
    const ListBuffer *buffer = list->as.buffer;
    return before ? list->items > buffer->items + buffer->start
                  : list->items + list->count < buffer->items + buffer->end;
}

// Whether a copy of both may be one of many: of what is long as against what
// comes to it, and is taken where that comes; or of two parts of others.
static bool wants_rope(const ListObject *a, const ListObject *b)
{
    const ListObject *longer = a->count > b->count ? a : b;
    const ListObject *shorter = longer == a ? b : a;
    if (longer->count < LIST_ROPE_MIN) {
        return false;
    }
    return shorter->count <= longer->count / LIST_ROPE_RATIO
               ? is_taken(longer, longer == b)
               : is_taken(a, false) && is_taken(b, true);
}

static bool wants_room(Heap *heap, const ListObject *list, bool before)
{
    return is_taken(list, before) || value_list_room(heap, list, before) > 0;
}

static Value append_in_new_buffer(Heap *heap, const ListObject *a,
                                  const ListObject *b)
{
    uint32_t total = a->count + b->count;
    // As for strings: what was joined before will be joined again, where it
    // grows now, where it has grown, and where something was taken from it.
    bool before = a->count < b->count;
    const ListObject *longer = before ? b : a;
    uint32_t room = list_is_buffered(longer) ? total / 2 : 0;
    uint64_t front = before || wants_room(heap, longer, true) ? room : 0;
    uint64_t behind = !before || wants_room(heap, longer, false) ? room : 0;
    uint64_t capacity = front + total + behind;
    if (capacity > LIST_COUNT_MAX ||
        !heap_can_hold(heap, (capacity + 8) * sizeof(Value))) {
        front = 0;
        capacity = total;
    }
    ListBuffer *buffer = list_buffer(heap, (uint32_t)capacity);
    buffer->start = (uint32_t)front;
    buffer->end = buffer->start + total;
    Value *items = buffer->items + buffer->start;
    list_copy(items, a, 0, a->count);
    list_copy(items + a->count, b, 0, b->count);
    return list_in_buffer(heap, buffer, items, total);
}

bool value_list_append(Heap *heap, Value left, Value right, Value *out)
{
    const ListObject *a = left.as.list;
    const ListObject *b = right.as.list;
    if (a->count == 0 || b->count == 0) {
        *out = a->count == 0 ? right : left;
        return true;
    }
    if (value_list_room(heap, a, false) >= b->count) {
        ListBuffer *buffer = a->as.buffer;
        list_copy(buffer->items + buffer->end, b, 0, b->count);
        buffer->end += b->count;
        *out = list_in_buffer(heap, buffer, a->items, a->count + b->count);
        return true;
    }
    if (value_list_room(heap, b, true) >= a->count) {
        ListBuffer *buffer = b->as.buffer;
        buffer->start -= a->count;
        Value *items = buffer->items + buffer->start;
        list_copy(items, a, 0, a->count);
        *out = list_in_buffer(heap, buffer, items, a->count + b->count);
        return true;
    }
    uint64_t total = (uint64_t)a->count + b->count;
    if (total > LIST_COUNT_MAX) {
        heap->over_limit = true;
        return false;
    }
    if (list_is_rope(a) || list_is_rope(b) || wants_rope(a, b)) {
        *out = list_value(list_rope_join(heap, a, b));
        return true;
    }
    if (!heap_can_hold(heap, (total + 8) * sizeof(Value))) {
        return false;
    }
    if (total <= LIST_INLINE_MAX) {
        Value *items;
        *out = value_list(heap, (uint32_t)total, &items);
        list_copy(items, a, 0, a->count);
        list_copy(items + a->count, b, 0, b->count);
        return true;
    }
    *out = append_in_new_buffer(heap, a, b);
    return true;
}

const Value *value_list_items(Heap *heap, Value list)
{
    const ListObject *object = list.as.list;
    if (object->items != NULL) {
        return object->items;
    }
    uint64_t bytes = (uint64_t)object->count * sizeof(Value);
    if (object->count > LIST_COUNT_MAX || !heap_can_hold(heap, bytes)) {
        heap->over_limit = true;
        return NULL;
    }
    ListBuffer *buffer = list_buffer(heap, object->count);
    buffer->end = object->count;
    list_copy(buffer->items, object, 0, object->count);
    return buffer->items;
}

Value *value_list_array(const ListObject *list)
{
    Value *items = mem_alloc((list->count + (size_t)1) * sizeof *items);
    list_copy(items, list, 0, list->count);
    return items;
}

bool value_list_flatten(Heap *heap, Value *list)
{
    const ListObject *object = list->as.list;
    if (LIKELY(!list_is_rope(object))) {
        return true;
    }
    uint64_t bytes = (uint64_t)object->count * sizeof(Value);
    if (!heap_can_hold(heap, bytes + sizeof(ListBuffer))) {
        return false;
    }
    Value *items;
    Value flat = value_list(heap, object->count, &items);
    list_copy(items, object, 0, object->count);
    list->as = flat.as;
    return true;
}

// False when it would be over the budget.
static bool resize(Heap *heap, ListBuffer **buffer, uint32_t capacity)
{
    ListBuffer *old = *buffer;
    uint64_t extra = old == NULL ? 0 : capacity - old->capacity;
    uint64_t bytes = extra * sizeof(Value);
    if (old != NULL && (char *)(old->items + old->capacity) == heap->cursor &&
        bytes <= (uint64_t)(heap->limit - heap->cursor)) {
        // Nothing was allocated behind it: it grows where it is.
        heap->cursor += bytes;
        old->capacity = capacity;
        old->header = object_header(
            BUFFER_LIST, sizeof(ListBuffer) + (size_t)capacity * sizeof(Value));
        return true;
    }
    if (!heap_can_hold(heap, ((uint64_t)capacity + 4) * sizeof(Value))) {
        return false;
    }
    ListBuffer *fresh = list_buffer(heap, capacity);
    if (old != NULL) {
        fresh->end = old->end;
        memcpy(fresh->items, old->items, old->end * sizeof(Value));
    }
    *buffer = fresh;
    return true;
}

static bool grow(Heap *heap, ListBuffer **buffer, uint64_t capacity)
{
    if (capacity > LIST_COUNT_MAX) {
        heap->over_limit = true;
        return false;
    }
    return resize(heap, buffer, (uint32_t)capacity);
}

bool list_buffer_grow(Heap *heap, ListBuffer **buffer)
{
    const ListBuffer *old = *buffer;
    return grow(heap, buffer,
                old == NULL ? LIST_FIRST_CAPACITY
                            : 2 * (uint64_t)old->capacity);
}

bool list_buffer_reserve(Heap *heap, ListBuffer **buffer, uint32_t count)
{
    uint64_t capacity = *buffer == NULL ? 0 : (*buffer)->capacity;
    uint64_t needed =
        *buffer == NULL ? count : (uint64_t)(*buffer)->end + count;
    return needed <= capacity ||
           grow(heap, buffer, needed > 2 * capacity ? needed : 2 * capacity);
}

bool list_buffer_append(Heap *heap, ListBuffer **buffer, const Value *items,
                        uint32_t count)
{
    if (count == 0) {
        return true;
    }
    if (!list_buffer_reserve(heap, buffer, count)) {
        return false;
    }
    memcpy((*buffer)->items + (*buffer)->end, items, count * sizeof *items);
    (*buffer)->end += count;
    return true;
}

void list_buffer_expect(Heap *heap, ListBuffer **buffer, uint64_t count)
{
    const ListBuffer *old = *buffer;
    uint64_t bytes = count * sizeof(Value);
    if (old != NULL && count / 2 >= old->capacity && count <= LIST_COUNT_MAX &&
        bytes <= EXPECTED_BYTES_MAX && heap_has_plenty(heap, bytes)) {
        (void)resize(heap, buffer, (uint32_t)count);
    }
}

Value value_list_finish(Heap *heap, ListBuffer *buffer)
{
    if (buffer == NULL) {
        return list_value(list_object(heap, 0, 0));
    }
    return list_in_buffer(heap, buffer, buffer->items, buffer->end);
}
