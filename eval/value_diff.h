// Where two values of one type differ, as lines for people:
//
//     .services[1].port: left 80, right 443
//     .tags[2]: left has none, right "x"
//
// Paths are those of --select: Some v is v, `Name payload` an object with the
// field Name, tuples are arrays.
//
// Threads: pure, but for the receiver of lines.
#ifndef LIGATURE_EVAL_VALUE_DIFF_H
#define LIGATURE_EVAL_VALUE_DIFF_H

#include "eval/value.h"

typedef struct ValueDiffOptions {
    const char *left, *right; // what the two sides are called
    bool json;                // parts are shown as JSON, not as Ligature source
    uint32_t max_lines;       // further differences are counted in a last line
    CancelToken *token;       // may be NULL
} ValueDiffOptions;

// Calls `emit` with each line, in the order of the left value; of two lists,
// what only one of them has comes first. Returns the
// number of differences that were found: 0 where the values are structurally
// equal (an instance of Eq may say otherwise), or where they are so large that
// none was found in time.
uint64_t value_diff(const ValueDiffOptions *options, Value left, Value right,
                    void (*emit)(void *ctx, Str line), void *ctx);

#endif
