// Application and pipes.
#include "typecheck/infer_calls.h"
#include "typecheck/infer_records.h"
#include "typecheck/refinements.h"

// ---- application

static void infer_args(Infer *c, const Application *app)
{
    for (uint32_t i = 0; i < app->count; i++) {
        if (app->args[i].expr != NULL) {
            infer_expr(c, app->args[i].expr);
        }
    }
}

// Whether a result that is not known yet cannot become a function: a literal,
// or something that a class is asked for which functions are no part of.
static bool no_function(const Infer *c, const Type *var, uint32_t wanted)
{
    if ((var->flags & TYPE_IS_LITERAL) != 0) {
        return true;
    }
    for (uint32_t i = wanted; i < c->wanted.count; i++) {
        const Wanted *want = &c->wanted.items[i];
        if (want->class_->param_count == 1 &&
            type_resolve(want->args[0]) == var &&
            !infer_has_function_instance(c, want->class_)) {
            return true;
        }
    }
    return false;
}

// The types of the parameters, and what is left when they are given. NULL
// after reporting.
static Type *take_params(Infer *c, Application *app, uint32_t wanted)
{
    Type *function = type_resolve(app->callee_type);
    for (uint32_t i = 0; i < app->count; i++) {
        if (function->kind == TYPE_VAR && no_function(c, function, wanted)) {
            infer_report_arguments(c, app, i);
            return NULL;
        }
        if (function->kind == TYPE_VAR) {
            Type *param = type_var(&c->store, c->level, 0);
            Type *result = type_var(&c->store, c->level, 0);
            Type *made = type_function(&c->store, param, result);
            if (!infer_unify(c, app->callee->span, made, function, NULL)) {
                return NULL;
            }
            function = type_resolve(made);
        }
        if (function->kind == TYPE_ERROR) {
            return NULL;
        }
        if (function->kind != TYPE_FUNCTION) {
            infer_report_arguments(c, app, i);
            return NULL;
        }
        app->params[i] = function->as.function.param;
        function = i + 1 < app->count
                       ? type_resolve(function->as.function.result)
                       : function->as.function.result;
    }
    return function;
}

// Wants what the scheme does: before the arguments, or as if it had been.
static void want_constraints(Infer *c, Application *app, bool late)
{
    if (app->wants) {
        app->wants = false;
        infer_want_instance(c, app->instance, app->callee,
                            late ? app->wanted : WANT_NOW);
    }
}

// From here on the types are those of the place, as messages show them.
static void close_instance(Infer *c, Application *app)
{
    Instance *instance = app->instance;
    if (instance == NULL) {
        return;
    }
    app->callee_type = instance_type(instance, app->callee_type);
    for (uint32_t i = 0; i < app->count; i++) {
        app->params[i] = instance_type(instance, app->params[i]);
    }
    want_constraints(c, app, true);
    app->instance = NULL;
}

// The argument says what the parameter of the scheme stands for. False where
// it is to be checked against that.
static bool match_arg(Infer *c, const Application *app, uint32_t i,
                      const Expect *why)
{
    Arg *arg = &app->args[i];
    Type *param = app->params[i];
    if (instance_known(app->instance, param) != NULL ||
        (arg->expr != NULL && !infer_arg_first(arg->expr, param))) {
        return false;
    }
    Type *found = arg->type != NULL ? arg->type : infer_expr(c, arg->expr);
    arg->type = found;
    if (instance_match(app->instance, param, found)) {
        return true;
    }
    bool fits;
    if (!infer_match_row(c, app->instance, param, found, &fits)) {
        fits = unify(&c->unifier, instance_type(app->instance, param), found);
    }
    if (!fits) {
        infer_mismatch(c, arg->span, instance_type(app->instance, param), found,
                       why);
    }
    return true;
}

// The type that all fields of a record have, where a class wants that of
// `param` and it is known already: `fromRecord { ... }` where a Map of it is
// expected.
static Type *type_of_fields(const Infer *c, const Application *app,
                            const Type *param)
{
    for (uint32_t i = app->wanted; i < c->wanted.count; i++) {
        const Wanted *want = &c->wanted.items[i];
        if (want->class_->records == RECORD_CLASS_FIELDS &&
            type_resolve(want->args[0]) == param) {
            Type *item = type_resolve(want->args[1]);
            return item->kind != TYPE_VAR ? item : NULL;
        }
    }
    return NULL;
}

