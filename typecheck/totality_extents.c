// What is known of a value, as against the parameters of the function at
// hand: an abstract domain (Cousot and Cousot, "Abstract interpretation",
// POPL 1977) of sizes, of integers and lengths of lists between bounds, and
// of tuples, records and constructors item by item.
#include "typecheck/totality_internal.h"

Extent extent_unknown(void)
{
    return (Extent){.part_of = NO_PARAM,
                    .quotient_of = NO_PARAM,
                    .remainder_by = NO_PARAM,
                    .remainder_of = NO_PARAM};
}

Extent extent_never(void)
{
    Extent value = extent_unknown();
    value.never = true;
    return value;
}

Extent extent_constant(uint64_t id)
{
    Extent value = extent_unknown();
    value.low = value.high = (Linear){true, {TERM_CONST, id}, 0};
    value.length_low = value.length_high =
        (Linear){true, {TERM_CONST, CONST_LENGTH | id}, 0};
    return value;
}

Extent extent_param(uint32_t param)
{
    Extent value = extent_unknown();
    value.part_of = param;
    value.low = value.high = (Linear){true, {TERM_PARAM, param}, 0};
    value.length_low = value.length_high =
        (Linear){true, {TERM_PARAM, LENGTH_OF | param}, 0};
    return value;
}

Extent extent_integer(int64_t number)
{
    Extent value = extent_unknown();
    value.tiny = true;
    value.low = value.high = linear_number(number);
    return value;
}

Extent extent_list(uint32_t length)
{
    Extent value = extent_unknown();
    value.tiny = length == 0;
    value.length_low = value.length_high = linear_number(length);
    return value;
}

Extent extent_text(uint32_t bytes)
{
    Extent value = extent_unknown();
    value.tiny = true;
    value.length_low = linear_number(bytes > 0);
    value.length_high = linear_number(bytes);
    return value;
}

Extent extent_part(const Extent *whole)
{
    Extent value = extent_unknown();
    value.never = whole->never;
    value.part_of = whole->part_of;
    value.smaller = whole->part_of != NO_PARAM;
    return value;
}

Extent extent_sublist(const Extent *list)
{
    Extent value = extent_mapped(list, false);
    value.tiny = list->tiny;
    value.part_of = list->part_of;
    value.smaller = list->smaller;
    value.sum = list->sum;
    return value;
}

Extent extent_mapped(const Extent *list, bool all)
{
    Extent value = extent_unknown();
    value.never = list->never;
    value.length_high = list->length_high;
    value.length_low = all ? list->length_low : linear_number(0);
    return value;
}

Extent extent_items(Shape shape, const Extent *items, uint32_t count)
{
    Extent value = extent_unknown();
    uint32_t depth = 1;
    for (uint32_t i = 0; i < count; i++) {
        depth = items[i].depth >= depth ? items[i].depth + 1 : depth;
    }
    if (count <= TOTALITY_MAX_ITEMS && depth <= TOTALITY_MAX_NESTED) {
        value.shape = shape;
        value.items = items;
        value.item_count = count;
        value.depth = depth;
    }
    return value;
}

Extent extent_outside(Recursion *recursion, Extent value)
{
    value.lambda = NULL;
    value.helper = NULL;
    if (value.item_count > 0) {
        Extent *items =
            arena_copy(&recursion->arena, value.items,
                       (size_t)value.item_count * sizeof *value.items);
        for (uint32_t i = 0; i < value.item_count; i++) {
            items[i] = extent_outside(recursion, items[i]);
        }
        value.items = items;
    }
    if (value.base != NULL) {
        Extent base = extent_outside(recursion, *value.base);
        value.base = arena_copy(&recursion->arena, &base, sizeof base);
    }
    return value;
}

// ---- joining

static Linear join_low(Linear a, Linear b)
{
    if (!a.known || !b.known || !term_equal(a.term, b.term)) {
        return (Linear){.known = false};
    }
    return a.k <= b.k ? a : b;
}

static Linear join_high(Linear a, Linear b)
{
    if (!a.known || !b.known || !term_equal(a.term, b.term)) {
        return (Linear){.known = false};
    }
    return a.k >= b.k ? a : b;
}

static bool is_length(Linear linear)
{
    return linear.known && term_is_length(linear.term);
}

// Whether the length is of a place that need not be there.
static bool is_uncertain(const Recursion *recursion, Linear linear)
{
    uint32_t id = (uint32_t)linear.term.id & ~LENGTH_OF;
    return is_length(linear) && place_certain(recursion, id) != id;
}

// No length is negative, so a number is also that length plus the number.
static Linear join_length_high(const Recursion *recursion, Linear a, Linear b)
{
    if (is_uncertain(recursion, a) || is_uncertain(recursion, b)) {
        return join_high(a, b);
    }
    if (a.known && b.known && is_length(a) && b.term.kind == TERM_NONE) {
        b.term = a.term;
    } else if (a.known && b.known && is_length(b) && a.term.kind == TERM_NONE) {
        a.term = b.term;
    }
    return join_high(a, b);
}

// The parameter that a size is known against, whatever the path was.
static SizeArc certain_size(Recursion *recursion, const Extent *value,
                            uint32_t *out_whole)
{
    const Sum *sum = sum_of(recursion, value);
    uint32_t whole = sum_whole(recursion, sum);
    if (whole == NO_PARAM) {
        return ARC_NONE;
    }
    *out_whole = place_certain(recursion, whole);
    return sum_relate(recursion, sum, *out_whole);
}

