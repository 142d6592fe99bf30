// The table of builtins.
#include "syntax/builtins.h"

static const BuiltinInfo infos[BUILTIN_COUNT] = {
#define BUILTIN(enumerator, name, arity, kind)                                 \
    [enumerator] = {name, arity, BUILTIN_KIND_##kind},
#include "syntax/builtins.def"
};

const BuiltinInfo *builtin_info(Builtin builtin)
{
    return &infos[builtin];
}

// Linear: only the few declarations of std/ ask.
bool builtin_from_name(Str name, Builtin *out_builtin)
{
    for (uint32_t i = 0; i < BUILTIN_COUNT; i++) {
        if (str_equal(name, str_from_c(infos[i].name))) {
            *out_builtin = (Builtin)i;
            return true;
        }
    }
    return false;
}
