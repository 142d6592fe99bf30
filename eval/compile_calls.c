// Calls: what is called, and the code that calls it.
#include "eval/compile_internal.h"

#include <assert.h>

// ---- arguments

uint32_t argument_operand(Compiler *c, const Argument *arg)
{
    return arg->expr != NULL ? compile_operand(c, arg->expr) : arg->reg;
}

void argument_into(Compiler *c, const Argument *arg, uint32_t reg)
{
    if (arg->expr != NULL) {
        compile_expr(c, arg->expr, reg);
    } else {
        emit_move(c, reg, arg->reg);
    }
}

uint32_t arguments_run(Compiler *c, const Argument *args, uint32_t count)
{
    uint32_t first = registers_new(c, count);
    for (uint32_t i = 0; i < count && !c->too_large; i++) {
        argument_into(c, &args[i], first + i);
    }
    return first;
}

// ---- callees

static uint32_t binding_arity(const Compiler *c, uint32_t module,
                              uint32_t index)
{
    const Module *owner = c->program->modules[module];
    const Binding *binding = &owner->bindings[index];
    const Note *note =
        note_find(&owner->notes, binding->note, NOTE_GENERALISED);
    uint32_t arity = note != NULL ? note->as.generalised.count : 0;
    const Expr *value = binding->value;
    if (value != NULL && is_lambda(value) &&
        (note != NULL || !binding_awaits_check(binding))) {
        arity += value->as.lambda->param_count;
    }
    return arity;
}

static void callee_add_evidence(Compiler *c, Callee *callee, const Note *note,
                                uint32_t from)
{
    if (note == NULL || note->as.evidence.count <= from) {
        return;
    }
    uint32_t extra = note->as.evidence.count - from;
    KnownEvidence *evidence = arena_array(
        c->scratch, callee->evidence_count + extra, sizeof *evidence);
    for (uint32_t i = 0; i < callee->evidence_count; i++) {
        evidence[i] = callee->evidence[i];
    }
    for (uint32_t i = 0; i < extra; i++) {
        evidence[callee->evidence_count + i] =
            (KnownEvidence){note->as.evidence.items[from + i], c->context};
    }
    callee->evidence = evidence;
    callee->evidence_count += extra;
}

static Callee callee_of_global(Compiler *c, uint32_t module, uint32_t index,
                               const Note *evidence)
{
    const Expr *value = program_binding(c->program, module, index)->value;
    if (value != NULL && value->kind == EXPR_BUILTIN) {
        return (Callee){.kind = CALLEE_BUILTIN,
                        .index = value->as.builtin.index};
    }
    Callee callee = {.kind = CALLEE_GLOBAL, .module = module, .index = index};
    callee_add_evidence(c, &callee, evidence, 0);
    return callee;
}

static Callee callee_of_local(Compiler *c, const Expr *expr, LocalInfo *info,
                              uint32_t arg_count)
{
    const Note *evidence = note_evidence(c, expr->note);
    if (info->kind == LOCAL_FUNCTION && evidence == NULL) {
        Context *saved = c->context;
        c->context = info->context;
        Callee callee = callee_of(c, info->expr, arg_count);
        c->context = saved;
        if (callee.kind == CALLEE_EXPR) {
            callee.expr = expr; // of this context
        }
        callee.by_name = false;
        return callee;
    }
    bool is_template = info->kind == LOCAL_TEMPLATE;
    if (info->kind != LOCAL_REGISTER && info->kind != LOCAL_SELF &&
        !is_template) {
        return (Callee){.kind = CALLEE_EXPR, .expr = expr};
    }
    Callee callee = {.kind = is_template ? CALLEE_TEMPLATE : CALLEE_REGISTER,
                     .local = info};
    callee_add_evidence(c, &callee, evidence, 0);
    return callee;
}

