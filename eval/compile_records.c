// Records, lists and tuples. Small ones are made of consecutive registers at
// once; big ones are made empty and filled in batches, so that a literal of a
// million items needs few registers.
#include "eval/compile_internal.h"
#include "eval/record_plan.h"

#include <assert.h>

#define BATCH_MAX 64u

void emit_field(Compiler *c, uint32_t to, uint32_t record, Symbol field)
{
    emit_op2(c, OP_FIELD, to, record, 0, field, c->fn->cache_count++);
}

// ---- values that come one after the other

// Into consecutive registers when they are few, else through a batch of
// registers into what they are the items or fields of.
typedef struct Sink {
    const Shape *shape; // of a record, or of names that the values go by
    uint32_t unnamed;   // values before those with a name
    bool is_record;     // else a list
    bool batched;
    uint32_t whole;   // batched: the list or record under construction
    uint32_t first;   // registers
    uint32_t count;   // values so far
    uint32_t flushed; // batched: of these, those in the whole
} Sink;

static Sink sink_new(Compiler *c, const Shape *shape, bool is_record,
                     uint32_t total)
{
    Sink sink = {
        .shape = shape, .is_record = is_record, .batched = total > BATCH_MAX};
    if (sink.batched) {
        sink.whole = register_new(c);
        if (is_record) {
            emit_wide(c, OP_RECORD_NEW, sink.whole, pointer_index(c, shape));
        } else {
            emit_wide(c, OP_LIST_NEW, sink.whole, total);
        }
    }
    sink.first = registers_new(c, sink.batched ? BATCH_MAX : total);
    return sink;
}

static void sink_flush(Compiler *c, Sink *sink)
{
    uint32_t count = sink->count - sink->flushed;
    if (sink->batched && count > 0) {
        emit_op2(c, sink->is_record ? OP_RECORD_SET : OP_LIST_SET, sink->whole,
                 sink->first, count, sink->flushed, 0);
        sink->flushed = sink->count;
    }
}

// Before the registers of the batch are used again.
static void sink_make_room(Compiler *c, Sink *sink)
{
    if (sink->batched && sink->count - sink->flushed == BATCH_MAX) {
        sink_flush(c, sink);
    }
}

static uint32_t sink_next(Compiler *c, Sink *sink)
{
    sink_make_room(c, sink);
    return sink->first + (sink->count++ - sink->flushed);
}

// What all values stand in: the first of the registers, or the whole.
static uint32_t sink_finish(Compiler *c, Sink *sink)
{
    sink_flush(c, sink);
    return sink->batched ? sink->whole : sink->first;
}

// A register with a value that is there already.
static uint32_t sink_get(Compiler *c, const Sink *sink, uint32_t at)
{
    assert(at < sink->count);
    if (at >= sink->flushed) {
        return sink->first + (at - sink->flushed);
    }
    uint32_t reg = register_new(c);
    if (sink->is_record) {
        emit_field(c, reg, sink->whole, sink->shape->names[at]);
    } else {
        emit_op2(c, OP_LIST_AT, reg, sink->whole, 0, at, 0);
    }
    return reg;
}

// ---- lists and tuples

void compile_list(Compiler *c, const Expr *expr, uint32_t reg)
{
    uint32_t count = expr->as.list.count;
    if (compile_list_parts(c, expr, reg)) {
        return;
    }
    uint32_t mark = register_mark(c);
    Span span = c->span;
    Sink sink = sink_new(c, NULL, false, count);
    for (uint32_t i = 0; i < count; i++) {
        c->span = span;
        uint32_t to = sink_next(c, &sink);
        compile_expr(c, &expr->as.list.items[i], to);
    }
    c->span = span;
    uint32_t from = sink_finish(c, &sink);
    if (sink.batched) {
        emit_move(c, reg, from);
    } else {
        emit_op(c, OP_LIST, reg, from, count);
    }
    register_release(c, mark);
}

