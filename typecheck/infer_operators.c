// Runs of operators of one precedence, and the unary ones.
#include "typecheck/infer_internal.h"

static Expect operand_expect(const Infer *c, ExpectKind kind, Operator op,
                             Span span)
{
    Expect why = infer_expect(c, kind, span);
    why.op = op;
    return why;
}

// Operands from `from` on against the type of the first. `why` is written to.
static inline void check_rest(Infer *c, Expr *chain, uint32_t from, Type *type,
                              Expect *why)
{
    Operator outer = why->op;
    Expr *operand = chain->as.chain.operands + from;
    const Expr *end = chain->as.chain.operands + chain->as.chain.count;
    for (; operand < end; operand++) {
        why->op = operand->op != OP_NONE ? (Operator)operand->op : outer;
        infer_check(c, operand, type, why);
    }
}

// All operands against a type that is expected.
static void check_operands(Infer *c, Expr *chain, Type *type, const Expect *why)
{
    Expect here = why != NULL ? *why : (Expect){.kind = EXPECT_NONE};
    check_rest(c, chain, 0, type, &here);
}

static void give_result(Infer *c, Expr *expr, Type *found, Type *expected,
                        const Expect *why)
{
    if (expected != NULL) {
        infer_unify(c, expr->span, expected, found, why);
    }
}

// All operands of one type, which the first decides, and the class's evidence
// for it. An error type after reporting.
static Type *infer_same(Infer *c, Expr *chain, const ClassInfo *class_)
{
    Expr *operands = chain->as.chain.operands;
    uint32_t errors = c->error_count;
    Type *type = infer_expr(c, &operands[0]);
    // A rigid type, and mostly a record, lacks the class whatever the other
    // operands are.
    TypeKind kind = (TypeKind)type_resolve(type)->kind;
    bool early = kind == TYPE_SKOLEM || kind == TYPE_RECORD;
    if (early) {
        infer_want_operator(c, class_, type, chain);
    }
    if (c->error_count == errors) {
        Expect why = operand_expect(c, EXPECT_OPERAND, (Operator)operands[1].op,
                                    operands[0].span);
        check_rest(c, chain, 1, type, &why);
    }
    if (c->error_count == errors && !early) {
        infer_want_operator(c, class_, type, chain);
    }
    return c->error_count == errors ? type : type_error();
}

// ---- arithmetic

// Known, and some Num type as far as can be seen.
static bool may_be_number(Infer *c, Type *type)
{
    type = type_resolve(type);
    return type->kind != TYPE_VAR && infer_literal_fits(c, type);
}

bool infer_is_arithmetic(Operator op)
{
    return op == OP_ADD || op == OP_SUB || op == OP_MUL || op == OP_DIV ||
           op == OP_REM;
}

// An operation whose result is of its operands' type. What is expected reaches
// them where it may be such a type; otherwise it does not fit the operation as
// a whole.
static Type *infer_alike(Infer *c, Expr *chain, const ClassInfo *class_,
                         bool (*may_be)(Infer *c, Type *type), Type *expected,
                         const Expect *why)
{
    if (expected == NULL || !may_be(c, expected)) {
        Type *type = infer_same(c, chain, class_);
        give_result(c, chain, type, expected, why);
        return type;
    }
    uint32_t errors = c->error_count;
    infer_want_operator(c, class_, expected, chain);
    if (c->error_count == errors) {
        check_operands(c, chain, expected, why);
    }
    return expected;
}

static bool has_remainder(const Expr *chain)
{
    Operator first = (Operator)chain->as.chain.operands[1].op;
    if (first == OP_ADD || first == OP_SUB) {
        return false; // of another precedence
    }
    for (uint32_t i = 1; i < chain->as.chain.count; i++) {
        if (chain->as.chain.operands[i].op == OP_REM) {
            return true;
        }
    }
    return false;
}

