// Expressions: one case per kind; conditions and `if`.
#include "eval/compile_internal.h"

#include <assert.h>

// ---- conditions

bool is_logic(const Expr *expr)
{
    if (expr->kind != EXPR_CHAIN) {
        return false;
    }
    Operator op = (Operator)expr->as.chain.operands[1].op;
    return op == OP_AND || op == OP_OR;
}

static void compile_logic_jump(Compiler *c, const Expr *chain, bool sense,
                               Label *target)
{
    bool is_or = (Operator)chain->as.chain.operands[1].op == OP_OR;
    uint32_t count = chain->as.chain.count;
    if (is_or == sense) {
        // Any true operand of `||`, any false one of `&&`, decides.
        for (uint32_t i = 0; i < count; i++) {
            compile_condition(c, &chain->as.chain.operands[i], sense, target);
        }
        return;
    }
    Label otherwise = LABEL_NEW;
    for (uint32_t i = 0; i + 1 < count; i++) {
        compile_condition(c, &chain->as.chain.operands[i], !sense, &otherwise);
    }
    compile_condition(c, &chain->as.chain.operands[count - 1], sense, target);
    label_place(c, &otherwise);
}

static bool is_not(const Expr *expr)
{
    return expr->kind == EXPR_UNARY && expr->as.unary.op == OP_NOT;
}

// A call of a lambda that is expanded: its body is the condition.
static bool compile_call_condition(Compiler *c, const Expr *expr, bool sense,
                                   Label *target)
{
    if (expr->kind != EXPR_CALL) {
        return false;
    }
    uint32_t count = expr->as.call.count - 1;
    Callee callee = callee_of(c, &expr->as.call.parts[0], count);
    if (callee.kind != CALLEE_LAMBDA) {
        return false;
    }
    Argument *args = arena_array(c->scratch, count, sizeof *args);
    for (uint32_t i = 0; i < count; i++) {
        args[i] = (Argument){&expr->as.call.parts[i + 1], 0};
    }
    Expansion expansion = expand_begin(c, &callee, args, count);
    compile_condition(c, expansion.body, sense, target);
    expand_end(c, &expansion);
    return true;
}

static void emit_condition(Compiler *c, const Expr *expr, bool sense,
                           Label *target)
{
    uint32_t reg = compile_operand(c, expr);
    emit_jump(c, sense ? OP_JUMP_IF : OP_JUMP_UNLESS, reg, target);
}

// What is special about the expression itself is left to the caller.
static void compile_jump(Compiler *c, const Expr *expr, bool sense,
                         Label *target)
{
    if (expr->kind == EXPR_BOOL) {
        if (expr->as.boolean.value == sense) {
            emit_jump(c, OP_JUMP, 0, target);
        }
    } else if (is_not(expr)) {
        compile_condition(c, expr->as.unary.operand, !sense, target);
    } else if (is_logic(expr)) {
        compile_logic_jump(c, expr, sense, target);
    } else if (is_comparison(expr)) {
        compile_comparison_jump(c, expr, sense, target);
    } else if (!compile_call_condition(c, expr, sense, target)) {
        emit_condition(c, expr, sense, target);
    }
}

void compile_condition(Compiler *c, const Expr *expr, bool sense, Label *target)
{
    Span old = compiler_set_span(c, expr->span);
    uint32_t mark = register_mark(c);
    if (is_special(c, expr)) {
        emit_condition(c, expr, sense, target);
    } else {
        compile_jump(c, expr, sense, target);
    }
    register_release(c, mark);
    c->span = old;
}

// The value of an operator that is a condition.
static void compile_truth(Compiler *c, const Expr *expr, uint32_t reg)
{
    Label otherwise = LABEL_NEW;
    Label end = LABEL_NEW;
    uint32_t mark = register_mark(c);
    compile_jump(c, expr, false, &otherwise);
    register_release(c, mark);
    emit_op(c, OP_BOOL, reg, 1, 0);
    emit_jump(c, OP_JUMP, 0, &end);
    label_place(c, &otherwise);
    emit_op(c, OP_BOOL, reg, 0, 0);
    label_place(c, &end);
}