void compile_tuple(Compiler *c, const Expr *expr, uint32_t reg)
{
    uint32_t count = expr->as.tuple.count;
    uint32_t mark = register_mark(c);
    uint32_t first = registers_new(c, count);
    for (uint32_t i = 0; i < count && !c->too_large; i++) {
        compile_expr(c, &expr->as.tuple.items[i], first + i);
    }
    emit_op(c, OP_TUPLE, reg, first, count);
    register_release(c, mark);
}

// ---- a record whose fields are all known

static const Shape *shape_of(Compiler *c, const Symbol *names, uint32_t count)
{
    return shape_intern(c->evaluation->shapes, names, count);
}

static void record_finish(Compiler *c, Sink *sink, uint32_t reg)
{
    uint32_t from = sink_finish(c, sink);
    if (sink->batched) {
        emit_move(c, reg, from);
    } else {
        emit_op2(c, OP_RECORD, reg, from, 0, pointer_index(c, sink->shape), 0);
    }
}

static void compile_fill(Compiler *c, const RecordFill *fill,
                         const Argument *args, uint32_t reg)
{
    if (fill->is_none) {
        compile_ctor_value(c, prelude_ctor(c, SYM_NONE), reg);
        return;
    }
    Callee hidden = {
        .kind = CALLEE_GLOBAL, .module = fill->module, .index = fill->index};
    compile_apply(c, &hidden, args, fill->arg_count, place_reg(reg));
}

static const Note *record_note(const Compiler *c, const Expr *expr)
{
    return note_find(c->context->notes, expr->note, NOTE_RECORD);
}

// The names of items and fills.
static const Symbol *record_names(Compiler *c, const Expr *expr,
                                  const Note *note, uint32_t *out_total)
{
    uint32_t items = expr->as.record.count;
    uint32_t fills = note != NULL ? note->as.record.count : 0;
    Symbol *names =
        arena_array(c->scratch, (size_t)items + fills + 1, sizeof *names);
    for (uint32_t i = 0; i < items; i++) {
        names[i] = expr->as.record.items[i].name;
    }
    for (uint32_t i = 0; i < fills; i++) {
        names[items + i] = note->as.record.fills[i].name;
    }
    *out_total = items + fills;
    return names;
}

// Makes the value of a default. It may use fields that stand before it: values
// of the sink, or fields of the record in `rest`.
static void sink_fill(Compiler *c, Sink *sink, const RecordFill *fill,
                      uint32_t rest)
{
    uint32_t mark = register_mark(c);
    Argument *args = arena_array(c->scratch, fill->arg_count + 1, sizeof *args);
    // The arguments may stand in the batch that is about to be reused.
    sink_make_room(c, sink);
    for (uint32_t a = 0; a < fill->arg_count; a++) {
        int32_t at = shape_find(sink->shape, fill->args[a]);
        if (at >= 0) {
            uint32_t value = sink->unnamed + (uint32_t)at;
            args[a] = (Argument){NULL, sink_get(c, sink, value)};
        } else {
            args[a] = (Argument){NULL, register_new(c)};
            emit_field(c, args[a].reg, rest, fill->args[a]);
        }
    }
    uint32_t to = sink_next(c, sink);
    compile_fill(c, fill, args, to);
    origin_default(c, fill, to);
    register_release(c, mark);
}

static void compile_known_record(Compiler *c, const Expr *expr,
                                 const Note *note, uint32_t reg)
{
    uint32_t total;
    const Symbol *names = record_names(c, expr, note, &total);
    Span span = c->span;
    Sink sink = sink_new(c, shape_of(c, names, total), true, total);
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        uint32_t to = sink_next(c, &sink);
        compile_expr(c, record_item_value(&expr->as.record.items[i]), to);
        origin_field(c, &expr->as.record.items[i], to);
    }
    c->span = span;
    for (uint32_t i = 0; note != NULL && i < note->as.record.count; i++) {
        sink_fill(c, &sink, &note->as.record.fills[i], 0);
    }
    record_finish(c, &sink, reg);
}

