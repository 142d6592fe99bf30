// Where in a tree something is asked for, and which local names are in scope
// there.
//
// Ownership: a place owns its list.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_LSP_PLACE_H
#define LIGATURE_CLI_LSP_PLACE_H

#include "support/vec.h"
#include "syntax/module.h"

typedef enum PlaceKind {
    PLACE_NONE,    // not in the tree
    PLACE_VALUE,   // an expression
    PLACE_MEMBER,  // behind the '.' of a value: `span` is of the name
    PLACE_EXPORT,  // behind that of a module
    PLACE_FIELD,   // the name of a field, or a value, in a literal
    PLACE_PATTERN, // a pattern
    PLACE_TYPE,
    PLACE_ITEM // of an import
} PlaceKind;

typedef struct ScopedLocal {
    uint32_t binding, local;
} ScopedLocal;

typedef struct Place {
    PlaceKind kind;
    Span span;
    const Expr *literal;     // of PLACE_FIELD
    const Match *match;      // of PLACE_PATTERN, where it is an arm's; or NULL
    uint32_t module;         // of PLACE_EXPORT and PLACE_ITEM
    VEC(ScopedLocal) locals; // innermost last
} Place;

// The place of the name at the offset, which is in the tree once at most.
void lsp_place_find(const Program *program, const Module *module, Symbol name,
                    uint32_t at, Place *out);
void lsp_place_release(Place *place);

#endif
