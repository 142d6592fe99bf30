// What the imports of a module bring into its scope.
#include "support/nearest.h"
#include "syntax/data_tape.h"
#include "syntax/resolve_internal.h"

// Of a type or class that the module declares.
static Span own_span(const Module *module, NameSpace space, uint32_t index)
{
    return space == SPACE_TYPE ? module->types[index].decl->name_span
                               : module->classes[index].decl->name_span;
}

// Whether it is a type whose declaration did not parse.
static bool is_broken_type(const Resolver *r, const ScopeRef *found)
{
    if (found->ref != REF_TYPE) {
        return found->ref == REF_ERROR;
    }
    const Module *target = r->program->modules[found->module];
    const TypeExpr *alias = target->types[found->index].decl->alias;
    return alias != NULL && alias->kind == TYPE_EXPR_ERROR;
}

static void add_imported(Resolver *r, NameSpace space, const ImportItem *item,
                         uint32_t origin, ScopeRef found)
{
    Module *module = r->module;
    found.origin = origin;
    // Two items of one name are reported where they are declared.
    const ScopeRef *own =
        symbol_map_find(&module->scope->own[space], item->alias);
    if (own == NULL) {
        module->scope->lacks_types |=
            space == SPACE_TYPE && item->is_upper && is_broken_type(r, &found);
        symbol_map_add(&module->scope->imported[space], module->check_arena,
                       item->alias, found);
        return;
    }
    if (space == SPACE_VALUE) {
        return; // reported as a name declared twice
    }
    resolver_report_twice(r, space == SPACE_TYPE ? "type" : "class",
                          item->alias, item->alias_span,
                          own_span(module, space, own->index));
}

// ---- constructors and methods that come with their type or class

// Room for `extra` of them. What is too small stays in the arena.
static void reserve_imported_ctors(Resolver *r, uint32_t extra)
{
    Scope *scope = r->module->scope;
    Arena *arena = r->module->check_arena;
    uint32_t count = scope->imported_ctor_count;
    symbol_map_reserve(&scope->imported_ctors, arena, extra);
    if (extra > scope->imported_ctor_capacity - count) {
        uint32_t twice = scope->imported_ctor_capacity * 2;
        uint32_t capacity = count + extra > twice ? count + extra : twice;
        ImportedCtor *grown = arena_array(arena, capacity, sizeof *grown);
        if (count > 0) {
            memcpy(grown, scope->imported_ctor_list, count * sizeof *grown);
        }
        scope->imported_ctor_list = grown;
        scope->imported_ctor_capacity = capacity;
    }
}

static void add_imported_ctor(Resolver *r, Symbol name, uint32_t module,
                              uint32_t index, uint32_t origin)
{
    Scope *scope = r->module->scope;
    Arena *arena = r->module->check_arena;
    if (scope->imported_ctor_count == scope->imported_ctor_capacity) {
        reserve_imported_ctors(r, 8);
    }
    uint32_t at = scope->imported_ctor_count++;
    ScopeRef *first =
        symbol_map_add(&scope->imported_ctors, arena, name,
                       (ScopeRef){REF_CTOR, module, at, ORIGIN_NONE});
    ImportedCtor *ctor = &scope->imported_ctor_list[at];
    *ctor = (ImportedCtor){module, index, origin, INDEX_NONE,
                           r->item_exported[origin]};
    if (first != NULL) {
        ctor->next = scope->imported_ctor_list[first->index].next;
        scope->imported_ctor_list[first->index].next = at;
    }
}

static void import_ctors(Resolver *r, const ScopeRef *type, uint32_t origin)
{
    const Module *target = r->program->modules[type->module];
    const TypeEntry *entry = &target->types[type->index];
    reserve_imported_ctors(r, entry->decl->ctor_count);
    for (uint32_t i = 0; i < entry->decl->ctor_count; i++) {
        uint32_t ctor = entry->first_ctor + i;
        add_imported_ctor(r, target->ctors[ctor].name, type->module, ctor,
                          origin);
    }
}

static void import_methods(Resolver *r, const ScopeRef *class_, uint32_t origin)
{
    Module *module = r->module;
    const Module *target = r->program->modules[class_->module];
    const ClassEntry *entry = &target->classes[class_->index];
    symbol_map_reserve(&module->scope->imported[SPACE_VALUE],
                       module->check_arena, entry->decl->method_count);
    for (uint32_t i = 0; i < entry->decl->method_count; i++) {
        uint32_t method = entry->first_method + i;
        symbol_map_add(&module->scope->imported[SPACE_VALUE],
                       module->check_arena, target->methods[method].name,
                       (ScopeRef){REF_METHOD, class_->module, method, origin});
    }
}

// One constructor by its name: all that the module offers, its own and those
// that it exports again.
static bool import_ctor(Resolver *r, uint32_t target, const ImportItem *item,
                        uint32_t origin)
{
    const Module *module = r->program->modules[target];
    const Scope *scope = module->scope;
    bool found = false;
    const ScopeRef *first = symbol_map_find(&scope->own_ctors, item->name);
    uint32_t at = first != NULL ? first->index : INDEX_NONE;
    for (; at != INDEX_NONE; at = scope->ctor_next[at]) {
        if (scope->offers_all || scope->type_exported[module->ctors[at].type]) {
            add_imported_ctor(r, item->alias, target, at, origin);
            found = true;
        }
    }
    first = symbol_map_find(&scope->imported_ctors, item->name);
    at = first != NULL ? first->index : INDEX_NONE;
    for (; at != INDEX_NONE; at = scope->imported_ctor_list[at].next) {
        const ImportedCtor *ctor = &scope->imported_ctor_list[at];
        if (ctor->exported) {
            add_imported_ctor(r, item->alias, ctor->module, ctor->index,
                              origin);
            found = true;
        }
    }
    return found;
}

