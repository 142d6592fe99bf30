// Lines from a terminal, with editing, history and completion: libedit. Nothing
// of it runs before line_editor_new().
//
// Ownership: as the functions say.
// Threads:   main thread only. One at a time, for it has the terminal.
#ifndef LIGATURE_CLI_LINE_EDITOR_H
#define LIGATURE_CLI_LINE_EDITOR_H

#include <stdbool.h>

#include "concurrent/deadline.h"
#include "support/str.h"
#include "support/vec.h"

typedef VEC(StrBuf) StrBufs;

// What the word that ends `before` may go on to be: whole words, in the order
// to be shown; *out_start is where the word begins.
typedef void CompleteFunction(void *ctx, Str before, size_t *out_start,
                              StrBufs *out_words);

typedef struct LineEditor LineEditor;

typedef enum EditStatus { EDIT_LINE, EDIT_END, EDIT_DROPPED } EditStatus;

// Whether lines can be edited on a screen of the size that the terminal says it
// has: libedit keeps a character for each of its cells.
bool line_editor_fits(void);
// NULL where the terminal cannot be had, or its screen does not fit. `token` is
// cancelled by Ctrl-C.
LineEditor *line_editor_new(const CancelToken *token,
                            CompleteFunction *complete, void *ctx);
void line_editor_free(LineEditor *editor);
// A line of an earlier session, or of this one.
void line_editor_remember(LineEditor *editor, Str line);
// Appends the line that was entered, without its end. The screen fits.
EditStatus line_editor_read(LineEditor *editor, const char *prompt,
                            StrBuf *out_line);

#endif
