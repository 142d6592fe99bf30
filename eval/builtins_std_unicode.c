// Builtins of std/string.lig over code points.
#include <string.h>
#include <utf8proc.h>

#include "eval/builtins_std.h"

// White_Space of the Unicode character database.
static bool is_space(int32_t c)
{
    return (c >= 0x9 && c <= 0xD) || c == 0x20 || c == 0x85 || c == 0xA0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// Offset of the first code point at or after `from` that is (or is not) white
// space; text.len when there is none.
static size_t find_space(Str text, size_t from, bool space)
{
    size_t at = from;
    while (at < text.len) {
        unsigned char byte = (unsigned char)text.data[at];
        if (byte < 0x80) {
            if (is_space(byte) == space) {
                return at;
            }
            at++;
            continue;
        }
        size_t next = at;
        if (is_space(utf8_decode(text, &next)) == space) {
            return at;
        }
        at = next;
    }
    return text.len;
}

// Offset behind the last code point that is no white space.
static size_t trimmed_end(Str text)
{
    size_t end = text.len;
    while (end > 0) {
        size_t start = utf8_start(text, end - 1);
        size_t at = start;
        if (!is_space(utf8_decode(text, &at))) {
            break;
        }
        end = start;
    }
    return end;
}

static bool trim(BuiltinContext *ctx, Value string, bool start, bool end,
                 Value *out)
{
    Str text = value_str(string);
    size_t from = start ? find_space(text, 0, false) : 0;
    size_t to = end ? trimmed_end(text) : text.len;
    size_t cut = to > from ? text.len - (to - from) : text.len;
    if (!builtin_take_steps(ctx, cut / BUILTIN_BYTES_PER_STEP)) {
        return false;
    }
    *out = value_string_slice(ctx->heap, string, (uint32_t)from,
                              (uint32_t)(to > from ? to : from));
    return true;
}

// trim text
bool builtin_string_trim(BuiltinContext *ctx, const Value *args, Value *out)
{
    return trim(ctx, args[0], true, true, out);
}

// trimStart text
bool builtin_string_trim_start(BuiltinContext *ctx, const Value *args,
                               Value *out)
{
    return trim(ctx, args[0], true, false, out);
}

// trimEnd text
bool builtin_string_trim_end(BuiltinContext *ctx, const Value *args, Value *out)
{
    return trim(ctx, args[0], false, true, out);
}

// words text
bool builtin_string_words(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP)) {
        return false;
    }
    BuiltinPoll poll = {ctx, 0};
    uint64_t count = 0;
    size_t at = find_space(text, 0, false);
    while (at < text.len && builtin_passes(&poll, at)) {
        count++;
        at = find_space(text, find_space(text, at, true), false);
    }
    Value *items;
    if (at < text.len || !builtin_slices_new(ctx, count, &items, out)) {
        return false;
    }
    for (at = find_space(text, 0, false); at < text.len;) {
        size_t end = find_space(text, at, true);
        *items++ =
            value_string_slice(ctx->heap, args[0], (uint32_t)at, (uint32_t)end);
        at = find_space(text, end, false);
        if (!builtin_passes(&poll, text.len + at)) {
            return false;
        }
    }
    return true;
}

// chars text
bool builtin_string_chars(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    Value *items;
    if (!builtin_slices_new(ctx, value_string_chars(args[0]), &items, out)) {
        return false;
    }
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        (void)utf8_decode(text, &at);
        *items++ = value_string(ctx->heap, str_slice(text, from, at));
    }
    return true;
}

// codePoints text
bool builtin_string_code_points(BuiltinContext *ctx, const Value *args,
                                Value *out)
{
    Str text = value_str(args[0]);
    uint64_t count = value_string_chars(args[0]);
    if (count > LIST_COUNT_MAX) {
        return builtin_no_room(ctx);
    }
    if (!builtin_take_steps(ctx, count) ||
        !builtin_room(ctx, (count + 8) * sizeof(Value))) {
        return false;
    }
    Value *items;
    *out = value_list(ctx->heap, (uint32_t)count, &items);
    for (size_t at = 0; at < text.len;) {
        *items++ = value_int(utf8_decode(text, &at));
    }
    return true;
}

// fromCodePoint number
bool builtin_string_from_code_point(BuiltinContext *ctx, const Value *args,
                                    Value *out)
{
    int64_t c = args[0].as.integer;
    if (c < 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        *out = builtin_none(ctx);
        return true;
    }
    StrBuf text = {0};
    strbuf_append_codepoint(&text, (uint32_t)c);
    *out = builtin_some(ctx, value_string(ctx->heap, strbuf_str(&text)));
    strbuf_release(&text);
    return true;
}

// Of a long text, as many bytes are passed by what is known of their chunks in
// the time in which one is looked at.
#define COUNTED_BYTES_PER_BYTE 256

