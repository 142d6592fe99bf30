// Binding locals by patterns, and what a match says of what it takes apart.
#include "typecheck/totality_internal.h"

// Literals of a match whose absence is remembered for the arms behind them.
#define MAX_EXCLUDED 8

// ---- binding locals

void totality_bind_local(Recursion *recursion, uint32_t local, Extent value)
{
    if (local >= recursion->local_count) {
        return;
    }
    Extent *slot = &recursion->locals[local];
    *slot = recursion->joining ? extent_join(recursion, slot, &value) : value;
    if (recursion->locals == recursion->own_locals) {
        vec_push(&recursion->touched, local);
    }
}

uint64_t totality_ctor_id(const NameRef *ref)
{
    return (uint64_t)ref->module << 32 | ref->index;
}

static void bind_list(Recursion *recursion, const PatternList *list,
                      const Extent *value)
{
    for (uint32_t i = 0; i < list->count; i++) {
        Extent item = extent_step(recursion, value, step_element(i));
        totality_bind_pattern(recursion, &list->items[i], &item);
    }
    if (list->has_rest && list->rest != 0) {
        Extent rest = extent_step(recursion, value, step_rest(list->count));
        totality_bind_local(recursion, list->rest_local, rest);
    }
}

// At the type of an instance a literal is made and compared by its methods.
static void use_literal(Recursion *recursion, const Pattern *pattern,
                        const Extent *value)
{
    Extent number = extent_integer(pattern->as.integer.value);
    totality_use_item(recursion, pattern->note, 0, SYM_METHOD_FROM_INTEGER,
                      &number, 1, pattern->span);
    Extent both[2] = {*value, extent_unknown()};
    totality_use_item(recursion, pattern->note, 1, SYM_METHOD_EQ, both, 2,
                      pattern->span);
}

void totality_bind_pattern(Recursion *recursion, const Pattern *pattern,
                           const Extent *value)
{
    switch ((PatternKind)pattern->kind) {
    case PATTERN_NAME:
        totality_bind_local(recursion, pattern->as.name.local, *value);
        return;
    case PATTERN_AS:
        totality_bind_local(recursion, pattern->as.alias.local, *value);
        totality_bind_pattern(recursion, pattern->as.alias.pattern, value);
        return;
    case PATTERN_CTOR:
        for (uint32_t i = 0; i < pattern->as.ctor->arg_count; i++) {
            Step step = step_item(totality_ctor_id(&pattern->as.ctor->ref), i);
            Extent item = extent_step(recursion, value, step);
            totality_bind_pattern(recursion, &pattern->as.ctor->args[i], &item);
        }
        return;
    case PATTERN_TUPLE:
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++) {
            Extent item = extent_step(recursion, value, step_tuple(i));
            totality_bind_pattern(recursion, &pattern->as.tuple.items[i],
                                  &item);
        }
        return;
    case PATTERN_LIST:
        bind_list(recursion, pattern->as.list, value);
        return;
    case PATTERN_RECORD:
        for (uint32_t i = 0; i < pattern->as.record->count; i++) {
            const PatternField *field = &pattern->as.record->fields[i];
            Extent item =
                extent_step(recursion, value, step_field(field->name));
            totality_bind_pattern(recursion, &field->pattern, &item);
        }
        return;
    case PATTERN_INT:
        use_literal(recursion, pattern, value);
        return;
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
    case PATTERN_UNIT:
    case PATTERN_BOOL:
    case PATTERN_FLOAT:
    case PATTERN_STRING:
        return;
    }
    UNREACHABLE();
}

void totality_bind_param(Recursion *recursion, const Param *param, Extent value)
{
    totality_bind_local(recursion, param->local, value);
    totality_bind_pattern(recursion, &param->pattern, &value);
}

static const Pattern *strip_aliases(const Pattern *pattern)
{
    while (pattern->kind == PATTERN_AS) {
        pattern = pattern->as.alias.pattern;
    }
    return pattern;
}

static bool takes_all(const Pattern *pattern)
{
    pattern = strip_aliases(pattern);
    return pattern->kind == PATTERN_NAME || pattern->kind == PATTERN_WILDCARD;
}

static bool take_all(const Pattern *patterns, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!takes_all(&patterns[i])) {
            return false;
        }
    }
    return true;
}

static bool is_integer_literal(const Recursion *recursion,
                               const Pattern *pattern)
{
    return pattern->kind == PATTERN_INT &&
           (pattern->flags & EXPR_AS_FLOAT) == 0 &&
           !totality_is_written(recursion, pattern->note);
}

static bool is_no_text(const Pattern *pattern)
{
    return pattern->kind == PATTERN_STRING && pattern->as.string.len == 0;
}

static Interval number(int64_t k)
{
    return (Interval){linear_number(k), linear_number(k)};
}

