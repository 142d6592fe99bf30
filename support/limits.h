// Every limit that a program can run into, with its default (CASES.md).
#ifndef LIGATURE_SUPPORT_LIMITS_H
#define LIGATURE_SUPPORT_LIMITS_H

#include <stdint.h>

// The passes recurse over nested source; the stacks that they run on (8 MiB at
// least) hold this much nesting. --max-nesting may not be more.
#define MAX_NESTING_MOST 2000

// What each of the caches in memory may take, unless told otherwise.
#define CACHE_BYTES (UINT64_C(256) << 20)

typedef struct Limits {
    uint32_t max_nesting;
    uint32_t max_depth; // calls
    uint64_t max_steps; // per top-level binding
    uint64_t max_memory_bytes;
    uint64_t max_output_bytes;
    uint64_t max_source_bytes;  // per file
    uint64_t max_sources_bytes; // in all
    uint32_t max_modules;
    uint64_t max_type_nodes;
    uint32_t max_errors; // printed
} Limits;

static inline Limits limits_default(void)
{
    return (Limits){
        .max_nesting = 1000,
        .max_depth = 100000,
        .max_steps = 100000000,
        .max_memory_bytes = UINT64_MAX,
        .max_output_bytes = UINT64_C(1) << 30,
        .max_source_bytes = UINT64_C(256) << 20,
        .max_sources_bytes = UINT64_C(4) << 30,
        .max_modules = 1000000,
        .max_type_nodes = 10000000,
        .max_errors = 20,
    };
}

#endif
