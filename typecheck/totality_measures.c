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

static bool contradicts(const Recursion *recursion, const Fact *fact)
{
    int64_t least = facts_least(recursion->facts.items, recursion->facts.count,
                                fact->minus, fact->plus);
    return fact->kind == FACT_AT_LEAST && least > fact->k;
}

static void add_fact(Recursion *recursion, FactKind kind, Linear plus,
                     Linear minus, int64_t k)
{
    Fact fact = {kind, plus.term, minus.term, 0};
    if (!plus.known || !minus.known ||
        recursion->facts.count == TOTALITY_MAX_FACTS ||
        __builtin_sub_overflow(plus.k, minus.k, &fact.k) ||
        __builtin_add_overflow(fact.k, k, &fact.k)) {
        return;
    }
    recursion->dead = recursion->dead || contradicts(recursion, &fact);
    if (fact.plus.kind == TERM_PARAM || fact.minus.kind == TERM_PARAM) {
        vec_push(&recursion->facts, fact);
    }
}

// What holds of the values holds of the bounds on their far sides.
void facts_at_least(Recursion *recursion, const Interval *plus,
                    const Interval *minus, int64_t k)
{
    add_fact(recursion, FACT_AT_LEAST, plus->high, minus->low, k);
}

void facts_differ(Recursion *recursion, const Interval *a, const Interval *b)
{
    if (linear_equal(a->low, a->high) && linear_equal(b->low, b->high)) {
        add_fact(recursion, FACT_DIFFERS, a->low, b->low, 0);
    }
}

void facts_equal(Recursion *recursion, const Interval *a, const Interval *b)
{
    facts_at_least(recursion, a, b, 0);
    facts_at_least(recursion, b, a, 0);
}