// The record type that the literal then is checked against, so that what is
// expected reaches its fields; else `param`.
static Type *literal_param(Infer *c, const Application *app, const Arg *arg,
                           Type *param)
{
    param = type_resolve(param);
    if (param->kind != TYPE_VAR || arg->expr == NULL ||
        arg->expr->kind != EXPR_RECORD) {
        return param;
    }
    Type *item = type_of_fields(c, app, param);
    Type *record = item != NULL ? infer_record_of(c, arg->expr, item) : NULL;
    if (record == NULL) {
        return param;
    }
    (void)infer_unify(c, arg->span, param, record, NULL);
    return record;
}

static void check_arg(Infer *c, Application *app, uint32_t i)
{
    Expect why = infer_expect(c, EXPECT_ARGUMENT, app->callee->span);
    why.index = i;
    why.name = infer_callee_name(app->callee);
    why.out_misfit = i < FEW_ARGS ? &app->misfits[i] : NULL;
    const Arg *arg = &app->args[i];
    Type *param = app->params[i];
    if (app->instance != NULL) {
        if (match_arg(c, app, i, &why)) {
            return;
        }
        param = instance_type(app->instance, param);
    }
    if (arg->expr != NULL) {
        param = literal_param(c, app, arg, param);
        infer_check(c, arg->expr, param, &why);
    } else {
        infer_unify(c, arg->span, param, arg->type, &why);
    }
}

static bool is_lambda(const Arg *arg)
{
    return arg->expr != NULL && arg->expr->kind == EXPR_LAMBDA;
}

// Functions written in place come last: by then the other arguments have said
// what their parameters are.
static void check_args(Infer *c, Application *app, uint32_t wanted)
{
    uint32_t lambdas = 0;
    for (uint32_t i = 0; i < app->count; i++) {
        if (is_lambda(&app->args[i])) {
            lambdas++;
        } else {
            check_arg(c, app, i);
        }
    }
    if (lambdas > 0) {
        infer_improve(c, wanted);
    }
    for (uint32_t i = 0; lambdas > 0 && i < app->count; i++) {
        if (is_lambda(&app->args[i])) {
            check_arg(c, app, i);
        }
    }
}

static void check_refinements(Infer *c, const Application *app)
{
    bool is_ctor = app->callee->kind == EXPR_CTOR;
    bool is_known = !is_ctor && refinements_known(c, app->callee) != NULL;
    for (uint32_t i = 0; (is_ctor || is_known) && i < app->count; i++) {
        Expr *arg = app->args[i].expr;
        if (arg != NULL && is_ctor) {
            refinements_ctor_call(c, arg, app->callee, i);
        } else if (arg != NULL) {
            refinements_argument(c, arg, app->callee, i);
        }
    }
    Expr *first = app->args[0].expr;
    if (first != NULL && first->kind == EXPR_STRING) {
        refinements_pattern(c, first, app->callee);
    }
}

// The patterns of the one tuple that the function takes: 0 where it takes
// something else. In a recursion its type may not be known yet.
static uint32_t tuple_taken(const Infer *c, const Application *app)
{
    const NameRef *ref = &app->callee->as.name;
    if (app->callee->kind == EXPR_NAME && ref->ref == REF_GLOBAL &&
        ref->module == c->module->id) {
        const Expr *value = c->module->bindings[ref->index].value;
        if (value != NULL && value->kind == EXPR_LAMBDA &&
            value->as.lambda->param_count == 1) {
            const Pattern *pattern = &value->as.lambda->params[0].pattern;
            if (pattern->kind == PATTERN_TUPLE) {
                return pattern->as.tuple.count;
            }
        }
    }
    const Type *type = type_resolve(app->callee_type);
    if (type->kind != TYPE_FUNCTION ||
        type_resolve(type->as.function.result)->kind == TYPE_FUNCTION) {
        return 0;
    }
    type = type_resolve(type->as.function.param);
    return type->kind == TYPE_TUPLE ? type->as.tuple.count : 0;
}

