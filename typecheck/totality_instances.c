// Recursion through instances. A call of a class's method at an instance of
// this module is a call of the method's binding; what is given a dictionary
// may call all of its methods. So instances are nodes of the graph of calls
// beside the bindings: a binding points to the instances that its evidence
// names, an instance to its methods and to what its superclasses are.
//
// Instances of other modules come before this one and name none of it; what
// they are given they may call.
#include "typecheck/totality_internal.h"

// Evidence inside evidence, and parts of derived shapes, that are looked at.
#define MAX_EVIDENCE_DEPTH 32
#define MAX_SHAPES         64

typedef VEC(uint32_t) Targets;

typedef struct Shapes {
    const DerivedShape *items[MAX_SHAPES];
    uint32_t count;
    bool full; // there are more: anything may be in them
} Shapes;

static bool is_new_shape(Shapes *shapes, const DerivedShape *shape)
{
    for (uint32_t i = 0; i < shapes->count; i++) {
        if (shapes->items[i] == shape) {
            return false;
        }
    }
    if (shapes->count == MAX_SHAPES) {
        shapes->full = true;
        return false;
    }
    shapes->items[shapes->count++] = shape;
    return true;
}

typedef struct Naming {
    const Module *module;
    Targets *targets;
    Shapes shapes;
} Naming;

static void name_evidence(Naming *naming, const Evidence *evidence,
                          uint32_t depth);

static void name_shape(Naming *naming, const DerivedShape *shape,
                       uint32_t depth)
{
    if (shape == NULL || !is_new_shape(&naming->shapes, shape)) {
        return;
    }
    name_evidence(naming, shape->evidence, depth);
    for (uint32_t i = 0; i < shape->count; i++) {
        name_shape(naming, shape->parts[i], depth);
    }
}

static void name_evidence(Naming *naming, const Evidence *evidence,
                          uint32_t depth)
{
    if (evidence == NULL) {
        return;
    }
    if (depth == MAX_EVIDENCE_DEPTH) {
        naming->shapes.full = true;
        return;
    }
    if (evidence->kind == EVIDENCE_INSTANCE &&
        evidence->module == naming->module->id) {
        vec_push(naming->targets,
                 naming->module->binding_count + evidence->index);
    }
    for (uint32_t i = 0; i < evidence->arg_count; i++) {
        name_evidence(naming, evidence->args[i], depth + 1);
    }
    if (evidence->kind == EVIDENCE_DERIVED) {
        name_shape(naming, evidence->shape, depth + 1);
    }
}

// A piece of evidence, with all instances where it is too large to look at.
static void name_whole(Naming *naming, const Evidence *evidence)
{
    naming->shapes.count = 0;
    naming->shapes.full = false;
    name_evidence(naming, evidence, 0);
    for (uint32_t i = 0;
         naming->shapes.full && i < naming->module->instance_count; i++) {
        vec_push(naming->targets, naming->module->binding_count + i);
    }
}

static void name_note(Naming *naming, uint32_t number)
{
    const Note *note = note_find(&naming->module->notes, number, NOTE_EVIDENCE);
    for (uint32_t i = 0; note != NULL && i < note->as.evidence.count; i++) {
        name_whole(naming, note->as.evidence.items[i]);
    }
}

static void name_in_pattern(const Pattern *pattern, void *ctx)
{
    name_note(ctx, pattern->note);
    ast_visit_subpatterns(pattern, name_in_pattern, ctx);
}

static void name_in_expr(Expr *expr, void *ctx)
{
    Naming *naming = ctx;
    name_note(naming, expr->note);
    for (uint32_t i = 0;
         expr->kind == EXPR_MATCH && i < expr->as.match->arm_count; i++) {
        const Arm *arm = &expr->as.match->arms[i];
        for (uint32_t p = 0; p < arm->pattern_count; p++) {
            name_in_pattern(&arm->patterns[p], naming);
        }
    }
    if ((expr->flags & EXPR_CLOSED) == 0) {
        ast_visit_children(expr, name_in_expr, naming);
    }
}

static void targets_of_binding(Naming *naming, const Binding *binding)
{
    const Module *module = naming->module;
    const BindingGroup *group = &module->groups[binding->group];
    if (!group->needed || group->failed) {
        return;
    }
    for (uint32_t i = 0; i < binding->ref_count; i++) {
        if (binding->refs[i].module == module->id) {
            vec_push(naming->targets, binding->refs[i].index);
        }
    }
    if (binding->value != NULL && !binding->value_is_data) {
        name_in_expr(binding->value, naming);
    }
}

