// Which instances a module sees: its own and those of all that it imports,
// directly or not. Modules without instances share the set of an import.
#include "typecheck/declare_internal.h"
#include "typecheck/type_print.h"
#include "typecheck/unify.h"

uintptr_t instance_head_key(Type *type)
{
    type = type_resolve(type);
    switch ((TypeKind)type->kind) {
    case TYPE_CON:
        return ((uintptr_t)type->as.con.module << 32 | type->as.con.index) + 16;
    case TYPE_TUPLE:
        return 1 + ((uintptr_t)type->as.tuple.count << 8 & 0xff00);
    case TYPE_FUNCTION:
        return 2;
    case TYPE_RECORD:
        return 3;
    case TYPE_SKOLEM:
        return 4;
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
    return 0;
}

// ---- overlap

// Whether two heads, each with variables of its own, have a common instance:
// both are given fresh variables and unified.
static bool heads_overlap(Declarer *d, const InstanceInfo *a,
                          const InstanceInfo *b)
{
    Arena arena;
    arena_init(&arena);
    TypeStore store;
    type_store_init(&store, &arena, module_type_limit(d->program, d->module));
    Unifier unifier = {.store = &store, .scratch = &arena};
    Type **a_vars = arena_array(&arena, a->generic_count, sizeof *a_vars);
    Type **b_vars = arena_array(&arena, b->generic_count, sizeof *b_vars);
    for (uint32_t i = 0; i < a->generic_count; i++) {
        a_vars[i] = type_var(&store, 1, 0);
    }
    for (uint32_t i = 0; i < b->generic_count; i++) {
        b_vars[i] = type_var(&store, 1, 0);
    }
    bool overlap = true;
    for (uint32_t i = 0; overlap && i < a->class_->param_count; i++) {
        overlap = unify(
            &unifier,
            type_substitute(&store, a->args[i], a_vars, a->generic_count),
            type_substitute(&store, b->args[i], b_vars, b->generic_count));
    }
    unifier_release(&unifier);
    arena_release(&arena);
    return overlap;
}

static Str head_text(Declarer *d, const InstanceInfo *info)
{
    PrintedConstraint printed = {info->class_->module, info->class_->index,
                                 info->args, info->class_->param_count};
    return type_print_constraint(d->program, &printed, &d->module->diags.arena);
}

static void report_overlap(Declarer *d, const InstanceInfo *info,
                           const InstanceInfo *other)
{
    DiagSink *sink = &d->module->diags;
    const Module *there = d->program->modules[other->module];
    Diag *diag;
    if (info->module == d->module->id) {
        diag =
            diag_add(sink, DIAG_E0212, &d->module->source, info->span,
                     "instance '%.*s' overlaps with '%.*s'",
                     STR_ARG(head_text(d, info)), STR_ARG(head_text(d, other)));
    } else {
        const Module *here = d->program->modules[info->module];
        diag =
            diag_add(sink, DIAG_E0212, &d->module->source, (Span){0, 0},
                     "imported instances '%.*s' and '%.*s' overlap",
                     STR_ARG(head_text(d, info)), STR_ARG(head_text(d, other)));
        diag_label(sink, diag, &here->source, info->span, "one is here");
    }
    diag_label(sink, diag, &there->source, other->span,
               "the other instance is here");
    diag_help(sink, diag, "instances of one class must not fit the same type");
}

// Candidates are those with the same head; a head that is a variable fits all.
static bool check_overlap(Declarer *d, const InstanceSet *set,
                          const InstanceInfo *info)
{
    uintptr_t key = instance_head_key(info->args[0]);
    const InstanceVec *all =
        ptr_map_find(&set->by_class, (uintptr_t)info->class_, 0);
    const InstanceVec *same =
        key == 0 ? all
                 : ptr_map_find(&set->by_head, (uintptr_t)info->class_, key);
    const InstanceVec *open =
        key == 0 ? NULL
                 : ptr_map_find(&set->by_head, (uintptr_t)info->class_, 0);
    const InstanceVec *lists[] = {same, open};
    for (int l = 0; l < 2; l++) {
        for (uint32_t i = 0; lists[l] != NULL && i < lists[l]->count; i++) {
            if (heads_overlap(d, info, lists[l]->items[i])) {
                report_overlap(d, info, lists[l]->items[i]);
                return false;
            }
        }
    }
    return true;
}

// ---- sets

static void push_instance(PtrMap *map, const InstanceInfo *info, uintptr_t key)
{
    void **slot = ptr_map_at(map, (uintptr_t)info->class_, key);
    if (*slot == NULL) {
        *slot = mem_calloc(1, sizeof(InstanceVec));
    }
    InstanceVec *vec = *slot;
    vec_push(vec, info);
}

static void add_instance(InstanceSet *set, const InstanceInfo *info)
{
    push_instance(&set->by_head, info, instance_head_key(info->args[0]));
    push_instance(&set->by_class, info, 0);
}

static void add_module(Declarer *d, InstanceSet *set, uint32_t module,
                       bool check)
{
    const ModuleTypes *types = d->program->modules[module]->checked;
    for (uint32_t i = 0; i < d->program->modules[module]->instance_count; i++) {
        const InstanceInfo *info = &types->instances[i];
        if (info->class_ == NULL || info->class_->param_count == 0) {
            continue;
        }
        if (check && !check_overlap(d, set, info)) {
            continue;
        }
        add_instance(set, info);
    }
}

static bool contains(const InstanceSet *set, uint32_t module)
{
    uint32_t low = 0;
    uint32_t high = set->module_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (set->modules[middle] < module) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < set->module_count && set->modules[low] == module;
}

static const InstanceSet *set_of(const Declarer *d, uint32_t module)
{
    const ModuleTypes *types = d->program->modules[module]->checked;
    return types != NULL ? types->visible : NULL;
}

// The largest set among the imports (the prelude is imported by all).
static const InstanceSet *largest_set(const Declarer *d)
{
    const InstanceSet *best =
        d->module->id != MODULE_PRELUDE ? set_of(d, d->module->outer) : NULL;
    for (uint32_t i = 0; i < d->module->import_count; i++) {
        const InstanceSet *set = set_of(d, d->module->imports[i]);
        if (set != NULL &&
            (best == NULL || set->module_count > best->module_count)) {
            best = set;
        }
    }
    return best;
}

typedef VEC(uint32_t) ModuleVec;

static int compare_modules(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

// Modules with instances that the imports see and `base` does not.
static void collect_extra(const Declarer *d, const InstanceSet *base,
                          ModuleVec *extra)
{
    for (uint32_t i = 0; i < d->module->import_count; i++) {
        const InstanceSet *set = set_of(d, d->module->imports[i]);
        if (set == NULL || set == base) {
            continue;
        }
        for (uint32_t m = 0; m < set->module_count; m++) {
            if (base == NULL || !contains(base, set->modules[m])) {
                vec_push(extra, set->modules[m]);
            }
        }
    }
    if (extra->count == 0) {
        return;
    }
    qsort(extra->items, extra->count, sizeof *extra->items, compare_modules);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < extra->count; i++) {
        if (extra->items[i] != extra->items[kept - 1]) {
            extra->items[kept++] = extra->items[i];
        }
    }
    extra->count = kept;
}

static InstanceSet *build_set(Declarer *d, const InstanceSet *base,
                              const ModuleVec *extra)
{
    InstanceSet *set = mem_calloc(1, sizeof *set);
    ModuleVec modules = {0};
    for (uint32_t i = 0; base != NULL && i < base->module_count; i++) {
        vec_push(&modules, base->modules[i]);
        add_module(d, set, base->modules[i], false);
    }
    for (uint32_t i = 0; i < extra->count; i++) {
        vec_push(&modules, extra->items[i]);
        add_module(d, set, extra->items[i], true);
    }
    if (d->module->instance_count > 0) {
        vec_push(&modules, d->module->id);
        add_module(d, set, d->module->id, true);
    }
    if (modules.count > 0) {
        qsort(modules.items, modules.count, sizeof *modules.items,
              compare_modules);
    }
    set->module_count = modules.count;
    set->modules = arena_copy(d->store.arena, modules.items,
                              modules.count * sizeof *modules.items);
    vec_release(&modules);
    return set;
}

void declare_visible(Declarer *d)
{
    const InstanceSet *base = largest_set(d);
    ModuleVec extra = {0};
    collect_extra(d, base, &extra);
    if (base != NULL && extra.count == 0 && d->module->instance_count == 0) {
        d->types->visible = (InstanceSet *)base;
    } else {
        d->types->visible = build_set(d, base, &extra);
        d->types->owns_visible = true;
    }
    vec_release(&extra);
}

static void free_map(PtrMap *map)
{
    for (uint32_t i = 0; i < map->capacity; i++) {
        InstanceVec *vec = map->slots[i].value;
        if (map->slots[i].a != 0 && vec != NULL) {
            vec_release(vec);
            free(vec);
        }
    }
    ptr_map_release(map);
}

void declare_release(ModuleTypes *types)
{
    if (types == NULL) {
        return;
    }
    if (types->owns_visible) {
        free_map(&types->visible->by_head);
        free_map(&types->visible->by_class);
        free(types->visible);
    }
}
