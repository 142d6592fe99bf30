// What functions give back: the body of a helper is followed with the
// arguments at hand, so that what is known on the path counts in it; a call
// of a helper inside of its own body has the helper's summary, the relation
// of its results to its arguments that holds whenever there is a result.
//
// A summary is a least fixed point: it begins with "never gives a result" and
// takes in what the body gives under the assumption, until nothing is added;
// what goes on changing is given up (widening: Cousot and Cousot, POPL 1977).
// Functions of one recursion are summed up together.
#include "typecheck/totality_internal.h"

// Rounds before what changed is given up, and before all of it is.
#define WIDEN_AFTER 3
#define MAX_ROUNDS  12
// Expressions that may be walked for results in one recursion.
#define MAX_WORK 200000
#define MAX_RING 16

void helpers_init(Helpers *helpers)
{
    *helpers = (Helpers){0};
    arena_init(&helpers->arena);
}

void helpers_release(Helpers *helpers)
{
    ptr_map_release(&helpers->by_binding);
    arena_release(&helpers->arena);
}

static const Expr *strip_annotations(const Expr *expr)
{
    while (expr->kind == EXPR_ANNOTATED) {
        expr = &expr->as.annotated->expr;
    }
    return expr;
}

const Param **totality_params(Arena *arena, const Expr *value,
                              uint32_t *out_count, const Expr **out_body)
{
    uint32_t count = 0;
    const Expr *body = strip_annotations(value);
    for (; body->kind == EXPR_LAMBDA;
         body = strip_annotations(&body->as.lambda->body)) {
        count += body->as.lambda->param_count;
    }
    const Param **params = arena_array(arena, count, sizeof(const Param *));
    uint32_t at = 0;
    for (const Expr *lambda = strip_annotations(value);
         lambda->kind == EXPR_LAMBDA;
         lambda = strip_annotations(&lambda->as.lambda->body)) {
        for (uint32_t i = 0; i < lambda->as.lambda->param_count; i++) {
            params[at++] = &lambda->as.lambda->params[i];
        }
    }
    *out_count = count;
    *out_body = body;
    return params;
}

bool totality_tired(Recursion *recursion)
{
    return ++recursion->work > MAX_WORK;
}

static Helper *new_helper(Arena *arena, const Module *module, const Expr *value)
{
    Helper *helper = ARENA_NEW(arena, Helper);
    *helper = (Helper){.module = module, .next = helper};
    helper->params =
        totality_params(arena, value, &helper->param_count, &helper->body);
    return helper;
}

static Helper *of_binding(Helpers *helpers, const Module *module,
                          uint32_t index)
{
    const Binding *binding = &module->bindings[index];
    if (binding->value == NULL || !binding->is_function ||
        binding->value_is_data) {
        return NULL;
    }
    void **slot = ptr_map_at(&helpers->by_binding, (uintptr_t)module, index);
    if (*slot == NULL) {
        Helper *helper = new_helper(&helpers->arena, module, binding->value);
        helper->binding = binding;
        *slot = helper;
    }
    return *slot;
}

// Whether the module's code can be read: the notes of the checker are there.
static bool is_readable(Recursion *recursion, const Module *module)
{
    if (module == recursion->module) {
        return true;
    }
    TotalityReads *reads = &recursion->helpers->reads;
    reads->other_code |= !module->is_std;
    reads->stored_code |= module->stored != NULL;
    return module->stored == NULL;
}

Helper *helper_of_binding(Recursion *recursion, uint32_t module_id,
                          uint32_t index)
{
    const Module *module = recursion->program->modules[module_id];
    if (!recursion->follows || !is_readable(recursion, module)) {
        return NULL;
    }
    const BindingGroup *group = &module->groups[module->bindings[index].group];
    if (!group->needed || group->failed || group->member_count > MAX_RING) {
        return NULL;
    }
    Helper *helper = of_binding(recursion->helpers, module, index);
    if (helper == NULL) {
        return NULL;
    }
    if (helper->next == helper && group->member_count > 1) {
        Helper *last = helper;
        for (uint32_t i = 0; i < group->member_count; i++) {
            Helper *other =
                of_binding(recursion->helpers, module, group->members[i]);
            if (other != NULL && other != helper) {
                last->next = other;
                last = other;
            }
        }
        last->next = helper;
    }
    return helper;
}

