// A line is shown whole when it is short; of a long one, a window around the
// mark. Columns are display columns: tabs are expanded, wide characters take
// two, and what a terminal would act on is escaped.
#include "cli/snippet.h"

#include <utf8proc.h>

#define EXCERPT_BYTES  180
#define CONTEXT_BYTES  60 // of a long line before the mark
#define TAB_WIDTH      4
#define MAX_LABEL_TEXT 2048
// Lines further apart have "..." between them.
#define ADJACENT_LINES 1

// The part [start, end) of a line that is shown; offsets into the source. Of a
// very long line, `line` is a part too.
typedef struct Window {
    Str line;
    uint32_t line_start;
    uint32_t start;
    uint32_t end;
} Window;

static bool is_continuation(Str line, uint32_t at)
{
    return at < line.len && utf8_continues(line.data[at]);
}

static Window window_around(const Mark *mark)
{
    Window window;
    // Twice the window: what is cut off here is cut off there too.
    window.line = source_line(mark->source, mark->span.start, 2 * EXCERPT_BYTES,
                              &window.line_start);
    uint32_t length = (uint32_t)window.line.len;
    uint32_t start = 0, end = length;
    if (length > EXCERPT_BYTES) {
        uint32_t at = mark->span.start - window.line_start;
        start = at > CONTEXT_BYTES ? at - CONTEXT_BYTES : 0;
        if (start > length - EXCERPT_BYTES) {
            start = length - EXCERPT_BYTES;
        }
        end = start + EXCERPT_BYTES;
        // Cut between characters; text that is not UTF-8 may have none near.
        for (int i = 0; i < 3 && is_continuation(window.line, start); i++) {
            start++;
        }
        for (int i = 0; i < 3 && is_continuation(window.line, end); i++) {
            end--;
        }
    }
    window.start = window.line_start + start;
    window.end = window.line_start + end;
    return window;
}

static uint32_t display_width(Str text)
{
    uint32_t width = 0;
    size_t at = 0;
    while (at < text.len) {
        int32_t codepoint = utf8_decode(text, &at);
        int columns = utf8proc_charwidth(codepoint);
        width += columns > 0 ? (uint32_t)columns : 0;
    }
    return width;
}

// Appends `text` as it is shown and returns how many columns it takes.
static uint32_t append_shown(StrBuf *out, Str text)
{
    uint32_t width = 0;
    size_t at = 0;
    while (at < text.len) {
        size_t tab = str_find_byte(text, '\t', at);
        size_t before = out->len;
        strbuf_append_printable(out, str_slice(text, at, tab), SIZE_MAX);
        width += display_width(str_slice(strbuf_str(out), before, out->len));
        at = tab;
        if (tab < text.len) {
            uint32_t spaces = TAB_WIDTH - width % TAB_WIDTH;
            strbuf_append_repeat(out, ' ', spaces);
            width += spaces;
            at++;
        }
    }
    return width;
}

static uint32_t columns_before(const Window *window, uint32_t offset)
{
    StrBuf scratch = {0};
    uint32_t width = append_shown(
        &scratch, str_slice(window->line, window->start - window->line_start,
                            offset - window->line_start));
    strbuf_release(&scratch);
    return width;
}

void snippet_gutter(StrBuf *out, uint32_t gutter_width, const char *sign,
                    const SnippetStyle *style)
{
    strbuf_append_repeat(out, ' ', gutter_width + 1);
    strbuf_appendf(out, "%s%s%s", style->gutter, sign, style->reset);
}

static bool is_cut_left(const Window *window)
{
    return window->start > window->line_start;
}

static void write_line(StrBuf *out, const Window *window, uint32_t number,
                       uint32_t gutter_width, const SnippetStyle *style)
{
    strbuf_appendf(out, "%s%*u |%s", style->gutter, (int)gutter_width, number,
                   style->reset);
    size_t before = out->len;
    strbuf_append(out, is_cut_left(window) ? STR(" ...") : STR(" "));
    append_shown(out,
                 str_slice(window->line, window->start - window->line_start,
                           window->end - window->line_start));
    if (window->end < window->line_start + window->line.len) {
        strbuf_append(out, STR("..."));
    }
    if (out->len == before + 1) {
        out->len = before; // an empty line needs no space behind its bar
    }
    strbuf_append_char(out, '\n');
}

// A span over several lines is underlined to the end of its first.
static void write_underline(StrBuf *out, const Window *window, const Mark *mark,
                            uint32_t gutter_width, const SnippetStyle *style)
{
    uint32_t from = columns_before(window, mark->span.start);
    uint32_t end = mark->span.end < window->end ? mark->span.end : window->end;
    uint32_t to = end > mark->span.start ? columns_before(window, end) : from;
    const char *color = mark->primary ? style->primary : style->secondary;
    snippet_gutter(out, gutter_width, "|", style);
    strbuf_append_repeat(out, ' ', from + (is_cut_left(window) ? 4 : 1));
    strbuf_append(out, str_from_c(color));
    strbuf_append_repeat(out, mark->primary ? '^' : '-',
                         to > from ? to - from : 1);
    if (mark->message.len > 0) {
        strbuf_append_char(out, ' ');
        strbuf_append_printable(out, mark->message, MAX_LABEL_TEXT);
    }
    strbuf_append(out, str_from_c(style->reset));
    strbuf_append_char(out, '\n');
}

static bool shows(const Window *window, const Mark *mark)
{
    return mark->span.start >= window->start && mark->span.start <= window->end;
}

void snippet_write(StrBuf *out, const Mark *marks, uint32_t count,
                   uint32_t gutter_width, const SnippetStyle *style)
{
    Window window = {0};
    for (uint32_t i = 0; i < count; i++) {
        const Mark *mark = &marks[i];
        uint32_t last = i > 0 ? marks[i - 1].position.line : 0;
        if (i == 0 || mark->position.line != last || !shows(&window, mark)) {
            if (i > 0 && mark->position.line > last + ADJACENT_LINES) {
                strbuf_appendf(out, "%s...%s\n", style->gutter, style->reset);
            }
            window = window_around(mark);
            write_line(out, &window, mark->position.line, gutter_width, style);
        }
        write_underline(out, &window, mark, gutter_width, style);
    }
}
