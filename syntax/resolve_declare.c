// The tables of a module, from its declarations alone: bindings, types,
// constructors, classes, methods, instances, and the names of its imports.
#include <stdlib.h>

#include "syntax/byte_class.h"
#include "syntax/resolve_internal.h"

static ScopeRef own_ref(const Resolver *r, RefKind kind, uint32_t index)
{
    return (ScopeRef){kind, r->module->id, index, ORIGIN_NONE};
}

// ---- imports

static bool is_identifier(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!byte_is(text.data[i], i == 0 ? BYTE_START : BYTE_IDENT)) {
            return false;
        }
    }
    return text.len > 0;
}

// The name of an import without `as`: the file's stem; 0 when there is none
// or that is no identifier.
Symbol resolver_import_stem(const Resolver *r, const Import *import)
{
    if (import->path.data == NULL) {
        uint32_t count = import->dotted_count; // 0: did not parse
        return count > 0 ? import->dotted[count - 1] : 0;
    }
    Str path = import->path;
    while (path.len > 0 && path.data[path.len - 1] == '/') {
        path.len--;
    }
    size_t start = path.len;
    while (start > 0 && path.data[start - 1] != '/') {
        start--;
    }
    Str stem = str_slice(path, start, path.len);
    stem = str_slice(stem, 0, str_find_byte(stem, '.', 0));
    return is_identifier(stem) ? intern(r->program->interner, stem) : 0;
}

static uint32_t add_origin(Resolver *r, _Atomic(bool) *used)
{
    r->origins[r->origin_count] = used;
    r->item_exported[r->origin_count] = false;
    return r->origin_count++;
}

Span resolver_alias_span(const Import *import)
{
    return import->alias != 0 ? import->alias_span : import->source_span;
}

static void declare_alias(Resolver *r, Import *import, uint32_t number,
                          uint32_t origin)
{
    Symbol name = import->alias;
    if (name == 0 && import->item_count == 0) {
        name = resolver_import_stem(r, import);
    }
    if (name == 0) {
        return;
    }
    RefKind kind = import->module == INDEX_NONE ? REF_ERROR : REF_MODULE;
    ScopeRef alias = {kind, import->module, number, origin};
    ScopeRef *first = symbol_map_add(&r->module->scope->aliases,
                                     r->module->check_arena, name, alias);
    if (first != NULL) {
        resolver_report_twice(r, "import", name, resolver_alias_span(import),
                              resolver_alias_span(r->imports[first->index]));
    }
}

const ImportItem *resolver_item_of(const Resolver *r, const ScopeRef *entry)
{
    uint32_t first = r->first_origins[entry->index];
    return &r->imports[entry->index]->items[entry->origin - first - 1];
}

static void declare_import(Resolver *r, Import *import)
{
    uint32_t number = r->import_count++;
    r->imports[number] = import;
    r->first_origins[number] = r->origin_count;
    declare_alias(r, import, number, add_origin(r, &import->used));
    for (uint32_t i = 0; i < import->item_count; i++) {
        ImportItem *item = &import->items[i];
        uint32_t origin = add_origin(r, &item->used);
        ScopeRef entry = {REF_UNRESOLVED, import->module, number, origin};
        ScopeRef *first = symbol_map_add(&r->items, r->module->check_arena,
                                         item->alias, entry);
        if (first != NULL) {
            resolver_report_twice(r, "import", item->alias, item->alias_span,
                                  resolver_item_of(r, first)->alias_span);
        }
    }
}

// ---- types and classes

// Of a type or class.
static void check_params(Resolver *r, const Symbol *params, const Span *spans,
                         uint32_t count)
{
    if (count < 2) {
        return;
    }
    SymbolMap seen = {0};
    Arena scratch;
    arena_init(&scratch);
    for (uint32_t i = 0; i < count; i++) {
        ScopeRef *first =
            symbol_map_add(&seen, &scratch, params[i], (ScopeRef){.index = i});
        if (first != NULL) {
            resolver_report_twice(r, "type variable", params[i], spans[i],
                                  spans[first->index]);
        }
    }
    arena_release(&scratch);
}

