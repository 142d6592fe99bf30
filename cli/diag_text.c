// The layout follows that of rustc, which people know.
#include "cli/diag_text.h"

#include <stdlib.h>

#include "cli/snippet.h"
#include "support/limits.h"

#define MAX_MESSAGE_BYTES  4096
#define MAX_MESSAGE_LINES  24
#define MAX_LINE_BYTES     240 // of a message of several lines
#define MAX_NOTE_BYTES     2048
#define MAX_PATH_BYTES     512
#define MAX_FUNCTION_BYTES 120
#define MAX_MARKS          9 // the primary one and eight labels
// No further notes or labels once a diagnostic is this long.
#define DIAG_BYTES ((size_t)12 << 10)
// Room kept for the closing lines.
#define CLOSING_BYTES 512
#define TRACE_HEAD    8
#define TRACE_TAIL    4

typedef struct TextStyle {
    const char *severities[SEVERITY_NOTE + 1];
    const char *bold;
    SnippetStyle snippet;
} TextStyle;

static TextStyle style_make(bool color)
{
    if (!color) {
        return (TextStyle){{"", "", ""}, "", {"", "", "", ""}};
    }
    return (TextStyle){
        .severities = {"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m"},
        .bold = "\x1b[1m",
        .snippet = {"\x1b[1;34m", "", "\x1b[1;34m", "\x1b[0m"},
    };
}

typedef struct Writer {
    StrBuf *out;
    size_t begin; // of this diagnostic in `out`
    TextStyle style;
    SourceIndex index;
    uint32_t gutter_width;
} Writer;

static bool is_full(const Writer *writer)
{
    return writer->out->len - writer->begin > DIAG_BYTES;
}

static void write_place(Writer *writer, const Source *source, Position position)
{
    strbuf_append_printable(writer->out, source->path, MAX_PATH_BYTES);
    strbuf_appendf(writer->out, ":%u:%u", position.line, position.column);
}

// What a program says in words of its own may have several lines. Those behind
// the first stand behind a bar, so that none can look like something else.
static void write_message(Writer *writer, const Diag *diag)
{
    StrBuf *out = writer->out;
    const SnippetStyle *style = &writer->style.snippet;
    Str rest = diag->message;
    while (diag->code == DIAG_E0404 && str_ends_with(rest, STR("\n"))) {
        rest.len--;
    }
    size_t end = str_find_byte(rest, '\n', 0);
    if (diag->code != DIAG_E0404 || end == rest.len) {
        strbuf_append_printable(out, rest, MAX_MESSAGE_BYTES);
        return;
    }
    strbuf_append_printable(out, str_slice(rest, 0, end), MAX_LINE_BYTES);
    for (uint32_t i = 1; end < rest.len; i++) {
        rest = str_slice(rest, end + 1, rest.len);
        bool is_last = i == MAX_MESSAGE_LINES;
        end = is_last ? rest.len : str_find_byte(rest, '\n', 0);
        strbuf_appendf(out, "%s\n  %s|%s", style->reset, style->gutter,
                       style->reset);
        strbuf_append(out, end > 0 ? STR(" ") : STR(""));
        strbuf_append_printable(out, str_slice(rest, 0, end), MAX_LINE_BYTES);
    }
}

static void write_heading(Writer *writer, const Diag *diag)
{
    Severity severity = diag_code_severity(diag->code);
    const char *reset = writer->style.snippet.reset;
    strbuf_appendf(writer->out,
                   "%s%s[%s]%s%s: ", writer->style.severities[severity],
                   severity_name(severity), diag_code_name(diag->code), reset,
                   writer->style.bold);
    write_message(writer, diag);
    strbuf_appendf(writer->out, "%s\n", reset);
}

static int compare_marks(const void *left, const void *right)
{
    const Mark *a = left;
    const Mark *b = right;
    if (a->position.line != b->position.line) {
        return a->position.line < b->position.line ? -1 : 1;
    }
    if (a->primary != b->primary) {
        return a->primary ? -1 : 1;
    }
    if (a->span.start != b->span.start) {
        return a->span.start < b->span.start ? -1 : 1;
    }
    int order = (a->span.end > b->span.end) - (a->span.end < b->span.end);
    return order != 0 ? order : str_compare(a->message, b->message);
}

