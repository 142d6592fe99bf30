// Places: parts of parameters that can be told apart, `s.n` or the first
// element of `xs`. A value that is such a part is known like a parameter, and
// a value that is put together of parts is no larger than they are together.
//
// Sizes: a list has 1 for each element, a tuple, record or constructor 1 for
// each item, and all have the sizes of what is inside; numbers, texts and
// functions have none. So each step into a value takes away 1 at least, which
// no other part has.
#include "typecheck/totality_internal.h"

// Places of one recursion; what lies deeper is no more than a part.
#define MAX_PLACES 128

static const Place *place_of(const Recursion *recursion, uint32_t id)
{
    return &recursion->places.items[id - PLACE_FIRST];
}

bool place_is(uint32_t id)
{
    return id >= PLACE_FIRST && id < HELPER_PARAM;
}

uint32_t place_parent(const Recursion *recursion, uint32_t id)
{
    return place_is(id) ? place_of(recursion, id)->parent : NO_PARAM;
}

uint32_t place_step(Recursion *recursion, uint32_t parent, Step step)
{
    for (uint32_t i = 0; i < recursion->places.count; i++) {
        const Place *known = &recursion->places.items[i];
        if (known->parent == parent && known->step.kind == step.kind &&
            known->step.ctor == step.ctor && known->step.index == step.index) {
            return PLACE_FIRST + i;
        }
    }
    if (recursion->places.count == MAX_PLACES) {
        return NO_PARAM;
    }
    Place place = {parent, step};
    vec_push(&recursion->places, place);
    return PLACE_FIRST + recursion->places.count - 1;
}

uint32_t place_exact(const Recursion *recursion, const Extent *value)
{
    Linear exact = extent_exact(value);
    if (!exact.known || exact.k != 0 || exact.term.kind != TERM_PARAM ||
        exact.term.id >= HELPER_PARAM) {
        return NO_PARAM;
    }
    uint32_t id = (uint32_t)exact.term.id;
    bool is_param = id < recursion->functions[recursion->current].param_count;
    return is_param || place_is(id) ? id : NO_PARAM;
}

uint32_t place_certain(const Recursion *recursion, uint32_t id)
{
    uint32_t certain = id;
    for (; place_is(id); id = place_parent(recursion, id)) {
        StepKind kind = place_of(recursion, id)->step.kind;
        if (kind != STEP_TUPLE && kind != STEP_FIELD) {
            certain = place_parent(recursion, id);
        }
    }
    return certain;
}

uint32_t place_common(const Recursion *recursion, uint32_t a, uint32_t b)
{
    for (uint32_t x = a; x != NO_PARAM; x = place_parent(recursion, x)) {
        for (uint32_t y = b; y != NO_PARAM; y = place_parent(recursion, y)) {
            if (x == y) {
                return x;
            }
        }
    }
    return NO_PARAM;
}

bool place_within(const Recursion *recursion, uint32_t id, uint32_t whole)
{
    while (id != NO_PARAM && id != whole) {
        id = place_parent(recursion, id);
    }
    return id == whole;
}

uint32_t place_move(Recursion *recursion, uint32_t id, uint32_t from,
                    uint32_t to)
{
    if (id == from) {
        return to;
    }
    Place place = *place_of(recursion, id);
    uint32_t parent = place_move(recursion, place.parent, from, to);
    return parent != NO_PARAM ? place_step(recursion, parent, place.step)
                              : NO_PARAM;
}

// ---- going into a value

Step extent_item_step(const Extent *value, uint32_t index)
{
    switch (value->shape) {
    case SHAPE_TUPLE:
        return step_tuple(index);
    case SHAPE_RECORD:
        return step_field(value->names[index]);
    case SHAPE_LIST:
        return step_element(index);
    case SHAPE_CTOR:
        return step_item(value->ctor, index);
    case SHAPE_NONE:
        break;
    }
    UNREACHABLE();
}

