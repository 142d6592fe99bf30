// Where names stand in a module, and what each of them is.
//
// Ownership: an index owns its list; the program outlives it.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_LSP_INDEX_H
#define LIGATURE_CLI_LSP_INDEX_H

#include "support/vec.h"
#include "syntax/module.h"

typedef enum NameKind {
    NAME_VALUE,    // Module.bindings[index]
    NAME_LOCAL,    // .locals[local] of that binding
    NAME_CTOR,     // Module.ctors[index]
    NAME_METHOD,   // Module.methods[index]
    NAME_TYPE,     // Module.types[index]
    NAME_CLASS,    // Module.classes[index]
    NAME_MODULE,   // the module itself, by the name that an import gives it
    NAME_PRIM,     // a type without a declaration: PrimType `index`
    NAME_TYPE_VAR, // of the declaration that has its name at `local`
    NAME_FIELD     // of a record
} NameKind;

// What a name means. Type variables and fields are of the module in which they
// stand.
typedef struct NameTarget {
    NameKind kind;
    uint32_t module;
    uint32_t index; // 0 of a module; of a field or type variable the symbol
    uint32_t local; // else 0
} NameTarget;

typedef struct NameUse {
    Span span; // of the name alone
    NameTarget target;
    Span record;   // the type, literal or pattern that a field, or a pun, is
                   // written in; else empty
    bool is_open;  // and that may have other fields than are written there
    bool declares; // here it is given its meaning; of a field: its type
    bool is_param; // the declaration of a parameter
    bool is_pun;   // a field of that name, too: { name }
    bool is_field; // a field is declared there, too
    bool writes;   // of a field: given a value, and not read
} NameUse;

typedef struct NameIndex {
    VEC(NameUse) uses; // sorted by place; one for each
} NameIndex;

// Of a module that is resolved.
void lsp_index_build(NameIndex *index, const Program *program,
                     const Module *module);
void lsp_index_release(NameIndex *index);
// The name at the offset, or right before it; NULL: there is none.
const NameUse *lsp_index_find(const NameIndex *index, uint32_t offset);
bool lsp_target_equal(const NameTarget *a, const NameTarget *b);
// Where it is declared; false of prims, fields, type variables, and what has no
// declaration of its own. The start of a module's text stands for a module.
bool lsp_target_place(const Program *program, const NameTarget *target,
                      Span *out);
// The /// comment above that, or an empty span.
Span lsp_target_doc(const Program *program, const NameTarget *target);
// What it is called where it is declared.
Str lsp_target_name(const Program *program, const NameTarget *target);

#endif
