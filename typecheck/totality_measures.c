// Facts of the path, and what is measured of arguments.
//
// A measure is well-founded along a thread of calls: sizes and absolute
// values by nature; a difference of integers because it counts as falling
// only where a test holds it above a bound, the bounds being constants of the
// recursion and finitely many, so that the least of them bounds it always.
// Arithmetic that overflows stops the evaluation, so integers do not wrap.
#include "typecheck/totality_private.h"

// Beyond this many parameters only distances that a test mentions are
// measured.
#define MAX_ALL_GAPS 3
// Beyond this many parameters only sizes are measured.
#define MAX_INTEGERS 12
#define MAX_MEASURES 64

// ---- facts

void facts_add(Recursion *recursion, FactKind kind, Linear plus, Linear minus,
               int64_t k)
{
    Fact fact = {kind, plus.term, minus.term, 0};
    if (!plus.known || !minus.known ||
        recursion->facts.count == TOTALITY_MAX_FACTS ||
        __builtin_sub_overflow(plus.k, minus.k, &fact.k) ||
        __builtin_add_overflow(fact.k, k, &fact.k)) {
        return;
    }
    if (fact.plus.kind == TERM_PARAM || fact.minus.kind == TERM_PARAM) {
        vec_push(&recursion->facts, fact);
    }
}

static void assume_comparison(Recursion *recursion, Operator op, Linear left,
                              Linear right, bool holds)
{
    switch (op) {
    case OP_LT:
    case OP_GE:
        if (holds == (op == OP_LT)) {
            facts_add(recursion, FACT_AT_LEAST, right, left, -1);
        } else {
            facts_add(recursion, FACT_AT_LEAST, left, right, 0);
        }
        return;
    case OP_GT:
    case OP_LE:
        if (holds == (op == OP_GT)) {
            facts_add(recursion, FACT_AT_LEAST, left, right, -1);
        } else {
            facts_add(recursion, FACT_AT_LEAST, right, left, 0);
        }
        return;
    case OP_EQ:
    case OP_NE:
        if (holds == (op == OP_NE)) {
            facts_add(recursion, FACT_DIFFERS, left, right, 0);
        } else {
            facts_add(recursion, FACT_AT_LEAST, left, right, 0);
            facts_add(recursion, FACT_AT_LEAST, right, left, 0);
        }
        return;
    case OP_NONE:
    case OP_PIPE:
    case OP_COALESCE:
    case OP_OR:
    case OP_AND:
    case OP_APPEND:
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_REM:
    case OP_NEG:
    case OP_NOT:
        return;
    }
    UNREACHABLE();
}

static void assume_chain(Recursion *recursion, const Expr *chain, bool holds)
{
    const Expr *operands = chain->as.chain.operands;
    uint32_t count = chain->as.chain.count;
    Operator op = (Operator)operands[1].op;
    if (op == OP_AND || op == OP_OR) {
        // Every operand of a true && holds, of a false || fails.
        for (uint32_t i = 0; i < count && holds == (op == OP_AND); i++) {
            facts_assume(recursion, &operands[i], holds);
        }
        return;
    }
    // A chain that fails says nothing about its links.
    for (uint32_t i = 1; i < count && (holds || count == 2); i++) {
        assume_comparison(recursion, (Operator)operands[i].op,
                          extent_of(recursion, &operands[i - 1]).linear,
                          extent_of(recursion, &operands[i]).linear, holds);
    }
}

void facts_assume(Recursion *recursion, const Expr *condition, bool holds)
{
    if (condition->kind == EXPR_UNARY && condition->as.unary.op == OP_NOT) {
        facts_assume(recursion, condition->as.unary.operand, !holds);
    } else if (condition->kind == EXPR_CHAIN) {
        assume_chain(recursion, condition, holds);
    } else if (condition->kind == EXPR_ANNOTATED) {
        facts_assume(recursion, condition->as.annotated.expr, holds);
    }
}

// A term of a fact against a term of a measure, constants left out.
static bool term_fits(Term fact, Term measure)
{
    return measure.kind == TERM_PARAM ? term_equal(fact, measure)
                                      : fact.kind != TERM_PARAM;
}

bool facts_bound(const Fact *facts, uint32_t count, Term plus, Term minus)
{
    for (uint32_t i = 0; i < count; i++) {
        if (facts[i].kind == FACT_AT_LEAST && term_fits(facts[i].plus, plus) &&
            term_fits(facts[i].minus, minus)) {
            return true;
        }
    }
    return false;
}

