// Strings as JSON text.
#include "cli/json_text.h"

static bool is_hidden(int32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x61C ||
           c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
           c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB);
}

static void append_escape(StrBuf *out, int32_t codepoint)
{
    static const char names[] = "btnvfr"; // from U+0008 on
    if (codepoint >= '\b' && codepoint <= '\r' && codepoint != '\v') {
        strbuf_append_char(out, '\\');
        strbuf_append_char(out, names[codepoint - '\b']);
    } else {
        strbuf_appendf(out, "\\u%04x", (unsigned)codepoint);
    }
}

void json_text_append(StrBuf *out, Str text, size_t max_bytes)
{
    strbuf_append_char(out, '"');
    size_t at = 0;
    int32_t last = 0;
    while (at < text.len && at < max_bytes) {
        size_t start = at;
        int32_t codepoint = utf8_decode(text, &at);
        if (codepoint < 0) {
            strbuf_appendf(out, "\\\\x%02x", (unsigned char)text.data[start]);
        } else if (codepoint == '"' || codepoint == '\\') {
            strbuf_append_char(out, '\\');
            strbuf_append_char(out, (char)codepoint);
        } else if (is_hidden(codepoint) || (codepoint == '#' && last == '#')) {
            // "##[" is a command to some CI runners.
            append_escape(out, codepoint);
        } else {
            strbuf_append(out, str_slice(text, start, at));
        }
        last = codepoint;
    }
    strbuf_append(out, at < text.len ? STR("...\"") : STR("\""));
}
