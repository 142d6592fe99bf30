// One binding group: annotated members get their schemes first, the others
// are inferred together and generalised, then the values of the annotated
// ones are checked.
#include "typecheck/infer.h"

#include "syntax/stretches.h"
#include "typecheck/data.h"
#include "typecheck/infer_group.h"
#include "typecheck/patterns.h"
#include "typecheck/refinements.h"

enum {
    // So many nodes go to the budget that all workers share, or what is left of
    // them with the module.
    CHARGED_AT_ONCE = 1 << 16
};

static bool goes_on(void *ctx)
{
    const Infer *c = ctx;
    return cancel_token_poll(c->program->token) == CANCEL_NONE;
}

void infer_init_stores(Infer *c)
{
    arena_init(&c->scratch_memory);
    c->scratch = &c->scratch_memory;
    arena_init(&c->types_made);
    c->unifier = (Unifier){.store = &c->store,
                           .scratch = c->scratch,
                           .literal_fits = infer_literal_fits,
                           .goes_on = goes_on,
                           .ctx = c};
}

void infer_empty_stores(Infer *c)
{
    c->notes = (NoteWriter){.notes = &c->module->notes, .arena = c->arena};
    type_store_init(&c->store, &c->types_made,
                    module_type_limit(c->program, c->module));
}

Infer *infer_new(const Program *program, TypeBudget *budget)
{
    Infer *c = mem_calloc(1, sizeof *c);
    c->program = program;
    c->budget = budget;
    c->grain = stretch_grain(program);
    infer_init_stores(c);
    return c;
}

// Those of the prelude are the same for all other modules.
static void find_classes(Infer *c)
{
    const Program *program = c->program;
    const ModuleTypes *types = program->modules[MODULE_PRELUDE]->checked;
    if (c->prelude == types && c->module->id != MODULE_PRELUDE) {
        return;
    }
    c->prelude = types;
    c->num = prelude_class(program, SYM_CLASS_NUM);
    c->eq = prelude_class(program, SYM_CLASS_EQ);
    c->ord = prelude_class(program, SYM_CLASS_ORD);
    c->show = prelude_class(program, SYM_CLASS_SHOW);
    c->append = prelude_class(program, SYM_CLASS_APPEND);
}

void infer_begin_module(Infer *c, Module *module, ModuleTypes *types,
                        Worker *worker)
{
    c->module = module;
    c->types = types;
    c->worker = worker;
    c->sink = &module->diags;
    c->source = &module->source;
    c->arena = module->arena;
    infer_empty_stores(c);
    find_classes(c);
    c->watch = module->is_entry ? c->program->options.type_watch : NULL;
    c->quiet = false;
    c->failed = false;
    c->error_count = 0;
    c->candidates = 0;
    c->nodes_made = types->node_count;
    c->nodes_charged = 0;
    c->check_depth = 0;
    c->check_annotation = NULL;
    c->method_of = infer_method_table(c);
    if (c->known_of != types->visible) {
        memset(c->known, 0, sizeof c->known);
        c->known_of = types->visible;
    }
    for (uint32_t i = 0; i < KNOWN_INSTANCES; i++) {
        c->known[i].note = 0; // notes are of one module
    }
    for (uint32_t i = 0; i < KNOWN_CALLS; i++) {
        c->known_calls[i].scheme = NULL;
    }
    types->refined =
        arena_zalloc(types->arena, module->binding_count * sizeof(Type *));
}

bool infer_is_over_budget(const Infer *c)
{
    return type_budget_is_passed(c->budget);
}

static void charge_budget(Infer *c)
{
    if (!c->module->is_std) {
        type_budget_charge(c->budget, c->nodes_made);
    }
    c->nodes_charged += c->nodes_made;
    c->nodes_made = 0;
}