// The largest m for which `sign * param >= m` is known; INT64_MIN when none.
static int64_t lower_bound(const RecCall *call, uint32_t param, bool negated)
{
    Term term = {TERM_PARAM, param};
    Term none = {TERM_NONE, 0};
    int64_t best = INT64_MIN;
    for (uint32_t i = 0; i < call->fact_count; i++) {
        const Fact *fact = &call->facts[i];
        if (fact->kind == FACT_AT_LEAST && fact->k != INT64_MIN &&
            term_equal(fact->plus, negated ? none : term) &&
            term_equal(fact->minus, negated ? term : none) && -fact->k > best) {
            best = -fact->k;
        }
    }
    return best;
}

static bool is_nonzero(const RecCall *call, uint32_t param)
{
    Term term = {TERM_PARAM, param};
    for (uint32_t i = 0; i < call->fact_count; i++) {
        const Fact *fact = &call->facts[i];
        bool is_it =
            (term_equal(fact->plus, term) && fact->minus.kind == TERM_NONE) ||
            (term_equal(fact->minus, term) && fact->plus.kind == TERM_NONE);
        if (fact->kind == FACT_DIFFERS && fact->k == 0 && is_it) {
            return true;
        }
    }
    return lower_bound(call, param, false) >= 1 ||
           lower_bound(call, param, true) >= 1;
}

// ---- measures

static void add_measure(RecFunction *function, MeasureKind kind, uint32_t first,
                        uint32_t second)
{
    for (uint32_t i = 0; i < function->measures.count; i++) {
        const Measure *known = &function->measures.items[i];
        if (known->kind == kind && known->first == first &&
            known->second == second) {
            return;
        }
    }
    if (function->measures.count < MAX_MEASURES || kind == MEASURE_SIZE) {
        Measure measure = {kind, first, second};
        vec_push(&function->measures, measure);
    }
}

static void collect_of_function(RecFunction *function)
{
    uint32_t count = function->param_count;
    for (uint32_t i = 0; i < count; i++) {
        add_measure(function, MEASURE_SIZE, i, 0);
    }
    for (uint32_t i = 0; i < count && count <= MAX_INTEGERS; i++) {
        add_measure(function, MEASURE_DOWN, i, 0);
        add_measure(function, MEASURE_UP, 0, i);
        add_measure(function, MEASURE_ABS, i, 0);
        for (uint32_t j = 0; j < count && count <= MAX_ALL_GAPS; j++) {
            if (i != j) {
                add_measure(function, MEASURE_GAP, i, j);
            }
        }
    }
}

void measures_collect(Recursion *recursion)
{
    for (uint32_t i = 0; i < recursion->function_count; i++) {
        collect_of_function(&recursion->functions[i]);
    }
    for (uint32_t i = 0; i < recursion->calls.count; i++) {
        const RecCall *call = &recursion->calls.items[i];
        RecFunction *caller = &recursion->functions[call->caller];
        for (uint32_t f = 0; f < call->fact_count; f++) {
            const Fact *fact = &call->facts[f];
            if (fact->plus.kind == TERM_PARAM &&
                fact->minus.kind == TERM_PARAM &&
                fact->plus.id != fact->minus.id) {
                add_measure(caller, MEASURE_GAP, (uint32_t)fact->plus.id,
                            (uint32_t)fact->minus.id);
            }
        }
    }
}

// An opaque expression stays the same in a call of the function by itself
// that passes on the parameters in it.
static Linear opaque_argument(const Recursion *recursion, const RecCall *call,
                              uint32_t param)
{
    Linear none = {.known = false};
    const RecFunction *function = &recursion->functions[call->callee];
    if (call->caller != call->callee) {
        return none;
    }
    const Expr *expr = function->opaque[param - function->param_count];
    for (uint32_t i = 0; i < expr->as.call.count; i++) {
        const NameRef *ref = &expr->as.call.parts[i].as.name;
        for (uint32_t j = 0; ref->ref == REF_LOCAL && j < function->param_count;
             j++) {
            const Linear *passed = &call->args[j].linear;
            if (totality_is_param(function, j, ref->index) &&
                !(passed->known && passed->k == 0 &&
                  passed->term.kind == TERM_PARAM && passed->term.id == j)) {
                return none;
            }
        }
    }
    return (Linear){true, {TERM_PARAM, param}, 0};
}

