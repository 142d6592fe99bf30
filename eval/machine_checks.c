// Refinements at run time: what is said of a value that breaks one.
#include "eval/check_walk.h"
#include "eval/machine_internal.h"

enum {
    SHOWN_MAX = 80,
    // Of each end of a long path.
    PATH_END_MAX = 60
};

// ---- the value of a constant, in its literal

static Expr *find_item(const Expr *record, Symbol name)
{
    for (uint32_t i = record->as.record.count; i-- > 0;) {
        const RecordItem *item = &record->as.record.items[i];
        if (item->name == 0 || record_item_path(item) != NULL) {
            return NULL; // may stand in there
        }
        if (item->name == name) {
            return (Expr *)(uintptr_t)record_item_value(item);
        }
    }
    return NULL;
}

// The expression that gives the part where the step is, or NULL.
static const Expr *part_of(const Expr *expr, const CheckStep *step)
{
    uint32_t part = step->next - 1;
    switch (step->node->kind) {
    case CHECK_REFINED:
        return expr;
    case CHECK_LIST:
        return expr->kind == EXPR_LIST ? &expr->as.list.items[part] : NULL;
    case CHECK_TUPLE:
        return expr->kind == EXPR_TUPLE ? &expr->as.tuple.items[part] : NULL;
    case CHECK_RECORD:
        return expr->kind == EXPR_RECORD
                   ? find_item(expr, step->node->fields[part])
                   : NULL;
    case CHECK_UNION:
        if ((expr->flags & EXPR_WRAP_SOME) != 0) {
            return expr;
        }
        return expr->kind == EXPR_CALL && part + 1 < expr->as.call.count &&
                       expr->as.call.parts[0].kind == EXPR_CTOR
                   ? &expr->as.call.parts[part + 1]
                   : NULL;
    case CHECK_MAP:
    case CHECK_FUNCTION:
        break;
    }
    return NULL;
}

// The smallest literal around the part; *out_depth steps lead there.
static const Expr *literal_part(const Expr *expr, const CheckWalk *walk,
                                uint32_t *out_depth)
{
    uint32_t depth = 0;
    for (; walk != NULL && depth + 1 < walk->depth; depth++) {
        bool is_wrapped = (expr->flags & EXPR_WRAP_SOME) != 0;
        const Expr *part = part_of(is_wrapped ? expr : ast_result(expr),
                                   &walk->steps->items[depth]);
        if (part == NULL) {
            break;
        }
        expr = part;
    }
    *out_depth = depth;
    return ast_result(expr);
}

// A field that a default without arguments has filled in: that default is a
// constant by itself.
static bool is_filled(const Machine *m, const Expr *record,
                      const CheckWalk *walk, uint32_t depth)
{
    if (walk == NULL || depth + 1 >= walk->depth ||
        record->kind != EXPR_RECORD) {
        return false;
    }
    const CheckStep *step = &walk->steps->items[depth];
    const Slot *slot = m->activations.items[m->activations.count - 1].slot;
    const Module *module = m->evaluation->program->modules[slot->module];
    const Note *note = note_find(&module->notes, record->note, NOTE_RECORD);
    if (note == NULL || step->node->kind != CHECK_RECORD) {
        return false;
    }
    for (uint32_t i = 0; i < note->as.record.count; i++) {
        const RecordFill *fill = &note->as.record.fills[i];
        if (fill->name == step->node->fields[step->next - 1]) {
            return !fill->is_none && fill->arg_count == 0;
        }
    }
    return false;
}

// ---- the argument of a call

typedef struct CallSearch {
    Span span;
    const Expr *found;
    uint32_t step; // of a pipe: the operand that is called
} CallSearch;

// Whether the expression is the call at the place: a step of a pipe ends there,
// and begins where the pipe does.
static bool is_call_at(const Expr *expr, Span span, uint32_t *out_step)
{
    *out_step = 0;
    if (expr->span.start != span.start) {
        return false;
    }
    if (expr->kind == EXPR_CALL) {
        return expr->span.end == span.end;
    }
    for (uint32_t i = 1; expr->kind == EXPR_CHAIN && i < expr->as.chain.count;
         i++) {
        const Expr *operand = &expr->as.chain.operands[i];
        if (operand->op == OP_PIPE && operand->span.end == span.end) {
            *out_step = i;
            return true;
        }
    }
    return false;
}

static void search_call(Expr *expr, void *ctx)
{
    CallSearch *search = ctx;
    if (search->found != NULL || expr->span.start > search->span.start ||
        expr->span.end < search->span.end) {
        return;
    }
    if (is_call_at(expr, search->span, &search->step)) {
        search->found = expr;
        return;
    }
    ast_visit_children(expr, search_call, search);
}

