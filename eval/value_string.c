// Strings: short ones inline, longer ones in buffers that slices share and
// that grow in place at either end.
#include "eval/value.h"

#include <assert.h>
#include <string.h>

// Of a kind that is a string, with `bytes` in all.
static ALWAYS_INLINE StringObject *string_object(Heap *heap, uint32_t kind,
                                                 uint32_t len, size_t bytes)
{
    StringObject *object = heap_alloc(heap, bytes);
    object->header = object_header(kind, bytes);
    object->len = len;
    object->char_count = STRING_CHARS_UNKNOWN;
    return object;
}

// With its bytes behind it, to be written.
static ALWAYS_INLINE StringObject *inline_string(Heap *heap, uint32_t len)
{
    StringObject *object =
        string_object(heap, VALUE_STRING, len, sizeof *object + len);
    object->bytes = (char *)(object + 1);
    return object;
}

static void count_chars(StringObject *object)
{
    if (object->len >= STRING_COUNTED_MIN) {
        object->char_count =
            (uint32_t)utf8_length(str_make(object->bytes, object->len));
    }
}

static StringObject *static_string(Heap *heap, const char *bytes, uint32_t len)
{
    StringObject *object =
        string_object(heap, VALUE_STRING, len, sizeof *object);
    object->bytes = bytes;
    return object;
}

static StringObject *string_part(Heap *heap, StringBuffer *buffer,
                                 const char *bytes, uint32_t len)
{
    StringObject *object =
        string_object(heap, OBJECT_STRING_PART, len, sizeof(StringPart));
    object->bytes = bytes;
    ((StringPart *)object)->buffer = buffer;
    return object;
}

static Value string_value(const StringObject *object)
{
    return (Value){.tag = VALUE_STRING, .as.string = object};
}

// ---- how many code points begin in each chunk of a buffer

static uint32_t count_of_chunks(uint32_t capacity)
{
    return capacity >= STRING_COUNTED_MIN ? capacity / STRING_CHUNK : 0;
}

// Zero: not counted yet. Atomic, since any thread may count.
static _Atomic(uint16_t) *chunk_counts(StringBuffer *buffer)
{
    size_t bytes = (buffer->capacity + (size_t)1) & ~(size_t)1;
    return (_Atomic(uint16_t) *)((char *)(buffer + 1) + bytes);
}

// Code points that begin in [from, to), where chunks end with the text, or
// before. No chunk is without any.
static uint32_t chunk_chars(StringBuffer *buffer, size_t from, size_t to)
{
    Str text = str_make(buffer->bytes + from, to - from);
    if (text.len < STRING_CHUNK) {
        return (uint32_t)utf8_length(text);
    }
    _Atomic(uint16_t) *count = &chunk_counts(buffer)[from / STRING_CHUNK];
    uint16_t chars = load_relaxed(count);
    if (chars == 0) {
        chars = (uint16_t)utf8_length(text);
        store_relaxed(count, chars);
    }
    return chars;
}

// Goes from *at on by whole chunks, or what is left of the first one, while no
// more than `chars` code points begin there, and no further than `end`; returns
// how many did.
static uint64_t pass_chunks(const StringObject *string, size_t *at, size_t end,
                            uint64_t chars)
{
    StringBuffer *buffer = value_string_buffer(string);
    if (buffer == NULL || count_of_chunks(buffer->capacity) == 0) {
        return 0;
    }
    size_t base = (size_t)(string->bytes - buffer->bytes);
    uint64_t passed = 0;
    for (;;) {
        size_t from = base + *at;
        size_t to = (from / STRING_CHUNK + 1) * STRING_CHUNK;
        if (to > base + end) {
            return passed;
        }
        uint32_t begins = chunk_chars(buffer, from, to);
        if (begins > chars - passed) {
            return passed;
        }
        passed += begins;
        *at = to - base;
    }
}

