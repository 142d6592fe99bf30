// Optional fields: a value is an Option, or an item that becomes Some. Which of
// both decides its form, and only where that is open its type, because what is
// expected is to reach the literals in it.
#include "typecheck/infer_internal.h"

static bool is_option_ctor(const Expr *expr)
{
    return expr->kind == EXPR_CTOR && (expr->as.ctor.symbol == SYM_SOME ||
                                       expr->as.ctor.symbol == SYM_NONE);
}

// What the form of a value says of its type.
typedef enum OptionForm {
    FORM_OPEN,  // it has to be inferred
    FORM_PLAIN, // no Option, or the item's type says more than can be inferred
    FORM_OPTION
} OptionForm;

static OptionForm form_of(const Expr *value);

// Of a value that is one of several, in an array of which each `step`-th is one
// of them.
static OptionForm form_of_any(const Expr *values, uint32_t count, uint32_t step)
{
    OptionForm form = FORM_OPEN;
    for (uint32_t i = 0; i < count && form != FORM_OPTION; i += step) {
        OptionForm next = form_of(&values[i]);
        form = next != FORM_OPEN ? next : form;
    }
    return form;
}

static OptionForm form_of_match(const Match *match)
{
    OptionForm form = FORM_OPEN;
    for (uint32_t i = 0; i < match->arm_count && form != FORM_OPTION; i++) {
        OptionForm next = form_of(&match->arms[i].body);
        form = next != FORM_OPEN ? next : form;
    }
    return form;
}

// The operators that give what their operands, or the last of them, are.
static OptionForm form_of_chain(const Expr *operands, uint32_t count)
{
    if (operands[1].op == OP_APPEND) {
        return form_of_any(operands, count, 1);
    }
    return operands[1].op == OP_COALESCE ? form_of(&operands[count - 1])
                                         : FORM_OPEN;
}

static OptionForm form_of(const Expr *value)
{
    switch ((ExprKind)value->kind) {
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_INTERPOLATION:
    case EXPR_TUPLE:
    case EXPR_LIST:
    case EXPR_COMPREHENSION:
    case EXPR_RECORD:
    case EXPR_LAMBDA:
    case EXPR_UNARY:
        return FORM_PLAIN;
    case EXPR_CTOR:
        return is_option_ctor(value) ? FORM_OPTION : FORM_PLAIN;
    case EXPR_CALL:
        return value->as.call.parts[0].kind == EXPR_CTOR
                   ? form_of(&value->as.call.parts[0])
                   : FORM_OPEN;
    case EXPR_LET:
        return form_of(&value->as.let->body);
    case EXPR_IF: { // a condition before each but the last one
        uint32_t last = value->as.branch.count - 1;
        OptionForm form = form_of(&value->as.branch.parts[last]);
        return form == FORM_OPTION
                   ? form
                   : form_of_any(value->as.branch.parts + 1, last, 2);
    }
    case EXPR_MATCH:
        return form_of_match(value->as.match);
    case EXPR_CHAIN:
        return form_of_chain(value->as.chain.operands, value->as.chain.count);
    case EXPR_ERROR:
    case EXPR_NAME:
    case EXPR_BUILTIN:
    case EXPR_DATA:
    case EXPR_FIELD:
    case EXPR_ANNOTATED:
        break;
    }
    return FORM_OPEN;
}

static bool same_union(const Type *a, const Type *b)
{
    return a->kind == TYPE_CON && b->kind == TYPE_CON && type_same_con(a, b);
}

// Whether what was wanted from there on says so of the variable.
static bool is_number(const Infer *c, uint32_t from, const Type *var)
{
    bool is = (var->flags & TYPE_IS_LITERAL) != 0;
    for (uint32_t i = from; i < c->wanted.count && !is; i++) {
        const Wanted *wanted = &c->wanted.items[i];
        is = wanted->class_ == c->num && type_resolve(wanted->args[0]) == var;
    }
    return is;
}

static void check_optional(Infer *c, Expr *value, Type *option,
                           const Expect *why)
{
    Type *item = option->as.con.args[0];
    OptionForm form = form_of(value);
    if (form == FORM_PLAIN) {
        infer_log(c, &value->flags, sizeof value->flags);
        value->flags |= EXPR_WRAP_SOME;
        infer_check(c, value, item, why);
        return;
    }
    if (form == FORM_OPTION) {
        infer_check(c, value, option, why);
        return;
    }
    uint32_t from = c->wanted.count;
    Type *found = type_resolve(infer_expr(c, value));
    bool is_open = // numbers become what the item is
        found->kind == TYPE_VAR && !is_number(c, from, found);
    if (is_open || found->kind == TYPE_ERROR || same_union(found, option)) {
        infer_unify(c, value->span, option, found, why);
        return;
    }
    infer_log(c, &value->flags, sizeof value->flags);
    value->flags |= EXPR_WRAP_SOME;
    infer_unify(c, value->span, item, found, why);
}

void infer_field_value(Infer *c, Expr *value, const RecordField *field,
                       const Expect *why)
{
    Type *type = type_resolve(field->type);
    if (field->fill != NULL && field->fill->decl->optional &&
        type->kind == TYPE_CON && type->as.con.count == 1) {
        check_optional(c, value, type, why);
        return;
    }
    infer_check(c, value, field->type, why);
}
