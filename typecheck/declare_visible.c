// Which instances a module sees: its own and those of all that it imports,
// directly or not. Modules without instances share the set of an import, others
// put a layer on it.
#include "support/compare.h"
#include "typecheck/declare_internal.h"
#include "typecheck/instance_index.h"
#include "typecheck/type_print.h"
#include "typecheck/unify.h"

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
    return type_print_constraint(d->program, d->module, &printed,
                                 &d->module->diags.arena);
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

// One of them is to be named: rather one whose head is as its own, the last.
static bool is_nearer(const InstanceInfo *info, const SeenInstance *entry,
                      const SeenInstance *found)
{
    uintptr_t key = instance_head_key(info->args[0]);
    if (found == NULL || key == 0) {
        return found == NULL || entry->class_rank > found->class_rank;
    }
    bool same = instance_head_key(entry->info->args[0]) == key;
    bool found_same = instance_head_key(found->info->args[0]) == key;
    return same != found_same ? same : entry->class_rank > found->class_rank;
}

static bool check_overlap(Declarer *d, const InstanceSet *set,
                          const InstanceInfo *info)
{
    for (; set != NULL; set = set->below) {
        const SeenInstance *found = NULL;
        const SeenInstance *entry;
        InstanceSearch search;
        instance_search_begin(&search, set, info->class_, info->args);
        while ((entry = instance_search_next(&search)) != NULL) {
            if (is_nearer(info, entry, found) &&
                heads_overlap(d, info, entry->info)) {
                found = entry;
            }
        }
        if (found != NULL) {
            report_overlap(d, info, found->info);
            return false;
        }
    }
    return true;
}

// ---- sets

static void add_instance(Declarer *d, InstanceSet *set,
                         const InstanceInfo *info)
{
    uintptr_t class_ = (uintptr_t)info->class_;
    SeenInstance *entry = ARENA_NEW(d->store.arena, SeenInstance);
    entry->info = info;
    uintptr_t key = instance_head_key(info->args[0]);
    void **head = ptr_map_at(&set->by_head, class_, key);
    entry->same_head = *head;
    entry->rank = 1 + (entry->same_head != NULL ? entry->same_head->rank : 0);
    *head = entry;
    void **of_class = ptr_map_at(&set->by_class, class_, 0);
    entry->of_class = *of_class;
    entry->class_rank =
        1 + (entry->of_class != NULL ? entry->of_class->class_rank : 0);
    *of_class = entry;
    instance_index_add(set, d->store.arena, entry);
    set->instance_count++;
}

// One for a type that has an error in it would fit any type.
static bool is_sound(const InstanceInfo *info)
{
    bool sound = info->class_ != NULL && info->class_->param_count > 0;
    for (uint32_t i = 0; sound && i < info->class_->param_count; i++) {
        sound = (type_resolve(info->args[i])->flags & TYPE_HAS_ERROR) == 0;
    }
    return sound;
}

static void add_module(Declarer *d, InstanceSet *set, uint32_t module,
                       bool check)
{
    const ModuleTypes *types = d->program->modules[module]->checked;
    for (uint32_t i = 0; i < d->program->modules[module]->instance_count; i++) {
        const InstanceInfo *info = &types->instances[i];
        if (!is_sound(info)) {
            continue;
        }
        if (check && !check_overlap(d, set, info)) {
            continue;
        }
        add_instance(d, set, info);
    }
}

static bool is_in_layer(const InstanceSet *layer, uint32_t module)
{
    uint32_t low = 0;
    uint32_t high = layer->module_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (layer->modules[middle] < module) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < layer->module_count && layer->modules[low] == module;
}

static bool contains(const InstanceSet *set, uint32_t module)
{
    while (set != NULL && !is_in_layer(set, module)) {
        set = set->below;
    }
    return set != NULL;
}

static bool has_layer(const InstanceSet *set, const InstanceSet *layer)
{
    while (set != NULL && set != layer) {
        set = set->below;
    }
    return set != NULL;
}

static const InstanceSet *set_of(const Declarer *d, uint32_t module)
{
    const ModuleTypes *types = d->program->modules[module]->checked;
    return types != NULL ? types->visible : NULL;
}

static uint64_t all_modules(const InstanceSet *set)
{
    uint64_t count = 0;
    for (; set != NULL; set = set->below) {
        count += set->module_count;
    }
    return count;
}

