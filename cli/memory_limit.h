// The default of --max-memory.
//
// Threads: any.
#ifndef LIGATURE_CLI_MEMORY_LIMIT_H
#define LIGATURE_CLI_MEMORY_LIMIT_H

#include <stdint.h>

// Three quarters of the machine's memory, or of the control group's where that
// is less; UINT64_MAX where neither is known.
uint64_t memory_limit_default(void);

#endif