// Turns places in code points into offsets; what was looked through is paid
// for.
static bool to_offsets(BuiltinContext *ctx, Value string, int64_t *from,
                       int64_t *to)
{
    Str text = value_str(string);
    uint32_t chars = string.as.string->char_count;
    if (chars == text.len) {
        return true;
    }
    bool is_rest = chars != STRING_CHARS_UNKNOWN && *to >= (int64_t)chars;
    int64_t count = *to - *from;
    *from = (int64_t)value_string_offset(string, 0, (uint64_t)*from);
    *to = is_rest ? (int64_t)text.len
                  : (int64_t)value_string_offset(string, (size_t)*from,
                                                 (uint64_t)count);
    uint64_t looked = (uint64_t)(is_rest ? *from : *to);
    if (looked > STRING_COUNTED_MIN) {
        looked = STRING_COUNTED_MIN + looked / COUNTED_BYTES_PER_BYTE;
    }
    return builtin_take_steps(ctx, looked / BUILTIN_BYTES_PER_STEP);
}

// slice from to text: in code points, clamped
bool builtin_string_slice(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[2]);
    // No text has more code points than bytes.
    int64_t len = (int64_t)text.len;
    int64_t from = args[0].as.integer < 0 ? 0 : args[0].as.integer;
    int64_t to = args[1].as.integer > len ? len : args[1].as.integer;
    from = from > len ? len : from;
    to = to < from ? from : to;
    if (!to_offsets(ctx, args[2], &from, &to)) {
        return false;
    }
    *out = value_string_slice(ctx->heap, args[2], (uint32_t)from, (uint32_t)to);
    return true;
}

static bool is_ascii(Str text)
{
    unsigned char bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        bits |= (unsigned char)text.data[i];
    }
    return bits < 0x80;
}

static uint32_t upper(int32_t c)
{
    // utf8proc gives U+1E9E, which the simple mapping does not have.
    return (uint32_t)(c == 0xDF ? c : utf8proc_toupper(c));
}

static uint32_t lower(int32_t c)
{
    return (uint32_t)utf8proc_tolower(c);
}

static bool change_case(BuiltinContext *ctx, Str text, bool to_upper,
                        Value *out)
{
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP) ||
        // A code point grows to three halves of its bytes at most.
        !builtin_room(ctx, 2 * (uint64_t)text.len + 128)) {
        return false;
    }
    StrBuf changed = {0};
    BuiltinPoll poll = {ctx, 0};
    bool ok = true;
    for (size_t at = 0; ok && at < text.len;) {
        int32_t c = utf8_decode(text, &at);
        strbuf_append_codepoint(&changed, to_upper ? upper(c) : lower(c));
        ok = builtin_passes(&poll, at);
    }
    char *bytes;
    ok = ok && builtin_text_new(ctx, changed.len, &bytes, out);
    if (ok && changed.len > 0) {
        memcpy(bytes, changed.data, changed.len);
    }
    strbuf_release(&changed);
    return ok;
}

static bool change_ascii_case(BuiltinContext *ctx, Str text, char first,
                              char last, Value *out)
{
    char *bytes;
    if (!builtin_text_new(ctx, text.len, &bytes, out)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bytes[i] = c >= first && c <= last ? (char)(c ^ 0x20) : c;
    }
    return true;
}

// toUpper text
bool builtin_string_to_upper(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    return is_ascii(text) ? change_ascii_case(ctx, text, 'a', 'z', out)
                          : change_case(ctx, text, true, out);
}

// toLower text
bool builtin_string_to_lower(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    return is_ascii(text) ? change_ascii_case(ctx, text, 'A', 'Z', out)
                          : change_case(ctx, text, false, out);
}

// pad width fill text
static bool pad(BuiltinContext *ctx, const Value *args, bool at_start,
                Value *out)
{
    Str fill = value_str(args[1]);
    Str text = value_str(args[2]);
    int64_t width = args[0].as.integer < 0 ? 0 : args[0].as.integer;
    int64_t missing = width - (int64_t)value_string_chars(args[2]);
    if (missing <= 0 || fill.len == 0) {
        *out = args[2];
        return true;
    }
    uint64_t fill_chars = value_string_chars(args[1]);
    uint64_t whole;
    uint64_t total;
    size_t rest = utf8_offset(fill, 0, (uint64_t)missing % fill_chars);
    if (__builtin_mul_overflow((uint64_t)missing / fill_chars,
                               (uint64_t)fill.len, &whole) ||
        __builtin_add_overflow(whole, (uint64_t)rest + text.len, &total)) {
        return builtin_no_room(ctx);
    }
    char *bytes;
    if (!builtin_text_new(ctx, total, &bytes, out)) {
        return false;
    }
    char *padding = at_start ? bytes : bytes + text.len;
    if (text.len > 0) {
        memcpy(at_start ? bytes + whole + rest : bytes, text.data, text.len);
    }
    return builtin_fill(ctx, padding, whole + rest, fill);
}

// padStart width fill text
bool builtin_string_pad_start(BuiltinContext *ctx, const Value *args,
                              Value *out)
{
    return pad(ctx, args, true, out);
}

// padEnd width fill text
bool builtin_string_pad_end(BuiltinContext *ctx, const Value *args, Value *out)
{
    return pad(ctx, args, false, out);
}
