// Reading files that were opened, large ones in blocks by all workers.
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "concurrent/pool.h"
#include "syntax/open_texts.h"
#include "syntax/paths.h"

#define READ_AT_ONCE ((size_t)1 << 30)
// What a worker reads at once of a file that is several times as large.
#define READ_BLOCK ((uint64_t)256 << 10)

// Waits until a stream has something to read; false once the run is to stop.
// Who waits looks at the token now and then, because a signal may come just
// before, or to another thread.
static bool await_stream(int descriptor, CancelToken *token)
{
    enum { LOOK_MS = 100 };
    struct pollfd wanted = {.fd = descriptor, .events = POLLIN};
    while (cancel_token_poll(token) == CANCEL_NONE) {
        int ready = poll(&wanted, 1, LOOK_MS);
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return true;
        }
    }
    return false;
}

// Reads until the end, or as much as a file of `size` has (0: not known): from
// its start, or, with a token, what comes of a stream until it is cancelled.
static PathStatus read_all(int descriptor, CancelToken *token, uint64_t size,
                           uint64_t max_bytes, Arena *arena, Str *out_text,
                           int *out_error)
{
    enum { UNKNOWN_CAPACITY = 4096 };
    uint64_t capacity = size == 0 ? UNKNOWN_CAPACITY : size;
    char *text = arena_alloc(arena, capacity);
    uint64_t len = 0;
    for (;;) {
        if (len > max_bytes) {
            return PATH_TOO_LARGE;
        }
        if (len == capacity) {
            char *grown = arena_alloc(arena, capacity * 2);
            memcpy(grown, text, len);
            text = grown;
            capacity *= 2;
        }
        uint64_t room = capacity - len;
        room = room < READ_AT_ONCE ? room : READ_AT_ONCE;
        if (token != NULL && !await_stream(descriptor, token)) {
            return PATH_CANCELLED;
        }
        ssize_t count = token != NULL
                            ? read(descriptor, text + len, room)
                            : pread(descriptor, text + len, room, (off_t)len);
        len += count > 0 ? (uint64_t)count : 0;
        if (count == 0 || (size > 0 && len == size)) {
            *out_text = str_make(text, len);
            return PATH_OK;
        }
        // EAGAIN: whoever shares the stream has made it non-blocking.
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            *out_error = errno;
            return PATH_UNREADABLE;
        }
    }
}

// A large file, of which each worker reads blocks.
typedef struct BlockRead {
    int descriptor;
    uint64_t size;
    char *text;
    _Atomic(bool) failed;
} BlockRead;

static void read_blocks(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    BlockRead *read = ctx;
    uint64_t at = begin * READ_BLOCK;
    uint64_t stop = end * READ_BLOCK;
    stop = stop < read->size ? stop : read->size;
    while (at < stop) {
        ssize_t count =
            pread(read->descriptor, read->text + at, stop - at, (off_t)at);
        if (count <= 0 && (count == 0 || errno != EINTR)) {
            // Relaxed: read after the loop is joined.
            store_relaxed(&read->failed, true);
            return;
        }
        at += count > 0 ? (uint64_t)count : 0;
    }
}

// False when it is to be read in one go: it is not large, or changed.
static bool read_large(int descriptor, uint64_t size, Arena *arena,
                       Worker *worker, Str *out_text)
{
    if (worker == NULL || size < 4 * READ_BLOCK ||
        pool_worker_count(worker_pool(worker)) == 1) {
        return false;
    }
    BlockRead read = {
        .descriptor = descriptor,
        .size = size,
        .text = arena_alloc(arena, size),
    };
    parallel_for(worker, NULL, (size + READ_BLOCK - 1) / READ_BLOCK, 1,
                 read_blocks, &read);
    *out_text = str_make(read.text, size);
    return !load_relaxed(&read.failed);
}

PathStatus paths_read(const Paths *paths, OpenedFile *file, uint64_t max_bytes,
                      Worker *worker, Arena *arena, Str *out_text)
{
    PathStatus status = PATH_TOO_LARGE;
    const OpenText *open = open_texts_find(paths->open_texts, file->path);
    if (open != NULL) {
        file->text = open->text;
        file->size = open->text.len;
    }
    if (file->text.data != NULL && file->size <= max_bytes) {
        *out_text = arena_str(arena, file->text);
        status = PATH_OK;
    } else if (file->size <= max_bytes &&
               read_large(file->descriptor, file->size, arena, worker,
                          out_text)) {
        status = PATH_OK;
    } else if (file->size <= max_bytes) {
        status = read_all(file->descriptor, NULL, file->size, max_bytes, arena,
                          out_text, &file->error);
    }
    paths_close(file);
    if (paths->log != NULL && status == PATH_OK) {
        file_log_read(paths->log, file->probe, *out_text);
    }
    return status;
}

PathStatus paths_read_stdin(CancelToken *token, uint64_t max_bytes,
                            Arena *arena, Str *out_text, int *out_error)
{
    return read_all(STDIN_FILENO, token, 0, max_bytes, arena, out_text,
                    out_error);
}
