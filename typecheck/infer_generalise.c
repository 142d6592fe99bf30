// Generalisation: which variables a binding is polymorphic in, which
// constraints become parameters, and what is left to defaults.
#include "typecheck/infer_abstract.h"

InferMark infer_mark(Infer *c)
{
    c->literals_from = c->literals.count;
    return (InferMark){.wanted = c->wanted.count,
                       .literals = c->literals.count,
                       .givens = c->givens.count,
                       .vars = c->vars.count,
                       .group_uses = c->group_uses.count};
}

// ---- variables of a constraint

typedef struct VarScan {
    Infer *c;
    const Generaliser *generaliser; // NULL: only above the level or not
    uint32_t mark;
    bool above;   // some variable is above c->level
    bool unbound; // and some of those is not bound by the generaliser
    Type *var;    // one that is not
} VarScan;

static void scan_type(VarScan *scan, Type *type, uint32_t depth);

static void scan_leaf(VarScan *scan, Type *type)
{
    if (type->as.var.level <= scan->c->level) {
        return;
    }
    scan->above = true;
    if (scan->generaliser != NULL &&
        generaliser_generic(scan->generaliser, type) == NULL) {
        scan->unbound = true;
        if (type->kind == TYPE_VAR && scan->var == NULL) {
            scan->var = type;
        }
    }
}

