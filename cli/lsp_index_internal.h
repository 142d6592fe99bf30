// What the files of the index share: the walk over declarations, and that over
// expressions, patterns and types.
#ifndef LIGATURE_CLI_LSP_INDEX_INTERNAL_H
#define LIGATURE_CLI_LSP_INDEX_INTERNAL_H

#include "cli/lsp_index.h"

typedef struct Indexer {
    const Program *program;
    const Module *module;
    NameIndex *index;
    uint32_t binding;     // whose locals are meant
    uint32_t declaration; // where its name is: of type variables
    bool in_params;
} Indexer;

// ---- lsp_index.c

// The name stands in the span: first in it, or last.
void indexer_add(Indexer *x, Span span, Symbol symbol, bool last, NameUse use);
void indexer_field(Indexer *x, Span span, Symbol name, NameUse use);
// A type variable, with its quote mark where it has one.
void indexer_type_var(Indexer *x, Span span, Symbol name, bool declares);
void indexer_ref(Indexer *x, Span span, const NameRef *ref, bool last,
                 NameUse use);
// The name of a module, first in the span.
void indexer_qualifier(Indexer *x, Span span, Symbol name);

// ---- lsp_index_walk.c: as deep as the parser has let the source be

void indexer_expr(Expr *expr, void *indexer);
void indexer_type(Indexer *x, const TypeExpr *type);
void indexer_types(Indexer *x, const TypeExpr *types, uint32_t count);
void indexer_constraints(Indexer *x, const Constraint *constraints,
                         uint32_t count);

#endif
