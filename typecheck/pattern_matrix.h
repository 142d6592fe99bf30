// The matrix of patterns behind patterns.h: which rows are useful, and which
// values no row covers.
//
// Ownership: witnesses live in the arena given.
// Threads:   pure; reads the program only.
#ifndef LIGATURE_TYPECHECK_PATTERN_MATRIX_H
#define LIGATURE_TYPECHECK_PATTERN_MATRIX_H

#include "syntax/module.h"

// Witnesses that a search stops at: one more than is shown, so that the
// message knows whether there are others.
#define MATRIX_MAX_WITNESSES 4

typedef enum WitnessKind {
    WITNESS_ANY,
    WITNESS_CTOR,
    WITNESS_BOOL,
    WITNESS_INT,
    WITNESS_FLOAT,
    WITNESS_STRING,
    WITNESS_UNIT,
    WITNESS_TUPLE,
    WITNESS_LIST,
    WITNESS_RECORD
} WitnessKind;

// A pattern of values that are not covered.
typedef struct Witness Witness;
struct Witness {
    WitnessKind kind;
    union {
        // clang-format off
        struct { Symbol name, qualifier; } ctor; // qualifier 0: none
        struct { bool value; } boolean;
        struct { int64_t value; } integer;
        struct { double value; } number;
        struct { Str value; } string;
        struct { bool has_rest; } list;
        struct { const Symbol *names; } record; // one per part
        // clang-format on
    } as;
    const Witness **parts;
    uint32_t count;
};

typedef struct MatrixRow {
    const Pattern *pattern;
    bool guarded; // covers nothing
    bool useful;  // out: some value reaches this row
} MatrixRow;

typedef enum MatrixStatus {
    MATRIX_DONE,
    MATRIX_BROKEN,   // the patterns do not fit each other
    MATRIX_TOO_LARGE // the budget of steps or depth is spent
} MatrixStatus;

typedef struct MatrixResult {
    const Witness *witnesses[MATRIX_MAX_WITNESSES];
    uint32_t count; // 0: every value is covered
} MatrixResult;

MatrixStatus matrix_search(const Program *program, MatrixRow *rows,
                           uint32_t row_count, Arena *arena,
                           MatrixResult *out_result);

// Whether every value that `inner` matches is matched by `outer`, as far as
// it can be told from the two alone.
bool matrix_subsumes(const Program *program, const Pattern *outer,
                     const Pattern *inner);

// Appends the witness as a pattern of the language.
void witness_print(const Interner *interner, const Witness *witness,
                   StrBuf *out);

#endif