static Callee callee_of_name(Compiler *c, const Expr *expr, uint32_t arg_count)
{
    const NameRef *ref = &expr->as.name;
    const Note *evidence = note_evidence(c, expr->note);
    if (ref->ref == REF_LOCAL) {
        return callee_of_local(c, expr, local_info(c, ref->index), arg_count);
    }
    if (ref->ref == REF_GLOBAL) {
        return callee_of_global(c, ref->module, ref->index, evidence);
    }
    if (ref->ref == REF_CTOR) {
        return (Callee){.kind = CALLEE_CTOR,
                        .by_name = true,
                        .ctor = compiler_ctor(c, ref->module, ref->index)};
    }
    if (ref->ref == REF_METHOD) {
        assert(evidence != NULL);
        Callee callee =
            evidence_class_method(c, evidence->as.evidence.items[0], c->context,
                                  ref->module, ref->index);
        callee_add_evidence(c, &callee, evidence, 1);
        return callee;
    }
    return (Callee){.kind = CALLEE_EXPR, .expr = expr};
}

Callee callee_of_plain(Compiler *c, const Expr *expr, uint32_t arg_count)
{
    if (expr->kind == EXPR_NAME || expr->kind == EXPR_CTOR) {
        return callee_of_name(c, expr, arg_count);
    }
    if (expr->kind == EXPR_BUILTIN) {
        return (Callee){.kind = CALLEE_BUILTIN,
                        .index = expr->as.builtin.index};
    }
    if (expr->kind == EXPR_LAMBDA &&
        expr->as.lambda->param_count == arg_count) {
        return (Callee){
            .kind = CALLEE_LAMBDA, .expr = expr, .context = c->context};
    }
    return (Callee){.kind = CALLEE_EXPR, .expr = expr};
}

Callee callee_of(Compiler *c, const Expr *expr, uint32_t arg_count)
{
    const Expr *inner = strip_annotations(c, expr);
    bool unknown = is_special(c, inner) ||
                   (c->evaluation->plain && inner->kind == EXPR_LAMBDA);
    return unknown ? (Callee){.kind = CALLEE_EXPR, .expr = expr}
                   : callee_of_plain(c, inner, arg_count);
}

// The function of a METHOD, in a new register.
static uint32_t compile_method(Compiler *c, const Callee *callee)
{
    uint32_t reg = register_new(c);
    uint32_t mark = register_mark(c);
    uint32_t dictionary = register_new(c);
    compile_evidence(c, callee->dictionary.evidence, callee->dictionary.context,
                     dictionary);
    // What has to be run to get the method uses the registers from `free` on.
    uint32_t free = registers_new(c, 1);
    emit_op2(c, OP_METHOD, reg, dictionary, callee->index, free, 0);
    register_release(c, mark);
    return reg;
}

void callee_prepare(Compiler *c, Callee *callee)
{
    switch (callee->kind) {
    case CALLEE_EXPR:
        callee->reg = compile_operand(c, callee->expr);
        callee->kind = CALLEE_REGISTER;
        callee->local = NULL;
        return;
    case CALLEE_METHOD:
        callee->reg = compile_method(c, callee);
        callee->kind = CALLEE_REGISTER;
        callee->local = NULL;
        return;
    case CALLEE_REGISTER:
        if (callee->local != NULL && callee->local->self != c->fn) {
            callee->reg = local_register(c, callee->local, NO_REGISTER);
            callee->local = NULL;
        }
        return;
    case CALLEE_TEMPLATE:
        *callee = template_callee(c, callee);
        callee_prepare(c, callee);
        return;
    case CALLEE_LAMBDA:
    case CALLEE_GLOBAL:
    case CALLEE_BUILTIN:
    case CALLEE_CTOR:
        return;
    }
}

// ---- the call

// Dictionaries and arguments in consecutive registers.
static uint32_t compile_window(Compiler *c, const Callee *callee,
                               const Argument *args, uint32_t count)
{
    uint32_t dictionaries = callee->evidence_count;
    uint32_t first = registers_new(c, dictionaries + count);
    for (uint32_t i = 0; i < dictionaries && !c->too_large; i++) {
        compile_evidence(c, callee->evidence[i].evidence,
                         callee->evidence[i].context, first + i);
    }
    for (uint32_t i = 0; i < count && !c->too_large; i++) {
        argument_into(c, &args[i], first + dictionaries + i);
    }
    return first;
}

