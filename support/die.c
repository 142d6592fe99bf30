// Ends the process where nothing else can be done. Writes with write(2): stdio
// may need memory, and other threads may hold its locks.
#include "support/die.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/heap_hint.h"

// Who dies has no context at hand.
static const DieFrame *death_frame;
static void (*death_cleanup)(void);

void die_set_frame(const DieFrame *frame)
{
    death_frame = frame;
}

void die_set_cleanup(void (*cleanup)(void))
{
    death_cleanup = cleanup;
}

static NORETURN void end(int status)
{
    if (death_cleanup != NULL) {
        death_cleanup();
    }
    _exit(status);
}

static void say(const char *text, size_t left)
{
    while (left > 0) {
        ssize_t written = write(STDERR_FILENO, text, left);
        if (written <= 0) {
            break;
        }
        text += written;
        left -= (size_t)written;
    }
}

static void say_c(const char *text)
{
    say(text, strlen(text));
}

// Memory runs out for several threads at once, and what is said is to be one
// message: the first to come speaks, the others wait until that has ended the
// process; for a second, as it may never come to an end. In a handler that has
// interrupted the speaker there is nothing to wait for.
static void become_the_speaker(int status)
{
    enum { ROUNDS = 100, ROUND_MS = 10 };
    static _Atomic(uint32_t) comers;
    static _Thread_local bool speaks;
    if (comers++ == 0) {
        speaks = true;
        return;
    }
    for (int i = 0; i < ROUNDS && !speaks; i++) {
        (void)poll(NULL, 0, ROUND_MS);
    }
    end(status);
}

// `more` is for people only. Calls only what a signal handler may call.
static NORETURN void say_and_exit(const char *code, char *text, int length,
                                  const char *more, int status)
{
    become_the_speaker(status);
    size_t size = length > 0 ? (size_t)length : 0;
    if (death_frame == NULL) {
        if (code != NULL) {
            say_c("error[");
            say_c(code);
            say_c("]: ");
        }
        say(text, size);
        say_c(more);
        end(status);
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] < ' ' || text[i] > '~' || strchr("\"\\<>&%", text[i])) {
            text[i] = ' ';
        }
    }
    say_c(death_frame->before);
    say_c(code != NULL ? code : "E0003");
    say_c(death_frame->between);
    say(text, size);
    say_c(death_frame->after);
    end(status);
}

// Not how much was asked for: that depends on the number of threads.
void die_out_of_memory(void)
{
    char text[] = "out of memory";
    say_and_exit("E0604", text, (int)sizeof text - 1, "\n", 4);
}

void die_timeout(void)
{
    char text[] = "the timeout passed before the run was complete";
    say_and_exit("E0608", text, (int)sizeof text - 1,
                 "\n  = help: give more time with --timeout\n", 124);
}

void die_bug(const char *file, int line, const char *what)
{
    char text[512];
    int length = snprintf(text, sizeof text,
                          "ligature: internal error at %.100s:%d: %.200s\n"
                          "This is a bug in ligature. Please report it with "
                          "the program that shows it.",
                          file, line, what);
    say_and_exit(NULL, text, length, "\n", 70);
}

void *mem_alloc(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    if (UNLIKELY(memory == NULL)) {
        die_out_of_memory();
    }
    heap_hint_large(memory, size);
    return memory;
}

void *mem_calloc(size_t count, size_t size)
{
    bool empty = count == 0 || size == 0;
    void *memory = empty ? calloc(1, 1) : calloc(count, size);
    if (UNLIKELY(memory == NULL)) {
        die_out_of_memory();
    }
    heap_hint_large(memory, count * size);
    return memory;
}

static char *map(size_t size)
{
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        die_out_of_memory();
    }
    return memory;
}

void mem_free_pages(void *memory, size_t size)
{
    (void)munmap(memory, size);
}

void *mem_alloc_pages(size_t *size)
{
    if (UNLIKELY(*size > SIZE_MAX / 2)) {
        die_out_of_memory();
    }
    *size = (*size + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
    char *memory = map(*size);
    size_t before = -(uintptr_t)memory & (LARGE_PAGE - 1);
    if (before != 0) {
        // The kernel does not align it: again, with room to cut off.
        mem_free_pages(memory, *size);
        memory = map(*size + LARGE_PAGE);
        before = -(uintptr_t)memory & (LARGE_PAGE - 1);
        if (before != 0) {
            mem_free_pages(memory, before);
        }
        memory += before;
        mem_free_pages(memory + *size, LARGE_PAGE - before);
    }
    heap_hint_advise(memory, *size);
    heap_hint_fresh(memory, *size);
    return memory;
}

void *mem_realloc(void *memory, size_t count, size_t size)
{
    size_t bytes;
    if (UNLIKELY(__builtin_mul_overflow(count, size, &bytes))) {
        die_out_of_memory();
    }
    void *moved = realloc(memory, bytes > 0 ? bytes : 1);
    if (UNLIKELY(moved == NULL)) {
        die_out_of_memory();
    }
    heap_hint_large(moved, bytes);
    return moved;
}

// Not malloc(), which never says no: support/never_null.c.
bool mem_could_have(size_t size)
{
    void *memory = aligned_alloc(16, (size + 15) & ~(size_t)15);
    free(memory);
    return memory != NULL;
}
