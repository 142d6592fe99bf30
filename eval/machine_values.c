// Operations on values that take more than a line.
#include <stdlib.h>

#include "eval/machine_internal.h"
#include "support/number.h"
#include "support/ptr_map.h"

// Bytes of text that count as a step.
#define BYTES_PER_STEP 64

// ---- text

static uint64_t text_limit(const Machine *m)
{
    enum { TEXT_MAX = 1 << 30 };
    const HeapBudget *budget = m->heap->budget;
    uint64_t used = load_relaxed(&budget->bytes);
    uint64_t left = used < budget->limit_bytes ? budget->limit_bytes - used : 0;
    return left < TEXT_MAX ? left : TEXT_MAX;
}

static bool text_of(Machine *m, Value *value)
{
    if (value->tag == VALUE_INT) {
        char digits[NUMBER_TEXT_MAX];
        size_t len = number_format_i64(digits, value->as.integer);
        *value = value_string(m->heap, str_make(digits, len));
        return true;
    }
    StrBuf text = {0};
    int64_t before = machine_steps_left(m);
    int64_t left = before;
    bool okay = value_show_until(&text, *value, text_limit(m), &left,
                                 m->builtins.token) &&
                heap_can_hold(m->heap, text.len + 64);
    m->fuel -= before - left;
    if (okay) {
        m->fuel -= (int64_t)(text.len / BYTES_PER_STEP);
        *value = value_string(m->heap, strbuf_str(&text));
    }
    strbuf_release(&text);
    return okay;
}

// Short strings and integers are put together at once. Not where the first
// may grow in place.
bool machine_concat_short(Heap *heap, const Value *parts, uint32_t count,
                          Value *out)
{
    enum { SHORT_MAX = 256 };
    char text[SHORT_MAX + NUMBER_TEXT_MAX];
    size_t len = 0;
    if (parts[0].tag == VALUE_STRING &&
        value_string_buffer(parts[0].as.string) != NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].tag == VALUE_INT) {
            len += number_format_i64(text + len, parts[i].as.integer);
        } else if (parts[i].tag == VALUE_STRING) {
            Str part = value_str(parts[i]);
            if (part.len > SHORT_MAX - len) {
                return false;
            }
            memcpy(text + len, part.data, part.len);
            len += part.len;
        } else {
            return false;
        }
        if (len > SHORT_MAX) {
            return false;
        }
    }
    *out = value_string(heap, str_make(text, len));
    return true;
}

bool machine_concat(Machine *m, Value *parts, uint32_t count, Value *out)
{
    if (machine_concat_short(m->heap, parts, count, out)) {
        return true;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].tag != VALUE_STRING && !text_of(m, &parts[i])) {
            return cancel_token_reason(m->builtins.token) != CANCEL_NONE
                       ? machine_cancel(m)
                   : machine_steps_left(m) < 0 ? machine_fail_steps(m)
                                               : machine_fail_memory(m);
        }
    }
    if (count == 1) {
        *out = parts[0];
        return true;
    }
    return value_string_concat(m->heap, parts, count, out) ||
           machine_fail_memory(m);
}

static bool needs_parentheses(Value text, Value value)
{
    if (value.tag == VALUE_UNION) {
        return value.arity > 0;
    }
    if (value.tag == VALUE_INT || value.tag == VALUE_FLOAT) {
        return text.as.string->len > 0 && text.as.string->bytes[0] == '-';
    }
    // `C (1, 2)` would have two arguments.
    return value.tag == VALUE_MAP || value.tag == VALUE_TUPLE;
}

bool machine_parentheses(Machine *m, Value text, Value value, Value *out)
{
    if (!needs_parentheses(text, value)) {
        *out = text;
        return true;
    }
    Value parts[3] = {value_string(m->heap, STR("(")), text,
                      value_string(m->heap, STR(")"))};
    return machine_concat(m, parts, 3, out);
}

bool machine_record_text(Machine *m, Value texts, Value record, Value *out)
{
    const Shape *shape = record.as.record->shape;
    const RecordObject *fields = texts.as.record;
    Value *parts = mem_alloc((2 * (size_t)shape->count + 1) * sizeof *parts);
    for (uint32_t i = 0; i < shape->count; i++) {
        int32_t at = shape_find(fields->shape, shape->names[i]);
        parts[2 * i] = value_string(m->heap, i == 0 ? STR("{ ") : STR(", "));
        parts[2 * i + 1] = fields->fields[at];
    }
    parts[2 * (size_t)shape->count] = value_string(m->heap, STR(" }"));
    bool okay = machine_concat(m, parts, 2 * shape->count + 1, out);
    free(parts);
    return okay;
}

