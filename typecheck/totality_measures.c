// What is measured of arguments.
//
// A measure is well-founded along a thread of calls: sizes and absolute
// values by nature; a difference of integers because it counts as falling
// only where a test holds it above a bound, the bounds being constants of the
// recursion and finitely many, so that the least of them bounds it always.
// Arithmetic that overflows stops the evaluation, so integers do not wrap.
#include "typecheck/totality_internal.h"

// Beyond this many parameters only distances that a test mentions are
// measured.
#define MAX_ALL_GAPS 3
// Beyond this many parameters only sizes are measured.
#define MAX_INTEGERS 12
#define MAX_MEASURES 64
// Calls through which measures of places are passed on.
#define MAX_ROUNDS 8

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
    return facts_exclude(call->facts, call->fact_count, term, none, 0) ||
           lower_bound(call, param, false) >= 1 ||
           lower_bound(call, param, true) >= 1;
}

// ---- measures

// The parameter or place that the term is of.
static uint32_t place_of_term(Term term)
{
    return term.kind == TERM_PARAM ? (uint32_t)term.id & ~LENGTH_OF : NO_PARAM;
}

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
    if (function->measures.count < MAX_MEASURES) {
        Measure measure = {kind, first, second};
        vec_push(&function->measures, measure);
    }
}

