// What is known of the value of an expression, as against the parameters of
// the function at hand.
#include "typecheck/totality_private.h"

Extent extent_unknown(void)
{
    return (Extent){.part_of = NO_PARAM,
                    .quotient_of = NO_PARAM,
                    .remainder_by = NO_PARAM,
                    .remainder_of = NO_PARAM};
}

Extent extent_constant(uint64_t id)
{
    Extent value = extent_unknown();
    value.linear = (Linear){true, {TERM_CONST, id}, 0};
    return value;
}

Extent extent_param(uint32_t param)
{
    Extent value = extent_unknown();
    value.part_of = param;
    value.linear = (Linear){true, {TERM_PARAM, param}, 0};
    return value;
}

Extent extent_part(const Extent *whole)
{
    Extent value = extent_unknown();
    value.part_of = whole->part_of;
    value.smaller = whole->part_of != NO_PARAM;
    return value;
}

Extent extent_join(const Extent *a, const Extent *b)
{
    Extent value = extent_unknown();
    if (a->part_of == b->part_of) {
        value.part_of = a->part_of;
        value.smaller = a->smaller && b->smaller;
    }
    if (a->linear.known && b->linear.known && a->linear.k == b->linear.k &&
        term_equal(a->linear.term, b->linear.term)) {
        value.linear = a->linear;
    }
    return value;
}

static bool is_param(const Linear *linear, uint32_t *out_param)
{
    if (!linear->known || linear->k != 0 || linear->term.kind != TERM_PARAM) {
        return false;
    }
    *out_param = (uint32_t)linear->term.id;
    return true;
}

// ---- values of expressions

// Whether the operator works on integers: not on a Float, nor through an
// instance that the user wrote. An undecided type counts as Integer.
static bool is_integer_operator(const Recursion *recursion, const Expr *expr)
{
    const Notes *notes = recursion->group->notes;
    uint32_t tag = expr->note; // the last of the chain
    while (tag >= NOTE_FIRST) {
        tag = notes->items.items[tag - NOTE_FIRST].next;
    }
    if (tag != ELAB_NONE) {
        return tag == ELAB_INT;
    }
    const Note *note = note_find(notes, expr->note, NOTE_EVIDENCE);
    return note == NULL || note->as.evidence.count == 0 ||
           note->as.evidence.items[0] == NULL ||
           note->as.evidence.items[0]->kind != EVIDENCE_INSTANCE;
}

static Linear linear_literal(const Expr *expr)
{
    Linear none = {.known = false};
    if (expr->kind == EXPR_INT && (expr->flags & EXPR_AS_FLOAT) == 0) {
        return (Linear){true, {TERM_NONE, 0}, expr->as.integer.value};
    }
    return none;
}

// a + b, or a - b; at most one of them with a term, and that one added.
static Linear linear_sum(Linear a, Linear b, bool subtract)
{
    Linear none = {.known = false};
    if (!a.known || !b.known ||
        (b.term.kind != TERM_NONE && (subtract || a.term.kind != TERM_NONE))) {
        return none;
    }
    Linear sum = {true, a.term.kind != TERM_NONE ? a.term : b.term, 0};
    bool overflow = subtract ? __builtin_sub_overflow(a.k, b.k, &sum.k)
                             : __builtin_add_overflow(a.k, b.k, &sum.k);
    return overflow ? none : sum;
}

static Extent extent_of_sum(Recursion *recursion, const Expr *expr)
{
    Extent value = extent_unknown();
    if (!is_integer_operator(recursion, expr)) {
        return value;
    }
    value.linear = extent_of(recursion, &expr->as.chain.operands[0]).linear;
    for (uint32_t i = 1; i < expr->as.chain.count && value.linear.known; i++) {
        const Expr *operand = &expr->as.chain.operands[i];
        value.linear =
            linear_sum(value.linear, extent_of(recursion, operand).linear,
                       operand->op == OP_SUB);
    }
    return value;
}

static Extent extent_of_product(Recursion *recursion, const Expr *expr)
{
    Extent value = extent_unknown();
    if (expr->as.chain.count != 2 || !is_integer_operator(recursion, expr)) {
        return value;
    }
    const Expr *right = &expr->as.chain.operands[1];
    Linear a = extent_of(recursion, &expr->as.chain.operands[0]).linear;
    Linear b = extent_of(recursion, right).linear;
    uint32_t param;
    if (right->op == OP_DIV && is_param(&a, &param) && b.known &&
        b.term.kind == TERM_NONE && b.k > 1) {
        value.quotient_of = param;
    }
    if (right->op == OP_REM) {
        value.remainder_of = is_param(&a, &param) ? param : NO_PARAM;
        value.remainder_by = is_param(&b, &param) ? param : NO_PARAM;
    }
    return value;
}

