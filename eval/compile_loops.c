// Loops over lists: comprehensions (which `map` and `filter` are), folds,
// `all` and `any`. What is applied to each element is called from the frame,
// or expanded into the loop.
#include "eval/compile_internal.h"

#include <assert.h>

typedef struct Loop {
    uint32_t state; // three registers: the list, where it is, where it ends
    uint32_t element;
    Label next;
    Label body;
} Loop;

static void loop_begin(Compiler *c, Loop *loop, uint32_t list, Op op)
{
    loop->state = registers_new(c, 3);
    loop->element = register_new(c);
    loop->next = LABEL_NEW;
    loop->body = LABEL_NEW;
    emit_jump2(c, op, loop->state, list, 0, 0, &loop->next);
    label_place(c, &loop->body);
}

static void loop_end(Compiler *c, Loop *loop, Op op)
{
    label_place(c, &loop->next);
    emit_jump2(c, op, loop->element, loop->state, 0, 0, &loop->body);
}

static void loop_end_split(Compiler *c, Loop *loop, LoopKind kind,
                           uint32_t built)
{
    label_place(c, &loop->next);
    emit_jump2(c, OP_LOOP_SPLIT, loop->element, loop->state, kind, built,
               &loop->body);
}

void compile_comprehension(Compiler *c, const Expr *expr, uint32_t reg)
{
    const Comprehension *comprehension = expr->as.comprehension;
    uint32_t mark = register_mark(c);
    Span span = c->span;
    uint32_t builder = register_new(c);
    Loop *loops = arena_array(c->scratch, comprehension->count, sizeof *loops);
    uint32_t depth = 0;
    emit_op(c, OP_BUILDER, builder, 0, 0);
    for (uint32_t i = 0; i < comprehension->count; i++) {
        const Clause *clause = &comprehension->clauses[i];
        if (clause->is_filter) {
            assert(depth > 0);
            compile_condition(c, &clause->expr, false, &loops[depth - 1].next);
            continue;
        }
        uint32_t list = compile_operand(c, &clause->expr);
        Loop *loop = &loops[depth++];
        loop_begin(c, loop, list, OP_LOOP_BEGIN);
        compile_pattern(c, &clause->pattern, loop->element);
    }
    uint32_t value = compile_operand(c, &comprehension->body);
    emit_op(c, OP_PUSH, builder, value, 0);
    c->span = span;
    while (depth-- > 0) {
        Loop *loop = &loops[depth];
        loop_end_split(c, loop, LOOP_LIST, builder);
    }
    emit_op(c, OP_FINISH, reg, builder, 0);
    register_release(c, mark);
}

// Whether a local of the context is in scope, or was.
static bool has_locals(const Compiler *c)
{
    const Context *context = c->context;
    for (uint32_t i = 0; i < context->binding->local_count; i++) {
        if (context->locals[i].kind != LOCAL_UNSET) {
            return true;
        }
    }
    return false;
}

bool compile_list_parts(Compiler *c, const Expr *expr, uint32_t reg)
{
    enum { PART_ITEMS = 256, PARTS_MIN = 4 };
    uint32_t count = expr->as.list.count;
    if (!c->may_part || count < PARTS_MIN * PART_ITEMS ||
        c->fn->parent != NULL || c->context->has_span || has_locals(c)) {
        return false;
    }
    // Each part begins with a table of the binding's locals.
    uint32_t locals = c->context->binding->local_count;
    ListParts *parts = ARENA_NEW(c->arena, ListParts);
    *parts =
        (ListParts){c->slot, expr, locals > PART_ITEMS ? locals : PART_ITEMS};
    uint32_t mark = register_mark(c);
    uint32_t builder = register_new(c);
    uint32_t numbers = register_new(c);
    Loop loop;
    emit_op(c, OP_BUILDER, builder, 0, 0);
    emit_const(
        c, numbers,
        value_list_range(c->heap, 0, (count - 1) / parts->part_items + 1));
    loop_begin(c, &loop, numbers, OP_LOOP_BEGIN);
    uint32_t part = register_new(c);
    emit_op2(c, OP_LIST_PART, part, part, loop.element, pointer_index(c, parts),
             builder);
    emit_op(c, OP_PUSH_ALL, builder, part, 0);
    loop_end_split(c, &loop, LOOP_LIST, builder);
    emit_op(c, OP_FINISH, reg, builder, 0);
    register_release(c, mark);
    return true;
}

static Callee argument_callee(Compiler *c, const Argument *arg, uint32_t count)
{
    Callee callee = {.kind = CALLEE_REGISTER, .reg = arg->reg};
    if (arg->expr != NULL) {
        callee = callee_of(c, arg->expr, count);
        callee_prepare(c, &callee);
    }
    return callee;
}