static void collect_of_function(RecFunction *function)
{
    uint32_t count = function->param_count;
    for (uint32_t i = 0; i < count && !function->has_sizes; i++) {
        Measure size = {MEASURE_SIZE, i, 0};
        vec_push(&function->measures, size);
    }
    function->has_sizes = true;
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

// By how much a list gets longer at least, or shorter: its length in terms of
// another's. False where that is not known.
static bool length_change(const Extent *list, bool falls, Linear *out_length)
{
    Linear length = falls ? list->length_high : list->length_low;
    *out_length = length;
    return length.known && term_is_length(length.term) &&
           !place_is(place_of_term(length.term)) &&
           (falls ? length.k <= 0 : length.k >= 0);
}

// Whether some list gets shorter by its length, not only as a part, or longer.
static bool lengths_change(const Recursion *recursion, bool fall)
{
    for (uint32_t i = 0; i < recursion->calls.count; i++) {
        const RecCall *call = &recursion->calls.items[i];
        uint32_t count = recursion->functions[call->callee].param_count;
        for (uint32_t j = 0; j < count; j++) {
            Linear length;
            if (length_change(&call->args[j], fall, &length) && length.k != 0) {
                return true;
            }
        }
    }
    return false;
}

static void add_length(RecFunction *function, bool falls, uint32_t id)
{
    add_measure(function, falls ? MEASURE_DOWN : MEASURE_UP, falls ? id : 0,
                falls ? 0 : id);
}

static void collect_lengths(Recursion *recursion, bool fall)
{
    for (uint32_t i = 0; i < recursion->calls.count; i++) {
        const RecCall *call = &recursion->calls.items[i];
        RecFunction *callee = &recursion->functions[call->callee];
        for (uint32_t j = 0; j < callee->param_count; j++) {
            Linear length;
            if (length_change(&call->args[j], fall, &length)) {
                add_length(callee, fall, LENGTH_OF | j);
                add_length(&recursion->functions[call->caller], fall,
                           (uint32_t)length.term.id);
            }
        }
    }
}

// ---- measures of places

static void add_integers(RecFunction *function, uint32_t id)
{
    add_measure(function, MEASURE_DOWN, id, 0);
    add_measure(function, MEASURE_UP, 0, id);
    if ((id & LENGTH_OF) == 0) {
        add_measure(function, MEASURE_ABS, id, 0);
    }
}

static void add_term(RecFunction *function, Linear linear)
{
    if (linear.known && linear.term.kind == TERM_PARAM &&
        place_is(place_of_term(linear.term))) {
        add_integers(function, (uint32_t)linear.term.id);
    }
}

static void add_size(RecFunction *function, uint32_t id)
{
    if (place_is(id)) {
        add_measure(function, MEASURE_SIZE, id, 0);
    }
}

static bool is_param(Linear linear)
{
    return linear.known && linear.term.kind == TERM_PARAM;
}

// What speaks of places in a value that the callee gets as `id`.
static void collect_of_value(Recursion *recursion, const RecCall *call,
                             const Extent *value, uint32_t id)
{
    RecFunction *caller = &recursion->functions[call->caller];
    RecFunction *callee = &recursion->functions[call->callee];
    add_size(caller, value->part_of);
    add_term(caller, value->low);
    add_term(caller, value->high);
    add_term(caller, value->length_high);
    if (value->part_of != NO_PARAM || value->sum != NULL) {
        add_size(callee, id);
    }
    if (place_is(id) && (is_param(value->low) || is_param(value->high))) {
        add_integers(callee, id);
    }
    if (place_is(id) && is_param(value->length_high)) {
        add_measure(callee, MEASURE_DOWN, LENGTH_OF | id, 0);
    }
    add_size(caller, sum_whole(recursion, value->sum));
    for (uint32_t i = 0; i < value->item_count; i++) {
        uint32_t item = place_step(recursion, id, extent_item_step(value, i));
        if (item != NO_PARAM) {
            collect_of_value(recursion, call, &value->items[i], item);
        }
    }
}

// Measures of parts of what is passed on as it is, under `id`.
static void pass_on(Recursion *recursion, const RecCall *call,
                    const Extent *value, uint32_t id)
{
    RecFunction *caller = &recursion->functions[call->caller];
    RecFunction *callee = &recursion->functions[call->callee];
    uint32_t exact = place_exact(recursion, value);
    uint32_t count = exact != NO_PARAM ? caller->measures.count : 0;
    for (uint32_t i = 0; i < count; i++) {
        Measure measure = caller->measures.items[i];
        uint32_t *side =
            measure.kind == MEASURE_UP ? &measure.second : &measure.first;
        uint32_t part = *side & ~LENGTH_OF;
        if (measure.kind == MEASURE_GAP || part == exact ||
            !place_within(recursion, part, exact)) {
            continue;
        }
        uint32_t moved = place_move(recursion, part, exact, id);
        if (moved != NO_PARAM) {
            *side = moved | (*side & LENGTH_OF);
            add_measure(callee, measure.kind, measure.first, measure.second);
        }
    }
    for (uint32_t i = 0; i < value->item_count; i++) {
        uint32_t item = place_step(recursion, id, extent_item_step(value, i));
        if (item != NO_PARAM) {
            pass_on(recursion, call, &value->items[i], item);
        }
    }
    if (value->base != NULL) {
        pass_on(recursion, call, value->base, id);
    }
}

static uint32_t count_measures(const Recursion *recursion)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < recursion->function_count; i++) {
        count += recursion->functions[i].measures.count;
    }
    return count;
}

static void collect_places(Recursion *recursion)
{
    for (uint32_t i = 0; i < recursion->calls.count; i++) {
        const RecCall *call = &recursion->calls.items[i];
        RecFunction *caller = &recursion->functions[call->caller];
        recursion->current = call->caller;
        for (uint32_t f = 0; f < call->fact_count; f++) {
            add_term(caller, (Linear){true, call->facts[f].plus, 0});
            add_term(caller, (Linear){true, call->facts[f].minus, 0});
        }
        uint32_t count = recursion->functions[call->callee].param_count;
        for (uint32_t j = 0; j < count; j++) {
            collect_of_value(recursion, call, &call->args[j], j);
        }
    }
    uint32_t before;
    int round = 0;
    do {
        before = count_measures(recursion);
        for (uint32_t i = 0; i < recursion->calls.count; i++) {
            const RecCall *call = &recursion->calls.items[i];
            uint32_t count = recursion->functions[call->callee].param_count;
            recursion->current = call->caller;
            for (uint32_t j = 0; j < count; j++) {
                pass_on(recursion, call, &call->args[j], j);
            }
        }
    } while (count_measures(recursion) > before && ++round < MAX_ROUNDS);
}

