// Splitting a column of a matrix by the constructors found in it.
#include "support/compare.h"
#include "typecheck/pattern_search.h"

#include <stdlib.h>

// ---- columns with one constructor

static void split_tuple(Search *search, const Matrix *matrix, uint32_t column,
                        Witnesses *out)
{
    const Pattern *sample = matrix_cell(search, matrix, 0, column);
    uint32_t arity = sample->kind == PATTERN_TUPLE ? sample->as.tuple.count : 0;
    Matrix sub = matrix_begin(search, matrix->columns - 1 + arity);
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        const Pattern *cell = matrix_cell(search, matrix, r, column);
        const Pattern **args = matrix_push_row(search, &sub, matrix, r, column);
        for (uint32_t i = 0; i < arity && cell != NULL; i++) {
            args[i] = pattern_strip(&cell->as.tuple.items[i]);
        }
    }
    Witnesses inner = {.count = 0};
    matrix_visit(search, sub, &inner);
    witness_lift(search, &inner, witness_of_cell(search, sample), column,
                 matrix->columns, out);
    matrix_end(search, &sub);
}

// A field that some row of the column names.
typedef struct FieldSlot {
    Symbol name;
    uint32_t rank; // of its first appearance; then its column
} FieldSlot;

typedef VEC(FieldSlot) FieldSlotVec;

static int compare_slots(const void *left, const void *right)
{
    const FieldSlot *a = left;
    const FieldSlot *b = right;
    int order = (a->name > b->name) - (a->name < b->name);
    return order != 0 ? order : (a->rank > b->rank) - (a->rank < b->rank);
}

static int compare_slot_ranks(const void *left, const void *right)
{
    const FieldSlot *a = left;
    const FieldSlot *b = right;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

static int find_slot(const void *key, const void *slot)
{
    Symbol name = *(const Symbol *)key;
    Symbol other = ((const FieldSlot *)slot)->name;
    return (name > other) - (name < other);
}

// The fields of the column, sorted by symbol for looking up; their order of
// appearance decides the columns, since symbol numbers must not show.
static Symbol *collect_fields(Search *search, const Matrix *matrix,
                              uint32_t column, FieldSlotVec *slots)
{
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        const Pattern *cell = matrix_cell(search, matrix, r, column);
        for (uint32_t i = 0; cell != NULL && i < cell->as.record->count; i++) {
            FieldSlot slot = {cell->as.record->fields[i].name, slots->count};
            vec_push(slots, slot);
        }
    }
    search->steps += slots->count;
    Symbol *names = arena_array(search->arena, slots->count, sizeof *names);
    if (slots->count == 0) {
        return names;
    }
    qsort(slots->items, slots->count, sizeof *slots->items, compare_slots);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < slots->count; i++) {
        if (slots->items[i].name != slots->items[kept - 1].name) {
            slots->items[kept++] = slots->items[i];
        }
    }
    slots->count = kept;
    qsort(slots->items, kept, sizeof *slots->items, compare_slot_ranks);
    for (uint32_t i = 0; i < kept; i++) {
        names[i] = slots->items[i].name;
        slots->items[i].rank = i;
    }
    qsort(slots->items, kept, sizeof *slots->items, compare_slots);
    return names;
}

static void split_record(Search *search, const Matrix *matrix, uint32_t column,
                         Witnesses *out)
{
    FieldSlotVec slots = {0};
    Symbol *names = collect_fields(search, matrix, column, &slots);
    Matrix sub = matrix_begin(search, matrix->columns - 1 + slots.count);
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        const Pattern *cell = matrix_cell(search, matrix, r, column);
        const Pattern **args = matrix_push_row(search, &sub, matrix, r, column);
        for (uint32_t i = 0; cell != NULL && i < cell->as.record->count; i++) {
            const PatternField *field = &cell->as.record->fields[i];
            const FieldSlot *slot =
                bsearch(&field->name, slots.items, slots.count,
                        sizeof *slots.items, find_slot);
            args[slot->rank] = pattern_strip(&field->pattern);
        }
    }
    Witness *shape = witness_new(search, WITNESS_RECORD, slots.count);
    shape->as.record.names = names;
    vec_release(&slots);
    Witnesses inner = {.count = 0};
    matrix_visit(search, sub, &inner);
    witness_lift(search, &inner, shape, column, matrix->columns, out);
    matrix_end(search, &sub);
}

// ---- columns of lists

typedef VEC(uint32_t) LengthVec;