// What `a` is in folds whose lambda is `\a b -> a + ...` or `a ++ ...`, where
// the rest knows nothing of `a`: so far as its shape tells.
static bool is_sum(const Callee *function, Operator *out_operator)
{
    if (function->kind != CALLEE_LAMBDA) {
        return false;
    }
    const Function *lambda = function->expr->as.lambda;
    const Expr *body = &lambda->body;
    if (body->kind != EXPR_CHAIN ||
        lambda->params[0].pattern.kind != PATTERN_NAME) {
        return false;
    }
    *out_operator = (Operator)body->as.chain.operands[1].op;
    const Expr *first = &body->as.chain.operands[0];
    uint32_t local = lambda->params[0].pattern.as.name.local;
    return first->kind == EXPR_NAME && first->as.name.ref == REF_LOCAL &&
           first->as.name.index == local &&
           (*out_operator == OP_APPEND ||
            (*out_operator == OP_ADD && body->as.chain.count == 2)) &&
           function_uses(lambda, local) == 1;
}

// What the loop builds, if others may do some of its items: as the last
// instruction shows, which the lambda's operator has become.
static bool fold_kind(Compiler *c, const Callee *function, uint32_t sum,
                      uint32_t from, LoopKind *out_kind)
{
    Operator operator;
    uint32_t count = c->fn->out.words.count;
    if (!is_sum(function, &operator) || count == from) {
        return false;
    }
    uint64_t *last = &c->fn->out.words.items[count - 1];
    uint32_t a = (uint16_t)(*last >> 16);
    uint32_t b = (uint16_t)(*last >> 32);
    Op op = code_op(*last);
    if (operator== OP_APPEND && op == OP_CONCAT && a == sum) {
        *out_kind = LOOP_TEXT;
        return true;
    }
    if (operator== OP_ADD && a == sum &&
        b == sum &&(op == OP_ADD_INT || op == OP_ADD_INT_K)) {
        *last += (op == OP_ADD_INT ? OP_SUM_INT : OP_SUM_INT_K) - op;
        *out_kind = LOOP_SUM;
        return true;
    }
    return false;
}

void compile_fold(Compiler *c, const Argument *args, bool right, uint32_t reg)
{
    Loop loop;
    Callee function = argument_callee(c, &args[0], 2);
    uint32_t sum = registers_new(c, 3); // as a LOOP_SUM has it
    argument_into(c, &args[1], sum);
    uint32_t list = argument_operand(c, &args[2]);
    loop_begin(c, &loop, list, right ? OP_LOOP_BEGIN_LAST : OP_LOOP_BEGIN);
    Argument operands[2] = {{NULL, sum}, {NULL, loop.element}};
    if (right) {
        operands[0].reg = loop.element;
        operands[1].reg = sum;
    }
    uint32_t from = c->fn->out.words.count;
    LoopKind kind;
    compile_apply(c, &function, operands, 2, place_reg(sum));
    if (!right && fold_kind(c, &function, sum, from, &kind)) {
        loop_end_split(c, &loop, kind, sum);
    } else {
        loop_end(c, &loop, right ? OP_LOOP_PREVIOUS : OP_LOOP_NEXT);
    }
    emit_move(c, reg, sum);
}

// Jumps to `target` when the verdict on `element` is `sense`.
static void compile_verdict(Compiler *c, const Callee *predicate,
                            uint32_t element, bool sense, Label *target)
{
    Argument arg = {NULL, element};
    if (predicate->kind == CALLEE_LAMBDA) {
        Expansion expansion = expand_begin(c, predicate, &arg, 1);
        compile_condition(c, expansion.body, sense, target);
        expand_end(c, &expansion);
        return;
    }
    uint32_t mark = register_mark(c);
    uint32_t verdict = register_new(c);
    compile_apply(c, predicate, &arg, 1, place_reg(verdict));
    emit_jump(c, sense ? OP_JUMP_IF : OP_JUMP_UNLESS, verdict, target);
    register_release(c, mark);
}

void compile_all_any(Compiler *c, const Argument *args, bool all, uint32_t reg)
{
    Loop loop;
    Label decided = LABEL_NEW;
    Label end = LABEL_NEW;
    Callee predicate = argument_callee(c, &args[0], 1);
    uint32_t verdict = register_new(c);
    emit_op(c, OP_BOOL, verdict, all, 0);
    uint32_t list = argument_operand(c, &args[1]);
    loop_begin(c, &loop, list, OP_LOOP_BEGIN);
    compile_verdict(c, &predicate, loop.element, !all, &decided);
    loop_end_split(c, &loop, LOOP_VERDICT, verdict);
    emit_jump(c, OP_JUMP, 0, &end);
    label_place(c, &decided);
    emit_op(c, OP_BOOL, verdict, !all, 0);
    emit_op(c, OP_LOOP_LEAVE, 0, loop.state, verdict);
    label_place(c, &end);
    emit_move(c, reg, verdict);
}
