// Lookup in module scopes.
#include "syntax/scope.h"

#include "support/nearest.h"
#include "syntax/scope_table.h"

// ---- one module

static ScopeRef nothing(void)
{
    return (ScopeRef){REF_UNRESOLVED, INDEX_NONE, INDEX_NONE, ORIGIN_NONE};
}

static ScopeRef reported(void)
{
    return (ScopeRef){REF_ERROR, INDEX_NONE, INDEX_NONE, ORIGIN_NONE};
}

// Without `export`, a module offers what it declares itself.
static bool is_offered(const Module *module, const ScopeRef *found)
{
    return found->ref != REF_GLOBAL || found->index < module->visible_count;
}

// A broken module may have lost an `export`: it offers all.
static ScopeRef *find_export_entry(const Module *module, NameSpace space,
                                   Symbol name)
{
    const Scope *scope = module->scope;
    ScopeRef *found = scope->offers_all
                          ? NULL
                          : symbol_map_find(&scope->exports[space], name);
    if (found != NULL || !(scope->offers_all || module->broken)) {
        return found;
    }
    found = symbol_map_find(&scope->own[space], name);
    return found != NULL && is_offered(module, found) ? found : NULL;
}

// A loop over chains of exports of imported names; imports have no cycles.
ScopeRef scope_find_export(const Program *program, uint32_t module,
                           NameSpace space, Symbol name)
{
    while (module != INDEX_NONE) {
        const Module *target = program->modules[module];
        const ScopeRef *found = find_export_entry(target, space, name);
        if (found == NULL) {
            return target->broken ? reported() : nothing();
        }
        if (found->ref != REF_UNRESOLVED) {
            return *found;
        }
        module = found->module;
        name = found->index;
    }
    return reported();
}

ScopeRef scope_find_here(const Module *module, NameSpace space, Symbol name)
{
    const ScopeRef *found = symbol_map_find(&module->scope->own[space], name);
    if (found == NULL) {
        found = symbol_map_find(&module->scope->imported[space], name);
    }
    return found != NULL ? *found : nothing();
}

// As scope_find_here(), or a module by its alias.
static ScopeRef find_in(const Module *module, NameSpace space, Symbol name)
{
    ScopeRef found = scope_find_here(module, space, name);
    if (found.ref == REF_UNRESOLVED && space == SPACE_VALUE) {
        const ScopeRef *alias = symbol_map_find(&module->scope->aliases, name);
        found = alias != NULL ? *alias : found;
    }
    return found;
}

// Where a name is looked for: in a module, in the one that it opens, then in
// the same way around it, up to the prelude.
typedef struct ScopeWalk {
    const Module *at;        // NULL: nowhere else
    const Module *opened_by; // or NULL
} ScopeWalk;

static ScopeWalk walk_from(const Module *module)
{
    return (ScopeWalk){module, NULL};
}

static void walk_on(const Program *program, ScopeWalk *walk)
{
    const Module *module = walk->at;
    if (walk->opened_by == NULL && module->opens != MODULE_PRELUDE) {
        *walk = (ScopeWalk){program->modules[module->opens], module};
        return;
    }
    module = walk->opened_by != NULL ? walk->opened_by : module;
    *walk = walk_from(
        module->id == MODULE_PRELUDE ? NULL : program->modules[module->outer]);
}

ScopeRef scope_find_outer(const Program *program, const Module *module,
                          NameSpace space, Symbol name)
{
    ScopeRef found = nothing();
    ScopeWalk walk = walk_from(module);
    while (found.ref == REF_UNRESOLVED) {
        walk_on(program, &walk);
        if (walk.at == NULL) {
            break;
        }
        found = find_in(walk.at, space, name);
    }
    found.origin = ORIGIN_NONE; // only a module's own imports count as used
    return found;
}

ScopeRef scope_find_prelude(const Program *program, NameSpace space,
                            Symbol name)
{
    const Scope *scope = program->modules[MODULE_PRELUDE]->scope;
    const ScopeRef *found = symbol_map_find(&scope->own[space], name);
    return found != NULL ? *found : nothing();
}

