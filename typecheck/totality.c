// Deciding recursions and saying why one is not shown to end.
#include "typecheck/totality.h"

#include "typecheck/totality_internal.h"

// Pairs of measures, of a caller and a callee, that are compared in all.
#define MAX_RELATIONS ((uint64_t)2 << 20)

typedef struct Totality {
    const Program *program;
    const Module *module;
    const uint32_t *members; // of the component of calls at hand
    uint32_t member_count;
    DiagSink *diags;
    Extent *locals; // of the binding at hand
    uint32_t local_count;
    Helpers *helpers;
} Totality;

// ---- functions

static void init_function(Arena *arena, RecFunction *function, Symbol name,
                          Span name_span, const Expr *value)
{
    *function = (RecFunction){.name = name, .name_span = name_span};
    function->params =
        totality_params(arena, value, &function->param_count, &function->body);
}

static Recursion recursion_begin(const Totality *totality, uint32_t count)
{
    Recursion recursion = {.program = totality->program,
                           .module = totality->module,
                           .here = totality->module,
                           .members = totality->members,
                           .member_count = totality->member_count,
                           .function_count = count,
                           .helpers = totality->helpers,
                           .next_param = HELPER_PARAM};
    arena_init(&recursion.arena);
    recursion.functions = arena_zalloc(
        &recursion.arena, (size_t)count * sizeof *recursion.functions);
    return recursion;
}

static void recursion_end(Recursion *recursion)
{
    for (uint32_t i = 0; i < recursion->function_count; i++) {
        vec_release(&recursion->functions[i].measures);
    }
    vec_release(&recursion->calls);
    vec_release(&recursion->touched);
    vec_release(&recursion->places);
    vec_release(&recursion->facts);
    arena_release(&recursion->arena);
}

// ---- deciding

static Diag *add_report(const Totality *totality, Recursion *recursion,
                        uint32_t function)
{
    bool strict = totality->program->options.totality == TOTALITY_STRICT;
    return diag_add(totality->diags, strict ? DIAG_E0609 : DIAG_W0601,
                    &recursion->module->source,
                    recursion->functions[function].name_span,
                    "recursion of '%.*s' is not shown to end",
                    STR_ARG(totality_name(recursion, function)));
}

static bool has_rec_value(const Recursion *recursion)
{
    for (uint32_t i = 0; i < recursion->function_count; i++) {
        if (recursion->functions[i].is_rec_value) {
            return true;
        }
    }
    return false;
}

// By parameters alone, or by what is inside of them too.
static SizeVerdict decide_sizes(Recursion *recursion, bool with_places,
                                uint32_t **out_cycle, uint32_t *out_length)
{
    Arena *arena = &recursion->arena;
    measures_collect(recursion, with_places);
    SizeCall *calls = arena_array(arena, recursion->calls.count, sizeof *calls);
    uint32_t *counts =
        arena_array(arena, recursion->function_count, sizeof *counts);
    for (uint32_t i = 0; i < recursion->function_count; i++) {
        counts[i] = recursion->functions[i].measures.count;
    }
    uint64_t relations = 0;
    for (uint32_t i = 0; i < recursion->calls.count; i++) {
        const RecCall *call = &recursion->calls.items[i];
        relations += (uint64_t)counts[call->caller] * counts[call->callee];
        if (relations > MAX_RELATIONS) {
            return SIZE_TOO_LARGE;
        }
        calls[i] = (SizeCall){call->caller, call->callee,
                              measures_relate(recursion, call)};
    }
    return size_change_check(calls, recursion->calls.count, counts, arena,
                             out_cycle, out_length);
}

// False when it is not shown to end, but may be where helpers are followed;
// nothing is reported then.
static bool decide(const Totality *totality, Recursion *recursion)
{
    if (has_rec_value(recursion)) {
        return true;
    }
    if (recursion->escaped) {
        if (!recursion->follows) {
            return false;
        }
        Diag *diag =
            add_report(totality, recursion, recursion->escaped_function);
        diag_label(totality->diags, diag, &recursion->module->source,
                   recursion->escaped_span,
                   recursion->escaped_instance ? "may be called in here"
                                               : "not called here");
        diag_note(totality->diags, diag,
                  recursion->escaped_instance
                      ? "what is called with an instance may call its methods "
                        "with any arguments"
                      : "where a function is passed on, its arguments are not "
                        "known");
        return true;
    }
    if (recursion->calls.count == 0) {
        return true;
    }
    uint32_t *cycle = NULL;
    uint32_t length = 0;
    SizeVerdict verdict = SIZE_TOO_LARGE;
    if (!recursion->too_large) {
        verdict = decide_sizes(recursion, false, &cycle, &length);
    }
    if (verdict == SIZE_UNKNOWN && recursion->places.count > 0) {
        uint32_t *other = NULL;
        uint32_t other_length;
        if (decide_sizes(recursion, true, &other, &other_length) == SIZE_ENDS) {
            verdict = SIZE_ENDS;
        }
    }
    if (verdict != SIZE_ENDS && !recursion->follows) {
        return false;
    }
    if (verdict == SIZE_TOO_LARGE) {
        Diag *diag = add_report(totality, recursion, 0);
        diag_note(totality->diags, diag,
                  "it has too many calls or arguments to decide");
    } else if (verdict == SIZE_UNKNOWN) {
        uint32_t first = recursion->calls.items[cycle[0]].caller;
        Diag *diag = add_report(totality, recursion, first);
        totality_explain(recursion, cycle, length, totality->diags, diag);
    }
    return true;
}