// The primary place first, then the labels that have one.
static uint32_t collect_marks(Writer *writer, const Diag *diag, Mark *marks)
{
    uint32_t count = 0;
    if (diag->source != NULL) {
        Position position = source_index_position(&writer->index, diag->source,
                                                  diag->span.start);
        marks[count++] =
            (Mark){diag->source, diag->span, position, STR(""), true};
    }
    for (uint32_t i = 0; i < diag->more->labels.count && count < MAX_MARKS;
         i++) {
        const DiagLabel *label = &diag->more->labels.items[i];
        if (label->source != NULL) {
            Position position = source_index_position(
                &writer->index, label->source, label->span.start);
            marks[count++] = (Mark){label->source, label->span, position,
                                    label->message, false};
        }
    }
    return count;
}

static uint32_t width_of(uint32_t number)
{
    uint32_t width = 1;
    for (; number >= 10; number /= 10) {
        width++;
    }
    return width;
}

// Moves the marks in the file of the first one to the front, in order.
static uint32_t take_file(Mark *marks, uint32_t count)
{
    uint32_t taken = 1;
    for (uint32_t i = 1; i < count; i++) {
        if (marks[i].source == marks[0].source) {
            Mark mark = marks[i];
            memmove(&marks[taken + 1], &marks[taken],
                    (i - taken) * sizeof *marks);
            marks[taken++] = mark;
        }
    }
    return taken;
}

static void write_snippets(Writer *writer, Mark *marks, uint32_t count)
{
    const SnippetStyle *style = &writer->style.snippet;
    const char *arrow = "-->";
    for (uint32_t done = 0; done < count;) {
        Mark *group = &marks[done];
        uint32_t size = take_file(group, count - done);
        strbuf_append_repeat(writer->out, ' ', writer->gutter_width);
        strbuf_appendf(writer->out, "%s%s%s ", style->gutter, arrow,
                       style->reset);
        write_place(writer, group->source, group->position);
        strbuf_append_char(writer->out, '\n');
        snippet_gutter(writer->out, writer->gutter_width, "|", style);
        strbuf_append_char(writer->out, '\n');
        qsort(group, size, sizeof *group, compare_marks);
        snippet_write(writer->out, group, size, writer->gutter_width, style);
        done += size;
        arrow = ":::";
    }
}

static void begin_remark(Writer *writer, const char *kind)
{
    snippet_gutter(writer->out, writer->gutter_width, "=",
                   &writer->style.snippet);
    strbuf_appendf(writer->out, " %s%s%s", writer->style.bold, kind,
                   writer->style.snippet.reset);
}

static void write_remark(Writer *writer, const char *kind, Str text)
{
    if (is_full(writer)) {
        return;
    }
    begin_remark(writer, kind);
    strbuf_append_printable(writer->out, text, MAX_NOTE_BYTES);
    strbuf_append_char(writer->out, '\n');
}

static void write_remarks(Writer *writer, const Diag *diag)
{
    for (uint32_t i = 0; i < diag->more->labels.count; i++) {
        if (diag->more->labels.items[i].source == NULL) {
            write_remark(writer, "note: ", diag->more->labels.items[i].message);
        }
    }
    for (uint32_t i = 0; i < diag->more->notes.count; i++) {
        write_remark(writer, "note: ", diag->more->notes.items[i]);
    }
    for (uint32_t i = 0; i < diag->more->helps.count; i++) {
        write_remark(writer, "help: ", diag->more->helps.items[i]);
    }
}

static void write_frame(Writer *writer, const DiagFrame *frame)
{
    begin_remark(writer, "");
    strbuf_append(writer->out, STR("in call to "));
    strbuf_append_printable(writer->out, frame->function, MAX_FUNCTION_BYTES);
    if (frame->source != NULL) {
        strbuf_append(writer->out, STR(" at "));
        write_place(writer, frame->source,
                    source_index_position(&writer->index, frame->source,
                                          frame->span.start));
    }
    strbuf_append_char(writer->out, '\n');
}

static void write_trace(Writer *writer, const Diag *diag)
{
    uint32_t count = diag->more->trace.count;
    uint32_t hidden = 0;
    // One hidden call would take the line that it saves.
    if (count > TRACE_HEAD + TRACE_TAIL + 1) {
        hidden = count - TRACE_HEAD - TRACE_TAIL;
    }
    bool cut = hidden + diag->more->trace_hidden > 0;
    for (uint32_t i = 0; i < count; i++) {
        if (cut && i == TRACE_HEAD) {
            begin_remark(writer, "");
            strbuf_appendf(writer->out, "... %u more calls ...\n",
                           hidden + diag->more->trace_hidden);
            i += hidden;
        }
        write_frame(writer, &diag->more->trace.items[i]);
    }
}

