// System calls and allocations that fail when they are told to. Linked into
// ligature-faults by the linker's --wrap, whose names these are.
//
//     LIGATURE_FAULT=KIND:FROM:TO:ERRNO   calls FROM to TO of the kind fail
//                                         with the errno; the first call is 1.
//                                         ERRNO 0, of writes: one byte goes out
//     LIGATURE_FAULT_LOG=FILE             how many calls of each kind there
//                                         were, when the process ends
//
// KIND: alloc, map, open, read, write, sync, rename, close, thread, confine
// (Landlock and seccomp), fence (membarrier)
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

typedef enum Kind {
    ALLOC,
    MAP,
    OPEN,
    READ,
    WRITE,
    SYNC,
    RENAME,
    CLOSE,
    THREAD,
    CONFINE,
    FENCE,
    KIND_COUNT
} Kind;

static const char *const names[KIND_COUNT] = {
    "alloc",  "map",   "open",   "read",    "write", "sync",
    "rename", "close", "thread", "confine", "fence"};

long __real_syscall(long number, long a, long b, long c, long d, long e,
                    long f);

static _Atomic(unsigned long) counts[KIND_COUNT];
static int kind = -1;
static unsigned long from, to;
static int error;
static long log_file = -1; // opened at once: the process may confine itself

// Before main(), and before anything that is counted.
__attribute__((constructor(101))) static void read_settings(void)
{
    const char *text = getenv("LIGATURE_FAULT");
    const char *path = getenv("LIGATURE_FAULT_LOG");
    if (path != NULL) {
        log_file = __real_syscall(SYS_openat, AT_FDCWD, (long)path,
                                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                                  0600, 0, 0);
    }
    char word[16];
    if (text == NULL ||
        sscanf(text, "%15[a-z]:%lu:%lu:%d", word, &from, &to, &error) != 4) {
        return;
    }
    for (int i = 0; i < KIND_COUNT; i++) {
        kind = strcmp(names[i], word) == 0 ? i : kind;
    }
}

__attribute__((destructor)) static void write_log(void)
{
    if (log_file < 0) {
        return;
    }
    char text[512];
    int len = 0;
    for (int i = 0; i < KIND_COUNT; i++) {
        len += snprintf(text + len, sizeof text - (size_t)len, "%s %lu\n",
                        names[i], atomic_load(&counts[i]));
    }
    (void)!syscall(SYS_write, log_file, text, len);
}

static bool fails(Kind what)
{
    unsigned long number = atomic_fetch_add(&counts[what], 1) + 1;
    if ((int)what != kind || number < from || number > to) {
        return false;
    }
    errno = error;
    return true;
}

// ---- memory. support/never_null.c stands before the first three, as it does
// in release binaries.

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **out, size_t alignment, size_t size);
void *__real_mmap(void *at, size_t size, int protection, int flags, int fd,
                  off_t offset);
void *fault_malloc(size_t size);
void *fault_calloc(size_t count, size_t size);
void *fault_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **out, size_t alignment, size_t size);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd,
                  off_t offset);

void *fault_malloc(size_t size)
{
    return fails(ALLOC) ? NULL : __real_malloc(size);
}

void *fault_calloc(size_t count, size_t size)
{
    return fails(ALLOC) ? NULL : __real_calloc(count, size);
}

void *fault_realloc(void *memory, size_t size)
{
    return fails(ALLOC) ? NULL : __real_realloc(memory, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails(ALLOC) ? NULL : __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **out, size_t alignment, size_t size)
{
    return fails(ALLOC) ? ENOMEM : __real_posix_memalign(out, alignment, size);
}

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd,
                  off_t offset)
{
    return fails(MAP) ? MAP_FAILED
                      : __real_mmap(at, size, protection, flags, fd, offset);
}

// ---- files

int __real_open(const char *path, int flags, ...);
int __real_openat(int dir, const char *path, int flags, ...);
ssize_t __real_read(int fd, void *out, size_t size);
ssize_t __real_pread(int fd, void *out, size_t size, off_t at);
ssize_t __real_write(int fd, const void *from, size_t size);
ssize_t __real_writev(int fd, const struct iovec *parts, int count);
ssize_t __real_pwrite(int fd, const void *from, size_t size, off_t at);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_rename(const char *old, const char *new);
int __real_renameat(int from, const char *old, int to, const char *new);
int __real_close(int fd);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
ssize_t __wrap_read(int fd, void *out, size_t size);
ssize_t __wrap_pread(int fd, void *out, size_t size, off_t at);
ssize_t __wrap_write(int fd, const void *data, size_t size);
ssize_t __wrap_writev(int fd, const struct iovec *parts, int count);
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t at);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_rename(const char *old, const char *new);
int __wrap_renameat(int from_dir, const char *old, int to_dir, const char *new);
int __wrap_close(int fd);
long __wrap_syscall(long number, long a, long b, long c, long d, long e,
                    long f);

static int mode_of(int flags, va_list args)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, int) : 0;
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = mode_of(flags, args);
    va_end(args);
    return fails(OPEN) ? -1 : __real_open(path, flags, mode);
}

int __wrap_openat(int dir, const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = mode_of(flags, args);
    va_end(args);
    return fails(OPEN) ? -1 : __real_openat(dir, path, flags, mode);
}

// openat2(2), membarrier(2) and those that confine have none of their own; the
// others are syntax/paths_open.c's.
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    bool confines = number == SYS_landlock_create_ruleset ||
                    number == SYS_landlock_add_rule ||
                    number == SYS_landlock_restrict_self ||
                    number == SYS_seccomp;
    bool opens = number == SYS_openat2 || number == SYS_openat;
    if (number == SYS_close) {
        return __wrap_close((int)a);
    }
    if ((opens && fails(OPEN)) || (number == SYS_pread64 && fails(READ)) ||
        (number == SYS_membarrier && fails(FENCE)) ||
        (confines && fails(CONFINE))) {
        return -1;
    }
    return __real_syscall(number, a, b, c, d, e, f);
}

ssize_t __wrap_read(int fd, void *out, size_t size)
{
    return fails(READ) ? -1 : __real_read(fd, out, size);
}

ssize_t __wrap_pread(int fd, void *out, size_t size, off_t at)
{
    return fails(READ) ? -1 : __real_pread(fd, out, size, at);
}

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    if (!fails(WRITE)) {
        return __real_write(fd, data, size);
    }
    return error == 0 && size > 0 ? __real_write(fd, data, 1) : -1;
}

ssize_t __wrap_writev(int fd, const struct iovec *parts, int count)
{
    return fails(WRITE) ? -1 : __real_writev(fd, parts, count);
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t at)
{
    return fails(WRITE) ? -1 : __real_pwrite(fd, data, size, at);
}

int __wrap_fsync(int fd)
{
    return fails(SYNC) ? -1 : __real_fsync(fd);
}

int __wrap_fdatasync(int fd)
{
    return fails(SYNC) ? -1 : __real_fdatasync(fd);
}

int __wrap_rename(const char *old, const char *new)
{
    return fails(RENAME) ? -1 : __real_rename(old, new);
}

int __wrap_renameat(int from_dir, const char *old, int to_dir, const char *new)
{
    return fails(RENAME) ? -1 : __real_renameat(from_dir, old, to_dir, new);
}

// The descriptor is gone all the same.
int __wrap_close(int fd)
{
    if (!fails(CLOSE)) {
        return __real_close(fd);
    }
    (void)__real_close(fd);
    errno = error;
    return -1;
}

// ---- threads

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument)
{
    return fails(THREAD)
               ? error
               : __real_pthread_create(thread, attributes, run, argument);
}
