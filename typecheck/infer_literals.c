// Integer literals: of the type that is expected, where it is known, else of
// what their variable becomes.
#include "typecheck/infer_internal.h"

// The literal's value of a type that is not Integer or Float, by evidence: of
// Num, and for a pattern of Eq too.
static void literal_by_evidence(Infer *c, uint32_t *note, Span span, Type *type,
                                bool is_pattern)
{
    uint32_t count = is_pattern ? 2 : 1;
    Arena *arena = c->arena;
    Note content = {.kind = NOTE_EVIDENCE};
    content.as.evidence.items = arena_zalloc(arena, count * sizeof(Evidence *));
    content.as.evidence.count = count;
    for (uint32_t i = 0; i < count; i++) {
        Wanted wanted = {.class_ = i == 0 ? c->num : c->eq,
                         .slot = &content.as.evidence.items[i],
                         .owner = c->owner,
                         .span = span};
        wanted.args = arena_alloc(c->store.arena, sizeof(Type *));
        wanted.args[0] = type;
        infer_want(c, &wanted);
    }
    infer_add_note(c, note, &content);
}

// A variable that literals have becomes some Num type.
static void want_number(Infer *c, Type *var, Span span, bool is_pattern)
{
    var->flags |= TYPE_IS_LITERAL;
    for (uint32_t i = 0; i < (is_pattern ? 2u : 1u); i++) {
        Wanted wanted = {.class_ = i == 0 ? c->num : c->eq,
                         .kind = i == 0 ? WANT_LITERAL : WANT_EVIDENCE,
                         .owner = c->owner,
                         .span = span};
        wanted.slot = arena_zalloc(c->scratch, sizeof(Evidence *));
        wanted.args = arena_alloc(c->scratch, sizeof(Type *));
        wanted.args[0] = var;
        vec_push(&c->wanted, wanted);
    }
}

// ---- literals of a type that is not known yet

// How many of the newest are looked at for a literal's: lists of records have
// the same few variables again and again.
#define LOOK_BACK 8

static void put_off(Infer *c, Expr *expr, Pattern *pattern, Type *type)
{
    bool is_pattern = pattern != NULL;
    LiteralPlace *place = arena_alloc(c->scratch, sizeof *place);
    place->place = is_pattern ? (void *)pattern : (void *)expr;
    place->next = NULL;
    uint32_t count = c->literals.count;
    uint32_t oldest = count > LOOK_BACK ? count - LOOK_BACK : 0;
    oldest = oldest < c->literals_from ? c->literals_from : oldest;
    for (uint32_t i = count; i > oldest; i--) {
        PendingLiterals *literals = &c->literals.items[i - 1];
        if (literals->type == type && literals->owner == c->owner &&
            literals->are_patterns == is_pattern) {
            literals->last->next = place;
            literals->last = place;
            return;
        }
    }
    vec_push(&c->literals, (PendingLiterals){.type = type,
                                             .owner = c->owner,
                                             .are_patterns = is_pattern,
                                             .first = place,
                                             .last = place});
}

void infer_drop_literals(Infer *c, uint32_t from)
{
    c->literals.count = from;
    c->literals_from = from < c->literals_from ? from : c->literals_from;
}

void infer_int_literal(Infer *c, Expr *expr, Pattern *pattern, Type *expected,
                       const Expect *why)
{
    Span span = expr != NULL ? expr->span : pattern->span;
    if (type_is_prim(expected, PRIM_INTEGER) || expected->kind == TYPE_ERROR) {
        return;
    }
    if (type_is_prim(expected, PRIM_FLOAT)) {
        if (expr != NULL) {
            infer_log(c, &expr->flags, sizeof expr->flags);
            expr->flags |= EXPR_AS_FLOAT;
        } else {
            infer_log(c, &pattern->flags, sizeof pattern->flags);
            pattern->flags |= EXPR_AS_FLOAT;
        }
        return;
    }
    if (expected->kind == TYPE_VAR) {
        if ((expected->flags & TYPE_IS_LITERAL) == 0 || pattern != NULL) {
            want_number(c, expected, span, pattern != NULL);
        }
        put_off(c, expr, pattern, expected);
        return;
    }
    if (!infer_literal_fits(c, expected) || !infer_may_be_number(c, expected)) {
        c->unifier.failure =
            expected->kind == TYPE_SKOLEM ? UNIFY_RIGID : UNIFY_MISMATCH;
        c->unifier.expected = expected;
        c->unifier.found = type_prim(PRIM_INTEGER);
        infer_mismatch(c, span, expected, c->unifier.found, why);
        return;
    }
    literal_by_evidence(c, expr != NULL ? &expr->note : &pattern->note, span,
                        expected, pattern != NULL);
}

static void settle(Infer *c, const PendingLiterals *literals, void *place)
{
    Pattern *pattern = literals->are_patterns ? place : NULL;
    Expr *expr = literals->are_patterns ? NULL : place;
    Type *type = type_resolve(literals->type);
    if (type->kind == TYPE_VAR) {
        literal_by_evidence(c, expr != NULL ? &expr->note : &pattern->note,
                            expr != NULL ? expr->span : pattern->span, type,
                            pattern != NULL);
    } else {
        infer_int_literal(c, expr, pattern, type, NULL);
    }
}

static void settle_all(Infer *c, const PendingLiterals *literals)
{
    if (type_is_prim(type_resolve(literals->type), PRIM_INTEGER)) {
        return; // what a literal is anyway
    }
    uint32_t owner = c->owner;
    c->owner = literals->owner;
    for (const LiteralPlace *at = literals->first; at != NULL; at = at->next) {
        settle(c, literals, at->place);
    }
    c->owner = owner;
}

void infer_settle_literals(Infer *c, uint32_t from)
{
    uint32_t kept = from;
    for (uint32_t i = from; i < c->literals.count; i++) {
        PendingLiterals literals = c->literals.items[i];
        const Type *type = type_resolve(literals.type);
        if (type->kind == TYPE_VAR && type->as.var.level <= c->level) {
            c->literals.items[kept++] = literals;
        } else {
            settle_all(c, &literals);
        }
    }
    c->literals.count = kept;
}
