// The inside of pattern_matrix.h, shared by pattern_matrix.c (matrices),
// pattern_split.c (splitting a column) and pattern_witness.c (what is not
// covered). Nobody else includes it.
//
// Ownership: a Search owns its stacks until matrix_search() returns.
// Threads:   one worker.
#ifndef LIGATURE_TYPECHECK_PATTERN_SEARCH_H
#define LIGATURE_TYPECHECK_PATTERN_SEARCH_H

#include "support/vec.h"
#include "typecheck/pattern_matrix.h"

// A matrix has a row per alternative and a column per value under test; NULL
// is a wildcard. Row r has its cells at cells[first_cell + r * columns] and
// its number among the rows of the match at ids[first_row + r].
typedef struct Matrix {
    uint32_t first_cell;
    uint32_t first_row;
    uint32_t row_count;
    uint32_t columns;
} Matrix;

typedef struct Search {
    const Program *program;
    Arena *arena;
    MatrixRow *rows;
    VEC(const Pattern *) cells; // a stack of matrices
    VEC(uint32_t) ids;
    uint64_t steps; // cells copied
    uint32_t depth;
    uint32_t found; // witnesses
    MatrixStatus status;
} Search;

// Vectors with a witness per column.
typedef struct Witnesses {
    const Witness **vectors[MATRIX_MAX_WITNESSES];
    uint32_t count;
} Witnesses;

// A cell that tests something, with its constructor as a sort key.
typedef struct Head {
    const Pattern *cell;
    uint32_t row;
    int64_t key;   // tag, Boolean or Integer
    double number; // Float
    Str text;      // String
} Head;

typedef VEC(Head) HeadVec; // sorted by constructor, then by row

// The pattern inside aliases; NULL for one that matches everything.
const Pattern *pattern_strip(const Pattern *pattern);
const TypeEntry *pattern_union(const Program *program, const PatternCtor *ctor);
const CtorEntry *pattern_ctor(const Program *program, const PatternCtor *ctor);
// Whether the patterns may stand in one column.
bool pattern_same_sort(const Program *program, const Pattern *a,
                       const Pattern *b);

static inline const Pattern *matrix_cell(const Search *search,
                                         const Matrix *matrix, uint32_t row,
                                         uint32_t column)
{
    size_t at = (size_t)row * matrix->columns + column;
    return search->cells.items[matrix->first_cell + at];
}

// A matrix on top of the stacks; its rows follow by matrix_push_row().
Matrix matrix_begin(const Search *search, uint32_t columns);
void matrix_end(Search *search, const Matrix *matrix);
// Appends row `row` of `from` to `into`: wildcards for the arguments that
// take the place of `column`, then the other columns. Returns the arguments,
// good until the next row.
const Pattern **matrix_push_row(Search *search, Matrix *into,
                                const Matrix *from, uint32_t row,
                                uint32_t column);
// Marks useful rows and adds witnesses, each a vector of matrix->columns.
void matrix_visit(Search *search, Matrix matrix, Witnesses *out);
// Visits what `column`, in which the first row tests something, splits into.
void matrix_split(Search *search, const Matrix *matrix, uint32_t column,
                  Witnesses *out);

// Index behind the heads with the constructor of heads[begin].
uint32_t head_group_end(const HeadVec *heads, uint32_t begin);

Witness *witness_new(Search *search, WitnessKind kind, uint32_t count);
// What the constructor of `cell` (no list or record) looks like with
// wildcards for arguments.
Witness *witness_of_cell(Search *search, const Pattern *cell);
void witness_add_all_any(Search *search, uint32_t columns, Witnesses *out);
// Turns witnesses of a split matrix (arguments first) back into ones of the
// matrix with `column`: `shape` with its arguments put in.
void witness_lift(Search *search, const Witnesses *inner, const Witness *shape,
                  uint32_t column, uint32_t columns, Witnesses *out);
// Lifts witnesses without arguments under each constructor that no head
// names.
void witness_lift_missing(Search *search, const Witnesses *inner,
                          const HeadVec *heads, bool as_float, uint32_t column,
                          uint32_t columns, Witnesses *out);
// A value that `cell` does not match; NULL when it matches all.
const Witness *witness_refute(Search *search, const Pattern *cell);

#endif
