// The Show of types with user-written instances inside.
#include "eval/compile_derived.h"

static uint32_t show_value(Derived *d, const DerivedShape *shape,
                           uint32_t value, bool as_argument);

static void emit_text(Compiler *c, uint32_t reg, Str text)
{
    emit_const(c, reg, value_string_static(c->heap, arena_str(c->arena, text)));
}

// What joins texts that come one by one.
typedef struct Joiner {
    Compiler *c;
    uint32_t sum; // the text so far; `sum` + 1 is free for the next piece
} Joiner;

static Joiner join_begin(Compiler *c, Str open)
{
    Joiner joiner = {c, registers_new(c, 2)};
    emit_text(c, joiner.sum, open);
    return joiner;
}

static void join_reg(Joiner *joiner, uint32_t piece)
{
    emit_move(joiner->c, joiner->sum + 1, piece);
    emit_op(joiner->c, OP_CONCAT, joiner->sum, joiner->sum, 2);
}

static void join_text(Joiner *joiner, Str text)
{
    emit_text(joiner->c, joiner->sum + 1, text);
    emit_op(joiner->c, OP_CONCAT, joiner->sum, joiner->sum, 2);
}

static void join_value(Joiner *joiner, Derived *d, const DerivedShape *shape,
                       uint32_t value, bool as_argument)
{
    uint32_t mark = register_mark(joiner->c);
    join_reg(joiner, show_value(d, shape, value, as_argument));
    register_release(joiner->c, mark);
}

// Items in brackets; those of maps are tuples already.
static uint32_t show_list(Derived *d, const DerivedShape *item, uint32_t list,
                          Str open)
{
    Compiler *c = d->c;
    Joiner joiner = join_begin(c, open);
    uint32_t separator = register_new(c);
    uint32_t state = registers_new(c, 3);
    uint32_t element = register_new(c);
    Label next = LABEL_NEW;
    Label body = LABEL_NEW;
    emit_text(c, separator, STR(""));
    emit_jump2(c, OP_LOOP_BEGIN, state, list, 0, 0, &next);
    label_place(c, &body);
    join_reg(&joiner, separator);
    emit_text(c, separator, STR(", "));
    join_value(&joiner, d, item, element, false);
    label_place(c, &next);
    emit_jump2(c, OP_LOOP_NEXT, element, state, 0, 0, &body);
    join_text(&joiner, STR("]"));
    return joiner.sum;
}

static uint32_t show_tuple(Derived *d, const DerivedShape *shape,
                           uint32_t value)
{
    Compiler *c = d->c;
    Joiner joiner = join_begin(c, STR("("));
    for (uint32_t i = 0; i < shape->count; i++) {
        uint32_t mark = register_mark(c);
        uint32_t part = register_new(c);
        if (i > 0) {
            join_text(&joiner, STR(", "));
        }
        emit_op(c, OP_ITEM, part, value, i);
        join_value(&joiner, d, shape->parts[i], part, false);
        register_release(c, mark);
    }
    join_text(&joiner, STR(")"));
    return joiner.sum;
}

// "name = ", quoted where it must be: what a record of that field shows.
static void join_field_name(Joiner *joiner, Symbol name)
{
    Compiler *c = joiner->c;
    Value *fields;
    Value record = value_record(
        c->heap, shape_intern(c->evaluation->shapes, &name, 1), &fields);
    fields[0] = value_unit();
    StrBuf text = {0};
    if (!value_show(&text, record, UINT32_MAX)) {
        c->too_large = true;
    } else {
        Str shown = strbuf_str(&text); // { name = () }
        join_text(joiner, str_slice(shown, 2, shown.len - 4));
    }
    strbuf_release(&text);
}

