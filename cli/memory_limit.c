#include "cli/memory_limit.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/cgroup.h"

// "max", and the huge number of version 1, are no limits.
static uint64_t folder_limit(const char *folder, int version)
{
    char line[64];
    const char *name = version == 2 ? "memory.max" : "memory.limit_in_bytes";
    if (!cgroup_read_line(folder, name, line, sizeof line)) {
        return UINT64_MAX;
    }
    char *end;
    errno = 0;
    unsigned long long bytes = strtoull(line, &end, 10);
    return end == line || *end != '\0' || errno != 0 || bytes == 0 ? UINT64_MAX
                                                                   : bytes;
}

uint64_t memory_limit_default(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page_bytes = sysconf(_SC_PAGESIZE);
    uint64_t bytes = pages <= 0 || page_bytes <= 0
                         ? UINT64_MAX
                         : (uint64_t)pages * (uint64_t)page_bytes;
    uint64_t group = cgroup_smallest("memory", folder_limit);
    bytes = group < bytes ? group : bytes;
    return bytes == UINT64_MAX ? bytes : bytes / 4 * 3;
}
