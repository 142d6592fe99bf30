// Records, lists and tuples. Small ones are made of consecutive registers at
// once; big ones are made empty and filled in batches, so that a literal of a
// million items needs few registers.
#include "eval/compile_internal.h"

#include <assert.h>

#define BATCH_MAX 64u

void emit_field(Compiler *c, uint32_t to, uint32_t record, Symbol field)
{
    emit_op2(c, OP_FIELD, to, record, 0, field, c->fn->cache_count++);
}

// ---- lists and tuples

void compile_list(Compiler *c, const Expr *expr, uint32_t reg)
{
    uint32_t count = expr->as.list.count;
    const Expr *items = expr->as.list.items;
    if (compile_list_parts(c, expr, reg)) {
        return;
    }
    uint32_t mark = register_mark(c);
    Span span = c->span;
    if (count <= BATCH_MAX) {
        uint32_t first = registers_new(c, count);
        for (uint32_t i = 0; i < count; i++) {
            compile_expr(c, &items[i], first + i);
        }
        emit_op(c, OP_LIST, reg, first, count);
        register_release(c, mark);
        return;
    }
    uint32_t list = register_new(c);
    uint32_t first = registers_new(c, BATCH_MAX);
    emit_wide(c, OP_LIST_NEW, list, count);
    for (uint32_t from = 0; from < count; from += BATCH_MAX) {
        uint32_t batch = count - from < BATCH_MAX ? count - from : BATCH_MAX;
        for (uint32_t i = 0; i < batch; i++) {
            compile_expr(c, &items[from + i], first + i);
        }
        c->span = span;
        emit_op2(c, OP_LIST_SET, list, first, batch, from, 0);
    }
    emit_move(c, reg, list);
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

// Field values come one after the other: into consecutive registers when they
// are few, else through a batch into the record itself.
typedef struct FieldSink {
    const Symbol *names;
    uint32_t total;
    bool batched;
    uint32_t record;  // batched: the record under construction
    uint32_t first;   // registers
    uint32_t count;   // fields so far
    uint32_t flushed; // batched: of these, those in the record
} FieldSink;

static FieldSink field_sink(Compiler *c, const Symbol *names, uint32_t total)
{
    FieldSink sink = {.names = names, .total = total};
    sink.batched = total > BATCH_MAX;
    if (sink.batched) {
        const Shape *shape = shape_intern(c->evaluation->shapes, names, total);
        sink.record = register_new(c);
        emit_wide(c, OP_RECORD_NEW, sink.record, pointer_index(c, shape));
    }
    sink.first = registers_new(c, sink.batched ? BATCH_MAX : total);
    return sink;
}

static void field_sink_flush(Compiler *c, FieldSink *sink)
{
    uint32_t count = sink->count - sink->flushed;
    if (sink->batched && count > 0) {
        emit_op2(c, OP_RECORD_SET, sink->record, sink->first, count,
                 sink->flushed, 0);
        sink->flushed = sink->count;
    }
}

static uint32_t field_sink_next(Compiler *c, FieldSink *sink)
{
    if (sink->batched && sink->count - sink->flushed == BATCH_MAX) {
        field_sink_flush(c, sink);
    }
    return sink->first + (sink->count++ - sink->flushed);
}

static void field_sink_finish(Compiler *c, FieldSink *sink, uint32_t reg)
{
    if (sink->batched) {
        field_sink_flush(c, sink);
        emit_move(c, reg, sink->record);
        return;
    }
    const Shape *shape =
        shape_intern(c->evaluation->shapes, sink->names, sink->total);
    emit_op2(c, OP_RECORD, reg, sink->first, 0, pointer_index(c, shape), 0);
}

// A register with the value of a field that is there already.
static uint32_t field_sink_get(Compiler *c, FieldSink *sink, Symbol name)
{
    uint32_t i = 0;
    while (i < sink->count && sink->names[i] != name) {
        i++;
    }
    assert(i < sink->count);
    if (i >= sink->flushed) {
        return sink->first + (i - sink->flushed);
    }
    uint32_t reg = register_new(c);
    emit_field(c, reg, sink->record, name);
    return reg;
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

static void compile_known_record(Compiler *c, const Expr *expr,
                                 const Note *note, uint32_t reg)
{
    uint32_t total;
    const Symbol *names = record_names(c, expr, note, &total);
    Span span = c->span;
    FieldSink sink = field_sink(c, names, total);
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        uint32_t to = field_sink_next(c, &sink);
        compile_expr(c, record_item_value(&expr->as.record.items[i]), to);
        origin_field(c, &expr->as.record.items[i], to);
    }
    c->span = span;
    for (uint32_t i = 0; note != NULL && i < note->as.record.count; i++) {
        const RecordFill *fill = &note->as.record.fills[i];
        uint32_t mark = register_mark(c);
        Argument *args =
            arena_array(c->scratch, fill->arg_count + 1, sizeof *args);
        // The arguments may stand in the batch that is about to be reused.
        if (sink.batched && sink.count - sink.flushed == BATCH_MAX) {
            field_sink_flush(c, &sink);
        }
        for (uint32_t a = 0; a < fill->arg_count; a++) {
            args[a] = (Argument){NULL, field_sink_get(c, &sink, fill->args[a])};
        }
        uint32_t to = field_sink_next(c, &sink);
        compile_fill(c, fill, args, to);
        origin_default(c, fill, to);
        register_release(c, mark);
    }
    field_sink_finish(c, &sink, reg);
}

// ---- a record with spreads or dotted paths

static void set_plan_item(Compiler *c, RecordPlanItem *plan,
                          const RecordItem *item)
{
    const FieldPath *path = record_item_path(item);
    if (item->name == 0) {
        *plan = (RecordPlanItem){0, NULL};
    } else if (path != NULL) {
        *plan = (RecordPlanItem){
            path->count,
            arena_copy(c->arena, path->names, path->count * sizeof(Symbol))};
    } else {
        *plan = (RecordPlanItem){
            1, arena_copy(c->arena, &item->name, sizeof(Symbol))};
    }
}

static RecordPlan *plan_new(Compiler *c, uint32_t count,
                            RecordPlanItem **out_items)
{
    RecordPlan *plan = ARENA_NEW(c->arena, RecordPlan);
    *out_items = arena_array(c->arena, count, sizeof **out_items);
    plan->count = count;
    plan->items = *out_items;
    return plan;
}

static bool plan_is_flat(const RecordPlan *plan)
{
    bool flat = plan->items[0].count == 0;
    for (uint32_t i = 1; i < plan->count; i++) {
        flat = flat && plan->items[i].count == 1;
    }
    return flat;
}

// The items from `from` on, a batch at a time: `record` holds what the
// earlier ones made.
static void compile_updates(Compiler *c, const Expr *expr, uint32_t record)
{
    uint32_t total = expr->as.record.count;
    uint32_t first = registers_new(c, BATCH_MAX);
    Span span = c->span;
    for (uint32_t from = 0; from < total;) {
        bool goes_on = from > 0;
        uint32_t room = BATCH_MAX - goes_on;
        uint32_t batch = total - from < room ? total - from : room;
        RecordPlanItem *items;
        RecordPlan *plan = plan_new(c, batch + goes_on, &items);
        if (goes_on) {
            items[0] = (RecordPlanItem){0, NULL};
            emit_move(c, first, record);
        }
        for (uint32_t i = 0; i < batch; i++) {
            const RecordItem *item = &expr->as.record.items[from + i];
            set_plan_item(c, &items[goes_on + i], item);
            compile_expr(c, record_item_value(item), first + goes_on + i);
        }
        c->span = span;
        plan->is_flat = plan_is_flat(plan);
        origin_items(c, plan, goes_on, &expr->as.record.items[from], first);
        emit_op2(c, OP_UPDATE, record, first, 0, pointer_index(c, plan), 0);
        from += batch;
    }
}

static void compile_updated_record(Compiler *c, const Expr *expr,
                                   const Note *note, uint32_t reg)
{
    uint32_t record = register_new(c);
    compile_updates(c, expr, record);
    for (uint32_t i = 0; note != NULL && i < note->as.record.count; i++) {
        const RecordFill *fill = &note->as.record.fills[i];
        uint32_t mark = register_mark(c);
        uint32_t pair = registers_new(c, 2);
        Argument *args =
            arena_array(c->scratch, fill->arg_count + 1, sizeof *args);
        for (uint32_t a = 0; a < fill->arg_count; a++) {
            args[a] = (Argument){NULL, register_new(c)};
            emit_field(c, args[a].reg, record, fill->args[a]);
        }
        compile_fill(c, fill, args, pair + 1);
        origin_default(c, fill, pair + 1);
        emit_move(c, pair, record);
        RecordPlanItem *items;
        RecordPlan *plan = plan_new(c, 2, &items);
        items[0] = (RecordPlanItem){0, NULL};
        items[1] = (RecordPlanItem){
            1, arena_copy(c->arena, &fill->name, sizeof(Symbol))};
        emit_op2(c, OP_UPDATE, record, pair, 0, pointer_index(c, plan), 0);
        register_release(c, mark);
    }
    emit_move(c, reg, record);
}

static bool has_known_fields(const Expr *expr)
{
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        if (item->name == 0 || record_item_path(item) != NULL) {
            return false;
        }
    }
    return true;
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
    } else if (has_known_fields(expr)) {
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
    if (!has_known_fields(expr)) {
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
    FieldSink sink = field_sink(c, names, count);
    for (uint32_t i = 0; i < count; i++) {
        emit_global(c, module, bindings[i], field_sink_next(c, &sink));
    }
    field_sink_finish(c, &sink, reg);
    register_release(c, mark);
}
