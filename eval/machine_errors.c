// What is said when evaluation fails: the place, the operands, and the chain
// of calls inside the binding.
//
// Code of the standard library is not shown: a failure in it is placed at the
// call in the program. So whether the compiler expands a library function in
// place does not show either.
#include <inttypes.h>
#include <stdarg.h>

#include "eval/machine_internal.h"

// Calls shown at each end of a long chain.
#define TRACE_END 16u
#define SHOWN_MAX 80u

static bool is_shown(const Frame *frame)
{
    return frame->code != NULL && !frame->code->is_std;
}

static Span span_at(const Frame *frame, const uint64_t *word)
{
    return code_span(frame->code, (uint32_t)(word - frame->code->words));
}

// The nearest frame at or below `number` that is shown, down to the
// binding's own.
static uint32_t shown_frame(const Machine *m, uint32_t number, uint32_t lowest)
{
    while (number > lowest && !is_shown(&m->frames[number])) {
        number--;
    }
    return number;
}

// The frame where the newest binding begins: what is below is not shown. A
// part of a literal stands right above the binding and counts as it.
static uint32_t lowest_frame(const Machine *m)
{
    const Activation *activation =
        &m->activations.items[m->activations.count - 1];
    uint32_t lowest = activation->frame;
    const Code *above =
        machine_frame_number(m) > lowest ? m->frames[lowest + 1].code : NULL;
    return above != NULL && above->is_part ? lowest + 1 : lowest;
}

static void add_trace(Machine *m, DiagSink *sink, Diag *diag, uint32_t from,
                      uint32_t lowest)
{
    uint32_t calls = 0;
    for (uint32_t n = from; n > lowest; n = shown_frame(m, n - 1, lowest)) {
        calls++;
    }
    uint32_t i = 0;
    for (uint32_t n = from; n > lowest; i++) {
        uint32_t caller = shown_frame(m, n - 1, lowest);
        if (i < TRACE_END || i + TRACE_END >= calls) {
            const Frame *frame = &m->frames[caller];
            diag_trace(sink, diag, m->frames[n].code->name, frame->code->source,
                       span_at(frame, frame->ip - 1));
        }
        n = caller;
    }
    if (calls > 2 * TRACE_END) {
        diag_trace_hidden(sink, diag, calls - 2 * TRACE_END);
    }
}

// Where a predicate has led here, the diagnostic is at the value that is
// checked, or in what the predicate calls.
static void add_predicate(const Machine *m, DiagSink *sink, Diag *diag,
                          const uint64_t *ip, uint32_t lowest)
{
    for (uint32_t n = machine_frame_number(m);; n--) {
        const Frame *frame = &m->frames[n];
        if (frame->code != NULL) {
            uint32_t at = (uint32_t)(ip - frame->code->words);
            const CodeAsk *ask = code_ask(frame->code, at);
            if (ask != NULL) {
                diag_label(sink, diag, ask->source, ask->span,
                           "while this was checked");
                return;
            }
        }
        if (n == lowest) {
            return;
        }
        ip = m->frames[n - 1].ip - 1;
    }
}

// A diagnostic of the newest binding at the instruction `ip`, or NULL in a
// chunk: its parent will meet the same failure.
Diag *machine_begin_failure(Machine *m, const uint64_t *ip, DiagCode code,
                            Str message)
{
    if (m->is_chunk) {
        m->status = MACHINE_STOPPED;
        return NULL;
    }
    m->status = MACHINE_FAILED;
    m->failed_on = NULL;
    const Activation *activation = machine_activation(m);
    uint32_t top = machine_frame_number(m);
    uint32_t lowest = lowest_frame(m);
    uint32_t number = shown_frame(m, top, lowest);
    const Frame *frame = &m->frames[number];
    Span span = span_at(frame, number == top ? ip : frame->ip - 1);
    DiagSink *sink = slot_diags(activation->slot);
    Diag *diag = diag_add(sink, code, frame->code->source, span, "%.*s",
                          STR_ARG(message));
    add_predicate(m, sink, diag, ip, lowest);
    add_trace(m, sink, diag, number, lowest);
    return diag;
}

// The nearest shown frame below the newest.
static uint32_t caller_frame(const Machine *m)
{
    uint32_t lowest = lowest_frame(m);
    uint32_t top = machine_frame_number(m);
    return top > lowest ? shown_frame(m, top - 1, lowest) : top;
}

