#include "cli/xml_text.h"

static void append_piece(StrBuf *out, Str piece)
{
    size_t at = 0;
    while (at < piece.len) {
        size_t start = at;
        int32_t codepoint = utf8_decode(piece, &at);
        switch (codepoint) {
        case '&':
            strbuf_append(out, STR("&amp;"));
            break;
        case '<':
            strbuf_append(out, STR("&lt;"));
            break;
        case '>':
            strbuf_append(out, STR("&gt;"));
            break;
        case '"':
            strbuf_append(out, STR("&quot;"));
            break;
        case '\'':
            strbuf_append(out, STR("&#39;"));
            break;
        case 0xFFFE:
        case 0xFFFF:
            strbuf_appendf(out, "\\u{%x}", (unsigned)codepoint);
            break;
        default:
            strbuf_append(out, str_slice(piece, start, at));
            break;
        }
    }
}

void xml_text_append(StrBuf *out, Str text, size_t max_bytes)
{
    StrBuf printable = {0};
    for (size_t at = 0; at <= text.len;) {
        size_t end = str_find_byte(text, '\n', at);
        size_t room = max_bytes > printable.len ? max_bytes - printable.len : 0;
        strbuf_append_printable(&printable, str_slice(text, at, end), room);
        if (end >= text.len || printable.len >= max_bytes) {
            break;
        }
        strbuf_append_char(&printable, '\n');
        at = end + 1;
    }
    append_piece(out, strbuf_str(&printable));
    strbuf_release(&printable);
}

void xml_line_append(StrBuf *out, Str text, size_t max_bytes)
{
    StrBuf printable = {0};
    strbuf_append_printable(&printable, text, max_bytes);
    append_piece(out, strbuf_str(&printable));
    strbuf_release(&printable);
}