// ---- local recursion

static void find_local(Expr *expr, void *ctx);

static Extent *new_locals(uint32_t count)
{
    Extent *locals = mem_calloc(count, sizeof *locals);
    for (uint32_t i = 0; i < count; i++) {
        locals[i] = extent_constant(i);
    }
    return locals;
}

static bool try_let(Totality *totality, const Let *let, bool follows)
{
    Recursion recursion = recursion_begin(totality, let->count);
    recursion.follows = follows;
    recursion.is_local = true;
    recursion.locals = totality->locals;
    recursion.local_count = totality->local_count;
    for (uint32_t i = 0; i < let->count; i++) {
        const Bind *bind = &let->binds[i];
        init_function(&recursion.arena, &recursion.functions[i], bind->name,
                      bind->name_span, &bind->value);
        recursion.functions[i].is_rec_value =
            recursion.functions[i].param_count == 0;
        if (bind->local < totality->local_count) {
            Extent value = extent_unknown();
            value.function = i + 1;
            totality->locals[bind->local] = value;
        }
    }
    helpers_of_let(&recursion, let);
    for (uint32_t i = 0; i < let->count; i++) {
        totality_walk(&recursion, i);
    }
    bool settled = decide(totality, &recursion);
    for (uint32_t i = 0; i < let->count; i++) {
        uint32_t local = let->binds[i].local;
        if (local < totality->local_count) {
            totality->locals[local] = extent_constant(local);
        }
    }
    recursion_end(&recursion);
    return settled;
}

// Most recursions end whatever other functions give back: bodies are followed
// only where that is not enough.
static void check_let(Totality *totality, const Let *let)
{
    if (totality->locals == NULL) {
        totality->locals = new_locals(totality->local_count);
    }
    if (!try_let(totality, let, false)) {
        (void)try_let(totality, let, true);
    }
}

static void find_local(Expr *expr, void *ctx)
{
    Totality *totality = ctx;
    if (expr->kind == EXPR_LET && expr->as.let->rec) {
        check_let(totality, expr->as.let);
    }
    if ((expr->flags & EXPR_CLOSED) == 0) {
        ast_visit_children(expr, find_local, totality);
    }
}

// ---- a component of the calls

// Members are in ascending order.
static bool is_member(const Totality *totality, const BindingRef *ref)
{
    uint32_t last = totality->member_count - 1;
    if (ref->module != totality->module->id ||
        ref->index < totality->members[0] ||
        ref->index > totality->members[last]) {
        return false;
    }
    if (last == 0) {
        return true; // it lies between the first and the last
    }
    Recursion members = {.members = totality->members,
                         .member_count = totality->member_count};
    return totality_member(&members, ref->index) != 0;
}

static const Binding *member_at(const Totality *totality, uint32_t at)
{
    return &totality->module->bindings[totality->members[at]];
}

// Whether a member names one. An input is never a function; its cycle was
// reported.
static bool is_recursive(const Totality *totality)
{
    bool found = false;
    for (uint32_t i = 0; i < totality->member_count; i++) {
        const Binding *binding = member_at(totality, i);
        if (binding->value == NULL) {
            return false;
        }
        for (uint32_t j = 0; j < binding->ref_count && !found; j++) {
            found = is_member(totality, &binding->refs[j]);
        }
    }
    return found;
}

// What a binding refers to without a call that was found: the predicates and
// defaults of types that it names.
static void find_hidden_refs(const Totality *totality, Recursion *recursion,
                             uint32_t caller, uint32_t first_call)
{
    const Binding *binding = member_at(totality, caller);
    for (uint32_t i = 0; i < binding->ref_count; i++) {
        const BindingRef *ref = &binding->refs[i];
        if (recursion->escaped || !is_member(totality, ref)) {
            continue;
        }
        bool called = false;
        for (uint32_t c = first_call; c < recursion->calls.count; c++) {
            uint32_t callee = recursion->calls.items[c].callee;
            called = called || totality->members[callee] == ref->index;
        }
        if (!called) {
            recursion->escaped = true;
            recursion->escaped_function = caller;
            recursion->escaped_span = ref->span;
        }
    }
}

