// Finding the calls of a recursion, with the facts of the path to each.
#include "typecheck/totality_private.h"

// Literals of a match whose absence is remembered for the arms behind them.
#define MAX_EXCLUDED 8

static void walk(Recursion *recursion, const Expr *expr);

// ---- binding locals

static void bind_local(Recursion *recursion, uint32_t local, Extent value)
{
    if (local >= recursion->local_count) {
        return;
    }
    Extent *slot = &recursion->locals[local];
    *slot = recursion->joining ? extent_join(slot, &value) : value;
    vec_push(&recursion->touched, local);
}

static void bind_pattern(Recursion *recursion, const Pattern *pattern,
                         Extent value);

static void bind_patterns(Recursion *recursion, const Pattern *patterns,
                          uint32_t count, Extent part)
{
    for (uint32_t i = 0; i < count; i++) {
        bind_pattern(recursion, &patterns[i], part);
    }
}

static void bind_list(Recursion *recursion, const PatternList *list,
                      Extent value)
{
    Extent part = extent_part(&value);
    bind_patterns(recursion, list->items, list->count, part);
    if (list->has_rest && list->rest != 0) {
        if (list->count == 0) {
            part.smaller = value.smaller;
        }
        bind_local(recursion, list->rest_local, part);
    }
}

static void bind_pattern(Recursion *recursion, const Pattern *pattern,
                         Extent value)
{
    Extent part = extent_part(&value);
    switch ((PatternKind)pattern->kind) {
    case PATTERN_NAME:
        bind_local(recursion, pattern->as.name.local, value);
        return;
    case PATTERN_AS:
        bind_local(recursion, pattern->as.alias.local, value);
        bind_pattern(recursion, pattern->as.alias.pattern, value);
        return;
    case PATTERN_CTOR:
        bind_patterns(recursion, pattern->as.ctor->args,
                      pattern->as.ctor->arg_count, part);
        return;
    case PATTERN_TUPLE:
        bind_patterns(recursion, pattern->as.tuple.items,
                      pattern->as.tuple.count, part);
        return;
    case PATTERN_LIST:
        bind_list(recursion, pattern->as.list, value);
        return;
    case PATTERN_RECORD:
        for (uint32_t i = 0; i < pattern->as.record->count; i++) {
            bind_pattern(recursion, &pattern->as.record->fields[i].pattern,
                         part);
        }
        return;
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
    case PATTERN_UNIT:
    case PATTERN_BOOL:
    case PATTERN_INT:
    case PATTERN_FLOAT:
    case PATTERN_STRING:
        return;
    }
    UNREACHABLE();
}

static void bind_param(Recursion *recursion, const Param *param, Extent value)
{
    bind_local(recursion, param->local, value);
    bind_pattern(recursion, &param->pattern, value);
}

// ---- calls

static void escape(Recursion *recursion, uint32_t function, Span span)
{
    if (!recursion->escaped) {
        recursion->escaped = true;
        recursion->escaped_function = function;
        recursion->escaped_span = span;
    }
}

// 1 + the index of the function of the recursion that the name means; else 0.
static uint32_t function_of(const Recursion *recursion, const Expr *expr)
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
    if (ref->ref != REF_GLOBAL || ref->module != recursion->module->id) {
        return 0;
    }
    // Members are in ascending order.
    const uint32_t *members = recursion->group->members;
    uint32_t low = 0;
    uint32_t high = recursion->function_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (members[middle] < ref->index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < recursion->function_count && members[low] == ref->index
               ? low + 1
               : 0;
}

static void record_call(Recursion *recursion, uint32_t callee,
                        const Extent *args, uint32_t count, Span span)
{
    const RecFunction *function = &recursion->functions[callee];
    if (count < function->param_count) {
        escape(recursion, callee, span);
        return;
    }
    if (recursion->calls.count == TOTALITY_MAX_CALLS) {
        recursion->too_large = true;
        return;
    }
    Arena *arena = &recursion->arena;
    RecCall call = {.caller = recursion->current,
                    .callee = callee,
                    .span = span,
                    .fact_count = recursion->facts.count};
    call.args = arena_copy(arena, args, function->param_count * sizeof *args);
    call.facts = arena_copy(arena, recursion->facts.items,
                            call.fact_count * sizeof *call.facts);
    vec_push(&recursion->calls, call);
}