// What a stretch has made goes to its parent, or the stretch is done again.
bool infer_afford(Infer *c, uint64_t nodes)
{
    c->nodes_made += nodes;
    if (c->nodes_made >= CHARGED_AT_ONCE && c->part == NULL) {
        charge_budget(c);
    }
    return !infer_is_over_budget(c);
}

static void publish_sites(Infer *c)
{
    Module *module = c->module;
    vec_reserve(&module->check_sites, c->sites.count);
    for (uint32_t i = 0; i < c->sites.count; i++) {
        vec_push(&module->check_sites, c->sites.items[i]);
    }
}

void infer_end_module(Infer *c)
{
    charge_budget(c);
    c->types->node_count = c->nodes_charged;
    publish_sites(c);
    infer_keep(c);
    ptr_map_clear(&c->derived);
    ptr_map_clear(&c->check_shapes);
    ptr_map_clear(&c->check_unions);
    ptr_map_clear(&c->check_refs);
    ptr_map_clear(&c->check_scans);
    ptr_map_clear(&c->stripped);
    ptr_map_clear(&c->walked);
    ptr_map_clear(&c->refined_notes);
    vec_clear(&c->hidden_refs);
    ptr_map_clear(&c->hidden_seen);
    c->hidden_start = 0;
    vec_clear(&c->sites);
    arena_clear(c->scratch);
    arena_clear(&c->types_made);
}

void infer_release_stores(Infer *c)
{
    vec_release(&c->wanted);
    vec_release(&c->literals);
    vec_release(&c->givens);
    constraint_index_release(&c->given_index);
    constraint_index_release(&c->param_index);
    vec_release(&c->unmet);
    vec_release(&c->group_uses);
    vec_release(&c->patterns);
    vec_release(&c->vars);
    ptr_map_release(&c->predicates);
    ptr_map_release(&c->annotations);
    ptr_map_release(&c->derived);
    ptr_map_release(&c->check_shapes);
    ptr_map_release(&c->check_unions);
    ptr_map_release(&c->check_refs);
    ptr_map_release(&c->check_scans);
    ptr_map_release(&c->stripped);
    ptr_map_release(&c->walked);
    ptr_map_release(&c->refined_notes);
    vec_release(&c->hidden_refs);
    ptr_map_release(&c->hidden_seen);
    vec_release(&c->sites);
    unifier_release(&c->unifier);
    arena_release(c->scratch);
    arena_release(&c->types_made);
}

void infer_free(Infer *c)
{
    if (c == NULL) {
        return;
    }
    infer_release_stores(c);
    type_share_release(&c->share);
    free(c);
}

// ---- members

static const MethodBinding *method_of(const Infer *c, uint32_t index)
{
    return c->method_of != NULL ? c->method_of[index] : NULL;
}

bool infer_is_predicate(const Infer *c, uint32_t index)
{
    const Binding *binding = &c->module->bindings[index];
    if (binding->kind != BINDING_HIDDEN || method_of(c, index) != NULL ||
        binding->bind == NULL || binding->bind->type != NULL ||
        binding->value == NULL || binding->value->kind != EXPR_LAMBDA) {
        return false;
    }
    const Function *function = binding->value->as.lambda;
    return function->result == NULL && function->param_count == 1 &&
           function->params[0].type != NULL &&
           function->params[0].pattern.as.name.symbol == SYM_X;
}

// Bindings whose type is known without their value: methods by their class,
// inputs and others by their annotation.
static void read_member(Infer *c, Member *member)
{
    const Binding *binding = member->binding;
    uint32_t vars = c->vars.count;
    c->bind_open = false;
    if (member->method != NULL) {
        infer_method_signature(c, member);
    } else if (binding->kind == BINDING_INPUT) {
        infer_read_signature(c, binding->type, binding->value,
                             &member->signature);
        member->signature.whole = true;
    } else if (!member->is_predicate) {
        infer_read_signature(c, binding->type, binding->value,
                             &member->signature);
    }
    c->vars.count = vars;
    if (member->signature.whole) {
        c->level--;
        c->types->schemes[member->index] =
            (Scheme *)infer_signature_scheme(c, &member->signature);
        c->level++;
        refinements_note_binding(c, member->index, member->signature.type);
    }
}