// ---- records

// A record that is being put together: names and values from `first` on in
// m->names and m->values. The first of them are those of `shape`, which finds
// them; the others are looked through while they are few, else `index` has
// them.
typedef struct Update {
    Machine *m;
    const RecordPlan *plan;
    const Value *values; // of the plan
    uint32_t first;
    const Shape *shape; // of what was spread before all else; or NULL
    PtrMap index;       // by name: number of the field + 1
} Update;

static uint32_t update_count(const Update *update)
{
    return update->m->names.count - update->first;
}

static uint32_t update_base(const Update *update)
{
    return update->shape != NULL ? update->shape->count : 0;
}

// Index of the field, or -1.
static int64_t update_find(const Update *update, Symbol name)
{
    int32_t field =
        update->shape != NULL ? shape_find(update->shape, name) : -1;
    if (field >= 0) {
        return field;
    }
    if (update->index.count > 0) {
        return (int64_t)(uintptr_t)ptr_map_find(&update->index, name, 0) - 1;
    }
    const Symbol *names = update->m->names.items + update->first;
    uint32_t count = update_count(update);
    for (uint32_t i = update_base(update); i < count; i++) {
        if (names[i] == name) {
            return i;
        }
    }
    return -1;
}

static void update_index(Update *update, Symbol name, uint32_t field)
{
    *ptr_map_at(&update->index, name, 0) = (void *)((uintptr_t)field + 1);
}

static void update_add(Update *update, Symbol name, Value value)
{
    enum { LOOKED_THROUGH_MAX = 32 };
    Machine *m = update->m;
    vec_push(&m->names, name);
    vec_push(&m->values, value);
    uint32_t count = update_count(update);
    uint32_t base = update_base(update);
    if (count - base <= LOOKED_THROUGH_MAX) {
        return;
    }
    uint32_t from = update->index.count > 0 ? count - 1 : base;
    for (uint32_t i = from; i < count; i++) {
        update_index(update, m->names.items[update->first + i], i);
    }
}

static void update_set(Update *update, Symbol name, Value value)
{
    int64_t field = update_find(update, name);
    if (field >= 0) {
        update->m->values.items[update->first + field] = value;
    } else {
        update_add(update, name, value);
    }
}

static void update_spread(Update *update, const RecordObject *record)
{
    Machine *m = update->m;
    const Shape *shape = record->shape;
    uint32_t count = shape->count;
    if (update_count(update) > 0) {
        for (uint32_t i = 0; i < count; i++) {
            update_set(update, shape->names[i], record->fields[i]);
        }
        return;
    }
    vec_reserve(&m->names, count);
    vec_reserve(&m->values, count);
    memcpy(m->names.items + m->names.count, shape->names,
           count * sizeof(Symbol));
    memcpy(m->values.items + m->values.count, record->fields,
           count * sizeof(Value));
    m->names.count += count;
    m->values.count += count;
    update->shape = shape;
}

// The record that has been put together; its memory in m is free again.
static bool update_finish(Update *update, Value *out)
{
    Machine *m = update->m;
    const Symbol *names = m->names.items + update->first;
    uint32_t count = update_count(update);
    const Shape *shape =
        update->shape != NULL && count == update->shape->count
            ? update->shape
            : shape_intern(m->evaluation->shapes, names, count);
    if (!heap_can_hold(m->heap, (uint64_t)count * sizeof(Value) + 64)) {
        return machine_fail_memory(m);
    }
    Value *fields;
    *out = value_record(m->heap, shape, &fields);
    memcpy(fields, m->values.items + update->first, count * sizeof(Value));
    m->names.count = m->values.count = update->first;
    return true;
}

static bool update_items(Update *update, uint32_t from, uint32_t to,
                         uint32_t depth, Value *out);

// What the items, whose paths begin with the same `depth` names, make of the
// field of the last of these: of the record that is there, with its origin, or
// of none.
static bool update_inside(const Update *outer, uint32_t from, uint32_t to,
                          uint32_t depth, Value *out)
{
    Update update = *outer;
    update.first = outer->m->names.count;
    update.shape = NULL;
    update.index = (PtrMap){0};
    const RecordPlanItem *item = &outer->plan->items[from];
    int64_t field = update_find(outer, item->names[depth - 1]);
    Value old = value_unit();
    if (field >= 0) {
        old = outer->m->values.items[outer->first + field];
    }
    if (old.tag == VALUE_RECORD) {
        update_spread(&update, old.as.record);
    }
    bool okay = update_items(&update, from, to, depth, out);
    if (okay && old.tag == VALUE_RECORD) {
        out->origin = old.origin;
    }
    return okay;
}

