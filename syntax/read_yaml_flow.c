// Flow scalars (YAML 1.2.2, section 7.3): from the source, because libfyaml 0.7
// gives back wrong bytes for some of them. What it refuses has been refused by
// then.
#include "syntax/byte_class.h"
#include "syntax/read_yaml_internal.h"
#include "syntax/utf16.h"

typedef struct Quoted {
    Str raw; // between the quotes
    size_t at;
    StrBuf text;
    size_t kept; // of the text: what a line break behind it leaves
} Quoted;

static char next_char(const Quoted *q)
{
    return q->at < q->raw.len ? q->raw.data[q->at] : '\0';
}

// Passes a line break, blank lines and the blanks of the line behind them;
// returns how many lines are blank.
static uint32_t pass_lines(Quoted *q)
{
    uint32_t breaks = 0;
    for (; byte_is(next_char(q), BYTE_LINE | BYTE_BLANK); q->at++) {
        bool is_pair =
            q->at > 0 && next_char(q) == '\n' && q->raw.data[q->at - 1] == '\r';
        breaks += byte_is(next_char(q), BYTE_LINE) && !is_pair;
    }
    return breaks - 1;
}

static void fold(Quoted *q)
{
    q->text.len = q->kept;
    uint32_t blank = pass_lines(q);
    if (blank == 0) {
        strbuf_append_char(&q->text, ' ');
    }
    strbuf_append_repeat(&q->text, '\n', blank);
}

static uint32_t read_hex(Quoted *q, uint32_t digits)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < digits && byte_is(next_char(q), BYTE_HEX); i++) {
        value = value << 4 | byte_hex_value(next_char(q));
        q->at++;
    }
    return value;
}

// Of two escapes of UTF-16, the second.
static uint32_t read_low_surrogate(Quoted *q, uint32_t high)
{
    if (q->raw.len - q->at < 6 || next_char(q) != '\\') {
        return high;
    }
    q->at += 2;
    uint32_t low = read_hex(q, 4);
    return 0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF);
}

static void unescape(Quoted *q)
{
    static const struct {
        char escape;
        uint8_t digits;
        uint16_t value;
    } escapes[] = {{'0', 0, 0},      {'a', 0, 7},      {'b', 0, 8},
                   {'t', 0, 9},      {'\t', 0, 9},     {'n', 0, 10},
                   {'v', 0, 11},     {'f', 0, 12},     {'r', 0, 13},
                   {'e', 0, 27},     {'N', 0, 0x85},   {'_', 0, 0xA0},
                   {'L', 0, 0x2028}, {'P', 0, 0x2029}, {'x', 2, 0},
                   {'u', 4, 0},      {'U', 8, 0}};
    q->at++;
    char escape = next_char(q);
    q->at++;
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        if (escapes[i].escape == escape) {
            uint32_t value = escapes[i].digits > 0
                                 ? read_hex(q, escapes[i].digits)
                                 : escapes[i].value;
            if (value >= 0xD800 && value < 0xDC00) {
                value = read_low_surrogate(q, value);
            }
            bool is_char = value <= 0x10FFFF && !utf16_is_surrogate(value);
            strbuf_append_codepoint(&q->text, is_char ? value : 0xFFFD);
            return;
        }
    }
    strbuf_append_char(&q->text, escape); // itself
}

static void read_double(Quoted *q)
{
    if (q->at + 1 < q->raw.len && byte_is(q->raw.data[q->at + 1], BYTE_LINE)) {
        q->at++;
        strbuf_append_repeat(&q->text, '\n', pass_lines(q));
    } else {
        unescape(q);
    }
    q->kept = q->text.len;
}

// Whether it stands for itself.
static bool is_plain(Str raw, char quote)
{
    for (size_t i = 0; i < raw.len; i++) {
        if (byte_is(raw.data[i], BYTE_LINE) ||
            raw.data[i] == (quote == '"' ? '\\' : quote)) {
            return false;
        }
    }
    return true;
}

void yaml_append_flow(StrBuf *out, Str raw, char quote)
{
    Quoted q = {.raw = raw, .text = *out, .kept = out->len};
    while (q.at < raw.len) {
        char c = raw.data[q.at];
        if (byte_is(c, BYTE_LINE)) {
            fold(&q);
            q.kept = q.text.len;
        } else if (quote == '"' && c == '\\') {
            read_double(&q);
        } else {
            strbuf_append_char(&q.text, c);
            q.at += quote == '\'' && c == quote ? 2 : 1;
            q.kept = byte_is(c, BYTE_BLANK) ? q.kept : q.text.len;
        }
    }
    *out = q.text;
}

Str yaml_flow_text(Module *module, Str raw, char quote)
{
    if (is_plain(raw, quote)) {
        return raw;
    }
    StrBuf out = {0};
    yaml_append_flow(&out, raw, quote);
    Str text = arena_str(module->arena, strbuf_str(&out));
    strbuf_release(&out);
    return text;
}