typedef VEC(Extent) ExtentVec;

static void apply(Recursion *recursion, const Expr *callee, const Extent *extra,
                  uint32_t extra_count);

static void apply_lambda(Recursion *recursion, const Function *lambda,
                         const Extent *args, uint32_t count)
{
    for (uint32_t i = 0; i < lambda->param_count; i++) {
        bind_param(recursion, &lambda->params[i],
                   i < count ? args[i] : extent_unknown());
    }
    walk(recursion, &lambda->body);
}

// Library functions that call a function with the elements of a list.
typedef struct ListFunction {
    const char *name;
    uint32_t function, list; // arguments
    uint32_t element;        // parameter of the function
} ListFunction;

static const ListFunction *list_function(const Recursion *recursion,
                                         const Expr *callee)
{
    static const ListFunction functions[] = {
        {"map", 0, 1, 0},       {"filter", 0, 1, 0},    {"all", 0, 1, 0},
        {"any", 0, 1, 0},       {"fold", 0, 2, 1},      {"foldRight", 0, 2, 0},
        {"flatMap", 0, 1, 0},   {"find", 0, 1, 0},      {"findIndex", 0, 1, 0},
        {"partition", 0, 1, 0}, {"takeWhile", 0, 1, 0}, {"dropWhile", 0, 1, 0},
        {"mapValues", 0, 1, 0},
    };
    Str name = totality_library_name(recursion, callee);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (str_equal(name, str_from_c(functions[i].name))) {
            return &functions[i];
        }
    }
    return NULL;
}

// parts[0] applied to the other parts and then to `extra`.
static void apply_parts(Recursion *recursion, const Expr *call,
                        const Extent *extra, uint32_t extra_count)
{
    const Expr *parts = call->as.call.parts;
    ExtentVec args = {0};
    for (uint32_t i = 1; i < call->as.call.count; i++) {
        vec_push(&args, extent_of(recursion, &parts[i]));
    }
    for (uint32_t i = 0; i < extra_count; i++) {
        vec_push(&args, extra[i]);
    }
    const ListFunction *list = list_function(recursion, &parts[0]);
    for (uint32_t i = 1; i < call->as.call.count; i++) {
        if (list == NULL || i - 1 != list->function) {
            walk(recursion, &parts[i]);
            continue;
        }
        Extent passed[2] = {extent_unknown(), extent_unknown()};
        if (list->list < args.count) {
            passed[list->element] = extent_part(&args.items[list->list]);
        }
        apply(recursion, &parts[i], passed, 2);
    }
    uint32_t function = function_of(recursion, &parts[0]);
    if (function != 0) {
        record_call(recursion, function - 1, args.items, args.count,
                    call->span);
    } else {
        apply(recursion, &parts[0], args.items, args.count);
    }
    vec_release(&args);
}

// `callee` applied to values.
static void apply(Recursion *recursion, const Expr *callee, const Extent *extra,
                  uint32_t extra_count)
{
    uint32_t function = function_of(recursion, callee);
    if (function != 0) {
        record_call(recursion, function - 1, extra, extra_count, callee->span);
    } else if (callee->kind == EXPR_CALL) {
        apply_parts(recursion, callee, extra, extra_count);
    } else if (callee->kind == EXPR_LAMBDA) {
        apply_lambda(recursion, callee->as.lambda, extra, extra_count);
    } else {
        walk(recursion, callee);
    }
}

// x |> f a |> g
static void walk_pipe(Recursion *recursion, const Expr *chain)
{
    const Expr *operands = chain->as.chain.operands;
    Extent value = extent_of(recursion, &operands[0]);
    walk(recursion, &operands[0]);
    for (uint32_t i = 1; i < chain->as.chain.count; i++) {
        apply(recursion, &operands[i], &value, 1);
        value = extent_of_applied(recursion, &operands[i], &value);
    }
}

// ---- branches

