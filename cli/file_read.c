#include "cli/file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_file(int fd, uint64_t max_bytes)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    }
    return (uint64_t)status.st_size > max_bytes ? EFBIG : 0;
}

int file_read_at(int dir, const char *name, uint64_t max_bytes, StrBuf *out)
{
    enum { PIECE = 64 << 10 };
    // O_NONBLOCK: a FIFO is refused, not waited for.
    int fd = openat(dir, name,
                    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return errno;
    }
    int error = check_file(fd, max_bytes);
    uint64_t total = 0;
    while (error == 0) {
        ssize_t count = read(fd, strbuf_reserve(out, PIECE), PIECE);
        if (count == 0) {
            break;
        }
        if (count > 0) {
            out->len += (size_t)count;
            total += (uint64_t)count;
            error = total > max_bytes ? EFBIG : 0;
        } else if (errno != EINTR) {
            error = errno;
        }
    }
    (void)close(fd);
    return error;
}
