// A walk over type and literal at once. Its depth is bounded by --max-nesting,
// as the literal's is.
#include "typecheck/data.h"

#include "syntax/byte_class.h"
#include "syntax/data_tree.h"
#include "typecheck/data_internal.h"
#include "typecheck/data_tape.h"
#include "typecheck/refinements.h"

// ---- primitive types

static Reading take(const Expr *in, bool fits, Expr *out, DataReader *d,
                    Type *type, Place *place)
{
    if (!fits) {
        return data_mismatch(d, in, type, place);
    }
    *out = *in;
    return READ_SAME;
}

static Reading read_float(DataReader *d, const Expr *in, Type *type,
                          Place *place, Expr *out)
{
    if (in->kind != EXPR_INT) {
        return take(in, in->kind == EXPR_FLOAT, out, d, type, place);
    }
    *out = *in;
    out->flags |= EXPR_AS_FLOAT;
    return READ_NEW;
}

static Reading read_unit(DataReader *d, const Expr *in, Type *type,
                         Place *place, Expr *out)
{
    if (in->kind == EXPR_UNIT) {
        *out = *in;
        return READ_SAME;
    }
    if (!data_is_null(in)) {
        return data_mismatch(d, in, type, place);
    }
    *out = (Expr){.kind = EXPR_UNIT, .flags = EXPR_CLOSED, .span = in->span};
    return READ_NEW;
}

// ---- lists, tuples, maps

// Elements items[0..count) at types[i], or all at types[0] when `same`. The
// array is a new one when one of them is new; else *out_items is `items`.
static Reading read_items(DataReader *d, const Expr *items, uint32_t count,
                          Type *const *types, bool same, Place *place,
                          const Expr **out_items, uint16_t *out_closed)
{
    Reading all = READ_SAME;
    Expr *copy = NULL;
    uint16_t closed = EXPR_CLOSED;
    for (uint32_t i = 0; i < count; i++) {
        Place here = data_item_place(place, i);
        Expr item;
        Reading one =
            data_read(d, &items[i], types[same ? 0 : i], &here, &item);
        all = one == READ_BAD ? READ_BAD : all;
        if (one == READ_NEW && copy == NULL) {
            copy = arena_copy(d->c->module->arena, items, count * sizeof *copy);
        }
        if (one == READ_NEW) {
            copy[i] = item;
        }
        closed &= one == READ_BAD ? 0 : item.flags;
    }
    *out_items = copy != NULL ? copy : items;
    *out_closed = closed;
    return all == READ_BAD ? READ_BAD : copy != NULL ? READ_NEW : READ_SAME;
}

static Reading read_list(DataReader *d, const Expr *in, Type *type, Type *item,
                         Place *place, Expr *out)
{
    if (in->kind != EXPR_LIST) {
        return data_mismatch(d, in, type, place);
    }
    const Expr *items = in->as.list.items;
    uint32_t count = in->as.list.count;
    uint16_t closed;
    data_open_items(d, items, count, item, place);
    Reading reading =
        read_items(d, items, count, &item, true, place, &items, &closed);
    *out = *in;
    out->flags = closed;
    out->as.list.items = (Expr *)(uintptr_t)items;
    return reading;
}

static Reading read_tuple(DataReader *d, const Expr *in, Type *type,
                          const Type *tuple, Place *place, Expr *out)
{
    if ((in->kind != EXPR_LIST && in->kind != EXPR_TUPLE) ||
        in->as.list.count != tuple->as.tuple.count) {
        return data_mismatch(d, in, type, place);
    }
    const Expr *items = in->as.list.items;
    uint16_t closed;
    Reading reading =
        read_items(d, items, in->as.list.count, tuple->as.tuple.items, false,
                   place, &items, &closed);
    *out = *in;
    out->kind = EXPR_TUPLE;
    out->flags = closed;
    out->as.tuple.items = (Expr *)(uintptr_t)items;
    return reading == READ_BAD ? READ_BAD : READ_NEW;
}

// The values of an object, each at `type`.
static Reading read_fields(DataReader *d, const Expr *in, Type *type,
                           Place *place, Expr *out)
{
    RecordItem *copy = NULL;
    Reading all = READ_SAME;
    uint16_t closed = EXPR_CLOSED;
    for (uint32_t i = 0; i < in->as.record.count; i++) {
        const RecordItem *item = &in->as.record.items[i];
        Expr value;
        Place here = data_field_place(place, item->name);
        Reading one =
            data_read(d, record_item_value(item), type, &here, &value);
        if (one == READ_BAD) {
            all = READ_BAD;
            continue;
        }
        closed &= value.flags;
        if (one == READ_NEW && copy == NULL) {
            copy = arena_copy(d->c->module->arena, in->as.record.items,
                              in->as.record.count * sizeof *copy);
        }
        if (one == READ_NEW) {
            copy[i].plain = value; // data has no boxes
        }
    }
    *out = *in;
    out->flags = closed;
    if (copy != NULL) {
        out->as.record.items = copy;
    }
    return all == READ_BAD ? READ_BAD : copy != NULL ? READ_NEW : READ_SAME;
}

