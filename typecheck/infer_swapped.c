// Arguments in each other's places: one mistake, and one message. Two are
// swapped where a call with the two exchanged is well typed.
#include "typecheck/infer_calls.h"

// Of the call as it should be.
#define MAX_CALL_BYTES 100

static Type *fresh_callee(Infer *c, const Application *app)
{
    const Scheme *scheme = infer_scheme_of(c, app->callee);
    if (scheme == NULL) {
        return app->callee_type;
    }
    Instance instance;
    instance_open(&instance, scheme, &c->store, c->scratch, c->level);
    return instance_type(&instance, scheme->type);
}

static Type *type_of(const Application *app, uint32_t i)
{
    return app->misfits[i] != NULL ? app->misfits[i] : app->params[i];
}

// Whether the types may be the same, as far as their heads say; binds nothing.
static bool may_be(Infer *c, Type *expected, Type *found)
{
    expected = type_resolve(expected);
    found = type_resolve(found);
    if (expected->kind == TYPE_VAR || found->kind == TYPE_VAR) {
        Type *var = expected->kind == TYPE_VAR ? expected : found;
        Type *other = var == expected ? found : expected;
        return (var->flags & TYPE_IS_LITERAL) == 0 ||
               infer_literal_fits(c, other);
    }
    if (expected->kind != found->kind || expected->kind == TYPE_ERROR) {
        return false;
    }
    return expected->kind != TYPE_CON || type_same_con(expected, found);
}

static bool is_scalar(Type *type)
{
    type = type_resolve(type);
    return type->kind == TYPE_CON && type->as.con.count == 0 &&
           type->as.con.module == TYPE_MODULE_PRIM;
}

// A function that is written in the call fits what the other arguments are.
static bool has_fitting_lambda(const Application *app)
{
    for (uint32_t i = 0; i < app->count; i++) {
        const Expr *expr = app->args[i].expr;
        if (expr != NULL && expr->kind == EXPR_LAMBDA &&
            app->misfits[i] == NULL) {
            return true;
        }
    }
    return false;
}

// Where a parameter takes anything, that the call is well typed with another
// argument there says little: an Integer may stand anywhere by chance, and a
// container of the wrong kind anywhere but where it is looked into.
static bool says_little(const Application *app, Type *const *params,
                        uint32_t misfit, uint32_t other)
{
    Type *found = app->misfits[misfit];
    if (found == NULL || app->misfits[other] != NULL ||
        type_resolve(params[other])->kind != TYPE_VAR) {
        return false;
    }
    return is_scalar(found) ? is_scalar(params[misfit])
                            : type_resolve(found)->kind == TYPE_CON &&
                                  has_fitting_lambda(app);
}

// Whether the call is well typed with arguments a and b exchanged.
static bool fits_swapped(Infer *c, const Application *app, uint32_t a,
                         uint32_t b)
{
    Type *function = type_resolve(fresh_callee(c, app));
    Type *params[FEW_ARGS];
    for (uint32_t i = 0; i < app->count; i++) {
        if (function->kind != TYPE_FUNCTION) {
            return false;
        }
        params[i] = function->as.function.param;
        function = type_resolve(function->as.function.result);
    }
    if (says_little(app, params, a, b) || says_little(app, params, b, a) ||
        !may_be(c, params[a], type_of(app, b)) ||
        !may_be(c, params[b], type_of(app, a))) {
        return false;
    }
    for (uint32_t i = 0; i < app->count; i++) {
        uint32_t from = i == a ? b : i == b ? a : i;
        // One that fitted may owe its type to those that should not stand
        // where they do.
        bool is_known = from != i || app->misfits[i] != NULL;
        Type *found = type_of(app, from);
        if (is_known ? !unify(&c->unifier, params[i], found)
                     : !may_be(c, params[i], found)) {
            return false;
        }
    }
    return true;
}

// The text of the call with the two exchanged; empty where it is long.
static void append_cure(const Infer *c, const Application *app, uint32_t a,
                        uint32_t b, StrBuf *out)
{
    Str text = c->source->text;
    Span first = app->args[a].span;
    Span second = app->args[b].span;
    Span call = app->span;
    if (app->args[a].expr == NULL || app->args[b].expr == NULL ||
        call.end - call.start > MAX_CALL_BYTES || call.start > first.start ||
        first.end > second.start || second.end > call.end) {
        return;
    }
    strbuf_append(out, str_slice(text, call.start, first.start));
    strbuf_append(out, str_slice(text, second.start, second.end));
    strbuf_append(out, str_slice(text, first.end, second.start));
    strbuf_append(out, str_slice(text, first.start, first.end));
    strbuf_append(out, str_slice(text, second.end, call.end));
    if (memchr(out->data, '\n', out->len) != NULL) {
        strbuf_clear(out);
    }
}

static void report(Infer *c, const Application *app, uint32_t a, uint32_t b,
                   Str type)
{
    Symbol name = infer_callee_name(app->callee);
    StrBuf cure = {0};
    append_cure(c, app, a, b, &cure);
    Span first = app->args[a].span;
    Span second = app->args[b].span;
    // What stands before a |> is the last argument.
    Span place = b == a + 1 && first.end <= second.start
                     ? span_join(first, second)
                     : app->args[app->misfits[a] != NULL ? a : b].span;
    Diag *diag =
        name != 0
            ? infer_error(c, DIAG_E0203, place,
                          "arguments %u and %u of '%.*s' look swapped", a + 1,
                          b + 1, STR_ARG(infer_name_text(c, name)))
            : infer_error(c, DIAG_E0203, place,
                          "arguments %u and %u look swapped", a + 1, b + 1);
    diag_label(c->sink, diag, c->source, app->callee->span, "it has type %.*s",
               STR_ARG(type));
    if (cure.len > 0) {
        diag_help(c->sink, diag, "write '%.*s'", STR_ARG(strbuf_str(&cure)));
    } else {
        diag_help(c->sink, diag, "exchange them");
    }
    strbuf_release(&cure);
}

bool infer_swapped(Infer *c, const Application *app, uint32_t first_diag,
                   uint32_t errors)
{
    uint32_t misfits = 0;
    for (uint32_t i = 0; i < FEW_ARGS; i++) {
        misfits += app->misfits[i] != NULL;
    }
    if (misfits == 0 || app->count < 2 || app->count > FEW_ARGS ||
        misfits != c->sink->diags.count - first_diag) {
        return false;
    }
    Str type = infer_print(c, fresh_callee(c, app));
    for (uint32_t a = 0; a < app->count; a++) {
        for (uint32_t b = a + 1; b < app->count; b++) {
            if (fits_swapped(c, app, a, b)) {
                c->sink->diags.count = first_diag;
                c->sink->error_count -= misfits;
                c->error_count = errors;
                report(c, app, a, b, type);
                return true;
            }
        }
    }
    return false;
}
