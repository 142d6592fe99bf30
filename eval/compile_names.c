// Names: locals, captured variables, globals, constructors and methods as
// values.
#include "eval/compile_internal.h"

#include <assert.h>

LocalInfo *local_info(Compiler *c, uint32_t local)
{
    assert(local <= c->context->binding->local_count);
    return &c->context->locals[local];
}

void local_set(Compiler *c, uint32_t local, uint32_t reg)
{
    LocalInfo *info = local_info(c, local);
    *info = (LocalInfo){.kind = LOCAL_REGISTER, .reg = reg, .fn = c->fn};
}

static uint32_t capture_new(FunctionState *fn, LocalInfo *info)
{
    vec_push(&fn->captures, (Capture){info});
    return fn->captures.count - 1;
}

// Of a function with many captures.
static uint32_t capture_number(FunctionState *fn, LocalInfo *info)
{
    PtrMap *numbers = &fn->capture_numbers;
    for (uint32_t i = numbers->count; i < fn->captures.count; i++) {
        *ptr_map_at(numbers, (uintptr_t)fn->captures.items[i].local, 0) =
            (void *)(uintptr_t)(i + 1);
    }
    void **number = ptr_map_at(numbers, (uintptr_t)info, 0);
    if (*number == NULL) {
        *number = (void *)(uintptr_t)(capture_new(fn, info) + 1);
    }
    return (uint32_t)(uintptr_t)*number - 1;
}

static uint32_t capture_index(FunctionState *fn, LocalInfo *info)
{
    enum { FEW_CAPTURES = 16 };
    if (fn->captures.count > FEW_CAPTURES) {
        return capture_number(fn, info);
    }
    for (uint32_t i = 0; i < fn->captures.count; i++) {
        if (fn->captures.items[i].local == info) {
            return i;
        }
    }
    return capture_new(fn, info);
}

uint32_t local_register(Compiler *c, LocalInfo *info, uint32_t hint)
{
    if (info->fn == c->fn) {
        return info->reg;
    }
    if (info->kind == LOCAL_UNSET && c->may_be_open) {
        c->too_large = true; // no constant
        return hint != NO_REGISTER ? hint : register_new(c);
    }
    uint32_t reg = hint != NO_REGISTER ? hint : register_new(c);
    if (info->kind == LOCAL_SELF && info->self == c->fn) {
        emit_op(c, OP_SELF, reg, 0, 0);
        return reg;
    }
    uint32_t index = capture_index(c->fn, info);
    c->too_large |= index > UINT16_MAX;
    emit_op(c, OP_CAPTURED, reg, index, 0);
    return reg;
}

void compile_local(Compiler *c, LocalInfo *info, uint32_t reg)
{
    switch (info->kind) {
    case LOCAL_UNSET:
        if (!c->too_large && !c->may_be_open) {
            UNREACHABLE();
        }
        c->too_large = true;
        return;
    case LOCAL_REGISTER:
    case LOCAL_SELF:
        emit_move(c, reg, local_register(c, info, reg));
        return;
    case LOCAL_FUNCTION: {
        Context *saved = c->context;
        Span span = c->span;
        c->context = info->context;
        compile_expr(c, info->expr, reg);
        c->context = saved;
        c->span = span;
        return;
    }
    case LOCAL_TEMPLATE: {
        Callee callee = {.kind = CALLEE_TEMPLATE, .local = info};
        compile_apply(c, &callee, NULL, 0, place_reg(reg));
        return;
    }
    case LOCAL_EVIDENCE:
        compile_evidence(c, info->evidence, info->context, reg);
        return;
    }
}

void emit_global(Compiler *c, uint32_t module, uint32_t index, uint32_t reg)
{
    Slot *slot = evaluation_slot(c->evaluation, module, index);
    // Where the value of another module is there already, that module is not
    // looked at: it is memory that nobody may have touched for long.
    if (module == c->context->module->id || slot_state(slot) != SLOT_DONE ||
        slot->value.tag == VALUE_FUNCTION) {
        const Binding *binding = program_binding(c->program, module, index);
        const Expr *value = binding->value;
        Value constant;
        if (value != NULL && value->kind == EXPR_BUILTIN) {
            emit_const(c, reg,
                       builtin_wrapper(c, (Builtin)value->as.builtin.index));
            return;
        }
        if (c->origins == NULL &&
            binding_is_literal(c->program->modules[module], binding) &&
            constant_plain(c, value, &constant)) {
            emit_const(c, reg, constant);
            return;
        }
    }
    emit_wide(c, OP_GLOBAL, reg, pointer_index(c, slot));
}

static Value run_wrapper(Compiler *c, uint32_t arity)
{
    assert(c->fn->captures.count == 0);
    Code *code = function_end(c, arity);
    Value function = function_constant(c, code);
    code->function = function.as.function;
    return function;
}

Value builtin_wrapper(Compiler *c, Builtin builtin)
{
    const BuiltinInfo *info = builtin_info(builtin);
    function_begin(c, str_from_c(info->name));
    c->fn->code->wraps = (uint32_t)builtin + 1;
    Argument args[4];
    uint32_t first = registers_new(c, info->arity);
    assert(info->arity <= sizeof args / sizeof *args);
    for (uint32_t i = 0; i < info->arity; i++) {
        args[i] = (Argument){NULL, first + i};
    }
    c->fn->code->wraps = (uint32_t)builtin + 1;
    compile_builtin(c, builtin, args, info->arity,
                    (Place){register_new(c), true});
    return run_wrapper(c, info->arity);
}

static Value ctor_wrapper(Compiler *c, const CtorInfo *info)
{
    function_begin(c, info->name);
    uint32_t first = registers_new(c, info->arity);
    compile_ctor_checks(c, info->checks, info->arity, first);
    emit_op2(c, OP_UNION, first, first, 0, pointer_index(c, info), 0);
    emit_return(c, first);
    return run_wrapper(c, info->arity);
}

void compile_ctor_value(Compiler *c, const CtorInfo *info, uint32_t reg)
{
    if (info->arity == 0) {
        Value *fields;
        emit_const(c, reg, value_union(c->heap, info, &fields));
    } else {
        emit_const(c, reg, ctor_wrapper(c, info));
    }
}

void compile_name(Compiler *c, const Expr *expr, Place place)
{
    const NameRef *ref = &expr->as.name;
    const Note *evidence = note_evidence(c, expr->note);
    bool is_open =
        ref->ref == REF_LOCAL && local_info(c, ref->index)->kind == LOCAL_UNSET;
    if (!is_open && (evidence != NULL || ref->ref == REF_METHOD)) {
        // Applied to dictionaries: a call without further arguments.
        Callee callee = callee_of_plain(c, expr, 0);
        compile_apply(c, &callee, NULL, 0, place);
        return;
    }
    if (ref->ref == REF_LOCAL) {
        compile_local(c, local_info(c, ref->index), place.reg);
    } else if (ref->ref == REF_GLOBAL) {
        emit_global(c, ref->module, ref->index, place.reg);
    } else if (ref->ref == REF_CTOR) {
        compile_ctor_value(c, compiler_ctor(c, ref->module, ref->index),
                           place.reg);
    } else if (ref->ref == REF_MODULE) {
        compile_module_value(c, expr, place.reg);
    } else {
        UNREACHABLE(); // the resolver has reported it
    }
    place_done(c, place);
}