// The type has its fields by name and the value in the order written, which is
// how it shows: their texts come in a record too.
static uint32_t show_record(Derived *d, const DerivedShape *shape,
                            uint32_t value)
{
    Compiler *c = d->c;
    if (shape->count == 0) {
        return join_begin(c, STR("{}")).sum;
    }
    uint32_t text = register_new(c);
    uint32_t mark = register_mark(c);
    uint32_t texts = register_new(c);
    emit_wide(c, OP_RECORD_NEW, texts,
              pointer_index(c, shape_intern(c->evaluation->shapes,
                                            shape->fields, shape->count)));
    for (uint32_t i = 0; i < shape->count; i++) {
        uint32_t field_mark = register_mark(c);
        Joiner joiner = join_begin(c, STR(""));
        uint32_t part = register_new(c);
        join_field_name(&joiner, shape->fields[i]);
        emit_field(c, part, value, shape->fields[i]);
        join_value(&joiner, d, shape->parts[i], part, false);
        emit_op2(c, OP_RECORD_SET, texts, joiner.sum, 1, i, 0);
        register_release(c, field_mark);
    }
    emit_op(c, OP_RECORD_TEXT, text, texts, value);
    register_release(c, mark);
    return text;
}

static uint32_t show_map(Derived *d, DerivedShape *value, uint32_t map)
{
    static const DerivedShape key = {.kind = DERIVED_DATA};
    DerivedShape *parts[2] = {(DerivedShape *)&key, value};
    DerivedShape entry = {.kind = DERIVED_TUPLE, .parts = parts, .count = 2};
    Compiler *c = d->c;
    uint32_t entries = register_new(c);
    emit_move(c, entries, map);
    emit_op2(c, OP_BUILTIN, entries, entries, 1, BUILTIN_MAP_TO_LIST, 0);
    return show_list(d, &entry, entries, STR("fromList ["));
}

// The parts of a value, which is neither a leaf nor a union.
static uint32_t show_parts(Derived *d, const DerivedShape *shape,
                           uint32_t value)
{
    Compiler *c = d->c;
    switch (shape->kind) {
    case DERIVED_DATA: {
        uint32_t text = register_new(c);
        emit_move(c, text, value);
        emit_op2(c, OP_BUILTIN, text, text, 1, BUILTIN_SHOW, 0);
        return text;
    }
    case DERIVED_LIST:
        return show_list(d, shape->parts[0], value, STR("["));
    case DERIVED_MAP:
        return show_map(d, shape->parts[0], value);
    case DERIVED_TUPLE:
        return show_tuple(d, shape, value);
    case DERIVED_RECORD:
        return show_record(d, shape, value);
    case DERIVED_EVIDENCE:
    case DERIVED_UNION:
        break;
    }
    UNREACHABLE();
}

// The text, in a new register (and some more above it).
static uint32_t show_value(Derived *d, const DerivedShape *shape,
                           uint32_t value, bool as_argument)
{
    bool calls = shape->kind == DERIVED_EVIDENCE || derived_has_function(shape);
    uint32_t text = calls ? derived_part_call(d, shape, &value, 1)
                          : show_parts(d, shape, value);
    if (as_argument) {
        emit_op(d->c, OP_PARENTHESES, text, text, value);
    }
    return text;
}

typedef struct ShowCase {
    Derived *d;
    uint32_t value;
} ShowCase;

static void show_ctor(void *ctx, const CtorInfo *info,
                      DerivedShape *const *parts)
{
    ShowCase *all = ctx;
    Compiler *c = all->d->c;
    Joiner joiner = join_begin(c, info->name);
    for (uint32_t i = 0; i < info->arity; i++) {
        uint32_t mark = register_mark(c);
        uint32_t part = register_new(c);
        join_text(&joiner, STR(" "));
        emit_op(c, OP_UNION_FIELD, part, all->value, i);
        join_value(&joiner, all->d, parts[i], part, true);
        register_release(c, mark);
    }
    emit_return(c, joiner.sum);
}

void derived_show(Derived *d, const DerivedShape *shape, bool is_own)
{
    uint32_t value = register_new(d->c);
    if (!is_own) {
        emit_return(d->c, show_value(d, shape, value, false));
    } else if (shape->kind == DERIVED_UNION) {
        ShowCase all = {d, value};
        derived_ctor_cases(d, shape, value, show_ctor, &all);
    } else {
        emit_return(d->c, show_parts(d, shape, value));
    }
}
