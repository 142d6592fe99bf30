// What a module offers to those who import it.

#include "support/nearest.h"

#include "syntax/resolve_internal.h"

static bool is_reexport(const Resolver *r, const ImportItem *item)
{
    const Scope *scope = r->module->scope;
    return !item->is_repeated &&
           (item->is_second ||
            (!item->is_upper &&
             symbol_map_find(&r->items, item->name) != NULL) ||
            symbol_map_find(&scope->aliases, item->name) != NULL);
}

// What is exported by which name.
typedef struct ExportNames {
    SymbolMap first; // what -> its first name
    SymbolMap taken; // name -> what it was first given to
    Arena arena;
} ExportNames;

static void mark_item(ExportNames *names, ImportItem *item)
{
    const ScopeRef *value =
        symbol_map_add(&names->taken, &names->arena, item->alias,
                       (ScopeRef){.index = item->name});
    const ScopeRef *first =
        symbol_map_add(&names->first, &names->arena, item->name,
                       (ScopeRef){.index = item->alias});
    item->is_repeated = value != NULL && value->index == item->name;
    item->is_second = !item->is_upper && value == NULL && first != NULL &&
                      first->index != item->alias;
}

void resolver_mark_second_names(Resolver *r)
{
    const ModuleAst *ast = &r->module->ast;
    ExportNames names = {0};
    arena_init(&names.arena);
    // What says itself that it is exported has its own name first, wherever the
    // lists stand.
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        const Decl *decl = &ast->decls[i];
        for (uint32_t k = 0; decl->kind == DECL_LET && decl->as.let.exported &&
                             k < decl->as.let.count;
             k++) {
            Symbol name = decl->as.let.binds[k].name;
            mark_item(&names, &(ImportItem){.name = name, .alias = name});
        }
    }
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        const Decl *decl = &ast->decls[i];
        for (uint32_t k = 0;
             decl->kind == DECL_EXPORT && k < decl->as.export_.count; k++) {
            mark_item(&names, &decl->as.export_.items[k]);
        }
    }
    arena_release(&names.arena);
}

uint32_t resolver_count_reexports(const Resolver *r, const ExportDecl *decl)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < decl->count; i++) {
        count += is_reexport(r, &decl->items[i]);
    }
    return count;
}

// A value that is imported and exported again is a binding `name = name` of
// its own, so that it has a place in the result, and so is one that is exported
// by a second name. The name inside the module stays what it was.
uint32_t resolver_make_reexports(const Resolver *r, const ExportDecl *decl,
                                 Binding *bindings, Arena *arena)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < decl->count; i++) {
        const ImportItem *item = &decl->items[i];
        if (!is_reexport(r, item)) {
            continue;
        }
        Bind *bind = ARENA_NEW(arena, Bind);
        bind->name = item->alias;
        bind->name_span = item->alias_span;
        bind->value.kind = EXPR_NAME;
        bind->value.span = item->span;
        bind->value.as.name.symbol = item->name;
        resolver_set_bind(&bindings[count], BINDING_LET, bind);
        bindings[count++].exported = true;
    }
    return count;
}

// ---- filling Scope.exports

static void add_export(Resolver *r, NameSpace space, Symbol name, Span span,
                       ScopeRef target)
{
    Module *module = r->module;
    ScopeRef *first = symbol_map_add(&module->scope->exports[space],
                                     module->check_arena, name, target);
    if (first == NULL ||
        (first->ref == target.ref && first->index == target.index &&
         first->module == target.module)) {
        return;
    }
    diag_add(&module->diags, DIAG_E0202, &module->source, span,
             "'%.*s' is exported twice", STR_ARG(resolver_name(r, name)));
}

static void export_binding(Resolver *r, Symbol name, Span span, uint32_t index)
{
    r->bindings.items[index].exported = true;
    resolver_mark_used(&r->used[index]);
    add_export(r, SPACE_VALUE, name, span,
               (ScopeRef){REF_GLOBAL, r->module->id, index, ORIGIN_NONE});
}

static void export_type(Resolver *r, Symbol name, Span span, uint32_t index)
{
    r->module->scope->type_exported[index] = true;
    add_export(r, SPACE_TYPE, name, span,
               (ScopeRef){REF_TYPE, r->module->id, index, ORIGIN_NONE});
}

static void export_class(Resolver *r, Symbol name, Span span, uint32_t index)
{
    Module *module = r->module;
    add_export(r, SPACE_CLASS, name, span,
               (ScopeRef){REF_CLASS, module->id, index, ORIGIN_NONE});
    const ClassEntry *entry = &module->classes[index];
    for (uint32_t i = 0; i < entry->decl->method_count; i++) {
        uint32_t method = entry->first_method + i;
        add_export(r, SPACE_VALUE, module->methods[method].name, span,
                   (ScopeRef){REF_METHOD, module->id, method, ORIGIN_NONE});
    }
}

// True when `item` names a type or class that is imported.
static bool export_imported(Resolver *r, const ImportItem *item)
{
    const ScopeRef *entry = symbol_map_find(&r->items, item->name);
    if (entry == NULL) {
        return false;
    }
    const ImportItem *imported = resolver_item_of(r, entry);
    ScopeRef target = {REF_UNRESOLVED, entry->module, imported->name,
                       ORIGIN_NONE};
    add_export(r, SPACE_TYPE, item->alias, item->span, target);
    add_export(r, SPACE_CLASS, item->alias, item->span, target);
    r->item_exported[entry->origin] = true;
    *r->origins[entry->origin] = true;
    return true;
}