static void write_diag(Writer *writer, const Diag *diag)
{
    Mark marks[MAX_MARKS];
    writer->begin = writer->out->len;
    write_heading(writer, diag);
    uint32_t count = collect_marks(writer, diag, marks);
    writer->gutter_width = 1;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t width = width_of(marks[i].position.line);
        if (width > writer->gutter_width) {
            writer->gutter_width = width;
        }
    }
    write_snippets(writer, marks, count);
    bool has_remarks = diag->more->notes.count + diag->more->helps.count +
                           diag->more->trace.count >
                       0;
    if (count > 0 && has_remarks) {
        snippet_gutter(writer->out, writer->gutter_width, "|",
                       &writer->style.snippet);
        strbuf_append_char(writer->out, '\n');
    }
    write_remarks(writer, diag);
    write_trace(writer, diag);
    strbuf_append_char(writer->out, '\n');
}

typedef struct Tally {
    uint32_t errors, warnings, notes;
} Tally;

static uint32_t *tally_of(Tally *tally, const Diag *diag)
{
    switch (diag_code_severity(diag->code)) {
    case SEVERITY_ERROR:
        return &tally->errors;
    case SEVERITY_WARNING:
        return &tally->warnings;
    case SEVERITY_NOTE:
        break;
    }
    return &tally->notes;
}

static void write_count(StrBuf *out, uint32_t count, const char *what,
                        const char *behind)
{
    strbuf_appendf(out, "%u %s%s%s", count, what, count == 1 ? "" : "s",
                   behind);
}

static void write_closing(StrBuf *out, const DiagSink *sink, Tally all,
                          Tally shown, bool werror)
{
    if (all.errors > shown.errors) {
        write_count(out, all.errors - shown.errors, "more error",
                    " not shown\n");
    }
    if (all.warnings > shown.warnings) {
        write_count(out, all.warnings - shown.warnings, "more warning",
                    " not shown\n");
    }
    strbuf_append(out, sink->gave_up ? STR("at least ") : STR(""));
    if (all.errors > 0) {
        write_count(out, all.errors, "error", all.warnings > 0 ? ", " : "\n");
    }
    if (all.warnings > 0) {
        const char *behind = !werror || all.errors > 0 ? "\n"
                             : all.warnings == 1
                                 ? ", which --werror counts as an error\n"
                                 : ", which --werror counts as errors\n";
        write_count(out, all.warnings, "warning", behind);
    }
    if (sink->gave_up) {
        strbuf_append(out, STR("a file is given up after 1000 errors\n"));
    }
}

// Who asks for many errors gets them, and all others a page or two.
static size_t max_bytes(const DiagTextOptions *options)
{
    uint32_t usual = limits_default().max_errors;
    uint32_t more =
        options->max_errors > usual ? options->max_errors - usual : 0;
    return DIAG_TEXT_MAX_BYTES + more * DIAG_TEXT_MORE_BYTES;
}

void diag_text_write(StrBuf *out, const DiagSink *sink,
                     const DiagTextOptions *options)
{
    if (sink->diags.count == 0) {
        return;
    }
    StrBuf text = {0};
    Writer writer = {.out = &text, .style = style_make(options->color)};
    Tally all = {0}, shown = {0};
    size_t room = max_bytes(options) - CLOSING_BYTES;
    bool has_room = true;
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        const Diag *diag = sink->diags.items[i];
        uint32_t *count = tally_of(&shown, diag);
        *tally_of(&all, diag) += 1;
        if (!has_room || *count >= options->max_errors) {
            continue;
        }
        size_t before = text.len;
        writer.style.snippet.primary =
            writer.style.severities[diag_code_severity(diag->code)];
        write_diag(&writer, diag_at(sink, i));
        if (text.len > room) {
            text.len = before;
            has_room = false;
            continue;
        }
        *count += 1;
    }
    source_index_release(&writer.index);
    write_closing(&text, sink, all, shown, options->werror);
    strbuf_append(out, strbuf_str(&text));
    strbuf_release(&text);
}
