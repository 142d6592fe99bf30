// The dispatch loop: one function however long it is, for its labels are the
// targets of its jumps, and what all operations use stays in registers. Here is
// what moves from frame to frame; the other operations are parts of its text in
// files of their own, ops_*.inc. See ops.def for what each does and machine.h
// for what surrounds the loop.
#include "eval/machine.h"

#include <math.h>

#include "eval/check_walk.h"
#include "eval/machine_internal.h"
#include "eval/machine_memo.h"
#include "eval/origin.h"

// Labels as values: dispatch is one indirect jump per operation, predicted
// separately for each.
#pragma GCC diagnostic ignored "-Wpedantic"

#define A          ((uint16_t)(*ip >> 16))
#define B          ((uint16_t)(*ip >> 32))
#define C          ((uint16_t)(*ip >> 48))
#define KB         ((int16_t)(*ip >> 32))
#define KC         ((int16_t)(*ip >> 48))
#define WIDE       ((uint32_t)(*ip >> 32))
#define LOW        ((uint32_t)ip[1])
#define HIGH       ((uint32_t)(ip[1] >> 32))
#define POINTER(n) (frame->code->pointers[n])

// Before anything outside of the loop looks at the machine, and after it may
// have moved the stacks.
#define SAVE() (m->frame = frame, m->fuel = fuel, m->fail_ip = ip)
// Behind what may have allocated much in one step.
#define COLLECT_WHEN_DUE()                                                     \
    do {                                                                       \
        if (UNLIKELY(m->heap->collect_due)) {                                  \
            SAVE();                                                            \
            machine_collect(m, 0);                                             \
        }                                                                      \
    } while (0)
#define LOAD() (frame = m->frame, fuel = m->fuel, r = m->stack + frame->base)

// Where the fuel is used up.
#define POLL()                                                                 \
    do {                                                                       \
        SAVE();                                                                \
        if (!machine_safepoint(m, 0)) {                                        \
            return m->status;                                                  \
        }                                                                      \
        fuel = m->fuel;                                                        \
    } while (0)
// The budget is another one from here on.
#define SET_STEPS_LEFT(total)                                                  \
    do {                                                                       \
        int64_t total_ = (total);                                              \
        fuel = total_ < fuel ? total_ : fuel;                                  \
        m->steps_left = total_ - fuel;                                         \
    } while (0)
// Takes a step of the budget.
#define STEP()                                                                 \
    do {                                                                       \
        if (UNLIKELY(--fuel < 0)) {                                            \
            POLL();                                                            \
        }                                                                      \
    } while (0)

#define OPERATION(name) do_##name:
#define DISPATCH()      goto *labels[(uint16_t)*ip]
#define NEXT(n)                                                                \
    do {                                                                       \
        ip += (n);                                                             \
        DISPATCH();                                                            \
    } while (0)
#define JUMP_TO(word)                                                          \
    do {                                                                       \
        const uint64_t *from_ = (word);                                        \
        ip = from_ + (int32_t)(*from_ >> 32);                                  \
        DISPATCH();                                                            \
    } while (0)
#define JUMP_WHEN(condition)                                                   \
    do {                                                                       \
        if (condition) {                                                       \
            JUMP_TO(ip + 1);                                                   \
        }                                                                      \
        NEXT(2);                                                               \
    } while (0)

#define INT(reg)   (r[reg].as.integer)
#define FLOAT(reg) (r[reg].as.number)

#define INT_OP(compute)                                                        \
    do {                                                                       \
        int64_t result_;                                                       \
        if (UNLIKELY(compute)) {                                               \
            goto fail_arithmetic;                                              \
        }                                                                      \
        r[A] = value_int(result_);                                             \
        NEXT(1);                                                               \
    } while (0)
#define FLOAT_OP(compute)                                                      \
    do {                                                                       \
        double result_ = (compute);                                            \
        if (UNLIKELY(!isfinite(result_))) {                                    \
            goto fail_arithmetic;                                              \
        }                                                                      \
        r[A] = value_float(result_);                                           \
        NEXT(1);                                                               \
    } while (0)