static void compile_register_call(Compiler *c, const Callee *callee,
                                  uint32_t function, const Argument *args,
                                  uint32_t count, Place place)
{
    uint32_t total = callee->evidence_count + count;
    if (total == 0) {
        emit_move(c, place.reg, function);
        place_done(c, place);
        return;
    }
    uint32_t first = compile_window(c, callee, args, count);
    if (place.tail) {
        emit_op2(c, OP_TAIL_CALL, 0, first, total, function, 0);
    } else {
        emit_op2(c, OP_CALL, place.reg, first, total, function, 0);
    }
}

static void compile_self_call(Compiler *c, const Callee *callee,
                              const Argument *args, uint32_t count, Place place)
{
    uint32_t total = callee->evidence_count + count;
    uint32_t first = compile_window(c, callee, args, count);
    if (place.tail) {
        emit_op(c, OP_TAIL_SELF, 0, first, total);
    } else {
        c->fn->self_calls++;
        emit_op2(c, OP_CALL_SELF, place.reg, first, total, 0, 0);
    }
}

static void compile_local_call(Compiler *c, const Callee *callee,
                               const Argument *args, uint32_t count,
                               Place place)
{
    LocalInfo *local = callee->local;
    if (local != NULL && local->kind == LOCAL_SELF && local->self == c->fn &&
        local->arity == callee->evidence_count + count) {
        compile_self_call(c, callee, args, count, place);
        return;
    }
    uint32_t function =
        local != NULL ? local_register(c, local, NO_REGISTER) : callee->reg;
    compile_register_call(c, callee, function, args, count, place);
}

static void compile_global_call(Compiler *c, const Callee *callee,
                                const Argument *args, uint32_t count,
                                Place place)
{
    static const Callee without_evidence = {.kind = CALLEE_GLOBAL};
    uint32_t module = callee->module;
    uint32_t index = callee->index;
    uint32_t arity = binding_arity(c, module, index);
    Slot *slot = specialized_slot(c, callee);
    bool special = slot != NULL;
    if (special) {
        arity -= callee->evidence_count;
        callee = &without_evidence;
    } else {
        slot = evaluation_slot(c->evaluation, module, index);
    }
    uint32_t total = callee->evidence_count + count;
    if (total != arity || total == 0) {
        uint32_t function = total == 0 ? place.reg : register_new(c);
        if (special) {
            emit_wide(c, OP_GLOBAL, function, pointer_index(c, slot));
        } else {
            emit_global(c, module, index, function);
        }
        compile_register_call(c, callee, function, args, count, place);
        return;
    }
    if (slot == c->fn->slot) {
        compile_self_call(c, callee, args, count, place);
        return;
    }
    uint32_t first = compile_window(c, callee, args, count);
    emit_op2(c, place.tail ? OP_TAIL_GLOBAL : OP_CALL_GLOBAL,
             place.tail ? 0 : place.reg, first, total, pointer_index(c, slot),
             0);
}

static void compile_ctor_call(Compiler *c, const Callee *callee,
                              const Argument *args, uint32_t count, Place place)
{
    if (count == 0) {
        compile_ctor_value(c, callee->ctor, place.reg);
    } else if (count == callee->ctor->arity) {
        const RefinementCheck *const *checks = callee->ctor->checks;
        // A check may write its register.
        uint32_t first = count == 1 && checks == NULL
                             ? argument_operand(c, args)
                             : arguments_run(c, args, count);
        for (uint32_t i = 0; checks != NULL && i < count; i++) {
            if (checks[i] != NULL &&
                (args[i].expr == NULL || !callee->by_name)) {
                compile_check(c, checks[i], first + i, (CheckUse){0});
            }
        }
        emit_op2(c, OP_UNION, place.reg, first, 0,
                 pointer_index(c, callee->ctor), 0);
    } else {
        uint32_t function = register_new(c);
        compile_ctor_value(c, callee->ctor, function);
        compile_register_call(c, callee, function, args, count, place);
        return;
    }
    place_done(c, place);
}

