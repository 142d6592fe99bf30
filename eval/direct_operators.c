// Operators, text and `match`. See direct.h.
#include "eval/direct_internal.h"

#include "eval/number_fold.h"

// ---- comparisons

typedef enum Comparison { BY_INT, BY_FLOAT, BY_DATA, UNKNOWN } Comparison;

static Comparison comparison_of(const Direct *d, const Expr *chain)
{
    uint32_t tag = note_tag(&d->module->notes, chain->note);
    if (tag == ELAB_INT || tag == ELAB_FLOAT) {
        return tag == ELAB_INT ? BY_INT : BY_FLOAT;
    }
    const Note *note = direct_note(d, chain->note, NOTE_EVIDENCE);
    if (note == NULL) {
        return BY_DATA;
    }
    const Evidence *known = direct_evidence(d, note->as.evidence.items[0]);
    return known != NULL && known->kind == EVIDENCE_DERIVED ? BY_DATA : UNKNOWN;
}

static bool order_holds(Operator op, int order)
{
    return op == OP_EQ   ? order == 0
           : op == OP_NE ? order != 0
           : op == OP_LT ? order < 0
           : op == OP_LE ? order <= 0
           : op == OP_GT ? order > 0
                         : order >= 0;
}

static bool compare_values(Direct *d, Comparison comparison, Operator op,
                           Value a, Value b, bool *out_holds)
{
    int order = 0;
    if (comparison == BY_INT) {
        order = (a.as.integer > b.as.integer) - (a.as.integer < b.as.integer);
    } else if (comparison == BY_FLOAT) {
        order = (a.as.number > b.as.number) - (a.as.number < b.as.number);
    } else {
        int64_t looks = d->credit;
        bool equality = op == OP_EQ || op == OP_NE;
        if (!value_compare_counted(a, b, equality, &looks, d->m->builtins.token,
                                   &order)) {
            return false;
        }
        d->credit = looks;
    }
    *out_holds = order_holds(op, order);
    return true;
}

// Each operand is evaluated once, as long as all before it hold.
static bool comparison_value(Direct *d, const Expr *chain, Value *out)
{
    Comparison comparison = comparison_of(d, chain);
    const Expr *operands = chain->as.chain.operands;
    Value left;
    Value right;
    bool holds = true;
    if (comparison == UNKNOWN || !direct_value(d, &operands[0], &left)) {
        return false;
    }
    for (uint32_t i = 1; holds && i < chain->as.chain.count; i++) {
        if (!direct_value(d, &operands[i], &right) ||
            !compare_values(d, comparison, (Operator)operands[i].op, left,
                            right, &holds)) {
            return false;
        }
        left = right;
    }
    *out = value_bool(holds);
    return true;
}

static bool logic_value(Direct *d, const Expr *chain, bool is_or, Value *out)
{
    for (uint32_t i = 0; i < chain->as.chain.count; i++) {
        if (!direct_value(d, &chain->as.chain.operands[i], out)) {
            return false;
        }
        if (out->as.boolean == is_or) {
            return true;
        }
    }
    return true;
}

// ---- arithmetic

// That an operator works on Integer or Float shows in the values.
static bool arithmetic_value(Direct *d, const Expr *chain, Value *out)
{
    const Expr *operands = chain->as.chain.operands;
    Value sum;
    Value value;
    if (!direct_operand(d, &operands[0], &sum)) {
        return false;
    }
    for (uint32_t i = 1; i < chain->as.chain.count; i++) {
        if (operands[i].kind == EXPR_INT && direct_is_plain(&operands[i])) {
            int64_t literal = operands[i].as.integer.value;
            value = sum.tag == VALUE_FLOAT ? value_float((double)literal)
                                           : value_int(literal);
        } else if (!direct_operand(d, &operands[i], &value)) {
            return false;
        }
        if (!number_fold((Operator)operands[i].op, &sum, value)) {
            return false;
        }
    }
    *out = sum;
    return true;
}

bool direct_unary(Direct *d, const Expr *expr, Value *out)
{
    if (!direct_value(d, expr->as.unary.operand, out)) {
        return false;
    }
    if (expr->as.unary.op == OP_NOT) {
        *out = value_bool(!out->as.boolean);
        return true;
    }
    if (out->tag == VALUE_FLOAT) {
        *out = value_float(-out->as.number);
        return true;
    }
    if (out->tag != VALUE_INT || out->as.integer == INT64_MIN) {
        return false;
    }
    *out = value_int(-out->as.integer);
    return true;
}

