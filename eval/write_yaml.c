#include "eval/write_yaml.h"

#include "support/vec.h"
#include "syntax/byte_class.h"
#include "syntax/utf16.h"

// A longer key cannot stand before a ':' on its line.
#define MAX_PLAIN_KEY 1000
// Bytes between two looks at the limit.
#define STEP 2

typedef enum Holder { IN_LIST, IN_MAPPING } Holder;

// A list or mapping that is being written.
typedef struct Level {
    Holder holder;
    uint32_t indent; // columns before its items
    bool first;      // the next item is the first one
    bool inline_;    // and stands behind what is on the line already
} Level;

typedef struct Writer {
    const char *at; // compact JSON, well-formed
    const char *end;
    const YamlOptions *options;
    StrBuf *out;
    size_t limit; // of out->len
    StrBuf scratch;
    VEC(Level) levels;
} Writer;

// ---- strings out of JSON

static void decode_escape(Writer *w)
{
    static const char names[] = "bfnrt";
    static const char values[] = "\b\f\n\r\t";
    char c = w->at[1];
    w->at += 2;
    if (c != 'u') {
        const char *found = strchr(names, c);
        strbuf_append_char(&w->scratch,
                           found != NULL ? values[found - names] : c);
        return;
    }
    uint32_t character = 0;
    (void)utf16_escape(&w->at, w->end, &character);
    strbuf_append_codepoint(&w->scratch, character);
}

// The string at the quote; good until the next one.
static Str take_string(Writer *w)
{
    const char *run = ++w->at;
    while (*w->at != '"' && *w->at != '\\') {
        w->at++;
    }
    if (*w->at == '"') {
        return str_make(run, (size_t)(w->at++ - run));
    }
    strbuf_clear(&w->scratch);
    w->at = run;
    while (*w->at != '"') {
        run = w->at;
        while (*w->at != '"' && *w->at != '\\') {
            w->at++;
        }
        strbuf_append(&w->scratch, str_make(run, (size_t)(w->at - run)));
        if (*w->at == '\\') {
            decode_escape(w);
        }
    }
    w->at++;
    return strbuf_str(&w->scratch);
}

// ---- what may stand without quotes

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool is_plain_char(char c)
{
    return byte_is(c, BYTE_IDENT) || c == '-' || c == '.' || c == '/' ||
           c == '@' || c == '+';
}

// Stands for itself in quotes.
static inline bool is_quotable(char c)
{
    return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
}

static bool equals_ignoring_case(Str text, const char *word)
{
    size_t i = 0;
    for (; i < text.len && word[i] != '\0'; i++) {
        char c = text.data[i];
        if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != word[i]) {
            return false;
        }
    }
    return i == text.len && word[i] == '\0';
}

// In YAML 1.1 or 1.2, or in a reader that is lax about them.
static bool is_word_of_yaml(Str text)
{
    static const char *const words[] = {"true", "false", "yes", "no",
                                        "on",   "off",   "y",   "n",
                                        "null", "nan",   "inf", NULL};
    enum { LONGEST = sizeof "false" - 1 };
    if (text.len > LONGEST) {
        return false;
    }
    for (const char *const *word = words; *word != NULL; word++) {
        if (equals_ignoring_case(text, *word)) {
            return true;
        }
    }
    return false;
}

// It begins with a letter, so that it is no number, date or sign of YAML.
static bool is_plain(Str text)
{
    if (text.len == 0 || (!is_letter(text.data[0]) && text.data[0] != '_' &&
                          text.data[0] != '/')) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool inner = (c == ' ' || c == ':') && i + 1 < text.len &&
                     is_plain_char(text.data[i + 1]);
        if (!is_plain_char(c) && !inner) {
            return false;
        }
    }
    return !is_word_of_yaml(text);
}

// ---- quoted strings

static void append_escape(StrBuf *out, uint32_t c)
{
    if (c < 0x100) {
        strbuf_appendf(out, "\\x%02X", (unsigned)c);
    } else if (c < 0x10000) {
        strbuf_appendf(out, "\\u%04X", (unsigned)c);
    } else {
        strbuf_appendf(out, "\\U%08X", (unsigned)c);
    }
}

