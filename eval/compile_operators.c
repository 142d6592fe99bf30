// Runs of operators: arithmetic, comparisons, `++`, `|>`, `??`, and text with
// interpolation.
#include "eval/compile_internal.h"

#include <assert.h>

// Joined at once; longer runs go in several steps.
#define CONCAT_BATCH 200

static Operator chain_operator(const Expr *chain)
{
    return (Operator)chain->as.chain.operands[1].op;
}

bool is_comparison(const Expr *expr)
{
    if (expr->kind != EXPR_CHAIN) {
        return false;
    }
    Operator op = chain_operator(expr);
    return op == OP_EQ || op == OP_NE || op == OP_LT || op == OP_LE ||
           op == OP_GT || op == OP_GE;
}

// An integer that fits an instruction.
static bool small_constant(Compiler *c, const Expr *expr, int32_t *out)
{
    Value value;
    const Expr *inner = strip_annotations(c, expr);
    bool number = inner->kind == EXPR_INT || inner->kind == EXPR_UNARY ||
                  inner->kind == EXPR_CHAIN;
    if (!number || !constant_value(c, inner, &value) ||
        value.tag != VALUE_INT || value.as.integer < INT16_MIN ||
        value.as.integer > INT16_MAX) {
        return false;
    }
    *out = (int32_t)value.as.integer;
    return true;
}

// ---- comparisons

static Operator negated(Operator op)
{
    return op == OP_EQ   ? OP_NE
           : op == OP_NE ? OP_EQ
           : op == OP_LT ? OP_GE
           : op == OP_LE ? OP_GT
           : op == OP_GT ? OP_LE
                         : OP_LT;
}

static Operator mirrored(Operator op)
{
    return op == OP_LT   ? OP_GT
           : op == OP_LE ? OP_GE
           : op == OP_GT ? OP_LT
           : op == OP_GE ? OP_LE
                         : op;
}

// The instruction of `op` in a family whose rows are EQ, NE, LT, LE.
static Op family_op(Op first, Operator op)
{
    return (Op)((uint32_t)first + (op == OP_EQ   ? 0u
                                   : op == OP_NE ? 1u
                                   : op == OP_LT ? 2u
                                                 : 3u));
}

static Op int_constant_op(Operator op)
{
    return op == OP_GT   ? OP_JUMP_GT_INT_K
           : op == OP_GE ? OP_JUMP_GE_INT_K
                         : family_op(OP_JUMP_EQ_INT_K, op);
}

static void jump_family(Compiler *c, Op first, Operator op, uint32_t a,
                        uint32_t b, Label *target)
{
    if (op == OP_GT || op == OP_GE) {
        emit_jump2(c, family_op(first, mirrored(op)), b, a, 0, 0, target);
    } else {
        emit_jump2(c, family_op(first, op), a, b, 0, 0, target);
    }
}

// By a dictionary of Eq or Ord.
static void jump_evidence(Compiler *c, const Expr *chain, Operator op,
                          bool sense, uint32_t a, uint32_t b, Label *target)
{
    const Note *note = note_evidence(c, chain->note);
    assert(note != NULL);
    bool equality = op == OP_EQ || op == OP_NE;
    Callee method =
        evidence_method(c, note->as.evidence.items[0], c->context,
                        equality ? SYM_METHOD_EQ : SYM_METHOD_COMPARE);
    if (method.kind == CALLEE_BUILTIN &&
        (method.index == (uint32_t)BUILTIN_EQ ||
         method.index == (uint32_t)BUILTIN_COMPARE)) {
        jump_family(c, OP_JUMP_EQ_DATA, sense ? op : negated(op), a, b, target);
        return;
    }
    Argument args[2] = {{NULL, a}, {NULL, b}};
    uint32_t result = register_new(c);
    compile_apply(c, &method, args, 2, place_reg(result));
    if (equality) {
        bool jump_when = (op == OP_EQ) == sense;
        emit_jump(c, jump_when ? OP_JUMP_IF : OP_JUMP_UNLESS, result, target);
        return;
    }
    Operator wanted = sense ? op : negated(op);
    bool less = wanted == OP_LT || wanted == OP_GE;
    bool equal = wanted == OP_LT || wanted == OP_GT;
    emit_jump2(c, equal ? OP_JUMP_TAG_EQ : OP_JUMP_TAG_NE, result, 0, 0,
               prelude_ctor(c, less ? SYM_LT : SYM_GT)->tag, target);
}

