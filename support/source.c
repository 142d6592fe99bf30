// Positions are derived from offsets on demand: only diagnostics need them.
#include "support/source.h"

#include <stdlib.h>

#include "support/die.h"
#include "support/vec.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

// Sources that an index remembers, and bytes between its marks.
#define INDEX_SLOTS  64
#define INDEX_STRIDE ((uint32_t)8 << 10)

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

// Where a walk through a text stands.
typedef struct Cursor {
    uint32_t offset;
    uint32_t line;   // of offset, from 0
    uint32_t column; // of offset, from 0
} Cursor;

// Goes on to `offset`, which does not lie before.
static void cursor_advance(Cursor *cursor, Str text, uint32_t offset)
{
    uint32_t start = line_start(text, cursor->offset, offset);
    if (start > cursor->offset) {
        cursor->line += count_line_ends(text, cursor->offset, start);
        cursor->column = 0;
    }
    cursor->column += count_codepoints(text, start, offset);
    cursor->offset = offset;
}

static Cursor first_cursor(const Source *source)
{
    return (Cursor){.line = source->lines_before};
}

static Position cursor_position(const Cursor *cursor)
{
    return (Position){cursor->line + 1, cursor->column + 1};
}

Position source_position(const Source *source, uint32_t offset)
{
    Cursor cursor = first_cursor(source);
    cursor_advance(&cursor, source->text, clamp_offset(source, offset));
    return cursor_position(&cursor);
}

// Marks at least INDEX_STRIDE apart, in rising order, from the start of the
// text to as far as was asked for. The first is that of offset 0.
typedef struct SourceIndexSlot {
    const Source *source;
    VEC(Cursor) marks;
} SourceIndexSlot;

void source_index_release(SourceIndex *index)
{
    for (int i = 0; index->slots != NULL && i < INDEX_SLOTS; i++) {
        vec_release(&index->slots[i].marks);
    }
    free(index->slots);
    index->slots = NULL;
}

static SourceIndexSlot *find_slot(SourceIndex *index, const Source *source)
{
    if (index->slots == NULL) {
        index->slots = mem_calloc(INDEX_SLOTS, sizeof *index->slots);
    }
    SourceIndexSlot *slot = &index->slots[source->order % INDEX_SLOTS];
    if (slot->source != source) {
        slot->source = source;
        vec_clear(&slot->marks);
        vec_push(&slot->marks, first_cursor(source));
    }
    return slot;
}

// A mark must not split a character or a CRLF.
static bool is_boundary(Str text, uint32_t offset)
{
    unsigned char byte = (unsigned char)text.data[offset];
    return byte < 0x80 && text.data[offset - 1] != '\r';
}

static void extend_marks(SourceIndexSlot *slot, Str text, uint32_t offset)
{
    Cursor cursor = vec_last(&slot->marks);
    while (offset - cursor.offset > INDEX_STRIDE) {
        uint32_t next = cursor.offset + INDEX_STRIDE;
        while (next < offset && !is_boundary(text, next)) {
            next++;
        }
        cursor_advance(&cursor, text, next);
        vec_push(&slot->marks, cursor);
    }
}

Position source_index_position(SourceIndex *index, const Source *source,
                               uint32_t offset)
{
    SourceIndexSlot *slot = find_slot(index, source);
    offset = clamp_offset(source, offset);
    if (offset > vec_last(&slot->marks).offset) {
        extend_marks(slot, source->text, offset);
    }
    uint32_t low = 0, high = slot->marks.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (slot->marks.items[middle].offset <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Cursor cursor = slot->marks.items[low];
    cursor_advance(&cursor, source->text, offset);
    return cursor_position(&cursor);
}

Str source_line(const Source *source, uint32_t offset, uint32_t reach,
                uint32_t *out_start)
{
    Str text = source->text;
    offset = clamp_offset(source, offset);
    uint32_t first = offset > reach ? offset - reach : 0;
    size_t limit = text.len - offset > reach ? offset + reach : text.len;
    uint32_t start = line_start(text, first, offset);
    uint32_t end = start;
    while (end < limit && text.data[end] != '\n' && text.data[end] != '\r') {
        end++;
    }
    *out_start = start;
    return str_slice(text, start, end);
}

Span source_whole_lines(Str text, Span span)
{
    while (span.end < text.len &&
           (text.data[span.end] == ' ' || text.data[span.end] == '\t')) {
        span.end++;
    }
    bool at_start = span.start == 0 || text.data[span.start - 1] == '\n';
    if (at_start && span.end < text.len && text.data[span.end] == '\r') {
        span.end++;
    }
    if (at_start && span.end < text.len && text.data[span.end] == '\n') {
        span.end++;
    }
    return span;
}