// ---- following a body

typedef struct Frame {
    const Module *module;
    Extent *locals;
    uint32_t local_count;
    uint32_t number;
    bool dead;
} Frame;

// A binding has a frame of its own; what is local shares that at hand.
static Frame enter(Recursion *recursion, const Helper *helper)
{
    Frame frame = {recursion->here, recursion->locals, recursion->local_count,
                   recursion->frame, recursion->dead};
    recursion->open[recursion->open_count++] = helper;
    if (helper != NULL && helper->binding != NULL) {
        recursion->here = helper->module;
        uint32_t count = helper->binding->local_count;
        recursion->locals = mem_calloc((size_t)count + 1, sizeof(Extent));
        recursion->local_count = count;
        recursion->frame = ++recursion->frame_count;
        for (uint32_t i = 0; i < count; i++) {
            recursion->locals[i] = extent_unknown();
        }
    }
    return frame;
}

static void leave(Recursion *recursion, const Frame *frame)
{
    recursion->open_count--;
    if (recursion->locals != frame->locals) {
        free(recursion->locals);
    }
    recursion->here = frame->module;
    recursion->locals = frame->locals;
    recursion->local_count = frame->local_count;
    recursion->frame = frame->number;
    recursion->dead = frame->dead;
}

static Extent follow(Recursion *recursion, const Helper *helper,
                     const Extent *args)
{
    for (uint32_t i = 0; i < helper->param_count; i++) {
        totality_bind_param(recursion, helper->params[i], args[i]);
    }
    return extent_outside(recursion, totality_value(recursion, helper->body));
}

static bool may_open(const Recursion *recursion)
{
    return recursion->follows && recursion->open_count < TOTALITY_MAX_INLINE &&
           recursion->work < MAX_WORK;
}

// ---- summaries

static Linear widen(Linear before, Linear after)
{
    after.known = after.known && linear_equal(before, after);
    return after;
}

static Extent widened(Recursion *recursion, const Extent *before, Extent after)
{
    if (before->never) {
        return after;
    }
    after.low = widen(before->low, after.low);
    after.high = widen(before->high, after.high);
    after.length_low = widen(before->length_low, after.length_low);
    after.length_high = widen(before->length_high, after.length_high);
    if (!sum_equal(before->sum, after.sum)) {
        after.sum = NULL;
    }
    if (before->base != after.base) {
        after.shape = SHAPE_NONE;
        after.base = NULL;
        after.item_count = 0;
    }
    if (after.item_count == before->item_count && after.item_count > 0) {
        Extent *items =
            arena_copy(&recursion->arena, after.items,
                       (size_t)after.item_count * sizeof *after.items);
        for (uint32_t i = 0; i < after.item_count; i++) {
            items[i] = widened(recursion, &before->items[i], items[i]);
        }
        after.items = items;
    }
    return after;
}

// The result of the helper's body with its own parameters.
static Extent general_result(Recursion *recursion, Helper *helper)
{
    Extent *args =
        arena_array(&recursion->arena, helper->param_count, sizeof *args);
    for (uint32_t i = 0; i < helper->param_count; i++) {
        args[i] = extent_param(helper->first_param + i);
    }
    // The facts of the call at hand are about other parameters.
    FactVec facts = recursion->facts;
    uint32_t fact_count = facts.count;
    if (helper->binding != NULL) {
        recursion->facts = (FactVec){0};
    }
    Frame frame = enter(recursion, helper);
    Extent value = follow(recursion, helper, args);
    leave(recursion, &frame);
    if (helper->binding != NULL) {
        vec_release(&recursion->facts);
        recursion->facts = facts;
    }
    recursion->facts.count = fact_count;
    return value;
}

