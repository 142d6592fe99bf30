// Unification of records: fields side by side, then the tails.
#include "typecheck/unify_internal.h"

#include <stdlib.h>

enum {
    // A chain of tails longer than this is flattened when it is walked.
    FLATTEN_AFTER = 16
};

// One record as it is compared.
typedef struct Side {
    Type *record;
    RecordField *fields;
    uint32_t count;
    Type *tail;
    uint32_t only; // how many fields the other side lacks
} Side;

// Makes one node of a record and its tails. It is of this group, since its tail
// was a variable of it.
static void flatten(Unifier *unifier, Type *record)
{
    uint32_t count;
    Type *tail;
    RecordField *fields =
        type_record_fields(record, unifier->store->arena, &count, &tail);
    record->as.record.fields = fields;
    record->as.record.count = count;
    record->as.record.tail = tail;
}

// What is compared is often compared again, so tails are not left for then.
static Side open_side(Unifier *unifier, Type *record)
{
    Side side = {.record = record};
    Type *tail = record->as.record.tail;
    if (tail != NULL && type_resolve(tail)->kind == TYPE_RECORD &&
        (record->flags & TYPE_HAS_VARS) != 0) {
        flatten(unifier, record);
    }
    side.fields =
        type_record_fields(record, unifier->scratch, &side.count, &side.tail);
    return side;
}

// Two fields of one name whose types are not equal at sight.
typedef struct FieldPair {
    uint32_t order;
    Type *expected, *found;
} FieldPair;

static uint32_t skip_below(const Side *side, uint32_t at, Symbol name)
{
    while (at < side->count && side->fields[at].name < name) {
        at++;
    }
    return at;
}

// How much each side has alone, and the pairs that are to be unified.
static uint32_t split_fields(Side *a, Side *b, FieldPair *pairs)
{
    uint32_t count = 0;
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < a->count && j < b->count) {
        const RecordField *left = &a->fields[i];
        const RecordField *right = &b->fields[j];
        if (left->name < right->name) {
            uint32_t next = skip_below(a, i, right->name);
            a->only += next - i;
            i = next;
        } else if (right->name < left->name) {
            uint32_t next = skip_below(b, j, left->name);
            b->only += next - j;
            j = next;
        } else {
            if (type_resolve(left->type) != type_resolve(right->type)) {
                pairs[count++] =
                    (FieldPair){left->order, left->type, right->type};
            }
            i++;
            j++;
        }
    }
    a->only += a->count - i;
    b->only += b->count - j;
    return count;
}

static bool can_grow(const Side *side)
{
    return side->tail != NULL &&
           (side->tail->kind == TYPE_VAR || side->tail->kind == TYPE_ERROR);
}

// The fields that the other side lacks.
static RecordField *copy_only(Unifier *unifier, const Side *side,
                              const Side *other)
{
    RecordField *fields =
        arena_array(unifier->store->arena, side->only, sizeof *fields);
    uint32_t filled = 0;
    uint32_t at = 0;
    for (uint32_t i = 0; filled < side->only; i++) {
        Symbol name = side->fields[i].name;
        at = skip_below(other, at, name);
        if (at == other->count || other->fields[at].name != name) {
            fields[filled++] = side->fields[i];
        }
    }
    return fields;
}

// Adds to the open side what the other has alone, ended by `tail`.
static bool extend(Unifier *unifier, const Side *side, const Side *other,
                   Type *tail)
{
    if (side->tail->kind == TYPE_ERROR) {
        return true;
    }
    if (other->only == 0 && tail != NULL) {
        return tail == side->tail || unify_types(unifier, side->tail, tail, 0);
    }
    Type *row = type_record_sorted(
        unifier->store, copy_only(unifier, other, side), other->only, tail);
    return unify_bind_row(unifier, side->tail, row);
}

static bool unify_tails(Unifier *unifier, Side *a, Side *b)
{
    if ((b->only > 0 && !can_grow(a)) || (a->only > 0 && !can_grow(b))) {
        return unify_fail(unifier, UNIFY_FIELDS, a->record, b->record);
    }
    if (a->tail == b->tail) {
        if (a->only + b->only > 0) { // r = { x, ..r }
            return unify_fail(unifier, UNIFY_ENDLESS, a->record, b->record);
        }
        return true;
    }
    bool both = a->only > 0 && b->only > 0;
    if (both && a->tail->kind == TYPE_VAR && b->tail->kind == TYPE_VAR) {
        uint32_t level = a->tail->as.var.level < b->tail->as.var.level
                             ? a->tail->as.var.level
                             : b->tail->as.var.level;
        Type *rest = type_var(unifier->store, level, TYPE_IS_ROW);
        return extend(unifier, a, b, rest) && extend(unifier, b, a, rest);
    }
    if (can_grow(a) && (b->only > 0 || !can_grow(b))) {
        return extend(unifier, a, b, b->tail);
    }
    if (can_grow(b)) {
        return extend(unifier, b, a, a->tail);
    }
    // Two ends that differ and cannot grow: closed, or rigid.
    if (a->tail != NULL && b->tail != NULL) {
        return unify_types(unifier, a->tail, b->tail, 0);
    }
    return unify_fail(unifier, UNIFY_FIELDS, a->record, b->record);
}

