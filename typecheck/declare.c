// Unions and aliases.
#include "typecheck/declare.h"

#include "support/graph.h"
#include "typecheck/alias_names.h"
#include "typecheck/declare_internal.h"

TypeReader declare_reader(Declarer *d)
{
    return (TypeReader){.program = d->program,
                        .module = d->module,
                        .store = &d->store,
                        .sink = &d->module->diags,
                        .arena = d->module->arena,
                        .vars = &d->vars,
                        .level = 1,
                        .new_vars = NEW_VARS_REFUSED,
                        .open_rows = OPEN_ROWS_REFUSED};
}

void declare_vars(Declarer *d, const Symbol *names, uint32_t count)
{
    vec_clear(&d->vars);
    for (uint32_t i = 0; i < count; i++) {
        Type *var = type_skolem(&d->store, 1, names[i], 0);
        vec_push(&d->vars, (TypeVarEntry){.symbol = names[i], .type = var});
    }
}

void declare_generaliser(Declarer *d, Generaliser *generaliser)
{
    generaliser_init(generaliser, &d->store, 0);
    for (uint32_t i = 0; i < d->vars.count; i++) {
        generalise_type(generaliser, d->vars.items[i].type);
    }
}

// ---- aliases

static bool is_alias(const Module *module, uint32_t index)
{
    return module->types[index].decl->ctors == NULL;
}

typedef VEC(uint32_t) IndexVec;

typedef struct Edges {
    const Module *module;
    IndexVec targets;
} Edges;

static void collect_aliases(Edges *edges, const TypeExpr *expr);

static void collect_all(Edges *edges, const TypeExpr *exprs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        collect_aliases(edges, &exprs[i]);
    }
}

static void collect_named(Edges *edges, const TypeExpr *expr)
{
    const NameRef *ref = &expr->as.name.ref;
    if (ref->ref == REF_TYPE && ref->module == edges->module->id &&
        is_alias(edges->module, ref->index)) {
        vec_push(&edges->targets, ref->index);
    }
    collect_all(edges, expr->as.name.args, expr->as.name.arg_count);
}

// The aliases of the module that `expr` names.
static void collect_aliases(Edges *edges, const TypeExpr *expr)
{
    switch ((TypeExprKind)expr->kind) {
    case TYPE_EXPR_ERROR:
    case TYPE_EXPR_VAR:
    case TYPE_EXPR_UNIT:
        return;
    case TYPE_EXPR_NAME:
        collect_named(edges, expr);
        return;
    case TYPE_EXPR_FUNCTION:
        collect_all(edges, expr->as.function.parts, expr->as.function.count);
        return;
    case TYPE_EXPR_TUPLE:
        collect_all(edges, expr->as.tuple.items, expr->as.tuple.count);
        return;
    case TYPE_EXPR_LIST:
        collect_aliases(edges, expr->as.list.item);
        return;
    case TYPE_EXPR_RECORD:
        for (uint32_t i = 0; i < expr->as.record->count; i++) {
            collect_aliases(edges, expr->as.record->fields[i].type);
        }
        return;
    case TYPE_EXPR_REFINED:
        collect_aliases(edges, expr->as.refined.base);
        return;
    case TYPE_EXPR_CONSTRAINED:
        collect_aliases(edges, expr->as.constrained.type);
        return;
    }
}

static Graph alias_graph(const Module *module, Arena *arena, Edges *edges)
{
    uint32_t *starts =
        arena_array(arena, module->type_count + 1u, sizeof *starts);
    for (uint32_t i = 0; i < module->type_count; i++) {
        starts[i] = edges->targets.count;
        if (is_alias(module, i) && module->types[i].decl->alias != NULL) {
            collect_aliases(edges, module->types[i].decl->alias);
        }
    }
    starts[module->type_count] = edges->targets.count;
    return (Graph){module->type_count, starts, edges->targets.items};
}

static bool in_cycle(const Graph *graph, const Components *components,
                     uint32_t component)
{
    uint32_t first = components->starts[component];
    if (components->starts[component + 1] - first > 1) {
        return true;
    }
    uint32_t node = components->members[first];
    for (uint32_t i = graph->starts[node]; i < graph->starts[node + 1]; i++) {
        if (graph->targets[i] == node) {
            return true;
        }
    }
    return false;
}