static void targets_of_instance(Naming *naming, const InstanceEntry *instance)
{
    for (uint32_t i = 0; i < instance->decl->method_count; i++) {
        vec_push(naming->targets, instance->decl->hidden[i]);
    }
    for (uint32_t i = 0; i < instance->super_count; i++) {
        name_whole(naming, instance->supers[i]);
    }
}

Components totality_graph(const Module *module, Arena *arena)
{
    uint32_t count = module->binding_count + module->instance_count;
    uint32_t *starts = arena_array(arena, (size_t)count + 1, sizeof *starts);
    Targets targets = {0};
    Naming naming = {.module = module, .targets = &targets};
    for (uint32_t i = 0; i < count; i++) {
        starts[i] = targets.count;
        if (i < module->binding_count) {
            targets_of_binding(&naming, &module->bindings[i]);
        } else {
            targets_of_instance(&naming,
                                &module->instances[i - module->binding_count]);
        }
    }
    starts[count] = targets.count;
    Graph graph = {count, starts, targets.items};
    Components components = graph_components(&graph, arena);
    vec_release(&targets);
    return components;
}

// ---- calls

// The method's binding in an instance of this module; UINT32_MAX when there
// is none.
static uint32_t find_method(const Module *module, const Evidence *evidence,
                            Symbol name)
{
    const InstanceDecl *decl = module->instances[evidence->index].decl;
    for (uint32_t i = 0; i < decl->method_count; i++) {
        if (decl->methods[i].name == name) {
            return decl->hidden[i];
        }
    }
    return UINT32_MAX;
}

static bool is_own(const Recursion *recursion, const Evidence *evidence)
{
    return evidence != NULL && evidence->kind == EVIDENCE_INSTANCE &&
           evidence->module == recursion->module->id;
}

// The evidence on a node, where it may lead back to the recursion; or NULL.
static const Note *evidence_of(const Recursion *recursion, uint32_t note)
{
    // Without instances of its own a module has no recursion through them, and
    // the code of another module does not know them.
    return recursion->module->instance_count > 0 && !recursion->is_local &&
                   !recursion->module->is_std &&
                   recursion->here == recursion->module
               ? note_find(&recursion->module->notes, note, NOTE_EVIDENCE)
               : NULL;
}

uint32_t totality_method_binding(const Recursion *recursion, const Expr *name)
{
    const NameRef *ref = &name->as.name;
    const Note *note = evidence_of(recursion, name->note);
    if (ref->ref != REF_METHOD || note == NULL ||
        note->as.evidence.count == 0 ||
        !is_own(recursion, note->as.evidence.items[0])) {
        return UINT32_MAX;
    }
    const Module *module = recursion->program->modules[ref->module];
    return find_method(recursion->module, note->as.evidence.items[0],
                       module->methods[ref->index].name);
}

typedef struct Use {
    Recursion *recursion;
    Symbol method; // 0: any
    Extent args[2];
    uint32_t arg_count;
    Span span;
    Shapes shapes;
} Use;

// The values inside of a value, as far as they are kept apart; else any part
// of it.
static Extent inside(Recursion *recursion, const Extent *value)
{
    Extent result = extent_never();
    for (uint32_t i = 0; i < value->item_count; i++) {
        const Extent *item = &value->items[i];
        if (item->tiny && item->low.known) {
            continue; // a number is no value of a type with an instance here
        }
        Extent one = item->item_count > 0 ? inside(recursion, item) : *item;
        result = extent_join(recursion, &result, &one);
    }
    return result.never ? extent_part(value) : result;
}

static void use_evidence(Use *use, const Evidence *evidence, bool is_inside,
                         uint32_t depth);

static void use_shape(Use *use, const DerivedShape *shape, bool is_inside,
                      uint32_t depth)
{
    if (shape == NULL || !is_new_shape(&use->shapes, shape)) {
        use->recursion->too_large |= use->shapes.full;
        return;
    }
    use_evidence(use, shape->evidence, is_inside, depth + 1);
    for (uint32_t i = 0; i < shape->count; i++) {
        use_shape(use, shape->parts[i], true, depth);
    }
}

