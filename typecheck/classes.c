// Class constraints to evidence: assumptions in scope, written instances by
// the head of their arguments, automatic ones. What depends on a type that is
// not known yet waits in c->wanted.
#include "typecheck/classes_internal.h"

Evidence *classes_new_evidence(Infer *c, EvidenceKind kind)
{
    Evidence *evidence = ARENA_NEW(c->arena, Evidence);
    evidence->kind = kind;
    return evidence;
}

bool infer_literal_fits(void *ctx, Type *type)
{
    const Infer *c = ctx;
    return type == type_prim(PRIM_INTEGER) || type == type_prim(PRIM_FLOAT) ||
           type->kind == TYPE_SKOLEM || type->kind == TYPE_VAR ||
           type->kind == TYPE_ERROR || c->num == NULL ||
           classes_has_instance(c, c->num, type);
}

// ---- assumptions

void infer_push_given(Infer *c, Given given)
{
    vec_push(&c->givens, given);
    constraint_index_add(&c->given_index, given.class_, given.args);
}

void infer_pop_givens(Infer *c, uint32_t count)
{
    c->givens.count = count;
    constraint_index_truncate(&c->given_index, count);
}

// The dictionary parameter itself; for one owner after the other.
static Evidence *given_evidence(Infer *c, Given *given, uint32_t owner)
{
    uint32_t local = given->locals[given->by_owner ? owner : 0];
    if (given->evidence == NULL || given->evidence->local != local) {
        given->evidence = classes_new_evidence(c, EVIDENCE_LOCAL);
        given->evidence->local = local;
    }
    return given->evidence;
}

static Evidence *find_given(Infer *c, const ClassInfo *class_, Type **args,
                            uint32_t owner)
{
    uint32_t i;
    ConstraintWalk walk = constraint_index_walk(&c->given_index, class_, args);
    while (constraint_walk_next(&walk, &i)) {
        Given *given = &c->givens.items[i];
        bool same = given->class_ == class_;
        if (same ? given->class_->super_count == 0 &&
                       !classes_args_equal(args, given->args,
                                           class_->param_count)
                 : !classes_leads_to(given->class_, class_)) {
            continue;
        }
        Evidence *dictionary = given_evidence(c, given, owner);
        if (same && class_->param_count == 1 &&
            type_resolve(args[0]) == type_resolve(given->args[0])) {
            return dictionary;
        }
        Evidence *found =
            classes_through_supers(c, class_, args, given, dictionary);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

bool infer_may_be_number(Infer *c, Type *type)
{
    return type->kind != TYPE_SKOLEM || (type->flags & TYPE_IS_OPEN) != 0 ||
           c->num == NULL || find_given(c, c->num, &type, c->owner) != NULL;
}

// ---- instances

// Where an instance of the class at this type is remembered; NULL where it is
// not. Constant types are one node each.
static inline KnownInstance *known_slot(Infer *c, const ClassInfo *class_,
                                        const Type *type)
{
    if (type->kind != TYPE_CON || type->as.con.count > 0 ||
        type->as.con.module != TYPE_MODULE_PRIM || class_->param_count != 1) {
        return NULL;
    }
    return &c->known[(class_->index * 3 + type->as.con.index) %
                     KNOWN_INSTANCES];
}

static inline bool known_is(const KnownInstance *known, const ClassInfo *class_,
                            const Type *type)
{
    return known != NULL && known->type == type && known->class_ == class_;
}

KnownInstance *infer_known_instance(Infer *c, const ClassInfo *class_,
                                    const Type *type)
{
    KnownInstance *known = known_slot(c, class_, type);
    return c->givens.count == 0 && known_is(known, class_, type) ? known : NULL;
}

// Evidence from an instance whose variables are `bound`; those that only the
// context names cannot be, declarations refuse them.
static Outcome use_instance(Infer *c, const Wanted *origin,
                            const InstanceInfo *info, Type **bound,
                            Evidence **slot, uint32_t depth)
{
    if (info->context_count == 0) {
        *slot = *info->plain;
        return OUTCOME_SOLVED;
    }
    Evidence *evidence = classes_new_evidence(c, EVIDENCE_INSTANCE);
    evidence->module = info->module;
    evidence->index = info->index;
    evidence->arg_count = info->context_count;
    evidence->args =
        arena_zalloc(c->arena, info->context_count * sizeof(Evidence *));
    for (uint32_t i = 0; i < info->generic_count; i++) {
        if (bound[i] == NULL) {
            bound[i] = type_error();
        }
    }
    *slot = evidence;
    if (depth > 0) {
        type_store_charge(&c->store, CLASSES_EVIDENCE_NODES);
    }
    Outcome outcome = OUTCOME_SOLVED;
    for (uint32_t i = 0; i < info->context_count && !c->store.exceeded; i++) {
        const SchemeConstraint *need = &info->context[i];
        uint32_t count = need->class_->param_count;
        Type **args = arena_array(c->store.arena, count, sizeof *args);
        for (uint32_t a = 0; a < count; a++) {
            args[a] = type_substitute(&c->store, need->args[a], bound,
                                      info->generic_count);
        }
        if (classes_solve(c, origin, need->class_, args, &evidence->args[i],
                          depth + 1) == OUTCOME_REFUSED) {
            outcome = OUTCOME_REFUSED;
        }
    }
    return outcome;
}

// The first argument decides the others: where only one instance may still
// fit and the head of the first argument is known, it is that one.
static bool improve(Infer *c, const InstanceInfo *info, Type **args,
                    Type ***out_bound)
{
    Type **bound =
        arena_array(c->store.arena, info->generic_count, sizeof *bound);
    // Above the current level, so that they do not lower what they meet: a
    // retry before the defaults runs at the outer level.
    for (uint32_t i = 0; i < info->generic_count; i++) {
        bound[i] = type_var(&c->store, c->level + 1, 0);
    }
    for (uint32_t i = 0; i < info->class_->param_count; i++) {
        Type *head = type_substitute(&c->store, info->args[i], bound,
                                     info->generic_count);
        if (!unify(&c->unifier, head, args[i])) {
            return false;
        }
    }
    c->improved = true;
    *out_bound = bound;
    return true;
}

static bool any_unknown(Type *const *args, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (type_resolve(args[i])->kind == TYPE_VAR) {
            return true;
        }
    }
    return false;
}

static bool any_error(Type *const *args, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (type_resolve(args[i])->kind == TYPE_ERROR) {
            return true;
        }
    }
    return false;
}

