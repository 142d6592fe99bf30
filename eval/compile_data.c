// Code for eval/data_checks.c: parts of imported data and the refinements
// that they must satisfy.
#include "eval/compile_internal.h"

bool compile_data_constant(Evaluation *evaluation, const CompileTarget *target,
                           Slot *slot, const Expr *expr, Value *out)
{
    Compiler c;
    compiler_begin(&c, evaluation, target, slot);
    bool okay = constant_value(&c, expr, out);
    (void)compiler_end(&c, NULL);
    return okay;
}

bool compile_unchecked_constant(Evaluation *evaluation,
                                const CompileTarget *target, Slot *slot,
                                const Expr *expr, Value *out)
{
    Compiler c;
    compiler_begin(&c, evaluation, target, slot);
    bool okay = may_be_constant(expr) &&
                (expr->flags & (EXPR_APPLY_VALUE | EXPR_WRAP_SOME)) == 0 &&
                constant_plain(&c, expr, out);
    (void)compiler_end(&c, NULL);
    return okay;
}

const Code *compile_data_value(Evaluation *evaluation,
                               const CompileTarget *target, Slot *slot,
                               const Expr *expr)
{
    Compiler c;
    compiler_begin(&c, evaluation, target, slot);
    (void)function_begin(&c, STR("data"));
    c.span = expr->span;
    uint32_t reg = register_new(&c);
    compile_expr(&c, expr, reg);
    emit_return(&c, reg);
    return compiler_end(&c, function_end(&c, 0));
}

const Code *compile_data_check(Evaluation *evaluation,
                               const CompileTarget *target, Slot *slot,
                               const RefinementCheck *check)
{
    Compiler c;
    compiler_begin(&c, evaluation, target, slot);
    (void)function_begin(&c, STR("data"));
    c.span = (Span){0, 0};
    uint32_t reg = register_new(&c);
    compile_check(&c, check, reg, (CheckUse){0});
    emit_return(&c, reg);
    return compiler_end(&c, function_end(&c, 1));
}

const Code *compile_quiet_check(Evaluation *evaluation,
                                const CompileTarget *target, Slot *slot,
                                const RefinementCheck *check)
{
    Compiler c;
    compiler_begin(&c, evaluation, target, slot);
    (void)function_begin(&c, STR("constant"));
    uint32_t reg = register_new(&c);
    Label fails = LABEL_NEW;
    compile_check(&c, check, reg, (CheckUse){.quiet = &fails});
    emit_const(&c, reg, value_bool(true));
    emit_return(&c, reg);
    label_place(&c, &fails);
    emit_const(&c, reg, value_bool(false));
    emit_return(&c, reg);
    return compiler_end(&c, function_end(&c, 1));
}

const Code *compile_constant_check(Evaluation *evaluation,
                                   const CompileTarget *target, Slot *slot,
                                   const Expr *expr,
                                   const RefinementCheck *check)
{
    Compiler c;
    compiler_begin(&c, evaluation, target, slot);
    c.may_be_open = true;
    (void)function_begin(&c, STR("constant"));
    c.span = expr->span;
    uint32_t reg = register_new(&c);
    compile_unchecked(&c, expr, reg);
    compile_check(&c, check, reg, (CheckUse){.constant = expr});
    emit_return(&c, reg);
    c.too_large |= c.fn->captures.count > 0;
    return compiler_end(&c, function_end(&c, 0));
}
