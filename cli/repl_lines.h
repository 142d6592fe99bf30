// The lines of a session: from a pipe or a file as they come, from a terminal
// with a prompt and, where it can be had, with editing (cli/line_editor.h).
//
// Ownership: a ReplLines owns its buffers.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_REPL_LINES_H
#define LIGATURE_CLI_REPL_LINES_H

#include <stdint.h>

#include "cli/line_editor.h"
#include "cli/session.h"

typedef enum LineStatus {
    LINE_READ,
    LINE_END,
    LINE_DROPPED, // Ctrl-C
    LINE_UNREADABLE
} LineStatus;

typedef struct ReplLines {
    Session *session;
    bool has_prompt;
    LineEditor *editor; // NULL: none. It is borrowed
    StrBuf entered;     // with it: lines, for the history
    StrBuf buffer;      // what was read and is no line yet
    size_t at;          // in it
    size_t looked;      // how far there is no line end
    bool has_ended;
    int error;      // with LINE_UNREADABLE
    uint32_t count; // lines read
} ReplLines;

void repl_lines_release(ReplLines *lines);
// Reads a line, without its end. Of one that is longer than a source may be,
// the first part, which is too long as well.
LineStatus repl_lines_read(ReplLines *lines, const char *prompt, StrBuf *out);

#endif