// A rigid variable of a binding whose constraints are inferred.
static bool is_assumable(const Type *type)
{
    return type->kind == TYPE_SKOLEM && (type->flags & TYPE_IS_OPEN) != 0;
}

static bool may_assume(Type *const *args, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (is_assumable(type_resolve(args[i]))) {
            return true;
        }
    }
    return false;
}

Outcome classes_defer(Infer *c, const Wanted *origin, const ClassInfo *class_,
                      Type **args, Evidence **slot)
{
    Wanted wanted = *origin;
    wanted.class_ = class_;
    wanted.args = args;
    wanted.slot = slot;
    if (slot != origin->slot) {
        wanted.kind = WANT_EVIDENCE;
    }
    vec_push(&c->wanted, wanted);
    return OUTCOME_DEFERRED;
}

// What is derived depends on all fields: a record whose other fields are not
// known waits like a variable, and is as rigid as its end.
static Outcome solve_derivable(Infer *c, const Wanted *origin,
                               const ClassInfo *class_, Type **args,
                               Evidence **slot, uint32_t depth)
{
    Type *type = type_resolve(args[0]);
    Type *end = type->kind == TYPE_RECORD ? type_record_tail(type) : NULL;
    end = end != NULL ? end : type;
    if (end->kind == TYPE_VAR || is_assumable(end)) {
        return classes_defer(c, origin, class_, args, slot);
    }
    if (end->kind == TYPE_SKOLEM) {
        classes_report_missing(c, origin, class_, args);
        return OUTCOME_REFUSED;
    }
    return derived_solve(c, origin, class_, type, slot, depth);
}

// `known`: where an instance without a context is to be remembered, or NULL.
static Outcome search_instances(Infer *c, const Wanted *origin,
                                const ClassInfo *class_, Type **args,
                                KnownInstance *known, Evidence **slot,
                                uint32_t depth)
{
    uint32_t count = class_->param_count;
    const Type *first = type_resolve(args[0]);
    Candidates candidates = classes_find_candidates(c, class_, args);
    if (candidates.exact != NULL && candidates.maybe_count == 0) {
        if (known != NULL && candidates.exact->context_count == 0) {
            *known = (KnownInstance){
                .class_ = class_,
                .type = first,
                .evidence = candidates.exact->plain,
            };
        }
        return use_instance(c, origin, candidates.exact, candidates.bound, slot,
                            depth);
    }
    Type **bound;
    // What is derivable holds of the types that no instance fits as well.
    if (candidates.exact == NULL && candidates.maybe_count == 1 &&
        !class_->derivable && first->kind != TYPE_VAR &&
        improve(c, candidates.only, args, &bound)) {
        return use_instance(c, origin, candidates.only, bound, slot, depth);
    }
    if (candidates.maybe_count > 0 || (count > 1 && any_unknown(args, count))) {
        return classes_defer(c, origin, class_, args, slot);
    }
    if (class_->derivable && first->kind != TYPE_SKOLEM) {
        return solve_derivable(c, origin, class_, args, slot, depth);
    }
    if (may_assume(args, count)) {
        return classes_defer(c, origin, class_, args, slot);
    }
    classes_report_missing(c, origin, class_, args);
    return OUTCOME_REFUSED;
}