// ---- text and lists

enum { PARTS_MAX = 32 };

static bool list_append(Direct *d, const Expr *chain, Value *out)
{
    const Expr *operands = chain->as.chain.operands;
    Value sum;
    Value value;
    if (!direct_value(d, &operands[0], &sum)) {
        return false;
    }
    for (uint32_t i = 1; i < chain->as.chain.count; i++) {
        if (!direct_value(d, &operands[i], &value)) {
            return false;
        }
        uint32_t a = value_list_count(sum);
        uint32_t b = value_list_count(value);
        d->steps += a < b ? a : b;
        d->credit -= (int64_t)a + b; // it may be copied
        if (d->steps > d->steps_max || d->credit < 0 ||
            !value_list_append(d->heap, sum, value, &sum)) {
            return false;
        }
    }
    *out = sum;
    return true;
}

static bool append_value(Direct *d, const Expr *chain, Value *out)
{
    Value parts[PARTS_MAX];
    uint32_t count = chain->as.chain.count;
    uint32_t tag = note_tag(&d->module->notes, chain->note);
    if (direct_note(d, chain->note, NOTE_EVIDENCE) != NULL) {
        return false;
    }
    if (tag == ELAB_LIST) {
        return list_append(d, chain, out);
    }
    if (count > PARTS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!direct_value(d, &chain->as.chain.operands[i], &parts[i])) {
            return false;
        }
    }
    return machine_concat_short(d->heap, parts, count, out);
}

// The part as text, where it is neither that nor an Integer.
static bool part_text(Direct *d, Value *part)
{
    if (part->tag == VALUE_BOOL) {
        *part = constant_text(d->m->root->constants, &d->m->root->code_heap,
                              part->as.boolean ? STR("true") : STR("false"));
    }
    return part->tag == VALUE_STRING || part->tag == VALUE_INT;
}

bool direct_interpolation(Direct *d, const Expr *expr, Value *out)
{
    Value parts[PARTS_MAX];
    uint32_t count = expr->as.interpolation.count;
    const Note *note = direct_note(d, expr->note, NOTE_EVIDENCE);
    if (count > PARTS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!direct_value(d, &expr->as.interpolation.parts[i], &parts[i])) {
            return false;
        }
        if (parts[i].tag == VALUE_STRING) {
            continue; // whatever `show` makes of it
        }
        const Evidence *show = note == NULL ? NULL : note->as.evidence.items[i];
        const Evidence *known = show == NULL ? NULL : direct_evidence(d, show);
        bool is_plain =
            show == NULL || (known != NULL && known->kind == EVIDENCE_DERIVED);
        if (!is_plain || !part_text(d, &parts[i])) {
            return false;
        }
    }
    return machine_concat_short(d->heap, parts, count, out);
}

// ---- pipes and defaults

static bool pipe_value(Direct *d, const Expr *chain, Value *out)
{
    const Expr *operands = chain->as.chain.operands;
    Value value;
    if (!direct_value(d, &operands[0], &value)) {
        return false;
    }
    for (uint32_t i = 1; i < chain->as.chain.count; i++) {
        const Expr *step = &operands[i];
        bool is_call = step->kind == EXPR_CALL && step->note == ELAB_NONE &&
                       (step->flags & EXPR_WRAP_SOME) == 0;
        const Expr *callee = is_call ? &step->as.call.parts[0] : step;
        uint32_t given = is_call ? step->as.call.count - 1 : 0;
        if (!direct_call(d, callee, callee + 1, given, &value, &value)) {
            return false;
        }
    }
    *out = value;
    return true;
}

static bool coalesce_value(Direct *d, const Expr *chain, Value *out)
{
    const Expr *operands = chain->as.chain.operands;
    uint32_t count = chain->as.chain.count;
    Value option;
    for (uint32_t i = 0; i + 1 < count; i++) {
        if (!direct_value(d, &operands[i], &option)) {
            return false;
        }
        if (option.ctor == d->m->builtins.some->tag) {
            *out = option.as.object->fields[0];
            return true;
        }
    }
    return direct_value(d, &operands[count - 1], out);
}

bool direct_chain(Direct *d, const Expr *expr, Value *out)
{
    switch ((Operator)expr->as.chain.operands[1].op) {
    case OP_PIPE:
        return pipe_value(d, expr, out);
    case OP_COALESCE:
        return coalesce_value(d, expr, out);
    case OP_OR:
    case OP_AND:
        return logic_value(d, expr, expr->as.chain.operands[1].op == OP_OR,
                           out);
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return comparison_value(d, expr, out);
    case OP_APPEND:
        return append_value(d, expr, out);
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_REM:
        return arithmetic_value(d, expr, out);
    case OP_NONE:
    case OP_NEG:
    case OP_NOT:
        break;
    }
    UNREACHABLE();
}

