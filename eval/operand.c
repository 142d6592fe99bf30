#include "eval/operand.h"

#include <stdlib.h>

#include "eval/compile.h"
#include "eval/machine.h"

struct Operands {
    Evaluation *evaluation;
    Machine *machine;
    Arena arena;
    Specializations *specializations;
    ConstantCache *constants;
};

Operands *operands_new(Evaluation *evaluation)
{
    Operands *operands = mem_calloc(1, sizeof *operands);
    Worker *worker = pool_main_worker(evaluation->program->pool);
    operands->evaluation = evaluation;
    // Its own: functions that it is the first to call stay with the evaluation.
    operands->machine = machine_of(evaluation, worker);
    operands->specializations = specializations_new();
    operands->constants = constant_cache_new();
    arena_init(&operands->arena);
    return operands;
}

void operands_free(Operands *operands)
{
    if (operands == NULL) {
        return;
    }
    specializations_free(operands->specializations);
    constant_cache_free(operands->constants);
    arena_release(&operands->arena);
    free(operands);
}

bool operand_value(Operands *operands, uint32_t module, uint32_t binding,
                   const Expr *expr, Value *out)
{
    Evaluation *evaluation = operands->evaluation;
    Worker *worker = pool_main_worker(evaluation->program->pool);
    CompileTarget target = {
        .arena = &operands->arena,
        .heap = evaluation_heap(evaluation, worker),
        .specializations = operands->specializations,
        .constants = operands->constants,
    };
    Slot slot = {.module = module, .index = binding};
    const Code *code = compile_data_value(evaluation, &target, &slot, expr);
    bool ok = code != NULL && slot_claim(&slot);
    if (ok) {
        machine_run_code(operands->machine, &slot, code, NULL);
        ok = slot_state(&slot) == SLOT_DONE;
    }
    if (slot.diags != NULL) {
        diag_sink_release(slot.diags);
        free(slot.diags);
    }
    if (ok) {
        *out = slot.value;
    }
    return ok;
}
