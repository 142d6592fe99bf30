// Expressions: one function per form, inferring (no expectation) or checking
// against a type.
#include "typecheck/infer_internal.h"
#include "typecheck/infer_parts.h"
#include "typecheck/refinements.h"

bool infer_unify(Infer *c, Span span, Type *expected, Type *found,
                 const Expect *why)
{
    if (unify(&c->unifier, expected, found)) {
        return true;
    }
    infer_mismatch(c, span, expected, found, why);
    return false;
}

static NOINLINE Type *infer_interpolation(Infer *c, Expr *expr)
{
    uint32_t count = expr->as.interpolation.count;
    Note note = {.kind = NOTE_EVIDENCE};
    note.as.evidence.count = count;
    note.as.evidence.items = arena_zalloc(c->arena, count * sizeof(Evidence *));
    bool structural = true;
    for (uint32_t i = 0; i < count; i++) {
        Expr *part = &expr->as.interpolation.parts[i];
        if (part->kind == EXPR_STRING) {
            continue;
        }
        Type *type = type_resolve(infer_expr(c, part));
        if (c->show == NULL || type_is_prim(type, PRIM_STRING)) {
            continue;
        }
        Evidence **slot = &note.as.evidence.items[i];
        Wanted wanted = {.class_ = c->show,
                         .slot = slot,
                         .owner = c->owner,
                         .span = part->span};
        wanted.args = arena_alloc(c->store.arena, sizeof(Type *));
        wanted.args[0] = type;
        infer_want(c, &wanted);
        structural = structural && *slot != NULL &&
                     (*slot)->kind == EVIDENCE_DERIVED &&
                     (*slot)->shape == NULL;
    }
    if (structural) {
        infer_set_tag(c, &expr->note, ELAB_DATA);
    } else {
        infer_add_note(c, &expr->note, &note);
    }
    return type_prim(PRIM_STRING);
}

// ---- lists and tuples

// A list of literals of the wrong kind is one mistake.
static void check_items(Infer *c, Expr *items, uint32_t count, Type *item,
                        const Expect *why, uint32_t *wrong_kinds)
{
    for (uint32_t i = 0; i < count; i++) {
        bool literal = items[i].kind <= EXPR_STRING;
        if (literal && (*wrong_kinds >> items[i].kind & 1) != 0) {
            continue;
        }
        uint32_t errors = c->error_count;
        infer_check(c, &items[i], item, why);
        if (literal && c->error_count > errors) {
            *wrong_kinds |= UINT32_C(1) << items[i].kind;
        }
    }
}

static void check_stretch(Infer *c, const Stretches *stretches, uint32_t begin,
                          uint32_t end, Type *item, uint32_t *state)
{
    Expr *items = stretches->expr->as.list.items + begin;
    check_items(c, items, end - begin, item, stretches->ctx, state);
}

// The items from number `from` on.
static void check_list_items(Infer *c, Expr *list, uint32_t from, Type *item,
                             const Expect *why)
{
    uint32_t count = list->as.list.count;
    if (!infer_is_long(c, list)) {
        uint32_t wrong_kinds = 0;
        check_items(c, list->as.list.items + from, count - from, item, why,
                    &wrong_kinds);
        return;
    }
    Stretches stretches = {.expr = list,
                           .from = from,
                           .count = count,
                           .expected = item,
                           .check = check_stretch,
                           .ctx = (void *)(uintptr_t)why};
    infer_stretches(c, &stretches);
}

static Type *list_of(Infer *c, Type *item)
{
    Type *known = type_share_find_list(&c->share, item);
    return known != NULL && type_store_reuse(&c->store, 2)
               ? known
               : type_list(&c->store, item);
}

// `expected` is the type of the elements, or NULL.
static NOINLINE Type *infer_list(Infer *c, Expr *expr, Type *expected,
                                 const Expect *why)
{
    uint32_t count = expr->as.list.count;
    Expr *items = expr->as.list.items;
    if (expected != NULL && (count < 2 || !infer_is_undecided(expected))) {
        check_list_items(c, expr, 0, expected, why);
        return NULL;
    }
    if (count == 0) {
        return type_list(&c->store, type_var(&c->store, c->level, 0));
    }
    Expect first = infer_expect(c, EXPECT_ITEM, items[0].span);
    if (expected != NULL) { // the first decides it all the same
        infer_check(c, &items[0], expected, why);
        check_list_items(c, expr, 1, expected, &first);
        return NULL;
    }
    Type *item = infer_expr(c, &items[0]);
    check_list_items(c, expr, 1, item, &first);
    return list_of(c, item);
}

