// Modules as values: one without a final expression is the record of what it
// offers. Who names such a module refers to it without an index, from whichever
// part; when all names are resolved, each module that is named so becomes a
// hidden binding, which alone refers to what the other one offers.
#include <stdlib.h>

#include "syntax/resolve_internal.h"

void resolver_add_module_ref(Resolver *r, const Expr *expr)
{
    uint32_t before = r->work->refs.count;
    uint32_t target = expr->as.name.module;
    (void)resolver_add_ref(r, target, INDEX_NONE, expr->span, r->unconditional);
    if (r->work->refs.count > before) {
        vec_push(&r->module_uses,
                 (ModuleUse){target, expr->as.name.symbol, expr->span});
    }
}

static int compare_uses(const void *left, const void *right)
{
    const ModuleUse *a = left, *b = right;
    if (a->module != b->module) {
        return a->module < b->module ? -1 : 1;
    }
    return (a->span.start > b->span.start) - (a->span.start < b->span.start);
}

// Keeps the first use of each module, ascending by module.
static void sort_uses(Resolver *r)
{
    ModuleUse *uses = r->module_uses.items;
    uint32_t kept = 0;
    qsort(uses, r->module_uses.count, sizeof *uses, compare_uses);
    for (uint32_t i = 0; i < r->module_uses.count; i++) {
        if (kept == 0 || uses[i].module != uses[kept - 1].module) {
            uses[kept++] = uses[i];
        }
    }
    r->module_uses.count = kept;
}

// What is said of the binding is said of the import that gives the name.
static Span declared_span(const Resolver *r, const ModuleUse *use)
{
    const ScopeRef *alias =
        symbol_map_find(&r->module->scope->aliases, use->name);
    return alias != NULL && alias->module == use->module
               ? resolver_alias_span(r->imports[alias->index])
               : use->span;
}

// References to all that a module offers. They are the same for all who name it
// as a value, and those may be many: whoever comes first makes them.
static BindingRef *offered_refs(Resolver *r, const Module *target,
                                uint32_t *out_count)
{
    Scope *scope = target->scope;
    BindingRef *refs = scope_offered(target, out_count);
    if (refs != NULL) {
        return refs;
    }
    uint32_t count = *out_count;
    BindingRef *made = arena_array(r->module->arena, count, sizeof *made);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = scope->offers_all ? i : scope->exported_bindings[i];
        made[i] = (BindingRef){
            .module = target->id, .index = index, .unconditional = true};
    }
    return cas_acq_rel(&scope->offered_refs, &refs, made) ? made : refs;
}

static void add_binding(Resolver *r, const ModuleUse *use)
{
    Bind *bind = ARENA_NEW(r->module->arena, Bind);
    bind->name = use->name;
    bind->name_span = declared_span(r, use);
    bind->value.kind = EXPR_NAME;
    bind->value.op = OP_NONE;
    bind->value.span = use->span;
    bind->value.flags = EXPR_UNCONDITIONAL;
    bind->value.as.name =
        scope_module_value(r->program, use->module, use->name);
    resolver_begin_binding(r, resolver_add_hidden(r, bind));
    resolver_end_binding(r);
    Binding *binding = &r->bindings.items[r->current];
    binding->refs =
        offered_refs(r, r->program->modules[use->module], &binding->ref_count);
}

void resolver_make_module_values(Resolver *r)
{
    if (r->module_uses.count == 0) {
        return;
    }
    uint32_t before = r->bindings.count;
    sort_uses(r);
    for (uint32_t i = 0; i < r->module_uses.count; i++) {
        add_binding(r, &r->module_uses.items[i]);
    }
    Module *module = r->module;
    module->bindings = r->bindings.items;
    module->binding_count = r->bindings.count;
    module->module_value_count = r->module_uses.count;
    for (uint32_t i = 0; i < before; i++) {
        Binding *binding = &module->bindings[i];
        for (uint32_t k = 0; k < binding->ref_count; k++) {
            BindingRef *ref = &binding->refs[k];
            if (ref->index == INDEX_NONE) {
                ref->index = module_value_binding(module, ref->module);
                ref->module = module->id;
            }
        }
    }
    r->is_graph = true;
}
