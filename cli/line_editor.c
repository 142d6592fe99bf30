#include "cli/line_editor.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/signals.h"

#define HISTORY_LINES 1000
#define CELLS_MAX     ((size_t)1 << 22)
#define REPLACEMENT   0xFFFD

struct LineEditor {
    EditLine *edit;
    History *history;
    const char *prompt;
    const CancelToken *token;
    CompleteFunction *complete;
    void *ctx;
};

static void strbufs_release(StrBufs *texts)
{
    for (uint32_t i = 0; i < texts->count; i++) {
        strbuf_release(&texts->items[i]);
    }
    vec_release(texts);
}

static LineEditor *editor_of(EditLine *edit)
{
    LineEditor *editor = NULL;
    (void)el_get(edit, EL_CLIENTDATA, (void *)&editor);
    return editor;
}

static char *prompt_of(EditLine *edit)
{
    return (char *)editor_of(edit)->prompt;
}

// ---- the terminal

bool line_editor_fits(void)
{
    struct winsize size;
    return ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0 ||
           (size_t)size.ws_row * size.ws_col <= CELLS_MAX;
}

// After the terminal was another program's, or has another size.
static void take_terminal(EditLine *edit)
{
    (void)el_set(edit, EL_PREP_TERM, 1);
    if (line_editor_fits()) {
        el_resize(edit);
    }
    (void)el_set(edit, EL_REFRESH);
}

// ---- keys

// 1, or 0 at the end, or -1 where a signal ends the line.
static int read_byte(LineEditor *editor, unsigned char *out)
{
    for (;;) {
        ssize_t got = signals_read(STDIN_FILENO, out, 1);
        if (got >= 0) {
            return (int)got;
        }
        if (errno != EINTR || signals_want_end() ||
            cancel_token_is_ended(editor->token)) {
            return -1;
        }
        if (signals_take_terminal()) {
            take_terminal(editor->edit);
        }
    }
}

static int read_key(EditLine *edit, wchar_t *out_key)
{
    enum { CHARACTER_MAX = 4 };
    LineEditor *editor = editor_of(edit);
    char bytes[CHARACTER_MAX];
    size_t len = 0;
    mbstate_t state = {0};
    while (len < CHARACTER_MAX) {
        unsigned char byte;
        int got = read_byte(editor, &byte);
        if (got <= 0) {
            return got;
        }
        bytes[len++] = (char)byte;
        size_t used = mbrtowc(out_key, &bytes[len - 1], 1, &state);
        if (used != (size_t)-2) {
            if (used == (size_t)-1) {
                *out_key = REPLACEMENT;
            }
            return 1;
        }
    }
    *out_key = REPLACEMENT;
    return 1;
}

// ---- completion

static size_t common_prefix(const StrBufs *words)
{
    Str first = strbuf_str(&words->items[0]);
    size_t len = first.len;
    for (uint32_t i = 1; i < words->count; i++) {
        Str word = strbuf_str(&words->items[i]);
        size_t same = 0;
        while (same < len && same < word.len &&
               word.data[same] == first.data[same]) {
            same++;
        }
        len = same;
    }
    return utf8_start(first, len);
}

static size_t terminal_width(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
               ? size.ws_col
               : 80;
}

// Below the line, in columns.
static void show_words(const StrBufs *words)
{
    enum { SHOWN_MOST = 200, GAP = 2 };
    size_t widest = 0;
    uint32_t shown = words->count < SHOWN_MOST ? words->count : SHOWN_MOST;
    for (uint32_t i = 0; i < shown; i++) {
        size_t width = (size_t)utf8_length(strbuf_str(&words->items[i]));
        widest = width > widest ? width : widest;
    }
    uint32_t columns = (uint32_t)(terminal_width() / (widest + GAP));
    columns = columns > 0 ? columns : 1;
    (void)fputc('\n', stdout);
    for (uint32_t i = 0; i < shown; i++) {
        Str word = strbuf_str(&words->items[i]);
        bool ends = (i + 1) % columns == 0 || i + 1 == shown;
        size_t pad = ends ? 0 : widest + GAP - (size_t)utf8_length(word);
        (void)fprintf(stdout, "%.*s%*s%s", STR_ARG(word), (int)pad, "",
                      ends ? "\n" : "");
    }
    if (shown < words->count) {
        (void)fprintf(stdout, "... %u more\n", words->count - shown);
    }
    (void)fflush(stdout);
}