static int compare_pairs(const void *a, const void *b)
{
    uint32_t left = ((const FieldPair *)a)->order;
    uint32_t right = ((const FieldPair *)b)->order;
    return (left > right) - (left < right);
}

// In the order in which the fields were written: which field fails first, and
// what variables are by then, must not depend on symbol numbers.
static void sort_pairs(FieldPair *pairs, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (pairs[i - 1].order > pairs[i].order) {
            qsort(pairs, count, sizeof *pairs, compare_pairs);
            break;
        }
    }
}

// Whether the two hold the same fields and end the same way is settled before
// any field is unified: a missing field is the better message.
bool unify_records(Unifier *unifier, Type *expected, Type *found,
                   uint32_t depth)
{
    Side a = open_side(unifier, expected);
    Side b = open_side(unifier, found);
    uint32_t most = a.count < b.count ? a.count : b.count;
    FieldPair *pairs = arena_array(unifier->scratch, most, sizeof *pairs);
    uint32_t count = split_fields(&a, &b, pairs);
    if (!unify_tails(unifier, &a, &b)) {
        return false;
    }
    sort_pairs(pairs, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!unify_types(unifier, pairs[i].expected, pairs[i].found, depth)) {
            return false;
        }
    }
    return true;
}

// Makes one node of the last ones of a row, of which there are many, so that
// each is larger than all behind it: then there are few, and a field is moved
// as often as what it stands in doubles.
static void flatten_end(Unifier *unifier, Type *record, uint64_t count)
{
    count -= record->as.record.count;
    while (count > 0 && record->as.record.count > count) {
        record = type_resolve(record->as.record.tail);
        count -= record->as.record.count;
    }
    if (count > 0) {
        flatten(unifier, record);
    }
}

static Type *extend_with_field(Unifier *unifier, Type *var, Symbol name,
                               uint32_t level)
{
    if (level > var->as.var.level) {
        level = var->as.var.level;
    }
    RecordField *field = arena_alloc(unifier->store->arena, sizeof *field);
    Type *type = type_var(unifier->store, level, 0);
    *field = (RecordField){.name = name, .type = type};
    Type *rest = type_var(unifier->store, level, TYPE_IS_ROW);
    Type *row = type_record(unifier->store, field, 1, rest);
    if (row->kind == TYPE_ERROR) {
        return row;
    }
    if ((var->flags & TYPE_IS_LITERAL) != 0) {
        return NULL;
    }
    var->link = row;
    return type;
}

RecordField *unify_find(Unifier *unifier, Type *record, Symbol name,
                        Type **out_tail)
{
    uint32_t hops = 0;
    uint64_t count = record->as.record.count;
    Type *at = record->as.record.tail;
    while (at != NULL && (at = type_resolve(at))->kind == TYPE_RECORD) {
        count += at->as.record.count;
        at = at->as.record.tail;
        hops++;
    }
    if (hops > FLATTEN_AFTER) {
        flatten_end(unifier, record, count);
    }
    return type_record_find(record, name, out_tail);
}

bool unify_extend(Unifier *unifier, Type *tail, RecordField *fields,
                  uint32_t count, uint32_t level)
{
    if (level > tail->as.var.level) {
        level = tail->as.var.level;
    }
    Type *rest = type_var(unifier->store, level, TYPE_IS_ROW);
    Type *row = type_record_sorted(unifier->store, fields, count, rest);
    return unify_bind_row(unifier, tail, row);
}

Type *unify_field(Unifier *unifier, Type *record, Symbol name, uint32_t level)
{
    if (record->kind == TYPE_VAR) {
        return extend_with_field(unifier, record, name, level);
    }
    Type *tail;
    RecordField *field = unify_find(unifier, record, name, &tail);
    if (field != NULL) {
        return field->type;
    }
    if (tail == NULL || tail->kind == TYPE_SKOLEM ||
        tail->kind == TYPE_GENERIC) {
        return NULL;
    }
    if (tail->kind == TYPE_ERROR) {
        return tail;
    }
    return extend_with_field(unifier, tail, name, level);
}