static CallSearch find_call(const Program *program, const Source *source,
                            Span span)
{
    CallSearch search = {.span = span};
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        for (uint32_t i = 0; &module->source == source &&
                             i < module->binding_count && search.found == NULL;
             i++) {
            if (module->bindings[i].value != NULL) {
                search_call(module->bindings[i].value, &search);
            }
        }
    }
    return search;
}

// What stands before the step of a pipe is the last argument.
static Span argument_at(const Expr *call, const Expr *pipe, uint32_t step,
                        uint32_t param, Span span)
{
    uint32_t count = call != NULL ? call->as.call.count : 1;
    if (param < count) {
        return call->as.call.parts[param].span;
    }
    return pipe != NULL && param == count
               ? span_join(pipe->span, pipe->as.chain.operands[step - 1].span)
               : span;
}

// Where the argument of the newest frame's function stands. False where the
// function was not called from there by its name.
static bool argument_span(const Machine *m, const Source *source, Span call,
                          uint32_t param, Span *out_span)
{
    const Program *program = m->evaluation->program;
    CallSearch search = find_call(program, source, call);
    if (search.found == NULL) {
        return false;
    }
    const Expr *pipe = search.step > 0 ? search.found : NULL;
    const Expr *called =
        pipe != NULL ? &pipe->as.chain.operands[search.step] : search.found;
    bool is_call = called->kind == EXPR_CALL;
    const Expr *callee = is_call ? &called->as.call.parts[0] : called;
    bool named = callee->kind == EXPR_NAME || callee->kind == EXPR_CTOR;
    Symbol name = named                        ? callee->as.name.symbol
                  : callee->kind == EXPR_FIELD ? callee->as.field.field
                                               : 0;
    if (name == 0 || !str_equal(symbol_text(program->interner, name),
                                m->frame->code->name)) {
        return false;
    }
    *out_span =
        argument_at(is_call ? called : NULL, pipe, search.step, param, call);
    return true;
}

// ---- messages

// On one line: a line break and the indentation behind it are a space.
static void append_source(StrBuf *out, const Source *source, Span span)
{
    StrBuf line = {0};
    bool is_indented = false;
    for (uint32_t at = span.start; at < span.end && line.len <= SHOWN_MAX;
         at++) {
        char byte = source->text.data[at];
        bool is_break = byte == '\n' || byte == '\r';
        bool is_blank = is_break || byte == ' ' || byte == '\t';
        while (is_break && line.len > 0 && line.data[line.len - 1] == ' ') {
            line.len--;
        }
        if (is_break || !(is_blank && is_indented)) {
            strbuf_append_char(&line, is_blank ? ' ' : byte);
        }
        is_indented = is_break || (is_blank && is_indented);
    }
    strbuf_append_printable(out, strbuf_str(&line), SHOWN_MAX);
    strbuf_release(&line);
}

static void append_value(StrBuf *out, Value value)
{
    StrBuf text = {0};
    if (!value_show(&text, value, (uint64_t)1 << 16)) {
        strbuf_append(&text, STR("..."));
    }
    strbuf_append_printable(out, strbuf_str(&text), SHOWN_MAX);
    strbuf_release(&text);
}

static void append_path(StrBuf *out, Str path)
{
    if (path.len <= (size_t)3 * PATH_END_MAX) {
        strbuf_append(out, path);
        return;
    }
    size_t head = utf8_start(path, PATH_END_MAX);
    size_t tail = path.len - PATH_END_MAX;
    while (utf8_continues(path.data[tail])) {
        tail++;
    }
    strbuf_append(out, str_slice(path, 0, head));
    strbuf_append(out, STR("..."));
    strbuf_append(out, str_slice(path, tail, path.len));
}

// "[3].port in the argument "; nothing where there is no more to be named than
// the value itself.
static void append_subject(const Machine *m, const CheckWalk *walk, Str whole,
                           StrBuf *out)
{
    StrBuf path = {0};
    if (walk != NULL) {
        check_walk_path(walk, m->evaluation->program->interner, &path);
    }
    if (path.len > 0) {
        append_path(out, strbuf_str(&path));
        strbuf_append(out, whole.len > 0 ? STR(" in ") : STR(" "));
    }
    strbuf_append(out, whole);
    strbuf_release(&path);
}

