// Lists, tuples, records and comprehensions. See direct.h.
#include "eval/direct_internal.h"

bool direct_values(Direct *d, const Expr *exprs, uint32_t count, Value *out)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!direct_operand(d, &exprs[i], &out[i])) {
            return false;
        }
    }
    return true;
}

static bool list_value(Direct *d, const Expr *expr, Value *out)
{
    enum { LONG_MIN = 1024 }; // of a literal that is run part by part
    uint32_t count = expr->as.list.count;
    bool is_long = count >= LONG_MIN && (expr->flags & EXPR_CLOSED) == 0;
    Value *items;
    if (is_long || !heap_can_hold(d->heap, count * sizeof(Value) + 64)) {
        return false;
    }
    *out = expr->kind == EXPR_LIST ? value_list(d->heap, count, &items)
                                   : value_tuple(d->heap, count, &items);
    return direct_values(d, expr->as.list.items, count, items);
}

// Data is made once.
static bool data_default(Direct *d, const Binding *binding, Value *out)
{
    Machine *root = d->m->root;
    if (constant_default_known(root->constants, binding, out)) {
        return true;
    }
    Heap *heap = d->heap;
    d->heap = &root->code_heap;
    bool okay = direct_value(d, binding->value, out);
    d->heap = heap;
    if (okay) {
        constant_default_add(root->constants, binding, *out);
    }
    return okay;
}

// A default that depends on no field: made anew where it is a literal.
static bool constant_default(Direct *d, const RecordFill *fill, Value *out)
{
    const Module *module = d->module;
    const Binding *binding = &d->modules[fill->module]->bindings[fill->index];
    const Expr *value = binding->value;
    if (value == NULL || (value->flags & EXPR_CLOSED) == 0) {
        return direct_global(d, fill->module, fill->index, out);
    }
    d->module = d->modules[fill->module];
    bool okay = constant_is_data(value) ? data_default(d, binding, out)
                                        : direct_value(d, value, out);
    d->module = module;
    return okay;
}

// The default of a field, which may depend on those before.
static bool default_value(Direct *d, const RecordFill *fill, const Shape *shape,
                          const Value *fields, Value *out)
{
    Value *none;
    if (fill->is_none) {
        *out = value_union(d->heap, d->m->builtins.none, &none);
        return true;
    }
    if (fill->arg_count == 0) {
        return constant_default(d, fill, out);
    }
    DirectCall call;
    uint32_t top = d->top;
    if (!direct_begin_call(d, fill->module, fill->index, fill->arg_count, NULL,
                           &call)) {
        return false;
    }
    for (uint32_t i = 0; i < fill->arg_count; i++) {
        const Param *param = &call.function->params[i];
        Value arg = fields[shape_find(shape, fill->args[i])];
        call.locals[param->local] = arg;
        if (!direct_bind(d, &param->pattern, arg, call.locals)) {
            return false;
        }
    }
    bool okay = direct_end_call(d, &call, out);
    d->top = top;
    return okay;
}

static bool has_names(const Expr *expr, const RecordFill *fills,
                      uint32_t fill_count, const Shape *shape)
{
    uint32_t count = expr->as.record.count;
    if (shape == NULL || shape->count != count + fill_count) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        if (item->name != shape->names[i] || record_item_path(item) != NULL) {
            return false;
        }
    }
    for (uint32_t i = 0; i < fill_count; i++) {
        if (fills[i].name != shape->names[count + i]) {
            return false;
        }
    }
    return true;
}

// NULL: there are spreads or paths. Records repeat themselves, so what was made
// last is looked at first.
static const Shape *record_shape(Direct *d, const Expr *expr, const Note *note)
{
    Machine *m = d->m;
    uint32_t count = expr->as.record.count;
    const RecordFill *fills = note != NULL ? note->as.record.fills : NULL;
    uint32_t fill_count = note != NULL ? note->as.record.count : 0;
    Symbol first = count > 0 ? expr->as.record.items[0].name : 0;
    const Shape **known =
        &d->memory->shapes[(first * 5 + count) % DIRECT_SHAPE_COUNT];
    if (LIKELY(has_names(expr, fills, fill_count, *known))) {
        return *known;
    }
    vec_clear(&m->names);
    vec_reserve(&m->names, (size_t)count + fill_count);
    for (uint32_t i = 0; i < count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        if (item->name == 0 || record_item_path(item) != NULL) {
            return NULL;
        }
        m->names.items[i] = item->name;
    }
    for (uint32_t i = 0; i < fill_count; i++) {
        m->names.items[count + i] = fills[i].name;
    }
    *known =
        shape_intern(d->evaluation->shapes, m->names.items, count + fill_count);
    return *known;
}

// The shape of the names of `from` and the items behind the first.
static const Shape *spread_shape(Direct *d, const Expr *expr, const Shape *from)
{
    const Shape *shape = from;
    for (uint32_t i = 1; i < expr->as.record.count; i++) {
        shape = shape_with(d->evaluation->shapes, shape,
                           expr->as.record.items[i].name);
    }
    return shape;
}