static void walk_chain(Recursion *recursion, const Expr *chain)
{
    Operator op = (Operator)chain->as.chain.operands[1].op;
    if (op == OP_PIPE) {
        walk_pipe(recursion, chain);
        return;
    }
    uint32_t mark = recursion->facts.count;
    for (uint32_t i = 0; i < chain->as.chain.count; i++) {
        walk(recursion, &chain->as.chain.operands[i]);
        if (op == OP_AND || op == OP_OR) {
            facts_assume(recursion, &chain->as.chain.operands[i], op == OP_AND);
        }
    }
    recursion->facts.count = mark;
}

static void walk_if(Recursion *recursion, const Expr *branch)
{
    const Expr *parts = branch->as.branch.parts;
    uint32_t count = branch->as.branch.count;
    uint32_t begin = recursion->facts.count;
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        walk(recursion, &parts[i]);
        uint32_t mark = recursion->facts.count;
        facts_assume(recursion, &parts[i], true);
        walk(recursion, &parts[i + 1]);
        recursion->facts.count = mark;
        facts_assume(recursion, &parts[i], false);
    }
    walk(recursion, &parts[count - 1]);
    recursion->facts.count = begin;
}

static void walk_let(Recursion *recursion, const Let *let)
{
    for (uint32_t i = 0; let->rec && i < let->count; i++) {
        if (recursion->local_count > let->binds[i].local &&
            recursion->locals[let->binds[i].local].function == 0) {
            bind_local(recursion, let->binds[i].local, extent_unknown());
        }
    }
    for (uint32_t i = 0; i < let->count; i++) {
        const Bind *bind = &let->binds[i];
        walk(recursion, &bind->value);
        if (!let->rec) {
            bind_local(recursion, bind->local,
                       extent_of(recursion, &bind->value));
        }
    }
    walk(recursion, &let->body);
}

static void walk_comprehension(Recursion *recursion,
                               const Comprehension *comprehension)
{
    uint32_t mark = recursion->facts.count;
    for (uint32_t i = 0; i < comprehension->count; i++) {
        const Clause *clause = &comprehension->clauses[i];
        walk(recursion, &clause->expr);
        if (clause->is_filter) {
            facts_assume(recursion, &clause->expr, true);
        } else {
            Extent source = extent_of(recursion, &clause->expr);
            bind_pattern(recursion, &clause->pattern, extent_part(&source));
        }
    }
    walk(recursion, &comprehension->body);
    recursion->facts.count = mark;
}

// ---- match

static const Pattern *strip_aliases(const Pattern *pattern)
{
    while (pattern->kind == PATTERN_AS) {
        pattern = pattern->as.alias.pattern;
    }
    return pattern;
}

// The components of a tuple are matched one by one: the tuple itself is no
// part of anything.
static void bind_scrutinee(Recursion *recursion, const Expr *scrutinee,
                           const Pattern *pattern)
{
    if (scrutinee->kind == EXPR_TUPLE && pattern->kind == PATTERN_TUPLE &&
        scrutinee->as.tuple.count == pattern->as.tuple.count) {
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++) {
            bind_scrutinee(recursion, &scrutinee->as.tuple.items[i],
                           &pattern->as.tuple.items[i]);
        }
        return;
    }
    bind_pattern(recursion, pattern, extent_of(recursion, scrutinee));
}

static Linear literal_of(const Pattern *pattern)
{
    Linear linear = {.known = false};
    if (pattern->kind == PATTERN_INT && (pattern->flags & EXPR_AS_FLOAT) == 0) {
        linear.known = true;
        linear.k = pattern->as.integer.value;
    }
    return linear;
}

// What holds in the body of an arm.
static void assume_arm(Recursion *recursion, const Expr *scrutinee,
                       const Arm *arm)
{
    if (arm->pattern_count != 1) {
        return;
    }
    const Pattern *pattern = strip_aliases(&arm->patterns[0]);
    if (pattern->kind == PATTERN_BOOL) {
        facts_assume(recursion, scrutinee, pattern->as.boolean.value);
        return;
    }
    Linear literal = literal_of(pattern);
    Linear value = extent_of(recursion, scrutinee).linear;
    facts_add(recursion, FACT_AT_LEAST, value, literal, 0);
    facts_add(recursion, FACT_AT_LEAST, literal, value, 0);
}