static void begin_binding(Infer *c, Binding *binding, uint32_t owner)
{
    c->binding = binding;
    c->owner = owner;
    c->local_capacity = binding->local_count;
    c->locals = NULL;
    if (binding->local_count > 0) {
        c->locals =
            arena_zalloc(c->scratch, binding->local_count * sizeof(LocalType));
    }
}

static void begin_member(Infer *c, Member *member)
{
    begin_binding(c, member->binding, member->owner);
}

// \x -> predicate: what it gives need not be a Boolean before it is applied.
static void infer_predicate_member(Infer *c, Member *member)
{
    Function *function = member->binding->value->as.lambda;
    Param *param = &function->params[0];
    Type *base = infer_annotation(c, param->type, ANNOTATION_PARAM);
    base = type_strip(&c->store, base);
    infer_bind_local(c, param->local, base, NULL);
    infer_predicate(c, &function->body, base);
    Type *type = type_function(&c->store, base, type_prim(PRIM_BOOLEAN));
    infer_unify(c, function->body.span, c->member_types[member->owner], type,
                NULL);
}

// Data without an annotation, or with an open one.
static void infer_data_member(Infer *c, Member *member)
{
    if (member->signature.type != NULL) {
        infer_check_data(c, &member->signature, member->binding);
        return;
    }
    Type *type = data_infer(c, member->binding);
    c->member_types[member->owner] = type;
    if (type->kind != TYPE_ERROR) {
        data_check(c, member->binding, type, NULL);
    }
}

static void infer_open_member(Infer *c, Member *member)
{
    if (c->group->member_count > 1) {
        begin_member(c, member);
    }
    uint32_t vars = c->vars.count;
    c->bind_open = true;
    infer_enter_signature(c, &member->signature);
    if (member->is_predicate) {
        infer_predicate_member(c, member);
    } else if (member->binding->data != NULL) {
        infer_data_member(c, member);
    } else if (member->binding->value != NULL) {
        if (member->signature.type != NULL) {
            infer_check_signature(c, &member->signature, member->binding->name,
                                  member->binding->value);
        } else {
            infer_read_params(c, member->binding->value);
            infer_check(c, member->binding->value,
                        c->member_types[member->owner], NULL);
        }
    }
    refinements_note_binding(c, member->index, member->signature.type);
    c->vars.count = vars;
}

static void check_whole_member(Infer *c, Member *member)
{
    begin_member(c, member);
    InferMark mark = infer_mark(c);
    c->bind_open = false;
    infer_enter_signature(c, &member->signature);
    infer_push_signature(c, &member->signature, &member->binding->note);
    bool is_import =
        member->binding->data != NULL && member->binding->kind != BINDING_INPUT;
    if (member->binding->value != NULL && !is_import) {
        infer_check_signature(c, &member->signature, member->binding->name,
                              member->binding->value);
    }
    if (member->binding->data != NULL) {
        infer_check_data(c, &member->signature, member->binding);
    }
    c->level--;
    infer_finish_annotated(c, mark);
    c->level++;
    c->vars.count = mark.vars;
}

// ---- groups

static ValueForm group_form(const Member *members, uint32_t count)
{
    ValueForm form = VALUE_FUNCTION;
    for (uint32_t i = 0; i < count; i++) {
        if (members[i].signature.whole || members[i].binding->value == NULL) {
            continue;
        }
        ValueForm own = infer_value_form(members[i].binding->value);
        form = own < form ? own : form;
    }
    return form;
}

