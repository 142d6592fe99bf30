// How many CPUs the process may use.
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "concurrent/pool.h"

#define PATH_BYTES 4096

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

// First line of the file `folder`/`name`; false when there is none.
static bool read_line(const char *folder, const char *name, char *out_line,
                      size_t size)
{
    char path[PATH_BYTES * 2];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    bool ok = fgets(out_line, (int)size, file) != NULL;
    fclose(file);
    return ok;
}

static uint32_t quota_cpus(long long quota_us, long long period_us)
{
    if (quota_us <= 0 || period_us <= 0) {
        return UINT32_MAX;
    }
    long long cpus = (quota_us + period_us - 1) / period_us;
    return cpus < 1 ? 1 : (uint32_t)cpus;
}

// Quota of one cgroup folder of version 2 or 1; UINT32_MAX for none.
static uint32_t folder_quota(const char *folder)
{
    char line[128];
    long long quota = 0;
    long long period = 0;
    if (read_line(folder, "cpu.max", line, sizeof line)) {
        // "max 100000" for no limit.
        return sscanf(line, "%lld %lld", &quota, &period) == 2
                   ? quota_cpus(quota, period)
                   : UINT32_MAX;
    }
    if (read_line(folder, "cpu.cfs_quota_us", line, sizeof line) &&
        sscanf(line, "%lld", &quota) == 1 &&
        read_line(folder, "cpu.cfs_period_us", line, sizeof line) &&
        sscanf(line, "%lld", &period) == 1) {
        return quota_cpus(quota, period);
    }
    return UINT32_MAX;
}

// Smallest quota of root + path and of the folders above, down to `root`.
static uint32_t path_quota(const char *root, const char *path)
{
    char folder[PATH_BYTES * 2];
    snprintf(folder, sizeof folder, "%s%s", root, path);
    uint32_t smallest = UINT32_MAX;
    for (;;) {
        uint32_t quota = folder_quota(folder);
        smallest = quota < smallest ? quota : smallest;
        char *slash = strrchr(folder, '/');
        if (slash == NULL || slash < folder + strlen(root)) {
            return smallest;
        }
        *slash = '\0';
    }
}

// True when the comma-separated `list` names the cpu controller.
static bool names_cpu(const char *list)
{
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, "cpu", 3) == 0 && (at[3] == ',' || at[3] == '\0')) {
            return true;
        }
    }
    return false;
}

// A line of /proc/self/cgroup: "0::/path" (version 2) or
// "4:cpu,cpuacct:/path" (version 1).
static uint32_t line_quota(char *line)
{
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (path == NULL) {
        return UINT32_MAX;
    }
    *path++ = '\0';
    controllers++;
    if (*controllers == '\0') {
        return path_quota("/sys/fs/cgroup", path);
    }
    if (!names_cpu(controllers)) {
        return UINT32_MAX;
    }
    char root[PATH_BYTES];
    snprintf(root, sizeof root, "/sys/fs/cgroup/%s", controllers);
    return path_quota(root, path);
}

uint32_t cpu_quota(void)
{
    // Inside a container the paths below may be foreign; the root is ours.
    uint32_t smallest = folder_quota("/sys/fs/cgroup");
    uint32_t version1 = folder_quota("/sys/fs/cgroup/cpu");
    smallest = version1 < smallest ? version1 : smallest;
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file == NULL) {
        return smallest;
    }
    char line[PATH_BYTES];
    while (fgets(line, sizeof line, file) != NULL) {
        uint32_t quota = line_quota(line);
        smallest = quota < smallest ? quota : smallest;
    }
    fclose(file);
    return smallest;
}

uint32_t cpu_count(void)
{
    uint32_t affinity = cpu_affinity_count();
    uint32_t quota = cpu_quota();
    return quota < affinity ? quota : affinity;
}