static Type *infer_arithmetic(Infer *c, Expr *chain, Type *expected,
                              const Expect *why)
{
    if (has_remainder(chain)) { // of Integer alone
        Expect of_rem = operand_expect(c, EXPECT_OPERATOR, OP_REM, chain->span);
        Type *type = type_prim(PRIM_INTEGER);
        check_operands(c, chain, type, &of_rem);
        infer_set_tag(c, &chain->note, ELAB_INT);
        give_result(c, chain, type, expected, why);
        return type;
    }
    return infer_alike(c, chain, c->num, may_be_number, expected, why);
}

// ---- comparison

static Type *infer_comparison(Infer *c, Expr *chain, const ClassInfo *class_,
                              Type *expected, const Expect *why)
{
    Type *operand = NULL;
    if (class_ == c->eq && chain->as.chain.count > 2) {
        // The parser has reported it: nobody knows what it compares.
        for (uint32_t i = 0; i < chain->as.chain.count; i++) {
            infer_expr(c, &chain->as.chain.operands[i]);
        }
    } else {
        operand = type_resolve(infer_same(c, chain, class_));
    }
    if (operand != NULL && operand->kind == TYPE_ERROR) {
        return operand; // what was meant is unknown
    }
    give_result(c, chain, type_prim(PRIM_BOOLEAN), expected, why);
    return type_prim(PRIM_BOOLEAN);
}

static Type *infer_logic(Infer *c, Expr *chain, Type *expected,
                         const Expect *why)
{
    Type *type = type_prim(PRIM_BOOLEAN);
    Operator op = (Operator)chain->as.chain.operands[1].op;
    Expect operand = operand_expect(c, EXPECT_OPERATOR, op, chain->span);
    check_operands(c, chain, type, &operand);
    give_result(c, chain, type, expected, why);
    return type;
}

// ---- the rest

static bool may_append(Infer *c, Type *type)
{
    (void)c;
    type = type_resolve(type);
    return type->kind == TYPE_SKOLEM || type_is_prim(type, PRIM_STRING) ||
           type_is_prim(type, PRIM_LIST);
}

static Type *infer_append(Infer *c, Expr *chain, Type *expected,
                          const Expect *why)
{
    return infer_alike(c, chain, c->append, may_append, expected, why);
}

Type *infer_option_of(Infer *c, Type *item)
{
    const Module *prelude = c->program->modules[MODULE_PRELUDE];
    for (uint32_t i = 0; i < prelude->type_count; i++) {
        if (prelude->types[i].name == SYM_OPTION) {
            Type **args = arena_alloc(c->store.arena, sizeof *args);
            args[0] = item;
            return type_con(&c->store, MODULE_PRELUDE, i, args, 1);
        }
    }
    return type_error();
}

// a ?? b ?? d: all but the last are Options of what the last is.
static Type *infer_coalesce(Infer *c, Expr *chain, Type *expected,
                            const Expect *why)
{
    Expr *operands = chain->as.chain.operands;
    uint32_t last = chain->as.chain.count - 1;
    Type *item = expected != NULL ? expected : type_var(&c->store, c->level, 0);
    Type *option = infer_option_of(c, item);
    Expect operand =
        operand_expect(c, EXPECT_OPERATOR, OP_COALESCE, operands[1].span);
    for (uint32_t i = 0; i < last; i++) {
        infer_check(c, &operands[i], option, &operand);
    }
    Expect first =
        operand_expect(c, EXPECT_OPERAND, OP_COALESCE, operands[0].span);
    infer_check(c, &operands[last], item, expected != NULL ? why : &first);
    return item;
}