// ---- match

typedef enum Matching { MATCHES, DIFFERS, GIVES_UP } Matching;

static Matching match_value(Direct *d, const Pattern *pattern, Value value);

static Matching match_all(Direct *d, const Pattern *patterns, uint32_t count,
                          const Value *parts)
{
    Matching matching = MATCHES;
    for (uint32_t i = 0; matching == MATCHES && i < count; i++) {
        matching = match_value(d, &patterns[i], parts[i]);
    }
    return matching;
}

static Matching match_ctor(Direct *d, const PatternCtor *ctor, Value value)
{
    const CtorInfo *info =
        &d->evaluation->ctors[ctor->ref.module][ctor->ref.index];
    if (value.ctor != info->tag) {
        return DIFFERS;
    }
    return ctor->arg_count == 0 ? MATCHES
                                : match_all(d, ctor->args, ctor->arg_count,
                                            value.as.object->fields);
}

static Matching match_record(Direct *d, const PatternRecord *record,
                             Value value)
{
    const RecordObject *object = value.as.record;
    Matching matching = MATCHES;
    for (uint32_t i = 0; matching == MATCHES && i < record->count; i++) {
        const PatternField *field = &record->fields[i];
        int32_t at = shape_find(object->shape, field->name);
        matching = at < 0 ? GIVES_UP
                          : match_value(d, &field->pattern, object->fields[at]);
    }
    return matching;
}

static Matching matching_if(bool same)
{
    return same ? MATCHES : DIFFERS;
}

static Matching match_value(Direct *d, const Pattern *pattern, Value value)
{
    if (pattern->note >= NOTE_FIRST) {
        return GIVES_UP;
    }
    switch ((PatternKind)pattern->kind) {
    case PATTERN_WILDCARD:
    case PATTERN_UNIT:
        return MATCHES;
    case PATTERN_NAME:
        d->locals[pattern->as.name.local] = value;
        return MATCHES;
    case PATTERN_AS:
        d->locals[pattern->as.alias.local] = value;
        return match_value(d, pattern->as.alias.pattern, value);
    case PATTERN_BOOL:
        return matching_if(value.as.boolean == pattern->as.boolean.value);
    case PATTERN_INT:
        return value.tag != VALUE_INT
                   ? GIVES_UP
                   : matching_if(value.as.integer == pattern->as.integer.value);
    case PATTERN_STRING:
        return matching_if(
            str_equal(value_str(value), str_make(pattern->as.string.data,
                                                 pattern->as.string.len)));
    case PATTERN_CTOR:
        return match_ctor(d, pattern->as.ctor, value);
    case PATTERN_TUPLE:
        return match_all(d, pattern->as.tuple.items, pattern->as.tuple.count,
                         value.as.tuple->items);
    case PATTERN_RECORD:
        return match_record(d, pattern->as.record, value);
    case PATTERN_FLOAT:
    case PATTERN_LIST:
    case PATTERN_ERROR:
        return GIVES_UP;
    }
    UNREACHABLE();
}

static Matching match_arm(Direct *d, const Arm *arm, Value value)
{
    if (arm->guard != NULL && arm->pattern_count > 1) {
        return GIVES_UP;
    }
    Matching matching = DIFFERS;
    for (uint32_t i = 0; matching == DIFFERS && i < arm->pattern_count; i++) {
        matching = match_value(d, &arm->patterns[i], value);
    }
    Value guard;
    if (matching != MATCHES || arm->guard == NULL) {
        return matching;
    }
    return direct_value(d, arm->guard, &guard) ? matching_if(guard.as.boolean)
                                               : GIVES_UP;
}

bool direct_match(Direct *d, const Expr *expr, Value *out)
{
    const Match *match = expr->as.match;
    Value value;
    if (!direct_value(d, &match->scrutinee, &value)) {
        return false;
    }
    for (uint32_t i = 0; i < match->arm_count; i++) {
        Matching matching = match_arm(d, &match->arms[i], value);
        if (matching == MATCHES) {
            return direct_value(d, &match->arms[i].body, out);
        }
        if (matching == GIVES_UP) {
            return false;
        }
    }
    return false; // the machine knows what to say
}
