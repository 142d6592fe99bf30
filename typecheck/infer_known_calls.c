// Calls of one argument whose types are known: most functions of a module are
// called with one type again and again.
#include "typecheck/infer_calls.h"
#include "typecheck/refinements.h"

// Whether two nodes of a scheme are one bound variable.
static bool same_variable(const Type *a, const Type *b)
{
    return a->kind == TYPE_GENERIC && a == b;
}

// Whether the evidence that the callee got is one that all share, or none.
static bool has_known_note(Infer *c, const Application *app)
{
    const Scheme *scheme = app->instance->scheme;
    if (scheme->constraint_count != 1) {
        return scheme->constraint_count == 0 && app->callee->note == 0;
    }
    const SchemeConstraint *constraint = &scheme->constraints[0];
    Type *type = instance_known(app->instance, constraint->args[0]);
    const KnownInstance *known =
        type != NULL
            ? infer_known_instance(c, constraint->class_, type_resolve(type))
            : NULL;
    return known != NULL && known->note != 0 &&
           known->note == app->callee->note;
}

// Whether nothing is wanted, or of the result alone.
static bool wants_of(const Scheme *scheme, const Type *result)
{
    return scheme->constraint_count == 0 ||
           same_variable(scheme->constraints[0].args[0], result);
}

void infer_remember_call(Infer *c, const Application *app, Type *result)
{
    const Scheme *scheme = app->instance->scheme;
    Type *node = scheme->type->as.function.param;
    const Type *to = scheme->type->as.function.result;
    Type *param = app->args[0].type != NULL
                      ? app->args[0].type
                      : instance_known(app->instance, node);
    if (c->wanted.count > app->wanted || param == NULL ||
        !has_known_note(c, app)) {
        return;
    }
    param = type_resolve(param);
    result = type_resolve(result);
    if (!type_is_shareable(param) || !type_is_shareable(result)) {
        return;
    }
    // What is expected may say what the argument is to be checked against.
    bool may_say =
        node->kind == TYPE_GENERIC && (to->flags & TYPE_HAS_GENERICS) != 0;
    *infer_known_call(c, scheme) =
        (KnownCall){.scheme = scheme,
                    .param = param,
                    .result = result,
                    .note = app->callee->note,
                    .by_result = same_variable(node, to),
                    .any_expected = !may_say && wants_of(scheme, to)};
}

bool infer_arg_first(const Expr *arg, const Type *param)
{
    switch ((ExprKind)arg->kind) {
    case EXPR_ERROR:
    case EXPR_INTERPOLATION:
    case EXPR_NAME:
    case EXPR_FIELD:
    case EXPR_ANNOTATED:
        return true;
    case EXPR_CHAIN:
        return param->kind == TYPE_GENERIC &&
               arg->as.chain.operands[1].op != OP_COALESCE;
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_CTOR:
    case EXPR_TUPLE:
    case EXPR_LIST:
    case EXPR_COMPREHENSION:
    case EXPR_RECORD:
    case EXPR_CALL:
    case EXPR_UNARY:
        return param->kind == TYPE_GENERIC;
    case EXPR_BUILTIN:
    case EXPR_DATA:
    case EXPR_LAMBDA:
    case EXPR_LET:
    case EXPR_IF:
    case EXPR_MATCH:
        break;
    }
    return false;
}

// Whether the argument is of the type that it was before. It is looked at as it
// would be without that.
static bool is_same_arg(Infer *c, const Expr *callee, Expr *arg, Type *expected,
                        const KnownCall *known, Type **out_found)
{
    if (expected != NULL && known->by_result) {
        Expect why = infer_expect(c, EXPECT_ARGUMENT, callee->span);
        why.name = infer_callee_name(callee);
        infer_check(c, arg, known->param, &why);
        return true; // as it is, whatever was said of it
    }
    if ((expected != NULL && !known->any_expected) ||
        !infer_arg_first(arg, known->scheme->type->as.function.param)) {
        return false;
    }
    uint32_t errors = c->error_count;
    *out_found = infer_expr(c, arg);
    return type_resolve(*out_found) == known->param && c->error_count == errors;
}

Type *infer_call_again(Infer *c, Expr *call, Type *expected, Type **out_found)
{
    Expr *callee = &call->as.call.parts[0];
    Expr *arg = &call->as.call.parts[1];
    if (callee->kind != EXPR_NAME || callee->note != 0 || c->givens.count > 0 ||
        c->part != NULL) {
        return NULL;
    }
    const Scheme *scheme = infer_scheme_of(c, callee);
    // A copy: the argument may have calls as well.
    const KnownCall known = *infer_known_call(c, scheme);
    uint32_t wanted = c->wanted.count;
    if (scheme == NULL || known.scheme != scheme ||
        (expected != NULL && type_resolve(expected) != known.result) ||
        !is_same_arg(c, callee, arg, expected, &known, out_found)) {
        return NULL;
    }
    callee->note = known.note;
    if (c->wanted.count > wanted) {
        infer_improve(c, wanted);
    }
    if (refinements_known(c, callee) != NULL) {
        refinements_argument(c, arg, callee, 0);
    }
    if (arg->kind == EXPR_STRING) {
        refinements_pattern(c, arg, callee);
    }
    return known.result;
}
