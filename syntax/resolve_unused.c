// What a module imports or declares and nobody uses. In a long file stretches
// of bindings are looked at beside each other, each with diagnostics of its
// own.
#include <stdlib.h>

#include "syntax/resolve_private.h"
#include "syntax/stretches.h"

// ---- imports

static bool is_exempt(const Resolver *r, Symbol name)
{
    return symbol_text(r->program->interner, name).data[0] == '_';
}

static void warn_item(const Resolver *r, const ImportItem *item)
{
    if (load_relaxed(&item->used) || is_exempt(r, item->alias)) {
        return;
    }
    diag_add(&r->module->diags, DIAG_W0202, &r->module->source, item->span,
             "import '%.*s' is never used",
             STR_ARG(resolver_name(r, item->alias)));
}

static void warn_import(const Resolver *r, const Import *import)
{
    // Instances are visible without being named.
    if (import->module == INDEX_NONE ||
        r->program->modules[import->module]->instance_count > 0 ||
        r->program->modules[import->module]->broken) {
        return;
    }
    for (uint32_t i = 0; i < import->item_count; i++) {
        warn_item(r, &import->items[i]);
    }
    bool has_alias = import->alias != 0 || import->item_count == 0;
    if (!has_alias || load_relaxed(&import->used) ||
        (import->alias != 0 && is_exempt(r, import->alias))) {
        return;
    }
    Diag *diag = diag_add(&r->module->diags, DIAG_W0202, &r->module->source,
                          import->source_span, "this import is never used");
    if (import->alias == 0 && resolver_import_stem(r, import) == 0) {
        diag_help(&r->module->diags, diag,
                  "the file's name is no identifier: give it one with 'as'");
    }
}

static void warn_imports(const Resolver *r)
{
    for (uint32_t i = 0; i < r->import_count; i++) {
        warn_import(r, r->imports[i]);
    }
}

// ---- bindings

typedef struct Unused {
    const Resolver *r;
    DiagSink *sinks; // by stretch
    uint32_t grain;  // bindings
} Unused;

static void warn_binding(const Resolver *r, uint32_t index, DiagSink *sink)
{
    const Binding *binding = &r->module->bindings[index];
    // Relaxed: all parts are done.
    if (binding->kind != BINDING_RESULT && !load_relaxed(&r->used[index]) &&
        !is_exempt(r, binding->name)) {
        resolver_warn_never_used(r, sink, binding->name, binding->name_span);
    }
}

static void warn_range(const Resolver *r, uint32_t begin, uint32_t end,
                       DiagSink *sink)
{
    for (uint32_t i = begin; i < end; i++) {
        warn_binding(r, i, sink);
    }
}

static void warn_stretches(void *ctx, uint64_t begin, uint64_t end,
                           Worker *worker)
{
    (void)worker;
    const Unused *unused = ctx;
    uint32_t count = unused->r->module->visible_count;
    for (uint64_t i = begin; i < end; i++) {
        uint32_t from = (uint32_t)i * unused->grain;
        uint32_t to = from + unused->grain;
        warn_range(unused->r, from, to < count ? to : count, &unused->sinks[i]);
    }
}

static void warn_in_stretches(const Resolver *r, uint32_t grain)
{
    uint32_t count = (r->module->visible_count + grain - 1) / grain;
    Unused unused = {.r = r, .grain = grain};
    unused.sinks = mem_calloc(count, sizeof *unused.sinks);
    for (uint32_t i = 0; i < count; i++) {
        diag_sink_init(&unused.sinks[i]);
    }
    parallel_for(r->worker, r->program->token, count, 1, warn_stretches,
                 &unused);
    for (uint32_t i = 0; i < count; i++) {
        diag_sink_merge(r->sink, &unused.sinks[i]);
    }
    free(unused.sinks);
}

static void warn_bindings(const Resolver *r)
{
    enum { BYTES_PER_BINDING = 16 };
    uint64_t grain = stretch_grain(r->program) / BYTES_PER_BINDING;
    uint32_t count = r->module->visible_count;
    if (r->worker != NULL && grain > 0 && count >= 2 * grain) {
        warn_in_stretches(r, (uint32_t)grain);
    } else {
        warn_range(r, 0, count, r->sink);
    }
}

void resolver_warn_unused(const Resolver *r)
{
    const Module *module = r->module;
    // After an error, what is unused may be what the user meant.
    if (r->quiet || r->all_used || module->broken ||
        module->diags.error_count > 0) {
        return;
    }
    warn_imports(r);
    if (r->has_exports || module->ast.result != NULL) {
        warn_bindings(r);
    }
}
