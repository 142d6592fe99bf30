#include "eval/regex_matcher.h"

#include <string.h>

#include "eval/regex.h"
#include "support/die.h"

uint32_t matcher_limit(size_t text_len)
{
    uint64_t limit =
        REGEX_MATCH_LIMIT + (uint64_t)text_len * REGEX_MATCH_LIMIT_PER_BYTE;
    return limit > UINT32_MAX ? UINT32_MAX : (uint32_t)limit;
}

static pcre2_match_context *limits_new(size_t text_len)
{
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    if (limits == NULL) {
        die_out_of_memory();
    }
    uint32_t limit = matcher_limit(text_len);
    (void)pcre2_set_match_limit(limits, limit);
    (void)pcre2_set_depth_limit(limits, limit);
    (void)pcre2_set_heap_limit(limits, REGEX_HEAP_LIMIT_KIB);
    return limits;
}

// ---- where matches begin

// PCRE2 (10.42) looks for the byte that a match begins with, and for one that
// must come later, in both cases up to the end of the text. Where a case is
// rare and many matches are looked for, that is quadratic; so the bytes are
// looked for here, each place once, and PCRE2 tries at those places only. Where
// that would be another match, what it may look at is paid for.
#define LONG_TEXT          ((size_t)4096)
#define LOOKED_AT_PER_WORK 16 // bytes: 1,024 for a step

static void byte_init(RegexByte *byte, uint32_t value, Str text)
{
    bool is_letter = (value | 0x20) >= 'a' && (value | 0x20) <= 'z';
    byte->cases[0] = (char)value;
    byte->cases[1] = (char)(is_letter ? value ^ 0x20 : value);
    for (int i = 0; i < 2; i++) {
        byte->next[i] = str_find_byte(text, byte->cases[i], 0);
    }
}

// Its first place from `from` on, which is never less than the last time.
static size_t byte_next(RegexByte *byte, Str text, size_t from)
{
    for (int i = 0; i < 2; i++) {
        if (byte->next[i] < from) {
            byte->next[i] = str_find_byte(text, byte->cases[i], from);
        }
    }
    return byte->next[0] < byte->next[1] ? byte->next[0] : byte->next[1];
}

// Whether the pattern may ignore case: for speed alone.
static bool ignores_case(Str pattern, char letter)
{
    bool has[2] = {false, false};
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.data[i] == '(' && i + 1 < pattern.len &&
            pattern.data[i + 1] == '?') {
            size_t end = i + 2;
            while (end < pattern.len && pattern.data[end] != ')' &&
                   pattern.data[end] != ':') {
                if (pattern.data[end++] == 'i') {
                    return true;
                }
            }
        }
        has[0] |= pattern.data[i] == letter;
        has[1] |= pattern.data[i] == (letter ^ 0x20);
    }
    return has[0] && has[1];
}

// Whether a try at a place by itself tells less: "\G", and verbs.
static bool knows_places(Str pattern)
{
    for (size_t i = 0; i + 1 < pattern.len; i++) {
        if ((pattern.data[i] == '\\' && pattern.data[i + 1] == 'G') ||
            (pattern.data[i] == '(' && pattern.data[i + 1] == '*')) {
            return true;
        }
    }
    return false;
}

void matcher_look_ahead(Matcher *matcher)
{
    const pcre2_code *code = matcher->code;
    uint32_t has_first = 0, first = 0, has_last = 0, last = 0;
    (void)pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &has_first);
    (void)pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODEUNIT, &first);
    (void)pcre2_pattern_info(code, PCRE2_INFO_FIRSTBITMAP, &matcher->firsts);
    (void)pcre2_pattern_info(code, PCRE2_INFO_LASTCODETYPE, &has_last);
    (void)pcre2_pattern_info(code, PCRE2_INFO_LASTCODEUNIT, &last);
    bool pays =
        (has_first == 1 && ignores_case(matcher->pattern, (char)first)) ||
        (has_first == 0 && has_last == 1 &&
         ignores_case(matcher->pattern, (char)last));
    if (!pays || matcher->text.len < LONG_TEXT) {
        return;
    }
    if (knows_places(matcher->pattern)) {
        matcher->looks_to_end = true;
        return;
    }
    matcher->by_candidates = true;
    matcher->has_last = has_last == 1;
    byte_init(&matcher->last, last, matcher->text);
    matcher->has_first = has_first == 1;
    if (matcher->has_first) {
        byte_init(&matcher->first, first, matcher->text);
    }
}

static bool may_begin(const Matcher *matcher, uint8_t byte)
{
    return matcher->firsts == NULL
               ? !utf8_continues((char)byte)
               : (matcher->firsts[byte / 8] >> (byte % 8) & 1) != 0;
}

static size_t next_candidate(Matcher *matcher, size_t from)
{
    Str text = matcher->text;
    if (matcher->has_first) {
        from = byte_next(&matcher->first, text, from);
    } else {
        while (from < text.len &&
               !may_begin(matcher, (uint8_t)text.data[from])) {
            from++;
        }
    }
    bool ends = from < text.len && matcher->has_last &&
                byte_next(&matcher->last, text, from) == text.len;
    return ends ? text.len : from;
}

// ---- one match

// PCRE2 bounds the tries from each place of a text by themselves, and counts
// neither those places nor how far an item of a pattern scans. So it calls
// back before each item, and what it has done since is paid for in steps.
#define ITEM_WORK   16
#define CLASS_BYTES 32 // a class of so many bytes adds 1 to a byte's scan
#define PAY_FROM    (UINT64_C(1024) * MATCHER_WORK_PER_STEP)

