// What predicates want of classes. A predicate of a declared type is a hidden
// binding with a scheme of its own: `type Sorted a = List a where isSorted`
// makes `Ord a => List a -> Boolean`. Where the type is used, that scheme is
// instantiated at the use's types, and the evidence goes with the check.
#include "typecheck/infer_group.h"
#include "typecheck/refinements.h"

typedef struct RefinedNote {
    const Refined *refined; // NULL: cannot be run
} RefinedNote;

// Declarations stand in the order of the source, and a declared type behind its
// name.
static Symbol alias_of(const Module *module, const TypeExpr *expr)
{
    uint32_t low = 0;
    uint32_t high = module->type_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (module->types[middle].decl->name_span.start < expr->span.start) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && module->types[low - 1].decl->alias == expr
               ? module->types[low - 1].name
               : 0;
}

// The scheme of the hoisted predicate; *out is NULL where nobody needed it, as
// happens in the library. False where it cannot be known: the binding at work
// and the predicate need each other, which refinements_end_module() reports.
static bool predicate_scheme(Infer *c, uint32_t module, uint32_t hidden,
                             const Span *annotation, const Scheme **out)
{
    if (module == c->module->id && !infer_require(c, hidden)) {
        refinements_add_ref(c, module, hidden,
                            annotation != NULL ? *annotation
                                               : c->binding->name_span);
        return false;
    }
    *out = c->program->modules[module]->checked->schemes[hidden];
    return true;
}

// One constraint of the predicate. False where it must be left out.
static bool want(Infer *c, const Wanted *wanted, bool ground,
                 const Span *annotation)
{
    if (annotation == NULL) {
        return ground &&
               infer_try(c, wanted->class_, wanted->args, wanted->slot);
    }
    infer_want(c, wanted);
    return true;
}

// The argument of a constructor, at a parameter of its union.
static void report_constructor(Infer *c, const Scheme *scheme,
                               const Span *annotation)
{
    if (annotation == NULL) {
        return; // reported with the declaration
    }
    Diag *diag = infer_error(
        c, DIAG_E0210, *annotation,
        "the refinement needs '%.*s' of a parameter of the type",
        STR_ARG(infer_name_text(c, scheme->constraints[0].class_->name)));
    diag_note(c->sink, diag, "a constructor takes no instances with it");
    diag_help(c->sink, diag,
              "refine where the type is used, or name a type in the place of "
              "the parameter");
}

static bool want_all(Infer *c, const Scheme *scheme, Type *base,
                     const Span *annotation, PredicateEvidence *out)
{
    if ((base->flags & TYPE_HAS_GENERICS) != 0) {
        report_constructor(c, scheme, annotation);
        return false;
    }
    Instance instance;
    instance_open(&instance, scheme, &c->store, c->scratch, c->level);
    Type *function = type_resolve(instance_type(&instance, scheme->type));
    if (function->kind != TYPE_FUNCTION ||
        !unify(&c->unifier, function->as.function.param, base)) {
        return false; // the predicate has errors
    }
    bool ground = (base->flags & TYPE_HAS_VARS) == 0;
    Arena *arena = c->arena;
    out->count = scheme->constraint_count;
    out->items = arena_zalloc(arena, out->count * sizeof *out->items);
    bool okay = true;
    for (uint32_t i = 0; i < out->count && okay; i++) {
        const SchemeConstraint *constraint = &scheme->constraints[i];
        uint32_t count = constraint->class_->param_count;
        Wanted wanted = {.class_ = constraint->class_,
                         .slot = &out->items[i],
                         .owner = c->owner};
        wanted.span = annotation != NULL ? *annotation : (Span){0, 0};
        wanted.args = arena_array(c->store.arena, count, sizeof(Type *));
        for (uint32_t a = 0; a < count; a++) {
            wanted.args[a] = instance_type(&instance, constraint->args[a]);
        }
        okay = want(c, &wanted, ground, annotation);
    }
    return okay;
}

