// What is known of a value, as against the parameters of the function at
// hand: an abstract domain (Cousot and Cousot, "Abstract interpretation",
// POPL 1977) of sizes, of integers and lengths of lists between bounds, and
// of tuples, records and constructors item by item.
#include "typecheck/totality_private.h"

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
    if (count <= TOTALITY_MAX_ITEMS) {
        value.shape = shape;
        value.items = items;
        value.item_count = count;
    }
    return value;
}

Extent extent_item(const Extent *whole, Shape shape, uint64_t ctor,
                   uint32_t index)
{
    Extent part = extent_part(whole);
    if (whole->shape != shape || index >= whole->item_count ||
        (shape == SHAPE_CTOR && whole->ctor != ctor)) {
        return part;
    }
    Extent item = whole->items[index];
    if (item.part_of == NO_PARAM && !item.tiny) {
        item.part_of = part.part_of;
        item.smaller = part.smaller;
    }
    return item;
}

Extent extent_field(const Extent *record, Symbol name)
{
    for (uint32_t i = 0;
         record->shape == SHAPE_RECORD && i < record->item_count; i++) {
        if (record->names[i] == name) {
            return extent_item(record, SHAPE_RECORD, 0, i);
        }
    }
    return extent_part(record);
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
    return linear.known && linear.term.kind == TERM_PARAM &&
           (linear.term.id & LENGTH_OF) != 0;
}

// No length is negative, so a number is also that length plus the number.
static Linear join_length_high(Linear a, Linear b)
{
    if (a.known && b.known && is_length(a) && b.term.kind == TERM_NONE) {
        b.term = a.term;
    } else if (a.known && b.known && is_length(b) && a.term.kind == TERM_NONE) {
        a.term = b.term;
    }
    return join_high(a, b);
}

static void join_size(Extent *value, const Extent *a, const Extent *b)
{
    value->tiny = a->tiny && b->tiny;
    if (a->part_of == b->part_of) {
        value->part_of = a->part_of;
        value->smaller = a->smaller && b->smaller;
    } else if (a->tiny) { // nothing is smaller
        value->part_of = b->part_of;
    } else if (b->tiny) {
        value->part_of = a->part_of;
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
        }
        return;
    }
    if (a->item_count != b->item_count) {
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
    value->ctor = a->ctor;
    value->names = a->names;
    value->items = items;
    value->item_count = a->item_count;
}

Extent extent_join(Recursion *recursion, const Extent *a, const Extent *b)
{
    if (a->never || b->never) {
        return a->never ? *b : *a;
    }
    Extent value = extent_unknown();
    join_size(&value, a, b);
    value.low = join_low(a->low, b->low);
    value.high = join_high(a->high, b->high);
    value.length_low = join_low(a->length_low, b->length_low);
    value.length_high = join_length_high(a->length_high, b->length_high);
    join_items(recursion, &value, a, b);
    return value;
}

bool extent_equal(const Extent *a, const Extent *b)
{
    if (a->never != b->never || a->tiny != b->tiny ||
        a->part_of != b->part_of || a->smaller != b->smaller ||
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