size_t value_string_offset(Value string, size_t at, uint64_t index)
{
    Str text = value_str(string);
    if (index >= STRING_CHUNK / 4) { // else what is near is found as fast
        index -= pass_chunks(string.as.string, &at, text.len, index);
    }
    return utf8_offset(text, at, index);
}

// Code points that begin in [from, to).
static uint32_t chars_between(const StringObject *string, size_t from,
                              size_t to)
{
    uint64_t chars = pass_chunks(string, &from, to, UINT64_MAX);
    return (uint32_t)(chars +
                      utf8_length(str_make(string->bytes + from, to - from)));
}

static StringBuffer *string_buffer(Heap *heap, uint32_t capacity)
{
    size_t counts = count_of_chunks(capacity) * sizeof(uint16_t);
    size_t bytes = sizeof(StringBuffer) + capacity + (counts > 0) + counts;
    StringBuffer *buffer = heap_alloc(heap, bytes);
    buffer->header = object_header(BUFFER_STRING, bytes);
    buffer->owner = heap_id(heap);
    buffer->start = 0;
    buffer->end = 0;
    buffer->capacity = capacity;
    if (UNLIKELY(counts > 0)) {
        memset((void *)chunk_counts(buffer), 0, counts);
    }
    return buffer;
}

static NOINLINE Value long_string(Heap *heap, uint32_t len, char **out_bytes)
{
    StringBuffer *buffer = string_buffer(heap, len);
    buffer->end = len;
    *out_bytes = buffer->bytes;
    return string_value(string_part(heap, buffer, buffer->bytes, len));
}

static ALWAYS_INLINE Value new_string(Heap *heap, uint32_t len,
                                      char **out_bytes)
{
    if (UNLIKELY(len >= STRING_INLINE_MAX)) {
        return long_string(heap, len, out_bytes);
    }
    StringObject *object = inline_string(heap, len);
    *out_bytes = (char *)(object + 1);
    return string_value(object);
}

Value value_string_new(Heap *heap, uint32_t len, char **out_bytes)
{
    return new_string(heap, len, out_bytes);
}

Value value_string(Heap *heap, Str text)
{
    assert(text.len <= UINT32_MAX);
    char *bytes;
    Value value = new_string(heap, (uint32_t)text.len, &bytes);
    if (text.len > 0) {
        memcpy(bytes, text.data, text.len);
    }
    value_string_finish(value);
    return value;
}

void value_string_finish(Value string)
{
    if (UNLIKELY(string.as.string->len >= STRING_COUNTED_MIN) &&
        string.as.string->char_count == STRING_CHARS_UNKNOWN) {
        count_chars((StringObject *)string.as.string);
    }
}

Value value_string_static(Heap *heap, Str text)
{
    assert(text.len <= UINT32_MAX);
    StringObject *object =
        static_string(heap, text.len > 0 ? text.data : "", (uint32_t)text.len);
    count_chars(object);
    if (UNLIKELY(text.len >= STRING_COUNTED_MIN) &&
        object->char_count < text.len && heap_has_plenty(heap, text.len)) {
        return value_string(heap, text); // for the chunks that are counted
    }
    return string_value(object);
}

static bool string_is_inline(const StringObject *string)
{
    return string->bytes == (const char *)(string + 1);
}

// Those of the slice, or of what is cut off, are counted, whichever is less.
static uint32_t chars_of_slice(const StringObject *whole, uint32_t from,
                               uint32_t to)
{
    if (whole->char_count == whole->len) {
        return to - from; // all ASCII
    }
    if (whole->char_count == STRING_CHARS_UNKNOWN ||
        to - from <= whole->len / 2) {
        return chars_between(whole, from, to);
    }
    return whole->char_count - chars_between(whole, 0, from) -
           chars_between(whole, to, whole->len);
}