// Kept beyond the recursion at hand.
static Extent kept(Recursion *recursion, Arena *arena, Extent value)
{
    if (arena == &recursion->arena) {
        return value;
    }
    value.implied = NULL;
    if (value.sum != NULL) {
        value.sum = arena_copy(arena, value.sum, sizeof *value.sum);
    }
    if (value.base != NULL) {
        Extent base = kept(recursion, arena, *value.base);
        value.base = arena_copy(arena, &base, sizeof base);
    }
    Extent *items = arena_copy(arena, value.items,
                               (size_t)value.item_count * sizeof *items);
    for (uint32_t i = 0; i < value.item_count; i++) {
        items[i] = kept(recursion, arena, items[i]);
    }
    value.items = items;
    if (value.shape == SHAPE_RECORD) {
        value.names = arena_copy(arena, value.names,
                                 value.item_count * sizeof *value.names);
    }
    return value;
}

static void summarise(Recursion *recursion, Helper *first)
{
    Helper *helper = first;
    do {
        helper->state = HELPER_OPEN;
        helper->result = extent_never();
        helper->first_param = recursion->next_param;
        recursion->next_param += helper->param_count;
        helper = helper->next;
    } while (helper != first);
    bool changed = true;
    for (int round = 0; changed && round < MAX_ROUNDS; round++) {
        changed = false;
        do {
            Extent value = general_result(recursion, helper);
            value = extent_join(recursion, &helper->result, &value);
            if (round >= WIDEN_AFTER) {
                value = widened(recursion, &helper->result, value);
            }
            changed = changed || !extent_equal(&helper->result, &value);
            helper->result = value;
            helper = helper->next;
        } while (helper != first);
    }
    do {
        Arena *arena = helper->binding != NULL ? &recursion->helpers->arena
                                               : &recursion->arena;
        bool settled = !changed && recursion->work < MAX_WORK;
        helper->result =
            settled ? kept(recursion, arena, helper->result) : extent_unknown();
        helper->state = HELPER_DONE;
        helper = helper->next;
    } while (helper != first);
}

void helpers_of_let(Recursion *recursion, const Let *let)
{
    Helper *first = NULL;
    Helper *last = NULL;
    for (uint32_t i = 0; i < let->count; i++) {
        uint32_t local = let->binds[i].local;
        if (local >= recursion->local_count) {
            continue;
        }
        Helper *helper = new_helper(&recursion->arena, recursion->here,
                                    &let->binds[i].value);
        if (helper->param_count == 0 || let->count > MAX_RING) {
            continue;
        }
        recursion->locals[local].helper = helper;
        recursion->locals[local].frame = recursion->frame;
        first = first != NULL ? first : helper;
        helper->next = first;
        if (last != NULL) {
            last->next = helper;
        }
        last = helper;
    }
    // Now, before the bodies are walked with their own parameters.
    if (first != NULL && may_open(recursion)) {
        summarise(recursion, first);
    }
}

// ---- the summary at a call

// The number of the helper's parameter that the term is about.
static bool is_own(const Helper *helper, uint64_t id, uint32_t *out_index)
{
    uint64_t param = id & ~(uint64_t)LENGTH_OF;
    *out_index = (uint32_t)(param - helper->first_param);
    return param >= helper->first_param &&
           param - helper->first_param < helper->param_count;
}

static Linear put_in(const Helper *helper, const Extent *args, Linear linear,
                     bool high)
{
    uint32_t index;
    if (!linear.known || linear.term.kind != TERM_PARAM ||
        !is_own(helper, linear.term.id, &index)) {
        return linear;
    }
    const Extent *arg = &args[index];
    bool is_length = (linear.term.id & LENGTH_OF) != 0;
    Linear bound = is_length ? (high ? arg->length_high : arg->length_low)
                             : (high ? arg->high : arg->low);
    return linear_plus(bound, linear.k);
}