void measures_collect(Recursion *recursion, bool with_places)
{
    for (int fall = 0; fall < 2; fall++) {
        if (lengths_change(recursion, fall != 0)) {
            collect_lengths(recursion, fall != 0);
        }
    }
    for (uint32_t i = 0; i < recursion->function_count; i++) {
        collect_of_function(&recursion->functions[i]);
    }
    if (with_places) {
        collect_places(recursion);
    }
    for (uint32_t i = 0; i < recursion->calls.count; i++) {
        const RecCall *call = &recursion->calls.items[i];
        RecFunction *caller = &recursion->functions[call->caller];
        for (uint32_t f = 0; f < call->fact_count; f++) {
            const Fact *fact = &call->facts[f];
            if (fact->plus.kind == TERM_PARAM &&
                fact->minus.kind == TERM_PARAM &&
                fact->plus.id != fact->minus.id &&
                (with_places || (!place_is(place_of_term(fact->plus)) &&
                                 !place_is(place_of_term(fact->minus))))) {
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
static Interval argument(Recursion *recursion, const RecCall *call,
                         uint32_t param)
{
    if ((param & LENGTH_OF) != 0) {
        Extent list = extent_at(recursion, call->args, param & ~LENGTH_OF);
        return (Interval){list.length_low, list.length_high};
    }
    if (place_is(param) ||
        param < recursion->functions[call->callee].param_count) {
        Extent value = extent_at(recursion, call->args, param);
        return (Interval){value.low, value.high};
    }
    return opaque_argument(recursion, call, param);
}

static SizeArc relate_size(Recursion *recursion, const RecCall *call,
                           uint32_t from, uint32_t to)
{
    Extent arg = extent_at(recursion, call->args, to);
    if (arg.sum != NULL) {
        return sum_relate(recursion, arg.sum, from);
    }
    if (arg.part_of == from) {
        return arg.smaller ? ARC_LESS : ARC_EQUAL;
    }
    bool inside =
        place_is(arg.part_of) && place_within(recursion, arg.part_of, from);
    return inside ? ARC_LESS : ARC_NONE;
}

// Two differences of integers: of the callee's with its arguments put in, and
// of the caller's.
static SizeArc relate_linear(Recursion *recursion, const RecCall *call,
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

static SizeArc relate_quotient(Recursion *recursion, const RecCall *call,
                               uint32_t from, uint32_t to)
{
    if (extent_at(recursion, call->args, to).quotient_of != from) {
        return ARC_NONE;
    }
    int64_t low = lower_bound(call, from, false);
    return low >= 1 ? ARC_LESS : low >= 0 ? ARC_EQUAL : ARC_NONE;
}

static SizeArc relate_abs(Recursion *recursion, const RecCall *call,
                          uint32_t from, uint32_t to)
{
    Extent value = extent_at(recursion, call->args, to);
    const Extent *arg = &value;
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

static SizeArc relate(Recursion *recursion, const RecCall *call,
                      const Measure *from, const Measure *to)
{
    if (from->kind == MEASURE_SIZE || to->kind == MEASURE_SIZE) {
        return from->kind == to->kind
                   ? relate_size(recursion, call, from->first, to->first)
                   : ARC_NONE;
    }
    if (from->kind == MEASURE_ABS || to->kind == MEASURE_ABS) {
        return from->kind == to->kind
                   ? relate_abs(recursion, call, from->first, to->first)
                   : ARC_NONE;
    }
    SizeArc arc = relate_linear(recursion, call, from, to);
    bool has_quotient = from->kind == MEASURE_DOWN &&
                        to->kind == MEASURE_DOWN &&
                        (to->first & LENGTH_OF) == 0;
    if (arc == ARC_NONE && has_quotient) {
        arc = relate_quotient(recursion, call, from->first, to->first);
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
    recursion->current = call->caller; // whose parameters the arguments name
    for (uint32_t i = 0; i < caller->measures.count; i++) {
        for (uint32_t j = 0; j < columns; j++) {
            arcs[i * columns + j] =
                (uint8_t)relate(recursion, call, &caller->measures.items[i],
                                &callee->measures.items[j]);
        }
    }
    return arcs;
}
