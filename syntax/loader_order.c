// Canonical order: depth first over the imports in source order, the
// prelude first and each module after those that it imports. It depends on
// the sources alone, whatever order the tasks found them in.
#include <stdlib.h>

#include "syntax/loader_private.h"

// How much of a long cycle is shown.
#define CYCLE_HEAD 8
#define CYCLE_TAIL 4

typedef struct Ordering {
    Loader *loader;
    VEC(LoadedModule *) path; // from the entry to where the walk stands
    VEC(LoadedModule *) order;
} Ordering;

// ---- cycles

typedef struct ImportCycle {
    LoadedModule **modules;
    uint32_t count;
} ImportCycle;

static bool is_skipped(const ImportCycle *cycle, uint32_t at)
{
    return cycle->count > CYCLE_HEAD + CYCLE_TAIL && at >= CYCLE_HEAD &&
           at < cycle->count - CYCLE_TAIL;
}

// The import by which step `at` leads to the next: the walk stands behind it.
static const Import *cycle_import(const ImportCycle *cycle, uint32_t at)
{
    const LoadedModule *loaded = cycle->modules[at];
    return loaded->imports[loaded->next_import - 1];
}

static void append_path(StrBuf *buf, const LoadedModule *loaded)
{
    strbuf_append_printable(buf, loaded->module->source.path, 100);
}

static void report_cycle(const ImportCycle *cycle)
{
    StrBuf text = {0};
    for (uint32_t i = 0; i <= cycle->count; i++) {
        if (is_skipped(cycle, i)) {
            strbuf_appendf(&text, " -> ... (%u more)",
                           cycle->count - CYCLE_HEAD - CYCLE_TAIL);
            i = cycle->count - CYCLE_TAIL - 1;
            continue;
        }
        strbuf_append(&text, i > 0 ? STR(" -> ") : STR(""));
        append_path(&text, cycle->modules[i % cycle->count]);
    }
    Module *first = cycle->modules[0]->module;
    Diag *diag =
        diag_add(&first->diags, DIAG_E0503, &first->source,
                 cycle_import(cycle, 0)->source_span, "%s: %.*s",
                 cycle->count == 1 ? "a module imports itself"
                                   : "modules import each other in a cycle",
                 STR_ARG(strbuf_str(&text)));
    for (uint32_t i = 1; i < cycle->count; i++) {
        if (!is_skipped(cycle, i)) {
            strbuf_clear(&text);
            append_path(&text, cycle->modules[(i + 1) % cycle->count]);
            diag_label(&first->diags, diag, &cycle->modules[i]->module->source,
                       cycle_import(cycle, i)->source_span,
                       "'%.*s' is imported here", STR_ARG(strbuf_str(&text)));
        }
    }
    diag_help(&first->diags, diag,
              "move what both need into a module of its own");
    strbuf_release(&text);
}

// `target` stands on the path already. The edge is dropped, so that the
// passes see no cycle; one report per target is enough.
static void close_cycle(Ordering *ordering, LoadedModule *target)
{
    if (target->in_cycle) {
        return;
    }
    target->in_cycle = true;
    uint32_t start = ordering->path.count - 1;
    while (ordering->path.items[start] != target) {
        start--;
    }
    ImportCycle cycle = {ordering->path.items + start,
                         ordering->path.count - start};
    report_cycle(&cycle);
}

// ---- the walk

static void enter(Ordering *ordering, LoadedModule *loaded)
{
    loaded->on_path = true;
    vec_push(&ordering->path, loaded);
}

static void leave(Ordering *ordering)
{
    LoadedModule *loaded = vec_pop(&ordering->path);
    loaded->on_path = false;
    loaded->done = true;
    loaded->module->id = ordering->order.count;
    loaded->module->source.order = ordering->order.count;
    vec_push(&ordering->order, loaded);
}

static void walk(Ordering *ordering, LoadedModule *root)
{
    if (root->done) {
        return;
    }
    enter(ordering, root);
    while (ordering->path.count > 0) {
        LoadedModule *loaded = vec_last(&ordering->path);
        if (loaded->next_import == loaded->import_count) {
            leave(ordering);
            continue;
        }
        uint32_t at = loaded->next_import++;
        if (loaded->targets[at] == INDEX_NONE) {
            continue;
        }
        LoadedModule *target =
            ordering->loader->loaded.items[loaded->targets[at]];
        if (target->on_path) {
            loaded->targets[at] = INDEX_NONE;
            close_cycle(ordering, target);
        } else if (!target->done) {
            enter(ordering, target);
        }
    }
}

// ---- handing over

static int compare_ids(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

// Numbers to ids; Module.imports.
static void finish_imports(const Ordering *ordering, LoadedModule *loaded)
{
    Module *module = loaded->module;
    uint32_t *ids =
        arena_array(module->arena, loaded->import_count, sizeof *ids);
    uint32_t count = 0;
    for (uint32_t i = 0; i < loaded->import_count; i++) {
        Import *import = loaded->imports[i];
        import->module = INDEX_NONE;
        if (loaded->targets[i] != INDEX_NONE) {
            LoadedModule **all = ordering->loader->loaded.items;
            import->module = all[loaded->targets[i]]->module->id;
            ids[count++] = import->module;
        }
    }
    qsort(ids, count, sizeof *ids, compare_ids);
    uint32_t unique = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || ids[i] != ids[i - 1]) {
            ids[unique++] = ids[i];
        }
    }
    module->imports = ids;
    module->import_count = unique;
}

static void finish_range(void *ctx, uint64_t begin, uint64_t end,
                         Worker *worker)
{
    const Ordering *ordering = ctx;
    Program *program = ordering->loader->program;
    for (uint64_t i = begin; i < end; i++) {
        LoadedModule *loaded = ordering->order.items[i];
        program->modules[i] = loaded->module;
        module_enter(program, loaded->module, worker);
        finish_imports(ordering, loaded);
    }
}

void loader_order(Loader *loader, Worker *worker, const uint32_t *entries,
                  uint32_t count)
{
    Program *program = loader->program;
    Ordering ordering = {.loader = loader};
    walk(&ordering, loader->loaded.items[MODULE_PRELUDE]);
    for (uint32_t i = 0; i < count; i++) {
        walk(&ordering, loader->loaded.items[entries[i]]);
    }
    uint32_t module_count = ordering.order.count;
    program->modules = mem_calloc(module_count + (size_t)1, sizeof(Module *));
    program->module_count = module_count;
    enum { MODULES_AT_ONCE = 64 };
    parallel_for(worker, NULL, module_count, MODULES_AT_ONCE, finish_range,
                 &ordering);
    program->entries = mem_calloc(count + (size_t)1, sizeof(uint32_t));
    program->entry_count = count;
    for (uint32_t i = 0; i < count; i++) {
        Module *entry = loader->loaded.items[entries[i]]->module;
        entry->is_entry = true;
        program->entries[i] = entry->id;
    }
    // What a stopped run left.
    for (uint32_t i = 0; i < loader->loaded.count; i++) {
        if (!loader->loaded.items[i]->done) {
            module_free(loader->loaded.items[i]->module);
        }
    }
    vec_release(&ordering.path);
    vec_release(&ordering.order);
}
