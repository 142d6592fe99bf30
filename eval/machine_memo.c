// Calls through the expression cache.
#include "eval/machine_memo.h"

#include <stdlib.h>

static MachineMemo *memo_of(Machine *m)
{
    if (m->memo == NULL) {
        m->memo = mem_calloc(1, sizeof *m->memo);
    }
    if (m->memo->front == NULL) {
        m->memo->front = m->root != m
                             ? memo_of(m->root)->front
                             : expr_cache_new(m->evaluation->expression_cache);
    }
    return m->memo;
}

void machine_memo_release(Machine *m)
{
    if (m->memo == NULL) {
        return;
    }
    if (m->root == m) {
        expr_cache_free(m->memo->front);
    }
    vec_release(&m->memo->calls);
    free(m->memo);
    m->memo = NULL;
}

void machine_count_hits(Machine *m)
{
    if (m != NULL && m->memo != NULL && m->memo->front != NULL) {
        expr_cache_count(m->memo->front);
    }
}

// Takes `steps`; there are as many. Of the fuel it takes what a look-up costs,
// so that limits and garbage are seen to where calls are found all the time.
static void take_steps(Machine *m, uint64_t steps)
{
    enum { STEPS_OF_LOOKUP = 8 };
    int64_t left = machine_steps_left(m) - (int64_t)steps;
    int64_t fuel = m->fuel - STEPS_OF_LOOKUP;
    m->fuel = left < fuel ? left : fuel;
    m->steps_left = left - m->fuel;
}

// Frames at `number` and beyond are no longer what they were when calls were
// noted for them: they failed, or were replaced by a tail call.
static void drop_stale(MachineMemo *memo, uint32_t number)
{
    while (memo->calls.count > 0 && vec_last(&memo->calls).frame >= number) {
        memo->calls.count--;
    }
}

// Tells the remembered call around it, if it is one of the same binding.
static void note_inner(const Machine *m, MachineMemo *memo, uint64_t steps,
                       uint32_t depth)
{
    if (memo->calls.count == 0) {
        return;
    }
    MemoCall *outer = &vec_last(&memo->calls);
    if (outer->activations == m->activations.count) {
        outer->inner_steps += steps;
        outer->inner_depth =
            depth > outer->inner_depth ? depth : outer->inner_depth;
    }
}

ExprLookup machine_memo_call(Machine *m, const Code *code, const Value *args,
                             uint32_t count)
{
    MachineMemo *memo = memo_of(m);
    uint32_t number = machine_frame_number(m) + 1;
    int64_t left = machine_steps_left(m);
    drop_stale(memo, number);
    ExprResult result;
    ExprLookup lookup = expr_cache_find(
        memo->front, (uint64_t)(uintptr_t)code, args, count,
        left > 0 ? (uint64_t)left : 0,
        number < m->depth_end ? m->depth_end - number : 0, &result);
    if (lookup == EXPR_HIT) {
        take_steps(m, result.steps);
        note_inner(m, memo, result.steps, result.depth);
        m->result = result.value;
    } else if (lookup == EXPR_NEVER) {
        // The rest of a code is immutable; this word is looked at relaxed.
        store_relaxed(&((Code *)(uintptr_t)code)->memo_off, 1);
    } else if (lookup == EXPR_MISS) {
        MemoCall call = {.code = code,
                         .count = count,
                         .frame = number,
                         .activations = m->activations.count,
                         .steps_left = left};
        for (uint32_t i = 0; i < count; i++) {
            call.args[i] = args[i];
        }
        vec_push(&memo->calls, call);
    }
    return lookup;
}

void machine_memo_return(Machine *m, Value value)
{
    MachineMemo *memo = m->memo;
    uint32_t number = machine_frame_number(m);
    drop_stale(memo, number + 1);
    if (memo->calls.count == 0 || vec_last(&memo->calls).frame != number) {
        return;
    }
    MemoCall call = vec_pop(&memo->calls);
    uint64_t steps = (uint64_t)(call.steps_left - machine_steps_left(m));
    uint64_t depth = steps - call.inner_steps + call.inner_depth;
    if (depth > UINT32_MAX) {
        depth = UINT32_MAX;
    }
    expr_cache_insert(memo->front, (uint64_t)(uintptr_t)call.code, call.args,
                      call.count, (ExprResult){value, steps, (uint32_t)depth});
    note_inner(m, memo, steps, (uint32_t)depth);
}
