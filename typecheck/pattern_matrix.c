// Usefulness of rows and witnesses of what is not covered, in one search.
//
// A matrix has a row per alternative and a column per value under test; NULL
// is a wildcard. A step takes a column in which the first row tests something
// and splits the matrix by the constructor found there: the rows that fit a
// constructor go on with its arguments in place of the column. A row that is
// first in some matrix is useful; a matrix without rows is a witness. The
// problem is NP-complete, so the search counts the cells that it copies and
// gives up beyond a budget. Three cuts keep ordinary matches linear: a row of
// wildcards without guard ends its matrix, constructors that no row names
// share one branch that is searched first, and a matrix whose rows are all
// known to be useful is left when it cannot give a witness.
#include "typecheck/pattern_matrix.h"

#include "typecheck/pattern_search.h"

#define MAX_STEPS ((uint64_t)8 << 20)
#define MAX_DEPTH 2000
// From here on a matrix of one row is refuted directly.
#define DIRECT_SIZE 64

// ---- patterns

const Pattern *pattern_strip(const Pattern *pattern)
{
    while (pattern->kind == PATTERN_AS) {
        pattern = pattern->as.alias.pattern;
    }
    bool wild =
        pattern->kind == PATTERN_WILDCARD || pattern->kind == PATTERN_NAME;
    return wild ? NULL : pattern;
}

static bool is_number(const Pattern *cell)
{
    return cell->kind == PATTERN_INT || cell->kind == PATTERN_FLOAT;
}

const TypeEntry *pattern_union(const Program *program, const PatternCtor *ctor)
{
    const Module *module = program->modules[ctor->ref.module];
    return &module->types[module->ctors[ctor->ref.index].type];
}

const CtorEntry *pattern_ctor(const Program *program, const PatternCtor *ctor)
{
    return &program->modules[ctor->ref.module]->ctors[ctor->ref.index];
}

static bool is_ctor_sound(const Program *program, const PatternCtor *ctor)
{
    return ctor->ref.ref == REF_CTOR &&
           pattern_ctor(program, ctor)->decl->arg_count == ctor->arg_count;
}

// Whether two cells may stand in one column.
bool pattern_same_sort(const Program *program, const Pattern *a,
                       const Pattern *b)
{
    if (is_number(a) && is_number(b)) {
        return true;
    }
    if (a->kind != b->kind || a->kind == PATTERN_ERROR) {
        return false;
    }
    if (a->kind == PATTERN_CTOR) {
        return is_ctor_sound(program, b->as.ctor) &&
               pattern_union(program, a->as.ctor) ==
                   pattern_union(program, b->as.ctor);
    }
    return a->kind != PATTERN_TUPLE || a->as.tuple.count == b->as.tuple.count;
}

// ---- matrices

static MatrixRow *row_at(const Search *search, const Matrix *matrix,
                         uint32_t row)
{
    return &search->rows[search->ids.items[matrix->first_row + row]];
}

Matrix matrix_begin(const Search *search, uint32_t columns)
{
    return (Matrix){.first_cell = search->cells.count,
                    .first_row = search->ids.count,
                    .columns = columns};
}

void matrix_end(Search *search, const Matrix *matrix)
{
    search->cells.count = matrix->first_cell;
    search->ids.count = matrix->first_row;
}

// Appends row `row` of `from` to `into`: wildcards for the arguments that
// take the place of `column`, then the other columns. Returns the arguments,
// good until the next row.
const Pattern **matrix_push_row(Search *search, Matrix *into,
                                const Matrix *from, uint32_t row,
                                uint32_t column)
{
    search->steps += into->columns + 1;
    if (search->steps > MAX_STEPS) {
        search->status = MATRIX_TOO_LARGE;
    }
    vec_reserve(&search->cells, into->columns);
    uint32_t arity = into->columns + 1 - from->columns;
    const Pattern **to = &search->cells.items[search->cells.count];
    const Pattern **old =
        &search->cells.items[from->first_cell + row * from->columns];
    for (uint32_t i = 0; i < arity; i++) {
        to[i] = NULL;
    }
    for (uint32_t c = 0, at = arity; c < from->columns; c++) {
        if (c != column) {
            to[at++] = old[c];
        }
    }
    search->cells.count += into->columns;
    uint32_t id = search->ids.items[from->first_row + row];
    vec_push(&search->ids, id);
    into->row_count++;
    return to;
}

static void drop_first_row(Matrix *matrix)
{
    matrix->first_row++;
    matrix->first_cell += matrix->columns;
    matrix->row_count--;
}

