// Plans of records that are put together from spreads, fields and dotted
// paths: see RecordPlan in eval/code.h.
//
// Ownership: a plan lives in the arena given.
// Threads:   one worker makes it; then it is read by all.
#ifndef LIGATURE_EVAL_RECORD_PLAN_H
#define LIGATURE_EVAL_RECORD_PLAN_H

#include "eval/code.h"
#include "support/arena.h"
#include "syntax/ast.h"

// The items of a literal, whose values come in the same order.
RecordPlan *plan_of_items(Arena *arena, const RecordItem *items,
                          uint32_t count);
// A record, whose value comes first, with fields of these names, which have to
// live as long as the plan.
RecordPlan *plan_of_fields(Arena *arena, const Symbol *names, uint32_t count);

#endif
