// Names and constructors.
#include "syntax/scope.h"
#include "typecheck/infer_internal.h"

enum { MAX_CTOR_CANDIDATES = 64 };

// ---- schemes

const Scheme *infer_scheme_of(const Infer *c, const Expr *expr)
{
    if (expr->kind != EXPR_NAME && expr->kind != EXPR_CTOR) {
        return NULL;
    }
    bool is_ctor = expr->kind == EXPR_CTOR;
    const NameRef *ref = is_ctor ? &expr->as.ctor : &expr->as.name;
    if (ref->ref == REF_LOCAL) {
        return c->locals[ref->index].scheme;
    }
    if (ref->ref != REF_GLOBAL && ref->ref != REF_METHOD &&
        ref->ref != REF_CTOR) {
        return NULL;
    }
    const Module *module = c->program->modules[ref->module];
    const ModuleTypes *types = module->checked;
    if (types == NULL) {
        return NULL;
    }
    if (ref->ref == REF_CTOR) {
        return types->ctors[ref->index];
    }
    if (ref->ref == REF_GLOBAL) {
        return types->schemes[ref->index];
    }
    const MethodEntry *method = &module->methods[ref->index];
    const ClassInfo *class_ = &types->classes[method->class_];
    return method->slot < class_->method_count ? class_->methods[method->slot]
                                               : NULL;
}

// The one constraint of the scheme, where its evidence is known.
static bool want_at_sight(Infer *c, Instance *instance, Expr *expr)
{
    const SchemeConstraint *constraint = &instance->scheme->constraints[0];
    Type *type = instance_known(instance, constraint->args[0]);
    KnownInstance *known =
        type != NULL
            ? infer_known_instance(c, constraint->class_, type_resolve(type))
            : NULL;
    if (known != NULL) {
        infer_add_evidence(c, &expr->note, known->evidence, &known->note);
    }
    return known != NULL;
}

void infer_want_instance(Infer *c, Instance *instance, Expr *expr,
                         uint32_t late)
{
    const Scheme *scheme = instance->scheme;
    uint32_t count = scheme->constraint_count;
    if (count == 0 || (count == 1 && want_at_sight(c, instance, expr))) {
        return;
    }
    Note note = {.kind = NOTE_EVIDENCE};
    note.as.evidence.count = count;
    note.as.evidence.items = arena_zalloc(c->arena, count * sizeof(Evidence *));
    infer_add_note(c, &expr->note, &note);
    uint32_t before = c->wanted.count;
    for (uint32_t i = 0; i < count; i++) {
        const SchemeConstraint *constraint = &scheme->constraints[i];
        uint32_t arg_count = constraint->class_->param_count;
        Wanted wanted = {.class_ = constraint->class_,
                         .slot = &note.as.evidence.items[i],
                         .expr = expr,
                         .owner = c->owner,
                         .span = expr->span};
        wanted.args = arena_array(c->store.arena, arg_count, sizeof(Type *));
        for (uint32_t a = 0; a < arg_count; a++) {
            wanted.args[a] = instance_type(instance, constraint->args[a]);
        }
        if (late == WANT_NOW) {
            infer_want(c, &wanted);
        } else {
            infer_want_late(c, &wanted);
        }
    }
    if (late != WANT_NOW) {
        infer_move_wanted(c, before, late);
    }
}

Type *infer_instance(Infer *c, const Scheme *scheme, Expr *expr)
{
    if (type_store_is_full(&c->store)) {
        return type_error(); // nor is there any use in room for its parts
    }
    Instance instance;
    instance_open(&instance, scheme, &c->store, c->scratch, c->level);
    // All of it first: variables have numbers in the order of the nodes.
    Type *type = instance_type(&instance, scheme->type);
    infer_want_instance(c, &instance, expr, WANT_NOW);
    return type;
}

// ---- bindings

static bool has_vars(Type *type)
{
    return type != NULL && (type_resolve(type)->flags & TYPE_HAS_VARS) != 0;
}

// Bound outside of the part at work, and not all of its type is known.
static bool is_unsettled(const Infer *c, const LocalType *local)
{
    if (local->by == c || local->by == NULL) {
        return false;
    }
    return local->group != 0 || has_vars(local->type) ||
           has_vars(local->refined) ||
           (local->scheme != NULL && has_vars(local->scheme->type));
}

static NOINLINE Type *infer_local(Infer *c, Expr *expr)
{
    const LocalType *local = &c->locals[expr->as.name.index];
    if (c->part != NULL && is_unsettled(c, local)) {
        infer_touch(c);
        return type_error(); // what is not ours must not be bound
    }
    if (local->scheme != NULL) {
        return infer_instantiate(c, local->scheme, expr);
    }
    if (local->group != 0) {
        vec_push(&c->group_uses, (GroupUse){expr, c->owner, local->group});
    }
    return local->type != NULL ? local->type : type_error();
}