// The end of the items from `from` on whose paths go below the same field.
static uint32_t update_group_end(const RecordPlan *plan, uint32_t from,
                                 uint32_t to, uint32_t depth)
{
    Symbol name = plan->items[from].names[depth];
    uint32_t end = from + 1;
    while (end < to && plan->items[end].count > depth + 1 &&
           plan->items[end].names[depth] == name) {
        end++;
    }
    return end;
}

// Takes in items from `from` on, of whose paths the first `depth` names lead
// here. The recursion is as deep as a path is long, which --max-nesting bounds.
static bool update_items(Update *update, uint32_t from, uint32_t to,
                         uint32_t depth, Value *out)
{
    const RecordPlan *plan = update->plan;
    bool okay = true;
    for (uint32_t i = from; i < to && okay;) {
        const RecordPlanItem *item = &plan->items[i];
        uint32_t end = i + 1;
        if (item->count == 0) {
            update_spread(update, update->values[item->value].as.record);
        } else if (item->count == depth + 1) {
            update_set(update, item->names[depth], update->values[item->value]);
        } else {
            Value inside;
            end = update_group_end(plan, i, to, depth);
            okay = update_inside(update, i, end, depth + 1, &inside);
            if (okay) {
                update_set(update, item->names[depth], inside);
            }
        }
        i = end;
    }
    okay = okay && update_finish(update, out);
    ptr_map_release(&update->index);
    return okay;
}

// What a flat plan makes of a record of the shape that it has seen before.
static bool update_seen(Machine *m, const RecordPlan *plan, const Value *values,
                        Value *out)
{
    // Acquire: pairs with the store in remember_shape().
    const PlanShape *seen = (const PlanShape *)load_acquire(&plan->seen);
    const RecordObject *record = values[0].as.record;
    if (seen == NULL || seen->from != record->shape) {
        return false;
    }
    Value *fields;
    *out = value_record(m->heap, seen->to, &fields);
    memcpy(fields, record->fields, seen->from->count * sizeof(Value));
    for (uint32_t i = 1; i < plan->count; i++) {
        fields[seen->fields[i]] = values[i];
    }
    return true;
}

static void remember_shape(Machine *m, RecordPlan *plan, const Shape *from,
                           const Shape *to)
{
    if (load_relaxed(&plan->seen) != 0) {
        return;
    }
    PlanShape *seen = arena_alloc(
        m->root->arena, sizeof *seen + plan->count * sizeof(uint32_t));
    seen->from = from;
    seen->to = to;
    for (uint32_t i = 1; i < plan->count; i++) {
        seen->fields[i] = (uint32_t)shape_find(to, plan->items[i].names[0]);
    }
    uintptr_t none = 0;
    (void)cas_acq_rel(&plan->seen, &none, (uintptr_t)seen);
}

bool machine_update(Machine *m, RecordPlan *plan, const Value *values,
                    Value *out)
{
    if (plan->is_flat && update_seen(m, plan, values, out)) {
        return true;
    }
    Update update = {.m = m, .plan = plan, .values = values};
    vec_clear(&m->names);
    vec_clear(&m->values);
    if (!update_items(&update, 0, plan->count, 0, out)) {
        return false;
    }
    if (plan->is_flat) {
        remember_shape(m, plan, values[0].as.record->shape,
                       out->as.record->shape);
    }
    return true;
}

// ---- lists and functions

bool machine_list_get(Machine *m, Value index, Value list, Value *out)
{
    Value *fields;
    int64_t i = index.as.integer;
    if (i < 0 || i >= value_list_count(list)) {
        *out = value_union(m->heap, m->builtins.none, &fields);
    } else {
        *out = value_union(m->heap, m->builtins.some, &fields);
        fields[0] = value_list_at(list, (uint32_t)i);
    }
    return true;
}

Value machine_next_in_rope(Machine *m, Value *state)
{
    enum { LEAST_SHARE = 16 };
    int64_t i = state[1].as.integer;
    int64_t count = value_list_count(state[0]);
    if (i >= count / LEAST_SHARE &&
        heap_has_plenty(m->heap, (uint64_t)count * sizeof(Value)) &&
        value_list_flatten(m->heap, &state[0])) {
        state[2] = value_int(count);
    }
    state[1].as.integer = i + 1;
    return value_list_at(state[0], (uint32_t)i);
}