bool machine_caller(const Machine *m, const Source **out_source, Span *out_span)
{
    if (m->is_chunk || m->activations.count == 0) {
        return false;
    }
    uint32_t number = caller_frame(m);
    const Frame *frame = &m->frames[number];
    if (number == machine_frame_number(m) || frame->code == NULL) {
        return false;
    }
    *out_source = frame->code->source;
    *out_span = span_at(frame, frame->ip - 1);
    return true;
}

Diag *machine_begin_caller_failure(Machine *m, DiagCode code, Str message,
                                   Span span)
{
    m->status = MACHINE_FAILED;
    m->failed_on = NULL;
    const Activation *activation = machine_activation(m);
    uint32_t number = caller_frame(m);
    uint32_t lowest = lowest_frame(m);
    DiagSink *sink = slot_diags(activation->slot);
    Diag *diag = diag_add(sink, code, m->frames[number].code->source, span,
                          "%.*s", STR_ARG(message));
    add_trace(m, sink, diag, number, lowest);
    return diag;
}

static DiagSink *failure_sink(Machine *m)
{
    return slot_diags(machine_activation(m)->slot);
}

COLD PRINTF_LIKE(4, 5) static bool fail(Machine *m, const uint64_t *ip,
                                        DiagCode code, const char *format, ...)
{
    StrBuf text = {0};
    va_list args;
    va_start(args, format);
    strbuf_appendv(&text, format, args);
    va_end(args);
    (void)machine_begin_failure(m, ip, code, strbuf_str(&text));
    strbuf_release(&text);
    return false;
}

// ---- arithmetic

static const char *operation_sign(Op op)
{
    return op == OP_ADD_INT || op == OP_ADD_INT_K || op == OP_SUM_INT ||
                   op == OP_SUM_INT_K || op == OP_ADD_FLOAT
               ? "+"
           : op == OP_SUB_INT || op == OP_SUB_FLOAT                       ? "-"
           : op == OP_MUL_INT || op == OP_MUL_INT_K || op == OP_MUL_FLOAT ? "*"
           : op == OP_REM_INT || op == OP_REM_INT_K                       ? "%"
                                                                          : "/";
}

static bool fail_float(Machine *m, const uint64_t *ip, double left,
                       double right)
{
    Op op = code_op(*ip);
    if (op == OP_DIV_FLOAT && right == 0) {
        return fail(m, ip, DIAG_E0402, "division by zero");
    }
    StrBuf text = {0};
    bool shown = value_show(&text, value_float(left), SHOWN_MAX);
    strbuf_appendf(&text, " %s ", operation_sign(op));
    shown = shown && value_show(&text, value_float(right), 2 * SHOWN_MAX);
    Str sum = strbuf_str(&text);
    (void)fail(m, ip, DIAG_E0403, "%.*s is not a finite number",
               shown ? (int)sum.len : 0, sum.data);
    strbuf_release(&text);
    return false;
}

bool machine_fail_arithmetic(Machine *m, const uint64_t *ip, const Value *r)
{
    Op op = code_op(*ip);
    Value left = r[(uint16_t)(*ip >> 32)];
    if (op == OP_ADD_FLOAT || op == OP_SUB_FLOAT || op == OP_MUL_FLOAT ||
        op == OP_DIV_FLOAT) {
        return fail_float(m, ip, left.as.number,
                          r[(uint16_t)(*ip >> 48)].as.number);
    }
    if (op == OP_NEG_INT) {
        return fail(m, ip, DIAG_E0401,
                    "integer overflow: -(%" PRId64 ") does not fit in 64 bits",
                    left.as.integer);
    }
    bool constant = op == OP_ADD_INT_K || op == OP_SUM_INT_K ||
                    op == OP_MUL_INT_K || op == OP_DIV_INT_K ||
                    op == OP_REM_INT_K;
    int64_t right =
        constant ? (int16_t)(*ip >> 48) : r[(uint16_t)(*ip >> 48)].as.integer;
    if (right == 0 && (op == OP_DIV_INT || op == OP_REM_INT)) {
        return fail(m, ip, DIAG_E0402, "%s by zero",
                    op == OP_DIV_INT ? "division" : "remainder");
    }
    const char *sign = operation_sign(op);
    if (op == OP_ADD_INT_K && right < 0) {
        sign = "-";
        right = -right;
    }
    return fail(m, ip, DIAG_E0401,
                "integer overflow: %" PRId64 " %s %" PRId64
                " does not fit in 64 bits",
                left.as.integer, sign, right);
}

// ---- builtins