static NOINLINE void compile_if(Compiler *c, const Expr *expr, Place place)
{
    Label end = LABEL_NEW;
    uint32_t count = expr->as.branch.count;
    const Expr *parts = expr->as.branch.parts;
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        Label next = LABEL_NEW;
        compile_condition(c, &parts[i], false, &next);
        const OriginBranch *outer =
            origin_branch(c, parts[i].span, false, true);
        compile_into(c, &parts[i + 1], place);
        c->branch = outer;
        if (!place.tail) {
            emit_jump(c, OP_JUMP, 0, &end);
        }
        label_place(c, &next);
    }
    const OriginBranch *outer =
        origin_branch(c, parts[count - 3].span, false, false);
    compile_into(c, &parts[count - 1], place);
    c->branch = outer;
    label_place(c, &end);
}

// ---- expressions

const Expr *strip_annotations(const Compiler *c, const Expr *expr)
{
    while (expr->kind == EXPR_ANNOTATED && !is_special(c, expr)) {
        expr = &expr->as.annotated->expr;
    }
    return expr;
}

static NOINLINE void compile_int(Compiler *c, const Expr *expr, Place place)
{
    const Note *note = note_evidence(c, expr->note);
    assert(note != NULL); // else it is a constant
    uint32_t mark = register_mark(c);
    Callee method = evidence_method(c, note->as.evidence.items[0], c->context,
                                    SYM_METHOD_FROM_INTEGER);
    Argument arg = {NULL, register_new(c)};
    emit_const(c, arg.reg, value_int(expr->as.integer.value));
    compile_apply(c, &method, &arg, 1, place);
    register_release(c, mark);
}

static NOINLINE void compile_field(Compiler *c, const Expr *expr, uint32_t reg)
{
    uint32_t mark = register_mark(c);
    uint32_t record = compile_operand(c, &expr->as.field.of->record);
    emit_field(c, reg, record, expr->as.field.field);
    register_release(c, mark);
}

// The last operand of `&&` or `||` is in tail position where the whole is.
static void compile_logic_tail(Compiler *c, const Expr *chain, Place place)
{
    Label decided = LABEL_NEW;
    bool is_or = (Operator)chain->as.chain.operands[1].op == OP_OR;
    uint32_t last = chain->as.chain.count - 1;
    for (uint32_t i = 0; i < last; i++) {
        compile_condition(c, &chain->as.chain.operands[i], is_or, &decided);
    }
    compile_into(c, &chain->as.chain.operands[last], place);
    label_place(c, &decided);
    emit_op(c, OP_BOOL, place.reg, is_or, 0);
    place_done(c, place);
}

static NOINLINE void compile_operators(Compiler *c, const Expr *expr,
                                       Place place)
{
    if (place.tail && is_logic(expr)) {
        compile_logic_tail(c, expr, place);
    } else if (is_logic(expr) || is_comparison(expr)) {
        compile_truth(c, expr, place.reg);
        place_done(c, place);
    } else {
        compile_chain(c, expr, place);
    }
}

static NOINLINE void compile_operator(Compiler *c, const Expr *expr,
                                      Place place)
{
    if (is_not(expr)) {
        compile_truth(c, expr, place.reg);
        place_done(c, place);
    } else {
        compile_unary(c, expr, place);
    }
}

// Those that return end by themselves in tail position.
static void compile_kind(Compiler *c, const Expr *expr, Place place)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_INT:
        compile_int(c, expr, place);
        return;
    case EXPR_NAME:
    case EXPR_CTOR:
        compile_name(c, expr, place);
        return;
    case EXPR_CALL:
        compile_call(c, expr, place);
        return;
    case EXPR_CHAIN:
        compile_operators(c, expr, place);
        return;
    case EXPR_UNARY:
        compile_operator(c, expr, place);
        return;
    case EXPR_LET:
        compile_let(c, expr, place);
        return;
    case EXPR_IF:
        compile_if(c, expr, place);
        return;
    case EXPR_MATCH:
        compile_match(c, expr, place);
        return;
    case EXPR_ANNOTATED:
        compile_into(c, &expr->as.annotated->expr, place);
        return;
    case EXPR_INTERPOLATION:
        compile_interpolation(c, expr, place.reg);
        break;
    case EXPR_DATA: // a constant
        UNREACHABLE();
    case EXPR_BUILTIN:
        emit_const(c, place.reg,
                   builtin_wrapper(c, (Builtin)expr->as.builtin.index));
        break;
    case EXPR_TUPLE:
        compile_tuple(c, expr, place.reg);
        break;
    case EXPR_LIST:
        compile_list(c, expr, place.reg);
        break;
    case EXPR_COMPREHENSION:
        compile_comprehension(c, expr, place.reg);
        break;
    case EXPR_RECORD:
        compile_record(c, expr, place.reg);
        break;
    case EXPR_FIELD:
        compile_field(c, expr, place.reg);
        break;
    case EXPR_LAMBDA:
        compile_lambda(c, expr, place.reg);
        break;
    case EXPR_ERROR: // reported by an earlier pass
    case EXPR_UNIT:  // these are constants
    case EXPR_BOOL:
    case EXPR_FLOAT:
    case EXPR_STRING:
        emit_op(c, OP_UNREACHABLE, 0, 0, 0);
        break;
    }
    place_done(c, place);
}

