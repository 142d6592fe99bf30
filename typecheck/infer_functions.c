// Functions: their parameters and bodies, inferred or checked against a type.
#include "typecheck/infer_internal.h"
#include "typecheck/refinements.h"

// `annotation` is where the type stands.
static void bind_param(Infer *c, Param *param, Type *type, const Expect *why,
                       Span annotation)
{
    Type *plain = type_strip(&c->store, type);
    if ((type->flags & TYPE_HAS_REFINED) != 0) {
        refinements_param(c, param, type, annotation);
    }
    if (param->pattern.kind != PATTERN_NAME) {
        infer_bind_local(c, param->local, plain, NULL);
    }
    infer_pattern(c, &param->pattern, plain, why);
    infer_must_match(c, &param->pattern, "a parameter");
    refinements_note_local(c, param->local, type);
    if (param->pattern.kind == PATTERN_NAME) {
        refinements_note_local(c, param->pattern.as.name.local, type);
    }
}

static Type *param_type(Infer *c, Param *param, Type *expected,
                        const Expect *why)
{
    if (param->type == NULL) {
        return expected != NULL ? expected : type_var(&c->store, c->level, 0);
    }
    Type *type = infer_annotation(c, param->type, ANNOTATION_LAMBDA);
    if (expected != NULL) {
        infer_unify(c, param->type->span, expected, type, why);
    }
    return type;
}

Type *infer_lambda(Infer *c, Function *function, Type *expected,
                   const Expect *why)
{
    Type **params =
        arena_array(c->scratch, function->param_count, sizeof *params);
    for (uint32_t i = 0; i < function->param_count; i++) {
        Param *param = &function->params[i];
        Type *from = NULL;
        if (expected != NULL) {
            expected = type_resolve(expected);
            from = expected->as.function.param;
            expected = expected->as.function.result;
        }
        params[i] = param_type(c, param, from, why);
        Expect annotation = infer_expect(
            c, param->type != NULL ? EXPECT_ANNOTATION : EXPECT_NONE,
            param->type != NULL ? param->type->span : param->pattern.span);
        bool by_outer = param->type == NULL && why != NULL &&
                        why->kind == EXPECT_ANNOTATION &&
                        why->source == &c->module->source;
        bind_param(c, param, params[i], &annotation,
                   by_outer ? why->span : annotation.span);
        params[i] = type_strip(&c->store, params[i]);
    }
    Type *result;
    if (function->result != NULL) {
        result = infer_annotation(c, function->result, ANNOTATION_VALUE);
        Expect annotation =
            infer_expect(c, EXPECT_RESULT, function->result->span);
        if (expected == NULL ||
            infer_unify(c, function->result->span, expected, result, why)) {
            infer_check(c, &function->body, result, &annotation);
            refinements_place(c, &function->body, result, 0,
                              function->result->span);
        }
        result = refinements_strip(c, result);
    } else if (expected != NULL) {
        infer_check(c, &function->body, expected, why);
        result = expected;
    } else {
        result = infer_expr(c, &function->body);
    }
    for (uint32_t i = function->param_count; i-- > 0;) {
        result = type_function(&c->store, params[i], result);
    }
    return result;
}

// Makes functions of variables, so that `type` has `count` parameters. False
// when it cannot have them.
static bool make_functions(Infer *c, Type *type, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        type = type_resolve(type);
        if (type->kind == TYPE_VAR && (type->flags & TYPE_IS_LITERAL) == 0) {
            uint32_t level = type->as.var.level;
            Type *made = type_function(&c->store, type_var(&c->store, level, 0),
                                       type_var(&c->store, level, 0));
            if (!unify(&c->unifier, type, made)) {
                return false;
            }
            type = type_resolve(type);
        }
        if (type->kind != TYPE_FUNCTION) {
            return false;
        }
        type = type->as.function.result;
    }
    return true;
}

// A lambda of more parameters than its type. False where that is not it.
static bool report_params(Infer *c, const Expr *expr, Type *expected,
                          const Expect *why)
{
    uint32_t takes = expr->as.lambda->param_count;
    uint32_t count = 0;
    Type *at = type_resolve(expected);
    for (; at->kind == TYPE_FUNCTION; count++) {
        at = type_resolve(at->as.function.result);
    }
    if (count == 0 || count >= takes || at->kind == TYPE_VAR) {
        return false;
    }
    Diag *diag = infer_error(
        c, DIAG_E0203, expr->as.lambda->params[count].pattern.span,
        "the function takes %u parameters, its type %u", takes, count);
    infer_label_expect(c, diag, why);
    return true;
}

void infer_check_lambda(Infer *c, Expr *expr, Type *expected, const Expect *why)
{
    Function *function = expr->as.lambda;
    if (type_resolve(expected)->kind == TYPE_ERROR) {
        // What its parameters are is unknown, and no error of its own.
        for (uint32_t i = 0; i < function->param_count; i++) {
            expected = type_function(&c->store, type_error(), expected);
        }
    }
    if (make_functions(c, expected, function->param_count)) {
        infer_lambda(c, function, expected, why);
        return;
    }
    uint32_t errors = c->error_count;
    Type *found = infer_lambda(c, function, NULL, NULL);
    if (c->error_count == errors && !report_params(c, expr, expected, why)) {
        infer_unify(c, expr->span, expected, found, why);
    }
}
