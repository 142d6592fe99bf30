// Finding the calls of a recursion with the facts of the path to each, and
// the values of expressions.
#include "typecheck/totality_internal.h"

static Extent walk(Recursion *recursion, const Expr *expr);

// ---- branches

// The method of the prelude that an operator stands for; 0: none.
static Symbol operator_method(Operator op)
{
    switch (op) {
    case OP_EQ:
    case OP_NE:
        return SYM_METHOD_EQ;
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return SYM_METHOD_COMPARE;
    case OP_APPEND:
        return SYM_METHOD_APPEND;
    case OP_ADD:
        return SYM_METHOD_ADD;
    case OP_SUB:
        return SYM_METHOD_SUB;
    case OP_MUL:
        return SYM_METHOD_MUL;
    case OP_DIV:
        return SYM_METHOD_DIV;
    case OP_NEG:
        return SYM_METHOD_NEG;
    case OP_NONE:
    case OP_PIPE:
    case OP_COALESCE:
    case OP_OR:
    case OP_AND:
    case OP_REM:
    case OP_NOT:
        return 0;
    }
    UNREACHABLE();
}

// An operator that an instance of this module defines is a call. In a chain
// only comparisons have the operands that are written.
static void use_operators(Recursion *recursion, const Expr *chain,
                          const Extent *values)
{
    uint32_t count = chain->as.chain.count;
    for (uint32_t i = 1; i < count; i++) {
        Symbol method =
            operator_method((Operator)chain->as.chain.operands[i].op);
        bool is_written = count == 2 || method == SYM_METHOD_EQ ||
                          method == SYM_METHOD_COMPARE;
        totality_use_item(recursion, chain->note, 0, method, &values[i - 1],
                          is_written ? 2 : 0, chain->span);
    }
}

static Extent walk_arithmetic(Recursion *recursion, const Expr *chain)
{
    uint32_t count = chain->as.chain.count;
    Extent *values = mem_alloc(count * sizeof *values);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = walk(recursion, &chain->as.chain.operands[i]);
    }
    use_operators(recursion, chain, values);
    Extent value = extent_of_arithmetic(recursion, chain, values);
    free(values);
    return value;
}

// The lengths of lists that are joined add up.
static Extent walk_append(Recursion *recursion, const Expr *chain)
{
    uint32_t count = chain->as.chain.count;
    Extent *values = mem_alloc(count * sizeof *values);
    Extent sum = extent_list(0);
    const Sum *size = sum_of(recursion, &sum);
    sum.tiny = false;
    for (uint32_t i = 0; i < count; i++) {
        values[i] = walk(recursion, &chain->as.chain.operands[i]);
        sum.never = sum.never || values[i].never;
        sum.length_low = linear_sum(sum.length_low, values[i].length_low);
        sum.length_high = linear_sum(sum.length_high, values[i].length_high);
        size = sum_plus(recursion, size, sum_of(recursion, &values[i]), 0);
    }
    sum.sum = size;
    use_operators(recursion, chain, values);
    free(values);
    if (sum.never) {
        return extent_never();
    }
    uint32_t tag = note_tag(&recursion->here->notes, chain->note);
    if (tag == ELAB_STRING) { // has a length, and no size
        sum.sum = NULL;
        sum.tiny = true;
    }
    return tag == ELAB_LIST || tag == ELAB_STRING ? sum : extent_unknown();
}

static Extent walk_comparison(Recursion *recursion, const Expr *chain)
{
    uint32_t count = chain->as.chain.count;
    Extent *values = mem_alloc(count * sizeof *values);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = walk(recursion, &chain->as.chain.operands[i]);
    }
    use_operators(recursion, chain, values);
    free(values);
    return extent_unknown();
}

