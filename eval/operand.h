// The value of a part of a binding, for whoever explains a result: the sides
// of a comparison that turned out false.
//
// Ownership: the value lives as long as the evaluation.
// Threads:   main worker only, after evaluation_run().
#ifndef LIGATURE_EVAL_OPERAND_H
#define LIGATURE_EVAL_OPERAND_H

#include "eval/run.h"

// Compiled code of such parts, and whatever their values borrow from it.
typedef struct Operands Operands;
Operands *operands_new(Evaluation *evaluation);
void operands_free(Operands *operands);

// Evaluates `expr`, a part of the value of the binding that uses none of its
// local variables. False when it fails; nothing is reported then.
bool operand_value(Operands *operands, uint32_t module, uint32_t binding,
                   const Expr *expr, Value *out);

#endif