static void scan_parts(VarScan *scan, Type *type, uint32_t depth)
{
    switch ((TypeKind)type->kind) {
    case TYPE_CON:
        for (uint32_t i = 0; i < type->as.con.count; i++) {
            scan_type(scan, type->as.con.args[i], depth);
        }
        return;
    case TYPE_TUPLE:
        for (uint32_t i = 0; i < type->as.tuple.count; i++) {
            scan_type(scan, type->as.tuple.items[i], depth);
        }
        return;
    case TYPE_FUNCTION:
        scan_type(scan, type->as.function.param, depth);
        scan_type(scan, type->as.function.result, depth);
        return;
    case TYPE_RECORD:
        for (uint32_t i = 0; i < type->as.record.count; i++) {
            scan_type(scan, type->as.record.fields[i].type, depth);
        }
        if (type->as.record.tail != NULL) {
            scan_type(scan, type->as.record.tail, depth);
        }
        return;
    case TYPE_VAR:
    case TYPE_SKOLEM:
        scan_leaf(scan, type);
        return;
    case TYPE_ERROR:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
}

static void scan_type(VarScan *scan, Type *type, uint32_t depth)
{
    type = type_resolve(type);
    if ((type->flags & TYPE_HAS_VARS) == 0 || depth > TYPE_MAX_HEIGHT) {
        return;
    }
    if (type->kind != TYPE_VAR && type->kind != TYPE_SKOLEM) {
        if (type->mark == scan->mark) {
            return;
        }
        type->mark = scan->mark;
    }
    scan_parts(scan, type, depth + 1);
}

static VarScan scan_wanted(Infer *c, const Wanted *wanted,
                           const Generaliser *generaliser)
{
    VarScan scan = {.c = c, .generaliser = generaliser};
    if (wanted->class_->param_count == 1) {
        Type *type = type_resolve(wanted->args[0]);
        if (type->kind == TYPE_VAR || type->kind == TYPE_SKOLEM) {
            scan_leaf(&scan, type);
            return scan;
        }
    }
    scan.mark = ++c->store.next_mark;
    for (uint32_t i = 0; i < wanted->class_->param_count; i++) {
        scan_type(&scan, wanted->args[i], 0);
    }
    return scan;
}

// ---- defaults

static bool is_number(const Infer *c, const Wanted *wanted, const Type *var)
{
    return (var->flags & TYPE_IS_LITERAL) != 0 || wanted->class_ == c->num;
}

// Binds the variables of numbers to Integer. They go first: what they are may
// decide others. True when there were some.
static bool default_numbers(Infer *c, uint32_t from,
                            const Generaliser *generaliser)
{
    bool any = false;
    for (uint32_t i = from; i < c->wanted.count; i++) {
        const Wanted *wanted = &c->wanted.items[i];
        VarScan scan = scan_wanted(c, wanted, generaliser);
        if (scan.var != NULL && is_number(c, wanted, scan.var)) {
            any |= unify(&c->unifier, scan.var, type_prim(PRIM_INTEGER));
        }
    }
    return any;
}

// What no type decides and is more than Eq, Ord and Show.
static bool report_ambiguous(Infer *c, uint32_t from,
                             const Generaliser *generaliser)
{
    bool any = false;
    for (uint32_t i = from; i < c->wanted.count; i++) {
        const Wanted *wanted = &c->wanted.items[i];
        if (wanted->class_->derivable &&
            wanted->class_->name != SYM_CLASS_FROM_JSON) {
            continue;
        }
        VarScan scan = scan_wanted(c, wanted, generaliser);
        if (scan.var != NULL) {
            infer_ambiguous(c, wanted, scan.var);
            any |= unify(&c->unifier, scan.var, type_error());
        }
    }
    return any;
}

// Where only Eq, Ord and Show are asked, any type will do.
static bool default_rest(Infer *c, uint32_t from,
                         const Generaliser *generaliser)
{
    bool any = false;
    for (uint32_t i = from; i < c->wanted.count; i++) {
        VarScan scan = scan_wanted(c, &c->wanted.items[i], generaliser);
        if (scan.var == NULL) {
            continue;
        }
        Type *type = (scan.var->flags & TYPE_IS_ROW) != 0
                         ? type_record(&c->store, NULL, 0, NULL)
                         : type_prim(PRIM_UNIT);
        any |= unify(&c->unifier, scan.var, type);
    }
    return any;
}

// Whether something wanted since `from` has a variable to decide.
static bool any_open(Infer *c, uint32_t from, const Generaliser *generaliser)
{
    for (uint32_t i = from; i < c->wanted.count; i++) {
        if (scan_wanted(c, &c->wanted.items[i], generaliser).var != NULL) {
            return true;
        }
    }
    return false;
}

// Where a constraint decides types, those before it may have waited for them.
static void retry_all(Infer *c, uint32_t from)
{
    do {
        c->improved = false;
        infer_retry(c, from);
        if (!c->improved) {
            infer_agree(c, from);
        }
    } while (c->improved && c->wanted.count > from);
}

// Decides some of the variables in what is wanted since `from` that are above
// c->level and not bound by the generaliser, and what follows from them. False
// when there are none.
static bool settle_step(Infer *c, uint32_t from, const Generaliser *generaliser)
{
    if (!any_open(c, from, generaliser) ||
        (!default_numbers(c, from, generaliser) &&
         !report_ambiguous(c, from, generaliser) &&
         !default_rest(c, from, generaliser))) {
        return false;
    }
    retry_all(c, from);
    return true;
}

// All of them, where none is bound.
static void settle_defaults(Infer *c, uint32_t from)
{
    static const Generaliser NONE = {0};
    retry_all(c, from);
    while (settle_step(c, from, &NONE)) {
    }
}

static void lower_wanted(Infer *c, uint32_t from)
{
    for (uint32_t i = from; i < c->wanted.count; i++) {
        const Wanted *wanted = &c->wanted.items[i];
        for (uint32_t a = 0; a < wanted->class_->param_count; a++) {
            unify_lower(&c->unifier, wanted->args[a], c->level);
        }
    }
    for (uint32_t i = from == 0 ? 0 : c->literals.count; i < c->literals.count;
         i++) {
        unify_lower(&c->unifier, c->literals.items[i].type, c->level);
    }
}

// ---- dictionary parameters

const uint32_t *infer_new_dictionaries(Infer *c, Binding *binding,
                                       uint32_t count, uint32_t *note)
{
    infer_touch(c); // the numbers go on in order
    if (c->part != NULL) {
        return arena_zalloc(c->arena, count * sizeof(uint32_t));
    }
    uint32_t needed = binding->local_count + count;
    if (needed > binding->local_capacity) {
        uint32_t capacity = needed + needed / 2;
        Local *locals = arena_array(c->arena, capacity, sizeof *locals);
        memcpy(locals, binding->locals, binding->local_count * sizeof *locals);
        binding->locals = locals;
        binding->local_capacity = capacity;
    }
    uint32_t *numbers = arena_array(c->arena, count, sizeof *numbers);
    for (uint32_t i = 0; i < count; i++) {
        numbers[i] = binding->local_count++;
        binding->locals[numbers[i]] = (Local){0};
    }
    Note content = {.kind = NOTE_GENERALISED};
    content.as.generalised.locals = numbers;
    content.as.generalised.count = count;
    infer_add_note(c, note, &content);
    return numbers;
}

// The constraints that become parameters, without repetitions and without
// those that follow from others. A copy: c->wanted is rewritten meanwhile.
static void choose_params(Infer *c, uint32_t from,
                          const Generaliser *generaliser, Params *params)
{
    uint32_t most = c->wanted.count - from;
    if (most == 0) {
        return;
    }
    ConstraintIndex *index = &c->param_index; // of `all`
    Params all = {.items = arena_array(c->scratch, most, sizeof(Wanted *))};
    params->items = arena_array(c->scratch, most, sizeof(Wanted *));
    for (uint32_t i = from; i < c->wanted.count; i++) {
        const Wanted *wanted = &c->wanted.items[i];
        VarScan scan = scan_wanted(c, wanted, generaliser);
        bool repeated = !scan.above || scan.unbound;
        uint32_t p;
        ConstraintWalk walk =
            constraint_index_walk(index, wanted->class_, wanted->args);
        while (!repeated && constraint_walk_next(&walk, &p)) {
            repeated = infer_same_constraint(all.items[p], wanted);
        }
        if (!repeated) {
            all.items[all.count++] =
                arena_copy(c->scratch, wanted, sizeof *wanted);
            constraint_index_add(index, wanted->class_, wanted->args);
        }
    }
    for (uint32_t i = 0; i < all.count; i++) {
        bool follows = false;
        uint32_t p;
        ConstraintWalk walk = constraint_index_walk(index, all.items[i]->class_,
                                                    all.items[i]->args);
        while (!follows && constraint_walk_next(&walk, &p)) {
            follows = p != i && infer_follows(c, all.items[i], all.items[p]);
        }
        if (!follows) {
            params->items[params->count++] = all.items[i];
        }
    }
    constraint_index_truncate(index, 0);
}

// ---- generalisation

static void group_use_evidence(Infer *c, const GroupUse *use,
                               const Params *params,
                               const uint32_t *const *locals, bool top)
{
    uint32_t count = params->count;
    Note note = {.kind = NOTE_EVIDENCE};
    note.as.evidence.count = count;
    note.as.evidence.items = arena_array(c->arena, count, sizeof(Evidence *));
    for (uint32_t i = 0; i < count; i++) {
        Evidence *evidence = ARENA_NEW(c->arena, Evidence);
        evidence->kind = EVIDENCE_LOCAL;
        evidence->local = locals[i][top ? use->owner : 0];
        note.as.evidence.items[i] = evidence;
    }
    infer_add_note(c, &use->expr->note, &note);
}

// Local numbers of each parameter: by owner at top level, else one for all
// members of the group (each is a function of its own).
static const uint32_t *const *param_locals(Infer *c, Generalised *items,
                                           uint32_t count, uint32_t params,
                                           bool top)
{
    Arena *arena = c->arena;
    const uint32_t **table = arena_array(arena, params, sizeof *table);
    uint32_t owners = top ? c->group->member_count : 1;
    uint32_t *numbers =
        arena_zalloc(arena, (size_t)params * owners * sizeof *numbers);
    for (uint32_t p = 0; p < params; p++) {
        table[p] = &numbers[(size_t)p * owners];
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!top && i > 0) {
            Note note = {.kind = NOTE_GENERALISED};
            note.as.generalised.locals = numbers;
            note.as.generalised.count = params;
            infer_add_note(c, items[i].note, &note);
            continue;
        }
        const uint32_t *made = infer_new_dictionaries(
            c, top ? items[i].binding : c->binding, params, items[i].note);
        for (uint32_t p = 0; p < params; p++) {
            numbers[(size_t)p * owners + (top ? items[i].owner : 0)] = made[p];
        }
    }
    return table;
}