static void infer_open_members(Infer *c, Member *members, uint32_t count)
{
    InferMark mark = infer_mark(c);
    Generalised *items = arena_zalloc(c->scratch, count * sizeof *items);
    uint32_t open = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!members[i].signature.whole) {
            infer_open_member(c, &members[i]);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!members[i].signature.whole) {
            items[open++] = (Generalised){.type = c->member_types[i],
                                          .note = &members[i].binding->note,
                                          .binding = members[i].binding,
                                          .owner = i};
        }
    }
    if (open == 0) {
        return;
    }
    c->level--;
    infer_generalise(c, mark, items, open, group_form(members, count),
                     GROUP_TOP);
    c->level++;
    for (uint32_t i = 0; i < open; i++) {
        uint32_t index = members[items[i].owner].index;
        c->types->schemes[index] = (Scheme *)items[i].scheme;
        c->member_types[items[i].owner] = NULL;
    }
}

static void begin_group(Infer *c, BindingGroup *group)
{
    c->group = group;
    c->failed = group->failed;
    c->first_site = c->sites.count;
    c->first_diag = c->sink->diags.count;
    c->level = 1;
    c->bind_level = 1;
    c->error_count = 0;
    c->rec_groups = 0;
    c->store.node_count = 0;
    c->store.walked_count = 0;
    c->store.exceeded = false;
    c->member_types = NULL;
}

static void check_patterns(Infer *c)
{
    for (uint32_t i = 0; i < c->patterns.count; i++) {
        const PendingPattern *pending = &c->patterns.items[i];
        bool fine = pending->match != NULL
                        ? patterns_check_match(c->program, c->module,
                                               pending->match, c->sink)
                        : patterns_check_irrefutable(c->program, c->module,
                                                     pending->pattern,
                                                     pending->place, c->sink);
        if (!fine) {
            c->failed = true;
        }
    }
}

static void report_too_large(Infer *c, const Binding *binding)
{
    Diag *diag = infer_error(c, DIAG_E0607, binding->name_span,
                             "the types in this binding are too large");
    diag_note(c->sink, diag, "the limit is %llu nodes and a height of %d",
              (unsigned long long)c->store.node_limit, TYPE_MAX_HEIGHT);
    diag_help(c->sink, diag, "annotate parts of it, or raise --max-type-nodes");
}

// What an error has made of a type that is written nowhere would be held
// against others.
static void end_scheme(Infer *c, uint32_t index, bool is_written)
{
    bool is_guess = c->error_count > 0 && !is_written;
    Scheme **scheme = &c->types->schemes[index];
    if (*scheme == NULL || is_guess || c->store.exceeded) {
        *scheme = (Scheme *)scheme_mono(c->store.arena, type_error());
    }
}

static void end_types(Infer *c)
{
    if (c->store.exceeded) {
        report_too_large(c, &c->module->bindings[c->group->members[0]]);
        return;
    }
    if (c->error_count == 0) {
        infer_report_unmet(c);
    }
    if (c->error_count == 0) {
        check_patterns(c);
    }
}

static void end_group(Infer *c)
{
    (void)infer_afford(c, type_store_made(&c->store));
    refinements_end_group(c, c->first_site, c->first_diag);
    c->group->failed = c->failed;
    vec_clear(&c->wanted);
    infer_drop_literals(c, 0);
    infer_pop_givens(c, 0);
    vec_clear(&c->unmet);
    vec_clear(&c->group_uses);
    vec_clear(&c->patterns);
    vec_clear(&c->vars);
    ptr_map_clear(&c->predicates);
    ptr_map_clear(&c->annotations);
    arena_clear(c->scratch);
    c->group = NULL;
}

