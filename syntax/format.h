// The formatter: a parsed file to the one layout of its tokens and comments.
// Lines break by width; comments, groups between empty lines and the spelling
// of literals stay. What brackets and marks may be left out or added (commas
// before a closing bracket, the first '|' of a union) is settled.
//
// Ownership: the caller owns `out`.
// Threads:   pure but for `out` and the interner, which is shared.
#ifndef LIGATURE_SYNTAX_FORMAT_H
#define LIGATURE_SYNTAX_FORMAT_H

#include "support/str.h"
#include "syntax/module.h"

// Appends the formatted text of a module that was parsed without errors. The
// result is checked: it parses, its tokens and comments are those of the
// source, and formatting it again changes nothing. False where it is not so,
// which is a bug; *out_problem then says what is wrong, and where.
typedef struct FormatProblem {
    const char *what;
    uint32_t offset; // in the source
} FormatProblem;
MUST_USE bool format_module(const Module *module, Interner *interner,
                            uint32_t max_nesting, StrBuf *out,
                            FormatProblem *out_problem);

#endif