static SchemeConstraint *scheme_constraints(Infer *c, Generaliser *generaliser,
                                            const Params *params)
{
    SchemeConstraint *constraints =
        arena_array(c->store.arena, params->count, sizeof *constraints);
    for (uint32_t i = 0; i < params->count; i++) {
        const Wanted *param = params->items[i];
        uint32_t count = param->class_->param_count;
        Type **args = arena_array(c->store.arena, count, sizeof *args);
        for (uint32_t a = 0; a < count; a++) {
            args[a] = generalise_type(generaliser, param->args[a]);
        }
        constraints[i] = (SchemeConstraint){param->class_, args};
    }
    return constraints;
}

// Constraints become parameters and assumptions.
static void abstract(Infer *c, Generalised *items, uint32_t count,
                     const Params *params, uint32_t group)
{
    bool top = group == GROUP_TOP;
    const uint32_t *const *locals =
        param_locals(c, items, count, params->count, top);
    for (uint32_t i = 0; i < params->count; i++) {
        infer_push_given(c, (Given){.class_ = params->items[i]->class_,
                                    .args = params->items[i]->args,
                                    .locals = locals[i],
                                    .by_owner = top});
    }
    for (uint32_t i = 0; i < c->group_uses.count; i++) {
        if (c->group_uses.items[i].group == group) {
            group_use_evidence(c, &c->group_uses.items[i], params, locals, top);
        }
    }
}