// "[3].port is no 'Port': 'x <= 65535' failed: x = 70000"; `whole` is what the
// check walks through, "the argument ", or empty.
static void write_message(const Machine *m, const CheckFailure *check,
                          const CheckWalk *walk, const Value *operands,
                          Str whole, StrBuf *out)
{
    append_subject(m, walk, whole, out);
    if (check->alias.len > 0) {
        strbuf_append(out, out->len == 0 ? STR("the value ") : STR(""));
        strbuf_appendf(out, "is no '%.*s': ", STR_ARG(check->alias));
    } else if (out->len > 0) {
        strbuf_append(out, STR("breaks its refinement: "));
    }
    strbuf_append_char(out, '\'');
    append_source(out, check->predicate_source, check->predicate);
    strbuf_append(out, STR("' failed"));
    const char *before = ": ";
    for (uint32_t i = 0; i < check->operand_count; i++) {
        const CheckOperand *operand = &check->operands[i];
        if (operands[i].tag == VALUE_FUNCTION ||
            operands[i].tag == VALUE_PARTIAL) {
            continue;
        }
        strbuf_append(out, str_from_c(before));
        before = ", ";
        if (operand->is_value) {
            strbuf_append_char(out, 'x');
        } else {
            append_source(out, operand->source, operand->span);
            strbuf_append(out, operand->applied ? STR(" x") : STR(""));
        }
        strbuf_append(out, STR(" = "));
        append_value(out, operands[i]);
    }
}

static void add_labels(DiagSink *sink, Diag *diag, const CheckFailure *check)
{
    bool inside = check->annotation_source == check->predicate_source &&
                  check->annotation.start <= check->predicate.start &&
                  check->predicate.end <= check->annotation.end;
    if (!inside) {
        diag_label(sink, diag, check->annotation_source, check->annotation,
                   check->param > 0 ? "the parameter has this type"
                                    : "the value is checked against this type");
    }
    diag_label(sink, diag, check->predicate_source, check->predicate,
               "this does not hold");
}

static void fail_constant(Machine *m, const CheckFailure *check,
                          CheckWalk *walk, const Value *operands)
{
    uint32_t depth;
    const Expr *part = literal_part(check->constant, walk, &depth);
    if (is_filled(m, part, walk, depth)) {
        return;
    }
    CheckWalk rest = {0};
    if (walk != NULL) {
        rest = *walk;
        rest.first = depth;
    }
    StrBuf message = {0};
    write_message(m, check, walk != NULL ? &rest : NULL, operands, STR(""),
                  &message);
    Slot *slot = machine_activation(m)->slot;
    DiagSink *sink = slot_diags(slot);
    Diag *diag = diag_add(sink, DIAG_E0218, m->frame->code->source, part->span,
                          "%.*s", STR_ARG(strbuf_str(&message)));
    add_labels(sink, diag, check);
    strbuf_release(&message);
}

// The wrapper of a function that nothing names is called "function".
static void append_function(StrBuf *out, Str name)
{
    if (str_equal(name, STR("function"))) {
        strbuf_append(out, STR("a function "));
    } else {
        strbuf_appendf(out, "'%.*s' ", STR_ARG(name));
    }
}

// A decoder goes on with the message.
static void soft_failure(Machine *m, const uint64_t *ip,
                         const CheckFailure *check, CheckWalk *walk,
                         const Value *operands)
{
    StrBuf message = {0};
    write_message(m, check, walk, operands, STR(""), &message);
    m->stack[m->frame->base + (uint32_t)(ip[1] >> 32)] =
        value_string(m->heap, strbuf_str(&message));
    strbuf_release(&message);
}

bool machine_fail_check(Machine *m, const uint64_t *ip, const Value *r)
{
    const CheckFailure *check = m->frame->code->pointers[(uint32_t)ip[1]];
    const Value *operands = r + (uint16_t)(*ip >> 32);
    uint16_t walk_register = (uint16_t)(*ip >> 48);
    CheckWalk *walk = walk_register == UINT16_MAX
                          ? NULL
                          : (CheckWalk *)(uintptr_t)r[walk_register].as.pointer;
    if (check->constant != NULL) {
        fail_constant(m, check, walk, operands);
        return true;
    }
    if (check->soft) {
        soft_failure(m, ip, check, walk, operands);
        return true;
    }
    if (check->is_default && m->evaluation->constants) {
        return true;
    }
    Span span;
    const Source *source;
    bool called = check->param > 0 && machine_caller(m, &source, &span);
    bool exact = called && argument_span(m, source, span, check->param, &span);
    StrBuf whole = {0};
    if (exact) {
        strbuf_append(&whole, STR("the argument "));
    } else if (check->param > 0) {
        strbuf_append(&whole, STR("an argument of "));
        append_function(&whole, m->frame->code->name);
    } else if (check->result) {
        strbuf_append(&whole, STR("the result of "));
        append_function(&whole, m->frame->code->name);
    }
    StrBuf message = {0};
    write_message(m, check, walk, operands, strbuf_str(&whole), &message);
    Diag *diag = NULL;
    if (called) {
        diag = machine_begin_caller_failure(m, DIAG_E0405, strbuf_str(&message),
                                            span);
    } else {
        diag = machine_begin_failure(m, ip, DIAG_E0405, strbuf_str(&message));
    }
    if (diag != NULL) {
        add_labels(slot_diags(machine_activation(m)->slot), diag, check);
    }
    strbuf_release(&whole);
    strbuf_release(&message);
    return false;
}