static unsigned char complete(EditLine *edit, int key)
{
    (void)key;
    LineEditor *editor = editor_of(edit);
    const LineInfo *line = el_line(edit);
    Str before = str_make(line->buffer, (size_t)(line->cursor - line->buffer));
    StrBuf text = {0}; // which el_line() may write anew
    strbuf_append(&text, before);
    StrBufs words = {0};
    size_t start = 0;
    editor->complete(editor->ctx, strbuf_str(&text), &start, &words);
    unsigned char result = CC_ERROR;
    if (words.count > 0) {
        size_t len = common_prefix(&words);
        size_t typed = text.len - start;
        if (len > typed) {
            StrBuf rest = {0};
            strbuf_append(&rest,
                          str_slice(strbuf_str(&words.items[0]), typed, len));
            strbuf_append_char(&rest, '\0');
            result = el_insertstr(edit, rest.data) == 0 ? CC_REFRESH : CC_ERROR;
            strbuf_release(&rest);
        } else if (words.count > 1) {
            show_words(&words);
            result = CC_REDISPLAY;
        }
    }
    strbufs_release(&words);
    strbuf_release(&text);
    return result;
}

// ---- lines

LineEditor *line_editor_new(const CancelToken *token,
                            CompleteFunction *complete_word, void *ctx)
{
    if (!line_editor_fits()) {
        return NULL;
    }
    // Sources are UTF-8, whatever the user's locale is.
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    LineEditor *editor = mem_calloc(1, sizeof *editor);
    editor->token = token;
    editor->complete = complete_word;
    editor->ctx = ctx;
    editor->edit = el_init("ligature", stdin, stdout, stderr);
    editor->history = history_init();
    if (editor->edit == NULL || editor->history == NULL) {
        line_editor_free(editor);
        return NULL;
    }
    HistEvent event;
    (void)history(editor->history, &event, H_SETSIZE, HISTORY_LINES);
    (void)history(editor->history, &event, H_SETUNIQUE, 1);
    EditLine *edit = editor->edit;
    (void)el_set(edit, EL_CLIENTDATA, editor);
    (void)el_set(edit, EL_PROMPT, prompt_of);
    (void)el_set(edit, EL_EDITOR, "emacs");
    (void)el_set(edit, EL_HIST, history, editor->history);
    (void)el_set(edit, EL_GETCFN, read_key);
    (void)el_set(edit, EL_ADDFN, "ligature-complete", "complete a word",
                 complete);
    (void)el_set(edit, EL_BIND, "^I", "ligature-complete", NULL);
    (void)el_set(edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
    (void)el_source(edit, NULL); // the user's own keys
    signals_watch_terminal();
    return editor;
}

void line_editor_free(LineEditor *editor)
{
    if (editor == NULL) {
        return;
    }
    if (editor->history != NULL) {
        history_end(editor->history);
    }
    if (editor->edit != NULL) {
        el_end(editor->edit);
    }
    free(editor);
}

void line_editor_remember(LineEditor *editor, Str line)
{
    HistEvent event;
    StrBuf text = {0};
    strbuf_append(&text, line);
    strbuf_append_char(&text, '\0');
    (void)history(editor->history, &event, H_ENTER, text.data);
    strbuf_release(&text);
}

EditStatus line_editor_read(LineEditor *editor, const char *prompt,
                            StrBuf *out_line)
{
    editor->prompt = prompt;
    el_resize(editor->edit);
    // Before the prompt is there: a key that is typed when it shows would still
    // be the terminal's, and Ctrl-D something else afterwards.
    (void)el_set(editor->edit, EL_PREP_TERM, 1);
    int count = 0;
    const char *line = el_gets(editor->edit, &count);
    if (line == NULL || count <= 0) {
        // What the terminal shows of the line stays.
        (void)fputc('\n', stdout);
        (void)fflush(stdout);
        return count < 0 && !signals_want_end() ? EDIT_DROPPED : EDIT_END;
    }
    Str text = str_make(line, (size_t)count);
    text.len -= str_ends_with(text, STR("\n"));
    strbuf_append(out_line, text);
    return EDIT_LINE;
}
