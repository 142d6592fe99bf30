// Record literals with spreads and dotted paths: later items win, a path
// updates in depth and creates what is missing, an open spread lets only the
// fields that it is known to have be replaced.
#include "syntax/byte_class.h"
#include "typecheck/infer_records.h"

// Bytes of a name that a help shows.
#define MAX_SHOWN 60

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
    bool asked;   // of an open spread, which was not known to have it then
} DraftField;

struct Draft {
    VEC(DraftField) fields;
    PtrMap index; // symbol -> number + 1
    Type *open;   // the type of an open spread
    Type *tail;   // and its end
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

// The name that stands at `span`; "name" where something else does.
static Str name_at(const Infer *c, Span span)
{
    Str text = str_slice(c->source->text, span.start, span.end);
    bool is_name = text.len > 0 && text.len <= MAX_SHOWN;
    for (size_t i = 0; i < text.len && is_name; i++) {
        is_name = byte_is(text.data[i], i == 0 ? BYTE_START : BYTE_IDENT);
    }
    return is_name ? text : STR("name");
}

// `type` is what the field is to be, NULL where that is not known.
static void report_unknown_field(Infer *c, Draft *draft, Symbol name, Span span,
                                 Type *type)
{
    if (draft->failed) {
        return;
    }
    draft->failed = true;
    Diag *diag =
        infer_error(c, DIAG_E0220, span,
                    "the spread record is not known to have a field '%.*s'",
                    STR_ARG(infer_name_text(c, name)));
    diag_label(c->sink, diag, &c->module->source, draft->tail_span,
               "its other fields are not known here");
    if (draft->tail != NULL && type_resolve(draft->tail)->kind ==
                                   TYPE_SKOLEM) { // its type is said already
        diag_help(c->sink, diag,
                  "a field can be replaced that its type names, and added "
                  "where that type has no '..'");
        return;
    }
    Str found = type != NULL ? infer_print(c, type) : STR("Type");
    Str spread = name_at(c, draft->tail_span);
    diag_help(c->sink, diag,
              "say its type where it is bound: (%.*s: { %.*s: %.*s, .. })",
              STR_ARG(spread), STR_ARG(infer_name_text(c, name)),
              STR_ARG(found));
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
            draft->tail_span = span;
            report_unknown_field(c, draft, draft->fields.items[i].name,
                                 draft->fields.items[i].span,
                                 draft->fields.items[i].type);
            return;
        }
    }
    draft->open = type;
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
        Diag *diag = infer_error(c, DIAG_E0203, value->span,
                                 "expected a record to spread, found %.*s",
                                 STR_ARG(infer_print(c, type)));
        if (type_is_prim(type, PRIM_MAP)) {
            diag_help(c->sink, diag,
                      "'insert' of std.map adds an entry, 'merge' those of "
                      "another Map");
        } else if (infer_is_option(c, type)) {
            diag_help(c->sink, diag,
                      "'?? default' takes the value out of the Option");
        }
    }
    draft->failed = true;
}

// ---- items

// The values of items may ask the spread for fields, as { ..r, n = r.n + 1 }
// does: these it has.
static void learn_fields(Infer *c, Draft *draft)
{
    uint32_t count;
    RecordField *fields =
        type_record_fields(draft->open, c->scratch, &count, &draft->tail);
    for (uint32_t i = 0; i < count; i++) {
        DraftField *known = find_field(draft, fields[i].name);
        if (known == NULL) {
            set_field(draft, fields[i].name, fields[i].type, fields[i].fill,
                      draft->tail_span, false);
        } else {
            known->asked = false;
        }
    }
}