// ---- items

// Whether the module's final expression is a record that writes `name`.
static bool result_has_field(const Module *target, Symbol name)
{
    const Expr *result = target->ast.result;
    if (result != NULL && result->kind == EXPR_DATA) {
        return data_tape_has_key(result->as.data->tape, name);
    }
    if (result == NULL || result->kind != EXPR_RECORD) {
        return false;
    }
    for (uint32_t i = 0; i < result->as.record.count; i++) {
        if (result->as.record.items[i].name == name) {
            return true;
        }
    }
    return false;
}

// A field of the module's value: a hidden binding `name = m.name`.
static void import_field(Resolver *r, uint32_t target, const ImportItem *item,
                         uint32_t origin)
{
    Arena *arena = r->module->arena;
    FieldOf *of = ARENA_NEW(arena, FieldOf);
    Expr *record = &of->record;
    record->kind = EXPR_NAME;
    record->span = item->span;
    record->as.name.symbol = item->name;
    Bind *bind = ARENA_NEW(arena, Bind);
    bind->name = item->alias;
    bind->name_span = item->alias_span;
    bind->value.kind = EXPR_FIELD;
    bind->value.span = item->span;
    bind->value.as.field.of = of;
    bind->value.as.field.field = item->name;
    of->name_start = item->span.start;
    uint32_t index = resolver_add_hidden(r, bind);
    add_imported(r, SPACE_VALUE, item, origin,
                 (ScopeRef){REF_GLOBAL, r->module->id, index, ORIGIN_NONE});
    vec_push(&r->jobs, (HiddenJob){.kind = HIDDEN_IMPORT,
                                   .binding = index,
                                   .target = target,
                                   .path = record});
}

static void report_no_item(Resolver *r, uint32_t target, const ImportItem *item,
                           uint32_t origin)
{
    resolver_mark_used(r->origins[origin]); // one complaint is enough
    Nearest nearest;
    nearest_init(&nearest, symbol_text(r->program->interner, item->name));
    if (resolver_may_suggest(r)) {
        NameSpace space = item->is_upper ? SPACE_TYPE : SPACE_VALUE;
        scope_nearest_export(r->program, target, space, &nearest);
    }
    resolver_report_not_exported(r, target, item->name, item->span, &nearest);
    if (nearest.best.len > 0) {
        symbol_map_add(&r->module->scope->meant_imports, r->module->check_arena,
                       intern(r->program->interner, nearest.best),
                       (ScopeRef){REF_ERROR, target, INDEX_NONE, ORIGIN_NONE});
    }
}

static ScopeRef error_ref(void)
{
    return (ScopeRef){REF_ERROR, INDEX_NONE, INDEX_NONE, ORIGIN_NONE};
}

static void import_lower(Resolver *r, uint32_t target, const ImportItem *item,
                         uint32_t origin)
{
    const Module *module = r->program->modules[target];
    bool explicit_export = !module->scope->offers_all &&
                           symbol_map_find(&module->scope->exports[SPACE_VALUE],
                                           item->name) != NULL;
    if (!explicit_export && result_has_field(module, item->name)) {
        import_field(r, target, item, origin);
        return;
    }
    ScopeRef found =
        scope_find_export(r->program, target, SPACE_VALUE, item->name);
    if (found.ref == REF_UNRESOLVED && module->ast.result != NULL) {
        import_field(r, target, item, origin);
        return;
    }
    if (found.ref == REF_UNRESOLVED) {
        report_no_item(r, target, item, origin);
        found = error_ref();
    }
    resolver_mark_imported(r, &found);
    add_imported(r, SPACE_VALUE, item, origin, found);
}

static void import_upper(Resolver *r, uint32_t target, const ImportItem *item,
                         uint32_t origin)
{
    ScopeRef type =
        scope_find_export(r->program, target, SPACE_TYPE, item->name);
    ScopeRef class_ =
        scope_find_export(r->program, target, SPACE_CLASS, item->name);
    bool found = false;
    if (type.ref != REF_UNRESOLVED) {
        add_imported(r, SPACE_TYPE, item, origin, type);
        found = true;
    }
    if (type.ref == REF_TYPE) {
        import_ctors(r, &type, origin);
    }
    if (class_.ref != REF_UNRESOLVED) {
        add_imported(r, SPACE_CLASS, item, origin, class_);
        found = true;
    }
    if (class_.ref == REF_CLASS) {
        import_methods(r, &class_, origin);
    }
    r->module->scope->lacks_methods |=
        type.ref == REF_ERROR && class_.ref == REF_ERROR;
    if (found || import_ctor(r, target, item, origin)) {
        return;
    }
    report_no_item(r, target, item, origin);
    add_imported(r, SPACE_TYPE, item, origin, error_ref());
    add_imported(r, SPACE_CLASS, item, origin, error_ref());
}

static void import_nothing(Resolver *r, const ImportItem *item, uint32_t origin)
{
    *r->origins[origin] = true;
    for (int space = 0; space < SPACE_COUNT; space++) {
        add_imported(r, (NameSpace)space, item, origin, error_ref());
    }
}

void resolver_import(Resolver *r)
{
    Module *module = r->module;
    module->scope->used = r->origins;
    for (uint32_t i = 0; i < r->import_count; i++) {
        Import *import = r->imports[i];
        for (uint32_t k = 0; k < import->item_count; k++) {
            const ImportItem *item = &import->items[k];
            uint32_t origin = r->first_origins[i] + 1 + k;
            if (import->module == INDEX_NONE) {
                import_nothing(r, item, origin);
            } else if (item->is_upper) {
                import_upper(r, import->module, item, origin);
            } else {
                import_lower(r, import->module, item, origin);
            }
        }
    }
}