bool machine_fail_builtin(Machine *m, const uint64_t *ip)
{
    const BuiltinContext *ctx = &m->builtins;
    if (ctx->cancelled) {
        return machine_cancel(m);
    }
    if (ctx->error_code == DIAG_E0602) {
        return machine_fail_steps(m);
    }
    if (ctx->error_code == DIAG_E0604) {
        return machine_fail_memory(m);
    }
    Diag *diag =
        machine_begin_failure(m, ip, ctx->error_code, ctx->error_message);
    if (diag != NULL && ctx->error_help.len > 0) {
        diag_help(failure_sink(m), diag, "%.*s", STR_ARG(ctx->error_help));
    }
    return false;
}

// ---- limits, which are said of the binding as a whole

static Span slot_span(const Machine *m, const Slot *slot)
{
    const Binding *binding =
        program_binding(m->evaluation->program, slot->module, slot->index);
    return binding->kind == BINDING_RESULT ? binding->value->span
                                           : binding->name_span;
}

static Str slot_name(const Machine *m, const Slot *slot)
{
    const Program *program = m->evaluation->program;
    const Binding *binding =
        program_binding(program, slot->module, slot->index);
    return binding->kind == BINDING_RESULT || binding->name == 0
               ? STR("the result")
               : symbol_text(program->interner, binding->name);
}

static const Source *slot_source(const Machine *m, const Slot *slot)
{
    return &m->evaluation->program->modules[slot->module]->source;
}

static Diag *limit_failure(Machine *m, DiagCode code, const char *what,
                           const char *unit, uint64_t limit)
{
    if (m->is_chunk) {
        m->status = MACHINE_STOPPED;
        return NULL;
    }
    m->status = MACHINE_FAILED;
    m->failed_on = NULL;
    const Slot *slot = machine_activation(m)->slot;
    Str name = slot_name(m, slot);
    bool quoted = !str_equal(name, STR("the result"));
    return diag_add(
        failure_sink(m), code, slot_source(m, slot), slot_span(m, slot),
        "the evaluation of %s%.*s%s %s %" PRIu64 " %s", quoted ? "'" : "",
        STR_ARG(name), quoted ? "'" : "", what, limit, unit);
}

bool machine_fail_steps(Machine *m)
{
    bool looks = m->looks_left < 0 || m->look_from >= 0;
    uint64_t limit = looks ? (uint64_t)machine_max_looks(m)
                           : m->evaluation->limits.max_steps;
    Diag *diag = limit_failure(
        m, DIAG_E0602, "takes more than",
        looks ? "steps in comparisons and refinements" : "steps", limit);
    if (diag != NULL) {
        diag_help(failure_sink(m), diag,
                  looks ? "does a predicate never end? else raise --max-steps, "
                          "of which they may take four times as many"
                        : "does a recursion never end? else raise --max-steps");
    }
    return false;
}

bool machine_fail_memory(Machine *m)
{
    HeapBudget *budget = &m->evaluation->budget;
    // A request that was refused has not used anything up.
    if (load_relaxed(&budget->bytes) <= budget->limit_bytes) {
        m->heap->over_limit = false;
    }
    Diag *diag = limit_failure(m, DIAG_E0604, "needs more memory than", "bytes",
                               m->evaluation->limits.max_memory_bytes);
    if (diag != NULL) {
        diag_help(failure_sink(m), diag, "raise --max-memory, or make less");
    }
    return false;
}

bool machine_fail_depth(Machine *m)
{
    const Limits *limits = &m->evaluation->limits;
    StrBuf text = {0};
    strbuf_appendf(&text, "calls are nested more than %" PRIu32 " deep",
                   limits->max_depth);
    Diag *diag =
        machine_begin_failure(m, m->fail_ip, DIAG_E0603, strbuf_str(&text));
    strbuf_release(&text);
    if (diag != NULL) {
        diag_help(failure_sink(m), diag,
                  "make the recursive call the last thing that the function "
                  "does, or raise --max-depth");
    }
    return false;
}

void machine_report_input(Machine *m, Slot *slot)
{
    DiagSink *sink = slot_diags(slot);
    Str name = slot_name(m, slot);
    Diag *diag =
        diag_add(sink, DIAG_E0504, slot_source(m, slot), slot_span(m, slot),
                 "input '%.*s' has no value", STR_ARG(name));
    diag_help(sink, diag, "give it with --input %.*s=VALUE, or a default here",
              STR_ARG(name));
}

bool machine_cancel(Machine *m)
{
    m->status = m->is_chunk ? MACHINE_STOPPED : MACHINE_CANCELLED;
    return false;
}
