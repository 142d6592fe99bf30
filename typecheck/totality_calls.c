// Calls: of the functions of the recursion, which are recorded with the facts
// of the path, and of others, whose results may be known.
#include "typecheck/totality_internal.h"

static Extent call(Recursion *recursion, const Expr *callee, const Extent *args,
                   uint32_t count, Span span);

static void escape(Recursion *recursion, uint32_t function, Span span)
{
    if (!recursion->escaped) {
        recursion->escaped = true;
        recursion->escaped_function = function;
        recursion->escaped_span = span;
    }
}

uint32_t totality_member(const Recursion *recursion, uint32_t binding)
{
    uint32_t low = 0;
    uint32_t high = recursion->member_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (recursion->members[middle] < binding) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < recursion->member_count && recursion->members[low] == binding
               ? low + 1
               : 0;
}

uint32_t totality_function_of(const Recursion *recursion, const Expr *expr)
{
    if (expr->kind != EXPR_NAME) {
        return 0;
    }
    const NameRef *ref = &expr->as.name;
    if (recursion->is_local) {
        return ref->ref == REF_LOCAL && ref->index < recursion->local_count
                   ? recursion->locals[ref->index].function
                   : 0;
    }
    if (ref->ref == REF_METHOD) {
        uint32_t method = totality_method_binding(recursion, expr);
        return method != UINT32_MAX ? totality_member(recursion, method) : 0;
    }
    return ref->ref == REF_GLOBAL && ref->module == recursion->module->id
               ? totality_member(recursion, ref->index)
               : 0;
}

void totality_record_call(Recursion *recursion, uint32_t callee,
                          const Extent *args, uint32_t count, Span span)
{
    const RecFunction *function = &recursion->functions[callee];
    if (count == 0 && function->param_count > 0) {
        escape(recursion, callee, span);
        return;
    }
    if (recursion->calls.count == TOTALITY_MAX_CALLS) {
        recursion->too_large = true;
        return;
    }
    Arena *arena = &recursion->arena;
    RecCall record = {.caller = recursion->current,
                      .callee = callee,
                      .span = span,
                      .fact_count = recursion->facts.count};
    // What a partial application leaves out may be anything, like the
    // parameters of \x -> f a x.
    record.args = arena_array(arena, function->param_count, sizeof *args);
    for (uint32_t i = 0; i < function->param_count; i++) {
        record.args[i] = i < count ? args[i] : extent_unknown();
    }
    record.facts = arena_copy(arena, recursion->facts.items,
                              record.fact_count * sizeof *record.facts);
    vec_push(&recursion->calls, record);
}

// A call of a function of the recursion, or its mention.
Extent totality_call_own(Recursion *recursion, uint32_t callee,
                         const Expr *name, const Extent *args, uint32_t count,
                         Span span)
{
    if (totality_records(recursion)) {
        totality_record_call(recursion, callee, args, count, span);
    }
    const NameRef *ref = &name->as.name;
    Helper *helper =
        recursion->is_local
            ? recursion->locals[ref->index].helper
            : helper_of_binding(recursion, ref->module, ref->index);
    if (recursion->quiet || helper == NULL || helper->param_count != count ||
        count == 0) {
        return extent_unknown();
    }
    return helper_summary(recursion, helper, args);
}

// `name` applied to values.
static Extent call_name(Recursion *recursion, const Expr *name,
                        const Extent *args, uint32_t count, Span span)
{
    uint32_t function = totality_function_of(recursion, name);
    totality_use_name(recursion, name, args, count, span);
    if (function != 0) {
        return totality_call_own(recursion, function - 1, name, args, count,
                                 span);
    }
    Extent result = extent_unknown();
    const NameRef *ref = &name->as.name;
    if (totality_library_result(recursion, name, args, count, &result)) {
        return result;
    }
    if (ref->ref == REF_LOCAL && ref->index < recursion->local_count) {
        Extent value = recursion->locals[ref->index];
        bool is_here = value.frame == recursion->frame;
        if (value.helper != NULL && is_here) {
            return helper_result(recursion, value.helper, args, count);
        }
        if (value.lambda != NULL && is_here) {
            return lambda_result(recursion, value.lambda, args, count);
        }
    } else if (ref->ref == REF_GLOBAL) {
        Helper *helper = helper_of_binding(recursion, ref->module, ref->index);
        if (helper != NULL) {
            return helper_result(recursion, helper, args, count);
        }
    }
    return extent_unknown();
}

