// Chunks come from malloc and grow with the arena: each is an eighth of what
// there is, and in big ones a large page. So many small arenas stay small (what
// is not used of the last chunk is lost; a page that is touched for nothing
// costs as much as parsing a line, a call of malloc far less), and a big one
// asks the system rarely. A request that is larger than the next chunk gets a
// chunk of its own behind the current one, whose rest stays in use.
#include "support/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/die.h"
#include "support/heap_hint.h"

#define FIRST_CHUNK_BYTES ((size_t)1 << 10)
#define GROW_BY           8
// Such a chunk is a large page of its own.
#define PAGE_CHUNK_BYTES LARGE_PAGE
// A multiple of what a large page holds.
#define LARGE_CHUNK_BYTES ((size_t)8 << 20)

struct ArenaChunk {
    ArenaChunk *next; // older
    size_t bytes;     // with this header
};

_Static_assert(sizeof(ArenaChunk) % 8 == 0, "chunk data must stay aligned");
_Static_assert(sizeof(ArenaChunk) == ARENA_BLOCK_HEAD, "the head is a chunk's");

static char *chunk_data(ArenaChunk *chunk)
{
    return (char *)(chunk + 1);
}

void arena_init(Arena *arena)
{
    // Where an empty allocation of an empty arena points; never written.
    static const uint64_t nowhere;
    arena->cursor = (char *)(uintptr_t)&nowhere;
    arena->limit = arena->cursor;
    arena->chunks = NULL;
    arena->bytes = 0;
}

static bool is_paged(size_t bytes)
{
    return bytes >= PAGE_CHUNK_BYTES && !EXACT_MEMORY;
}

static void free_chunks(ArenaChunk *chunk)
{
    while (chunk != NULL) {
        ArenaChunk *next = chunk->next;
        if (is_paged(chunk->bytes)) {
            mem_free_pages(chunk, chunk->bytes);
        } else {
            free(chunk);
        }
        chunk = next;
    }
}

void arena_release(Arena *arena)
{
    free_chunks(arena->chunks);
    arena_init(arena);
}

static size_t usual_bytes(size_t wanted)
{
    return wanted < FIRST_CHUNK_BYTES  ? FIRST_CHUNK_BYTES
           : wanted > PAGE_CHUNK_BYTES ? PAGE_CHUNK_BYTES
                                       : wanted & ~(size_t)7;
}

static ArenaChunk *chunk_new(Arena *arena, size_t bytes)
{
    ArenaChunk *chunk =
        is_paged(bytes) ? mem_alloc_pages(&bytes) : mem_alloc(bytes);
    chunk->bytes = bytes;
    arena->bytes += bytes;
    return chunk;
}

void arena_clear(Arena *arena)
{
    ArenaChunk *newest = arena->chunks;
    if (newest == NULL) {
        return;
    }
    if (newest->next != NULL) {
        // What was needed once is needed again: in one chunk, so that the
        // next round allocates nothing.
        size_t bytes = usual_bytes(arena->bytes);
        bool keep = newest->bytes >= bytes;
        free_chunks(keep ? newest->next : newest);
        arena->bytes = keep ? newest->bytes : 0;
        newest = keep ? newest : chunk_new(arena, bytes);
        newest->next = NULL;
        arena->chunks = newest;
    }
    arena->cursor = chunk_data(newest);
    arena->limit = (char *)newest + newest->bytes;
}

void arena_adopt(Arena *into, Arena *from)
{
    if (from->chunks == NULL) {
        return;
    }
    if (into->chunks == NULL) {
        *into = *from;
        arena_init(from);
        return;
    }
    if (from->limit - from->cursor > into->limit - into->cursor) {
        // Go on in the chunk that has more room.
        Arena swapped = *into;
        *into = *from;
        *from = swapped;
    }
    ArenaChunk *oldest = from->chunks;
    while (oldest->next != NULL) {
        oldest = oldest->next;
    }
    oldest->next = into->chunks->next;
    into->chunks->next = from->chunks;
    into->bytes += from->bytes;
    arena_init(from);
}

void arena_take_pages(Arena *arena, void *block, size_t bytes)
{
    assert(is_paged(bytes));
    ArenaChunk *chunk = block;
    chunk->bytes = bytes;
    arena->bytes += bytes;
    if (arena->chunks == NULL) {
        chunk->next = NULL;
        arena->chunks = chunk;
        arena->cursor = arena->limit = (char *)chunk + bytes;
        return;
    }
    chunk->next = arena->chunks->next;
    arena->chunks->next = chunk;
}

bool arena_owns(const Arena *arena, const void *memory)
{
    uintptr_t at = (uintptr_t)memory;
    for (const ArenaChunk *c = arena->chunks; c != NULL; c = c->next) {
        if (at - (uintptr_t)c < c->bytes) { // wraps below it
            return true;
        }
    }
    return false;
}

static void add_chunk(Arena *arena, size_t bytes)
{
    ArenaChunk *chunk = chunk_new(arena, bytes);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->cursor = chunk_data(chunk);
    arena->limit = (char *)chunk + chunk->bytes;
}

void arena_reserve(Arena *arena, size_t size)
{
    if (!EXACT_MEMORY && (size_t)(arena->limit - arena->cursor) < size &&
        size <= LARGE_CHUNK_BYTES / 2) {
        add_chunk(arena, LARGE_CHUNK_BYTES);
    }
}

void *arena_alloc_slow(Arena *arena, size_t size)
{
    if (UNLIKELY(size > SIZE_MAX / 2)) {
        die_out_of_memory();
    }
    size_t rounded = (size + 7) & ~(size_t)7;
    size_t needed = rounded + sizeof(ArenaChunk);
    if (EXACT_MEMORY) {
        ArenaChunk *exact = chunk_new(arena, size + sizeof(ArenaChunk));
        exact->next = arena->chunks;
        arena->chunks = exact;
        arena->cursor = arena->limit = chunk_data(exact);
        return arena->cursor;
    }
    size_t usual = usual_bytes(arena->bytes / GROW_BY);
    if (needed > usual && arena->chunks != NULL) {
        ArenaChunk *own = chunk_new(arena, needed);
        own->next = arena->chunks->next;
        arena->chunks->next = own;
        return chunk_data(own);
    }
    usual = needed > usual ? needed : usual;
    add_chunk(arena, usual);
    char *memory = arena->cursor;
    arena->cursor += rounded;
    return memory;
}

Str arena_str(Arena *arena, Str text)
{
    return str_make(arena_copy(arena, text.data, text.len), text.len);
}

Str arena_join(Arena *arena, Str a, Str b)
{
    char *text = arena_alloc(arena, a.len + b.len);
    memcpy(text, a.data, a.len);
    memcpy(text + a.len, b.data, b.len);
    return str_make(text, a.len + b.len);
}

// Straight into the current chunk where the text fits.
Str arena_vprintf(Arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t room = (size_t)(arena->limit - arena->cursor);
    char *text = arena->cursor;
    // One spare byte for the terminator that vsnprintf insists on.
    int length = vsnprintf(room > 0 ? text : NULL, room, format, args);
    if (UNLIKELY(length < 0)) {
        die_bug(__FILE__, __LINE__, "text to format is too long");
    }
    if ((size_t)length < room && room - (size_t)length >= 8) {
        (void)arena_alloc(arena, (size_t)length);
    } else {
        text = arena_alloc(arena, (size_t)length + 1);
        vsnprintf(text, (size_t)length + 1, format, again);
    }
    va_end(again);
    return str_make(text, (size_t)length);
}

Str arena_printf(Arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Str text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}
