// Code for eval/data_checks.c: parts of imported data and the refinements
// that they must satisfy.
#include "eval/compile_internal.h"

static void begin(Compiler *c, Evaluation *evaluation,
                  const CompileTarget *target, Slot *slot)
{
    *c = (Compiler){
        .evaluation = evaluation,
        .program = evaluation->program,
        .arena = target->arena,
        .heap = target->heap,
        .specializations = target->specializations,
        .constants = target->constants,
        .slot = slot,
    };
    arena_init(&c->scratch);
    c->context = context_new(c, slot->module, slot->index);
}

static const Code *end(Compiler *c, const Code *code)
{
    for (uint32_t i = 0; i < c->states.count; i++) {
        vec_release(&c->states.items[i]->captures);
    }
    vec_release(&c->states);
    arena_release(&c->scratch);
    return c->too_large ? NULL : code;
}

bool compile_data_constant(Evaluation *evaluation, const CompileTarget *target,
                           Slot *slot, const Expr *expr, Value *out)
{
    Compiler c;
    begin(&c, evaluation, target, slot);
    bool okay = constant_value(&c, expr, out);
    (void)end(&c, NULL);
    return okay;
}

const Code *compile_data_value(Evaluation *evaluation,
                               const CompileTarget *target, Slot *slot,
                               const Expr *expr)
{
    Compiler c;
    begin(&c, evaluation, target, slot);
    (void)function_begin(&c, STR("data"));
    c.span = expr->span;
    uint32_t reg = register_new(&c);
    compile_expr(&c, expr, reg);
    emit_return(&c, reg);
    return end(&c, function_end(&c, 0));
}

const Code *compile_data_check(Evaluation *evaluation,
                               const CompileTarget *target, Slot *slot,
                               const RefinementCheck *check)
{
    Compiler c;
    begin(&c, evaluation, target, slot);
    (void)function_begin(&c, STR("data"));
    c.span = (Span){0, 0};
    uint32_t reg = register_new(&c);
    compile_check(&c, check, reg, (CheckUse){0});
    emit_return(&c, reg);
    return end(&c, function_end(&c, 1));
}

const Code *compile_constant_check(Evaluation *evaluation,
                                   const CompileTarget *target, Slot *slot,
                                   const Expr *expr,
                                   const RefinementCheck *check)
{
    Compiler c;
    begin(&c, evaluation, target, slot);
    c.may_be_open = true;
    (void)function_begin(&c, STR("constant"));
    c.span = expr->span;
    uint32_t reg = register_new(&c);
    compile_unchecked(&c, expr, reg);
    compile_check(&c, check, reg, (CheckUse){.constant = expr});
    emit_return(&c, reg);
    c.too_large |= c.fn->captures.count > 0;
    return end(&c, function_end(&c, 0));
}