static Extent walk_chain(Recursion *recursion, const Expr *chain)
{
    Operator op = (Operator)chain->as.chain.operands[1].op;
    switch (op) {
    case OP_PIPE:
        return totality_walk_pipe(recursion, chain);
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_REM:
        return walk_arithmetic(recursion, chain);
    case OP_APPEND:
        return walk_append(recursion, chain);
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return walk_comparison(recursion, chain);
    case OP_NONE:
    case OP_COALESCE:
    case OP_OR:
    case OP_AND:
    case OP_NEG:
    case OP_NOT:
        break;
    }
    uint32_t mark = recursion->facts.count;
    bool dead = recursion->dead;
    for (uint32_t i = 0; i < chain->as.chain.count; i++) {
        (void)walk(recursion, &chain->as.chain.operands[i]);
        if (op == OP_AND || op == OP_OR) {
            facts_assume(recursion, &chain->as.chain.operands[i], op == OP_AND);
        }
    }
    recursion->facts.count = mark;
    recursion->dead = dead;
    return extent_unknown();
}

void totality_join_branch(Recursion *recursion, Extent *value, Extent branch,
                          uint32_t fact_mark, bool was_dead)
{
    if (!recursion->dead) {
        branch = extent_relative(recursion, branch);
        *value = extent_join(recursion, value, &branch);
    }
    recursion->facts.count = fact_mark;
    recursion->dead = was_dead;
}

static Extent walk_if(Recursion *recursion, const Expr *branch)
{
    const Expr *parts = branch->as.branch.parts;
    uint32_t count = branch->as.branch.count;
    uint32_t begin = recursion->facts.count;
    bool was_dead = recursion->dead;
    Extent value = extent_never();
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        (void)walk(recursion, &parts[i]);
        uint32_t mark = recursion->facts.count;
        bool dead = recursion->dead;
        facts_assume(recursion, &parts[i], true);
        totality_join_branch(recursion, &value, walk(recursion, &parts[i + 1]),
                             mark, dead);
        facts_assume(recursion, &parts[i], false);
    }
    totality_join_branch(recursion, &value, walk(recursion, &parts[count - 1]),
                         begin, was_dead);
    return value;
}

static Extent walk_let(Recursion *recursion, const Let *let)
{
    for (uint32_t i = 0; let->rec && i < let->count; i++) {
        if (recursion->local_count > let->binds[i].local &&
            recursion->locals[let->binds[i].local].function == 0) {
            totality_bind_local(recursion, let->binds[i].local,
                                extent_unknown());
        }
    }
    if (let->rec && recursion->follows) {
        helpers_of_let(recursion, let);
    }
    for (uint32_t i = 0; i < let->count; i++) {
        const Bind *bind = &let->binds[i];
        Helper *helper = let->rec && bind->local < recursion->local_count
                             ? recursion->locals[bind->local].helper
                             : NULL;
        if (helper != NULL) {
            helper->is_walked = true;
        }
        Extent value = walk(recursion, &bind->value);
        if (helper != NULL) {
            helper->is_walked = false;
        }
        if (!let->rec) {
            totality_bind_local(recursion, bind->local, value);
        }
    }
    return walk(recursion, &let->body);
}

// [f x for x in xs if ...] has as many elements as xs, or fewer.
static Extent walk_comprehension(Recursion *recursion,
                                 const Comprehension *comprehension)
{
    uint32_t mark = recursion->facts.count;
    bool was_dead = recursion->dead;
    Extent first = extent_unknown();
    uint32_t sources = 0;
    for (uint32_t i = 0; i < comprehension->count; i++) {
        const Clause *clause = &comprehension->clauses[i];
        Extent source = walk(recursion, &clause->expr);
        if (clause->is_filter) {
            facts_assume(recursion, &clause->expr, true);
        } else {
            first = i == 0 ? source : first;
            sources++;
            Extent part = extent_part(&source);
            totality_bind_pattern(recursion, &clause->pattern, &part);
        }
    }
    (void)walk(recursion, &comprehension->body);
    recursion->facts.count = mark;
    recursion->dead = was_dead;
    const Expr *body = &comprehension->body;
    const Pattern *element = &comprehension->clauses[0].pattern;
    bool same = body->kind == EXPR_NAME && body->as.name.ref == REF_LOCAL &&
                (body->flags & EXPR_WRAP_SOME) == 0 &&
                element->kind == PATTERN_NAME &&
                element->as.name.local == body->as.name.index;
    return sources != 1 ? extent_unknown()
           : same       ? extent_sublist(&first)
                        : extent_mapped(&first, comprehension->count == 1);
}

// ---- everything else