// f (a, b) has two arguments, where a tuple is meant.
static void help_tuple(Infer *c, const Application *app, uint32_t first_diag)
{
    if (app->count > 1 && tuple_taken(c, app) == app->count &&
        c->sink->diags.count > first_diag) {
        infer_help_tuple(c, diag_at(c->sink, first_diag), app->callee);
    }
}

// Whether all that the scheme wants is of its bound variables themselves, so
// that nothing can be found before they stand for something.
static bool may_open(const Scheme *scheme)
{
    if (scheme == NULL || scheme->node_count == 0 ||
        (scheme->type->flags & (TYPE_HAS_REFINED | TYPE_HAS_ERROR)) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < scheme->constraint_count; i++) {
        const SchemeConstraint *constraint = &scheme->constraints[i];
        if (constraint->class_->param_count != 1 ||
            constraint->class_->records != RECORD_CLASS_NONE ||
            constraint->args[0]->kind != TYPE_GENERIC) {
            return false;
        }
    }
    return true;
}

// Has the parameters and the result be those of the callee's scheme. NULL where
// it must be instantiated at once.
static Type *open_instance(Infer *c, Application *app, Instance *instance)
{
    const Expr *callee = app->callee;
    if (callee->kind != EXPR_NAME ||
        (c->part != NULL && callee->as.name.ref == REF_LOCAL)) {
        return NULL;
    }
    const Scheme *scheme = infer_scheme_of(c, callee);
    if (!may_open(scheme) || type_store_is_full(&c->store)) {
        return NULL;
    }
    Type *function = scheme->type;
    for (uint32_t i = 0; i < app->count; i++) {
        if (function->kind != TYPE_FUNCTION) {
            return NULL;
        }
        app->params[i] = function->as.function.param;
        function = function->as.function.result;
    }
    instance_open(instance, scheme, &c->store, c->scratch, c->level);
    app->instance = instance;
    app->wants = true;
    app->callee_type = scheme->type;
    return function;
}

// The result first: what is known of it flows into the arguments. Where it does
// not fit, one message is enough. False then.
static bool expect_result(Infer *c, Application *app, Type *result,
                          Type *expected, const Expect *why)
{
    uint32_t errors = c->error_count;
    bool fits = false;
    if (app->instance != NULL) {
        fits = instance_match(app->instance, result, expected);
        result = instance_type(app->instance, result);
        want_constraints(c, app, false);
    }
    if (!fits && type_resolve(expected) != type_resolve(result) &&
        !infer_unify(c, app->span, expected, result, why)) {
        return false;
    }
    if (c->wanted.count > app->wanted) {
        infer_retry(c, app->wanted);
    }
    return c->error_count == errors;
}

static Type *apply_to_all(Infer *c, Application *app, Type *expected,
                          const Expect *why)
{
    Instance instance;
    app->params = app->count <= FEW_ARGS
                      ? app->few_params
                      : arena_array(c->scratch, app->count, sizeof(Type *));
    Type *result = open_instance(c, app, &instance);
    if (result == NULL) {
        app->callee_type = app->callee->kind == EXPR_CTOR
                               ? infer_ctor(c, app->callee, expected)
                               : infer_expr(c, app->callee);
        result = take_params(c, app, app->wanted);
    }
    if (result == NULL) {
        infer_args(c, app);
        return type_error();
    }
    uint32_t errors = c->error_count;
    if (expected != NULL && !expect_result(c, app, result, expected, why)) {
        close_instance(c, app);
        return type_error();
    }
    uint32_t first_diag = c->sink->diags.count;
    bool swapped = false;
    check_args(c, app, app->wanted);
    if (app->instance != NULL) {
        result = instance_type(app->instance, result);
        want_constraints(c, app, true);
    }
    if (c->error_count > errors) {
        close_instance(c, app);
        swapped = infer_swapped(c, app, first_diag, errors);
        if (swapped) { // what it wants is of the wrong types
            c->wanted.count = app->wanted;
        }
    } else if (app->instance != NULL && app->count == 1) {
        infer_remember_call(c, app, result);
    }
    app->instance = NULL;
    if (c->wanted.count > app->wanted) {
        infer_improve(c, app->wanted);
    }
    if (!swapped) {
        check_refinements(c, app);
    }
    return refinements_strip(c, result);
}

