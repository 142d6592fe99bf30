// A small direct-mapped cache in front of the interner: names repeat, and
// length and ends of a name find it without hashing all of it.
//
// Ownership: borrows the interner's text. Zero-initialised is ready.
// Threads:   one owner.
#ifndef LIGATURE_SYNTAX_NAME_CACHE_H
#define LIGATURE_SYNTAX_NAME_CACHE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "concurrent/intern.h"
#include "support/attributes.h"

#define NAME_CACHE_BITS 9

typedef struct NameCacheEntry {
    uint64_t head; // the first eight bytes, padded with zeroes
    const char *text;
    uint32_t len;
    Symbol symbol; // 0: empty
} NameCacheEntry;

// Last in what it is part of: name_cache_size() says how much of it a short
// text needs.
typedef struct NameCache {
    uint32_t bits_less; // than NAME_CACHE_BITS
    NameCacheEntry entries[1 << NAME_CACHE_BITS];
} NameCache;

// `bits_less` for a text of `len` bytes: clearing a large cache costs more
// than lexing a short text.
static inline uint32_t name_cache_bits_less(size_t len)
{
    enum { MIN_BITS = 4 };
    const size_t bytes_per_name = 16;
    uint32_t bits = MIN_BITS;
    while (bits < NAME_CACHE_BITS && bytes_per_name << bits < len) {
        bits++;
    }
    return NAME_CACHE_BITS - bits;
}

// Bytes of the cache that are used with `bits_less`.
static inline size_t name_cache_size(uint32_t bits_less)
{
    return offsetof(NameCache, entries) +
           sizeof(NameCacheEntry) * ((1u << NAME_CACHE_BITS) >> bits_less);
}

// The first eight bytes at `text`, zeroes for those behind `len`; `room` bytes
// may be read.
static inline uint64_t name_cache_head(const char *text, size_t len,
                                       size_t room)
{
    uint64_t head = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (LIKELY(room >= sizeof head)) {
        memcpy(&head, text, sizeof head);
        return len >= sizeof head ? head
                                  : head & ((UINT64_C(1) << (8 * len)) - 1);
    }
#else
    (void)room;
#endif
    memcpy(&head, text, len < sizeof head ? len : sizeof head);
    return head;
}

// The symbol of `name`; `end` is where the text that holds it ends.
static inline Symbol name_cache_intern(NameCache *cache, Interner *interner,
                                       Str name, const char *end)
{
    uint64_t head =
        name_cache_head(name.data, name.len, (size_t)(end - name.data));
    uint64_t hash = (head ^ name.len) * UINT64_C(0x9E3779B97F4A7C15);
    if (name.len > sizeof head) {
        uint64_t tail;
        memcpy(&tail, name.data + name.len - sizeof tail, sizeof tail);
        hash = (hash ^ tail) * UINT64_C(0xD6E8FEB86659FD93);
    }
    NameCacheEntry *entry =
        &cache->entries[hash >> (64 - NAME_CACHE_BITS + cache->bits_less)];
    if (LIKELY(entry->symbol != 0 && entry->head == head &&
               entry->len == name.len &&
               (name.len <= sizeof head ||
                memcmp(entry->text + sizeof head, name.data + sizeof head,
                       name.len - sizeof head) == 0))) {
        return entry->symbol;
    }
    Symbol symbol = intern(interner, name);
    *entry = (NameCacheEntry){
        .head = head,
        .text = symbol_text(interner, symbol).data,
        .len = (uint32_t)name.len,
        .symbol = symbol,
    };
    return symbol;
}

#endif