Extent totality_walk_lambda(Recursion *recursion, const Function *lambda,
                            const Extent *args, uint32_t count)
{
    if (recursion->quiet) {
        return extent_unknown();
    }
    for (uint32_t i = 0; i < lambda->param_count; i++) {
        totality_bind_param(recursion, &lambda->params[i],
                            i < count ? args[i] : extent_unknown());
    }
    Extent value = totality_value(recursion, &lambda->body);
    return count == lambda->param_count ? extent_outside(recursion, value)
                                        : extent_unknown();
}

Extent totality_call_ctor(Recursion *recursion, const Expr *ctor,
                          const Extent *args, uint32_t count)
{
    Extent *items = arena_copy(&recursion->arena, args, count * sizeof *args);
    const NameRef *ref = &ctor->as.ctor;
    Extent value = extent_items(SHAPE_CTOR, items, count);
    value.ctor = totality_ctor_id(ref);
    if (ref->ref != REF_CTOR) {
        return value;
    }
    uint32_t takes = recursion->program->modules[ref->module]
                         ->ctors[ref->index]
                         .decl->arg_count;
    value.tiny = takes == 0;
    if (count == takes) {
        value.sum = sum_of_items(recursion, items, count);
    }
    return value;
}

// `callee` applied to values.
static Extent call(Recursion *recursion, const Expr *callee, const Extent *args,
                   uint32_t count, Span span)
{
    if (callee->kind == EXPR_NAME) {
        return call_name(recursion, callee, args, count, span);
    }
    if (callee->kind == EXPR_CALL) {
        return totality_call_parts(recursion, callee, args, count, span);
    }
    if (callee->kind == EXPR_LAMBDA) {
        return totality_walk_lambda(recursion, callee->as.lambda, args, count);
    }
    if (callee->kind == EXPR_CTOR) {
        return totality_call_ctor(recursion, callee, args, count);
    }
    (void)totality_value(recursion, callee);
    return extent_unknown();
}

// parts[0] applied to the other parts and then to `extra`.
Extent totality_call_parts(Recursion *recursion, const Expr *expr,
                           const Extent *extra, uint32_t extra_count, Span span)
{
    const Expr *parts = expr->as.call.parts;
    uint32_t own = expr->as.call.count - 1;
    uint32_t count = own + extra_count;
    Extent *args = mem_alloc(count * sizeof *args);
    const ListFunction *list = totality_list_function(recursion, &parts[0]);
    for (uint32_t i = 0; i < own; i++) {
        // The function is walked last, when the list is known.
        args[i] = list != NULL && i == list->function
                      ? extent_unknown()
                      : totality_value(recursion, &parts[i + 1]);
    }
    for (uint32_t i = 0; i < extra_count; i++) {
        args[own + i] = extra[i];
    }
    if (list != NULL && list->function < own) {
        Extent passed[2] = {extent_unknown(), extent_unknown()};
        if (list->list < count) {
            passed[list->element] = extent_part(&args[list->list]);
        }
        const Expr *function = &parts[list->function + 1];
        (void)call(recursion, function, passed, 2, function->span);
    }
    Extent value = call(recursion, &parts[0], args, count, span);
    free(args);
    bool is_number = !value.never && !value.length_high.known &&
                     value.part_of == NO_PARAM && value.shape == SHAPE_NONE;
    if (!is_number || extra_count > 0 ||
        (value.low.known && value.high.known)) {
        return value;
    }
    return totality_opaque(recursion, expr);
}

// x |> f a |> g
Extent totality_walk_pipe(Recursion *recursion, const Expr *chain)
{
    const Expr *operands = chain->as.chain.operands;
    Extent value = totality_value(recursion, &operands[0]);
    for (uint32_t i = 1; i < chain->as.chain.count; i++) {
        value = call(recursion, &operands[i], &value, 1, operands[i].span);
    }
    return value;
}