static void use_instance(Use *use, const Evidence *evidence, bool is_inside)
{
    Recursion *recursion = use->recursion;
    const InstanceDecl *decl =
        recursion->module->instances[evidence->index].decl;
    for (uint32_t i = 0; i < decl->method_count; i++) {
        uint32_t member = totality_member(recursion, decl->hidden[i]);
        if (member == 0 ||
            (use->method != 0 && decl->methods[i].name != use->method)) {
            continue;
        }
        Extent args[2];
        for (uint32_t a = 0; a < use->arg_count; a++) {
            args[a] =
                is_inside ? inside(recursion, &use->args[a]) : use->args[a];
        }
        bool escaped = recursion->escaped;
        totality_record_call(recursion, member - 1, args, use->arg_count,
                             use->span);
        recursion->escaped_instance |= recursion->escaped && !escaped;
    }
}

static void use_evidence(Use *use, const Evidence *evidence, bool is_inside,
                         uint32_t depth)
{
    if (evidence == NULL || depth == MAX_EVIDENCE_DEPTH) {
        use->recursion->too_large |= evidence != NULL;
        return;
    }
    if (is_own(use->recursion, evidence)) {
        use_instance(use, evidence, is_inside);
    }
    Use any = {.recursion = use->recursion, .span = use->span};
    for (uint32_t i = 0; i < evidence->arg_count; i++) {
        // Who wrote the instance may do anything with what it is given; those
        // of the prelude go through the parts of a value.
        bool is_prelude = evidence->module == MODULE_PRELUDE &&
                          evidence->kind == EVIDENCE_INSTANCE;
        use_evidence(is_prelude ? use : &any, evidence->args[i], true,
                     depth + 1);
    }
    if (evidence->kind == EVIDENCE_DERIVED) {
        use_shape(use, evidence->shape, is_inside, depth);
    }
}

// totality_use_item() with the evidence itself.
static void use_method(Recursion *recursion, const Evidence *evidence,
                       Symbol method, const Extent *args, uint32_t count,
                       Span span)
{
    Use use = {.recursion = recursion,
               .method = method,
               .arg_count = count < 2 ? count : 2,
               .span = span};
    for (uint32_t i = 0; i < use.arg_count; i++) {
        use.args[i] = args[i];
    }
    use_evidence(&use, evidence, false, 0);
}

void totality_use_item(Recursion *recursion, uint32_t note_number,
                       uint32_t index, Symbol method, const Extent *args,
                       uint32_t count, Span span)
{
    const Note *note = evidence_of(recursion, note_number);
    if (note != NULL && index < note->as.evidence.count &&
        totality_records(recursion)) {
        use_method(recursion, note->as.evidence.items[index], method, args,
                   count, span);
    }
}

bool totality_is_written(const Recursion *recursion, uint32_t note_number)
{
    const Note *note =
        note_find(&recursion->here->notes, note_number, NOTE_EVIDENCE);
    const Evidence *evidence = note != NULL && note->as.evidence.count > 0
                                   ? note->as.evidence.items[0]
                                   : NULL;
    return evidence != NULL && evidence->kind == EVIDENCE_INSTANCE &&
           evidence->module != MODULE_PRELUDE;
}

void totality_use_name(Recursion *recursion, const Expr *name,
                       const Extent *args, uint32_t count, Span span)
{
    const Note *note = evidence_of(recursion, name->note);
    if (note == NULL || !totality_records(recursion)) {
        return;
    }
    const NameRef *ref = &name->as.name;
    bool is_method = ref->ref == REF_METHOD;
    const Module *there = ref->ref == REF_METHOD || ref->ref == REF_GLOBAL
                              ? recursion->program->modules[ref->module]
                              : NULL;
    for (uint32_t i = 0; i < note->as.evidence.count; i++) {
        const Evidence *evidence = note->as.evidence.items[i];
        if (is_method && i == 0) {
            // At an instance of this module it is a call, found as such.
            if (totality_method_binding(recursion, name) == UINT32_MAX) {
                use_method(recursion, evidence, there->methods[ref->index].name,
                           args, count, span);
            } else {
                for (uint32_t a = 0; a < evidence->arg_count; a++) {
                    use_method(recursion, evidence->args[a], 0, NULL, 0, span);
                }
            }
            continue;
        }
        // A function of one argument in the prelude shows or measures that.
        bool is_plain = there != NULL && there->id == MODULE_PRELUDE &&
                        count == 1 && !is_method;
        use_method(recursion, evidence, 0, args, is_plain ? 1 : 0, span);
    }
}
