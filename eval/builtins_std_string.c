// Builtins of std/string.lig over bytes: searching, cutting, joining. Valid
// UTF-8 contains another text's bytes only where it contains its code points,
// so that no decoding is needed.
#include <string.h>

#include "eval/builtins_std.h"
#include "syntax/byte_class.h"

bool builtin_text_new(BuiltinContext *ctx, uint64_t len, char **out_bytes,
                      Value *out)
{
    if (len > UINT32_MAX - 2 * sizeof(StringBuffer)) {
        return builtin_no_room(ctx);
    }
    if (!builtin_take_steps(ctx, len / BUILTIN_BYTES_PER_STEP) ||
        !builtin_room(ctx, len + 128)) {
        return false;
    }
    *out = value_string_new(ctx->heap, (uint32_t)len, out_bytes);
    return true;
}

// Offset of `part` at or after `from`; text.len + 1 when it is not there.
static size_t find(Str text, Str part, size_t from)
{
    const char *at =
        memmem(text.data + from, text.len - from, part.data, part.len);
    return at != NULL ? (size_t)(at - text.data) : text.len + 1;
}

static bool count_parts(BuiltinContext *ctx, Str text, Str part,
                        uint64_t *out_count)
{
    BuiltinPoll poll = {ctx, 0};
    *out_count = 0;
    size_t at = find(text, part, 0);
    while (at <= text.len) {
        ++*out_count;
        if (!builtin_passes(&poll, at)) {
            return false;
        }
        at = find(text, part, at + part.len);
    }
    return true;
}

// A list for `count` slices of text.
bool builtin_slices_new(BuiltinContext *ctx, uint64_t count, Value **out_items,
                        Value *out)
{
    if (count > LIST_COUNT_MAX) {
        return builtin_no_room(ctx);
    }
    uint64_t each = sizeof(Value) + sizeof(StringObject) + STRING_INLINE_MAX;
    if (!builtin_take_steps(ctx, count) ||
        !builtin_room(ctx, (count + 8) * each)) {
        return false;
    }
    *out = value_list(ctx->heap, (uint32_t)count, out_items);
    return true;
}

// split separator text
bool builtin_string_split(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str separator = value_str(args[0]);
    Str text = value_str(args[1]);
    if (separator.len == 0) {
        return builtin_string_chars(ctx, args + 1, out);
    }
    Value *items;
    uint64_t count;
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP) ||
        !count_parts(ctx, text, separator, &count) ||
        !builtin_slices_new(ctx, count + 1, &items, out)) {
        return false;
    }
    BuiltinPoll poll = {ctx, 0};
    for (size_t from = 0; builtin_passes(&poll, from);) {
        size_t at = find(text, separator, from);
        size_t to = at <= text.len ? at : text.len;
        *items++ = value_string_slice(ctx->heap, args[1], (uint32_t)from,
                                      (uint32_t)to);
        if (at > text.len) {
            return true;
        }
        from = at + separator.len;
    }
    return false;
}

static char *append(char *out, Str text)
{
    if (text.len > 0) {
        memcpy(out, text.data, text.len);
    }
    return out + text.len;
}

// join separator texts
bool builtin_string_join(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str separator = value_str(args[0]);
    uint32_t count = value_list_count(args[1]);
    if (!builtin_take_steps(ctx, count)) {
        return false;
    }
    uint64_t total = count > 0 ? (count - UINT64_C(1)) * separator.len : 0;
    for (uint32_t i = 0; i < count; i++) {
        total += value_str(value_list_at(args[1], i)).len;
    }
    char *bytes;
    if (!builtin_text_new(ctx, total, &bytes, out)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            bytes = append(bytes, separator);
        }
        bytes = append(bytes, value_str(value_list_at(args[1], i)));
    }
    return true;
}

// Length of the UTF-8 sequence that starts with `byte`.
static size_t sequence_length(char byte)
{
    unsigned char b = (unsigned char)byte;
    return b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
}

// `replacement` before, after and between all code points.
static bool intersperse(BuiltinContext *ctx, Str replacement, Value string,
                        Value *out)
{
    Str text = value_str(string);
    uint64_t places = value_string_chars(string) + UINT64_C(1);
    char *bytes;
    if (!builtin_text_new(ctx, text.len + places * replacement.len, &bytes,
                          out)) {
        return false;
    }
    BuiltinPoll poll = {ctx, 0};
    bytes = append(bytes, replacement);
    for (size_t at = 0; at < text.len;) {
        size_t len = sequence_length(text.data[at]);
        bytes = append(bytes, str_make(text.data + at, len));
        bytes = append(bytes, replacement);
        at += len;
        if (!builtin_passes(&poll, at)) {
            return false;
        }
    }
    return true;
}

