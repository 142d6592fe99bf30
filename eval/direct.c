// The entries, names, data and calls. See direct.h.
#include "eval/direct_internal.h"

#include "eval/tasks.h"

// ---- evidence

const Evidence *direct_evidence(const Direct *d, const Evidence *evidence)
{
    while (evidence != NULL && evidence->kind == EVIDENCE_LOCAL) {
        evidence = d->locals[evidence->local].as.pointer;
    }
    if (evidence == NULL) {
        return NULL;
    }
    if (evidence->kind == EVIDENCE_SUPER) {
        const Evidence *below = direct_evidence(d, evidence->args[0]);
        if (below == NULL || below->kind != EVIDENCE_INSTANCE) {
            return NULL;
        }
        const InstanceEntry *entry =
            &d->modules[below->module]->instances[below->index];
        return evidence->index < entry->super_count
                   ? direct_evidence(d, entry->supers[evidence->index])
                   : NULL;
    }
    bool known = evidence->kind == EVIDENCE_INSTANCE
                     ? evidence->arg_count == 0
                     : evidence->shape == NULL && evidence->json == NULL;
    return known ? evidence : NULL;
}

// ---- literals and names

// Whether fromInteger of the instance makes a Float; it is one of the two of
// the prelude.
static bool makes_float(const Direct *d, const Evidence *instance)
{
    const Module *prelude = d->modules[MODULE_PRELUDE];
    const InstanceDecl *decl = prelude->instances[instance->index].decl;
    uint32_t i = 0;
    while (decl->methods[i].name != SYM_METHOD_FROM_INTEGER) {
        i++;
    }
    return prelude->bindings[decl->hidden[i]].value->kind == EXPR_BUILTIN;
}

static NOINLINE bool int_value(const Direct *d, const Expr *expr, Value *out)
{
    int64_t value = expr->as.integer.value;
    bool is_float = (expr->flags & EXPR_AS_FLOAT) != 0;
    const Note *note = direct_note(d, expr->note, NOTE_EVIDENCE);
    if (note != NULL) {
        const Evidence *known = direct_evidence(d, note->as.evidence.items[0]);
        if (known == NULL || known->kind != EVIDENCE_INSTANCE ||
            known->module != MODULE_PRELUDE) {
            return false;
        }
        is_float = makes_float(d, known);
    }
    *out = is_float ? value_float((double)value) : value_int(value);
    return true;
}

Value direct_text(const Direct *d, const Expr *expr)
{
    Machine *root = d->m->root;
    return constant_text(root->constants, &root->code_heap,
                         str_make(expr->as.string.data, expr->as.string.len));
}

static bool global_value(Direct *d, uint32_t module, uint32_t index, Value *out)
{
    Slot *slot = evaluation_slot(d->evaluation, module, index);
    if (slot_state(slot) == SLOT_DONE) {
        *out = slot->value;
        return true;
    }
    const Module *owner = d->modules[module];
    const Binding *binding = &owner->bindings[index];
    return binding_is_literal(owner, binding) &&
           direct_operand(d, binding->value, out);
}

static NOINLINE bool name_value(Direct *d, const Expr *expr, Value *out)
{
    const NameRef *ref = &expr->as.name;
    if (direct_note(d, expr->note, NOTE_EVIDENCE) != NULL) {
        return false;
    }
    if (ref->ref == REF_LOCAL) {
        *out = d->locals[ref->index];
        return true;
    }
    if (ref->ref == REF_GLOBAL) {
        return global_value(d, ref->module, ref->index, out);
    }
    if (ref->ref != REF_CTOR) {
        return false;
    }
    const CtorInfo *info = &d->evaluation->ctors[ref->module][ref->index];
    Value *fields;
    if (info->arity != 0) {
        return false;
    }
    *out = value_union(d->heap, info, &fields);
    return true;
}

static NOINLINE bool field_value(Direct *d, const Expr *expr, Value *out)
{
    Value record;
    if (!direct_operand(d, expr->as.field.record, &record)) {
        return false;
    }
    const RecordObject *object = record.as.record;
    int32_t field = shape_find(object->shape, expr->as.field.field);
    if (field < 0) {
        UNREACHABLE(); // the checker knows the fields
    }
    *out = object->fields[field];
    return true;
}

// ---- data

static bool values(Direct *d, const Expr *exprs, uint32_t count, Value *out)
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
    return values(d, expr->as.list.items, count, items);
}

typedef struct Call {
    const Module *module;
    const Binding *binding;
    const Function *function;
    Value *locals; // its own
} Call;

static bool begin_call(Direct *d, uint32_t module, uint32_t index,
                       uint32_t count, const Note *evidence, Call *out);
static bool end_call(Direct *d, const Call *call, Value *out);

