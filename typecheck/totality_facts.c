// Facts of the path: what tests and patterns say of integers and lengths, and
// what follows from them.
#include "typecheck/totality_internal.h"

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

// `s == ""`: only what is empty has no length.
static void assume_empty(Recursion *recursion, Operator op, const Extent *a,
                         const Extent *b, bool holds)
{
    Linear nothing = linear_number(0);
    if (op != OP_EQ && op != OP_NE) {
        return;
    }
    Interval left = {a->length_low, a->length_high};
    Interval right = {b->length_low, b->length_high};
    bool is_empty =
        linear_equal(left.high, nothing) || linear_equal(right.high, nothing);
    if (is_empty && holds == (op == OP_EQ)) {
        facts_equal(recursion, &left, &right);
    } else if (is_empty) {
        facts_differ(recursion, &left, &right);
    }
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
        assume_empty(recursion, (Operator)operands[i].op, &left, &right, holds);
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
        facts_assume(recursion, &condition->as.annotated->expr, holds);
    }
}

// ---- what follows from facts

// A term of a fact against a term of a measure, constants left out.
static bool term_fits(Term fact, Term measure)
{
    return measure.kind == TERM_PARAM ? term_equal(fact, measure)
                                      : fact.kind != TERM_PARAM;
}

bool facts_bound(const Fact *facts, uint32_t count, Term plus, Term minus)
{
    if (term_is_length(plus) && minus.kind == TERM_NONE) {
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
        if (term_is_length(fact->minus) &&
            find_reached(reached, *count, none, &from)) {
            news |= reach(reached, count, fact->minus, from);
        }
    }
    Term none = {TERM_NONE, 0};
    if (term_is_length(goal) && find_reached(reached, *count, none, &from)) {
        news |= reach(reached, count, goal, from);
    }
    return news;
}

// Whether `plus - minus != number` is a fact.
bool facts_exclude(const Fact *facts, uint32_t count, Term plus, Term minus,
                   int64_t number)
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
                         facts_exclude(facts, count, plus, minus, least);
         i++) {
        least++;
    }
    return least;
}
