#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/watchdog.h"
#include "concurrent/atomics.h"
#include "support/die.h"

// Whether to try again what has given an error: a pipe may be non-blocking
// because whoever shares it has made it so.
static bool tries_again(int fd)
{
    if (errno == EAGAIN) {
        struct pollfd wanted = {.fd = fd, .events = POLLOUT};
        return poll(&wanted, 1, -1) >= 0 || errno == EINTR;
    }
    return errno == EINTR;
}

bool output_write_fd(int fd, Str text, const CancelToken *token)
{
    while (text.len > 0) {
        ssize_t written = write(fd, text.data, text.len);
        if (written < 0 && !tries_again(fd)) {
            return false;
        }
        written = written < 0 ? 0 : written;
        // A signal breaks off the write to a full pipe.
        if ((size_t)written < text.len && token != NULL &&
            cancel_token_is_ended(token)) {
            errno = EINTR;
            return false;
        }
        text = str_slice(text, (size_t)written, text.len);
    }
    return true;
}

static bool fail_open(Output *output, int error)
{
    output->fd = -1;
    output->error = error;
    return false;
}

// The temporary name that may be there, for who ends the process in its midst.
// It is not freed, because that may happen on another thread.
static char unfinished[PATH_MAX];
static _Atomic(bool) is_unfinished;

static void begin_unfinished(const char *path)
{
    size_t length = strlen(path);
    if (length < sizeof unfinished) { // else it cannot be opened
        memcpy(unfinished, path, length + 1);
        store_release(&is_unfinished, true); // for output_abandon()
    }
}

static void end_unfinished(void)
{
    store_release(&is_unfinished, false);
}

void output_abandon(void)
{
    if (load_acquire(&is_unfinished)) { // of begin_unfinished()
        (void)unlink(unfinished);
    }
}

// A device or a pipe is written to as it is: a rename would put a file in its
// place.
static bool open_special(Output *output)
{
    // A pipe waits for who reads it. What has been written before has stopped
    // the watchdog.
    watchdog_start_idle(output->token->deadline_ns);
    output->fd = open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    int error = errno;
    watchdog_stop();
    return output->fd >= 0 || fail_open(output, error);
}

// The prefix of a temporary name beside the file: its own name, but where that
// is so long that none has room behind it.
static Str temporary_prefix(Str path)
{
    enum { LONG_NAME = 100 };
    size_t folder = path.len;
    while (folder > 0 && path.data[folder - 1] != '/') {
        folder--;
    }
    return str_slice(path, 0,
                     path.len - folder > LONG_NAME ? folder : path.len);
}

static bool open_temporary(Output *output, Str path)
{
    StrBuf prefix = {0};
    strbuf_append(&prefix, temporary_prefix(path));
    strbuf_append_char(&prefix, '.');
    new_file_init(&output->file, AT_FDCWD, strbuf_str(&prefix));
    strbuf_release(&prefix);
    begin_unfinished(output->file.name);
    if (new_file_open(&output->file, 0666)) {
        output->fd = output->file.fd;
        return true;
    }
    end_unfinished();
    new_file_drop(&output->file);
    return fail_open(output, errno);
}

static bool is_standard_output(Str path)
{
    return path.len == 0 || str_equal(path, STR("-"));
}

// The number of an open descriptor that the path is a name of; else -1. What it
// leads to may be a file, whose name would be taken from it by a rename; and
// the position in it is that of who opened it.
static int named_descriptor(Str path)
{
    static const Str folders[] = {STR_INIT("/dev/fd/"),
                                  STR_INIT("/proc/self/fd/")};
    if (str_equal(path, STR("/dev/stdout"))) {
        return STDOUT_FILENO;
    }
    if (str_equal(path, STR("/dev/stderr"))) {
        return STDERR_FILENO;
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t start = folders[i].len;
        if (!str_starts_with(path, folders[i]) || path.len == start ||
            path.len > start + 6) {
            continue;
        }
        int number = 0;
        while (start < path.len && path.data[start] >= '0' &&
               path.data[start] <= '9') {
            number = number * 10 + (path.data[start++] - '0');
        }
        return start == path.len ? number : -1;
    }
    return -1;
}

static bool open_descriptor(Output *output, int descriptor)
{
    output->fd = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return output->fd >= 0 || fail_open(output, errno);
}

// Takes the path; false when it is a folder or no file can have such a name.
// out_old is what is there: its mode is 0 where there is nothing.
static bool take_path(Output *output, Str path, struct stat *out_old)
{
    output->path = mem_alloc(path.len + 1);
    memcpy(output->path, path.data, path.len);
    output->path[path.len] = '\0';
    if (stat(output->path, out_old) != 0) {
        out_old->st_mode = 0;
        if (errno == ENAMETOOLONG) {
            return fail_open(output, errno);
        }
    }
    return !S_ISDIR(out_old->st_mode) || fail_open(output, EISDIR);
}

// A device or a pipe.
static bool is_special(const struct stat *old)
{
    return old->st_mode != 0 && !S_ISREG(old->st_mode);
}

bool output_open(Output *output, Str path, const CancelToken *token)
{
    *output = (Output){.fd = STDOUT_FILENO, .token = token};
    if (is_standard_output(path)) {
        watchdog_stop();
        return true;
    }
    struct stat old;
    if (!take_path(output, path, &old)) {
        return false;
    }
    int descriptor = named_descriptor(path);
    if (descriptor < 0 && is_special(&old)) {
        return open_special(output);
    }
    watchdog_stop();
    if (descriptor >= 0) {
        return open_descriptor(output, descriptor);
    }
    if (!open_temporary(output, path)) {
        return false;
    }
    if (S_ISREG(old.st_mode)) { // who may read it stays as it was
        (void)fchmod(output->fd, old.st_mode & 0777);
    }
    return true;
}

int output_check(Str path)
{
    Output output = {.fd = -1};
    struct stat old;
    if (is_standard_output(path)) {
        return 0;
    }
    if (take_path(&output, path, &old)) {
        if (named_descriptor(path) >= 0) {
            (void)open_descriptor(&output, named_descriptor(path));
        } else if (is_special(&old)) { // whose other end would see it opened
            output.error = access(output.path, W_OK) == 0 ? 0 : errno;
        } else {
            (void)open_temporary(&output, path);
        }
    }
    (void)output_close(&output, false);
    return output.error;
}

void output_write(Output *output, Str text)
{
    if (output->error == 0 &&
        !output_write_fd(output->fd, text, output->token)) {
        output->error = errno;
    }
}

// Gives the file its place, or removes it.
static void close_temporary(Output *output, bool keep)
{
    if (!keep || output->error != 0) {
        new_file_drop(&output->file);
    } else if (!new_file_replace(&output->file, output->path)) {
        output->error = errno;
    }
    end_unfinished();
}

bool output_close(Output *output, bool keep)
{
    if (output->file.name != NULL) {
        close_temporary(output, keep);
    } else if (output->fd >= 0 && output->path != NULL &&
               close(output->fd) != 0 && output->error == 0) {
        output->error = errno;
    }
    free(output->path);
    output->path = NULL;
    output->fd = -1;
    return output->error == 0;
}
