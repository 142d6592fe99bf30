// Fields of records, which have no declaration of their own: two of a name are
// the same one where their records may be, by the names of all their fields.
//
// Ownership: a search owns its list.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_LSP_FIELDS_H
#define LIGATURE_CLI_LSP_FIELDS_H

#include "cli/lsp_program.h"
#include "support/ptr_map.h"

// The record that a field is of, as far as it is known.
typedef struct FieldShape {
    SymbolVec names; // sorted, each once
    bool is_open;    // there may be others
} FieldShape;

typedef struct FieldSearch {
    const LspProgram *run;
    Symbol name;
    FieldShape shape;
    PtrMap verdicts; // by type, or by module and record
} FieldSearch;

// For fields like the one that stands in the module of the index. False, and
// nothing begins, where its record is not known.
bool lsp_fields_begin(FieldSearch *search, const LspProgram *run,
                      const NameIndex *index, const NameUse *at);
void lsp_fields_end(FieldSearch *search);
// Whether the use is of such a field, `{ name }` included.
bool lsp_fields_match(FieldSearch *search, const Module *module,
                      const NameIndex *index, const NameUse *use);

typedef struct FieldPlace {
    uint32_t module;
    Span span;
} FieldPlace;
typedef VEC(FieldPlace) FieldPlaces;

// Where the field that is used in the document is declared: in record types;
// where no type has it, in literals; where no whole one has it, in those with
// spreads. None where that is not clear.
void lsp_fields_declared(const LspProgram *run, const NameUse *at,
                         FieldPlaces *out);

#endif
