// The ways in which the process ends outside main() and says why: no memory, a
// bug in ligature itself, and a deadline that nobody has looked at.
//
// Threads: any.
#ifndef LIGATURE_SUPPORT_DIE_H
#define LIGATURE_SUPPORT_DIE_H

#include <stdbool.h>
#include <stddef.h>

#include "support/attributes.h"

// Reports that memory could not be had and exits with status 4.
NORETURN COLD void die_out_of_memory(void);

// Reports that the timeout passed and exits with status 124. For signal
// handlers too.
NORETURN COLD void die_timeout(void);

// How the messages are put into a document of the format that tools were
// promised: `before`, the code, `between`, the message, `after`. The message
// then holds nothing that JSON, XML or a workflow command would have to escape.
typedef struct DieFrame {
    const char *before, *between, *after;
} DieFrame;
// NULL: as text. The frame must live on. Main thread, before there are others.
void die_set_frame(const DieFrame *frame);

// What to call last, maybe in a handler. Main thread, before there are others.
void die_set_cleanup(void (*cleanup)(void));

// Reports a bug at `file`:`line` and exits with status 70.
NORETURN COLD void die_bug(const char *file, int line, const char *what);

#define UNREACHABLE() die_bug(__FILE__, __LINE__, "unreachable code")

// malloc, realloc and calloc that do not fail: they end in
// die_out_of_memory(). Multiplications are checked. Free with free().
MUST_USE void *mem_alloc(size_t size);
MUST_USE void *mem_calloc(size_t count, size_t size);
// Memory of the system's own, in large pages where it has them: for blocks of
// megabytes, zeroed. Raises *size to a multiple of what a large page holds.
MUST_USE void *mem_alloc_pages(size_t *size);
void mem_free_pages(void *memory, size_t size);
MUST_USE void *mem_realloc(void *memory, size_t count, size_t size);

// Whether so many more bytes could be had now: asked before what may as well be
// left out. A guess where there are other threads.
MUST_USE bool mem_could_have(size_t size);

#endif