// Lengths at which the set of rows that fit changes, ascending from 0. From
// one to the next all lengths behave alike, and the elements behind the first
// of them are tested by no row.
static void collect_lengths(Search *search, const Matrix *matrix,
                            uint32_t column, LengthVec *starts)
{
    vec_push(starts, 0);
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        const Pattern *cell = matrix_cell(search, matrix, r, column);
        if (cell != NULL) {
            vec_push(starts, cell->as.list->count);
            if (!cell->as.list->has_rest) {
                vec_push(starts, cell->as.list->count + 1);
            }
        }
    }
    search->steps += starts->count;
    qsort(starts->items, starts->count, sizeof *starts->items, compare_numbers);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < starts->count; i++) {
        if (starts->items[i] != starts->items[kept - 1]) {
            starts->items[kept++] = starts->items[i];
        }
    }
    starts->count = kept;
}

static void split_lists(Search *search, const Matrix *matrix, uint32_t column,
                        uint32_t length, bool is_last, Witnesses *out)
{
    Matrix sub = matrix_begin(search, matrix->columns - 1 + length);
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        const Pattern *cell = matrix_cell(search, matrix, r, column);
        const PatternList *list = cell != NULL ? cell->as.list : NULL;
        search->steps++;
        if (list != NULL &&
            (list->has_rest ? list->count > length : list->count != length)) {
            continue;
        }
        const Pattern **args = matrix_push_row(search, &sub, matrix, r, column);
        for (uint32_t i = 0; list != NULL && i < list->count; i++) {
            args[i] = pattern_strip(&list->items[i]);
        }
    }
    Witnesses inner = {.count = 0};
    matrix_visit(search, sub, &inner);
    if (inner.count > 0) {
        Witness *shape = witness_new(search, WITNESS_LIST, length);
        shape->as.list.has_rest = is_last;
        witness_lift(search, &inner, shape, column, matrix->columns, out);
    }
    matrix_end(search, &sub);
}

static void split_list(Search *search, const Matrix *matrix, uint32_t column,
                       Witnesses *out)
{
    LengthVec starts = {0};
    collect_lengths(search, matrix, column, &starts);
    for (uint32_t i = 0; i < starts.count && search->status == MATRIX_DONE;
         i++) {
        split_lists(search, matrix, column, starts.items[i],
                    i + 1 == starts.count, out);
    }
    vec_release(&starts);
}

// ---- columns with several constructors

static int compare_keys(const Head *a, const Head *b)
{
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    if (a->number != b->number) {
        return a->number < b->number ? -1 : 1;
    }
    return str_compare(a->text, b->text);
}

static int compare_heads(const void *left, const void *right)
{
    const Head *a = left;
    const Head *b = right;
    int order = compare_keys(a, b);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

static double number_of(const Pattern *cell)
{
    return cell->kind == PATTERN_INT ? (double)cell->as.integer.value
                                     : cell->as.number.value;
}

static Head head_of(const Search *search, const Pattern *cell, uint32_t row,
                    bool as_float)
{
    Head head = {.cell = cell, .row = row};
    if (cell->kind == PATTERN_CTOR) {
        head.key = pattern_ctor(search->program, cell->as.ctor)->tag;
    } else if (cell->kind == PATTERN_BOOL) {
        head.key = cell->as.boolean.value;
    } else if (cell->kind == PATTERN_STRING) {
        head.text = str_make(cell->as.string.data, cell->as.string.len);
    } else if (as_float) {
        head.number = number_of(cell);
    } else {
        head.key = cell->as.integer.value;
    }
    return head;
}

// The cells that test something, sorted by constructor and row. Returns
// whether the column's numbers are Floats.
static bool collect_heads(const Search *search, const Matrix *matrix,
                          uint32_t column, HeadVec *heads)
{
    bool as_float = false;
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        const Pattern *cell = matrix_cell(search, matrix, r, column);
        as_float = as_float ||
                   (cell != NULL && (cell->kind == PATTERN_FLOAT ||
                                     (cell->kind == PATTERN_INT &&
                                      (cell->flags & EXPR_AS_FLOAT) != 0)));
    }
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        const Pattern *cell = matrix_cell(search, matrix, r, column);
        if (cell != NULL) {
            vec_push(heads, head_of(search, cell, r, as_float));
        }
    }
    qsort(heads->items, heads->count, sizeof *heads->items, compare_heads);
    return as_float;
}

