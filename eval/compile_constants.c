// Values that are known when compiling: literals, and numbers folded where
// that cannot fail.
#include "eval/compile_internal.h"
#include "eval/constant_cache.h"
#include "eval/number_fold.h"

// ---- literals

static bool constant_int(Compiler *c, const Expr *expr, Value *out)
{
    int64_t value = expr->as.integer.value;
    const Note *note = note_evidence(c, expr->note);
    if (note == NULL) {
        *out = (expr->flags & EXPR_AS_FLOAT) != 0 ? value_float((double)value)
                                                  : value_int(value);
        return true;
    }
    Callee method = evidence_method(c, note->as.evidence.items[0], c->context,
                                    SYM_METHOD_FROM_INTEGER);
    if (method.kind == CALLEE_BUILTIN &&
        method.index == (uint32_t)BUILTIN_TO_FLOAT) {
        *out = value_float((double)value);
        return true;
    }
    if (method.kind != CALLEE_GLOBAL || method.evidence_count != 0 ||
        method.module != MODULE_PRELUDE) {
        return false;
    }
    *out = value_int(value); // Integer: the one other instance there
    return true;
}

static bool constant_chain(Compiler *c, const Expr *expr, Value *out)
{
    Value sum;
    if (c->evaluation->plain || !may_be_constant(&expr->as.chain.operands[0])) {
        return false;
    }
    uint32_t tag = number_tag(c, expr);
    if ((tag != ELAB_INT && tag != ELAB_FLOAT) ||
        !constant_value(c, &expr->as.chain.operands[0], &sum)) {
        return false;
    }
    for (uint32_t i = 1; i < expr->as.chain.count; i++) {
        const Expr *operand = &expr->as.chain.operands[i];
        Operator op = (Operator)operand->op;
        Value value;
        if (!constant_value(c, operand, &value) ||
            !number_fold(op, &sum, value)) {
            return false;
        }
    }
    *out = sum;
    return true;
}

static bool constant_negation(Compiler *c, const Expr *expr, Value *out)
{
    Value value;
    if (c->evaluation->plain || expr->as.unary.op != OP_NEG ||
        note_evidence(c, expr->note) != NULL ||
        !constant_value(c, expr->as.unary.operand, &value)) {
        return false;
    }
    if (value.tag == VALUE_FLOAT) {
        *out = value_float(-value.as.number);
        return true;
    }
    if (value.tag != VALUE_INT || value.as.integer == INT64_MIN) {
        return false;
    }
    *out = value_int(-value.as.integer);
    return true;
}

static bool constant_items(Compiler *c, const Expr *exprs, uint32_t count,
                           Value *items)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!constant_value(c, &exprs[i], &items[i])) {
            return false;
        }
    }
    return true;
}

static bool constant_data(Compiler *c, const Expr *expr, Value *out)
{
    Value *items;
    bool unwanted = c->evaluation->plain && !c->context->module->is_data;
    if (unwanted || (expr->flags & EXPR_CLOSED) == 0) {
        return false;
    }
    if (expr->kind == EXPR_RECORD) {
        if ((expr->flags & EXPR_AS_MAP) != 0) {
            return constant_map(c, expr, out);
        }
        if (!constant_record(c, expr, out)) {
            return false;
        }
        *out = constant_shared(c->constants, c->heap, *out);
        return true;
    }
    uint32_t count = expr->as.list.count;
    *out = expr->kind == EXPR_LIST ? value_list(c->heap, count, &items)
                                   : value_tuple(c->heap, count, &items);
    if (!constant_items(c, expr->as.list.items, count, items)) {
        return false;
    }
    *out = constant_shared(c->constants, c->heap, *out);
    return true;
}

// A constructor of imported data, with its payload.
static bool constant_ctor(Compiler *c, const Expr *ctor, const Expr *args,
                          uint32_t count, Value *out)
{
    if ((ctor->flags & EXPR_CLOSED) == 0 || ctor->kind != EXPR_CTOR) {
        return false;
    }
    const CtorInfo *info =
        compiler_ctor(c, ctor->as.ctor.module, ctor->as.ctor.index);
    Value *fields;
    if (info->arity != count) {
        return false;
    }
    *out = value_union(c->heap, info, &fields);
    return constant_items(c, args, count, fields);
}

bool constant_plain(Compiler *c, const Expr *expr, Value *out)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_UNIT:
        *out = value_unit();
        return true;
    case EXPR_BOOL:
        *out = value_bool(expr->as.boolean.value);
        return true;
    case EXPR_INT:
        return constant_int(c, expr, out);
    case EXPR_FLOAT:
        *out = value_float(expr->as.number.value);
        return true;
    case EXPR_STRING:
        *out =
            constant_text(c->constants, c->heap,
                          str_make(expr->as.string.data, expr->as.string.len));
        return true;
    case EXPR_CHAIN:
        return constant_chain(c, expr, out);
    case EXPR_UNARY:
        return constant_negation(c, expr, out);
    case EXPR_LIST:
    case EXPR_TUPLE:
    case EXPR_RECORD:
        return constant_data(c, expr, out);
    case EXPR_CTOR:
        return constant_ctor(c, expr, NULL, 0, out);
    case EXPR_CALL:
        return (expr->flags & EXPR_CLOSED) != 0 &&
               constant_ctor(c, &expr->as.call.parts[0],
                             expr->as.call.parts + 1, expr->as.call.count - 1,
                             out);
    case EXPR_DATA:
        return expr->as.data->plan != NULL && tape_value(c, expr, out);
    case EXPR_ERROR:
    case EXPR_INTERPOLATION:
    case EXPR_NAME:
    case EXPR_BUILTIN:
    case EXPR_COMPREHENSION:
    case EXPR_FIELD:
    case EXPR_LAMBDA:
    case EXPR_LET:
    case EXPR_IF:
    case EXPR_MATCH:
    case EXPR_ANNOTATED:
        return false;
    }
    UNREACHABLE();
}

bool constant_value(Compiler *c, const Expr *expr, Value *out)
{
    Value value;
    if (!may_be_constant(expr) || has_checks(c, expr) ||
        (expr->flags & EXPR_APPLY_VALUE) != 0 ||
        !constant_plain(c, expr, &value)) {
        return false;
    }
    if (UNLIKELY(c->origins != NULL)) {
        value = origin_constant(c, expr, value);
    }
    if ((expr->flags & EXPR_WRAP_SOME) != 0) {
        Value *fields;
        *out = value_union(c->heap, prelude_ctor(c, SYM_SOME), &fields);
        fields[0] = value;
    } else {
        *out = value;
    }
    return true;
}
