// Limits that the control groups of Linux set, versions 1 and 2.
//
// Threads: any.
#ifndef LIGATURE_SUPPORT_CGROUP_H
#define LIGATURE_SUPPORT_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// First line of the file `folder`/`name`, without its line break; false when
// there is none.
bool cgroup_read_line(const char *folder, const char *name, char *out_line,
                      size_t size);

// The limit that a folder of version 1 or 2 sets; UINT64_MAX for none.
typedef uint64_t CgroupLimit(const char *folder, int version);

// The smallest limit of the groups that the process is in and of those above
// them; `controller` is its name in version 1: "cpu", "memory".
uint64_t cgroup_smallest(const char *controller, CgroupLimit *limit_of);

#endif