// replace old new text
bool builtin_string_replace(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str old = value_str(args[0]);
    Str replacement = value_str(args[1]);
    Str text = value_str(args[2]);
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP)) {
        return false;
    }
    if (old.len == 0) {
        return intersperse(ctx, replacement, args[2], out);
    }
    uint64_t count;
    if (!count_parts(ctx, text, old, &count)) {
        return false;
    }
    if (count == 0) {
        *out = args[2];
        return true;
    }
    char *bytes;
    uint64_t total = text.len - count * old.len + count * replacement.len;
    if (!builtin_text_new(ctx, total, &bytes, out)) {
        return false;
    }
    size_t from = 0;
    size_t at;
    BuiltinPoll poll = {ctx, 0};
    while ((at = find(text, old, from)) <= text.len) {
        bytes = append(bytes, str_slice(text, from, at));
        bytes = append(bytes, replacement);
        from = at + old.len;
        if (!builtin_passes(&poll, from)) {
            return false;
        }
    }
    (void)append(bytes, str_slice(text, from, text.len));
    return true;
}

// startsWith prefix text
bool builtin_string_starts_with(BuiltinContext *ctx, const Value *args,
                                Value *out)
{
    (void)ctx;
    *out = value_bool(str_starts_with(value_str(args[1]), value_str(args[0])));
    return true;
}

// endsWith suffix text
bool builtin_string_ends_with(BuiltinContext *ctx, const Value *args,
                              Value *out)
{
    (void)ctx;
    *out = value_bool(str_ends_with(value_str(args[1]), value_str(args[0])));
    return true;
}

// stripPrefix prefix text
bool builtin_string_strip_prefix(BuiltinContext *ctx, const Value *args,
                                 Value *out)
{
    Str prefix = value_str(args[0]);
    Str text = value_str(args[1]);
    *out = str_starts_with(text, prefix)
               ? builtin_some(ctx, value_string_slice(ctx->heap, args[1],
                                                      (uint32_t)prefix.len,
                                                      (uint32_t)text.len))
               : builtin_none(ctx);
    return true;
}

// stripSuffix suffix text
bool builtin_string_strip_suffix(BuiltinContext *ctx, const Value *args,
                                 Value *out)
{
    Str suffix = value_str(args[0]);
    Str text = value_str(args[1]);
    *out = str_ends_with(text, suffix)
               ? builtin_some(
                     ctx, value_string_slice(ctx->heap, args[1], 0,
                                             (uint32_t)(text.len - suffix.len)))
               : builtin_none(ctx);
    return true;
}

// indexOf part text: in code points
bool builtin_string_index_of(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str part = value_str(args[0]);
    Str text = value_str(args[1]);
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP)) {
        return false;
    }
    size_t at = part.len == 0 ? 0 : find(text, part, 0);
    *out = at <= text.len ? builtin_some(ctx, value_int((int64_t)utf8_length(
                                                  str_slice(text, 0, at))))
                          : builtin_none(ctx);
    return true;
}

bool builtin_fill(BuiltinContext *ctx, char *out, uint64_t len, Str pattern)
{
    uint64_t done = pattern.len < len ? pattern.len : len;
    BuiltinPoll poll = {ctx, 0};
    memcpy(out, pattern.data, done);
    // What is there is a whole number of patterns, and is copied behind itself.
    while (done < len) {
        uint64_t most = len - done < done ? len - done : done;
        if (most > BUILTIN_POLL_BYTES) {
            most = pattern.len;
            most *= BUILTIN_POLL_BYTES / most + (most > BUILTIN_POLL_BYTES);
            most = most < len - done ? most : len - done;
        }
        memcpy(out + done, out, most);
        done += most;
        if (!builtin_passes(&poll, done)) {
            return false;
        }
    }
    return true;
}

// repeat count text
bool builtin_string_repeat(BuiltinContext *ctx, const Value *args, Value *out)
{
    uint64_t count = args[0].as.integer < 0 ? 0 : (uint64_t)args[0].as.integer;
    Str text = value_str(args[1]);
    uint64_t total;
    if (__builtin_mul_overflow(count, (uint64_t)text.len, &total)) {
        return builtin_no_room(ctx);
    }
    char *bytes;
    if (!builtin_text_new(ctx, total, &bytes, out)) {
        return false;
    }
    return total == 0 || builtin_fill(ctx, bytes, total, text);
}