// NULL where the size of an argument is not known.
static const Sum *sum_put_in(Recursion *recursion, const Helper *helper,
                             const Extent *args, const Sum *sum)
{
    if (sum == NULL) {
        return NULL;
    }
    Extent nothing = extent_integer(0);
    const Sum *result = sum_plus(recursion, sum_of(recursion, &nothing),
                                 sum_of(recursion, &nothing), sum->k);
    for (uint32_t i = 0; i < sum->count; i++) {
        uint32_t index;
        Extent part = extent_param(sum->parts[i]);
        bool own = is_own(helper, sum->parts[i], &index);
        result = sum_plus(recursion, result,
                          sum_of(recursion, own ? &args[index] : &part), 0);
    }
    return result;
}

static Extent instantiate(Recursion *recursion, const Helper *helper,
                          const Extent *args, const Extent *result)
{
    Extent value = *result;
    uint32_t index;
    if (value.part_of != NO_PARAM && is_own(helper, value.part_of, &index)) {
        value.part_of = args[index].part_of;
        value.smaller =
            value.part_of != NO_PARAM && (value.smaller || args[index].smaller);
    }
    if (result->part_of != NO_PARAM && value.part_of == NO_PARAM) {
        Sum part = {.parts = {result->part_of},
                    .count = 1,
                    .k = result->smaller ? -1 : 0};
        value.sum = sum_put_in(recursion, helper, args, &part);
    } else {
        value.sum = sum_put_in(recursion, helper, args, value.sum);
    }
    if (value.base != NULL) {
        Extent base = instantiate(recursion, helper, args, value.base);
        value.base = arena_copy(&recursion->arena, &base, sizeof base);
    }
    value.low = put_in(helper, args, value.low, false);
    value.high = put_in(helper, args, value.high, true);
    value.length_low = put_in(helper, args, value.length_low, false);
    value.length_high = put_in(helper, args, value.length_high, true);
    value.quotient_of = value.remainder_by = value.remainder_of = NO_PARAM;
    value.implied = NULL;
    value.lambda = NULL;
    value.helper = NULL;
    value.function = 0;
    Extent *items =
        arena_array(&recursion->arena, value.item_count, sizeof *items);
    for (uint32_t i = 0; i < value.item_count; i++) {
        items[i] = instantiate(recursion, helper, args, &result->items[i]);
    }
    value.items = items;
    return value;
}

Extent helper_summary(Recursion *recursion, Helper *helper, const Extent *args)
{
    if (helper->state == HELPER_NEW) {
        if (helper->binding == NULL || !may_open(recursion)) {
            return extent_unknown();
        }
        summarise(recursion, helper);
    }
    return instantiate(recursion, helper, args, &helper->result);
}

// Whether the body is being followed or walked already.
static bool is_open(const Recursion *recursion, const Helper *helper)
{
    bool open = helper->is_walked || helper->state == HELPER_OPEN;
    for (uint32_t i = 0; i < recursion->open_count; i++) {
        open = open || recursion->open[i] == helper;
    }
    return open;
}

Extent helper_result(Recursion *recursion, Helper *helper, const Extent *args,
                     uint32_t count)
{
    if (recursion->quiet || count < helper->param_count) {
        return extent_unknown();
    }
    if (is_open(recursion, helper) || !may_open(recursion)) {
        return helper_summary(recursion, helper, args);
    }
    Frame frame = enter(recursion, helper);
    Extent value = follow(recursion, helper, args);
    leave(recursion, &frame);
    if (count > helper->param_count) {
        return extent_unknown();
    }
    return value;
}

Extent lambda_result(Recursion *recursion, const Function *lambda,
                     const Extent *args, uint32_t count)
{
    if (recursion->quiet || count != lambda->param_count ||
        !may_open(recursion)) {
        return extent_unknown();
    }
    Frame frame = enter(recursion, NULL);
    for (uint32_t i = 0; i < count; i++) {
        totality_bind_param(recursion, &lambda->params[i], args[i]);
    }
    Extent value =
        extent_outside(recursion, totality_value(recursion, &lambda->body));
    leave(recursion, &frame);
    return value;
}