// Once all items are checked: what the spreads are known to have by then.
static void settle_spreads(Infer *c, Draft *draft)
{
    if (draft->tail != NULL) {
        learn_fields(c, draft);
    }
    for (uint32_t i = 0; i < draft->fields.count; i++) {
        const DraftField *field = &draft->fields.items[i];
        if (field->draft != NULL) {
            settle_spreads(c, field->draft);
        }
        if (field->asked) {
            report_unknown_field(c, draft, field->name, field->span,
                                 field->type);
        }
    }
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

// `type` is that of the value where it has been inferred, else NULL.
static void set_value(Infer *c, Draft *draft, RecordItem *item, Symbol name,
                      Span span, Type *type, RecordField *expected,
                      const Expect *why)
{
    const FieldFill *fill = NULL;
    bool checked = false;
    if (type == NULL && expected != NULL && record_item_type(item) == NULL) {
        Expect here = infer_field_expect(c, expected, why);
        infer_field_value(c, record_item_value(item), expected, &here);
        type = expected->type;
        fill = expected->fill;
        checked = true;
    } else if (type == NULL) {
        type = infer_item_value(c, item);
    }
    bool asked = draft->tail != NULL && find_field(draft, name) == NULL;
    set_field(draft, name, type, fill, span, checked);
    find_field(draft, name)->asked = asked;
}

// The draft of a field, begun from what the field holds so far. NULL after
// reporting.
static Draft *enter_field(Infer *c, Draft *draft, Symbol name, Span span)
{
    if (draft->tail != NULL && find_field(draft, name) == NULL) {
        const RecordField *asked = type_record_find(draft->open, name, NULL);
        if (asked == NULL) {
            report_unknown_field(c, draft, name, span, NULL);
            return NULL;
        }
        set_field(draft, name, asked->type, asked->fill, draft->tail_span,
                  false);
    }
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
    // What the value asks the spread for, the path may go into.
    Type *type = draft->tail != NULL && expected == NULL
                     ? infer_item_value(c, item)
                     : NULL;
    for (uint32_t i = 0; i + 1 < path->count; i++) {
        RecordField *field = expected_field(expected, path->names[i]);
        expected = field != NULL ? field->type : NULL;
        draft = enter_field(c, draft, path->names[i], path->spans[i]);
        if (draft == NULL) {
            if (type == NULL) {
                infer_item_value(c, item);
            }
            return;
        }
    }
    Symbol last = path->names[path->count - 1];
    set_value(c, draft, item, last, path->spans[path->count - 1], type,
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

// What the items leave out, the open spread has to have; defaults need nobody.
static void ask_rest(Infer *c, Expr *expr, const Draft *draft,
                     RecordCheck *check)
{
    for (uint32_t i = 0; i < check->field_count; i++) {
        const RecordField *field = &check->fields[i];
        Type *found =
            check->seen[i] || field->fill != NULL
                ? NULL
                : unify_field(&c->unifier, draft->open, field->name, c->level);
        if (found != NULL) {
            Expect here = infer_field_expect(c, field, check->why);
            check->seen[i] = 1;
            infer_unify(c, expr->span, field->type, found, &here);
        }
    }
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
        ask_rest(c, expr, draft, &check);
        Type *tail = type_record_tail(expected);
        if (tail != NULL) {
            infer_unify(c, expr->span, tail, type_record_tail(draft->open),
                        why);
        } else {
            Type *closed = type_record(&c->store, NULL, 0, NULL);
            infer_unify(c, expr->span, closed, type_record_tail(draft->open),
                        why);
        }
    } else if (check.tail != NULL) {
        infer_close_row(c, expr, expected, &check);
    }
    infer_finish_record(c, expr, &check);
}

// The spreads that stand first. What paths create behind them are literals like
// others, to be filled; returns where the other items begin.
static uint32_t begin_draft(Infer *c, Expr *expr, Draft *draft,
                            const Type *expected)
{
    uint32_t at = 0;
    while (at < expr->as.record.count && expr->as.record.items[at].name == 0) {
        add_spread(c, draft, record_item_value(&expr->as.record.items[at++]));
    }
    bool is_known = draft->tail == NULL && !draft->failed;
    if (expected != NULL && is_known && !infer_has_spread(expr, at)) {
        infer_nest_paths(c, expr, &draft->index);
    }
    return at;
}

Type *infer_update(Infer *c, Expr *expr, Type *expected, const Expect *why)
{
    Draft draft = {0};
    uint32_t first = begin_draft(c, expr, &draft, expected);
    for (uint32_t i = first; i < expr->as.record.count; i++) {
        RecordItem *item = &expr->as.record.items[i];
        if (item->name == 0) {
            add_spread(c, &draft, record_item_value(item));
        } else if (record_item_path(item) != NULL) {
            add_path(c, &draft, item, expected, why);
        } else {
            set_value(c, &draft, item, item->name, infer_item_span(c, item),
                      NULL, expected_field(expected, item->name), why);
        }
    }
    settle_spreads(c, &draft);
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
