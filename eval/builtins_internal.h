// The functions behind the FUNCTION rows of syntax/builtins.def, by family.
// Their contracts are the types and examples in std/*.lig.
//
// Threads: any; each call has a context of its own.
#ifndef LIGATURE_EVAL_BUILTINS_INTERNAL_H
#define LIGATURE_EVAL_BUILTINS_INTERNAL_H

#include "eval/builtin_api.h"

// builtins_data.c: any data
BuiltinFunction builtin_error, builtin_assert, builtin_compare, builtin_show;
// builtins_string.c
BuiltinFunction builtin_string_length, builtin_string_contains;
// builtins_list.c: lists and maps
BuiltinFunction builtin_list_concat, builtin_list_reverse, builtin_list_slice,
    builtin_list_zip, builtin_range, builtin_map_length;
// builtins_number.c
BuiltinFunction builtin_round, builtin_floor, builtin_ceil, builtin_truncate,
    builtin_parse_int, builtin_parse_float;
// builtins_regex.c
BuiltinFunction builtin_regexp, builtin_pattern;

// Bytes that count as one step where text is looked through.
#define BUILTIN_BYTES_PER_STEP 64

// Some of `value`, or None.
Value builtin_some(BuiltinContext *ctx, Value value);
Value builtin_none(BuiltinContext *ctx);
// False (context set) when the heap cannot hold `bytes` more.
MUST_USE bool builtin_room(BuiltinContext *ctx, uint64_t bytes);

#endif
