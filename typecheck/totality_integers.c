// Bounds of integers: each is a parameter plus a number, or a number, so that
// the facts of the path and these make a difference-bound matrix (Dill,
// "Timing assumptions and verification of finite-state concurrent systems",
// 1989). Arithmetic that overflows stops the evaluation, so integers do not
// wrap, and an addition that overflows here leaves no bound.
#include "typecheck/totality_internal.h"

Linear linear_number(int64_t k)
{
    return (Linear){true, {TERM_NONE, 0}, k};
}

static const Term no_term = {TERM_NONE, 0};
static const Linear unbounded = {.known = false};

int64_t linear_least(const Recursion *recursion, Linear low)
{
    if (!low.known) {
        return INT64_MIN;
    }
    int64_t least = facts_least(recursion->facts.items, recursion->facts.count,
                                low.term, no_term);
    if (least == INT64_MIN || __builtin_add_overflow(least, low.k, &least)) {
        return INT64_MIN;
    }
    return least;
}

// The smallest m that the integer is known not to rise above; INT64_MAX when
// none.
static int64_t linear_most(const Recursion *recursion, Linear high)
{
    if (!high.known) {
        return INT64_MAX;
    }
    int64_t least = facts_least(recursion->facts.items, recursion->facts.count,
                                no_term, high.term);
    int64_t most;
    if (least == INT64_MIN || __builtin_sub_overflow(high.k, least, &most)) {
        return INT64_MAX;
    }
    return most;
}

Linear linear_plus(Linear linear, int64_t k)
{
    if (linear.known && __builtin_add_overflow(linear.k, k, &linear.k)) {
        linear.known = false;
    }
    return linear;
}

Linear linear_sum(Linear a, Linear b)
{
    if (!a.known || !b.known ||
        (a.term.kind != TERM_NONE && b.term.kind != TERM_NONE)) {
        return unbounded;
    }
    return a.term.kind != TERM_NONE ? linear_plus(a, b.k) : linear_plus(b, a.k);
}

static Linear linear_minus(Linear linear, int64_t k)
{
    if (linear.known && __builtin_sub_overflow(linear.k, k, &linear.k)) {
        linear.known = false;
    }
    return linear;
}

int64_t linear_least_difference(const Recursion *recursion, Linear a, Linear b)
{
    if (!a.known || !b.known) {
        return INT64_MIN;
    }
    int64_t least = facts_least(recursion->facts.items, recursion->facts.count,
                                a.term, b.term);
    if (least == INT64_MIN || __builtin_add_overflow(least, a.k, &least) ||
        __builtin_sub_overflow(least, b.k, &least)) {
        return INT64_MIN;
    }
    return least;
}

// ---- sums

static Linear add_high(const Recursion *recursion, Linear a, Linear b)
{
    if (!a.known || !b.known) {
        return unbounded;
    }
    int64_t most = linear_most(recursion, b);
    if (most != INT64_MAX) {
        return linear_plus(a, most);
    }
    most = linear_most(recursion, a);
    return most != INT64_MAX ? linear_plus(b, most) : unbounded;
}

static Linear add_low(const Recursion *recursion, Linear a, Linear b)
{
    if (!a.known || !b.known) {
        return unbounded;
    }
    int64_t least = linear_least(recursion, b);
    if (least != INT64_MIN) {
        return linear_plus(a, least);
    }
    least = linear_least(recursion, a);
    return least != INT64_MIN ? linear_plus(b, least) : unbounded;
}

// An upper bound of a - b; of several, one that names a parameter.
static Linear subtract_high(const Recursion *recursion, Linear a, Linear b_low)
{
    int64_t least = linear_least(recursion, b_low);
    if (a.known && least != INT64_MIN && !term_equal(a.term, b_low.term)) {
        return linear_minus(a, least);
    }
    least = linear_least_difference(recursion, b_low, a);
    return least != INT64_MIN && least != INT64_MIN + 1 ? linear_number(-least)
                                                        : unbounded;
}

static Linear subtract_low(const Recursion *recursion, Linear a, Linear b_high)
{
    int64_t most = linear_most(recursion, b_high);
    if (a.known && most != INT64_MAX && !term_equal(a.term, b_high.term)) {
        return linear_minus(a, most);
    }
    int64_t least = linear_least_difference(recursion, a, b_high);
    return least != INT64_MIN ? linear_number(least) : unbounded;
}

static Extent combine(const Recursion *recursion, const Extent *a,
                      const Extent *b, bool subtract)
{
    Extent value = extent_unknown();
    value.tiny = true;
    if (a->never || b->never) {
        return extent_never();
    }
    if (subtract) {
        value.high = subtract_high(recursion, a->high, b->low);
        value.low = subtract_low(recursion, a->low, b->high);
    } else {
        value.high = add_high(recursion, a->high, b->high);
        value.low = add_low(recursion, a->low, b->low);
    }
    return value;
}

// ---- middles

static bool is_chain_of_two(const Expr *expr, Operator op)
{
    return expr->kind == EXPR_CHAIN && expr->as.chain.count == 2 &&
           expr->as.chain.operands[1].op == op;
}

// Something half-way or less from x to y, where x <= y.
static bool between(const Recursion *recursion, Linear x, Linear y,
                    bool below_y, Extent *out_value)
{
    int64_t apart = linear_least_difference(recursion, y, x);
    if (apart < 0) { // INT64_MIN too
        return false;
    }
    *out_value = extent_unknown();
    out_value->tiny = true;
    out_value->low = x;
    out_value->high = apart >= 1 && below_y ? linear_minus(y, 1) : y;
    return true;
}