static void declare_type(Resolver *r, TypeDecl *decl)
{
    check_params(r, decl->params, decl->param_spans, decl->param_count);
    Module *module = r->module;
    uint32_t index = module->type_count++;
    module->types[index] = (TypeEntry){.name = decl->name, .decl = decl};
    ScopeRef *first =
        symbol_map_add(&module->scope->own[SPACE_TYPE], module->check_arena,
                       decl->name, own_ref(r, REF_TYPE, index));
    if (first != NULL && first->ref == REF_TYPE) {
        resolver_report_twice(r, "type", decl->name, decl->name_span,
                              module->types[first->index].decl->name_span);
    }
}

static void declare_class(Resolver *r, ClassDecl *decl)
{
    check_params(r, decl->params, decl->param_spans, decl->param_count);
    Module *module = r->module;
    uint32_t index = module->class_count++;
    module->classes[index] = (ClassEntry){.name = decl->name, .decl = decl};
    ScopeRef *first =
        symbol_map_add(&module->scope->own[SPACE_CLASS], module->check_arena,
                       decl->name, own_ref(r, REF_CLASS, index));
    if (first != NULL) {
        resolver_report_twice(r, "class", decl->name, decl->name_span,
                              module->classes[first->index].decl->name_span);
    }
}

// type W = Wrap Integer; is a union where Wrap is no type in scope but W
// itself may be.
static void alias_to_union(Resolver *r, TypeDecl *decl)
{
    CtorDecl made;
    if (decl->alias == NULL ||
        !ast_ctor_of_type(decl->alias, r->program->interner, &made) ||
        made.arg_count == 0) {
        return;
    }
    if (made.name != decl->name &&
        (symbol_map_find(&r->module->scope->own[SPACE_TYPE], made.name) !=
             NULL ||
         symbol_map_find(&r->items, made.name) != NULL ||
         scope_find_prelude(r->program, SPACE_TYPE, made.name).ref !=
             REF_UNRESOLVED)) {
        return;
    }
    decl->alias = NULL;
    decl->ctors = arena_copy(r->module->arena, &made, sizeof made);
    decl->ctor_count = 1;
}

static void declare_ctor(Resolver *r, uint32_t type, uint32_t tag,
                         uint32_t *lasts)
{
    Module *module = r->module;
    Scope *scope = module->scope;
    uint32_t index = module->ctor_count++;
    CtorDecl *decl = &module->types[type].decl->ctors[tag];
    module->ctors[index] =
        (CtorEntry){.name = decl->name, .type = type, .tag = tag, .decl = decl};
    if (tag > 0) {
        const CtorEntry *before = &module->ctors[index - 1];
        module->ctors[index].first_arg =
            before->first_arg + before->decl->arg_count;
    }
    scope->ctor_next[index] = INDEX_NONE;
    lasts[index] = index;
    ScopeRef *first = symbol_map_add(&scope->own_ctors, module->check_arena,
                                     decl->name, own_ref(r, REF_CTOR, index));
    if (first == NULL) {
        return;
    }
    // lasts[first] is the end of the chain that begins at `first`.
    uint32_t last = lasts[first->index];
    if (module->ctors[last].type == type) {
        resolver_report_twice(r, "constructor", decl->name, decl->name_span,
                              module->ctors[last].decl->name_span);
    }
    scope->ctor_next[last] = index;
    lasts[first->index] = index;
}

