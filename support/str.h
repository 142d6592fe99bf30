// The only string API: `Str` borrows bytes, `StrBuf` owns a growing buffer.
// Lengths, never terminators: text may hold NUL bytes.
//
// Ownership: a Str owns nothing. A StrBuf owns its bytes until released.
// Threads:   plain data; one owner at a time.
#ifndef LIGATURE_SUPPORT_STR_H
#define LIGATURE_SUPPORT_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "support/attributes.h"

typedef struct Str {
    const char *data;
    size_t len;
} Str;

// A Str of a string literal.
#define STR(literal) ((Str){"" literal "", sizeof(literal) - 1})
// The same as an initializer of something static.
#define STR_INIT(literal)                                                      \
    {                                                                          \
        "" literal "", sizeof(literal) - 1                                     \
    }
// For "%.*s".
#define STR_ARG(str) (int)(str).len, (str).data

static inline Str str_make(const char *data, size_t len)
{
    return (Str){data, len};
}
Str str_from_c(const char *text);
static inline bool str_equal(Str a, Str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}
// Byte order, which for UTF-8 is code point order. <0, 0 or >0.
int str_compare(Str a, Str b);
bool str_starts_with(Str text, Str prefix);
bool str_ends_with(Str text, Str suffix);
// Bytes [from, to), clamped to the text.
Str str_slice(Str text, size_t from, size_t to);
// Byte offset of `byte` at or after `from`; text.len when there is none.
size_t str_find_byte(Str text, char byte, size_t from);

// Zero-initialised is empty and ready.
typedef struct StrBuf {
    char *data;
    size_t len;
    size_t capacity;
} StrBuf;

void strbuf_release(StrBuf *buf);
void strbuf_clear(StrBuf *buf);
char *strbuf_grow(StrBuf *buf, size_t extra);
// Makes room for `extra` more bytes and returns where they go; the caller
// then raises `len` by what it wrote.
static inline char *strbuf_reserve(StrBuf *buf, size_t extra)
{
    if (UNLIKELY(buf->capacity - buf->len < extra || buf->data == NULL)) {
        return strbuf_grow(buf, extra);
    }
    return buf->data + buf->len;
}
void strbuf_append(StrBuf *buf, Str text);
static inline void strbuf_append_char(StrBuf *buf, char c)
{
    *strbuf_reserve(buf, 1) = c;
    buf->len++;
}
void strbuf_append_repeat(StrBuf *buf, char c, size_t count);
void strbuf_append_codepoint(StrBuf *buf, uint32_t codepoint); // as UTF-8
void strbuf_append_i64(StrBuf *buf, int64_t value);
void strbuf_appendf(StrBuf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void strbuf_appendv(StrBuf *buf, const char *format, va_list args)
    PRINTF_LIKE(2, 0);
// The content, borrowed until the next change.
static inline Str strbuf_str(const StrBuf *buf)
{
    return str_make(buf->data != NULL ? buf->data : "", buf->len);
}

// UTF-8. Whether the byte is one of a character, but not its first.
static inline bool utf8_continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}
// Where the character starts that `at` is in; `at` where the text ends.
size_t utf8_start(Str text, size_t at);
// Decodes the code point at text[*at], moves *at behind it and returns
// it; -1 (and *at one byte further) where the bytes are not valid UTF-8
// (overlong forms, surrogates and values above U+10FFFF are not).
int32_t utf8_decode(Str text, size_t *at);
// Offset of the first byte that is not valid UTF-8; text.len if all is.
size_t utf8_validate(Str text);
// Number of code points of valid UTF-8.
size_t utf8_length(Str text);
// Where code point number `index` from offset `at` on begins; text.len where
// there are fewer.
size_t utf8_offset(Str text, size_t at, uint64_t index);
// Appends `text` so that it is safe on a terminal and in a CI log: control
// characters, bidi controls, marks without a width, invalid bytes and what
// would make a "##[" or "##vso[" command become \u{..} or \x.. escapes;
// `max_bytes` at most, with "..." where it was cut.
void strbuf_append_printable(StrBuf *buf, Str text, size_t max_bytes);
// Appends the name of a field or the key of a map as a step of a path: a plain
// name as it is, else in quotes.
void strbuf_append_key(StrBuf *buf, Str key, size_t max_bytes);

#endif