// One link of a chain: registers, but for `right` where it is a constant.
static void compile_link(Compiler *c, const Expr *chain, Operator op,
                         bool sense, uint32_t a, uint32_t b, Label *target)
{
    Operator wanted = sense ? op : negated(op);
    if (expr_tag(c, chain) == ELAB_INT) {
        jump_family(c, OP_JUMP_EQ_INT, wanted, a, b, target);
    } else if (expr_tag(c, chain) == ELAB_FLOAT) {
        jump_family(c, OP_JUMP_EQ_FLOAT, wanted, a, b, target);
    } else if (note_evidence(c, chain->note) != NULL) {
        jump_evidence(c, chain, op, sense, a, b, target);
    } else {
        jump_family(c, OP_JUMP_EQ_DATA, wanted, a, b, target);
    }
}

void compile_comparison_jump(Compiler *c, const Expr *chain, bool sense,
                             Label *target)
{
    uint32_t mark = register_mark(c);
    uint32_t count = chain->as.chain.count;
    const Expr *operands = chain->as.chain.operands;
    Label skip = LABEL_NEW;
    uint32_t left = compile_operand(c, &operands[0]);
    for (uint32_t i = 1; i < count; i++) {
        bool is_last = i + 1 == count;
        bool link_sense = is_last && sense;
        Label *link_target = !is_last && sense ? &skip : target;
        Operator op = (Operator)operands[i].op;
        int32_t k;
        if (expr_tag(c, chain) == ELAB_INT && is_last &&
            small_constant(c, &operands[i], &k)) {
            Operator wanted = link_sense ? op : negated(op);
            emit_jump2(c, int_constant_op(wanted), left, (uint32_t)k, 0, 0,
                       link_target);
            break;
        }
        uint32_t right = compile_operand(c, &operands[i]);
        compile_link(c, chain, op, link_sense, left, right, link_target);
        left = right;
    }
    label_place(c, &skip);
    register_release(c, mark);
}

// ---- arithmetic

static Op int_op(Operator op)
{
    return op == OP_ADD   ? OP_ADD_INT
           : op == OP_SUB ? OP_SUB_INT
           : op == OP_MUL ? OP_MUL_INT
           : op == OP_DIV ? OP_DIV_INT
                          : OP_REM_INT;
}

static Op float_op(Operator op)
{
    return op == OP_ADD   ? OP_ADD_FLOAT
           : op == OP_SUB ? OP_SUB_FLOAT
           : op == OP_MUL ? OP_MUL_FLOAT
                          : OP_DIV_FLOAT;
}

static bool emit_int_constant(Compiler *c, Operator op, uint32_t to,
                              uint32_t left, int32_t k)
{
    if (op == OP_SUB) {
        if (k == INT16_MIN) {
            return false;
        }
        k = -k;
        op = OP_ADD;
    }
    if (op == OP_ADD) {
        emit_op(c, OP_ADD_INT_K, to, left, (uint32_t)k);
    } else if (op == OP_MUL) {
        emit_op(c, OP_MUL_INT_K, to, left, (uint32_t)k);
    } else if (k != 0) {
        emit_op(c, op == OP_DIV ? OP_DIV_INT_K : OP_REM_INT_K, to, left,
                (uint32_t)k);
    } else {
        return false;
    }
    return true;
}

static Symbol operator_method(Operator op)
{
    return op == OP_ADD   ? SYM_METHOD_ADD
           : op == OP_SUB ? SYM_METHOD_SUB
           : op == OP_MUL ? SYM_METHOD_MUL
                          : SYM_METHOD_DIV;
}

// `tag` is the chain's; NULL: there is no dictionary.
static void compile_operation(Compiler *c, uint32_t tag,
                              const Evidence *evidence, uint32_t left,
                              const Expr *operand, Place place)
{
    Operator op = (Operator)operand->op;
    int32_t k;
    if (tag == ELAB_INT && small_constant(c, operand, &k) &&
        emit_int_constant(c, op, place.reg, left, k)) {
        place_done(c, place);
        return;
    }
    uint32_t mark = register_mark(c);
    uint32_t right = compile_operand(c, operand);
    if (tag == ELAB_INT || tag == ELAB_FLOAT || evidence == NULL) {
        emit_op(c, tag == ELAB_FLOAT ? float_op(op) : int_op(op), place.reg,
                left, right);
        place_done(c, place);
    } else {
        Callee method =
            evidence_method(c, evidence, c->context, operator_method(op));
        Argument args[2] = {{NULL, left}, {NULL, right}};
        compile_apply(c, &method, args, 2, place);
    }
    register_release(c, mark);
}

