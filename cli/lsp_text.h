// Places and names as the language server's client writes them: lines and
// characters from 0, URIs.
//
// Ownership: an index owns its table; the caller all texts.
// Threads:   no state.
#ifndef LIGATURE_CLI_LSP_TEXT_H
#define LIGATURE_CLI_LSP_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "support/source.h"
#include "support/str.h"
#include "support/vec.h"

// What a character is.
typedef enum LspEncoding { LSP_UTF16, LSP_UTF8 } LspEncoding;

// The offset of a position, clamped to the text and to its line; in the middle
// of a code point, where that begins.
size_t lsp_text_offset(Str text, uint64_t line, uint64_t character,
                       LspEncoding encoding);

// Part of a name: letters, digits, '_' and the ' at its end.
bool lsp_is_name_byte(char byte);
// Where the name of an expression begins, whose span has its parentheses, too.
size_t lsp_name_start(Str text, Span span);
bool lsp_is_keyword(Str word);

// Characters in UTF-16.
size_t lsp_utf16_length(Str text);

typedef struct LspPlace {
    uint32_t line, character;
} LspPlace;

// Where the lines of a source begin. Zero-initialised is ready.
typedef struct LspLines {
    Str text; // that is indexed
    VEC(uint32_t) starts;
    uint32_t last_offset, last_line; // looked up last; a line's offsets are
    uint32_t last_units;             // counted on from there
} LspLines;
void lsp_lines_release(LspLines *lines);
LspPlace lsp_lines_place(LspLines *lines, Str text, uint32_t offset,
                         LspEncoding encoding);
// Appends {"start":...,"end":...}.
void lsp_lines_append_range(LspLines *lines, const Source *source, Span span,
                            LspEncoding encoding, StrBuf *out);
// Appends the place behind the text as a range's end: {"line":...}.
void lsp_lines_append_end(LspLines *lines, Str text, LspEncoding encoding,
                          StrBuf *out);

// The absolute path of a file: URI; false for all others.
bool lsp_uri_path(Str uri, StrBuf *out_path);
void lsp_uri_append(Str path, StrBuf *out);

#endif