static NOINLINE Type *infer_tuple(Infer *c, Expr *expr)
{
    uint32_t count = expr->as.tuple.count;
    Type **items = arena_array(c->store.arena, count, sizeof *items);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = infer_expr(c, &expr->as.tuple.items[i]);
    }
    return type_tuple(&c->store, items, count);
}

static void infer_clause(Infer *c, Clause *clause)
{
    if (clause->is_filter) {
        Expect why = infer_expect(c, EXPECT_CONDITION, clause->expr.span);
        infer_check(c, &clause->expr, type_prim(PRIM_BOOLEAN), &why);
        return;
    }
    Expect why = infer_expect(c, EXPECT_SOURCE, clause->expr.span);
    Type *source = type_resolve(infer_expr(c, &clause->expr));
    Type *item;
    if (type_is_prim(source, PRIM_LIST)) {
        item = source->as.con.args[0];
    } else {
        item = type_var(&c->store, c->level, 0);
        if (!infer_unify(c, clause->expr.span, type_list(&c->store, item),
                         source, &why)) {
            item = type_error();
        }
    }
    infer_pattern(c, &clause->pattern, item, &why);
    infer_must_match(c, &clause->pattern, "a 'for'");
}

// `expected` is the type of the elements, or NULL.
static NOINLINE Type *infer_comprehension(Infer *c, Expr *expr, Type *expected,
                                          const Expect *why)
{
    Comprehension *comprehension = expr->as.comprehension;
    for (uint32_t i = 0; i < comprehension->count; i++) {
        infer_clause(c, &comprehension->clauses[i]);
    }
    if (expected != NULL) {
        infer_check(c, &comprehension->body, expected, why);
        return NULL;
    }
    return type_list(&c->store, infer_expr(c, &comprehension->body));
}

// ---- control

static NOINLINE Type *infer_if(Infer *c, Expr *expr, Type *expected,
                               const Expect *why)
{
    Expr *parts = expr->as.branch.parts;
    uint32_t count = expr->as.branch.count;
    Expect first = infer_expect(c, EXPECT_BRANCH, parts[1].span);
    bool is_open = expected != NULL && infer_is_undecided(expected);
    for (uint32_t i = 0; i < count; i += 2) {
        bool is_else = i + 1 == count;
        if (!is_else) {
            Expect condition = infer_expect(c, EXPECT_CONDITION, parts[i].span);
            infer_check(c, &parts[i], type_prim(PRIM_BOOLEAN), &condition);
        }
        Expr *branch = is_else ? &parts[i] : &parts[i + 1];
        if (expected == NULL) {
            expected = infer_expr(c, branch);
            why = &first;
        } else {
            infer_check(c, branch, expected, why);
            why = is_open ? &first : why;
        }
    }
    return expected;
}

static NOINLINE Type *infer_annotated(Infer *c, Expr *expr)
{
    const TypeExpr *annotation = expr->as.annotated->type;
    Type *type = infer_annotation(c, annotation, ANNOTATION_VALUE);
    Expect why = infer_expect(c, EXPECT_ANNOTATION, annotation->span);
    infer_check(c, &expr->as.annotated->expr, type, &why);
    refinements_place(c, &expr->as.annotated->expr, type, 0, annotation->span);
    return refinements_strip(c, type);
}

static NOINLINE Type *infer_some_number(Infer *c, Expr *expr)
{
    Type *type = type_var(&c->store, c->level, 0);
    infer_int_literal(c, expr, NULL, type, NULL);
    return type;
}

static NOINLINE Type *infer_let(Infer *c, Let *let)
{
    infer_let_binds(c, let);
    return infer_expr(c, &let->body);
}

// Forms have functions of their own, so that this is but a jump.
Type *infer_expr(Infer *c, Expr *expr)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_ERROR:
        c->failed = true; // reported by the parser or the resolver
        return type_error();
    case EXPR_UNIT:
        return type_prim(PRIM_UNIT);
    case EXPR_BOOL:
        return type_prim(PRIM_BOOLEAN);
    case EXPR_INT:
        return infer_some_number(c, expr);
    case EXPR_FLOAT:
        return type_prim(PRIM_FLOAT);
    case EXPR_STRING:
        return type_prim(PRIM_STRING);
    case EXPR_INTERPOLATION:
        return infer_interpolation(c, expr);
    case EXPR_NAME:
        return infer_name(c, expr);
    case EXPR_CTOR:
        return infer_ctor(c, expr, NULL);
    case EXPR_DATA: // is read at a type: typecheck/data.h
    case EXPR_BUILTIN:
        return type_var(&c->store, c->level, 0);
    case EXPR_TUPLE:
        return infer_tuple(c, expr);
    case EXPR_LIST:
        return infer_list(c, expr, NULL, NULL);
    case EXPR_COMPREHENSION:
        return infer_comprehension(c, expr, NULL, NULL);
    case EXPR_RECORD:
        return infer_record(c, expr, false);
    case EXPR_FIELD:
        return infer_field(c, expr);
    case EXPR_CALL:
        return infer_call(c, expr, NULL, NULL);
    case EXPR_CHAIN:
        return infer_chain(c, expr, NULL, NULL);
    case EXPR_UNARY:
        return infer_unary(c, expr, NULL, NULL);
    case EXPR_LAMBDA:
        return infer_lambda(c, expr->as.lambda, NULL, NULL);
    case EXPR_LET:
        return infer_let(c, expr->as.let);
    case EXPR_IF:
        return infer_if(c, expr, NULL, NULL);
    case EXPR_MATCH:
        return infer_match(c, expr, NULL, NULL);
    case EXPR_ANNOTATED:
        return infer_annotated(c, expr);
    }
    return type_error();
}

