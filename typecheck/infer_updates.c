// Record literals with spreads and dotted paths: later items win, a path
// updates in depth and creates what is missing, an open spread lets only the
// fields that it is known to have be replaced.
#include "typecheck/infer_records.h"

typedef struct Draft Draft;

// A field of the record in the making: a type, or a draft of its own once a
// path has gone into it.
typedef struct DraftField {
    Symbol name;
    Type *type; // NULL when `draft` is set
    Draft *draft;
    const FieldFill *fill;
    Span span;    // of the item that set it last
    bool checked; // its value was checked against the expected type
} DraftField;

struct Draft {
    VEC(DraftField) fields;
    PtrMap index; // symbol -> number + 1
    Type *tail;   // the end of an open spread
    Span tail_span;
    bool failed; // a spread whose fields are not known was reported
};

static void draft_release(Draft *draft)
{
    for (uint32_t i = 0; i < draft->fields.count; i++) {
        if (draft->fields.items[i].draft != NULL) {
            draft_release(draft->fields.items[i].draft);
        }
    }
    vec_release(&draft->fields);
    ptr_map_release(&draft->index);
}

static DraftField *find_field(const Draft *draft, Symbol name)
{
    uintptr_t at = (uintptr_t)ptr_map_find(&draft->index, name, 0);
    return at != 0 ? &draft->fields.items[at - 1] : NULL;
}

// The field, made where it is not there yet. A replaced one keeps its place.
static DraftField *claim_field(Draft *draft, Symbol name)
{
    void **slot = ptr_map_at(&draft->index, name, 0);
    if (*slot == NULL) {
        vec_push(&draft->fields, (DraftField){.name = name});
        *slot = (void *)(uintptr_t)draft->fields.count;
    }
    return &draft->fields.items[(uintptr_t)*slot - 1];
}

static void set_field(Draft *draft, Symbol name, Type *type,
                      const FieldFill *fill, Span span, bool checked)
{
    DraftField *field = claim_field(draft, name);
    if (field->draft != NULL) {
        draft_release(field->draft);
    }
    *field = (DraftField){.name = name,
                          .type = type,
                          .fill = fill,
                          .span = span,
                          .checked = checked};
}

static void report_unknown_fields(Infer *c, Span span, Span spread, Symbol name)
{
    Diag *diag =
        infer_error(c, DIAG_E0220, span,
                    "the spread record is not known to have a field '%.*s'",
                    STR_ARG(infer_name_text(c, name)));
    diag_label(c->sink, diag, &c->module->source, spread,
               "its other fields are not known here");
    diag_help(c->sink, diag, "say its type: { %.*s: ..., .. } has the field",
              STR_ARG(infer_name_text(c, name)));
}

// ---- spreads

