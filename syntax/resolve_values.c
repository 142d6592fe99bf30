// The bindings of a module and its names for values. In a long file stretches
// of declarations are taken beside each other: where the bindings of each begin
// is known before.

#include "syntax/resolve_internal.h"
#include "syntax/stretches.h"

// Declarations, and where what they declare begins.
typedef struct DeclStretch {
    uint32_t begin, end;
    uint32_t binding, slot;
} DeclStretch;

typedef struct Declaring {
    Resolver *r;
    SymbolSlot *slots; // of bindings
    VEC(DeclStretch) stretches;
    uint32_t binding_count, slot_count;
} Declaring;

// ---- bindings

// They live as long as the tree, where they are made: most modules know from
// the start how many they have.
static void reserve_bindings(Resolver *r, uint32_t extra)
{
    uint64_t needed = (uint64_t)r->bindings.count + extra;
    if (needed <= r->bindings.capacity) {
        return;
    }
    uint32_t capacity =
        (uint32_t)(r->bindings.count == 0 ? needed : needed + needed / 2);
    Binding *items = arena_array(r->module->arena, capacity, sizeof *items);
    if (r->bindings.count > 0) {
        memcpy(items, r->bindings.items, r->bindings.count * sizeof *items);
    }
    r->bindings.items = items;
    r->bindings.capacity = capacity;
}

void resolver_set_bind(Binding *binding, BindingKind kind, Bind *bind)
{
    *binding = (Binding){.kind = kind,
                         .name = bind->name,
                         .export_name = bind->name,
                         .name_span = bind->name_span,
                         .bind = bind,
                         .value = &bind->value,
                         .type = bind->type};
}

uint32_t resolver_push_hidden(Resolver *r, const Binding *binding)
{
    if (r->is_part) {
        vec_push(&r->hidden, *binding);
        return r->hidden.count - 1;
    }
    reserve_bindings(r, 1);
    r->bindings.items[r->bindings.count] = *binding;
    return r->bindings.count++;
}

uint32_t resolver_add_hidden(Resolver *r, Bind *bind)
{
    Binding binding;
    resolver_set_bind(&binding, BINDING_HIDDEN, bind);
    return resolver_push_hidden(r, &binding);
}

const DataValue *resolver_new_data(Resolver *r, const Module *module)
{
    DataValue *data = ARENA_NEW(r->module->arena, DataValue);
    data->module = module;
    data->literal = module->ast.result;
    return data;
}

static void set_input(const Resolver *r, Binding *binding,
                      const InputDecl *input)
{
    *binding = (Binding){.kind = BINDING_INPUT,
                         .name = input->name,
                         .export_name = input->name,
                         .name_span = input->name_span,
                         .exported = !r->has_exports,
                         .value = input->default_value,
                         .data = input->given != NULL
                                     ? input->given
                                     : program_input(r->program, input->name),
                         .type = input->type};
}

static void set_result(Resolver *r, Binding *binding, Expr *result)
{
    *binding = (Binding){
        .kind = BINDING_RESULT, .name_span = result->span, .value = result};
    if (r->module->is_data) {
        binding->data = resolver_new_data(r, r->module);
    }
}

// ---- all that are written

// How many bindings the declaration makes, and how many of them have a name.
static uint32_t count_bindings(const Resolver *r, const Decl *decl,
                               uint32_t *out_named)
{
    *out_named = decl->kind == DECL_LET     ? decl->as.let.count
                 : decl->kind == DECL_INPUT ? 1
                                            : 0;
    return decl->kind == DECL_EXPORT
               ? resolver_count_reexports(r, &decl->as.export_)
               : *out_named;
}

// Ends the last stretch before the declaration, where it is long enough.
static void cut(Declaring *declaring, uint32_t at, uint64_t grain)
{
    const ModuleAst *ast = &declaring->r->module->ast;
    DeclStretch *last = &vec_last(&declaring->stretches);
    if (ast->decls[at].span.start - ast->decls[last->begin].span.start <
        grain) {
        return;
    }
    last->end = at;
    vec_push(&declaring->stretches,
             (DeclStretch){at, ast->decl_count, declaring->binding_count,
                           declaring->slot_count});
}

// `named` is how many there are in all.
static void number_bindings(Declaring *declaring, uint32_t named)
{
    const Resolver *r = declaring->r;
    const ModuleAst *ast = &r->module->ast;
    uint64_t grain = stretch_grain(r->program);
    bool is_long = r->module->source.text.len >= 2 * grain;
    if (!is_long && !r->has_export_decls) {
        declaring->binding_count = declaring->slot_count = named;
        return;
    }
    if (is_long) {
        vec_push(&declaring->stretches, (DeclStretch){.end = ast->decl_count});
    }
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        if (is_long) {
            cut(declaring, i, grain);
        }
        uint32_t slots;
        declaring->binding_count += count_bindings(r, &ast->decls[i], &slots);
        declaring->slot_count += slots;
    }
}

static uint32_t set_lets(Binding *bindings, const LetDecl *let, bool offers_all)
{
    for (uint32_t i = 0; i < let->count; i++) {
        resolver_set_bind(&bindings[i], BINDING_LET, &let->binds[i]);
        bindings[i].exported = offers_all || let->exported;
        bindings[i].rec = let->rec;
    }
    return let->count;
}