// One message per cycle, at its first alias in source order.
static void report_cycle(Declarer *d, const Graph *graph, uint32_t start,
                         Arena *arena)
{
    enum { SHOWN = 8 };
    uint32_t *nodes = NULL;
    uint32_t count = graph_cycle(graph, start, arena, &nodes);
    StrBuf path = {0};
    for (uint32_t i = 0; i < count && i < SHOWN; i++) {
        strbuf_append(&path, symbol_text(d->program->interner,
                                         d->module->types[nodes[i]].name));
        strbuf_append(&path, STR(" -> "));
    }
    if (count > SHOWN) {
        strbuf_append(&path, STR("... -> "));
    }
    Str name = symbol_text(d->program->interner, d->module->types[start].name);
    strbuf_append(&path, name);
    DiagSink *sink = &d->module->diags;
    Diag *diag = diag_add(sink, DIAG_E0209, &d->module->source,
                          d->module->types[start].decl->name_span,
                          "type alias '%.*s' refers to itself", STR_ARG(name));
    diag_note(sink, diag, "the cycle is %.*s", STR_ARG(strbuf_str(&path)));
    diag_help(sink, diag,
              count == 1 ? "a union with a constructor of its name is written "
                           "'type %.*s = | ...'"
                         : "a recursive type is a union: type %.*s = | ...",
              STR_ARG(name));
    strbuf_release(&path);
}

static void declare_alias(Declarer *d, uint32_t index)
{
    const TypeDecl *decl = d->module->types[index].decl;
    AliasInfo *info = &d->types->aliases[index];
    info->param_count = decl->param_count;
    if (decl->alias == NULL) {
        return;
    }
    declare_vars(d, decl->params, decl->param_count);
    TypeReader reader = declare_reader(d);
    reader.open_rows = OPEN_ROWS_RIGID;
    Type *type = type_read(&reader, decl->alias);
    Generaliser generaliser;
    declare_generaliser(d, &generaliser);
    generaliser.keep_refined = true;
    for (uint32_t i = 0; i < reader.rows.count; i++) {
        generalise_type(&generaliser, reader.rows.items[i]);
    }
    info->row_count = reader.rows.count;
    info->type = generalise_type(&generaliser, type);
    generaliser_release(&generaliser);
    vec_release(&reader.rows);
}

static void declare_aliases(Declarer *d)
{
    if (d->module->type_count == 0) {
        return;
    }
    Arena arena;
    arena_init(&arena);
    Edges edges = {.module = d->module};
    Graph graph = alias_graph(d->module, &arena, &edges);
    Components components = graph_components(&graph, &arena);
    for (uint32_t c = 0; c < components.count; c++) {
        uint32_t first = components.members[components.starts[c]];
        if (in_cycle(&graph, &components, c)) {
            report_cycle(d, &graph, first, &arena);
        } else if (is_alias(d->module, first)) {
            declare_alias(d, first);
        }
    }
    vec_release(&edges.targets);
    arena_release(&arena);
}

// ---- unions

static Type **generic_params(Declarer *d, Generaliser *generaliser)
{
    Type **params = arena_array(d->store.arena, d->vars.count, sizeof *params);
    for (uint32_t i = 0; i < d->vars.count; i++) {
        params[i] = generalise_type(generaliser, d->vars.items[i].type);
    }
    return params;
}

// Before the constructors: their arguments may be of any union.
static void declare_union_head(Declarer *d, uint32_t index)
{
    const TypeDecl *decl = d->module->types[index].decl;
    UnionInfo *info = &d->types->unions[index];
    declare_vars(d, decl->params, decl->param_count);
    Generaliser generaliser;
    declare_generaliser(d, &generaliser);
    info->param_count = decl->param_count;
    info->ctor_count = decl->ctor_count;
    info->ctors =
        arena_zalloc(d->store.arena, decl->ctor_count * sizeof(CtorInfo));
    info->type = type_con(&d->store, d->module->id, index,
                          generic_params(d, &generaliser), decl->param_count);
    generaliser_release(&generaliser);
}

