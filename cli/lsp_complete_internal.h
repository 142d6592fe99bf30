// What the files of completion share.
#ifndef LIGATURE_CLI_LSP_COMPLETE_INTERNAL_H
#define LIGATURE_CLI_LSP_COMPLETE_INTERNAL_H

#include "cli/lsp_ask.h"
#include "cli/lsp_place.h"
#include "support/ptr_map.h"

// Of the protocol.
typedef enum CompletionKind {
    COMPLETION_METHOD = 2,
    COMPLETION_FUNCTION = 3,
    COMPLETION_FIELD = 5,
    COMPLETION_VARIABLE = 6,
    COMPLETION_CLASS = 7,
    COMPLETION_INTERFACE = 8,
    COMPLETION_MODULE = 9,
    COMPLETION_KEYWORD = 14,
    COMPLETION_FILE = 17,
    COMPLETION_FOLDER = 19,
    COMPLETION_ENUM_MEMBER = 20
} CompletionKind;

typedef struct Completion {
    const LspAsk *ask;
    const LspProgram *run;
    PtrMap seen; // by hash of the label: the first hides others
    uint32_t count;
} Completion;

// `rank` sorts before the label. len 0: no detail; the label is inserted.
void completion_add(Completion *c, Str label, CompletionKind kind, Str detail,
                    Str inserted, int rank);

// ---- lsp_complete_imports.c

// Paths in the string of an import, and names of modules. False where the place
// is none of the source of an import.
bool completion_of_import(Completion *c);

#endif