Value machine_closure(Machine *m, const Code *code, const Value *captured,
                      uint32_t count)
{
    size_t bytes = sizeof(FunctionObject) + count * sizeof(Value);
    FunctionObject *object = heap_alloc(m->heap, bytes);
    object->header = object_header(VALUE_FUNCTION, bytes);
    object->code = code;
    object->captured_count = count;
    object->reserved = 0;
    memcpy(object->captured, captured, count * sizeof(Value));
    return (Value){.tag = VALUE_FUNCTION, .as.function = object};
}

Value machine_partial(Machine *m, Value function, const Value *args,
                      uint32_t count)
{
    size_t bytes = sizeof(PartialObject) + count * sizeof(Value);
    PartialObject *object = heap_alloc(m->heap, bytes);
    object->header = object_header(VALUE_PARTIAL, bytes);
    object->function = function;
    object->count = count;
    object->reserved = 0;
    memcpy(object->args, args, count * sizeof(Value));
    return (Value){.tag = VALUE_PARTIAL, .as.partial = object};
}

// ---- comparing

// Of the fuel they take as much as steps do, so that limits, garbage and the
// time are seen to.
static void take_looks(Machine *m, int64_t looks)
{
    m->fuel -= looks;
    m->steps_left += looks;
}

bool machine_compare(Machine *m, Value a, Value b, bool equality,
                     int *out_order)
{
    int64_t before = m->looks_left;
    bool okay = value_compare_counted(a, b, equality, &m->looks_left,
                                      m->builtins.token, out_order);
    take_looks(m, before - m->looks_left);
    if (!okay) {
        return m->looks_left < 0 ? machine_fail_steps(m) : machine_cancel(m);
    }
    return true;
}

static int key_compare(Value key, Value value)
{
    switch ((ValueTag)key.tag) {
    case VALUE_INT:
        return (key.as.integer > value.as.integer) -
               (key.as.integer < value.as.integer);
    case VALUE_FLOAT:
        return (key.as.number > value.as.number) -
               (key.as.number < value.as.number);
    case VALUE_STRING:
        return str_compare(value_str(key), value_str(value));
    case VALUE_BOOL:
        return key.as.boolean - value.as.boolean;
    case VALUE_UNIT:
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_RECORD:
    case VALUE_MAP:
    case VALUE_UNION:
    case VALUE_FUNCTION:
    case VALUE_PARTIAL:
    case VALUE_DICTIONARY:
    case ANY_MERE_OBJECT:
        break;
    }
    UNREACHABLE(); // no literals
}

uint32_t machine_switch(const SwitchTable *table, Value value)
{
    uint32_t low = 0;
    uint32_t high = table->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = key_compare(table->keys[middle], value);
        if (order == 0) {
            return table->targets[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return table->otherwise;
}

// ---- builtins

bool machine_builtin(Machine *m, const uint64_t *ip, Builtin builtin,
                     const Value *args, Value *out)
{
    int64_t before = m->builtin_steps = machine_steps_left(m);
    int64_t looks = m->looks_left;
    bool okay = builtin_function(builtin)(&m->builtins, args, out);
    m->fuel -= before - m->builtin_steps;
    take_looks(m, looks - m->looks_left);
    if (okay) {
        if (out->tag == VALUE_STRING) {
            value_string_finish(*out);
        }
        return true;
    }
    bool failed = machine_fail_builtin(m, ip);
    m->builtins.cancelled = false;
    m->builtins.error_help = (Str){0};
    return failed;
}

DecodeOutcome machine_decode(Machine *m, const uint64_t *ip, DecodeWalk *walk,
                             Value *out)
{
    m->builtin_steps = machine_steps_left(m);
    int64_t before = m->builtin_steps;
    uint32_t target = 0;
    DecodeOutcome outcome = decode_next(
        walk, &m->builtins, m->evaluation->program->interner, &target, out);
    m->fuel -= before - m->builtin_steps;
    if (outcome == DECODE_CALL) {
        *out = value_int(target);
        return outcome;
    }
    m->decoding -= m->decoding > 0;
    if (outcome == DECODE_STOP) {
        (void)machine_fail_builtin(m, ip);
        m->builtins.cancelled = false;
        m->builtins.error_help = (Str){0};
    }
    return outcome;
}
