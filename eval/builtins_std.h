// The builtins of the standard library beyond the prelude's (builtins_std.def)
// and what their files share.
//
// Threads: any; each call has a context of its own.
#ifndef LIGATURE_EVAL_BUILTINS_STD_H
#define LIGATURE_EVAL_BUILTINS_STD_H

#include "eval/builtins_internal.h"

#define STD_BUILTIN(enumerator, function) BuiltinFunction function;
#include "eval/builtins_std.def"

// A string of `len` bytes to be filled. False: context set.
MUST_USE bool builtin_text_new(BuiltinContext *ctx, uint64_t len,
                               char **out_bytes, Value *out);
// Writes `len` bytes: `pattern`, which is not empty, again and again. False:
// context set.
MUST_USE bool builtin_fill(BuiltinContext *ctx, char *out, uint64_t len,
                           Str pattern);
// A list for `count` slices of text. False: context set.
MUST_USE bool builtin_slices_new(BuiltinContext *ctx, uint64_t count,
                                 Value **out_items, Value *out);

#endif
