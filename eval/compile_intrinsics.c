// Builtins that are code rather than C functions, with all their arguments.
#include "eval/compile_internal.h"

static void compile_binary(Compiler *c, Op op, const Argument *args,
                           uint32_t reg)
{
    uint32_t left = argument_operand(c, &args[0]);
    uint32_t right = argument_operand(c, &args[1]);
    emit_op(c, op, reg, left, right);
}

static void compile_single(Compiler *c, Op op, const Argument *arg,
                           uint32_t reg)
{
    uint32_t operand = argument_operand(c, arg);
    emit_op(c, op, reg, operand, 0);
}

static void compile_equal(Compiler *c, const Argument *args, uint32_t reg)
{
    Label otherwise = LABEL_NEW;
    Label end = LABEL_NEW;
    uint32_t left = argument_operand(c, &args[0]);
    uint32_t right = argument_operand(c, &args[1]);
    emit_jump2(c, OP_JUMP_NE_DATA, left, right, 0, 0, &otherwise);
    emit_op(c, OP_BOOL, reg, 1, 0);
    emit_jump(c, OP_JUMP, 0, &end);
    label_place(c, &otherwise);
    emit_op(c, OP_BOOL, reg, 0, 0);
    label_place(c, &end);
}

// The operation of a builtin that is one; OP_COUNT for others.
static Op simple_op(Builtin builtin)
{
    static const struct {
        Builtin builtin;
        Op op;
    } rows[] = {
        {BUILTIN_INT_ADD, OP_ADD_INT},
        {BUILTIN_INT_SUB, OP_SUB_INT},
        {BUILTIN_INT_MUL, OP_MUL_INT},
        {BUILTIN_INT_DIV, OP_DIV_INT},
        {BUILTIN_INT_NEG, OP_NEG_INT},
        {BUILTIN_FLOAT_ADD, OP_ADD_FLOAT},
        {BUILTIN_FLOAT_SUB, OP_SUB_FLOAT},
        {BUILTIN_FLOAT_MUL, OP_MUL_FLOAT},
        {BUILTIN_FLOAT_DIV, OP_DIV_FLOAT},
        {BUILTIN_FLOAT_NEG, OP_NEG_FLOAT},
        {BUILTIN_TO_FLOAT, OP_TO_FLOAT},
        {BUILTIN_LIST_GET, OP_LIST_GET},
        {BUILTIN_LIST_LENGTH, OP_LIST_COUNT},
        {BUILTIN_LIST_APPEND, OP_LIST_APPEND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].builtin == builtin) {
            return rows[i].op;
        }
    }
    return OP_COUNT;
}

void compile_intrinsic(Compiler *c, Builtin builtin, const Argument *args,
                       Place place)
{
    uint32_t mark = register_mark(c);
    Op op = simple_op(builtin);
    if (op != OP_COUNT && builtin_info(builtin)->arity == 2) {
        compile_binary(c, op, args, place.reg);
    } else if (op != OP_COUNT) {
        compile_single(c, op, args, place.reg);
    } else if (builtin == BUILTIN_EQ) {
        compile_equal(c, args, place.reg);
    } else if (builtin == BUILTIN_STRING_APPEND) {
        uint32_t first = arguments_run(c, args, 2);
        emit_op(c, OP_CONCAT, place.reg, first, 2);
    } else if (builtin == BUILTIN_LIST_FOLD ||
               builtin == BUILTIN_LIST_FOLD_RIGHT) {
        compile_fold(c, args, builtin == BUILTIN_LIST_FOLD_RIGHT, place.reg);
    } else if (builtin == BUILTIN_LIST_ALL || builtin == BUILTIN_LIST_ANY) {
        compile_all_any(c, args, builtin == BUILTIN_LIST_ALL, place.reg);
    } else {
        UNREACHABLE(); // an INTRINSIC of builtins.def that is not listed here
    }
    place_done(c, place);
    register_release(c, mark);
}
