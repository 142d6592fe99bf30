// PCRE2 under limits, its work paid for in steps.
//
// Ownership: a Matcher borrows all but its limits.
// Threads:   one owner.
#ifndef LIGATURE_EVAL_REGEX_MATCHER_H
#define LIGATURE_EVAL_REGEX_MATCHER_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "eval/builtin_api.h"

// In units of work, of which the scan of a byte is 1.
#define MATCHER_WORK_PER_STEP 64

// A byte in both of its cases, which may be one.
typedef struct RegexByte {
    char cases[2];
    size_t next[2]; // where each stands, from where it was looked for last
} RegexByte;

typedef struct Matcher {
    BuiltinContext *ctx;
    const pcre2_code *code;
    Str pattern;
    Str text;
    pcre2_match_data *data;
    pcre2_match_context *limits;
    bool calls_back;
    bool has_back_references;
    uint64_t item_work;  // of an item, with the groups that are kept for it
    uint64_t group_work; // of a '(' that may look behind
    size_t at;           // in the text, at the last item
    uint64_t scan_work;  // of a byte that the last item scans
    uint64_t unpaid;
    bool by_candidates;    // matches begin at one of the bytes
    bool looks_to_end;     // each try may look for them to the end of the text
    bool has_first;        // that are this one,
    RegexByte first;       // or
    const uint8_t *firsts; // one of these, by bits (NULL: any character),
    RegexByte last;        // with this one in it
    bool has_last;
} Matcher;

void matcher_init(Matcher *matcher, BuiltinContext *ctx, const pcre2_code *code,
                  Str pattern, Str text);
// Before many matches are looked for, from left to right.
void matcher_look_ahead(Matcher *matcher);
void matcher_release(Matcher *matcher);
// The next match that begins at `from` or behind it, which is never less than
// the last time: its number of groups, or an error of PCRE2's:
// PCRE2_ERROR_CALLOUT where the context is set.
int matcher_next(Matcher *matcher, size_t from, uint32_t options);
// How many backtracking steps a match may take.
uint32_t matcher_limit(size_t text_len);

#endif