// Length of the line end at `at`, which is one.
static size_t line_end(Str text, size_t at)
{
    bool both =
        text.data[at] == '\r' && at + 1 < text.len && text.data[at + 1] == '\n';
    return both ? 2 : 1;
}

static size_t find_line_end(Str text, size_t from)
{
    size_t at = from;
    while (at < text.len && text.data[at] != '\n' && text.data[at] != '\r') {
        at++;
    }
    return at;
}

// lines text: without their ends, and without an empty last one
bool builtin_string_lines(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP)) {
        return false;
    }
    uint64_t count = 0;
    BuiltinPoll poll = {ctx, 0};
    for (size_t at = 0; at < text.len; count++) {
        at = find_line_end(text, at);
        at += at < text.len ? line_end(text, at) : 0;
        if (!builtin_passes(&poll, at)) {
            return false;
        }
    }
    Value *items;
    if (!builtin_slices_new(ctx, count, &items, out)) {
        return false;
    }
    for (size_t from = 0; from < text.len;) {
        size_t to = find_line_end(text, from);
        *items++ = value_string_slice(ctx->heap, args[0], (uint32_t)from,
                                      (uint32_t)to);
        from = to + (to < text.len ? line_end(text, to) : 0);
        if (!builtin_passes(&poll, text.len + from)) {
            return false;
        }
    }
    return true;
}

// Bytes of the text with `width` spaces before each line that is not empty;
// written to `out` unless that is NULL.
static bool indent_into(BuiltinContext *ctx, Str text, uint64_t width,
                        char *out, uint64_t *out_total)
{
    uint64_t total = 0;
    BuiltinPoll poll = {ctx, 0};
    for (size_t from = 0; from < text.len;) {
        size_t to = find_line_end(text, from);
        size_t next = to + (to < text.len ? line_end(text, to) : 0);
        uint64_t spaces = to > from ? width : 0;
        if (out != NULL) {
            memset(out + total, ' ', spaces);
            memcpy(out + total + spaces, text.data + from, next - from);
        }
        total += spaces + (next - from);
        from = next;
        if (!builtin_passes(&poll, out != NULL ? total : from)) {
            return false;
        }
    }
    *out_total = total;
    return true;
}

// indent width text
bool builtin_string_indent(BuiltinContext *ctx, const Value *args, Value *out)
{
    int64_t width = args[0].as.integer < 0 ? 0 : args[0].as.integer;
    Str text = value_str(args[1]);
    if (width > UINT32_MAX) {
        // One line of it is too much already; no line, and it is nothing.
        width = UINT32_MAX;
    }
    char *bytes;
    uint64_t total;
    return indent_into(ctx, text, (uint64_t)width, NULL, &total) &&
           builtin_text_new(ctx, total, &bytes, out) &&
           indent_into(ctx, text, (uint64_t)width, bytes, &total);
}

// The number in braces at `at` (which follows the brace): -1 for "{}", -2 for
// what is no placeholder. *out_end is behind the closing brace.
static int64_t placeholder(Str text, size_t at, size_t *out_end)
{
    int64_t number = -1;
    while (at < text.len && byte_is(text.data[at], BYTE_DIGIT)) {
        number = (number < 0 ? 0 : number) * 10 + (text.data[at] - '0');
        if (number > UINT32_MAX) {
            return -2;
        }
        at++;
    }
    if (at == text.len || text.data[at] != '}') {
        return -2;
    }
    *out_end = at + 1;
    return number;
}

// Bytes of the text with its placeholders filled; written to `out` unless
// that is NULL.
static uint64_t format_into(Str text, Value list, char *out)
{
    uint64_t total = 0;
    int64_t next = 0;
    for (size_t at = 0; at < text.len;) {
        size_t brace = str_find_byte(text, '{', at);
        size_t end = brace;
        Str part = STR("");
        if (brace < text.len) {
            int64_t number = placeholder(text, brace + 1, &end);
            if (number == -1) {
                number = next++;
            }
            if (number >= 0 && number < value_list_count(list)) {
                part = value_str(value_list_at(list, (uint32_t)number));
            } else {
                // It stays as it is.
                end = number >= 0 ? end : brace + 1;
                brace = end;
            }
        }
        if (out != NULL) {
            (void)append(append(out + total, str_slice(text, at, brace)), part);
        }
        total += brace - at + part.len;
        at = end;
    }
    return total;
}

// format text arguments
bool builtin_string_format(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    char *bytes;
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP) ||
        !builtin_text_new(ctx, format_into(text, args[1], NULL), &bytes, out)) {
        return false;
    }
    (void)format_into(text, args[1], bytes);
    return true;
}
