// Excerpts of source text with underlined places, for diagnostics.
//
// Ownership: borrows sources and messages.
// Threads:   pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_SNIPPET_H
#define LIGATURE_CLI_SNIPPET_H

#include <stdbool.h>
#include <stdint.h>

#include "support/source.h"
#include "support/str.h"

// One underlined place.
typedef struct Mark {
    const Source *source;
    Span span;
    Position position; // of span.start
    Str message;       // stands behind the underline; may be empty
    bool primary;      // underlined with ^, else with -
} Mark;

// Escape sequences; all empty without colour.
typedef struct SnippetStyle {
    const char *gutter;
    const char *primary;
    const char *secondary;
    const char *reset;
} SnippetStyle;

// Writes the lines of `marks`, which lie in one file and are sorted by line,
// behind a gutter that is `gutter_width` wide.
void snippet_write(StrBuf *out, const Mark *marks, uint32_t count,
                   uint32_t gutter_width, const SnippetStyle *style);

// "\n   |" and the like: begins a line that has no number.
void snippet_gutter(StrBuf *out, uint32_t gutter_width, const char *sign,
                    const SnippetStyle *style);

#endif
