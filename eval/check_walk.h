// The walk to the parts of a value that refinements speak of: an explicit
// stack, stepped by CHECK_NEXT, so that any depth is fine and predicates run
// as code of the function that checks.
//
// Ownership: nodes live in the compiler's arena, walks in a heap.
// Threads:   nodes are immutable once compiled; a walk has one owner.
#ifndef LIGATURE_EVAL_CHECK_WALK_H
#define LIGATURE_EVAL_CHECK_WALK_H

#include "eval/collect.h"
#include "syntax/module.h"

// A CheckShape as the machine walks it.
typedef struct CheckNode CheckNode;
struct CheckNode {
    CheckKind kind;
    uint32_t target;         // REFINED: word of its predicates
    const CheckShape *shape; // by which it is known what has passed
    const Symbol *fields;
    const CheckNode *const *parts;
    const uint32_t *starts; // UNION: the first part of each constructor
    uint32_t count;
};

typedef struct CheckStep {
    const CheckNode *node;
    Value value;
    uint32_t next; // part
    uint32_t end;  // part of a list from which on all have passed; of a map,
                   // of how many slots the entries have passed where `passed`
                   // says the same as the map's own patch
    const struct MapPatch *passed;
} CheckStep;

typedef struct CheckSteps {
    ObjectHeader header;
    uint64_t capacity;
    CheckStep items[];
} CheckSteps;

// More parts of one constant are not looked at before the evaluation: a value
// that shares its parts may have any number of them.
enum { CHECK_CONSTANT_PARTS = 4 << 20 };

typedef struct CheckWalk {
    ObjectHeader header;
    uint32_t depth;
    uint32_t first; // step of which a path is shown
    uint32_t met;   // values with predicates, where constants are checked
    // What it takes, the predicates included, are looks, not steps: those left
    // when it began, and where the one around it stood, see Machine.look_from.
    int64_t steps_left;
    int64_t look_from;
    CheckSteps *steps;
} CheckWalk;

// Parts that have passed, so that what is shared is walked once. One owner.
typedef struct CheckMemo CheckMemo;
CheckMemo *check_memo_new(void);
void check_memo_free(CheckMemo *memo);
void check_memo_clear(CheckMemo *memo);
// After a trace: entries go with their objects, or are dropped.
void check_memo_collect(CheckMemo *memo, const Collector *collector);
bool check_memo_has(CheckMemo *memo, const CheckNode *node, Value value);

CheckWalk *check_walk_new(Heap *heap, CheckMemo *memo, const CheckNode *node,
                          Value value);
// The next value with predicates, and where they are; NULL at the end. Counts
// *fuel down; with less than 0 it stops early and *out_value is untouched.
// Whoever goes on says that the value before has passed, but with `memo` NULL.
const CheckNode *check_walk_next(CheckWalk *walk, Heap *heap, CheckMemo *memo,
                                 int64_t *fuel, Value *out_value);
// Where the walk is: "[3].port".
void check_walk_path(const CheckWalk *walk, const Interner *interner,
                     StrBuf *out);

#endif