// Not printable in YAML, or a line end of YAML 1.1, or invisible.
static bool needs_escape(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c & 0xFFFE) == 0xFFFE;
}

static void append_quoted(const Writer *w, Str text, StrBuf *out)
{
    strbuf_append_char(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        while (at < text.len && is_quotable(text.data[at])) {
            at++;
        }
        strbuf_append(out, str_slice(text, start, at));
        if (at == text.len) {
            break;
        }
        start = at;
        uint32_t c = (uint32_t)utf8_decode(text, &at);
        if (c == '"' || c == '\\') {
            strbuf_append_char(out, '\\');
            strbuf_append_char(out, (char)c);
        } else if (c == '\n' || c == '\t' || c == '\r') {
            strbuf_append(out, c == '\n'   ? STR("\\n")
                               : c == '\t' ? STR("\\t")
                                           : STR("\\r"));
        } else if (needs_escape(c) || (c >= 0x80 && w->options->ascii)) {
            append_escape(out, c);
        } else {
            strbuf_append(out, str_slice(text, start, at));
        }
    }
    strbuf_append_char(out, '"');
}

// ---- block strings

// Several lines, each of which can stand as it is.
static bool is_block(const Writer *w, Str text)
{
    if (str_find_byte(text, '\n', 0) == text.len || text.data[0] == ' ' ||
        text.data[0] == '\t' || text.data[0] == '\n') {
        return false;
    }
    for (size_t at = 0; at < text.len;) {
        uint32_t c = (uint32_t)utf8_decode(text, &at);
        if (c != '\n' && c != '\t' &&
            (needs_escape(c) || (c >= 0x80 && w->options->ascii))) {
            return false;
        }
    }
    return true;
}

static void append_block(Writer *w, Str text, uint32_t indent)
{
    bool ends = text.data[text.len - 1] == '\n';
    bool more = ends && text.data[text.len - 2] == '\n';
    strbuf_append(w->out, more ? STR("|+") : ends ? STR("|") : STR("|-"));
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find_byte(text, '\n', at);
        strbuf_append_char(w->out, '\n');
        if (end > at) {
            strbuf_append_repeat(w->out, ' ', indent);
            strbuf_append(w->out, str_slice(text, at, end));
        }
        at = end + 1;
    }
}

// `indent` is that of the lines of a block string.
static void write_string(Writer *w, uint32_t indent)
{
    Str text = take_string(w);
    if (is_plain(text)) {
        strbuf_append(w->out, text);
    } else if (is_block(w, text)) {
        append_block(w, text, indent);
    } else {
        append_quoted(w, text, w->out);
    }
}

// ---- numbers

// YAML 1.1 wants a '.' and a sign in the exponent.
static void write_number(Writer *w)
{
    const char *start = w->at;
    const char *exponent = NULL;
    bool has_point = false;
    while (w->at < w->end && strchr(",]}\n", *w->at) == NULL) {
        has_point |= *w->at == '.';
        exponent = *w->at == 'e' ? w->at : exponent;
        w->at++;
    }
    const char *mantissa = exponent != NULL ? exponent : w->at;
    strbuf_append(w->out, str_make(start, (size_t)(mantissa - start)));
    if (exponent == NULL) {
        return;
    }
    bool has_sign = exponent[1] == '-' || exponent[1] == '+';
    strbuf_append(w->out, has_point ? STR("e") : STR(".0e"));
    strbuf_append(w->out, has_sign ? STR("") : STR("+"));
    exponent++;
    strbuf_append(w->out, str_make(exponent, (size_t)(w->at - exponent)));
}

static void write_word(Writer *w)
{
    const char *start = w->at;
    while (w->at < w->end && is_letter(*w->at)) {
        w->at++;
    }
    strbuf_append(w->out, str_make(start, (size_t)(w->at - start)));
}

// ---- structure

static void line_break(Writer *w, uint32_t indent)
{
    strbuf_append_char(w->out, '\n');
    strbuf_append_repeat(w->out, ' ', indent);
}

