// Types as written to types: aliases expanded, arities checked, contexts
// collected.
//
// Threads: one owner.
#ifndef LIGATURE_TYPECHECK_TYPE_EXPRS_H
#define LIGATURE_TYPECHECK_TYPE_EXPRS_H

#include "support/vec.h"
#include "typecheck/module_types.h"

typedef struct TypeVarEntry {
    Symbol symbol;
    Type *type;
    const RecordField *beside; // of a row variable: the fields beside it,
    uint32_t beside_count;     // sorted by symbol
} TypeVarEntry;

typedef VEC(TypeVarEntry) TypeVars; // innermost last

typedef VEC(ClassUse) ClassUses;

// How variables that are not in `vars` are read.
typedef enum NewVars {
    NEW_VARS_RIGID,      // skolems of `level`, added to `vars`
    NEW_VARS_REFUSED,    // E0201: a declaration lists its variables
    NEW_VARS_NOT_IN_HEAD // E0201: of an instance, which lists them
} NewVars;

// How `..` without a name is read.
typedef enum OpenRows {
    OPEN_ROWS_BY_PLACE, // rigid in parameters, else found by inference
    OPEN_ROWS_INFERRED, // found by inference
    OPEN_ROWS_RIGID,    // skolems of `level`, in the order of `rows`
    OPEN_ROWS_REFUSED   // E0220
} OpenRows;

// Of many variables, the newest of each name by a hash of it: its number in
// `vars` from 1 on, or 0. Those below `count` are in it.
typedef struct TypeVarIndex {
    uint32_t *slots; // mask + 1 of them; NULL: none
    uint32_t mask;
    uint32_t count;
} TypeVarIndex;

typedef struct TypeReader {
    const Program *program;
    Module *module;
    TypeStore *store;
    DiagSink *sink;
    Arena *arena;   // of what notes take over
    TypeVars *vars; // only added to while the reader is at work
    TypeVarIndex index;
    uint32_t binding; // in whose annotation the type stands; see Refinement
    uint32_t level;
    NewVars new_vars;
    uint8_t var_flags; // of new variables: TYPE_IS_OPEN or 0
    OpenRows open_rows;
    ClassUses *context;          // constraints found; NULL: none allowed
    VEC(Type *) rows;            // OPEN_ROWS_RIGID: those made
    bool negative;               // in a parameter
    const TypeDecl *declaration; // that the type is a part of, which refuses
                                 // variables that it does not declare; or NULL
    bool has_open;               // a row was left to inference
    uint32_t errors;             // reported
} TypeReader;

// Never NULL; an error type after reporting.
Type *type_read(TypeReader *reader, const TypeExpr *expr);
// What a literal without the field gets; NULL for one that must be there.
// `arena`: of what notes take over.
const FieldFill *type_fill(TypeStore *store, Arena *arena, const Module *module,
                           const TypeField *field);
bool type_read_constraint(TypeReader *reader, const Constraint *use,
                          ClassUse *out_use);

#endif
