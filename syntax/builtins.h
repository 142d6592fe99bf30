// The table of builtins, for the resolver, the compiler and eval/.
//
// Threads: any; the table is constant.
#ifndef LIGATURE_SYNTAX_BUILTINS_H
#define LIGATURE_SYNTAX_BUILTINS_H

#include <stdbool.h>
#include <stdint.h>

#include "support/str.h"

typedef enum Builtin {
#define BUILTIN(enumerator, name, arity, kind) enumerator,
#include "syntax/builtins.def"
    BUILTIN_COUNT
} Builtin;

typedef enum BuiltinKind {
    BUILTIN_KIND_FUNCTION,
    BUILTIN_KIND_INTRINSIC
} BuiltinKind;

typedef struct BuiltinInfo {
    const char *name;
    uint32_t arity;
    BuiltinKind kind;
} BuiltinInfo;

const BuiltinInfo *builtin_info(Builtin builtin);
bool builtin_from_name(Str name, Builtin *out_builtin);

#endif
