#include "cli/progress_line.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/diag_write.h"
#include "cli/output.h"
#include "cli/session.h"
#include "concurrent/deadline.h"
#include "concurrent/thread.h"
#include "support/die.h"

#define FIRST_NS    INT64_C(500000000)
#define TERMINAL_NS INT64_C(100000000)
#define LOG_NS      INT64_C(1000000000)
#define STACK_BYTES (256 << 10)

struct ProgressLine {
    Progress progress;
    _Atomic(uint32_t) stop; // 1: the thread is to end
    bool is_terminal;       // immutable: rewrites the line, else adds lines
    int64_t start_ns;       // immutable
    size_t shown;           // bytes of the line; the thread's until joined
    Thread thread;
};

static const char *phase_text(uint32_t phase)
{
    static const char *const texts[PHASE_COUNT] = {
        [PHASE_LOAD] = "reading files",   [PHASE_RESOLVE] = "binding names",
        [PHASE_CHECK] = "checking types", [PHASE_EVALUATE] = "evaluating",
        [PHASE_PRINT] = "printing",
    };
    return phase > 0 && phase <= PHASE_COUNT ? texts[phase - 1] : "starting";
}

static void append_state(ProgressLine *line, StrBuf *out)
{
    Progress *progress = &line->progress;
    uint32_t done = load_relaxed(&progress->done);
    uint32_t total = load_relaxed(&progress->total);
    double seconds = (double)(clock_monotonic_ns() - line->start_ns) / 1e9;
    strbuf_append(out, str_from_c(phase_text(load_relaxed(&progress->phase))));
    if (total > 0) {
        // What is demanded early may be counted twice.
        strbuf_appendf(out, ", %u of %u", done < total ? done : total, total);
    } else if (done > 0) {
        strbuf_appendf(out, ", %u", done);
    }
    strbuf_appendf(out, ", %.1f s", seconds);
}

static void show(ProgressLine *line)
{
    StrBuf text = {0};
    if (line->is_terminal) {
        strbuf_append_char(&text, '\r');
    }
    size_t begin = text.len;
    append_state(line, &text);
    size_t length = text.len - begin;
    if (line->is_terminal) {
        if (length < line->shown) {
            strbuf_append_repeat(&text, ' ', line->shown - length);
        }
        line->shown = length;
    } else {
        strbuf_append_char(&text, '\n');
    }
    (void)output_write_fd(STDERR_FILENO, strbuf_str(&text), NULL);
    strbuf_release(&text);
}

static void *line_main(void *argument)
{
    ProgressLine *line = argument;
    int64_t next_ns = line->start_ns + FIRST_NS;
    // Acquire: pairs with the release in progress_line_stop().
    while (load_acquire(&line->stop) == 0) {
        if (clock_monotonic_ns() >= next_ns) {
            show(line);
            next_ns = clock_monotonic_ns() +
                      (line->is_terminal ? TERMINAL_NS : LOG_NS);
        }
        futex_wait_until(&line->stop, 0, next_ns);
    }
    return NULL;
}

// A document on standard error must stay one.
static bool is_wanted(const Settings *settings)
{
    bool is_text = diag_write_format(settings) == DIAGNOSTICS_TEXT ||
                   settings->diagnostics_file.len > 0;
    switch ((ProgressChoice)settings->progress) {
    case PROGRESS_AUTO:
        return is_text && isatty(STDERR_FILENO);
    case PROGRESS_ALWAYS:
        return is_text;
    case PROGRESS_NEVER:
        return false;
    }
    return false;
}

ProgressLine *progress_line_start(const Settings *settings)
{
    if (!is_wanted(settings)) {
        return NULL;
    }
    ProgressLine *line = mem_calloc(1, sizeof *line);
    line->is_terminal = isatty(STDERR_FILENO);
    line->start_ns = clock_monotonic_ns();
    if (!thread_start(&line->thread, line_main, line, STACK_BYTES)) {
        free(line);
        return NULL;
    }
    return line;
}

Progress *progress_line_progress(ProgressLine *line)
{
    return line != NULL ? &line->progress : NULL;
}

ProgressLine *progress_line_stop(ProgressLine *line)
{
    if (line == NULL) {
        return NULL;
    }
    // Release: pairs with the acquire in line_main().
    store_release(&line->stop, 1);
    futex_wake(&line->stop, 1);
    thread_join(&line->thread);
    if (line->shown > 0) {
        StrBuf text = {0};
        strbuf_append_char(&text, '\r');
        strbuf_append_repeat(&text, ' ', line->shown);
        strbuf_append_char(&text, '\r');
        (void)output_write_fd(STDERR_FILENO, strbuf_str(&text), NULL);
        strbuf_release(&text);
    }
    free(line);
    return NULL;
}
