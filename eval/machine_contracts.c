// Wrapping the functions in a value.
#include "eval/contracts.h"
#include "eval/machine_internal.h"

// A part that is still to be wrapped; what it becomes goes to `out`, which is
// in a value that nobody has seen yet.
typedef struct WrapStep {
    const WrapNode *node;
    Value value;
    Value *out;
} WrapStep;

typedef struct Wrapping {
    Machine *m;
    Value table;
    VEC(WrapStep) todo;
} Wrapping;

static uint32_t arity_left(Value function)
{
    if (function.tag == VALUE_PARTIAL) {
        const PartialObject *partial = function.as.partial;
        return partial->function.as.function->code->arity - partial->count;
    }
    return function.as.function->code->arity;
}

// Where a check meets a function that it has wrapped before, once is enough:
// wrappers do not pile up (Herman, Tomb & Flanagan 2007).
static bool is_wrapped(Value function, Value wrapper)
{
    return function.tag == VALUE_PARTIAL &&
           function.as.partial->function.as.function->code ==
               wrapper.as.function->code &&
           wrapper.as.function->captured_count == 0;
}

static Value wrap_function(Wrapping *w, const WrapNode *node, Value function)
{
    uint32_t wrapper = node->first;
    if (node->taken > 0 ||
        (node->by_steps && arity_left(function) < node->params)) {
        wrapper += 1 + node->taken;
    }
    Value made = w->table.as.tuple->items[wrapper];
    if (is_wrapped(function, made)) {
        return function;
    }
    Value args[2] = {w->table, function};
    return machine_partial(w->m, made, args, 2);
}

static void add(Wrapping *w, const WrapNode *node, Value value, Value *out)
{
    *out = value;
    if (node != NULL && node->wraps) {
        if (node->kind == CHECK_FUNCTION) {
            *out = wrap_function(w, node, value);
        } else {
            vec_push(&w->todo, (WrapStep){node, value, out});
        }
    }
}

// False where there is no room for `count` values.
static bool has_room(Wrapping *w, uint64_t count)
{
    w->m->fuel -= (int64_t)count;
    if (w->m->fuel < 0 && !machine_refuel(w->m)) {
        return false;
    }
    return heap_can_hold(w->m->heap, (count + 8) * 2 * sizeof(Value)) ||
           machine_fail_memory(w->m);
}

static void wrap_map(Wrapping *w, const WrapStep *step)
{
    const MapObject *map = step->value.as.map;
    MapEntry *entries = mem_alloc((size_t)map->count * sizeof *entries + 1);
    for (uint32_t i = 0; i < map->count; i++) {
        entries[i] = (MapEntry){value_map_key(map, i), value_map_value(map, i)};
    }
    *step->out = value_map(w->m->heap, entries, map->count);
    free(entries);
    for (uint32_t i = 0; i < map->count; i++) {
        const Value *slot = &step->out->as.map->slots[i].value;
        add(w, step->node->parts[0], *slot, (Value *)(uintptr_t)slot);
    }
}

static void wrap_record(Wrapping *w, const WrapStep *step)
{
    const RecordObject *record = step->value.as.record;
    const Shape *shape = record->shape;
    Value *fields;
    *step->out = value_record(w->m->heap, shape, &fields);
    memcpy(fields, record->fields, shape->count * sizeof(Value));
    for (uint32_t i = 0; i < step->node->count; i++) {
        int32_t field = shape_find(shape, step->node->fields[i]);
        if (field >= 0) {
            add(w, step->node->parts[i], fields[field], &fields[field]);
        }
    }
}

static void wrap_union(Wrapping *w, const WrapStep *step)
{
    Value value = step->value;
    if (value.arity == 0) {
        return;
    }
    Value *fields;
    *step->out = value_union(w->m->heap, value_ctor(value), &fields);
    for (uint32_t i = 0; i < value.arity; i++) {
        add(w, step->node->parts[step->node->starts[value.ctor] + i],
            value.as.object->fields[i], &fields[i]);
    }
}

static uint64_t part_count(CheckKind kind, Value value)
{
    if (kind == CHECK_LIST) {
        return value_list_count(value);
    }
    if (kind == CHECK_MAP) {
        return value.as.map->count;
    }
    return kind == CHECK_RECORD ? value.as.record->shape->count : 1;
}

static bool wrap_step(Wrapping *w, const WrapStep *step)
{
    const WrapNode *node = step->node;
    Value *items;
    if (!has_room(w, part_count(node->kind, step->value))) {
        return false;
    }
    switch (node->kind) {
    case CHECK_REFINED:
        add(w, node->parts[0], step->value, step->out);
        return true;
    case CHECK_LIST:
        *step->out =
            value_list(w->m->heap, value_list_count(step->value), &items);
        for (uint32_t i = 0; i < value_list_count(step->value); i++) {
            add(w, node->parts[0], value_list_at(step->value, i), &items[i]);
        }
        return true;
    case CHECK_TUPLE:
        *step->out = value_tuple(w->m->heap, node->count, &items);
        for (uint32_t i = 0; i < node->count; i++) {
            add(w, node->parts[i], step->value.as.tuple->items[i], &items[i]);
        }
        return true;
    case CHECK_MAP:
        wrap_map(w, step);
        return true;
    case CHECK_RECORD:
        wrap_record(w, step);
        return true;
    case CHECK_UNION:
        wrap_union(w, step);
        return true;
    case CHECK_FUNCTION:
        break; // done where it was met
    }
    UNREACHABLE();
}

bool machine_wrap(Machine *m, const WrapNode *node, Value table, Value value,
                  Value *out)
{
    Wrapping w = {.m = m, .table = table};
    bool okay = true;
    add(&w, node, value, out);
    while (okay && w.todo.count > 0) {
        WrapStep step = vec_pop(&w.todo);
        okay = wrap_step(&w, &step);
    }
    vec_release(&w.todo);
    return okay;
}
