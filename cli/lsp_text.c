#include "cli/lsp_text.h"

#include <strings.h>

#include "syntax/byte_class.h"
#include "syntax/encoding.h"

// ---- positions

static uint32_t units_of(Str text, size_t *at, LspEncoding encoding)
{
    size_t from = *at;
    int32_t character = utf8_decode(text, at);
    if (encoding == LSP_UTF8) {
        return (uint32_t)(*at - from);
    }
    return character > 0xFFFF ? 2 : 1;
}

size_t lsp_utf16_length(Str text)
{
    size_t units = 0;
    for (size_t at = 0; at < text.len;) {
        units += units_of(text, &at, LSP_UTF16);
    }
    return units;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

// Behind the line break at `at`: LF, CRLF or CR.
static size_t behind_break(Str text, size_t at)
{
    bool pair =
        text.data[at] == '\r' && at + 1 < text.len && text.data[at + 1] == '\n';
    return at + (pair ? 2 : 1);
}

// Where the first line begins. Editors do not show a byte order mark: it takes
// no character.
static uint32_t text_start(Str text)
{
    return (uint32_t)encoding_bom_length(text);
}

size_t lsp_text_offset(Str text, uint64_t line, uint64_t character,
                       LspEncoding encoding)
{
    size_t at = text_start(text);
    for (; line > 0; line--) {
        while (at < text.len && !is_line_end(text.data[at])) {
            at++;
        }
        if (at == text.len) {
            return at;
        }
        at = behind_break(text, at);
    }
    uint64_t units = 0;
    while (at < text.len && !is_line_end(text.data[at])) {
        size_t next = at;
        units += units_of(text, &next, encoding);
        if (units > character) {
            break;
        }
        at = next;
    }
    return at;
}

bool lsp_is_name_byte(char byte)
{
    return byte == '\'' || byte_is(byte, BYTE_IDENT);
}

size_t lsp_name_start(Str text, Span span)
{
    size_t at = span.start;
    while (at < span.end && !lsp_is_name_byte(text.data[at])) {
        at++;
    }
    return at;
}

static const char *const keywords[] = {
#define TOKEN(kind, spelling)
#define KEYWORD(kind, text) text,
#include "syntax/tokens.def"
};

bool lsp_is_keyword(Str word)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (str_equal(word, str_from_c(keywords[i]))) {
            return true;
        }
    }
    return false;
}

static void index_lines(LspLines *lines, Str text)
{
    if (lines->starts.count > 0 && lines->text.data == text.data &&
        lines->text.len == text.len) {
        return;
    }
    lines->text = text;
    lines->last_offset = lines->last_line = lines->last_units = 0;
    vec_clear(&lines->starts);
    vec_push(&lines->starts, text_start(text));
    for (size_t at = 0; at < text.len;) {
        if (is_line_end(text.data[at])) {
            at = behind_break(text, at);
            vec_push(&lines->starts, (uint32_t)at);
        } else {
            at++;
        }
    }
}

static uint32_t line_of(const LspLines *lines, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = lines->starts.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (lines->starts.items[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

LspPlace lsp_lines_place(LspLines *lines, Str text, uint32_t offset,
                         LspEncoding encoding)
{
    index_lines(lines, text);
    uint32_t line = line_of(lines, offset);
    size_t at = lines->starts.items[line];
    uint32_t units = 0;
    if (line == lines->last_line && lines->last_offset >= at &&
        offset >= lines->last_offset) {
        at = lines->last_offset;
        units = lines->last_units;
    }
    while (at < offset && !is_line_end(lines->text.data[at])) {
        units += units_of(lines->text, &at, encoding);
    }
    lines->last_line = line;
    lines->last_offset = (uint32_t)at;
    lines->last_units = units;
    return (LspPlace){line, units};
}

static void append_place(LspLines *lines, Str text, uint32_t offset,
                         LspEncoding encoding, StrBuf *out)
{
    LspPlace place = lsp_lines_place(lines, text, offset, encoding);
    strbuf_appendf(out, "{\"line\":%u,\"character\":%u}", place.line,
                   place.character);
}

void lsp_lines_append_range(LspLines *lines, const Source *source, Span span,
                            LspEncoding encoding, StrBuf *out)
{
    uint32_t len = (uint32_t)source->text.len;
    uint32_t start = span.start < len ? span.start : len;
    uint32_t end = span.end > start ? span.end : start;
    strbuf_append(out, STR("{\"start\":"));
    append_place(lines, source->text, start, encoding, out);
    strbuf_append(out, STR(",\"end\":"));
    append_place(lines, source->text, end < len ? end : len, encoding, out);
    strbuf_append(out, STR("}"));
}

void lsp_lines_append_end(LspLines *lines, Str text, LspEncoding encoding,
                          StrBuf *out)
{
    append_place(lines, text, (uint32_t)text.len, encoding, out);
}

void lsp_lines_release(LspLines *lines)
{
    vec_release(&lines->starts);
}

// ---- URIs

bool lsp_uri_path(Str uri, StrBuf *out_path)
{
    const Str scheme = STR("file://");
    if (uri.len < scheme.len ||
        strncasecmp(uri.data, scheme.data, scheme.len) != 0) {
        return false;
    }
    size_t at = str_find_byte(uri, '/', scheme.len);
    Str host = str_slice(uri, scheme.len, at);
    if (at == uri.len || (host.len > 0 && !str_equal(host, STR("localhost")))) {
        return false;
    }
    for (; at < uri.len; at++) {
        char c = uri.data[at];
        if (c == '%') {
            if (uri.len - at < 3 || !byte_is(uri.data[at + 1], BYTE_HEX) ||
                !byte_is(uri.data[at + 2], BYTE_HEX)) {
                return false;
            }
            c = (char)(byte_hex_value(uri.data[at + 1]) << 4 |
                       byte_hex_value(uri.data[at + 2]));
            at += 2;
        }
        if (c == '\0') {
            return false;
        }
        strbuf_append_char(out_path, c);
    }
    return true;
}

void lsp_uri_append(Str path, StrBuf *out)
{
    strbuf_append(out, STR("file://"));
    for (size_t i = 0; i < path.len; i++) {
        char c = path.data[i];
        bool plain =
            byte_is(c, BYTE_IDENT) || (c != '\0' && strchr("/-.~", c) != NULL);
        if (plain) {
            strbuf_append_char(out, c);
        } else {
            strbuf_appendf(out, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}
