// Gives up, for good, what a process does not need: Landlock for files,
// seccomp for all other system calls.
//
// Threads: the thread that calls it and those that it starts later; system
//          calls are filtered for all threads of the process. Call it before
//          there are workers.
#ifndef LIGATURE_CLI_CONFINE_H
#define LIGATURE_CLI_CONFINE_H

#include <stdint.h>

#include "support/attributes.h"

enum {
    CONFINE_READ = 1 << 0,  // files and folders beneath it
    CONFINE_MAKE = 1 << 1,  // files beneath it: make, write, rename, remove
    CONFINE_WRITE = 1 << 2, // the file itself, which exists
};

typedef struct ConfinePath {
    const char *path; // of a folder or file that exists
    uint32_t rights;  // CONFINE_...
} ConfinePath;

// What the kernel could not be made to do.
enum {
    CONFINE_LACKS_LANDLOCK = 1 << 0,
    CONFINE_LACKS_SECCOMP = 1 << 1,
};

// From now on nothing is opened but beneath `paths`, nothing executed, no
// socket and no process made, no memory made executable, no other process
// touched. Returns what is lacking: 0 where all of it holds. Builds with a
// sanitizer, which needs /proc and more, are not confined and say 0.
MUST_USE uint32_t confine_process(const ConfinePath *paths, uint32_t count);

// From now on the process gets no more memory of its own than this, nor more
// than it might have before; touched or not, thread stacks included. Not for
// builds with a sanitizer either: they take terabytes of address space.
void confine_memory(uint64_t bytes);

#endif