static Extent walk_name(Recursion *recursion, const Expr *name)
{
    const NameRef *ref = &name->as.name;
    uint32_t function = totality_function_of(recursion, name);
    totality_use_name(recursion, name, NULL, 0, name->span);
    if (function != 0) {
        return totality_call_own(recursion, function - 1, name, NULL, 0,
                                 name->span);
    }
    if (ref->ref == REF_LOCAL && ref->index < recursion->local_count) {
        return recursion->locals[ref->index];
    }
    if (ref->ref == REF_GLOBAL) {
        // Told apart from locals by the high bit.
        uint64_t id = UINT64_C(1) << 63 | (uint64_t)ref->module << 32;
        return extent_constant(id | ref->index);
    }
    return extent_unknown();
}

static Extent walk_tuple(Recursion *recursion, const Expr *tuple)
{
    uint32_t count = tuple->as.tuple.count;
    Extent *items = arena_array(&recursion->arena, count, sizeof *items);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = walk(recursion, &tuple->as.tuple.items[i]);
    }
    Extent value = extent_items(SHAPE_TUPLE, items, count);
    value.sum = sum_of_items(recursion, items, count);
    return value;
}

static Extent walk_list(Recursion *recursion, const Expr *list)
{
    uint32_t count = list->as.list.count;
    bool kept = count <= TOTALITY_MAX_ITEMS;
    Extent items[TOTALITY_MAX_ITEMS];
    for (uint32_t i = 0; i < count; i++) {
        Extent item = walk(recursion, &list->as.list.items[i]);
        if (kept) {
            items[i] = item;
        }
    }
    Extent value = extent_list(count);
    if (kept) {
        Extent whole = extent_items(
            SHAPE_LIST,
            arena_copy(&recursion->arena, items, count * sizeof *items), count);
        whole.tiny = value.tiny;
        whole.length_low = value.length_low;
        whole.length_high = value.length_high;
        whole.sum = sum_of_items(recursion, items, count);
        return whole;
    }
    return value;
}

static Extent walk_interpolation(Recursion *recursion, const Expr *text)
{
    for (uint32_t i = 0; i < text->as.interpolation.count; i++) {
        Extent part = walk(recursion, &text->as.interpolation.parts[i]);
        totality_use_item(recursion, text->note, i, SYM_METHOD_SHOW, &part, 1,
                          text->span);
    }
    return extent_unknown();
}

// Fields that are written, over those of what is spread first.
static Extent walk_record(Recursion *recursion, const Expr *record)
{
    uint32_t count = record->as.record.count;
    bool plain = true;
    Extent items[TOTALITY_MAX_ITEMS];
    Symbol names[TOTALITY_MAX_ITEMS];
    uint32_t kept = 0;
    const Extent *base = NULL;
    Arena *arena = &recursion->arena;
    for (uint32_t i = 0; i < count; i++) {
        const RecordItem *item = &record->as.record.items[i];
        Extent value = walk(recursion, record_item_value(item));
        if (item->name == 0 && i == 0) {
            base = arena_copy(arena, &value, sizeof value);
            continue;
        }
        plain = plain && item->name != 0 && kept < TOTALITY_MAX_ITEMS;
        if (plain) {
            items[kept] =
                record_item_path(item) == NULL ? value : extent_unknown();
            names[kept++] = item->name;
        }
    }
    bool is_deep = base != NULL && base->depth >= TOTALITY_MAX_NESTED;
    if (!plain || is_deep || (record->flags & EXPR_AS_MAP) != 0) {
        return extent_unknown();
    }
    Extent value = extent_items(
        SHAPE_RECORD, arena_copy(arena, items, kept * sizeof *items), kept);
    value.names = arena_copy(arena, names, kept * sizeof *names);
    value.base = base;
    if (base != NULL && base->depth >= value.depth) {
        value.depth = base->depth + 1;
    }
    return value;
}

static Extent walk_lambda_value(Recursion *recursion, const Function *lambda)
{
    Extent value = extent_unknown();
    value.lambda = lambda;
    value.frame = recursion->frame;
    if (!recursion->quiet) {
        (void)totality_walk_lambda(recursion, lambda, NULL, 0);
    }
    return value;
}

