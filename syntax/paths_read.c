// Reading files that were opened, large ones in blocks by all workers.
#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
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

// Reads until the end: a file from its start or, with a token, what comes of a
// stream until it is cancelled.
static PathStatus read_to_end(int descriptor, CancelToken *token,
                              uint64_t max_bytes, StrBuf *out, int *out_error)
{
    enum { PIECE = 64 << 10 };
    while (out->len <= max_bytes) {
        char *into = strbuf_reserve(out, PIECE);
        size_t room = out->capacity - out->len;
        room = room < READ_AT_ONCE ? room : READ_AT_ONCE;
        if (token != NULL && !await_stream(descriptor, token)) {
            return PATH_CANCELLED;
        }
        ssize_t count = token != NULL
                            ? read(descriptor, into, room)
                            : pread(descriptor, into, room, (off_t)out->len);
        if (count == 0) {
            return PATH_OK;
        }
        out->len += count > 0 ? (size_t)count : 0;
        // EAGAIN: whoever shares the stream has made it non-blocking; or a file
        // is one by name only, and has nothing to read as yet (/proc/kmsg).
        if (count < 0 && errno != EINTR && (errno != EAGAIN || token == NULL)) {
            *out_error = errno;
            return PATH_UNREADABLE;
        }
    }
    return PATH_TOO_LARGE;
}

// As much as a file has, or had: it may have become shorter.
static PathStatus read_sized(int descriptor, uint64_t size, Arena *arena,
                             Str *out_text, int *out_error)
{
    char *text = arena_alloc(arena, size);
    uint64_t len = 0;
    ssize_t count = 1;
    while (len < size && count != 0) {
        uint64_t room = size - len;
        count = pread(descriptor, text + len,
                      room < READ_AT_ONCE ? room : READ_AT_ONCE, (off_t)len);
        if (count < 0 && errno != EINTR) {
            *out_error = errno;
            return PATH_UNREADABLE;
        }
        len += count > 0 ? (uint64_t)count : 0;
    }
    *out_text = str_make(text, len);
    return PATH_OK;
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

static PathStatus read_once(OpenedFile *file, uint64_t max_bytes,
                            Worker *worker, Arena *arena, Str *out_text)
{
    if (file->size > max_bytes) {
        return PATH_TOO_LARGE;
    }
    if (read_large(file->descriptor, file->size, arena, worker, out_text)) {
        return PATH_OK;
    }
    if (file->size > 0) {
        return read_sized(file->descriptor, file->size, arena, out_text,
                          &file->error);
    }
    StrBuf text = {0}; // files of /proc do not say how large they are
    PathStatus status =
        read_to_end(file->descriptor, NULL, max_bytes, &text, &file->error);
    *out_text = arena_str(arena, strbuf_str(&text));
    strbuf_release(&text);
    return status;
}

// Whether the file is another one than when this was asked last.
static bool has_changed(OpenedFile *file)
{
    struct stat info;
    if (fstat(file->descriptor, &info) != 0) {
        return false;
    }
    FileStamp before = file->stamp;
    file->stamp = file_stamp(&info);
    file->size = file->stamp.size;
    return !file_stamp_equal(&before, &file->stamp);
}

// What is written to while it is read may give the beginning of one text and
// the end of another. Two times the same is as good as no change: some file
// systems do not know when a file was written.
static PathStatus read_steady(OpenedFile *file, uint64_t max_bytes,
                              Worker *worker, Arena *arena, Str *out_text)
{
    enum { TRIES = 4 };
    PathStatus status = read_once(file, max_bytes, worker, arena, out_text);
    for (int i = 1; status == PATH_OK && has_changed(file); i++) {
        Str before = *out_text;
        if (i == TRIES) {
            return PATH_CHANGING;
        }
        status = read_once(file, max_bytes, worker, arena, out_text);
        if (status == PATH_OK && str_equal(before, *out_text)) {
            break;
        }
    }
    return status;
}

PathStatus paths_read(const Paths *paths, OpenedFile *file, uint64_t max_bytes,
                      Worker *worker, Arena *arena, Str *out_text)
{
    PathStatus status = PATH_OK;
    const OpenText *open = open_texts_find(paths->open_texts, file->path);
    if (open != NULL) {
        file->text = open->text;
        file->size = open->text.len;
    }
    if (file->text.data == NULL) {
        status = read_steady(file, max_bytes, worker, arena, out_text);
    } else if (file->size <= max_bytes) {
        *out_text = arena_str(arena, file->text);
    } else {
        status = PATH_TOO_LARGE;
    }
    paths_close(file);
    if (paths->log != NULL && status == PATH_OK) {
        file_log_read(paths->log, file->probe, *out_text);
    }
    return status;
}

PathStatus paths_read_stdin(CancelToken *token, uint64_t max_bytes, StrBuf *out,
                            int *out_error)
{
    return read_to_end(STDIN_FILENO, token, max_bytes, out, out_error);
}