Type *infer_chain(Infer *c, Expr *expr, Type *expected, const Expect *why)
{
    switch ((Operator)expr->as.chain.operands[1].op) {
    case OP_PIPE:
        return infer_pipe(c, expr, expected, why);
    case OP_COALESCE:
        return infer_coalesce(c, expr, expected, why);
    case OP_OR:
    case OP_AND:
        return infer_logic(c, expr, expected, why);
    case OP_EQ:
    case OP_NE:
        return infer_comparison(c, expr, c->eq, expected, why);
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return infer_comparison(c, expr, c->ord, expected, why);
    case OP_APPEND:
        return infer_append(c, expr, expected, why);
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_REM:
        return infer_arithmetic(c, expr, expected, why);
    case OP_NONE:
    case OP_NEG:
    case OP_NOT:
        break;
    }
    return type_error();
}

Type *infer_unary(Infer *c, Expr *expr, Type *expected, const Expect *why)
{
    Expr *operand = expr->as.unary.operand;
    if (expr->as.unary.op == OP_NOT) {
        Type *type = type_prim(PRIM_BOOLEAN);
        Expect of_not = operand_expect(c, EXPECT_OPERATOR, OP_NOT, expr->span);
        infer_check(c, operand, type, &of_not);
        give_result(c, expr, type, expected, why);
        return type;
    }
    if (expected != NULL && may_be_number(c, expected)) {
        infer_check(c, operand, expected, why);
        infer_want_operator(c, c->num, expected, expr);
        return expected;
    }
    uint32_t errors = c->error_count;
    Type *type = infer_expr(c, operand);
    if (c->error_count == errors) {
        infer_want_operator(c, c->num, type, expr);
    }
    if (c->error_count == errors) {
        give_result(c, expr, type, expected, why);
    }
    return type;
}

// ---- predicates of refinements

static bool is_comparison(Operator op)
{
    return op == OP_EQ || op == OP_NE || op == OP_LT || op == OP_LE ||
           op == OP_GT || op == OP_GE;
}

// What has type T -> ... is applied to the value.
static Type *applied_to_value(Infer *c, Expr *expr, Type *value)
{
    Type *type = type_resolve(infer_expr(c, expr));
    if (type->kind != TYPE_FUNCTION) {
        return type;
    }
    Expect why = infer_expect(c, EXPECT_NONE, expr->span);
    infer_unify(c, expr->span, type->as.function.param, value, &why);
    infer_log(c, &expr->flags, sizeof expr->flags);
    expr->flags |= EXPR_APPLY_VALUE;
    return type->as.function.result;
}

static void infer_compared(Infer *c, Expr *chain, Type *value)
{
    Expr *operands = chain->as.chain.operands;
    uint32_t errors = c->error_count;
    Type *type = applied_to_value(c, &operands[0], value);
    Operator op = (Operator)operands[1].op;
    Expect why = operand_expect(c, EXPECT_OPERAND, op, operands[0].span);
    for (uint32_t i = 1; i < chain->as.chain.count; i++) {
        Type *other = applied_to_value(c, &operands[i], value);
        infer_unify(c, operands[i].span, type, other, &why);
    }
    if (c->error_count == errors) {
        infer_want_operator(c, op == OP_EQ || op == OP_NE ? c->eq : c->ord,
                            type, chain);
    }
}

static void infer_conjunct(Infer *c, Expr *expr, Type *value)
{
    if (expr->kind == EXPR_CHAIN) {
        Operator op = (Operator)expr->as.chain.operands[1].op;
        if (op == OP_AND || op == OP_OR) {
            for (uint32_t i = 0; i < expr->as.chain.count; i++) {
                infer_conjunct(c, &expr->as.chain.operands[i], value);
            }
            return;
        }
        if (is_comparison(op)) {
            infer_compared(c, expr, value);
            return;
        }
    }
    Expect why = infer_expect(c, EXPECT_CONDITION, expr->span);
    Type *type = applied_to_value(c, expr, value);
    infer_unify(c, expr->span, type_prim(PRIM_BOOLEAN), type, &why);
}

void infer_predicate(Infer *c, Expr *expr, Type *value)
{
    bool outer = c->in_predicate;
    c->in_predicate = true;
    infer_conjunct(c, expr, value);
    c->in_predicate = outer;
}