static void compile_arithmetic(Compiler *c, const Expr *chain, Place place)
{
    const Expr *operands = chain->as.chain.operands;
    uint32_t count = chain->as.chain.count;
    const Note *note = note_evidence(c, chain->note);
    const Evidence *evidence = note != NULL ? note->as.evidence.items[0] : NULL;
    uint32_t tag = number_tag(c, chain);
    uint32_t sum = count > 2 ? register_new(c) : place.reg;
    uint32_t mark = register_mark(c);
    uint32_t left = compile_operand(c, &operands[0]);
    for (uint32_t i = 1; i < count; i++) {
        (void)compiler_set_span(c, span_join(chain->span, operands[i].span));
        bool is_last = i + 1 == count;
        compile_operation(c, tag, evidence, left, &operands[i],
                          is_last ? place : place_reg(sum));
        left = sum;
        register_release(c, mark);
    }
}

void compile_unary(Compiler *c, const Expr *expr, Place place)
{
    uint32_t mark = register_mark(c);
    uint32_t operand = compile_operand(c, expr->as.unary.operand);
    const Note *note = note_evidence(c, expr->note);
    uint32_t tag = number_tag(c, expr);
    if (tag == ELAB_NONE && note != NULL) {
        Callee method = evidence_method(c, note->as.evidence.items[0],
                                        c->context, SYM_METHOD_NEG);
        Argument arg = {NULL, operand};
        compile_apply(c, &method, &arg, 1, place);
    } else {
        emit_op(c, tag == ELAB_FLOAT ? OP_NEG_FLOAT : OP_NEG_INT, place.reg,
                operand, 0);
        place_done(c, place);
    }
    register_release(c, mark);
}

// ---- joining

// Part `i` of something that is joined as text, into `reg`.
typedef void PartCompiler(Compiler *c, const Expr *whole, uint32_t i,
                          uint32_t reg);

static void compile_join(Compiler *c, const Expr *whole, uint32_t count,
                         PartCompiler *part, uint32_t reg)
{
    uint32_t mark = register_mark(c);
    uint32_t room = count < CONCAT_BATCH ? count : CONCAT_BATCH;
    uint32_t first = registers_new(c, room);
    uint32_t used = 0;
    Span span = c->span;
    for (uint32_t i = 0; i < count; i++) {
        if (used == room) {
            emit_op(c, OP_CONCAT, first, first, used);
            used = 1;
        }
        part(c, whole, i, first + used++);
    }
    c->span = span;
    emit_op(c, OP_CONCAT, reg, first, used);
    register_release(c, mark);
}

static void string_part(Compiler *c, const Expr *chain, uint32_t i,
                        uint32_t reg)
{
    compile_expr(c, &chain->as.chain.operands[i], reg);
}

static void interpolation_part(Compiler *c, const Expr *expr, uint32_t i,
                               uint32_t reg)
{
    const Expr *part = &expr->as.interpolation.parts[i];
    const Note *note = note_evidence(c, expr->note);
    compile_expr(c, part, reg);
    if (note == NULL || note->as.evidence.items[i] == NULL) {
        return;
    }
    Callee method = evidence_method(c, note->as.evidence.items[i], c->context,
                                    SYM_METHOD_SHOW);
    if (method.kind == CALLEE_BUILTIN) {
        return; // structural: CONCAT does it
    }
    // A string stands as it is, whatever `show` makes of it.
    Label is_text = LABEL_NEW;
    uint32_t mark = register_mark(c);
    emit_jump(c, OP_JUMP_STRING, reg, &is_text);
    Argument arg = {NULL, reg};
    compile_apply(c, &method, &arg, 1, place_reg(reg));
    label_place(c, &is_text);
    register_release(c, mark);
}

void compile_interpolation(Compiler *c, const Expr *expr, uint32_t reg)
{
    compile_join(c, expr, expr->as.interpolation.count, interpolation_part,
                 reg);
}