static void spread_record(Infer *c, Draft *draft, Type *type, Span span)
{
    uint32_t count;
    Type *tail;
    RecordField *fields = type_record_fields(type, c->scratch, &count, &tail);
    // In the order in which they were written.
    uint32_t *by_order = arena_array(c->scratch, count, sizeof *by_order);
    bool dense = true;
    for (uint32_t i = 0; i < count; i++) {
        by_order[i] = UINT32_MAX;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (fields[i].order < count &&
            by_order[fields[i].order] == UINT32_MAX) {
            by_order[fields[i].order] = i;
        } else {
            dense = false;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const RecordField *field = &fields[dense ? by_order[i] : i];
        set_field(draft, field->name, field->type, field->fill, span, false);
    }
    if (tail == NULL || tail->kind == TYPE_ERROR) {
        draft->failed |= tail != NULL;
        return;
    }
    // What stood before an open spread may be replaced by it or not.
    for (uint32_t i = 0; i < draft->fields.count; i++) {
        if (type_record_find(type, draft->fields.items[i].name, NULL) == NULL) {
            report_unknown_fields(c, draft->fields.items[i].span, span,
                                  draft->fields.items[i].name);
            draft->failed = true;
            return;
        }
    }
    draft->tail = tail;
    draft->tail_span = span;
}

static void add_spread(Infer *c, Draft *draft, Expr *value)
{
    Type *type = type_resolve(infer_expr(c, value));
    if (draft->tail != NULL &&
        (type->kind == TYPE_RECORD || type->kind == TYPE_VAR)) {
        Diag *diag =
            infer_error(c, DIAG_E0220, value->span,
                        "a second spread beside one whose fields are not "
                        "known");
        diag_label(c->sink, diag, &c->module->source, draft->tail_span,
                   "the fields of this one are not all known");
        draft->failed = true;
        return;
    }
    if (type->kind == TYPE_VAR) {
        if ((type->flags & TYPE_IS_LITERAL) == 0) {
            Type *tail = type_var(&c->store, type->as.var.level, TYPE_IS_ROW);
            Type *open = type_record(&c->store, NULL, 0, tail);
            if (unify(&c->unifier, type, open)) {
                type = type_resolve(type);
            }
        }
    }
    if (type->kind == TYPE_RECORD) {
        spread_record(c, draft, type, value->span);
        return;
    }
    if (type->kind != TYPE_ERROR) {
        infer_error(c, DIAG_E0203, value->span,
                    "expected a record to spread, found %.*s",
                    STR_ARG(infer_print(c, type)));
    }
    draft->failed = true;
}

// ---- items

// Whether `name` may be set beside an open spread.
static bool may_set(Infer *c, Draft *draft, Symbol name, Span span)
{
    if (draft->tail == NULL || find_field(draft, name) != NULL) {
        return true;
    }
    if (!draft->failed) {
        report_unknown_fields(c, span, draft->tail_span, name);
        draft->failed = true;
    }
    return false;
}

// The type that the expected record gives to a path, or NULL.
static RecordField *expected_field(Type *expected, Symbol name)
{
    if (expected == NULL) {
        return NULL;
    }
    expected = type_resolve(expected);
    return expected->kind == TYPE_RECORD
               ? type_record_find(expected, name, NULL)
               : NULL;
}

static void set_value(Infer *c, Draft *draft, RecordItem *item, Symbol name,
                      Span span, RecordField *expected, const Expect *why)
{
    bool allowed = may_set(c, draft, name, span);
    if (expected != NULL && record_item_type(item) == NULL) {
        Expect here = infer_field_expect(c, expected, why);
        infer_field_value(c, record_item_value(item), expected, &here);
        if (allowed) {
            set_field(draft, name, expected->type, expected->fill, span, true);
        }
        return;
    }
    Type *type = infer_item_value(c, item);
    if (allowed) {
        set_field(draft, name, type, NULL, span, false);
    }
}

// The draft of a field, begun from what the field holds so far. NULL after
// reporting.
static Draft *enter_field(Infer *c, Draft *draft, Symbol name, Span span)
{
    DraftField *field = claim_field(draft, name);
    if (field->draft != NULL) {
        return field->draft;
    }
    Draft *inner = ARENA_NEW(c->scratch, Draft);
    if (field->type != NULL) {
        Type *type = type_resolve(field->type);
        if (type->kind == TYPE_RECORD) {
            spread_record(c, inner, type, span);
        } else if (type->kind == TYPE_ERROR) {
            inner->failed = true;
        } else {
            infer_error(c, type->kind == TYPE_VAR ? DIAG_E0220 : DIAG_E0203,
                        span,
                        "expected a record at '%.*s' to update, found %.*s",
                        STR_ARG(infer_name_text(c, name)),
                        STR_ARG(infer_print(c, type)));
            return NULL;
        }
    }
    field = claim_field(draft, name);
    field->type = NULL;
    field->draft = inner;
    field->span = span;
    return inner;
}

static void add_path(Infer *c, Draft *draft, RecordItem *item, Type *expected,
                     const Expect *why)
{
    const FieldPath *path = record_item_path(item);
    for (uint32_t i = 0; i < path->count; i++) {
        if (path->names[i] == 0) { // a syntax error
            draft->failed = true;
            infer_item_value(c, item);
            return;
        }
    }
    for (uint32_t i = 0; i + 1 < path->count; i++) {
        if (!may_set(c, draft, path->names[i], path->spans[i])) {
            infer_item_value(c, item);
            return;
        }
        RecordField *field = expected_field(expected, path->names[i]);
        expected = field != NULL ? field->type : NULL;
        draft = enter_field(c, draft, path->names[i], path->spans[i]);
        if (draft == NULL) {
            infer_item_value(c, item);
            return;
        }
    }
    Symbol last = path->names[path->count - 1];
    set_value(c, draft, item, last, path->spans[path->count - 1],
              expected_field(expected, last), why);
}

// ---- the result

static bool draft_failed(const Draft *draft)
{
    bool failed = draft->failed;
    for (uint32_t i = 0; !failed && i < draft->fields.count; i++) {
        const Draft *inner = draft->fields.items[i].draft;
        failed = inner != NULL && draft_failed(inner);
    }
    return failed;
}

static Type *draft_type(Infer *c, const Draft *draft)
{
    uint32_t count = draft->fields.count;
    RecordField *fields = arena_array(c->store.arena, count, sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        const DraftField *field = &draft->fields.items[i];
        fields[i] = (RecordField){.name = field->name,
                                  .order = i,
                                  .type = field->draft != NULL
                                              ? draft_type(c, field->draft)
                                              : field->type,
                                  .fill = field->fill};
        if (fields[i].type == NULL) {
            fields[i].type = type_error();
        }
    }
    return type_record(&c->store, fields, count, draft->tail);
}

// What was not checked item by item is compared with the expected type; what
// is left out is filled.
static void check_draft(Infer *c, Expr *expr, const Draft *draft,
                        Type *expected, const Expect *why)
{
    RecordCheck check;
    infer_begin_record(c, expected, why, &check);
    for (uint32_t i = 0; i < draft->fields.count; i++) {
        const DraftField *field = &draft->fields.items[i];
        RecordField *known = infer_find_field(&check, field->name);
        Type *type =
            field->draft != NULL ? draft_type(c, field->draft) : field->type;
        if (known == NULL) {
            Type *extension =
                check.tail != NULL
                    ? unify_field(&c->unifier, expected, field->name, c->level)
                    : NULL;
            if (extension == NULL) {
                vec_push(&check.extra, (ExtraField){field->name, field->span});
            } else if (type != NULL) {
                infer_unify(c, field->span, extension, type, why);
            }
            continue;
        }
        check.seen[known - check.fields] = 1;
        if (!field->checked && type != NULL) {
            Expect here = infer_field_expect(c, known, why);
            infer_unify(c, field->span, known->type, type, &here);
        }
    }
    if (draft->tail != NULL) {
        Type *tail = type_record_tail(expected);
        if (tail != NULL) {
            infer_unify(c, expr->span, tail, draft->tail, why);
        } else {
            Type *closed = type_record(&c->store, NULL, 0, NULL);
            infer_unify(c, expr->span, closed, draft->tail, why);
        }
    } else if (check.tail != NULL) {
        infer_close_row(c, expr, expected, &check);
    }
    infer_finish_record(c, expr, &check);
}

Type *infer_update(Infer *c, Expr *expr, Type *expected, const Expect *why)
{
    Draft draft = {0};
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        RecordItem *item = &expr->as.record.items[i];
        if (item->name == 0) {
            add_spread(c, &draft, record_item_value(item));
        } else if (record_item_path(item) != NULL) {
            add_path(c, &draft, item, expected, why);
        } else {
            set_value(c, &draft, item, item->name, infer_item_span(c, item),
                      expected_field(expected, item->name), why);
        }
    }
    Type *type = type_error();
    if (!draft_failed(&draft)) {
        if (expected != NULL) {
            check_draft(c, expr, &draft, expected, why);
            type = expected;
        } else {
            type = draft_type(c, &draft);
        }
    }
    draft_release(&draft);
    return type;
}