static Linear argument(const Recursion *recursion, const RecCall *call,
                       uint32_t param)
{
    return param < recursion->functions[call->callee].param_count
               ? call->args[param].linear
               : opaque_argument(recursion, call, param);
}

static SizeArc relate_size(const RecCall *call, uint32_t from, uint32_t to)
{
    const Extent *arg = &call->args[to];
    if (arg->part_of != from) {
        return ARC_NONE;
    }
    return arg->smaller ? ARC_LESS : ARC_EQUAL;
}

// Two differences of integers: of the callee's with its arguments put in, and
// of the caller's.
static SizeArc relate_linear(const Recursion *recursion, const RecCall *call,
                             const Measure *from, const Measure *to)
{
    Linear zero = {.known = true};
    Linear plus =
        to->kind != MEASURE_UP ? argument(recursion, call, to->first) : zero;
    Linear minus =
        to->kind != MEASURE_DOWN ? argument(recursion, call, to->second) : zero;
    Term none = {TERM_NONE, 0};
    Term first =
        from->kind != MEASURE_UP ? (Term){TERM_PARAM, from->first} : none;
    Term second =
        from->kind != MEASURE_DOWN ? (Term){TERM_PARAM, from->second} : none;
    int64_t change;
    if (!plus.known || !minus.known || !term_equal(plus.term, first) ||
        !term_equal(minus.term, second) ||
        __builtin_sub_overflow(plus.k, minus.k, &change) || change > 0) {
        return ARC_NONE;
    }
    bool falls =
        change < 0 && facts_bound(call->facts, call->fact_count, first, second);
    return falls ? ARC_LESS : ARC_EQUAL;
}

static SizeArc relate_quotient(const RecCall *call, uint32_t from, uint32_t to)
{
    if (call->args[to].quotient_of != from) {
        return ARC_NONE;
    }
    int64_t low = lower_bound(call, from, false);
    return low >= 1 ? ARC_LESS : low >= 0 ? ARC_EQUAL : ARC_NONE;
}

static SizeArc relate_abs(const RecCall *call, uint32_t from, uint32_t to)
{
    const Extent *arg = &call->args[to];
    if (arg->remainder_by == from) {
        return ARC_LESS; // by zero there is no remainder
    }
    if (arg->remainder_of == from) {
        return ARC_EQUAL;
    }
    if (arg->quotient_of == from) {
        return is_nonzero(call, from) ? ARC_LESS : ARC_EQUAL;
    }
    const Linear *linear = &arg->linear;
    if (!linear->known || linear->term.kind != TERM_PARAM ||
        linear->term.id != from) {
        return ARC_NONE;
    }
    if (linear->k == 0) {
        return ARC_EQUAL;
    }
    // Towards zero and not beyond it.
    bool down = linear->k < 0 && linear->k != INT64_MIN &&
                lower_bound(call, from, false) >= -linear->k;
    bool up = linear->k > 0 && lower_bound(call, from, true) >= linear->k;
    return down || up ? ARC_LESS : ARC_NONE;
}

static SizeArc relate(const Recursion *recursion, const RecCall *call,
                      const Measure *from, const Measure *to)
{
    if (from->kind == MEASURE_SIZE || to->kind == MEASURE_SIZE) {
        return from->kind == to->kind
                   ? relate_size(call, from->first, to->first)
                   : ARC_NONE;
    }
    if (from->kind == MEASURE_ABS || to->kind == MEASURE_ABS) {
        return from->kind == to->kind ? relate_abs(call, from->first, to->first)
                                      : ARC_NONE;
    }
    SizeArc arc = relate_linear(recursion, call, from, to);
    if (arc == ARC_NONE && from->kind == MEASURE_DOWN &&
        to->kind == MEASURE_DOWN) {
        arc = relate_quotient(call, from->first, to->first);
    }
    return arc;
}

uint8_t *measures_relate(Recursion *recursion, const RecCall *call)
{
    const RecFunction *caller = &recursion->functions[call->caller];
    const RecFunction *callee = &recursion->functions[call->callee];
    size_t columns = callee->measures.count;
    uint8_t *arcs =
        arena_zalloc(&recursion->arena, caller->measures.count * columns + 1);
    for (uint32_t i = 0; i < caller->measures.count; i++) {
        for (uint32_t j = 0; j < columns; j++) {
            arcs[i * columns + j] =
                (uint8_t)relate(recursion, call, &caller->measures.items[i],
                                &callee->measures.items[j]);
        }
    }
    return arcs;
}
