// File text, spans and positions.
//
// Ownership: a Source borrows its texts.
// Threads:   immutable once filled in; source_position() may be called from any
//            thread (it builds no table that others see).
#ifndef LIGATURE_SUPPORT_SOURCE_H
#define LIGATURE_SUPPORT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "support/str.h"

// Bytes [start, end) of one file.
typedef struct Span {
    uint32_t start;
    uint32_t end;
} Span;

static inline Span span_join(Span a, Span b)
{
    return (Span){a.start, b.end};
}

typedef struct Source {
    Str path;       // as the user named it, else relative to the working
                    // directory; what diagnostics show
    Str text;       // without BOM skipping: offsets are file offsets
    uint32_t order; // rank in the canonical file order, for sorting diagnostics
    uint32_t lines_before; // of which the text is the continuation
    bool is_option; // a text of the command line: no file that could be opened
} Source;

typedef struct Position {
    uint32_t line;   // from 1
    uint32_t column; // from 1, in code points
} Position;

// LF, CRLF and CR end lines; a byte order mark takes no column. Linear in
// `offset`.
Position source_position(const Source *source, uint32_t offset);

// Positions of many offsets in any order at a bounded cost each: remembers
// where some lines of the last sources lie. Zero-initialised is ready; all
// fields are private.
typedef struct SourceIndex {
    struct SourceIndexSlot *slots;
} SourceIndex;
void source_index_release(SourceIndex *index);
Position source_index_position(SourceIndex *index, const Source *source,
                               uint32_t offset);

// The text of the line that holds `offset`, without its line end; *out_start
// is its first byte. Of a line that goes further than `reach` bytes to either
// side, the part within.
Str source_line(const Source *source, uint32_t offset, uint32_t reach,
                uint32_t *out_start);

// What is to be deleted with the span: the blanks behind it, and the end of its
// line where it began with one.
Span source_whole_lines(Str text, Span span);

#endif