// Fast for integers and short strings; others are compared step by step, also
// what is of two kinds, as Json may be.
#define COMPARE_DATA(equality, relation)                                       \
    do {                                                                       \
        int order_;                                                            \
        Value left_ = r[A];                                                    \
        Value right_ = r[B];                                                   \
        if (left_.tag == VALUE_INT && right_.tag == VALUE_INT) {               \
            order_ = (left_.as.integer > right_.as.integer) -                  \
                     (left_.as.integer < right_.as.integer);                   \
        } else if (left_.tag == VALUE_STRING && right_.tag == VALUE_STRING) {  \
            order_ = str_compare(value_str(left_), value_str(right_));         \
        } else {                                                               \
            SAVE();                                                            \
            if (!machine_compare(m, left_, right_, equality, &order_)) {       \
                return m->status;                                              \
            }                                                                  \
            fuel = m->fuel;                                                    \
        }                                                                      \
        JUMP_WHEN(order_ relation 0);                                          \
    } while (0)

static bool float_divisor_is_zero(const Value *registers, uint64_t word)
{
    return registers[(uint16_t)(word >> 48)].as.number == 0;
}

MachineStatus machine_loop(Machine *m)
{
    static const void *const labels[] = {
#define OP(name, words, operands) &&do_##name,
#include "eval/ops.def"
    };
    Frame *frame = m->frame;
    Value *r = m->stack + frame->base;
    const uint64_t *ip = frame->ip;
    int64_t fuel = m->fuel;
    // What is to be called.
    const Code *callee;
    const FunctionObject *closure;
    Value *window;
    uint16_t kind;
    Slot *demanded; // of a binding that is not evaluated yet
    Value result;
    DISPATCH();

    // ---- moves
    OPERATION(MOVE)
    {
        r[A] = r[B];
        NEXT(1);
    }
    OPERATION(CONST)
    {
        r[A] = frame->code->constants[WIDE];
        NEXT(1);
    }
    OPERATION(INT)
    {
        r[A] = value_int((int32_t)WIDE);
        NEXT(1);
    }
    OPERATION(BOOL)
    {
        r[A] = value_bool(B);
        NEXT(1);
    }
    OPERATION(CAPTURED)
    {
        r[A] = frame->closure->captured[B];
        NEXT(1);
    }
    OPERATION(SELF)
    {
        r[A] = (Value){.tag = VALUE_FUNCTION, .as.function = frame->closure};
        NEXT(1);
    }
    OPERATION(GLOBAL)
    {
        Slot *slot = (Slot *)POINTER(WIDE);
        if (LIKELY(slot_state(slot) == SLOT_DONE)) {
            r[A] = slot->value;
            NEXT(1);
        }
        demanded = slot;
        goto demand;
    }

    // ---- calls
    OPERATION(CALL)
    {
        Value function = r[LOW];
        window = r + B;
        if (LIKELY(function.tag == VALUE_FUNCTION &&
                   function.as.function->code->arity == C)) {
            callee = function.as.function->code;
            closure = function.as.function;
            kind = FRAME_CALL;
            ip += 2;
            goto enter;
        }
        uint32_t count = C;
        ip += 2;
        result = function;
        kind = (uint16_t)count;
        goto apply;
    }
    OPERATION(CALL_GLOBAL)
    {
        Slot *slot = (Slot *)POINTER(LOW);
        if (UNLIKELY(slot_state(slot) != SLOT_DONE)) {
            demanded = slot;
            goto demand;
        }
        closure = slot->value.as.function;
        callee = closure->code;
        window = r + B;
        kind = FRAME_CALL;
        ip += 2;
        goto enter;
    }
    OPERATION(CALL_SELF)
    {
        callee = frame->code;
        closure = frame->closure;
        window = r + B;
        kind = FRAME_CALL;
        ip += 2;
        goto enter;
    }
    OPERATION(CALL_SELF_MEMO)
    {
        SAVE();
        window = r + B;
        ExprLookup lookup = load_relaxed(&frame->code->memo_off) != 0
                                ? EXPR_OFF
                                : machine_memo_call(m, frame->code, window, C);
        if (lookup == EXPR_HIT) {
            fuel = m->fuel;
            r[A] = m->result;
            NEXT(2);
        }
        callee = frame->code;
        closure = frame->closure;
        kind = lookup == EXPR_MISS ? FRAME_MEMO : FRAME_CALL;
        ip += 2;
        goto enter;
    }
    OPERATION(CALL_CODE)
    {
        callee = POINTER(LOW);
        closure = frame->closure;
        window = r + B;
        kind = FRAME_CALL;
        ip += 2;
        goto enter;
    }

    OPERATION(LIST_PART)
    {
        SAVE();
        if (LIKELY(machine_list_part_directly(
                m, POINTER(LOW), (uint32_t)r[C].as.integer, r + HIGH))) {
            fuel = m->fuel;
            m->split_due = true; // as behind PUSH_ALL, which comes next
            COLLECT_WHEN_DUE();
            if (UNLIKELY(fuel < 0)) {
                POLL();
            }
            NEXT(3);
        }
        callee = machine_list_part(m, POINTER(LOW), (uint32_t)r[C].as.integer);
        if (UNLIKELY(callee == NULL)) {
            return m->status;
        }
        closure = NULL;
        window = r + B;
        kind = FRAME_CALL;
        ip += 2;
        goto enter;
    }

    // Pushes a frame for `callee` with its arguments at `window`; `ip` is
    // where the caller goes on.
enter:
    if (UNLIKELY(--fuel < 0)) {
        SAVE();
        m->fail_ip = ip - 1;
        m->entering = closure;
        if (!machine_safepoint(m,
                               (uint64_t)(window - m->stack) + callee->arity)) {
            return m->status;
        }
        closure = m->entering;
        m->entering = NULL;
        fuel = m->fuel;
    }
    frame->ip = ip;
    if (UNLIKELY(frame + 1 >= m->frame_end ||
                 window + callee->register_count > m->stack_end)) {
        uint64_t base = (uint64_t)(window - m->stack);
        SAVE();
        m->fail_ip = ip - 1;
        if (!machine_make_room(m, base + callee->register_count)) {
            return m->status;
        }
        LOAD();
        window = m->stack + base;
    }
    frame++;
    frame->code = callee;
    frame->closure = closure;
    frame->base = (uint32_t)(window - m->stack);
    frame->kind = kind;
    r = window;
    ip = callee->words;
    DISPATCH();

    // Applies `result`, any function value, to `kind` arguments at `window`.
apply : {
    Apply apply;
    uint64_t base = (uint64_t)(window - m->stack);
    frame->ip = ip;
    SAVE();
    m->fail_ip = ip - 1;
    ApplyOutcome outcome =
        machine_apply(m, result, (uint32_t)base, kind, &apply);
    if (outcome == APPLY_FAILED) {
        return m->status;
    }
    LOAD();
    if (outcome == APPLY_VALUE) {
        result = m->result;
        goto deliver;
    }
    callee = apply.code;
    closure = apply.closure;
    window = m->stack + apply.base;
    kind = apply.kind;
    goto enter;
}

    // Tail calls: the arguments replace the registers of the frame.
    OPERATION(TAIL_CALL)
    {
        Value function = r[LOW];
        uint32_t count = C;
        memmove(r, r + B, count * sizeof(Value));
        if (LIKELY(function.tag == VALUE_FUNCTION &&
                   function.as.function->code->arity == count)) {
            callee = function.as.function->code;
            closure = function.as.function;
            goto replace;
        }
        // As a call by the caller.
        window = r;
        if (frame->kind == FRAME_APPLIED) {
            // The arguments that wait go behind those given here.
            Frame *waiting = frame - 1;
            SAVE();
            if (!machine_make_room(m, (uint64_t)frame->base + count +
                                          waiting->extra)) {
                return m->status;
            }
            LOAD();
            waiting = frame - 1;
            window = r;
            memmove(window + count, m->stack + waiting->base,
                    waiting->extra * sizeof(Value));
            count += waiting->extra;
            frame--;
        }
        frame--;
        ip = frame->ip;
        r = m->stack + frame->base;
        result = function;
        kind = (uint16_t)count;
        goto apply;
    }
    OPERATION(TAIL_GLOBAL)
    {
        Slot *slot = (Slot *)POINTER(LOW);
        if (UNLIKELY(slot_state(slot) != SLOT_DONE)) {
            demanded = slot;
            goto demand;
        }
        memmove(r, r + B, C * sizeof(Value));
        closure = slot->value.as.function;
        callee = closure->code;
        goto replace;
    }
    OPERATION(TAIL_SELF)
    {
        memmove(r, r + B, C * sizeof(Value));
        STEP();
        ip = frame->code->words;
        DISPATCH();
    }
replace:
    if (UNLIKELY(--fuel < 0)) {
        SAVE();
        m->entering = closure;
        if (!machine_safepoint(m, (uint64_t)frame->base + callee->arity)) {
            return m->status;
        }
        closure = m->entering;
        m->entering = NULL;
        fuel = m->fuel;
    }
    if (UNLIKELY(r + callee->register_count > m->stack_end)) {
        SAVE();
        if (!machine_make_room(m, frame->base + callee->register_count)) {
            return m->status;
        }
        LOAD();
    }
    frame->code = callee;
    frame->closure = closure;
    ip = callee->words;
    DISPATCH();

    // Goes on with this instruction once more, or with the binding demanded.
demand:
    SAVE();
    frame->ip = ip;
    if (machine_demand(m, demanded) == DEMAND_FAILED) {
        return m->status;
    }
    LOAD();
    ip = frame->ip;
    DISPATCH();

    OPERATION(RETURN)
    {
        result = r[A];
        if (UNLIKELY(frame->kind != FRAME_CALL)) {
            goto return_special;
        }
        frame--;
        ip = frame->ip;
        r = m->stack + frame->base;
    }
deliver: // behind an instruction of two words
    r[(uint16_t)(ip[-2] >> 16)] = result;
    DISPATCH();
return_special:
    if (frame->kind == FRAME_MEMO) {
        SAVE();
        machine_memo_return(m, result);
        frame--;
        ip = frame->ip;
        r = m->stack + frame->base;
        goto deliver;
    }
    if (frame->kind == FRAME_APPLIED) {
        // The result is a function: apply it to the waiting arguments.
        frame--;
        window = m->stack + frame->base;
        kind = frame->extra;
        frame--;
        ip = frame->ip;
        r = m->stack + frame->base;
        goto apply;
    }
    SAVE();
    if (frame->kind == FRAME_CHUNK) {
        m->result = result;
        return MACHINE_DONE;
    }
    machine_finish(m, result);
    if (m->activations.count == 0) {
        return MACHINE_DONE;
    }
    LOAD();
    ip = frame->ip;
    DISPATCH();

    OPERATION(BUILTIN)
    {
        SAVE();
        if (UNLIKELY(!machine_builtin(m, ip, (Builtin)LOW, r + B, &result))) {
            return m->status;
        }
        fuel = m->fuel;
        r[A] = result;
        COLLECT_WHEN_DUE();
        NEXT(2);
    }

    // ---- jumps, arithmetic
#include "eval/ops_numbers.inc"

    // ---- strings, lists, tuples, records, unions, functions
#include "eval/ops_values.inc"

    // ---- loops
#include "eval/ops_loops.inc"

    // ---- type classes, refinements, JSON, origins
#include "eval/ops_walks.inc"

    // ---- failures
    OPERATION(FAIL_CHECK)
    {
        SAVE();
        if (!machine_fail_check(m, ip, r)) {
            return m->status;
        }
        NEXT(2);
    }
    OPERATION(UNREACHABLE)
    {
        UNREACHABLE();
    }
fail_arithmetic:
    SAVE();
    (void)machine_fail_arithmetic(m, ip, r);
    return m->status;
next_in_rope: // of a loop
    r[A] = machine_next_in_rope(m, r + B);
    STEP();
    JUMP_TO(ip + 1);
fail_memory:
    SAVE();
    (void)machine_fail_memory(m);
    return m->status;
}