// What holds behind an arm that was not taken.
static void assume_not_arm(Recursion *recursion, const Expr *scrutinee,
                           const Arm *arm, uint32_t *excluded)
{
    const Pattern *first = strip_aliases(&arm->patterns[0]);
    if (arm->guard != NULL) {
        bool takes_all =
            first->kind == PATTERN_NAME || first->kind == PATTERN_WILDCARD;
        if (takes_all && arm->pattern_count == 1) {
            facts_assume(recursion, arm->guard, false);
        }
        return;
    }
    if (first->kind == PATTERN_BOOL && arm->pattern_count == 1) {
        facts_assume(recursion, scrutinee, !first->as.boolean.value);
        return;
    }
    Linear value = extent_of(recursion, scrutinee).linear;
    for (uint32_t i = 0; i < arm->pattern_count; i++) {
        Linear literal = literal_of(strip_aliases(&arm->patterns[i]));
        if (literal.known && (*excluded)++ < MAX_EXCLUDED) {
            facts_add(recursion, FACT_DIFFERS, value, literal, 0);
        }
    }
}

static void walk_match(Recursion *recursion, const Match *match)
{
    walk(recursion, &match->scrutinee);
    uint32_t begin = recursion->facts.count;
    uint32_t excluded = 0;
    for (uint32_t i = 0; i < match->arm_count; i++) {
        const Arm *arm = &match->arms[i];
        for (uint32_t j = 0; j < arm->pattern_count; j++) {
            recursion->joining = j > 0;
            bind_scrutinee(recursion, &match->scrutinee, &arm->patterns[j]);
        }
        recursion->joining = false;
        uint32_t mark = recursion->facts.count;
        assume_arm(recursion, &match->scrutinee, arm);
        if (arm->guard != NULL) {
            walk(recursion, arm->guard);
            facts_assume(recursion, arm->guard, true);
        }
        walk(recursion, &arm->body);
        recursion->facts.count = mark;
        assume_not_arm(recursion, &match->scrutinee, arm, &excluded);
    }
    recursion->facts.count = begin;
}

// ---- everything else

static void walk_child(Expr *child, void *ctx)
{
    walk(ctx, child);
}

static void walk(Recursion *recursion, const Expr *expr)
{
    uint32_t function = function_of(recursion, expr);
    if (function != 0) {
        record_call(recursion, function - 1, NULL, 0, expr->span);
        return;
    }
    switch ((ExprKind)expr->kind) {
    case EXPR_CALL:
        apply_parts(recursion, expr, NULL, 0);
        return;
    case EXPR_CHAIN:
        walk_chain(recursion, expr);
        return;
    case EXPR_LAMBDA:
        apply_lambda(recursion, expr->as.lambda, NULL, 0);
        return;
    case EXPR_LET:
        walk_let(recursion, expr->as.let);
        return;
    case EXPR_IF:
        walk_if(recursion, expr);
        return;
    case EXPR_MATCH:
        walk_match(recursion, expr->as.match);
        return;
    case EXPR_COMPREHENSION:
        walk_comprehension(recursion, expr->as.comprehension);
        return;
    case EXPR_INTERPOLATION:
    case EXPR_TUPLE:
    case EXPR_LIST:
    case EXPR_RECORD:
    case EXPR_FIELD:
    case EXPR_UNARY:
    case EXPR_ANNOTATED:
        // The visitor takes children that may be changed; this one does not.
        ast_visit_children((Expr *)(uintptr_t)expr, walk_child, recursion);
        return;
    case EXPR_ERROR:
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_NAME:
    case EXPR_CTOR:
    case EXPR_BUILTIN:
        return;
    }
    UNREACHABLE();
}

void totality_walk(Recursion *recursion, uint32_t index)
{
    const RecFunction *function = &recursion->functions[index];
    recursion->current = index;
    for (uint32_t i = 0; i < function->param_count; i++) {
        bind_param(recursion, function->params[i], extent_param(i));
    }
    walk(recursion, function->body);
    for (uint32_t i = 0; i < recursion->touched.count; i++) {
        uint32_t local = recursion->touched.items[i];
        recursion->locals[local] = extent_constant(local);
    }
    vec_clear(&recursion->touched);
}