static void declare_ctors(Resolver *r)
{
    Module *module = r->module;
    uint64_t count = 0;
    for (uint32_t i = 0; i < module->type_count; i++) {
        count += module->types[i].decl->ctor_count;
    }
    module->ctors = arena_array(module->arena, count, sizeof(CtorEntry));
    module->scope->ctor_next =
        arena_array(module->check_arena, count, sizeof(uint32_t));
    uint32_t *lasts = mem_calloc(count + 1, sizeof *lasts);
    symbol_map_reserve(&module->scope->own_ctors, module->check_arena,
                       (uint32_t)count);
    for (uint32_t i = 0; i < module->type_count; i++) {
        module->types[i].first_ctor = module->ctor_count;
        for (uint32_t tag = 0; tag < module->types[i].decl->ctor_count; tag++) {
            declare_ctor(r, i, tag, lasts);
        }
        module_index_ctors(module, &module->types[i]);
    }
    free(lasts);
}

// ---- all of it

typedef struct DeclCounts {
    uint32_t of[DECL_INSTANCE + 1]; // by kind
    uint32_t named;                 // bindings of `let` and `input`
    uint32_t typed_imports;
    uint32_t hidden;  // bindings of imports
    uint32_t origins; // what imports bring, and their aliases
    bool has_exports;
} DeclCounts;

static bool has_result(const Resolver *r, const Import *import)
{
    return import->module != INDEX_NONE &&
           r->program->modules[import->module]->ast.result != NULL;
}

static void count_import(const Resolver *r, const Import *import,
                         DeclCounts *counts)
{
    counts->typed_imports += import->type != NULL;
    counts->hidden += import->type != NULL;
    counts->hidden += has_result(r, import) ? import->item_count : 0;
    counts->origins += 1 + import->item_count;
}

// Exact for most modules: then a table takes its memory once. Bindings that
// types, classes and instances hide come on top.
static DeclCounts count_decls(const Resolver *r)
{
    const ModuleAst *ast = &r->module->ast;
    DeclCounts counts = {0};
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        const Decl *decl = &ast->decls[i];
        counts.of[decl->kind]++;
        if (decl->kind == DECL_LET) {
            counts.named += decl->as.let.count;
            counts.has_exports |= decl->as.let.exported;
        } else if (decl->kind == DECL_TYPE) {
            counts.has_exports |= decl->as.type->exported;
        } else if (decl->kind == DECL_IMPORT) {
            count_import(r, decl->as.import, &counts);
        }
    }
    counts.named += counts.of[DECL_INPUT];
    counts.has_exports |= counts.of[DECL_EXPORT] > 0;
    return counts;
}

static void make_tables(Resolver *r, const DeclCounts *counts)
{
    Module *module = r->module;
    Arena *arena = module->arena;
    Arena *names = module->check_arena;
    Scope *scope = module->scope;
    const uint32_t *of = counts->of;
    module->types = arena_array(arena, of[DECL_TYPE], sizeof(TypeEntry));
    module->classes = arena_array(arena, of[DECL_CLASS], sizeof(ClassEntry));
    module->instances =
        arena_array(arena, of[DECL_INSTANCE], sizeof(InstanceEntry));
    symbol_map_reserve(&scope->own[SPACE_TYPE], names, of[DECL_TYPE]);
    symbol_map_reserve(&scope->aliases, names, of[DECL_IMPORT]);
    uint32_t imports = of[DECL_IMPORT];
    r->imports = arena_array(names, imports, sizeof *r->imports);
    r->first_origins = arena_array(names, imports, sizeof *r->first_origins);
    r->origins = arena_array(names, counts->origins, sizeof *r->origins);
    r->item_exported =
        arena_array(names, counts->origins, sizeof *r->item_exported);
}

static void declare_prims(Resolver *r)
{
    for (uint32_t i = 0; i < PRIM_COUNT; i++) {
        Symbol name = intern(r->program->interner,
                             str_from_c(prim_type_name((PrimType)i)));
        symbol_map_add(&r->module->scope->own[SPACE_TYPE],
                       r->module->check_arena, name, own_ref(r, REF_PRIM, i));
    }
}