// A default that depends on no field: made anew where it is a literal.
static bool constant_default(Direct *d, const RecordFill *fill, Value *out)
{
    const Module *module = d->module;
    const Expr *value = d->modules[fill->module]->bindings[fill->index].value;
    if (value == NULL || (value->flags & EXPR_CLOSED) == 0) {
        return global_value(d, fill->module, fill->index, out);
    }
    d->module = d->modules[fill->module];
    bool okay = direct_value(d, value, out);
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
    Call call;
    uint32_t top = d->top;
    if (!begin_call(d, fill->module, fill->index, fill->arg_count, NULL,
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
    bool okay = end_call(d, &call, out);
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

static bool record_value(Direct *d, const Expr *expr, Value *out)
{
    const Note *note = direct_note(d, expr->note, NOTE_RECORD);
    if ((expr->flags & EXPR_AS_MAP) != 0) {
        return false;
    }
    const Shape *shape = record_shape(d, expr, note);
    if (shape == NULL ||
        !heap_can_hold(d->heap, shape->count * sizeof(Value) + 64)) {
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

static NOINLINE bool data_value(Direct *d, const Expr *expr, Value *out)
{
    if ((expr->flags & EXPR_CLOSED) != 0) {
        return closed_value(d, expr, out);
    }
    return expr->kind == EXPR_RECORD ? record_value(d, expr, out)
                                     : list_value(d, expr, out);
}

// ---- calls

static uint64_t place_of(uint32_t module, uint32_t index)
{
    return ((uint64_t)module << 32 | index) + 1;
}

static uint64_t *heavy_entry(const Direct *d, uint64_t place)
{
    uint64_t hash = place * UINT64_C(0x9E3779B97F4A7C15) >> 32;
    return &d->memory->heavy[hash % DIRECT_HEAVY_COUNT];
}

// Dictionaries into the locals that the function has for them.
static bool bind_evidence(const Direct *d, const Call *call,
                          const Note *evidence)
{
    uint32_t given = evidence != NULL ? evidence->as.evidence.count : 0;
    const Note *note =
        note_find(&call->module->notes, call->binding->note, NOTE_GENERALISED);
    if (given != (note != NULL ? note->as.generalised.count : 0)) {
        return false;
    }
    for (uint32_t i = 0; i < given; i++) {
        const Evidence *known =
            direct_evidence(d, evidence->as.evidence.items[i]);
        if (known == NULL) {
            return false;
        }
        call->locals[note->as.generalised.locals[i]] =
            (Value){.tag = VALUE_DICTIONARY, .as.pointer = known};
    }
    return true;
}

// Makes room for the locals of a function of the program that takes so many
// arguments, which are to be bound next. Those of the library may be expanded
// where they are called, and take other steps.
static bool begin_call(Direct *d, uint32_t module, uint32_t index,
                       uint32_t count, const Note *evidence, Call *out)
{
    const Module *owner = d->modules[module];
    const Binding *binding = &owner->bindings[index];
    const Expr *value = binding->value;
    uint64_t place = place_of(module, index);
    if (owner->is_std || owner->stored != NULL || value == NULL ||
        value->kind != EXPR_LAMBDA || (value->flags & EXPR_WRAP_SOME) != 0 ||
        value->as.lambda->param_count != count ||
        owner->groups[binding->group].failed ||
        *heavy_entry(d, place) == place || d->calls == DIRECT_CALLS_MAX ||
        binding->local_count >= DIRECT_LOCALS_MAX - d->top) {
        return false;
    }
    if (d->calls == 0) {
        d->outermost = place;
    }
    *out = (Call){owner, binding, value->as.lambda, d->stack + d->top};
    d->top += binding->local_count + 1;
    return bind_evidence(d, out, evidence);
}

static bool end_call(Direct *d, const Call *call, Value *out)
{
    const Module *module = d->module;
    Value *locals = d->locals;
    int32_t gain = d->gain;
    if (++d->steps > d->steps_max ||
        ++d->calls > d->evaluation->limits.max_depth) {
        return false;
    }
    d->module = call->module;
    d->locals = call->locals;
    d->gain = -1;
    bool okay = direct_value(d, &call->function->body, out);
    if (UNLIKELY(d->credit < 0)) {
        *heavy_entry(d, d->outermost) = d->outermost;
    }
    d->module = module;
    d->locals = locals;
    d->gain = gain;
    d->calls--;
    return okay;
}

bool direct_bind(Direct *d, const Pattern *pattern, Value value, Value *locals)
{
    if (pattern->note >= NOTE_FIRST) {
        return false; // to be checked
    }
    switch ((PatternKind)pattern->kind) {
    case PATTERN_WILDCARD:
    case PATTERN_UNIT:
        return true;
    case PATTERN_NAME:
        locals[pattern->as.name.local] = value;
        return true;
    case PATTERN_AS:
        locals[pattern->as.alias.local] = value;
        return direct_bind(d, pattern->as.alias.pattern, value, locals);
    case PATTERN_TUPLE:
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++) {
            if (!direct_bind(d, &pattern->as.tuple.items[i],
                             value.as.tuple->items[i], locals)) {
                return false;
            }
        }
        return true;
    case PATTERN_RECORD: {
        const PatternRecord *record = pattern->as.record;
        const RecordObject *object = value.as.record;
        for (uint32_t i = 0; i < record->count; i++) {
            const PatternField *field = &record->fields[i];
            int32_t at = shape_find(object->shape, field->name);
            if (at < 0 ||
                !direct_bind(d, &field->pattern, object->fields[at], locals)) {
                return false;
            }
        }
        return true;
    }
    case PATTERN_CTOR:
    case PATTERN_LIST:
    case PATTERN_ERROR:
    case PATTERN_BOOL:
    case PATTERN_INT:
    case PATTERN_FLOAT:
    case PATTERN_STRING:
        return false;
    }
    UNREACHABLE();
}

static bool call_function(Direct *d, const Expr *callee, const Expr *args,
                          uint32_t count, const Value *last, Value *out)
{
    const NameRef *ref = &callee->as.name;
    uint32_t top = d->top;
    uint32_t total = count + (last != NULL);
    Call call;
    if (!begin_call(d, ref->module, ref->index, total,
                    direct_note(d, callee->note, NOTE_EVIDENCE), &call)) {
        return false;
    }
    for (uint32_t i = 0; i < total; i++) {
        const Param *param = &call.function->params[i];
        Value *to = &call.locals[param->local];
        if (i == count) {
            *to = *last;
        } else if (!direct_operand(d, &args[i], to)) {
            return false;
        }
        bool is_whole = param->pattern.kind == PATTERN_NAME &&
                        param->pattern.note < NOTE_FIRST;
        if (LIKELY(is_whole)) {
            call.locals[param->pattern.as.name.local] = *to;
        } else if (!direct_bind(d, &param->pattern, *to, call.locals)) {
            return false;
        }
    }
    bool okay = end_call(d, &call, out);
    d->top = top;
    return okay;
}

static bool call_ctor(Direct *d, const NameRef *ref, const Expr *args,
                      uint32_t count, const Value *last, Value *out)
{
    const CtorInfo *info = &d->evaluation->ctors[ref->module][ref->index];
    Value *fields;
    if (info->arity != count || last != NULL) {
        return false; // what is piped has not been checked
    }
    *out = value_union(d->heap, info, &fields);
    return values(d, args, count, fields);
}

bool direct_call(Direct *d, const Expr *callee, const Expr *args,
                 uint32_t count, const Value *last, Value *out)
{
    while (callee->kind == EXPR_ANNOTATED && direct_is_plain(d, callee)) {
        callee = callee->as.annotated.expr;
    }
    bool is_name = callee->kind == EXPR_NAME || callee->kind == EXPR_CTOR;
    if (!is_name || !direct_is_plain(d, callee)) {
        return false;
    }
    const NameRef *ref = &callee->as.name;
    if (ref->ref == REF_CTOR) {
        return call_ctor(d, ref, args, count, last, out);
    }
    return ref->ref == REF_GLOBAL &&
           call_function(d, callee, args, count, last, out);
}

// ---- forms

static NOINLINE bool branch_value(Direct *d, const Expr *expr, Value *out)
{
    uint32_t count = expr->as.branch.count;
    const Expr *parts = expr->as.branch.parts;
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        Value condition;
        if (!direct_value(d, &parts[i], &condition)) {
            return false;
        }
        if (condition.as.boolean) {
            return direct_value(d, &parts[i + 1], out);
        }
    }
    return direct_value(d, &parts[count - 1], out);
}

static NOINLINE bool let_value(Direct *d, const Expr *expr, Value *out)
{
    const Let *let = expr->as.let;
    for (uint32_t i = 0; i < let->count; i++) {
        const Bind *bind = &let->binds[i];
        if (let->rec || direct_note(d, bind->note, NOTE_GENERALISED) != NULL ||
            !direct_value(d, &bind->value, &d->locals[bind->local])) {
            return false;
        }
    }
    return direct_value(d, &let->body, out);
}

// Those of one line are done by who calls this.
static bool plain_value(Direct *d, const Expr *expr, Value *out)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_UNIT:
        *out = value_unit();
        return true;
    case EXPR_BOOL:
        *out = value_bool(expr->as.boolean.value);
        return true;
    case EXPR_INT:
        return int_value(d, expr, out);
    case EXPR_FLOAT:
        *out = value_float(expr->as.number.value);
        return true;
    case EXPR_STRING:
        *out = direct_text(d, expr);
        return true;
    case EXPR_INTERPOLATION:
        return direct_interpolation(d, expr, out);
    case EXPR_NAME:
    case EXPR_CTOR:
        return name_value(d, expr, out);
    case EXPR_TUPLE:
    case EXPR_LIST:
    case EXPR_RECORD:
        return data_value(d, expr, out);
    case EXPR_FIELD:
        return field_value(d, expr, out);
    case EXPR_CALL:
        return direct_call(d, &expr->as.call.parts[0], expr->as.call.parts + 1,
                           expr->as.call.count - 1, NULL, out);
    case EXPR_CHAIN:
        return direct_chain(d, expr, out);
    case EXPR_UNARY:
        return direct_unary(d, expr, out);
    case EXPR_LET:
        return let_value(d, expr, out);
    case EXPR_IF:
        return branch_value(d, expr, out);
    case EXPR_MATCH:
        return direct_match(d, expr, out);
    case EXPR_ANNOTATED:
        return direct_value(d, expr->as.annotated.expr, out);
    case EXPR_ERROR:
    case EXPR_BUILTIN:
    case EXPR_COMPREHENSION:
    case EXPR_LAMBDA:
    case EXPR_DATA: // of a long text
        return false;
    }
    UNREACHABLE();
}

static NOINLINE bool wrapped_value(Direct *d, const Expr *expr, Value *out)
{
    Expr inner = *expr;
    inner.flags &= (uint16_t)~EXPR_WRAP_SOME;
    Value value;
    if (!direct_is_plain(d, &inner) || !plain_value(d, &inner, &value)) {
        return false;
    }
    Value *fields;
    *out = value_union(d->heap, d->m->builtins.some, &fields);
    fields[0] = value;
    return true;
}

bool direct_value(Direct *d, const Expr *expr, Value *out)
{
    d->credit += d->gain;
    if (UNLIKELY(d->credit < 0 ||
                 (uintptr_t)__builtin_frame_address(0) < d->floor)) {
        return false;
    }
    return LIKELY(direct_is_plain(d, expr)) ? plain_value(d, expr, out)
                                            : wrapped_value(d, expr, out);
}

// ---- the entries

static void prepare(Machine *m)
{
    Machine *root = m->root;
    if (root->direct == NULL) {
        root->direct = mem_calloc(1, sizeof *root->direct);
    }
    machine_prepare_compiling(m);
}

static bool begin(Direct *d, Machine *m, const Slot *slot, Heap *heap)
{
    Evaluation *evaluation = m->evaluation;
    const Module *module = evaluation->program->modules[slot->module];
    const Binding *binding = &module->bindings[slot->index];
    if (evaluation->compiles || evaluation->constants ||
        evaluation->origins != NULL || heap->over_limit ||
        binding->local_count >= DIRECT_LOCALS_MAX) {
        return false;
    }
    prepare(m);
    d->m = m;
    d->evaluation = evaluation;
    d->modules = evaluation->program->modules;
    d->module = module;
    d->memory = m->root->direct;
    d->floor = (uintptr_t)__builtin_frame_address(0) - DIRECT_STACK_MAX;
    d->locals = d->stack;
    d->heap = heap;
    d->steps = 0;
    d->credit = DIRECT_CREDIT;
    d->gain = DIRECT_CREDIT_PER_NODE;
    d->calls = 0;
    d->top = binding->local_count + 1;
    return true;
}

bool direct_binding(Machine *m, Slot *slot, Value *out)
{
    const Binding *binding = slot_binding(m->evaluation, slot);
    Direct d;
    if (binding->is_function || binding->data != NULL ||
        slot->specialization != NULL ||
        !begin(&d, m, slot, &m->root->code_heap) ||
        direct_note(&d, binding->note, NOTE_GENERALISED) != NULL) {
        return false;
    }
    d.steps_max = (int64_t)m->evaluation->limits.max_steps;
    if (!direct_value(&d, binding->value, out)) {
        return false;
    }
    slot->steps = (uint64_t)d.steps;
    return true;
}

bool direct_list_part(Machine *m, const ListParts *parts, uint32_t number,
                      int64_t max_steps, Value *out, int64_t *out_steps)
{
    Direct d;
    uint32_t from = number * parts->part_items;
    uint32_t left = parts->list->as.list.count - from;
    uint32_t count = left < parts->part_items ? left : parts->part_items;
    Value *items;
    if (!begin(&d, m, parts->slot, m->heap)) {
        return false;
    }
    d.steps_max = max_steps;
    *out = value_list(m->heap, count, &items);
    if (!values(&d, parts->list->as.list.items + from, count, items)) {
        return false;
    }
    *out_steps = d.steps;
    return true;
}
