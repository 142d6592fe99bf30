// The expression cache in the machine: calls of functions that call themselves
// more than once (CALL_SELF_MEMO). See eval/expr_cache.h for what a hit must
// account for.
//
// The depth that a call needs is bounded from above: every step that is not
// one of an inner remembered call may have pushed a frame. For fib and its
// like the bound is exact; where it is not, a hit near the limit is given up
// and the call evaluated, which gives the same answer.
//
// Ownership: a memo belongs to its machine; the front of the cache to the
//            worker's root machine.
// Threads:   owner of the machine.
#ifndef LIGATURE_EVAL_MACHINE_MEMO_H
#define LIGATURE_EVAL_MACHINE_MEMO_H

#include "eval/expr_cache.h"
#include "eval/machine_internal.h"

// A call that is being evaluated and will be remembered.
typedef struct MemoCall {
    const Code *code;
    Value args[EXPR_CACHE_MAX_ARGS];
    uint32_t count;
    uint32_t frame;       // its number
    uint32_t activations; // of the machine
    int64_t steps_left;   // before its first step
    uint64_t inner_steps; // of remembered calls inside
    uint32_t inner_depth; // the most that one of them needs
} MemoCall;

struct MachineMemo {
    ExprCache *front;
    VEC(MemoCall) calls; // innermost last
};

// EXPR_HIT: m->result is the result, and its steps are taken. EXPR_MISS: push
// a frame of kind FRAME_MEMO. Else: call as usual. m->frame and m->fuel
// are saved.
ExprLookup machine_memo_call(Machine *m, const Code *code, const Value *args,
                             uint32_t count);
// The newest frame, of kind FRAME_MEMO, has its result.
void machine_memo_return(Machine *m, Value result);
void machine_memo_release(Machine *m);

#endif
