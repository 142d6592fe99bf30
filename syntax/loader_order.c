// Canonical order: depth first over the imports in source order, the
// prelude first and each module after those that it imports. It depends on
// the sources alone, whatever order the tasks found them in.
//
// The walk goes on as files are loaded, so that a module with all that it
// imports can be worked on while others are still read. Where it comes to a
// file that is not loaded it stops, and who has loaded that file has it.
#include <stdlib.h>

#include "support/compare.h"
#include "support/graph.h"
#include "syntax/loader_internal.h"

// ---- cycles

typedef struct ImportCycle {
    LoadedModule **modules;
    uint32_t count;
} ImportCycle;

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
        if (graph_cycle_skips(cycle->count, i)) {
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
        if (!graph_cycle_skips(cycle->count, i)) {
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
static void close_cycle(const Ordering *ordering, LoadedModule *target)
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

// ---- handing over

// Most modules import few.
static void sort_ids(uint32_t *ids, uint32_t count)
{
    enum { FEW = 12 };
    if (count > FEW) {
        qsort(ids, count, sizeof *ids, compare_numbers);
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        uint32_t id = ids[i], at = i;
        for (; at > 0 && ids[at - 1] > id; at--) {
            ids[at] = ids[at - 1];
        }
        ids[at] = id;
    }
}

// Module.imports, and what each import means.
static void finish_imports(const LoadedModule *loaded)
{
    Module *module = loaded->module;
    enum { AROUND = 2 };
    uint32_t *ids = arena_array(
        module->arena, (size_t)loaded->import_count + AROUND, sizeof *ids);
    uint32_t count = 0;
    if (module->outer != MODULE_PRELUDE) {
        ids[count++] = module->outer;
    }
    if (module->opens != MODULE_PRELUDE) {
        ids[count++] = module->opens;
    }
    for (uint32_t i = 0; i < loaded->import_count; i++) {
        Import *import = loaded->imports[i];
        import->module = INDEX_NONE;
        if (loaded->targets[i] != NULL) {
            import->module = loaded->targets[i]->module->id;
            ids[count++] = import->module;
        }
    }
    sort_ids(ids, count);
    uint32_t unique = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || ids[i] != ids[i - 1]) {
            ids[unique++] = ids[i];
        }
    }
    module->imports = ids;
    module->import_count = unique;
}

// An input of a session, which is a root, stands in those before it. A file
// right before it is what it opens.
static void link_input(Ordering *ordering, Module *module)
{
    const LoadedModule *before = ordering->roots[ordering->next_root - 2];
    module->outer = ordering->last_link;
    module->opens =
        before->module->is_link ? MODULE_PRELUDE : before->module->id;
    ordering->last_link = module->id;
}

// False where there is no room just now.
static bool leave(Loader *loader, Worker *worker)
{
    Ordering *ordering = &loader->ordering;
    Program *program = loader->program;
    LoadedModule *loaded = vec_last(&ordering->path);
    if (program->flow != NULL && !program_has_room(program)) {
        ordering->full = true;
        return false;
    }
    // From here on modules may lack what was not read.
    program->gives_up = program->gives_up || loader_is_over_limit(loader);
    ordering->path.count--;
    loaded->on_path = false;
    loaded->done = true;
    module_enter(program, loaded->module, worker);
    if (loaded->module->diags.error_count > 0) {
        loader_suggest_imports(loader, loaded, worker);
    }
    if (loaded->module->is_link) {
        loaded->module->id = program->module_count;
        link_input(ordering, loaded->module);
    }
    finish_imports(loaded);
    loader_append(program, loaded->module, worker);
    return true;
}

// ---- the walk

// False when who loads the file will go on, which may be so already.
static bool has_ended(LoadedModule *loaded)
{
    uint32_t state = LOAD_PENDING;
    // acq_rel: hands the walk over, or sees what was loaded.
    if (!loaded->ended && cas_acq_rel(&loaded->state, &state, LOAD_AWAITED)) {
        return false;
    }
    loaded->ended = true;
    return true;
}

void loader_ended(LoadedModule *loaded, Worker *worker)
{
    // acq_rel: pairs with has_ended(), in both directions.
    uint32_t before = exchange_acq_rel(&loaded->state, LOAD_ENDED);
    if (before == LOAD_AWAITED) {
        loader_walk(loaded->loader, worker);
    }
}

static void enter(Ordering *ordering, LoadedModule *loaded)
{
    loaded->on_path = true;
    vec_push(&ordering->path, loaded);
}

static void follow(Ordering *ordering, LoadedModule *loaded)
{
    uint32_t at = loaded->next_import++;
    LoadedModule *target = loaded->targets[at];
    if (target == NULL) {
        return;
    }
    if (target->on_path) {
        loaded->targets[at] = NULL;
        close_cycle(ordering, target);
    } else if (!target->done) {
        enter(ordering, target);
    }
}

void loader_walk(Loader *loader, Worker *worker)
{
    Ordering *ordering = &loader->ordering;
    for (;;) {
        if (ordering->path.count == 0) {
            if (ordering->next_root == ordering->root_count) {
                return;
            }
            LoadedModule *root = ordering->roots[ordering->next_root++];
            if (!root->done) {
                enter(ordering, root);
            }
            continue;
        }
        LoadedModule *loaded = vec_last(&ordering->path);
        if (!has_ended(loaded)) {
            return; // and nothing of the walk is ours
        }
        if (loaded->next_import < loaded->import_count) {
            follow(ordering, loaded);
        } else if (!leave(loader, worker)) {
            return;
        }
    }
}
