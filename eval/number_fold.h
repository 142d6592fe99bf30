// Arithmetic on numbers that are known, where it cannot fail.
//
// Threads: pure functions.
#ifndef LIGATURE_EVAL_NUMBER_FOLD_H
#define LIGATURE_EVAL_NUMBER_FOLD_H

#include "eval/value.h"
#include "syntax/ast.h"

static inline bool int_fold(Operator op, int64_t a, int64_t b, int64_t *out)
{
    if (op == OP_ADD) {
        return !__builtin_add_overflow(a, b, out);
    }
    if (op == OP_SUB) {
        return !__builtin_sub_overflow(a, b, out);
    }
    if (op == OP_MUL) {
        return !__builtin_mul_overflow(a, b, out);
    }
    if (b == 0 || b == -1 || (op != OP_DIV && op != OP_REM)) {
        return false; // may fail: left to the machine
    }
    *out = op == OP_DIV ? a / b : a % b;
    return true;
}

static inline bool float_fold(Operator op, double a, double b, double *out)
{
    if (op == OP_ADD) {
        *out = a + b;
    } else if (op == OP_SUB) {
        *out = a - b;
    } else if (op == OP_MUL) {
        *out = a * b;
    } else if (op == OP_DIV) {
        *out = a / b;
    } else {
        return false;
    }
    return __builtin_isfinite(*out);
}

// *sum becomes `*sum op value`; false where that fails, may fail, or is
// nothing that numbers do.
static inline bool number_fold(Operator op, Value *sum, Value value)
{
    if (sum->tag == VALUE_INT && value.tag == VALUE_INT) {
        return int_fold(op, sum->as.integer, value.as.integer,
                        &sum->as.integer);
    }
    return sum->tag == VALUE_FLOAT && value.tag == VALUE_FLOAT &&
           float_fold(op, sum->as.number, value.as.number, &sum->as.number);
}

#endif