static bool try_members(const Totality *totality, bool follows)
{
    Recursion recursion = recursion_begin(totality, totality->member_count);
    recursion.follows = follows;
    for (uint32_t i = 0; i < totality->member_count; i++) {
        const Binding *binding = member_at(totality, i);
        init_function(&recursion.arena, &recursion.functions[i], binding->name,
                      binding->name_span, binding->value);
    }
    for (uint32_t i = 0; i < totality->member_count; i++) {
        const Binding *binding = member_at(totality, i);
        uint32_t first_call = recursion.calls.count;
        recursion.locals = new_locals(binding->local_count);
        recursion.local_count = binding->local_count;
        totality_walk(&recursion, i);
        free(recursion.locals);
        if (!recursion.too_large) {
            find_hidden_refs(totality, &recursion, i, first_call);
        }
    }
    bool settled = decide(totality, &recursion);
    recursion_end(&recursion);
    return settled;
}

static void check_members(const Totality *totality)
{
    if (!try_members(totality, false)) {
        (void)try_members(totality, true);
    }
}

// The recursions inside of the members.
static void check_locals(Totality *totality)
{
    for (uint32_t i = 0; i < totality->member_count; i++) {
        const Binding *binding = member_at(totality, i);
        // A value from elsewhere was parsed with another module.
        bool may_recur =
            totality->module->ast.has_local_rec || binding->value_is_data;
        if (binding->value != NULL && may_recur) {
            totality->local_count = binding->local_count;
            find_local(binding->value, totality);
            free(totality->locals);
            totality->locals = NULL;
        }
    }
}

static void check_group(Totality *totality, const BindingGroup *group)
{
    totality->members = group->members;
    totality->member_count = group->member_count;
    if (is_recursive(totality)) {
        check_members(totality);
    }
    check_locals(totality);
}

// Whether all that was found in the component was checked.
static bool is_sound(const Totality *totality)
{
    for (uint32_t i = 0; i < totality->member_count; i++) {
        const Binding *binding = member_at(totality, i);
        const BindingGroup *group = &totality->module->groups[binding->group];
        if (!group->needed || group->failed || binding->value == NULL) {
            return false;
        }
    }
    return totality->member_count > 0;
}

// Members of a component are in ascending order, bindings before instances.
static void check_component(Totality *totality, const uint32_t *nodes,
                            uint32_t node_count)
{
    totality->members = nodes;
    totality->member_count = node_count;
    while (totality->member_count > 0 && nodes[totality->member_count - 1] >=
                                             totality->module->binding_count) {
        totality->member_count--;
    }
    if (!is_sound(totality)) {
        return;
    }
    if (node_count > 1 || is_recursive(totality)) {
        check_members(totality);
    }
    check_locals(totality);
}

static void check_components(Totality *totality)
{
    Arena arena;
    arena_init(&arena);
    Components components = totality_graph(totality->module, &arena);
    for (uint32_t c = 0; c < components.count; c++) {
        check_component(totality, components.members + components.starts[c],
                        components.starts[c + 1] - components.starts[c]);
    }
    arena_release(&arena);
}

static void check_groups(Totality *totality)
{
    const Module *module = totality->module;
    for (uint32_t i = 0; i < module->group_count; i++) {
        const BindingGroup *group = &module->groups[i];
        if (group->needed && !group->failed) {
            check_group(totality, group);
        }
    }
}

// Where nothing says that it is recursive, there is nothing to check: other
// cycles are errors. A value from elsewhere was parsed with another module.
static bool may_recur(const Module *module)
{
    bool may = module->ast.has_local_rec || module->instance_count > 0;
    for (uint32_t i = 0; i < module->binding_count && !may; i++) {
        const Binding *binding = &module->bindings[i];
        may = binding->rec || binding->value_is_data;
    }
    return may;
}

TotalityReads totality_check_module(const Program *program,
                                    const Module *module, DiagSink *diags)
{
    if (program->options.totality == TOTALITY_UNCHECKED) {
        return (TotalityReads){0};
    }
    totality_check_types(program, module, diags);
    if (!may_recur(module)) {
        return (TotalityReads){0};
    }
    Helpers helpers;
    helpers_init(&helpers);
    Totality totality = {.program = program,
                         .module = module,
                         .diags = diags,
                         .helpers = &helpers};
    if (module->instance_count > 0 && !module->is_std) {
        check_components(&totality);
    } else {
        check_groups(&totality);
    }
    helpers_release(&helpers);
    return helpers.reads;
}