static Extent extent_of_chain(Recursion *recursion, const Expr *expr)
{
    switch ((Operator)expr->as.chain.operands[1].op) {
    case OP_ADD:
    case OP_SUB:
        return extent_of_sum(recursion, expr);
    case OP_MUL:
    case OP_DIV:
    case OP_REM:
        return extent_of_product(recursion, expr);
    case OP_NONE:
    case OP_PIPE:
    case OP_COALESCE:
    case OP_OR:
    case OP_AND:
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_APPEND:
    case OP_NEG:
    case OP_NOT:
        break;
    }
    return extent_unknown();
}

static Extent extent_of_name(Recursion *recursion, const NameRef *ref)
{
    if (ref->ref == REF_LOCAL && ref->index < recursion->local_count) {
        return recursion->locals[ref->index];
    }
    if (ref->ref == REF_GLOBAL) {
        // Told apart from locals by the high bit.
        uint64_t id = UINT64_C(1) << 63 | (uint64_t)ref->module << 32;
        return extent_constant(id | ref->index);
    }
    return extent_unknown();
}

Str totality_library_name(const Recursion *recursion, const Expr *callee)
{
    if (callee->kind != EXPR_NAME || callee->as.name.ref != REF_GLOBAL) {
        return STR("");
    }
    const Module *module = recursion->program->modules[callee->as.name.module];
    Symbol symbol = module->bindings[callee->as.name.index].name;
    return module->is_std && symbol != 0
               ? symbol_text(recursion->program->interner, symbol)
               : STR("");
}

// A result that is no larger than the list it is made from.
static bool shrinks(const Recursion *recursion, const Expr *callee,
                    uint32_t arg_count)
{
    static const struct {
        const char *name;
        uint32_t arg_count;
    } functions[] = {
        {"filter", 2}, {"reverse", 1}, {"head", 1},      {"tail", 1},
        {"last", 1},   {"init", 1},    {"take", 2},      {"drop", 2},
        {"sort", 1},   {"unique", 1},  {"takeWhile", 2}, {"dropWhile", 2},
    };
    Str name = totality_library_name(recursion, callee);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (arg_count == functions[i].arg_count &&
            str_equal(name, str_from_c(functions[i].name))) {
            return true;
        }
    }
    return false;
}

// ---- opaque expressions: applications of names to names

static bool same_opaque(const Expr *a, const Expr *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == EXPR_NAME) {
        return a->as.name.ref == b->as.name.ref &&
               a->as.name.module == b->as.name.module &&
               a->as.name.index == b->as.name.index;
    }
    if (a->kind != EXPR_CALL || a->as.call.count != b->as.call.count) {
        return false;
    }
    for (uint32_t i = 0; i < a->as.call.count; i++) {
        if (a->as.call.parts[i].kind != EXPR_NAME ||
            !same_opaque(&a->as.call.parts[i], &b->as.call.parts[i])) {
            return false;
        }
    }
    return true;
}

bool totality_is_param(const RecFunction *function, uint32_t param,
                       uint32_t local)
{
    const Param *own = function->params[param];
    return own->local == local || (own->pattern.kind == PATTERN_NAME &&
                                   own->pattern.as.name.local == local);
}

// A parameter under its own name, or a constant.
static bool is_opaque_local(Recursion *recursion, const NameRef *ref)
{
    const RecFunction *function = &recursion->functions[recursion->current];
    Extent value = extent_of_name(recursion, ref);
    if (value.function != 0 || !value.linear.known || value.linear.k != 0) {
        return false;
    }
    return value.linear.term.kind == TERM_CONST ||
           (value.linear.term.kind == TERM_PARAM &&
            value.linear.term.id < function->param_count &&
            totality_is_param(function, (uint32_t)value.linear.term.id,
                              ref->index));
}

// Whether all names in the call are globals outside of the recursion,
// methods, parameters of the function, or constants.
static bool is_opaque(Recursion *recursion, const Expr *expr)
{
    for (uint32_t i = 0; i < expr->as.call.count; i++) {
        const Expr *part = &expr->as.call.parts[i];
        if (part->kind != EXPR_NAME) {
            return false;
        }
        const NameRef *ref = &part->as.name;
        if (ref->ref == REF_LOCAL) {
            if (!is_opaque_local(recursion, ref)) {
                return false;
            }
        } else if (ref->ref == REF_GLOBAL) {
            const Binding *binding =
                program_binding(recursion->program, ref->module, ref->index);
            if (ref->module == recursion->module->id &&
                binding->group ==
                    (uint32_t)(recursion->group - recursion->module->groups)) {
                return false;
            }
        } else if (ref->ref != REF_METHOD) {
            return false;
        }
    }
    return true;
}

