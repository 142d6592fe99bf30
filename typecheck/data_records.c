// Objects against record types. What is known of a type is kept while the data
// is read: a file may hold a million objects of one type.
#include "support/nearest.h"
#include "syntax/data_path.h"
#include "typecheck/data_internal.h"
#include "typecheck/refinements.h"

#include "typecheck/infer_records.h"

#define FEW_FIELDS 64

// One object at work.
typedef struct ObjectReading {
    DataReader *d;
    const Expr *in;
    RecordShape *shape;
    Place *place;
    uint8_t few[FEW_FIELDS];
    uint8_t *seen;    // by field of the type
    RecordItem *copy; // NULL while all values are the literal's
    uint16_t closed;
    bool bad;
    VEC(uint32_t) extra; // items that belong to no field
} ObjectReading;

static RecordShape *shape_of(DataReader *d, Type *record)
{
    void **known = ptr_map_at(&d->shapes, (uintptr_t)record, 0);
    if (*known != NULL) {
        return *known;
    }
    RecordShape *shape = ARENA_NEW(d->c->scratch, RecordShape);
    *known = shape;
    shape->fields =
        type_record_fields(record, d->c->scratch, &shape->count, &shape->tail);
    return shape;
}

void data_free_shapes(DataReader *d)
{
    for (uint32_t i = 0; i < d->unions.capacity; i++) {
        if (d->unions.slots[i].a != 0) {
            UnionShape *shape = d->unions.slots[i].value;
            ptr_map_release(&shape->numbers);
        }
    }
    ptr_map_release(&d->unions);
    ptr_map_release(&d->shapes);
}

// ---- the fields that are there

static uint32_t search(const RecordShape *shape, Symbol name)
{
    uint32_t low = 0;
    uint32_t high = shape->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (shape->fields[middle].name < name) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < shape->count && shape->fields[low].name == name ? low
                                                                 : INDEX_NONE;
}

// Objects of one type mostly have their keys in the same order.
static uint32_t find_field(DataReader *d, RecordShape *shape, uint32_t item,
                           uint32_t item_count, Symbol name)
{
    if (shape->hint_count < item_count) {
        shape->hints =
            arena_zalloc(d->c->scratch, item_count * sizeof *shape->hints);
        shape->hint_count = item_count;
    }
    uint32_t hint = shape->hints[item];
    if (hint < shape->count && shape->fields[hint].name == name) {
        return hint;
    }
    uint32_t found = search(shape, name);
    if (found != INDEX_NONE) {
        shape->hints[item] = found;
    }
    return found;
}

static void read_item(ObjectReading *o, uint32_t i, Type *type,
                      const RecordField *declared)
{
    const RecordItem *item = &o->in->as.record.items[i];
    Place here = data_field_place(o->place, item->name);
    here.declared = declared;
    Expr value;
    Reading reading =
        data_read(o->d, record_item_value(item), type, &here, &value);
    if (reading == READ_BAD) {
        o->bad = true;
        return;
    }
    o->closed &= value.flags;
    if (reading == READ_NEW && o->copy == NULL) {
        o->copy = arena_copy(o->d->c->module->arena, o->in->as.record.items,
                             o->in->as.record.count * sizeof *o->copy);
    }
    if (reading == READ_NEW) {
        o->copy[i].plain = value; // data has no boxes
    }
}

// Fields beyond those that are written, of an open type.
static bool read_open_item(ObjectReading *o, uint32_t i, Type *record)
{
    if (o->shape->tail == NULL || o->shape->tail->kind == TYPE_ERROR) {
        return false;
    }
    Infer *c = o->d->c;
    Type *type = unify_field(&c->unifier, record,
                             o->in->as.record.items[i].name, c->level);
    if (type == NULL) {
        return false;
    }
    read_item(o, i, type, NULL);
    return true;
}

// ---- fields that no type knows

