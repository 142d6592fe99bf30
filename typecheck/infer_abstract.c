// Most functions that are generalised want one or two classes of the types of
// their parameters, and nothing else of them: operators and literals. No
// instance nor assumption needs to be looked for.
#include "typecheck/infer_abstract.h"

#include "typecheck/outline.h"

// More parameters are not looked for here.
#define FEW_PARAMS 4u

typedef struct PlainParam {
    const Wanted *wanted; // the first
    const Type *var;
    Evidence **items; // the dictionary: one
    uint32_t note;    // that has it; 0: none yet
} PlainParam;

typedef struct Plain {
    Infer *c;
    const Outline *outline;
    PlainParam params[FEW_PARAMS];
    uint32_t count;
} Plain;

// The variable that the constraint waits for, which is bound by the scheme;
// or NULL.
static const Type *bound_var(const Plain *plain, const Wanted *wanted)
{
    if (wanted->class_->param_count != 1 ||
        wanted->class_->records != RECORD_CLASS_NONE) {
        return NULL;
    }
    const Type *type = type_resolve(wanted->args[0]);
    return type->kind == TYPE_VAR && outline_binds(plain->outline, type) ? type
                                                                         : NULL;
}

static PlainParam *find_param(Plain *plain, const ClassInfo *class_,
                              const Type *var)
{
    for (uint32_t i = 0; i < plain->count; i++) {
        PlainParam *param = &plain->params[i];
        if (param->wanted->class_ == class_ && param->var == var) {
            return param;
        }
    }
    return NULL;
}

static bool add_param(Plain *plain, const Wanted *wanted, const Type *var)
{
    for (uint32_t i = 0; i < plain->count; i++) {
        const ClassInfo *other = plain->params[i].wanted->class_;
        // One class may have the other as its superclass.
        if (plain->params[i].var == var &&
            (other->super_count > 0 || wanted->class_->super_count > 0)) {
            return false;
        }
    }
    if (plain->count == FEW_PARAMS) {
        return false;
    }
    plain->params[plain->count++] = (PlainParam){.wanted = wanted, .var = var};
    return true;
}

static bool find_params(Plain *plain, uint32_t from)
{
    const Infer *c = plain->c;
    for (uint32_t i = from; i < c->wanted.count; i++) {
        const Wanted *wanted = &c->wanted.items[i];
        const Type *var = bound_var(plain, wanted);
        if (var == NULL || (find_param(plain, wanted->class_, var) == NULL &&
                            !add_param(plain, wanted, var))) {
            return false;
        }
    }
    return true;
}

// Literals of these variables, or such whose type is known.
static bool are_plain(Plain *plain, uint32_t from)
{
    const Infer *c = plain->c;
    for (uint32_t i = from; i < c->literals.count; i++) {
        const PendingLiterals *literals = &c->literals.items[i];
        const Type *type = type_resolve(literals->type);
        bool is_plain = type->kind == TYPE_VAR
                            ? !literals->are_patterns &&
                                  find_param(plain, c->num, type) != NULL
                            : type_is_prim(type, PRIM_INTEGER);
        if (!is_plain) {
            return false;
        }
    }
    return true;
}

static void note_param(Infer *c, Expr *expr, PlainParam *param)
{
    infer_add_evidence(c, &expr->note, param->items, &param->note);
}

static void settle_wanted(Plain *plain, uint32_t from)
{
    Infer *c = plain->c;
    for (uint32_t i = from; i < c->wanted.count; i++) {
        const Wanted *wanted = &c->wanted.items[i];
        if (wanted->kind == WANT_LITERAL) {
            continue;
        }
        PlainParam *param =
            find_param(plain, wanted->class_, type_resolve(wanted->args[0]));
        if (wanted->kind == WANT_OPERATOR) {
            note_param(c, wanted->expr, param);
        } else {
            *wanted->slot = param->items[0];
        }
    }
}

static void settle_literals(Plain *plain, uint32_t from)
{
    Infer *c = plain->c;
    for (uint32_t i = from; i < c->literals.count; i++) {
        const PendingLiterals *literals = &c->literals.items[i];
        const Type *type = type_resolve(literals->type);
        if (type->kind != TYPE_VAR) {
            continue;
        }
        PlainParam *param = find_param(plain, c->num, type);
        for (const LiteralPlace *at = literals->first; at != NULL;
             at = at->next) {
            note_param(c, at->place, param);
        }
    }
}

static void make_dictionaries(Plain *plain, const Generalised *item, bool top)
{
    Infer *c = plain->c;
    const uint32_t *locals = infer_new_dictionaries(
        c, top ? item->binding : c->binding, plain->count, item->note);
    for (uint32_t i = 0; i < plain->count; i++) {
        Evidence *evidence = ARENA_NEW(c->arena, Evidence);
        evidence->kind = EVIDENCE_LOCAL;
        evidence->local = locals[i];
        plain->params[i].items =
            arena_copy(c->arena, &evidence, sizeof(Evidence *));
    }
}

static bool abstract_plain(Infer *c, InferMark mark, const Outline *outline,
                           const Generalised *item, bool top, Params *params)
{
    Plain plain;
    plain.c = c;
    plain.outline = outline;
    plain.count = 0;
    if (c->givens.count > 0 || c->group_uses.count > mark.group_uses ||
        !find_params(&plain, mark.wanted) ||
        !are_plain(&plain, mark.literals)) {
        return false;
    }
    if (plain.count > 0) {
        make_dictionaries(&plain, item, top);
    }
    settle_wanted(&plain, mark.wanted);
    settle_literals(&plain, mark.literals);
    params->count = plain.count;
    params->items = arena_array(c->scratch, plain.count, sizeof(Wanted *));
    for (uint32_t i = 0; i < plain.count; i++) {
        params->items[i] = plain.params[i].wanted;
    }
    c->wanted.count = mark.wanted;
    infer_drop_literals(c, mark.literals);
    return true;
}

static const Scheme *known_scheme(Infer *c, const Outline *outline,
                                  const Params *params)
{
    SchemeConstraint constraints[FEW_PARAMS];
    for (uint32_t i = 0; i < params->count; i++) {
        const Wanted *param = params->items[i];
        constraints[i] = (SchemeConstraint){param->class_, param->args};
    }
    const Scheme *known =
        outline_find(outline, &c->share, constraints, params->count);
    return known != NULL && type_store_reuse(&c->store, outline->made) ? known
                                                                       : NULL;
}

bool infer_generalise_plain(Infer *c, InferMark mark, Generalised *item,
                            bool top, Params *params)
{
    Outline outline;
    if (!outline_type(&outline, c->scratch, c->level, item->type) ||
        !abstract_plain(c, mark, &outline, item, top, params)) {
        return false;
    }
    item->scheme = known_scheme(c, &outline, params);
    return true;
}
