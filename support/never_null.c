// malloc(), calloc() and realloc() for the libraries that are linked in: some
// of them (libfyaml 0.7) touch what they were given without a look. Release
// binaries are linked with the linker's --wrap, which leads every call here.
// Where NULL is an answer, aligned_alloc() is asked.
#include <stddef.h>

#include "support/die.h"

// Tests put something in between that fails.
#ifndef NEVER_NULL_REAL
#define NEVER_NULL_REAL(name) __real_##name
#endif

void *NEVER_NULL_REAL(malloc)(size_t size);
void *NEVER_NULL_REAL(calloc)(size_t count, size_t size);
void *NEVER_NULL_REAL(realloc)(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    void *memory = NEVER_NULL_REAL(malloc)(size);
    if (UNLIKELY(memory == NULL)) {
        die_out_of_memory();
    }
    return memory;
}

void *__wrap_calloc(size_t count, size_t size)
{
    void *memory = NEVER_NULL_REAL(calloc)(count, size);
    if (UNLIKELY(memory == NULL)) {
        die_out_of_memory();
    }
    return memory;
}

// To no bytes it frees, and NULL is right.
void *__wrap_realloc(void *memory, size_t size)
{
    void *moved = NEVER_NULL_REAL(realloc)(memory, size);
    if (UNLIKELY(moved == NULL && size > 0)) {
        die_out_of_memory();
    }
    return moved;
}