// (x + y) / 2: `/` truncates towards zero, so that of -1 and 0 it is 0.
static bool middle_of_sum(Recursion *recursion, const Expr *sum,
                          const Extent *divisor, Extent *out_value)
{
    if (!is_chain_of_two(sum, OP_ADD) || !divisor->low.known ||
        !linear_equal(extent_exact(divisor), linear_number(2))) {
        return false;
    }
    Extent left = totality_glance(recursion, &sum->as.chain.operands[0]);
    Extent right = totality_glance(recursion, &sum->as.chain.operands[1]);
    Linear x = extent_exact(&left);
    Linear y = extent_exact(&right);
    return between(recursion, x, y, linear_least(recursion, x) >= 0,
                   out_value) ||
           between(recursion, y, x, linear_least(recursion, y) >= 0, out_value);
}

// x + (y - x) / k
static bool middle_of_gap(Recursion *recursion, const Expr *chain,
                          const Extent *left, Extent *out_value)
{
    const Expr *part = &chain->as.chain.operands[1];
    if (!is_chain_of_two(chain, OP_ADD) || !is_chain_of_two(part, OP_DIV) ||
        !is_chain_of_two(&part->as.chain.operands[0], OP_SUB)) {
        return false;
    }
    const Expr *gap = part->as.chain.operands[0].as.chain.operands;
    Extent end = totality_glance(recursion, &gap[0]);
    Extent start = totality_glance(recursion, &gap[1]);
    Extent by = totality_glance(recursion, &part->as.chain.operands[1]);
    Linear x = extent_exact(left);
    Linear divisor = extent_exact(&by);
    return x.known && linear_equal(x, extent_exact(&start)) && divisor.known &&
           divisor.term.kind == TERM_NONE && divisor.k > 1 &&
           between(recursion, x, extent_exact(&end), true, out_value);
}

// ---- quotients and remainders

static bool is_param(Linear linear, uint32_t *out_param)
{
    if (!linear.known || linear.k != 0 || linear.term.kind != TERM_PARAM) {
        return false;
    }
    *out_param = (uint32_t)linear.term.id;
    return true;
}

static Linear divide_number(int64_t number, int64_t none, int64_t by)
{
    return number == none ? unbounded : linear_number(number / by);
}

static Extent quotient(const Recursion *recursion, const Extent *a,
                       const Extent *b)
{
    Extent value = extent_unknown();
    value.tiny = true;
    Linear by = extent_exact(b);
    if (!by.known || by.term.kind != TERM_NONE || by.k <= 1) {
        return value;
    }
    uint32_t param;
    if (is_param(extent_exact(a), &param)) {
        value.quotient_of = param;
    }
    int64_t least = linear_least(recursion, a->low);
    value.low = divide_number(least, INT64_MIN, by.k);
    if (least >= 0 && a->high.known && a->high.term.kind != TERM_NONE) {
        value.high = least >= 1 ? linear_minus(a->high, 1) : a->high;
    } else {
        value.high =
            divide_number(linear_most(recursion, a->high), INT64_MAX, by.k);
    }
    return value;
}

static Extent remainder_of(const Recursion *recursion, const Extent *a,
                           const Extent *b)
{
    Extent value = extent_unknown();
    value.tiny = true;
    uint32_t param;
    if (is_param(extent_exact(a), &param)) {
        value.remainder_of = param;
    }
    if (is_param(extent_exact(b), &param)) {
        value.remainder_by = param;
    }
    // Its sign is that of a; |a % b| < |b|.
    bool positive = linear_least(recursion, b->low) >= 1;
    if (linear_least(recursion, a->low) >= 0) {
        value.low = linear_number(0);
    }
    value.high = positive ? linear_minus(b->high, 1) : unbounded;
    return value;
}

// Whether the operator works on integers: not on a Float, nor through an
// instance that the user wrote. An undecided type counts as Integer.
static bool is_integer_operator(const Recursion *recursion, const Expr *expr)
{
    const Notes *notes = &recursion->here->notes;
    uint32_t tag = note_tag(notes, expr->note);
    if (tag != ELAB_NONE) {
        return tag == ELAB_INT;
    }
    const Note *note = note_find(notes, expr->note, NOTE_EVIDENCE);
    return note == NULL || note->as.evidence.count == 0 ||
           note->as.evidence.items[0] == NULL ||
           note->as.evidence.items[0]->kind != EVIDENCE_INSTANCE;
}

Extent extent_of_arithmetic(Recursion *recursion, const Expr *chain,
                            const Extent *values)
{
    Extent value = extent_unknown();
    value.is_float =
        note_tag(&recursion->here->notes, chain->note) == ELAB_FLOAT;
    if (!is_integer_operator(recursion, chain) ||
        middle_of_gap(recursion, chain, &values[0], &value)) {
        return value;
    }
    const Expr *operands = chain->as.chain.operands;
    value = values[0];
    for (uint32_t i = 1; i < chain->as.chain.count; i++) {
        Extent left = value;
        Operator op = (Operator)operands[i].op;
        if (op == OP_ADD || op == OP_SUB) {
            value = combine(recursion, &left, &values[i], op == OP_SUB);
        } else if (op == OP_REM) {
            value = remainder_of(recursion, &left, &values[i]);
        } else if (op != OP_DIV) {
            value = extent_unknown();
            value.tiny = true;
        } else if (i > 1 || !middle_of_sum(recursion, &operands[0], &values[i],
                                           &value)) {
            value = quotient(recursion, &left, &values[i]);
        }
    }
    return value;
}

Extent extent_negated(const Extent *value)
{
    Extent result = extent_unknown();
    Linear exact = extent_exact(value);
    result.tiny = true;
    if (exact.known && exact.term.kind == TERM_NONE && exact.k != INT64_MIN) {
        result.low = result.high = linear_number(-exact.k);
    }
    return result;
}
