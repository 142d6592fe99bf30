// Where diagnostics about the result of a module point: its final expression,
// or, by the field, the binding that the field comes from.
//
// Threads: immutable.
#ifndef LIGATURE_CLI_RESULT_PLACES_H
#define LIGATURE_CLI_RESULT_PLACES_H

#include "cli/session.h"

typedef struct ResultPlaces {
    const Program *program;
    const Module *module;
} ResultPlaces;

// Of the final expression; empty where there is none.
Span result_span(const Module *module);
// For JsonOptions.locate; `ctx` is a ResultPlaces.
void result_locate(void *ctx, Str field, const Source **out_source,
                   Span *out_span);

// What the session selects from: the place is that of the binding that its path
// begins with, where the result is made of bindings.
SelectFrom result_select_from(const Session *session, const Module *module,
                              Value value);

#endif
