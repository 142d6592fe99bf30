#include "cli/repl_lines.h"

#include <errno.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/signals.h"

#define READ_BYTES ((size_t)64 << 10)

void repl_lines_release(ReplLines *lines)
{
    strbuf_release(&lines->buffer);
    strbuf_release(&lines->entered);
}

// Whether a line end is in the buffer; *out_end is where.
static bool find_end(ReplLines *lines, size_t *out_end)
{
    Str text = strbuf_str(&lines->buffer);
    *out_end = str_find_byte(text, '\n', lines->looked);
    lines->looked = *out_end;
    return *out_end < text.len;
}

static void drop_read(ReplLines *lines)
{
    Str rest =
        str_slice(strbuf_str(&lines->buffer), lines->at, lines->buffer.len);
    memmove(lines->buffer.data, rest.data, rest.len);
    lines->buffer.len = rest.len;
    lines->looked -= lines->at;
    lines->at = 0;
}

static LineStatus read_more(ReplLines *lines)
{
    if (lines->at > 0) {
        drop_read(lines);
    }
    char *room = strbuf_reserve(&lines->buffer, READ_BYTES);
    ssize_t got = signals_read(STDIN_FILENO, room, READ_BYTES);
    lines->error = got < 0 ? errno : 0;
    if (got > 0) {
        lines->buffer.len += (size_t)got;
        return LINE_READ;
    }
    if (got == 0 || signals_want_end()) {
        lines->has_ended = true;
        return LINE_END;
    }
    return lines->error == EINTR ? LINE_DROPPED : LINE_UNREADABLE;
}

static void take_line(ReplLines *lines, size_t end, size_t next, StrBuf *out)
{
    Str line = str_slice(strbuf_str(&lines->buffer), lines->at, end);
    line.len -= str_ends_with(line, STR("\r"));
    strbuf_append(out, line);
    lines->at = lines->looked = next;
    lines->count++;
}

// What comes up to the end of a line that is too long already.
static LineStatus skip_rest(ReplLines *lines, size_t max_bytes, StrBuf *out)
{
    take_line(lines, lines->at + max_bytes + 1, lines->buffer.len, out);
    size_t end;
    while (!find_end(lines, &end)) {
        lines->at = lines->looked = lines->buffer.len;
        LineStatus status = read_more(lines);
        if (status != LINE_READ) {
            return status == LINE_END ? LINE_READ : status;
        }
    }
    lines->at = lines->looked = end + 1;
    return LINE_READ;
}

static LineStatus edit_line(ReplLines *lines, const char *prompt, StrBuf *out)
{
    size_t start = out->len;
    // What was interrupted before does not drop this line.
    session_begin_clock(lines->session);
    switch (line_editor_read(lines->editor, prompt, out)) {
    case EDIT_END:
        return LINE_END;
    case EDIT_DROPPED:
        return LINE_DROPPED;
    case EDIT_LINE:
        break;
    }
    Str line = str_slice(strbuf_str(out), start, out->len);
    if (line.len > 0) {
        line_editor_remember(lines->editor, line);
        strbuf_append(&lines->entered, line);
        strbuf_append_char(&lines->entered, '\n');
    }
    lines->count++;
    return LINE_READ;
}

LineStatus repl_lines_read(ReplLines *lines, const char *prompt, StrBuf *out)
{
    signals_forget();
    if (signals_want_end()) {
        return LINE_END;
    }
    if (lines->editor != NULL && line_editor_fits()) {
        return edit_line(lines, prompt, out);
    }
    if (lines->has_prompt) {
        (void)output_write_fd(STDOUT_FILENO, str_from_c(prompt), NULL);
    }
    size_t max_bytes = lines->session->program->options.limits.max_source_bytes;
    size_t end;
    while (!find_end(lines, &end)) {
        size_t bytes = lines->buffer.len - lines->at;
        if (bytes > max_bytes) {
            return skip_rest(lines, max_bytes, out);
        }
        LineStatus status = lines->has_ended ? LINE_END : read_more(lines);
        if (status == LINE_END && lines->buffer.len > lines->at) {
            take_line(lines, lines->buffer.len, lines->buffer.len, out);
            return LINE_READ;
        }
        if (status != LINE_READ) {
            return status;
        }
    }
    take_line(lines, end, end + 1, out);
    return LINE_READ;
}
