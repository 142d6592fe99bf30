// Positions are derived from offsets on demand: only diagnostics need them.
#include "support/source.h"

#include <assert.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

// The first byte behind the last line end in [from, offset); `from` when there
// is none. The LF of a CRLF belongs to the line that it ends.
static uint32_t line_start(Str text, uint32_t from, uint32_t offset)
{
    uint32_t at = offset;
    if (at > from && at < text.len && text.data[at] == '\n' &&
        text.data[at - 1] == '\r') {
        at--;
    }
    while (at > from && text.data[at - 1] != '\n' &&
           text.data[at - 1] != '\r') {
        at--;
    }
    return at;
}

// Line ends in [from, to), where `to` starts a line.
static uint32_t count_line_ends(Str text, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++) {
        char c = text.data[i];
        bool in_crlf =
            c == '\r' && i + 1 < text.len && text.data[i + 1] == '\n';
        count += c == '\n' || (c == '\r' && !in_crlf);
    }
    return count;
}

// Code points in [from, to); a byte that is not UTF-8 counts as one.
static uint32_t count_codepoints(Str text, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    size_t at = from;
    if (from == 0 && str_starts_with(text, STR(BYTE_ORDER_MARK))) {
        at = sizeof BYTE_ORDER_MARK - 1;
    }
    while (at < to) {
        uint64_t word;
        // Eight bytes of ASCII at a time.
        if (to - at >= sizeof word) {
            memcpy(&word, text.data + at, sizeof word);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                at += sizeof word;
                count += sizeof word;
                continue;
            }
        }
        utf8_decode(text, &at);
        count++;
    }
    return count;
}

static uint32_t clamp_offset(const Source *source, uint32_t offset)
{
    return offset > source->text.len ? (uint32_t)source->text.len : offset;
}

Position source_position(const Source *source, uint32_t offset)
{
    SourceCursor cursor = {0};
    return source_cursor_position(&cursor, source, offset);
}

Position source_cursor_position(SourceCursor *cursor, const Source *source,
                                uint32_t offset)
{
    Str text = source->text;
    offset = clamp_offset(source, offset);
    if (cursor->source != source || offset < cursor->offset) {
        *cursor = (SourceCursor){.source = source};
    }
    uint32_t start = line_start(text, cursor->offset, offset);
    if (start > cursor->offset) {
        cursor->line += count_line_ends(text, cursor->offset, start);
        cursor->column = 0;
    }
    cursor->column += count_codepoints(text, start, offset);
    cursor->offset = offset;
    return (Position){cursor->line + 1, cursor->column + 1};
}

Str source_line(const Source *source, uint32_t offset, uint32_t *out_start)
{
    Str text = source->text;
    offset = clamp_offset(source, offset);
    uint32_t start = line_start(text, 0, offset);
    uint32_t end = start;
    while (end < text.len && text.data[end] != '\n' && text.data[end] != '\r') {
        end++;
    }
    *out_start = start;
    return str_slice(text, start, end);
}
