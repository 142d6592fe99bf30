// ligature repl: reads inputs, of one line or several, and commands.
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/repl.h"
#include "cli/repl_commands.h"
#include "cli/repl_complete.h"
#include "cli/repl_history.h"
#include "cli/repl_lines.h"
#include "cli/repl_open.h"
#include "cli/signals.h"
#include "cli/usage.h"
#include "cli/version.h"

#define PROMPT      "> "
#define PROMPT_MORE "| "

typedef struct Reading {
    Repl *repl;
    ReplLines *lines;
    StrBuf text;    // of the input so far
    StrBuf command; // a line that has ended the input before it, or empty
    uint32_t lines_before;
    ReplMode mode;
} Reading;

static bool is_command(Str line)
{
    return line.len >= 2 && line.data[0] == ':';
}

// Adds lines until the text is finished, or ends.
static LineStatus read_rest(Reading *reading)
{
    LineStatus status = LINE_READ;
    StrBuf line = {0};
    ReplOpen open = {0};
    while (repl_open_goes_on(&open, strbuf_str(&reading->text)) ||
           repl_shape(reading->repl, strbuf_str(&reading->text)) ==
               REPL_UNFINISHED) {
        strbuf_clear(&line);
        status = repl_lines_read(reading->lines, PROMPT_MORE, &line);
        if (status != LINE_READ) {
            break;
        }
        if (is_command(strbuf_str(&line))) {
            strbuf_append(&reading->command, strbuf_str(&line));
            break;
        }
        strbuf_append_char(&reading->text, '\n');
        strbuf_append(&reading->text, strbuf_str(&line));
    }
    repl_open_release(&open);
    strbuf_release(&line);
    return status;
}

// `:{` to `:}`: one input, whatever its lines look like.
static LineStatus read_block(Reading *reading)
{
    StrBuf line = {0};
    LineStatus status;
    for (;;) {
        strbuf_clear(&line);
        status = repl_lines_read(reading->lines, PROMPT_MORE, &line);
        if (status != LINE_READ || str_equal(strbuf_str(&line), STR(":}"))) {
            break;
        }
        strbuf_append(&reading->text, strbuf_str(&line));
        strbuf_append_char(&reading->text, '\n');
    }
    strbuf_release(&line);
    return status;
}

static void enter(Reading *reading)
{
    Str text = strbuf_str(&reading->text);
    if (repl_shape(reading->repl, text) != REPL_EMPTY) {
        repl_enter(reading->repl, text, reading->lines_before, reading->mode);
    }
}

// An input that begins with `line`.
static LineStatus take_input(Reading *reading, Str line)
{
    strbuf_append(&reading->text, line);
    LineStatus status = read_rest(reading);
    if (status == LINE_READ || status == LINE_END) {
        enter(reading);
    }
    return status;
}

// `:type` and `:time` take an input; blanks stand for the command, so that
// columns are those of the line.
static LineStatus take_command(Reading *reading, Str line)
{
    if (str_equal(line, STR(":{"))) {
        reading->lines_before = reading->lines->count;
        LineStatus status = read_block(reading);
        if (status == LINE_READ || status == LINE_END) {
            enter(reading);
        }
        return status;
    }
    size_t start;
    if (!repl_command_takes_input(line, &reading->mode, &start)) {
        repl_command(reading->repl, line);
        return LINE_READ;
    }
    strbuf_append_repeat(&reading->text, ' ', start);
    return take_input(reading, str_slice(line, start, line.len));
}

static LineStatus read_one(Reading *reading)
{
    StrBuf line = {0};
    LineStatus status = LINE_READ;
    reading->lines_before = reading->lines->count;
    reading->mode = REPL_EVALUATE;
    strbuf_clear(&reading->text);
    if (reading->command.len > 0) {
        line = reading->command;
        reading->command = (StrBuf){0};
        reading->lines_before--;
    } else {
        status = repl_lines_read(reading->lines, PROMPT, &line);
    }
    Str text = strbuf_str(&line);
    if (status == LINE_READ) {
        status = is_command(text) ? take_command(reading, text)
                                  : take_input(reading, text);
    }
    strbuf_release(&line);
    return status;
}

static ExitStatus refuse(const Repl *repl, const char *what, int error)
{
    DiagSink sink;
    diag_sink_init(&sink);
    (void)diag_add(&sink, DIAG_E0002, NULL, (Span){0, 0}, "standard %s: %s",
                   what, strerror(error));
    ExitStatus status = (ExitStatus)usage_diags(repl->settings, &sink);
    diag_sink_release(&sink);
    return status;
}

static ExitStatus read_all(Repl *repl, ReplLines *lines)
{
    Reading reading = {.repl = repl, .lines = lines};
    LineStatus status = LINE_READ;
    while (!repl->wants_end && repl->write_error == 0 &&
           (status == LINE_READ ||
            (status == LINE_DROPPED && repl->is_terminal))) {
        status = read_one(&reading);
    }
    strbuf_release(&reading.text);
    strbuf_release(&reading.command);
    if (repl->write_error != 0) {
        return refuse(repl, "output cannot be written", repl->write_error);
    }
    return status == LINE_UNREADABLE
               ? refuse(repl, "input cannot be read", lines->error)
           : signals_want_end()     ? EXIT_STATUS_TERMINATED
           : status == LINE_DROPPED ? EXIT_STATUS_INTERRUPTED
           : repl->is_terminal      ? EXIT_STATUS_OK
                                    : repl->status;
}

static void print_banner(void)
{
    (void)output_write_fd(
        STDOUT_FILENO,
        STR("ligature " LIGATURE_VERSION ", :help for help, Ctrl-D to leave\n"),
        NULL);
}

static void remember(void *editor, Str line)
{
    line_editor_remember(editor, line);
}

// The libraries of the terminal read files that --untrusted does not let be
// read: there lines come without editing.
static ExitStatus read_terminal(Repl *repl, ReplLines *lines)
{
    const Settings *settings = repl->settings;
    bool keeps = !settings->no_history;
    if (repl->is_terminal && !settings->untrusted) {
        lines->editor =
            line_editor_new(&repl->session.token, repl_complete, repl);
    }
    if (lines->editor != NULL && keeps) {
        repl_history_read(remember, lines->editor);
    }
    ExitStatus status = read_all(repl, lines);
    if (keeps) {
        repl_history_add(strbuf_str(&lines->entered));
    }
    line_editor_free(lines->editor);
    return status;
}

int cmd_repl(Settings *settings)
{
    bool is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    Repl repl;
    repl_init(&repl, settings, is_terminal);
    if (repl.session.failed) { // before there is an input
        ExitStatus status = session_finish(&repl.session);
        repl_release(&repl);
        return status;
    }
    for (uint32_t i = 0; i < settings->operands.count; i++) {
        repl_load(&repl, settings->operands.items[i]);
    }
    ReplLines lines = {.session = &repl.session, .has_prompt = is_terminal};
    if (is_terminal) {
        print_banner();
    }
    ExitStatus status = read_terminal(&repl, &lines);
    if (!repl_end(&repl)) {
        status = exit_status_worse(status, EXIT_STATUS_IO);
    }
    repl_lines_release(&lines);
    repl_release(&repl);
    return status;
}
