// The expression cache: results of pure functions of a few scalars that call
// themselves more than once (fib), by code and arguments.
//
// A hit adds the steps and checks the depth that the evaluation would have
// needed, so that no limit depends on the cache. Where it would pass a limit
// it counts as a miss: the evaluation then fails by itself, at the same place
// as without the cache.
//
// A direct-mapped front per machine answers most; results that cost more
// steps than a look-up in the shared map go there too.
//
// How the machine uses it: at a call of a function that the compiler marked,
// with all arguments scalars and the result not in tail position, find; on a
// miss remember (steps used so far, depth) in the frame, and at its return
// insert with what was used (on EXPR_OFF and EXPR_NEVER: just call). Steps and
// depth of hits inside count as if they had been evaluated: the deepest point
// that a frame reached is max'ed with depth + hit.depth.
//
// Ownership: a front belongs to one machine; the map to the session.
// Threads:   a front has one owner. The map is shared.
#ifndef LIGATURE_EVAL_EXPR_CACHE_H
#define LIGATURE_EVAL_EXPR_CACHE_H

#include "concurrent/cache_map.h"
#include "eval/value.h"

#define EXPR_CACHE_MAX_ARGS 4

typedef struct ExprCache ExprCache;

// `shared` may be NULL; it must have been made with expr_cache_drop() as its
// `drop`, and hold entries of one evaluation only.
ExprCache *expr_cache_new(CacheMap *shared);
void expr_cache_free(ExprCache *cache);
// Adds the hits of the front to the statistics of the shared map.
void expr_cache_count(ExprCache *cache);
void expr_cache_drop(void *value, void *ctx);

typedef struct ExprResult {
    Value value;    // a scalar, or a constructor without arguments
    uint64_t steps; // that the call takes
    uint32_t depth; // that it needs beyond the depth of its caller
} ExprResult;

typedef enum ExprLookup {
    EXPR_HIT,
    EXPR_MISS,
    EXPR_OFF,  // not this time: do not insert either
    EXPR_NEVER // this code hardly ever hits: do not ask again
} ExprLookup;

// Finds a call that stays within `steps_left` and `depth_left`. Arguments are
// UNIT, BOOL, INT, FLOAT or constructors without arguments; others miss.
// `number` is the code's own: any number that no other code of the run has
// (not 0); its address will do.
MUST_USE ExprLookup expr_cache_find(ExprCache *cache, uint64_t number,
                                    const Value *args, uint32_t count,
                                    uint64_t steps_left, uint32_t depth_left,
                                    ExprResult *out_result);
// Ignores what cannot be kept (no scalar).
void expr_cache_insert(ExprCache *cache, uint64_t number, const Value *args,
                       uint32_t count, ExprResult result);

#endif