// What follows of a value from its matching the pattern.
static void assume_match(Recursion *recursion, const Extent *value,
                         const Pattern *pattern)
{
    pattern = strip_aliases(pattern);
    if (is_integer_literal(recursion, pattern)) {
        Interval literal = number(pattern->as.integer.value);
        Interval bounds = {value->low, value->high};
        facts_equal(recursion, &bounds, &literal);
    } else if (is_no_text(pattern)) {
        Interval empty = number(0);
        Interval length = {value->length_low, value->length_high};
        facts_equal(recursion, &length, &empty);
    } else if (pattern->kind == PATTERN_LIST) {
        Interval items = number(pattern->as.list->count);
        Interval length = {value->length_low, value->length_high};
        facts_at_least(recursion, &length, &items, 0);
        if (!pattern->as.list->has_rest) {
            facts_at_least(recursion, &items, &length, 0);
        }
    } else if (pattern->kind == PATTERN_CTOR) {
        const Implied *implied = value->implied;
        if (implied != NULL && value->shape == SHAPE_CTOR &&
            value->ctor == totality_ctor_id(&pattern->as.ctor->ref)) {
            facts_at_least(recursion, &implied->plus, &implied->minus,
                           implied->k);
        }
    } else if (pattern->kind == PATTERN_TUPLE) {
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++) {
            Extent item = extent_step(recursion, value, step_tuple(i));
            assume_match(recursion, &item, &pattern->as.tuple.items[i]);
        }
    }
}

// The item of a tuple pattern by which alone it can fail; NULL when there are
// several.
static const Pattern *only_test(const Pattern *tuple, uint32_t *out_index)
{
    const Pattern *found = NULL;
    for (uint32_t i = 0; i < tuple->as.tuple.count; i++) {
        const Pattern *item = &tuple->as.tuple.items[i];
        if (takes_all(item)) {
            continue;
        }
        if (found != NULL) {
            return NULL;
        }
        found = item;
        *out_index = i;
    }
    return found;
}

// What follows of a value from its not matching the pattern.
static void assume_no_match(Recursion *recursion, const Extent *value,
                            const Pattern *pattern, uint32_t *excluded)
{
    pattern = strip_aliases(pattern);
    if (is_integer_literal(recursion, pattern)) {
        if ((*excluded)++ < MAX_EXCLUDED) {
            Interval literal = number(pattern->as.integer.value);
            Interval bounds = {value->low, value->high};
            facts_differ(recursion, &bounds, &literal);
        }
    } else if (is_no_text(pattern)) {
        Interval empty = number(0);
        Interval length = {value->length_low, value->length_high};
        facts_differ(recursion, &length, &empty);
    } else if (pattern->kind == PATTERN_LIST) {
        const PatternList *list = pattern->as.list;
        Interval items = number(list->count);
        Interval length = {value->length_low, value->length_high};
        if (!take_all(list->items, list->count)) {
            return;
        }
        if (list->has_rest) {
            facts_at_least(recursion, &items, &length, -1);
        } else {
            facts_differ(recursion, &length, &items);
        }
    } else if (pattern->kind == PATTERN_TUPLE) {
        uint32_t index;
        const Pattern *test = only_test(pattern, &index);
        if (test != NULL) {
            Extent item = extent_step(recursion, value, step_tuple(index));
            assume_no_match(recursion, &item, strip_aliases(test), excluded);
        }
    }
}

// What holds in the body of an arm.
static void assume_arm(Recursion *recursion, const Expr *scrutinee,
                       const Extent *value, const Arm *arm)
{
    if (arm->pattern_count != 1) {
        return;
    }
    const Pattern *pattern = strip_aliases(&arm->patterns[0]);
    if (pattern->kind == PATTERN_BOOL) {
        facts_assume(recursion, scrutinee, pattern->as.boolean.value);
    } else {
        assume_match(recursion, value, pattern);
    }
}

// What holds behind an arm that was not taken.
static void assume_not_arm(Recursion *recursion, const Expr *scrutinee,
                           const Extent *value, const Arm *arm,
                           uint32_t *excluded)
{
    const Pattern *first = strip_aliases(&arm->patterns[0]);
    if (arm->guard != NULL) {
        if (takes_all(first) && arm->pattern_count == 1) {
            facts_assume(recursion, arm->guard, false);
        }
        return;
    }
    if (first->kind == PATTERN_BOOL && arm->pattern_count == 1) {
        facts_assume(recursion, scrutinee, !first->as.boolean.value);
        return;
    }
    for (uint32_t i = 0; i < arm->pattern_count; i++) {
        assume_no_match(recursion, value, &arm->patterns[i], excluded);
    }
}

Extent totality_walk_match(Recursion *recursion, const Match *match)
{
    Extent value = totality_value(recursion, &match->scrutinee);
    uint32_t begin = recursion->facts.count;
    bool was_dead = recursion->dead;
    uint32_t excluded = 0;
    Extent result = extent_never();
    for (uint32_t i = 0; i < match->arm_count; i++) {
        const Arm *arm = &match->arms[i];
        for (uint32_t j = 0; j < arm->pattern_count; j++) {
            recursion->joining = j > 0;
            totality_bind_pattern(recursion, &arm->patterns[j], &value);
        }
        recursion->joining = false;
        uint32_t mark = recursion->facts.count;
        bool dead = recursion->dead;
        assume_arm(recursion, &match->scrutinee, &value, arm);
        if (arm->guard != NULL) {
            (void)totality_value(recursion, arm->guard);
            facts_assume(recursion, arm->guard, true);
        }
        totality_join_branch(recursion, &result,
                             totality_value(recursion, &arm->body), mark, dead);
        assume_not_arm(recursion, &match->scrutinee, &value, arm, &excluded);
    }
    recursion->facts.count = begin;
    recursion->dead = was_dead;
    return result;
}