// One of the values is as small as can be; the other's places may not be there
// then.
static void join_tiny(Recursion *recursion, Extent *value, const Extent *other)
{
    uint32_t whole;
    if (certain_size(recursion, other, &whole) != ARC_NONE) {
        value->part_of = whole;
    } else if (!other->tiny) {
        Extent nothing = extent_unknown();
        nothing.tiny = true;
        value->sum = sum_join(recursion, sum_of(recursion, &nothing),
                              sum_of(recursion, other));
    }
}

static void join_size(Recursion *recursion, Extent *value, const Extent *a,
                      const Extent *b)
{
    value->tiny = a->tiny && b->tiny;
    if (value->tiny || a->tiny || b->tiny) {
        join_tiny(recursion, value, a->tiny ? b : a);
        return;
    }
    uint32_t common = a->part_of != NO_PARAM && b->part_of != NO_PARAM
                          ? place_common(recursion, a->part_of, b->part_of)
                          : NO_PARAM;
    if (common != NO_PARAM) {
        value->part_of = common;
        value->smaller = (a->smaller || a->part_of != common) &&
                         (b->smaller || b->part_of != common);
        return;
    }
    value->sum =
        sum_join(recursion, sum_of(recursion, a), sum_of(recursion, b));
    uint32_t whole, other;
    SizeArc first = certain_size(recursion, a, &whole);
    SizeArc second = certain_size(recursion, b, &other);
    if (value->sum == NULL && first != ARC_NONE && second != ARC_NONE &&
        whole == other) {
        value->part_of = whole;
        value->smaller = first == ARC_LESS && second == ARC_LESS;
    }
}

static void join_items(Recursion *recursion, Extent *value, const Extent *a,
                       const Extent *b)
{
    if (a->shape == SHAPE_NONE || a->shape != b->shape) {
        return;
    }
    if (a->shape == SHAPE_CTOR && a->ctor != b->ctor) {
        // One of them says nothing of what it takes.
        const Extent *kept = a->item_count > 0 ? a : b;
        if (a->item_count == 0 || b->item_count == 0) {
            value->shape = SHAPE_CTOR;
            value->ctor = kept->ctor;
            value->items = kept->items;
            value->item_count = kept->item_count;
            value->depth = kept->depth;
        }
        return;
    }
    if (a->item_count != b->item_count || a->base != b->base) {
        return;
    }
    for (uint32_t i = 0; a->shape == SHAPE_RECORD && i < a->item_count; i++) {
        if (a->names[i] != b->names[i]) {
            return;
        }
    }
    Extent *items =
        arena_array(&recursion->arena, a->item_count, sizeof *items);
    for (uint32_t i = 0; i < a->item_count; i++) {
        items[i] = extent_join(recursion, &a->items[i], &b->items[i]);
    }
    value->shape = a->shape;
    value->depth = a->depth > b->depth ? a->depth : b->depth;
    value->ctor = a->ctor;
    value->names = a->names;
    value->base = a->base;
    value->items = items;
    value->item_count = a->item_count;
}

Extent extent_join(Recursion *recursion, const Extent *a, const Extent *b)
{
    if (a->never || b->never) {
        return a->never ? *b : *a;
    }
    Extent value = extent_unknown();
    join_size(recursion, &value, a, b);
    value.low = join_low(a->low, b->low);
    value.high = join_high(a->high, b->high);
    value.length_low = join_low(a->length_low, b->length_low);
    value.length_high =
        join_length_high(recursion, a->length_high, b->length_high);
    join_items(recursion, &value, a, b);
    return value;
}

bool extent_equal(const Extent *a, const Extent *b)
{
    if (a->never != b->never || a->tiny != b->tiny ||
        a->part_of != b->part_of || a->smaller != b->smaller ||
        !sum_equal(a->sum, b->sum) || a->base != b->base ||
        !linear_equal(a->low, b->low) || !linear_equal(a->high, b->high) ||
        !linear_equal(a->length_low, b->length_low) ||
        !linear_equal(a->length_high, b->length_high) || a->shape != b->shape ||
        a->item_count != b->item_count ||
        (a->shape == SHAPE_CTOR && a->ctor != b->ctor)) {
        return false;
    }
    for (uint32_t i = 0; i < a->item_count; i++) {
        if (!extent_equal(&a->items[i], &b->items[i])) {
            return false;
        }
    }
    return true;
}

// ---- lengths on a path

// The length that the path's facts speak of, that of the innermost list first.
static Linear length_in_facts(const Recursion *recursion)
{
    for (uint32_t i = recursion->facts.count; i-- > 0;) {
        const Fact *fact = &recursion->facts.items[i];
        Linear plus = {true, fact->plus, 0};
        Linear minus = {true, fact->minus, 0};
        if (is_length(plus)) {
            return plus;
        }
        if (is_length(minus)) {
            return minus;
        }
    }
    return (Linear){.known = false};
}

static Extent relative(Recursion *recursion, Extent value, Linear length,
                       int64_t least)
{
    if (value.length_high.known && value.length_high.term.kind == TERM_NONE) {
        value.length_high = linear_plus(length, value.length_high.k - least);
    }
    if (value.item_count > 0) {
        Extent *items =
            arena_copy(&recursion->arena, value.items,
                       (size_t)value.item_count * sizeof *value.items);
        for (uint32_t i = 0; i < value.item_count; i++) {
            items[i] = relative(recursion, items[i], length, least);
        }
        value.items = items;
    }
    return value;
}

Extent extent_relative(Recursion *recursion, Extent value)
{
    bool may_be =
        value.item_count > 0 ||
        (value.length_high.known && value.length_high.term.kind == TERM_NONE);
    Linear length = {.known = false};
    if (may_be && !value.never) {
        length = length_in_facts(recursion);
    }
    if (!length.known) {
        return value;
    }
    int64_t least = linear_least(recursion, length);
    return least < 0 || least > INT32_MAX
               ? value
               : relative(recursion, value, length, least);
}