static Extent walk_inside(Recursion *recursion, const Expr *expr)
{
    Extent value = extent_unknown();
    switch ((ExprKind)expr->kind) {
    case EXPR_NAME:
        return walk_name(recursion, expr);
    case EXPR_CALL:
        return totality_call_parts(recursion, expr, NULL, 0, expr->span);
    case EXPR_CHAIN:
        return walk_chain(recursion, expr);
    case EXPR_LAMBDA:
        return walk_lambda_value(recursion, expr->as.lambda);
    case EXPR_LET:
        return recursion->quiet ? value : walk_let(recursion, expr->as.let);
    case EXPR_IF:
        return recursion->quiet ? value : walk_if(recursion, expr);
    case EXPR_MATCH:
        return recursion->quiet
                   ? value
                   : totality_walk_match(recursion, expr->as.match);
    case EXPR_COMPREHENSION:
        return recursion->quiet
                   ? value
                   : walk_comprehension(recursion, expr->as.comprehension);
    case EXPR_TUPLE:
        return walk_tuple(recursion, expr);
    case EXPR_RECORD:
        return walk_record(recursion, expr);
    case EXPR_FIELD:
        value = walk(recursion, &expr->as.field.of->record);
        return extent_step(recursion, &value, step_field(expr->as.field.field));
    case EXPR_ANNOTATED:
        return walk(recursion, &expr->as.annotated->expr);
    case EXPR_UNARY:
        value = walk(recursion, expr->as.unary.operand);
        totality_use_item(recursion, expr->note, 0,
                          operator_method(expr->as.unary.op), &value, 1,
                          expr->span);
        return expr->as.unary.op == OP_NEG ? extent_negated(&value)
                                           : extent_unknown();
    case EXPR_LIST:
        return walk_list(recursion, expr);
    case EXPR_INTERPOLATION:
        return walk_interpolation(recursion, expr);
    case EXPR_INT:
        value = extent_integer(expr->as.integer.value);
        totality_use_item(recursion, expr->note, 0, SYM_METHOD_FROM_INTEGER,
                          &value, 1, expr->span);
        return (expr->flags & EXPR_AS_FLOAT) == 0 &&
                       !totality_is_written(recursion, expr->note)
                   ? value
                   : extent_unknown();
    case EXPR_CTOR:
        return totality_call_ctor(recursion, expr, NULL, 0);
    case EXPR_STRING:
        return extent_text(expr->as.string.len);
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_FLOAT:
        value.tiny = true;
        return value;
    case EXPR_ERROR:
    case EXPR_BUILTIN:
    case EXPR_DATA:
        return value;
    }
    UNREACHABLE();
}

// Bodies inside bodies of helpers are followed no deeper than this.
#define MAX_DEPTH 200

static Extent walk(Recursion *recursion, const Expr *expr)
{
    bool follows = recursion->open_count > 0;
    if (follows &&
        (recursion->depth >= MAX_DEPTH || totality_tired(recursion))) {
        return extent_unknown();
    }
    recursion->depth += follows;
    Extent value = walk_inside(recursion, expr);
    recursion->depth -= follows;
    // One constructor larger; a Float is no bound of integers.
    return (expr->flags & EXPR_WRAP_SOME) != 0 ? extent_unknown() : value;
}

Extent totality_value(Recursion *recursion, const Expr *expr)
{
    return walk(recursion, expr);
}

Extent totality_glance(Recursion *recursion, const Expr *expr)
{
    bool quiet = recursion->quiet;
    recursion->quiet = true;
    Extent value = walk(recursion, expr);
    recursion->quiet = quiet;
    return value;
}

void totality_walk(Recursion *recursion, uint32_t index)
{
    const RecFunction *function = &recursion->functions[index];
    recursion->current = index;
    recursion->own_locals = recursion->locals;
    for (uint32_t i = 0; i < function->param_count; i++) {
        totality_bind_param(recursion, function->params[i], extent_param(i));
    }
    (void)walk(recursion, function->body);
    for (uint32_t i = 0; i < recursion->touched.count; i++) {
        uint32_t local = recursion->touched.items[i];
        recursion->locals[local] = extent_constant(local);
    }
    vec_clear(&recursion->touched);
}
