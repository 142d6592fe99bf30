// Landlock (Salaün 2017) says which files; it is asked for all that the
// running kernel knows of it. The filter of system calls is a list of those
// that ligature and the C library make, by libseccomp; all others fail with
// EPERM, so that what was forgotten is an error and not a dead process.
#include "cli/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

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
    ok = ok && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    if (ruleset >= 0) {
        (void)close(ruleset);
    }
    return ok;
}

// ---- seccomp

// What is plainly allowed: descriptors and files (of which Landlock says
// which), memory, threads, time, and facts about the process itself.
static const int plain_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(pwrite64),
    SCMP_SYS(writev),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fcntl),
    SCMP_SYS(dup),
    SCMP_SYS(fstat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(openat2),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(getdents64),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(rmdir),
    SCMP_SYS(fchmod),
    SCMP_SYS(umask),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    SCMP_SYS(getrandom),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
};

// Those of which an argument matters.
static bool add_narrow_calls(scmp_filter_ctx filter)
{
    const uint32_t ok = SCMP_ACT_ALLOW;
    int status = 0;
    // Memory is never both data and code.
    status |= seccomp_rule_add(filter, ok, SCMP_SYS(mmap), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    status |= seccomp_rule_add(filter, ok, SCMP_SYS(mprotect), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    // Threads, no processes. The C library tries clone3() first, whose flags
    // a filter does not see.
    status |= seccomp_rule_add(
        filter, ok, SCMP_SYS(clone), 1,
        SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    status |=
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    // Is it a terminal, and how wide?
    status |= seccomp_rule_add(filter, ok, SCMP_SYS(ioctl), 1,
                               SCMP_A1(SCMP_CMP_EQ, TCGETS));
    status |= seccomp_rule_add(filter, ok, SCMP_SYS(ioctl), 1,
                               SCMP_A1(SCMP_CMP_EQ, TIOCGWINSZ));
    // Limits are asked for; signals go to oneself: abort().
    status |= seccomp_rule_add(filter, ok, SCMP_SYS(prlimit64), 1,
                               SCMP_A2(SCMP_CMP_EQ, 0));
    status |= seccomp_rule_add(filter, ok, SCMP_SYS(tgkill), 1,
                               SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    return status == 0;
}

static bool restrict_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < sizeof plain_calls / sizeof *plain_calls; i++) {
        // Calls that the architecture does not have need no rule.
        int status =
            seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain_calls[i], 0);
        ok &= status == 0 || status == -EDOM;
    }
    ok = ok && add_narrow_calls(filter) &&
         seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
         seccomp_load(filter) == 0;
    seccomp_release(filter);
    return ok;
}

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
