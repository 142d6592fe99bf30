// The entries, names and forms. See direct.h.
#include "eval/direct_internal.h"

#include "eval/tasks.h"

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

bool direct_global(Direct *d, uint32_t module, uint32_t index, Value *out)
{
    const Module *owner = d->modules[module];
    const Binding *binding = &owner->bindings[index];
    if (binding_is_literal(owner, binding)) {
        return direct_operand(d, binding->value, out);
    }
    Slot *slot = evaluation_slot(d->evaluation, module, index);
    if (slot_state(slot) != SLOT_DONE) {
        return false;
    }
    *out = slot->value;
    return true;
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
        return direct_global(d, ref->module, ref->index, out);
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
    if (!direct_operand(d, &expr->as.field.of->record, &record)) {
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
        return direct_data(d, expr, out);
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
        return direct_value(d, &expr->as.annotated->expr, out);
    case EXPR_COMPREHENSION:
        return direct_comprehension(d, expr, out);
    case EXPR_ERROR:
    case EXPR_BUILTIN:
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
    if (!direct_is_plain(&inner) || !plain_value(d, &inner, &value)) {
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
    return LIKELY(direct_is_plain(expr)) ? plain_value(d, expr, out)
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
    if (evaluation->compiles || evaluation->plain || evaluation->constants ||
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
    bool okay = direct_value(&d, binding->value, out);
    heap_publish(d.heap);
    if (!okay) {
        return false;
    }
    slot->steps = (uint64_t)d.steps;
    return true;
}

bool direct_list_part(Machine *m, const ListParts *parts, uint32_t number,
                      int64_t max_steps, Value *builder, int64_t *out_steps)
{
    Direct d;
    uint32_t from = number * parts->part_items;
    uint32_t left = parts->list->as.list.count - from;
    uint32_t count = left < parts->part_items ? left : parts->part_items;
    ListBuffer *buffer = (ListBuffer *)builder->as.pointer;
    if (!begin(&d, m, parts->slot, m->heap) ||
        !list_buffer_reserve(m->heap, &buffer, count)) {
        return false;
    }
    builder->as.pointer = buffer;
    d.steps_max = max_steps;
    if (!direct_values(&d, parts->list->as.list.items + from, count,
                       buffer->items + buffer->end)) {
        return false;
    }
    buffer->end += count;
    *out_steps = d.steps;
    return true;
}