static Span name_span(const ObjectReading *o, uint32_t i)
{
    return data_key_span(o->d->c->program->interner, &o->in->as.record.items[i],
                         &o->d->data->module->source);
}

// The nearest field of the type that is not there yet; else the nearest.
static uint32_t nearest_field(const ObjectReading *o, Symbol name)
{
    const Interner *interner = o->d->c->program->interner;
    const RecordShape *shape = o->shape;
    for (int only_missing = 1;
         only_missing >= 0 && infer_may_suggest(o->d->c, shape->count);
         only_missing--) {
        Nearest nearest;
        nearest_init(&nearest, symbol_text(interner, name));
        for (uint32_t i = 0; i < shape->count; i++) {
            if (!only_missing || !o->seen[i]) {
                nearest_consider(&nearest,
                                 symbol_text(interner, shape->fields[i].name));
            }
        }
        for (uint32_t i = 0; i < shape->count && nearest.best.len > 0; i++) {
            if (str_equal(symbol_text(interner, shape->fields[i].name),
                          nearest.best)) {
                return i;
            }
        }
    }
    return INDEX_NONE;
}

// A misspelt field is not reported as missing too.
static void report_extra(ObjectReading *o, uint32_t i)
{
    Infer *c = o->d->c;
    Symbol name = o->in->as.record.items[i].name;
    Diag *diag = data_report(o->d, name_span(o, i), o->place,
                             "there is no field '%.*s' in this type",
                             STR_ARG(infer_name_text(c, name)));
    uint32_t near = nearest_field(o, name);
    if (near != INDEX_NONE) {
        Str text = infer_name_text(c, o->shape->fields[near].name);
        diag_help(c->sink, diag, "did you mean '%.*s'?", STR_ARG(text));
        o->seen[near] = 1;
    } else if (o->shape->tail != NULL) {
        diag_help(c->sink, diag,
                  "which fields a variable stands for is not for data to say: "
                  "'..' alone lets it have further ones");
    }
}

// ---- fields that are missing

static int by_order(const void *a, const void *b, void *ctx)
{
    const RecordShape *shape = ctx;
    uint32_t left = shape->fields[*(const uint32_t *)a].order;
    uint32_t right = shape->fields[*(const uint32_t *)b].order;
    return (left > right) - (left < right);
}

static void report_missing(ObjectReading *o, const uint32_t *missing,
                           uint32_t count)
{
    enum { SHOWN = 8 };
    Infer *c = o->d->c;
    StrBuf names = {0};
    for (uint32_t i = 0; i < count && i < SHOWN; i++) {
        Str name = infer_name_text(c, o->shape->fields[missing[i]].name);
        strbuf_appendf(&names, "%s'%.*s'", i > 0 ? ", " : "", STR_ARG(name));
    }
    if (count > SHOWN) {
        strbuf_appendf(&names, " and %u more", count - SHOWN);
    }
    Diag *diag = data_report(
        o->d, o->in->span, o->place, "the object lacks %s %.*s",
        count == 1 ? "the field" : "the fields", STR_ARG(strbuf_str(&names)));
    if (count == 1) {
        const RecordField *field = &o->shape->fields[missing[0]];
        diag_help(c->sink, diag, "'%.*s' has type %.*s",
                  STR_ARG(infer_name_text(c, field->name)),
                  STR_ARG(infer_print(c, field->type)));
    }
    strbuf_release(&names);
}

bool data_is_constant_fill(const Infer *c, const FieldFill *fill)
{
    if (fill == NULL || fill->optional) {
        return true;
    }
    const Module *module = c->program->modules[fill->module];
    return fill->arg_count == 0 && fill->decl->hidden < module->binding_count &&
           (module->bindings[fill->decl->hidden].value->flags & EXPR_CLOSED) !=
               0;
}

