// Methods of instances: their types come from the class. Evidence for the
// superclasses of each instance.
#include "typecheck/infer_group.h"

MethodBinding **infer_method_table(Infer *c)
{
    const Module *module = c->module;
    if (module->instance_count == 0) {
        return NULL;
    }
    MethodBinding **table = arena_zalloc(
        c->types->arena, module->binding_count * sizeof(MethodBinding *));
    for (uint32_t i = 0; i < module->instance_count; i++) {
        const InstanceDecl *decl = module->instances[i].decl;
        for (uint32_t m = 0; m < decl->method_count; m++) {
            MethodBinding *method = ARENA_NEW(c->types->arena, MethodBinding);
            method->instance = &c->types->instances[i];
            method->method = m;
            if (decl->hidden[m] < module->binding_count) {
                table[decl->hidden[m]] = method;
            }
        }
    }
    return table;
}

static Type **instance_skolems(Infer *c, const InstanceInfo *instance)
{
    Type **skolems =
        arena_array(c->store.arena, instance->generic_count, sizeof *skolems);
    for (uint32_t i = 0; i < instance->generic_count; i++) {
        Symbol name = instance->var_names[i];
        // Of one that lacks something nothing is said where more may be known.
        uint8_t flags = instance->lacks_context ? TYPE_HAS_ERROR : 0;
        skolems[i] = type_skolem(&c->store, c->level, name, flags);
        vec_push(&c->vars, (TypeVarEntry){.symbol = name, .type = skolems[i]});
    }
    return skolems;
}

static Type **substitute_all(Infer *c, Type *const *types, uint32_t count,
                             Type *const *args, uint32_t arg_count)
{
    Type **result = arena_array(c->store.arena, count, sizeof *result);
    for (uint32_t i = 0; i < count; i++) {
        result[i] = type_substitute(&c->store, types[i], args, arg_count);
    }
    return result;
}

static void push_context(Infer *c, ClassUses *context,
                         const SchemeConstraint *constraint, Type *const *args,
                         uint32_t arg_count, Span span)
{
    vec_push(context, (ClassUse){constraint->class_,
                                 substitute_all(c, constraint->args,
                                                constraint->class_->param_count,
                                                args, arg_count),
                                 span});
}

// The variables of the method's scheme: the class's parameters are the
// instance's types, the rest is rigid.
static Type **method_args(Infer *c, const InstanceInfo *instance,
                          const Scheme *method, Type *const *skolems)
{
    uint32_t params = instance->class_->param_count;
    uint32_t count =
        method->generic_count > params ? method->generic_count : params;
    Type **args = arena_array(c->store.arena, count, sizeof *args);
    for (uint32_t i = 0; i < count; i++) {
        args[i] = i < params ? type_substitute(&c->store, instance->args[i],
                                               skolems, instance->generic_count)
                             : NULL;
    }
    for (uint32_t i = 0; i < method->node_count; i++) {
        const Type *node = method->nodes[i];
        if (node->kind == TYPE_GENERIC && node->as.generic.index >= params) {
            args[node->as.generic.index] =
                type_skolem(&c->store, c->level, 0,
                            node->flags & (TYPE_IS_ROW | TYPE_HAS_ERROR));
        }
    }
    for (uint32_t i = params; i < count; i++) {
        if (args[i] == NULL) {
            args[i] = type_error();
        }
    }
    return args;
}

void infer_method_signature(Infer *c, Member *member)
{
    const InstanceInfo *instance = member->method->instance;
    Signature *signature = &member->signature;
    const InstanceDecl *decl = c->module->instances[instance->index].decl;
    Symbol name = member->binding->name;
    uint32_t slot = 0;
    signature->whole = true;
    signature->type = type_error();
    if (instance->class_ == NULL ||
        !class_method(c->program, instance->class_, name, &slot)) {
        return; // reported with the declarations
    }
    const Module *there = c->program->modules[instance->class_->module];
    const MethodDecl *method =
        &there->classes[instance->class_->index].decl->methods[slot];
    uint32_t vars = c->vars.count;
    Type **skolems = instance_skolems(c, instance);
    const Scheme *scheme = instance->class_->methods[slot];
    Type **args = method_args(c, instance, scheme, skolems);
    Type *refined = instance->class_->refined[slot];
    signature->type =
        type_substitute(&c->store, refined != NULL ? refined : scheme->type,
                        args, scheme->generic_count);
    if (refined == NULL) {
        signature->type = type_strip(&c->store, signature->type);
    }
    for (uint32_t i = 0; i < instance->context_count; i++) {
        push_context(c, &signature->context, &instance->context[i], skolems,
                     instance->generic_count, decl->head.span);
    }
    for (uint32_t i = 1; i < scheme->constraint_count; i++) {
        push_context(c, &signature->context, &scheme->constraints[i], args,
                     scheme->generic_count, method->name_span);
    }
    signature->var_count = c->vars.count - vars;
    signature->vars = arena_copy(c->scratch, c->vars.items + vars,
                                 signature->var_count * sizeof(TypeVarEntry));
    member->why = (Expect){.kind = EXPECT_METHOD,
                           .name = name,
                           .source = &there->source,
                           .span = method->name_span};
    signature->why = &member->why;
}

// ---- superclasses

// Evidence for each superclass, out of the instance's context.
static void instance_supers(Infer *c, uint32_t index)
{
    const InstanceInfo *instance = &c->types->instances[index];
    InstanceEntry *entry = &c->module->instances[index];
    if (instance->class_ == NULL) {
        entry->super_count = 0;
        return;
    }
    const ClassInfo *class_ = instance->class_;
    entry->super_count = class_->super_count;
    entry->supers = arena_zalloc(c->module->arena,
                                 class_->super_count * sizeof(Evidence *));
    Type **skolems = instance_skolems(c, instance);
    Type **args = substitute_all(c, instance->args, class_->param_count,
                                 skolems, instance->generic_count);
    uint32_t *locals =
        arena_array(c->scratch, instance->context_count, sizeof *locals);
    for (uint32_t i = 0; i < instance->context_count; i++) {
        const SchemeConstraint *given = &instance->context[i];
        locals[i] = i;
        infer_push_given(
            c, (Given){.class_ = given->class_,
                       .args = substitute_all(c, given->args,
                                              given->class_->param_count,
                                              skolems, instance->generic_count),
                       .locals = &locals[i]});
    }
    for (uint32_t i = 0; i < class_->super_count; i++) {
        const ClassUse *super = &class_->supers[i];
        Wanted wanted = {.class_ = super->class_,
                         .slot = &entry->supers[i],
                         .span = instance->span};
        wanted.args = substitute_all(c, super->args, super->class_->param_count,
                                     args, class_->param_count);
        wanted.super_of = instance;
        infer_want(c, &wanted);
    }
    infer_report_unmet(c); // nothing will be known that is not by now
    infer_pop_givens(c, 0);
    vec_clear(&c->vars);
    vec_clear(&c->wanted);
}

void infer_supers(Infer *c)
{
    if (c->module->instance_count == 0) {
        return;
    }
    BindingGroup *group = ARENA_NEW(c->scratch, BindingGroup);
    c->group = group;
    c->level = 1;
    for (uint32_t i = 0; i < c->module->instance_count; i++) {
        instance_supers(c, i);
    }
    arena_clear(c->scratch);
    c->group = NULL;
}
