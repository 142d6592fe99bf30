// Builtins over regular expressions.
#include "eval/builtins_internal.h"
#include "eval/regex.h"

// What a match costs at least, in steps.
#define MATCH_STEPS 8

static bool match(BuiltinContext *ctx, const Value *args, bool whole,
                  Value *out)
{
    Str text = value_str(args[1]);
    bool matches;
    if (!builtin_take_steps(ctx,
                            MATCH_STEPS + text.len / BUILTIN_BYTES_PER_STEP) ||
        !regex_match(ctx, value_str(args[0]), text, whole, &matches)) {
        return false;
    }
    *out = value_bool(matches);
    return true;
}

// regexp pattern text
bool builtin_regexp(BuiltinContext *ctx, const Value *args, Value *out)
{
    return match(ctx, args, false, out);
}

// pattern pattern text
bool builtin_pattern(BuiltinContext *ctx, const Value *args, Value *out)
{
    return match(ctx, args, true, out);
}