static void declare_decl(Resolver *r, Decl *decl)
{
    Module *module = r->module;
    switch ((DeclKind)decl->kind) {
    case DECL_ERROR:
    case DECL_LET:
    case DECL_INPUT:
    case DECL_EXPORT:
        return;
    case DECL_IMPORT:
        declare_import(r, decl->as.import);
        return;
    case DECL_TYPE:
        declare_type(r, decl->as.type);
        return;
    case DECL_CLASS:
        declare_class(r, decl->as.class_);
        return;
    case DECL_INSTANCE:
        module->instances[module->instance_count++].decl = decl->as.instance;
        return;
    }
}

// All but values and exports.
static void declare_decls(Resolver *r, const DeclCounts *counts)
{
    Module *module = r->module;
    const uint32_t *of = counts->of;
    uint32_t left =
        of[DECL_IMPORT] + of[DECL_TYPE] + of[DECL_CLASS] + of[DECL_INSTANCE];
    for (uint32_t i = 0; left > 0; i++) {
        Decl *decl = &module->ast.decls[i];
        declare_decl(r, decl);
        left -= decl->kind == DECL_IMPORT || decl->kind == DECL_TYPE ||
                decl->kind == DECL_CLASS || decl->kind == DECL_INSTANCE;
    }
    for (uint32_t i = 0; i < module->type_count; i++) {
        alias_to_union(r, module->types[i].decl);
    }
    if (module->type_count > 0) {
        declare_ctors(r);
    }
}

// An import with a type is a value of this module: what the other one is,
// at that type. One that is missing is known to have been of the type.
static void declare_typed_imports(Resolver *r)
{
    Scope *scope = r->module->scope;
    for (uint32_t i = 0; i < r->import_count; i++) {
        Import *import = r->imports[i];
        Symbol name = import->alias != 0 ? import->alias
                                         : resolver_import_stem(r, import);
        if (import->type == NULL || name == 0) {
            continue;
        }
        Bind *bind = ARENA_NEW(r->module->arena, Bind);
        bind->name = name;
        bind->name_span = resolver_alias_span(import);
        bind->type = import->type;
        bind->value.kind = EXPR_NAME;
        bind->value.span = import->source_span;
        bind->value.as.name.symbol = name;
        uint32_t index = resolver_add_hidden(r, bind);
        const Module *target = import->module != INDEX_NONE
                                   ? r->program->modules[import->module]
                                   : NULL;
        if (target == NULL) {
            bind->value = (Expr){.kind = EXPR_ERROR, .span = bind->value.span};
        } else if (target->is_data) {
            bind->value = (Expr){.kind = EXPR_UNIT, .span = bind->value.span};
            r->bindings.items[index].data = resolver_new_data(r, target);
        }
        symbol_map_add(
            &scope->own[SPACE_VALUE], r->module->check_arena, name,
            (ScopeRef){REF_GLOBAL, r->module->id, index, r->first_origins[i]});
        vec_push(&r->jobs, (HiddenJob){.kind = HIDDEN_IMPORT,
                                       .binding = index,
                                       .target = import->module,
                                       .path = &bind->value});
    }
}

void resolver_declare(Resolver *r)
{
    Module *module = r->module;
    DeclCounts counts = count_decls(r);
    module->scope = ARENA_NEW(module->check_arena, Scope);
    module->scope->offers_all = !counts.has_exports;
    r->has_exports = counts.has_exports;
    r->has_export_decls = counts.of[DECL_EXPORT] > 0;
    make_tables(r, &counts);
    if (module->id == MODULE_PRELUDE) {
        declare_prims(r);
    }
    declare_decls(r, &counts);
    resolver_declare_values(r, counts.named, counts.typed_imports,
                            counts.hidden);
    resolver_exports(r);
    declare_typed_imports(r);
}

void resolver_release(Resolver *r)
{
    vec_release(&r->local_places);
    vec_release(&r->module_uses);
    vec_release(&r->jobs);
    vec_release(&r->hidden);
    vec_release(&r->suggested);
}