// Evidence for all predicates; false where some of it cannot be had.
static bool find_evidence(Infer *c, const Type *type, const Span *annotation,
                          Refined *refined)
{
    uint32_t count = refined->expr->as.refined.count;
    Type *base = NULL;
    PredicateEvidence *all = NULL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t hidden = refined->expr->as.refined.predicates[i].hidden;
        if (hidden == UINT32_MAX) {
            continue;
        }
        const Scheme *scheme;
        if (!predicate_scheme(c, refined->module, hidden, annotation,
                              &scheme)) {
            return false;
        }
        if (scheme == NULL || scheme->constraint_count == 0) {
            continue;
        }
        if (all == NULL) {
            base = refinements_strip(c, type->link);
            all = arena_zalloc(c->arena, count * sizeof *all);
        }
        if (!want_all(c, scheme, base, annotation, &all[i])) {
            return false;
        }
    }
    refined->evidence = all;
    refined->open = all != NULL && (base->flags & TYPE_HAS_VARS) != 0;
    return true;
}

// A predicate with locals of another binding, at types that are variables of
// that, means nothing here.
static bool is_foreign(const Infer *c, const Type *type, const Refined *refined)
{
    uint32_t own = (uint32_t)(c->binding - c->module->bindings);
    return refined->binding != INDEX_NONE &&
           (refined->module != c->module->id || refined->binding != own) &&
           (type->flags & TYPE_HAS_VARS) != 0;
}

const Refined *refinements_refined(Infer *c, Type *type, const Span *annotation)
{
    uintptr_t how = annotation != NULL ? 1 : 2;
    RefinedNote *note = ptr_map_find(&c->refined_notes, (uintptr_t)type, how);
    if (note != NULL) {
        return note->refined;
    }
    const Refinement *refinement = type->as.refined.refinement;
    const Module *module = c->program->modules[refinement->module];
    Refined *refined = ARENA_NEW(c->arena, Refined);
    *refined = (Refined){.expr = refinement->expr,
                         .module = refinement->module,
                         .binding = refinement->binding,
                         .alias = alias_of(module, refinement->expr)};
    note = ARENA_NEW(c->store.arena, RefinedNote);
    bool okay = !is_foreign(c, type, refined) &&
                find_evidence(c, type, annotation, refined);
    note->refined = okay ? refined : NULL;
    *ptr_map_at(&c->refined_notes, (uintptr_t)type, how) = note;
    return note->refined;
}

// ---- decoders

// The function that `expr` applies to one argument, or NULL.
static const Expr *applied(const Expr *expr)
{
    if (expr->kind == EXPR_CALL && expr->as.call.count == 2) {
        return &expr->as.call.parts[0];
    }
    if (expr->kind == EXPR_CHAIN) {
        const Expr *last = &expr->as.chain.operands[expr->as.chain.count - 1];
        return (Operator)last->op == OP_PIPE ? last : NULL;
    }
    return NULL;
}

static bool is_decode(const Infer *c, const Expr *callee)
{
    // Names that are neither have no module.
    if (callee->kind != EXPR_NAME || (callee->as.name.ref != REF_GLOBAL &&
                                      callee->as.name.ref != REF_METHOD)) {
        return false;
    }
    const Module *module = c->program->modules[callee->as.name.module];
    if (callee->as.name.ref == REF_METHOD) {
        const MethodEntry *method = &module->methods[callee->as.name.index];
        return module->id == MODULE_PRELUDE &&
               module->classes[method->class_].name == SYM_CLASS_FROM_JSON;
    }
    return module->is_std &&
           str_equal(module->source.path, STR("std/encoding.lig")) &&
           str_equal(
               infer_name_text(c, module->bindings[callee->as.name.index].name),
               STR("decode"));
}

Evidence *refinements_decoder(Infer *c, const Expr *expr)
{
    const Expr *callee = applied(expr);
    if (callee == NULL || !is_decode(c, callee)) {
        return NULL;
    }
    const Note *note =
        note_find(&c->module->notes, callee->note, NOTE_EVIDENCE);
    Evidence *evidence = note != NULL ? note->as.evidence.items[0] : NULL;
    return evidence != NULL && evidence->json != NULL ? evidence : NULL;
}