static bool is_wild_row(const Search *search, const Matrix *matrix,
                        uint32_t row)
{
    for (uint32_t c = 0; c < matrix->columns; c++) {
        if (matrix_cell(search, matrix, row, c) != NULL) {
            return false;
        }
    }
    return true;
}

// Cuts the rows behind the first one that covers everything; true when there
// is one.
static bool cut_covered(Search *search, Matrix *matrix)
{
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        if (!row_at(search, matrix, r)->guarded &&
            is_wild_row(search, matrix, r)) {
            matrix->row_count = r + 1;
            return true;
        }
    }
    return false;
}

static bool all_useful(const Search *search, const Matrix *matrix)
{
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        if (!row_at(search, matrix, r)->useful) {
            return false;
        }
    }
    return true;
}

// The column in which most rows test something, among those in which the
// first row does.
static uint32_t choose_column(const Search *search, const Matrix *matrix)
{
    uint32_t best = UINT32_MAX;
    uint32_t best_count = 0;
    for (uint32_t c = 0; c < matrix->columns; c++) {
        if (matrix_cell(search, matrix, 0, c) == NULL) {
            continue;
        }
        uint32_t count = 0;
        for (uint32_t r = 0; r < matrix->row_count; r++) {
            count += matrix_cell(search, matrix, r, c) != NULL;
        }
        if (count > best_count) {
            best = c;
            best_count = count;
        }
    }
    return best;
}

static bool is_column_sound(const Search *search, const Matrix *matrix,
                            uint32_t column)
{
    const Pattern *sample = matrix_cell(search, matrix, 0, column);
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        const Pattern *cell = matrix_cell(search, matrix, r, column);
        if (cell != NULL && !pattern_same_sort(search->program, sample, cell)) {
            return false;
        }
    }
    return true;
}

// A matrix of one row without guard: the values are those that one of its
// cells does not match.
static void refute_row(Search *search, const Matrix *matrix, Witnesses *out)
{
    for (uint32_t c = 0; c < matrix->columns; c++) {
        const Pattern *cell = matrix_cell(search, matrix, 0, c);
        const Witness *witness =
            cell != NULL ? witness_refute(search, cell) : NULL;
        if (witness != NULL) {
            witness_add_all_any(search, matrix->columns, out);
            out->vectors[out->count - 1][c] = witness;
            return;
        }
    }
}

void matrix_visit(Search *search, Matrix matrix, Witnesses *out)
{
    // Rows that match everything but for their guard cover nothing.
    while (matrix.row_count > 0 && is_wild_row(search, &matrix, 0)) {
        MatrixRow *row = row_at(search, &matrix, 0);
        row->useful = true;
        if (!row->guarded) {
            return;
        }
        drop_first_row(&matrix);
    }
    bool full = search->found >= MATRIX_MAX_WITNESSES;
    if (matrix.row_count == 0) {
        if (!full) {
            witness_add_all_any(search, matrix.columns, out);
        }
        return;
    }
    row_at(search, &matrix, 0)->useful = true;
    bool covered = cut_covered(search, &matrix);
    if (search->status != MATRIX_DONE ||
        ((covered || full) && all_useful(search, &matrix))) {
        return;
    }
    if (matrix.row_count == 1 && !row_at(search, &matrix, 0)->guarded &&
        matrix.columns + search->depth > DIRECT_SIZE) {
        refute_row(search, &matrix, out);
        return;
    }
    uint32_t column = choose_column(search, &matrix);
    if (!is_column_sound(search, &matrix, column)) {
        search->status = MATRIX_BROKEN;
        return;
    }
    if (search->depth == MAX_DEPTH) {
        search->status = MATRIX_TOO_LARGE;
        return;
    }
    search->depth++;
    matrix_split(search, &matrix, column, out);
    search->depth--;
}

MatrixStatus matrix_search(const Program *program, MatrixRow *rows,
                           uint32_t row_count, Arena *arena,
                           MatrixResult *out_result)
{
    Search search = {.program = program, .arena = arena, .rows = rows};
    Matrix matrix = {.row_count = row_count, .columns = 1};
    for (uint32_t i = 0; i < row_count; i++) {
        rows[i].useful = false;
        vec_push(&search.cells, pattern_strip(rows[i].pattern));
        vec_push(&search.ids, i);
    }
    Witnesses witnesses = {.count = 0};
    matrix_visit(&search, matrix, &witnesses);
    vec_release(&search.cells);
    vec_release(&search.ids);
    if (search.status == MATRIX_DONE) {
        out_result->count = witnesses.count;
        for (uint32_t i = 0; i < witnesses.count; i++) {
            out_result->witnesses[i] = witnesses.vectors[i][0];
        }
    }
    return search.status;
}
