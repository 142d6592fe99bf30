// System calls and allocations that fail when they are told to. Linked into
// ligature-faults by the linker's --wrap, whose names these are.
//
//     LIGATURE_FAULT=KIND:FROM:TO:ERRNO   calls FROM to TO of the kind fail
//                                         with the errno; the first call is 1.
//                                         ERRNO 0, of writes: one byte goes
//                                         out; of reads: the file gets one more
//                                         before. Below 0: the signal comes
//                                         before. Several, with blanks between
//     LIGATURE_FAULT_LOG=FILE             how many calls of each kind there
//                                         were, when the process ends
//
// KIND: alloc, map, open, nameless (open without a name), read, write, sync,
// link, rename, close, thread, confine (Landlock and seccomp), fence
// (membarrier), look (stat and its like), list (what a folder holds), make and
// remove (of files and folders), mark (modes, times, locks), wait (poll),
// random, advise (of memory and processors), watch (inotify, pipes, processes)
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

typedef enum Kind {
    ALLOC,
    MAP,
    OPEN,
    NAMELESS,
    READ,
    WRITE,
    SYNC,
    LINK,
    RENAME,
    CLOSE,
    THREAD,
    CONFINE,
    FENCE,
    LOOK,
    LIST,
    MAKE,
    REMOVE,
    MARK,
    WAIT,
    RANDOM,
    ADVISE,
    WATCH,
    KIND_COUNT
} Kind;

static const char *const names[KIND_COUNT] = {
    "alloc",  "map",   "open",   "nameless", "read",   "write", "sync", "link",
    "rename", "close", "thread", "confine",  "fence",  "look",  "list", "make",
    "remove", "mark",  "wait",   "random",   "advise", "watch"};

long __real_syscall(long number, long a, long b, long c, long d, long e,
                    long f);

typedef struct Fault {
    unsigned long from, to;
    int error;
} Fault;

static Fault faults[KIND_COUNT]; // `to` 0: none
static _Atomic(unsigned long) counts[KIND_COUNT];
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
    Fault fault;
    int length;
    while (text != NULL &&
           sscanf(text, "%15[a-z]:%lu:%lu:%d%n", word, &fault.from, &fault.to,
                  &fault.error, &length) == 4) {
        for (int i = 0; i < KIND_COUNT; i++) {
            faults[i] = strcmp(names[i], word) == 0 ? fault : faults[i];
        }
        text += length;
        text += *text == ' ';
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
    const Fault *fault = &faults[what];
    if (number < fault->from || number > fault->to) {
        return false;
    }
    if (fault->error < 0) {
        (void)raise(-fault->error);
        return false;
    }
    errno = fault->error;
    return true;
}

// A function that fails as the others of its kind do.
#define WRAP(kind, failure, type, name, params, args)                          \
    type __real_##name params;                                                 \
    type __wrap_##name params;                                                 \
    type __wrap_##name params                                                  \
    {                                                                          \
        return fails(kind) ? (failure) : __real_##name args;                   \
    }

// ---- memory. support/never_null.c stands before the first three, as it does
// in release binaries.

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *fault_malloc(size_t size);
void *fault_calloc(size_t count, size_t size);
void *fault_realloc(void *memory, size_t size);

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

WRAP(ALLOC, NULL, void *, aligned_alloc, (size_t align, size_t size),
     (align, size))
WRAP(ALLOC, ENOMEM, int, posix_memalign,
     (void **out, size_t align, size_t size), (out, align, size))
WRAP(MAP, MAP_FAILED, void *, mmap,
     (void *at, size_t size, int protection, int flags, int fd, off_t offset),
     (at, size, protection, flags, fd, offset))
WRAP(ADVISE, -1, int, madvise, (void *at, size_t size, int advice),
     (at, size, advice))

// ---- files

int __real_open(const char *path, int flags, ...);
int __real_openat(int dir, const char *path, int flags, ...);
ssize_t __real_read(int fd, void *out, size_t size);
ssize_t __real_pread(int fd, void *out, size_t size, off_t at);
ssize_t __real_write(int fd, const void *from, size_t size);
int __real_close(int fd);
int __real_stat(const char *path, struct stat *out);
int __real_fstat(int fd, struct stat *out);
ssize_t __wrap_read(int fd, void *out, size_t size);
ssize_t __wrap_pread(int fd, void *out, size_t size, off_t at);

// Others write to the file: a blank. Not to what the kernel has as files.
static void grow(int fd)
{
    struct stat info, here;
    char name[32];
    if (__real_fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) ||
        __real_stat(".", &here) != 0 || info.st_dev != here.st_dev) {
        return;
    }
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    int file = __real_open(name, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file >= 0) {
        (void)!__real_write(file, " ", 1);
        (void)__real_close(file);
    }
}

static bool fails_to_read(int fd)
{
    if (!fails(READ)) {
        return false;
    }
    if (errno == 0) {
        grow(fd);
        return false;
    }
    return true;
}

ssize_t __wrap_read(int fd, void *out, size_t size)
{
    return fails_to_read(fd) ? -1 : __real_read(fd, out, size);
}

