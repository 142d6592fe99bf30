// A small direct-mapped cache in front of the interner: names repeat, and
// length and ends of a name find it without hashing all of it.
//
// Ownership: borrows the interner's text. Zero-initialised is ready.
// Threads:   one owner.
#ifndef LIGATURE_SYNTAX_NAME_CACHE_H
#define LIGATURE_SYNTAX_NAME_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "concurrent/intern.h"
#include "support/attributes.h"
#include "support/hash.h"

#define NAME_CACHE_BITS 10

typedef struct CachedName {
    uint32_t kind; // what the owner has found out about the name; 0: nothing
    Symbol symbol; // 0: empty
} CachedName;

// Of up to eight bytes, of which the last one is not zero.
typedef struct ShortName {
    uint64_t text; // padded with zeroes; 0: empty
    CachedName name;
} ShortName;

typedef struct LongName {
    uint64_t head; // the first eight bytes, padded with zeroes
    uint64_t tail; // the last eight of a longer name; of others 0
    uint32_t len;
    CachedName name;
} LongName;

// Worth keeping from one text to the next: clearing it costs more than lexing
// a short one.
typedef struct NameCache {
    InternHand hand;
    ShortName short_names[1 << NAME_CACHE_BITS];
    LongName long_names[1 << (NAME_CACHE_BITS - 1)];
} NameCache;

// The first eight bytes at `text`, zeroes for those behind `len`; `room` bytes
// may be read.
static inline uint64_t name_cache_head(const char *text, size_t len,
                                       size_t room)
{
    uint64_t head = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    static const uint64_t first_bytes[] = {
        0,
        UINT64_C(0xFF),
        UINT64_C(0xFFFF),
        UINT64_C(0xFFFFFF),
        UINT64_C(0xFFFFFFFF),
        UINT64_C(0xFFFFFFFFFF),
        UINT64_C(0xFFFFFFFFFFFF),
        UINT64_C(0xFFFFFFFFFFFFFF),
        UINT64_MAX,
    };
    if (LIKELY(room >= sizeof head)) {
        memcpy(&head, text, sizeof head);
        return head & first_bytes[len < sizeof head ? len : sizeof head];
    }
#else
    (void)room;
#endif
    memcpy(&head, text, len < sizeof head ? len : sizeof head);
    return head;
}

// The last eight bytes of a longer name, which begins with other ones.
static inline uint64_t name_cache_tail(Str name)
{
    uint64_t tail = 0;
    if (name.len > sizeof tail) {
        memcpy(&tail, name.data + name.len - sizeof tail, sizeof tail);
    }
    return tail;
}

static inline ShortName *name_cache_short(NameCache *cache, uint64_t text)
{
    uint64_t hash = text * HASH_MULTIPLIER;
    return &cache->short_names[hash >> (64 - NAME_CACHE_BITS)];
}

static inline LongName *name_cache_long(NameCache *cache, size_t len,
                                        uint64_t head, uint64_t tail)
{
    uint64_t hash = head * HASH_MULTIPLIER;
    hash = (hash ^ tail ^ len) * UINT64_C(0xD6E8FEB86659FD93);
    return &cache->long_names[hash >> (65 - NAME_CACHE_BITS)];
}

// Whether the entry is of the name with these ends, where they are all of it.
static inline bool name_cache_is(const LongName *entry, size_t len,
                                 uint64_t head, uint64_t tail)
{
    return entry->head == head && entry->tail == tail &&
           entry->len == (uint32_t)len && entry->name.symbol != 0;
}

static inline bool name_cache_holds(const LongName *entry, Str name,
                                    uint64_t head, uint64_t tail,
                                    const Interner *interner)
{
    const size_t ends = sizeof head + sizeof tail;
    return name_cache_is(entry, name.len, head, tail) &&
           (LIKELY(name.len <= ends) ||
            memcmp(symbol_text(interner, entry->name.symbol).data + sizeof head,
                   name.data + sizeof head, name.len - ends) == 0);
}

// Where two names meet, the older one moves to the neighbour.
static inline ShortName *name_cache_neighbour(NameCache *cache,
                                              const ShortName *home)
{
    return &cache->short_names[(home - cache->short_names) ^ 1];
}

// What is known of a name of one to sixteen bytes without a zero, if it is
// there, where sixteen bytes may be read.
static inline const CachedName *name_cache_guess(NameCache *cache,
                                                 const char *name, size_t len)
{
    if (LIKELY(len <= sizeof(uint64_t))) {
        uint64_t text = name_cache_head(name, len, sizeof text);
        const ShortName *home = name_cache_short(cache, text);
        if (LIKELY(home->text == text)) {
            return &home->name;
        }
        const ShortName *other = name_cache_neighbour(cache, home);
        return other->text == text ? &other->name : NULL;
    }
    uint64_t head = name_cache_head(name, sizeof head, sizeof head);
    uint64_t tail = name_cache_tail(str_make(name, len));
    const LongName *entry = name_cache_long(cache, len, head, tail);
    return name_cache_is(entry, len, head, tail) ? &entry->name : NULL;
}

static inline CachedName *name_cache_long_name(NameCache *cache,
                                               Interner *interner, Str name,
                                               uint64_t head)
{
    uint64_t tail = name_cache_tail(name);
    LongName *entry = name_cache_long(cache, name.len, head, tail);
    if (UNLIKELY(!name_cache_holds(entry, name, head, tail, interner))) {
        *entry = (LongName){
            .head = head,
            .tail = tail,
            .len = (uint32_t)name.len,
            .name.symbol = intern_by(interner, &cache->hand, name),
        };
    }
    return &entry->name;
}

// What is known of `name`, good until the next call; `end` is where the text
// that holds it ends.
static inline CachedName *name_cache_find(NameCache *cache, Interner *interner,
                                          Str name, const char *end)
{
    uint64_t head =
        name_cache_head(name.data, name.len, (size_t)(end - name.data));
    bool is_short =
        name.len > 0 && name.len <= sizeof head && name.data[name.len - 1] != 0;
    if (UNLIKELY(!is_short)) {
        return name_cache_long_name(cache, interner, name, head);
    }
    ShortName *home = name_cache_short(cache, head);
    if (LIKELY(home->text == head)) {
        return &home->name;
    }
    ShortName *other = name_cache_neighbour(cache, home);
    if (other->text == head) {
        return &other->name;
    }
    *other = *home;
    *home = (ShortName){
        .text = head,
        .name.symbol = intern_by(interner, &cache->hand, name),
    };
    return &home->name;
}

static inline Symbol name_cache_intern(NameCache *cache, Interner *interner,
                                       Str name, const char *end)
{
    return name_cache_find(cache, interner, name, end)->symbol;
}

#endif