static const Extent *written_item(const Extent *whole, Step step)
{
    Shape shape = step.kind == STEP_ITEM      ? SHAPE_CTOR
                  : step.kind == STEP_TUPLE   ? SHAPE_TUPLE
                  : step.kind == STEP_ELEMENT ? SHAPE_LIST
                                              : SHAPE_RECORD;
    if (step.kind == STEP_REST || whole->shape != shape ||
        (shape == SHAPE_CTOR && whole->ctor != step.ctor)) {
        return NULL;
    }
    if (shape != SHAPE_RECORD) {
        return step.index < whole->item_count ? &whole->items[step.index]
                                              : NULL;
    }
    for (uint32_t i = 0; i < whole->item_count; i++) {
        if (whole->names[i] == (Symbol)step.index) {
            return &whole->items[i];
        }
    }
    return NULL;
}

Extent extent_step(Recursion *recursion, const Extent *whole, Step step)
{
    if (step.kind == STEP_REST && step.index == 0) {
        return *whole;
    }
    Extent part = extent_part(whole);
    const Extent *written = written_item(whole, step);
    if (written != NULL) {
        Extent item = *written;
        if (item.part_of == NO_PARAM && !item.tiny && item.sum == NULL) {
            item.part_of = part.part_of;
            item.smaller = part.smaller;
        }
        return item;
    }
    if (whole->shape == SHAPE_RECORD && whole->base != NULL) {
        return extent_step(recursion, whole->base, step);
    }
    uint32_t exact = place_exact(recursion, whole);
    uint32_t place =
        exact != NO_PARAM ? place_step(recursion, exact, step) : NO_PARAM;
    Extent item = place != NO_PARAM ? extent_param(place) : part;
    if (step.kind == STEP_REST) {
        item.length_low = linear_plus(whole->length_low, -(int64_t)step.index);
        item.length_high =
            linear_plus(whole->length_high, -(int64_t)step.index);
    }
    return item;
}

Extent extent_at(Recursion *recursion, const Extent *args, uint32_t id)
{
    if (!place_is(id)) {
        return args[id];
    }
    const Place *place = place_of(recursion, id);
    Step step = place->step;
    Extent whole = extent_at(recursion, args, place->parent);
    return extent_step(recursion, &whole, step);
}

// ---- sums

const Sum *sum_of(Recursion *recursion, const Extent *value)
{
    if (value->sum != NULL) {
        return value->sum;
    }
    if (value->part_of == NO_PARAM && !value->tiny) {
        return NULL;
    }
    Sum *sum = ARENA_NEW(&recursion->arena, Sum);
    *sum = (Sum){0};
    if (value->part_of != NO_PARAM) {
        sum->parts[sum->count++] = value->part_of;
        sum->k = value->smaller ? -1 : 0;
    }
    return sum;
}

const Sum *sum_plus(Recursion *recursion, const Sum *a, const Sum *b, int32_t k)
{
    if (a == NULL || b == NULL || a->count + b->count > MAX_SUM ||
        abs(a->k) > MAX_SUM_NUMBER || abs(b->k) > MAX_SUM_NUMBER) {
        return NULL;
    }
    Sum *sum = ARENA_NEW(&recursion->arena, Sum);
    *sum = *a;
    for (uint32_t i = 0; i < b->count; i++) {
        sum->parts[sum->count++] = b->parts[i];
    }
    sum->k += b->k + k;
    return sum;
}

const Sum *sum_of_items(Recursion *recursion, const Extent *items,
                        uint32_t count)
{
    Extent nothing = extent_unknown();
    nothing.tiny = true;
    const Sum *sum = sum_of(recursion, &nothing);
    for (uint32_t i = 0; i < count && sum != NULL; i++) {
        sum = sum_plus(recursion, sum, sum_of(recursion, &items[i]), 1);
    }
    return sum;
}

// Whether all that is in one of the sums only is there whatever the other's
// path was.
static bool add_others(const Recursion *recursion, const Sum *a, const Sum *b,
                       Sum *out)
{
    bool taken[MAX_SUM] = {false};
    for (uint32_t i = 0; i < b->count; i++) {
        uint32_t j = 0;
        while (j < a->count && (taken[j] || a->parts[j] != b->parts[i])) {
            j++;
        }
        if (j < a->count) {
            taken[j] = true;
        } else if (out->count == MAX_SUM ||
                   place_certain(recursion, b->parts[i]) != b->parts[i]) {
            return false;
        } else {
            out->parts[out->count++] = b->parts[i];
        }
    }
    for (uint32_t i = 0; i < a->count; i++) {
        if (!taken[i] && place_certain(recursion, a->parts[i]) != a->parts[i]) {
            return false;
        }
    }
    return true;
}

