#include "cli/repl_history.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/new_file.h"
#include "cli/output.h"

// Empty where there is no place for it. NUL-terminated.
static void find_path(StrBuf *out)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (state != NULL && *state == '/') {
        strbuf_append(out, str_from_c(state));
    } else if (home != NULL && *home == '/') {
        strbuf_append(out, str_from_c(home));
        strbuf_append(out, STR("/.local/state"));
    } else {
        return;
    }
    strbuf_append(out, STR("/ligature/history"));
    strbuf_append_char(out, '\0');
}

// The last lines of what the file holds.
static void read_text(const char *path, StrBuf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;
    if (fd < 0) {
        return;
    }
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        off_t from = status.st_size > (off_t)REPL_HISTORY_BYTES
                         ? status.st_size - (off_t)REPL_HISTORY_BYTES
                         : 0;
        char *room = strbuf_reserve(out, REPL_HISTORY_BYTES);
        ssize_t got = pread(fd, room, REPL_HISTORY_BYTES, from);
        out->len += got > 0 ? (size_t)got : 0;
    }
    (void)close(fd);
}

// From where on there are at most so many lines and bytes.
static Str last_lines(Str text)
{
    size_t at = text.len;
    for (uint32_t lines = 0; at > 0; at--) {
        lines += text.data[at - 1] == '\n';
        if (lines > REPL_HISTORY_LINES || text.len - at >= REPL_HISTORY_BYTES) {
            break;
        }
    }
    return str_slice(text, at, text.len);
}

void repl_history_read(void (*take)(void *ctx, Str line), void *ctx)
{
    StrBuf path = {0};
    StrBuf text = {0};
    find_path(&path);
    if (path.len > 0) {
        read_text(path.data, &text);
    }
    Str lines = last_lines(strbuf_str(&text));
    for (size_t at = 0; at < lines.len;) {
        size_t end = str_find_byte(lines, '\n', at);
        Str line = str_slice(lines, at, end);
        if (line.len > 0 && utf8_validate(line) == line.len &&
            str_find_byte(line, '\0', 0) == line.len) {
            take(ctx, line);
        }
        at = end + 1;
    }
    strbuf_release(&text);
    strbuf_release(&path);
}

// ---- writing

// As mkdir -p, for the folders that the file stands in.
static void make_folders(char *path)
{
    for (char *at = path + 1; *at != '\0'; at++) {
        if (*at == '/') {
            *at = '\0';
            (void)mkdir(path, 0700);
            *at = '/';
        }
    }
}

static void write_text(const char *path, Str text)
{
    NewFile file;
    StrBuf prefix = {0};
    strbuf_appendf(&prefix, "%s.", path);
    new_file_init(&file, AT_FDCWD, strbuf_str(&prefix));
    strbuf_release(&prefix);
    if (new_file_open(&file, 0600) && output_write_fd(file.fd, text, NULL)) {
        (void)new_file_replace(&file, path);
    } else {
        new_file_drop(&file);
    }
}

void repl_history_add(Str lines)
{
    StrBuf path = {0};
    find_path(&path);
    if (path.len == 0 || lines.len == 0) {
        strbuf_release(&path);
        return;
    }
    make_folders(path.data);
    StrBuf text = {0};
    read_text(path.data, &text);
    strbuf_append(&text, lines);
    write_text(path.data, last_lines(strbuf_str(&text)));
    strbuf_release(&text);
    strbuf_release(&path);
}
