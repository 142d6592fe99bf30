#include "support/cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define ROOT       "/sys/fs/cgroup"

// As much of a file as fits, with a NUL behind it; false when it has nothing.
static bool read_file(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t count = read(fd, out, size - 1);
    (void)close(fd);
    out[count > 0 ? count : 0] = '\0';
    return count > 0;
}

bool cgroup_read_line(const char *folder, const char *name, char *out_line,
                      size_t size)
{
    char path[PATH_BYTES * 2];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    bool ok = read_file(path, out_line, size);
    if (ok) {
        out_line[strcspn(out_line, "\n")] = '\0';
    }
    return ok;
}

// Of root + path and of the folders above, down to `root`.
static uint64_t path_limit(const char *root, const char *path, int version,
                           CgroupLimit *limit_of)
{
    char folder[PATH_BYTES * 2];
    bool is_root = strcmp(path, "/") == 0;
    (void)snprintf(folder, sizeof folder, "%s%s", root, is_root ? "" : path);
    uint64_t smallest = UINT64_MAX;
    for (;;) {
        uint64_t limit = limit_of(folder, version);
        smallest = limit < smallest ? limit : smallest;
        char *slash = strrchr(folder, '/');
        if (slash == NULL || slash < folder + strlen(root)) {
            return smallest;
        }
        *slash = '\0';
    }
}

// True when the comma-separated `list` names the controller.
static bool names(const char *list, const char *controller)
{
    size_t len = strlen(controller);
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, controller, len) == 0 &&
            (at[len] == ',' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

// A line of /proc/self/cgroup: "0::/path" (version 2) or
// "4:cpu,cpuacct:/path" (version 1).
static uint64_t line_limit(char *line, const char *controller,
                           CgroupLimit *limit_of)
{
    char *controllers = strchr(line, ':');
    char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (path == NULL) {
        return UINT64_MAX;
    }
    *path++ = '\0';
    controllers++;
    if (*controllers == '\0') {
        return path_limit(ROOT, path, 2, limit_of);
    }
    if (!names(controllers, controller)) {
        return UINT64_MAX;
    }
    char root[PATH_BYTES];
    (void)snprintf(root, sizeof root, ROOT "/%s", controllers);
    return path_limit(root, path, 1, limit_of);
}

uint64_t cgroup_smallest(const char *controller, CgroupLimit *limit_of)
{
    // Inside a container the paths may be foreign; the roots above are ours.
    uint64_t smallest = UINT64_MAX;
    char text[PATH_BYTES];
    if (!read_file("/proc/self/cgroup", text, sizeof text)) {
        return smallest;
    }
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        uint64_t limit = line_limit(line, controller, limit_of);
        smallest = limit < smallest ? limit : smallest;
    }
    return smallest;
}