void matcher_init(Matcher *matcher, BuiltinContext *ctx, const pcre2_code *code,
                  Str pattern, Str text)
{
    uint32_t options = 0;
    uint32_t groups = 0;
    uint32_t back_references = 0;
    uint32_t behind = 0;
    (void)pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
    (void)pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
    (void)pcre2_pattern_info(code, PCRE2_INFO_BACKREFMAX, &back_references);
    (void)pcre2_pattern_info(code, PCRE2_INFO_MAXLOOKBEHIND, &behind);
    *matcher = (Matcher){
        .ctx = ctx,
        .code = code,
        .pattern = pattern,
        .text = text,
        .limits = limits_new(text.len),
        .calls_back = (options & PCRE2_AUTO_CALLOUT) != 0,
        .has_back_references = back_references > 0,
        .item_work = ITEM_WORK + (uint64_t)groups,
        .group_work = behind,
    };
}

void matcher_release(Matcher *matcher)
{
    pcre2_match_context_free(matcher->limits);
}

static bool matcher_pay(Matcher *matcher)
{
    uint64_t steps = matcher->unpaid / MATCHER_WORK_PER_STEP;
    matcher->unpaid %= MATCHER_WORK_PER_STEP;
    return builtin_take_steps(matcher->ctx, steps) &&
           builtin_goes_on(matcher->ctx);
}

// The least number of times that an item such as "[ab]{3,5}+" matches: so far
// it scans where it fails.
static uint64_t least_count(Str item)
{
    size_t end = item.len;
    if (end > 0 && (item.data[end - 1] == '+' || item.data[end - 1] == '?')) {
        end--;
    }
    if (end < 3 || item.data[end - 1] != '}' || item.data[0] == ')') {
        return 0;
    }
    size_t open = end - 1;
    while (open > 0 && item.data[open] != '{') {
        open--;
    }
    if (open == 0 || (open == 2 && item.data[0] == '\\' &&
                      memchr("gkNoPpx", item.data[1], 7) != NULL)) {
        return 0; // \p{…}
    }
    uint64_t count = 0;
    for (size_t i = open + 1;
         count <= UINT16_MAX && item.data[i] >= '0' && item.data[i] <= '9';
         i++) {
        count = count * 10 + (uint64_t)(item.data[i] - '0');
    }
    return count;
}

static uint64_t longest_group(const pcre2_callout_block *block)
{
    size_t longest = 0;
    for (uint32_t i = 1; i < block->capture_top; i++) {
        size_t from = block->offset_vector[2 * (size_t)i];
        size_t to = block->offset_vector[2 * (size_t)i + 1];
        longest = to > from && to - from > longest ? to - from : longest;
    }
    return longest;
}

// What an item may scan before it fails, unseen by the next one.
static uint64_t unseen_scan(const Matcher *matcher,
                            const pcre2_callout_block *block, Str item)
{
    if (item.len == 0) {
        return 0;
    }
    uint64_t work = least_count(item) * (1 + item.len / CLASS_BYTES);
    if (item.data[0] == '(') {
        work += matcher->group_work;
    }
    if (matcher->has_back_references &&
        (item.data[0] == '(' || item.data[0] == '\\')) {
        work += longest_group(block);
    }
    return work;
}

// Before each item. Not 0: the match ends with that error.
static int pay_for_item(pcre2_callout_block *block, void *data)
{
    Matcher *matcher = data;
    Str item = {matcher->pattern.data + block->pattern_position,
                block->next_item_length};
    size_t at = block->current_position;
    matcher->unpaid +=
        matcher->item_work + unseen_scan(matcher, block, item) +
        (at > matcher->at ? at - matcher->at : 0) * matcher->scan_work;
    matcher->at = at;
    matcher->scan_work = 1 + item.len / CLASS_BYTES;
    return LIKELY(matcher->unpaid < PAY_FROM) || matcher_pay(matcher)
               ? 0
               : PCRE2_ERROR_CALLOUT;
}

static int try_match(Matcher *matcher, size_t from, uint32_t options)
{
    return pcre2_match(matcher->code, (PCRE2_SPTR)matcher->text.data,
                       matcher->text.len, from, options, matcher->data,
                       matcher->limits);
}

static int try_candidates(Matcher *matcher, size_t from, uint32_t options)
{
    int result = PCRE2_ERROR_NOMATCH;
    for (size_t at = next_candidate(matcher, from);
         at < matcher->text.len && result == PCRE2_ERROR_NOMATCH;
         at = next_candidate(matcher, at + 1)) {
        result = try_match(matcher, at, options | PCRE2_ANCHORED);
    }
    return result;
}

int matcher_next(Matcher *matcher, size_t from, uint32_t options)
{
    matcher->at = from;
    matcher->scan_work = 1;
    (void)pcre2_set_callout(matcher->limits, pay_for_item, matcher);
    bool is_free = matcher->by_candidates && (options & PCRE2_ANCHORED) == 0;
    int result = is_free ? try_candidates(matcher, from, options)
                         : try_match(matcher, from, options);
    if (result == PCRE2_ERROR_CALLOUT) {
        return result;
    }
    if (matcher->looks_to_end && (options & PCRE2_ANCHORED) == 0) {
        matcher->unpaid += (matcher->text.len - from) / LOOKED_AT_PER_WORK;
    }
    if (!matcher->calls_back) {
        // As if each of its parts were tried at each place.
        size_t end = result >= 0 ? pcre2_get_ovector_pointer(matcher->data)[1]
                                 : matcher->text.len;
        matcher->unpaid += (end > from ? end - from : 0) *
                           (matcher->pattern.len / MATCHER_WORK_PER_STEP);
    }
    return matcher_pay(matcher) ? result : PCRE2_ERROR_CALLOUT;
}
