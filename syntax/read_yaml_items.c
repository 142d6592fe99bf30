// Empty items: libfyaml 0.7 refuses them where a list stands at the column of
// its key ("a:\n-\n- b"), so it is given "- ~" for them. In texts that only
// look so this does no harm: they are read from the source.
#include <string.h>

#include "syntax/byte_class.h"
#include "syntax/read_yaml_internal.h"

static size_t skip_spaces(Str text, size_t at)
{
    while (at < text.len && text.data[at] == ' ') {
        at++;
    }
    return at;
}

static bool at_line_end(Str text, size_t at)
{
    return at == text.len || byte_is(text.data[at], BYTE_LINE);
}

// Whether nothing but a comment stands from `at` on in its line.
static bool is_rest_blank(Str text, size_t at)
{
    size_t next = skip_spaces(text, at);
    return at_line_end(text, next) || (next > at && text.data[next] == '#');
}

static size_t next_line(Str text, size_t at)
{
    size_t end = str_find_byte(text, '\n', at);
    return end + (end < text.len);
}

// The last '-' of a line that holds nothing else; text.len: it does.
static size_t last_dash(Str text, size_t line)
{
    size_t at = skip_spaces(text, line);
    while (at < text.len && text.data[at] == '-') {
        if (is_rest_blank(text, at + 1)) {
            return at;
        }
        size_t next = skip_spaces(text, at + 1);
        if (next == at + 1) {
            break;
        }
        at = next;
    }
    return text.len;
}

// Whether what comes next from `line` on stands at `column` or to the left.
static bool ends_item(Str text, size_t line, size_t column)
{
    while (line < text.len) {
        size_t at = skip_spaces(text, line);
        if (!at_line_end(text, at) && text.data[at] != '#') {
            return at - line <= column;
        }
        line = next_line(text, line);
    }
    return true;
}

void yaml_fill_items(Str text, StrBuf *out, YamlFills *fills)
{
    size_t taken = 0;
    for (size_t line = 0; line < text.len;) {
        size_t next = next_line(text, line);
        size_t dash = last_dash(text, line);
        if (dash < text.len && ends_item(text, next, dash - line)) {
            strbuf_append(out, str_slice(text, taken, dash + 1));
            vec_push(fills, (uint32_t)out->len);
            strbuf_append(out, STR(YAML_FILL));
            taken = dash + 1;
        }
        line = next;
    }
    if (fills->count > 0) {
        strbuf_append(out, str_slice(text, taken, text.len));
    }
}

size_t yaml_unfilled(const YamlFills *fills, size_t at)
{
    uint32_t low = 0, high = fills->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (fills->items[middle] < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return at;
    }
    size_t fill = strlen(YAML_FILL);
    size_t inside = at - fills->items[low - 1];
    return at - (low - 1) * fill - (inside < fill ? inside : fill);
}
