// Refinements that a value must satisfy.
#include "eval/compile_internal.h"

static void emit_check_failure(Compiler *c, const RefinementCheck *check,
                               Span predicate, uint32_t reg)
{
    CheckFailure *failure = ARENA_NEW(c->arena, CheckFailure);
    failure->predicate_source = &c->program->modules[check->module]->source;
    failure->predicate = predicate;
    failure->annotation_source = &c->context->module->source;
    failure->annotation = check->annotation;
    emit_wide(c, OP_FAIL_CHECK, reg, pointer_index(c, failure));
}

// The value breaks the refinement: which conjunct? They are looked at again,
// one by one.
static void compile_blame(Compiler *c, const RefinementCheck *check,
                          const Expr *predicate, uint32_t reg)
{
    if (is_logic(predicate) &&
        (Operator)predicate->as.chain.operands[1].op == OP_AND) {
        for (uint32_t i = 0; i < predicate->as.chain.count; i++) {
            const Expr *conjunct = &predicate->as.chain.operands[i];
            Label holds = LABEL_NEW;
            compile_condition(c, conjunct, true, &holds);
            emit_check_failure(c, check, conjunct->span, reg);
            label_place(c, &holds);
        }
    }
    emit_check_failure(c, check, check->predicate->expr.span, reg);
}

// A predicate that is a hidden function: called, and expanded for the blame.
static void compile_hidden_check(Compiler *c, const RefinementCheck *check,
                                 uint32_t reg)
{
    Label okay = LABEL_NEW;
    Callee predicate = {.kind = CALLEE_GLOBAL,
                        .module = check->hidden_module,
                        .index = check->hidden_index};
    Argument value = {NULL, reg};
    uint32_t verdict = register_new(c);
    compile_apply(c, &predicate, &value, 1, place_reg(verdict));
    emit_jump(c, OP_JUMP_IF, verdict, &okay);
    Context *outer = c->context;
    Context *inner = context_new(c, check->hidden_module, check->hidden_index);
    inner->has_span = true;
    inner->span = c->span;
    const Expr *function = inner->binding->value;
    if (!is_lambda(function)) {
        emit_check_failure(c, check, check->predicate->expr.span, reg);
    } else {
        const Param *param = &function->as.lambda->params[0];
        c->context = inner;
        local_set(c, param->local, reg);
        compile_pattern(c, &param->pattern, reg);
        compile_blame(c, check, &function->as.lambda->body, reg);
        c->context = outer;
    }
    label_place(c, &okay);
}

void compile_checks(Compiler *c, const Note *note, uint32_t reg)
{
    Span span = c->span;
    for (uint32_t i = 0; i < note->as.check.count; i++) {
        const RefinementCheck *check = &note->as.check.checks[i];
        uint32_t mark = register_mark(c);
        if (check->hidden_module != UINT32_MAX &&
            check->hidden_index != UINT32_MAX) {
            compile_hidden_check(c, check, reg);
        } else {
            Label okay = LABEL_NEW;
            uint32_t outer = c->context->value_local;
            c->context->value_local = check->predicate->x_local;
            local_set(c, check->predicate->x_local, reg);
            compile_condition(c, &check->predicate->expr, true, &okay);
            c->span = span;
            compile_blame(c, check, &check->predicate->expr, reg);
            c->context->value_local = outer;
            label_place(c, &okay);
        }
        c->span = span;
        register_release(c, mark);
    }
}
