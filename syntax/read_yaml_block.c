// Block scalars (YAML 1.2.2, section 8.1): from the source, because libfyaml
// 0.7 gives back wrong bytes for some of them.
#include "syntax/byte_class.h"
#include "syntax/read_yaml_internal.h"

typedef struct Header {
    bool folds;
    char chomping;   // '+', '-', or 0
    uint32_t indent; // 0: as the first line that holds something
} Header;

static bool is_break(char c)
{
    return byte_is(c, BYTE_LINE);
}

// The header that stands at `at`, up to the end of its line.
static bool read_header(Str line, size_t at, Header *out)
{
    *out = (Header){.folds = line.data[at] == '>'};
    for (at++; at < line.len; at++) {
        char c = line.data[at];
        if ((c == '+' || c == '-') && out->chomping == 0) {
            out->chomping = c;
        } else if (c >= '1' && c <= '9' && out->indent == 0) {
            out->indent = (uint32_t)(c - '0');
        } else {
            break;
        }
    }
    size_t blanks = at;
    while (at < line.len && byte_is(line.data[at], BYTE_BLANK)) {
        at++;
    }
    return at == line.len || (line.data[at] == '#' && at > blanks);
}

// The header at the end of the line before `start`, not before `from`.
static Header find_header(Str text, uint32_t from, uint32_t start)
{
    uint32_t end = start;
    while (end > from && is_break(text.data[end - 1])) {
        end--;
    }
    uint32_t at = end;
    while (at > from && !is_break(text.data[at - 1])) {
        at--;
    }
    Str line = str_slice(text, at, end);
    Header header = {0};
    for (size_t i = 0; i < line.len; i++) {
        if ((line.data[i] == '|' || line.data[i] == '>') &&
            read_header(line, i, &header)) {
            break;
        }
    }
    return header;
}

typedef struct Block {
    Str text;
    size_t at;
    size_t indent; // of the content
} Block;

static size_t spaces_at(const Block *block)
{
    size_t end = block->at;
    while (end < block->text.len && block->text.data[end] == ' ') {
        end++;
    }
    return end - block->at;
}

// Without indentation, `---` and `...` end it.
static bool at_marker(const Block *block)
{
    Str rest = str_slice(block->text, block->at, block->text.len);
    return block->indent == 0 && rest.len >= 3 &&
           (memcmp(rest.data, "---", 3) == 0 ||
            memcmp(rest.data, "...", 3) == 0) &&
           (rest.len == 3 || byte_is(rest.data[3], BYTE_LINE | BYTE_BLANK));
}

// Passes a line break; false where there is none.
static bool pass_break(Block *block)
{
    Str text = block->text;
    if (block->at == text.len || !is_break(text.data[block->at])) {
        return false;
    }
    bool pair = text.data[block->at] == '\r' && block->at + 1 < text.len &&
                text.data[block->at + 1] == '\n';
    block->at += pair ? 2 : 1;
    return true;
}

// Passes blank lines, and the indentation of a line of content; false where
// there are no more.
static bool next_line(Block *block, uint32_t *out_blank)
{
    for (*out_blank = 0;; (*out_blank)++) {
        size_t spaces = spaces_at(block);
        block->at += spaces < block->indent ? spaces : block->indent;
        if (!pass_break(block)) {
            return spaces >= block->indent && block->at < block->text.len &&
                   !at_marker(block);
        }
    }
}

// That of the first line that holds something; of blank ones the longest where
// none follows, or one that is indented less, which is not of the block.
static size_t find_indent(Block ahead, size_t least)
{
    size_t longest = least;
    for (;;) {
        size_t spaces = spaces_at(&ahead);
        ahead.at += spaces;
        longest = spaces > longest ? spaces : longest;
        if (!pass_break(&ahead)) {
            return longest;
        }
    }
}

static size_t indent_of(const Block *block, Header header, size_t outer)
{
    return header.indent > 0 ? header.indent + (outer > 0 ? outer - 1 : 0)
                             : find_indent(*block, outer);
}

static void read_lines(Block *block, Header header, StrBuf *out)
{
    bool has_break = false, was_indented = false;
    uint32_t blank;
    while (next_line(block, &blank)) {
        bool is_indented = byte_is(block->text.data[block->at], BYTE_BLANK);
        bool folds = header.folds && has_break && !was_indented && !is_indented;
        if (folds && blank == 0) {
            strbuf_append_char(out, ' ');
        } else {
            strbuf_append_repeat(out, '\n', blank + (has_break && !folds));
        }
        was_indented = is_indented;
        size_t from = block->at;
        while (block->at < block->text.len &&
               !is_break(block->text.data[block->at])) {
            block->at++;
        }
        strbuf_append(out, str_slice(block->text, from, block->at));
        has_break = pass_break(block);
    }
    if (header.chomping != '-') {
        uint32_t kept = header.chomping == '+' ? blank : 0;
        strbuf_append_repeat(out, '\n', has_break + kept);
    }
}

bool yaml_append_block(StrBuf *out, Str text, size_t at, size_t outer,
                       size_t *out_end)
{
    Header header;
    Block block = {.text = text, .at = at};
    while (block.at < text.len && !is_break(text.data[block.at])) {
        block.at++;
    }
    if (!read_header(str_slice(text, 0, block.at), at, &header) ||
        !pass_break(&block)) {
        return false;
    }
    size_t len = out->len;
    block.indent = indent_of(&block, header, outer);
    read_lines(&block, header, out);
    while (block.at > 0 && text.data[block.at - 1] == ' ') {
        block.at--; // of a line that is not of it
    }
    *out_end = block.at;
    return out->len > len;
}

Str yaml_block(Module *module, uint32_t from, uint32_t start, size_t outer,
               uint32_t *out_end)
{
    Block block = {.text = module->source.text, .at = start};
    Header header = find_header(block.text, from, start);
    block.indent = indent_of(&block, header, outer);
    StrBuf out = {0};
    read_lines(&block, header, &out);
    Str text = arena_str(module->arena, strbuf_str(&out));
    strbuf_release(&out);
    *out_end = (uint32_t)block.at;
    return text;
}
