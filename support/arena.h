// Bump allocator. Everything allocated from an arena dies with it.
//
// Ownership: returned memory belongs to the arena; callers never free it.
// Threads:   an arena has one owning thread at a time. Handing it to another
//            thread requires a release/acquire edge (a finished task is one).
#ifndef LIGATURE_SUPPORT_ARENA_H
#define LIGATURE_SUPPORT_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "support/attributes.h"
#include "support/str.h"

typedef struct ArenaChunk ArenaChunk;

// All fields are private to arena.{h,c}; public so that the fast path inlines.
// Invariant: cursor <= limit; cursor is a multiple of 8.
typedef struct Arena {
    char *cursor;
    char *limit;
    ArenaChunk *chunks; // newest first
    size_t bytes;       // total size of all chunks
} Arena;

// An arena without any chunk; the first allocation takes a small one and
// later chunks grow with it up to a bound.
void arena_init(Arena *arena);
void arena_release(Arena *arena);

// Forgets every allocation made so far but keeps memory for as much, up to a
// bound.
void arena_clear(Arena *arena);

// Makes room for `size` bytes in one piece, of a large block that the system
// can back with large pages: for who knows that megabytes will follow. What is
// not used of it is never touched.
void arena_reserve(Arena *arena, size_t size);

// Moves all chunks of `from` into `into`; `from` is empty afterwards.
void arena_adopt(Arena *into, Arena *from);

// Takes a block of mem_alloc_pages(), of which the first ARENA_BLOCK_HEAD bytes
// are not used: whoever has filled it need not copy what shall live on.
#define ARENA_BLOCK_HEAD ((size_t)16)
void arena_take_pages(Arena *arena, void *block, size_t bytes);

// True when `memory` lies in one of the chunks; linear in their number.
bool arena_owns(const Arena *arena, const void *memory);

// Bytes taken from the system so far.
static inline size_t arena_bytes(const Arena *arena)
{
    return arena->bytes;
}

// Of those, all but what is left in the current chunk.
static inline size_t arena_used(const Arena *arena)
{
    return arena->bytes - (size_t)(arena->limit - arena->cursor);
}

void *arena_alloc_slow(Arena *arena, size_t size);

// Returns `size` uninitialised bytes, aligned to 8. Never returns NULL.
static inline void *arena_alloc(Arena *arena, size_t size)
{
    size_t rounded = (size + 7) & ~(size_t)7;
    if (UNLIKELY(EXACT_MEMORY || rounded < size ||
                 rounded > (size_t)(arena->limit - arena->cursor))) {
        return arena_alloc_slow(arena, size);
    }
    char *memory = arena->cursor;
    arena->cursor += rounded;
    return memory;
}

// The same, zeroed.
static inline void *arena_zalloc(Arena *arena, size_t size)
{
    return memset(arena_alloc(arena, size), 0, size);
}

// Room for `count` objects of `size` bytes; dies when the product overflows.
static inline void *arena_array(Arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (UNLIKELY(__builtin_mul_overflow(count, size, &bytes))) {
        bytes = SIZE_MAX; // which no arena has
    }
    return arena_alloc(arena, bytes);
}

// A copy of the bytes at `from`.
static inline void *arena_copy(Arena *arena, const void *from, size_t size)
{
    void *memory = arena_alloc(arena, size);
    if (size > 0) {
        memcpy(memory, from, size);
    }
    return memory;
}
Str arena_str(Arena *arena, Str text);
// Both, one after the other.
Str arena_join(Arena *arena, Str a, Str b);
Str arena_printf(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
Str arena_vprintf(Arena *arena, const char *format, va_list args)
    PRINTF_LIKE(2, 0);

#define ARENA_NEW(arena, T) ((T *)arena_zalloc((arena), sizeof(T)))

#endif