// ---- values that nothing else decides

static bool are_integers(const Expr *items, uint32_t count);

// An integer literal, or arithmetic on such.
static bool is_integer(const Expr *expr)
{
    if (expr->kind == EXPR_CHAIN) {
        const Expr *operands = expr->as.chain.operands;
        return infer_is_arithmetic((Operator)operands[1].op) &&
               are_integers(operands, expr->as.chain.count);
    }
    return expr->kind == EXPR_INT ||
           (expr->kind == EXPR_UNARY && expr->as.unary.op == OP_NEG &&
            is_integer(expr->as.unary.operand));
}

static bool are_integers(const Expr *items, uint32_t count)
{
    uint32_t i = 0;
    while (i < count && is_integer(&items[i])) {
        i++;
    }
    return i > 0 && i == count;
}

// All that there is to say of such: the operators are those of Integer.
static void tag_integers(Infer *c, Expr *expr)
{
    if (expr->kind == EXPR_CHAIN) {
        infer_set_tag(c, &expr->note, ELAB_INT);
        for (uint32_t i = 0; i < expr->as.chain.count; i++) {
            tag_integers(c, &expr->as.chain.operands[i]);
        }
    } else if (expr->kind == EXPR_UNARY) {
        infer_set_tag(c, &expr->note, ELAB_INT);
        tag_integers(c, expr->as.unary.operand);
    }
}

static Type *final_list(Infer *c, Expr *expr)
{
    Expr *items = expr->as.list.items;
    if (!are_integers(items, expr->as.list.count)) {
        return infer_expr(c, expr);
    }
    for (uint32_t i = 0; i < expr->as.list.count; i++) {
        tag_integers(c, &items[i]);
    }
    return list_of(c, type_prim(PRIM_INTEGER));
}

static Type *final_number(Infer *c, Expr *expr)
{
    if (!is_integer(expr)) {
        return infer_expr(c, expr);
    }
    tag_integers(c, expr);
    return type_prim(PRIM_INTEGER);
}

Type *infer_final(Infer *c, Expr *expr)
{
    ExprKind kind = expr->kind;
    if (kind == EXPR_RECORD) {
        return infer_record(c, expr, true);
    }
    if (kind == EXPR_INT) {
        return type_prim(PRIM_INTEGER);
    }
    if (kind == EXPR_LIST) {
        return final_list(c, expr);
    }
    return kind == EXPR_CHAIN || kind == EXPR_UNARY ? final_number(c, expr)
                                                    : infer_expr(c, expr);
}

// ---- checking

static NOINLINE void check_prim(Infer *c, const Expr *expr, PrimType prim,
                                Type *expected, const Expect *why)
{
    if (!type_is_prim(expected, prim)) {
        infer_unify(c, expr->span, expected, type_prim(prim), why);
    }
}

static NOINLINE void check_tuple(Infer *c, Expr *expr, Type *expected,
                                 const Expect *why)
{
    if (expected->kind != TYPE_TUPLE ||
        expected->as.tuple.count != expr->as.tuple.count) {
        infer_unify(c, expr->span, expected, infer_tuple(c, expr), why);
        return;
    }
    for (uint32_t i = 0; i < expr->as.tuple.count; i++) {
        infer_check(c, &expr->as.tuple.items[i], expected->as.tuple.items[i],
                    why);
    }
}

// Lists and comprehensions.
static NOINLINE void check_list(Infer *c, Expr *expr, Type *expected,
                                const Expect *why)
{
    bool is_list = expr->kind == EXPR_LIST;
    if (type_is_prim(expected, PRIM_LIST)) {
        Type *item = expected->as.con.args[0];
        if (is_list) {
            infer_list(c, expr, item, why);
        } else {
            infer_comprehension(c, expr, item, why);
        }
        return;
    }
    Type *type = is_list ? infer_list(c, expr, NULL, NULL)
                         : infer_comprehension(c, expr, NULL, NULL);
    infer_unify(c, expr->span, expected, type, why);
}

