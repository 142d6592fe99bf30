// How many CPUs the process may use.
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "concurrent/pool.h"
#include "support/cgroup.h"

uint32_t cpu_affinity_count(void)
{
    // The mask may be larger than the fixed cpu_set_t on big machines.
    for (int cpus = CPU_SETSIZE; cpus <= CPU_SETSIZE * 64; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        if (set == NULL) {
            break;
        }
        size_t bytes = CPU_ALLOC_SIZE(cpus);
        int count =
            sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (count > 0) {
            return (uint32_t)count;
        }
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (uint32_t)online : 1;
}

static uint64_t quota_cpus(long long quota_us, long long period_us)
{
    if (quota_us <= 0 || period_us <= 0) {
        return UINT64_MAX;
    }
    long long cpus = (quota_us + period_us - 1) / period_us;
    return cpus < 1 ? 1 : (uint64_t)cpus;
}

static uint64_t folder_quota(const char *folder, int version)
{
    char line[128];
    long long quota = 0;
    long long period = 0;
    if (version == 2) {
        // "max 100000" for no limit.
        return cgroup_read_line(folder, "cpu.max", line, sizeof line) &&
                       sscanf(line, "%lld %lld", &quota, &period) == 2
                   ? quota_cpus(quota, period)
                   : UINT64_MAX;
    }
    if (cgroup_read_line(folder, "cpu.cfs_quota_us", line, sizeof line) &&
        sscanf(line, "%lld", &quota) == 1 &&
        cgroup_read_line(folder, "cpu.cfs_period_us", line, sizeof line) &&
        sscanf(line, "%lld", &period) == 1) {
        return quota_cpus(quota, period);
    }
    return UINT64_MAX;
}

uint32_t cpu_quota(void)
{
    uint64_t quota = cgroup_smallest("cpu", folder_quota);
    return quota < UINT32_MAX ? (uint32_t)quota : UINT32_MAX;
}
