// Regular expressions of PCRE2 over UTF-8 text, compiled once per pattern,
// matched by the interpreter under limits and for steps: what a match may cost
// depends on the pattern and the text alone, never on the machine (just-in-time
// code counts otherwise, and may be missing).
//
// Threads: any.
#ifndef LIGATURE_EVAL_REGEX_H
#define LIGATURE_EVAL_REGEX_H

#include "eval/builtin_api.h"

// Compiled patterns, shared by all workers.
typedef struct RegexCache RegexCache;
RegexCache *regex_cache_new(void);
void regex_cache_free(RegexCache *cache);

// A match may take this many backtracking steps, and more for long texts.
#define REGEX_MATCH_LIMIT          UINT32_C(200000)
#define REGEX_MATCH_LIMIT_PER_BYTE 64
#define REGEX_HEAP_LIMIT_KIB       (64 * 1024)
#define REGEX_PATTERN_MAX_BYTES    65536

// Whether `pattern` matches somewhere in `text`, or the whole of it. False
// (context set) for a bad pattern (E0408 with PCRE2's words and the offset)
// and for a match that passes a limit (E0408 naming it).
MUST_USE bool regex_match(BuiltinContext *ctx, Str pattern, Str text,
                          bool whole, bool *out_matches);

// False (context set, E0408) for a pattern with back-references or look-around,
// and for a bad one.
MUST_USE bool regex_check_plain(BuiltinContext *ctx, Str pattern);

// Byte offsets [starts[i], ends[i]) of the groups of a match, group 0 being
// the whole of it. A group that took no part starts at REGEX_NO_GROUP.
#define REGEX_NO_GROUP SIZE_MAX
typedef struct RegexMatch {
    const size_t *offsets; // start and end of each group
    uint32_t group_count;
} RegexMatch;

// Called for a match. False: no more are wanted; the context is set where
// that is a failure.
typedef bool RegexFound(void *ctx, const RegexMatch *match);

// Calls `found` for the matches in `text`, from left to right, that do not
// overlap. Takes steps as it goes. False as in regex_match(), or when `found`
// said so.
MUST_USE bool regex_find(BuiltinContext *ctx, Str pattern, Str text,
                         RegexFound *found, void *found_ctx);

#endif