static NOINLINE void check_record(Infer *c, Expr *expr, Type *expected,
                                  const Expect *why)
{
    if (expected->kind == TYPE_RECORD) {
        infer_check_record(c, expr, expected, why);
        return;
    }
    if (expected->kind == TYPE_ERROR) {
        for (uint32_t i = 0; i < expr->as.record.count; i++) {
            infer_check(c, record_item_value(&expr->as.record.items[i]),
                        expected, why);
        }
        return;
    }
    infer_unify(c, expr->span, expected, infer_record(c, expr, false), why);
}

static NOINLINE void check_inferred(Infer *c, Expr *expr, Type *expected,
                                    const Expect *why)
{
    Type *found = expr->kind == EXPR_CTOR ? infer_ctor(c, expr, expected)
                                          : infer_expr(c, expr);
    if (found != expected) {
        infer_unify(c, expr->span, expected, found, why);
    }
}

// Forms that hand what is expected on to their parts, where a parameter may
// take it. Elsewhere refinements are no part of types: see refinements.h.
static bool passes_refinements(const Expr *expr)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_TUPLE:
    case EXPR_LIST:
    case EXPR_COMPREHENSION:
    case EXPR_RECORD:
    case EXPR_LAMBDA:
    case EXPR_LET:
    case EXPR_IF:
    case EXPR_MATCH:
        return true;
    case EXPR_ERROR:
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_INTERPOLATION:
    case EXPR_NAME:
    case EXPR_CTOR:
    case EXPR_BUILTIN:
    case EXPR_DATA:
    case EXPR_FIELD:
    case EXPR_CALL:
    case EXPR_CHAIN:
    case EXPR_UNARY:
    case EXPR_ANNOTATED:
        break;
    }
    return false;
}

static NOINLINE void check_let(Infer *c, Let *let, Type *expected,
                               const Expect *why)
{
    infer_let_binds(c, let);
    infer_check(c, &let->body, expected, why);
}

void infer_check(Infer *c, Expr *expr, Type *expected, const Expect *why)
{
    if (UNLIKELY((expected->flags & TYPE_HAS_REFINED) != 0) &&
        !passes_refinements(expr)) {
        expected = refinements_strip(c, expected);
    }
    expected = type_resolve(expected);
    switch ((ExprKind)expr->kind) {
    case EXPR_INT:
        if (expected == type_prim(PRIM_INTEGER)) {
            return; // as most are
        }
        infer_int_literal(c, expr, NULL, expected, why);
        return;
    case EXPR_FLOAT:
        if (expected != type_prim(PRIM_FLOAT)) {
            check_prim(c, expr, PRIM_FLOAT, expected, why);
        }
        return;
    case EXPR_STRING:
        if (expected != type_prim(PRIM_STRING)) {
            check_prim(c, expr, PRIM_STRING, expected, why);
        }
        return;
    case EXPR_BOOL:
        if (expected != type_prim(PRIM_BOOLEAN)) {
            check_prim(c, expr, PRIM_BOOLEAN, expected, why);
        }
        return;
    case EXPR_UNIT:
        check_prim(c, expr, PRIM_UNIT, expected, why);
        return;
    case EXPR_TUPLE:
        check_tuple(c, expr, expected, why);
        return;
    case EXPR_LIST:
    case EXPR_COMPREHENSION:
        check_list(c, expr, expected, why);
        return;
    case EXPR_RECORD:
        check_record(c, expr, expected, why);
        return;
    case EXPR_CALL:
        infer_call(c, expr, expected, why);
        return;
    case EXPR_CHAIN:
        infer_chain(c, expr, expected, why);
        return;
    case EXPR_UNARY:
        infer_unary(c, expr, expected, why);
        return;
    case EXPR_LAMBDA:
        infer_check_lambda(c, expr, expected, why);
        return;
    case EXPR_LET:
        check_let(c, expr->as.let, expected, why);
        return;
    case EXPR_IF:
        infer_if(c, expr, expected, why);
        return;
    case EXPR_MATCH:
        infer_match(c, expr, expected, why);
        return;
    case EXPR_DATA:
    case EXPR_BUILTIN: // takes the type that its annotation says
        return;
    case EXPR_ERROR:
    case EXPR_INTERPOLATION:
    case EXPR_NAME:
    case EXPR_CTOR:
    case EXPR_FIELD:
    case EXPR_ANNOTATED:
        check_inferred(c, expr, expected, why);
        return;
    }
}
