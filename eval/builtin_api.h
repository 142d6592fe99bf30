// How a C builtin is called. Builtins never call back into the machine.
//
// Ownership: arguments are borrowed; what *out holds lives in the context's
//            heap, or is an argument or a part of one.
// Threads:   a context has one worker; builtins have no state of their own.
#ifndef LIGATURE_EVAL_BUILTIN_API_H
#define LIGATURE_EVAL_BUILTIN_API_H

#include "concurrent/deadline.h"
#include "concurrent/pool.h"
#include "eval/value.h"
#include "support/diag.h"
#include "syntax/builtins.h"

typedef struct BuiltinContext {
    Heap *heap;
    ShapeTable *shapes;
    const CtorInfo *some; // Option and Ordering of the prelude
    const CtorInfo *none;
    const CtorInfo *orderings; // LT, EQ, GT
    CancelToken *token;        // polled by long loops
    Worker *worker;            // that others may help; NULL: alone
    struct RegexCache *regexes;
    bool explains;  // values say where they come from: eval/origin.h
    int64_t *steps; // remaining; a builtin that handles n elements takes n
    int64_t *looks; // remaining, for value_compare_counted()
    // Set before returning false; E0602 (steps) and E0604 (memory) come
    // without a message: the machine words them.
    DiagCode error_code;
    Str error_message; // in the heap, or static
    Str error_help;    // may be empty
    bool cancelled;    // stopped by the token: no diagnostic of its own
} BuiltinContext;

// Reads its arity's worth of `args`; writes *out. False: see the context.
typedef bool BuiltinFunction(BuiltinContext *ctx, const Value *args,
                             Value *out);

// The C function of a FUNCTION builtin; NULL for intrinsics.
BuiltinFunction *builtin_function(Builtin builtin);

// Takes `n` steps and, where that is many, polls the token. False (and the
// context set) when the builtin must stop.
MUST_USE bool builtin_take_steps(BuiltinContext *ctx, uint64_t n);
// Polls the token. False as above.
MUST_USE bool builtin_goes_on(BuiltinContext *ctx);

// Who goes through a long text says where it is, from {ctx, 0} on, and polls
// the token now and then.
#define BUILTIN_POLL_BYTES ((uint64_t)1 << 20)
typedef struct BuiltinPoll {
    BuiltinContext *ctx;
    uint64_t last;
} BuiltinPoll;
static inline MUST_USE bool builtin_passes(BuiltinPoll *poll, uint64_t at)
{
    if (LIKELY(at - poll->last < BUILTIN_POLL_BYTES)) {
        return true;
    }
    poll->last = at;
    return builtin_goes_on(poll->ctx);
}

// Memory is over the limit: sets the context, returns false.
COLD bool builtin_no_room(BuiltinContext *ctx);
// Fail helpers: set the context, return false.
COLD bool builtin_fail(BuiltinContext *ctx, DiagCode code, Str message);
COLD bool builtin_failf(BuiltinContext *ctx, DiagCode code, const char *format,
                        ...) PRINTF_LIKE(3, 4);

#endif
