// Imported data: the type of a JSON literal, and a literal checked against a
// type. Data has no place for `Some`, constructors and tuples; where the type
// asks for them, the literal is rewritten.
#include "typecheck/infer_data.h"

#include "typecheck/infer_group.h"

// ---- the shape of untyped data

typedef enum ShapeKind {
    SHAPE_UNKNOWN, // of an empty list, of null
    SHAPE_BOOL,
    SHAPE_INT,
    SHAPE_FLOAT,
    SHAPE_STRING,
    SHAPE_LIST,
    SHAPE_RECORD
} ShapeKind;

typedef struct Shape Shape;

typedef struct ShapeField {
    Symbol name;
    Span span;     // where it was first met
    uint32_t seen; // records that have it
    Shape *shape;
} ShapeField;

// What the values met so far at one place have in common.
struct Shape {
    ShapeKind kind;
    bool nullable;
    bool mixed; // reported
    Span span;  // of the value that decided the kind
    Shape *item;
    uint32_t records; // met
    VEC(ShapeField) fields;
    PtrMap index; // symbol -> number + 1
};

static Shape *new_shape(Infer *c)
{
    return ARENA_NEW(c->scratch, Shape);
}

static void release_shape(Shape *shape)
{
    if (shape == NULL) {
        return;
    }
    release_shape(shape->item);
    for (uint32_t i = 0; i < shape->fields.count; i++) {
        release_shape(shape->fields.items[i].shape);
    }
    vec_release(&shape->fields);
    ptr_map_release(&shape->index);
}

static const char *shape_text(ShapeKind kind)
{
    switch (kind) {
    case SHAPE_UNKNOWN:
        return "null";
    case SHAPE_BOOL:
        return "a Boolean";
    case SHAPE_INT:
        return "an Integer";
    case SHAPE_FLOAT:
        return "a Float";
    case SHAPE_STRING:
        return "a String";
    case SHAPE_LIST:
        return "a list";
    case SHAPE_RECORD:
        return "a record";
    }
    return "";
}

static void report_mixed(Infer *c, Shape *shape, ShapeKind kind, Span span)
{
    if (shape->mixed) {
        return;
    }
    shape->mixed = true;
    Diag *diag = infer_error(
        c, DIAG_E0505, span,
        "the values here have no single type: %s, where another is %s",
        shape_text(kind), shape_text(shape->kind));
    diag_label(c->sink, diag, c->source, shape->span, "the other one");
    diag_help(c->sink, diag, "import the data with a type, or with ': Json'");
}

// False when the shape is another kind of value already.
static bool set_kind(Infer *c, Shape *shape, ShapeKind kind, Span span)
{
    if (shape->kind == kind ||
        (shape->kind == SHAPE_FLOAT && kind == SHAPE_INT)) {
        return true;
    }
    bool widens = shape->kind == SHAPE_INT && kind == SHAPE_FLOAT;
    if (shape->kind != SHAPE_UNKNOWN && !widens) {
        report_mixed(c, shape, kind, span);
        return false;
    }
    shape->kind = kind;
    shape->span = span;
    return true;
}

static void add_value(Infer *c, Shape *shape, const Expr *value);

static void add_record(Infer *c, Shape *shape, const Expr *value)
{
    shape->records++;
    for (uint32_t i = 0; i < value->as.record.count; i++) {
        const RecordItem *item = &value->as.record.items[i];
        void **slot = ptr_map_at(&shape->index, item->name, 0);
        if (*slot == NULL) {
            vec_push(&shape->fields,
                     (ShapeField){.name = item->name,
                                  .span = infer_item_span(c, item),
                                  .shape = new_shape(c)});
            *slot = (void *)(uintptr_t)shape->fields.count;
        }
        ShapeField *field = &shape->fields.items[(uintptr_t)*slot - 1];
        field->seen++;
        add_value(c, field->shape, &item->value);
    }
}

static void add_value(Infer *c, Shape *shape, const Expr *value)
{
    switch ((ExprKind)value->kind) {
    case EXPR_CTOR: // null
        shape->nullable = true;
        return;
    case EXPR_BOOL:
        set_kind(c, shape, SHAPE_BOOL, value->span);
        return;
    case EXPR_INT:
        set_kind(c, shape, SHAPE_INT, value->span);
        return;
    case EXPR_FLOAT:
        set_kind(c, shape, SHAPE_FLOAT, value->span);
        return;
    case EXPR_STRING:
        set_kind(c, shape, SHAPE_STRING, value->span);
        return;
    case EXPR_LIST:
        if (set_kind(c, shape, SHAPE_LIST, value->span)) {
            if (shape->item == NULL) {
                shape->item = new_shape(c);
            }
            for (uint32_t i = 0; i < value->as.list.count; i++) {
                add_value(c, shape->item, &value->as.list.items[i]);
            }
        }
        return;
    case EXPR_RECORD:
        if (set_kind(c, shape, SHAPE_RECORD, value->span)) {
            add_record(c, shape, value);
        }
        return;
    case EXPR_ERROR:
    case EXPR_UNIT:
    case EXPR_INTERPOLATION:
    case EXPR_NAME:
    case EXPR_BUILTIN:
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
        break; // no data
    }
}

// ---- shapes as types

static Type *shape_type(Infer *c, const Shape *shape, bool missing);

const FieldFill *infer_optional_fill(Infer *c, Symbol name, Span span)
{
    TypeField *decl = ARENA_NEW(c->store.arena, TypeField);
    decl->name = name;
    decl->name_span = span;
    decl->optional = true;
    decl->hidden = INDEX_NONE;
    FieldFill *fill = ARENA_NEW(c->store.arena, FieldFill);
    fill->decl = decl;
    fill->module = c->module->id;
    fill->optional = true;
    return fill;
}

static Type *shape_record_type(Infer *c, const Shape *shape)
{
    uint32_t count = shape->fields.count;
    RecordField *fields = arena_array(c->store.arena, count, sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        const ShapeField *field = &shape->fields.items[i];
        bool missing = field->seen < shape->records;
        fields[i] = (RecordField){.name = field->name,
                                  .order = i,
                                  .type = shape_type(c, field->shape, missing)};
        if (missing) { // a field that not all records have is optional
            fields[i].fill = infer_optional_fill(c, field->name, field->span);
        }
    }
    return type_record(&c->store, fields, count, NULL);
}

static Type *shape_plain_type(Infer *c, const Shape *shape)
{
    switch (shape->kind) {
    case SHAPE_UNKNOWN:
        return type_prim(PRIM_JSON);
    case SHAPE_BOOL:
        return type_prim(PRIM_BOOLEAN);
    case SHAPE_INT:
        return type_prim(PRIM_INTEGER);
    case SHAPE_FLOAT:
        return type_prim(PRIM_FLOAT);
    case SHAPE_STRING:
        return type_prim(PRIM_STRING);
    case SHAPE_LIST:
        return type_list(&c->store, shape_type(c, shape->item, false));
    case SHAPE_RECORD:
        return shape_record_type(c, shape);
    }
    return type_error();
}

static Type *shape_type(Infer *c, const Shape *shape, bool missing)
{
    if (shape->mixed) {
        return type_error();
    }
    Type *type = shape_plain_type(c, shape);
    return shape->nullable || missing ? infer_option_of(c, type) : type;
}

Type *infer_data(Infer *c, Expr *value)
{
    Shape *shape = new_shape(c);
    add_value(c, shape, value);
    Type *type = shape_type(c, shape, false);
    release_shape(shape);
    if (c->error_count == 0) {
        infer_check_data(c, value, type, (Span){0, 0});
    }
    return type;
}
