// Records with variables as arguments of functions that take any record with
// some fields.
#include "typecheck/infer_calls.h"

#include <stdlib.h>

// What the two sides of a record are left to be unified by: as unify_records()
// does, the ends come first and the fields then, in the order of the scheme.
typedef struct RowMatch {
    Infer *c;
    Instance *instance;
    Type *record;
    Type *tail;
    const RecordField **both; // fields of the scheme's record that it has
    uint32_t both_count;
    const RecordField **missing; // and those that it has not
    uint32_t missing_count;
} RowMatch;

static void split_fields(RowMatch *m, const Type *node)
{
    uint32_t count = node->as.record.count;
    m->both = arena_array(m->c->scratch, count, sizeof *m->both);
    m->missing = arena_array(m->c->scratch, count, sizeof *m->missing);
    for (uint32_t i = 0; i < count; i++) {
        const RecordField *field = &node->as.record.fields[i];
        if (unify_find(&m->c->unifier, m->record, field->name, NULL) != NULL) {
            m->both[m->both_count++] = field;
        } else {
            m->missing[m->missing_count++] = field;
        }
    }
}

static bool add_missing(RowMatch *m)
{
    uint32_t count = m->missing_count;
    if (count == 0) {
        return true;
    }
    Infer *c = m->c;
    RecordField *fields = arena_array(c->store.arena, count, sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = *m->missing[i];
        fields[i].type = instance_type(m->instance, fields[i].type);
    }
    return unify_extend(&c->unifier, m->tail, fields, count, c->level);
}

static bool unify_both(RowMatch *m)
{
    Infer *c = m->c;
    qsort(m->both, m->both_count, sizeof *m->both, type_compare_order_at);
    for (uint32_t i = 0; i < m->both_count; i++) {
        const RecordField *field = m->both[i];
        Type *found =
            unify_find(&c->unifier, m->record, field->name, NULL)->type;
        if (!instance_match(m->instance, field->type, found) &&
            !unify(&c->unifier, instance_type(m->instance, field->type),
                   found)) {
            return false;
        }
    }
    return true;
}

bool infer_match_row(Infer *c, Instance *instance, const Type *node,
                     Type *found, bool *out_fits)
{
    RowMatch m = {.c = c, .instance = instance, .record = type_resolve(found)};
    const uint8_t unfit = TYPE_HAS_REFINED | TYPE_HAS_ERROR | TYPE_HAS_FILLS;
    if (node->kind != TYPE_RECORD || m.record->kind != TYPE_RECORD ||
        ((node->flags | m.record->flags) & unfit) != 0) {
        return false;
    }
    m.tail = type_record_tail(m.record);
    split_fields(&m, node);
    if ((m.missing_count > 0 && (m.tail == NULL || m.tail->kind != TYPE_VAR)) ||
        !instance_leave_rest(instance, node, m.record)) {
        return false;
    }
    *out_fits = add_missing(&m) && unify_both(&m);
    return true;
}
