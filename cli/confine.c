// Landlock (Salaün 2017) says which files; it is asked for all that the
// running kernel knows of it. The filter of system calls is a list of those
// that ligature and the C library make, as a program for the kernel's classic
// BPF machine (McCanne and Jacobson 1993); all others fail with EPERM, so that
// what was forgotten is an error and not a dead process. It is so plain that a
// library would be more to trust: libseccomp 2.5 crashes without memory.
#include "cli/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/die.h"

// ---- Landlock

// Rights that are younger than the kernel headers of Debian 12.
#define ACCESS_REFER     (UINT64_C(1) << 13) // ABI 2
#define ACCESS_TRUNCATE  (UINT64_C(1) << 14) // ABI 3
#define ACCESS_IOCTL_DEV (UINT64_C(1) << 15) // ABI 5

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_MAKE                                                            \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |             \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |            \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | ACCESS_REFER | ACCESS_TRUNCATE)
// Those that may be given to a file.
#define ACCESS_FILE                                                            \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |            \
     ACCESS_TRUNCATE)

// struct landlock_ruleset_attr as of ABI 6.
typedef struct RulesetAttr {
    uint64_t handled_access_fs, handled_access_net, scoped;
} RulesetAttr;

// All that the kernel knows is refused, unless a rule allows it.
static RulesetAttr ruleset_attr(long abi)
{
    RulesetAttr attr = {.handled_access_fs =
                            (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
    attr.handled_access_fs |= abi >= 2 ? ACCESS_REFER : 0;
    attr.handled_access_fs |= abi >= 3 ? ACCESS_TRUNCATE : 0;
    attr.handled_access_fs |= abi >= 5 ? ACCESS_IOCTL_DEV : 0;
    attr.handled_access_net = abi >= 4 ? 3 : 0; // TCP: bind, connect
    attr.scoped = abi >= 6 ? 3 : 0;             // abstract sockets, signals
    return attr;
}

static size_t ruleset_size(long abi)
{
    return abi >= 6   ? sizeof(RulesetAttr)
           : abi >= 4 ? offsetof(RulesetAttr, scoped)
                      : offsetof(RulesetAttr, handled_access_net);
}

static bool allow(int ruleset, const ConfinePath *path, uint64_t handled)
{
    uint64_t access = 0;
    access |= (path->rights & CONFINE_READ) != 0 ? ACCESS_READ : 0;
    access |= (path->rights & CONFINE_MAKE) != 0 ? ACCESS_MAKE : 0;
    access |= (path->rights & CONFINE_WRITE) != 0 ? ACCESS_FILE : 0;
    struct landlock_path_beneath_attr attr = {
        .allowed_access = access & handled,
        .parent_fd = open(path->path, O_PATH | O_CLOEXEC),
    };
    if (attr.parent_fd < 0) {
        return true; // nothing is allowed there, and reading it fails
    }
    long status = syscall(SYS_landlock_add_rule, ruleset,
                          LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
    (void)close(attr.parent_fd);
    return status == 0;
}

static bool restrict_files(const ConfinePath *paths, uint32_t count)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
                       LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) {
        return false;
    }
    RulesetAttr attr = ruleset_attr(abi);
    int ruleset =
        (int)syscall(SYS_landlock_create_ruleset, &attr, ruleset_size(abi), 0);
    bool ok = ruleset >= 0;
    for (uint32_t i = 0; i < count && ok; i++) {
        ok = allow(ruleset, &paths[i], attr.handled_access_fs);
    }
#ifdef CONFINE_ALSO // where a build that counts what runs writes it down
    const ConfinePath also = {CONFINE_ALSO,
                              CONFINE_READ | CONFINE_MAKE | CONFINE_WRITE};
    ok = ok && allow(ruleset, &also, attr.handled_access_fs);
#endif
    ok = ok && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    if (ruleset >= 0) {
        (void)close(ruleset);
    }
    return ok;
}

// ---- seccomp

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#if defined(ARCHITECTURE)

// What is plainly allowed: descriptors and files (of which Landlock says
// which), memory, threads, time, and facts about the process itself.
static const uint32_t plain_calls[] = {
    // The commonest first: the filter looks for them one by one.
    SYS_read,
    SYS_write,
    SYS_futex,
    SYS_membarrier,
    SYS_openat,
    SYS_openat2,
    SYS_close,
    SYS_fstat,
    SYS_madvise,
    SYS_munmap,
    SYS_brk,
    SYS_clock_gettime,
    SYS_sched_yield,
    SYS_newfstatat,
    SYS_statx,
    SYS_fstatfs,
    SYS_readlinkat,
    SYS_pread64,
    SYS_readv,
    SYS_pwrite64,
    SYS_writev,
    SYS_lseek,
    SYS_fcntl,
    SYS_dup,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_getcwd,
    SYS_getdents64,
    SYS_unlinkat,
    SYS_linkat,
    SYS_renameat2,
    SYS_mkdirat,
    SYS_fchmod,
    SYS_umask,
    SYS_ftruncate,
    SYS_fsync,
    SYS_fdatasync,
    SYS_ppoll,
    SYS_mremap,
    SYS_sched_getaffinity,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_set_tid_address,
    SYS_gettid,
    SYS_getpid,
    SYS_exit,
    SYS_exit_group,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_restart_syscall,
    SYS_setitimer,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_getrusage,
    SYS_sysinfo,
    SYS_uname,
    SYS_getrandom,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
#if defined(__x86_64__) // which has older names for some
    SYS_open,
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_unlink,
    SYS_rename,
    SYS_renameat,
    SYS_mkdir,
    SYS_rmdir,
    SYS_poll,
#else
    SYS_renameat,
#endif
};

enum {
    // Two instructions per plain call, and room for all else.
    PROGRAM_MOST = 2 * sizeof plain_calls / sizeof *plain_calls + 100
};

typedef struct Filter {
    struct sock_filter code[PROGRAM_MOST];
    uint16_t count;
} Filter;

static void emit(Filter *filter, uint16_t code, uint32_t k, uint8_t yes,
                 uint8_t no)
{
    if (filter->count == PROGRAM_MOST) {
        UNREACHABLE();
    }
    filter->code[filter->count++] = (struct sock_filter){code, yes, no, k};
}

static void emit_load(Filter *filter, size_t offset)
{
    emit(filter, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void emit_return(Filter *filter, uint32_t action)
{
    emit(filter, BPF_RET | BPF_K, action, 0, 0);
}

static void allow_plain(Filter *filter, uint32_t call)
{
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
    emit_return(filter, SECCOMP_RET_ALLOW);
}

// Allows the call when the low half of an argument, masked, is `wanted`. All
// that is looked at are ints, of which the kernel takes the low half too.
static void allow_narrow(Filter *filter, uint32_t call, size_t argument,
                         uint32_t mask, uint32_t wanted)
{
    size_t low = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4;
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, call, 0, 5);
    emit_load(filter, offsetof(struct seccomp_data, args) + 8 * argument + low);
    emit(filter, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, wanted, 0, 1);
    emit_return(filter, SECCOMP_RET_ALLOW);
    emit_load(filter, offsetof(struct seccomp_data, nr));
}

static void make_filter(Filter *filter)
{
    const uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;
    filter->count = 0;
    emit_load(filter, offsetof(struct seccomp_data, arch));
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    emit_return(filter, refuse);
    emit_load(filter, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < sizeof plain_calls / sizeof *plain_calls; i++) {
        allow_plain(filter, plain_calls[i]);
    }
    // Memory is never both data and code.
    allow_narrow(filter, SYS_mmap, 2, PROT_EXEC, 0);
    allow_narrow(filter, SYS_mprotect, 2, PROT_EXEC, 0);
    // Threads, no processes. The C library tries clone3() first, whose flags
    // a filter does not see.
    allow_narrow(filter, SYS_clone, 0, CLONE_THREAD, CLONE_THREAD);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
    emit_return(filter, SECCOMP_RET_ERRNO | ENOSYS);
    // Is it a terminal, and how wide?
    allow_narrow(filter, SYS_ioctl, 1, UINT32_MAX, TCGETS);
    allow_narrow(filter, SYS_ioctl, 1, UINT32_MAX, TIOCGWINSZ);
    // Limits of oneself, signals to oneself: abort().
    allow_narrow(filter, SYS_prlimit64, 0, UINT32_MAX, 0);
    allow_narrow(filter, SYS_tgkill, 0, UINT32_MAX, (uint32_t)getpid());
    emit_return(filter, refuse);
}

// For all threads that there are.
static bool restrict_calls(void)
{
    Filter filter;
    make_filter(&filter);
    struct sock_fprog program = {filter.count, filter.code};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                   SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

#else

static bool restrict_calls(void)
{
    return false; // nobody has looked at its numbers yet
}

#endif

// ---- both

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

uint32_t confine_process(const ConfinePath *paths, uint32_t count)
{
    if (IS_SANITIZED) {
        return 0;
    }
    // Both ask for it: no program that is run may gain rights.
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return CONFINE_LACKS_LANDLOCK | CONFINE_LACKS_SECCOMP;
    }
    uint32_t lacks = restrict_files(paths, count) ? 0 : CONFINE_LACKS_LANDLOCK;
    return lacks | (restrict_calls() ? 0 : CONFINE_LACKS_SECCOMP);
}

void confine_memory(uint64_t bytes)
{
    struct rlimit limit;
    if (!IS_SANITIZED && getrlimit(RLIMIT_DATA, &limit) == 0 &&
        (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > bytes)) {
        limit.rlim_cur = bytes;
        (void)setrlimit(RLIMIT_DATA, &limit);
    }
}