Outcome classes_solve(Infer *c, const Wanted *origin, const ClassInfo *class_,
                      Type **args, Evidence **slot, uint32_t depth)
{
    uint32_t count = class_->param_count;
    if (any_error(args, count) || count == 0) {
        *slot = classes_new_evidence(c, EVIDENCE_DERIVED);
        return OUTCOME_REFUSED;
    }
    if (depth > CLASSES_MAX_DEPTH) {
        classes_report_endless(c, origin);
        return OUTCOME_REFUSED;
    }
    if (c->givens.count > 0) {
        if (class_->records != RECORD_CLASS_NONE) {
            records_improve(c, class_, args);
        }
        *slot = find_given(c, class_, args, origin->owner);
        if (*slot != NULL) {
            return OUTCOME_SOLVED;
        }
    }
    if (class_->records != RECORD_CLASS_NONE) {
        return records_solve(c, origin, class_, args, slot);
    }
    Type *first = type_resolve(args[0]);
    if (count == 1 && first->kind == TYPE_VAR) {
        return classes_defer(c, origin, class_, args, slot);
    }
    KnownInstance *known = known_slot(c, class_, first);
    if (known_is(known, class_, first)) {
        *slot = *known->evidence;
        return OUTCOME_SOLVED;
    }
    return search_instances(c, origin, class_, args, known, slot, depth);
}

// ---- entry points

// The type at which an operator works, as a tag; ELAB_NONE when it needs the
// dictionary.
static uint32_t operator_tag(const Infer *c, const ClassInfo *class_,
                             Type *type, const Evidence *evidence)
{
    bool structural =
        evidence->kind == EVIDENCE_DERIVED && evidence->shape == NULL;
    bool of_prelude = evidence->kind == EVIDENCE_INSTANCE &&
                      evidence->module == MODULE_PRELUDE;
    if (class_ == c->num || class_ == c->append ? !of_prelude : !structural) {
        return ELAB_NONE;
    }
    if (type_is_prim(type, PRIM_INTEGER)) {
        return ELAB_INT;
    }
    if (type_is_prim(type, PRIM_FLOAT)) {
        return ELAB_FLOAT;
    }
    if (type_is_prim(type, PRIM_STRING)) {
        return ELAB_STRING;
    }
    if (class_ == c->append) {
        return type_is_prim(type, PRIM_LIST) ? ELAB_LIST : ELAB_NONE;
    }
    return class_ == c->num ? ELAB_NONE : ELAB_DATA;
}

static void finish_operator(Infer *c, const Wanted *wanted)
{
    Evidence *evidence = *wanted->slot;
    uint32_t tag = operator_tag(c, wanted->class_,
                                type_resolve(wanted->args[0]), evidence);
    if (tag != ELAB_NONE) {
        infer_set_tag(c, &wanted->expr->note, tag);
        return;
    }
    Note note = {.kind = NOTE_EVIDENCE};
    note.as.evidence.items =
        arena_copy(c->arena, wanted->slot, sizeof(Evidence *));
    note.as.evidence.count = 1;
    infer_add_note(c, &wanted->expr->note, &note);
}

// The numbers of the prelude, by far the most that operators and literals want,
// need no evidence.
static inline bool is_plain_number(const Infer *c, const Wanted *wanted,
                                   const Type *type, uint32_t *out_tag)
{
    if (wanted->kind == WANT_EVIDENCE || wanted->class_ != c->num) {
        return false;
    }
    bool is_int = type_is_prim(type, PRIM_INTEGER);
    *out_tag = is_int ? ELAB_INT : ELAB_FLOAT;
    return is_int || type_is_prim(type, PRIM_FLOAT);
}

// Whether it is settled without a look at instances: a number of the prelude,
// or what is remembered.
static bool settle_at_sight(Infer *c, const Wanted *wanted)
{
    if (wanted->class_->param_count != 1) {
        return false;
    }
    Type *type = type_resolve(wanted->args[0]);
    uint32_t tag;
    if (is_plain_number(c, wanted, type, &tag)) {
        if (wanted->kind == WANT_OPERATOR) {
            infer_set_tag(c, &wanted->expr->note, tag);
        }
        return true;
    }
    if (wanted->kind != WANT_EVIDENCE) {
        return false;
    }
    const KnownInstance *known = infer_known_instance(c, wanted->class_, type);
    if (known != NULL) {
        *wanted->slot = *known->evidence;
    }
    return known != NULL;
}