Value value_string_slice(Heap *heap, Value string, uint32_t from, uint32_t to)
{
    const StringObject *whole = string.as.string;
    assert(from <= to && to <= whole->len);
    if (from == 0 && to == whole->len) {
        return string;
    }
    uint32_t len = to - from;
    if (len == 0 || string_is_inline(whole)) {
        return value_string(heap, str_make(whole->bytes + from, len));
    }
    StringBuffer *buffer = value_string_buffer(whole);
    const char *bytes = whole->bytes + from;
    StringObject *slice = buffer != NULL ? string_part(heap, buffer, bytes, len)
                                         : static_string(heap, bytes, len);
    if (len >= STRING_COUNTED_MIN) {
        slice->char_count = chars_of_slice(whole, from, to);
    }
    return string_value(slice);
}

static void copy_parts(char *out, const Value *parts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const StringObject *part = parts[i].as.string;
        memcpy(out, part->bytes, part->len);
        out += part->len;
    }
}

static Value string_in_buffer(Heap *heap, StringBuffer *buffer,
                              const char *bytes, uint32_t len, uint32_t chars)
{
    StringObject *object = string_part(heap, buffer, bytes, len);
    object->char_count = chars;
    return string_value(object);
}

// Room behind `first` (or, with `before`, in front of it) in a buffer that
// this heap may extend.
static uint32_t string_room(Heap *heap, const StringObject *string, bool before)
{
    const StringBuffer *buffer = value_string_buffer(string);
    if (buffer == NULL || buffer->owner != heap_id(heap)) {
        return 0;
    }
    if (before) {
        return string->bytes == buffer->bytes + buffer->start ? buffer->start
                                                              : 0;
    }
    return string->bytes + string->len == buffer->bytes + buffer->end
               ? buffer->capacity - buffer->end
               : 0;
}

static uint32_t longest_part(const Value *parts, uint32_t count)
{
    uint32_t longest = 0;
    for (uint32_t i = 1; i < count; i++) {
        if (parts[i].as.string->len > parts[longest].as.string->len) {
            longest = i;
        }
    }
    return longest;
}

static uint32_t parts_len(const Value *parts, uint32_t count)
{
    uint32_t len = 0;
    for (uint32_t i = 0; i < count; i++) {
        len += parts[i].as.string->len;
    }
    return len;
}

// A part that has others on both sides, in its buffer.
static bool concat_around(Heap *heap, const Value *parts, uint32_t count,
                          uint32_t middle, StringBuffer **out_buffer)
{
    const StringObject *inner = parts[middle].as.string;
    const Value *behind = parts + middle + 1;
    uint32_t front = parts_len(parts, middle);
    uint32_t rest = parts_len(behind, count - middle - 1);
    if (string_room(heap, inner, true) < front ||
        string_room(heap, inner, false) < rest) {
        return false;
    }
    StringBuffer *buffer = value_string_buffer(inner);
    buffer->start -= front;
    copy_parts(buffer->bytes + buffer->start, parts, middle);
    copy_parts(buffer->bytes + buffer->end, behind, count - middle - 1);
    buffer->end += rest;
    *out_buffer = buffer;
    return true;
}

// What was joined before will be joined again: leaves room on the sides on
// which the longest part grows, or has grown. A first join is exact.
static void leave_room(Heap *heap, const Value *parts, uint32_t count,
                       uint32_t longest, uint32_t total, uint32_t *out_front,
                       uint32_t *out_behind)
{
    const StringObject *part = parts[longest].as.string;
    uint64_t room = value_string_buffer(part) != NULL && part->len >= total / 2
                        ? total / 2
                        : 0;
    uint64_t front =
        longest > 0 || string_room(heap, part, true) > 0 ? room : 0;
    uint64_t behind =
        longest + 1 < count || string_room(heap, part, false) > 0 ? room : 0;
    bool fits = front + behind <= UINT32_MAX - total &&
                heap_can_hold(heap, total + front + behind + 128);
    *out_front = fits ? (uint32_t)front : 0;
    *out_behind = fits ? (uint32_t)behind : 0;
}