static void compile_list_append(Compiler *c, const Expr *chain, uint32_t reg)
{
    const Expr *operands = chain->as.chain.operands;
    uint32_t count = chain->as.chain.count;
    uint32_t sum = register_new(c);
    uint32_t mark = register_mark(c);
    uint32_t left = compile_operand(c, &operands[0]);
    for (uint32_t i = 1; i < count; i++) {
        uint32_t right = compile_operand(c, &operands[i]);
        emit_op(c, OP_LIST_APPEND, i + 1 == count ? reg : sum, left, right);
        left = sum;
        register_release(c, mark);
    }
}

// By a dictionary of Append, from the right.
static void compile_append(Compiler *c, const Expr *chain, const Note *note,
                           Place place)
{
    uint32_t count = chain->as.chain.count;
    uint32_t first = registers_new(c, count);
    for (uint32_t i = 0; i < count && !c->too_large; i++) {
        compile_expr(c, &chain->as.chain.operands[i], first + i);
    }
    Callee method = evidence_method(c, note->as.evidence.items[0], c->context,
                                    SYM_METHOD_APPEND);
    callee_prepare(c, &method);
    for (uint32_t i = count - 1; i-- > 0;) {
        Argument args[2] = {{NULL, first + i}, {NULL, first + i + 1}};
        compile_apply(c, &method, args, 2,
                      i == 0 ? place : place_reg(first + i));
    }
}

// ---- pipes and defaults

static void compile_pipe_step(Compiler *c, const Expr *step, Argument value,
                              Place place)
{
    const Expr *inner = strip_annotations(c, step);
    bool is_call = inner->kind == EXPR_CALL && !is_special(c, inner);
    uint32_t given = is_call ? inner->as.call.count - 1 : 0;
    Argument *args = arena_array(c->scratch, given + 1, sizeof *args);
    for (uint32_t i = 0; i < given; i++) {
        args[i] = (Argument){&inner->as.call.parts[i + 1], 0};
    }
    args[given] = value;
    Callee callee =
        callee_of(c, is_call ? &inner->as.call.parts[0] : inner, given + 1);
    compile_apply(c, &callee, args, given + 1, place);
}

static void compile_pipe(Compiler *c, const Expr *chain, Place place)
{
    const Expr *operands = chain->as.chain.operands;
    uint32_t count = chain->as.chain.count;
    uint32_t reg = count > 2 ? register_new(c) : NO_REGISTER;
    Argument value = {&operands[0], 0};
    for (uint32_t i = 1; i < count; i++) {
        uint32_t mark = register_mark(c);
        bool is_last = i + 1 == count;
        (void)compiler_set_span(c, span_join(chain->span, operands[i].span));
        compile_pipe_step(c, &operands[i], value,
                          is_last ? place : place_reg(reg));
        value = (Argument){NULL, reg};
        register_release(c, mark);
    }
}

static void compile_coalesce(Compiler *c, const Expr *chain, Place place)
{
    const Expr *operands = chain->as.chain.operands;
    uint32_t count = chain->as.chain.count;
    uint32_t some = prelude_ctor(c, SYM_SOME)->tag;
    Label end = LABEL_NEW;
    for (uint32_t i = 0; i + 1 < count; i++) {
        uint32_t mark = register_mark(c);
        Label next = LABEL_NEW;
        uint32_t option = compile_operand(c, &operands[i]);
        emit_jump2(c, OP_JUMP_TAG_NE, option, 0, 0, some, &next);
        emit_op(c, OP_UNION_FIELD, place.reg, option, 0);
        if (place.tail) {
            emit_return(c, place.reg);
        } else {
            emit_jump(c, OP_JUMP, 0, &end);
        }
        label_place(c, &next);
        register_release(c, mark);
    }
    compile_into(c, &operands[count - 1], place);
    label_place(c, &end);
}

void compile_chain(Compiler *c, const Expr *expr, Place place)
{
    Operator op = chain_operator(expr);
    if (op == OP_PIPE) {
        compile_pipe(c, expr, place);
    } else if (op == OP_COALESCE) {
        compile_coalesce(c, expr, place);
    } else if (op != OP_APPEND) {
        compile_arithmetic(c, expr, place);
    } else if (expr_tag(c, expr) == ELAB_LIST) {
        compile_list_append(c, expr, place.reg);
        place_done(c, place);
    } else if (note_evidence(c, expr->note) != NULL) {
        compile_append(c, expr, note_evidence(c, expr->note), place);
    } else {
        compile_join(c, expr, expr->as.chain.count, string_part, place.reg);
        place_done(c, place);
    }
}