const Sum *sum_join(Recursion *recursion, const Sum *a, const Sum *b)
{
    if (a == NULL || b == NULL) {
        return NULL;
    }
    Sum sum = *a;
    if (!add_others(recursion, a, b, &sum)) {
        return NULL;
    }
    sum.k = a->k > b->k ? a->k : b->k;
    return arena_copy(&recursion->arena, &sum, sizeof sum);
}

uint32_t sum_whole(const Recursion *recursion, const Sum *sum)
{
    uint32_t whole = sum != NULL && sum->count > 0 ? sum->parts[0] : NO_PARAM;
    for (uint32_t i = 1; whole != NO_PARAM && i < sum->count; i++) {
        whole = place_common(recursion, whole, sum->parts[i]);
    }
    return whole;
}

bool sum_equal(const Sum *a, const Sum *b)
{
    if (a == NULL || b == NULL || a == b) {
        return a == b;
    }
    return a->count == b->count && a->k == b->k &&
           memcmp(a->parts, b->parts, a->count * sizeof *a->parts) == 0;
}

// ---- what parts leave of a whole

// Whether two steps from one value lead to parts without a common one.
static bool steps_apart(Step a, Step b)
{
    bool lists = a.kind == STEP_ELEMENT || a.kind == STEP_REST;
    if (!lists) {
        return a.kind == b.kind && a.ctor == b.ctor && a.index != b.index;
    }
    if (a.kind == b.kind) {
        return a.kind == STEP_ELEMENT && a.index != b.index;
    }
    return a.kind == STEP_ELEMENT ? b.kind == STEP_REST && a.index < b.index
                                  : b.kind == STEP_ELEMENT && b.index < a.index;
}

static bool places_apart(const Recursion *recursion, uint32_t a, uint32_t b)
{
    uint32_t common = place_common(recursion, a, b);
    if (common == NO_PARAM || common == a || common == b) {
        return false;
    }
    while (place_parent(recursion, a) != common) {
        a = place_parent(recursion, a);
    }
    while (place_parent(recursion, b) != common) {
        b = place_parent(recursion, b);
    }
    return steps_apart(place_of(recursion, a)->step,
                       place_of(recursion, b)->step);
}

// What the steps to the parts take away from the whole.
static int32_t steps_taken(const Recursion *recursion, const Sum *sum,
                           uint32_t whole)
{
    bool is_on_way[MAX_PLACES] = {false};
    for (uint32_t i = 0; i < sum->count; i++) {
        for (uint32_t id = sum->parts[i]; id != whole;
             id = place_parent(recursion, id)) {
            is_on_way[id - PLACE_FIRST] = true;
        }
    }
    int32_t taken = 0;
    uint32_t count = recursion->places.count;
    for (uint32_t i = 0; i < count; i++) {
        const Place *place = &recursion->places.items[i];
        if (!is_on_way[i]) {
            continue;
        }
        // Elements before a rest count with it.
        bool counted = false;
        for (uint32_t j = 0; place->step.kind == STEP_ELEMENT && j < count;
             j++) {
            const Place *other = &recursion->places.items[j];
            counted =
                counted || (is_on_way[j] && other->parent == place->parent &&
                            other->step.kind == STEP_REST &&
                            other->step.index > place->step.index);
        }
        taken += counted                         ? 0
                 : place->step.kind == STEP_REST ? (int32_t)place->step.index
                                                 : 1;
    }
    return taken;
}

SizeArc sum_relate(const Recursion *recursion, const Sum *sum, uint32_t whole)
{
    if (sum->count == 0) { // and the place may not be there
        bool is_there = place_certain(recursion, whole) == whole;
        return is_there && sum->k <= 0 ? ARC_EQUAL : ARC_NONE;
    }
    for (uint32_t i = 0; i < sum->count; i++) {
        if (!place_within(recursion, sum->parts[i], whole)) {
            return ARC_NONE;
        }
        for (uint32_t j = 0; j < i; j++) {
            if (!places_apart(recursion, sum->parts[i], sum->parts[j])) {
                return ARC_NONE;
            }
        }
    }
    int32_t taken = steps_taken(recursion, sum, whole);
    return sum->k < taken ? ARC_LESS : sum->k == taken ? ARC_EQUAL : ARC_NONE;
}
