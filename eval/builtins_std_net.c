// Builtins of std/net.lig. An address is a list of 32-bit words: one for
// IPv4, four for IPv6, the highest first.
#include <assert.h>

#include "eval/builtins_std.h"
#include "syntax/byte_class.h"

#define WORDS_MAX 4

typedef struct Address {
    uint32_t words[WORDS_MAX];
    uint32_t count; // 1 or 4
} Address;

// IPv4: four decimal numbers to 255 without leading zeros (which some read as
// octal).
static bool parse_v4(Str text, uint32_t *out)
{
    uint32_t address = 0;
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        if (part > 0 && (at == text.len || text.data[at++] != '.')) {
            return false;
        }
        size_t from = at;
        uint32_t number = 0;
        while (at < text.len && at < from + 3 &&
               byte_is(text.data[at], BYTE_DIGIT)) {
            number = number * 10 + (uint32_t)(text.data[at++] - '0');
        }
        if (at == from || number > 255 ||
            (text.data[from] == '0' && at > from + 1)) {
            return false;
        }
        address = address << 8 | number;
    }
    *out = address;
    return at == text.len;
}

typedef struct Groups {
    uint32_t items[8]; // 16 bits each
    uint32_t count;
    int gap; // where "::" stands among them; -1: nowhere
} Groups;

// One group of 1 to 4 digits.
static bool take_group(Str text, size_t *at, Groups *groups)
{
    size_t from = *at;
    uint32_t group = 0;
    while (*at < text.len && *at < from + 4 &&
           byte_is(text.data[*at], BYTE_HEX)) {
        group = group << 4 | byte_hex_value(text.data[(*at)++]);
    }
    if (*at == from || groups->count == 8) {
        return false;
    }
    groups->items[groups->count++] = group;
    return true;
}

// The last two groups as an IPv4 address.
static bool take_v4_groups(Str rest, Groups *groups)
{
    uint32_t address;
    if (groups->count > 6 || !parse_v4(rest, &address)) {
        return false;
    }
    groups->items[groups->count++] = address >> 16;
    groups->items[groups->count++] = address & 0xFFFF;
    return true;
}

static bool parse_groups(Str text, Groups *groups)
{
    size_t at = 0;
    *groups = (Groups){.gap = -1};
    if (str_starts_with(text, STR("::"))) {
        groups->gap = 0;
        at = 2;
    }
    while (at < text.len) {
        Str rest = str_slice(text, at, text.len);
        if (str_find_byte(rest, ':', 0) == rest.len &&
            str_find_byte(rest, '.', 0) < rest.len) {
            return take_v4_groups(rest, groups);
        }
        if (!take_group(text, &at, groups)) {
            return false;
        }
        if (at == text.len) {
            return true;
        }
        if (text.data[at++] != ':' || at == text.len) {
            return false;
        }
        if (text.data[at] == ':') {
            if (groups->gap >= 0) {
                return false;
            }
            groups->gap = (int)groups->count;
            at++;
        }
    }
    return true;
}

// IPv6 (RFC 4291, section 2.2), without a zone.
static bool parse_v6(Str text, uint32_t *out_words)
{
    Groups groups;
    if (!parse_groups(text, &groups) ||
        (groups.gap < 0 ? groups.count != 8 : groups.count > 7)) {
        return false;
    }
    uint32_t all[8] = {0};
    uint32_t before = groups.gap < 0 ? 8 : (uint32_t)groups.gap;
    for (uint32_t i = 0; i < groups.count; i++) {
        all[i < before ? i : 8 - groups.count + i] = groups.items[i];
    }
    for (uint32_t i = 0; i < WORDS_MAX; i++) {
        out_words[i] = all[2 * i] << 16 | all[2 * i + 1];
    }
    return true;
}

static Value address_value(BuiltinContext *ctx, const Address *address)
{
    Value *items;
    Value list = value_list(ctx->heap, address->count, &items);
    for (uint32_t i = 0; i < address->count; i++) {
        items[i] = value_int(address->words[i]);
    }
    return list;
}

static Address address_of(Value list)
{
    Address address = {.count = value_list_count(list)};
    assert(address.count == 1 || address.count == WORDS_MAX);
    for (uint32_t i = 0; i < address.count; i++) {
        address.words[i] = (uint32_t)value_list_at(list, i).as.integer;
    }
    return address;
}