// The one set that all imports see (the prelude is imported by all), as in most
// programs; NULL: there are several.
static const InstanceSet *only_set(const Declarer *d)
{
    const Module *module = d->module;
    if (module->id == MODULE_PRELUDE) {
        return NULL;
    }
    const InstanceSet *set = set_of(d, module->outer);
    for (uint32_t i = 0; i < module->import_count && set != NULL; i++) {
        set = set_of(d, module->imports[i]) == set ? set : NULL;
    }
    return set;
}

// The largest set among the imports.
static const InstanceSet *largest_set(const Declarer *d)
{
    const InstanceSet *best =
        d->module->id != MODULE_PRELUDE ? set_of(d, d->module->outer) : NULL;
    uint64_t most = all_modules(best);
    for (uint32_t i = 0; i < d->module->import_count; i++) {
        const InstanceSet *set = set_of(d, d->module->imports[i]);
        if (set == best) {
            continue;
        }
        uint64_t count = all_modules(set);
        if (set != NULL && (best == NULL || count > most)) {
            best = set;
            most = count;
        }
    }
    return best;
}

typedef VEC(uint32_t) ModuleVec;

static void sort_modules(ModuleVec *modules)
{
    if (modules->count > 1) {
        qsort(modules->items, modules->count, sizeof *modules->items,
              compare_numbers);
    }
}

// Modules with instances that the imports see and `base` does not.
static void collect_extra(const Declarer *d, const InstanceSet *base,
                          ModuleVec *extra)
{
    for (uint32_t i = 0; i < d->module->import_count; i++) {
        const InstanceSet *set = set_of(d, d->module->imports[i]);
        for (; set != NULL && !has_layer(base, set); set = set->below) {
            for (uint32_t m = 0; m < set->module_count; m++) {
                if (!contains(base, set->modules[m])) {
                    vec_push(extra, set->modules[m]);
                }
            }
        }
    }
    if (extra->count == 0) {
        return;
    }
    sort_modules(extra);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < extra->count; i++) {
        if (extra->items[i] != extra->items[kept - 1]) {
            extra->items[kept++] = extra->items[i];
        }
    }
    extra->count = kept;
}

// Takes layers that are no larger than what stands above them into `modules`.
static const InstanceSet *
take_layers(const Declarer *d, const InstanceSet *below, ModuleVec *modules)
{
    uint64_t above = 0;
    for (uint32_t i = 0; i < modules->count; i++) {
        above += d->program->modules[modules->items[i]]->instance_count;
    }
    while (below != NULL && below->instance_count <= above) {
        above += below->instance_count;
        for (uint32_t i = 0; i < below->module_count; i++) {
            vec_push(modules, below->modules[i]);
        }
        below = below->below;
    }
    return below;
}

// A layer with what `base` does not have: `extra`, and the module's own.
static InstanceSet *build_layer(Declarer *d, const InstanceSet *base,
                                const ModuleVec *extra)
{
    InstanceSet *set = mem_calloc(1, sizeof *set);
    ModuleVec modules = {0};
    for (uint32_t i = 0; i < extra->count; i++) {
        vec_push(&modules, extra->items[i]);
    }
    if (d->module->instance_count > 0) {
        vec_push(&modules, d->module->id);
    }
    uint32_t added = modules.count;
    set->below = take_layers(d, base, &modules);
    for (uint32_t i = added; i < modules.count; i++) {
        add_module(d, set, modules.items[i], false);
    }
    for (uint32_t i = 0; i < added; i++) {
        add_module(d, set, modules.items[i], true);
    }
    sort_modules(&modules);
    set->module_count = modules.count;
    set->modules = arena_copy(d->store.arena, modules.items,
                              modules.count * sizeof *modules.items);
    vec_release(&modules);
    return set;
}

void declare_visible(Declarer *d)
{
    const InstanceSet *only =
        d->module->instance_count == 0 ? only_set(d) : NULL;
    if (only != NULL) {
        d->types->visible = only;
        return;
    }
    const InstanceSet *base = largest_set(d);
    ModuleVec extra = {0};
    collect_extra(d, base, &extra);
    d->types->visible = base;
    if (base == NULL || extra.count > 0 || d->module->instance_count > 0) {
        d->types->own_layer = build_layer(d, base, &extra);
        d->types->visible = d->types->own_layer;
    }
    vec_release(&extra);
}

void declare_release(ModuleTypes *types)
{
    if (types != NULL && types->own_layer != NULL) {
        ptr_map_release(&types->own_layer->by_head);
        ptr_map_release(&types->own_layer->by_class);
        ptr_map_release(&types->own_layer->by_path);
        free(types->own_layer);
    }
}