// The number of a binding in the group at work, or INDEX_NONE.
static uint32_t member_of(const Infer *c, uint32_t binding)
{
    const BindingGroup *group = c->group;
    uint32_t low = 0;
    uint32_t high = group->member_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (group->members[middle] < binding) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < group->member_count && group->members[low] == binding
               ? low
               : INDEX_NONE;
}

// A binding of the group at work, or one that has failed.
static NOINLINE Type *infer_member(Infer *c, Expr *expr)
{
    const NameRef *name = &expr->as.name;
    uint32_t member =
        name->module == c->module->id ? member_of(c, name->index) : INDEX_NONE;
    if (member == INDEX_NONE || c->member_types == NULL ||
        c->member_types[member] == NULL) {
        c->failed = true;
        return type_error();
    }
    if (c->part != NULL) {
        infer_touch(c);
        return type_error();
    }
    vec_push(&c->group_uses, (GroupUse){expr, c->owner, GROUP_TOP});
    return c->member_types[member];
}

static Type *infer_global(Infer *c, Expr *expr)
{
    const NameRef *name = &expr->as.name;
    const ModuleTypes *types = c->program->modules[name->module]->checked;
    const Scheme *scheme = types != NULL ? types->schemes[name->index] : NULL;
    return scheme != NULL ? infer_instantiate(c, scheme, expr)
                          : infer_member(c, expr);
}

static NOINLINE Type *infer_method(Infer *c, Expr *expr)
{
    const NameRef *name = &expr->as.name;
    const Module *module = c->program->modules[name->module];
    const MethodEntry *entry = &module->methods[name->index];
    if (module->checked == NULL) {
        c->failed = true;
        return type_error();
    }
    const ClassInfo *class_ = &module->checked->classes[entry->class_];
    if (entry->slot >= class_->method_count) {
        c->failed = true;
        return type_error();
    }
    return infer_instantiate(c, class_->methods[entry->slot], expr);
}

// Whether the export is in the record that its module is as a value: no
// function, nor something that wants instances before it is a value.
static bool is_module_field(const Module *module, uint32_t index)
{
    const Binding *binding = &module->bindings[index];
    const Scheme *scheme = module->checked->schemes[index];
    return binding->exported && binding->name != 0 && scheme != NULL &&
           scheme->constraint_count == 0 &&
           type_resolve(scheme->type)->kind != TYPE_FUNCTION;
}

// The record that another module is, as the value of its hidden binding.
static Type *infer_exports(Infer *c, Expr *expr)
{
    const Module *module = c->program->modules[expr->as.name.module];
    if (module->checked == NULL) {
        c->failed = true;
        return type_error();
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < module->visible_count; i++) {
        count += is_module_field(module, i);
    }
    RecordField *fields = arena_array(c->store.arena, count, sizeof *fields);
    uint32_t *bindings = arena_array(c->arena, count, sizeof *bindings);
    uint32_t filled = 0;
    for (uint32_t i = 0; filled < count; i++) {
        if (!is_module_field(module, i)) {
            continue;
        }
        const Scheme *scheme = module->checked->schemes[i];
        Instance instance;
        instance_open(&instance, scheme, &c->store, c->scratch, c->level);
        fields[filled] =
            (RecordField){.name = module->bindings[i].export_name,
                          .order = filled,
                          .type = instance_type(&instance, scheme->type)};
        bindings[filled++] = i;
    }
    Type *type = type_record(&c->store, fields, count, NULL);
    infer_meet(c, type);
    Note note = {.kind = NOTE_MODULE};
    note.as.module.bindings = bindings;
    note.as.module.count = count;
    infer_add_note(c, &expr->note, &note);
    return type;
}

// The name of a module becomes that of the binding which stands for it here.
static NOINLINE Type *infer_module(Infer *c, Expr *expr)
{
    const Module *module = c->module;
    NameRef *name = &expr->as.name;
    uint32_t index = module_value_binding(module, name->module);
    if (expr == module->bindings[index].value) {
        return infer_exports(c, expr);
    }
    *name = (NameRef){name->symbol, REF_GLOBAL, module->id, index};
    return infer_global(c, expr);
}

static NOINLINE Type *infer_no_name(Infer *c)
{
    c->failed = true; // the resolver reported it
    return type_error();
}