static Extent extent_of_opaque(Recursion *recursion, const Expr *expr)
{
    Extent value = extent_unknown();
    RecFunction *function = &recursion->functions[recursion->current];
    uint32_t at = 0;
    while (at < function->opaque_count &&
           !same_opaque(function->opaque[at], expr)) {
        at++;
    }
    if (at == TOTALITY_MAX_OPAQUE || !is_opaque(recursion, expr)) {
        return value;
    }
    if (at == function->opaque_count) {
        function->opaque[function->opaque_count++] = expr;
    }
    uint64_t id = (uint64_t)function->param_count + at;
    value.linear = (Linear){true, {TERM_PARAM, id}, 0};
    return value;
}

static Extent extent_of_call(Recursion *recursion, const Expr *expr)
{
    uint32_t count = expr->as.call.count;
    if (shrinks(recursion, &expr->as.call.parts[0], count - 1)) {
        Extent from = extent_of(recursion, &expr->as.call.parts[count - 1]);
        Extent value = extent_unknown();
        value.part_of = from.part_of;
        value.smaller = from.smaller;
        return value;
    }
    return extent_of_opaque(recursion, expr);
}

Extent extent_of_applied(const Recursion *recursion, const Expr *callee,
                         const Extent *last)
{
    Extent value = extent_unknown();
    bool is_call = callee->kind == EXPR_CALL;
    const Expr *head = is_call ? &callee->as.call.parts[0] : callee;
    if (shrinks(recursion, head, is_call ? callee->as.call.count : 1)) {
        value.part_of = last->part_of;
        value.smaller = last->smaller;
    }
    return value;
}

// [x for x in xs if ...] has some of the elements of xs.
static Extent extent_of_comprehension(Recursion *recursion,
                                      const Comprehension *comprehension)
{
    const Clause *first = &comprehension->clauses[0];
    const Expr *body = &comprehension->body;
    for (uint32_t i = 1; i < comprehension->count; i++) {
        if (!comprehension->clauses[i].is_filter) {
            return extent_unknown();
        }
    }
    bool same = body->kind == EXPR_NAME && body->as.name.ref == REF_LOCAL &&
                first->pattern.kind == PATTERN_NAME &&
                first->pattern.as.name.local == body->as.name.index;
    if (!same) {
        return extent_unknown();
    }
    Extent from = extent_of(recursion, &first->expr);
    Extent value = extent_unknown();
    value.part_of = from.part_of;
    value.smaller = from.smaller;
    return value;
}

Extent extent_of(Recursion *recursion, const Expr *expr)
{
    Extent value = extent_unknown();
    switch ((ExprKind)expr->kind) {
    case EXPR_NAME:
        value = extent_of_name(recursion, &expr->as.name);
        break;
    case EXPR_INT:
        value.linear = linear_literal(expr);
        break;
    case EXPR_UNARY:
        value.linear = linear_literal(expr->as.unary.operand);
        if (expr->as.unary.op != OP_NEG || !value.linear.known ||
            __builtin_sub_overflow(0, value.linear.k, &value.linear.k)) {
            value.linear.known = false;
        }
        break;
    case EXPR_CHAIN:
        value = extent_of_chain(recursion, expr);
        break;
    case EXPR_FIELD: {
        Extent record = extent_of(recursion, expr->as.field.record);
        value = extent_part(&record);
        break;
    }
    case EXPR_ANNOTATED:
        value = extent_of(recursion, expr->as.annotated.expr);
        break;
    case EXPR_CALL:
        value = extent_of_call(recursion, expr);
        break;
    case EXPR_COMPREHENSION:
        value = extent_of_comprehension(recursion, expr->as.comprehension);
        break;
    case EXPR_ERROR:
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_INTERPOLATION:
    case EXPR_CTOR:
    case EXPR_BUILTIN:
    case EXPR_TUPLE:
    case EXPR_LIST:
    case EXPR_RECORD:
    case EXPR_LAMBDA:
    case EXPR_LET:
    case EXPR_IF:
    case EXPR_MATCH:
        break;
    }
    if ((expr->flags & EXPR_WRAP_SOME) != 0) {
        return extent_unknown(); // one constructor larger
    }
    return value;
}
