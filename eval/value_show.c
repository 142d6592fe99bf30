// Values as Ligature source, with a stack of our own.
#include "eval/value.h"

#include "support/die.h"
#include "support/number.h"
#include "support/vec.h"
#include "syntax/byte_class.h"

#define POLL_EVERY 16384

// A compound value being written; `next` of its `count` parts.
typedef struct ShowFrame {
    Value value;
    uint32_t next;
    uint32_t count;
    bool parenthesised;
} ShowFrame;

typedef struct Show {
    StrBuf *out;
    size_t limit; // of out->len
    VEC(ShowFrame) frames;
} Show;

// What a source may hold as an escape only: bidirectional controls and byte
// order marks.
static bool is_forbidden(int32_t c)
{
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
           c == 0xFEFF;
}

static void show_escape(StrBuf *out, uint32_t c)
{
    switch (c) {
    case '"':
        strbuf_append(out, STR("\\\""));
        return;
    case '\\':
        strbuf_append(out, STR("\\\\"));
        return;
    case '\n':
        strbuf_append(out, STR("\\n"));
        return;
    case '\t':
        strbuf_append(out, STR("\\t"));
        return;
    case '\r':
        strbuf_append(out, STR("\\r"));
        return;
    case '\b':
        strbuf_append(out, STR("\\b"));
        return;
    case '\f':
        strbuf_append(out, STR("\\f"));
        return;
    case '\0':
        strbuf_append(out, STR("\\0"));
        return;
    }
    strbuf_appendf(out, "\\u{%x}", (unsigned)c);
}

// 0xE2 begins U+2000..U+2FFF, 0xEF U+F000..U+FFFF, where the forbidden are.
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7F && c != 0xE2 &&
           c != 0xEF;
}

static void show_string(StrBuf *out, Str text)
{
    strbuf_append_char(out, '"');
    size_t done = 0;
    for (size_t at = 0; at < text.len;) {
        if (is_plain((unsigned char)text.data[at])) {
            at++;
            continue;
        }
        size_t start = at;
        int32_t c = utf8_decode(text, &at);
        if (c < 0 || (c >= 0x80 && !is_forbidden(c))) {
            continue;
        }
        strbuf_append(out, str_make(text.data + done, start - done));
        show_escape(out, (uint32_t)c);
        done = at;
    }
    strbuf_append(out, str_make(text.data + done, text.len - done));
    strbuf_append_char(out, '"');
}

static bool is_field_name(Str text)
{
    size_t len = text.len;
    while (len > 1 && text.data[len - 1] == '\'') {
        len--;
    }
    if (len == 0 || !byte_is(text.data[0], BYTE_START)) {
        return false;
    }
    for (size_t i = 1; i < len; i++) {
        if (!byte_is(text.data[i], BYTE_IDENT)) {
            return false;
        }
    }
    return true;
}

static void show_field_name(StrBuf *out, Str name)
{
    if (is_field_name(name)) {
        strbuf_append(out, name);
    } else {
        show_string(out, name);
    }
    strbuf_append(out, STR(" = "));
}

static void show_number(StrBuf *out, Value value, bool as_argument)
{
    char text[NUMBER_TEXT_MAX];
    size_t len = value.tag == VALUE_INT
                     ? number_format_i64(text, value.as.integer)
                     : number_format_double(text, value.as.number);
    bool parenthesised = as_argument && text[0] == '-';
    if (parenthesised) {
        strbuf_append_char(out, '(');
    }
    strbuf_append(out, str_make(text, len));
    if (parenthesised) {
        strbuf_append_char(out, ')');
    }
}

static void show_open(Show *show, Value value, uint32_t count, Str open,
                      bool parenthesised)
{
    if (parenthesised) {
        strbuf_append_char(show->out, '(');
    }
    strbuf_append(show->out, open);
    vec_push(&show->frames, (ShowFrame){value, 0, count, parenthesised});
}