static void drop_group_uses(Infer *c, InferMark mark, uint32_t group)
{
    uint32_t kept = mark.group_uses;
    for (uint32_t i = kept; i < c->group_uses.count; i++) {
        if (c->group_uses.items[i].group != group) {
            c->group_uses.items[kept++] = c->group_uses.items[i];
        }
    }
    c->group_uses.count = kept;
}

static bool inputs_bound(Infer *c, const Wanted *wanted,
                         const Generaliser *generaliser)
{
    uint32_t inputs = record_class_inputs(wanted->class_->records);
    VarScan scan = {
        .c = c, .generaliser = generaliser, .mark = ++c->store.next_mark};
    for (uint32_t a = 0; a < wanted->class_->param_count; a++) {
        if ((inputs >> a & 1) != 0) {
            scan_type(&scan, wanted->args[a], 0);
        }
    }
    return !scan.unbound;
}

// Variables that a constraint decides once others are known are bound as well:
// those between two merges, say.
static void bind_decided(Infer *c, uint32_t from, Generaliser *generaliser)
{
    uint32_t before;
    do {
        before = generaliser->generic_count;
        for (uint32_t i = from; i < c->wanted.count; i++) {
            const Wanted *wanted = &c->wanted.items[i];
            if (wanted->class_->records == RECORD_CLASS_NONE ||
                !inputs_bound(c, wanted, generaliser)) {
                continue;
            }
            for (uint32_t a = 0; a < wanted->class_->param_count; a++) {
                generalise_type(generaliser, wanted->args[a]);
            }
        }
    } while (generaliser->generic_count > before);
}

static void begin_generaliser(Infer *c, Generaliser *generaliser,
                              Generalised *items, uint32_t count, uint32_t from)
{
    generaliser_init(generaliser, &c->store, c->level);
    for (uint32_t i = 0; i < count; i++) {
        items[i].copy = generalise_type(generaliser, items[i].type);
    }
    bind_decided(c, from, generaliser);
}

