// Calls of one argument whose types are known: most functions of a module are
// called with one type again and again.
#include "typecheck/infer_calls.h"

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