static Type *apply(Infer *c, Application *app, Type *expected,
                   const Expect *why)
{
    uint32_t errors = c->error_count;
    uint32_t first_diag = c->sink->diags.count;
    Type *type = apply_to_all(c, app, expected, why);
    if (c->error_count > errors) {
        help_tuple(c, app, first_diag);
    }
    return type;
}

// `wanted` is c->wanted.count before anything was looked at.
static void begin_application(Application *app, Expr *callee, Arg *args,
                              uint32_t count, Span span, uint32_t wanted)
{
    app->callee = callee;
    app->callee_type = NULL;
    app->args = args;
    app->count = count;
    app->instance = NULL;
    app->wants = false;
    app->wanted = wanted;
    app->params = NULL; // and what it is to point to
    for (uint32_t i = 0; i < FEW_ARGS; i++) {
        app->misfits[i] = NULL;
    }
    app->span = span;
}

static NOINLINE Type *call_one(Infer *c, Expr *expr, Arg arg, uint32_t wanted,
                               Type *expected, const Expect *why)
{
    Application app;
    begin_application(&app, &expr->as.call.parts[0], &arg, 1, expr->span,
                      wanted);
    return apply(c, &app, expected, why);
}

static NOINLINE Type *call_many(Infer *c, Expr *expr, Type *expected,
                                const Expect *why)
{
    Expr *parts = expr->as.call.parts;
    uint32_t count = expr->as.call.count - 1;
    Arg few[FEW_ARGS];
    Arg *args =
        count <= FEW_ARGS ? few : arena_array(c->scratch, count, sizeof *args);
    for (uint32_t i = 0; i < count; i++) {
        args[i] = (Arg){&parts[i + 1], NULL, parts[i + 1].span};
    }
    Application app;
    begin_application(&app, &parts[0], args, count, expr->span,
                      c->wanted.count);
    return apply(c, &app, expected, why);
}

Type *infer_call(Infer *c, Expr *expr, Type *expected, const Expect *why)
{
    if (expr->as.call.count != 2) {
        return call_many(c, expr, expected, why);
    }
    Expr *value = &expr->as.call.parts[1];
    uint32_t wanted = c->wanted.count;
    Type *found = NULL;
    Type *known = infer_call_again(c, expr, expected, &found);
    return known != NULL ? known
                         : call_one(c, expr, (Arg){value, found, value->span},
                                    wanted, expected, why);
}

// One step of a pipe: `value |> function`. A call on the right takes the value
// as its last argument.
static Type *pipe_step(Infer *c, Expr *function, Arg value, Span span,
                       Type *expected, const Expect *why)
{
    bool is_call = function->kind == EXPR_CALL && function->note == 0;
    uint32_t count = is_call ? function->as.call.count : 1;
    Arg *args = arena_array(c->scratch, count, sizeof *args);
    for (uint32_t i = 0; i + 1 < count; i++) {
        Expr *arg = &function->as.call.parts[i + 1];
        args[i] = (Arg){arg, NULL, arg->span};
    }
    args[count - 1] = value;
    Application app;
    begin_application(&app, is_call ? &function->as.call.parts[0] : function,
                      args, count, span, c->wanted.count);
    return apply(c, &app, expected, why);
}

static Type *pipe_lambda(Infer *c, Expr *function, Arg value, Type *expected,
                         const Expect *why)
{
    Type *param = value.expr != NULL ? infer_expr(c, value.expr) : value.type;
    Type *result =
        expected != NULL ? expected : type_var(&c->store, c->level, 0);
    Type *type = type_function(&c->store, param, result);
    infer_check_lambda(c, function, type, why);
    return result;
}

Type *infer_pipe(Infer *c, Expr *chain, Type *expected, const Expect *why)
{
    Expr *operands = chain->as.chain.operands;
    uint32_t count = chain->as.chain.count;
    Arg value = {&operands[0], NULL, operands[0].span};
    for (uint32_t i = 1; i < count; i++) {
        bool is_last = i + 1 == count;
        Span span = span_join(chain->span, operands[i].span);
        Type *step_expected = is_last ? expected : NULL;
        Type *type =
            operands[i].kind == EXPR_LAMBDA
                ? pipe_lambda(c, &operands[i], value, step_expected, why)
                : pipe_step(c, &operands[i], value, span, step_expected, why);
        value = (Arg){NULL, type, span};
    }
    return value.type;
}