static void lower_items(Infer *c, const Generalised *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        unify_lower(&c->unifier, items[i].type, c->level);
    }
}

static const Scheme *make_scheme(Infer *c, Generaliser *generaliser, Type *type,
                                 const Params *params)
{
    SchemeConstraint *constraints = scheme_constraints(c, generaliser, params);
    return generaliser_scheme(generaliser, type, constraints, params->count);
}

// A scheme lists all nodes of its generaliser: each member of a group gets one
// of its own.
static void make_schemes(Infer *c, Generaliser *generaliser, Generalised *items,
                         uint32_t count, const Params *params)
{
    if (count == 1) {
        items[0].scheme = make_scheme(c, generaliser, items[0].copy, params);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        Generaliser own;
        generaliser_init(&own, &c->store, c->level);
        Type *type = generalise_type(&own, items[i].type);
        items[i].scheme = make_scheme(c, &own, type, params);
        generaliser_release(&own);
    }
}

// One binding whose type has no variables, nor is anything left to settle.
static bool is_settled(const Infer *c, InferMark mark, const Generalised *items,
                       uint32_t count)
{
    return count == 1 && c->wanted.count == mark.wanted &&
           c->literals.count == mark.literals &&
           c->group_uses.count == mark.group_uses &&
           (type_resolve(items[0].type)->flags &
            (TYPE_HAS_VARS | TYPE_HAS_REFINED)) == 0;
}

// Often another module has it already.
static const Scheme *settled_scheme(Infer *c, Type *type)
{
    type = type_resolve(type);
    const Scheme *known = type_share_find_mono(&c->share, type);
    return known != NULL ? known : scheme_mono(c->store.arena, type);
}

// Settles all that is wanted, and chooses what of it becomes parameters.
static void settle_with(Infer *c, InferMark mark, Generaliser *generaliser,
                        Generalised *items, uint32_t count, uint32_t group,
                        Params *params)
{
    // What is decided may make others bound.
    while (settle_step(c, mark.wanted, generaliser)) {
        generaliser_release(generaliser);
        begin_generaliser(c, generaliser, items, count, mark.wanted);
    }
    choose_params(c, mark.wanted, generaliser, params);
    if (params->count > 0) {
        abstract(c, items, count, params, group);
    }
    drop_group_uses(c, mark, group);
    infer_retry(c, mark.wanted);
    infer_settle_literals(c, mark.literals);
    infer_pop_givens(c, mark.givens);
}

void infer_generalise(Infer *c, InferMark mark, Generalised *items,
                      uint32_t count, ValueForm form, uint32_t group)
{
    bool top = group == GROUP_TOP;
    if (is_settled(c, mark, items, count)) {
        infer_pop_givens(c, mark.givens);
        items[0].scheme = top ? settled_scheme(c, items[0].type) : NULL;
        return;
    }
    retry_all(c, mark.wanted);
    if (form != VALUE_FUNCTION && top) {
        settle_defaults(c, mark.wanted);
    } else if (form != VALUE_FUNCTION) {
        lower_wanted(c, mark.wanted);
    }
    if (form == VALUE_NOT && !top) {
        lower_items(c, items, count);
        drop_group_uses(c, mark, group);
        return;
    }
    Params params = {0};
    bool is_plain =
        count == 1 && infer_generalise_plain(c, mark, &items[0], top, &params);
    if (is_plain && items[0].scheme != NULL) {
        return;
    }
    Generaliser generaliser;
    begin_generaliser(c, &generaliser, items, count, mark.wanted);
    if (!is_plain) {
        settle_with(c, mark, &generaliser, items, count, group, &params);
    }
    if (generaliser.generic_count > 0 || top) {
        make_schemes(c, &generaliser, items, count, &params);
    }
    generaliser_release(&generaliser);
}

void infer_finish_annotated(Infer *c, InferMark mark)
{
    settle_defaults(c, mark.wanted);
    infer_settle_literals(c, mark.literals);
    infer_pop_givens(c, mark.givens);
}
