// How constraints become dictionary parameters, where that is simple; what
// infer_generalise.c asks first.
#ifndef LIGATURE_TYPECHECK_INFER_ABSTRACT_H
#define LIGATURE_TYPECHECK_INFER_ABSTRACT_H

#include "typecheck/infer_internal.h"

// The constraints that become parameters, in the scratch arena.
typedef struct Params {
    const Wanted **items;
    uint32_t count;
} Params;

// Where all that is wanted since `mark` are single classes at variables that
// the scheme of the one item binds, none of which follows from another: each is
// a parameter, and evidence for all is at hand. Else false, and nothing is
// done. Gives the item its scheme where another module has the same; what
// *params points to is good until something is wanted again.
bool infer_generalise_plain(Infer *c, InferMark mark, Generalised *item,
                            bool top, Params *params);

#endif