uint32_t head_group_end(const HeadVec *heads, uint32_t begin)
{
    uint32_t end = begin + 1;
    while (end < heads->count &&
           compare_keys(&heads->items[begin], &heads->items[end]) == 0) {
        end++;
    }
    return end;
}

static bool has_missing(const Search *search, const HeadVec *heads)
{
    const Pattern *sample = heads->items[0].cell;
    uint32_t count = UINT32_MAX; // literals: never all of them
    if (sample->kind == PATTERN_CTOR) {
        count =
            pattern_union(search->program, sample->as.ctor)->decl->ctor_count;
    } else if (sample->kind == PATTERN_BOOL) {
        count = 2;
    }
    uint32_t seen = 0;
    for (uint32_t at = 0; at < heads->count; at = head_group_end(heads, at)) {
        seen++;
    }
    return seen < count;
}

static void split_missing(Search *search, const Matrix *matrix, uint32_t column,
                          const HeadVec *heads, bool as_float, Witnesses *out)
{
    Matrix sub = matrix_begin(search, matrix->columns - 1);
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        if (matrix_cell(search, matrix, r, column) == NULL) {
            matrix_push_row(search, &sub, matrix, r, column);
        }
    }
    Witnesses inner = {.count = 0};
    matrix_visit(search, sub, &inner);
    witness_lift_missing(search, &inner, heads, as_float, column,
                         matrix->columns, out);
    matrix_end(search, &sub);
}

// The rows of heads [begin, end) and the wildcard rows `wild`, in order.
static void split_group(Search *search, const Matrix *matrix, uint32_t column,
                        const HeadVec *heads, uint32_t begin, uint32_t end,
                        const LengthVec *wild, Witnesses *out)
{
    const Pattern *sample = heads->items[begin].cell;
    uint32_t arity =
        sample->kind == PATTERN_CTOR ? sample->as.ctor->arg_count : 0;
    Matrix sub = matrix_begin(search, matrix->columns - 1 + arity);
    uint32_t next_wild = 0;
    while (begin < end || next_wild < wild->count) {
        bool take_head =
            begin < end && (next_wild == wild->count ||
                            heads->items[begin].row < wild->items[next_wild]);
        if (!take_head) {
            matrix_push_row(search, &sub, matrix, wild->items[next_wild++],
                            column);
            continue;
        }
        const Head *head = &heads->items[begin++];
        const Pattern **args =
            matrix_push_row(search, &sub, matrix, head->row, column);
        for (uint32_t i = 0; i < arity; i++) {
            args[i] = pattern_strip(&head->cell->as.ctor->args[i]);
        }
    }
    Witnesses inner = {.count = 0};
    matrix_visit(search, sub, &inner);
    if (inner.count > 0) {
        witness_lift(search, &inner, witness_of_cell(search, sample), column,
                     matrix->columns, out);
    }
    matrix_end(search, &sub);
}

static void split_switch(Search *search, const Matrix *matrix, uint32_t column,
                         Witnesses *out)
{
    HeadVec heads = {0};
    LengthVec wild = {0};
    bool as_float = collect_heads(search, matrix, column, &heads);
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        if (matrix_cell(search, matrix, r, column) == NULL) {
            vec_push(&wild, r);
        }
    }
    if (has_missing(search, &heads)) {
        split_missing(search, matrix, column, &heads, as_float, out);
    }
    for (uint32_t at = 0; at < heads.count && search->status == MATRIX_DONE;) {
        uint32_t end = head_group_end(&heads, at);
        split_group(search, matrix, column, &heads, at, end, &wild, out);
        at = end;
    }
    vec_release(&heads);
    vec_release(&wild);
}

void matrix_split(Search *search, const Matrix *matrix, uint32_t column,
                  Witnesses *out)
{
    switch ((PatternKind)matrix_cell(search, matrix, 0, column)->kind) {
    case PATTERN_UNIT:
    case PATTERN_TUPLE:
        split_tuple(search, matrix, column, out);
        return;
    case PATTERN_RECORD:
        split_record(search, matrix, column, out);
        return;
    case PATTERN_LIST:
        split_list(search, matrix, column, out);
        return;
    case PATTERN_BOOL:
    case PATTERN_INT:
    case PATTERN_FLOAT:
    case PATTERN_STRING:
    case PATTERN_CTOR:
        split_switch(search, matrix, column, out);
        return;
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
    case PATTERN_NAME:
    case PATTERN_AS:
        break;
    }
    UNREACHABLE();
}