static bool is_empty(const Writer *w)
{
    return w->at[1] == ']' || w->at[1] == '}';
}

// The value at `at`, behind a key or a '-'. `indent` is that of its own items;
// `inline_` lets the first of them stand on this line.
static void write_value(Writer *w, uint32_t indent, bool inline_, bool spaced)
{
    char c = *w->at;
    bool opens = (c == '[' || c == '{') && !is_empty(w);
    if (spaced && (!opens || inline_)) {
        strbuf_append_char(w->out, ' ');
    }
    if (opens) {
        w->at++;
        vec_push(&w->levels, (Level){.holder = c == '[' ? IN_LIST : IN_MAPPING,
                                     .indent = indent,
                                     .first = true,
                                     .inline_ = inline_});
    } else if (c == '[' || c == '{') {
        strbuf_append(w->out, c == '[' ? STR("[]") : STR("{}"));
        w->at += 2;
    } else if (c == '"') {
        write_string(w, indent);
    } else if (is_letter(c)) {
        write_word(w);
    } else {
        write_number(w);
    }
}

static void write_key(Writer *w, uint32_t indent)
{
    Str key = take_string(w);
    size_t start = w->out->len;
    if (is_plain(key)) {
        strbuf_append(w->out, key);
    } else {
        append_quoted(w, key, w->out);
    }
    w->at++; // the colon
    if (w->out->len - start <= MAX_PLAIN_KEY) {
        strbuf_append_char(w->out, ':');
        return;
    }
    StrBuf text = {0};
    strbuf_append(&text, str_make(w->out->data + start, w->out->len - start));
    w->out->len = start;
    strbuf_append(w->out, STR("? "));
    strbuf_append(w->out, strbuf_str(&text));
    strbuf_release(&text);
    line_break(w, indent);
    strbuf_append_char(w->out, ':');
}

// One item of the innermost level, or its end.
static void write_item(Writer *w)
{
    if (*w->at == ']' || *w->at == '}') {
        w->at++;
        w->levels.count--;
        return;
    }
    Level *level = &vec_last(&w->levels);
    uint32_t indent = level->indent;
    w->at += *w->at == ',';
    if (!level->first || !level->inline_) {
        line_break(w, indent);
    }
    level->first = false;
    if (level->holder == IN_LIST) {
        strbuf_append_char(w->out, '-');
        write_value(w, indent + STEP, true, true);
    } else {
        write_key(w, indent);
        write_value(w, indent + STEP, false, true);
    }
}

static bool write_document(Writer *w)
{
    if (w->options->separate) {
        strbuf_append(w->out, STR("---\n"));
    }
    uint32_t indent = *w->at == '"' ? STEP : 0;
    write_value(w, indent, true, false);
    while (w->levels.count > 0 && w->out->len <= w->limit) {
        write_item(w);
    }
    strbuf_append_char(w->out, '\n');
    return w->out->len <= w->limit;
}

static Writer writer_new(Str json, const YamlOptions *options, StrBuf *out)
{
    size_t room = SIZE_MAX - out->len;
    return (Writer){.at = json.data,
                    .end = json.data + json.len,
                    .options = options,
                    .out = out,
                    .limit = out->len + (options->max_bytes < room
                                             ? (size_t)options->max_bytes
                                             : room)};
}

bool yaml_from_json(Str json, const YamlOptions *options, StrBuf *out)
{
    Writer writer = writer_new(json, options, out);
    bool okay = write_document(&writer);
    strbuf_release(&writer.scratch);
    vec_release(&writer.levels);
    return okay;
}

bool yaml_stream_from_json(Str json, const YamlOptions *options,
                           bool *out_is_list, StrBuf *out)
{
    *out_is_list = json.len > 0 && json.data[0] == '[';
    if (!*out_is_list) {
        return false;
    }
    Writer writer = writer_new(json, options, out);
    bool okay = true;
    writer.at++;
    while (okay && *writer.at != ']') {
        okay = write_document(&writer);
        writer.at += okay && *writer.at == ',';
    }
    strbuf_release(&writer.scratch);
    vec_release(&writer.levels);
    return okay;
}
