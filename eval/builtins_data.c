// Builtins over any data: errors, order, text.
#include "eval/builtins_internal.h"

// Text of values is bounded by this and by the memory that is left.
#define SHOW_MAX_BYTES ((uint64_t)1 << 30)

// error message
bool builtin_error(BuiltinContext *ctx, const Value *args, Value *out)
{
    (void)out;
    return builtin_fail(ctx, DIAG_E0404, value_str(args[0]));
}

// assert condition message value
bool builtin_assert(BuiltinContext *ctx, const Value *args, Value *out)
{
    if (!args[0].as.boolean) {
        return builtin_fail(ctx, DIAG_E0404, value_str(args[1]));
    }
    *out = args[2];
    return true;
}

// compare a b
bool builtin_compare(BuiltinContext *ctx, const Value *args, Value *out)
{
    int order;
    if (!value_compare_counted(args[0], args[1], false, ctx->looks, ctx->token,
                               &order)) {
        ctx->cancelled = *ctx->looks >= 0;
        return builtin_fail(ctx, DIAG_E0602, STR(""));
    }
    const CtorInfo *info = &ctx->orderings[1 + (order > 0) - (order < 0)];
    *out = value_union(ctx->heap, info, NULL);
    return true;
}

static uint64_t show_limit(BuiltinContext *ctx)
{
    uint64_t left = heap_left(ctx->heap);
    return left < SHOW_MAX_BYTES ? left : SHOW_MAX_BYTES;
}

// show value
bool builtin_show(BuiltinContext *ctx, const Value *args, Value *out)
{
    StrBuf text = {0};
    bool ok = value_show_until(&text, args[0], show_limit(ctx), ctx->steps,
                               ctx->token);
    if (!ok) {
        ctx->cancelled = cancel_token_reason(ctx->token) != CANCEL_NONE;
        (void)(*ctx->steps < 0 ? builtin_fail(ctx, DIAG_E0602, STR(""))
                               : builtin_no_room(ctx));
    } else {
        ok = builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP) &&
             builtin_room(ctx, text.len + 64);
    }
    if (ok) {
        *out = value_string(ctx->heap, strbuf_str(&text));
    }
    strbuf_release(&text);
    return ok;
}
