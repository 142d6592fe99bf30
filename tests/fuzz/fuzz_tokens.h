// Mutations of programs for libFuzzer: tokens, bracketed groups and
// declarations are lost, repeated, moved and taken from other inputs, so that
// more of what comes out parses and checks than where bytes change. A third of
// the mutations are libFuzzer's own.
//
// Ownership: nothing outlives a call.
// Threads:   the fuzzer's only one.
#ifndef LIGATURE_TESTS_FUZZ_FUZZ_TOKENS_H
#define LIGATURE_TESTS_FUZZ_FUZZ_TOKENS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FUZZ_TOKENS_MAX = 4096 };

// From one byte to before another.
typedef struct FuzzUnit {
    size_t start;
    size_t end;
} FuzzUnit;

typedef struct FuzzTokens {
    const uint8_t *text;
    size_t len;
    FuzzUnit items[FUZZ_TOKENS_MAX];
    uint32_t count;
    uint64_t random; // xorshift64* (Vigna 2016), never 0
} FuzzTokens;

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
                                 const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t max_size, unsigned int seed);

static uint32_t fuzz_random(FuzzTokens *tokens, uint32_t below)
{
    uint64_t x = tokens->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    tokens->random = x;
    return (uint32_t)((x * UINT64_C(2685821657736338717)) >> 33) % below;
}

static bool fuzz_is_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '\'' || c >= 0x80;
}

static bool fuzz_is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool fuzz_is_operator(uint8_t c)
{
    return c != 0 && strchr("+-*/%<>=!&|.?:", c) != NULL;
}

static size_t fuzz_token_end(const FuzzTokens *tokens, size_t at)
{
    const uint8_t *text = tokens->text;
    size_t len = tokens->len;
    size_t end = at + 1;
    if (text[at] == '"') {
        while (end < len && text[end] != '"' && text[end] != '\n') {
            end += text[end] == '\\' ? 2 : 1;
        }
        return end < len ? end + 1 : len;
    }
    bool (*is)(uint8_t) = fuzz_is_word(text[at])       ? fuzz_is_word
                          : fuzz_is_operator(text[at]) ? fuzz_is_operator
                                                       : NULL;
    while (is != NULL && end < len && is(text[end])) {
        end++;
    }
    return end;
}

static FuzzTokens *fuzz_tokens_new(const uint8_t *text, size_t len,
                                   unsigned int seed)
{
    FuzzTokens *tokens = malloc(sizeof(*tokens));
    if (tokens == NULL) {
        abort();
    }
    tokens->text = text;
    tokens->len = len;
    tokens->count = 0;
    tokens->random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    size_t at = 0;
    while (at < len && tokens->count < FUZZ_TOKENS_MAX) {
        if (fuzz_is_space(text[at])) {
            at++;
            continue;
        }
        size_t end = fuzz_token_end(tokens, at);
        tokens->items[tokens->count++] = (FuzzUnit){at, end};
        at = end;
    }
    return tokens;
}

// The token at which the group that opens at the one given closes, or a list
// item, field or declaration that begins there ends: before the first of the
// characters at its level.
static uint32_t fuzz_unit_last(const FuzzTokens *tokens, uint32_t first,
                               const char *stops)
{
    int depth = 0;
    for (uint32_t i = first; i < tokens->count; i++) {
        uint8_t c = tokens->text[tokens->items[i].start];
        if (c == '(' || c == '[' || c == '{') {
            depth++;
        } else if (c == ')' || c == ']' || c == '}') {
            depth--;
        }
        if (depth < 0 ||
            (depth == 0 && c != 0 && strchr(stops, c) != NULL && i > first)) {
            return i > first ? i - 1 : i;
        }
        if (depth == 0 && *stops == 0) {
            return i;
        }
    }
    return tokens->count - 1;
}

// A token or group, what stands up to the next comma, or up to the next `;`.
static FuzzUnit fuzz_unit(FuzzTokens *tokens)
{
    static const char *const stops[] = {"", "", "", ",;", ";"};
    if (tokens->count == 0) {
        return (FuzzUnit){0, 0};
    }
    uint32_t first = fuzz_random(tokens, tokens->count);
    const char *stop = stops[fuzz_random(tokens, 5)];
    uint32_t last = fuzz_unit_last(tokens, first, stop);
    return (FuzzUnit){tokens->items[first].start, tokens->items[last].end};
}

// The text with one unit of it replaced by the bytes given. Nothing where it
// would be too long.
static size_t fuzz_replace(const FuzzTokens *tokens, FuzzUnit unit,
                           const uint8_t *by, size_t by_len, uint8_t *out,
                           size_t max_size)
{
    size_t rest = tokens->len - unit.end;
    if (unit.start + by_len + 2 + rest > max_size) {
        return 0;
    }
    size_t at = unit.start;
    memcpy(out, tokens->text, at);
    out[at++] = ' ';
    memcpy(out + at, by, by_len);
    at += by_len;
    out[at++] = ' ';
    memcpy(out + at, tokens->text + unit.end, rest);
    return at + rest;
}

static size_t fuzz_mutate_once(FuzzTokens *tokens, uint8_t *out,
                               size_t max_size)
{
    static const char *const words[] = {
        "0",     "1",    "(-1)",  "2",   "1.5",  "9223372036854775807",
        "true",  "None", "\"\"",  "[]",  "()",   "(-9223372036854775808)",
        "Some",  "map",  "fold",  "x",   "let",  "range 0 9",
        "{}",    "_",    "..",    "rec", "==",   "Integer",
        "Float", "List", "where", "if",  "then", "error \"e\"",
    };
    FuzzUnit at = fuzz_unit(tokens);
    FuzzUnit other = fuzz_unit(tokens);
    const uint8_t *by = tokens->text + other.start;
    size_t by_len = other.end - other.start;
    switch (fuzz_random(tokens, 5)) {
    case 0:
        by_len = 0;
        break;
    case 1:
        at.end = at.start;
        break;
    case 2: {
        uint32_t count = sizeof(words) / sizeof(*words);
        const char *word = words[fuzz_random(tokens, count)];
        by = (const uint8_t *)word;
        by_len = strlen(word);
        break;
    }
    default:
        break;
    }
    return fuzz_replace(tokens, at, by, by_len, out, max_size);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned int seed)
{
    if (seed % 3 == 0 || size == 0) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    uint8_t *out = malloc(max_size);
    if (out == NULL) {
        abort();
    }
    for (unsigned int i = 0; i <= seed / 3 % 3; i++) {
        FuzzTokens *tokens = fuzz_tokens_new(data, size, seed + i);
        size_t len = fuzz_mutate_once(tokens, out, max_size);
        free(tokens);
        if (len != 0) {
            memcpy(data, out, len);
            size = len;
        }
    }
    free(out);
    return size;
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
                                 const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t max_size, unsigned int seed)
{
    FuzzTokens *into = fuzz_tokens_new(a, a_size, seed);
    FuzzTokens *from = fuzz_tokens_new(b, b_size, seed + 1);
    FuzzUnit at = fuzz_unit(into);
    FuzzUnit unit = fuzz_unit(from);
    if (seed % 2 == 0) {
        at.end = at.start;
    }
    size_t len = fuzz_replace(into, at, b + unit.start, unit.end - unit.start,
                              out, max_size);
    free(into);
    free(from);
    return len;
}

#endif
