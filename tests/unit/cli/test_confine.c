// What a confined process can do, and what it cannot: each try in a child.
#include "cli/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "concurrent/thread.h"
#include "tests/harness.h"

static char base[64]; // with in/a, out/, b and link -> ../b in `in`

static const char *at(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", base, name);
    return path;
}

static void put(const char *name)
{
    int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    CHECK(write(fd, "x", 1) == 1);
    close(fd);
}

static void make_tree(void)
{
    snprintf(base, sizeof base, "/tmp/confine-%d", (int)getpid());
    CHECK(mkdir(base, 0700) == 0);
    CHECK(mkdir(at("in"), 0700) == 0);
    CHECK(mkdir(at("out"), 0700) == 0);
    put("in/a");
    put("b");
    put("device");
    CHECK(symlink("../b", at("in/link")) == 0);
}

static void remove_tree(void)
{
    static const char *const files[] = {"in/link", "in/a",      "in/new", "b",
                                        "out/new", "out/moved", "device"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)unlink(at(files[i]));
    }
    (void)rmdir(at("in"));
    (void)rmdir(at("out"));
    CHECK(rmdir(base) == 0);
}

static uint32_t confine(void)
{
    char in[256], out[256], device[256];
    snprintf(in, sizeof in, "%s", at("in"));
    snprintf(out, sizeof out, "%s", at("out"));
    snprintf(device, sizeof device, "%s", at("device"));
    ConfinePath paths[] = {
        {in, CONFINE_READ}, {out, CONFINE_MAKE}, {device, CONFINE_WRITE}};
    return confine_process(paths, 3);
}

// The errno of `attempt` in a confined child; 0: it went well, -1: the kernel
// lacks what would refuse it.
static int in_child(int (*attempt)(void), uint32_t needs)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        uint32_t lacks = confine();
        _exit((lacks & needs) != 0 ? 255 : attempt());
    }
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

static int try_open(const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    return fd >= 0 ? 0 : errno;
}

#define ATTEMPT(name, expression)                                              \
    static int name(void)                                                      \
    {                                                                          \
        return (expression);                                                   \
    }

ATTEMPT(read_inside, try_open(at("in/a"), O_RDONLY))
ATTEMPT(list_inside, try_open(at("in"), O_RDONLY | O_DIRECTORY))
ATTEMPT(read_outside, try_open(at("b"), O_RDONLY))
ATTEMPT(read_through_link, try_open(at("in/link"), O_RDONLY))
ATTEMPT(read_passwd, try_open("/etc/passwd", O_RDONLY))
ATTEMPT(read_memory, try_open("/proc/self/mem", O_RDWR))
ATTEMPT(list_root, try_open("/", O_RDONLY | O_DIRECTORY))
ATTEMPT(write_inside, try_open(at("in/a"), O_WRONLY))
ATTEMPT(make_inside, try_open(at("in/new"), O_WRONLY | O_CREAT))
ATTEMPT(remove_inside, unlink(at("in/a")) == 0 ? 0 : errno)
ATTEMPT(write_outside, try_open(at("b"), O_WRONLY))
ATTEMPT(read_output, try_open(at("out/new"), O_RDONLY))
ATTEMPT(write_device, try_open(at("device"), O_WRONLY))

static int make_and_rename(void)
{
    char from[256];
    int error = try_open(at("out/new"), O_WRONLY | O_CREAT | O_EXCL);
    snprintf(from, sizeof from, "%s", at("out/new"));
    return error != 0 ? error : rename(from, at("out/moved")) == 0 ? 0 : errno;
}

static int make_nameless(void)
{
    char link[64], name[256];
    int fd = open(at("out"), O_WRONLY | O_TMPFILE, 0600);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    snprintf(name, sizeof name, "%s", at("out/new"));
    return fd >= 0 && linkat(AT_FDCWD, link, AT_FDCWD, name,
                             AT_SYMLINK_FOLLOW) == 0
               ? 0
               : errno;
}

static int rename_away(void)
{
    char from[256];
    snprintf(from, sizeof from, "%s", at("in/a"));
    return rename(from, at("out/moved")) == 0 ? 0 : errno;
}

static int make_socket(void)
{
    static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (socket(families[i], SOCK_STREAM, 0) >= 0 || errno != EPERM) {
            return 1000;
        }
    }
    int pair[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 ? 0 : errno;
}

static int execute(void)
{
    char *arguments[] = {"true", NULL};
    (void)execv("/bin/true", arguments);
    return errno;
}

ATTEMPT(make_process, fork() >= 0 ? 0 : errno)
ATTEMPT(signal_parent, kill(getppid(), SIGTERM) == 0 ? 0 : errno)

static int make_executable(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return 1000;
    }
    return mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0 ? 0 : errno;
}

static void *write_one(void *argument)
{
    int *number = argument;
    *number = try_open(at("b"), O_RDONLY);
    return NULL;
}

// A thread can be made, and is confined too.
static int make_thread(void)
{
    Thread thread;
    int error = 0;
    if (!thread_start(&thread, write_one, &error, 1 << 20)) {
        return 1000;
    }
    thread_join(&thread);
    return error;
}

static void expect(const char *what, int (*attempt)(void), uint32_t needs,
                   int error)
{
    int found = in_child(attempt, needs);
    if (found == -1) {
        printf("# %s: the kernel lacks it\n", what);
    } else if (found != error) {
        printf("# %s: %s, not %s\n", what, strerror(found), strerror(error));
        CHECK(found == error);
    }
}

#define EXPECT(attempt, needs, error)                                          \
    expect(#attempt, attempt, CONFINE_LACKS_##needs, error)

TEST(files)
{
    if (SANITIZED) {
        harness_skip("confinement beside a sanitizer");
        return;
    }
    make_tree();
    EXPECT(read_inside, LANDLOCK, 0);
    EXPECT(list_inside, LANDLOCK, 0);
    EXPECT(read_outside, LANDLOCK, EACCES);
    EXPECT(read_through_link, LANDLOCK, EACCES);
    EXPECT(read_passwd, LANDLOCK, EACCES);
    EXPECT(read_memory, LANDLOCK, EACCES);
    EXPECT(list_root, LANDLOCK, EACCES);
    EXPECT(write_inside, LANDLOCK, EACCES);
    EXPECT(make_inside, LANDLOCK, EACCES);
    EXPECT(remove_inside, LANDLOCK, EACCES);
    EXPECT(write_outside, LANDLOCK, EACCES);
    EXPECT(rename_away, LANDLOCK, EACCES);
    EXPECT(make_and_rename, LANDLOCK, 0);
    EXPECT(make_nameless, LANDLOCK, 0);
    put("out/new");
    EXPECT(read_output, LANDLOCK, EACCES);
    EXPECT(write_device, LANDLOCK, 0);
    remove_tree();
}

TEST(calls)
{
    if (SANITIZED) {
        harness_skip("confinement beside a sanitizer");
        return;
    }
    make_tree();
    EXPECT(make_socket, SECCOMP, EPERM);
    EXPECT(execute, SECCOMP, EPERM);
    EXPECT(make_process, SECCOMP, EPERM);
    EXPECT(signal_parent, SECCOMP, EPERM);
    EXPECT(make_executable, SECCOMP, EPERM);
    EXPECT(make_thread, LANDLOCK, EACCES);
    remove_tree();
}

TEST_MAIN(RUN(files), RUN(calls))