void compile_apply(Compiler *c, const Callee *callee, const Argument *args,
                   uint32_t count, Place place)
{
    uint32_t mark = register_mark(c);
    Span span = c->span;
    switch (callee->kind) {
    case CALLEE_LAMBDA: {
        Expansion expansion = expand_begin(c, callee, args, count);
        compile_into(c, expansion.body, place);
        expand_end(c, &expansion);
        break;
    }
    case CALLEE_BUILTIN:
        compile_builtin(c, (Builtin)callee->index, args, count, place);
        break;
    case CALLEE_CTOR:
        compile_ctor_call(c, callee, args, count, place);
        break;
    case CALLEE_GLOBAL:
        if (!expand_global(c, callee, args, count, place)) {
            compile_global_call(c, callee, args, count, place);
        }
        break;
    case CALLEE_REGISTER:
        compile_local_call(c, callee, args, count, place);
        break;
    case CALLEE_TEMPLATE: {
        Callee instance = template_callee(c, callee);
        compile_local_call(c, &instance, args, count, place);
        break;
    }
    case CALLEE_EXPR: {
        uint32_t function = compile_operand(c, callee->expr);
        compile_register_call(c, callee, function, args, count, place);
        break;
    }
    case CALLEE_METHOD: {
        uint32_t function = compile_method(c, callee);
        compile_register_call(c, callee, function, args, count, place);
        break;
    }
    }
    c->span = span;
    register_release(c, mark);
}

void compile_builtin(Compiler *c, Builtin builtin, const Argument *args,
                     uint32_t count, Place place)
{
    const BuiltinInfo *info = builtin_info(builtin);
    Callee none = {.kind = CALLEE_REGISTER};
    if (count < info->arity) {
        uint32_t function = register_new(c);
        emit_const(c, function, builtin_wrapper(c, builtin));
        compile_register_call(c, &none, function, args, count, place);
        return;
    }
    bool exact = count == info->arity;
    Place result = exact ? place : place_reg(register_new(c));
    if (info->kind == BUILTIN_KIND_INTRINSIC) {
        compile_intrinsic(c, builtin, args, result);
    } else {
        uint32_t first = arguments_run(c, args, info->arity);
        emit_op2(c, OP_BUILTIN, result.reg, first, info->arity,
                 (uint32_t)builtin, 0);
        place_done(c, result);
    }
    if (!exact) {
        compile_register_call(c, &none, result.reg, args + info->arity,
                              count - info->arity, place);
    }
}

// An expression that is applied to the value of a refinement: what it computes
// is computed without its flags, which would apply it again.
static Callee callee_of_value(Compiler *c, const Expr *expr, uint32_t count)
{
    Callee callee = callee_of_plain(c, expr, count);
    if (callee.kind == CALLEE_EXPR) {
        callee = (Callee){.kind = CALLEE_REGISTER, .reg = register_new(c)};
        compile_unchecked(c, expr, callee.reg);
    }
    return callee;
}

// Calls of calls, `f(x)(y)`, are one. `extra`: a last argument, or NULL.
static void compile_call_with(Compiler *c, const Expr *expr,
                              const Argument *extra, Place place)
{
    uint32_t count = 0;
    const Expr *callee_expr = expr;
    while (callee_expr->kind == EXPR_CALL &&
           (callee_expr == expr || !is_special(c, callee_expr))) {
        count += callee_expr->as.call.count - 1;
        callee_expr = &callee_expr->as.call.parts[0];
    }
    Argument *args = arena_array(c->scratch, (size_t)count + 1, sizeof *args);
    uint32_t at = count;
    for (const Expr *call = expr; call != callee_expr;
         call = &call->as.call.parts[0]) {
        for (uint32_t i = call->as.call.count; i-- > 1;) {
            args[--at] = (Argument){&call->as.call.parts[i], 0};
        }
    }
    if (extra != NULL) {
        args[count++] = *extra;
    }
    Callee callee = callee_expr == expr ? callee_of_value(c, expr, count)
                                        : callee_of(c, callee_expr, count);
    compile_apply(c, &callee, args, count, place);
}

void compile_call(Compiler *c, const Expr *expr, Place place)
{
    compile_call_with(c, expr, NULL, place);
}

void compile_value_call(Compiler *c, const Expr *expr, Place place)
{
    uint32_t mark = register_mark(c);
    Argument value = {
        NULL,
        local_register(c, local_info(c, c->context->value_local), NO_REGISTER)};
    compile_call_with(c, expr, &value, place);
    register_release(c, mark);
}