ssize_t __wrap_pread(int fd, void *out, size_t size, off_t at)
{
    return fails_to_read(fd) ? -1 : __real_pread(fd, out, size, at);
}

WRAP(WRITE, -1, ssize_t, writev, (int fd, const struct iovec *parts, int count),
     (fd, parts, count))
WRAP(WRITE, -1, ssize_t, pwrite,
     (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
WRAP(SYNC, -1, int, fsync, (int fd), (fd))
WRAP(SYNC, -1, int, fdatasync, (int fd), (fd))
WRAP(LINK, -1, int, linkat,
     (int from_dir, const char *old, int to_dir, const char *new, int flags),
     (from_dir, old, to_dir, new, flags))
WRAP(RENAME, -1, int, rename, (const char *old, const char *new), (old, new))
WRAP(RENAME, -1, int, renameat,
     (int from_dir, const char *old, int to_dir, const char *new),
     (from_dir, old, to_dir, new))
WRAP(LOOK, -1, int, stat, (const char *path, struct stat *out), (path, out))
WRAP(LOOK, -1, int, lstat, (const char *path, struct stat *out), (path, out))
WRAP(LOOK, -1, int, fstat, (int fd, struct stat *out), (fd, out))
WRAP(LOOK, -1, int, fstatat,
     (int dir, const char *path, struct stat *out, int flags),
     (dir, path, out, flags))
WRAP(LOOK, -1, int, fstatfs, (int fd, struct statfs *out), (fd, out))
WRAP(LOOK, -1, int, access, (const char *path, int mode), (path, mode))
WRAP(LOOK, -1, int, faccessat, (int dir, const char *path, int mode, int flags),
     (dir, path, mode, flags))
WRAP(LOOK, -1, ssize_t, readlink, (const char *path, char *out, size_t size),
     (path, out, size))
WRAP(LOOK, NULL, char *, realpath, (const char *path, char *out), (path, out))
WRAP(LOOK, NULL, char *, getcwd, (char *out, size_t size), (out, size))
WRAP(LIST, NULL, DIR *, opendir, (const char *path), (path))
WRAP(LIST, NULL, DIR *, fdopendir, (int fd), (fd))
WRAP(LIST, NULL, struct dirent *, readdir, (DIR * folder), (folder))
WRAP(MAKE, -1, int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(MAKE, -1, int, mkdirat, (int dir, const char *path, mode_t mode),
     (dir, path, mode))
WRAP(REMOVE, -1, int, unlink, (const char *path), (path))
WRAP(REMOVE, -1, int, unlinkat, (int dir, const char *path, int flags),
     (dir, path, flags))
WRAP(MARK, -1, int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(MARK, -1, int, futimens, (int fd, const struct timespec *times),
     (fd, times))
WRAP(MARK, -1, int, flock, (int fd, int operation), (fd, operation))

int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *data, size_t size);
int __wrap_close(int fd);
long __wrap_syscall(long number, long a, long b, long c, long d, long e,
                    long f);

static int mode_of(int flags, va_list args)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, int) : 0;
}

static Kind open_kind(int flags)
{
    return (flags & O_TMPFILE) == O_TMPFILE ? NAMELESS : OPEN;
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = mode_of(flags, args);
    va_end(args);
    return fails(open_kind(flags)) ? -1 : __real_open(path, flags, mode);
}

int __wrap_openat(int dir, const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = mode_of(flags, args);
    va_end(args);
    return fails(open_kind(flags)) ? -1 : __real_openat(dir, path, flags, mode);
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
    if ((opens && fails(OPEN)) ||
        (number == SYS_pread64 && fails_to_read((int)a)) ||
        (number == SYS_membarrier && fails(FENCE)) ||
        (confines && fails(CONFINE))) {
        return -1;
    }
    return __real_syscall(number, a, b, c, d, e, f);
}

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    if (!fails(WRITE)) {
        return __real_write(fd, data, size);
    }
    return errno == 0 && size > 0 ? __real_write(fd, data, 1) : -1;
}

// The descriptor is gone all the same.
int __wrap_close(int fd)
{
    if (!fails(CLOSE)) {
        return __real_close(fd);
    }
    int error = errno;
    (void)__real_close(fd);
    errno = error;
    return -1;
}

// ---- threads and processes

WRAP(THREAD, errno, int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes,
      void *(*run)(void *), void *argument),
     (thread, attributes, run, argument))
WRAP(ADVISE, -1, int, sched_getaffinity,
     (pid_t process, size_t size, cpu_set_t *out), (process, size, out))
WRAP(RANDOM, -1, ssize_t, getrandom, (void *out, size_t size, unsigned flags),
     (out, size, flags))
WRAP(WAIT, -1, int, poll, (struct pollfd * files, nfds_t count, int limit),
     (files, count, limit))
WRAP(WATCH, -1, int, inotify_init1, (int flags), (flags))
WRAP(WATCH, -1, int, inotify_add_watch,
     (int fd, const char *path, uint32_t events), (fd, path, events))
WRAP(WATCH, -1, int, pipe2, (int fds[2], int flags), (fds, flags))
WRAP(WATCH, -1, int, dup, (int fd), (fd))
WRAP(WATCH, -1, pid_t, fork, (void), ())
