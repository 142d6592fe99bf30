// The type of data that has none: the one that fits all values of a place.
#include "typecheck/data_internal.h"

typedef enum Form {
    FORM_BOOL,
    FORM_NUMBER,
    FORM_STRING,
    FORM_LIST,
    FORM_RECORD,
    FORM_OTHER
} Form;

static Form form_of(const Expr *value)
{
    switch ((ExprKind)value->kind) {
    case EXPR_BOOL:
        return FORM_BOOL;
    case EXPR_INT:
    case EXPR_FLOAT:
        return FORM_NUMBER;
    case EXPR_STRING:
        return FORM_STRING;
    case EXPR_LIST:
        return FORM_LIST;
    case EXPR_RECORD:
        return FORM_RECORD;
    case EXPR_ERROR:
    case EXPR_UNIT:
    case EXPR_INTERPOLATION:
    case EXPR_NAME:
    case EXPR_CTOR:
    case EXPR_BUILTIN:
    case EXPR_DATA:
    case EXPR_TUPLE:
    case EXPR_COMPREHENSION:
    case EXPR_FIELD:
    case EXPR_CALL:
    case EXPR_CHAIN:
    case EXPR_UNARY:
    case EXPR_LAMBDA:
    case EXPR_LET:
    case EXPR_IF:
    case EXPR_MATCH:
    case EXPR_ANNOTATED:
        break;
    }
    return FORM_OTHER;
}

static Type *report_mixed(DataReader *d, const Expr *first, const Expr *other,
                          Place *place)
{
    StrBuf found = {0};
    data_describe(d, other, &found);
    Diag *diag = data_report(d, other->span, place,
                             "the values here have no single type: %.*s",
                             STR_ARG(strbuf_str(&found)));
    strbuf_clear(&found);
    data_describe(d, first, &found);
    diag_label(d->c->sink, diag, &d->data->module->source, first->span, "%.*s",
               STR_ARG(strbuf_str(&found)));
    diag_help(d->c->sink, diag,
              "say what it is where it is imported: ': Json' takes anything");
    strbuf_release(&found);
    return type_error();
}

// ---- lists

static Type *infer_lists(DataReader *d, const Expr *const *lists,
                         uint32_t count, Place *place)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += lists[i]->as.list.count;
    }
    if (total == 0) {
        return type_list(&d->c->store, type_prim(PRIM_JSON));
    }
    const Expr **items = mem_alloc(total * sizeof *items);
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < lists[i]->as.list.count; k++) {
            items[at++] = &lists[i]->as.list.items[k];
        }
    }
    Place here = data_item_place(place, INDEX_NONE);
    Type *item = data_infer_all(d, items, at, &here);
    free(items);
    return item->kind == TYPE_ERROR ? item : type_list(&d->c->store, item);
}

// ---- records

// A field of one of the records.
typedef struct FieldUse {
    Symbol name;
    uint32_t number; // in order of appearance
    const Expr *value;
} FieldUse;

static int by_name(const void *a, const void *b)
{
    const FieldUse *left = a;
    const FieldUse *right = b;
    return left->name != right->name
               ? (left->name > right->name) - (left->name < right->name)
               : (left->number > right->number) -
                     (left->number < right->number);
}

static FieldUse *collect_fields(const Expr *const *records, uint32_t count,
                                uint32_t *out_total)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += records[i]->as.record.count;
    }
    FieldUse *uses = mem_alloc((total + 1) * sizeof *uses);
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < records[i]->as.record.count; k++) {
            const RecordItem *item = &records[i]->as.record.items[k];
            uses[at] = (FieldUse){item->name, at, record_item_value(item)};
            at++;
        }
    }
    qsort(uses, at, sizeof *uses, by_name);
    *out_total = at;
    return uses;
}

static Type *infer_records(DataReader *d, const Expr *const *records,
                           uint32_t count, Place *place)
{
    uint32_t total;
    FieldUse *uses = collect_fields(records, count, &total);
    const Expr **values = mem_alloc((total + (size_t)1) * sizeof *values);
    VEC(RecordField) fields = {0};
    bool failed = false;
    for (uint32_t from = 0, to; from < total; from = to) {
        for (to = from; to < total && uses[to].name == uses[from].name; to++) {
            values[to - from] = uses[to].value;
        }
        Place here = data_field_place(place, uses[from].name);
        Type *type = data_infer_all(d, values, to - from, &here);
        failed = failed || type->kind == TYPE_ERROR;
        if (to - from < count && !failed && !infer_is_option(d->c, type)) {
            type = infer_option_of(d->c, type);
        }
        vec_push(&fields, (RecordField){.name = uses[from].name,
                                        .order = uses[from].number,
                                        .type = type});
    }
    free(uses);
    free(values);
    RecordField *kept = arena_copy(d->c->store.arena, fields.items,
                                   fields.count * sizeof *kept);
    uint32_t kept_count = fields.count;
    vec_release(&fields);
    return failed ? type_error()
                  : type_record(&d->c->store, kept, kept_count, NULL);
}

// ---- all

static Type *infer_numbers(const Expr *const *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (values[i]->kind == EXPR_FLOAT) {
            return type_prim(PRIM_FLOAT);
        }
    }
    return type_prim(PRIM_INTEGER);
}

static Type *infer_some(DataReader *d, const Expr *const *values,
                        uint32_t count, Place *place)
{
    Form form = form_of(values[0]);
    for (uint32_t i = 1; i < count; i++) {
        if (form_of(values[i]) != form) {
            return report_mixed(d, values[0], values[i], place);
        }
    }
    switch (form) {
    case FORM_BOOL:
        return type_prim(PRIM_BOOLEAN);
    case FORM_NUMBER:
        return infer_numbers(values, count);
    case FORM_STRING:
        return type_prim(PRIM_STRING);
    case FORM_LIST:
        return infer_lists(d, values, count, place);
    case FORM_RECORD:
        return infer_records(d, values, count, place);
    case FORM_OTHER: // a Ligature literal, at a type that is not known
        break;
    }
    return type_prim(PRIM_JSON);
}

Type *data_infer_all(DataReader *d, const Expr *const *values, uint32_t count,
                     Place *place)
{
    uint32_t nulls = 0;
    for (uint32_t i = 0; i < count; i++) {
        nulls += data_is_null(values[i]);
    }
    if (nulls == 0) {
        return infer_some(d, values, count, place);
    }
    if (nulls == count) {
        return infer_option_of(d->c, type_prim(PRIM_JSON));
    }
    const Expr **rest = mem_alloc((count - nulls) * sizeof *rest);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!data_is_null(values[i])) {
            rest[kept++] = values[i];
        }
    }
    Type *type = infer_some(d, rest, kept, place);
    free(rest);
    return type->kind == TYPE_ERROR ? type : infer_option_of(d->c, type);
}
