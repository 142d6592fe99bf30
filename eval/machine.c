// The dispatch loop: one function however long it is, for its labels are the
// targets of its jumps, and what all operations use stays in registers. See
// ops.def for the operations and machine.h for what surrounds it.
#include "eval/machine.h"

#include <math.h>
#include <stdlib.h>

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
// Takes a step of the budget.
#define STEP()                                                                 \
    do {                                                                       \
        if (UNLIKELY(--fuel < 0)) {                                            \
            POLL();                                                            \
        }                                                                      \
    } while (0)

#define DISPATCH() goto *labels[(uint16_t)*ip]
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

// Fast for integers and short strings; others are compared step by step.
#define COMPARE_DATA(equality, relation)                                       \
    do {                                                                       \
        int order_;                                                            \
        Value left_ = r[A];                                                    \
        Value right_ = r[B];                                                   \
        if (left_.tag == VALUE_INT) {                                          \
            order_ = (left_.as.integer > right_.as.integer) -                  \
                     (left_.as.integer < right_.as.integer);                   \
        } else if (left_.tag == VALUE_STRING) {                                \
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
do_MOVE:
    r[A] = r[B];
    NEXT(1);
do_CONST:
    r[A] = frame->code->constants[WIDE];
    NEXT(1);
do_INT:
    r[A] = value_int((int32_t)WIDE);
    NEXT(1);
do_BOOL:
    r[A] = value_bool(B);
    NEXT(1);
do_CAPTURED:
    r[A] = frame->closure->captured[B];
    NEXT(1);
do_SELF:
    r[A] = (Value){.tag = VALUE_FUNCTION, .as.function = frame->closure};
    NEXT(1);
do_GLOBAL : {
    Slot *slot = (Slot *)POINTER(WIDE);
    if (LIKELY(slot_state(slot) == SLOT_DONE)) {
        r[A] = slot->value;
        NEXT(1);
    }
    demanded = slot;
    goto demand;
}

    // ---- calls
do_CALL : {
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
do_CALL_GLOBAL : {
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
do_CALL_SELF:
    callee = frame->code;
    closure = frame->closure;
    window = r + B;
    kind = FRAME_CALL;
    ip += 2;
    goto enter;
do_CALL_SELF_MEMO : {
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
do_CALL_CODE:
    callee = POINTER(LOW);
    closure = frame->closure;
    window = r + B;
    kind = FRAME_CALL;
    ip += 2;
    goto enter;

do_LIST_PART:
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
do_TAIL_CALL : {
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
do_TAIL_GLOBAL : {
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
do_TAIL_SELF:
    memmove(r, r + B, C * sizeof(Value));
    STEP();
    ip = frame->code->words;
    DISPATCH();
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

do_RETURN:
    result = r[A];
    if (UNLIKELY(frame->kind != FRAME_CALL)) {
        goto return_special;
    }
    frame--;
    ip = frame->ip;
    r = m->stack + frame->base;
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
do_BUILTIN:
    SAVE();
    if (UNLIKELY(!machine_builtin(m, ip, (Builtin)LOW, r + B, &result))) {
        return m->status;
    }
    fuel = m->fuel;
    r[A] = result;
    COLLECT_WHEN_DUE();
    NEXT(2);

    // ---- jumps
do_JUMP:
    JUMP_TO(ip);
do_JUMP_IF:
    if (r[A].as.boolean) {
        JUMP_TO(ip);
    }
    NEXT(1);
do_JUMP_UNLESS:
    if (!r[A].as.boolean) {
        JUMP_TO(ip);
    }
    NEXT(1);
do_JUMP_STRING:
    if (r[A].tag == VALUE_STRING) {
        JUMP_TO(ip);
    }
    NEXT(1);
do_JUMP_EQ_INT:
    JUMP_WHEN(INT(A) == INT(B));
do_JUMP_NE_INT:
    JUMP_WHEN(INT(A) != INT(B));
do_JUMP_LT_INT:
    JUMP_WHEN(INT(A) < INT(B));
do_JUMP_LE_INT:
    JUMP_WHEN(INT(A) <= INT(B));
do_JUMP_EQ_INT_K:
    JUMP_WHEN(INT(A) == KB);
do_JUMP_NE_INT_K:
    JUMP_WHEN(INT(A) != KB);
do_JUMP_LT_INT_K:
    JUMP_WHEN(INT(A) < KB);
do_JUMP_LE_INT_K:
    JUMP_WHEN(INT(A) <= KB);
do_JUMP_GT_INT_K:
    JUMP_WHEN(INT(A) > KB);
do_JUMP_GE_INT_K:
    JUMP_WHEN(INT(A) >= KB);
do_JUMP_EQ_FLOAT:
    JUMP_WHEN(FLOAT(A) == FLOAT(B));
do_JUMP_NE_FLOAT:
    JUMP_WHEN(FLOAT(A) != FLOAT(B));
do_JUMP_LT_FLOAT:
    JUMP_WHEN(FLOAT(A) < FLOAT(B));
do_JUMP_LE_FLOAT:
    JUMP_WHEN(FLOAT(A) <= FLOAT(B));
do_JUMP_EQ_DATA:
    COMPARE_DATA(true, ==);
do_JUMP_NE_DATA:
    COMPARE_DATA(true, !=);
do_JUMP_LT_DATA:
    COMPARE_DATA(false, <);
do_JUMP_LE_DATA:
    COMPARE_DATA(false, <=);
do_JUMP_TAG_EQ:
    JUMP_WHEN(r[A].ctor == LOW);
do_JUMP_TAG_NE:
    JUMP_WHEN(r[A].ctor != LOW);
do_SWITCH_TAG : {
    const SwitchTable *table = POINTER(WIDE);
    uint32_t tag = r[A].ctor;
    ip = frame->code->words +
         (tag < table->count ? table->targets[tag] : table->otherwise);
    DISPATCH();
}
do_SWITCH_VALUE:
    ip = frame->code->words + machine_switch(POINTER(WIDE), r[A]);
    DISPATCH();

    // ---- arithmetic
do_ADD_INT:
    INT_OP(__builtin_add_overflow(INT(B), INT(C), &result_));
do_SUB_INT:
    INT_OP(__builtin_sub_overflow(INT(B), INT(C), &result_));
do_MUL_INT:
    INT_OP(__builtin_mul_overflow(INT(B), INT(C), &result_));
do_DIV_INT : {
    int64_t divisor = INT(C);
    if (UNLIKELY(divisor == 0 || (divisor == -1 && INT(B) == INT64_MIN))) {
        goto fail_arithmetic;
    }
    r[A] = value_int(INT(B) / divisor);
    NEXT(1);
}
do_REM_INT : {
    int64_t divisor = INT(C);
    if (UNLIKELY(divisor == 0)) {
        goto fail_arithmetic;
    }
    r[A] = value_int(divisor == -1 ? 0 : INT(B) % divisor);
    NEXT(1);
}
do_SUM_INT : {
    int64_t sum;
    if (UNLIKELY(__builtin_add_overflow(INT(B), INT(C), &sum))) {
        goto fail_arithmetic;
    }
    r[A] = value_int(sum);
    if (UNLIKELY(m->is_chunk)) {
        machine_note_sum(r + A);
    }
    NEXT(1);
}
do_SUM_INT_K : {
    int64_t sum;
    if (UNLIKELY(__builtin_add_overflow(INT(B), (int64_t)KC, &sum))) {
        goto fail_arithmetic;
    }
    r[A] = value_int(sum);
    if (UNLIKELY(m->is_chunk)) {
        machine_note_sum(r + A);
    }
    NEXT(1);
}
do_ADD_INT_K:
    INT_OP(__builtin_add_overflow(INT(B), (int64_t)KC, &result_));
do_MUL_INT_K:
    INT_OP(__builtin_mul_overflow(INT(B), (int64_t)KC, &result_));
do_DIV_INT_K:
    if (UNLIKELY(KC == -1 && INT(B) == INT64_MIN)) {
        goto fail_arithmetic;
    }
    r[A] = value_int(INT(B) / KC);
    NEXT(1);
do_REM_INT_K:
    r[A] = value_int(KC == -1 ? 0 : INT(B) % KC);
    NEXT(1);
do_NEG_INT:
    INT_OP(__builtin_sub_overflow((int64_t)0, INT(B), &result_));
do_ADD_FLOAT:
    FLOAT_OP(FLOAT(B) + FLOAT(C));
do_SUB_FLOAT:
    FLOAT_OP(FLOAT(B) - FLOAT(C));
do_MUL_FLOAT:
    FLOAT_OP(FLOAT(B) * FLOAT(C));
do_DIV_FLOAT:
    if (UNLIKELY(float_divisor_is_zero(r, *ip))) {
        goto fail_arithmetic;
    }
    FLOAT_OP(FLOAT(B) / FLOAT(C));
do_NEG_FLOAT:
    r[A] = value_float(-FLOAT(B));
    NEXT(1);
do_TO_FLOAT:
    r[A] = value_float((double)INT(B));
    NEXT(1);

    // ---- strings and lists
do_CONCAT:
    SAVE();
    if (UNLIKELY(!machine_concat(m, r + B, C, &result))) {
        return m->status;
    }
    fuel = m->fuel;
    r[A] = result;
    COLLECT_WHEN_DUE();
    NEXT(1);
do_PARENTHESES:
    SAVE();
    if (!machine_parentheses(m, r[B], r[C], &result)) {
        return m->status;
    }
    r[A] = result;
    NEXT(1);
do_RECORD_TEXT:
    SAVE();
    if (!machine_record_text(m, r[B], r[C], &result)) {
        return m->status;
    }
    r[A] = result;
    COLLECT_WHEN_DUE();
    NEXT(1);
do_LIST : {
    Value *items;
    result = value_list(m->heap, C, &items);
    memcpy(items, r + B, C * sizeof(Value));
    r[A] = result;
    NEXT(1);
}
do_LIST_NEW : {
    Value *items;
    if (!heap_can_hold(m->heap, (uint64_t)WIDE * sizeof(Value) + 64)) {
        goto fail_memory;
    }
    r[A] = value_list(m->heap, WIDE, &items);
    memset(items, 0, (size_t)WIDE * sizeof(Value));
    COLLECT_WHEN_DUE();
    NEXT(1);
}
do_LIST_SET : {
    Value *items = (Value *)r[A].as.list->items;
    memcpy(items + LOW, r + B, C * sizeof(Value));
    NEXT(2);
}
do_LIST_COUNT:
    r[A] = value_int(r[B].as.list->count);
    NEXT(1);
do_LIST_AT:
    r[A] = value_list_at(r[B], LOW);
    NEXT(2);
do_LIST_INDEX:
    r[A] = value_list_at(r[C], (uint32_t)INT(B));
    NEXT(1);
do_LIST_SLICE:
    r[A] = value_list_slice(m->heap, r[B], LOW, r[B].as.list->count);
    NEXT(2);
do_LIST_GET:
    SAVE();
    if (!machine_list_get(m, r[B], r[C], &result)) {
        return m->status;
    }
    r[A] = result;
    NEXT(1);
do_LIST_APPEND:
    // The shorter side: the longer one grows in place or is memory to pay.
    fuel -= r[B].as.list->count < r[C].as.list->count ? r[B].as.list->count
                                                      : r[C].as.list->count;
    if (UNLIKELY(!value_list_append(m->heap, r[B], r[C], &result))) {
        goto fail_memory;
    }
    r[A] = result;
    COLLECT_WHEN_DUE();
    NEXT(1);

    // ---- tuples, records, unions
do_TUPLE : {
    Value *items;
    result = value_tuple(m->heap, C, &items);
    memcpy(items, r + B, C * sizeof(Value));
    r[A] = result;
    NEXT(1);
}
do_ITEM:
    r[A] = r[B].as.tuple->items[C];
    NEXT(1);
do_RECORD : {
    const Shape *shape = POINTER(LOW);
    Value *fields;
    result = value_record(m->heap, shape, &fields);
    memcpy(fields, r + B, shape->count * sizeof(Value));
    r[A] = result;
    NEXT(2);
}
do_RECORD_NEW : {
    const Shape *shape = POINTER(WIDE);
    Value *fields;
    if (!heap_can_hold(m->heap, (uint64_t)shape->count * sizeof(Value) + 64)) {
        goto fail_memory;
    }
    r[A] = value_record(m->heap, shape, &fields);
    memset(fields, 0, shape->count * sizeof(Value));
    COLLECT_WHEN_DUE();
    NEXT(1);
}
do_RECORD_SET : {
    Value *fields = (Value *)r[A].as.record->fields;
    memcpy(fields + LOW, r + B, C * sizeof(Value));
    NEXT(2);
}
do_FIELD : {
    const RecordObject *record = r[B].as.record;
    _Atomic(uint64_t) *cache = &frame->code->caches[HIGH];
    // Relaxed: each value of the cache is right by itself.
    uint64_t cached = load_relaxed(cache);
    if (LIKELY(cached >> 32 == record->shape->id)) {
        r[A] = record->fields[(uint32_t)cached];
        NEXT(2);
    }
    int32_t field = shape_find(record->shape, LOW);
    if (UNLIKELY(field < 0)) {
        UNREACHABLE(); // the checker knows the fields
    }
    store_relaxed(cache, (uint64_t)record->shape->id << 32 | (uint32_t)field);
    r[A] = record->fields[field];
    NEXT(2);
}
do_UPDATE:
    SAVE();
    if (UNLIKELY(
            !machine_update(m, (RecordPlan *)POINTER(LOW), r + B, &result))) {
        return m->status;
    }
    r[A] = result;
    COLLECT_WHEN_DUE();
    NEXT(2);
do_UNION : {
    const CtorInfo *ctor = POINTER(LOW);
    Value *fields;
    result = value_union(m->heap, ctor, &fields);
    memcpy(fields, r + B, ctor->arity * sizeof(Value));
    r[A] = result;
    NEXT(2);
}
do_TAG:
    r[A] = value_int(r[B].ctor);
    NEXT(1);
do_UNION_FIELD:
    r[A] = r[B].as.object->fields[C];
    NEXT(1);

    // ---- functions
do_CLOSURE:
    r[A] = machine_closure(m, POINTER(LOW), r + B, C);
    NEXT(2);
do_PATCH:
    ((FunctionObject *)r[A].as.function)->captured[C] = r[B];
    NEXT(1);

    // ---- loops
do_LOOP_BEGIN : {
    Value list = r[B];
    r[A] = list;
    r[A + 1] = value_int(0);
    r[A + 2] = value_int(list.as.list->count);
    JUMP_TO(ip + 1);
}
do_LOOP_NEXT : {
    const Value *state = r + B;
    int64_t i = state[1].as.integer;
    if (UNLIKELY(i >= state[2].as.integer)) {
        NEXT(2);
    }
    const ListObject *list = state[0].as.list;
    r[B + 1].as.integer = i + 1;
    r[A] = list->items != NULL ? list->items[i] : value_int(list->as.first + i);
    STEP();
    JUMP_TO(ip + 1);
}
do_LOOP_SPLIT : {
    if (UNLIKELY(m->split_due)) {
        SAVE();
        machine_loop_split(m, ip);
    }
    const Value *state = r + B;
    int64_t i = state[1].as.integer;
    if (UNLIKELY(i >= state[2].as.integer)) {
        if (LIKELY(m->families == NULL && !m->is_chunk)) {
            NEXT(2);
        }
        SAVE();
        LoopEnd end = machine_loop_end(m, ip);
        if (end == LOOP_STOP) {
            return m->status;
        }
        LOAD();
        if (end == LOOP_GOES_ON) {
            DISPATCH();
        }
        NEXT(2);
    }
    const ListObject *list = state[0].as.list;
    r[B + 1].as.integer = i + 1;
    r[A] = list->items != NULL ? list->items[i] : value_int(list->as.first + i);
    STEP();
    JUMP_TO(ip + 1);
}
do_LOOP_LEAVE:
    if (UNLIKELY(m->families != NULL || m->is_chunk)) {
        SAVE();
        if (!machine_loop_leave(m, ip)) {
            return m->status;
        }
    }
    NEXT(1);
do_LOOP_BEGIN_LAST : {
    Value list = r[B];
    r[A] = list;
    r[A + 1] = value_int(list.as.list->count);
    JUMP_TO(ip + 1);
}
do_LOOP_PREVIOUS : {
    Value *state = r + B;
    int64_t i = state[1].as.integer - 1;
    if (i < 0) {
        NEXT(2);
    }
    state[1].as.integer = i;
    r[A] = value_list_at(state[0], (uint32_t)i);
    STEP();
    JUMP_TO(ip + 1);
}
do_BUILDER:
    r[A] = (Value){.tag = BUFFER_LIST};
    NEXT(1);
do_PUSH : {
    ListBuffer *buffer = (ListBuffer *)r[A].as.pointer;
    if (UNLIKELY(!list_buffer_push(m->heap, &buffer, r[B]))) {
        goto fail_memory;
    }
    r[A].as.pointer = buffer;
    NEXT(1);
}
do_PUSH_ALL : {
    const ListObject *list = r[B].as.list;
    ListBuffer *buffer = (ListBuffer *)r[A].as.pointer;
    if (UNLIKELY(
            !list_buffer_append(m->heap, &buffer, list->items, list->count))) {
        goto fail_memory;
    }
    r[A].as.pointer = buffer;
    m->split_due = true; // a part takes long, though few steps
    NEXT(1);
}
do_FINISH:
    r[A] = value_list_finish(m->heap, (ListBuffer *)r[B].as.pointer);
    NEXT(1);

    // ---- type classes
do_METHOD : {
    Value item = r[B].as.tuple->items[C];
    if (item.tag != VALUE_DICTIONARY || item.aux8 == DICTIONARY_PLAIN) {
        r[A] = item;
        NEXT(2);
    }
    bool apply = item.aux8 == DICTIONARY_APPLY;
    Slot *slot = (Slot *)(apply ? item.as.partial->function.as.pointer
                                : item.as.pointer);
    if (UNLIKELY(slot_state(slot) != SLOT_DONE)) {
        demanded = slot;
        goto demand;
    }
    if (!apply) {
        r[A] = slot->value;
        NEXT(2);
    }
    const PartialObject *partial = item.as.partial;
    uint64_t base = (uint64_t)(r - m->stack) + LOW;
    SAVE();
    if (!machine_make_room(m, base + partial->count)) {
        return m->status;
    }
    LOAD();
    window = m->stack + base;
    memcpy(window, partial->args, partial->count * sizeof(Value));
    result = slot->value;
    kind = (uint16_t)partial->count;
    ip += 2;
    goto apply;
}
do_METHOD_ITEM : {
    Value slot = {.tag = VALUE_DICTIONARY,
                  .aux8 = DICTIONARY_SLOT,
                  .as.pointer = POINTER(LOW)};
    result = machine_partial(m, slot, r + B, C);
    result.tag = VALUE_DICTIONARY;
    result.aux8 = DICTIONARY_APPLY;
    r[A] = result;
    NEXT(2);
}
do_DICTIONARY_OF : {
    Value *items;
    result = value_tuple(m->heap, C, &items);
    memcpy(items, r + B, C * sizeof(Value));
    result.tag = VALUE_DICTIONARY;
    r[A] = result;
    NEXT(1);
}

    // ---- refinements
do_CHECK_BEGIN : {
    const CheckNode *node = POINTER(LOW);
    if (check_memo_has(m->checks, node, r[B])) {
        JUMP_TO(ip + 1);
    }
    if (UNLIKELY(m->checks == NULL && !m->evaluation->constants)) {
        m->checks = check_memo_new();
    }
    r[A] = (Value){.tag = OBJECT_CHECK_WALK,
                   .as.pointer = check_walk_new(m->heap, node, r[B])};
    NEXT(2);
}
do_CHECK_NEXT : {
    CheckWalk *walk = (CheckWalk *)(uintptr_t)r[B].as.pointer;
    const CheckNode *node =
        check_walk_next(walk, m->heap, m->checks, &fuel, &result);
    if (LIKELY(node != NULL)) {
        r[A] = result;
        // Of a constant each part has its own budget.
        if (UNLIKELY(m->evaluation->constants) &&
            walk->met++ < CHECK_CONSTANT_PARTS) {
            m->steps_left = (int64_t)m->evaluation->limits.max_steps;
        }
        ip = frame->code->words + node->target;
        DISPATCH();
    }
    if (UNLIKELY(fuel < 0)) {
        POLL();
        DISPATCH();
    }
    NEXT(1);
}

do_WRAP:
    SAVE();
    if (UNLIKELY(!machine_wrap(m, POINTER(LOW), r[C], r[B], &result))) {
        return m->status;
    }
    fuel = m->fuel;
    r[A] = result;
    COLLECT_WHEN_DUE();
    NEXT(2);

    // ---- reading JSON
do_DECODE_BEGIN:
    m->decoding++;
    r[A] =
        (Value){.tag = VALUE_UNIT,
                .as.pointer = decode_begin(&m->builtins, POINTER(LOW), r[B])};
    NEXT(2);
do_DECODE_NEXT:
    SAVE();
    switch (machine_decode(m, ip, (DecodeWalk *)(uintptr_t)r[B].as.pointer,
                           &result)) {
    case DECODE_STOP:
        return m->status;
    case DECODE_CALL:
        fuel = m->fuel;
        ip = frame->code->words + result.as.integer;
        DISPATCH();
    case DECODE_DONE:
        fuel = m->fuel;
        r[A] = result;
        NEXT(2);
    case DECODE_WRONG:
        fuel = m->fuel;
        r[A] = result;
        JUMP_TO(ip + 1);
    }
    UNREACHABLE();
do_DECODE_PART:
    r[A] = decode_part(r[B].as.pointer, C);
    NEXT(1);
do_DECODE_PUT:
    decode_put((DecodeWalk *)(uintptr_t)r[A].as.pointer, r[B]);
    NEXT(1);
do_DECODE_FAIL:
    decode_fail((DecodeWalk *)(uintptr_t)r[A].as.pointer, r[B]);
    NEXT(1);

    // ---- origins
do_ORIGIN:
    r[A] = origin_mark(m->evaluation->origins, m->heap, POINTER(WIDE), r[A]);
    NEXT(1);
do_ORIGIN_BEGIN:
    origin_begin(m->evaluation->origins);
    NEXT(1);
do_ORIGIN_PART:
    origin_part(m->evaluation->origins, POINTER(WIDE), r[A]);
    NEXT(1);
do_ORIGIN_UPDATE:
    origin_update(m->evaluation->origins, m->heap, POINTER(WIDE), r + A);
    NEXT(1);

    // ---- failures
do_FAIL_CHECK:
    SAVE();
    if (!machine_fail_check(m, ip, r)) {
        return m->status;
    }
    NEXT(2);
do_UNREACHABLE:
    UNREACHABLE();
fail_arithmetic:
    SAVE();
    (void)machine_fail_arithmetic(m, ip, r);
    return m->status;
fail_memory:
    SAVE();
    (void)machine_fail_memory(m);
    return m->status;
}