static Reading read_map(DataReader *d, const Expr *in, Type *type, Type *value,
                        Place *place, Expr *out)
{
    if (in->kind != EXPR_RECORD) {
        return data_mismatch(d, in, type, place);
    }
    Reading reading = read_fields(d, in, value, place, out);
    out->flags |= EXPR_AS_MAP;
    return reading == READ_BAD ? READ_BAD : READ_NEW;
}

// ---- Json: whatever it is; null is the unit, which prints as null

static Reading read_json(DataReader *d, const Expr *in, Place *place, Expr *out)
{
    Type *json = type_prim(PRIM_JSON);
    if (in->kind == EXPR_LIST) {
        return read_list(d, in, json, json, place, out);
    }
    if (in->kind == EXPR_RECORD) {
        return read_fields(d, in, json, place, out);
    }
    if (data_is_null(in)) {
        return read_unit(d, in, json, place, out);
    }
    return take(in, in->kind <= EXPR_STRING && in->kind != EXPR_ERROR, out, d,
                json, place);
}

// ---- any type

static Reading read_con(DataReader *d, const Expr *in, Type *type, Type *con,
                        Place *place, Expr *out)
{
    if (con->as.con.module != TYPE_MODULE_PRIM) {
        return data_read_union(d, in, type, con, place, out);
    }
    switch ((PrimType)con->as.con.index) {
    case PRIM_INTEGER:
        return take(in, in->kind == EXPR_INT, out, d, type, place);
    case PRIM_FLOAT:
        return read_float(d, in, type, place, out);
    case PRIM_STRING:
        return take(in, in->kind == EXPR_STRING, out, d, type, place);
    case PRIM_BOOLEAN:
        return take(in, in->kind == EXPR_BOOL, out, d, type, place);
    case PRIM_UNIT:
        return read_unit(d, in, type, place, out);
    case PRIM_LIST:
        return read_list(d, in, type, con->as.con.args[0], place, out);
    case PRIM_MAP:
        return read_map(d, in, type, con->as.con.args[0], place, out);
    case PRIM_JSON:
        return read_json(d, in, place, out);
    case PRIM_COUNT:
        break;
    }
    UNREACHABLE();
}

// Nothing is known of the type: the data decides.
static Reading read_open(DataReader *d, const Expr *in, Type *var, Place *place,
                         Expr *out)
{
    Type *found = data_infer_all(d, &in, 1, place);
    if (found->kind == TYPE_ERROR) {
        return READ_BAD;
    }
    if (!unify(&d->c->unifier, var, found)) {
        return data_mismatch(d, in, var, place);
    }
    return data_read(d, in, found, place, out);
}

static Reading refuse(DataReader *d, const Expr *in, Type *type, Place *place,
                      const char *why)
{
    data_report(d, in->span, place, "%.*s %s", STR_ARG(infer_print(d->c, type)),
                why);
    return READ_BAD;
}

static Reading read_base(DataReader *d, const Expr *in, Type *type,
                         Place *place, Expr *out)
{
    Type *base = type_resolve(type);
    switch ((TypeKind)base->kind) {
    case TYPE_ERROR: // reported
        return READ_BAD;
    case TYPE_VAR:
        return read_open(d, in, base, place, out);
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
        return refuse(d, in, type, place,
                      "stands for any type, which no data has");
    case TYPE_CON:
        return read_con(d, in, type, base, place, out);
    case TYPE_TUPLE:
        return read_tuple(d, in, type, base, place, out);
    case TYPE_FUNCTION:
        return refuse(d, in, type, place,
                      "is a function, which no data can be");
    case TYPE_RECORD:
        return data_read_record(d, in, type, base, place, out);
    case TYPE_REFINED:
        break;
    }
    UNREACHABLE(); // type_resolve() goes through it
}

// From the inside out: `type Small = Port where x < 100` checks Port first.
void data_add_checks(DataReader *d, Type *type, Place *place, const Expr *value,
                     bool on_tape)
{
    while (type->kind != TYPE_REFINED) {
        if (type->link == NULL) {
            return;
        }
        type = type->link;
    }
    data_add_checks(d, type->link, place, value, on_tape);
    Infer *c = d->c;
    Span annotation = d->why != NULL ? d->why->span : c->binding->name_span;
    const Refined *refined = refinements_refined(c, type, &annotation);
    if (refined == NULL) {
        return;
    }
    DataCheck check = {.value = *value,
                       .binding = (uint32_t)(d->binding - c->module->bindings),
                       .step = data_place_number(d, place),
                       .on_tape = on_tape,
                       .refined = refined};
    vec_push(&c->module->data_checks, check);
}

