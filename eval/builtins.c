// The table of C builtins and what they share.
#include <stdarg.h>

#include "eval/builtins_internal.h"
#include "eval/builtins_std.h"

#define POLL_FROM 4096 // steps

static BuiltinFunction *const functions[BUILTIN_COUNT] = {
    [BUILTIN_ERROR] = builtin_error,
    [BUILTIN_ASSERT] = builtin_assert,
    [BUILTIN_COMPARE] = builtin_compare,
    [BUILTIN_SHOW] = builtin_show,
    [BUILTIN_STRING_LENGTH] = builtin_string_length,
    [BUILTIN_STRING_CONTAINS] = builtin_string_contains,
    [BUILTIN_MAP_LENGTH] = builtin_map_length,
    [BUILTIN_LIST_CONCAT] = builtin_list_concat,
    [BUILTIN_LIST_REVERSE] = builtin_list_reverse,
    [BUILTIN_LIST_SLICE] = builtin_list_slice,
    [BUILTIN_LIST_ZIP] = builtin_list_zip,
    [BUILTIN_RANGE] = builtin_range,
    [BUILTIN_ROUND] = builtin_round,
    [BUILTIN_FLOOR] = builtin_floor,
    [BUILTIN_CEIL] = builtin_ceil,
    [BUILTIN_TRUNCATE] = builtin_truncate,
    [BUILTIN_PARSE_INT] = builtin_parse_int,
    [BUILTIN_PARSE_FLOAT] = builtin_parse_float,
    [BUILTIN_REGEXP] = builtin_regexp,
    [BUILTIN_PATTERN] = builtin_pattern,
#define STD_BUILTIN(enumerator, function) [enumerator] = function,
#include "eval/builtins_std.def"
};

BuiltinFunction *builtin_function(Builtin builtin)
{
    return functions[builtin];
}

bool builtin_take_steps(BuiltinContext *ctx, uint64_t n)
{
    if (n > INT64_MAX || *ctx->steps < (int64_t)n) {
        *ctx->steps = -1;
        return builtin_fail(ctx, DIAG_E0602, STR(""));
    }
    *ctx->steps -= (int64_t)n;
    return n < POLL_FROM || builtin_goes_on(ctx);
}

bool builtin_goes_on(BuiltinContext *ctx)
{
    ctx->cancelled = cancel_token_poll(ctx->token) != CANCEL_NONE;
    return !ctx->cancelled;
}

bool builtin_fail(BuiltinContext *ctx, DiagCode code, Str message)
{
    ctx->error_code = code;
    ctx->error_message = message;
    return false;
}

bool builtin_failf(BuiltinContext *ctx, DiagCode code, const char *format, ...)
{
    StrBuf text = {0};
    va_list args;
    va_start(args, format);
    strbuf_appendv(&text, format, args);
    va_end(args);
    Value message = value_string(ctx->heap, strbuf_str(&text));
    strbuf_release(&text);
    return builtin_fail(ctx, code, value_str(message));
}

bool builtin_no_room(BuiltinContext *ctx)
{
    ctx->heap->over_limit = true;
    return builtin_fail(ctx, DIAG_E0604, STR(""));
}

bool builtin_room(BuiltinContext *ctx, uint64_t bytes)
{
    return heap_can_hold(ctx->heap, bytes) || builtin_no_room(ctx);
}

Value builtin_some(BuiltinContext *ctx, Value value)
{
    Value *fields;
    Value some = value_union(ctx->heap, ctx->some, &fields);
    fields[0] = value;
    return some;
}

Value builtin_none(BuiltinContext *ctx)
{
    return value_union(ctx->heap, ctx->none, NULL);
}