// ip_parse text: an Option of the words
bool builtin_ip_parse(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    Address address = {.count = 0};
    if (parse_v4(text, address.words)) {
        address.count = 1;
    } else if (parse_v6(text, address.words)) {
        address.count = WORDS_MAX;
    }
    *out = address.count > 0 ? builtin_some(ctx, address_value(ctx, &address))
                             : builtin_none(ctx);
    return true;
}

static void format_v4(StrBuf *out, uint32_t word)
{
    strbuf_appendf(out, "%u.%u.%u.%u", (unsigned)(word >> 24),
                   (unsigned)(word >> 16 & 0xFF), (unsigned)(word >> 8 & 0xFF),
                   (unsigned)(word & 0xFF));
}

// The first longest run of at least two groups that are 0.
static void longest_zeros(const uint32_t *groups, int *out_from, int *out_to)
{
    *out_from = 8;
    *out_to = 8;
    int longest = 1;
    for (int from = 0; from < 8; from++) {
        int to = from;
        while (to < 8 && groups[to] == 0) {
            to++;
        }
        if (to - from > longest) {
            longest = to - from;
            *out_from = from;
            *out_to = to;
        }
    }
}

// RFC 5952
static void format_v6(StrBuf *out, const uint32_t *words)
{
    uint32_t groups[8];
    for (int i = 0; i < 8; i++) {
        groups[i] = i % 2 == 0 ? words[i / 2] >> 16 : words[i / 2] & 0xFFFF;
    }
    if (words[0] == 0 && words[1] == 0 && words[2] == 0xFFFF) {
        strbuf_append(out, STR("::ffff:"));
        format_v4(out, words[3]);
        return;
    }
    int from;
    int to;
    longest_zeros(groups, &from, &to);
    for (int i = 0; i < 8; i++) {
        if (i == from) {
            strbuf_append(out, STR("::"));
            i = to - 1;
            continue;
        }
        if (i > 0 && i != to) {
            strbuf_append_char(out, ':');
        }
        strbuf_appendf(out, "%x", (unsigned)groups[i]);
    }
}

// ip_format words
bool builtin_ip_format(BuiltinContext *ctx, const Value *args, Value *out)
{
    Address address = address_of(args[0]);
    StrBuf text = {0};
    if (address.count == 1) {
        format_v4(&text, address.words[0]);
    } else {
        format_v6(&text, address.words);
    }
    *out = value_string(ctx->heap, strbuf_str(&text));
    strbuf_release(&text);
    return true;
}

// ip_mask prefix words: with the bits behind the prefix at 0
bool builtin_ip_mask(BuiltinContext *ctx, const Value *args, Value *out)
{
    Address address = address_of(args[1]);
    int64_t left = args[0].as.integer;
    for (uint32_t i = 0; i < address.count; i++) {
        int64_t bits = left < 0 ? 0 : left > 32 ? 32 : left;
        address.words[i] &= (uint32_t)(UINT64_C(0xFFFFFFFF) << (32 - bits));
        left -= 32;
    }
    *out = address_value(ctx, &address);
    return true;
}

// ip_offset shift number words: the address plus the number times 2 to the
// shift; None when that is beyond the last address. Neither is negative.
bool builtin_ip_offset(BuiltinContext *ctx, const Value *args, Value *out)
{
    int64_t shift = args[0].as.integer;
    uint64_t number = (uint64_t)args[1].as.integer;
    Address address = address_of(args[2]);
    assert(shift >= 0 && args[1].as.integer >= 0);
    if (number != 0) {
        uint64_t carry = 0;
        for (uint32_t i = 0; i < address.count; i++) {
            // Word i from the low end holds the bits from 32 * i on.
            uint32_t *word = &address.words[address.count - 1 - i];
            int64_t from = 32 * (int64_t)i - shift; // bit of the number
            uint64_t part = from >= 64   ? 0
                            : from >= 0  ? number >> from & 0xFFFFFFFF
                            : from > -32 ? number << -from & 0xFFFFFFFF
                                         : 0;
            uint64_t total = *word + part + carry;
            *word = (uint32_t)total;
            carry = total >> 32;
        }
        int64_t bits = 32 * (int64_t)address.count - shift;
        bool beyond = bits <= 0 || (bits < 64 && number >> bits != 0);
        if (carry != 0 || beyond) {
            *out = builtin_none(ctx);
            return true;
        }
    }
    *out = builtin_some(ctx, address_value(ctx, &address));
    return true;
}