static void note_fills(DataReader *d, RecordShape *shape,
                       const uint32_t *fields, uint32_t count)
{
    Note note = {.kind = NOTE_RECORD};
    RecordFill *fills = arena_array(d->c->arena, count, sizeof *fills);
    type_store_charge(&d->c->store, count);
    shape->closed = true;
    for (uint32_t i = 0; i < count; i++) {
        const RecordField *field = &shape->fields[fields[i]];
        const FieldFill *fill = field->fill;
        fills[i] = (RecordFill){.name = field->name, .is_none = true};
        if (fill != NULL && !fill->optional) {
            fills[i] = (RecordFill){.name = field->name,
                                    .module = fill->module,
                                    .index = fill->decl->hidden,
                                    .args = fill->args,
                                    .arg_count = fill->arg_count};
        }
        shape->closed = shape->closed && data_is_constant_fill(d->c, fill);
    }
    note.as.record.fills = fills;
    note.as.record.count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (!fills[i].is_none) {
            refinements_add_ref(d->c, fills[i].module, fills[i].index,
                                d->binding->name_span);
        }
    }
    shape->note = 0;
    infer_add_note(d->c, &shape->note, &note);
    shape->filled =
        arena_copy(d->c->scratch, fields, count * sizeof *shape->filled);
    shape->filled_count = count;
}

// Fills what is left out; false after reporting. `*out_note` is one note for
// all objects that lack the same fields.
static bool fill(ObjectReading *o, uint32_t *out_note)
{
    RecordShape *shape = o->shape;
    if (o->d->c->store.exceeded) {
        return true; // that is said, and memory is bounded
    }
    uint32_t few[2 * FEW_FIELDS];
    uint32_t *fills = few;
    if (shape->count > FEW_FIELDS) {
        if (shape->missing == NULL) {
            shape->missing =
                arena_array(o->d->c->scratch, 2 * (uint64_t)shape->count,
                            sizeof *shape->missing);
        }
        fills = shape->missing;
    }
    uint32_t *missing = fills + shape->count;
    uint32_t fill_count = 0;
    uint32_t missing_count = 0;
    for (uint32_t i = 0; i < shape->count; i++) {
        if (o->seen[i]) {
            continue;
        }
        if (shape->fields[i].fill != NULL ||
            infer_is_option(o->d->c, shape->fields[i].type)) {
            fills[fill_count++] = i;
        } else {
            missing[missing_count++] = i;
        }
    }
    if (missing_count > 0) {
        qsort_r(missing, missing_count, sizeof *missing, by_order, shape);
        report_missing(o, missing, missing_count);
        return false;
    }
    if (fill_count == 0) {
        return true;
    }
    qsort_r(fills, fill_count, sizeof *fills, by_order, shape);
    if (shape->filled_count != fill_count ||
        memcmp(shape->filled, fills, fill_count * sizeof *fills) != 0) {
        note_fills(o->d, shape, fills, fill_count);
    }
    *out_note = shape->note;
    o->closed &= shape->closed ? EXPR_CLOSED : 0;
    return true;
}

// ---- the whole

static void read_items(ObjectReading *o, Type *record)
{
    const Expr *in = o->in;
    for (uint32_t i = 0; i < in->as.record.count; i++) {
        Symbol name = in->as.record.items[i].name;
        uint32_t field =
            find_field(o->d, o->shape, i, in->as.record.count, name);
        if (field != INDEX_NONE) {
            o->seen[field] = 1;
            const RecordField *declared = &o->shape->fields[field];
            read_item(o, i, declared->type, declared);
        } else if (!read_open_item(o, i, record)) {
            vec_push(&o->extra, i);
        }
    }
    // Of a type that is wrong itself, it was said.
    bool known = o->shape->tail == NULL || o->shape->tail->kind != TYPE_ERROR;
    for (uint32_t i = 0; i < o->extra.count; i++) {
        if (known) {
            report_extra(o, o->extra.items[i]);
        }
        o->bad = true;
    }
    vec_release(&o->extra);
}