// A spread, and then single fields.
static bool is_flat(const Expr *expr)
{
    const RecordItem *items = expr->as.record.items;
    if (expr->as.record.count == 0 || items[0].name != 0) {
        return false;
    }
    for (uint32_t i = 1; i < expr->as.record.count; i++) {
        if (items[i].name == 0 || record_item_path(&items[i]) != NULL) {
            return false;
        }
    }
    return true;
}

static bool spread_value(Direct *d, const Expr *expr, Value *out)
{
    enum { FIELDS_MAX = 64 };
    Value base;
    Value *fields;
    const RecordItem *items = expr->as.record.items;
    if (!is_flat(expr) || expr->as.record.count > FIELDS_MAX ||
        direct_note(d, expr->note, NOTE_RECORD) != NULL ||
        !direct_operand(d, record_item_value(&items[0]), &base)) {
        return false;
    }
    const RecordObject *record = base.as.record;
    const Shape *shape = spread_shape(d, expr, record->shape);
    if (!heap_can_hold(d->heap, shape->count * sizeof(Value) + 64)) {
        return false;
    }
    d->credit -= d->gain < 0 ? shape->count : 0;
    *out = value_record(d->heap, shape, &fields);
    memcpy(fields, record->fields, record->shape->count * sizeof(Value));
    for (uint32_t i = 1; i < expr->as.record.count; i++) {
        int32_t field = shape_find(shape, items[i].name);
        if (!direct_operand(d, record_item_value(&items[i]), &fields[field])) {
            return false;
        }
    }
    return true;
}

static bool record_value(Direct *d, const Expr *expr, Value *out)
{
    const Note *note = direct_note(d, expr->note, NOTE_RECORD);
    if ((expr->flags & EXPR_AS_MAP) != 0) {
        return false;
    }
    const Shape *shape = record_shape(d, expr, note);
    if (shape == NULL) {
        return spread_value(d, expr, out);
    }
    if (!heap_can_hold(d->heap, shape->count * sizeof(Value) + 64)) {
        return false;
    }
    Value *fields;
    uint32_t count = expr->as.record.count;
    *out = value_record(d->heap, shape, &fields);
    for (uint32_t i = 0; i < count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        if (!direct_operand(d, record_item_value(item), &fields[i])) {
            return false;
        }
    }
    for (uint32_t i = count; i < shape->count; i++) {
        if (!default_value(d, &note->as.record.fills[i - count], shape, fields,
                           &fields[i])) {
            return false;
        }
    }
    return true;
}

// Literals alone: equal ones are one.
static NOINLINE bool closed_value(Direct *d, const Expr *expr, Value *out)
{
    Machine *root = d->m->root;
    Heap *heap = d->heap;
    d->heap = &root->code_heap;
    if (!(expr->kind == EXPR_RECORD ? record_value(d, expr, out)
                                    : list_value(d, expr, out))) {
        return false;
    }
    *out = constant_shared(root->constants, d->heap, *out);
    d->heap = heap;
    return true;
}

bool direct_data(Direct *d, const Expr *expr, Value *out)
{
    if ((expr->flags & EXPR_CLOSED) != 0) {
        return closed_value(d, expr, out);
    }
    return expr->kind == EXPR_RECORD ? record_value(d, expr, out)
                                     : list_value(d, expr, out);
}

// ---- comprehensions

typedef struct Building {
    const Comprehension *comprehension;
    ListBuffer *buffer;
} Building;

static bool clauses_from(Direct *d, Building *building, uint32_t i)
{
    const Comprehension *comprehension = building->comprehension;
    Value value;
    if (i == comprehension->count) {
        return direct_operand(d, &comprehension->body, &value) &&
               list_buffer_push(d->heap, &building->buffer, value);
    }
    const Clause *clause = &comprehension->clauses[i];
    if (!direct_value(d, &clause->expr, &value)) {
        return false;
    }
    if (clause->is_filter) {
        return !value.as.boolean || clauses_from(d, building, i + 1);
    }
    uint32_t count = value_list_count(value);
    for (uint32_t n = 0; n < count; n++) {
        d->credit--;
        if (++d->steps > d->steps_max || d->credit < 0 ||
            !direct_bind(d, &clause->pattern, value_list_at(value, n),
                         d->locals) ||
            !clauses_from(d, building, i + 1)) {
            return false;
        }
    }
    return true;
}

// What is done for an item is paid for as the bodies of functions are.
bool direct_comprehension(Direct *d, const Expr *expr, Value *out)
{
    Building building = {.comprehension = expr->as.comprehension};
    int32_t gain = d->gain;
    d->gain = -1;
    if (!clauses_from(d, &building, 0)) {
        return false;
    }
    d->gain = gain;
    *out = value_list_finish(d->heap, building.buffer);
    return true;
}
