// Builtins of std/string.lig over regular expressions.
#include <string.h>

#include "eval/builtins_std.h"
#include "eval/regex.h"

// What the callbacks share. Groups are cut out of `text`.
typedef struct Finding {
    BuiltinContext *ctx;
    Value text;
    Value replacement;
    ListBuffer *items; // matches
    Value captures;    // Option of the groups
    StrBuf out;        // the text with replacements
    size_t done;       // of the text
} Finding;

static bool group_str(const Finding *finding, const RegexMatch *match,
                      uint32_t group, size_t *out_from, size_t *out_to)
{
    size_t from = match->offsets[2 * group];
    size_t to = match->offsets[2 * group + 1];
    if (from == REGEX_NO_GROUP) {
        return false;
    }
    // With \K in a look-ahead a match may end before it starts.
    *out_from = from < to ? from : to;
    *out_to = from < to ? to : from;
    return *out_to <= value_str(finding->text).len;
}

static bool group_value(Finding *finding, const RegexMatch *match,
                        uint32_t group, Value *out)
{
    size_t from;
    size_t to;
    if (!group_str(finding, match, group, &from, &to)) {
        return false;
    }
    *out = value_string_slice(finding->ctx->heap, finding->text, (uint32_t)from,
                              (uint32_t)to);
    return true;
}

static bool push_match(void *found_ctx, const RegexMatch *match)
{
    Finding *finding = found_ctx;
    Value item;
    if (!builtin_room(finding->ctx, sizeof(StringObject) + STRING_INLINE_MAX)) {
        return false;
    }
    if (!group_value(finding, match, 0, &item)) {
        return true;
    }
    return list_buffer_push(finding->ctx->heap, &finding->items, item) ||
           builtin_no_room(finding->ctx);
}

// matches pattern text
bool builtin_regex_matches(BuiltinContext *ctx, const Value *args, Value *out)
{
    Finding finding = {.ctx = ctx, .text = args[1]};
    if (!regex_find(ctx, value_str(args[0]), value_str(args[1]), push_match,
                    &finding)) {
        return false;
    }
    *out = value_list_finish(ctx->heap, finding.items);
    return true;
}

// Keeps the groups of the first match and stops.
static bool keep_groups(void *found_ctx, const RegexMatch *match)
{
    Finding *finding = found_ctx;
    BuiltinContext *ctx = finding->ctx;
    uint64_t each = sizeof(Value) + sizeof(UnionObject) + sizeof(Value) +
                    sizeof(StringObject) + STRING_INLINE_MAX;
    if (!builtin_take_steps(ctx, match->group_count) ||
        !builtin_room(ctx, (match->group_count + UINT64_C(8)) * each)) {
        return false;
    }
    Value *items;
    Value list = value_list(ctx->heap, match->group_count, &items);
    for (uint32_t i = 0; i < match->group_count; i++) {
        Value text;
        items[i] = group_value(finding, match, i, &text)
                       ? builtin_some(ctx, text)
                       : builtin_none(ctx);
    }
    finding->captures = builtin_some(ctx, list);
    return false;
}

// captures pattern text: the groups of the first match, group 0 the whole
bool builtin_regex_captures(BuiltinContext *ctx, const Value *args, Value *out)
{
    Finding finding = {.ctx = ctx, .text = args[1], .captures = value_unit()};
    bool none = regex_find(ctx, value_str(args[0]), value_str(args[1]),
                           keep_groups, &finding);
    bool found = finding.captures.tag == VALUE_UNION;
    *out = found ? finding.captures : builtin_none(ctx);
    return none || found;
}

// Appends to what replaces the text; false where there is no room for it in the
// heap, to which all of it is copied in the end.
static bool append_out(Finding *finding, Str text)
{
    if (!builtin_room(finding->ctx,
                      finding->out.len + (uint64_t)text.len + 128)) {
        return false;
    }
    strbuf_append(&finding->out, text);
    return true;
}

// Appends the replacement, with $0 to $99, ${0} and $$ filled in.
static bool append_replacement(Finding *finding, const RegexMatch *match)
{
    Str text = value_str(finding->replacement);
    for (size_t at = 0; at < text.len;) {
        size_t dollar = str_find_byte(text, '$', at);
        bool is_last = dollar + 1 >= text.len;
        if (!append_out(finding,
                        str_slice(text, at, is_last ? text.len : dollar))) {
            return false;
        }
        if (is_last) {
            return true;
        }
        at = dollar + 1;
        bool braces = text.data[at] == '{';
        size_t digit = at + braces;
        uint32_t group = 0;
        size_t end = digit;
        while (end < text.len && end < digit + 2 && text.data[end] >= '0' &&
               text.data[end] <= '9') {
            group = group * 10 + (uint32_t)(text.data[end++] - '0');
        }
        bool closed = !braces || (end < text.len && text.data[end] == '}');
        size_t from;
        size_t to;
        if (end > digit && closed) {
            if (group < match->group_count &&
                group_str(finding, match, group, &from, &to) &&
                !append_out(finding,
                            str_slice(value_str(finding->text), from, to))) {
                return false;
            }
            at = end + braces;
        } else {
            // "$$" is a dollar; so is one before anything else.
            strbuf_append_char(&finding->out, '$');
            at += text.data[at] == '$';
        }
    }
    return true;
}

static bool replace_match(void *found_ctx, const RegexMatch *match)
{
    Finding *finding = found_ctx;
    size_t from;
    size_t to;
    if (!group_str(finding, match, 0, &from, &to) || from < finding->done) {
        return true;
    }
    Str before = str_slice(value_str(finding->text), finding->done, from);
    finding->done = to;
    return builtin_take_steps(finding->ctx,
                              value_str(finding->replacement).len /
                                  BUILTIN_BYTES_PER_STEP) &&
           append_out(finding, before) && append_replacement(finding, match);
}

// replaceRegexp pattern replacement text
bool builtin_regex_replace(BuiltinContext *ctx, const Value *args, Value *out)
{
    Finding finding = {.ctx = ctx, .replacement = args[1], .text = args[2]};
    Str text = value_str(args[2]);
    bool ok =
        regex_find(ctx, value_str(args[0]), text, replace_match, &finding);
    char *bytes;
    if (ok) {
        strbuf_append(&finding.out, str_slice(text, finding.done, text.len));
        ok = builtin_text_new(ctx, finding.out.len, &bytes, out);
    }
    if (ok && finding.out.len > 0) {
        memcpy(bytes, finding.out.data, finding.out.len);
    }
    strbuf_release(&finding.out);
    return ok;
}
