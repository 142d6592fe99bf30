// Builtins over strings.
#include <string.h>

#include "eval/builtins_internal.h"

// length text
bool builtin_string_length(BuiltinContext *ctx, const Value *args, Value *out)
{
    const StringObject *text = args[0].as.string;
    if (text->char_count == STRING_CHARS_UNKNOWN &&
        !builtin_take_steps(ctx, text->len / BUILTIN_BYTES_PER_STEP)) {
        return false;
    }
    *out = value_int(value_string_chars(args[0]));
    return true;
}

// contains part text. Valid UTF-8 contains another's bytes only where it
// contains its code points.
bool builtin_string_contains(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str part = value_str(args[0]);
    Str text = value_str(args[1]);
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP)) {
        return false;
    }
    *out = value_bool(memmem(text.data, text.len, part.data, part.len) != NULL);
    return true;
}