static Value concat_in_new_buffer(Heap *heap, const Value *parts,
                                  uint32_t count, uint32_t longest,
                                  uint32_t total, uint32_t chars)
{
    uint32_t front;
    uint32_t behind;
    leave_room(heap, parts, count, longest, total, &front, &behind);
    StringBuffer *buffer = string_buffer(heap, front + total + behind);
    buffer->start = front;
    buffer->end = front + total;
    char *bytes = buffer->bytes + buffer->start;
    copy_parts(bytes, parts, count);
    return string_in_buffer(heap, buffer, bytes, total, chars);
}

// What is appended to a long text is short mostly.
static inline uint32_t part_chars(const StringObject *part)
{
    if (part->char_count != STRING_CHARS_UNKNOWN) {
        return part->char_count;
    }
    if (part->len > sizeof(uint64_t)) {
        return (uint32_t)utf8_length(str_make(part->bytes, part->len));
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < part->len; i++) {
        count += !utf8_continues(part->bytes[i]);
    }
    return count;
}

// The sum of the parts' bytes and code points; false over 4 GiB.
static bool parts_total(const Value *parts, uint32_t count, uint32_t *out_total,
                        uint32_t *out_chars)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += parts[i].as.string->len;
    }
    *out_total = (uint32_t)total;
    *out_chars = STRING_CHARS_UNKNOWN;
    if (UNLIKELY(total >= STRING_COUNTED_MIN)) {
        *out_chars = 0;
        for (uint32_t i = 0; i < count; i++) {
            *out_chars += part_chars(parts[i].as.string);
        }
    }
    // The header of a buffer, and an unknown count, must stay out of reach.
    return total < UINT32_MAX - sizeof(StringBuffer);
}

bool value_string_concat(Heap *heap, const Value *parts, uint32_t count,
                         Value *out)
{
    while (count > 0 && parts[0].as.string->len == 0) {
        parts++;
        count--;
    }
    while (count > 0 && parts[count - 1].as.string->len == 0) {
        count--;
    }
    if (count <= 1) {
        *out = count == 1 ? parts[0] : value_string(heap, STR(""));
        return true;
    }
    uint32_t total;
    uint32_t chars;
    if (!parts_total(parts, count, &total, &chars)) {
        heap->over_limit = true;
        return false;
    }
    const StringObject *first = parts[0].as.string;
    const StringObject *last = parts[count - 1].as.string;
    if (string_room(heap, first, false) >= total - first->len) {
        StringBuffer *buffer = value_string_buffer(first);
        copy_parts(buffer->bytes + buffer->end, parts + 1, count - 1);
        buffer->end += total - first->len;
        *out = string_in_buffer(heap, buffer, first->bytes, total, chars);
        return true;
    }
    if (string_room(heap, last, true) >= total - last->len) {
        StringBuffer *buffer = value_string_buffer(last);
        buffer->start -= total - last->len;
        char *bytes = buffer->bytes + buffer->start;
        copy_parts(bytes, parts, count - 1);
        *out = string_in_buffer(heap, buffer, bytes, total, chars);
        return true;
    }
    if (!heap_can_hold(heap, (uint64_t)total + 128)) {
        return false;
    }
    if (total < STRING_INLINE_MAX) {
        StringObject *object = inline_string(heap, total);
        object->char_count = chars;
        copy_parts((char *)(object + 1), parts, count);
        *out = string_value(object);
        return true;
    }
    uint32_t longest = longest_part(parts, count);
    StringBuffer *buffer;
    *out =
        concat_around(heap, parts, count, longest, &buffer)
            ? string_in_buffer(heap, buffer, buffer->bytes + buffer->start,
                               total, chars)
            : concat_in_new_buffer(heap, parts, count, longest, total, chars);
    return true;
}

uint32_t value_string_chars(Value string)
{
    const StringObject *object = string.as.string;
    return object->char_count != STRING_CHARS_UNKNOWN
               ? object->char_count
               : (uint32_t)utf8_length(value_str(string));
}