// ---- a record with spreads or dotted paths

static void emit_update(Compiler *c, uint32_t to, uint32_t from,
                        const Sink *sink, RecordPlan *plan)
{
    plan->in_list = sink->batched;
    emit_op2(c, OP_UPDATE, to, from, 0, pointer_index(c, plan), 0);
}

// All the items at once: each update copies the record.
static void compile_updates(Compiler *c, const Expr *expr, uint32_t record)
{
    uint32_t total = expr->as.record.count;
    const RecordItem *items = expr->as.record.items;
    Span span = c->span;
    Sink sink = sink_new(c, NULL, false, total);
    for (uint32_t i = 0; i < total; i++) {
        uint32_t to = sink_next(c, &sink);
        compile_expr(c, record_item_value(&items[i]), to);
    }
    c->span = span;
    RecordPlan *plan = plan_of_items(c->arena, items, total);
    uint32_t from = sink_finish(c, &sink);
    origin_items(c, plan, items, from);
    emit_update(c, record, from, &sink, plan);
}

// The defaults of what the items leave out, at once too.
static void compile_update_fills(Compiler *c, const Note *note, uint32_t record)
{
    uint32_t count = note->as.record.count;
    const RecordFill *fills = note->as.record.fills;
    Symbol *names = arena_array(c->arena, count, sizeof *names);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = fills[i].name;
    }
    Sink sink = sink_new(c, shape_of(c, names, count), false, count + 1);
    sink.unnamed = 1; // the record
    emit_move(c, sink_next(c, &sink), record);
    for (uint32_t i = 0; i < count; i++) {
        sink_fill(c, &sink, &fills[i], record);
    }
    uint32_t from = sink_finish(c, &sink);
    emit_update(c, record, from, &sink, plan_of_fields(c->arena, names, count));
}

static void compile_updated_record(Compiler *c, const Expr *expr,
                                   const Note *note, uint32_t reg)
{
    uint32_t record = register_new(c);
    compile_updates(c, expr, record);
    if (note != NULL && note->as.record.count > 0) {
        compile_update_fills(c, note, record);
    }
    emit_move(c, reg, record);
}

// fromList of the pairs.
static void compile_map(Compiler *c, const Expr *expr, uint32_t reg)
{
    uint32_t count = expr->as.record.count;
    Expr *pairs = arena_zalloc(c->scratch, (count + (size_t)1) * sizeof *pairs);
    Expr *parts =
        arena_zalloc(c->scratch, (2 * (size_t)count + 1) * sizeof *parts);
    for (uint32_t i = 0; i < count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        Str key = symbol_text(c->program->interner, item->name);
        Expr *pair = &parts[2 * (size_t)i];
        pair[0].kind = EXPR_STRING;
        pair[0].span = record_item_value(item)->span;
        pair[0].as.string.data = key.data;
        pair[0].as.string.len = (uint32_t)key.len;
        pair[1] = *record_item_value(item);
        pairs[i].kind = EXPR_TUPLE;
        pairs[i].span = record_item_value(item)->span;
        pairs[i].as.tuple.items = pair;
        pairs[i].as.tuple.count = 2;
    }
    Expr list = {.kind = EXPR_LIST, .span = expr->span};
    list.as.list.items = pairs;
    list.as.list.count = count;
    uint32_t mark = register_mark(c);
    Argument argument = {NULL, register_new(c)};
    bool may_part = c->may_part;
    c->may_part = false; // the list is made here
    compile_list(c, &list, argument.reg);
    c->may_part = may_part;
    compile_builtin(c, BUILTIN_MAP_FROM_LIST, &argument, 1, place_reg(reg));
    register_release(c, mark);
}

