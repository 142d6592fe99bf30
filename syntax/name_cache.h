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

// Worth keeping from one text to the next: clearing it costs more than lexing
// a short one.
typedef struct NameCache {
    InternHand hand;
    NameCacheEntry entries[1 << NAME_CACHE_BITS];
} NameCache;

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
    NameCacheEntry *entry = &cache->entries[hash >> (64 - NAME_CACHE_BITS)];
    if (LIKELY(entry->symbol != 0 && entry->head == head &&
               entry->len == name.len &&
               (name.len <= sizeof head ||
                memcmp(entry->text + sizeof head, name.data + sizeof head,
                       name.len - sizeof head) == 0))) {
        return entry->symbol;
    }
    Symbol symbol = intern_by(interner, &cache->hand, name);
    *entry = (NameCacheEntry){
        .head = head,
        .text = symbol_text(interner, symbol).data,
        .len = (uint32_t)name.len,
        .symbol = symbol,
    };
    return symbol;
}

#endif