// A constructor is a function from its arguments to the union. Each has a
// scheme of its own, so that using one does not touch the others.
static void declare_ctor(Declarer *d, uint32_t index, uint32_t tag)
{
    const TypeEntry *entry = &d->module->types[index];
    const CtorDecl *decl = &entry->decl->ctors[tag];
    CtorInfo *info = &d->types->unions[index].ctors[tag];
    TypeReader reader = declare_reader(d);
    Type **args = arena_array(d->store.arena, decl->arg_count, sizeof *args);
    for (uint32_t i = 0; i < decl->arg_count; i++) {
        args[i] = type_read(&reader, &decl->args[i]);
    }
    Type **params = arena_array(d->store.arena, d->vars.count, sizeof *params);
    for (uint32_t i = 0; i < d->vars.count; i++) {
        params[i] = d->vars.items[i].type;
    }
    Type *type = d->vars.count == 0 ? d->types->unions[index].type
                                    : type_con(&d->store, d->module->id, index,
                                               params, d->vars.count);
    for (uint32_t i = decl->arg_count; i-- > 0;) {
        type = type_function(&d->store, args[i], type);
    }
    Generaliser generaliser;
    declare_generaliser(d, &generaliser);
    generaliser.keep_refined = true;
    info->args = arena_array(d->store.arena, decl->arg_count, sizeof(Type *));
    info->arg_count = decl->arg_count;
    for (uint32_t i = 0; i < decl->arg_count; i++) {
        info->args[i] = generalise_type(&generaliser, args[i]);
    }
    d->types->ctors[entry->first_ctor + tag] = generaliser_scheme(
        &generaliser, generalise_type(&generaliser, type), NULL, 0);
    generaliser_release(&generaliser);
}

static void declare_unions(Declarer *d)
{
    for (uint32_t i = 0; i < d->module->type_count; i++) {
        if (is_alias(d->module, i)) {
            continue;
        }
        const TypeDecl *decl = d->module->types[i].decl;
        declare_vars(d, decl->params, decl->param_count);
        for (uint32_t tag = 0; tag < decl->ctor_count; tag++) {
            declare_ctor(d, i, tag);
        }
    }
}

const UnionInfo *type_union_info(const Program *program, uint32_t module,
                                 uint32_t index)
{
    if (module == TYPE_MODULE_PRIM) {
        return NULL;
    }
    const ModuleTypes *types = program->modules[module]->checked;
    if (types == NULL || index >= program->modules[module]->type_count ||
        types->unions[index].ctors == NULL) {
        return NULL;
    }
    return &types->unions[index];
}

// ---- modules

static ModuleTypes *new_module_types(Module *module)
{
    Arena *arena = module->check_arena;
    ModuleTypes *types = ARENA_NEW(arena, ModuleTypes);
    types->arena = arena;
    types->schemes =
        arena_zalloc(arena, module->binding_count * sizeof(Scheme *));
    return types;
}

static bool declares_types(const Module *module)
{
    return module->type_count + module->class_count + module->instance_count >
           0;
}

static void declare_types(Declarer *d)
{
    const Module *module = d->module;
    ModuleTypes *types = d->types;
    Arena *arena = types->arena;
    types->unions = arena_zalloc(arena, module->type_count * sizeof(UnionInfo));
    types->aliases =
        arena_zalloc(arena, module->type_count * sizeof(AliasInfo));
    types->ctors = arena_zalloc(arena, module->ctor_count * sizeof(Scheme *));
    types->classes =
        arena_zalloc(arena, module->class_count * sizeof(ClassInfo));
    types->instances =
        arena_zalloc(arena, module->instance_count * sizeof(InstanceInfo));
    for (uint32_t i = 0; i < module->type_count; i++) {
        if (!is_alias(module, i)) {
            declare_union_head(d, i);
        }
    }
    declare_aliases(d);
    alias_names_declare(types, module);
    declare_unions(d);
    declare_classes(d);
    declare_instances(d);
}

ModuleTypes *declare_module(const Program *program, Module *module)
{
    ModuleTypes *types = new_module_types(module);
    module->checked = types;
    Declarer d = {.program = program, .module = module, .types = types};
    type_store_init(&d.store, types->arena, module_type_limit(program, module));
    if (declares_types(module)) {
        declare_types(&d);
    }
    declare_visible(&d);
    types->node_count = type_store_made(&d.store);
    if (d.store.exceeded) {
        Span none = {0, 0};
        diag_add(&module->diags, DIAG_E0607, &module->source,
                 module->type_count > 0 ? module->types[0].decl->name_span
                                        : none,
                 "the types declared in this file are too large");
    }
    vec_release(&d.vars);
    return types;
}