static void compile_plain(Compiler *c, const Expr *expr, Place place)
{
    Value constant;
    if (may_be_constant(expr) && constant_plain(c, expr, &constant)) {
        if (UNLIKELY(c->origins != NULL)) {
            constant = origin_constant(c, expr, constant);
        }
        emit_const(c, place.reg, constant);
        place_done(c, place);
    } else {
        compile_kind(c, expr, place);
    }
}

// Checked or wrapped: `expr` without its flags is compiled first.
static NOINLINE void compile_special(Compiler *c, const Expr *expr, Place place)
{
    Value constant;
    if (may_be_constant(expr) && constant_value(c, expr, &constant)) {
        emit_const(c, place.reg, constant);
        place_done(c, place);
        return;
    }
    uint32_t mark = register_mark(c);
    uint32_t reg = register_new(c);
    if ((expr->flags & EXPR_APPLY_VALUE) != 0) {
        compile_value_call(c, expr, place_reg(reg));
    } else {
        compile_plain(c, expr, place_reg(reg));
    }
    if (has_checks(c, expr)) {
        Span old = compiler_set_span(c, ast_result(expr)->span);
        compile_checks(c, expr->note, reg, (CheckUse){0});
        c->span = old;
    }
    if ((expr->flags & EXPR_WRAP_SOME) != 0) {
        emit_op2(c, OP_UNION, place.reg, reg, 0,
                 pointer_index(c, prelude_ctor(c, SYM_SOME)), 0);
    } else {
        emit_move(c, place.reg, reg);
    }
    place_done(c, place);
    register_release(c, mark);
}

void compile_value_into(Compiler *c, const Expr *expr, Place place)
{
    Span old = compiler_set_span(c, expr->span);
    uint32_t mark = register_mark(c);
    if (UNLIKELY(is_special(c, expr))) {
        compile_special(c, expr, place);
    } else {
        compile_plain(c, expr, place);
    }
    register_release(c, mark);
    c->span = old;
}

void compile_into(Compiler *c, const Expr *expr, Place place)
{
    if (UNLIKELY(c->origins != NULL) && explains(c)) {
        compile_explained(c, expr, place);
    } else {
        compile_value_into(c, expr, place);
    }
}

void compile_unchecked(Compiler *c, const Expr *expr, uint32_t reg)
{
    compile_plain(c, expr, place_reg(reg));
}

void compile_expr(Compiler *c, const Expr *expr, uint32_t reg)
{
    compile_into(c, expr, place_reg(reg));
}

uint32_t compile_operand(Compiler *c, const Expr *expr)
{
    const Expr *inner = strip_annotations(c, expr);
    if (inner->kind == EXPR_NAME && inner->as.name.ref == REF_LOCAL &&
        note_evidence(c, inner->note) == NULL && !is_special(c, inner)) {
        LocalInfo *info = local_info(c, inner->as.name.index);
        if (info->kind == LOCAL_REGISTER || info->kind == LOCAL_SELF) {
            uint32_t own = local_register(c, info, NO_REGISTER);
            origin_operand(c, expr, own);
            return own;
        }
    }
    uint32_t reg = register_new(c);
    compile_expr(c, expr, reg);
    return reg;
}
