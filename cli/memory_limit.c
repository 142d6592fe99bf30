#include "cli/memory_limit.h"

#include <unistd.h>

uint64_t memory_limit_default(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page_bytes = sysconf(_SC_PAGESIZE);
    return pages <= 0 || page_bytes <= 0
               ? UINT64_MAX
               : (uint64_t)pages / 4 * 3 * (uint64_t)page_bytes;
}
