// The two ways in which the process ends outside main(): no memory, and a
// bug in ligature itself.
//
// Threads: any.
#ifndef LIGATURE_SUPPORT_DIE_H
#define LIGATURE_SUPPORT_DIE_H

#include <stddef.h>

#include "support/attributes.h"

// Reports that `size` bytes could not be had and exits with status 4.
NORETURN COLD void die_out_of_memory(size_t size);

// Reports a bug at `file`:`line` and exits with status 70.
NORETURN COLD void die_bug(const char *file, int line, const char *what);

#define UNREACHABLE() die_bug(__FILE__, __LINE__, "unreachable code")

// malloc, realloc and calloc that do not fail: they end in
// die_out_of_memory(). Multiplications are checked. Free with free().
MUST_USE void *mem_alloc(size_t size);
MUST_USE void *mem_calloc(size_t count, size_t size);
MUST_USE void *mem_realloc(void *memory, size_t count, size_t size);

#endif