void compile_record(Compiler *c, const Expr *expr, uint32_t reg)
{
    uint32_t mark = register_mark(c);
    const Note *note = record_note(c, expr);
    if ((expr->flags & EXPR_AS_MAP) != 0) {
        compile_map(c, expr, reg);
    } else if (record_names_fields(expr)) {
        compile_known_record(c, expr, note, reg);
    } else {
        compile_updated_record(c, expr, note, reg);
    }
    register_release(c, mark);
}

// ---- constants

bool constant_fill(Compiler *c, const RecordFill *fill, Value *out)
{
    Value *fields;
    if (fill->is_none) {
        *out = value_union(c->heap, prelude_ctor(c, SYM_NONE), &fields);
        return true;
    }
    Module *module = c->program->modules[fill->module];
    const Binding *binding = &module->bindings[fill->index];
    if (fill->arg_count != 0 || binding->value == NULL ||
        (binding->value->flags & EXPR_CLOSED) == 0) {
        return false;
    }
    bool is_data = constant_is_data(binding->value);
    if (is_data && constant_default_known(c->defaults, binding, out)) {
        return true;
    }
    Context context = {
        .module = module, .binding = binding, .notes = &module->notes};
    Context *outer = c->context;
    const OriginBranch *branch = c->branch;
    c->context = &context;
    c->branch = NULL; // it is written outside of all
    bool okay = constant_value(c, binding->value, out);
    c->context = outer;
    c->branch = branch;
    if (okay && is_data) {
        constant_default_add(c->defaults, binding, *out);
    }
    return okay;
}

bool constant_record(Compiler *c, const Expr *expr, Value *out)
{
    const Note *note = record_note(c, expr);
    if (!record_names_fields(expr)) {
        return false;
    }
    uint32_t total;
    const Symbol *names = record_names(c, expr, note, &total);
    uint32_t items = expr->as.record.count;
    Value *fields;
    *out = value_record(
        c->heap, shape_intern(c->evaluation->shapes, names, total), &fields);
    for (uint32_t i = 0; i < items; i++) {
        if (!constant_value(c, record_item_value(&expr->as.record.items[i]),
                            &fields[i])) {
            return false;
        }
    }
    for (uint32_t i = items; i < total; i++) {
        const RecordFill *fill = &note->as.record.fills[i - items];
        if (!constant_fill(c, fill, &fields[i])) {
            return false;
        }
        fields[i] = origin_constant_default(c, expr, fill, fields[i]);
    }
    return true;
}

// ---- objects of imported data that are maps

bool constant_map(Compiler *c, const Expr *expr, Value *out)
{
    uint32_t count = expr->as.record.count;
    MapEntry *entries = arena_array(c->scratch, count, sizeof *entries);
    for (uint32_t i = 0; i < count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        entries[i].key = value_string_static(
            c->heap, symbol_text(c->program->interner, item->name));
        if (!constant_value(c, record_item_value(item), &entries[i].value)) {
            return false;
        }
    }
    *out = value_map(c->heap, entries, count);
    return true;
}

// ---- modules as values

void compile_module_value(Compiler *c, const Expr *expr, uint32_t reg)
{
    uint32_t module = expr->as.name.module;
    const Module *owner = c->program->modules[module];
    const Note *note = note_find(c->context->notes, expr->note, NOTE_MODULE);
    uint32_t count = note->as.module.count;
    const uint32_t *bindings = note->as.module.bindings;
    Symbol *names = arena_array(c->scratch, count, sizeof *names);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = owner->bindings[bindings[i]].export_name;
    }
    uint32_t mark = register_mark(c);
    Sink sink = sink_new(c, shape_of(c, names, count), true, count);
    for (uint32_t i = 0; i < count; i++) {
        emit_global(c, module, bindings[i], sink_next(c, &sink));
    }
    record_finish(c, &sink, reg);
    register_release(c, mark);
}