// Writes what is atomic, opens what is not. False over the limit.
static bool show_value(Show *show, Value value, bool as_argument)
{
    StrBuf *out = show->out;
    switch ((ValueTag)value.tag) {
    case VALUE_UNIT:
        strbuf_append(out, STR("()"));
        break;
    case VALUE_BOOL:
        strbuf_append(out, value.as.boolean ? STR("true") : STR("false"));
        break;
    case VALUE_INT:
    case VALUE_FLOAT:
        show_number(out, value, as_argument);
        break;
    case VALUE_STRING:
        if (value.as.string->len > show->limit ||
            out->len > show->limit - value.as.string->len) {
            return false;
        }
        show_string(out, value_str(value));
        break;
    case VALUE_LIST:
        show_open(show, value, value_list_count(value), STR("["), false);
        break;
    case VALUE_TUPLE:
        // `C (1, 2)` would have two arguments.
        show_open(show, value, value.as.tuple->count, STR("("), as_argument);
        break;
    case VALUE_RECORD: {
        uint32_t count = value.as.record->shape->count;
        show_open(show, value, count, count > 0 ? STR("{ ") : STR("{"), false);
        break;
    }
    case VALUE_MAP:
        show_open(show, value, value.as.map->count, STR("fromList ["),
                  as_argument);
        break;
    case VALUE_UNION:
        if (value.arity == 0) {
            strbuf_append(out, value.as.ctor_info->name);
        } else {
            show_open(show, value, value.arity, value.as.object->ctor->name,
                      as_argument);
        }
        break;
    case VALUE_FUNCTION:
    case VALUE_PARTIAL:
        strbuf_append(out, STR("<function>"));
        break;
    case VALUE_DICTIONARY:
    case ANY_MERE_OBJECT:
        UNREACHABLE();
    }
    return out->len <= show->limit;
}

// The next part of the frame on top, which has one.
static bool show_part(Show *show)
{
    StrBuf *out = show->out;
    ShowFrame *frame = &vec_last(&show->frames);
    Value value = frame->value;
    uint32_t i = frame->next++;
    bool is_union = value.tag == VALUE_UNION;
    if (is_union) {
        strbuf_append_char(out, ' ');
    } else if (i > 0) {
        strbuf_append(out, STR(", "));
    }
    Value part;
    if (is_union) {
        part = value.as.object->fields[i];
    } else if (value.tag == VALUE_LIST) {
        part = value_list_at(value, i);
    } else if (value.tag == VALUE_TUPLE) {
        part = value.as.tuple->items[i];
    } else if (value.tag == VALUE_RECORD) {
        show_field_name(out, value.as.record->shape->texts[i]);
        part = value.as.record->fields[i];
    } else {
        strbuf_append_char(out, '(');
        show_string(out, value_str(value_map_key(value.as.map, i)));
        strbuf_append(out, STR(", "));
        part = value_map_value(value.as.map, i);
    }
    return show_value(show, part, is_union);
}

static void show_close(Show *show)
{
    StrBuf *out = show->out;
    ShowFrame frame = vec_pop(&show->frames);
    if (frame.value.tag == VALUE_LIST || frame.value.tag == VALUE_MAP) {
        strbuf_append_char(out, ']');
    } else if (frame.value.tag == VALUE_TUPLE) {
        strbuf_append_char(out, ')');
    } else if (frame.value.tag == VALUE_RECORD) {
        strbuf_append(out, frame.count > 0 ? STR(" }") : STR("}"));
    }
    if (frame.parenthesised) {
        strbuf_append_char(out, ')');
    }
}

bool value_show_until(StrBuf *out, Value value, uint64_t max_bytes,
                      int64_t *steps, CancelToken *token)
{
    size_t room = SIZE_MAX - out->len;
    Show show = {.out = out,
                 .limit = out->len + (max_bytes < room ? max_bytes : room)};
    bool ok = show_value(&show, value, false);
    for (uint32_t n = 1; ok && show.frames.count > 0; n++) {
        if (n % POLL_EVERY == 0 && token != NULL &&
            cancel_token_poll(token) != CANCEL_NONE) {
            ok = false;
            break;
        }
        ShowFrame *frame = &vec_last(&show.frames);
        // An entry of a map is a pair, closed once its value is written.
        bool in_entry = frame->value.tag == VALUE_MAP && frame->next > 0;
        if (in_entry) {
            strbuf_append_char(out, ')');
        }
        if (frame->next < frame->count) {
            ok = (steps == NULL || --*steps >= 0) && show_part(&show);
        } else {
            show_close(&show);
            ok = out->len <= show.limit;
        }
    }
    vec_release(&show.frames);
    return ok;
}
