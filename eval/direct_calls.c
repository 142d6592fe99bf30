// Dictionaries, calls of functions, constructors, builtins and methods. See
// direct.h.
#include "eval/direct_internal.h"

#include "support/hash.h"

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

// ---- builtins

// Functions in C: what takes long is left to the machine.
static bool run_builtin(Direct *d, Builtin builtin, const Value *args,
                        Value *out)
{
    enum { STEPS_MAX = 256 };
    Machine *m = d->m;
    Heap *heap = m->heap;
    int64_t left = d->steps_max - d->steps;
    left = left < STEPS_MAX ? left : STEPS_MAX;
    m->builtin_steps = left;
    int64_t looks = m->looks_left;
    m->looks_left = STEPS_MAX;
    machine_use_heap(m, d->heap);
    bool okay = builtin_function(builtin)(&m->builtins, args, out);
    machine_use_heap(m, heap);
    m->builtins.cancelled = false;
    m->builtins.error_help = (Str){0};
    if (okay && out->tag == VALUE_STRING) {
        value_string_finish(*out);
    }
    d->steps += left - m->builtin_steps;
    d->credit -= left - m->builtin_steps + STEPS_MAX - m->looks_left;
    m->looks_left = looks;
    return okay && m->builtin_steps >= 0;
}

static bool call_builtin(Direct *d, Builtin builtin, const Expr *args,
                         uint32_t count, const Value *last, Value *out)
{
    const BuiltinInfo *info = builtin_info(builtin);
    Value values[4];
    uint32_t total = count + (last != NULL);
    bool is_length = builtin == BUILTIN_LIST_LENGTH;
    if (total != info->arity || total > sizeof values / sizeof *values ||
        (info->kind == BUILTIN_KIND_INTRINSIC && !is_length)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!direct_operand(d, &args[i], &values[i])) {
            return false;
        }
    }
    if (last != NULL) {
        values[count] = *last;
    }
    if (is_length) {
        *out = value_int(value_list_count(values[0]));
        return true;
    }
    return run_builtin(d, builtin, values, out);
}

// Where the method of the known dictionary is a builtin.
static bool known_builtin(const Direct *d, const NameRef *ref,
                          const Evidence *known, Builtin *out)
{
    const MethodEntry *method = &d->modules[ref->module]->methods[ref->index];
    if (known->kind == EVIDENCE_DERIVED) {
        *out = BUILTIN_SHOW;
        return method->name == SYM_METHOD_SHOW;
    }
    const Module *owner = d->modules[known->module];
    const InstanceDecl *decl = owner->instances[known->index].decl;
    for (uint32_t i = 0; i < decl->method_count; i++) {
        const Expr *value = owner->bindings[decl->hidden[i]].value;
        if (decl->methods[i].name == method->name && value != NULL &&
            value->kind == EXPR_BUILTIN) {
            *out = (Builtin)value->as.builtin.index;
            return true;
        }
    }
    return false;
}

static bool call_method(Direct *d, const Expr *callee, const Expr *args,
                        uint32_t count, const Value *last, Value *out)
{
    const Note *note = direct_note(d, callee->note, NOTE_EVIDENCE);
    if (note == NULL || note->as.evidence.count != 1) {
        return false;
    }
    const Evidence *known = direct_evidence(d, note->as.evidence.items[0]);
    Builtin builtin;
    return known != NULL &&
           known_builtin(d, &callee->as.name, known, &builtin) &&
           call_builtin(d, builtin, args, count, last, out);
}

// ---- calls

static uint64_t place_of(uint32_t module, uint32_t index)
{
    return ((uint64_t)module << 32 | index) + 1;
}

static uint64_t *heavy_entry(const Direct *d, uint64_t place)
{
    uint64_t hash = place * HASH_MULTIPLIER >> 32;
    return &d->memory->heavy[hash % DIRECT_HEAVY_COUNT];
}

// Dictionaries into the locals that the function has for them.
static bool bind_evidence(const Direct *d, const DirectCall *call,
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
bool direct_begin_call(Direct *d, uint32_t module, uint32_t index,
                       uint32_t count, const Note *evidence, DirectCall *out)
{
    const Module *owner = d->modules[module];
    const Binding *binding = &owner->bindings[index];
    const Expr *value = binding->value;
    uint64_t place = place_of(module, index);
    if (owner->is_std || owner->stored != NULL || value == NULL ||
        value->kind != EXPR_LAMBDA || !direct_is_plain(value) ||
        value->as.lambda->param_count != count ||
        owner->groups[binding->group].failed ||
        *heavy_entry(d, place) == place || d->calls == DIRECT_CALLS_MAX ||
        binding->local_count >= DIRECT_LOCALS_MAX - d->top) {
        return false;
    }
    if (d->calls == 0) {
        d->outermost = place;
    }
    *out = (DirectCall){owner, binding, value->as.lambda, d->stack + d->top};
    d->top += binding->local_count + 1;
    return bind_evidence(d, out, evidence);
}

bool direct_end_call(Direct *d, const DirectCall *call, Value *out)
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
    DirectCall call;
    if (!direct_begin_call(d, ref->module, ref->index, total,
                           direct_note(d, callee->note, NOTE_EVIDENCE),
                           &call)) {
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
    bool okay = direct_end_call(d, &call, out);
    d->top = top;
    return okay;
}

static bool call_global(Direct *d, const Expr *callee, const Expr *args,
                        uint32_t count, const Value *last, Value *out)
{
    const NameRef *ref = &callee->as.name;
    const Module *owner = d->modules[ref->module];
    const Expr *value = owner->bindings[ref->index].value;
    if (owner->is_std && value != NULL && value->kind == EXPR_BUILTIN) {
        return call_builtin(d, (Builtin)value->as.builtin.index, args, count,
                            last, out);
    }
    return call_function(d, callee, args, count, last, out);
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
    return direct_values(d, args, count, fields);
}

bool direct_call(Direct *d, const Expr *callee, const Expr *args,
                 uint32_t count, const Value *last, Value *out)
{
    while (callee->kind == EXPR_ANNOTATED && direct_is_plain(callee)) {
        callee = &callee->as.annotated->expr;
    }
    bool is_name = callee->kind == EXPR_NAME || callee->kind == EXPR_CTOR;
    if (!is_name || !direct_is_plain(callee)) {
        return false;
    }
    const NameRef *ref = &callee->as.name;
    if (ref->ref == REF_CTOR) {
        return call_ctor(d, ref, args, count, last, out);
    }
    if (ref->ref == REF_METHOD) {
        return call_method(d, callee, args, count, last, out);
    }
    return ref->ref == REF_GLOBAL &&
           call_global(d, callee, args, count, last, out);
}