NameRef scope_module_value(const Program *program, uint32_t module, Symbol name)
{
    if (module == INDEX_NONE) {
        return (NameRef){name, REF_ERROR, MODULE_NONE, INDEX_NONE};
    }
    const Module *target = program->modules[module];
    if (target->is_data && target->ast.result == NULL) {
        return (NameRef){name, REF_ERROR, MODULE_NONE, INDEX_NONE}; // no data
    }
    if (target->ast.result != NULL) {
        return (NameRef){name, REF_GLOBAL, module, target->visible_count - 1};
    }
    return (NameRef){name, REF_MODULE, module, INDEX_NONE};
}

BindingRef *scope_offered(const Module *module, uint32_t *out_count)
{
    const Scope *scope = module->scope;
    *out_count =
        scope->offers_all ? module->visible_count : scope->exported_count;
    return load_acquire(&scope->offered_refs); // made by any worker
}

const ScopeRef *scope_find_alias(const Program *program, const Module *module,
                                 Symbol name)
{
    ScopeWalk walk = walk_from(module);
    for (; walk.at != NULL; walk_on(program, &walk)) {
        const ScopeRef *found = symbol_map_find(&walk.at->scope->aliases, name);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

const ScopeRef *scope_find_value_alias(const Program *program,
                                       const Module *module, Symbol name)
{
    ScopeWalk walk = walk_from(module);
    for (; walk.at != NULL; walk_on(program, &walk)) {
        if (scope_find_here(walk.at, SPACE_VALUE, name).ref != REF_UNRESOLVED) {
            return NULL;
        }
        const ScopeRef *found = symbol_map_find(&walk.at->scope->aliases, name);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

NameRef scope_find_value(const Program *program, const Module *module,
                         Symbol name)
{
    ScopeRef found = find_in(module, SPACE_VALUE, name);
    if (found.ref == REF_UNRESOLVED) {
        found = scope_find_outer(program, module, SPACE_VALUE, name);
    }
    if (found.ref == REF_MODULE) {
        return scope_module_value(program, found.module, name);
    }
    return (NameRef){name, found.ref, found.module, found.index};
}

// ---- constructors

typedef struct CtorList {
    NameRef *refs;
    uint32_t max; // enough
    uint32_t count;
    uint32_t type_module; // INDEX_NONE: of any type
    uint32_t type;
} CtorList;

static void ctor_list_add(CtorList *list, Symbol name, const Module *module,
                          uint32_t index)
{
    if (list->type_module != INDEX_NONE &&
        (list->type_module != module->id ||
         list->type != module->ctors[index].type)) {
        return;
    }
    for (uint32_t i = 0; i < list->count; i++) { // found on another way
        if (list->refs[i].module == module->id &&
            list->refs[i].index == index) {
            return;
        }
    }
    list->refs[list->count++] = (NameRef){name, REF_CTOR, module->id, index};
}

static void list_own_ctors(CtorList *list, const Module *module, Symbol name,
                           bool exported_only)
{
    const Scope *scope = module->scope;
    const ScopeRef *first = symbol_map_find(&scope->own_ctors, name);
    uint32_t at = first != NULL ? first->index : INDEX_NONE;
    for (; at != INDEX_NONE && list->count < list->max;
         at = scope->ctor_next[at]) {
        if (!exported_only || scope->offers_all ||
            scope->type_exported[module->ctors[at].type]) {
            ctor_list_add(list, name, module, at);
        }
    }
}

static void list_imported_ctors(CtorList *list, const Program *program,
                                const Module *module, Symbol name,
                                bool exported_only)
{
    const Scope *scope = module->scope;
    const ScopeRef *first = symbol_map_find(&scope->imported_ctors, name);
    uint32_t at = first != NULL ? first->index : INDEX_NONE;
    while (at != INDEX_NONE && list->count < list->max) {
        const ImportedCtor *ctor = &scope->imported_ctor_list[at];
        if (!exported_only || ctor->exported) {
            ctor_list_add(list, name, program->modules[ctor->module],
                          ctor->index);
        }
        at = ctor->next;
    }
}

static uint32_t find_ctors(const Program *program, const Module *module,
                           Symbol qualifier, Symbol name, CtorList list)
{
    if (qualifier != 0) {
        const ScopeRef *alias = scope_find_alias(program, module, qualifier);
        if (alias != NULL && alias->module != INDEX_NONE) {
            const Module *target = program->modules[alias->module];
            list_own_ctors(&list, target, name, true);
            list_imported_ctors(&list, program, target, name, true);
        }
        return list.count;
    }
    ScopeWalk walk = walk_from(module);
    for (; walk.at != NULL; walk_on(program, &walk)) {
        list_own_ctors(&list, walk.at, name, false);
        list_imported_ctors(&list, program, walk.at, name, false);
    }
    return list.count;
}

uint32_t scope_find_ctors(const Program *program, const Module *module,
                          Symbol qualifier, Symbol name, NameRef *out_refs,
                          uint32_t max)
{
    CtorList list = {out_refs, max, 0, INDEX_NONE, INDEX_NONE};
    return find_ctors(program, module, qualifier, name, list);
}

bool scope_find_ctor_of(const Program *program, const Module *module,
                        Symbol qualifier, Symbol name, uint32_t type_module,
                        uint32_t type, NameRef *out_ref)
{
    CtorList list = {out_ref, 1, 0, type_module, type};
    return find_ctors(program, module, qualifier, name, list) > 0;
}

// ---- nearest names

void scope_nearest(const Program *program, const Module *module,
                   NameSpace space, Nearest *nearest)
{
    ScopeWalk walk = walk_from(module);
    for (; walk.at != NULL; walk_on(program, &walk)) {
        const Scope *scope = walk.at->scope;
        symbol_map_nearest(&scope->own[space], program->interner, nearest);
        symbol_map_nearest(&scope->imported[space], program->interner, nearest);
        if (space == SPACE_VALUE) {
            symbol_map_nearest(&scope->aliases, program->interner, nearest);
        }
    }
}

void scope_nearest_export(const Program *program, uint32_t module,
                          NameSpace space, Nearest *nearest)
{
    const Module *target = program->modules[module];
    const Scope *scope = target->scope;
    const SymbolMap *map =
        scope->offers_all ? &scope->own[space] : &scope->exports[space];
    symbol_map_nearest(map, program->interner, nearest);
}

static void nearest_own_ctor(const Program *program, const Module *module,
                             bool exported_only, Nearest *nearest)
{
    for (uint32_t i = 0; i < module->ctor_count; i++) {
        const CtorEntry *ctor = &module->ctors[i];
        if (!exported_only || module->scope->offers_all ||
            module->scope->type_exported[ctor->type]) {
            nearest_consider(nearest,
                             symbol_text(program->interner, ctor->name));
        }
    }
}

void scope_nearest_ctor(const Program *program, const Module *module,
                        Nearest *nearest)
{
    ScopeWalk walk = walk_from(module);
    for (; walk.at != NULL; walk_on(program, &walk)) {
        nearest_own_ctor(program, walk.at, false, nearest);
        symbol_map_nearest(&walk.at->scope->imported_ctors, program->interner,
                           nearest);
    }
}

void scope_nearest_exported_ctor(const Program *program, uint32_t module,
                                 Nearest *nearest)
{
    nearest_own_ctor(program, program->modules[module], true, nearest);
}

// ---- all names

static void each_name(const SymbolMap *map, const Program *program,
                      NameVisitor *visit, void *ctx)
{
    for (uint32_t i = 0; i < map->count; i++) {
        if (map->slots[i].key != 0) {
            visit(ctx, symbol_text(program->interner, map->slots[i].key));
        }
    }
}

void scope_each(const Program *program, const Module *module, NameSpace space,
                NameVisitor *visit, void *ctx)
{
    ScopeWalk walk = walk_from(module);
    for (; walk.at != NULL; walk_on(program, &walk)) {
        const Scope *scope = walk.at->scope;
        each_name(&scope->own[space], program, visit, ctx);
        each_name(&scope->imported[space], program, visit, ctx);
        if (space == SPACE_VALUE) {
            each_name(&scope->aliases, program, visit, ctx);
        }
    }
}

void scope_each_ctor(const Program *program, const Module *module,
                     NameVisitor *visit, void *ctx)
{
    ScopeWalk walk = walk_from(module);
    for (; walk.at != NULL; walk_on(program, &walk)) {
        each_name(&walk.at->scope->own_ctors, program, visit, ctx);
        each_name(&walk.at->scope->imported_ctors, program, visit, ctx);
    }
}