// Whether nothing can be found before the variable is known.
static bool must_wait(const Infer *c, const Wanted *wanted)
{
    const ClassInfo *class_ = wanted->class_;
    return c->givens.count == 0 && class_->param_count == 1 &&
           class_->records == RECORD_CLASS_NONE &&
           type_resolve(wanted->args[0])->kind == TYPE_VAR;
}

static void want(Infer *c, const Wanted *wanted)
{
    Outcome outcome =
        classes_solve(c, wanted, wanted->class_, wanted->args, wanted->slot, 0);
    if (outcome == OUTCOME_SOLVED && wanted->kind == WANT_OPERATOR) {
        finish_operator(c, wanted);
    }
}

void infer_want(Infer *c, const Wanted *wanted)
{
    if (must_wait(c, wanted)) {
        vec_push(&c->wanted, *wanted);
    } else if (!settle_at_sight(c, wanted)) {
        want(c, wanted);
    }
}

void infer_want_late(Infer *c, const Wanted *wanted)
{
    if (!settle_at_sight(c, wanted)) {
        vec_push(&c->wanted, *wanted);
    }
}

void infer_move_wanted(Infer *c, uint32_t from, uint32_t to)
{
    size_t count = c->wanted.count - from;
    if (count == 0 || from == to) {
        return;
    }
    Wanted *items = c->wanted.items;
    Wanted *moved = arena_array(c->scratch, count, sizeof *moved);
    memcpy(moved, items + from, count * sizeof *moved);
    memmove(items + to + count, items + to, (from - to) * sizeof *items);
    memcpy(items + to, moved, count * sizeof *moved);
}

bool infer_try(Infer *c, const ClassInfo *class_, Type **args, Evidence **slot)
{
    Wanted wanted = {.class_ = class_, .args = args, .slot = slot};
    uint32_t count = c->wanted.count;
    bool outer = c->quiet;
    c->quiet = true;
    bool solved =
        classes_solve(c, &wanted, class_, args, slot, 0) == OUTCOME_SOLVED &&
        c->wanted.count == count;
    c->quiet = outer;
    c->wanted.count = count;
    return solved;
}

void infer_want_operator(Infer *c, const ClassInfo *class_, Type *type,
                         Expr *expr)
{
    type = type_resolve(type);
    if (class_ == NULL || type->kind == TYPE_ERROR) {
        return;
    }
    if (class_ == c->num && type_is_prim(type, PRIM_INTEGER)) {
        infer_set_tag(c, &expr->note, ELAB_INT);
        return;
    }
    Wanted wanted = {.class_ = class_,
                     .expr = expr,
                     .kind = WANT_OPERATOR,
                     .owner = c->owner,
                     .span = expr->span};
    wanted.args = &type;
    if (settle_at_sight(c, &wanted)) {
        return;
    }
    wanted.slot = arena_zalloc(c->scratch, sizeof(Evidence *));
    wanted.args = arena_alloc(c->scratch, sizeof(Type *));
    wanted.args[0] = type;
    infer_want(c, &wanted);
}

void infer_improve(Infer *c, uint32_t from)
{
    for (uint32_t i = from; i < c->wanted.count; i++) {
        if (c->wanted.items[i].class_->records != RECORD_CLASS_NONE) {
            infer_retry(c, from);
            return;
        }
    }
}

// The first that is more than to wait or to tag a number; what is before it is
// done with, and what waits of that stays.
static uint32_t retry_simple(Infer *c, uint32_t from, uint32_t *out_kept)
{
    uint32_t count = c->wanted.count;
    uint32_t kept = from;
    for (uint32_t i = from; i < count; i++) {
        const Wanted *wanted = &c->wanted.items[i];
        if (must_wait(c, wanted)) {
            if (kept < i) {
                c->wanted.items[kept] = *wanted;
            }
            kept++;
        } else if (!settle_at_sight(c, wanted)) {
            *out_kept = kept;
            return i;
        }
    }
    *out_kept = kept;
    return count;
}

void infer_retry(Infer *c, uint32_t from)
{
    if (c->wanted.count == from) {
        return;
    }
    uint32_t kept;
    uint32_t first = retry_simple(c, from, &kept);
    uint32_t count = c->wanted.count - first;
    c->wanted.count = kept;
    if (count == 0) {
        return;
    }
    Wanted *again =
        arena_copy(c->scratch, c->wanted.items + first, count * sizeof *again);
    for (uint32_t i = 0; i < count; i++) {
        infer_want(c, &again[i]);
    }
}
