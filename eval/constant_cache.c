// Constants by their content. See constant_cache.h.
#include "eval/constant_cache.h"

#include <string.h>

#include "support/hash.h"

// Text and small data are looked up by content: literals repeat themselves.
#define SHARED_TEXT_MAX 64u

ConstantCache *constant_cache_new(void)
{
    return mem_calloc(1, sizeof(ConstantCache));
}

void constant_cache_free(ConstantCache *cache)
{
    if (cache != NULL) {
        ptr_map_release(&cache->default_numbers);
        vec_release(&cache->defaults);
        free(cache);
    }
}

// ---- by content

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * HASH_MULTIPLIER;
    return hash ^ hash >> 32;
}

static Value *constant_entry(ConstantCache *cache, uint64_t hash)
{
    enum { COUNT = sizeof cache->entries / sizeof *cache->entries };
    return &cache->entries[hash % COUNT];
}

static uint64_t word_at(const char *bytes, size_t count)
{
    uint64_t word = 0;
    memcpy(&word, bytes, count);
    return word;
}

// What differs in the middle of a long text alone has one place in the cache.
static uint64_t text_hash(Str text)
{
    enum { WORD = sizeof(uint64_t), HALF = WORD / 2 };
    const char *end = text.data + text.len;
    uint64_t hash = text.len;
    if (text.len >= WORD) {
        hash = mix(hash, word_at(text.data, WORD));
        return mix(hash, word_at(end - WORD, WORD));
    }
    if (text.len >= HALF) {
        return mix(hash,
                   word_at(text.data, HALF) << 32 | word_at(end - HALF, HALF));
    }
    for (; text.len > 0; text.len--) {
        hash = hash << 8 | (uint8_t)text.data[text.len - 1];
    }
    return mix(hash, 0);
}

Value constant_text(ConstantCache *cache, Heap *heap, Str text)
{
    if (cache == NULL || text.len > SHARED_TEXT_MAX) {
        return value_string_static(heap, text);
    }
    Value *entry = constant_entry(cache, text_hash(text));
    if (entry->tag != VALUE_STRING || !str_equal(value_str(*entry), text)) {
        *entry = value_string_static(heap, text);
    }
    return *entry;
}

// Lists, tuples and records: what they are made of.
static const Value *data_parts(Value data, uint32_t *out_count,
                               const Shape **out_shape)
{
    *out_shape = NULL;
    if (data.tag == VALUE_RECORD) {
        *out_shape = data.as.record->shape;
        *out_count = data.as.record->shape->count;
        return data.as.record->fields;
    }
    *out_count =
        data.tag == VALUE_LIST ? data.as.list->count : data.as.tuple->count;
    return data.tag == VALUE_LIST ? data.as.list->items : data.as.tuple->items;
}

Value constant_shared(ConstantCache *cache, Heap *heap, Value data)
{
    uint32_t count;
    const Shape *shape;
    const Value *parts = data_parts(data, &count, &shape);
    if (cache == NULL || count > CONSTANT_PARTS_MAX) {
        return data;
    }
    uint64_t hash = mix(data.tag, (uintptr_t)shape) + count;
    for (uint32_t i = 0; i < count; i++) {
        hash = mix(hash, parts[i].tag);
        hash = mix(hash, (uint64_t)parts[i].as.integer);
    }
    Value *entry = constant_entry(cache, hash);
    if (entry->tag == data.tag) {
        uint32_t other_count;
        const Shape *other_shape;
        const Value *others = data_parts(*entry, &other_count, &other_shape);
        if (other_count == count && other_shape == shape &&
            memcmp(others, parts, count * sizeof *parts) == 0) {
            // Where nothing came after it, its room is free again.
            const ObjectHeader *object = data.as.pointer;
            if (heap->cursor == (char *)object + object->words * 8u) {
                heap->cursor = (char *)(uintptr_t)object;
            }
            return *entry;
        }
    }
    *entry = data;
    return data;
}

// ---- defaults

bool constant_default_known(const ConstantCache *cache, const Binding *binding,
                            Value *out)
{
    uintptr_t number =
        (uintptr_t)ptr_map_find(&cache->default_numbers, (uintptr_t)binding, 0);
    if (number == 0) {
        return false;
    }
    *out = cache->defaults.items[number - 1];
    return true;
}

void constant_default_add(ConstantCache *cache, const Binding *binding,
                          Value value)
{
    vec_push(&cache->defaults, value);
    *ptr_map_at(&cache->default_numbers, (uintptr_t)binding, 0) =
        (void *)(uintptr_t)cache->defaults.count;
}