Reading data_read(DataReader *d, const Expr *in, Type *type, Place *place,
                  Expr *out)
{
    Reading reading = read_base(d, in, type, place, out);
    if ((type->flags & TYPE_HAS_REFINED) != 0 && reading != READ_BAD) {
        data_add_checks(d, type, place, out, false);
    }
    return reading;
}

// ---- entry

// Whether the type, through what does not show in a text, is String, or a union
// and the text a word: the name of a constructor, maybe misspelt.
static bool takes_text(const DataReader *d, Type *type, Str text)
{
    type = type_resolve(type);
    while (infer_is_option(d->c, type)) {
        type = type_resolve(type->as.con.args[0]);
    }
    if (type_is_prim(type, PRIM_STRING)) {
        return true;
    }
    bool is_word = d->data->literal == NULL && text.len > 0;
    for (size_t i = 0; i < text.len && is_word; i++) {
        is_word = byte_is(text.data[i], BYTE_IDENT) || text.data[i] == '-';
    }
    return is_word && type->kind == TYPE_CON &&
           type->as.con.module != TYPE_MODULE_PRIM &&
           type_union_info(d->c->program, type->as.con.module,
                           type->as.con.index) != NULL;
}

// What --input gave, as a literal of the type. False after reporting.
static bool read_text(DataReader *d, Type *type, Place *root, Expr *out)
{
    Str text = d->data->text;
    Span span = {0, (uint32_t)text.len};
    if (takes_text(d, type, text)) {
        *out = (Expr){.kind = EXPR_STRING, .flags = EXPR_CLOSED, .span = span};
        out->as.string.data = text.data;
        out->as.string.len = (uint32_t)text.len;
        return true;
    }
    if (d->data->literal != NULL) {
        *out = *d->data->literal;
        return true;
    }
    StrBuf shown = {0};
    strbuf_append_printable(&shown, text, 60);
    Diag *diag = data_report(d, span, root, "expected %.*s, found '%.*s'",
                             STR_ARG(infer_print(d->c, type)),
                             STR_ARG(strbuf_str(&shown)));
    diag_help(d->c->sink, diag,
              "a value that is no String is written as JSON or as a Ligature "
              "literal");
    strbuf_release(&shown);
    return false;
}

static DataReader reader_new(Infer *c, const Binding *binding,
                             const Expect *why)
{
    return (DataReader){
        .c = c, .binding = binding, .data = binding->data, .why = why};
}

// Reads a tape again, as the tree that all else goes over.
static void need_tree(Infer *c, Binding *binding)
{
    const DataValue *data = binding->data;
    if (data->literal == NULL || data->literal->kind != EXPR_DATA) {
        return;
    }
    DataValue *tree = ARENA_NEW(c->module->arena, DataValue);
    *tree = *data;
    tree->literal = data_tree(c->program, data, c->module->arena);
    binding->data = tree;
}

Type *data_infer(Infer *c, Binding *binding)
{
    const Expr *given = binding->data->literal;
    Type *guessed = given != NULL && given->kind == EXPR_DATA
                        ? data_guess_tape(c, given->as.data->tape)
                        : NULL;
    if (guessed != NULL) {
        return guessed;
    }
    need_tree(c, binding);
    DataReader reader = reader_new(c, binding, NULL);
    Place root = {0};
    return data_infer_all(&reader, &binding->data->literal, 1, &root);
}

void data_check(Infer *c, Binding *binding, Type *type, const Expect *why)
{
    DataReader reader = reader_new(c, binding, why);
    Place root = {0};
    Expr literal;
    Expr *value = ARENA_NEW(c->module->arena, Expr);
    bool okay = true;
    binding->value_is_data = true;
    const Expr *given = binding->data->literal;
    if (given != NULL && given->kind == EXPR_DATA && type->kind != TYPE_ERROR) {
        if (data_read_tape(&reader, given, type, value)) {
            binding->value = value;
            return;
        }
        need_tree(c, binding);
        reader.data = binding->data;
    }
    if (type->kind == TYPE_ERROR) {
        okay = false;
    } else if (binding->data->text.data != NULL) {
        okay = read_text(&reader, type, &root, &literal);
    } else if (binding->data->literal != NULL) {
        literal = *binding->data->literal;
    } else {
        okay = false; // does not parse, which was reported
    }
    okay = okay && data_read(&reader, &literal, type, &root, value) != READ_BAD;
    if (okay) {
        binding->value = value;
    } else {
        c->failed = true;
    }
    data_free_shapes(&reader);
}