static bool export_upper(Resolver *r, const ImportItem *item)
{
    const Scope *scope = r->module->scope;
    const ScopeRef *type = symbol_map_find(&scope->own[SPACE_TYPE], item->name);
    const ScopeRef *class_ =
        symbol_map_find(&scope->own[SPACE_CLASS], item->name);
    if (type != NULL && type->ref == REF_TYPE) {
        export_type(r, item->alias, item->span, type->index);
    }
    if (class_ != NULL) {
        export_class(r, item->alias, item->span, class_->index);
    }
    return type != NULL || class_ != NULL || export_imported(r, item);
}

static bool export_lower(Resolver *r, const ImportItem *item)
{
    const ScopeRef *value =
        symbol_map_find(&r->module->scope->own[SPACE_VALUE], item->name);
    if (value == NULL) {
        return false;
    }
    if (value->ref == REF_GLOBAL) {
        Binding *binding = &r->bindings.items[value->index];
        binding->export_name =
            binding->exported ? binding->export_name : item->alias;
        export_binding(r, item->alias, item->span, value->index);
    } else {
        add_export(r, SPACE_VALUE, item->alias, item->span, *value);
    }
    return true;
}

// The union that brings the constructor which `item` names; NULL for none.
static const TypeEntry *union_of_ctor(const Resolver *r, const ImportItem *item)
{
    const Module *module = r->module;
    const ScopeRef *ctor =
        symbol_map_find(&module->scope->own_ctors, item->name);
    return ctor != NULL ? &module->types[module->ctors[ctor->index].type]
                        : NULL;
}

static void report_unknown_export(Resolver *r, const ImportItem *item)
{
    Module *module = r->module;
    if (module->broken) {
        return;
    }
    const TypeEntry *brings = union_of_ctor(r, item);
    if (brings != NULL) {
        Diag *diag =
            diag_add(&module->diags, DIAG_E0201, &module->source, item->span,
                     "a constructor is not exported by itself");
        diag_help(&module->diags, diag,
                  "export '%.*s', which brings its constructors",
                  STR_ARG(resolver_name(r, brings->name)));
        return;
    }
    Nearest nearest;
    nearest_init(&nearest, symbol_text(r->program->interner, item->name));
    if (resolver_may_suggest(r)) {
        NameSpace space = item->is_upper ? SPACE_TYPE : SPACE_VALUE;
        symbol_map_nearest(&module->scope->own[space], r->program->interner,
                           &nearest);
    }
    Diag *diag = diag_add(&module->diags, DIAG_E0201, &module->source,
                          item->span, "'%.*s' is exported but not declared",
                          STR_ARG(resolver_name(r, item->name)));
    resolver_help_nearest(r, diag, &nearest);
}

static void export_items(Resolver *r, const ExportDecl *decl)
{
    for (uint32_t i = 0; i < decl->count; i++) {
        const ImportItem *item = &decl->items[i];
        const Scope *scope = r->module->scope;
        // Values that are exported again are bindings by now.
        if (item->is_repeated || item->is_second ||
            symbol_map_find(&scope->aliases, item->name) != NULL ||
            (!item->is_upper &&
             symbol_map_find(&r->items, item->name) != NULL)) {
            continue;
        }
        bool known =
            item->is_upper ? export_upper(r, item) : export_lower(r, item);
        if (!known) {
            report_unknown_export(r, item);
        }
    }
}

// The methods of classes that are imported and exported again come with them,
// but where something else has their name.
static void export_methods_again(Resolver *r, const ExportDecl *decl)
{
    Module *module = r->module;
    for (uint32_t i = 0; i < decl->count; i++) {
        const ScopeRef *export = symbol_map_find(
            &module->scope->exports[SPACE_CLASS], decl->items[i].alias);
        if (export == NULL || export->ref != REF_UNRESOLVED) {
            continue;
        }
        ScopeRef class_ = scope_find_export(r->program, export->module,
                                            SPACE_CLASS, export->index);
        if (class_.ref != REF_CLASS) {
            continue;
        }
        const Module *target = r->program->modules[class_.module];
        const ClassEntry *entry = &target->classes[class_.index];
        for (uint32_t k = 0; k < entry->decl->method_count; k++) {
            uint32_t method = entry->first_method + k;
            symbol_map_add(
                &module->scope->exports[SPACE_VALUE], module->check_arena,
                target->methods[method].name,
                (ScopeRef){REF_METHOD, class_.module, method, ORIGIN_NONE});
        }
    }
}

// Bindings that say themselves that they are exported.
static void export_marked(Resolver *r)
{
    Module *module = r->module;
    for (uint32_t i = 0; i < module->visible_count; i++) {
        Binding *binding = &r->bindings.items[i];
        if (binding->exported) {
            export_binding(r, binding->name, binding->name_span, i);
        }
    }
    for (uint32_t i = 0; i < module->type_count; i++) {
        const TypeDecl *decl = module->types[i].decl;
        if (decl->exported) {
            export_type(r, decl->name, decl->name_span, i);
        }
    }
}

static void list_exported(Resolver *r)
{
    Module *module = r->module;
    Scope *scope = module->scope;
    scope->exported_bindings = arena_array(
        module->check_arena, module->visible_count, sizeof(uint32_t));
    for (uint32_t i = 0; i < module->visible_count; i++) {
        if (r->bindings.items[i].exported) {
            scope->exported_bindings[scope->exported_count++] = i;
        }
    }
}

void resolver_exports(Resolver *r)
{
    Module *module = r->module;
    if (!r->has_exports) {
        return;
    }
    module->scope->type_exported =
        arena_zalloc(module->check_arena, module->type_count + 1);
    export_marked(r);
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        if (module->ast.decls[i].kind == DECL_EXPORT) {
            export_items(r, &module->ast.decls[i].as.export_);
        }
    }
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        if (module->ast.decls[i].kind == DECL_EXPORT) {
            export_methods_again(r, &module->ast.decls[i].as.export_);
        }
    }
    list_exported(r);
}