static void fill_stretch(const Declaring *declaring, const DeclStretch *stretch,
                         Arena *arena)
{
    Resolver *r = declaring->r;
    bool offers_all = !r->has_exports;
    uint32_t at = stretch->binding;
    SymbolSlot *slot = declaring->slots + stretch->slot;
    for (uint32_t i = stretch->begin; i < stretch->end; i++) {
        const Decl *decl = &r->module->ast.decls[i];
        uint32_t from = at;
        if (decl->kind == DECL_LET) {
            at += set_lets(&r->bindings.items[at], &decl->as.let, offers_all);
        } else if (decl->kind == DECL_INPUT) {
            set_input(r, &r->bindings.items[at++], decl->as.input);
        } else if (decl->kind == DECL_EXPORT) {
            at += resolver_make_reexports(r, &decl->as.export_,
                                          &r->bindings.items[at], arena);
            continue;
        }
        for (; from < at; from++) {
            *slot++ =
                (SymbolSlot){r->bindings.items[from].name,
                             {REF_GLOBAL, r->module->id, from, ORIGIN_NONE}};
        }
    }
}

static void fill_stretches(void *ctx, uint64_t begin, uint64_t end,
                           Worker *worker)
{
    const Declaring *declaring = ctx;
    Arena *arena = worker_arenas_of(&declaring->r->program->trees, worker);
    for (uint64_t i = begin; i < end; i++) {
        fill_stretch(declaring, &declaring->stretches.items[i], arena);
    }
}

static void fill_all(Declaring *declaring)
{
    Resolver *r = declaring->r;
    uint32_t count = declaring->stretches.count;
    if (count > 1 && r->worker != NULL) {
        // None may be left out: names are looked up in all of them.
        parallel_for(r->worker, NULL, count, 1, fill_stretches, declaring);
    } else {
        DeclStretch whole = {.end = r->module->ast.decl_count};
        fill_stretch(declaring, &whole, r->module->arena);
    }
}

// ---- methods

static uint32_t count_methods(const Module *module)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < module->class_count; i++) {
        count += module->classes[i].decl->method_count;
    }
    return count;
}

static void fill_methods(Module *module, SymbolSlot *slots, uint32_t count)
{
    module->methods = arena_array(module->arena, count, sizeof(MethodEntry));
    for (uint32_t i = 0; i < module->class_count; i++) {
        ClassDecl *decl = module->classes[i].decl;
        module->classes[i].first_method = module->method_count;
        for (uint32_t slot = 0; slot < decl->method_count; slot++) {
            MethodDecl *method = &decl->methods[slot];
            uint32_t index = module->method_count++;
            module->methods[index] =
                (MethodEntry){method->name, i, slot, method};
            slots[index] = (SymbolSlot){
                method->name, {REF_METHOD, module->id, index, ORIGIN_NONE}};
        }
    }
}

// ---- names

static Span value_span(const Resolver *r, const ScopeRef *value)
{
    return value->ref == REF_METHOD
               ? r->module->methods[value->index].decl->name_span
               : r->bindings.items[value->index].name_span;
}

// Whether it did not parse: it may be a type by itself, as Haskell has it, of
// what follows under the same name.
static bool is_broken(const Resolver *r, const ScopeRef *value)
{
    const Expr *body =
        value->ref == REF_METHOD ? NULL : r->bindings.items[value->index].value;
    return body != NULL && body->kind == EXPR_ERROR;
}

// `first` has the name already, or else an import may.
static void check_name(Resolver *r, const SymbolSlot *slot,
                       const ScopeRef *first)
{
    Span other;
    const Scope *scope = r->module->scope;
    const ScopeRef *import;
    if (first != NULL && is_broken(r, first)) {
        return;
    }
    if (first != NULL) {
        other = value_span(r, first);
    } else if ((import = symbol_map_find(&scope->aliases, slot->key)) != NULL) {
        other = resolver_alias_span(r->imports[import->index]);
    } else if ((import = symbol_map_find(&r->items, slot->key)) != NULL) {
        other = resolver_item_of(r, import)->alias_span;
    } else {
        return;
    }
    resolver_report_twice(r, "name", slot->key, value_span(r, &slot->value),
                          other);
}

static void link_names(Resolver *r, const SymbolSlot *slots, uint32_t count)
{
    const Scope *scope = r->module->scope;
    SymbolMap *map = &r->module->scope->own[SPACE_VALUE];
    bool imports = scope->aliases.count + r->items.count > 0;
    symbol_map_begin_links(map, r->module->check_arena, count);
    for (uint32_t i = 0; i < count; i++) {
        const ScopeRef *first = symbol_map_link(map, &slots[i]);
        if (UNLIKELY(first != NULL || imports)) {
            check_name(r, &slots[i], first);
        }
    }
}

void resolver_declare_values(Resolver *r, uint32_t named,
                             uint32_t typed_imports, uint32_t more_bindings)
{
    Module *module = r->module;
    const ModuleAst *ast = &module->ast;
    Declaring declaring = {.r = r};
    if (r->has_export_decls) {
        resolver_mark_second_names(r);
    }
    number_bindings(&declaring, named);
    uint32_t methods = count_methods(module);
    uint32_t names = methods + declaring.slot_count;
    SymbolSlot *slots =
        symbol_map_extend(&module->scope->own[SPACE_VALUE], module->check_arena,
                          names, typed_imports);
    fill_methods(module, slots, methods);
    module->visible_count = declaring.binding_count + (ast->result != NULL);
    reserve_bindings(r, module->visible_count + more_bindings);
    r->bindings.count = module->visible_count;
    declaring.slots = slots + methods;
    fill_all(&declaring);
    vec_release(&declaring.stretches);
    if (ast->result != NULL) {
        set_result(r, &r->bindings.items[r->bindings.count - 1], ast->result);
    }
    link_names(r, slots, names);
    r->used = arena_zalloc(module->check_arena,
                           (module->visible_count + 1) * sizeof *r->used);
}
