#include "eval/compile_internal.h"
void compile_derived(Compiler *c, const Evidence *evidence, Context *context,
                     uint32_t reg)
{
    (void)c; (void)evidence; (void)context; (void)reg;
    UNREACHABLE();
}