static void assume_comparison(Recursion *recursion, Operator op,
                              const Interval *left, const Interval *right,
                              bool holds)
{
    switch (op) {
    case OP_LT:
    case OP_GE:
        if (holds == (op == OP_LT)) {
            facts_at_least(recursion, right, left, -1);
        } else {
            facts_at_least(recursion, left, right, 0);
        }
        return;
    case OP_GT:
    case OP_LE:
        if (holds == (op == OP_GT)) {
            facts_at_least(recursion, left, right, -1);
        } else {
            facts_at_least(recursion, right, left, 0);
        }
        return;
    case OP_EQ:
    case OP_NE:
        if (holds == (op == OP_NE)) {
            facts_differ(recursion, left, right);
        } else {
            facts_equal(recursion, left, right);
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
    if (totality_is_written(recursion, chain->note)) {
        return;
    }
    // A chain that fails says nothing about its links.
    for (uint32_t i = 1; i < count && (holds || count == 2); i++) {
        Extent left = totality_glance(recursion, &operands[i - 1]);
        Extent right = totality_glance(recursion, &operands[i]);
        Interval before = {left.low, left.high};
        Interval after = {right.low, right.high};
        assume_comparison(recursion, (Operator)operands[i].op, &before, &after,
                          holds);
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

// ---- what follows from facts

static bool is_length(Term term)
{
    return term.kind == TERM_PARAM && (term.id & LENGTH_OF) != 0;
}

// A term of a fact against a term of a measure, constants left out.
static bool term_fits(Term fact, Term measure)
{
    return measure.kind == TERM_PARAM ? term_equal(fact, measure)
                                      : fact.kind != TERM_PARAM;
}

bool facts_bound(const Fact *facts, uint32_t count, Term plus, Term minus)
{
    if (is_length(plus) && minus.kind == TERM_NONE) {
        return true;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (facts[i].kind == FACT_AT_LEAST && term_fits(facts[i].plus, plus) &&
            term_fits(facts[i].minus, minus)) {
            return true;
        }
    }
    return facts_least(facts, count, plus, minus) != INT64_MIN;
}

// Steps between facts that are looked for.
#define MAX_STEPS 4
#define MAX_TERMS 32

typedef struct Reached {
    Term term;
    int64_t least; // term - start >= least
} Reached;

// Notes that `term - start >= least`; true when that is news.
static bool reach(Reached *reached, uint32_t *count, Term term, int64_t least)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (term_equal(reached[i].term, term)) {
            bool news = least > reached[i].least;
            reached[i].least = news ? least : reached[i].least;
            return news;
        }
    }
    if (*count < MAX_TERMS) {
        reached[(*count)++] = (Reached){term, least};
        return true;
    }
    return false;
}

static bool find_reached(const Reached *reached, uint32_t count, Term term,
                         int64_t *out_least)
{
    for (uint32_t i = 0; i < count; i++) {
        if (term_equal(reached[i].term, term)) {
            *out_least = reached[i].least;
            return true;
        }
    }
    return false;
}

// One step along every fact, and from nothing to the length `goal`.
static bool reach_on(const Fact *facts, uint32_t fact_count, Term goal,
                     Reached *reached, uint32_t *count)
{
    bool news = false;
    int64_t from;
    for (uint32_t i = 0; i < fact_count; i++) {
        const Fact *fact = &facts[i];
        int64_t least;
        if (fact->kind == FACT_AT_LEAST &&
            find_reached(reached, *count, fact->minus, &from) &&
            !__builtin_sub_overflow(from, fact->k, &least)) {
            news |= reach(reached, count, fact->plus, least);
        }
        Term none = {TERM_NONE, 0};
        if (is_length(fact->minus) &&
            find_reached(reached, *count, none, &from)) {
            news |= reach(reached, count, fact->minus, from);
        }
    }
    Term none = {TERM_NONE, 0};
    if (is_length(goal) && find_reached(reached, *count, none, &from)) {
        news |= reach(reached, count, goal, from);
    }
    return news;
}

// Whether `plus - minus != number` is a fact.
static bool is_excluded(const Fact *facts, uint32_t count, Term plus,
                        Term minus, int64_t number)
{
    for (uint32_t i = 0; i < count; i++) {
        const Fact *fact = &facts[i];
        if (fact->kind == FACT_DIFFERS && number != INT64_MIN &&
            ((term_equal(fact->plus, plus) && term_equal(fact->minus, minus) &&
              fact->k == -number) ||
             (term_equal(fact->plus, minus) && term_equal(fact->minus, plus) &&
              fact->k == number))) {
            return true;
        }
    }
    return false;
}

int64_t facts_least(const Fact *facts, uint32_t count, Term plus, Term minus)
{
    Reached reached[MAX_TERMS] = {{minus, 0}};
    uint32_t reached_count = 1;
    if (term_equal(plus, minus)) {
        return 0;
    }
    for (int i = 0;
         i < MAX_STEPS && reach_on(facts, count, plus, reached, &reached_count);
         i++) {
    }
    int64_t least;
    if (!find_reached(reached, reached_count, plus, &least)) {
        return INT64_MIN;
    }
    for (uint32_t i = 0; i < count && least < INT64_MAX &&
                         is_excluded(facts, count, plus, minus, least);
         i++) {
        least++;
    }
    return least;
}

// The largest m for which `sign * param >= m` is known; INT64_MIN when none.
static int64_t lower_bound(const RecCall *call, uint32_t param, bool negated)
{
    Term term = {TERM_PARAM, param};
    Term none = {TERM_NONE, 0};
    return facts_least(call->facts, call->fact_count, negated ? none : term,
                       negated ? term : none);
}

static bool is_nonzero(const RecCall *call, uint32_t param)
{
    Term term = {TERM_PARAM, param};
    Term none = {TERM_NONE, 0};
    return is_excluded(call->facts, call->fact_count, term, none, 0) ||
           lower_bound(call, param, false) >= 1 ||
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

// Whether some list gets shorter by its length, not only as a part.
static bool lengths_fall(const Recursion *recursion)
{
    for (uint32_t i = 0; i < recursion->calls.count; i++) {
        const RecCall *call = &recursion->calls.items[i];
        uint32_t count = recursion->functions[call->callee].param_count;
        for (uint32_t j = 0; j < count; j++) {
            Linear length = call->args[j].length_high;
            if (length.known && is_length(length.term) && length.k < 0) {
                return true;
            }
        }
    }
    return false;
}

static void collect_lengths(Recursion *recursion)
{
    for (uint32_t i = 0; i < recursion->calls.count; i++) {
        const RecCall *call = &recursion->calls.items[i];
        RecFunction *callee = &recursion->functions[call->callee];
        for (uint32_t j = 0; j < callee->param_count; j++) {
            Linear length = call->args[j].length_high;
            if (length.known && is_length(length.term) && length.k <= 0) {
                add_measure(callee, MEASURE_DOWN, LENGTH_OF | j, 0);
                add_measure(&recursion->functions[call->caller], MEASURE_DOWN,
                            (uint32_t)length.term.id, 0);
            }
        }
    }
}

void measures_collect(Recursion *recursion)
{
    if (lengths_fall(recursion)) {
        collect_lengths(recursion);
    }
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
static Interval opaque_argument(const Recursion *recursion, const RecCall *call,
                                uint32_t param)
{
    Interval none = {{.known = false}, {.known = false}};
    const RecFunction *function = &recursion->functions[call->callee];
    if (call->caller != call->callee) {
        return none;
    }
    const Expr *expr = function->opaque[param - function->param_count];
    for (uint32_t i = 0; i < expr->as.call.count; i++) {
        const NameRef *ref = &expr->as.call.parts[i].as.name;
        for (uint32_t j = 0; ref->ref == REF_LOCAL && j < function->param_count;
             j++) {
            Linear passed = extent_exact(&call->args[j]);
            if (totality_is_param(function, j, ref->index) &&
                !(passed.known && passed.k == 0 &&
                  passed.term.kind == TERM_PARAM && passed.term.id == j)) {
                return none;
            }
        }
    }
    Linear same = {true, {TERM_PARAM, param}, 0};
    return (Interval){same, same};
}

// What the call gives an integer of the callee: a parameter, the length of
// one, or an opaque expression.
static Interval argument(const Recursion *recursion, const RecCall *call,
                         uint32_t param)
{
    if ((param & LENGTH_OF) != 0) {
        const Extent *list = &call->args[param & ~LENGTH_OF];
        return (Interval){list->length_low, list->length_high};
    }
    if (param < recursion->functions[call->callee].param_count) {
        return (Interval){call->args[param].low, call->args[param].high};
    }
    return opaque_argument(recursion, call, param);
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
    Linear plus = linear_number(0);
    Linear minus = plus;
    if (to->kind != MEASURE_UP) {
        plus = argument(recursion, call, to->first).high;
    }
    if (to->kind != MEASURE_DOWN) {
        minus = argument(recursion, call, to->second).low;
    }
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
    Linear linear = extent_exact(arg);
    if (!linear.known || linear.term.kind != TERM_PARAM ||
        linear.term.id != from) {
        return ARC_NONE;
    }
    if (linear.k == 0) {
        return ARC_EQUAL;
    }
    // Towards zero and not beyond it.
    bool down = linear.k < 0 && linear.k != INT64_MIN &&
                lower_bound(call, from, false) >= -linear.k;
    bool up = linear.k > 0 && lower_bound(call, from, true) >= linear.k;
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
    bool has_quotient = from->kind == MEASURE_DOWN &&
                        to->kind == MEASURE_DOWN &&
                        (to->first & LENGTH_OF) == 0;
    if (arc == ARC_NONE && has_quotient) {
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