Reading data_read_record(DataReader *d, const Expr *in, Type *type,
                         Type *record, Place *place, Expr *out)
{
    if (in->kind != EXPR_RECORD) {
        return data_mismatch(d, in, type, place);
    }
    ObjectReading o = {.d = d,
                       .in = in,
                       .shape = shape_of(d, record),
                       .place = place,
                       .closed = EXPR_CLOSED};
    o.seen = o.few;
    if (o.shape->count > FEW_FIELDS) {
        o.seen = mem_calloc(o.shape->count, sizeof *o.seen);
    }
    read_items(&o, record);
    uint32_t note = 0;
    bool okay = fill(&o, &note) && !o.bad;
    if (o.seen != o.few) {
        free(o.seen);
    }
    if (!okay) {
        return READ_BAD;
    }
    *out = *in;
    out->flags = o.closed;
    out->note = note;
    if (o.copy != NULL) {
        out->as.record.items = o.copy;
    }
    return o.copy != NULL || note != 0 ? READ_NEW : READ_SAME;
}

// ---- open types

typedef struct ExtraItem {
    Symbol name;
    uint32_t number; // in order of appearance
    uint32_t object;
    const Expr *value;
} ExtraItem;

static int by_name(const void *a, const void *b)
{
    const ExtraItem *left = a;
    const ExtraItem *right = b;
    return left->name != right->name
               ? (left->name > right->name) - (left->name < right->name)
               : (left->number > right->number) -
                     (left->number < right->number);
}

// The type of a field that `count` of `total` objects have.
static Type *extra_type(DataReader *d, const ExtraItem *items, uint32_t count,
                        uint32_t total, Place *place)
{
    const Expr **values = arena_array(d->c->scratch, count, sizeof *values);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = items[i].value;
    }
    Place here = data_item_place(place, items[0].object);
    Place field = data_field_place(&here, items[0].name);
    Type *type = data_infer_all(d, values, count, &field);
    if (count < total && !infer_is_option(d->c, type) &&
        type->kind != TYPE_ERROR) {
        type = infer_option_of(d->c, type);
    }
    return type;
}

void data_open_items(DataReader *d, const Expr *items, uint32_t count,
                     Type *item, Place *place)
{
    Type *record = type_resolve(item);
    if (record->kind != TYPE_RECORD || count == 0) {
        return;
    }
    RecordShape *shape = shape_of(d, record);
    if (shape->tail == NULL || shape->tail->kind != TYPE_VAR) {
        return;
    }
    VEC(ExtraItem) extra = {0};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t fields =
            items[i].kind == EXPR_RECORD ? items[i].as.record.count : 0;
        for (uint32_t k = 0; k < fields; k++) {
            const RecordItem *field = &items[i].as.record.items[k];
            if (search(shape, field->name) == INDEX_NONE) {
                vec_push(&extra, (ExtraItem){field->name, extra.count, i,
                                             record_item_value(field)});
            }
        }
    }
    if (extra.count > 0) {
        qsort(extra.items, extra.count, sizeof *extra.items, by_name);
    }
    TypeStore *store = &d->c->store;
    RecordField *fields =
        arena_array(store->arena, extra.count, sizeof *fields);
    uint32_t field_count = 0;
    for (uint32_t from = 0, to; from < extra.count; from = to) {
        to = from;
        while (to < extra.count &&
               extra.items[to].name == extra.items[from].name) {
            to++;
        }
        fields[field_count] = (RecordField){
            .name = extra.items[from].name,
            .order = shape->count + extra.items[from].number,
            .type = extra_type(d, extra.items + from, to - from, count, place)};
        field_count++;
    }
    vec_release(&extra);
    Type *rest = type_record(store, fields, field_count, NULL);
    if (unify(&d->c->unifier, shape->tail, rest)) {
        *ptr_map_at(&d->shapes, (uintptr_t)record, 0) = NULL; // it has grown
    }
}
