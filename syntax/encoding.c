// One pass over the text, sixteen bytes at a time where they are ASCII.
#include "syntax/encoding.h"

#include <inttypes.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Places reported in one text.
#define MAX_REPORTS 10

#define BYTE_ORDER_MARK 0xFEFF

size_t encoding_bom_length(Str text)
{
    bool may_be = text.len > 0 && text.data[0] == '\xEF'; // hardly ever
    return may_be && str_starts_with(text, STR("\xEF\xBB\xBF")) ? 3 : 0;
}

static bool is_bidi_control(int32_t code)
{
    return (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

#ifdef __SSE2__
#define BLOCK ((size_t)16)

// Where the bytes of a block are not ASCII, or NUL: as signed numbers, not
// above zero.
static unsigned block_others(const char *at)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i plain = _mm_cmpgt_epi8(bytes, _mm_setzero_si128());
    return (unsigned)_mm_movemask_epi8(plain) ^ 0xFFFF;
}

// The end of the ASCII run without NUL at `at`.
static size_t skip_ascii(Str text, size_t at)
{
    size_t start = at;
    for (; text.len - at >= BLOCK; at += BLOCK) {
        unsigned others = block_others(text.data + at);
        if (others != 0) {
            return at + (unsigned)__builtin_ctz(others);
        }
    }
    if (text.len - start >= BLOCK) { // the last ones, some of them once more
        unsigned others = block_others(text.data + text.len - BLOCK);
        return others == 0 ? text.len
                           : text.len - BLOCK + (unsigned)__builtin_ctz(others);
    }
    while (at < text.len && (unsigned char)text.data[at] - 1u < 0x7F) {
        at++;
    }
    return at;
}
#else
#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

static size_t skip_ascii(Str text, size_t at)
{
    while (text.len - at >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text.data + at, sizeof word);
        // A zero byte borrows, so its high bit is set after the subtraction.
        if (((word | (word - ONES)) & HIGHS) != 0) {
            break;
        }
        at += sizeof word;
    }
    while (at < text.len && (unsigned char)text.data[at] - 1u < 0x7F) {
        at++;
    }
    return at;
}
#endif

static void report(const Source *source, DiagSink *sink, size_t start,
                   size_t end, int32_t code)
{
    Span span = {(uint32_t)start, (uint32_t)end};
    if (code < 0) {
        diag_add(sink, DIAG_E0101, source, span,
                 "the text is not valid UTF-8 at byte offset %zu (byte 0x%02X)",
                 start, (unsigned char)source->text.data[start]);
        return;
    }
    if (code == 0) {
        diag_add(sink, DIAG_E0101, source, span,
                 "the text holds a NUL byte at byte offset %zu", start);
        return;
    }
    Diag *diag =
        diag_add(sink, DIAG_E0101, source, span,
                 code == BYTE_ORDER_MARK
                     ? "a byte order mark (U+%04" PRIX32 ") stands inside the "
                       "text at byte offset %zu"
                     : "the bidirectional control U+%04" PRIX32
                       " can hide code, at byte offset %zu",
                 (uint32_t)code, start);
    diag_help(sink, diag, "in a string, write it as \\u{%" PRIx32 "}",
              (uint32_t)code);
}

// By its mark, or by two ASCII characters with their zero bytes.
static bool is_utf16(Str text)
{
    const char *at = text.data;
    if (text.len >= 2 && ((at[0] == '\xFF' && at[1] == '\xFE') ||
                          (at[0] == '\xFE' && at[1] == '\xFF'))) {
        return true;
    }
    return text.len >= 4 && text.len % 2 == 0 && (at[0] == 0) == (at[2] == 0) &&
           (at[1] == 0) == (at[3] == 0) && (at[0] == 0) != (at[1] == 0);
}

// The first code point from `at` on that starts before `end` and may not stand
// in a text; *out_end is where it ends, or `end` or later when there is none.
static int32_t find_forbidden(Str text, size_t at, size_t end,
                              EncodingRules rules, size_t *out_start,
                              size_t *out_end)
{
    Str part = str_make(text.data, end);
    for (;;) {
        at = skip_ascii(part, at);
        if (at >= end) {
            *out_start = *out_end = end;
            return ' ';
        }
        *out_start = at;
        int32_t code = utf8_decode(text, &at);
        if (code <= 0 || (rules == ENCODING_PROGRAM &&
                          (is_bidi_control(code) || code == BYTE_ORDER_MARK))) {
            *out_end = at;
            return code;
        }
    }
}

// The first character that starts at `at` or behind it. One of more than four
// bytes is wrong, and found by whoever has its start.
static size_t character_start(Str text, size_t at)
{
    for (int i = 0; i < 3 && at < text.len && utf8_continues(text.data[at]);
         i++) {
        at++;
    }
    return at;
}

bool encoding_is_clean(Str text, uint32_t from, uint32_t to,
                       EncodingRules rules)
{
    size_t bom = encoding_bom_length(text);
    size_t start = from <= bom ? bom : character_start(text, from);
    size_t end = character_start(text, to);
    size_t ignored;
    if (start >= end) {
        return true;
    }
    (void)find_forbidden(text, start, end, rules, &start, &ignored);
    return start >= end;
}

bool encoding_check(const Source *source, EncodingRules rules, DiagSink *sink)
{
    Str text = source->text;
    if (text.len >= UINT32_MAX) {
        diag_add(sink, DIAG_E0606, source, (Span){0, 0},
                 "the text is larger than 4 GiB");
        return false;
    }
    if (is_utf16(text)) {
        Diag *diag = diag_add(sink, DIAG_E0101, source, (Span){0, 2},
                              "the text is UTF-16, not UTF-8, at byte offset "
                              "0");
        diag_help(sink, diag, "save the file as UTF-8");
        return false;
    }
    int reports = 0;
    size_t bad_end = SIZE_MAX; // of the last run of invalid bytes
    size_t at = encoding_bom_length(text);
    for (;;) {
        size_t start;
        int32_t code = find_forbidden(text, at, text.len, rules, &start, &at);
        if (start == text.len) {
            return reports == 0;
        }
        bool goes_on = code < 0 && start == bad_end;
        if (code < 0) {
            bad_end = at;
        }
        if (!goes_on) {
            report(source, sink, start, at, code);
            if (++reports == MAX_REPORTS) {
                return false;
            }
        }
    }
}