// All cases are calls at the end, so that this has no frame.
Type *infer_name(Infer *c, Expr *expr)
{
    switch ((RefKind)expr->as.name.ref) {
    case REF_LOCAL:
        return infer_local(c, expr);
    case REF_GLOBAL:
        return infer_global(c, expr);
    case REF_METHOD:
        return infer_method(c, expr);
    case REF_MODULE:
        return infer_module(c, expr);
    case REF_UNRESOLVED:
    case REF_ERROR:
    case REF_CTOR:
    case REF_TYPE:
    case REF_CLASS:
    case REF_PRIM:
        break;
    }
    return infer_no_name(c);
}

// ---- constructors

static const CtorEntry *ctor_entry(const Infer *c, const NameRef *ref)
{
    return &c->program->modules[ref->module]->ctors[ref->index];
}

static void report_several(Infer *c, const NameRef *refs, uint32_t count,
                           Symbol name, Span span)
{
    Diag *diag = infer_error(c, DIAG_E0211, span,
                             "constructor '%.*s' belongs to several types",
                             STR_ARG(infer_name_text(c, name)));
    for (uint32_t i = 0; i < count; i++) {
        const Module *module = c->program->modules[refs[i].module];
        const CtorEntry *entry = ctor_entry(c, &refs[i]);
        diag_label(
            c->sink, diag, &module->source, entry->decl->name_span,
            "of type '%.*s'",
            STR_ARG(infer_name_text(c, module->types[entry->type].name)));
    }
    diag_help(c->sink, diag, "say which with an annotation: (value : Type)");
}

// Whether the module is this one, or one around it that declares the nearest
// candidate: the file of --expr, an earlier input of a session.
static bool stands_first(const Infer *c, uint32_t module, uint32_t nearest)
{
    return module == c->module->id ||
           (module == nearest && c->program->modules[module]->is_outer);
}

// The nearest of several candidates, where no type chooses: the module's own,
// else imported ones, else the prelude's. INDEX_NONE when they are many.
static uint32_t nearest_ctor(const Infer *c, const NameRef *refs,
                             uint32_t count, uint32_t *out_count)
{
    for (int tier = 0; tier < 3; tier++) {
        uint32_t found = INDEX_NONE;
        uint32_t found_count = 0;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t module = refs[i].module;
            int own_tier = stands_first(c, module, refs[0].module) ? 0
                           : module == MODULE_PRELUDE              ? 2
                                                                   : 1;
            if (own_tier == tier) {
                found = i;
                found_count++;
            }
        }
        if (found_count > 0) {
            *out_count = found_count;
            return found_count == 1 ? found : INDEX_NONE;
        }
    }
    return INDEX_NONE;
}

bool infer_resolve_ctor(Infer *c, NameRef *ref, Symbol qualifier, Span span,
                        Type *expected)
{
    if (ref->ref == REF_CTOR) {
        return true;
    }
    if (ref->ref != REF_UNRESOLVED) {
        c->failed = true; // reported
        return false;
    }
    infer_log(c, ref, sizeof *ref);
    if (expected != NULL && expected->kind == TYPE_CON &&
        scope_find_ctor_of(c->program, c->module, qualifier, ref->symbol,
                           expected->as.con.module, expected->as.con.index,
                           ref)) {
        return true;
    }
    if (expected != NULL && expected->kind == TYPE_ERROR) {
        return false;
    }
    NameRef refs[MAX_CTOR_CANDIDATES];
    uint32_t count = scope_find_ctors(c->program, c->module, qualifier,
                                      ref->symbol, refs, MAX_CTOR_CANDIDATES);
    uint32_t tier_count = 0;
    uint32_t nearest = nearest_ctor(c, refs, count, &tier_count);
    if (nearest == INDEX_NONE) {
        report_several(c, refs, count, ref->symbol, span);
        ref->ref = REF_ERROR;
        return false;
    }
    *ref = refs[nearest];
    return true;
}

Type *infer_ctor(Infer *c, Expr *expr, Type *expected)
{
    NameRef *ref = &expr->as.ctor;
    Symbol qualifier =
        ref->ref == REF_UNRESOLVED && (expr->flags & EXPR_QUALIFIED) != 0
            ? ref->index
            : 0;
    // Applied to some of its arguments, it gives a function to the union.
    while (expected != NULL && expected->kind == TYPE_FUNCTION) {
        expected = type_resolve(expected->as.function.result);
    }
    if (!infer_resolve_ctor(c, ref, qualifier, expr->span, expected)) {
        return type_error();
    }
    const ModuleTypes *types = c->program->modules[ref->module]->checked;
    const Scheme *scheme = types != NULL ? types->ctors[ref->index] : NULL;
    if (scheme == NULL) {
        c->failed = true;
        return type_error();
    }
    return infer_instantiate(c, scheme, expr);
}
