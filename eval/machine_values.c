// Operations on values that take more than a line.
#include <stdlib.h>

#include "eval/machine_internal.h"
#include "support/number.h"

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

// A record that is being put together: names and values in m->names and
// m->values. The first `base` names are those of `shape`, which finds them;
// the few behind them are looked through.
typedef struct Update {
    Machine *m;
    const Shape *shape;
    uint32_t base;
} Update;

static void update_rebase(Update *update)
{
    enum { LOOKED_THROUGH_MAX = 32 };
    Machine *m = update->m;
    uint32_t added = m->names.count - update->base;
    if (added > LOOKED_THROUGH_MAX && added > update->base / 2) {
        update->shape =
            shape_intern(m->evaluation->shapes, m->names.items, m->names.count);
        update->base = m->names.count;
    }
}

// Index of the field, or -1.
static int64_t update_find(const Update *update, Symbol name)
{
    int32_t field =
        update->shape != NULL ? shape_find(update->shape, name) : -1;
    if (field >= 0) {
        return field;
    }
    const Machine *m = update->m;
    for (uint32_t i = update->base; i < m->names.count; i++) {
        if (m->names.items[i] == name) {
            return i;
        }
    }
    return -1;
}

static void update_set(Update *update, Symbol name, Value value)
{
    Machine *m = update->m;
    int64_t field = update_find(update, name);
    if (field >= 0) {
        m->values.items[field] = value;
        return;
    }
    vec_push(&m->names, name);
    vec_push(&m->values, value);
    update_rebase(update);
}

static void update_spread(Update *update, const RecordObject *record)
{
    Machine *m = update->m;
    const Shape *shape = record->shape;
    if (m->names.count == 0) {
        vec_reserve(&m->names, shape->count);
        vec_reserve(&m->values, shape->count);
        memcpy(m->names.items, shape->names, shape->count * sizeof(Symbol));
        memcpy(m->values.items, record->fields, shape->count * sizeof(Value));
        m->names.count = m->values.count = shape->count;
        update->shape = shape;
        update->base = shape->count;
        return;
    }
    for (uint32_t i = 0; i < shape->count; i++) {
        update_set(update, shape->names[i], record->fields[i]);
    }
}

// The field of a record that is a record itself, or NULL.
static const Value *record_in(const Value *record, Symbol name)
{
    int32_t field =
        record != NULL ? shape_find(record->as.record->shape, name) : -1;
    const Value *value = field >= 0 ? &record->as.record->fields[field] : NULL;
    return value != NULL && value->tag == VALUE_RECORD ? value : NULL;
}

// `record` with one field set, and its origin; a new record where it is NULL.
static bool record_with(Machine *m, const Value *record, Symbol name,
                        Value value, Value *out)
{
    ShapeTable *shapes = m->evaluation->shapes;
    const Shape *old = record != NULL ? record->as.record->shape : NULL;
    const Shape *shape = old != NULL ? shape_with(shapes, old, name)
                                     : shape_intern(shapes, &name, 1);
    if (!heap_can_hold(m->heap, (uint64_t)shape->count * sizeof(Value) + 64)) {
        return machine_fail_memory(m);
    }
    Value *fields;
    *out = value_record(m->heap, shape, &fields);
    if (old != NULL) {
        memcpy(fields, record->as.record->fields, old->count * sizeof(Value));
        out->origin = record->origin;
    }
    fields[shape_find(shape, name)] = value;
    return true;
}

// Sets names[0].names[1]. ... below the record being put together.
static bool update_path(Update *update, const RecordPlanItem *item, Value value)
{
    Machine *m = update->m;
    const Value **path = mem_calloc(item->count, sizeof *path);
    int64_t field = update_find(update, item->names[0]);
    const Value *record =
        field >= 0 && m->values.items[field].tag == VALUE_RECORD
            ? &m->values.items[field]
            : NULL;
    for (uint32_t i = 1; i < item->count; i++) {
        path[i] = record;
        record = record_in(record, item->names[i]);
    }
    bool okay = true;
    for (uint32_t i = item->count - 1; okay && i > 0; i--) {
        Value whole;
        okay = record_with(m, path[i], item->names[i], value, &whole);
        value = okay ? whole : value;
    }
    free((void *)path);
    if (okay) {
        update_set(update, item->names[0], value);
    }
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
    Update update = {.m = m};
    vec_clear(&m->names);
    vec_clear(&m->values);
    for (uint32_t i = 0; i < plan->count; i++) {
        const RecordPlanItem *item = &plan->items[i];
        if (item->count == 0) {
            update_spread(&update, values[i].as.record);
        } else if (item->count == 1) {
            update_set(&update, item->names[0], values[i]);
        } else if (!update_path(&update, item, values[i])) {
            return false;
        }
    }
    uint32_t count = m->names.count;
    const Shape *shape =
        update.shape != NULL && update.base == count
            ? update.shape
            : shape_intern(m->evaluation->shapes, m->names.items, count);
    if (!heap_can_hold(m->heap, (uint64_t)count * sizeof(Value) + 64)) {
        return machine_fail_memory(m);
    }
    Value *fields;
    *out = value_record(m->heap, shape, &fields);
    memcpy(fields, m->values.items, count * sizeof(Value));
    if (plan->is_flat) {
        remember_shape(m, plan, values[0].as.record->shape, shape);
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

Value machine_next_cell(Machine *m, Value *state)
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

bool machine_compare(Machine *m, Value a, Value b, bool equality,
                     int *out_order)
{
    int64_t steps = machine_steps_left(m);
    int64_t before = steps;
    bool okay = value_compare_counted(a, b, equality, &steps, m->builtins.token,
                                      out_order);
    m->fuel -= before - steps;
    if (!okay) {
        return steps < 0 ? machine_fail_steps(m) : machine_cancel(m);
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
    m->builtin_steps = machine_steps_left(m);
    int64_t before = m->builtin_steps;
    bool okay = builtin_function(builtin)(&m->builtins, args, out);
    m->fuel -= before - m->builtin_steps;
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