static void infer_members(Infer *c, const BindingGroup *group)
{
    uint32_t count = group->member_count;
    c->member_types = arena_zalloc(c->scratch, count * sizeof(Type *));
    Member *members = arena_zalloc(c->scratch, count * sizeof *members);
    for (uint32_t i = 0; i < count; i++) {
        Member *member = &members[i];
        member->index = group->members[i];
        member->binding = &c->module->bindings[member->index];
        member->owner = i;
        member->method = method_of(c, member->index);
        member->is_predicate = infer_is_predicate(c, member->index);
        begin_member(c, member);
        read_member(c, member);
        if (!member->signature.whole) {
            bool is_recursive = count > 1 && !member->is_predicate;
            c->member_types[i] =
                infer_outline(c, is_recursive ? member->binding->value : NULL,
                              &member->signature);
        }
    }
    infer_open_members(c, members, count);
    for (uint32_t i = 0; i < count; i++) {
        if (members[i].signature.whole) {
            check_whole_member(c, &members[i]);
        }
    }
    end_types(c);
    for (uint32_t i = 0; i < count; i++) {
        end_scheme(c, members[i].index, members[i].signature.whole);
        infer_release_signature(&members[i].signature);
    }
}

// ---- most groups

// One binding that no annotation says anything of, and that nothing refers to
// before it has its scheme: no variable to go through, no signature.
static bool stands_alone(const Infer *c, const BindingGroup *group)
{
    const Binding *binding = &c->module->bindings[group->members[0]];
    if (group->member_count > 1 || binding->rec || binding->value == NULL ||
        binding->data != NULL || binding->type != NULL ||
        (binding->kind != BINDING_LET && binding->kind != BINDING_RESULT)) {
        return false;
    }
    return binding->value->kind != EXPR_LAMBDA ||
           !infer_all_annotated(binding->value->as.lambda);
}

// Of a literal; else NULL.
static const Scheme *scheme_at_sight(const Infer *c, const Expr *value)
{
    static const uint8_t PRIMS[] = {[EXPR_UNIT] = PRIM_UNIT,
                                    [EXPR_BOOL] = PRIM_BOOLEAN,
                                    [EXPR_INT] = PRIM_INTEGER,
                                    [EXPR_FLOAT] = PRIM_FLOAT,
                                    [EXPR_STRING] = PRIM_STRING};
    if (value->kind < EXPR_UNIT || value->kind > EXPR_STRING) {
        return NULL;
    }
    return scheme_mono(c->store.arena, type_prim(PRIMS[value->kind]));
}

// A result is data, even where it is the name of a value that any number may
// be: what the name leaves open is decided here.
static ValueForm form_alone(const Binding *binding, Type *type)
{
    ValueForm form = infer_value_form(binding->value);
    bool is_data = binding->kind == BINDING_RESULT &&
                   type_resolve(type)->kind != TYPE_FUNCTION;
    return is_data && form == VALUE_FUNCTION ? VALUE_DATA : form;
}

static void infer_alone(Infer *c, uint32_t index)
{
    Binding *binding = &c->module->bindings[index];
    InferMark mark = infer_mark(c);
    begin_binding(c, binding, 0);
    c->bind_open = true;
    infer_read_params(c, binding->value);
    Generalised item = {.type = infer_final(c, binding->value),
                        .note = &binding->note,
                        .binding = binding};
    refinements_note_binding(c, index, NULL);
    c->level--;
    infer_generalise(c, mark, &item, 1, form_alone(binding, item.type),
                     GROUP_TOP);
    c->level++;
    c->types->schemes[index] = (Scheme *)item.scheme;
    end_types(c);
    end_scheme(c, index, false);
}

void infer_group(Infer *c, BindingGroup *group)
{
    group->begun = true;
    bool alone = stands_alone(c, group);
    uint32_t index = group->members[0];
    const Scheme *scheme =
        alone ? scheme_at_sight(c, c->module->bindings[index].value) : NULL;
    if (scheme != NULL) {
        c->types->schemes[index] = (Scheme *)scheme;
    } else {
        begin_group(c, group);
        if (alone) {
            infer_alone(c, index);
        } else {
            infer_members(c, group);
        }
        end_group(c);
    }
    group->done = true;
}
